"""
AWS's enumerations and constrained simple shapes, under their API names.

A member of an enumeration is spelled as its value. A constrained shape is the Python type annotated with its
constraints; `structures` checks them. Source: the KMS service model of botocore 1.44.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, final

from attrs import frozen

# ---- constraints


@final
@frozen
class Length:
    """How many characters, bytes or items a value may have, both ends included."""

    minimum: int
    maximum: int


@final
@frozen
class Range:
    """The least and the greatest number, both included."""

    minimum: int
    maximum: int


@final
@frozen
class Pattern:
    """The regular expression that the whole string must match, as AWS spells it."""

    regex: str


@final
@frozen
class Sensitive:
    """AWS marks the value as sensitive: it never shows in messages."""


# ---- enumerations


class _Enumeration(StrEnum):
    """An enumeration whose members show as they are written: ``KeyState.PendingImport``."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class KeyState(_Enumeration):
    Creating = "Creating"
    Enabled = "Enabled"
    Disabled = "Disabled"
    PendingDeletion = "PendingDeletion"
    PendingImport = "PendingImport"
    PendingReplicaDeletion = "PendingReplicaDeletion"
    Unavailable = "Unavailable"
    Updating = "Updating"


class OriginType(_Enumeration):
    AWS_KMS = "AWS_KMS"
    EXTERNAL = "EXTERNAL"
    AWS_CLOUDHSM = "AWS_CLOUDHSM"
    EXTERNAL_KEY_STORE = "EXTERNAL_KEY_STORE"


class KeyUsageType(_Enumeration):
    SIGN_VERIFY = "SIGN_VERIFY"
    ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
    GENERATE_VERIFY_MAC = "GENERATE_VERIFY_MAC"
    KEY_AGREEMENT = "KEY_AGREEMENT"
    ENCAPSULATE_DECAPSULATE = "ENCAPSULATE_DECAPSULATE"


class KeySpec(_Enumeration):
    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    ECC_NIST_P256 = "ECC_NIST_P256"
    ECC_NIST_P384 = "ECC_NIST_P384"
    ECC_NIST_P521 = "ECC_NIST_P521"
    ECC_SECG_P256K1 = "ECC_SECG_P256K1"
    SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
    HMAC_224 = "HMAC_224"
    HMAC_256 = "HMAC_256"
    HMAC_384 = "HMAC_384"
    HMAC_512 = "HMAC_512"
    SM2 = "SM2"
    ML_DSA_44 = "ML_DSA_44"
    ML_DSA_65 = "ML_DSA_65"
    ML_DSA_87 = "ML_DSA_87"
    ECC_NIST_EDWARDS25519 = "ECC_NIST_EDWARDS25519"
    ML_KEM_512 = "ML_KEM_512"
    ML_KEM_768 = "ML_KEM_768"
    ML_KEM_1024 = "ML_KEM_1024"


class CustomerMasterKeySpec(_Enumeration):
    """The older name of `KeySpec`, which AWS no longer extends."""

    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    ECC_NIST_P256 = "ECC_NIST_P256"
    ECC_NIST_P384 = "ECC_NIST_P384"
    ECC_NIST_P521 = "ECC_NIST_P521"
    ECC_SECG_P256K1 = "ECC_SECG_P256K1"
    SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
    HMAC_224 = "HMAC_224"
    HMAC_256 = "HMAC_256"
    HMAC_384 = "HMAC_384"
    HMAC_512 = "HMAC_512"
    SM2 = "SM2"


class KeyManagerType(_Enumeration):
    AWS = "AWS"
    CUSTOMER = "CUSTOMER"


class EncryptionAlgorithmSpec(_Enumeration):
    SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
    RSAES_OAEP_SHA_1 = "RSAES_OAEP_SHA_1"
    RSAES_OAEP_SHA_256 = "RSAES_OAEP_SHA_256"
    SM2PKE = "SM2PKE"


