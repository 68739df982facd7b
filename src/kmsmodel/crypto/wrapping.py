"""
How a client wraps key material for import: step 3 of *Importing key material* in the Developer Guide.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeAlias, get_args

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
    load_pem_private_key,
)

from kmsmodel.words.arguments import expect
from kmsmodel.words.enumerations import AlgorithmSpec

_OAEP_SHA_1 = OAEP(MGF1(SHA1()), SHA1(), label=None)
_OAEP_SHA_256 = OAEP(MGF1(SHA256()), SHA256(), label=None)

PADDINGS: Mapping[str, OAEP] = {
    AlgorithmSpec.RSAES_OAEP_SHA_1: _OAEP_SHA_1,
    AlgorithmSpec.RSAES_OAEP_SHA_256: _OAEP_SHA_256,
    AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_1: _OAEP_SHA_1,
    AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256: _OAEP_SHA_256,
}
"""The padding that each algorithm uses with RSA."""

KEY_WRAPS = frozenset(
    {AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_1, AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256}
)
"""The wrapping algorithms that encrypt an AES key with RSA, and the key material with that AES key (RFC 5649)."""

AES_KEY_BYTES = 32

LONGEST_HMAC_MATERIAL = 128
"""Bytes of the longest key material that is not a private key: *Key material requirements* in the Developer Guide."""

KeyMaterial: TypeAlias = bytes | str | PrivateKeyTypes
"""Key material as people have it: bytes, a private key of pyca/cryptography, or one in PEM."""


def plain_key_material(material: KeyMaterial) -> bytes:
    """
    Key material in the form that AWS KMS takes: bytes as they are, and a private key in PKCS #8, DER.

    Raises ValueError for PEM that is not a private key, or an encrypted one, and TypeError for anything else.
    """
    if isinstance(material, bytes) and not material.lstrip().startswith(b"-----BEGIN "):
        return material
    if isinstance(material, bytes | str):
        try:
            pem = material.encode() if isinstance(material, str) else material
            material = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        except TypeError:
            raise ValueError("the private key is encrypted; decrypt it first") from None
        except ValueError:
            raise ValueError("a text of key material is a private key in PEM") from None
    if not isinstance(material, get_args(PrivateKeyTypes)):
        kind = type(material).__name__
        raise TypeError(f"key material is bytes, a private key, or PEM, not {kind}")
    der: bytes = material.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der


def wrapping_algorithm(material: bytes) -> AlgorithmSpec:
    """An algorithm that wraps this key material, under a wrapping key of 3,072 bits or more."""
    if (
        len(material) > LONGEST_HMAC_MATERIAL
    ):  # so it is a private key, which may be too long for RSA
        return AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    return AlgorithmSpec.RSAES_OAEP_SHA_256


def wrap_key_material(public_key: bytes, algorithm: AlgorithmSpec | str, material: bytes) -> bytes:
    """
    Encrypt key material for `ImportKeyMaterial`, under the public key (DER) that `GetParametersForImport` gave.

    Raises ValueError for an algorithm that cannot wrap, for bytes that are not an RSA public key, and for key material
    that is too long for the key or, with an AES key wrap, empty; TypeError for anything but bytes. What key material
    the KMS key takes is not asked here, but by AWS KMS when it is imported.
    """
    expect("public_key", public_key, bytes)
    expect("material", material, bytes, hint="plain_key_material makes bytes of a private key")
    padding = PADDINGS.get(AlgorithmSpec(algorithm))
    if padding is None:
        raise ValueError(f"{algorithm} does not wrap key material here")
    key = load_der_public_key(public_key)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("key material is wrapped under an RSA public key")  # noqa: TRY004 - as for other bytes
    if algorithm not in KEY_WRAPS:
        try:
            return key.encrypt(material, padding)
        except ValueError as error:
            raise ValueError(
                f"{len(material)} bytes are too many for {algorithm} and this public key; "
                f"a private key is wrapped by {AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256}"
            ) from error
    aes_key = os.urandom(AES_KEY_BYTES)
    return key.encrypt(aes_key, padding) + aes_key_wrap_with_padding(aes_key, material)
