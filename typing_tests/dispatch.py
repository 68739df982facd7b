"""
What boto3's stubs say of requests and responses is what goes in and comes out at `dispatch`; checked, not run.
"""

from __future__ import annotations

from typing import Any, assert_type

from types_boto3_kms.client import KMSClient
from types_boto3_kms.type_defs import (
    CancelKeyDeletionRequestTypeDef,
    CancelKeyDeletionResponseTypeDef,
    CreateAliasRequestTypeDef,
    CreateGrantRequestTypeDef,
    CreateGrantResponseTypeDef,
    CreateKeyRequestTypeDef,
    CreateKeyResponseTypeDef,
    DecapsulateRequestTypeDef,
    DecapsulateResponseTypeDef,
    DecryptRequestTypeDef,
    DecryptResponseTypeDef,
    DeleteAliasRequestTypeDef,
    DeleteImportedKeyMaterialRequestTypeDef,
    DeleteImportedKeyMaterialResponseTypeDef,
    DeriveSharedSecretRequestTypeDef,
    DeriveSharedSecretResponseTypeDef,
    DescribeKeyRequestTypeDef,
    DescribeKeyResponseTypeDef,
    DisableKeyRequestTypeDef,
    EmptyResponseMetadataTypeDef,
    EnableKeyRequestTypeDef,
    EncapsulateRequestTypeDef,
    EncapsulateResponseTypeDef,
    EncryptRequestTypeDef,
    EncryptResponseTypeDef,
    GenerateDataKeyPairRequestTypeDef,
    GenerateDataKeyPairResponseTypeDef,
    GenerateDataKeyPairWithoutPlaintextRequestTypeDef,
    GenerateDataKeyPairWithoutPlaintextResponseTypeDef,
    GenerateDataKeyRequestTypeDef,
    GenerateDataKeyResponseTypeDef,
    GenerateDataKeyWithoutPlaintextRequestTypeDef,
    GenerateDataKeyWithoutPlaintextResponseTypeDef,
    GenerateMacRequestTypeDef,
    GenerateMacResponseTypeDef,
    GenerateRandomRequestTypeDef,
    GenerateRandomResponseTypeDef,
    GetKeyPolicyRequestTypeDef,
    GetKeyPolicyResponseTypeDef,
    GetKeyRotationStatusRequestTypeDef,
    GetKeyRotationStatusResponseTypeDef,
    GetParametersForImportRequestTypeDef,
    GetParametersForImportResponseTypeDef,
    GetPublicKeyRequestTypeDef,
    GetPublicKeyResponseTypeDef,
    ImportKeyMaterialRequestTypeDef,
    ImportKeyMaterialResponseTypeDef,
    ListAliasesRequestTypeDef,
    ListAliasesResponseTypeDef,
    ListGrantsRequestTypeDef,
    ListGrantsResponseTypeDef,
    ListKeyPoliciesRequestTypeDef,
    ListKeyPoliciesResponseTypeDef,
    ListKeyRotationsRequestTypeDef,
    ListKeyRotationsResponseTypeDef,
    ListKeysRequestTypeDef,
    ListKeysResponseTypeDef,
    ListResourceTagsRequestTypeDef,
    ListResourceTagsResponseTypeDef,
    ListRetirableGrantsRequestTypeDef,
    PutKeyPolicyRequestTypeDef,
    ReEncryptRequestTypeDef,
    ReEncryptResponseTypeDef,
    RetireGrantRequestTypeDef,
    RevokeGrantRequestTypeDef,
    RotateKeyOnDemandRequestTypeDef,
    RotateKeyOnDemandResponseTypeDef,
    ScheduleKeyDeletionRequestTypeDef,
    ScheduleKeyDeletionResponseTypeDef,
    SignRequestTypeDef,
    SignResponseTypeDef,
    TagResourceRequestTypeDef,
    UntagResourceRequestTypeDef,
    UpdateAliasRequestTypeDef,
    UpdateKeyDescriptionRequestTypeDef,
    VerifyMacRequestTypeDef,
    VerifyMacResponseTypeDef,
    VerifyRequestTypeDef,
    VerifyResponseTypeDef,
)

