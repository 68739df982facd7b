"""
The hardware security module, as the model sees it: a port.

All chance and all cryptography with secret keys come in through it, so that the rest of AWS KMS is a function of what
the HSM answers. ``purpose`` tells one drawing of chance from every other one: an HSM with true randomness ignores it,
one that replays derives from it.
"""

from __future__ import annotations

from typing import Protocol, final

from attrs import frozen

from kmsmodel.key_material import Secret
from kmsmodel.shapes import AlgorithmSpec, KeySpec, WrappingKeySpec


@final
@frozen
class WrappingKey:
    """An RSA key pair to wrap key material with: the public key as DER SubjectPublicKeyInfo, the private as PKCS #8."""

    public_key: bytes
    private_key: Secret


class Hsm(Protocol):
    """What AWS KMS asks of its hardware security modules."""

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        """Unpredictable bytes."""
        ...

    def generate(self, key_spec: KeySpec, purpose: str) -> Secret:
        """New key material for a KMS key of this key spec."""
        ...

    def wrapping_key(self, wrapping_key_spec: WrappingKeySpec, purpose: str) -> WrappingKey:
        """A key pair under whose public key a client can wrap key material."""
        ...

    def unwrap(
        self, private_key: Secret, algorithm: AlgorithmSpec, wrapped: bytes
    ) -> Secret | None:
        """The key material that was wrapped under the public key, or None if it was not."""
        ...

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        """Authenticated encryption under a 256-bit key."""
        ...

    def decrypt(self, key: Secret, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        """What `encrypt` made a ciphertext of, with equal additional data, or None if it did not."""
        ...
