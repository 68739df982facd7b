"""
The grant token, which names a new grant in a request, before the grant is seen everywhere.

A token looks like AWS's: base64 of a version, the id of a key that seals tokens, what is sealed under it, and the grant
id. It names its grant by itself, so that no index of tokens is kept. Source of the form: the example of `CreateGrant`
in the API Reference. What is sealed is the model's own, under a key that follows from the Region alone: whoever makes a
token gains nothing by it, because only the grant permits.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from typing import final

from attrs import frozen

from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.arn import KeyArn

_VERSION = b"\x01"
_ID_OF_KEY = b"\x0a\x40"
"""What stands before the id of the sealing key: 64 hexadecimal digits."""

_SEALED = b"\x22"
_HEADER = bytes.fromhex("01 01 02 00 78")
_GRANT_ID = b"\x2a\x20"
"""What stands before the 32 bytes of the grant id."""

_TAIL_BYTES = 34
_MOST_IN_ONE_BYTE = 0x7F
_LENGTH_BYTES = 2


@final
@frozen
class GrantToken:
    """The grant that a token names, and the KMS key that it is on."""

    key_arn: KeyArn
    grant_id: str

    def seal(self, hsm: Hsm, purpose: str) -> str:
        """A new token; no two have the same text."""
        region, grant_id = self.key_arn.region, bytes.fromhex(self.grant_id)
        content = f"{self.key_arn.account}:{self.key_arn.key_id}".encode()
        before = _before_sealed(region)
        sealed = hsm.encrypt(_sealing_key(region), content, before + grant_id, purpose)
        parts = (before, _length(len(_head(region)) + len(sealed)), _head(region), sealed)
        return _text(b"".join((*parts, _GRANT_ID, grant_id)))


def unseal(text: str, region: str, hsm: Hsm) -> GrantToken | None:
    """What a token of this Region names; None for anything that is not one."""
    token = _bytes(text)
    if token is None or token[-_TAIL_BYTES:-32] != _GRANT_ID:
        return None
    before, grant_id = _before_sealed(region), token[-32:]
    start = len(before) + _LENGTH_BYTES + len(_head(region))
    sealed = token[start:-_TAIL_BYTES]
    if token[:start] != before + _length(len(_head(region)) + len(sealed)) + _head(region):
        return None
    content = hsm.decrypt(_sealing_key(region), sealed, before + grant_id)
    if content is None:
        return None
    account, _, key_id = content.decode().partition(":")
    return GrantToken(KeyArn(account, region, key_id), grant_id.hex())


@lru_cache(64)
def _sealing_key(region: str) -> Secret:
    return Secret(_hash("key", region))


@lru_cache(64)
def _before_sealed(region: str) -> bytes:
    return _VERSION + _ID_OF_KEY + _hash("key id", region).hex().encode() + _SEALED


@lru_cache(64)
def _head(region: str) -> bytes:
    """What the sealed part begins with: as in a ciphertext, a version and the id of the key."""
    return _HEADER + _hash("key id", region)


def _hash(what: str, region: str) -> bytes:
    return hashlib.sha256(f"kmsmodel grant token {what}\0{region}".encode()).digest()


def _length(number: int) -> bytes:
    """A length in two bytes, seven bits in each, the lower ones first."""
    return bytes((number & _MOST_IN_ONE_BYTE | 0x80, number >> 7))


def _text(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def _bytes(text: str) -> bytes | None:
    """The bytes of a token, unless its text is not what `_text` writes."""
    try:
        token = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return token if _text(token) == text else None
