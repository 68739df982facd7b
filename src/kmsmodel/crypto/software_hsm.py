"""
A hardware security module in software, on pyca/cryptography.
"""

from __future__ import annotations

import hmac
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import final

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding

from kmsmodel.crypto import attestation, enveloped_data, private_keys, sm2, sm4
from kmsmodel.crypto.enveloped_data import EnvelopedData
from kmsmodel.crypto.wrapping import AES_KEY_BYTES, KEY_WRAPS, PADDINGS
from kmsmodel.hsm.port import Encapsulation, WrappingKey
from kmsmodel.hsm.recipient import Attestation
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key_spec import KEY_MATERIAL_LENGTH, LONGEST_HMAC_KEY, SM4_KEY_LENGTH
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeySpec,
    MacAlgorithmSpec,
    MessageType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)

_KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
_BEFORE_SALT = (1).to_bytes(4, "big") + b"kmsmodel" + b"\0"
_AFTER_SALT = (8 * _KEY_BYTES).to_bytes(4, "big")
"""The bytes around the salt: the counter, the label and a separator, and the length of the key in bits."""

_AFTER_SALT_OF_SM4 = (8 * SM4_KEY_LENGTH).to_bytes(4, "big")

_MACS: Mapping[MacAlgorithmSpec, HashAlgorithm] = {
    MacAlgorithmSpec.HMAC_SHA_224: SHA224(),
    MacAlgorithmSpec.HMAC_SHA_256: SHA256(),
    MacAlgorithmSpec.HMAC_SHA_384: SHA384(),
    MacAlgorithmSpec.HMAC_SHA_512: SHA512(),
}