class SigningAlgorithmSpec(_Enumeration):
    RSASSA_PSS_SHA_256 = "RSASSA_PSS_SHA_256"
    RSASSA_PSS_SHA_384 = "RSASSA_PSS_SHA_384"
    RSASSA_PSS_SHA_512 = "RSASSA_PSS_SHA_512"
    RSASSA_PKCS1_V1_5_SHA_256 = "RSASSA_PKCS1_V1_5_SHA_256"
    RSASSA_PKCS1_V1_5_SHA_384 = "RSASSA_PKCS1_V1_5_SHA_384"
    RSASSA_PKCS1_V1_5_SHA_512 = "RSASSA_PKCS1_V1_5_SHA_512"
    ECDSA_SHA_256 = "ECDSA_SHA_256"
    ECDSA_SHA_384 = "ECDSA_SHA_384"
    ECDSA_SHA_512 = "ECDSA_SHA_512"
    SM2DSA = "SM2DSA"
    ML_DSA_SHAKE_256 = "ML_DSA_SHAKE_256"
    ED25519_SHA_512 = "ED25519_SHA_512"
    ED25519_PH_SHA_512 = "ED25519_PH_SHA_512"


class MacAlgorithmSpec(_Enumeration):
    HMAC_SHA_224 = "HMAC_SHA_224"
    HMAC_SHA_256 = "HMAC_SHA_256"
    HMAC_SHA_384 = "HMAC_SHA_384"
    HMAC_SHA_512 = "HMAC_SHA_512"


class MessageType(_Enumeration):
    """What a message to be signed is: a message, its digest, or the representative of a message in ML-DSA."""

    RAW = "RAW"
    DIGEST = "DIGEST"
    EXTERNAL_MU = "EXTERNAL_MU"


class KeyAgreementAlgorithmSpec(_Enumeration):
    ECDH = "ECDH"


class EncapsulationAlgorithmSpec(_Enumeration):
    ML_KEM = "ML_KEM"


class DataKeySpec(_Enumeration):
    AES_256 = "AES_256"
    AES_128 = "AES_128"


class DataKeyPairSpec(_Enumeration):
    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    ECC_NIST_P256 = "ECC_NIST_P256"
    ECC_NIST_P384 = "ECC_NIST_P384"
    ECC_NIST_P521 = "ECC_NIST_P521"
    ECC_SECG_P256K1 = "ECC_SECG_P256K1"
    SM2 = "SM2"
    ECC_NIST_EDWARDS25519 = "ECC_NIST_EDWARDS25519"
    ML_KEM_512 = "ML_KEM_512"
    ML_KEM_768 = "ML_KEM_768"
    ML_KEM_1024 = "ML_KEM_1024"


class MultiRegionKeyType(_Enumeration):
    PRIMARY = "PRIMARY"
    REPLICA = "REPLICA"


class ResourceOwnerType(_Enumeration):
    SELF = "SELF"
    OTHER_ACCOUNTS_VIA_RAM = "OTHER_ACCOUNTS_VIA_RAM"


class AlgorithmSpec(_Enumeration):
    """How key material is wrapped for its way into AWS KMS."""

    RSAES_PKCS1_V1_5 = "RSAES_PKCS1_V1_5"
    RSAES_OAEP_SHA_1 = "RSAES_OAEP_SHA_1"
    RSAES_OAEP_SHA_256 = "RSAES_OAEP_SHA_256"
    RSA_AES_KEY_WRAP_SHA_1 = "RSA_AES_KEY_WRAP_SHA_1"
    RSA_AES_KEY_WRAP_SHA_256 = "RSA_AES_KEY_WRAP_SHA_256"
    SM2PKE = "SM2PKE"


class WrappingKeySpec(_Enumeration):
    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    SM2 = "SM2"


class ExpirationModelType(_Enumeration):
    KEY_MATERIAL_EXPIRES = "KEY_MATERIAL_EXPIRES"
    KEY_MATERIAL_DOES_NOT_EXPIRE = "KEY_MATERIAL_DOES_NOT_EXPIRE"


class ImportType(_Enumeration):
    NEW_KEY_MATERIAL = "NEW_KEY_MATERIAL"
    EXISTING_KEY_MATERIAL = "EXISTING_KEY_MATERIAL"


class ImportState(_Enumeration):
    IMPORTED = "IMPORTED"
    PENDING_IMPORT = "PENDING_IMPORT"


