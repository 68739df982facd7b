"""
The HSM in software: chance, key material and its wrapping, and what is done with keys.

What is done with private keys in particular, `test_private_keys` tells.
"""

from __future__ import annotations

import hmac
from typing import final

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from hypothesis import given, strategies as st

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareCryptography, SoftwareHsm
from kmsmodel.crypto.wrapping import KEY_WRAPS, PADDINGS, wrap_key_material
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, WRAPPING, Algorithms
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeySpec,
    KeyState,
    KeyUsageType,
    MacAlgorithmSpec,
    MessageType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests.basics import facts
from tests.worlds.belongings import NOT_DONE

HSMS = pytest.mark.parametrize("hsm", [SoftwareHsm(), SeededHsm()], ids=["software", "seeded"])
KEYS = st.sampled_from([16, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n)).map(Secret)
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
@given(key=KEYS, where=st.integers(0, 48), bit=st.integers(0, 7))
def test_a_ciphertext_that_was_touched_does_not_open(
    hsm: SoftwareCryptography, key: Secret, where: int, bit: int
) -> None:
    sealed = bytearray(hsm.encrypt(key, b"plain", b"", "purpose"))
    sealed[where] ^= 1 << bit
    assert hsm.decrypt(key, bytes(sealed), b"") is None
    assert hsm.decrypt(key, bytes(sealed[:where]), b"") is None


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


# ---- key material

RAW_LENGTHS = {
    key_spec: fact["import"]["length_bytes"]
    for key_spec, fact in facts("key_specs.json")["key_specs"].items()
    if fact["import"].get("format") == "raw bytes"
}
"""How long key material is that is not a private key, as AWS lists it."""

ASYMMETRIC = sorted(SUPPORTED - set(RAW_LENGTHS))
IMPORTED_PAIRS = sorted(set(WRAPPING) - set(RAW_LENGTHS))


@HSMS
@pytest.mark.parametrize("key_spec", sorted(RAW_LENGTHS))
def test_generated_key_material_of_a_symmetric_key_is_as_short_as_imported_may_be(
    hsm: SoftwareCryptography, key_spec: KeySpec
) -> None:
    length = RAW_LENGTHS[key_spec]["min"]
    assert len(hsm.generate(KeySpec(key_spec), "purpose").reveal()) == length


@pytest.mark.parametrize("key_spec", ASYMMETRIC)
def test_generated_key_material_of_an_asymmetric_key_is_a_key_pair(key_spec: KeySpec) -> None:
    hsm = SeededHsm()
    secret = hsm.generate(key_spec, "purpose")
    private = load_der_private_key(secret.reveal(), None)  # it is validated here
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert hsm.public_key(secret) == public


@pytest.mark.parametrize(
    "key_spec", [spec for spec in ASYMMETRIC if spec not in {KeySpec.RSA_3072, KeySpec.RSA_4096}]
)
def test_true_chance_makes_another_key_pair_each_time(key_spec: KeySpec) -> None:
    hsm = SoftwareHsm()
    assert hsm.generate(key_spec, "purpose") != hsm.generate(key_spec, "purpose")


@pytest.mark.parametrize("key_spec", sorted(RAW_LENGTHS))
@given(length=st.integers(0, 200))
def test_raw_bytes_of_each_length_that_aws_lists_are_accepted_as_they_are(
    key_spec: KeySpec, length: int
) -> None:
    material = Secret(bytes(length))
    fits = RAW_LENGTHS[key_spec]["min"] <= length <= RAW_LENGTHS[key_spec]["max"]
    assert SeededHsm().accept(KeySpec(key_spec), material) == (material if fits else None)


@pytest.mark.parametrize("key_spec", IMPORTED_PAIRS)
def test_a_private_key_is_accepted_by_its_own_key_spec_alone(key_spec: KeySpec) -> None:
    hsm = SeededHsm()
    material = hsm.generate(key_spec, "purpose")
    accepted = {other for other in IMPORTED_PAIRS if hsm.accept(other, material) is not None}
    assert accepted == {key_spec}
    assert hsm.accept(key_spec, material) == material


@pytest.mark.parametrize("key_spec", sorted(set(ASYMMETRIC) - set(WRAPPING)))
def test_key_material_that_aws_kms_does_not_import_is_not_accepted(key_spec: KeySpec) -> None:
    hsm = SeededHsm()
    assert hsm.accept(key_spec, hsm.generate(key_spec, "purpose")) is None


