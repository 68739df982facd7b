import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { follow, href } from '../route.ts';
import { Problem } from '../shell/problem.tsx';
import { useStores } from '../stores/stores.ts';
import { ConnectionState, type Kind, KINDS } from '../stores/words.tsx';
import { textOf } from '../shell/text_of.ts';
import type { FieldsProps } from './step.ts';

/** The custom key store that the key is to be in, and in an external one the external key. */
export function CustomKeyStore({ model, edition, draft, edit, problems }: FieldsProps) {
  const { value, error } = useStores();
  const kind: Kind = draft.origin === 'EXTERNAL_KEY_STORE' ? 'external' : 'cloudhsm';
  const words = model.words[edition];
  const stores = value?.filter(({ CustomKeyStoreType }) => CustomKeyStoreType === draft.origin);
  const chosen = stores?.filter(({ CustomKeyStoreId: id }) => id === draft.custom_key_store_id);
  const problem = textOf(problems, 'custom_key_store_id');
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="Only a custom key store that is connected can be chosen."
            actions={
              <Link href={href('custom-key-stores', kind, 'create')} onFollow={follow}>
                {words['create_store']}
              </Link>
            }
          >
            {words['custom_key_store_id']}
          </Header>
        }
      >
        <SpaceBetween size="s">
          <Problem error={error} header="Custom key stores cannot be listed" />
          <Table
            variant="embedded"
            ariaLabels={{
              tableLabel: KINDS[kind].title,
              selectionGroupLabel: words['custom_key_store_id'] ?? 'Custom key store',
              itemSelectionLabel: (_, one) => `Select ${one.CustomKeyStoreName}`,
            }}
            loading={value === undefined && !error}
            loadingText="Loading custom key stores"
            items={stores ?? []}
            trackBy="CustomKeyStoreId"
            selectionType="single"
            selectedItems={chosen ?? []}
            isItemDisabled={({ ConnectionState: state }) => state !== 'CONNECTED'}
            onSelectionChange={({ detail }) =>
              edit({ custom_key_store_id: detail.selectedItems[0]?.CustomKeyStoreId ?? '' })
            }
            columnDefinitions={[
              {
                id: 'name',
                header: 'Custom key store name',
                isRowHeader: true,
                cell: (one) => one.CustomKeyStoreName,
              },
              { id: 'id', header: 'Custom key store ID', cell: (one) => one.CustomKeyStoreId },
              {
                id: 'state',
                header: 'Connection state',
                cell: (one) => <ConnectionState store={one} />,
              },
            ]}
            empty={<Box>You don’t have any {KINDS[kind].title} in this Region.</Box>}
          />
          {problem && <FormField errorText={problem} />}
        </SpaceBetween>
      </Container>
      {kind === 'external' && (
        <Container header={<Header variant="h2">External key</Header>}>
          <FormField
            label={words['xks_key_id']}
            description="The ID by which the external key store proxy knows the external key. You cannot change it after the key is created."
            errorText={textOf(problems, 'xks_key_id')}
          >
            <Input
              value={draft.xks_key_id}
              onChange={({ detail }) => edit({ xks_key_id: detail.value })}
            />
          </FormField>
        </Container>
      )}
    </SpaceBetween>
  );
}
