import type { AliasListEntry } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { Dialog } from '../shell/dialog.tsx';
import { aliasWords, when } from '../words.ts';
import type { Shown } from './shown.ts';

export default function Aliases({ shown: { metadata, aliases } }: { shown: Shown }) {
  const [selected, setSelected] = useState<AliasListEntry[]>([]);
  const [dialog, setDialog] = useState<'create' | 'delete'>();
  const customers = metadata.KeyManager !== 'AWS';
  const chosen = aliases.filter(({ AliasName: name }) =>
    selected.some((alias) => alias.AliasName === name),
  );
  return (
    <>
      <Table
        items={aliases}
        trackBy="AliasName"
        {...(customers && {
          selectionType: 'multi' as const,
          selectedItems: chosen,
          onSelectionChange: ({ detail }: { detail: { selectedItems: AliasListEntry[] } }) =>
            setSelected(detail.selectedItems),
        })}
        ariaLabels={{
          tableLabel: 'Aliases',
          selectionGroupLabel: 'Alias selection',
          allItemsSelectionLabel: () => 'Select all aliases',
          itemSelectionLabel: (_, { AliasName: name }) => `Select ${name}`,
        }}
        header={
          <Header
            variant="h2"
            counter={`(${aliases.length})`}
            actions={
              customers && (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={chosen.length === 0} onClick={() => setDialog('delete')}>
                    Delete
                  </Button>
                  <Button onClick={() => setDialog('create')}>Create alias</Button>
                </SpaceBetween>
              )
            }
          >
            Aliases
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Alias name',
            cell: ({ AliasName: name }) => aliasWords(name ?? ''),
            isRowHeader: true,
          },
          { id: 'arn', header: 'Alias ARN', cell: ({ AliasArn: arn }) => arn },
          {
            id: 'created',
            header: 'Creation date',
            cell: ({ CreationDate: date }) => when(date),
          },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No aliases</Box>
            <Box>This key has no aliases.</Box>
          </Box>
        }
      />
      {dialog === 'create' && (
        <CreateAlias id={metadata.KeyId!} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'delete' && (
        <Dialog
          title="Delete aliases"
          confirm="Delete"
          requests={chosen.map(({ AliasName: name }) => ({
            operation: 'DeleteAlias',
            input: { AliasName: name },
          }))}
          done="The aliases were deleted."
          onClose={() => setDialog(undefined)}
        >
          <Box>
            Deleting an alias doesn’t affect the KMS key, but applications that use the alias can’t
            find the key any more.
          </Box>
          <ul className="keys">
            {chosen.map(({ AliasName: name }) => (
              <li key={name}>{aliasWords(name ?? '')}</li>
            ))}
          </ul>
        </Dialog>
      )}
    </>
  );
}

function CreateAlias({ id, onClose }: { id: string; onClose: () => void }) {
  const [name, setName] = useState('');
  return (
    <Dialog
      title="Create alias"
      confirm="Create alias"
      requests={[
        { operation: 'CreateAlias', input: { AliasName: `alias/${name}`, TargetKeyId: id } },
      ]}
      ready={name !== ''}
      done="The alias was created."
      onClose={onClose}
    >
      <FormField label="Alias" description="A display name for the key.">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Dialog>
  );
}