# ---- wrapping

KEY = SeededHsm().wrapping_key(WrappingKeySpec.RSA_2048, "purpose")


def by_rsa(algorithm: str, plaintext: bytes) -> bytes:
    public_key = load_der_public_key(KEY.public_key)
    assert isinstance(public_key, RSAPublicKey)
    return public_key.encrypt(plaintext, PADDINGS[algorithm])


@HSMS
@pytest.mark.parametrize("algorithm", list(PADDINGS))
@given(wrapped=st.binary(max_size=600) | st.binary(min_size=256, max_size=256))
def test_what_was_not_wrapped_is_not_unwrapped(
    hsm: SoftwareCryptography, algorithm: AlgorithmSpec, wrapped: bytes
) -> None:
    assert hsm.unwrap(KEY.private_key, algorithm, wrapped) is None


@pytest.mark.parametrize("one", list(PADDINGS))
@pytest.mark.parametrize("other", list(PADDINGS))
def test_what_was_wrapped_by_another_algorithm_is_not_unwrapped(
    one: AlgorithmSpec, other: AlgorithmSpec
) -> None:
    wrapped = wrap_key_material(KEY.public_key, one, b"material")
    unwrapped = SeededHsm().unwrap(KEY.private_key, other, wrapped)
    assert unwrapped == (Secret(b"material") if one == other else None)


@pytest.mark.parametrize("algorithm", sorted(KEY_WRAPS))
@given(aes_key=st.binary(max_size=64) | st.binary(min_size=32, max_size=32), rest=st.binary())
def test_what_was_not_wrapped_under_the_aes_key_is_not_unwrapped(
    algorithm: AlgorithmSpec, aes_key: bytes, rest: bytes
) -> None:
    """Whatever its length is: less than a block, or not a multiple of half of one."""
    wrapped = by_rsa(algorithm, aes_key) + rest
    assert SeededHsm().unwrap(KEY.private_key, algorithm, wrapped) is None


@pytest.mark.parametrize("length", [16, 24])
def test_a_shorter_aes_key_does_not_wrap(length: int) -> None:
    algorithm = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    aes_key = bytes(length)
    wrapped = by_rsa(algorithm, aes_key) + aes_key_wrap_with_padding(aes_key, b"material")
    assert SeededHsm().unwrap(KEY.private_key, algorithm, wrapped) is None


@given(material=st.binary(min_size=1, max_size=40), cut=st.integers(0, 320))
def test_a_key_wrap_that_was_cut_or_has_more_is_not_unwrapped(material: bytes, cut: int) -> None:
    algorithm = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    whole = wrap_key_material(KEY.public_key, algorithm, material)
    hsm = SeededHsm()
    for wrapped in (whole[: cut % len(whole)], whole + bytes(1 + cut % 16)):
        assert hsm.unwrap(KEY.private_key, algorithm, wrapped) is None
    assert hsm.unwrap(KEY.private_key, algorithm, whole) == Secret(material)


@given(claimed=st.integers(0, 2**32 - 1) | st.integers(0, 20))
def test_a_key_wrap_says_truly_how_long_its_material_is(claimed: int) -> None:
    """RFC 5649: one block holds 1 to 8 bytes, and the rest of it is zero."""
    algorithm, aes_key = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256, bytes(32)
    block = bytes.fromhex("a65959a6") + claimed.to_bytes(4, "big") + bytes(8)
    encryptor = Cipher(AES256(aes_key), ECB()).encryptor()
    wrapped = by_rsa(algorithm, aes_key) + encryptor.update(block)
    unwrapped = SeededHsm().unwrap(KEY.private_key, algorithm, wrapped)
    assert unwrapped == (Secret(bytes(claimed)) if 1 <= claimed <= 8 else None)


# ---- what is done with keys

MESSAGE = b"attack at dawn"


@HSMS
@pytest.mark.parametrize("algorithm", MacAlgorithmSpec)
@given(key=st.binary(min_size=28, max_size=128), message=DATA)
def test_a_mac_is_that_of_the_standard_library(
    hsm: SoftwareCryptography, algorithm: MacAlgorithmSpec, key: bytes, message: bytes
) -> None:
    digest = algorithm.removeprefix("HMAC_").replace("_", "").lower()
    assert hsm.mac(Secret(key), algorithm, message) == hmac.digest(key, message, digest)


