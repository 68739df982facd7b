import Container from '@cloudscape-design/components/container';
import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TimeInput from '@cloudscape-design/components/time-input';
import { useState } from 'react';
import { awsJson } from '../kms/json.ts';
import { textOf } from '../shell/text_of.ts';
import { OneFile } from '../shell/one_file.tsx';
import type { StepProps } from './download.tsx';

/** Bytes as a draft has them. */
const base64 = (bytes: Uint8Array | undefined) => (bytes ? (awsJson(bytes) as string) : null);

interface Props extends StepProps {
  /** Whether the key is a symmetric encryption key, which may have several key materials. */
  symmetric: boolean;
}

/** The second step: the encrypted key material and the import token, and until when the material is kept. */
export function Upload({ fields, words, symmetric, draft, edit, problems }: Props) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Encrypted key material and import token</Header>}>
        <SpaceBetween size="m">
          <OneFile
            label={words['encrypted_key_material'] ?? 'Key material'}
            description="The file with your encrypted key material."
            problem={textOf(problems, 'encrypted_key_material')}
            onRead={(content) => edit({ encrypted_key_material: base64(content) })}
          />
          <OneFile
            label={words['import_token'] ?? 'Import token'}
            description="The import token that you downloaded with the wrapping public key."
            problem={textOf(problems, 'import_token')}
            onRead={(content) => edit({ import_token: base64(content) })}
          />
        </SpaceBetween>
      </Container>
      {symmetric && fields.includes('key_material_description') && (
        <Container header={<Header variant="h2">Key material description – optional</Header>}>
          <FormField
            label="Key material description"
            errorText={textOf(problems, 'key_material_description')}
          >
            <Input
              value={draft.key_material_description ?? ''}
              onChange={({ detail }) => edit({ key_material_description: detail.value || null })}
            />
          </FormField>
        </Container>
      )}
      <Container header={<Header variant="h2">{words['expiration']}</Header>}>
        <SpaceBetween size="m">
          <FormField label="Choose an expiration option" errorText={textOf(problems, 'expires')}>
            <RadioGroup
              value={draft.expires ? 'expires' : 'stays'}
              onChange={({ detail }) =>
                edit({ expires: detail.value === 'expires', valid_to: null })
              }
              items={[
                { value: 'stays', label: 'Key material doesn’t expire' },
                { value: 'expires', label: words['expires'] },
              ]}
            />
          </FormField>
          {draft.expires && (
            <Until
              problem={textOf(problems, 'valid_to')}
              onChange={(valid_to) => edit({ valid_to })}
            />
          )}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

interface UntilProps {
  problem: string | undefined;
  onChange: (valid_to: string | null) => void;
}

function Until({ problem, onChange }: UntilProps) {
  const [date, setDate] = useState('');
  const [time, setTime] = useState('00:00');
  const tell = (day: string, at: string) =>
    onChange(day && at.length === 5 ? `${day}T${at}:00+00:00` : null);
  return (
    <SpaceBetween direction="horizontal" size="s">
      <FormField label="Expiration date" constraintText="YYYY/MM/DD" errorText={problem}>
        <DatePicker
          value={date}
          openCalendarAriaLabel={(selected) =>
            selected ? `Choose date, selected date is ${selected}` : 'Choose date'
          }
          onChange={({ detail }) => {
            setDate(detail.value);
            tell(detail.value, time);
          }}
        />
      </FormField>
      <FormField label="Time (UTC)" constraintText="Use 24-hour format.">
        <TimeInput
          format="hh:mm"
          value={time}
          onChange={({ detail }) => {
            setTime(detail.value);
            tell(date, detail.value);
          }}
        />
      </FormField>
    </SpaceBetween>
  );
}