class SoftwareCryptography(ABC):
    """
    The verbs of an `Hsm`; a subclass adds the source of random bytes and of RSA keys.

    ``attestation_roots`` are the certificates, in PEM, to which those of an attestation document must go back. Without
    any, no document is valid.
    """

    __slots__ = ()

    attestation_roots: bytes = b""

    @abstractmethod
    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        """Unpredictable bytes."""

    @abstractmethod
    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        """A new RSA key."""

    # ---- key material

    def generate(self, key_spec: KeySpec, purpose: str) -> Secret:
        """New key material for a KMS key of this key spec."""

        def random(number_of_bytes: int) -> bytes:
            return self.random(number_of_bytes, purpose)

        def rsa_key(modulus_bits: int) -> RSAPrivateKey:
            return self.rsa_key(modulus_bits, purpose)

        if key_spec in KEY_MATERIAL_LENGTH:
            return Secret(random(KEY_MATERIAL_LENGTH[key_spec]))
        return Secret(private_keys.generate(key_spec, random, rsa_key))

    def data_key_pair(self, key_pair_spec: KeySpec, purpose: str) -> Secret:
        """The private key of a new data key pair; its ECPrivateKey names its curve, as AWS's does."""
        private_key = self.generate(key_pair_spec, purpose).reveal()
        return Secret(private_keys.naming_the_curve_twice(key_pair_spec, private_key))

    def wrapping_key(self, wrapping_key_spec: WrappingKeySpec, purpose: str) -> WrappingKey:
        """A key pair under whose public key a client can wrap key material."""
        private_key = self.generate(KeySpec(wrapping_key_spec), purpose)
        return WrappingKey(public_key=self.public_key(private_key), private_key=private_key)

    def unwrap(
        self, private_key: Secret, algorithm: AlgorithmSpec, wrapped: bytes
    ) -> Secret | None:
        """The key material that was wrapped under the public key, or None if nothing was."""
        if algorithm is AlgorithmSpec.SM2PKE:
            unwrapped = sm2.decrypt(private_key.reveal(), wrapped)
            return None if unwrapped is None else Secret(unwrapped)
        key, padding = private_keys.rsa(private_key.reveal()), PADDINGS[algorithm]
        try:
            if algorithm not in KEY_WRAPS:
                return Secret(key.decrypt(wrapped, padding))
            by_rsa = key.key_size // 8
            aes_key = key.decrypt(wrapped[:by_rsa], padding)
            if len(aes_key) != AES_KEY_BYTES:
                return None
            return Secret(aes_key_unwrap_with_padding(aes_key, wrapped[by_rsa:]))
        except (ValueError, InvalidUnwrap):
            return None

    def accept(self, key_spec: KeySpec, material: Secret) -> Secret | None:
        """A client's key material in the form that is kept, or None if it does not fit this key spec."""
        length = KEY_MATERIAL_LENGTH.get(key_spec)
        if length is None:
            private_key = private_keys.accept(key_spec, material.reveal())
            return None if private_key is None else Secret(private_key)
        longest = length if key_spec is KeySpec.SYMMETRIC_DEFAULT else LONGEST_HMAC_KEY
        return material if length <= len(material.reveal()) <= longest else None

    def public_key(self, private_key: Secret) -> bytes:
        """The public key that belongs to a private key."""
        return private_keys.public_key(private_key.reveal())

    # ---- symmetric keys

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        """
        The salt, nonce, ciphertext and tag of AES-256-GCM, under a key derived for this call; of SM4-GCM if the key has
        128 bits.

        Raises UnsupportedOperationException where pyca/cryptography has no SM4.
        """
        chance = self.random(_SALT_BYTES + _NONCE_BYTES, purpose)
        salt, nonce = chance[:_SALT_BYTES], chance[_SALT_BYTES:]
        if _is_of_sm4(key):
            return chance + sm4.encrypt(_derive_sm4(key, salt), nonce, plaintext, additional_data)
        return chance + AESGCM(_derive(key, salt)).encrypt(nonce, plaintext, additional_data)

    def decrypt(self, key: Secret, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        """The plaintext of a ciphertext that `encrypt` made with equal additional data, or None for any other."""
        salt, rest = ciphertext[:_SALT_BYTES], ciphertext[_SALT_BYTES:]
        nonce, encrypted = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        if len(nonce) < _NONCE_BYTES:
            return None
        if _is_of_sm4(key):
            return sm4.decrypt(_derive_sm4(key, salt), nonce, encrypted, additional_data)
        try:
            return AESGCM(_derive(key, salt)).decrypt(nonce, encrypted, additional_data)
        except InvalidTag:
            return None

    def mac(self, key: Secret, algorithm: MacAlgorithmSpec, message: bytes) -> bytes:
        """The message authentication code of a message."""
        code = HMAC(key.reveal(), _MACS[algorithm])
        code.update(message)
        return code.finalize()

    # ---- asymmetric keys

    def rsa_encrypt(
        self,
        public_key: bytes,
        algorithm: EncryptionAlgorithmSpec,
        plaintext: bytes,
        purpose: str,
    ) -> bytes:
        """A ciphertext that the owner of this public key can decrypt."""
        if algorithm is EncryptionAlgorithmSpec.SM2PKE:
            return sm2.encrypt(public_key, plaintext)
        return private_keys.rsa_public(public_key).encrypt(plaintext, PADDINGS[algorithm])

    def rsa_decrypt(
        self, private_key: Secret, algorithm: EncryptionAlgorithmSpec, ciphertext: bytes
    ) -> bytes | None:
        """The plaintext that was encrypted under the public key, or None if nothing was."""
        if algorithm is EncryptionAlgorithmSpec.SM2PKE:
            return sm2.decrypt(private_key.reveal(), ciphertext)
        try:
            return private_keys.rsa(private_key.reveal()).decrypt(ciphertext, PADDINGS[algorithm])
        except ValueError:
            return None

    def sign(
        self,
        private_key: Secret,
        algorithm: SigningAlgorithmSpec,
        message_type: MessageType,
        message: bytes,
        purpose: str,
    ) -> bytes:
        """The signature of a message, given as ``message_type`` says: whole, or by its digest or representative."""
        return private_keys.sign(private_key.reveal(), algorithm, message_type, message)

    def verify(
        self,
        public_key: bytes,
        algorithm: SigningAlgorithmSpec,
        message_type: MessageType,
        message: bytes,
        signature: bytes,
    ) -> bool:
        """Is this a signature of this message, by the owner of this public key?"""
        return private_keys.verify(public_key, algorithm, message_type, message, signature)

    def agree(self, private_key: Secret, public_key: bytes) -> Secret | None:
        """The secret shared with the owner of a public key, or None if that is not one on the same curve."""
        shared_secret = private_keys.agree(private_key.reveal(), public_key)
        return None if shared_secret is None else Secret(shared_secret)

    def encapsulate(self, public_key: bytes, purpose: str) -> Encapsulation:
        """A new shared secret for the owner of this public key, and its ciphertext."""
        shared_secret, ciphertext = private_keys.encapsulate(public_key)
        return Encapsulation(shared_secret=Secret(shared_secret), ciphertext=ciphertext)

    def decapsulate(self, private_key: Secret, ciphertext: bytes) -> Secret | None:
        """The shared secret of a ciphertext, or None if the ciphertext is too long or too short."""
        shared_secret = private_keys.decapsulate(private_key.reveal(), ciphertext)
        return None if shared_secret is None else Secret(shared_secret)

    # ---- attested environments

    def attestation(self, document: bytes, now: datetime) -> Attestation:
        """
        What an attestation document says, if it is valid now for this HSM.

        Raises ValidationException for any other, and UnsupportedOperationException without the extra ``attestation``.
        """
        return attestation.attestation(document, self.attestation_roots, now)

    def envelop(self, public_key: bytes, plaintext: bytes, purpose: str) -> bytes:
        """CMS EnvelopedData, which the owner of this RSA key can open: RSAES_OAEP_SHA_256, and AES-256-CBC."""
        chance = self.random(enveloped_data.KEY_BYTES + enveloped_data.IV_BYTES, purpose)
        key, iv = chance[: enveloped_data.KEY_BYTES], chance[enveloped_data.KEY_BYTES :]
        algorithm = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256
        envelope = EnvelopedData(
            subject_key_identifier=enveloped_data.subject_key_identifier(public_key),
            encrypted_key=self.rsa_encrypt(public_key, algorithm, key, purpose),
            iv=iv,
            encrypted_content=enveloped_data.encrypt(plaintext, key, iv),
        )
        return bytes(envelope)


def _derive(key: Secret, salt: bytes) -> bytes:
    """
    The key of one call, by NIST SP 800-108 in counter mode with HMAC-SHA256.

    The key is as long as the HMAC, so it is a single block, with the counter 1. KBKDFHMAC of pyca/cryptography takes
    twice as long; a test compares the two.
    """
    return hmac.digest(key.reveal(), _BEFORE_SALT + salt + _AFTER_SALT, "sha256")


def _is_of_sm4(key: Secret) -> bool:
    return len(key.reveal()) == SM4_KEY_LENGTH


def _derive_sm4(key: Secret, salt: bytes) -> bytes:
    """The same with half the block, and with that length told."""
    block = hmac.digest(key.reveal(), _BEFORE_SALT + salt + _AFTER_SALT_OF_SM4, "sha256")
    return block[:SM4_KEY_LENGTH]


@final
@frozen
class SoftwareHsm(SoftwareCryptography):
    """An HSM with the operating system's randomness; it takes 30 to 500 ms to generate an RSA key."""

    attestation_roots: bytes = field(
        default=b"", kw_only=True, repr=False, validator=attestation.certificates
    )

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        return os.urandom(number_of_bytes)

    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        return generate_private_key(65537, modulus_bits)
