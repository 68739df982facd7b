"""
The ciphertext blob of symmetric encryption: what it names, and how it binds its encryption context.

It has the form of AWS's own: a header that tells the key material, a salt, and CMS EncryptedData. The format is
described in ``docs/ciphertext.md``, exactly enough to open a ciphertext outside of this model.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import final

from attrs import frozen

from kmsmodel.hsm.der import head
from kmsmodel.hsm.port import Cipher
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.arn import parse_key_arn

_OF_DATA = bytes.fromhex("01 02 02 00 78")
_OF_DATA_KEY = bytes.fromhex("01 02 03 00 78")
_KEY_MATERIAL_ID = slice(5, 37)
_BEFORE_SALT = b"\x01"
_SALT_START, _SALT_END = 38, 54
_SALT_BYTES = _SALT_END - _SALT_START
_NONCE_BYTES = 12
_HANDLE_BYTES = 7
_CHECKSUM_BYTES = 4
_SHORTEST_CONTENT = _HANDLE_BYTES + 16 + _CHECKSUM_BYTES
"""The content of an empty plaintext: the tag of AES-GCM has 16 bytes."""


@final
@frozen
class CiphertextBlob:
    """
    The key and the key material that a ciphertext names, and what the HSM made of the plaintext.

    ``key_handle`` is the `key_handle` of its KMS key. ``is_data_key`` tells AWS's two kinds apart: what `Encrypt` and
    `ReEncrypt` make, and the data keys.
    """

    key_handle: bytes
    key_material_id: str
    sealed: bytes = b""
    is_data_key: bool = False

    @cached_property
    def header(self) -> bytes:
        """What every ciphertext of one key material begins with, in the clear."""
        kind = _OF_DATA_KEY if self.is_data_key else _OF_DATA
        return kind + bytes.fromhex(self.key_material_id)

    def additional_data(self, encryption_context: Mapping[str, str] | None) -> bytes:
        """What is authenticated and not encrypted: the header, the key's handle, and the encryption context."""
        return self.header + self.key_handle + canonical(encryption_context)

    def seal(
        self,
        secret: Secret,
        plaintext: bytes,
        encryption_context: Mapping[str, str] | None,
        hsm: Cipher,
        purpose: str,
    ) -> bytes:
        """The ciphertext blob of a plaintext, encrypted under the key material that this names."""
        header, handle = self.header, self.key_handle
        additional_data = header + handle + canonical(encryption_context)
        return _written(header, handle, hsm.encrypt(secret, plaintext, additional_data, purpose))

    def open(
        self, secret: Secret, encryption_context: Mapping[str, str] | None, hsm: Cipher
    ) -> bytes | None:
        """The plaintext, or None for other key material, another encryption context, or a changed ciphertext."""
        return hsm.decrypt(secret, self.sealed, self.additional_data(encryption_context))

    def __bytes__(self) -> bytes:
        return _written(self.header, self.key_handle, self.sealed)


def parse(blob: bytes) -> CiphertextBlob | None:
    """The parts of a ciphertext blob, none of them trusted yet; None for another form or a wrong checksum."""
    content_length = _content_length(len(blob))
    if content_length is None:
        return None
    content = blob[-content_length:]
    before_nonce, _ = _around_nonce(content_length)
    nonce_start = _SALT_END + len(before_nonce)
    nonce = blob[nonce_start : nonce_start + _NONCE_BYTES]
    parsed = CiphertextBlob(
        key_handle=content[:_HANDLE_BYTES],
        key_material_id=blob[_KEY_MATERIAL_ID].hex(),
        sealed=blob[_SALT_START:_SALT_END] + nonce + content[_HANDLE_BYTES:-_CHECKSUM_BYTES],
        is_data_key=blob.startswith(_OF_DATA_KEY),
    )
    return parsed if bytes(parsed) == blob else None


