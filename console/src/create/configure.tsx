import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import { textOf } from '../shell/text_of.ts';
import type { FieldsProps } from './step.ts';

const ABOUT: Record<string, string> = {
  SYMMETRIC:
    'A single key used for encrypting and decrypting data or generating and verifying HMAC codes',
  ASYMMETRIC:
    'A public and private key pair used for encrypting and decrypting data, signing and verifying messages, or deriving shared secrets',
};

const FEW = 8;

/** What is chosen for one origin, and begins anew with another. */
const NOT_YET = { acknowledged: false, custom_key_store_id: '', xks_key_id: '' };

/** Key type, key usage and key spec, and the advanced options. */
export function Configure(props: FieldsProps) {
  const { fields, model, edition } = props;
  const has = (field: string) => fields.includes(field);
  const words = model.words[edition];
  const advanced = ['origin', 'acknowledged', 'multi_region'].some(has);
  return (
    <SpaceBetween size="l">
      {has('key_type') && <Type {...props} />}
      {advanced && (
        <ExpandableSection
          variant="container"
          headerText={words['advanced']}
          defaultExpanded={props.draft.origin !== 'AWS_KMS' || props.draft.multi_region}
        >
          <SpaceBetween size="l">
            {has('origin') && <Origin {...props} />}
            {has('multi_region') && <Regionality {...props} />}
          </SpaceBetween>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}

function Type({ model, edition, draft, edit, problems }: FieldsProps) {
  const types = model.key_types.filter(({ editions }) => editions.includes(edition));
  const usages = types.find(({ id }) => id === draft.key_type)?.usages ?? [];
  const specs = usages.find(({ id }) => id === draft.key_usage)?.specs ?? [];
  const choose = (type: string, usage?: string) => {
    const offered = types.find(({ id }) => id === type)?.usages ?? [];
    const next = offered.find(({ id }) => id === usage) ?? offered[0];
    const spec = next?.specs[0];
    if (!next || !spec) return;
    const origins = model.origins.filter(({ specs }) => specs.includes(spec));
    edit({
      key_type: type,
      key_usage: next.id,
      key_spec: spec,
      ...(!origins.some(({ id }) => id === draft.origin) && { origin: 'AWS_KMS', ...NOT_YET }),
    });
  };
  return (
    <Container header={<Header variant="h2">Key type</Header>}>
      <SpaceBetween size="l">
        <FormField label="Key type" errorText={textOf(problems, 'key_type')} stretch>
          <Tiles
            value={draft.key_type}
            onChange={({ detail }) => choose(detail.value)}
            items={types.map(({ id, title }) => ({
              value: id,
              label: title,
              description: ABOUT[id],
            }))}
          />
        </FormField>
        <FormField label="Key usage" errorText={textOf(problems, 'key_usage')} stretch>
          <RadioGroup
            value={draft.key_usage}
            onChange={({ detail }) => choose(draft.key_type, detail.value)}
            items={usages.map(({ id, title }) => ({ value: id, label: title }))}
          />
        </FormField>
        {specs.length > 1 && (
          <FormField label="Key spec" errorText={textOf(problems, 'key_spec')}>
            {specs.length <= FEW ? (
              <RadioGroup
                value={draft.key_spec}
                onChange={({ detail }) => edit({ key_spec: detail.value })}
                items={specs.map((value) => ({ value, label: value }))}
              />
            ) : (
              <Select
                selectedOption={{ value: draft.key_spec }}
                onChange={({ detail }) => edit({ key_spec: detail.selectedOption.value ?? '' })}
                options={specs.map((value) => ({ value }))}
              />
            )}
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Origin({ fields, model, edition, draft, edit, problems }: FieldsProps) {
  const words = model.words[edition];
  const origins = model.origins.filter(({ editions }) => editions.includes(edition));
  const acknowledged: Record<string, string | undefined> = {
    EXTERNAL: words['acknowledged'],
    EXTERNAL_KEY_STORE: words['acknowledged_store'],
  };
  const box = acknowledged[draft.origin];
  return (
    <SpaceBetween size="s">
      <FormField label={words['origin']} errorText={textOf(problems, 'origin')}>
        <RadioGroup
          value={draft.origin}
          onChange={({ detail }) => edit({ origin: detail.value, ...NOT_YET })}
          items={origins.map(({ id, title, specs }) => ({
            value: id,
            label: title,
            disabled: !specs.includes(draft.key_spec),
          }))}
        />
      </FormField>
      {box && fields.includes('acknowledged') && (
        <FormField errorText={textOf(problems, 'acknowledged')} stretch>
          <Checkbox
            checked={draft.acknowledged}
            onChange={({ detail }) => edit({ acknowledged: detail.checked })}
          >
            {box}
          </Checkbox>
        </FormField>
      )}
    </SpaceBetween>
  );
}

function Regionality({ draft, edit, problems }: FieldsProps) {
  return (
    <FormField
      label="Regionality"
      description="You cannot change this property after the key is created."
      errorText={textOf(problems, 'multi_region')}
    >
      <RadioGroup
        value={draft.multi_region ? 'multi' : 'single'}
        onChange={({ detail }) => edit({ multi_region: detail.value === 'multi' })}
        items={[
          {
            value: 'single',
            label: 'Single-Region key',
            description: 'Never allow this key to be replicated into other Regions',
          },
          {
            value: 'multi',
            label: 'Multi-Region key',
            description: 'Allow this key to be replicated into other Regions',
          },
        ]}
      />
    </FormField>
  );
}
