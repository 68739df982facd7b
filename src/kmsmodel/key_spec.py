"""
What a key spec says of a KMS key: its key usages, the algorithms of each, and the key material that fits.

Source: *Key spec reference*, *Importing key material* (requirements; step 2) in the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum

from kmsmodel.shapes import (
    AlgorithmSpec,
    EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeyAgreementAlgorithmSpec,
    KeySpec,
    KeyUsageType,
    MacAlgorithmSpec,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)

_RSA: Mapping[KeyUsageType, tuple[StrEnum, ...]] = {
    KeyUsageType.ENCRYPT_DECRYPT: (
        EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1,
        EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256,
    ),
    KeyUsageType.SIGN_VERIFY: (
        SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256,
        SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_384,
        SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_512,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_256,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_384,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_512,
    ),
}


def _nist(signing: SigningAlgorithmSpec) -> Mapping[KeyUsageType, tuple[StrEnum, ...]]:
    return {
        KeyUsageType.SIGN_VERIFY: (signing,),
        KeyUsageType.KEY_AGREEMENT: (KeyAgreementAlgorithmSpec.ECDH,),
    }


def _signing(*algorithms: SigningAlgorithmSpec) -> Mapping[KeyUsageType, tuple[StrEnum, ...]]:
    return {KeyUsageType.SIGN_VERIFY: algorithms}


def _mac(algorithm: MacAlgorithmSpec) -> Mapping[KeyUsageType, tuple[StrEnum, ...]]:
    return {KeyUsageType.GENERATE_VERIFY_MAC: (algorithm,)}


_ML_DSA = _signing(SigningAlgorithmSpec.ML_DSA_SHAKE_256)
_ML_KEM: Mapping[KeyUsageType, tuple[StrEnum, ...]] = {
    KeyUsageType.ENCAPSULATE_DECAPSULATE: (EncapsulationAlgorithmSpec.ML_KEM,)
}

ALGORITHMS: Mapping[KeySpec, Mapping[KeyUsageType, tuple[StrEnum, ...]]] = {
    KeySpec.SYMMETRIC_DEFAULT: {
        KeyUsageType.ENCRYPT_DECRYPT: (EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,)
    },
    KeySpec.RSA_2048: _RSA,
    KeySpec.RSA_3072: _RSA,
    KeySpec.RSA_4096: _RSA,
    KeySpec.ECC_NIST_P256: _nist(SigningAlgorithmSpec.ECDSA_SHA_256),
    KeySpec.ECC_NIST_P384: _nist(SigningAlgorithmSpec.ECDSA_SHA_384),
    KeySpec.ECC_NIST_P521: _nist(SigningAlgorithmSpec.ECDSA_SHA_512),
    KeySpec.ECC_SECG_P256K1: _signing(SigningAlgorithmSpec.ECDSA_SHA_256),
    KeySpec.ECC_NIST_EDWARDS25519: _signing(
        SigningAlgorithmSpec.ED25519_SHA_512, SigningAlgorithmSpec.ED25519_PH_SHA_512
    ),
    KeySpec.HMAC_224: _mac(MacAlgorithmSpec.HMAC_SHA_224),
    KeySpec.HMAC_256: _mac(MacAlgorithmSpec.HMAC_SHA_256),
    KeySpec.HMAC_384: _mac(MacAlgorithmSpec.HMAC_SHA_384),
    KeySpec.HMAC_512: _mac(MacAlgorithmSpec.HMAC_SHA_512),
    KeySpec.SM2: {
        KeyUsageType.ENCRYPT_DECRYPT: (EncryptionAlgorithmSpec.SM2PKE,),
        KeyUsageType.SIGN_VERIFY: (SigningAlgorithmSpec.SM2DSA,),
        KeyUsageType.KEY_AGREEMENT: (KeyAgreementAlgorithmSpec.ECDH,),
    },
    KeySpec.ML_DSA_44: _ML_DSA,
    KeySpec.ML_DSA_65: _ML_DSA,
    KeySpec.ML_DSA_87: _ML_DSA,
    KeySpec.ML_KEM_512: _ML_KEM,
    KeySpec.ML_KEM_768: _ML_KEM,
    KeySpec.ML_KEM_1024: _ML_KEM,
}
"""The algorithms of a key, by its key spec and key usage."""

SUPPORTED: AbstractSet[KeySpec] = frozenset({KeySpec.SYMMETRIC_DEFAULT})
"""The key specs that this model can make keys of."""

KEY_MATERIAL_LENGTH: Mapping[KeySpec, int] = {KeySpec.SYMMETRIC_DEFAULT: 32}
"""How many bytes key material has."""

_ANY_RSA = frozenset({WrappingKeySpec.RSA_2048, WrappingKeySpec.RSA_3072, WrappingKeySpec.RSA_4096})

WRAPPING: Mapping[KeySpec, Mapping[AlgorithmSpec, AbstractSet[WrappingKeySpec]]] = {
    KeySpec.SYMMETRIC_DEFAULT: {
        AlgorithmSpec.RSAES_OAEP_SHA_1: _ANY_RSA,
        AlgorithmSpec.RSAES_OAEP_SHA_256: _ANY_RSA,
    }
}
"""The wrapping algorithms that key material of a key spec may come under, and the wrapping keys that suit each."""
