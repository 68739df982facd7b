"""
Secrets never show, neither in representations nor in messages.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, strategies as st

from kmsmodel.errors import KmsError
from kmsmodel.hsm import import_token
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.service import handle
from tests import strategies
from tests.basics import HSM
from tests.worlds.belongings import KeyInWorld
from tests.worlds.outcome import keys_of, secrets_of
from tests.worlds.world import World, world

PLAINTEXT = b"a plaintext that nobody is to see"


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_secrets_never_show(operation: str, world: World, data: st.DataObject) -> None:
    """No key material, import secret, wrapping key or plaintext shows: not as bytes, in hexadecimal or in base64."""
    key = data.draw(strategies.keys(world))
    for request in data.draw(strategies.neighbours(world, key, operation)):
        asked = request
        if isinstance(request, EncryptRequest):
            asked = evolve(request, plaintext=PLAINTEXT)
        shown = list(_texts(asked))
        kms = world.kms
        try:
            kms, response = handle(kms, asked, world.call())
        except KmsError as error:
            shown += [*_texts(error), *_texts(error.__dict__), repr(error.__context__)]
        else:
            shown += _texts(response)
        of_key = [each for each in keys_of(kms) if each.arn == key.arn]
        shown += [text for each in of_key for text in _texts(each)]
        assert seen_in("\n".join(shown), secrets_of(of_key) | _of_owner(key)) == []


def test_a_state_shows_no_secrets() -> None:
    """Nor does any key in it, or what the key's owner keeps."""
    first = world()
    values = (first.kms, *first.remembered, first, *first.keys)
    text = "\n".join({text for value in values for text in _texts(value)})
    secrets = secrets_of(first.remembered).union(*map(_of_owner, first.keys))
    assert seen_in(text, secrets) == []


def test_a_secret_that_shows_is_found() -> None:
    """The tests find it in each encoding, wherever it begins."""
    (secret, *_) = secrets_of(world().remembered)
    for shown in (
        repr(secret),
        secret.hex(),
        base64.b64encode(secret).decode(),
        base64.b64encode(b"a" + secret).decode(),
        base64.urlsafe_b64encode(b"ab" + secret).decode(),
        str(list(secret)),
    ):
        assert seen_in(f"a text with {shown} in it", frozenset({secret})) != []


def seen_in(text: str, secrets: frozenset[bytes]) -> list[str]:
    return [form for secret in secrets for form in _forms(secret) if form in text]


def _texts(value: Any) -> Iterator[str]:
    yield repr(value)
    yield str(value)
    yield f"{value}"


def _private_part(secret: bytes) -> bytes:
    """The secret, without the public key that PKCS #8 has at the end for an elliptic curve."""
    try:
        key = load_der_private_key(secret, password=None, unsafe_skip_rsa_key_validation=True)
    except ValueError:
        return secret
    if not isinstance(key, EllipticCurvePrivateKey):
        return secret
    return key.private_numbers().private_value.to_bytes((key.key_size + 7) // 8)


@cache
def _forms(whole: bytes) -> frozenset[str]:
    """How the end of a secret looks in a text, in each encoding; an RSA key begins with its public part."""
    secret = _private_part(whole)
    # In base64 three bytes are four characters, so each of three places to begin looks different.
    parts = [secret[start : start + 12] for start in range(len(secret) - 17, len(secret) - 14)]
    return frozenset(
        form
        for part in parts
        for form in (
            repr(part)[2:-1],
            part.decode("latin-1"),
            part.hex(),
            part.hex().upper(),
            base64.b64encode(part).decode(),
            base64.urlsafe_b64encode(part).decode(),
            ", ".join(map(str, part)),
        )
    )


def _of_owner(key: KeyInWorld) -> frozenset[bytes]:
    """Key material, plaintexts, and the private key that each import token holds."""
    plaintexts = {PLAINTEXT, *(sealed.plaintext for sealed in key.ciphertexts)}
    return frozenset({*plaintexts, *key.materials, *_private_keys(key.name)})


@cache
def _private_keys(name: str) -> frozenset[bytes]:
    first = world()
    key = first.named(name)
    (secret,) = (each.import_secret for each in first.remembered if each.arn == key.arn)
    if secret is None:
        return frozenset()
    tokens = (
        import_token.unseal(
            each.import_token, secret, key.arn, HSM, each.valid_to - timedelta(hours=1)
        )
        for each in key.parameters
    )
    return frozenset(token.private_key.reveal() for token in tokens)
