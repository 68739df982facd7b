"""
What a client does with key material before it is imported.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, strategies as st

from kmsmodel.crypto.wrapping import KEY_WRAPS, PADDINGS, wrap_key_material
from kmsmodel.key.key_spec import WRAPPING
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec, WrappingKeySpec
from tests.basics import HSM

KEY = HSM.wrapping_key(WrappingKeySpec.RSA_2048, "wrapping key")

OAEP_ALONE = sorted(set(PADDINGS) - KEY_WRAPS)


def private_key() -> RSAPrivateKey:
    key = load_der_private_key(KEY.private_key.reveal(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def test_every_algorithm_that_some_key_material_comes_under_can_be_wrapped_with() -> None:
    assert {algorithm for wrapping in WRAPPING.values() for algorithm in wrapping} == set(PADDINGS)


@pytest.mark.parametrize("algorithm", OAEP_ALONE)
@given(material=st.binary(max_size=190))
def test_what_is_wrapped_is_unwrapped(algorithm: str, material: bytes) -> None:
    wrapped = wrap_key_material(KEY.public_key, algorithm, material)
    unwrapped = HSM.unwrap(KEY.private_key, AlgorithmSpec(algorithm), wrapped)
    assert unwrapped is not None
    assert unwrapped.reveal() == material


@pytest.mark.parametrize("algorithm", sorted(KEY_WRAPS))
@given(material=st.binary(min_size=1, max_size=99) | st.just(b"longer than any private key" * 99))
def test_a_key_wrap_takes_key_material_of_any_length(
    algorithm: AlgorithmSpec, material: bytes
) -> None:
    wrapped = wrap_key_material(KEY.public_key, algorithm, material)
    unwrapped = HSM.unwrap(KEY.private_key, algorithm, wrapped)
    assert unwrapped is not None
    assert unwrapped.reveal() == material


@pytest.mark.parametrize(
    "algorithm, digest", [("RSAES_OAEP_SHA_1", SHA1()), ("RSAES_OAEP_SHA_256", SHA256())]
)
def test_the_padding_is_oaep_with_one_digest_throughout_and_no_label(
    algorithm: str, digest: HashAlgorithm
) -> None:
    wrapped = wrap_key_material(KEY.public_key, algorithm, b"material")
    assert private_key().decrypt(wrapped, OAEP(MGF1(digest), digest, None)) == b"material"


@pytest.mark.parametrize(
    "algorithm, digest",
    [("RSA_AES_KEY_WRAP_SHA_1", SHA1()), ("RSA_AES_KEY_WRAP_SHA_256", SHA256())],
)
def test_a_key_wrap_is_a_new_aes_key_by_oaep_and_the_material_under_that_key(
    algorithm: str, digest: HashAlgorithm
) -> None:
    """Under it by RFC 5649, whose first bytes are A65959A6."""
    wrapped = [wrap_key_material(KEY.public_key, algorithm, b"material") for _ in range(2)]
    padding = OAEP(MGF1(digest), digest, None)
    aes_keys = [private_key().decrypt(each[:256], padding) for each in wrapped]
    assert [len(each) for each in aes_keys] == [32, 32]
    assert aes_keys[0] != aes_keys[1]
    for aes_key, each in zip(aes_keys, wrapped, strict=True):
        assert aes_key_unwrap_with_padding(aes_key, each[256:]) == b"material"


def test_the_longest_private_key_fits_into_a_request_however_it_is_wrapped() -> None:
    """`EncryptedKeyMaterial` has at most 6,144 bytes."""
    material = HSM.generate(KeySpec.RSA_4096, "material").reveal()
    largest = HSM.wrapping_key(WrappingKeySpec.RSA_4096, "wrapping key").public_key
    for algorithm in KEY_WRAPS:
        assert len(wrap_key_material(largest, algorithm, material)) <= 6144


@pytest.mark.parametrize(
    "algorithm, most", [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)]
)
def test_material_that_is_too_long_for_the_key_is_refused(algorithm: str, most: int) -> None:
    assert len(wrap_key_material(KEY.public_key, algorithm, bytes(most))) == 256
    with pytest.raises(ValueError, match=algorithm) as caught:
        wrap_key_material(KEY.public_key, algorithm, bytes(most + 1))
    assert str(caught.value) == (
        f"{most + 1} bytes are too many for {algorithm} and this public key; "
        "a private key is wrapped by RSA_AES_KEY_WRAP_SHA_256"
    )


@pytest.mark.parametrize("algorithm", sorted(KEY_WRAPS))
def test_a_key_wrap_of_nothing_is_refused(algorithm: AlgorithmSpec) -> None:
    with pytest.raises(ValueError, match="key_to_wrap must be between 1 and"):
        wrap_key_material(KEY.public_key, algorithm, b"")


@pytest.mark.parametrize("algorithm", ["ROT13", ""])
def test_an_unknown_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(ValueError, match="is not a valid AlgorithmSpec"):
        wrap_key_material(KEY.public_key, algorithm, b"material")


@pytest.mark.parametrize("algorithm", sorted(set(AlgorithmSpec) - set(PADDINGS)))
def test_an_algorithm_that_cannot_wrap_is_refused(algorithm: AlgorithmSpec) -> None:
    with pytest.raises(ValueError, match=algorithm):
        wrap_key_material(KEY.public_key, algorithm, b"material")


@pytest.mark.parametrize("key_spec", [KeySpec.ECC_NIST_P256, KeySpec.ECC_NIST_EDWARDS25519])
def test_what_is_no_rsa_public_key_is_refused(key_spec: KeySpec) -> None:
    other = HSM.public_key(HSM.generate(key_spec, "another"))
    for public_key in (other, b"not a key", KEY.public_key[:-1]):
        with pytest.raises(ValueError, match=r"RSA public key|Could not deserialize|ASN\.1"):
            wrap_key_material(public_key, "RSAES_OAEP_SHA_256", b"material")
