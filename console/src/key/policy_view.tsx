import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useAnswer } from '../answers.ts';
import { FIRST_DRAFT } from '../create/draft.ts';
import { draftOfKey, model } from '../server.ts';
import { Accounts } from '../shell/accounts.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Principals } from '../shell/principals.tsx';
import { Problem } from '../shell/problem.tsx';
import { keyTypeWords } from '../words.ts';
import type { Shown } from './shown.ts';

/** What the console's own key policy says. */
export interface View {
  administrators: string[];
  administrators_may_delete: boolean;
  users: string[];
  other_accounts: string[];
}

interface Props {
  shown: Shown;
  view: View;
  switcher: React.ReactNode;
}

export function DefaultView({ shown, view, switcher }: Props) {
  const [editing, setEditing] = useState(false);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {switcher}
              <Button onClick={() => setEditing(true)}>Edit</Button>
            </SpaceBetween>
          }
        >
          Key policy
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Names title="Key administrators" arns={view.administrators} />
        <Box>
          <Box variant="h3">Key deletion</Box>
          {view.administrators_may_delete
            ? 'Key administrators are allowed to delete this key.'
            : 'Key administrators are not allowed to delete this key.'}
        </Box>
        <Names title="Key users" arns={view.users} />
        <Names title="Other AWS accounts" arns={view.other_accounts} />
      </SpaceBetween>
      {editing && <Edit shown={shown} old={view} onClose={() => setEditing(false)} />}
    </Container>
  );
}

function Names({ title, arns }: { title: string; arns: string[] }) {
  return (
    <Table
      variant="embedded"
      ariaLabels={{ tableLabel: title }}
      items={arns.map((arn) => ({ arn }))}
      header={
        <Header variant="h3" counter={`(${arns.length})`}>
          {title}
        </Header>
      }
      columnDefinitions={[
        {
          id: 'name',
          header: title === 'Other AWS accounts' ? 'AWS account' : 'Principal',
          isRowHeader: true,
          cell: ({ arn }) => <span className="id">{arn}</span>,
        },
      ]}
      empty={<Box textAlign="center">None</Box>}
    />
  );
}

interface EditProps {
  shown: Shown;
  old: View;
  onClose: () => void;
}

function Edit({ shown: { metadata }, old, onClose }: EditProps) {
  const [view, setView] = useState(old);
  const known = useAnswer(model, 'model');
  const drafted = useAnswer(
    () =>
      draftOfKey('new', {
        ...FIRST_DRAFT,
        alias: 'key',
        acknowledged: true,
        key_type: keyTypeWords(metadata.KeySpec).toUpperCase(),
        key_usage: metadata.KeyUsage!,
        key_spec: metadata.KeySpec!,
        origin: metadata.Origin === 'EXTERNAL' ? 'EXTERNAL' : 'AWS_KMS',
        multi_region: metadata.MultiRegion ?? false,
        ...view,
      }),
    JSON.stringify(view),
  );
  const problems = drafted.value?.steps.flatMap((step) => step.problems) ?? [];
  const of = (field: string) =>
    problems.find((problem) => problem.field === field || problem.field.startsWith(`${field}.`))
      ?.text;
  const policy = drafted.value?.policy;
  return (
    <Dialog
      size="large"
      title="Edit key policy"
      confirm="Save changes"
      requests={
        policy === undefined
          ? []
          : [{ operation: 'PutKeyPolicy', input: { KeyId: metadata.KeyId!, Policy: policy } }]
      }
      ready={policy !== undefined && !drafted.loading && problems.length === 0}
      done="The key policy was changed."
      onClose={onClose}
    >
      <Problem error={drafted.error} />
      <Principals
        label="Key administrators"
        header={<Header variant="h3">Key administrators</Header>}
        known={known.value?.principals ?? []}
        chosen={view.administrators}
        problem={of('administrators')}
        onChange={(administrators) => setView({ ...view, administrators })}
      />
      <Checkbox
        checked={view.administrators_may_delete}
        onChange={({ detail }) => setView({ ...view, administrators_may_delete: detail.checked })}
      >
        Allow key administrators to delete this key.
      </Checkbox>
      <Principals
        label="Key users"
        header={<Header variant="h3">Key users</Header>}
        known={known.value?.principals ?? []}
        chosen={view.users}
        problem={of('users')}
        onChange={(users) => setView({ ...view, users })}
      />
      <Box variant="h3">Other AWS accounts</Box>
      <Accounts
        accounts={view.other_accounts}
        add="Add another AWS account"
        onChange={(other_accounts) => setView({ ...view, other_accounts })}
        problem={(n) => problems.find(({ field }) => field === `other_accounts.${n}`)?.text}
      />
    </Dialog>
  );
}
