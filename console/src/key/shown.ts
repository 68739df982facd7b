import type { AliasListEntry, KeyMetadata } from '@aws-sdk/client-kms';

/** What all parts of a key's page are about. */
export interface Shown {
  metadata: KeyMetadata;
  aliases: AliasListEntry[];
}
