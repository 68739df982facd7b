"""
Secrets under a passphrase: a key that Scrypt (RFC 7914) derives from it, and AES-256-GCM.

What it costs to try a passphrase is as OWASP's *Password Storage Cheat Sheet* advises: 128 MiB, and some half a second.
"""

from __future__ import annotations

import json
import secrets as chance
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kmsmodel.storage.forms import decoded, encoded, items_of, members_of, wrong

COST = 2**17
_HIGHEST_COST = 2**20
_BLOCK_SIZE = 8
_PARALLELIZATION = 1
_SALT_BYTES = 16
_NONCE_BYTES = 12
_KEY_BYTES = 32
_MEMBERS = {"kdf", "salt", "cost", "nonce", "ciphertext"}


def in_the_clear(secrets: Sequence[bytes]) -> list[str]:
    """Secrets as plain data, which everybody can read."""
    return [encoded(secret) for secret in secrets]


def read_clear(data: object, at: str) -> list[bytes]:
    """The secrets in plain data. Raises ValueError for data of another form."""
    items = enumerate(items_of(data, at))
    return [decoded(item, f"{at}[{number}]") for number, item in items]


def sealed(secrets: Sequence[bytes], passphrase: str, beside: Mapping[str, Any]) -> dict[str, Any]:
    """Secrets that open under the passphrase only, and only with the data that they are kept ``beside``."""
    if not passphrase:
        raise ValueError("an empty passphrase seals nothing")
    salt, nonce = chance.token_bytes(_SALT_BYTES), chance.token_bytes(_NONCE_BYTES)
    plaintext = json.dumps(in_the_clear(secrets)).encode()
    key = _key(passphrase, salt, COST)
    return {
        "kdf": "scrypt",
        "salt": encoded(salt),
        "cost": COST,
        "nonce": encoded(nonce),
        "ciphertext": encoded(AESGCM(key).encrypt(nonce, plaintext, _authenticated(beside))),
    }


def unsealed(data: object, passphrase: str, beside: Mapping[str, Any]) -> list[bytes]:
    """
    The secrets that were sealed.

    Raises ValueError for another passphrase, if what they are kept ``beside`` is not the same, and for data of another
    form.
    """
    at = "secrets.sealed"
    given = members_of(data, at)
    if set(given) != _MEMBERS or given["kdf"] != "scrypt":
        raise wrong(at, "sealed under a key of scrypt, with salt, cost, nonce and ciphertext")
    cost = given["cost"]
    if type(cost) is not int or not 1 < cost <= _HIGHEST_COST or cost & (cost - 1):
        raise wrong(f"{at}.cost", f"a power of two, at most {_HIGHEST_COST}")
    nonce = decoded(given["nonce"], f"{at}.nonce")
    if len(nonce) != _NONCE_BYTES:
        raise wrong(f"{at}.nonce", f"{_NONCE_BYTES} bytes")
    ciphertext = decoded(given["ciphertext"], f"{at}.ciphertext")
    key = _key(passphrase, decoded(given["salt"], f"{at}.salt"), cost)
    try:
        plaintext = AESGCM(key).decrypt(nonce, ciphertext, _authenticated(beside))
    except InvalidTag:
        raise ValueError(
            "the snapshot does not open: the passphrase is another, or the snapshot was changed"
        ) from None
    return read_clear(json.loads(plaintext), at)


def _key(passphrase: str, salt: bytes, cost: int) -> bytes:
    scrypt = Scrypt(salt=salt, length=_KEY_BYTES, n=cost, r=_BLOCK_SIZE, p=_PARALLELIZATION)
    return scrypt.derive(passphrase.encode("utf-8", "surrogatepass"))


def _authenticated(beside: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(beside, sort_keys=True, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        raise ValueError("the snapshot is malformed: it is not JSON") from None
