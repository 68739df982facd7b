"""
The recipient of an answer that only an attested environment can read.
"""

from __future__ import annotations

import pytest

from kmsmodel.errors import ValidationException
from kmsmodel.hsm import recipient
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.local import LocalKms
from kmsmodel.operations.data_keys import GenerateRandomRequest
from kmsmodel.operations.encryption import DecryptRequest
from kmsmodel.words.enumerations import KeyEncryptionMechanism
from tests.basics import NOBODY
from tests.operations.steps import local_kms, refused

CANNOT_BE_VERIFIED = "The attestation document in Recipient cannot be verified."


def test_no_recipient_is_nothing_to_refuse() -> None:
    recipient.refuse(None)


@pytest.mark.parametrize(
    "info",
    [
        RecipientInfo(),
        RecipientInfo(
            key_encryption_algorithm=KeyEncryptionMechanism.RSAES_OAEP_SHA_256,
            attestation_document=b"document",
        ),
    ],
)
def test_no_attestation_document_can_be_verified(info: RecipientInfo) -> None:
    with pytest.raises(ValidationException) as caught:
        recipient.refuse(info)
    assert caught.value.message == CANNOT_BE_VERIFIED


def test_a_recipient_is_refused_before_the_key_is_looked_for() -> None:
    request = DecryptRequest(ciphertext_blob=b"blob", key_id=NOBODY, recipient=RecipientInfo())
    refused(local_kms(), request, ValidationException, CANNOT_BE_VERIFIED)


@pytest.mark.parametrize(
    "length, rule",
    [(0, "greater than or equal to 1"), (262_145, "less than or equal to 262144")],
)
def test_an_attestation_document_has_1_to_262144_bytes(length: int, rule: str) -> None:
    local = LocalKms()
    request = GenerateRandomRequest(
        number_of_bytes=1, recipient=RecipientInfo(attestation_document=bytes(length))
    )
    message = (
        "1 validation error detected: Value at 'recipient.attestationDocument' failed to satisfy "
        f"constraint: Member must have length {rule}"
    )
    refused(local, request, ValidationException, message)