RSA_ALGORITHMS = [
    EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1,
    EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256,
]


@HSMS
@pytest.mark.parametrize("algorithm", RSA_ALGORITHMS)
def test_rsa_decryption_is_the_inverse_of_rsa_encryption(
    hsm: SoftwareCryptography, algorithm: EncryptionAlgorithmSpec
) -> None:
    key, other_algorithm = KEY.private_key, RSA_ALGORITHMS[1 - RSA_ALGORITHMS.index(algorithm)]
    sealed = hsm.rsa_encrypt(hsm.public_key(key), algorithm, MESSAGE, "purpose")
    assert hsm.rsa_decrypt(key, algorithm, sealed) == MESSAGE
    assert hsm.rsa_decrypt(key, other_algorithm, sealed) is None
    another = Secret(SeededHsm().generate(KeySpec.RSA_3072, "another").reveal())
    assert hsm.rsa_decrypt(another, algorithm, sealed) is None
    assert hsm.rsa_decrypt(key, algorithm, b"no ciphertext") is None


SIGNING = [
    (key_spec, SigningAlgorithmSpec(algorithm))
    for key_spec in sorted(SUPPORTED - {KeySpec.RSA_3072, KeySpec.RSA_4096})
    for algorithm in ALGORITHMS[key_spec].get(KeyUsageType.SIGN_VERIFY, Algorithms()).every
    if algorithm not in NOT_DONE
]


@HSMS
@pytest.mark.parametrize("key_spec, algorithm", SIGNING)
def test_a_signature_belongs_to_its_key_and_message(
    hsm: SoftwareCryptography, key_spec: KeySpec, algorithm: SigningAlgorithmSpec
) -> None:
    type_ = MessageType.RAW
    one, other = (SeededHsm().generate(key_spec, each) for each in ("one", "the other"))
    public_key, message = hsm.public_key(one), bytes(64)
    signature = hsm.sign(one, algorithm, type_, message, "purpose")
    assert hsm.verify(public_key, algorithm, type_, message, signature)
    assert not hsm.verify(hsm.public_key(other), algorithm, type_, message, signature)
    assert not hsm.verify(public_key, algorithm, type_, b"\1" * 64, signature)
    assert not hsm.verify(public_key, algorithm, type_, message, b"no signature")


@HSMS
def test_two_that_agree_share_a_secret(hsm: SoftwareCryptography) -> None:
    one, other = (SeededHsm().generate(KeySpec.ECC_NIST_P256, each) for each in ("one", "other"))
    shared = hsm.agree(one, hsm.public_key(other))
    assert shared is not None
    assert shared == hsm.agree(other, hsm.public_key(one))
    assert hsm.agree(one, b"no public key") is None


@HSMS
@pytest.mark.parametrize("key_spec", [KeySpec.ML_KEM_768, KeySpec.ML_KEM_1024])
def test_who_has_the_private_key_gets_the_shared_secret(
    hsm: SoftwareCryptography, key_spec: KeySpec
) -> None:
    key = SeededHsm().generate(key_spec, "one")
    encapsulation = hsm.encapsulate(hsm.public_key(key), "purpose")
    assert hsm.decapsulate(key, encapsulation.ciphertext) == encapsulation.shared_secret
    assert hsm.decapsulate(key, encapsulation.ciphertext[:-1]) is None


# ---- an HSM of one's own


@final
class Counting(SoftwareCryptography):
    """An HSM whose chance counts."""

    def __init__(self) -> None:
        self.drawn = 0

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(number_of_bytes, "big")

    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        return SeededHsm().rsa_key(modulus_bits, purpose)


def test_whoever_has_other_chance_gives_it_and_has_the_rest() -> None:
    hsm = Counting()
    assert hsm.generate(KeySpec.HMAC_224, "purpose") == Secret(bytes(27) + b"\1")
    assert hsm.encrypt(Secret(bytes(32)), b"", b"", "purpose")[:28] == bytes(27) + b"\2"
    key = hsm.generate(KeySpec.RSA_2048, "purpose")
    assert key == Secret(KEY.private_key.reveal())
    local = LocalKms(hsm=hsm)
    assert local.handle(CreateKeyRequest()).key_metadata.key_state is KeyState.Enabled


def test_an_hsm_needs_chance() -> None:
    with pytest.raises(TypeError, match="abstract"):
        SoftwareCryptography()  # type: ignore[abstract]
