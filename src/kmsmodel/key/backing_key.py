"""
Backing keys: the bytes of key materials, as AWS KMS holds them for a KMS key, and the ids that tell them apart.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import final

from attrs import frozen

from kmsmodel.hsm.secret import Secret
from kmsmodel.words.arn import KeyArn


@final
@frozen(kw_only=True)
class BackingKey:
    """
    What AWS KMS holds of one key material; its place in the key's life is told by `Material`.

    ``secret`` is None when the material was deleted, or its expiry settled. ``public_key`` (DER) is of an asymmetric
    key only; it stays.
    """

    key_material_id: str
    secret: Secret | None
    public_key: bytes | None = None
    description: str | None = None


def key_material_id(key_arn: KeyArn, secret: Secret) -> str:
    """
    The id of a key material of a KMS key: 64 hexadecimal digits.

    It follows from the account, the key id and the material, so multi-Region relatives have equal ids. An id tells
    nothing of the material.
    """
    name = f"kmsmodel key material id\0{key_arn.account}:{key_arn.key_id}"
    # HMAC pads a short key and hashes a long one, so that two of its keys can be one: a hash of the material cannot.
    key = hashlib.sha256(secret.reveal()).digest()
    return hmac.digest(key, name.encode(), hashlib.sha256).hex()


def rotated(first: Secret, number: int) -> Secret:
    """
    The key material of the ``number``-th automatic rotation of a KMS key whose ``first`` key material is this.

    It is derived, so that a caller who only reads a key sees what time has made of it, and all see the same.
    """
    label = b"kmsmodel automatic rotation\0"
    return Secret(hmac.digest(first.reveal(), label + number.to_bytes(4, "big"), hashlib.sha256))
