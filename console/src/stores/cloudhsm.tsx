import Autosuggest from '@cloudscape-design/components/autosuggest';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAction, useAnswer } from '../answers.ts';
import { change } from '../kms/client.ts';
import type { Request } from '../kms/operations.ts';
import { go } from '../route.ts';
import { get, type Model } from '../server.ts';
import { notify } from '../shell/notices.tsx';
import { OneFile } from '../shell/one_file.tsx';
import { Name, StoreForm } from './form.tsx';
import { refusal } from './refused.ts';
import { useStores } from './stores.ts';
import type { Store } from './words.tsx';

interface Draft {
  name: string;
  cluster: string;
  certificate: string;
  password: string;
}

function creation(draft: Draft): Request {
  return {
    operation: 'CreateCustomKeyStore',
    input: {
      CustomKeyStoreName: draft.name,
      CustomKeyStoreType: 'AWS_CLOUDHSM',
      CloudHsmClusterId: draft.cluster,
      TrustAnchorCertificate: draft.certificate,
      KeyStorePassword: draft.password,
    },
  };
}

function update(store: Store, draft: Draft): Request | undefined {
  const changed = {
    ...(draft.name !== store.CustomKeyStoreName && { NewCustomKeyStoreName: draft.name }),
    ...(draft.cluster !== store.CloudHsmClusterId && { CloudHsmClusterId: draft.cluster }),
    ...(draft.password && { KeyStorePassword: draft.password }),
  };
  if (Object.keys(changed).length === 0) return undefined;
  const input = { CustomKeyStoreId: store.CustomKeyStoreId, ...changed };
  return { operation: 'UpdateCustomKeyStore', input };
}

/** The form that creates an AWS CloudHSM key store, or edits the one that is given. */
export default function CloudHsmForm({ store }: { store?: Store }) {
  const [draft, setDraft] = useState<Draft>({
    name: store?.CustomKeyStoreName ?? '',
    cluster: store?.CloudHsmClusterId ?? '',
    certificate: '',
    password: '',
  });
  const { run, running, error } = useAction();
  const { fields, rest } = refusal(error);
  const edit = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const request = store ? update(store, draft) : creation(draft);
  const leave = () =>
    store ? go('custom-key-stores', store.CustomKeyStoreId!) : go('custom-key-stores', 'cloudhsm');
  const send = async () => {
    if (!request || !(await run(() => change(request.operation, request.input)))) return;
    const what = store ? 'was changed' : 'was created';
    notify({ type: 'success', header: `The custom key store ${draft.name} ${what}.` });
    leave();
  };
  return (
    <StoreForm
      title={store ? 'Edit AWS CloudHSM key store' : 'Create AWS CloudHSM key store'}
      confirm={store ? 'Save' : 'Create'}
      request={request}
      running={running}
      error={rest}
      onCancel={leave}
      onConfirm={send}
    >
      <Name name={draft.name} problem={fields.name} onChange={(name) => edit({ name })} />
      <Container header={<Header variant="h2">AWS CloudHSM cluster</Header>}>
        <SpaceBetween size="m">
          <Clusters
            cluster={draft.cluster}
            related={store !== undefined}
            problem={fields.cluster}
            onChange={(cluster) => edit({ cluster })}
          />
          {!store && (
            <OneFile
              label="Trust anchor certificate"
              description="The file customerCA.crt that you created when you initialized the cluster."
              problem={fields.certificate}
              onRead={(content) => edit({ certificate: new TextDecoder().decode(content) })}
            />
          )}
          <FormField
            label="kmsuser password"
            description="The password of the kmsuser crypto user (CU) in the cluster. It is not changed there."
            errorText={fields.password}
          >
            <Input
              type="password"
              autoComplete={false}
              value={draft.password}
              onChange={({ detail }) => edit({ password: detail.value })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
    </StoreForm>
  );
}

interface ClusterProps {
  cluster: string;
  related: boolean;
  problem: string | undefined;
  onChange: (cluster: string) => void;
}

/** The clusters that have no key store yet, to choose from; another one is named by its id. */
function Clusters({ cluster, related, problem, onChange }: ClusterProps) {
  const known = useAnswer(() => get<Model>('model'), 'clusters');
  const { value: stores = [] } = useStores();
  const taken = stores.map(({ CloudHsmClusterId: id }) => id);
  const free = known.value?.clusters.filter((id) => !taken.includes(id)) ?? [];
  return (
    <FormField
      label="AWS CloudHSM cluster"
      description={
        related
          ? 'Choose a cluster that shares a backup history with the original one, or enter its ID.'
          : 'Choose a cluster that has no key store yet, or enter its ID. It must be active, with two active HSMs.'
      }
      errorText={problem}
    >
      <Autosuggest
        value={cluster}
        options={free.map((value) => ({ value }))}
        enteredTextLabel={(value) => `Use the cluster ${value}`}
        ariaLabel="AWS CloudHSM cluster"
        placeholder="cluster-1a23b4cdefg"
        empty="No AWS CloudHSM clusters without a key store"
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}
