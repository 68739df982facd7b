import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import { TITLES } from './columns.tsx';
import type { Preferences } from './preferences.ts';

interface Props {
  preferences: Preferences;
  onChange: (next: Preferences) => void;
}

/** How many keys a page of the list has, and which of their properties it shows. */
export default function ListPreferences({ preferences, onChange }: Props) {
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={{ pageSize: preferences.pageSize, visibleContent: preferences.columns }}
      pageSizePreference={{
        title: 'Page size',
        options: [10, 20, 50, 100].map((value) => ({ value, label: `${value} keys` })),
      }}
      visibleContentPreference={{
        title: 'Select visible columns',
        options: [
          {
            label: 'Properties of a key',
            options: Object.entries(TITLES).map(([id, label]) => ({
              id,
              label,
              editable: id !== 'id',
            })),
          },
        ],
      }}
      onConfirm={({ detail }) =>
        onChange({
          pageSize: detail.pageSize ?? preferences.pageSize,
          columns: [...(detail.visibleContent ?? preferences.columns)],
        })
      }
    />
  );
}
