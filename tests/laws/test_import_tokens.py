"""
An import token serves its own key and wrapping algorithm, any number of times, for 24 hours.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING
from kmsmodel.testing.values import spans
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec, OriginType, WrappingKeySpec
from tests import strategies
from tests.basics import HSM, MICROSECOND, facts
from tests.worlds.belongings import KeyInWorld
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import Refused
from tests.worlds.world import World, world

HOURS_24 = timedelta(hours=24)
MATERIAL = bytes(range(32))
RAW_LENGTHS: dict[KeySpec, dict[str, int]] = {
    KeySpec(key_spec): fact["import"]["length_bytes"]
    for key_spec, fact in facts("key_specs.json")["key_specs"].items()
    if fact["import"].get("format") == "raw bytes"
}
"""The lengths that AWS lists for key material that is not a private key."""

Wrapping = tuple[KeySpec, AlgorithmSpec, WrappingKeySpec]

importable = st.sampled_from(
    [key for key in world().keys if key.valid_parameters and "delet" not in key.name]
)


@st.composite
def wrappings(draw: st.DrawFn, key_spec: KeySpec | None = None) -> Wrapping:
    """A key spec, and a wrapping algorithm and a wrapping key spec that suit it."""
    key_spec = key_spec or draw(st.sampled_from(sorted(WRAPPING)))
    algorithm = draw(st.sampled_from(sorted(WRAPPING[key_spec])))
    return key_spec, algorithm, draw(st.sampled_from(sorted(WRAPPING[key_spec][algorithm])))


def _key(ask: Conversation, key_spec: KeySpec) -> str:
    usage = next(iter(ALGORITHMS[key_spec]))
    return ask.create_key(origin=OriginType.EXTERNAL, key_spec=key_spec, key_usage=usage)


@cache
def _material(key_spec: KeySpec) -> bytes:
    return HSM.generate(key_spec, "key material of a client").reveal()


@given(wrappings())
def test_a_token_of_one_key_never_serves_another(wrapping: Wrapping) -> None:
    """This holds even if the key spec, the wrapping algorithm and the public key are the same."""
    ask = Conversation()
    key_spec, algorithm, wrapping_key_spec = wrapping
    key, another = _key(ask, key_spec), _key(ask, key_spec)
    of_key, of_another = (
        ask.parameters(each, algorithm, wrapping_key_spec) for each in (key, another)
    )
    refused = ask.refuses(of_another.request(key, _material(key_spec)))
    assert refused is not None
    assert refused.code == "InvalidImportTokenException"
    assert ask.refuses(of_key.request(key, _material(key_spec))) is None


@given(wrappings(KeySpec.ECC_NIST_P256), wrappings(KeySpec.ECC_NIST_P256))
def test_a_token_never_serves_another_wrapping_algorithm(one: Wrapping, other: Wrapping) -> None:
    """Nor does it serve another wrapping key: key material that was not wrapped as the token says does not unwrap."""
    ask = Conversation()
    key, material = _key(ask, KeySpec.ECC_NIST_P256), _material(KeySpec.ECC_NIST_P256)
    of_one, of_other = (
        ask.parameters(key, algorithm, wrapping_key_spec)
        for _, algorithm, wrapping_key_spec in (one, other)
    )
    request = evolve(
        of_one.request(key, material), encrypted_key_material=of_other.wrapped(material)
    )
    same_key = of_one.response.public_key == of_other.response.public_key
    fits = same_key and of_one.algorithm is of_other.algorithm
    arn = ask.describe_key(key).arn
    refused = None if fits else Refused("InvalidCiphertextException", "", arn, None)
    assert ask.refuses(request) == refused


@given(importable, spans())
def test_a_token_is_valid_for_24_hours_to_the_microsecond(
    key: KeyInWorld, later: timedelta
) -> None:
    """Any number of tokens can be valid at once."""
    ask = world().conversation
    ask.advance(later)
    algorithm = key.parameters[0].algorithm
    spec = min(WRAPPING[key.key_spec][algorithm])
    tokens = [ask.parameters(key.key_id, algorithm, spec) for _ in range(2)]
    material = (key.materials or (_material(key.key_spec),))[0]
    start = ask.now
    for token in tokens:
        assert token.valid_to == start + HOURS_24
    ask.now = start + HOURS_24 - MICROSECOND
    for token in tokens:
        assert ask.refuses(token.request(key.key_id, material)) is None
    ask.now = start + HOURS_24
    for token in tokens:
        refused = ask.refuses(token.request(key.key_id, material))
        assert refused is not None
        assert refused.code == "ExpiredImportTokenException"


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
@pytest.mark.parametrize("name", ["pending import", "imported", "multi-Region, imported"])
def test_a_changed_byte_anywhere_in_a_token_is_refused(name: str, mask: int) -> None:
    """Cut and extended tokens are refused too."""
    ask, key = world().conversation, world().named(name)
    (parameters, *_) = key.valid_parameters
    whole = parameters.import_token
    request = parameters.request(key.key_id, MATERIAL)
    changed = [
        bytes([*whole[:where], whole[where] ^ mask, *whole[where + 1 :]])
        for where in range(len(whole))
    ]
    for token in (*changed, whole[: mask % len(whole)], whole[:-1], whole + bytes([mask])):
        refused = ask.refuses(evolve(request, import_token=token))
        assert refused == Refused("InvalidImportTokenException", "", key.arn, None)


@given(
    strategies.worlds(),
    st.sampled_from(sorted(RAW_LENGTHS)),
    st.binary(min_size=1, max_size=140) | st.binary(min_size=24, max_size=66),
)
def test_only_key_material_of_the_right_length_is_imported(
    world: World, key_spec: KeySpec, material: bytes
) -> None:
    """
    A symmetric encryption key takes 256 bits, an HMAC key at least as many as its digest and at most 1,024.
    """
    ask = world.conversation
    key = _key(ask, key_spec)
    parameters = ask.parameters(key, wrapping_key_spec=WrappingKeySpec.RSA_3072)
    refused = ask.refuses(parameters.request(key, material))
    fits = RAW_LENGTHS[key_spec]["min"] <= len(material) <= RAW_LENGTHS[key_spec]["max"]
    assert (None if refused is None else refused.code) == (
        None if fits else "InvalidCiphertextException"
    )
