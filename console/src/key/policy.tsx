import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useAction, useAnswer } from '../answers.ts';
import { ask, change } from '../kms/client.ts';
import type { Request } from '../kms/operations.ts';
import { post } from '../server.ts';
import { session } from '../session.ts';
import { Behind, Code } from '../shell/behind.tsx';
import { Loading } from '../shell/loading.tsx';
import { notify } from '../shell/notices.tsx';
import { Problem } from '../shell/problem.tsx';
import type { Shown } from './shown.ts';
import { DefaultView, type View } from './policy_view.tsx';

interface Told {
  text: string;
  /** What the console's own policy says; null for any other policy. */
  view: View | null;
}

async function read(id: string, account: string): Promise<Told> {
  const { Policy: text = '' } = await ask('GetKeyPolicy', { KeyId: id });
  const { view } = await post<{ view: View | null }>('policy-view', {
    policy: text,
    region: session().region,
    account,
  }).catch(() => ({
    view: null,
  }));
  return { text, view };
}

export default function KeyPolicy({ shown }: { shown: Shown }) {
  const id = shown.metadata.KeyId!;
  const { value, error } = useAnswer(() => read(id, shown.metadata.AWSAccountId!), id);
  const [asText, setAsText] = useState(false);
  if (error) return <Problem error={error} />;
  if (!value) return <Loading />;
  const switcher = value.view && (
    <Button onClick={() => setAsText(!asText)}>
      {asText ? 'Switch to default view' : 'Switch to policy view'}
    </Button>
  );
  if (value.view && !asText) {
    return <DefaultView shown={shown} view={value.view} switcher={switcher} />;
  }
  return <PolicyText id={id} text={value.text} switcher={switcher} shown={shown} />;
}

interface TextProps {
  id: string;
  text: string;
  switcher: React.ReactNode;
  shown: Shown;
}

function PolicyText({ id, text, switcher, shown }: TextProps) {
  const [draft, setDraft] = useState<string>();
  const managed = shown.metadata.KeyManager === 'AWS';
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            draft === undefined && (
              <SpaceBetween direction="horizontal" size="xs">
                {switcher}
                {!managed && <Button onClick={() => setDraft(text)}>Edit</Button>}
              </SpaceBetween>
            )
          }
        >
          Key policy
        </Header>
      }
    >
      {draft === undefined ? (
        <Code text={text} label="Key policy" />
      ) : (
        <Editor id={id} draft={draft} setDraft={setDraft} />
      )}
    </Container>
  );
}

interface EditorProps {
  id: string;
  draft: string;
  setDraft: (draft: string | undefined) => void;
}

function Editor({ id, draft, setDraft }: EditorProps) {
  const { run, running, error } = useAction();
  const request: Request<'PutKeyPolicy'> = {
    operation: 'PutKeyPolicy',
    input: { KeyId: id, Policy: draft },
  };
  const save = async () => {
    if (!(await run(() => change('PutKeyPolicy', request.input)))) return;
    notify({ type: 'success', header: 'The key policy was changed.' });
    setDraft(undefined);
  };
  return (
    <SpaceBetween size="m">
      <FormField
        label="Edit key policy"
        stretch
        errorText={error && `${error.name}: ${error.message}`}
      >
        <div className="policy">
          <Textarea
            rows={24}
            spellcheck={false}
            value={draft}
            onChange={({ detail }) => setDraft(detail.value)}
          />
        </div>
      </FormField>
      <Behind requests={[request]} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={() => setDraft(undefined)}>
            Cancel
          </Button>
          <Button variant="primary" loading={running} onClick={save}>
            Save changes
          </Button>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}
