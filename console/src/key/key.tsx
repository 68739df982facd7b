import type { KeyMetadata } from '@aws-sdk/client-kms';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { lazy, Suspense, useState } from 'react';
import { useAnswer } from '../answers.ts';
import { every } from '../kms/every.ts';
import { ask } from '../kms/client.ts';
import { go, href } from '../route.ts';
import { useSession } from '../session.ts';
import { Loading } from '../shell/loading.tsx';
import { Problem } from '../shell/problem.tsx';
import { aliasWords, when } from '../words.ts';
import ActionDialog, { type KeyAction } from './action_dialog.tsx';
import { General } from './general.tsx';
import type { Shown } from './shown.ts';
import { tabsOf } from './tabs.ts';

const CONTENTS = {
  policy: lazy(() => import('./policy.tsx')),
  configuration: lazy(() => import('./cryptographic.tsx')),
  material: lazy(() => import('./material.tsx')),
  rotation: lazy(() => import('./rotation.tsx')),
  tags: lazy(() => import('./tags.tsx')),
  aliases: lazy(() => import('./aliases.tsx')),
  regionality: lazy(() => import('./regionality.tsx')),
  grants: lazy(() => import('./grants.tsx')),
  'life-cycle': lazy(() => import('./place.tsx')),
  why: lazy(() => import('./why.tsx')),
} as const;

interface Props {
  keyId: string;
  tab: string | undefined;
}

async function read(keyId: string): Promise<Shown> {
  const [described, aliases] = await Promise.all([
    ask('DescribeKey', { KeyId: keyId }),
    every('ListAliases', { KeyId: keyId }, 'Aliases').catch(() => []),
  ]);
  return { metadata: described.KeyMetadata!, aliases };
}

/** The page of one KMS key. */
export default function KeyPage({ keyId, tab }: Props) {
  const { region, accessKeyId } = useSession();
  const { value, error } = useAnswer(() => read(keyId), `${keyId} ${region} ${accessKeyId}`);
  if (value) return <Page shown={value} tab={tab} />;
  return (
    <ContentLayout header={<Header variant="h1">{keyId}</Header>}>
      {error ? (
        <Problem error={error} header="The key cannot be shown" />
      ) : (
        <Box textAlign="center">
          <Loading size="large" />
        </Box>
      )}
    </ContentLayout>
  );
}

function Page({ shown, tab }: { shown: Shown; tab: string | undefined }) {
  const { metadata, aliases } = shown;
  const [dialog, setDialog] = useState<KeyAction>();
  const id = metadata.KeyId!;
  const managed = metadata.KeyManager === 'AWS';
  const title = aliases[0]?.AliasName ? aliasWords(aliases[0].AliasName) : id;
  const tabs = tabsOf(metadata);
  const active = tabs.find((one) => one.id === tab)?.id ?? 'policy';
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={
            !managed && (
              <ButtonDropdown
                items={actionsOf(metadata)}
                onItemClick={({ detail }) => setDialog(detail.id as KeyAction)}
              >
                Key actions
              </ButtonDropdown>
            )
          }
        >
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <State metadata={metadata} cancel={() => setDialog('cancel')} />
        <General shown={shown} />
        <Tabs
          ariaLabel="What is known of this key"
          activeTabId={active}
          onChange={({ detail }) => go('keys', id, detail.activeTabId)}
          tabs={tabs.map(({ id: name, label }) => {
            const Content = CONTENTS[name];
            return {
              id: name,
              label,
              content: (
                <Suspense fallback={<Loading size="large" />}>
                  <Content shown={shown} />
                </Suspense>
              ),
            };
          })}
        />
      </SpaceBetween>
      {dialog && (
        <ActionDialog action={dialog} keys={[metadata]} onClose={() => setDialog(undefined)} />
      )}
    </ContentLayout>
  );
}

// Which of them AWS KMS permits is its own to say: an action that is not for this key is refused in its words.
function actionsOf({ KeyState: state, Enabled: enabled }: KeyMetadata) {
  const deleting = state === 'PendingDeletion' || state === 'PendingReplicaDeletion';
  return [
    { id: 'enable', text: 'Enable', disabled: enabled || deleting },
    { id: 'disable', text: 'Disable', disabled: !enabled },
    { id: 'schedule', text: 'Schedule key deletion', disabled: deleting },
    { id: 'cancel', text: 'Cancel key deletion', disabled: !deleting },
  ];
}

/** What a person should know of the key's state before all else. */
function State({ metadata, cancel }: { metadata: KeyMetadata; cancel: () => void }) {
  const { KeyState: state, KeyId: id } = metadata;
  if (state === 'PendingImport') {
    return (
      <Alert
        type="info"
        header="This key is pending import"
        action={
          <Button onClick={() => go('keys', id!, 'import')} href={href('keys', id!, 'import')}>
            Import key material
          </Button>
        }
      >
        It has no key material, or one of its key materials is missing. It can’t be used until the
        key material is imported.
      </Alert>
    );
  }
  if (state === 'PendingDeletion' || state === 'PendingReplicaDeletion') {
    return (
      <Alert
        type="warning"
        header={
          metadata.DeletionDate
            ? `This key will be deleted on ${when(metadata.DeletionDate)}`
            : 'This key will be deleted once its last replica key is deleted'
        }
        action={<Button onClick={cancel}>Cancel key deletion</Button>}
      >
        It can’t be used in cryptographic operations.
      </Alert>
    );
  }
  return null;
}
