"""
What a key spec says about a KMS key: its key usages, the algorithms of each, and the key material that fits.

Sources: *Key spec reference* and *Importing key material* (requirements; step 2) in the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias, final

from attrs import astuple, frozen

from kmsmodel.words.arn import partition
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    DataKeySpec,
    EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeyAgreementAlgorithmSpec,
    KeySpec,
    KeyUsageType,
    MacAlgorithmSpec,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)


@final
@frozen(kw_only=True)
class Algorithms:
    """The algorithms that a KMS key takes, in the one member of its metadata that lists them."""

    encryption_algorithms: tuple[EncryptionAlgorithmSpec, ...] | None = None
    signing_algorithms: tuple[SigningAlgorithmSpec, ...] | None = None
    mac_algorithms: tuple[MacAlgorithmSpec, ...] | None = None
    key_agreement_algorithms: tuple[KeyAgreementAlgorithmSpec, ...] | None = None
    encapsulation_algorithms: tuple[EncapsulationAlgorithmSpec, ...] | None = None

    @cached_property
    def every(self) -> tuple[StrEnum, ...]:
        """All of them, whatever the member."""
        members: tuple[tuple[StrEnum, ...] | None, ...] = astuple(self, recurse=False)
        return tuple(algorithm for algorithms in members for algorithm in algorithms or ())


def _encryption(*algorithms: EncryptionAlgorithmSpec) -> _ByUsage:
    return {KeyUsageType.ENCRYPT_DECRYPT: Algorithms(encryption_algorithms=algorithms)}


def _signing(*algorithms: SigningAlgorithmSpec) -> _ByUsage:
    return {KeyUsageType.SIGN_VERIFY: Algorithms(signing_algorithms=algorithms)}


def _mac(algorithm: MacAlgorithmSpec) -> _ByUsage:
    return {KeyUsageType.GENERATE_VERIFY_MAC: Algorithms(mac_algorithms=(algorithm,))}


_ByUsage: TypeAlias = Mapping[KeyUsageType, Algorithms]

_ECDH: _ByUsage = {
    KeyUsageType.KEY_AGREEMENT: Algorithms(
        key_agreement_algorithms=(KeyAgreementAlgorithmSpec.ECDH,)
    )
}
_RSA: _ByUsage = {
    **_encryption(
        EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1,
        EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256,
    ),
    **_signing(
        SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256,
        SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_384,
        SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_512,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_256,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_384,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_512,
    ),
}
_ML_DSA = _signing(SigningAlgorithmSpec.ML_DSA_SHAKE_256)
_ML_KEM: _ByUsage = {
    KeyUsageType.ENCAPSULATE_DECAPSULATE: Algorithms(
        encapsulation_algorithms=(EncapsulationAlgorithmSpec.ML_KEM,)
    )
}

ALGORITHMS: Mapping[KeySpec, _ByUsage] = {
    KeySpec.SYMMETRIC_DEFAULT: _encryption(EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT),
    KeySpec.RSA_2048: _RSA,
    KeySpec.RSA_3072: _RSA,
    KeySpec.RSA_4096: _RSA,
    KeySpec.ECC_NIST_P256: {**_signing(SigningAlgorithmSpec.ECDSA_SHA_256), **_ECDH},
    KeySpec.ECC_NIST_P384: {**_signing(SigningAlgorithmSpec.ECDSA_SHA_384), **_ECDH},
    KeySpec.ECC_NIST_P521: {**_signing(SigningAlgorithmSpec.ECDSA_SHA_512), **_ECDH},
    KeySpec.ECC_SECG_P256K1: _signing(SigningAlgorithmSpec.ECDSA_SHA_256),
    KeySpec.ECC_NIST_EDWARDS25519: _signing(
        SigningAlgorithmSpec.ED25519_PH_SHA_512, SigningAlgorithmSpec.ED25519_SHA_512
    ),
    KeySpec.HMAC_224: _mac(MacAlgorithmSpec.HMAC_SHA_224),
    KeySpec.HMAC_256: _mac(MacAlgorithmSpec.HMAC_SHA_256),
    KeySpec.HMAC_384: _mac(MacAlgorithmSpec.HMAC_SHA_384),
    KeySpec.HMAC_512: _mac(MacAlgorithmSpec.HMAC_SHA_512),
    KeySpec.SM2: {
        **_encryption(EncryptionAlgorithmSpec.SM2PKE),
        **_signing(SigningAlgorithmSpec.SM2DSA),
        **_ECDH,
    },
    KeySpec.ML_DSA_44: _ML_DSA,
    KeySpec.ML_DSA_65: _ML_DSA,
    KeySpec.ML_DSA_87: _ML_DSA,
    KeySpec.ML_KEM_512: _ML_KEM,
    KeySpec.ML_KEM_768: _ML_KEM,
    KeySpec.ML_KEM_1024: _ML_KEM,
}
"""The algorithms of a key, by its key spec and key usage, in the order in which AWS KMS tells them: of the alphabet."""

SUPPORTED: AbstractSet[KeySpec] = frozenset(KeySpec) - {KeySpec.SM2, KeySpec.ML_KEM_512}
"""The key specs for which this model can make keys without an extra: pyca/cryptography has no SM2 and no ML-KEM-512."""

BY_AN_EXTRA: AbstractSet[KeySpec] = frozenset({KeySpec.ML_KEM_512, KeySpec.SM2})
"""The key specs that an HSM has by an extra, and does not support without it."""

_CHINA = "aws-cn"


def is_in_china(region: str) -> bool:
    """Is this one of the China Regions?"""
    return partition(region) == _CHINA


def is_offered(key_spec: KeySpec, region: str) -> bool:
    """Are there keys of this key spec in a Region: SM2 in the China Regions alone, and ML-KEM in all others?"""
    if is_in_china(region):
        return KeyUsageType.ENCAPSULATE_DECAPSULATE not in ALGORITHMS[key_spec]
    return key_spec is not KeySpec.SM2


MODULUS_BITS: Mapping[str, int] = {
    KeySpec.RSA_2048: 2048,
    KeySpec.RSA_3072: 3072,
    KeySpec.RSA_4096: 4096,
}
"""The bits of an RSA key, by its key spec, or the wrapping key spec or data key pair spec of the same name."""

KEY_MATERIAL_LENGTH: Mapping[KeySpec, int] = {
    KeySpec.SYMMETRIC_DEFAULT: 32,
    KeySpec.HMAC_224: 28,
    KeySpec.HMAC_256: 32,
    KeySpec.HMAC_384: 48,
    KeySpec.HMAC_512: 64,
}
"""How many bytes of key material AWS KMS generates for a symmetric encryption key, not in China, or an HMAC key."""

SM4_KEY_LENGTH = 16
"""How many bytes the key material of a symmetric encryption key has in the China Regions."""


def key_material_length(key_spec: KeySpec, region: str) -> int | None:
    """How many bytes of key material AWS KMS generates in a Region; None for a key pair."""
    if key_spec is KeySpec.SYMMETRIC_DEFAULT and is_in_china(region):
        return SM4_KEY_LENGTH
    return KEY_MATERIAL_LENGTH.get(key_spec)


LONGEST_HMAC_KEY = 128
"""The most bytes that imported key material of an HMAC key has; the fewest are as many as AWS KMS generates."""

DATA_KEY_LENGTH: Mapping[DataKeySpec, int] = {DataKeySpec.AES_256: 32, DataKeySpec.AES_128: 16}
"""How many bytes a data key has."""


def is_asymmetric(key_spec: KeySpec) -> bool:
    """Is the key material of this key spec a key pair?"""
    return key_spec not in KEY_MATERIAL_LENGTH


_ANY_RSA = frozenset({WrappingKeySpec.RSA_2048, WrappingKeySpec.RSA_3072, WrappingKeySpec.RSA_4096})

_OAEP = {AlgorithmSpec.RSAES_OAEP_SHA_1: _ANY_RSA, AlgorithmSpec.RSAES_OAEP_SHA_256: _ANY_RSA}
_KEY_WRAP = {
    AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_1: _ANY_RSA,
    AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256: _ANY_RSA,
}
_OAEP_BUT_RSA_2048 = dict.fromkeys(_OAEP, _ANY_RSA - {WrappingKeySpec.RSA_2048})

WRAPPING: Mapping[KeySpec, Mapping[AlgorithmSpec, AbstractSet[WrappingKeySpec]]] = {
    KeySpec.SYMMETRIC_DEFAULT: _OAEP,
    KeySpec.HMAC_224: _OAEP,
    KeySpec.HMAC_256: _OAEP,
    KeySpec.HMAC_384: _OAEP,
    KeySpec.HMAC_512: _OAEP,
    KeySpec.RSA_2048: _KEY_WRAP,
    KeySpec.RSA_3072: _KEY_WRAP,
    KeySpec.RSA_4096: _KEY_WRAP,
    KeySpec.ECC_NIST_P256: _OAEP | _KEY_WRAP,
    KeySpec.ECC_NIST_P384: _OAEP | _KEY_WRAP,
    KeySpec.ECC_NIST_P521: _OAEP_BUT_RSA_2048 | _KEY_WRAP,
    KeySpec.ECC_SECG_P256K1: _OAEP | _KEY_WRAP,
    KeySpec.ECC_NIST_EDWARDS25519: _OAEP_BUT_RSA_2048 | _KEY_WRAP,
}
"""
The wrapping algorithms for key material of a key spec, and the wrapping key specs that suit each.

