import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Problem } from '../server.ts';
import { Accounts } from '../shell/accounts.tsx';
import { Principals } from '../shell/principals.tsx';
import { textOf } from '../shell/text_of.ts';
import type { FieldsProps } from './step.ts';

function any(problems: Problem[], list: string): string | undefined {
  return problems.find(({ field }) => field === list || field.startsWith(`${list}.`))?.text;
}

export function Administrators(props: FieldsProps) {
  const { fields, model, edition, draft, edit, problems } = props;
  const words = model.words[edition];
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            counter={`(${draft.administrators.length})`}
            description="Choose the IAM users and roles who can administer this key through the KMS API. You may need to add additional permissions for the users or roles to administer this key from this console."
          >
            {words['administrators']}
          </Header>
        }
      >
        <Principals
          label="Key administrators"
          known={model.principals}
          chosen={draft.administrators}
          problem={any(problems, 'administrators')}
          onChange={(administrators) => edit({ administrators })}
        />
      </Container>
      {fields.includes('administrators_may_delete') && (
        <Container header={<Header variant="h2">{words['deletion']}</Header>}>
          <FormField errorText={textOf(problems, 'administrators_may_delete')} stretch>
            <Checkbox
              checked={draft.administrators_may_delete}
              onChange={({ detail }) => edit({ administrators_may_delete: detail.checked })}
            >
              {words['administrators_may_delete']}
            </Checkbox>
          </FormField>
        </Container>
      )}
    </SpaceBetween>
  );
}

export function Users(props: FieldsProps) {
  const { fields, model, edition, draft, edit, problems } = props;
  const words = model.words[edition];
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            counter={`(${draft.users.length})`}
            description="Choose the IAM users and roles in this account that can use this key in cryptographic operations."
          >
            {words['this_account']}
          </Header>
        }
      >
        <Principals
          label="Key users"
          known={model.principals}
          chosen={draft.users}
          problem={any(problems, 'users')}
          onChange={(users) => edit({ users })}
        />
      </Container>
      {fields.includes('other_accounts') && (
        <Container header={<Header variant="h2">{words['other_accounts']}</Header>}>
          <SpaceBetween size="s">
            <Box color="text-body-secondary">
              Administrators of the other accounts must also allow access to the key by IAM
              policies.
            </Box>
            <Accounts
              accounts={draft.other_accounts}
              add={words['add_account'] ?? 'Add another AWS account'}
              onChange={(other_accounts) => edit({ other_accounts })}
              problem={(n) => textOf(problems, `other_accounts.${n}`)}
            />
          </SpaceBetween>
        </Container>
      )}
    </SpaceBetween>
  );
}
