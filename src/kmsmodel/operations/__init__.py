"""
The operations of AWS KMS, by chapter: the table of contents.

Each entry pairs a request with the function that answers it. The chapters are titles of the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kmsmodel.operations import (
    aliases,
    asymmetric_keys,
    data_keys,
    deletion,
    encryption,
    hmac_keys,
    importing,
    key_encapsulation,
    key_policies,
    keys,
    rotation,
    tags,
)
from kmsmodel.request import Request

OPERATIONS: Mapping[type[Request[Any]], Callable[..., Any]] = {
    # Keys
    keys.CreateKeyRequest: keys.create_key,
    keys.DescribeKeyRequest: keys.describe_key,
    keys.ListKeysRequest: keys.list_keys,
    keys.EnableKeyRequest: keys.enable_key,
    keys.DisableKeyRequest: keys.disable_key,
    keys.UpdateKeyDescriptionRequest: keys.update_key_description,
    # Importing key material
    importing.GetParametersForImportRequest: importing.get_parameters_for_import,
    importing.ImportKeyMaterialRequest: importing.import_key_material,
    importing.DeleteImportedKeyMaterialRequest: importing.delete_imported_key_material,
    # Rotation
    rotation.EnableKeyRotationRequest: rotation.enable_key_rotation,
    rotation.DisableKeyRotationRequest: rotation.disable_key_rotation,
    rotation.RotateKeyOnDemandRequest: rotation.rotate_key_on_demand,
    rotation.ListKeyRotationsRequest: rotation.list_key_rotations,
    rotation.GetKeyRotationStatusRequest: rotation.get_key_rotation_status,
    # Deletion
    deletion.ScheduleKeyDeletionRequest: deletion.schedule_key_deletion,
    deletion.CancelKeyDeletionRequest: deletion.cancel_key_deletion,
    # Aliases
    aliases.CreateAliasRequest: aliases.create_alias,
    aliases.UpdateAliasRequest: aliases.update_alias,
    aliases.DeleteAliasRequest: aliases.delete_alias,
    aliases.ListAliasesRequest: aliases.list_aliases,
    # Tags
    tags.TagResourceRequest: tags.tag_resource,
    tags.UntagResourceRequest: tags.untag_resource,
    tags.ListResourceTagsRequest: tags.list_resource_tags,
    # Key policies
    key_policies.GetKeyPolicyRequest: key_policies.get_key_policy,
    key_policies.PutKeyPolicyRequest: key_policies.put_key_policy,
    key_policies.ListKeyPoliciesRequest: key_policies.list_key_policies,
    # Encryption
    encryption.EncryptRequest: encryption.encrypt,
    encryption.DecryptRequest: encryption.decrypt,
    encryption.ReEncryptRequest: encryption.re_encrypt,
    # Data keys
    data_keys.GenerateDataKeyRequest: data_keys.generate_data_key,
    data_keys.GenerateDataKeyWithoutPlaintextRequest: data_keys.generate_data_key_without_plaintext,
    data_keys.GenerateDataKeyPairRequest: data_keys.generate_data_key_pair,
    data_keys.GenerateDataKeyPairWithoutPlaintextRequest: (
        data_keys.generate_data_key_pair_without_plaintext
    ),
    data_keys.GenerateRandomRequest: data_keys.generate_random,
    # Asymmetric keys
    asymmetric_keys.GetPublicKeyRequest: asymmetric_keys.get_public_key,
    asymmetric_keys.SignRequest: asymmetric_keys.sign,
    asymmetric_keys.VerifyRequest: asymmetric_keys.verify,
    asymmetric_keys.DeriveSharedSecretRequest: asymmetric_keys.derive_shared_secret,
    # HMAC keys
    hmac_keys.GenerateMacRequest: hmac_keys.generate_mac,
    hmac_keys.VerifyMacRequest: hmac_keys.verify_mac,
    # Key encapsulation
    key_encapsulation.EncapsulateRequest: key_encapsulation.encapsulate,
    key_encapsulation.DecapsulateRequest: key_encapsulation.decapsulate,
}
