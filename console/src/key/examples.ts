import type { KeyMetadata } from '@aws-sdk/client-kms';

type Members = Record<string, unknown>;

const TEXT = 'a21zbW9kZWw=';

const key = ({ KeyId }: KeyMetadata): Members => ({ KeyId });
const policy = (metadata: KeyMetadata): Members => ({ ...key(metadata), PolicyName: 'default' });

/** A request of each operation that can be asked about, as AWS JSON. None of them is sent. */
export const EXAMPLES: Record<string, (metadata: KeyMetadata) => Members> = {
  Encrypt: (metadata) => ({
    ...key(metadata),
    Plaintext: TEXT,
    EncryptionAlgorithm: metadata.EncryptionAlgorithms?.[0],
  }),
  GenerateDataKey: (metadata) => ({ ...key(metadata), KeySpec: 'AES_256' }),
  Sign: (metadata) => ({
    ...key(metadata),
    Message: TEXT,
    SigningAlgorithm: metadata.SigningAlgorithms?.[0],
  }),
  Verify: (metadata) => ({
    ...key(metadata),
    Message: TEXT,
    Signature: TEXT,
    SigningAlgorithm: metadata.SigningAlgorithms?.[0],
  }),
  GenerateMac: (metadata) => ({
    ...key(metadata),
    Message: TEXT,
    MacAlgorithm: metadata.MacAlgorithms?.[0],
  }),
  VerifyMac: (metadata) => ({
    ...key(metadata),
    Message: TEXT,
    Mac: TEXT,
    MacAlgorithm: metadata.MacAlgorithms?.[0],
  }),
  GetPublicKey: key,
  DescribeKey: key,
  GetKeyPolicy: policy,
  PutKeyPolicy: (metadata) => ({ ...policy(metadata), Policy: '{}' }),
  EnableKey: key,
  DisableKey: key,
  ScheduleKeyDeletion: key,
  CancelKeyDeletion: key,
  GetParametersForImport: (metadata) => ({
    ...key(metadata),
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_2048',
  }),
  ImportKeyMaterial: (metadata) => ({
    ...key(metadata),
    ImportToken: TEXT,
    EncryptedKeyMaterial: TEXT,
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  }),
  DeleteImportedKeyMaterial: key,
  EnableKeyRotation: key,
  DisableKeyRotation: key,
  RotateKeyOnDemand: key,
  ReplicateKey: (metadata) => ({ ...key(metadata), ReplicaRegion: 'eu-west-1' }),
  UpdatePrimaryRegion: (metadata) => ({ ...key(metadata), PrimaryRegion: 'eu-west-1' }),
  CreateGrant: (metadata) => ({
    ...key(metadata),
    GranteePrincipal: `arn:aws:iam::${metadata.AWSAccountId}:root`,
    Operations: ['DescribeKey'],
  }),
  ListGrants: key,
  TagResource: (metadata) => ({
    ...key(metadata),
    Tags: [{ TagKey: 'key', TagValue: 'value' }],
  }),
  UntagResource: (metadata) => ({ ...key(metadata), TagKeys: ['key'] }),
  ListResourceTags: key,
  UpdateKeyDescription: (metadata) => ({ ...key(metadata), Description: '' }),
};

const BY_ORIGIN = ['GetParametersForImport', 'ImportKeyMaterial', 'DeleteImportedKeyMaterial'];
const ROTATIONS = ['EnableKeyRotation', 'DisableKeyRotation', 'RotateKeyOnDemand'];
const RELATIVES = ['ReplicateKey', 'UpdatePrimaryRegion'];

/** The operations that such a key is made for, and those that manage it. */
export function examplesFor(metadata: KeyMetadata): string[] {
  const symmetric = metadata.KeySpec === 'SYMMETRIC_DEFAULT';
  const wrong = new Set([
    ...(metadata.EncryptionAlgorithms ? [] : ['Encrypt']),
    ...(symmetric ? [] : ['GenerateDataKey', ...ROTATIONS]),
    ...(metadata.SigningAlgorithms ? [] : ['Sign', 'Verify']),
    ...(metadata.MacAlgorithms ? [] : ['GenerateMac', 'VerifyMac']),
    ...(symmetric || metadata.MacAlgorithms ? ['GetPublicKey'] : []),
    ...(metadata.Origin === 'EXTERNAL' ? [] : BY_ORIGIN),
    ...(metadata.MultiRegion ? [] : RELATIVES),
  ]);
  return Object.keys(EXAMPLES).filter((name) => !wrong.has(name));
}
