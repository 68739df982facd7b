import * as sdk from '@aws-sdk/client-kms';

/** What the console asks AWS KMS, by the name of the operation. */
export const COMMANDS = {
  CancelKeyDeletion: sdk.CancelKeyDeletionCommand,
  ConnectCustomKeyStore: sdk.ConnectCustomKeyStoreCommand,
  CreateAlias: sdk.CreateAliasCommand,
  CreateCustomKeyStore: sdk.CreateCustomKeyStoreCommand,
  CreateGrant: sdk.CreateGrantCommand,
  CreateKey: sdk.CreateKeyCommand,
  DeleteAlias: sdk.DeleteAliasCommand,
  DeleteCustomKeyStore: sdk.DeleteCustomKeyStoreCommand,
  DeleteImportedKeyMaterial: sdk.DeleteImportedKeyMaterialCommand,
  DescribeCustomKeyStores: sdk.DescribeCustomKeyStoresCommand,
  DescribeKey: sdk.DescribeKeyCommand,
  DisableKey: sdk.DisableKeyCommand,
  DisableKeyRotation: sdk.DisableKeyRotationCommand,
  DisconnectCustomKeyStore: sdk.DisconnectCustomKeyStoreCommand,
  EnableKey: sdk.EnableKeyCommand,
  EnableKeyRotation: sdk.EnableKeyRotationCommand,
  GetKeyPolicy: sdk.GetKeyPolicyCommand,
  GetKeyRotationStatus: sdk.GetKeyRotationStatusCommand,
  GetParametersForImport: sdk.GetParametersForImportCommand,
  GetPublicKey: sdk.GetPublicKeyCommand,
  ImportKeyMaterial: sdk.ImportKeyMaterialCommand,
  ListAliases: sdk.ListAliasesCommand,
  ListGrants: sdk.ListGrantsCommand,
  ListKeyRotations: sdk.ListKeyRotationsCommand,
  ListKeys: sdk.ListKeysCommand,
  ListResourceTags: sdk.ListResourceTagsCommand,
  PutKeyPolicy: sdk.PutKeyPolicyCommand,
  ReplicateKey: sdk.ReplicateKeyCommand,
  RevokeGrant: sdk.RevokeGrantCommand,
  RotateKeyOnDemand: sdk.RotateKeyOnDemandCommand,
  ScheduleKeyDeletion: sdk.ScheduleKeyDeletionCommand,
  TagResource: sdk.TagResourceCommand,
  UntagResource: sdk.UntagResourceCommand,
  UpdateCustomKeyStore: sdk.UpdateCustomKeyStoreCommand,
  UpdateKeyDescription: sdk.UpdateKeyDescriptionCommand,
  UpdatePrimaryRegion: sdk.UpdatePrimaryRegionCommand,
} as const;

type Commands = typeof COMMANDS;
export type Operation = keyof Commands;
export type Input<Name extends Operation> = ConstructorParameters<Commands[Name]>[0];
export type Output<Name extends Operation> =
  InstanceType<Commands[Name]> extends sdk.$Command<infer _In, infer Out, infer _Config>
    ? Out
    : never;

/** One request to AWS KMS, as a value. */
export interface Request<Name extends Operation = Operation> {
  operation: Name;
  input: Input<Name>;
}
