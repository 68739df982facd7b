import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Wizard from '@cloudscape-design/components/wizard';
import { useState } from 'react';
import { useAction, useAnswer } from '../answers.ts';
import { ask } from '../kms/client.ts';
import { follow, go, href } from '../route.ts';
import { type CreateDraft, draftOfKey, type Edition, type Model, model } from '../server.ts';
import { Requests } from '../shell/behind.tsx';
import { LoadingPage } from '../shell/loading.tsx';
import { Problem } from '../shell/problem.tsx';

import { FIRST_DRAFT } from './draft.ts';
import { Fields } from './fields.tsx';
import { make } from './make.tsx';

/** The wizard that creates a KMS key, as AWS's console has it, or as the original console had it. */
export default function Create({ edition, store }: Props) {
  const { value, error } = useAnswer(
    async () => ({ model: await model(), first: { ...FIRST_DRAFT, ...(await inStore(store)) } }),
    'model',
  );
  if (value) return <CreateWizard edition={edition} {...value} />;
  return error ? <Problem error={error} header="The wizard cannot be shown" /> : <LoadingPage />;
}

interface Props {
  edition: Edition;
  /** The custom key store that the key is to be in, if the wizard was chosen there. */
  store?: string | undefined;
}

async function inStore(id: string | undefined): Promise<Partial<CreateDraft>> {
  if (id === undefined) return {};
  const { CustomKeyStores } = await ask('DescribeCustomKeyStores', { CustomKeyStoreId: id });
  const [found] = CustomKeyStores ?? [];
  return { origin: found?.CustomKeyStoreType ?? 'AWS_KMS', custom_key_store_id: id };
}

interface WizardProps {
  edition: Edition;
  model: Model;
  first: CreateDraft;
}

function CreateWizard({ edition, model: told, first }: WizardProps) {
  const wizard = told.wizards['create-key'][edition];
  const [draft, setDraft] = useState<CreateDraft>(first);
  const pages = wizard.steps.filter(({ origins }) => origins?.includes(draft.origin) ?? true);
  const [active, setActive] = useState(0);
  const [tried, setTried] = useState(-1);
  const { run, running, error } = useAction();
  const answer = useAnswer(() => draftOfKey(edition, draft), JSON.stringify(draft), true);
  const problems = answer.value?.steps ?? [];
  const edit = (part: Partial<CreateDraft>) => setDraft((old) => ({ ...old, ...part }));

  const finish = () =>
    run(async () => {
      const checked = await draftOfKey(edition, draft);
      const wrong = checked.steps.findIndex((step) => step.problems.length > 0);
      if (wrong < 0) return make(checked.requests, draft, edition);
      setTried(pages.length);
      setActive(wrong);
    });

  /** A step is left forwards when nothing is wrong with it and with those before it. */
  const move = (to: number) =>
    run(async () => {
      if (to > active) {
        setTried(Math.max(tried, to - 1));
        const checked = await draftOfKey(edition, draft);
        const wrong = checked.steps.findIndex((step) => step.problems.length > 0);
        if (wrong >= 0 && wrong < to) return setActive(wrong);
      }
      setActive(to);
    });

  return (
    <SpaceBetween size="m">
      <Wizard
        activeStepIndex={active}
        isLoadingNextStep={running}
        allowSkipTo={false}
        i18nStrings={{
          stepNumberLabel: (n) => `Step ${n}`,
          collapsedStepsLabel: (n, count) => `Step ${n} of ${count}`,
          navigationAriaLabel: 'Steps',
          cancelButton: 'Cancel',
          previousButton: 'Previous',
          nextButton: wizard.next,
          nextButtonLoadingAnnouncement: 'Checking this step',
          submitButtonLoadingAnnouncement: 'Creating the key',
        }}
        submitButtonText={wizard.finish}
        onNavigate={({ detail }) => move(detail.requestedStepIndex)}
        onCancel={() => go('keys')}
        onSubmit={finish}
        steps={pages.map((step, n) => ({
          title: step.title,
          ...(step.fields.every((field) => field === 'tags') && { description: 'Optional' }),
          content: n === active && (
            <SpaceBetween size="l">
              <Fields
                fields={step.fields}
                model={told}
                edition={edition}
                draft={draft}
                edit={edit}
                policy={answer.value?.policy}
                problems={n <= tried ? (problems[n]?.problems ?? []) : []}
              />
              {n === pages.length - 1 && (
                <ExpandableSection headerText={`The requests behind ${wizard.finish}`}>
                  <Requests told={answer.value?.requests ?? []} />
                </ExpandableSection>
              )}
              <Problem error={error ?? answer.error} header="The key was not created" />
              {n === 0 && <Other edition={edition} />}
            </SpaceBetween>
          ),
        }))}
      />
    </SpaceBetween>
  );
}

/** The way to the other edition of the wizard. */
function Other({ edition }: { edition: Edition }) {
  if (edition === 'new') {
    return (
      <Link href={href('keys', 'create-original')} onFollow={follow}>
        Use the original console
      </Link>
    );
  }
  return (
    <Alert
      type="info"
      action={<Button onClick={() => go('keys', 'create')}>Use the new console</Button>}
    >
      You are using the original console.
    </Alert>
  );
}
