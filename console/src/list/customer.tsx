import type { KeyMetadata } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useState } from 'react';
import { follow, go, href } from '../route.ts';
import { type Described, type Keys, type Listed, useKeys } from './keys.ts';
import { CUSTOMER_MANAGED } from './preferences.ts';
import { KeyTable } from './table.tsx';

const ActionDialog = lazy(() => import('../key/action_dialog.tsx'));

type Action = 'enable' | 'disable' | 'schedule' | 'cancel';

const isCustomers = ({ awsManaged }: Listed) => !awsManaged;

const WORDS: [Action, string][] = [
  ['enable', 'Enable'],
  ['disable', 'Disable'],
  ['schedule', 'Schedule key deletion'],
  ['cancel', 'Cancel key deletion'],
];

const SORTABLE = ['aliases', 'id', 'type'];

export default function CustomerManagedKeys() {
  const keys = useKeys();
  return <List keys={keys} />;
}

function List({ keys }: { keys: Keys | undefined }) {
  const [open, setOpen] = useState<{ action: Action; keys: KeyMetadata[] }>();
  const actions = (selected: Listed[], described: Described, deselect: () => void) => {
    const metadata = selected.flatMap(({ id }) => {
      const told = described.get(id);
      return told === undefined || told instanceof Error ? [] : [told];
    });
    return (
      <SpaceBetween direction="horizontal" size="xs">
        <ButtonDropdown
          disabled={metadata.length === 0}
          items={WORDS.map(([id, text]) => ({ id, text }))}
          onItemClick={({ detail }) => setOpen({ action: detail.id as Action, keys: metadata })}
        >
          Key actions
        </ButtonDropdown>
        <Button variant="primary" href={href('keys', 'create')} onFollow={follow}>
          Create key
        </Button>
        {open && (
          <Suspense>
            <ActionDialog
              action={open.action}
              keys={open.keys}
              onClose={() => setOpen(undefined)}
              onDone={deselect}
            />
          </Suspense>
        )}
      </SpaceBetween>
    );
  };
  return (
    <KeyTable
      name={CUSTOMER_MANAGED}
      title="Customer managed keys"
      keys={keys}
      isOne={isCustomers}
      sortable={SORTABLE}
      actions={actions}
      empty={
        <Box textAlign="center" color="inherit" margin={{ vertical: 'xs' }}>
          <SpaceBetween size="m">
            <Box variant="strong">No keys</Box>
            <Box>You don’t have any customer managed keys in this Region.</Box>
            <Button onClick={() => go('keys', 'create')}>Create a key</Button>
          </SpaceBetween>
        </Box>
      }
    />
  );
}