class KeyMaterialState(_Enumeration):
    NON_CURRENT = "NON_CURRENT"
    CURRENT = "CURRENT"
    PENDING_ROTATION = "PENDING_ROTATION"
    PENDING_MULTI_REGION_IMPORT_AND_ROTATION = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


class RotationType(_Enumeration):
    AUTOMATIC = "AUTOMATIC"
    ON_DEMAND = "ON_DEMAND"


class IncludeKeyMaterial(_Enumeration):
    ALL_KEY_MATERIAL = "ALL_KEY_MATERIAL"
    ROTATIONS_ONLY = "ROTATIONS_ONLY"


class DryRunModifierType(_Enumeration):
    IGNORE_CIPHERTEXT = "IGNORE_CIPHERTEXT"


class KeyEncryptionMechanism(_Enumeration):
    RSAES_OAEP_SHA_256 = "RSAES_OAEP_SHA_256"


# ---- constrained simple shapes

AWSAccountIdType = str
KeyIdType = Annotated[str, Length(1, 2048)]
ArnType = Annotated[str, Length(20, 2048)]
RegionType = Annotated[str, Length(1, 32), Pattern(r"^([a-z]+-){2,3}\d+$")]
DateType = datetime
DescriptionType = Annotated[str, Length(0, 8192)]
AliasNameType = Annotated[str, Length(1, 256), Pattern("^[a-zA-Z0-9:/_-]+$")]
PolicyNameType = Annotated[str, Length(1, 128), Pattern(r"[\w]+")]
PolicyType = Annotated[str, Length(1, 131072), Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
CustomKeyStoreIdType = Annotated[str, Length(1, 64)]
CloudHsmClusterIdType = Annotated[str, Length(19, 24), Pattern("cluster-[2-7a-zA-Z]{11,16}")]
XksKeyIdType = Annotated[str, Length(1, 128), Pattern("^[a-zA-Z0-9-_.]+$")]
TagKeyType = Annotated[str, Length(1, 128)]
TagValueType = Annotated[str, Length(0, 256)]
BackingKeyIdType = Annotated[str, Length(64, 64), Pattern("^[a-f0-9]+$")]
BackingKeyIdResponseType = Annotated[str, Length(0, 64), Pattern("^[a-f0-9]+$")]
KeyMaterialDescriptionType = Annotated[str, Length(0, 256), Pattern(r"^[a-zA-Z0-9:/_\s.-]+$")]
PendingWindowInDaysType = Annotated[int, Range(1, 365)]
RotationPeriodInDaysType = Annotated[int, Range(90, 2560)]
NumberOfBytesType = Annotated[int, Range(1, 1024)]
LimitType = Annotated[int, Range(1, 1000)]
MarkerType = Annotated[str, Length(1, 1024), Pattern(r"[\u0020-\u00FF]*")]
PlaintextType = Annotated[bytes, Length(1, 4096), Sensitive()]
CiphertextType = Annotated[bytes, Length(1, 6144)]
PublicKeyType = Annotated[bytes, Length(1, 8192)]
AttestationDocumentType = Annotated[bytes, Length(1, 262144)]
GrantTokenType = Annotated[str, Length(1, 8192)]

EncryptionContextType = Mapping[str, str]
GrantTokenList = Annotated[tuple[GrantTokenType, ...], Length(0, 10)]
TagKeyList = tuple[TagKeyType, ...]
PolicyNameList = tuple[PolicyNameType, ...]
ResourceOwnersList = Annotated[tuple[ResourceOwnerType, ...], Length(1, 2)]
DryRunModifierList = tuple[DryRunModifierType, ...]
EncryptionAlgorithmSpecList = tuple[EncryptionAlgorithmSpec, ...]
SigningAlgorithmSpecList = tuple[SigningAlgorithmSpec, ...]
MacAlgorithmSpecList = tuple[MacAlgorithmSpec, ...]
KeyAgreementAlgorithmSpecList = tuple[KeyAgreementAlgorithmSpec, ...]
EncapsulationAlgorithmSpecList = tuple[EncapsulationAlgorithmSpec, ...]
