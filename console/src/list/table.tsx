import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Problem } from '../shell/problem.tsx';
import { columns, TITLES } from './columns.tsx';
import { type Described, type Keys, type Listed, useDescribed } from './keys.ts';
import { useTypes } from './types.ts';
import { usePreferences } from './preferences.ts';

// The keys are shown before the dialog for them is there.
const ListPreferences = lazy(async () => {
  await painted();
  return import('./list_preferences.tsx');
});

function painted(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

interface Props {
  name: string;
  title: string;
  keys: Keys | undefined;
  isOne: (key: Listed) => boolean;
  /** The columns that the list can be sorted by. */
  sortable: readonly string[];
  empty: React.ReactNode;
  actions?: (selected: Listed[], described: Described, deselect: () => void) => React.ReactNode;
}

const NONE: Listed[] = [];
const MOST = 5000; // so many keys have been looked at when AWS's console says that there are more

function found(key: Listed, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return (
    key.id.toLowerCase().includes(wanted) ||
    key.aliases.some((alias) => alias.toLowerCase().includes(wanted))
  );
}

/** What a list is sorted by, before anybody chooses, as in AWS's console. */
const FIRST = { by: 'aliases', descending: false };

/** By the first alias, by the key ID or by the key type; what has none, or is not known yet, comes last. */
function sorted(some: Listed[], by: string, types: ReadonlyMap<string, string>): Listed[] {
  if (by === 'id') return some.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const word = ({ id, aliases }: Listed) =>
    by === 'type' ? types.get(id) || undefined : aliases[0];
  return some.toSorted((one, other) => {
    const [a, b] = [word(one), word(other)];
    if (a === b) return 0;
    if (a === undefined) return 1;
    return b === undefined || a < b ? -1 : 1;
  });
}

/** A list of KMS keys: filter, sorting, paging and preferences, with DescribeKey for the visible rows only. */
export function KeyTable({ name, title, keys, isOne, sortable, empty, actions }: Props) {
  const [preferences, setPreferences] = usePreferences(name);
  const [text, setText] = useState('');
  const [page, setPage] = useState(1);
  const [sorting, setSorting] = useState(FIRST);
  const [selected, setSelected] = useState<Listed[]>([]);
  const all = useMemo(() => keys?.keys.filter(isOne) ?? [], [keys, isOne]);
  const { types, left } = useTypes(sorting.by === 'type' ? all : NONE);
  const matching = useMemo(() => {
    const some = text ? all.filter((key) => found(key, text)) : all;
    const ascending = sorted(some, sorting.by, types);
    return sorting.descending ? ascending.reverse() : ascending;
  }, [all, text, sorting, types]);
  const pages = Math.max(1, Math.ceil(matching.length / preferences.pageSize));
  const current = Math.min(page, pages);
  const first = (current - 1) * preferences.pageSize;
  const items = matching.slice(first, first + preferences.pageSize);
  const described = useDescribed(items.map(({ id }) => id));
  const chosen = selected.filter(({ id }) => all.some((key) => key.id === id));
  const counter = `${all.length}${keys?.complete || all.length < MOST ? '' : '+'}`;

  if (keys?.error) return <Problem error={keys.error} header={`${title} cannot be listed`} />;
  return (
    <Table
      variant="full-page"
      stickyHeader
      header={
        <Header
          variant="awsui-h1-sticky"
          {...(left > 0 && { description: `Reading the key types of ${left} more keys` })}
          counter={chosen.length > 0 ? `(${chosen.length}/${counter})` : keys ? `(${counter})` : ''}
          actions={actions?.(chosen, described, () => setSelected([]))}
        >
          {title}
        </Header>
      }
      columnDefinitions={columns(described, sortable)}
      columnDisplay={Object.keys(TITLES).map((id) => ({
        id,
        visible: preferences.columns.includes(id),
      }))}
      items={items}
      trackBy="id"
      loading={keys === undefined}
      loadingText="Loading keys"
      {...(actions && {
        selectionType: 'multi' as const,
        selectedItems: chosen,
        onSelectionChange: ({ detail }: { detail: { selectedItems: Listed[] } }) =>
          setSelected(detail.selectedItems),
        ariaLabels: {
          selectionGroupLabel: 'Key selection',
          allItemsSelectionLabel: () => 'Select all keys of this page',
          itemSelectionLabel: (_: unknown, { id, aliases }: Listed) => `Select ${aliases[0] ?? id}`,
          tableLabel: title,
        },
      })}
      {...(!actions && { ariaLabels: { tableLabel: title } })}
      sortingColumn={{ sortingField: sorting.by }}
      sortingDescending={sorting.descending}
      onSortingChange={({ detail }) =>
        setSorting({
          by: detail.sortingColumn.sortingField ?? 'id',
          descending: detail.isDescending ?? false,
        })
      }
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder="Filter keys by alias or key ID"
          filteringAriaLabel="Filter keys"
          countText={
            text ? `${matching.length} ${matching.length === 1 ? 'match' : 'matches'}` : ''
          }
          onChange={({ detail }) => {
            setText(detail.filteringText);
            setPage(1);
          }}
        />
      }
      pagination={
        <Pagination
          currentPageIndex={current}
          pagesCount={pages}
          onChange={({ detail }) => setPage(detail.currentPageIndex)}
          ariaLabels={{
            nextPageLabel: 'Next page',
            previousPageLabel: 'Previous page',
            pageLabel: (number) => `Page ${number}`,
          }}
        />
      }
      preferences={
        <Suspense
          fallback={<Button variant="icon" iconName="settings" ariaLabel="Preferences" disabled />}
        >
          <ListPreferences preferences={preferences} onChange={setPreferences} />
        </Suspense>
      }
      empty={text ? <NoMatch clear={() => setText('')} /> : empty}
    />
  );
}

function NoMatch({ clear }: { clear: () => void }) {
  return (
    <Box textAlign="center" color="inherit">
      <SpaceBetween size="xs">
        <Box variant="strong">No matches</Box>
        <Box>No key matches this filter.</Box>
        <Button onClick={clear}>Clear filter</Button>
      </SpaceBetween>
    </Box>
  );
}
