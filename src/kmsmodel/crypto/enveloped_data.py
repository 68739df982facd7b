"""
CMS EnvelopedData (RFC 5652) for one recipient: what AWS KMS answers an attested environment with.

The content is encrypted by AES-256-CBC under a key of its own, and that key by RSAES-OAEP with SHA-256 under the
recipient's. AWS writes the outer values with indefinite lengths (BER), and so does this module. Source: an answer that
was recorded, in ``tests/data/attestation``.
"""

from __future__ import annotations

import hashlib
from typing import final

from attrs import frozen
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from kmsmodel.hsm.der import value

KEY_BYTES = 32
IV_BYTES = 16

_SEQUENCE, _SET, _OCTET_STRING, _EXPLICIT_0 = b"\x30", b"\x31", b"\x04", b"\xa0"
_SUBJECT_KEY_IDENTIFIER = b"\x80"
_VERSION_2 = bytes.fromhex("02 01 02")
_ENVELOPED_DATA = bytes.fromhex("06 09 2a864886f70d010703")
_DATA = bytes.fromhex("06 09 2a864886f70d010701")
_AES_256_CBC = bytes.fromhex("06 09 60864801650304012a")
_SHA_256 = bytes.fromhex("30 0d 06 09 608648016503040201 05 00")
_MGF1_WITH_SHA_256 = bytes.fromhex("30 1a 06 09 2a864886f70d010108") + _SHA_256
_RSAES_OAEP_SHA_256 = (
    bytes.fromhex("30 3c 06 09 2a864886f70d010107 30 2f a0 0f")
    + _SHA_256
    + bytes.fromhex("a1 1c")
    + _MGF1_WITH_SHA_256
)
_INDEFINITE = b"\x80"
_END_OF_CONTENTS = bytes(2)
_INDEFINITE_VALUES = 5
"""How many values have no length, but an end: from ContentInfo to the encrypted content."""


@final
@frozen
class EnvelopedData:
    """The parts of an envelope that differ from one to the next."""

    subject_key_identifier: bytes
    encrypted_key: bytes
    iv: bytes
    encrypted_content: bytes

    def __bytes__(self) -> bytes:
        recipient = value(
            _SEQUENCE,
            _VERSION_2,
            value(_SUBJECT_KEY_IDENTIFIER, self.subject_key_identifier),
            _RSAES_OAEP_SHA_256,
            value(_OCTET_STRING, self.encrypted_key),
        )
        algorithm = value(_SEQUENCE, _AES_256_CBC, value(_OCTET_STRING, self.iv))
        return b"".join(
            (
                _SEQUENCE + _INDEFINITE + _ENVELOPED_DATA,
                _EXPLICIT_0 + _INDEFINITE,
                _SEQUENCE + _INDEFINITE + _VERSION_2,
                value(_SET, recipient),
                _SEQUENCE + _INDEFINITE + _DATA + algorithm,
                _EXPLICIT_0 + _INDEFINITE + value(_OCTET_STRING, self.encrypted_content),
                _END_OF_CONTENTS * _INDEFINITE_VALUES,
            )
        )


def subject_key_identifier(public_key: bytes) -> bytes:
    """What an envelope calls its recipient's public key; AWS's has 32 bytes too."""
    return hashlib.sha256(public_key).digest()


def encrypt(content: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-256-CBC with the padding of PKCS #7."""
    padder = PKCS7(8 * IV_BYTES).padder()
    encryptor = Cipher(AES256(key), CBC(iv)).encryptor()
    return encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
