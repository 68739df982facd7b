import type { KeyMetadata } from '@aws-sdk/client-kms';

export type TabId =
  | 'policy'
  | 'configuration'
  | 'material'
  | 'rotation'
  | 'tags'
  | 'aliases'
  | 'regionality'
  | 'grants'
  | 'life-cycle'
  | 'why';

/** The parts of a key's page that this key has. */
export function tabsOf(key: KeyMetadata): { id: TabId; label: string }[] {
  const custom = key.CustomKeyStoreId !== undefined;
  const symmetric = key.KeySpec === 'SYMMETRIC_DEFAULT';
  const tabs: [TabId, string, boolean][] = [
    ['policy', 'Key policy', true],
    ['configuration', 'Cryptographic configuration', true],
    ['material', 'Key material', key.Origin === 'EXTERNAL'],
    ['rotation', 'Key rotation', symmetric && !custom],
    ['tags', 'Tags', key.KeyManager !== 'AWS'],
    ['aliases', 'Aliases', true],
    ['regionality', 'Regionality', key.MultiRegion === true],
    ['grants', 'Grants', true],
    ['life-cycle', 'Life cycle', true],
    ['why', 'Who may use it', true],
  ];
  return tabs.filter(([, , has]) => has).map(([id, label]) => ({ id, label }));
}
