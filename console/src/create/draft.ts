import type { CreateDraft } from '../server.ts';

/** What the wizard begins with. */
export const FIRST_DRAFT: CreateDraft = {
  alias: '',
  description: '',
  key_type: 'SYMMETRIC',
  key_usage: 'ENCRYPT_DECRYPT',
  key_spec: 'SYMMETRIC_DEFAULT',
  origin: 'AWS_KMS',
  acknowledged: false,
  multi_region: false,
  custom_key_store_id: '',
  xks_key_id: '',
  tags: [],
  administrators: [],
  administrators_may_delete: true,
  users: [],
  other_accounts: [],
  policy: null,
};
