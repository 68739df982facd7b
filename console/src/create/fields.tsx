import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { TagFields } from '../shell/tag_fields.tsx';
import { Configure } from './configure.tsx';
import { Administrators, Users } from './permissions.tsx';
import { Policy } from './review.tsx';
import { textOf } from '../shell/text_of.ts';
import type { FieldsProps } from './step.ts';
import { CustomKeyStore } from './store.tsx';

const CONFIGURED = ['key_type', 'key_usage', 'key_spec', 'origin', 'acknowledged', 'multi_region'];

/** The fields of one step, in the groups that AWS's console shows them in. */
export function Fields(props: FieldsProps) {
  const { fields } = props;
  const has = (field: string) => fields.includes(field);
  return (
    <SpaceBetween size="l">
      {has('alias') && <Alias {...props} />}
      {fields.some((field) => CONFIGURED.includes(field)) && <Configure {...props} />}
      {has('custom_key_store_id') && <CustomKeyStore {...props} />}
      {has('tags') && <Tags {...props} />}
      {has('administrators') && <Administrators {...props} />}
      {has('users') && <Users {...props} />}
      {(has('policy') || fields.length === 0) && <Policy {...props} />}
    </SpaceBetween>
  );
}

function Alias({ draft, edit, problems }: FieldsProps) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Alias</Header>}>
        <FormField
          label="Alias"
          description="You can change the alias at any time."
          errorText={textOf(problems, 'alias')}
        >
          <Input value={draft.alias} onChange={({ detail }) => edit({ alias: detail.value })} />
        </FormField>
      </Container>
      <Container header={<Header variant="h2">Description – optional</Header>}>
        <FormField
          label="Description"
          description="You can change the description at any time."
          errorText={textOf(problems, 'description')}
        >
          <Textarea
            value={draft.description}
            placeholder="Description of the key"
            onChange={({ detail }) => edit({ description: detail.value })}
          />
        </FormField>
      </Container>
    </SpaceBetween>
  );
}

function Tags({ draft, edit, problems }: FieldsProps) {
  return (
    <Container
      header={
        <Header variant="h2" description="Tags categorize and identify your KMS keys.">
          Tags – optional
        </Header>
      }
    >
      <SpaceBetween size="s">
        <TagFields
          tags={draft.tags}
          onChange={(tags) => edit({ tags })}
          problem={(field) => textOf(problems, `tags.${field}`)}
        />
        {textOf(problems, 'tags') && <FormField errorText={textOf(problems, 'tags')} />}
      </SpaceBetween>
    </Container>
  );
}
