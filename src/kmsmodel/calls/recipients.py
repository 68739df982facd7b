"""
The recipient of an answer: what its attestation document says, and the answer that only it can read.

Source: *Cryptographic attestation support in AWS KMS* in the Developer Guide.
"""

from __future__ import annotations

from kmsmodel.calls.call import Call
from kmsmodel.hsm.recipient import Attestation, RecipientInfo, refusal


def attested(recipient: RecipientInfo | None, call: Call) -> Attestation | None:
    """
    What the attestation document of a request says, or None for a request without a recipient.

    Raises ValidationException for a recipient who cannot be answered.
    """
    if recipient is None:
        return None
    if recipient.key_encryption_algorithm is None or recipient.attestation_document is None:
        raise refusal("Recipient needs both KeyEncryptionAlgorithm and AttestationDocument")
    return call.hsm.attestation(recipient.attestation_document, call.now)


def told(
    plaintext: bytes, attestation: Attestation | None, call: Call
) -> tuple[bytes, bytes | None]:
    """A plaintext as the caller is told it: itself, or for a recipient nothing of it, and its ciphertext."""
    if attestation is None:
        return plaintext, None
    purpose = call.purpose("ciphertext for recipient")
    return b"", call.hsm.envelop(attestation.public_key, plaintext, purpose)


def register(name: str, recipient: RecipientInfo | None, call: Call) -> str | None:
    """
    A register of the attestation document, in hexadecimal; ``name`` is how policies call it, in lower case.

    It is None for a request without a recipient, and for a register that the document does not have.
    """
    attestation = attested(recipient, call)
    if attestation is None:
        return None
    kind, _, number = _REGISTERS.get(name, name).rpartition("pcr")
    if attestation.is_of_nitro_tpm != (kind == "nitrotpm"):
        return None
    pcr = attestation.pcrs.get(int(number))
    return None if pcr is None else pcr.hex()


_REGISTERS = {"imagesha384": "pcr0"}
"""The hash of an enclave's image is its first register."""
