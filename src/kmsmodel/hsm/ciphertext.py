"""
The ciphertext blob of symmetric encryption: what it names, and how it binds its encryption context.

``docs/ciphertext.md`` describes the format in enough detail to open a ciphertext without this model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret

_VERSION = b"\x01"
_ACCOUNT = slice(1, 13)
_KEY_ID_LENGTH = 13
_KEY_ID_START = 14
_KEY_MATERIAL_ID_BYTES = 32


@final
@frozen
class CiphertextBlob:
    """The key and the key material that a ciphertext names, and the plaintext as the HSM encrypted it."""

    account: str
    key_id: str
    key_material_id: str
    sealed: bytes = b""

    @property
    def header(self) -> bytes:
        """The unencrypted part of a ciphertext, which names the key and the key material."""
        key_id, material_id = self.key_id.encode(), bytes.fromhex(self.key_material_id)
        return b"%b%b%c%b%b" % (_VERSION, self.account.encode(), len(key_id), key_id, material_id)

    def additional_data(self, encryption_context: Mapping[str, str] | None) -> bytes:
        """The data that is authenticated but not encrypted: the header, and the encryption context."""
        return self.header + canonical(encryption_context)

    def seal(
        self,
        secret: Secret,
        plaintext: bytes,
        encryption_context: Mapping[str, str] | None,
        hsm: Hsm,
        purpose: str,
    ) -> bytes:
        """The ciphertext blob of a plaintext, encrypted under ``secret``, the key material that this names."""
        additional_data = self.additional_data(encryption_context)
        return self.header + hsm.encrypt(secret, plaintext, additional_data, purpose)

    def open(
        self, secret: Secret, encryption_context: Mapping[str, str] | None, hsm: Hsm
    ) -> bytes | None:
        """The plaintext, or None for other key material, another encryption context, or a changed ciphertext."""
        return hsm.decrypt(secret, self.sealed, self.additional_data(encryption_context))

    def __bytes__(self) -> bytes:
        return self.header + self.sealed


def parse(blob: bytes) -> CiphertextBlob | None:
    """The parts of a ciphertext blob, not authenticated yet, or None if the bytes cannot be one."""
    if len(blob) <= _KEY_ID_START or not blob.startswith(_VERSION):
        return None
    material_start = _KEY_ID_START + blob[_KEY_ID_LENGTH]
    sealed_start = material_start + _KEY_MATERIAL_ID_BYTES
    account, key_id = blob[_ACCOUNT], blob[_KEY_ID_START:material_start]
    if len(blob) < sealed_start or not (account.isdigit() and key_id.isascii()):
        return None
    return CiphertextBlob(
        account=account.decode(),
        key_id=key_id.decode(),
        key_material_id=blob[material_start:sealed_start].hex(),
        sealed=blob[sealed_start:],
    )


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
