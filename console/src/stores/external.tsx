import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import { useState } from 'react';
import { useAction, useAnswer } from '../answers.ts';
import { change } from '../kms/client.ts';
import { go } from '../route.ts';
import { accountOf, model } from '../server.ts';
import { Dialog } from '../shell/dialog.tsx';
import { LoadingPage } from '../shell/loading.tsx';
import { notify } from '../shell/notices.tsx';
import { Problem } from '../shell/problem.tsx';
import { Name, StoreForm } from './form.tsx';
import { creation, draftOf, EMPTY, type ProxyDraft, update } from './proxy.ts';
import { ProxyFields } from './proxy_fields.tsx';
import { refusal } from './refused.ts';
import type { Store } from './words.tsx';

/** The form that creates an external key store, or edits the one that is given. */
export default function ExternalForm({ store }: { store?: Store }) {
  const told = useAnswer(model, 'model');
  if (!store) return <Create />;
  if (told.value) return <Edit store={store} account={accountOf(told.value)!} />;
  if (!told.error) return <LoadingPage />;
  return <Problem error={told.error} header="The custom key store cannot be edited" />;
}

function Create() {
  const [draft, setDraft] = useState<ProxyDraft>(EMPTY);
  const { run, running, error } = useAction();
  const { fields, rest } = refusal(error);
  const edit = (part: Partial<ProxyDraft>) => setDraft((old) => ({ ...old, ...part }));
  const request = creation(draft);
  const leave = () => go('custom-key-stores', 'external');
  const send = async () => {
    if (!(await run(() => change(request.operation, request.input)))) return;
    notify({ type: 'success', header: `The custom key store ${draft.name} was created.` });
    leave();
  };
  return (
    <StoreForm
      title="Create external key store"
      confirm="Create external key store"
      request={request}
      running={running}
      error={rest}
      onCancel={leave}
      onConfirm={send}
    >
      <Name name={draft.name} problem={fields.name} onChange={(name) => edit({ name })} />
      <ProxyFields draft={draft} edit={edit} problems={fields} />
    </StoreForm>
  );
}

function Edit({ store, account }: { store: Store; account: string }) {
  const [draft, setDraft] = useState<ProxyDraft>(() => draftOf(store, account));
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<Error>();
  const { fields, rest } = refusal(error);
  const edit = (part: Partial<ProxyDraft>) => setDraft((old) => ({ ...old, ...part }));
  const request = update(store, draft, account);
  const leave = () => go('custom-key-stores', store.CustomKeyStoreId!);
  return (
    <>
      <StoreForm
        title="Edit external key store"
        confirm="Update external key store"
        request={request}
        error={rest}
        onCancel={leave}
        onConfirm={() => setAsking(true)}
      >
        <Name name={draft.name} problem={fields.name} onChange={(name) => edit({ name })} />
        <ProxyFields draft={draft} edit={edit} problems={fields} />
      </StoreForm>
      {asking && request && (
        <Warning
          name={draft.name}
          request={request}
          onClose={() => setAsking(false)}
          onDone={leave}
          onRefused={(refused) => {
            setAsking(false);
            setError(refused);
          }}
        />
      )}
    </>
  );
}

interface WarningProps {
  name: string;
  request: NonNullable<ReturnType<typeof update>>;
  onClose: () => void;
  onDone: () => void;
  onRefused: (error: Error) => void;
}

function Warning({ name, request, ...rest }: WarningProps) {
  const [confirmed, setConfirmed] = useState(false);
  return (
    <Dialog
      {...rest}
      title="Update external key store"
      confirm="Update external key store"
      requests={[request]}
      done={`The custom key store ${name} was changed.`}
      ready={confirmed}
    >
      <Alert type="warning">
        With these values, AWS KMS must reach the same external key manager, or a backup with the
        same keys. If the external key store loses its external keys for good, what is encrypted
        under its KMS keys is unrecoverable.
      </Alert>
      <Checkbox checked={confirmed} onChange={({ detail }) => setConfirmed(detail.checked)}>
        Confirm that you want to update this external key store.
      </Checkbox>
    </Dialog>
  );
}
