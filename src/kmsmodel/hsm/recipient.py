"""
The recipient of an answer that only a Nitro enclave, or an instance with NitroTPM, can read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from kmsmodel.errors import KmsError, ValidationException
from kmsmodel.words.enumerations import KeyEncryptionMechanism
from kmsmodel.words.shapes import AttestationDocumentType


@final
@frozen(kw_only=True)
class RecipientInfo:
    """An attestation document, and the mechanism that encrypts an answer under the public key in it."""

    key_encryption_algorithm: KeyEncryptionMechanism | None = None
    attestation_document: AttestationDocumentType | None = None


@final
@frozen(kw_only=True)
class Attestation:
    """
    What a valid attestation document says: which module asks, what it runs, and under which key to answer it.

    ``pcrs`` are the platform configuration registers by their numbers, of a NitroTPM or else of an enclave. The public
    key is an RSA key as SubjectPublicKeyInfo, DER.
    """

    module_id: str
    pcrs: Mapping[int, bytes]
    is_of_nitro_tpm: bool = False
    public_key: bytes


def refusal(reason: str) -> KmsError:
    """The error for a recipient who cannot be answered; its note has the reason, which AWS's answer leaves out."""
    return ValidationException(
        "The attestation document in Recipient cannot be verified."
    ).with_note(reason)
