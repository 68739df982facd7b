import type { KeyMetadata } from '@aws-sdk/client-kms';

type Kind = 'success' | 'stopped' | 'pending' | 'warning' | 'error' | 'in-progress' | 'info';

// As AWS's console words them.
const STATES: Record<string, { text: string; kind: Kind }> = {
  Enabled: { text: 'Enabled', kind: 'success' },
  Disabled: { text: 'Disabled', kind: 'stopped' },
  PendingImport: { text: 'Pending import', kind: 'pending' },
  PendingDeletion: { text: 'Pending deletion', kind: 'warning' },
  PendingReplicaDeletion: { text: 'Pending replica deletion', kind: 'warning' },
  Unavailable: { text: 'Unavailable', kind: 'error' },
  Creating: { text: 'Creating', kind: 'in-progress' },
  Updating: { text: 'Updating', kind: 'in-progress' },
};

export function stateWords(state: string | undefined): { text: string; kind: Kind } {
  return STATES[state ?? ''] ?? { text: state ?? '-', kind: 'info' };
}

const ORIGINS: Record<string, string> = {
  AWS_KMS: 'AWS KMS',
  EXTERNAL: 'External (Import Key material)',
  AWS_CLOUDHSM: 'AWS CloudHSM',
  EXTERNAL_KEY_STORE: 'External key store',
};

export function originWords(origin: string | undefined): string {
  return ORIGINS[origin ?? ''] ?? origin ?? '-';
}

const USAGES: Record<string, string> = {
  ENCRYPT_DECRYPT: 'Encrypt and decrypt',
  SIGN_VERIFY: 'Sign and verify',
  GENERATE_VERIFY_MAC: 'Generate and verify MAC',
  KEY_AGREEMENT: 'Key agreement',
  KEY_ENCAPSULATION: 'Key encapsulation',
};

export function usageWords(usage: string | undefined): string {
  return USAGES[usage ?? ''] ?? usage ?? '-';
}

export function isSymmetric(spec: string | undefined): boolean {
  return spec === 'SYMMETRIC_DEFAULT';
}

export function keyTypeWords(spec: string | undefined): string {
  if (spec === undefined) return '-';
  return isSymmetric(spec) || spec.startsWith('HMAC') ? 'Symmetric' : 'Asymmetric';
}

export function regionalityWords(key: KeyMetadata): string {
  if (!key.MultiRegion) return 'Single Region';
  return key.MultiRegionConfiguration?.MultiRegionKeyType === 'REPLICA'
    ? 'Multi-Region replica key'
    : 'Multi-Region primary key';
}

/** A date and time of day, to the minute: Jan 05, 2026, 00:07 UTC. */
export function when(date: Date | undefined): string {
  if (date === undefined || Number.isNaN(date.getTime())) return '-';
  // Not by toLocaleString, which takes 20 milliseconds the first time, and calls the hour after midnight 24.
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${month} ${day}, ${year}, ${time!.slice(0, 5)} UTC`;
}

export function aliasWords(name: string): string {
  return name.replace(/^alias\//, '');
}

/** The message of an error, or nothing: the SDK gives one of its own to an error that came without. */
export function messageOf(error: Error): string {
  return error.message === 'UnknownError' ? '' : error.message;
}

/** Whether an error has a name that says more than that it is one. */
export function isNamed(error: Error): boolean {
  return error.name !== 'Error';
}

/** What AWS KMS says of an error: its name, and its message if it has one. */
export function saidBy(error: Error): string {
  const message = messageOf(error);
  if (!isNamed(error)) return message;
  return message ? `${error.name}: ${message}` : error.name;
}
