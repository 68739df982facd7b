import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { go } from '../route.ts';
import { Code } from '../shell/behind.tsx';
import { when } from '../words.ts';
import { Connect, KeyStoreActions } from './actions.tsx';
import { FoundStore } from './found.tsx';
import { connectivityWords, ConnectionState, kindOf, KINDS, type Store } from './words.tsx';

/** The page of one custom key store. */
export default function CustomKeyStore({ id }: { id: string }) {
  return <FoundStore id={id}>{(store) => <Shown store={store} />}</FoundStore>;
}

function Shown({ store }: { store: Store }) {
  const [connecting, setConnecting] = useState(false);
  const id = store.CustomKeyStoreId!;
  const kind = kindOf(store);
  // A key store that is not connected can have no new KMS key: first it is to be connected.
  const create = () =>
    store.ConnectionState === 'CONNECTED' ? go('keys', 'create', id) : setConnecting(true);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <KeyStoreActions store={store} onDeleted={() => go('custom-key-stores', kind)} />
            <Button variant="primary" onClick={create}>
              Create a KMS key in this key store
            </Button>
          </SpaceBetween>
        }
      >
        {store.CustomKeyStoreName}
      </Header>
      <Container header={<Header variant="h2">General configuration</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Custom key store name', value: store.CustomKeyStoreName },
            { label: 'Custom key store ID', value: id },
            { label: 'Custom key store type', value: KINDS[kind].one },
            { label: 'Connection state', value: <ConnectionState store={store} /> },
            { label: 'Creation date', value: when(store.CreationDate) },
          ]}
        />
      </Container>
      {kind === 'external' ? <Proxy store={store} /> : <Cluster store={store} />}
      {connecting && <Connect store={store} onClose={() => setConnecting(false)} />}
    </SpaceBetween>
  );
}

function Cluster({ store }: { store: Store }) {
  return (
    <Container header={<Header variant="h2">AWS CloudHSM cluster</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs
          items={[{ label: 'AWS CloudHSM cluster ID', value: store.CloudHsmClusterId }]}
        />
        <Code text={store.TrustAnchorCertificate ?? ''} label="Trust anchor certificate" />
      </SpaceBetween>
    </Container>
  );
}

function Proxy({ store }: { store: Store }) {
  const proxy = store.XksProxyConfiguration ?? {};
  return (
    <Container header={<Header variant="h2">External key store proxy configuration</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Proxy connectivity', value: connectivityWords(proxy.Connectivity) },
          { label: 'Proxy URI endpoint', value: proxy.UriEndpoint },
          { label: 'Proxy URI path', value: proxy.UriPath },
          { label: 'Proxy credential: Access key ID', value: proxy.AccessKeyId },
          ...(proxy.VpcEndpointServiceName
            ? [
                { label: 'VPC endpoint service name', value: proxy.VpcEndpointServiceName },
                {
                  label: 'VPC endpoint service owner account ID',
                  value: proxy.VpcEndpointServiceOwner,
                },
              ]
            : []),
        ]}
      />
    </Container>
  );
}
