"""
Opening CMS EnvelopedData (RFC 5652), as an attested environment does with what AWS KMS answers it.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK_BITS = 128
_CONSTRUCTED = 0x20
_INDEFINITE = 0x80
_END_OF_CONTENTS = bytes(2)


def open_enveloped_data(envelope: bytes, private_key: RSAPrivateKey) -> bytes:
    """
    The content of a ``CiphertextForRecipient``, for the owner of the private key.

    Raises ValueError for another key, and for anything but such an envelope.
    """
    try:
        (_, (enveloped_data,)), _ = _value(envelope, 0)
        _, ((_, _, _, encrypted_key),), (_, (_, iv), encrypted_content) = enveloped_data
        key = private_key.decrypt(encrypted_key, OAEP(MGF1(SHA256()), SHA256(), label=None))
        return _decrypted(b"".join(encrypted_content), key, iv)
    except (IndexError, TypeError, ValueError) as error:
        raise ValueError("this is not a CMS EnvelopedData for the owner of this key") from error


def _decrypted(content: bytes, key: bytes, iv: bytes) -> bytes:
    decryptor = Cipher(AES256(key), CBC(iv)).decryptor()
    padded = decryptor.update(content) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def _value(encoded: bytes, at: int) -> tuple[Any, int]:
    """The value in BER that begins here, a list if it has values in it, and where the next begins."""
    is_constructed, length, at = encoded[at] & _CONSTRUCTED, encoded[at + 1], at + 2
    if length == _INDEFINITE:
        values: list[Any] = []
        while not encoded.startswith(_END_OF_CONTENTS, at):
            value, at = _value(encoded, at)
            values.append(value)
        return values, at + len(_END_OF_CONTENTS)
    if length > _INDEFINITE:
        start = at + length - _INDEFINITE
        length, at = int.from_bytes(encoded[at:start]), start
    end = at + length
    if not is_constructed:
        return encoded[at:end], end
    values = []
    while at < end:
        value, at = _value(encoded, at)
        values.append(value)
    return values, end
