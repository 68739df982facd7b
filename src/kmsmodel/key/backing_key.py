"""
Backing keys: the bytes of key materials, as AWS KMS holds them for a KMS key, and their ids.
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
    What AWS KMS holds of one key material; `Material` is its place in the key's life.

    ``secret`` is None once the material was deleted, or its expiry was settled. Of a key in an AWS CloudHSM cluster it
    is the label, because AWS KMS never has its bytes. Only an asymmetric key has a ``public_key`` (DER), and it stays.
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
    The key material of automatic rotation ``number`` (from 0) of a KMS key, derived from its ``first`` key material.

    Because it is derived, callers who only read a key see its rotations, and all see the same. It is as long as the
    first: 32 bytes, or the 16 of a key of SM4.
    """
    label, key = b"kmsmodel automatic rotation\0", first.reveal()
    return Secret(hmac.digest(key, label + number.to_bytes(4, "big"), hashlib.sha256)[: len(key)])
