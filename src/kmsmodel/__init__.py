"""
An executable model of AWS KMS, as a typed Python library.

    kms, response = handle(kms, request, call)

Everything public can be imported from here, and is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmsmodel.call import (
        Call,
    )
    from kmsmodel.errors import (
        AccessDeniedException,
        CustomKeyStoreNotFoundException,
        DisabledException,
        DryRunOperationException,
        ExpiredImportTokenException,
        IncorrectKeyException,
        IncorrectKeyMaterialException,
        InvalidArnException,
        InvalidCiphertextException,
        InvalidGrantTokenException,
        InvalidImportTokenException,
        InvalidKeyUsageException,
        InvalidMarkerException,
        KmsError,
        KMSInternalException,
        KMSInvalidStateException,
        LimitExceededException,
        MalformedPolicyDocumentException,
        NotFoundException,
        SerializationException,
        TagException,
        UnknownOperationException,
        UnsupportedOperationException,
        ValidationException,
    )
    from kmsmodel.hsm import (
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
        RecipientInfo,
    )
    from kmsmodel.operations.importing import (
        DeleteImportedKeyMaterialRequest,
        DeleteImportedKeyMaterialResponse,
        GetParametersForImportRequest,
        GetParametersForImportResponse,
        ImportKeyMaterialRequest,
        ImportKeyMaterialResponse,
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
    )
    from kmsmodel.operations.rotation import (
        GetKeyRotationStatusRequest,
        GetKeyRotationStatusResponse,
        ListKeyRotationsRequest,
        ListKeyRotationsResponse,
        RotateKeyOnDemandRequest,
        RotateKeyOnDemandResponse,
        RotationsListEntry,
    )
    from kmsmodel.request import (
        Request,
    )
    from kmsmodel.seeded_hsm import (
        SeededHsm,
    )
    from kmsmodel.service import (
        handle,
        respond,
    )
    from kmsmodel.shapes import (
        AlgorithmSpec,
        CustomerMasterKeySpec,
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
    "Call",
    "CancelKeyDeletionRequest",
    "CancelKeyDeletionResponse",
    "Clock",
    "CreateKeyRequest",
    "CreateKeyResponse",
    "CustomKeyStoreNotFoundException",
    "CustomerMasterKeySpec",
    "DecryptRequest",
    "DecryptResponse",
    "DeleteImportedKeyMaterialRequest",
    "DeleteImportedKeyMaterialResponse",
    "DescribeKeyRequest",
    "DescribeKeyResponse",
    "DisableKeyRequest",
    "DisableKeyResponse",
    "DisabledException",
    "DryRunModifierType",
    "DryRunOperationException",
    "EnableKeyRequest",
    "EnableKeyResponse",
    "EncapsulationAlgorithmSpec",
    "EncryptRequest",
    "EncryptResponse",
    "EncryptionAlgorithmSpec",
    "ExpirationModelType",
    "ExpiredImportTokenException",
    "GetKeyRotationStatusRequest",
    "GetKeyRotationStatusResponse",
    "GetParametersForImportRequest",
    "GetParametersForImportResponse",
    "Hsm",
    "HttpResponse",
    "ImportKeyMaterialRequest",
    "ImportKeyMaterialResponse",
    "ImportState",
    "ImportType",
    "IncludeKeyMaterial",
    "IncorrectKeyException",
    "IncorrectKeyMaterialException",
    "InvalidArnException",
    "InvalidCiphertextException",
    "InvalidGrantTokenException",
    "InvalidImportTokenException",
    "InvalidKeyUsageException",
    "InvalidMarkerException",
    "KMSInternalException",
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
    "ListKeyRotationsRequest",
    "ListKeyRotationsResponse",
    "ListKeysRequest",
    "ListKeysResponse",
    "LocalKms",
    "MacAlgorithmSpec",
    "MalformedPolicyDocumentException",
    "Material",
    "MultiRegionConfiguration",
    "MultiRegionKey",
    "MultiRegionKeyType",
    "NotFoundException",
    "OriginType",
    "RecipientInfo",
    "Request",
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
    "SigningAlgorithmSpec",
    "SoftwareHsm",
    "Tag",
    "TagException",
    "UnknownOperationException",
    "UnsupportedOperationException",
    "ValidationException",
    "WrappingKey",
    "WrappingKeySpec",
    "XksKeyConfigurationType",
    "handle",
    "refusal",
    "respond",
    "wrap_key_material",
]

_HOMES = {
    "call": ("Call",),
    "errors": (
        "AccessDeniedException",
        "CustomKeyStoreNotFoundException",
        "DisabledException",
        "DryRunOperationException",
        "ExpiredImportTokenException",
        "IncorrectKeyException",
        "IncorrectKeyMaterialException",
        "InvalidArnException",
        "InvalidCiphertextException",
        "InvalidGrantTokenException",
        "InvalidImportTokenException",
        "InvalidKeyUsageException",
        "InvalidMarkerException",
        "KMSInternalException",
        "KMSInvalidStateException",
        "KmsError",
        "LimitExceededException",
        "MalformedPolicyDocumentException",
        "NotFoundException",
        "SerializationException",
        "TagException",
        "UnknownOperationException",
        "UnsupportedOperationException",
        "ValidationException",
    ),
    "hsm": (
        "Hsm",
        "WrappingKey",
    ),
    "key": (
        "KeyMetadata",
        "MultiRegionConfiguration",
        "MultiRegionKey",
        "XksKeyConfigurationType",
    ),
    "key_material": ("Secret",),
    "key_state": (
        "KEY_STATE_TABLE",
        "refusal",
    ),
    "kms": ("Kms",),
    "lifecycle": (
        "Lifecycle",
        "Material",
    ),
    "local": (
        "Clock",
        "LocalKms",
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
        "RecipientInfo",
    ),
    "operations.importing": (
        "DeleteImportedKeyMaterialRequest",
        "DeleteImportedKeyMaterialResponse",
        "GetParametersForImportRequest",
        "GetParametersForImportResponse",
        "ImportKeyMaterialRequest",
        "ImportKeyMaterialResponse",
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
    ),
    "operations.rotation": (
        "GetKeyRotationStatusRequest",
        "GetKeyRotationStatusResponse",
        "ListKeyRotationsRequest",
        "ListKeyRotationsResponse",
        "RotateKeyOnDemandRequest",
        "RotateKeyOnDemandResponse",
        "RotationsListEntry",
    ),
    "request": ("Request",),
    "seeded_hsm": ("SeededHsm",),
    "service": (
        "handle",
        "respond",
    ),
    "shapes": (
        "AlgorithmSpec",
        "CustomerMasterKeySpec",
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
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
