"""
Keys that encrypt, their algorithms, and what openssl and pyca/cryptography need to do the same.
"""

from __future__ import annotations

from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import strategies as st

from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, Algorithms
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import GetPublicKeyRequest
from kmsmodel.words.enumerations import (
    DryRunModifierType,
    EncryptionAlgorithmSpec,
    KeySpec,
    KeyUsageType,
)
from tests.basics import facts
from tests.operations.steps import arn_of, create

SYMMETRIC = EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT
OAEP_SHA_1 = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1
OAEP_SHA_256 = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256
IGNORE = (DryRunModifierType.IGNORE_CIPHERTEXT,)
INCORRECT_KEY = "The key ID in the request does not identify a CMK that can perform this operation."

PAIRS = [
    (key_spec, EncryptionAlgorithmSpec(algorithm))
    for key_spec, of_key_spec in ALGORITHMS.items()
    for algorithm in of_key_spec.get(KeyUsageType.ENCRYPT_DECRYPT, Algorithms()).every
    if key_spec in SUPPORTED
]
"""Each key spec that encrypts, with each of its algorithms."""

RSA_PAIRS = [pair for pair in PAIRS if pair[0] is not KeySpec.SYMMETRIC_DEFAULT]

CONTEXTS = st.dictionaries(st.text(max_size=8), st.text(min_size=1, max_size=8), max_size=4)


def create_to_encrypt(
    local: LocalKms, key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT, **members: Any
) -> str:
    """The ARN of a new key that encrypts and decrypts."""
    usage = KeyUsageType.ENCRYPT_DECRYPT
    return arn_of(create(local, key_spec=key_spec, key_usage=usage, **members))


def longest(key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec) -> int:
    """How many bytes AWS says that an algorithm of this key spec encrypts."""
    of_key_spec = facts("key_specs.json")["key_specs"][key_spec]["max_plaintext_bytes"]
    return int(of_key_spec[algorithm])


def public_key(local: LocalKms, key_id: str) -> RSAPublicKey:
    der = local.handle(GetPublicKeyRequest(key_id=key_id)).public_key
    return cast("RSAPublicKey", load_der_public_key(der))
