import type { GrantListEntry, GrantOperation } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { GrantOperation as GRANT_OPERATIONS } from '@aws-sdk/client-kms';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { every } from '../kms/every.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Problem } from '../shell/problem.tsx';
import { when } from '../words.ts';
import type { Shown } from './shown.ts';

export default function Grants({ shown: { metadata } }: { shown: Shown }) {
  const id = metadata.KeyId!;
  const { value, error } = useAnswer(() => every('ListGrants', { KeyId: id }, 'Grants'), id);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<GrantListEntry>();
  if (error) return <Problem error={error} />;
  return (
    <>
      <Table
        ariaLabels={{ tableLabel: 'Grants' }}
        items={value ?? []}
        loading={value === undefined}
        loadingText="Loading grants"
        wrapLines
        header={
          <Header
            variant="h2"
            counter={value ? `(${value.length})` : ''}
            actions={<Button onClick={() => setCreating(true)}>Create grant</Button>}
          >
            Grants
          </Header>
        }
        columnDefinitions={[
          {
            id: 'id',
            header: 'Grant ID',
            isRowHeader: true,
            cell: ({ GrantId: grant }) => <span className="id">{grant}</span>,
          },
          { id: 'name', header: 'Name', cell: ({ Name: name }) => name || '-' },
          {
            id: 'grantee',
            header: 'Grantee principal',
            cell: ({ GranteePrincipal: arn }) => <span className="id">{arn}</span>,
          },
          {
            id: 'operations',
            header: 'Operations',
            cell: ({ Operations: operations }) => operations?.join(', '),
          },
          {
            id: 'created',
            header: 'Creation date',
            cell: ({ CreationDate: date }) => when(date),
          },
          {
            id: 'revoke',
            header: 'Action',
            cell: (grant) => (
              <Button
                variant="inline-link"
                ariaLabel={`Revoke grant ${grant.GrantId}`}
                onClick={() => setRevoking(grant)}
              >
                Revoke
              </Button>
            ),
          },
        ]}
        empty={
          <Box textAlign="center">
            <Box variant="strong">No grants</Box>
            <Box>This key has no grants.</Box>
          </Box>
        }
      />
      {creating && <CreateGrant id={id} onClose={() => setCreating(false)} />}
      {revoking && (
        <Dialog
          title="Revoke grant"
          confirm="Revoke grant"
          requests={[{ operation: 'RevokeGrant', input: { KeyId: id, GrantId: revoking.GrantId } }]}
          done="The grant was revoked."
          onClose={() => setRevoking(undefined)}
        >
          <Box>{`${revoking.GranteePrincipal} loses the permissions of this grant.`}</Box>
        </Dialog>
      )}
    </>
  );
}

function CreateGrant({ id, onClose }: { id: string; onClose: () => void }) {
  const [grantee, setGrantee] = useState('');
  const [retiring, setRetiring] = useState('');
  const [name, setName] = useState('');
  const [operations, setOperations] = useState<GrantOperation[]>([]);
  return (
    <Dialog
      size="large"
      title="Create grant"
      confirm="Create grant"
      requests={[
        {
          operation: 'CreateGrant',
          input: {
            KeyId: id,
            GranteePrincipal: grantee,
            Operations: operations,
            ...(retiring && { RetiringPrincipal: retiring }),
            ...(name && { Name: name }),
          },
        },
      ]}
      ready={grantee !== '' && operations.length > 0}
      done="The grant was created."
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <FormField label="Grantee principal" description="The ARN of who gets the permissions.">
          <Input value={grantee} onChange={({ detail }) => setGrantee(detail.value)} />
        </FormField>
        <FormField label="Operations">
          <Multiselect
            placeholder="Choose operations"
            options={Object.values(GRANT_OPERATIONS).map((value) => ({ value }))}
            selectedOptions={operations.map((value) => ({ value }))}
            deselectAriaLabel={({ value }) => `Remove ${value}`}
            onChange={({ detail }) =>
              setOperations(detail.selectedOptions.map(({ value }) => value as GrantOperation))
            }
          />
        </FormField>
        <FormField label="Retiring principal – optional">
          <Input value={retiring} onChange={({ detail }) => setRetiring(detail.value)} />
        </FormField>
        <FormField label="Name – optional">
          <Input value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Dialog>
  );
}
