import { saidBy } from '../words.ts';

/** What is asked in the forms of custom key stores. */
export type Field =
  | 'name'
  | 'cluster'
  | 'certificate'
  | 'password'
  | 'connectivity'
  | 'service'
  | 'owner'
  | 'endpoint'
  | 'path'
  | 'accessKeyId'
  | 'secret';

/** What is wrong with each field, in the words of AWS KMS, and an error that is about none of them. */
export interface Refusal {
  fields: Partial<Record<Field, string>>;
  rest: Error | undefined;
}

const ABOUT: Record<string, Field> = {
  CustomKeyStoreNameInUseException: 'name',
  CloudHsmClusterNotFoundException: 'cluster',
  CloudHsmClusterNotActiveException: 'cluster',
  CloudHsmClusterInUseException: 'cluster',
  CloudHsmClusterNotRelatedException: 'cluster',
  CloudHsmClusterInvalidConfigurationException: 'cluster',
  IncorrectTrustAnchorException: 'certificate',
  XksProxyUriInUseException: 'path',
  XksProxyUriEndpointInUseException: 'endpoint',
  XksProxyUriUnreachableException: 'endpoint',
  XksProxyInvalidResponseException: 'endpoint',
  XksProxyInvalidConfigurationException: 'path',
  XksProxyIncorrectAuthenticationCredentialException: 'accessKeyId',
  XksProxyVpcEndpointServiceInUseException: 'service',
  XksProxyVpcEndpointServiceNotFoundException: 'service',
  XksProxyVpcEndpointServiceInvalidConfigurationException: 'service',
};

const MEMBERS: Record<string, Field> = {
  customKeyStoreName: 'name',
  newCustomKeyStoreName: 'name',
  cloudHsmClusterId: 'cluster',
  trustAnchorCertificate: 'certificate',
  keyStorePassword: 'password',
  xksProxyConnectivity: 'connectivity',
  xksProxyVpcEndpointServiceName: 'service',
  xksProxyVpcEndpointServiceOwner: 'owner',
  xksProxyUriEndpoint: 'endpoint',
  xksProxyUriPath: 'path',
  'xksProxyAuthenticationCredential.accessKeyId': 'accessKeyId',
  'xksProxyAuthenticationCredential.rawSecretAccessKey': 'secret',
};

const DETECTED = /^\d+ validation errors? detected: /;

/** The violations of a request, each beside its field; undefined, if one of them is about no field. */
function violations(message: string): Partial<Record<Field, string>> | undefined {
  if (!DETECTED.test(message)) return undefined;
  const fields: Partial<Record<Field, string>> = {};
  for (const text of message.replace(DETECTED, '').split(/; (?=Value )/)) {
    const field = MEMBERS[/ at '([^']+)' failed/.exec(text)?.[1] ?? ''];
    if (field === undefined) return undefined;
    fields[field] ??= text;
  }
  return fields;
}

/** Where in the form an error of AWS KMS belongs. */
export function refusal(error: Error | undefined): Refusal {
  if (error === undefined) return { fields: {}, rest: undefined };
  const field = ABOUT[error.name];
  if (field) return { fields: { [field]: saidBy(error) }, rest: undefined };
  const fields = violations(error.message);
  return fields ? { fields, rest: undefined } : { fields: {}, rest: error };
}
