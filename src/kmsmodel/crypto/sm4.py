"""
SM4 in Galois/Counter Mode, by which symmetric encryption keys of the China Regions encrypt.

Sources: GB/T 32907 (SM4), RFC 8998 (its use as an AEAD).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from kmsmodel.errors import UnsupportedOperationException

TAG_BYTES = 16


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, additional_data: bytes) -> bytes:
    """
    The ciphertext and its tag of 16 bytes, under a key of 16 bytes.

    Raises UnsupportedOperationException if the OpenSSL of pyca/cryptography was built without SM4.
    """
    try:
        encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    except UnsupportedAlgorithm as error:
        raise _refusal() from error
    encryptor.authenticate_additional_data(additional_data)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def decrypt(key: bytes, nonce: bytes, encrypted: bytes, additional_data: bytes) -> bytes | None:
    """The plaintext of what `encrypt` made with equal additional data, or None for anything else."""
    ciphertext, tag = encrypted[:-TAG_BYTES], encrypted[-TAG_BYTES:]
    if len(tag) < TAG_BYTES:
        return None
    try:
        decryptor = Cipher(SM4(key), GCM(nonce, tag)).decryptor()
    except UnsupportedAlgorithm as error:
        raise _refusal() from error
    decryptor.authenticate_additional_data(additional_data)
    plaintext = decryptor.update(ciphertext)
    try:
        return plaintext + decryptor.finalize()
    except InvalidTag:
        return None


def _refusal() -> UnsupportedOperationException:
    return UnsupportedOperationException("SM4 is not supported by this model.").with_note(
        "the OpenSSL that pyca/cryptography uses was built without SM4, or does not permit it"
    )
