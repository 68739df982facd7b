"""
Attested calls: what five operations answer an enclave, and whom policies let have it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from attrs import AttrsInstance, evolve
from hypothesis import given
from hypothesis.strategies import binary, sampled_from

from kmsmodel.calls.caller import Caller
from kmsmodel.errors import (
    AccessDeniedException,
    DisabledException,
    DryRunOperationException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.hsm.secret import Secret
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import DeriveSharedSecretRequest, GetPublicKeyRequest
from kmsmodel.operations.data_keys import (
    GenerateDataKeyPairRequest,
    GenerateDataKeyRequest,
    GenerateRandomRequest,
)
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.policy.policies import Policies
from kmsmodel.testing.attestation import debug_pcrs
from kmsmodel.words import structures
from kmsmodel.words.enumerations import (
    DataKeyPairSpec,
    DataKeySpec,
    EncryptionAlgorithmSpec,
    KeyAgreementAlgorithmSpec,
    KeySpec,
    KeyUsageType,
)
from tests.attested import NITRO_TPM_PCRS, PCRS, document, local_kms, opened, recipient
from tests.basics import ACCOUNT, NOBODY, NOW
from tests.operations.steps import arn_of, create, decrypt, encrypt, refused

CANNOT_BE_VERIFIED = "The attestation document in Recipient cannot be verified."
DRY_RUN = "The request would have succeeded, but the DryRun option is set."
PLAINTEXTS = {
    "Decrypt": "plaintext",
    "DeriveSharedSecret": "shared_secret",
    "GenerateDataKey": "plaintext",
    "GenerateDataKeyPair": "private_key_plaintext",
    "GenerateRandom": "plaintext",
}
"""The member of each answer that a recipient alone may read."""

OPERATIONS = sorted(PLAINTEXTS)


AGREES = {"key_spec": KeySpec.ECC_NIST_P256, "key_usage": KeyUsageType.KEY_AGREEMENT}


def request_of(local: LocalKms, operation: str, of: RecipientInfo | None = None) -> Any:
    """A request that is answered, for a new key."""
    if operation == "GenerateRandom":
        return GenerateRandomRequest(number_of_bytes=1024, recipient=of)
    if operation == "DeriveSharedSecret":
        peer = local.handle(GetPublicKeyRequest(key_id=create(local, **AGREES).key_id))
        return DeriveSharedSecretRequest(
            key_id=create(local, **AGREES).key_id,
            key_agreement_algorithm=KeyAgreementAlgorithmSpec.ECDH,
            public_key=peer.public_key,
            recipient=of,
        )
    arn = arn_of(create(local))
    match operation:
        case "Decrypt":
            return DecryptRequest(
                ciphertext_blob=encrypt(local, arn, b"secret"), key_id=arn, recipient=of
            )
        case "GenerateDataKey":
            return GenerateDataKeyRequest(key_id=arn, key_spec=DataKeySpec.AES_256, recipient=of)
        case _:
            rsa = DataKeyPairSpec.RSA_4096  # its private key is the longest plaintext
            return GenerateDataKeyPairRequest(key_id=arn, key_pair_spec=rsa, recipient=of)


@pytest.fixture
def trusting() -> LocalKms:
    return local_kms()


# ---- the answer


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_plaintext_is_only_in_what_the_recipient_alone_can_open(
    trusting: LocalKms, operation: str
) -> None:
    answer = trusting.handle(request_of(trusting, operation, recipient()))
    assert getattr(answer, PLAINTEXTS[operation]) == b""
    assert opened(answer.ciphertext_for_recipient)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_plaintext_is_absent_on_the_wire(trusting: LocalKms, operation: str) -> None:
    answer: AttrsInstance = trusting.handle(request_of(trusting, operation, recipient()))
    told, kind = structures.to_json(answer), type(answer)
    absent = structures.member_names(kind)[PLAINTEXTS[operation]]
    assert absent not in told
    assert absent not in structures.to_members(answer)
    assert structures.from_json(kind, told) == answer


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_recipient_there_is_no_ciphertext_for_one(
    trusting: LocalKms, operation: str
) -> None:
    answer = trusting.handle(request_of(trusting, operation))
    assert getattr(answer, PLAINTEXTS[operation])
    assert answer.ciphertext_for_recipient is None


@given(plaintext=binary(min_size=1, max_size=4096))
def test_the_recipient_opens_what_was_encrypted(plaintext: bytes) -> None:
    local = local_kms()
    blob = encrypt(local, create(local).key_id, plaintext)
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, recipient=recipient()))
    assert opened(answer.ciphertext_for_recipient) == plaintext


def test_an_rsa_key_decrypts_for_a_recipient_too(trusting: LocalKms) -> None:
    key_id = create(
        trusting, key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.ENCRYPT_DECRYPT
    ).key_id
    about: Any = {
        "key_id": key_id,
        "encryption_algorithm": EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256,
    }
    blob = trusting.handle(EncryptRequest(plaintext=b"secret", **about)).ciphertext_blob
    answer = trusting.handle(DecryptRequest(ciphertext_blob=blob, recipient=recipient(), **about))
    assert opened(answer.ciphertext_for_recipient) == b"secret"


def test_both_ciphertexts_of_a_data_key_have_the_same_data_key(trusting: LocalKms) -> None:
    answer = trusting.handle(request_of(trusting, "GenerateDataKey", recipient()))
    data_key = opened(answer.ciphertext_for_recipient)
    assert len(data_key) == 32
    assert decrypt(trusting, answer.ciphertext_blob) == data_key


def test_both_ciphertexts_of_a_data_key_pair_have_the_same_private_key(
    trusting: LocalKms,
) -> None:
    answer = trusting.handle(request_of(trusting, "GenerateDataKeyPair", recipient()))
    private_key = opened(answer.ciphertext_for_recipient)
    assert trusting.hsm.public_key(Secret(private_key)) == answer.public_key
    assert decrypt(trusting, answer.private_key_ciphertext_blob) == private_key


def test_a_recipient_derives_the_secret_that_others_derive(trusting: LocalKms) -> None:
    request = request_of(trusting, "DeriveSharedSecret", recipient())
    answer = trusting.handle(request)
    plain = trusting.handle(evolve(request, recipient=None))
    assert opened(answer.ciphertext_for_recipient) == plain.shared_secret


@pytest.mark.parametrize(
    "operation, is_told",
    [("Decrypt", False), ("GenerateDataKey", False), ("GenerateDataKeyPair", True)],
)
def test_the_key_material_is_told_to_a_recipient_only_with_a_pair(
    trusting: LocalKms, operation: str, is_told: bool
) -> None:
    request = request_of(trusting, operation, recipient())
    assert (trusting.handle(request).key_material_id is not None) == is_told
    assert trusting.handle(evolve(request, recipient=None)).key_material_id is not None


def test_a_document_may_be_shown_again(trusting: LocalKms) -> None:
    request = request_of(trusting, "Decrypt", recipient())
    for _ in range(3):
        assert opened(trusting.handle(request).ciphertext_for_recipient) == b"secret"
        trusting.clock.advance(minutes=2)
        if trusting.clock.now() - NOW > timedelta(minutes=5):
            refused(trusting, request, ValidationException, CANNOT_BE_VERIFIED)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_answers_of_a_seeded_hsm_are_equal(operation: str) -> None:
    one, other = local_kms(), local_kms()
    answers = {
        repr(local.handle(request_of(local, operation, recipient()))) for local in (one, other)
    }
    assert len(answers) == 1


# ---- what is refused

Bad = Callable[[], RecipientInfo]
BAD: Mapping[str, Bad] = {
    "no document": RecipientInfo,
    "damaged": lambda: evolve(recipient(), attestation_document=document()[:-1] + b"x"),
    "random bytes": lambda: evolve(recipient(), attestation_document=b"random bytes"),
    "too old": lambda: recipient(at=NOW - timedelta(minutes=6)),
    "no public key": lambda: recipient(public_key=None),
    "no algorithm": lambda: evolve(recipient(), key_encryption_algorithm=None),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("bad", BAD)
def test_a_recipient_that_cannot_be_verified_is_refused(
    trusting: LocalKms, operation: str, bad: str
) -> None:
    request = request_of(trusting, operation, BAD[bad]())
    refused(trusting, request, ValidationException, CANNOT_BE_VERIFIED)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_root_no_recipient_is_answered(local: LocalKms, operation: str) -> None:
    request = request_of(local, operation, recipient())
    error = refused(local, request, ValidationException, CANNOT_BE_VERIFIED)
    assert error.__notes__ == ["the root of its certificates is none that this HSM trusts"]


def test_a_recipient_is_verified_before_the_key_is_looked_for(trusting: LocalKms) -> None:
    request = DecryptRequest(ciphertext_blob=b"blob", key_id=NOBODY, recipient=BAD["too old"]())
    refused(trusting, request, ValidationException, CANNOT_BE_VERIFIED)
    refused(
        trusting,
        GenerateDataKeyRequest(key_id=NOBODY, key_spec=DataKeySpec.AES_256, recipient=recipient()),
        NotFoundException,
        f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist",
    )


@pytest.mark.parametrize(
    "length, rule", [(0, "greater than or equal to 1"), (262_145, "less than or equal to 262144")]
)
def test_an_attestation_document_has_1_to_262144_bytes(length: int, rule: str) -> None:
    request = GenerateRandomRequest(
        number_of_bytes=1, recipient=RecipientInfo(attestation_document=bytes(length))
    )
    message = (
        "1 validation error detected: Value at 'recipient.attestationDocument' failed to satisfy "
        f"constraint: Member must have length {rule}"
    )
    refused(local_kms(), request, ValidationException, message)


@pytest.mark.parametrize("operation", sorted(PLAINTEXTS.keys() - {"GenerateRandom"}))
def test_a_dry_run_verifies_the_recipient_too(trusting: LocalKms, operation: str) -> None:
    request = evolve(request_of(trusting, operation, recipient()), dry_run=True)
    refused(trusting, request, DryRunOperationException, DRY_RUN)
    request = evolve(request, recipient=BAD["too old"]())
    refused(trusting, request, ValidationException, CANNOT_BE_VERIFIED)


@given(junk=binary(min_size=1, max_size=300), operation=sampled_from(OPERATIONS))
def test_whatever_a_document_is_the_answer_is_aws_s(junk: bytes, operation: str) -> None:
    local = local_kms()
    request = request_of(local, operation, evolve(recipient(), attestation_document=junk))
    refused(local, request, ValidationException, CANNOT_BE_VERIFIED)


# ---- policies

ROLE = f"arn:aws:iam::{ACCOUNT}:role/data-processing"
IMAGE = "kms:RecipientAttestation:ImageSha384"
OTHER_PCRS = {**PCRS, 0: bytes(48)}


def caller(condition: Mapping[str, Any], operation: str) -> Caller:
    """A role that its IAM policy allows one operation on a condition."""
    statement = {
        "Effect": "Allow",
        "Action": f"kms:{operation}",
        "Resource": "*",
        "Condition": condition,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return Caller(ROLE, policies=Policies(identity=(policy,)))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_an_iam_policy_lets_only_the_attested_image_in(
    trusting: LocalKms, operation: str, spelled: Callable[[str], str]
) -> None:
    allowed = {"StringEqualsIgnoreCase": {IMAGE: spelled(PCRS[0].hex())}}
    who = caller(allowed, operation)
    request = request_of(trusting, operation, recipient())
    assert opened(trusting.handle(request, caller=who).ciphertext_for_recipient)
    for refused_ in (None, recipient(pcrs=OTHER_PCRS), recipient(pcrs={1: PCRS[1]})):
        with pytest.raises(AccessDeniedException):
            trusting.handle(evolve(request, recipient=refused_), caller=who)


def test_a_condition_that_minds_the_case_needs_lower_case(trusting: LocalKms) -> None:
    request = request_of(trusting, "GenerateRandom", recipient(pcrs={0: b"\xab" * 48}))
    minds = caller({"StringEquals": {IMAGE: "ab" * 48}}, "GenerateRandom")
    assert trusting.handle(request, caller=minds).ciphertext_for_recipient
    upper = caller({"StringEquals": {IMAGE: "AB" * 48}}, "GenerateRandom")
    with pytest.raises(AccessDeniedException):
        trusting.handle(request, caller=upper)


def test_a_nitro_tpm_is_let_in_by_its_own_condition_keys(trusting: LocalKms) -> None:
    condition = {
        "StringEqualsIgnoreCase": {
            f"kms:RecipientAttestation:NitroTPMPCR{number}": NITRO_TPM_PCRS[number].hex()
            for number in (4, 7)
        }
    }
    who = caller(condition, "GenerateDataKey")
    attested = recipient(pcrs=NITRO_TPM_PCRS, is_of_nitro_tpm=True)
    request = request_of(trusting, "GenerateDataKey", attested)
    assert trusting.handle(request, caller=who).ciphertext_for_recipient
    for other in (recipient(pcrs=NITRO_TPM_PCRS), None):
        with pytest.raises(AccessDeniedException):
            trusting.handle(evolve(request, recipient=other), caller=who)


def key_policy(*statements: Mapping[str, Any]) -> str:
    administers = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["kms:Encrypt", "kms:PutKeyPolicy", "kms:DisableKey"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [administers, *statements]})


DECRYPTS = {
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": "kms:Decrypt",
    "Resource": "*",
}
DENIED = (
    f"User: {ROLE} is not authorized to perform: kms:Decrypt on resource: {{arn}} "
    "because no resource-based policy allows the kms:Decrypt action"
)


def test_a_key_policy_lets_only_the_attested_image_in(trusting: LocalKms) -> None:
    """And a document that cannot be verified is told from one that the policy does not want."""
    condition = {"StringEqualsIgnoreCase": {IMAGE: PCRS[0].hex()}}
    policy = key_policy({**DECRYPTS, "Condition": condition})
    arn = arn_of(create(trusting, policy=policy))
    request = DecryptRequest(ciphertext_blob=encrypt(trusting, arn), recipient=recipient())
    who: Any = {"principal": ROLE}
    assert opened(trusting.handle(request, **who).ciphertext_for_recipient) == b"attack at dawn"
    for other in (None, recipient(pcrs=OTHER_PCRS), recipient(pcrs=debug_pcrs())):
        wrong = evolve(request, recipient=other)
        refused(trusting, wrong, AccessDeniedException, DENIED.format(arn=arn), **who)
    damaged = evolve(request, recipient=BAD["damaged"]())
    refused(trusting, damaged, ValidationException, CANNOT_BE_VERIFIED, **who)


@pytest.mark.parametrize(
    "deny",
    [
        {"StringNotEqualsIgnoreCase": {IMAGE: PCRS[0].hex()}},
        {"StringNotEqualsIgnoreCase": {"kms:RecipientAttestation:PCR1": PCRS[1].hex()}},
        {"Null": {IMAGE: "true"}},
    ],
)
def test_a_deny_keeps_out_who_is_not_attested(trusting: LocalKms, deny: dict[str, Any]) -> None:
    denies = {**DECRYPTS, "Effect": "Deny", "Principal": "*", "Condition": deny}
    arn = arn_of(create(trusting, policy=key_policy(DECRYPTS, denies)))
    request = DecryptRequest(ciphertext_blob=encrypt(trusting, arn), recipient=recipient())
    assert trusting.handle(request, principal=ROLE).ciphertext_for_recipient
    with pytest.raises(AccessDeniedException, match="explicit deny"):
        trusting.handle(evolve(request, recipient=None), principal=ROLE)


def test_a_key_must_be_usable_for_a_recipient_too(trusting: LocalKms) -> None:
    request = request_of(trusting, "Decrypt", recipient())
    trusting.handle(DisableKeyRequest(key_id=request.key_id))
    refused(trusting, request, DisabledException, f"{request.key_id} is disabled.")


# ---- other doors


def test_the_wire_answers_as_the_typed_door_does(trusting: LocalKms) -> None:
    request = request_of(trusting, "Decrypt", recipient())
    body = json.dumps(structures.to_json(request)).encode()
    response = trusting.respond("TrentService.Decrypt", body)
    assert response.status == 200
    told = json.loads(response.body)
    assert set(told) == {"KeyId", "EncryptionAlgorithm", "CiphertextForRecipient"}


def test_why_somebody_may_have_it_can_be_asked(trusting: LocalKms) -> None:
    who = caller({"StringEqualsIgnoreCase": {IMAGE: "00" * 48}}, "GenerateRandom")
    request = request_of(trusting, "GenerateRandom", recipient())
    (decision,) = trusting.explain(request, caller=who)
    assert not decision.is_allowed
    assert IMAGE in str(decision.explanation)
