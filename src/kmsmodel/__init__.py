"""
An executable model of AWS KMS, as a typed Python library.

    kms, response = handle(kms, request, call)

Everything public can be imported from here, and is loaded when it is first used; so are the modules that
others need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmsmodel import alias as alias
    from kmsmodel import arn as arn
    from kmsmodel import asgi as asgi
    from kmsmodel import automatic_rotation as automatic_rotation
    from kmsmodel import boto as boto
    from kmsmodel import call as call
    from kmsmodel import errors as errors
    from kmsmodel import hsm as hsm
    from kmsmodel import key as key
    from kmsmodel import key_material as key_material
    from kmsmodel import key_spec as key_spec
    from kmsmodel import key_state as key_state
    from kmsmodel import kms as kms
    from kmsmodel import lifecycle as lifecycle
    from kmsmodel import local as local
    from kmsmodel import operations as operations
    from kmsmodel import recipient as recipient
    from kmsmodel import records as records
    from kmsmodel import request as request
    from kmsmodel import seeded_hsm as seeded_hsm
    from kmsmodel import server as server
    from kmsmodel import service as service
    from kmsmodel import shapes as shapes
    from kmsmodel import software_hsm as software_hsm
    from kmsmodel import structures as structures
    from kmsmodel import tag as tag
    from kmsmodel import wire as wire
    from kmsmodel import wrapping as wrapping
    from kmsmodel.automatic_rotation import (
        AutomaticRotation,
    )
    from kmsmodel.call import (
        Call,
    )
    from kmsmodel.errors import (
        AccessDeniedException,
        AlreadyExistsException,
        ConflictException,
        CustomKeyStoreNotFoundException,
        DisabledException,
        DryRunOperationException,
        ExpiredImportTokenException,
        IncompleteSignatureException,
        IncorrectKeyException,
        IncorrectKeyMaterialException,
        InvalidAliasNameException,
        InvalidArnException,
        InvalidCiphertextException,
        InvalidGrantTokenException,
        InvalidImportTokenException,
        InvalidKeyUsageException,
        InvalidMarkerException,
        InvalidSignatureException,
        KmsError,
        KMSInternalException,
        KMSInvalidMacException,
        KMSInvalidSignatureException,
        KMSInvalidStateException,
        LimitExceededException,
        MalformedPolicyDocumentException,
        NotFoundException,
        RequestEntityTooLargeException,
        SerializationException,
        TagException,
        UnknownOperationException,
        UnsupportedOperationException,
        ValidationException,
    )
    from kmsmodel.hsm import (
        Encapsulation,
        Hsm,
        WrappingKey,
    )
    from kmsmodel.key import (
        KeyMetadata,
        MultiRegionConfiguration,
        MultiRegionKey,
        XksKeyConfigurationType,
    )
    from kmsmodel.key_material import (
        Secret,
    )
    from kmsmodel.key_state import (
        KEY_STATE_TABLE,
        refusal,
    )
    from kmsmodel.kms import (
        Kms,
    )
    from kmsmodel.lifecycle import (
        Lifecycle,
        Material,
    )
    from kmsmodel.local import (
        Clock,
        LocalKms,
    )
    from kmsmodel.operations.aliases import (
        AliasListEntry,
        CreateAliasRequest,
        CreateAliasResponse,
        DeleteAliasRequest,
        DeleteAliasResponse,
        ListAliasesRequest,
        ListAliasesResponse,
        UpdateAliasRequest,
        UpdateAliasResponse,
    )
    from kmsmodel.operations.asymmetric_keys import (
        DeriveSharedSecretRequest,
        DeriveSharedSecretResponse,
        GetPublicKeyRequest,
        GetPublicKeyResponse,
        SignRequest,
        SignResponse,
        VerifyRequest,
        VerifyResponse,
    )
    from kmsmodel.operations.data_keys import (
        GenerateDataKeyPairRequest,
        GenerateDataKeyPairResponse,
        GenerateDataKeyPairWithoutPlaintextRequest,
        GenerateDataKeyPairWithoutPlaintextResponse,
        GenerateDataKeyRequest,
        GenerateDataKeyResponse,
        GenerateDataKeyWithoutPlaintextRequest,
        GenerateDataKeyWithoutPlaintextResponse,
        GenerateRandomRequest,
        GenerateRandomResponse,
    )
    from kmsmodel.operations.deletion import (
        CancelKeyDeletionRequest,
        CancelKeyDeletionResponse,
        ScheduleKeyDeletionRequest,
        ScheduleKeyDeletionResponse,
    )
    from kmsmodel.operations.encryption import (
        DecryptRequest,
        DecryptResponse,
        EncryptRequest,
        EncryptResponse,
        ReEncryptRequest,
        ReEncryptResponse,
    )
    from kmsmodel.operations.hmac_keys import (
        GenerateMacRequest,
        GenerateMacResponse,
        VerifyMacRequest,
        VerifyMacResponse,
    )
    from kmsmodel.operations.importing import (
        DeleteImportedKeyMaterialRequest,
        DeleteImportedKeyMaterialResponse,
        GetParametersForImportRequest,
        GetParametersForImportResponse,
        ImportKeyMaterialRequest,
        ImportKeyMaterialResponse,
    )
    from kmsmodel.operations.key_encapsulation import (
        DecapsulateRequest,
        DecapsulateResponse,
        EncapsulateRequest,
        EncapsulateResponse,
    )
    from kmsmodel.operations.key_policies import (
        GetKeyPolicyRequest,
        GetKeyPolicyResponse,
        ListKeyPoliciesRequest,
        ListKeyPoliciesResponse,
        PutKeyPolicyRequest,
        PutKeyPolicyResponse,
    )
    from kmsmodel.operations.keys import (
        CreateKeyRequest,
        CreateKeyResponse,
        DescribeKeyRequest,
        DescribeKeyResponse,
        DisableKeyRequest,
        DisableKeyResponse,
        EnableKeyRequest,
        EnableKeyResponse,
        KeyListEntry,
        ListKeysRequest,
        ListKeysResponse,
        UpdateKeyDescriptionRequest,
        UpdateKeyDescriptionResponse,
    )
    from kmsmodel.operations.rotation import (
        DisableKeyRotationRequest,
        DisableKeyRotationResponse,
        EnableKeyRotationRequest,
        EnableKeyRotationResponse,
        GetKeyRotationStatusRequest,
        GetKeyRotationStatusResponse,
        ListKeyRotationsRequest,
        ListKeyRotationsResponse,
        RotateKeyOnDemandRequest,
        RotateKeyOnDemandResponse,
        RotationsListEntry,
    )
    from kmsmodel.operations.tags import (
        ListResourceTagsRequest,
        ListResourceTagsResponse,
        TagResourceRequest,
        TagResourceResponse,
        UntagResourceRequest,
        UntagResourceResponse,
    )
    from kmsmodel.recipient import (
        RecipientInfo,
    )
    from kmsmodel.request import (
        Request,
    )
    from kmsmodel.seeded_hsm import (
        SeededHsm,
    )
    from kmsmodel.service import (
        dispatch,
        handle,
        respond,
    )
    from kmsmodel.shapes import (
        AlgorithmSpec,
        CustomerMasterKeySpec,
        DataKeyPairSpec,
        DataKeySpec,
        DryRunModifierType,
        EncapsulationAlgorithmSpec,
        EncryptionAlgorithmSpec,
        ExpirationModelType,
        ImportState,
        ImportType,
        IncludeKeyMaterial,
        KeyAgreementAlgorithmSpec,
        KeyEncryptionMechanism,
        KeyManagerType,
        KeyMaterialState,
        KeySpec,
        KeyState,
        KeyUsageType,
        MacAlgorithmSpec,
        MessageType,
        MultiRegionKeyType,
        OriginType,
        ResourceOwnerType,
        RotationType,
        SigningAlgorithmSpec,
        WrappingKeySpec,
    )
    from kmsmodel.software_hsm import (
        SoftwareHsm,
    )
    from kmsmodel.tag import (
        Tag,
    )
    from kmsmodel.wire import (
        HttpResponse,
    )
    from kmsmodel.wrapping import (
        wrap_key_material,
    )

__all__ = [
    "KEY_STATE_TABLE",
    "AccessDeniedException",
    "AlgorithmSpec",
    "AliasListEntry",
    "AlreadyExistsException",
    "AutomaticRotation",
    "Call",
    "CancelKeyDeletionRequest",
    "CancelKeyDeletionResponse",
    "Clock",
    "ConflictException",
    "CreateAliasRequest",
    "CreateAliasResponse",
    "CreateKeyRequest",
    "CreateKeyResponse",
    "CustomKeyStoreNotFoundException",
    "CustomerMasterKeySpec",
    "DataKeyPairSpec",
    "DataKeySpec",
    "DecapsulateRequest",
    "DecapsulateResponse",
    "DecryptRequest",
    "DecryptResponse",
    "DeleteAliasRequest",
    "DeleteAliasResponse",
    "DeleteImportedKeyMaterialRequest",
    "DeleteImportedKeyMaterialResponse",
    "DeriveSharedSecretRequest",
    "DeriveSharedSecretResponse",
    "DescribeKeyRequest",
    "DescribeKeyResponse",
    "DisableKeyRequest",
    "DisableKeyResponse",
    "DisableKeyRotationRequest",
    "DisableKeyRotationResponse",
    "DisabledException",
    "DryRunModifierType",
    "DryRunOperationException",
    "EnableKeyRequest",
    "EnableKeyResponse",
    "EnableKeyRotationRequest",
    "EnableKeyRotationResponse",
    "EncapsulateRequest",
    "EncapsulateResponse",
    "Encapsulation",
    "EncapsulationAlgorithmSpec",
    "EncryptRequest",
    "EncryptResponse",
    "EncryptionAlgorithmSpec",
    "ExpirationModelType",
    "ExpiredImportTokenException",
    "GenerateDataKeyPairRequest",
    "GenerateDataKeyPairResponse",
    "GenerateDataKeyPairWithoutPlaintextRequest",
    "GenerateDataKeyPairWithoutPlaintextResponse",
    "GenerateDataKeyRequest",
    "GenerateDataKeyResponse",
    "GenerateDataKeyWithoutPlaintextRequest",
    "GenerateDataKeyWithoutPlaintextResponse",
    "GenerateMacRequest",
    "GenerateMacResponse",
    "GenerateRandomRequest",
    "GenerateRandomResponse",
    "GetKeyPolicyRequest",
    "GetKeyPolicyResponse",
    "GetKeyRotationStatusRequest",
    "GetKeyRotationStatusResponse",
    "GetParametersForImportRequest",
    "GetParametersForImportResponse",
    "GetPublicKeyRequest",
    "GetPublicKeyResponse",
    "Hsm",
    "HttpResponse",
    "ImportKeyMaterialRequest",
    "ImportKeyMaterialResponse",
    "ImportState",
    "ImportType",
    "IncludeKeyMaterial",
    "IncompleteSignatureException",
    "IncorrectKeyException",
    "IncorrectKeyMaterialException",
    "InvalidAliasNameException",
    "InvalidArnException",
    "InvalidCiphertextException",
    "InvalidGrantTokenException",
    "InvalidImportTokenException",
    "InvalidKeyUsageException",
    "InvalidMarkerException",
    "InvalidSignatureException",
    "KMSInternalException",
    "KMSInvalidMacException",
    "KMSInvalidSignatureException",
    "KMSInvalidStateException",
    "KeyAgreementAlgorithmSpec",
    "KeyEncryptionMechanism",
    "KeyListEntry",
    "KeyManagerType",
    "KeyMaterialState",
    "KeyMetadata",
    "KeySpec",
    "KeyState",
    "KeyUsageType",
    "Kms",
    "KmsError",
    "Lifecycle",
    "LimitExceededException",
    "ListAliasesRequest",
    "ListAliasesResponse",
    "ListKeyPoliciesRequest",
    "ListKeyPoliciesResponse",
    "ListKeyRotationsRequest",
    "ListKeyRotationsResponse",
    "ListKeysRequest",
    "ListKeysResponse",
    "ListResourceTagsRequest",
    "ListResourceTagsResponse",
    "LocalKms",
    "MacAlgorithmSpec",
    "MalformedPolicyDocumentException",
    "Material",
    "MessageType",
    "MultiRegionConfiguration",
    "MultiRegionKey",
    "MultiRegionKeyType",
    "NotFoundException",
    "OriginType",
    "PutKeyPolicyRequest",
    "PutKeyPolicyResponse",
    "ReEncryptRequest",
    "ReEncryptResponse",
    "RecipientInfo",
    "Request",
    "RequestEntityTooLargeException",
    "ResourceOwnerType",
    "RotateKeyOnDemandRequest",
    "RotateKeyOnDemandResponse",
    "RotationType",
    "RotationsListEntry",
    "ScheduleKeyDeletionRequest",
    "ScheduleKeyDeletionResponse",
    "Secret",
    "SeededHsm",
    "SerializationException",
    "SignRequest",
    "SignResponse",
    "SigningAlgorithmSpec",
    "SoftwareHsm",
    "Tag",
    "TagException",
    "TagResourceRequest",
    "TagResourceResponse",
    "UnknownOperationException",
    "UnsupportedOperationException",
    "UntagResourceRequest",
    "UntagResourceResponse",
    "UpdateAliasRequest",
    "UpdateAliasResponse",
    "UpdateKeyDescriptionRequest",
    "UpdateKeyDescriptionResponse",
    "ValidationException",
    "VerifyMacRequest",
    "VerifyMacResponse",
    "VerifyRequest",
    "VerifyResponse",
    "WrappingKey",
    "WrappingKeySpec",
    "XksKeyConfigurationType",
    "dispatch",
    "handle",
    "refusal",
    "respond",
    "wrap_key_material",
]

_HOMES = {
    "automatic_rotation": ("AutomaticRotation",),
    "call": ("Call",),
    "errors": (
        "AccessDeniedException",
        "AlreadyExistsException",
        "ConflictException",
        "CustomKeyStoreNotFoundException",
        "DisabledException",
        "DryRunOperationException",
        "ExpiredImportTokenException",
        "IncompleteSignatureException",
        "IncorrectKeyException",
        "IncorrectKeyMaterialException",
        "InvalidAliasNameException",
        "InvalidArnException",
        "InvalidCiphertextException",
        "InvalidGrantTokenException",
        "InvalidImportTokenException",
        "InvalidKeyUsageException",
        "InvalidMarkerException",
        "InvalidSignatureException",
        "KMSInternalException",
        "KMSInvalidMacException",
        "KMSInvalidSignatureException",
        "KMSInvalidStateException",
        "KmsError",
        "LimitExceededException",
        "MalformedPolicyDocumentException",
        "NotFoundException",
        "RequestEntityTooLargeException",
        "SerializationException",
        "TagException",
        "UnknownOperationException",
        "UnsupportedOperationException",
        "ValidationException",
    ),
    "hsm": ("Encapsulation", "Hsm", "WrappingKey"),
    "key": ("KeyMetadata", "MultiRegionConfiguration", "MultiRegionKey", "XksKeyConfigurationType"),
    "key_material": ("Secret",),
    "key_state": ("KEY_STATE_TABLE", "refusal"),
    "kms": ("Kms",),
    "lifecycle": ("Lifecycle", "Material"),
    "local": ("Clock", "LocalKms"),
    "operations.aliases": (
        "AliasListEntry",
        "CreateAliasRequest",
        "CreateAliasResponse",
        "DeleteAliasRequest",
        "DeleteAliasResponse",
        "ListAliasesRequest",
        "ListAliasesResponse",
        "UpdateAliasRequest",
        "UpdateAliasResponse",
    ),
    "operations.asymmetric_keys": (
        "DeriveSharedSecretRequest",
        "DeriveSharedSecretResponse",
        "GetPublicKeyRequest",
        "GetPublicKeyResponse",
        "SignRequest",
        "SignResponse",
        "VerifyRequest",
        "VerifyResponse",
    ),
    "operations.data_keys": (
        "GenerateDataKeyPairRequest",
        "GenerateDataKeyPairResponse",
        "GenerateDataKeyPairWithoutPlaintextRequest",
        "GenerateDataKeyPairWithoutPlaintextResponse",
        "GenerateDataKeyRequest",
        "GenerateDataKeyResponse",
        "GenerateDataKeyWithoutPlaintextRequest",
        "GenerateDataKeyWithoutPlaintextResponse",
        "GenerateRandomRequest",
        "GenerateRandomResponse",
    ),
    "operations.deletion": (
        "CancelKeyDeletionRequest",
        "CancelKeyDeletionResponse",
        "ScheduleKeyDeletionRequest",
        "ScheduleKeyDeletionResponse",
    ),
    "operations.encryption": (
        "DecryptRequest",
        "DecryptResponse",
        "EncryptRequest",
        "EncryptResponse",
        "ReEncryptRequest",
        "ReEncryptResponse",
    ),
    "operations.hmac_keys": (
        "GenerateMacRequest",
        "GenerateMacResponse",
        "VerifyMacRequest",
        "VerifyMacResponse",
    ),
    "operations.importing": (
        "DeleteImportedKeyMaterialRequest",
        "DeleteImportedKeyMaterialResponse",
        "GetParametersForImportRequest",
        "GetParametersForImportResponse",
        "ImportKeyMaterialRequest",
        "ImportKeyMaterialResponse",
    ),
    "operations.key_encapsulation": (
        "DecapsulateRequest",
        "DecapsulateResponse",
        "EncapsulateRequest",
        "EncapsulateResponse",
    ),
    "operations.key_policies": (
        "GetKeyPolicyRequest",
        "GetKeyPolicyResponse",
        "ListKeyPoliciesRequest",
        "ListKeyPoliciesResponse",
        "PutKeyPolicyRequest",
        "PutKeyPolicyResponse",
    ),
    "operations.keys": (
        "CreateKeyRequest",
        "CreateKeyResponse",
        "DescribeKeyRequest",
        "DescribeKeyResponse",
        "DisableKeyRequest",
        "DisableKeyResponse",
        "EnableKeyRequest",
        "EnableKeyResponse",
        "KeyListEntry",
        "ListKeysRequest",
        "ListKeysResponse",
        "UpdateKeyDescriptionRequest",
        "UpdateKeyDescriptionResponse",
    ),
    "operations.rotation": (
        "DisableKeyRotationRequest",
        "DisableKeyRotationResponse",
        "EnableKeyRotationRequest",
        "EnableKeyRotationResponse",
        "GetKeyRotationStatusRequest",
        "GetKeyRotationStatusResponse",
        "ListKeyRotationsRequest",
        "ListKeyRotationsResponse",
        "RotateKeyOnDemandRequest",
        "RotateKeyOnDemandResponse",
        "RotationsListEntry",
    ),
    "operations.tags": (
        "ListResourceTagsRequest",
        "ListResourceTagsResponse",
        "TagResourceRequest",
        "TagResourceResponse",
        "UntagResourceRequest",
        "UntagResourceResponse",
    ),
    "recipient": ("RecipientInfo",),
    "request": ("Request",),
    "seeded_hsm": ("SeededHsm",),
    "service": ("dispatch", "handle", "respond"),
    "shapes": (
        "AlgorithmSpec",
        "CustomerMasterKeySpec",
        "DataKeyPairSpec",
        "DataKeySpec",
        "DryRunModifierType",
        "EncapsulationAlgorithmSpec",
        "EncryptionAlgorithmSpec",
        "ExpirationModelType",
        "ImportState",
        "ImportType",
        "IncludeKeyMaterial",
        "KeyAgreementAlgorithmSpec",
        "KeyEncryptionMechanism",
        "KeyManagerType",
        "KeyMaterialState",
        "KeySpec",
        "KeyState",
        "KeyUsageType",
        "MacAlgorithmSpec",
        "MessageType",
        "MultiRegionKeyType",
        "OriginType",
        "ResourceOwnerType",
        "RotationType",
        "SigningAlgorithmSpec",
        "WrappingKeySpec",
    ),
    "software_hsm": ("SoftwareHsm",),
    "tag": ("Tag",),
    "wire": ("HttpResponse",),
    "wrapping": ("wrap_key_material",),
}
_MODULES = (
    "alias",
    "arn",
    "asgi",
    "automatic_rotation",
    "boto",
    "call",
    "errors",
    "hsm",
    "key",
    "key_material",
    "key_spec",
    "key_state",
    "kms",
    "lifecycle",
    "local",
    "operations",
    "recipient",
    "records",
    "request",
    "seeded_hsm",
    "server",
    "service",
    "shapes",
    "software_hsm",
    "structures",
    "tag",
    "wire",
    "wrapping",
)
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