from kmsmodel import Call, Kms, LocalKms, boto, dispatch

# ---- every operation


def create_key(local: LocalKms, members: CreateKeyRequestTypeDef) -> CreateKeyResponseTypeDef:
    answer: CreateKeyResponseTypeDef = local.dispatch("CreateKey", members)
    return answer


def describe_key(local: LocalKms, members: DescribeKeyRequestTypeDef) -> DescribeKeyResponseTypeDef:
    answer: DescribeKeyResponseTypeDef = local.dispatch("DescribeKey", members)
    return answer


def list_keys(local: LocalKms, members: ListKeysRequestTypeDef) -> ListKeysResponseTypeDef:
    answer: ListKeysResponseTypeDef = local.dispatch("ListKeys", members)
    return answer


def enable_key(local: LocalKms, members: EnableKeyRequestTypeDef) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("EnableKey", members)
    return answer


def disable_key(local: LocalKms, members: DisableKeyRequestTypeDef) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("DisableKey", members)
    return answer


def update_key_description(
    local: LocalKms, members: UpdateKeyDescriptionRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("UpdateKeyDescription", members)
    return answer


def get_parameters_for_import(
    local: LocalKms, members: GetParametersForImportRequestTypeDef
) -> GetParametersForImportResponseTypeDef:
    answer: GetParametersForImportResponseTypeDef = local.dispatch(
        "GetParametersForImport", members
    )
    return answer


def import_key_material(
    local: LocalKms, members: ImportKeyMaterialRequestTypeDef
) -> ImportKeyMaterialResponseTypeDef:
    answer: ImportKeyMaterialResponseTypeDef = local.dispatch("ImportKeyMaterial", members)
    return answer


def delete_imported_key_material(
    local: LocalKms, members: DeleteImportedKeyMaterialRequestTypeDef
) -> DeleteImportedKeyMaterialResponseTypeDef:
    answer: DeleteImportedKeyMaterialResponseTypeDef = local.dispatch(
        "DeleteImportedKeyMaterial", members
    )
    return answer


def rotate_key_on_demand(
    local: LocalKms, members: RotateKeyOnDemandRequestTypeDef
) -> RotateKeyOnDemandResponseTypeDef:
    answer: RotateKeyOnDemandResponseTypeDef = local.dispatch("RotateKeyOnDemand", members)
    return answer


def list_key_rotations(
    local: LocalKms, members: ListKeyRotationsRequestTypeDef
) -> ListKeyRotationsResponseTypeDef:
    answer: ListKeyRotationsResponseTypeDef = local.dispatch("ListKeyRotations", members)
    return answer


def get_key_rotation_status(
    local: LocalKms, members: GetKeyRotationStatusRequestTypeDef
) -> GetKeyRotationStatusResponseTypeDef:
    answer: GetKeyRotationStatusResponseTypeDef = local.dispatch("GetKeyRotationStatus", members)
    return answer


def schedule_key_deletion(
    local: LocalKms, members: ScheduleKeyDeletionRequestTypeDef
) -> ScheduleKeyDeletionResponseTypeDef:
    answer: ScheduleKeyDeletionResponseTypeDef = local.dispatch("ScheduleKeyDeletion", members)
    return answer


def cancel_key_deletion(
    local: LocalKms, members: CancelKeyDeletionRequestTypeDef
) -> CancelKeyDeletionResponseTypeDef:
    answer: CancelKeyDeletionResponseTypeDef = local.dispatch("CancelKeyDeletion", members)
    return answer


def create_alias(
    local: LocalKms, members: CreateAliasRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("CreateAlias", members)
    return answer


def update_alias(
    local: LocalKms, members: UpdateAliasRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("UpdateAlias", members)
    return answer


def delete_alias(
    local: LocalKms, members: DeleteAliasRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("DeleteAlias", members)
    return answer


def list_aliases(local: LocalKms, members: ListAliasesRequestTypeDef) -> ListAliasesResponseTypeDef:
    answer: ListAliasesResponseTypeDef = local.dispatch("ListAliases", members)
    return answer


def tag_resource(
    local: LocalKms, members: TagResourceRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("TagResource", members)
    return answer


def untag_resource(
    local: LocalKms, members: UntagResourceRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("UntagResource", members)
    return answer


def list_resource_tags(
    local: LocalKms, members: ListResourceTagsRequestTypeDef
) -> ListResourceTagsResponseTypeDef:
    answer: ListResourceTagsResponseTypeDef = local.dispatch("ListResourceTags", members)
    return answer


def create_grant(local: LocalKms, members: CreateGrantRequestTypeDef) -> CreateGrantResponseTypeDef:
    answer: CreateGrantResponseTypeDef = local.dispatch("CreateGrant", members)
    return answer


def list_grants(local: LocalKms, members: ListGrantsRequestTypeDef) -> ListGrantsResponseTypeDef:
    answer: ListGrantsResponseTypeDef = local.dispatch("ListGrants", members)
    return answer


def list_retirable_grants(
    local: LocalKms, members: ListRetirableGrantsRequestTypeDef
) -> ListGrantsResponseTypeDef:
    answer: ListGrantsResponseTypeDef = local.dispatch("ListRetirableGrants", members)
    return answer


def retire_grant(
    local: LocalKms, members: RetireGrantRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("RetireGrant", members)
    return answer


def revoke_grant(
    local: LocalKms, members: RevokeGrantRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("RevokeGrant", members)
    return answer


def get_key_policy(
    local: LocalKms, members: GetKeyPolicyRequestTypeDef
) -> GetKeyPolicyResponseTypeDef:
    answer: GetKeyPolicyResponseTypeDef = local.dispatch("GetKeyPolicy", members)
    return answer


def put_key_policy(
    local: LocalKms, members: PutKeyPolicyRequestTypeDef
) -> EmptyResponseMetadataTypeDef:
    answer: EmptyResponseMetadataTypeDef = local.dispatch("PutKeyPolicy", members)
    return answer


def list_key_policies(
    local: LocalKms, members: ListKeyPoliciesRequestTypeDef
) -> ListKeyPoliciesResponseTypeDef:
    answer: ListKeyPoliciesResponseTypeDef = local.dispatch("ListKeyPolicies", members)
    return answer


def encrypt(local: LocalKms, members: EncryptRequestTypeDef) -> EncryptResponseTypeDef:
    answer: EncryptResponseTypeDef = local.dispatch("Encrypt", members)
    return answer


def decrypt(local: LocalKms, members: DecryptRequestTypeDef) -> DecryptResponseTypeDef:
    answer: DecryptResponseTypeDef = local.dispatch("Decrypt", members)
    return answer


def re_encrypt(local: LocalKms, members: ReEncryptRequestTypeDef) -> ReEncryptResponseTypeDef:
    answer: ReEncryptResponseTypeDef = local.dispatch("ReEncrypt", members)
    return answer


def generate_data_key(
    local: LocalKms, members: GenerateDataKeyRequestTypeDef
) -> GenerateDataKeyResponseTypeDef:
    answer: GenerateDataKeyResponseTypeDef = local.dispatch("GenerateDataKey", members)
    return answer


def generate_data_key_without_plaintext(
    local: LocalKms, members: GenerateDataKeyWithoutPlaintextRequestTypeDef
) -> GenerateDataKeyWithoutPlaintextResponseTypeDef:
    answer: GenerateDataKeyWithoutPlaintextResponseTypeDef = local.dispatch(
        "GenerateDataKeyWithoutPlaintext", members
    )
    return answer


def generate_data_key_pair(
    local: LocalKms, members: GenerateDataKeyPairRequestTypeDef
) -> GenerateDataKeyPairResponseTypeDef:
    answer: GenerateDataKeyPairResponseTypeDef = local.dispatch("GenerateDataKeyPair", members)
    return answer


def generate_data_key_pair_without_plaintext(
    local: LocalKms, members: GenerateDataKeyPairWithoutPlaintextRequestTypeDef
) -> GenerateDataKeyPairWithoutPlaintextResponseTypeDef:
    answer: GenerateDataKeyPairWithoutPlaintextResponseTypeDef = local.dispatch(
        "GenerateDataKeyPairWithoutPlaintext", members
    )
    return answer


def generate_random(
    local: LocalKms, members: GenerateRandomRequestTypeDef
) -> GenerateRandomResponseTypeDef:
    answer: GenerateRandomResponseTypeDef = local.dispatch("GenerateRandom", members)
    return answer


def get_public_key(
    local: LocalKms, members: GetPublicKeyRequestTypeDef
) -> GetPublicKeyResponseTypeDef:
    answer: GetPublicKeyResponseTypeDef = local.dispatch("GetPublicKey", members)
    return answer


def sign(local: LocalKms, members: SignRequestTypeDef) -> SignResponseTypeDef:
    answer: SignResponseTypeDef = local.dispatch("Sign", members)
    return answer


def verify(local: LocalKms, members: VerifyRequestTypeDef) -> VerifyResponseTypeDef:
    answer: VerifyResponseTypeDef = local.dispatch("Verify", members)
    return answer


def derive_shared_secret(
    local: LocalKms, members: DeriveSharedSecretRequestTypeDef
) -> DeriveSharedSecretResponseTypeDef:
    answer: DeriveSharedSecretResponseTypeDef = local.dispatch("DeriveSharedSecret", members)
    return answer


def generate_mac(local: LocalKms, members: GenerateMacRequestTypeDef) -> GenerateMacResponseTypeDef:
    answer: GenerateMacResponseTypeDef = local.dispatch("GenerateMac", members)
    return answer


def verify_mac(local: LocalKms, members: VerifyMacRequestTypeDef) -> VerifyMacResponseTypeDef:
    answer: VerifyMacResponseTypeDef = local.dispatch("VerifyMac", members)
    return answer


def encapsulate(local: LocalKms, members: EncapsulateRequestTypeDef) -> EncapsulateResponseTypeDef:
    answer: EncapsulateResponseTypeDef = local.dispatch("Encapsulate", members)
    return answer


def decapsulate(local: LocalKms, members: DecapsulateRequestTypeDef) -> DecapsulateResponseTypeDef:
    answer: DecapsulateResponseTypeDef = local.dispatch("Decapsulate", members)
    return answer


# ---- as a function, and for hosts with types of their own


def a_function_gives_the_next_state_too(
    kms: Kms, members: EncryptRequestTypeDef, call: Call
) -> EncryptResponseTypeDef:
    after, answer = dispatch(kms, "Encrypt", members, call)
    assert_type(after, Kms)
    encrypted: EncryptResponseTypeDef = answer
    return encrypted


def members_may_be_any_mapping_of_names(
    local: LocalKms, operation: str, members: dict[str, Any]
) -> None:
    answer = local.dispatch(operation, members)
    assert_type(answer, Any)
    _plain: dict[str, object] = answer


def members_go_by_names(local: LocalKms) -> None:
    local.dispatch("Encrypt", ["KeyId"])  # type: ignore[arg-type]
    local.dispatch("Encrypt", {1: "k"})  # type: ignore[dict-item]
    local.dispatch("Encrypt")  # type: ignore[call-arg]


# ---- boto3's client


def a_client_is_boto3s(local: LocalKms) -> None:
    assert_type(boto.client(local), KMSClient)
    assert_type(
        boto.client(local, "eu-central-1").encrypt(KeyId="k", Plaintext=b"p"),
        EncryptResponseTypeDef,
    )
