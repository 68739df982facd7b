"""
A hardware security module in software, on pyca/cryptography.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import cast, final

from attrs import frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from kmsmodel.hsm import WrappingKey
from kmsmodel.key_material import Secret
from kmsmodel.key_spec import KEY_MATERIAL_LENGTH
from kmsmodel.shapes import AlgorithmSpec, KeySpec, WrappingKeySpec
from kmsmodel.wrapping import PADDINGS

_KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
_LABEL = b"kmsmodel"

MODULUS_BITS = {
    WrappingKeySpec.RSA_2048: 2048,
    WrappingKeySpec.RSA_3072: 3072,
    WrappingKeySpec.RSA_4096: 4096,
}


@frozen
class SoftwareCryptography(ABC):
    """The verbs of an `Hsm`, whatever its chance and its RSA keys come from."""

    @abstractmethod
    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        """Unpredictable bytes."""

    @abstractmethod
    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        """A new RSA key."""

    def generate(self, key_spec: KeySpec, purpose: str) -> Secret:
        """New key material for a KMS key of this key spec."""
        return Secret(self.random(KEY_MATERIAL_LENGTH[key_spec], purpose))

    def wrapping_key(self, wrapping_key_spec: WrappingKeySpec, purpose: str) -> WrappingKey:
        """A key pair under whose public key a client can wrap key material."""
        key = self.rsa_key(MODULUS_BITS[wrapping_key_spec], purpose)
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return WrappingKey(public_key=public, private_key=Secret(private))

    def unwrap(
        self, private_key: Secret, algorithm: AlgorithmSpec, wrapped: bytes
    ) -> Secret | None:
        """The key material that was wrapped under the public key, or None if it was not."""
        # The key is one that `wrapping_key` made: validating it again takes longer than all else.
        key = load_der_private_key(
            private_key.reveal(), password=None, unsafe_skip_rsa_key_validation=True
        )
        try:
            return Secret(cast("RSAPrivateKey", key).decrypt(wrapped, PADDINGS[algorithm]))
        except ValueError:
            return None

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        """AES-256-GCM under a key derived for this call: salt, nonce, ciphertext and tag."""
        chance = self.random(_SALT_BYTES + _NONCE_BYTES, purpose)
        salt, nonce = chance[:_SALT_BYTES], chance[_SALT_BYTES:]
        return chance + AESGCM(_derive(key, salt)).encrypt(nonce, plaintext, additional_data)

    def decrypt(self, key: Secret, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        """What `encrypt` made a ciphertext of, with equal additional data, or None if it did not."""
        salt, rest = ciphertext[:_SALT_BYTES], ciphertext[_SALT_BYTES:]
        nonce, encrypted = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        if len(nonce) < _NONCE_BYTES:
            return None
        try:
            return AESGCM(_derive(key, salt)).decrypt(nonce, encrypted, additional_data)
        except InvalidTag:
            return None


def _derive(key: Secret, salt: bytes) -> bytes:
    """The key of one call: NIST SP 800-108 in counter mode, with HMAC-SHA256."""
    derivation = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=_KEY_BYTES,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=_LABEL,
        context=salt,
        fixed=None,
    )
    return derivation.derive(key.reveal())


@final
@frozen
class SoftwareHsm(SoftwareCryptography):
    """An HSM with the operating system's randomness. Generating an RSA key takes it 30 to 500 ms."""

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        return os.urandom(number_of_bytes)

    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        return generate_private_key(65537, modulus_bits)
