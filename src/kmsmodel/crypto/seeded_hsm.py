"""
An HSM whose answers can be repeated: for tests, never for real secrets.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations
from typing import final

from attrs import Attribute, field, frozen
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
    rsa_recover_private_exponent,
)

from kmsmodel.crypto.attestation import certificates
from kmsmodel.crypto.software_hsm import SoftwareCryptography
from kmsmodel.hsm.port import Encapsulation
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import EncryptionAlgorithmSpec, MessageType, SigningAlgorithmSpec

_E = 65537
_REMEMBERED = 4096
"""How many results of each kind are remembered."""


def _text(_: SeededHsm, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be a string")


@final
@frozen
class SeededHsm(SoftwareCryptography):
    """
    An HSM whose random bytes are a hash of its seed and of their purpose.

    Equal seeds and equal calls give equal results, and no two purposes share random bytes. RSA keys are made from
    primes that come with this package, because finding primes is slow: there are 2,016 keys of each size.
    pyca/cryptography itself draws the randomness in signatures, RSA ciphertexts and encapsulations; the latest 4,096
    of each are remembered, so that they are equal within one process.
    """

    seed: str = field(default="", validator=_text)
    attestation_roots: bytes = field(default=b"", kw_only=True, repr=False, validator=certificates)

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        drawing = f"{len(self.seed)}:{self.seed}{purpose}".encode()
        return hashlib.shake_256(drawing).digest(number_of_bytes)

    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        pairs = _pairs(modulus_bits // 2)
        drawn = int.from_bytes(self.random(8, purpose))
        return _rsa_key(*pairs[drawn % len(pairs)])

    def rsa_encrypt(
        self,
        public_key: bytes,
        algorithm: EncryptionAlgorithmSpec,
        plaintext: bytes,
        purpose: str,
    ) -> bytes:
        return _rsa_encrypt(self, public_key, algorithm, plaintext, purpose)

    def sign(
        self,
        private_key: Secret,
        algorithm: SigningAlgorithmSpec,
        message_type: MessageType,
        message: bytes,
        purpose: str,
    ) -> bytes:
        return _sign(self, private_key, algorithm, message_type, message, purpose)

    def encapsulate(self, public_key: bytes, purpose: str) -> Encapsulation:
        return _encapsulate(self, public_key, purpose)


_rsa_encrypt = lru_cache(_REMEMBERED)(SoftwareCryptography.rsa_encrypt)
_sign = lru_cache(_REMEMBERED)(SoftwareCryptography.sign)
_encapsulate = lru_cache(_REMEMBERED)(SoftwareCryptography.encapsulate)


@cache
def _pairs(bits: int) -> tuple[tuple[int, int], ...]:
    """Each pair of the package's primes with this many bits, the larger prime first."""
    text = files("kmsmodel.crypto").joinpath(f"test_primes/{bits}.txt").read_text("ascii")
    primes = sorted((int(line, 16) for line in text.split()), reverse=True)
    return tuple(combinations(primes, 2))


@lru_cache(_REMEMBERED)
def _rsa_key(p: int, q: int) -> RSAPrivateKey:
    d = rsa_recover_private_exponent(_E, p, q)
    dmp1, dmq1, iqmp = rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q)
    numbers = RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, RSAPublicNumbers(_E, p * q))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
