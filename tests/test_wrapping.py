"""
What a client does with key material before it is imported.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given
from hypothesis import strategies as st

from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.shapes import AlgorithmSpec, WrappingKeySpec
from kmsmodel.wrapping import PADDINGS, wrap_key_material

KEY = SeededHsm().wrapping_key(WrappingKeySpec.RSA_2048, "wrapping key")


@pytest.mark.parametrize("algorithm", list(PADDINGS))
@given(material=st.binary(max_size=190))
def test_what_is_wrapped_is_unwrapped(algorithm: AlgorithmSpec, material: bytes) -> None:
    wrapped = wrap_key_material(KEY.public_key, algorithm, material)
    unwrapped = SeededHsm().unwrap(KEY.private_key, algorithm, wrapped)
    assert unwrapped is not None
    assert unwrapped.reveal() == material


@pytest.mark.parametrize(
    "algorithm, digest", [("RSAES_OAEP_SHA_1", SHA1()), ("RSAES_OAEP_SHA_256", SHA256())]
)
def test_the_padding_is_oaep_with_one_digest_throughout_and_no_label(
    algorithm: str, digest: HashAlgorithm
) -> None:
    private = load_der_private_key(KEY.private_key.reveal(), None)
    assert isinstance(private, RSAPrivateKey)
    wrapped = wrap_key_material(KEY.public_key, algorithm, b"material")
    assert private.decrypt(wrapped, OAEP(MGF1(digest), digest, None)) == b"material"


def test_material_that_is_too_long_for_the_key_is_refused() -> None:
    with pytest.raises(ValueError, match="Encryption failed"):
        wrap_key_material(KEY.public_key, "RSAES_OAEP_SHA_256", bytes(191))


@pytest.mark.parametrize("algorithm", ["ROT13", ""])
def test_an_unknown_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(ValueError, match="is not a valid AlgorithmSpec"):
        wrap_key_material(KEY.public_key, algorithm, b"material")


@pytest.mark.parametrize("algorithm", sorted(set(AlgorithmSpec) - set(PADDINGS)))
def test_an_algorithm_that_cannot_wrap_is_refused(algorithm: AlgorithmSpec) -> None:
    with pytest.raises(ValueError, match=algorithm):
        wrap_key_material(KEY.public_key, algorithm, b"material")
