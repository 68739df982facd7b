"""
The recipient of an answer, as policies see it: by the registers in its attestation document.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kmsmodel.calls import recipients
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.new_key import new_key
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import ValidationException
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.memory.kms import Kms
from kmsmodel.operations import OPERATIONS
from kmsmodel.operations.data_keys import GenerateRandomRequest
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.policy.actions import ACTIONS
from kmsmodel.words.enumerations import KeyEncryptionMechanism
from tests.attested import NITRO, NITRO_TPM_PCRS, PCRS, document, recipient
from tests.basics import NOBODY, NOW, call

FAMILY = "kms:RecipientAttestation:"
ENCLAVE = recipient()
NITRO_TPM = recipient(pcrs=NITRO_TPM_PCRS, is_of_nitro_tpm=True)
ATTESTED = {name for name, action in ACTIONS.items() if f"{FAMILY}PCR0" in action.condition_keys}


def trusting(now: datetime = NOW) -> Call:
    """A call to a KMS that trusts the enclave's documents."""
    return call(now=now, hsm=SeededHsm(attestation_roots=NITRO.root))


def value_of(name: str, of: RecipientInfo | None, action: str = "GenerateRandom") -> object:
    """The condition key of a request with this recipient; which request does not matter."""
    request: Request[Any] = GenerateRandomRequest(number_of_bytes=1, recipient=of)
    key = new_key(trusting()) if ACTIONS[action].on_key else None
    context = RequestContext(action, request, trusting(), kms=Kms(), key=key)
    return context.get(f"{FAMILY}{name}".lower())


def test_those_requests_have_a_recipient_whose_actions_have_its_condition_keys() -> None:
    assert {each.operation for each in OPERATIONS if hasattr(each, "recipient")} == ATTESTED
    assert len(ATTESTED) == 5


@pytest.mark.parametrize("action", sorted(ATTESTED))
@pytest.mark.parametrize("number", range(32))
def test_a_register_of_an_enclave_is_in_hexadecimal(action: str, number: int) -> None:
    pcr = PCRS.get(number)
    assert value_of(f"PCR{number}", ENCLAVE, action) == (None if pcr is None else pcr.hex())


@pytest.mark.parametrize("number", range(24))
def test_a_register_of_a_nitro_tpm_is_in_hexadecimal(number: int) -> None:
    pcr = NITRO_TPM_PCRS.get(number)
    assert value_of(f"NitroTPMPCR{number}", NITRO_TPM) == (None if pcr is None else pcr.hex())


def test_the_hash_of_an_image_is_the_first_register() -> None:
    assert value_of("ImageSha384", ENCLAVE) == value_of("PCR0", ENCLAVE) == "01" * 48


@pytest.mark.parametrize("name", ["ImageSha384", *(f"PCR{number}" for number in range(32))])
def test_a_nitro_tpm_has_no_registers_of_an_enclave(name: str) -> None:
    everything = {number: bytes(48) for number in range(32)}
    assert value_of(name, recipient(pcrs=everything, is_of_nitro_tpm=True)) is None


@pytest.mark.parametrize("number", range(24))
def test_an_enclave_has_no_registers_of_a_nitro_tpm(number: int) -> None:
    everything = {number: bytes(48) for number in range(32)}
    assert value_of(f"NitroTPMPCR{number}", recipient(pcrs=everything)) is None


@pytest.mark.parametrize("name", ["ImageSha384", "PCR0", "NitroTPMPCR4"])
def test_a_request_without_a_recipient_has_none_of_these_condition_keys(name: str) -> None:
    assert value_of(name, None) is None


@pytest.mark.parametrize("name", ["PCR32", "PCR", "NitroTPMPCR24", "ImageSha256", "", "pcrx"])
def test_what_aws_has_no_register_for_is_no_condition_key(name: str) -> None:
    assert value_of(name, ENCLAVE) is None


def test_an_action_of_others_has_none_of_these_condition_keys() -> None:
    request = EncryptRequest(key_id=NOBODY, plaintext=b"p")
    context = RequestContext("Encrypt", request, trusting(), kms=Kms())
    assert context.get(f"{FAMILY}PCR0".lower()) is None
    assert value_of("PCR0", ENCLAVE, "Encrypt") is None


def test_no_recipient_needs_no_attestation() -> None:
    assert recipients.attested(None, trusting()) is None
    assert recipients.told(b"plaintext", None, trusting()) == (b"plaintext", None)


@pytest.mark.parametrize(
    "half",
    [
        RecipientInfo(),
        RecipientInfo(attestation_document=document()),
        RecipientInfo(key_encryption_algorithm=KeyEncryptionMechanism.RSAES_OAEP_SHA_256),
    ],
)
def test_a_recipient_has_a_document_and_an_algorithm(half: RecipientInfo) -> None:
    with pytest.raises(ValidationException) as caught:
        recipients.attested(half, trusting())
    assert caught.value.message == "The attestation document in Recipient cannot be verified."
    needs = "Recipient needs both KeyEncryptionAlgorithm and AttestationDocument"
    assert caught.value.__notes__ == [needs]


def test_a_document_is_as_old_as_the_call_says() -> None:
    assert recipients.attested(ENCLAVE, trusting(NOW + timedelta(minutes=5))) is not None
    with pytest.raises(ValidationException):
        recipients.attested(ENCLAVE, trusting(NOW + timedelta(minutes=5, seconds=1)))
