"""
The port to the hardware security module.

All randomness and all cryptography with secret keys come through this port, so that the rest of AWS KMS is a function
of the HSM's answers. ``purpose`` is different for each request for randomness: an HSM with true randomness ignores it,
and one that replays derives its random bytes from it. The key material of a symmetric key is its bytes, and that of an
asymmetric key its private key in PKCS #8; public keys are SubjectPublicKeyInfo. Both are DER.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, final

from attrs import frozen

from kmsmodel.hsm.recipient import Attestation
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeySpec,
    MacAlgorithmSpec,
    MessageType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)


@final
@frozen
class WrappingKey:
    """An RSA key pair to wrap key material with."""

    public_key: bytes
    private_key: Secret


@final
@frozen
class Encapsulation:
    """A shared secret, and the ciphertext that gives it to the owner of the private key."""

    shared_secret: Secret
    ciphertext: bytes


class Cipher(Protocol):
    """What encrypts under a symmetric key: the HSM, or what stands for it if the key is in a custom key store."""

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        """Authenticated encryption: 28 bytes of the HSM's own, what was encrypted, and at least 16 more."""
        ...

    def decrypt(self, key: Secret, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        """The plaintext of a ciphertext that `encrypt` made with equal additional data, or None for any other."""
        ...


class Hsm(Protocol):
    """What AWS KMS asks of its hardware security modules."""

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        """Unpredictable bytes."""
        ...

    # ---- key material

    def generate(self, key_spec: KeySpec, purpose: str) -> Secret:
        """New key material for a KMS key of this key spec."""
        ...

    def data_key_pair(self, key_pair_spec: KeySpec, purpose: str) -> Secret:
        """The private key of a new data key pair; if it is on a named curve, its ECPrivateKey names the curve too."""
        ...

    def wrapping_key(self, wrapping_key_spec: WrappingKeySpec, purpose: str) -> WrappingKey:
        """A key pair under whose public key a client can wrap key material."""
        ...

    def unwrap(
        self, private_key: Secret, algorithm: AlgorithmSpec, wrapped: bytes
    ) -> Secret | None:
        """The key material that was wrapped under the public key, or None if nothing was."""
        ...

    def accept(self, key_spec: KeySpec, material: Secret) -> Secret | None:
        """A client's key material in the form that is kept, or None if it does not fit this key spec."""
        ...

    def public_key(self, private_key: Secret) -> bytes:
        """The public key that belongs to a private key."""
        ...

    # ---- symmetric keys

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        """
        Authenticated encryption: 28 bytes of the HSM's own, what was encrypted, and 16 more.

        A key of 256 bits is one of AES. One of 128 bits is one of SM4, as symmetric encryption keys are in China.
        """
        ...

    def decrypt(self, key: Secret, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        """The plaintext of a ciphertext that `encrypt` made with equal additional data, or None for any other."""
        ...

    def mac(self, key: Secret, algorithm: MacAlgorithmSpec, message: bytes) -> bytes:
        """The message authentication code of a message."""
        ...

    # ---- asymmetric keys

    def rsa_encrypt(
        self,
        public_key: bytes,
        algorithm: EncryptionAlgorithmSpec,
        plaintext: bytes,
        purpose: str,
    ) -> bytes:
        """A ciphertext that the owner of this public key can decrypt, by RSA or SM2PKE."""
        ...

    def rsa_decrypt(
        self, private_key: Secret, algorithm: EncryptionAlgorithmSpec, ciphertext: bytes
    ) -> bytes | None:
        """The plaintext that was encrypted under the public key, or None if nothing was."""
        ...

    def sign(
        self,
        private_key: Secret,
        algorithm: SigningAlgorithmSpec,
        message_type: MessageType,
        message: bytes,
        purpose: str,
    ) -> bytes:
        """The signature of a message, given as ``message_type`` says: whole, or by its digest or representative."""
        ...

    def verify(
        self,
        public_key: bytes,
        algorithm: SigningAlgorithmSpec,
        message_type: MessageType,
        message: bytes,
        signature: bytes,
    ) -> bool:
        """Is this a signature of this message, by the owner of this public key?"""
        ...

    def agree(self, private_key: Secret, public_key: bytes) -> Secret | None:
        """The secret shared with the owner of a public key, or None if that is not one on the same curve."""
        ...

    def encapsulate(self, public_key: bytes, purpose: str) -> Encapsulation:
        """A new shared secret for the owner of this public key, and its ciphertext."""
        ...

    def decapsulate(self, private_key: Secret, ciphertext: bytes) -> Secret | None:
        """The shared secret of a ciphertext, or None if the ciphertext is too long or too short."""
        ...

    # ---- attested environments

    def attestation(self, document: bytes, now: datetime) -> Attestation:
        """
        What an attestation document says, if it is valid now for this HSM.

        Raises `recipient.refusal` for any other, and UnsupportedOperationException if the HSM cannot read documents.
        """
        ...

    def envelop(self, public_key: bytes, plaintext: bytes, purpose: str) -> bytes:
        """CMS EnvelopedData, which the owner of this RSA key can open: RSAES_OAEP_SHA_256, and AES-256-CBC."""
        ...
