"""
ML-KEM-512 (FIPS 203) on kyber-py: pyca/cryptography has only the larger parameter sets.

A private key is kept as PKCS #8 with its seed (RFC 9935), as pyca/cryptography keeps the larger ones. Without the extra
``ml-kem-512``, the functions that compute raise UnsupportedOperationException. kyber-py is written in Python, and does
not hide from others in the same process how long it computes: it is for tests, as this model is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmsmodel.errors import UnsupportedOperationException
from kmsmodel.words.enumerations import KeySpec

if TYPE_CHECKING:
    from kyber_py.ml_kem import ML_KEM

SEED_BYTES = 64

_ALGORITHM = bytes.fromhex("300b0609608648016503040401")
_BEFORE_SEED = bytes.fromhex("3054020100") + _ALGORITHM + bytes.fromhex("04428040")
_BEFORE_KEY = bytes.fromhex("30820332") + _ALGORITHM + bytes.fromhex("0382032100")


def is_private_key(pkcs8: bytes) -> bool:
    """Is this a private key of ML-KEM-512, as it is kept?"""
    return pkcs8.startswith(_BEFORE_SEED)


def is_public_key(public_key: bytes) -> bool:
    """Is this a public key of ML-KEM-512?"""
    return public_key.startswith(_BEFORE_KEY)


def private_key(seed: bytes) -> bytes:
    """The private key of a seed of 64 bytes, which FIPS 203 calls d and z."""
    _by_an_extra()
    return _BEFORE_SEED + seed


def public_key(private_key: bytes) -> bytes:
    """The public key that belongs to a private key."""
    encapsulation_key, _ = _by_an_extra().key_derive(private_key[len(_BEFORE_SEED) :])
    return _BEFORE_KEY + encapsulation_key


def encapsulate(public_key: bytes) -> tuple[bytes, bytes]:
    """A new shared secret, and its ciphertext."""
    return _by_an_extra().encaps(public_key[len(_BEFORE_KEY) :])


def decapsulate(private_key: bytes, ciphertext: bytes) -> bytes:
    """The shared secret of a ciphertext. Raises ValueError if the ciphertext has the wrong length."""
    kem = _by_an_extra()
    _, decapsulation_key = kem.key_derive(private_key[len(_BEFORE_SEED) :])
    return kem.decaps(decapsulation_key, ciphertext)


def _by_an_extra() -> ML_KEM:
    try:
        from kyber_py.ml_kem import ML_KEM_512
    except ModuleNotFoundError as error:
        name = KeySpec.ML_KEM_512
        refused = UnsupportedOperationException(f"KeySpec {name} is not supported by this model.")
        refused.add_note(
            f"{name} needs an extra: pip install '.[ml-kem-512]' in a clone of kmsmodel"
        )
        raise refused from error
    return ML_KEM_512
