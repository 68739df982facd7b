"""
An import token serves its own key and wrapping algorithm, as often as it is wanted, for 24 hours.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from kmsmodel.shapes import AlgorithmSpec, OriginType, WrappingKeySpec
from kmsmodel.wrapping import wrap_key_material
from tests import strategies
from tests.worlds import MICROSECOND, Conversation, KeyInWorld, Parameters, Refused, World, world

HOURS_24 = timedelta(hours=24)
MATERIAL = bytes(range(32))

algorithms = st.sampled_from([AlgorithmSpec.RSAES_OAEP_SHA_1, AlgorithmSpec.RSAES_OAEP_SHA_256])
importable = st.sampled_from(
    [key for key in world().keys if key.valid_parameters and "delet" not in key.name]
)


def _key(ask: Conversation, algorithm: AlgorithmSpec) -> tuple[str, Parameters]:
    key_id = ask.create_key(origin=OriginType.EXTERNAL)
    return key_id, ask.parameters(key_id, algorithm)


@given(algorithms, algorithms)
def test_a_token_of_one_key_never_serves_another(one: AlgorithmSpec, other: AlgorithmSpec) -> None:
    """Though it was made with the same algorithm, and wraps under the same public key."""
    ask = Conversation()
    key, of_key = _key(ask, one)
    _, of_another = _key(ask, other)
    refused = ask.refuses(of_another.request(key, MATERIAL))
    assert refused is not None
    assert refused.code == "InvalidImportTokenException"
    assert ask.refuses(of_key.request(key, MATERIAL)) is None


@given(algorithms, algorithms, st.sampled_from([*WrappingKeySpec]))
def test_a_token_never_serves_another_wrapping_algorithm(
    one: AlgorithmSpec, other: AlgorithmSpec, wrapping_key_spec: WrappingKeySpec
) -> None:
    """Nor another wrapping key: what was wrapped otherwise than the token says does not unwrap."""
    assume(wrapping_key_spec is not WrappingKeySpec.SM2)
    ask = Conversation()
    key, of_key = _key(ask, one)
    another = ask.parameters(key, other, wrapping_key_spec)
    request = evolve(
        of_key.request(key, MATERIAL), encrypted_key_material=another.wrapped(MATERIAL)
    )
    fits = one is other and wrapping_key_spec is WrappingKeySpec.RSA_2048
    refused = None if fits else Refused("InvalidCiphertextException", "", None, None)
    assert ask.refuses(request) == refused


@given(importable, strategies.spans())
def test_a_token_serves_24_hours_to_the_microsecond(key: KeyInWorld, later: timedelta) -> None:
    """And any number of tokens may be out at once."""
    ask = world().conversation
    ask.advance(later)
    tokens = [ask.parameters(key.key_id) for _ in range(2)]
    material = (key.materials or (MATERIAL,))[0]
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
    """And so is a token that is cut, or has more."""
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


@given(strategies.worlds(), st.binary(min_size=1, max_size=64))
def test_only_key_material_of_the_right_length_is_imported(world: World, material: bytes) -> None:
    """A symmetric encryption key has 256 bits; what has more or less unwraps, and is refused."""
    ask = world.conversation
    key, parameters = _key(ask, AlgorithmSpec.RSAES_OAEP_SHA_256)
    wrapped = wrap_key_material(parameters.response.public_key, parameters.algorithm, material)
    request = evolve(parameters.request(key, MATERIAL), encrypted_key_material=wrapped)
    refused = ask.refuses(request)
    assert (None if refused is None else refused.code) == (
        None if len(material) == len(MATERIAL) else "IncorrectKeyMaterialException"
    )
