"""
An enclave, as tests of attested calls need it: its registers, its private key, and a KMS that trusts its documents.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.local import LocalKms
from kmsmodel.testing.attestation import NitroAuthority
from kmsmodel.testing.enveloped_data import open_enveloped_data
from kmsmodel.words.enumerations import KeyEncryptionMechanism
from tests.basics import NOW

NITRO = NitroAuthority("tests")
PCRS = {number: bytes([number + 1]) * 48 for number in (0, 1, 2, 3, 4, 8)}
NITRO_TPM_PCRS = {number: bytes([number + 1]) * 48 for number in (4, 7, 8, 9, 16, 23)}


@cache
def private_key(bits: int = 2048) -> RSAPrivateKey:
    """The enclave's."""
    return SeededHsm("an enclave").rsa_key(bits, "key")


@cache
def public_key(bits: int = 2048) -> bytes:
    public = private_key(bits).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def document(at: datetime = NOW, **members: Any) -> bytes:
    """An attestation document of the enclave."""
    told: dict[str, Any] = {"public_key": public_key(), "pcrs": PCRS} | members
    return NITRO.attestation_document(at=at, **told)


def recipient(at: datetime = NOW, **members: Any) -> RecipientInfo:
    """The enclave as the recipient of an answer."""
    return RecipientInfo(
        key_encryption_algorithm=KeyEncryptionMechanism.RSAES_OAEP_SHA_256,
        attestation_document=document(at, **members),
    )


def local_kms() -> LocalKms:
    """A KMS without keys that trusts the enclave's documents."""
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm(attestation_roots=NITRO.root))


def opened(ciphertext_for_recipient: bytes | None) -> bytes:
    """What the enclave reads in an answer."""
    assert ciphertext_for_recipient is not None
    return open_enveloped_data(ciphertext_for_recipient, private_key())
