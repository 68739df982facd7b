"""
The HSM that gives the same answers again.
"""

from __future__ import annotations

import copy
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given
from hypothesis import strategies as st

from kmsmodel.key_material import Secret
from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.shapes import KeySpec, WrappingKeySpec

SEEDS = st.text(max_size=5)


@given(seed=SEEDS, purpose=st.text(max_size=5))
def test_equal_seeds_and_purposes_give_equal_answers(seed: str, purpose: str) -> None:
    one, other = SeededHsm(seed), SeededHsm(seed)
    key = Secret(bytes(32))
    assert one == other
    assert one.random(16, purpose) == other.random(16, purpose)
    spec = KeySpec.SYMMETRIC_DEFAULT
    assert one.generate(spec, purpose) == other.generate(spec, purpose)
    assert one.encrypt(key, b"p", b"", purpose) == other.encrypt(key, b"p", b"", purpose)


@given(one=st.tuples(SEEDS, SEEDS), other=st.tuples(SEEDS, SEEDS))
def test_no_two_drawings_share_a_value(one: tuple[str, str], other: tuple[str, str]) -> None:
    values = {SeededHsm(seed).random(16, purpose) for seed, purpose in (one, other)}
    assert len(values) == len({one, other})


@pytest.mark.parametrize(
    "spec", [WrappingKeySpec.RSA_2048, WrappingKeySpec.RSA_3072, WrappingKeySpec.RSA_4096]
)
def test_its_rsa_keys_are_valid_and_always_the_same(spec: WrappingKeySpec) -> None:
    one, other = SeededHsm("a").wrapping_key(spec, "b"), SeededHsm("c").wrapping_key(spec, "d")
    assert one == other
    private = load_der_private_key(one.private_key.reveal(), None)  # it is validated here
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == int(spec.removeprefix("RSA_"))


def test_it_is_a_value() -> None:
    hsm = SeededHsm("seed")
    assert copy.deepcopy(hsm) == pickle.loads(pickle.dumps(hsm)) == hsm
    assert hash(hsm) == hash(SeededHsm("seed"))
    with pytest.raises(AttributeError):
        hsm.seed = "other"  # type: ignore[misc]


def test_it_never_changes_what_it_answers() -> None:
    """Recorded runs hold it."""
    assert SeededHsm("seed").random(8, "purpose").hex() == "68f608b1c2e593c2"
