import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useAction } from '../answers.ts';
import { ask } from '../kms/client.ts';
import { awsJson, fromAwsJson, fromBase64 } from '../kms/json.ts';
import { draftOfImport, type Edition, type ImportAnswer, type ImportDraft } from '../server.ts';
import { Code, Requests } from '../shell/behind.tsx';
import { Problem } from '../shell/problem.tsx';
import type { Problem as Wrong } from '../server.ts';
import { textOf } from '../shell/text_of.ts';

export interface StepProps {
  fields: string[];
  words: Record<string, string>;
  draft: ImportDraft;
  edit: (part: Partial<ImportDraft>) => void;
  problems: Wrong[];
}

interface Props extends StepProps {
  edition: Edition;
  answer: ImportAnswer | undefined;
}

/** Give a file to the person. */
function save(name: string, type: string, bytes: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function parametersOf(answer: object): Record<string, unknown> {
  const { KeyId, ImportToken, PublicKey, ParametersValidTo } = answer as Record<string, unknown>;
  return awsJson({ KeyId, ImportToken, PublicKey, ParametersValidTo }) as Record<string, unknown>;
}

/** The first step: the wrapping public key and the import token. */
export function Download(props: Props) {
  const { fields, words, edition, draft, edit, answer, problems } = props;
  const { run, running, error } = useAction();
  const choices = answer?.choices ?? [];
  const has = (field: string) => fields.includes(field);
  const choice = has('wrapping_key_spec')
    ? choices.find((one) => one.wrapping_key_spec === draft.wrapping_key_spec)
    : choices[0];
  const algorithms = choice?.wrapping_algorithms ?? [];
  const download = () =>
    run(async () => {
      // The original console's box is ticked after the download.
      const chosen = { ...draft, ready: has('ready') };
      const { download: asked } = await draftOfImport(edition, chosen);
      if (!asked) return;
      const input = fromAwsJson<'GetParametersForImport'>(asked.request);
      const parameters = parametersOf(await ask('GetParametersForImport', input));
      const { zip } = await draftOfImport(edition, { ...chosen, parameters });
      edit({ parameters });
      if (zip) save(zip.name, zip.content_type, fromBase64(zip.base64));
    });
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Configuration</Header>}>
        <SpaceBetween size="m">
          {has('wrapping_key_spec') && (
            <FormField
              label={words['wrapping_key_spec']}
              description="The RSA key pair whose public key encrypts your key material."
              errorText={textOf(problems, 'wrapping_key_spec')}
            >
              <Select
                placeholder="Select a wrapping key spec"
                selectedOption={draft.wrapping_key_spec ? { value: draft.wrapping_key_spec } : null}
                options={choices.map(({ wrapping_key_spec: value }) => ({ value }))}
                onChange={({ detail }) =>
                  edit({
                    wrapping_key_spec: detail.selectedOption.value ?? null,
                    wrapping_algorithm: null,
                    parameters: null,
                  })
                }
              />
            </FormField>
          )}
          <FormField
            label={words['wrapping_algorithm']}
            description="The algorithm that you will use to encrypt your key material."
            errorText={textOf(problems, 'wrapping_algorithm')}
          >
            <Select
              placeholder="Select a wrapping algorithm"
              disabled={algorithms.length === 0}
              selectedOption={draft.wrapping_algorithm ? { value: draft.wrapping_algorithm } : null}
              options={algorithms.map((value) => ({ value }))}
              onChange={({ detail }) =>
                edit({ wrapping_algorithm: detail.selectedOption.value ?? null, parameters: null })
              }
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Download</Header>}>
        <SpaceBetween size="m">
          <Box>
            The downloaded file holds the wrapping public key, the import token and a readme. They
            are valid for 24 hours.
          </Box>
          <Button
            iconName="download"
            disabled={draft.wrapping_algorithm === null}
            loading={running}
            onClick={download}
          >
            {words['download']}
          </Button>
          {answer?.zip && (
            <StatusIndicator>
              {`${answer.zip.name}: ${answer.zip.files.map(({ name }) => name).join(', ')}`}
            </StatusIndicator>
          )}
          <Problem error={error} />
          {has('ready') && (
            <FormField errorText={textOf(problems, 'ready')} stretch>
              <Checkbox
                checked={draft.ready}
                onChange={({ detail }) => edit({ ready: detail.checked })}
              >
                {words['ready']}
              </Checkbox>
            </FormField>
          )}
          {answer?.download && (
            <ExpandableSection headerText="The request behind this button: GetParametersForImport">
              <Requests told={[answer.download]} />
            </ExpandableSection>
          )}
          {answer?.commands && (
            <ExpandableSection headerText="How to encrypt your key material">
              <Code label="Commands that encrypt key material" text={answer.commands} />
            </ExpandableSection>
          )}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
