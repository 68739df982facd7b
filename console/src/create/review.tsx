import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Textarea from '@cloudscape-design/components/textarea';
import { Code } from '../shell/behind.tsx';
import { originWords, usageWords } from '../words.ts';
import { textOf } from '../shell/text_of.ts';
import type { FieldsProps } from './step.ts';

/** What will be created, and its key policy: to edit in the new console, to look at in the original one. */
export function Policy(props: FieldsProps) {
  const { fields, draft, edit, policy, problems } = props;
  const editable = fields.includes('policy');
  return (
    <SpaceBetween size="l">
      {editable && <Summary {...props} />}
      <Container
        header={
          <Header
            variant="h2"
            actions={
              draft.policy !== null && (
                <Button onClick={() => edit({ policy: null })}>Reset to the original policy</Button>
              )
            }
          >
            Key policy
          </Header>
        }
      >
        {editable ? (
          <FormField
            label="Key policy"
            description="To change the key policy, edit it here."
            errorText={textOf(problems, 'policy')}
            stretch
          >
            <div className="policy">
              <Textarea
                rows={20}
                spellcheck={false}
                value={draft.policy ?? policy ?? ''}
                onChange={({ detail }) => edit({ policy: detail.value })}
              />
            </div>
          </FormField>
        ) : (
          <Code text={policy ?? ''} label="Key policy" />
        )}
      </Container>
    </SpaceBetween>
  );
}

function Summary({ draft }: FieldsProps) {
  return (
    <Container header={<Header variant="h2">Key configuration</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Alias', value: draft.alias },
          { label: 'Key spec', value: draft.key_spec },
          { label: 'Key usage', value: usageWords(draft.key_usage) },
          { label: 'Origin', value: originWords(draft.origin) },
          {
            label: 'Regionality',
            value: draft.multi_region ? 'Multi-Region key' : 'Single-Region key',
          },
          ...(draft.custom_key_store_id
            ? [{ label: 'Custom key store ID', value: draft.custom_key_store_id }]
            : []),
          ...(draft.xks_key_id ? [{ label: 'External key ID', value: draft.xks_key_id }] : []),
          { label: 'Description', value: draft.description || '-' },
          {
            label: 'Tags',
            value: draft.tags.map(({ key, value }) => `${key}: ${value}`).join(', ') || '-',
          },
        ]}
      />
    </Container>
  );
}
