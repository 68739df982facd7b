"""
Key material: secret bytes that are kept from view, and the id that tells one key material from another.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import final

from attrs import frozen


@final
class Secret:
    """Secret bytes: absent from representations, compared in constant time."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        object.__setattr__(self, "_value", bytes(value))

    _value: bytes

    def reveal(self) -> bytes:
        """The bytes themselves."""
        return self._value

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a secret does not change")

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[type[Secret], tuple[bytes]]:
        return Secret, (self._value,)


@final
@frozen(kw_only=True)
class KeyMaterial:
    """
    What is remembered of a key material besides its place in the key's life.

    ``secret`` is None when the material was deleted, or its expiry settled. ``public_key`` (DER) is of an asymmetric
    key only; it stays.
    """

    key_material_id: str
    secret: Secret | None
    public_key: bytes | None = None
    description: str | None = None


def key_material_id(key_id: str, secret: Secret) -> str:
    """
    The id of a key material of the KMS key ``key_id``: 64 hexadecimal digits.

    Equal keys and material have equal ids, multi-Region relatives too, and an id tells nothing of the material.
    """
    label = b"kmsmodel key material id\0"
    # HMAC pads a short key and hashes a long one, so that two of its keys can be one: a hash of the material cannot.
    key = hashlib.sha256(secret.reveal()).digest()
    return hmac.digest(key, label + key_id.encode(), hashlib.sha256).hex()


def rotated(first: Secret, number: int) -> Secret:
    """
    The key material of the ``number``-th automatic rotation of a KMS key whose ``first`` key material is this.

    It is derived, so that who only reads a key sees what time has made of it, and everybody sees the same.
    """
    label = b"kmsmodel automatic rotation\0"
    return Secret(hmac.digest(first.reveal(), label + number.to_bytes(4, "big"), hashlib.sha256))
