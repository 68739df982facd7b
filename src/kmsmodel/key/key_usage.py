"""
Whether a KMS key has the key usage that an operation needs, and takes the requested algorithm.
"""

from __future__ import annotations

from collections.abc import Mapping

from kmsmodel.errors import InvalidKeyUsageException
from kmsmodel.key.key import Key
from kmsmodel.words.enumerations import KeyUsageType

_ENCRYPT_DECRYPT = KeyUsageType.ENCRYPT_DECRYPT

KEY_USAGE: Mapping[str, KeyUsageType] = {
    "Decapsulate": KeyUsageType.ENCAPSULATE_DECAPSULATE,
    "Decrypt": _ENCRYPT_DECRYPT,
    "DeriveSharedSecret": KeyUsageType.KEY_AGREEMENT,
    "Encapsulate": KeyUsageType.ENCAPSULATE_DECAPSULATE,
    "Encrypt": _ENCRYPT_DECRYPT,
    "GenerateDataKey": _ENCRYPT_DECRYPT,
    "GenerateDataKeyPair": _ENCRYPT_DECRYPT,
    "GenerateDataKeyPairWithoutPlaintext": _ENCRYPT_DECRYPT,
    "GenerateDataKeyWithoutPlaintext": _ENCRYPT_DECRYPT,
    "GenerateMac": KeyUsageType.GENERATE_VERIFY_MAC,
    "ReEncrypt": _ENCRYPT_DECRYPT,
    "Sign": KeyUsageType.SIGN_VERIFY,
    "Verify": KeyUsageType.SIGN_VERIFY,
    "VerifyMac": KeyUsageType.GENERATE_VERIFY_MAC,
}
"""The key usage that an operation needs; the other operations take a key of any key usage."""


def check(operation: str, key: Key) -> None:
    """Refuse a KMS key without the key usage that the operation needs. Raises InvalidKeyUsageException."""
    needed = KEY_USAGE.get(operation)
    if needed is not None and key.key_usage is not needed:
        raise InvalidKeyUsageException(
            f"{key.arn} key usage is {key.key_usage} which is not valid for {operation}.",
            arn=key.arn,
        )


def check_algorithm(key: Key, algorithm: str) -> None:
    """Refuse an algorithm that the key spec does not have for the key usage. Raises InvalidKeyUsageException."""
    if algorithm not in key.algorithms.every:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}.", arn=key.arn
        )
