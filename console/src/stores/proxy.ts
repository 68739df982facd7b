import type { Request } from '../kms/operations.ts';
import type { Store } from './words.tsx';

/** What is asked of an external key store. */
export interface ProxyDraft {
  name: string;
  connectivity: 'PUBLIC_ENDPOINT' | 'VPC_ENDPOINT_SERVICE';
  crossAccount: boolean;
  owner: string;
  service: string;
  endpoint: string;
  /** What stands before `/kms/xks/v1` in the path, if anything. */
  prefix: string;
  accessKeyId: string;
  secret: string;
}

export const EMPTY: ProxyDraft = {
  name: '',
  connectivity: 'PUBLIC_ENDPOINT',
  crossAccount: false,
  owner: '',
  service: '',
  endpoint: '',
  prefix: '',
  accessKeyId: '',
  secret: '',
};

const REQUIRED = '/kms/xks/v1';

export function pathOf({ prefix }: ProxyDraft): string {
  const inner = prefix.trim().replace(/^\/+|\/+$/g, '');
  return inner ? `/${inner}${REQUIRED}` : REQUIRED;
}

function prefixOf(path: string): string {
  return path.endsWith(REQUIRED) ? path.slice(1, -REQUIRED.length) : path;
}

/** What an external key store of this account has now; its secret access key is told to nobody. */
export function draftOf(store: Store, account: string): ProxyDraft {
  const proxy = store.XksProxyConfiguration ?? {};
  const owner = proxy.VpcEndpointServiceOwner ?? account;
  return {
    name: store.CustomKeyStoreName ?? '',
    connectivity: proxy.Connectivity ?? 'PUBLIC_ENDPOINT',
    crossAccount: owner !== account,
    owner: owner === account ? '' : owner,
    service: proxy.VpcEndpointServiceName ?? '',
    endpoint: proxy.UriEndpoint ?? '',
    prefix: prefixOf(proxy.UriPath ?? REQUIRED),
    accessKeyId: proxy.AccessKeyId ?? '',
    secret: '',
  };
}

interface ProxyConfiguration {
  XksProxyUriPath?: unknown;
  XksProxyAuthenticationCredential?: { AccessKeyId?: unknown; RawSecretAccessKey?: unknown };
}

/** What a proxy configuration file says. Throws an error for a file that is none. */
export function readConfiguration(text: string): Partial<ProxyDraft> {
  const said = JSON.parse(text) as ProxyConfiguration | null;
  const { AccessKeyId, RawSecretAccessKey } = said?.XksProxyAuthenticationCredential ?? {};
  const path = said?.XksProxyUriPath;
  const texts = [path, AccessKeyId, RawSecretAccessKey];
  if (texts.some((one) => one !== undefined && typeof one !== 'string')) throw new TypeError();
  if (texts.every((one) => one === undefined)) throw new TypeError();
  return {
    ...(path !== undefined && { prefix: prefixOf(path as string) }),
    ...(AccessKeyId !== undefined && { accessKeyId: AccessKeyId as string }),
    ...(RawSecretAccessKey !== undefined && { secret: RawSecretAccessKey as string }),
  };
}

const isInVpc = ({ connectivity }: ProxyDraft) => connectivity === 'VPC_ENDPOINT_SERVICE';

function credential({ accessKeyId, secret }: ProxyDraft) {
  return { AccessKeyId: accessKeyId, RawSecretAccessKey: secret };
}

export function creation(draft: ProxyDraft): Request {
  return {
    operation: 'CreateCustomKeyStore',
    input: {
      CustomKeyStoreName: draft.name,
      CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
      XksProxyConnectivity: draft.connectivity,
      ...(isInVpc(draft) && { XksProxyVpcEndpointServiceName: draft.service }),
      ...(isInVpc(draft) && draft.crossAccount && { XksProxyVpcEndpointServiceOwner: draft.owner }),
      XksProxyUriEndpoint: draft.endpoint,
      XksProxyUriPath: pathOf(draft),
      XksProxyAuthenticationCredential: credential(draft),
    },
  };
}

/** The request that changes what is another now; undefined, if nothing is. */
export function update(store: Store, draft: ProxyDraft, account: string): Request | undefined {
  const old = draftOf(store, account);
  const ownerOf = (one: ProxyDraft) => (one.crossAccount ? one.owner : account);
  const moves = draft.connectivity !== old.connectivity;
  const rekeyed = draft.secret !== '' || draft.accessKeyId !== old.accessKeyId;
  const changed = {
    ...(draft.name !== old.name && { NewCustomKeyStoreName: draft.name }),
    ...(moves && { XksProxyConnectivity: draft.connectivity }),
    ...(isInVpc(draft) &&
      (moves || draft.service !== old.service) && {
        XksProxyVpcEndpointServiceName: draft.service,
      }),
    ...(isInVpc(draft) &&
      ownerOf(draft) !== ownerOf(old) && { XksProxyVpcEndpointServiceOwner: ownerOf(draft) }),
    ...((moves || draft.endpoint !== old.endpoint) && { XksProxyUriEndpoint: draft.endpoint }),
    ...(pathOf(draft) !== pathOf(old) && { XksProxyUriPath: pathOf(draft) }),
    ...(rekeyed && { XksProxyAuthenticationCredential: credential(draft) }),
  };
  if (Object.keys(changed).length === 0) return undefined;
  const input = { CustomKeyStoreId: store.CustomKeyStoreId, ...changed };
  return { operation: 'UpdateCustomKeyStore', input };
}
