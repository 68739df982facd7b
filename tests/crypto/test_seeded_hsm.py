"""
The HSM that gives the same answers again.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, strategies as st

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key_spec import SUPPORTED
from kmsmodel.words.enumerations import (
    EncryptionAlgorithmSpec,
    KeySpec,
    MessageType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)

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
def test_its_rsa_keys_are_valid_ones_of_each_size(spec: WrappingKeySpec) -> None:
    for seed in map(str, range(5)):
        pair = SeededHsm(seed).wrapping_key(spec, "purpose")
        private = load_der_private_key(pair.private_key.reveal(), None)  # it is validated here
        assert isinstance(private, RSAPrivateKey)
        assert private.key_size == int(spec.removeprefix("RSA_"))


@given(seed=SEEDS, purposes=st.lists(st.text(max_size=5), min_size=20, max_size=20, unique=True))
def test_a_drawing_chooses_among_its_rsa_keys(seed: str, purposes: list[str]) -> None:
    hsm, spec = SeededHsm(seed), WrappingKeySpec.RSA_2048
    chosen = [hsm.wrapping_key(spec, purpose) for purpose in purposes]
    assert chosen == [SeededHsm(seed).wrapping_key(spec, purpose) for purpose in purposes]
    assert len(set(chosen)) >= 18  # of 2,016


@pytest.mark.parametrize("key_spec", sorted(SUPPORTED))
def test_equal_seeds_make_equal_keys_and_other_seeds_or_purposes_others(key_spec: KeySpec) -> None:
    one = SeededHsm("one").generate(key_spec, "purpose")
    assert one == SeededHsm("one").generate(key_spec, "purpose")
    assert one != SeededHsm("other").generate(key_spec, "purpose")
    assert one != SeededHsm("one").generate(key_spec, "another purpose")


# ---- what has chance of its own

ASKED: Mapping[str, Callable[[SeededHsm, str], object]] = {
    "RSA encryption": lambda hsm, purpose: hsm.rsa_encrypt(
        hsm.public_key(hsm.generate(KeySpec.RSA_2048, "key")),
        EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256,
        b"plaintext",
        purpose,
    ),
    "RSASSA-PSS": lambda hsm, purpose: hsm.sign(
        hsm.generate(KeySpec.RSA_2048, "key"),
        SigningAlgorithmSpec.RSASSA_PSS_SHA_256,
        MessageType.RAW,
        b"message",
        purpose,
    ),
    "ECDSA": lambda hsm, purpose: hsm.sign(
        hsm.generate(KeySpec.ECC_NIST_P256, "key"),
        SigningAlgorithmSpec.ECDSA_SHA_256,
        MessageType.RAW,
        b"message",
        purpose,
    ),
    "ML-DSA": lambda hsm, purpose: hsm.sign(
        hsm.generate(KeySpec.ML_DSA_44, "key"),
        SigningAlgorithmSpec.ML_DSA_SHAKE_256,
        MessageType.RAW,
        b"message",
        purpose,
    ),
    "ML-KEM": lambda hsm, purpose: hsm.encapsulate(
        hsm.public_key(hsm.generate(KeySpec.ML_KEM_768, "key")), purpose
    ),
}


@pytest.mark.parametrize("what", list(ASKED))
def test_what_has_chance_of_its_own_is_remembered_for_each_purpose_and_seed(what: str) -> None:
    ask = ASKED[what]
    first = ask(SeededHsm("seed"), "purpose")
    assert ask(SeededHsm("seed"), "purpose") == first
    assert ask(SeededHsm("seed"), "another purpose") != first
    assert ask(SeededHsm("another seed"), "purpose") != first


def test_it_is_a_value() -> None:
    hsm = SeededHsm("seed")
    assert copy.deepcopy(hsm) == pickle.loads(pickle.dumps(hsm)) == hsm
    assert hash(hsm) == hash(SeededHsm("seed"))
    with pytest.raises(AttributeError):
        hsm.seed = "other"  # type: ignore[misc]


@pytest.mark.parametrize("seed", [1, b"seed", None])
def test_a_seed_is_a_string(seed: Any) -> None:
    with pytest.raises(TypeError, match=r"^seed must be a string$"):
        SeededHsm(seed)


def test_it_never_changes_what_it_answers() -> None:
    """Recorded runs hold it."""
    assert SeededHsm("seed").random(8, "purpose").hex() == "68f608b1c2e593c2"
