"""
The recipient of an answer that only a Nitro enclave, or an instance with NitroTPM, can read.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from kmsmodel.errors import ValidationException
from kmsmodel.words.enumerations import KeyEncryptionMechanism
from kmsmodel.words.shapes import AttestationDocumentType


@final
@frozen(kw_only=True)
class RecipientInfo:
    """An attestation document, and the mechanism that encrypts an answer under the public key in it."""

    key_encryption_algorithm: KeyEncryptionMechanism | None = None
    attestation_document: AttestationDocumentType | None = None


def refuse(recipient: RecipientInfo | None) -> None:
    """Refuse a recipient: no attestation document is valid here, because only AWS's own Nitro root can verify one."""
    if recipient is not None:
        raise ValidationException("The attestation document in Recipient cannot be verified.")
