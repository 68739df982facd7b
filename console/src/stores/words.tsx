import type { CustomKeyStoresListEntry } from '@aws-sdk/client-kms';
import StatusIndicator from '@cloudscape-design/components/status-indicator';

export type Store = CustomKeyStoresListEntry;

/** The two types of custom key stores, by the part of the address that names their list. */
export type Kind = 'cloudhsm' | 'external';

interface Words {
  type: string;
  origin: string;
  title: string;
  one: string;
  create: string;
}

export const KINDS: Record<Kind, Words> = {
  cloudhsm: {
    type: 'AWS_CLOUDHSM',
    origin: 'AWS_CLOUDHSM',
    title: 'AWS CloudHSM key stores',
    one: 'AWS CloudHSM key store',
    create: 'Create key store',
  },
  external: {
    type: 'EXTERNAL_KEY_STORE',
    origin: 'EXTERNAL_KEY_STORE',
    title: 'External key stores',
    one: 'External key store',
    create: 'Create external key store',
  },
};

export function kindOf(store: Store): Kind {
  return store.CustomKeyStoreType === 'EXTERNAL_KEY_STORE' ? 'external' : 'cloudhsm';
}

const STATES = {
  CONNECTED: ['success', 'Connected'],
  CONNECTING: ['in-progress', 'Connecting'],
  DISCONNECTED: ['stopped', 'Disconnected'],
  DISCONNECTING: ['in-progress', 'Disconnecting'],
  FAILED: ['error', 'Failed'],
} as const;

/** The connection state, and why a connection has failed. */
export function ConnectionState({ store }: { store: Store }) {
  const [type, text] = STATES[store.ConnectionState ?? 'DISCONNECTED'];
  const why = store.ConnectionErrorCode ? `: ${store.ConnectionErrorCode}` : '';
  return <StatusIndicator type={type}>{text + why}</StatusIndicator>;
}

const CONNECTIVITIES: Record<string, string> = {
  PUBLIC_ENDPOINT: 'Public endpoint',
  VPC_ENDPOINT_SERVICE: 'VPC endpoint service',
};

export function connectivityWords(connectivity: string | undefined): string {
  return CONNECTIVITIES[connectivity ?? ''] ?? connectivity ?? '-';
}