@lru_cache(1024)
def key_handle(key_arn: str) -> bytes:
    """What a ciphertext calls its KMS key: the same for the key's whole life, and for multi-Region relatives."""
    named = parse_key_arn(key_arn)
    name = f"kmsmodel key handle\0{named.account}:{named.key_id}"
    return hashlib.sha256(name.encode()).digest()[:_HANDLE_BYTES]


@lru_cache(1024)
def empty(key_arn: str, key_material_id: str, *, is_data_key: bool) -> CiphertextBlob:
    """The ciphertext blob of a KMS key and its key material, before anything is sealed in it."""
    return CiphertextBlob(key_handle(key_arn), key_material_id, is_data_key=is_data_key)


# ---- the encryption context


def canonical(encryption_context: Mapping[str, str] | None) -> bytes:
    """The bytes of an encryption context: the same in any order, and different for different contexts."""
    if not encryption_context:
        return _EMPTY
    pairs = sorted((k.encode(), v.encode()) for k, v in encryption_context.items())
    return _number(len(pairs)) + b"".join(_prefixed(text) for pair in pairs for text in pair)


def _number(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _prefixed(text: bytes) -> bytes:
    return _number(len(text)) + text


_EMPTY = _number(0)


# ---- the form: CMS EncryptedData (RFC 5652, RFC 5084) in DER


def _written(header: bytes, handle: bytes, sealed: bytes) -> bytes:
    """The whole blob: ``sealed`` is a salt of 16 bytes, a nonce of 12, and what was encrypted, with its tags."""
    nonce_end = _SALT_BYTES + _NONCE_BYTES
    content_length = len(sealed) - nonce_end + _HANDLE_BYTES + _CHECKSUM_BYTES
    before_nonce, after_nonce = _around_nonce(content_length)
    salt, nonce, encrypted = (
        sealed[:_SALT_BYTES],
        sealed[_SALT_BYTES:nonce_end],
        sealed[nonce_end:],
    )
    before = header + _BEFORE_SALT + salt + before_nonce + nonce + after_nonce
    blob = before + handle + encrypted
    return blob + zlib.crc32(blob).to_bytes(_CHECKSUM_BYTES, "big")


_SEQUENCE, _EXPLICIT_0, _IMPLICIT_0 = b"\x30", b"\xa0", b"\x80"
_ENCRYPTED_DATA = bytes.fromhex("06 09 2a864886f70d010706")
_VERSION_0 = bytes.fromhex("02 01 00")
_DATA_BY_AES_256_GCM = bytes.fromhex("06 09 2a864886f70d010701 30 1e 06 09 60864801650304012e")
_PARAMETERS = bytes.fromhex("30 11 04 0c")
_TAG_LENGTH_16 = bytes.fromhex("02 01 10")
_LEAST_AROUND, _MOST_AROUND = 125, 140
"""How much longer a blob is than its content, with the shortest lengths of DER and with some of 4 bytes."""


@lru_cache(1024)
def _around_nonce(content_length: int) -> tuple[bytes, bytes]:
    """What stands before the nonce, from the length of the DER on, and between the nonce and the content."""
    after = _TAG_LENGTH_16 + head(_IMPLICIT_0, content_length)
    rest = _NONCE_BYTES + len(after) + content_length
    before = _DATA_BY_AES_256_GCM + _PARAMETERS
    for tag, opening in (
        (_SEQUENCE, _VERSION_0),
        (_SEQUENCE, b""),
        (_EXPLICIT_0, _ENCRYPTED_DATA),
        (_SEQUENCE, b""),
    ):
        before = opening + head(tag, len(before) + rest) + before
    return _number(len(before) + rest) + before, after


@lru_cache(1024)
def _content_length(blob_length: int) -> int | None:
    """The length of the content of a blob of this length, or None if no blob has this length."""
    longest = blob_length - _LEAST_AROUND
    for content_length in range(max(_SHORTEST_CONTENT, blob_length - _MOST_AROUND), longest + 1):
        before, after = _around_nonce(content_length)
        around = _SALT_END + len(before) + _NONCE_BYTES + len(after)
        if around + content_length == blob_length:
            return content_length
    return None
