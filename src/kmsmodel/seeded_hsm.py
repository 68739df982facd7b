"""
An HSM that gives the same answers again: for tests, never for secrets.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import cast, final

from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kmsmodel.software_hsm import SoftwareCryptography


@final
@frozen
class SeededHsm(SoftwareCryptography):
    """
    An HSM whose chance is a hash of its seed and of what each drawing is for.

    Equal seeds and equal calls give equal results, and no two drawings share a value. Its RSA keys are fixed ones that
    come with this package, because generating them is slow.
    """

    seed: str = ""

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        drawing = f"{len(self.seed)}:{self.seed}{purpose}".encode()
        return hashlib.shake_256(drawing).digest(number_of_bytes)

    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        return _test_key(modulus_bits)


@cache
def _test_key(modulus_bits: int) -> RSAPrivateKey:
    pem = files("kmsmodel").joinpath(f"test_keys/rsa_{modulus_bits}.pem").read_bytes()
    return cast(
        "RSAPrivateKey", load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    )
