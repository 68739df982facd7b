"""
What Encrypt, Decrypt and ReEncrypt refuse alike, and what a dry run tells of it.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar, final

import pytest
from attrs import evolve, frozen
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AccessDeniedException,
    DryRunOperationException,
    InvalidGrantTokenException,
    KmsError,
    NotFoundException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import (
    DecryptRequest,
    EncryptRequest,
    ReEncryptRequest,
    ReEncryptResponse,
)
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.service import handle
from kmsmodel.words.enumerations import EncryptionAlgorithmSpec, KeySpec, KeyUsageType
from tests.basics import ACCOUNT, NOBODY, NOW, OTHER_ACCOUNT
from tests.operations.encryption.ciphers import (
    IGNORE,
    OAEP_SHA_1,
    OAEP_SHA_256,
    SYMMETRIC,
    create_to_encrypt,
)
from tests.operations.steps import (
    FIRST,
    arn_of,
    create,
    create_external,
    delete_material,
    encrypt,
    local_kms,
    refused,
)

ResponseT = TypeVar("ResponseT")
DRY_RUN = "The request would have succeeded, but the DryRun option is set."


@final
@frozen
class Asked:
    """Keys of each kind and in several key states, and ciphertexts: what a caller might put into a request."""

    kms: Kms
    key_ids: tuple[str, ...]
    blobs: tuple[bytes, ...]
    good: tuple[DecryptRequest, ...]
    """Requests that are answered."""


@cache
def asked() -> Asked:
    local = local_kms()
    keys = {
        "symmetric": create_to_encrypt(local),
        "another": create_to_encrypt(local),
        "RSA": create_to_encrypt(local, KeySpec.RSA_2048),
        "another RSA": create_to_encrypt(local, KeySpec.RSA_3072),
        "disabled": create_to_encrypt(local),
        "disabled RSA": create_to_encrypt(local, KeySpec.RSA_2048),
        "to be deleted": create_to_encrypt(local),
        "without material": create_external(local, FIRST),
        "signing": arn_of(
            create(local, key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.SIGN_VERIFY)
        ),
        "HMAC": arn_of(
            create(local, key_spec=KeySpec.HMAC_256, key_usage=KeyUsageType.GENERATE_VERIFY_MAC)
        ),
    }
    local.handle(CreateAliasRequest(alias_name="alias/a", target_key_id=keys["symmetric"]))
    context = {"a": "b"}
    good: list[DecryptRequest] = []
    for name, algorithm, encryption_context in (
        ("symmetric", None, None),
        ("symmetric", SYMMETRIC, context),
        ("another", None, context),
        ("RSA", OAEP_SHA_1, None),
        ("RSA", OAEP_SHA_256, None),
        ("another RSA", OAEP_SHA_256, {}),
        ("disabled", None, None),
        ("disabled RSA", OAEP_SHA_1, None),
        ("to be deleted", None, context),
        ("without material", None, None),
    ):
        request = EncryptRequest(
            key_id=keys[name],
            plaintext=b"p" * 200 if algorithm is None else b"plain",
            encryption_algorithm=algorithm,
            encryption_context=encryption_context,
        )
        decrypt = DecryptRequest(
            ciphertext_blob=local.handle(request).ciphertext_blob,
            key_id=keys[name] if name != "another" else None,
            encryption_algorithm=algorithm,
            encryption_context=encryption_context,
        )
        good.append(decrypt)
    for name in ("disabled", "disabled RSA"):
        local.handle(DisableKeyRequest(key_id=keys[name]))
    local.handle(ScheduleKeyDeletionRequest(key_id=keys["to be deleted"]))
    delete_material(local, keys["without material"])
    elsewhere = LocalKms(hsm=SeededHsm("elsewhere"), clock=local.clock)
    foreign = encrypt(elsewhere, create_to_encrypt(elsewhere))
    blobs = tuple(each.ciphertext_blob for each in good if each.ciphertext_blob is not None)
    return Asked(
        kms=local.kms,
        key_ids=(
            *keys.values(),
            keys["symmetric"].rpartition("/")[2],
            "alias/a",
            "alias/nobody",
            NOBODY,
            "no key id",
            keys["symmetric"].replace(ACCOUNT, OTHER_ACCOUNT),
        ),
        blobs=(*blobs, blobs[0][:-1], blobs[3][:-1], foreign, b"no ciphertext"),
        good=tuple(good),
    )


def outcome(request: Request[ResponseT]) -> ResponseT | KmsError:
    call = Call(now=NOW, hsm=SeededHsm(), request_id="outcome")
    try:
        _, response = handle(asked().kms, request, call)
    except KmsError as error:
        return error
    return response


def told(answer: object) -> tuple[str, str, str | None, str | None]:
    """What an error says, for an operation that is not named."""
    assert isinstance(answer, KmsError), answer
    message = answer.message.replace("SourceKeyId", "KeyId")
    for operation in ("ReEncryptFrom", "ReEncryptTo", "ReEncrypt", "Encrypt", "Decrypt"):
        message = message.replace(f"kms:{operation} ", "kms:it ")
        message = message.replace(f"for {operation}.", "for it.")
    return answer.code, message, answer.arn, answer.key_state


KEY_IDS = st.deferred(lambda: st.sampled_from(asked().key_ids))
ALGORITHM = st.none() | st.sampled_from(EncryptionAlgorithmSpec)
CONTEXT = st.sampled_from([None, {}, {"a": "b"}])
GRANT_TOKENS = st.sampled_from([None, None, None, ("token",)])
ENCRYPTING = st.builds(
    EncryptRequest,
    key_id=KEY_IDS,
    plaintext=st.sampled_from([b"plain", b"p" * 200]),
    encryption_algorithm=ALGORITHM,
    encryption_context=CONTEXT,
    grant_tokens=GRANT_TOKENS,
)
DECRYPTING = st.deferred(lambda: st.sampled_from(asked().good)) | st.builds(
    DecryptRequest,
    ciphertext_blob=st.deferred(lambda: st.sampled_from(asked().blobs)),
    key_id=st.none() | KEY_IDS,
    encryption_algorithm=ALGORITHM,
    encryption_context=CONTEXT,
    grant_tokens=GRANT_TOKENS,
)


def reencrypting(decrypt: DecryptRequest, encrypt_: EncryptRequest) -> ReEncryptRequest:
    return ReEncryptRequest(
        ciphertext_blob=decrypt.ciphertext_blob,
        source_key_id=decrypt.key_id,
        source_encryption_algorithm=decrypt.encryption_algorithm,
        source_encryption_context=decrypt.encryption_context,
        destination_key_id=encrypt_.key_id,
        destination_encryption_algorithm=encrypt_.encryption_algorithm,
        destination_encryption_context=encrypt_.encryption_context,
        grant_tokens=decrypt.grant_tokens,
    )


# ---- what all three refuse


@given(decrypt=DECRYPTING, encrypt_=ENCRYPTING)
def test_reencrypting_refuses_what_decrypting_refuses_and_then_what_encrypting_refuses(
    decrypt: DecryptRequest, encrypt_: EncryptRequest
) -> None:
    answer = outcome(reencrypting(decrypt, encrypt_))
    decrypted = outcome(decrypt)
    if isinstance(decrypted, KmsError):
        assert told(answer) == told(decrypted)
        return
    assert decrypted.plaintext is not None
    encrypted = outcome(evolve(encrypt_, plaintext=decrypted.plaintext, grant_tokens=None))
    if isinstance(encrypted, KmsError):
        assert told(answer) == told(encrypted)
        return
    assert isinstance(answer, ReEncryptResponse)
    assert (answer.source_key_id, answer.key_id) == (decrypted.key_id, encrypted.key_id)


@given(
    request=ENCRYPTING | DECRYPTING | st.builds(reencrypting, DECRYPTING, ENCRYPTING),
)
def test_a_dry_run_says_whether_the_request_would_have_succeeded(
    request: EncryptRequest | DecryptRequest | ReEncryptRequest,
) -> None:
    answer = outcome(request)
    dry = outcome(evolve(request, dry_run=True))
    if isinstance(answer, KmsError):
        assert told(dry) == told(answer)
    else:
        assert told(dry) == ("DryRunOperationException", DRY_RUN, None, None)


@given(decrypt=DECRYPTING, encrypt_=ENCRYPTING)
def test_a_dry_run_that_ignores_the_ciphertext_asks_only_for_the_keys(
    decrypt: DecryptRequest, encrypt_: EncryptRequest
) -> None:
    """It is refused as a ciphertext would be that this very key and algorithm made, or succeeds."""
    ignoring = evolve(decrypt, dry_run=True, dry_run_modifiers=IGNORE)
    dry = outcome(ignoring)
    for blob in (None, b"any"):
        assert told(outcome(evolve(ignoring, ciphertext_blob=blob))) == told(dry)
    if decrypt.key_id is None:
        assert told(dry) == ("ValidationException", "KeyId must not be null", None, None)
        return
    like_encrypting = EncryptRequest(
        key_id=decrypt.key_id,
        plaintext=b"p",
        encryption_algorithm=decrypt.encryption_algorithm,
        encryption_context=decrypt.encryption_context,
        grant_tokens=decrypt.grant_tokens,
        dry_run=True,
    )
    code, message, *rest = told(dry)
    like_it = (code, message.replace("when decrypting", "when encrypting"), *rest)
    assert like_it == told(outcome(like_encrypting))
    destination = evolve(encrypt_, plaintext=b"p", grant_tokens=None, dry_run=True)
    reencrypt = evolve(reencrypting(decrypt, encrypt_), dry_run=True, dry_run_modifiers=IGNORE)
    refused_by = dry if not isinstance(dry, DryRunOperationException) else outcome(destination)
    assert told(outcome(reencrypt)) == told(refused_by)


def test_a_grant_token_that_no_grant_has_is_invalid(local: LocalKms) -> None:
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    for request in (
        EncryptRequest(key_id=key_id, plaintext=b"p", grant_tokens=("token",)),
        DecryptRequest(ciphertext_blob=blob, grant_tokens=("token",)),
        DecryptRequest(
            key_id=key_id, grant_tokens=("token",), dry_run=True, dry_run_modifiers=IGNORE
        ),
        ReEncryptRequest(ciphertext_blob=blob, destination_key_id=key_id, grant_tokens=("token",)),
    ):
        refused(local, request, InvalidGrantTokenException, "")
    local.handle(EncryptRequest(key_id=key_id, plaintext=b"p", grant_tokens=()))


@pytest.mark.parametrize("blob", [None, b"any"])
def test_a_dry_run_may_ignore_the_ciphertext(local: LocalKms, blob: bytes | None) -> None:
    request = DecryptRequest(
        ciphertext_blob=blob,
        key_id=create(local).key_id,
        dry_run=True,
        dry_run_modifiers=IGNORE,
    )
    refused(local, request, DryRunOperationException, DRY_RUN)
    message = f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist"
    refused(local, evolve(request, key_id=NOBODY), NotFoundException, message)


@pytest.mark.parametrize("dry_run", [None, False])
def test_a_dry_run_modifier_is_refused_without_a_dry_run(
    local: LocalKms, dry_run: bool | None
) -> None:
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    message = "DryRunModifiers can only be specified when DryRun is true"
    for request in (
        DecryptRequest(ciphertext_blob=blob, dry_run=dry_run, dry_run_modifiers=IGNORE),
        DecryptRequest(ciphertext_blob=b"invalid", dry_run=dry_run, dry_run_modifiers=IGNORE),
        DecryptRequest(key_id=key_id, dry_run=dry_run, dry_run_modifiers=IGNORE),
        ReEncryptRequest(
            source_key_id=key_id,
            destination_key_id=key_id,
            dry_run=dry_run,
            dry_run_modifiers=IGNORE,
        ),
    ):
        refused(local, request, ValidationException, message)


def test_without_that_modifier_a_ciphertext_is_needed(local: LocalKms) -> None:
    key_id = create(local).key_id
    for request in (
        DecryptRequest(),
        DecryptRequest(key_id=key_id, dry_run=True, dry_run_modifiers=()),
        ReEncryptRequest(source_key_id=key_id, destination_key_id=key_id),
    ):
        message = (
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
            "constraint: Member must not be null"
        )
        refused(local, request, ValidationException, message)


# ---- what is not shown


def test_who_may_not_reencrypt_is_told_of_the_two_actions_that_it_takes(local: LocalKms) -> None:
    key = create(local)
    sealed = encrypt(local, key.key_id)
    foreign = "arn:aws:kms:us-west-2:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    for action, source, destination in (
        ("ReEncryptFrom", foreign, key.key_id),
        ("ReEncryptTo", key.key_id, foreign),
        ("ReEncryptTo", None, foreign),
    ):
        request = ReEncryptRequest(
            ciphertext_blob=sealed, source_key_id=source, destination_key_id=destination
        )
        with pytest.raises(AccessDeniedException, match=f"perform: kms:{action} on this resource"):
            local.handle(request)
