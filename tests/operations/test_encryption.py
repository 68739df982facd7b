"""
Encrypting and decrypting data with a symmetric encryption KMS key.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kmsmodel import ciphertext
from kmsmodel.call import Call
from kmsmodel.errors import (
    AccessDeniedException,
    DisabledException,
    DryRunOperationException,
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    KMSInvalidStateException,
    NotFoundException,
    SerializationException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import (
    DecryptRequest,
    DecryptResponse,
    EncryptRequest,
    EncryptResponse,
    RecipientInfo,
)
from kmsmodel.operations.encryption import (
    encrypt as encrypt_operation,
)
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.shapes import (
    DryRunModifierType,
    EncryptionAlgorithmSpec,
    KeyEncryptionMechanism,
    KeySpec,
    KeyState,
)
from tests.operations.steps import (
    FIRST,
    NOBODY,
    NOW,
    arn_of,
    create,
    create_external,
    delete_material,
    describe,
    encrypt,
    local_kms,
    refused,
)

SYMMETRIC = EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT
IGNORE = (DryRunModifierType.IGNORE_CIPHERTEXT,)
DRY_RUN = "The request would have succeeded, but the DryRun option is set."

CONTEXTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4)


# ---- there and back


@given(
    plaintext=st.binary(min_size=1, max_size=100) | st.just(bytes(4096)),
    context=CONTEXTS | st.none(),
    external=st.booleans(),
)
def test_what_was_encrypted_is_decrypted(
    plaintext: bytes, context: dict[str, str] | None, external: bool
) -> None:
    local = local_kms()
    arn = create_external(local, FIRST) if external else arn_of(create(local))
    answer = local.handle(
        EncryptRequest(key_id=arn, plaintext=plaintext, encryption_context=context)
    )
    assert answer == EncryptResponse(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_algorithm=SYMMETRIC
    )
    assert len(answer.ciphertext_blob) <= 6144
    for key_id in (None, arn, arn.rpartition("/")[2]):
        request = DecryptRequest(
            ciphertext_blob=answer.ciphertext_blob, encryption_context=context, key_id=key_id
        )
        assert local.handle(request) == DecryptResponse(
            key_id=arn,
            plaintext=plaintext,
            encryption_algorithm=SYMMETRIC,
            key_material_id=describe(local, arn).current_key_material_id,
        )


def test_no_two_ciphertexts_of_a_plaintext_are_alike(local: LocalKms) -> None:
    key_id = create(local).key_id
    assert len({encrypt(local, key_id) for _ in range(20)}) == 20


def test_a_ciphertext_does_not_show_the_plaintext(local: LocalKms) -> None:
    assert b"attack at dawn" not in encrypt(local, create(local).key_id)


@pytest.mark.parametrize("context", [{}, None])
def test_an_empty_encryption_context_is_as_good_as_none(
    local: LocalKms, context: dict[str, str] | None
) -> None:
    key_id = create(local).key_id
    other: dict[str, str] | None = None if context is not None else {}
    request = EncryptRequest(key_id=key_id, plaintext=b"p", encryption_context=context)
    blob = local.handle(request).ciphertext_blob
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_context=other))
    assert answer.plaintext == b"p"


def test_the_order_of_an_encryption_context_does_not_matter(local: LocalKms) -> None:
    context = {"b": "2", "a": "1", "": ""}
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_context=context
    )
    blob = local.handle(request).ciphertext_blob
    reverse = dict(reversed(context.items()))
    assert list(reverse) != list(context)
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_context=reverse))
    assert answer.plaintext == b"p"


@given(one=CONTEXTS, other=CONTEXTS)
def test_a_ciphertext_opens_with_an_equal_encryption_context_only(
    one: dict[str, str], other: dict[str, str]
) -> None:
    local = local_kms()
    request = EncryptRequest(key_id=create(local).key_id, plaintext=b"p", encryption_context=one)
    blob = local.handle(request).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob, encryption_context=other)
    if one == other:
        assert local.handle(decrypt).plaintext == b"p"
    else:
        refused(local, decrypt, InvalidCiphertextException, "")


@pytest.mark.parametrize(
    "one, other",
    [
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "b", "c": "d"}, {"a": "b"}),
        ({"a": "b"}, {"b": "a"}),
        ({"a": "b"}, {"A": "b"}),
        ({"a": ""}, {}),
        ({"a": "b", "c": "d"}, {"a": "d", "c": "b"}),
    ],
)
def test_encryption_contexts_that_read_alike_are_told_apart(
    local: LocalKms, one: dict[str, str], other: dict[str, str]
) -> None:
    request = EncryptRequest(key_id=create(local).key_id, plaintext=b"p", encryption_context=one)
    blob = local.handle(request).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob, encryption_context=other)
    refused(local, decrypt, InvalidCiphertextException, "")


def test_an_encryption_context_maps_strings_to_strings(local: LocalKms) -> None:
    context: Any = {"a": 1}
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_context=context
    )
    message = "NUMBER_VALUE can not be converted to a String"
    refused(local, request, SerializationException, message)


def test_a_plaintext_has_1_to_4096_bytes_and_is_not_shown(local: LocalKms) -> None:
    key_id = create(local).key_id
    for plaintext, bound in (
        (b"", "greater than or equal to 1"),
        (b"s" * 4097, "less than or equal to 4096"),
    ):
        message = (
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
        request = EncryptRequest(key_id=key_id, plaintext=plaintext)
        refused(local, request, ValidationException, message)
        assert "sss" not in repr(request)
    nothing: Any = None
    message = (
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must not be null"
    )
    refused(local, EncryptRequest(key_id=key_id, plaintext=nothing), ValidationException, message)


# ---- which key


def test_a_key_that_did_not_make_the_ciphertext_is_incorrect(local: LocalKms) -> None:
    one, other = create(local), create(local)
    request = DecryptRequest(ciphertext_blob=encrypt(local, one.key_id), key_id=other.key_id)
    message = "The key ID in the request does not identify a CMK that can perform this operation."
    error = refused(local, request, IncorrectKeyException, message)
    assert error.arn == other.arn


def test_the_state_of_the_key_in_the_request_is_asked_before_the_ciphertext(
    local: LocalKms,
) -> None:
    one, other = create(local), create(local)
    blob = encrypt(local, one.key_id)
    local.handle(DisableKeyRequest(key_id=other.key_id))
    request = DecryptRequest(ciphertext_blob=blob, key_id=other.key_id)
    refused(local, request, DisabledException, f"{other.arn} is disabled.")


@pytest.mark.parametrize("key_id", ["not base64 of anything", "x" * 80])
def test_what_is_no_ciphertext_is_invalid(local: LocalKms, key_id: str) -> None:
    request = DecryptRequest(ciphertext_blob=key_id.encode())
    refused(local, request, InvalidCiphertextException, "")


def _sealed() -> tuple[LocalKms, bytes]:
    local = local_kms()
    return local, encrypt(local, create(local).key_id)


@given(where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_ciphertext_that_was_touched_does_not_open(where: int, bit: int) -> None:
    local, blob = _sealed()
    touched = bytearray(blob)
    touched[where % len(blob)] ^= 1 << bit
    request = DecryptRequest(ciphertext_blob=bytes(touched))
    # A header that now names another key names one that the caller may not know.
    with pytest.raises((InvalidCiphertextException, AccessDeniedException)):
        local.handle(request)


@given(length=st.integers(1, 10_000))
def test_a_ciphertext_that_was_cut_does_not_open(length: int) -> None:
    local, blob = _sealed()
    cut = blob[: length % len(blob)]
    if cut:
        refused(local, DecryptRequest(ciphertext_blob=cut), InvalidCiphertextException, "")
    request = DecryptRequest(ciphertext_blob=blob + b"\0")
    refused(local, request, InvalidCiphertextException, "")


def test_a_ciphertext_that_names_a_key_which_does_not_exist_is_denied(local: LocalKms) -> None:
    blob = encrypt(local, create(local).key_id)
    message = (
        "User: arn:aws:iam::111122223333:root is not authorized to perform: kms:Decrypt on the "
        "resource associated with this ciphertext because the resource does not exist in this "
        "Region, no resource-based policies allow access, or a resource-based policy explicitly "
        "denies access"
    )
    request = DecryptRequest(ciphertext_blob=blob)
    refused(LocalKms(clock=local.clock), request, AccessDeniedException, message)
    elsewhere = {"region": "eu-west-1"}
    refused(local, request, AccessDeniedException, message, **elsewhere)


def test_a_ciphertext_of_key_material_that_the_key_never_had_does_not_open(
    local: LocalKms,
) -> None:
    blob = ciphertext.parse(encrypt(local, create(local).key_id))
    assert blob is not None
    forged = bytes(evolve(blob, key_material_id="0" * 64))
    refused(local, DecryptRequest(ciphertext_blob=forged), InvalidCiphertextException, "")


def test_a_key_whose_material_is_missing_neither_encrypts_nor_decrypts(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    blob = encrypt(local, arn)
    delete_material(local, arn)
    for request in (
        EncryptRequest(key_id=arn, plaintext=b"p"),
        DecryptRequest(ciphertext_blob=blob),
        DecryptRequest(ciphertext_blob=blob, key_id=arn),
    ):
        refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")


def test_an_updating_key_without_its_key_material_is_pending_import(local: LocalKms) -> None:
    """The table permits the use of an updating key, but there is nothing to use; the key is put there."""
    arn = create_external(local, b"m" * 32)
    key = local.kms.accounts["111122223333", "us-west-2"].keys.get(arn.rpartition("/")[2])
    assert key is not None
    life = key.lifecycle.delete_imported_key_material(NOW)
    kms = local.kms.with_key(
        key.with_lifecycle(evolve(life, updating_until=NOW + timedelta(seconds=1)))
    )
    call = Call(now=NOW, hsm=SeededHsm(), request_id="r")
    with pytest.raises(KMSInvalidStateException) as caught:
        encrypt_operation(kms, EncryptRequest(key_id=arn, plaintext=b"p"), call)
    assert caught.value.message == f"{arn} is pending import."
    assert caught.value.key_state is KeyState.Updating


# ---- members that are rarely given


@pytest.mark.parametrize("algorithm", sorted(set(EncryptionAlgorithmSpec) - {SYMMETRIC}))
@pytest.mark.parametrize("dry_run", [None, True])
def test_the_algorithm_must_be_one_of_the_key_spec(
    local: LocalKms, algorithm: EncryptionAlgorithmSpec, dry_run: bool | None
) -> None:
    arn = arn_of(create(local))
    blob = encrypt(local, arn)
    message = f"Algorithm {algorithm} is incompatible with key spec {KeySpec.SYMMETRIC_DEFAULT}."
    for request in (
        EncryptRequest(key_id=arn, plaintext=b"p", encryption_algorithm=algorithm, dry_run=dry_run),
        DecryptRequest(ciphertext_blob=blob, encryption_algorithm=algorithm, dry_run=dry_run),
        DecryptRequest(
            key_id=arn, encryption_algorithm=algorithm, dry_run=True, dry_run_modifiers=IGNORE
        ),
    ):
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == arn


def test_the_algorithm_may_be_said_aloud(local: LocalKms) -> None:
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_algorithm=SYMMETRIC
    )
    blob = local.handle(request).ciphertext_blob
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_algorithm=SYMMETRIC))
    assert answer.plaintext == b"p"


def test_a_grant_token_that_no_grant_has_is_invalid(local: LocalKms) -> None:
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    for request in (
        EncryptRequest(key_id=key_id, plaintext=b"p", grant_tokens=("token",)),
        DecryptRequest(ciphertext_blob=blob, grant_tokens=("token",)),
        DecryptRequest(
            key_id=key_id, grant_tokens=("token",), dry_run=True, dry_run_modifiers=IGNORE
        ),
    ):
        refused(local, request, InvalidGrantTokenException, "")
    local.handle(EncryptRequest(key_id=key_id, plaintext=b"p", grant_tokens=()))


def test_a_dry_run_of_what_would_succeed_says_so(local: LocalKms) -> None:
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    for request in (
        EncryptRequest(key_id=key_id, plaintext=b"p", dry_run=True),
        DecryptRequest(ciphertext_blob=blob, dry_run=True),
        DecryptRequest(ciphertext_blob=blob, key_id=key_id, dry_run=True, dry_run_modifiers=()),
    ):
        refused(local, request, DryRunOperationException, DRY_RUN)
    local.handle(EncryptRequest(key_id=key_id, plaintext=b"p", dry_run=False))


def test_a_dry_run_of_what_would_fail_fails_as_it_would(local: LocalKms) -> None:
    arn = arn_of(create(local))
    blob = bytearray(encrypt(local, arn))
    blob[-1] ^= 1
    request = DecryptRequest(ciphertext_blob=bytes(blob), dry_run=True)
    refused(local, request, InvalidCiphertextException, "")
    local.handle(DisableKeyRequest(key_id=arn))
    for refused_ in (
        EncryptRequest(key_id=arn, plaintext=b"p", dry_run=True),
        DecryptRequest(key_id=arn, dry_run=True, dry_run_modifiers=IGNORE),
    ):
        refused(local, refused_, DisabledException, f"{arn} is disabled.")


@pytest.mark.parametrize("blob", [None, b"any"])
def test_a_dry_run_may_ignore_the_ciphertext_and_ask_only_for_the_key(
    local: LocalKms, blob: bytes | None
) -> None:
    request = DecryptRequest(
        ciphertext_blob=blob,
        key_id=create(local).key_id,
        dry_run=True,
        dry_run_modifiers=IGNORE,
    )
    refused(local, request, DryRunOperationException, DRY_RUN)
    message = f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist"
    refused(local, evolve(request, key_id=NOBODY), NotFoundException, message)
    message = "KeyId is required with the DryRunModifier IGNORE_CIPHERTEXT."
    refused(local, evolve(request, key_id=None), ValidationException, message)


@pytest.mark.parametrize("dry_run", [None, False])
def test_a_dry_run_modifier_is_valid_only_in_a_dry_run(
    local: LocalKms, dry_run: bool | None
) -> None:
    request = DecryptRequest(key_id=create(local).key_id, dry_run=dry_run, dry_run_modifiers=IGNORE)
    message = "DryRunModifiers are valid only with DryRun."
    refused(local, request, ValidationException, message)


def test_without_that_modifier_a_ciphertext_is_needed(local: LocalKms) -> None:
    message = (
        "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: "
        "Member must not be null"
    )
    for request in (DecryptRequest(), DecryptRequest(key_id=create(local).key_id, dry_run=True)):
        refused(local, request, ValidationException, message)


def test_no_attestation_document_can_be_verified(local: LocalKms) -> None:
    key_id = create(local).key_id
    recipient = RecipientInfo(
        key_encryption_algorithm=KeyEncryptionMechanism.RSAES_OAEP_SHA_256,
        attestation_document=b"document",
    )
    request = DecryptRequest(ciphertext_blob=encrypt(local, key_id), recipient=recipient)
    message = "The attestation document in Recipient cannot be verified."
    refused(local, request, ValidationException, message)
    empty = evolve(request, recipient=evolve(recipient, attestation_document=b""))
    message = (
        "1 validation error detected: Value at 'recipient.attestationDocument' failed to satisfy "
        "constraint: Member must have length greater than or equal to 1"
    )
    refused(local, empty, ValidationException, message)


def test_a_secret_answer_does_not_show_in_its_representation(local: LocalKms) -> None:
    blob = encrypt(local, create(local).key_id)
    answer = local.handle(DecryptRequest(ciphertext_blob=blob))
    assert "attack" not in repr(answer)