Key material cannot be imported for the other key specs.
"""

_SM2PKE = {AlgorithmSpec.SM2PKE: frozenset({WrappingKeySpec.SM2})}

WRAPPING_IN_CHINA: Mapping[KeySpec, Mapping[AlgorithmSpec, AbstractSet[WrappingKeySpec]]] = {
    **{
        key_spec: {
            **{
                algorithm: specs for algorithm, specs in those.items() if algorithm not in _KEY_WRAP
            },
            **(_SM2PKE if is_asymmetric(key_spec) else {}),
        }
        for key_spec, those in WRAPPING.items()
    },
    KeySpec.SM2: {**_OAEP, **_SM2PKE},
}
"""The same in the China Regions, where there is no hybrid wrapping, and SM2PKE for private keys."""


def wrapping(region: str) -> Mapping[KeySpec, Mapping[AlgorithmSpec, AbstractSet[WrappingKeySpec]]]:
    """What key material may be wrapped with in a Region."""
    return WRAPPING_IN_CHINA if is_in_china(region) else WRAPPING


_OAEP_HASH_LENGTH = {
    EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1: 20,
    EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256: 32,
}

_LONGEST_PLAINTEXT = 4096
"""The most bytes that any algorithm encrypts."""

_LONGEST_PLAINTEXT_OF_SM2 = 1024


def longest_plaintext(key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec) -> int:
    """The most bytes that an encryption algorithm of this key spec encrypts."""
    if algorithm is EncryptionAlgorithmSpec.SM2PKE:
        return _LONGEST_PLAINTEXT_OF_SM2
    if algorithm not in _OAEP_HASH_LENGTH:
        return _LONGEST_PLAINTEXT
    return MODULUS_BITS[key_spec] // 8 - 2 * _OAEP_HASH_LENGTH[algorithm] - 2
