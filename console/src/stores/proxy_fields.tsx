import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { OneFile } from '../shell/one_file.tsx';
import { pathOf, type ProxyDraft, readConfiguration } from './proxy.ts';
import type { Refusal } from './refused.ts';
import { connectivityWords } from './words.tsx';

interface Props {
  draft: ProxyDraft;
  edit: (part: Partial<ProxyDraft>) => void;
  problems: Refusal['fields'];
}

/** How AWS KMS reaches the external key store proxy, and how it signs its requests there. */
export function ProxyFields(props: Props) {
  return (
    <SpaceBetween size="l">
      <Connectivity {...props} />
      <Configuration {...props} />
    </SpaceBetween>
  );
}

function Connectivity({ draft, edit, problems }: Props) {
  const inVpc = draft.connectivity === 'VPC_ENDPOINT_SERVICE';
  return (
    <Container header={<Header variant="h2">Proxy connectivity</Header>}>
      <SpaceBetween size="m">
        <FormField label="Proxy connectivity" errorText={problems.connectivity}>
          <RadioGroup
            value={draft.connectivity}
            onChange={({ detail }) =>
              edit({ connectivity: detail.value as ProxyDraft['connectivity'] })
            }
            items={(['PUBLIC_ENDPOINT', 'VPC_ENDPOINT_SERVICE'] as const).map((value) => ({
              value,
              label: connectivityWords(value),
            }))}
          />
        </FormField>
        {inVpc && (
          <Checkbox
            checked={draft.crossAccount}
            onChange={({ detail }) => edit({ crossAccount: detail.checked })}
          >
            Cross-account VPC endpoint service
          </Checkbox>
        )}
        {inVpc && draft.crossAccount && (
          <FormField label="VPC endpoint service owner account ID" errorText={problems.owner}>
            <Input
              inputMode="numeric"
              value={draft.owner}
              onChange={({ detail }) => edit({ owner: detail.value })}
            />
          </FormField>
        )}
        {inVpc && (
          <FormField label="VPC endpoint service name" errorText={problems.service}>
            <Input
              value={draft.service}
              placeholder="com.amazonaws.vpce.us-east-1.vpce-svc-example"
              onChange={({ detail }) => edit({ service: detail.value })}
            />
          </FormField>
        )}
        <FormField
          label="Proxy URI endpoint"
          description={
            inVpc
              ? 'https:// followed by the private DNS name of the VPC endpoint service.'
              : 'The public endpoint of the proxy. The protocol is HTTPS, without a port.'
          }
          errorText={problems.endpoint}
        >
          <Input
            value={draft.endpoint}
            placeholder="https://myproxy.xks.example.com"
            onChange={({ detail }) => edit({ endpoint: detail.value })}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

function Configuration({ draft, edit, problems }: Props) {
  const [problem, setProblem] = useState<string>();
  const [shown, setShown] = useState(false);
  const read = (content: Uint8Array | undefined) => {
    setProblem(undefined);
    if (content === undefined) return;
    try {
      edit(readConfiguration(new TextDecoder().decode(content)));
    } catch {
      setProblem('This is not a proxy configuration file.');
    }
  };
  return (
    <Container header={<Header variant="h2">Proxy configuration</Header>}>
      <SpaceBetween size="m">
        <OneFile
          label="Proxy configuration file – optional"
          description="A JSON file with the proxy URI path and the proxy credential, which some proxies make."
          button="Upload configuration file"
          problem={problem}
          onRead={read}
        />
        <FormField
          label="Proxy URI path prefix – optional"
          constraintText={`The proxy URI path is ${pathOf(draft)}`}
          errorText={problems.path}
        >
          <Input value={draft.prefix} onChange={({ detail }) => edit({ prefix: detail.value })} />
        </FormField>
        <FormField label="Proxy credential: Access key ID" errorText={problems.accessKeyId}>
          <Input
            value={draft.accessKeyId}
            onChange={({ detail }) => edit({ accessKeyId: detail.value })}
          />
        </FormField>
        <FormField label="Proxy credential: Secret access key" errorText={problems.secret}>
          <Input
            type={shown ? 'text' : 'password'}
            autoComplete={false}
            value={draft.secret}
            onChange={({ detail }) => edit({ secret: detail.value })}
          />
        </FormField>
        <Checkbox checked={shown} onChange={({ detail }) => setShown(detail.checked)}>
          Show secret access key
        </Checkbox>
      </SpaceBetween>
    </Container>
  );
}
