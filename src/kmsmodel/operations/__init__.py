"""
The operations of AWS KMS, by chapter: the table of contents.

Each entry pairs a request with the function that answers it, and type checkers see that the two belong together. The
chapters are titles of the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.memory.kms import Kms
from kmsmodel.operations import (
    aliases,
    asymmetric_keys,
    custom_key_store_updates,
    custom_key_stores,
    data_keys,
    deletion,
    encryption,
    grant_deletion,
    grant_lists,
    grants,
    hmac_keys,
    importing,
    key_encapsulation,
    key_policies,
    keys,
    last_usage,
    multi_region_keys,
    rotation,
    tags,
)

RequestT = TypeVar("RequestT", bound=Request[Any])

Operation: TypeAlias = Callable[[Kms, Any, Call], tuple[Kms, Any]]
"""A function that answers a request: from a state, a request and a call to the next state and a response."""


def _answered(
    request: type[RequestT], by: Callable[[Kms, RequestT, Call], tuple[Kms, object]]
) -> tuple[type[Request[Any]], Operation]:
    return request, by


OPERATIONS: Mapping[type[Request[Any]], Operation] = dict(
    (
        # Keys
        _answered(keys.CreateKeyRequest, by=keys.create_key),
        _answered(keys.DescribeKeyRequest, by=keys.describe_key),
        _answered(keys.ListKeysRequest, by=keys.list_keys),
        _answered(keys.EnableKeyRequest, by=keys.enable_key),
        _answered(keys.DisableKeyRequest, by=keys.disable_key),
        _answered(keys.UpdateKeyDescriptionRequest, by=keys.update_key_description),
        _answered(last_usage.GetKeyLastUsageRequest, by=last_usage.get_key_last_usage),
        # Importing key material
        _answered(importing.GetParametersForImportRequest, by=importing.get_parameters_for_import),
        _answered(importing.ImportKeyMaterialRequest, by=importing.import_key_material),
        _answered(
            importing.DeleteImportedKeyMaterialRequest, by=importing.delete_imported_key_material
        ),
        # Rotation
        _answered(rotation.EnableKeyRotationRequest, by=rotation.enable_key_rotation),
        _answered(rotation.DisableKeyRotationRequest, by=rotation.disable_key_rotation),
        _answered(rotation.RotateKeyOnDemandRequest, by=rotation.rotate_key_on_demand),
        _answered(rotation.ListKeyRotationsRequest, by=rotation.list_key_rotations),
        _answered(rotation.GetKeyRotationStatusRequest, by=rotation.get_key_rotation_status),
        # Multi-Region keys
        _answered(multi_region_keys.ReplicateKeyRequest, by=multi_region_keys.replicate_key),
        _answered(
            multi_region_keys.UpdatePrimaryRegionRequest,
            by=multi_region_keys.update_primary_region,
        ),
        # Deletion
        _answered(deletion.ScheduleKeyDeletionRequest, by=deletion.schedule_key_deletion),
        _answered(deletion.CancelKeyDeletionRequest, by=deletion.cancel_key_deletion),
        # Aliases
        _answered(aliases.CreateAliasRequest, by=aliases.create_alias),
        _answered(aliases.UpdateAliasRequest, by=aliases.update_alias),
        _answered(aliases.DeleteAliasRequest, by=aliases.delete_alias),
        _answered(aliases.ListAliasesRequest, by=aliases.list_aliases),
        # Tags
        _answered(tags.TagResourceRequest, by=tags.tag_resource),
        _answered(tags.UntagResourceRequest, by=tags.untag_resource),
        _answered(tags.ListResourceTagsRequest, by=tags.list_resource_tags),
        # Key policies
        _answered(key_policies.GetKeyPolicyRequest, by=key_policies.get_key_policy),
        _answered(key_policies.PutKeyPolicyRequest, by=key_policies.put_key_policy),
        _answered(key_policies.ListKeyPoliciesRequest, by=key_policies.list_key_policies),
        # Grants
        _answered(grants.CreateGrantRequest, by=grants.create_grant),
        _answered(grant_lists.ListGrantsRequest, by=grant_lists.list_grants),
        _answered(grant_lists.ListRetirableGrantsRequest, by=grant_lists.list_retirable_grants),
        _answered(grant_deletion.RetireGrantRequest, by=grant_deletion.retire_grant),
        _answered(grant_deletion.RevokeGrantRequest, by=grant_deletion.revoke_grant),
        # Encryption
        _answered(encryption.EncryptRequest, by=encryption.encrypt),
        _answered(encryption.DecryptRequest, by=encryption.decrypt),
        _answered(encryption.ReEncryptRequest, by=encryption.re_encrypt),
        # Data keys
        _answered(data_keys.GenerateDataKeyRequest, by=data_keys.generate_data_key),
        _answered(
            data_keys.GenerateDataKeyWithoutPlaintextRequest,
            by=data_keys.generate_data_key_without_plaintext,
        ),
        _answered(data_keys.GenerateDataKeyPairRequest, by=data_keys.generate_data_key_pair),
        _answered(
            data_keys.GenerateDataKeyPairWithoutPlaintextRequest,
            by=data_keys.generate_data_key_pair_without_plaintext,
        ),
        _answered(data_keys.GenerateRandomRequest, by=data_keys.generate_random),
        # Asymmetric keys
        _answered(asymmetric_keys.GetPublicKeyRequest, by=asymmetric_keys.get_public_key),
        _answered(asymmetric_keys.SignRequest, by=asymmetric_keys.sign),
        _answered(asymmetric_keys.VerifyRequest, by=asymmetric_keys.verify),
        _answered(
            asymmetric_keys.DeriveSharedSecretRequest, by=asymmetric_keys.derive_shared_secret
        ),
        # HMAC keys
        _answered(hmac_keys.GenerateMacRequest, by=hmac_keys.generate_mac),
        _answered(hmac_keys.VerifyMacRequest, by=hmac_keys.verify_mac),
        # Key encapsulation
        _answered(key_encapsulation.EncapsulateRequest, by=key_encapsulation.encapsulate),
        _answered(key_encapsulation.DecapsulateRequest, by=key_encapsulation.decapsulate),
        # Custom key stores
        _answered(
            custom_key_stores.CreateCustomKeyStoreRequest,
            by=custom_key_stores.create_custom_key_store,
        ),
        _answered(
            custom_key_stores.DescribeCustomKeyStoresRequest,
            by=custom_key_stores.describe_custom_key_stores,
        ),
        _answered(
            custom_key_stores.ConnectCustomKeyStoreRequest,
            by=custom_key_stores.connect_custom_key_store,
        ),
        _answered(
            custom_key_stores.DisconnectCustomKeyStoreRequest,
            by=custom_key_stores.disconnect_custom_key_store,
        ),
        _answered(
            custom_key_store_updates.UpdateCustomKeyStoreRequest,
            by=custom_key_store_updates.update_custom_key_store,
        ),
        _answered(
            custom_key_stores.DeleteCustomKeyStoreRequest,
            by=custom_key_stores.delete_custom_key_store,
        ),
    )
)
"""The operations, by their requests."""
