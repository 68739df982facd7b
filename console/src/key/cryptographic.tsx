import type { KeyMetadata } from '@aws-sdk/client-kms';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useAnswer } from '../answers.ts';
import { ask } from '../kms/client.ts';
import { awsJson } from '../kms/json.ts';
import { Code } from '../shell/behind.tsx';
import { Problem } from '../shell/problem.tsx';
import { follow, href } from '../route.ts';
import { useStores } from '../stores/stores.ts';
import { ConnectionState, kindOf, KINDS } from '../stores/words.tsx';
import { keyTypeWords, originWords, usageWords } from '../words.ts';
import type { Shown } from './shown.ts';

export default function CryptographicConfiguration({ shown: { metadata } }: { shown: Shown }) {
  const algorithms = [
    ...(metadata.EncryptionAlgorithms ?? []),
    ...(metadata.SigningAlgorithms ?? []),
    ...(metadata.MacAlgorithms ?? []),
    ...(metadata.KeyAgreementAlgorithms ?? []),
  ];
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Cryptographic configuration</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Key type', value: keyTypeWords(metadata.KeySpec) },
            { label: 'Origin', value: originWords(metadata.Origin) },
            { label: 'Key spec', value: metadata.KeySpec },
            { label: 'Key usage', value: usageWords(metadata.KeyUsage) },
            {
              label: 'Algorithms',
              value: algorithms.map((name) => <div key={name}>{name}</div>),
            },
          ]}
        />
      </Container>
      {metadata.CustomKeyStoreId && <InStore metadata={metadata} />}
      {keyTypeWords(metadata.KeySpec) === 'Asymmetric' && <PublicKey id={metadata.KeyId!} />}
    </SpaceBetween>
  );
}

/** The custom key store that a key is in, and what is behind the key there. */
function InStore({ metadata }: { metadata: KeyMetadata }) {
  const { value, error } = useStores();
  const id = metadata.CustomKeyStoreId!;
  const store = value?.find(({ CustomKeyStoreId }) => CustomKeyStoreId === id);
  const external = metadata.XksKeyConfiguration?.Id;
  return (
    <Container header={<Header variant="h2">Custom key store</Header>}>
      <SpaceBetween size="m">
        <Problem error={error} />
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Custom key store ID', value: <StoreLink id={id} /> },
            ...(store
              ? [
                  { label: 'Custom key store name', value: store.CustomKeyStoreName },
                  { label: 'Custom key store type', value: KINDS[kindOf(store)].one },
                  { label: 'Connection state', value: <ConnectionState store={store} /> },
                ]
              : []),
            ...(metadata.CloudHsmClusterId
              ? [{ label: 'AWS CloudHSM cluster ID', value: metadata.CloudHsmClusterId }]
              : []),
            ...(external ? [{ label: 'External key ID', value: external }] : []),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function StoreLink({ id }: { id: string }) {
  return (
    <Link href={href('custom-key-stores', id)} onFollow={follow}>
      {id}
    </Link>
  );
}

function PublicKey({ id }: { id: string }) {
  const { value, error } = useAnswer(() => ask('GetPublicKey', { KeyId: id }), id);
  const text = value?.PublicKey && pem(awsJson(value.PublicKey) as string);
  return (
    <Container header={<Header variant="h2">Public key</Header>}>
      <Problem error={error} />
      {text ? <Code text={text} label="Public key" /> : !error && <Box>Loading</Box>}
    </Container>
  );
}

function pem(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----'].join('\n');
}
