"""
The HSM in software: authenticated encryption, wrapping keys, and chance.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from kmsmodel.key_material import Secret
from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.shapes import AlgorithmSpec, KeySpec, WrappingKeySpec
from kmsmodel.software_hsm import SoftwareCryptography, SoftwareHsm

HSMS = pytest.mark.parametrize("hsm", [SoftwareHsm(), SeededHsm()], ids=["software", "seeded"])
KEYS = st.binary(min_size=32, max_size=32).map(Secret)
DATA = st.binary(max_size=60)


@HSMS
@given(key=KEYS, plaintext=DATA, data=DATA)
def test_decryption_is_the_inverse_of_encryption(
    hsm: SoftwareCryptography, key: Secret, plaintext: bytes, data: bytes
) -> None:
    sealed = hsm.encrypt(key, plaintext, data, "purpose")
    assert hsm.decrypt(key, sealed, data) == plaintext
    assert len(sealed) == 16 + 12 + len(plaintext) + 16


@HSMS
@given(key=KEYS, other=KEYS, data=DATA, other_data=DATA)
def test_another_key_or_other_additional_data_opens_nothing(
    hsm: SoftwareCryptography, key: Secret, other: Secret, data: bytes, other_data: bytes
) -> None:
    sealed = hsm.encrypt(key, b"plain", data, "purpose")
    opened = hsm.decrypt(other, sealed, other_data)
    assert opened == (b"plain" if (key, data) == (other, other_data) else None)


@HSMS
@given(where=st.integers(0, 48), bit=st.integers(0, 7))
def test_a_ciphertext_that_was_touched_does_not_open(
    hsm: SoftwareCryptography, where: int, bit: int
) -> None:
    key = Secret(bytes(32))
    sealed = bytearray(hsm.encrypt(key, b"plain", b"", "purpose"))
    sealed[where] ^= 1 << bit
    assert hsm.decrypt(key, bytes(sealed), b"") is None
    assert hsm.decrypt(key, bytes(sealed[:where]), b"") is None


@HSMS
def test_key_material_of_a_symmetric_key_is_256_bits(hsm: SoftwareCryptography) -> None:
    assert len(hsm.generate(KeySpec.SYMMETRIC_DEFAULT, "purpose").reveal()) == 32


@HSMS
@pytest.mark.parametrize("length", [0, 1, 16, 99])
def test_chance_comes_in_any_length(hsm: SoftwareCryptography, length: int) -> None:
    assert len(hsm.random(length, "purpose")) == length


def test_true_chance_ignores_its_purpose() -> None:
    assert SoftwareHsm().random(16, "purpose") != SoftwareHsm().random(16, "purpose")


@pytest.mark.parametrize("spec", [WrappingKeySpec.RSA_2048, WrappingKeySpec.RSA_3072])
def test_a_wrapping_key_is_a_new_rsa_key_pair_of_its_spec(spec: WrappingKeySpec) -> None:
    hsm = SoftwareHsm()
    one, other = (hsm.wrapping_key(spec, "purpose") for _ in range(2))
    assert one.public_key != other.public_key
    private, public = (
        load_der_private_key(one.private_key.reveal(), None),
        load_der_public_key(one.public_key),
    )
    assert isinstance(private, RSAPrivateKey)
    assert isinstance(public, RSAPublicKey)
    assert private.public_key() == public
    assert (public.key_size, public.public_numbers().e) == (int(spec.removeprefix("RSA_")), 65537)
    assert "PRIVATE" not in repr(one)
    assert "Secret(...)" in repr(one)


@HSMS
@given(wrapped=st.binary(max_size=300) | st.binary(min_size=256, max_size=256))
def test_what_was_not_wrapped_is_not_unwrapped(hsm: SoftwareCryptography, wrapped: bytes) -> None:
    key = SeededHsm().wrapping_key(WrappingKeySpec.RSA_2048, "purpose").private_key
    assert hsm.unwrap(key, AlgorithmSpec.RSAES_OAEP_SHA_256, wrapped) is None
