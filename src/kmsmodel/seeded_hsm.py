"""
An HSM that gives the same answers again: for tests, never for secrets.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.resources import files
from typing import cast, final

from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kmsmodel.hsm import Encapsulation
from kmsmodel.key_material import Secret
from kmsmodel.shapes import EncryptionAlgorithmSpec, MessageType, SigningAlgorithmSpec
from kmsmodel.software_hsm import SoftwareCryptography

_TEST_KEYS = 3
"""How many RSA keys of each size come with this package."""

_REMEMBERED = 4096
"""How many results with chance of their own are remembered, of each kind."""


@final
@frozen
class SeededHsm(SoftwareCryptography):
    """
    An HSM whose chance is a hash of its seed and of what each drawing is for.

    Equal seeds and equal calls give equal results, and no two drawings share a value. But RSA keys, which take long to
    generate, come with this package: there are three of each size, among which a drawing chooses. And signatures, RSA
    ciphertexts and encapsulations have chance of their own, which pyca/cryptography lets nobody choose: the latest
    4,096 of each are remembered, so these are equal within one process only.
    """

    seed: str = ""

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        drawing = f"{len(self.seed)}:{self.seed}{purpose}".encode()
        return hashlib.shake_256(drawing).digest(number_of_bytes)

    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        return _test_key(modulus_bits, 1 + self.random(1, purpose)[0] % _TEST_KEYS)

    def rsa_encrypt(
        self,
        private_key: Secret,
        algorithm: EncryptionAlgorithmSpec,
        plaintext: bytes,
        purpose: str,
    ) -> bytes:
        return _rsa_encrypt(self, private_key, algorithm, plaintext, purpose)

    def sign(
        self,
        private_key: Secret,
        algorithm: SigningAlgorithmSpec,
        message_type: MessageType,
        message: bytes,
        purpose: str,
    ) -> bytes:
        return _sign(self, private_key, algorithm, message_type, message, purpose)

    def encapsulate(self, private_key: Secret, purpose: str) -> Encapsulation:
        return _encapsulate(self, private_key, purpose)


_rsa_encrypt = lru_cache(_REMEMBERED)(SoftwareCryptography.rsa_encrypt)
_sign = lru_cache(_REMEMBERED)(SoftwareCryptography.sign)
_encapsulate = lru_cache(_REMEMBERED)(SoftwareCryptography.encapsulate)


@cache
def _test_key(modulus_bits: int, number: int) -> RSAPrivateKey:
    name = f"test_keys/rsa_{modulus_bits}_{number}.pem"
    pem = files("kmsmodel").joinpath(name).read_bytes()
    return cast(
        "RSAPrivateKey", load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    )
