import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { follow, href } from '../route.ts';
import { Problem } from '../shell/problem.tsx';
import { when } from '../words.ts';
import { KeyStoreActions } from './actions.tsx';
import { useStores } from './stores.ts';
import { ConnectionState, type Kind, KINDS, type Store } from './words.tsx';

const BEHIND: Record<Kind, TableProps.ColumnDefinition<Store>> = {
  cloudhsm: {
    id: 'cluster',
    header: 'AWS CloudHSM cluster ID',
    cell: (one) => one.CloudHsmClusterId,
  },
  external: {
    id: 'endpoint',
    header: 'Proxy URI endpoint',
    cell: (one) => one.XksProxyConfiguration?.UriEndpoint,
  },
};

/** The custom key stores of one type, and what can be done with them. */
export default function CustomKeyStores({ kind }: { kind: Kind }) {
  const { value, error } = useStores();
  const [selected, setSelected] = useState<string>();
  const { title, type, create } = KINDS[kind];
  const stores = value?.filter(({ CustomKeyStoreType }) => CustomKeyStoreType === type);
  const chosen = stores?.find(({ CustomKeyStoreId: id }) => id === selected);
  return (
    <SpaceBetween size="m">
      <Problem error={error} header={`${title} cannot be listed`} />
      <Table
        ariaLabels={{
          tableLabel: title,
          selectionGroupLabel: 'Custom key store selection',
          itemSelectionLabel: (_, one) => `Select ${one.CustomKeyStoreName}`,
        }}
        loading={value === undefined && !error}
        loadingText="Loading custom key stores"
        items={stores ?? []}
        trackBy="CustomKeyStoreId"
        selectionType="single"
        selectedItems={chosen ? [chosen] : []}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems[0]?.CustomKeyStoreId)}
        header={
          <Header
            variant="h1"
            counter={stores ? `(${stores.length})` : ''}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <KeyStoreActions store={chosen} onDeleted={() => setSelected(undefined)} />
                <Button
                  variant="primary"
                  href={href('custom-key-stores', kind, 'create')}
                  onFollow={follow}
                >
                  {create}
                </Button>
              </SpaceBetween>
            }
          >
            {title}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Custom key store name',
            isRowHeader: true,
            cell: (one) => (
              <Link href={href('custom-key-stores', one.CustomKeyStoreId!)} onFollow={follow}>
                {one.CustomKeyStoreName}
              </Link>
            ),
          },
          { id: 'id', header: 'Custom key store ID', cell: (one) => one.CustomKeyStoreId },
          {
            id: 'state',
            header: 'Connection state',
            cell: (one) => <ConnectionState store={one} />,
          },
          BEHIND[kind],
          { id: 'created', header: 'Creation date', cell: (one) => when(one.CreationDate) },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No custom key stores</Box>
            <Box>You don’t have any {title} in this Region.</Box>
          </Box>
        }
      />
    </SpaceBetween>
  );
}
