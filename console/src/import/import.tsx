import Alert from '@cloudscape-design/components/alert';
import Spinner from '@cloudscape-design/components/spinner';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Wizard from '@cloudscape-design/components/wizard';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { useState } from 'react';
import { useAction, useAnswer } from '../answers.ts';
import { ask, change } from '../kms/client.ts';
import { fromAwsJson } from '../kms/json.ts';
import { go } from '../route.ts';
import { draftOfImport, type Edition, type ImportDraft, type Model, model } from '../server.ts';
import { Requests } from '../shell/behind.tsx';
import { notify } from '../shell/notices.tsx';
import { Problem } from '../shell/problem.tsx';
import { stateWords } from '../words.ts';
import { Download } from './download.tsx';
import { Upload } from './upload.tsx';

interface Props {
  keyId: string;
  edition: Edition;
  /** Whether a further key material is imported, for an on-demand rotation. */
  additional: boolean;
}

/** The wizard that imports key material into a KMS key. */
export default function Import(props: Props) {
  const told = useAnswer(model, 'model');
  const key = useAnswer(() => ask('DescribeKey', { KeyId: props.keyId }), props.keyId);
  const error = told.error ?? key.error;
  if (error) return <Problem error={error} header="The wizard cannot be shown" />;
  if (!told.value || !key.value) return <Spinner size="large" />;
  return <ImportWizard {...props} model={told.value} arn={key.value.KeyMetadata!.Arn!} />;
}

function first(arn: string, additional: boolean): ImportDraft {
  return {
    key_id: arn,
    wrapping_key_spec: null,
    wrapping_algorithm: null,
    parameters: null,
    encrypted_key_material: null,
    import_token: null,
    expires: false,
    valid_to: null,
    ready: false,
    import_type: additional ? 'NEW_KEY_MATERIAL' : null,
    key_material_id: null,
    key_material_description: null,
  };
}

function ImportWizard(props: Props & { model: Model; arn: string }) {
  const { keyId, edition, additional, model: told, arn } = props;
  const wizard = told.wizards['import-key-material'][edition];
  const later = told.words[edition]['later'] ?? 'Cancel';
  const [draft, setDraft] = useState(() => first(arn, additional));
  const [active, setActive] = useState(0);
  const [tried, setTried] = useState(-1);
  const { run, running, error } = useAction();
  const answer = useAnswer(() => draftOfImport(edition, draft), JSON.stringify(draft), true);
  const edit = (part: Partial<ImportDraft>) => setDraft((old) => ({ ...old, ...part }));
  const problems = (n: number) => (n <= tried ? (answer.value?.steps[n]?.problems ?? []) : []);

  const move = (to: number) =>
    run(async () => {
      if (to > active) {
        setTried(Math.max(tried, active));
        const checked = await draftOfImport(edition, draft);
        if ((checked.steps[active]?.problems.length ?? 0) > 0) return;
      }
      setActive(to);
    });

  const finish = () =>
    run(async () => {
      setTried(wizard.steps.length);
      const checked = await draftOfImport(edition, draft);
      const wrong = checked.steps.findIndex((step) => step.problems.length > 0);
      if (wrong >= 0) return setActive(wrong);
      for (const { request } of checked.requests) {
        await change('ImportKeyMaterial', fromAwsJson<'ImportKeyMaterial'>(request));
      }
      const state = checked.outcome && stateWords(checked.outcome.key_state).text;
      notify({
        type: 'success',
        header: 'Your key material was imported.',
        content: state && `The status of the key ${keyId} is ${state}.`,
      });
      go('keys', keyId, 'material');
    });

  return (
    <Wizard
      activeStepIndex={active}
      isLoadingNextStep={running}
      i18nStrings={{
        stepNumberLabel: (n) => `Step ${n}`,
        collapsedStepsLabel: (n, count) => `Step ${n} of ${count}`,
        navigationAriaLabel: 'Steps',
        cancelButton: later,
        previousButton: 'Previous',
        nextButton: wizard.next,
        nextButtonLoadingAnnouncement: 'Checking this step',
        submitButtonLoadingAnnouncement: 'Importing the key material',
      }}
      submitButtonText={wizard.finish}
      onNavigate={({ detail }) => move(detail.requestedStepIndex)}
      onCancel={() => go('keys', keyId)}
      onSubmit={finish}
      steps={wizard.steps.map((step, n) => ({
        title: step.title,
        content: n === active && (
          <SpaceBetween size="l">
            {step.fields.includes('wrapping_algorithm') ? (
              <Download
                edition={edition}
                fields={step.fields}
                words={told.words[edition]}
                draft={draft}
                edit={edit}
                answer={answer.value}
                problems={problems(n)}
              />
            ) : (
              <Upload
                fields={step.fields}
                words={told.words[edition]}
                symmetric={answer.value?.key.key_spec === 'SYMMETRIC_DEFAULT'}
                draft={draft}
                edit={edit}
                problems={problems(n)}
              />
            )}
            {n === active && n > 0 && answer.value?.outcome && (
              <Alert type="info">{answer.value.outcome.text}</Alert>
            )}
            {n > 0 && (
              <ExpandableSection headerText={`The request behind ${wizard.finish}`}>
                <Requests told={answer.value?.requests ?? []} />
              </ExpandableSection>
            )}
            <Problem error={error ?? answer.error} header="The key material was not imported" />
          </SpaceBetween>
        ),
      }))}
    />
  );
}
