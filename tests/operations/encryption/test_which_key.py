"""
Which key: the one that is named, and the one that made the ciphertext.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AccessDeniedException,
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidKeyUsageException,
    KMSInvalidStateException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.hsm import ciphertext
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.encryption import (
    DecryptRequest,
    EncryptRequest,
    ReEncryptRequest,
    encrypt as encrypt_operation,
)
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.operations.multi_region_keys import ReplicateKeyRequest
from kmsmodel.service import handle
from kmsmodel.words.arn import KeyArn, parse_key_arn
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType
from tests.basics import ACCOUNT, NOBODY, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from tests.operations.encryption.ciphers import (
    IGNORE,
    INCORRECT_KEY,
    OAEP_SHA_1,
    OAEP_SHA_256,
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


def test_a_key_that_did_not_make_the_ciphertext_is_incorrect(local: LocalKms) -> None:
    """Whatever its kind; the HMAC key was recorded from AWS, for ReEncrypt."""
    blob = encrypt(local, create(local).key_id)
    for key_spec, usage in (
        (KeySpec.SYMMETRIC_DEFAULT, KeyUsageType.ENCRYPT_DECRYPT),
        (KeySpec.RSA_2048, KeyUsageType.ENCRYPT_DECRYPT),
        (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY),
        (KeySpec.HMAC_224, KeyUsageType.GENERATE_VERIFY_MAC),
    ):
        other = arn_of(create(local, key_spec=key_spec, key_usage=usage))
        for request in (
            DecryptRequest(ciphertext_blob=blob, key_id=other),
            ReEncryptRequest(ciphertext_blob=blob, source_key_id=other, destination_key_id=other),
        ):
            error = refused(local, request, IncorrectKeyException, INCORRECT_KEY)
            assert error.arn == other


def test_an_incorrect_key_is_told_before_its_state(local: LocalKms) -> None:
    """As before its key usage, which was recorded."""
    one, other = create(local), create(local)
    blob = encrypt(local, one.key_id)
    local.handle(DisableKeyRequest(key_id=other.key_id))
    request = DecryptRequest(ciphertext_blob=blob, key_id=other.key_id)
    refused(local, request, IncorrectKeyException, INCORRECT_KEY)


@pytest.mark.parametrize("blob", [b"not base64 of anything", b"x" * 80])
def test_anything_but_a_ciphertext_is_invalid(local: LocalKms, blob: bytes) -> None:
    """Nobody looks for the key in the request then."""
    for key_id in (None, NOBODY):
        request = DecryptRequest(ciphertext_blob=blob, key_id=key_id)
        refused(local, request, InvalidCiphertextException, "")


def test_an_rsa_ciphertext_is_no_symmetric_one(local: LocalKms) -> None:
    """So it is invalid without its algorithm, also if its key is named."""
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    request = EncryptRequest(key_id=arn, plaintext=b"plain", encryption_algorithm=OAEP_SHA_256)
    blob = local.handle(request).ciphertext_blob
    for key_id in (None, arn):
        for again in (
            DecryptRequest(ciphertext_blob=blob, key_id=key_id),
            ReEncryptRequest(ciphertext_blob=blob, source_key_id=key_id, destination_key_id=arn),
        ):
            refused(local, again, InvalidCiphertextException, "")


def test_a_key_must_be_named_where_no_ciphertext_names_it(local: LocalKms) -> None:
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    for request in (
        DecryptRequest(ciphertext_blob=b"blob", encryption_algorithm=OAEP_SHA_256),
        DecryptRequest(dry_run=True, dry_run_modifiers=IGNORE),
    ):
        refused(local, request, ValidationException, "KeyId must not be null")
    for again in (
        ReEncryptRequest(
            ciphertext_blob=b"blob",
            destination_key_id=arn,
            source_encryption_algorithm=OAEP_SHA_256,
        ),
        ReEncryptRequest(destination_key_id=arn, dry_run=True, dry_run_modifiers=IGNORE),
    ):
        refused(local, again, ValidationException, "SourceKeyId must not be null")


@pytest.mark.parametrize("form", ["key id", "key ARN", "alias name", "alias ARN"])
def test_a_key_is_named_in_any_form_in_every_place(local: LocalKms, form: str) -> None:
    arn = create_to_encrypt(local)
    rsa = create_to_encrypt(local, KeySpec.RSA_2048)
    named = {arn: "alias/symmetric", rsa: "alias/rsa"}
    for key_arn, alias_name in named.items():
        local.handle(CreateAliasRequest(alias_name=alias_name, target_key_id=key_arn))

    def called(key_arn: str) -> str:
        return {
            "key id": key_arn.rpartition("/")[2],
            "key ARN": key_arn,
            "alias name": named[key_arn],
            "alias ARN": f"arn:aws:kms:us-west-2:111122223333:{named[key_arn]}",
        }[form]

    made = local.handle(EncryptRequest(key_id=called(arn), plaintext=b"plain"))
    assert made.key_id == arn
    moved = local.handle(
        ReEncryptRequest(
            ciphertext_blob=made.ciphertext_blob,
            source_key_id=called(arn),
            destination_key_id=called(rsa),
            destination_encryption_algorithm=OAEP_SHA_1,
        )
    )
    assert (moved.source_key_id, moved.key_id) == (arn, rsa)
    for key_arn, algorithm, blob in (
        (arn, None, made.ciphertext_blob),
        (rsa, OAEP_SHA_1, moved.ciphertext_blob),
    ):
        request = DecryptRequest(
            ciphertext_blob=blob, key_id=called(key_arn), encryption_algorithm=algorithm
        )
        answer = local.handle(request)
        assert (answer.key_id, answer.plaintext) == (key_arn, b"plain")


def _sealed() -> tuple[LocalKms, bytes]:
    local = local_kms()
    return local, encrypt(local, create(local).key_id)


@given(where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_ciphertext_that_was_touched_does_not_open(where: int, bit: int) -> None:
    local, blob = _sealed()
    touched = bytearray(blob)
    touched[where % len(blob)] ^= 1 << bit
    for key_id in (None, NOBODY):
        request = DecryptRequest(ciphertext_blob=bytes(touched), key_id=key_id)
        refused(local, request, InvalidCiphertextException, "")


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


@pytest.mark.parametrize("form", ["no key", "key id", "key ARN"])
def test_a_ciphertext_of_another_account_is_denied_however_its_key_is_named(
    local: LocalKms, form: str
) -> None:
    """A key id alone means the key that the ciphertext names, also if another account owns it."""
    arn = create_to_encrypt(local)
    blob = encrypt(local, arn)
    key_id = {"no key": None, "key id": arn.rpartition("/")[2], "key ARN": arn}[form]
    resource = "the resource associated with this ciphertext" if key_id is None else "this resource"
    for action, request in (
        ("Decrypt", DecryptRequest(ciphertext_blob=blob, key_id=key_id)),
        (
            "ReEncryptFrom",
            ReEncryptRequest(ciphertext_blob=blob, source_key_id=key_id, destination_key_id=arn),
        ),
    ):
        message = (
            f"User: arn:aws:iam::444455556666:root is not authorized to perform: kms:{action} "
            f"on {resource} because the resource does not exist in this Region, no resource-based "
            "policies allow access, or a resource-based policy explicitly denies access"
        )
        refused(local, request, AccessDeniedException, message, account=OTHER_ACCOUNT)


def test_a_ciphertext_of_key_material_that_the_key_never_had_does_not_open(
    local: LocalKms,
) -> None:
    blob = ciphertext.parse(encrypt(local, create(local).key_id))
    assert blob is not None
    forged = bytes(evolve(blob, key_material_id="0" * 64))
    refused(local, DecryptRequest(ciphertext_blob=forged), InvalidCiphertextException, "")


def test_a_ciphertext_that_names_another_key_than_made_it_does_not_open(local: LocalKms) -> None:
    """Whether that key exists, and whether a key is named; the checksum was made to fit."""
    arn = create_to_encrypt(local)
    blob = ciphertext.parse(encrypt(local, arn))
    assert blob is not None

    def naming(key_arn: KeyArn) -> bytes:
        return bytes(evolve(blob, key_handle=ciphertext.key_handle(str(key_arn))))

    of_nobody = DecryptRequest(ciphertext_blob=naming(KeyArn(ACCOUNT, REGION, NOBODY)))
    refused(local, evolve(of_nobody, key_id=arn), IncorrectKeyException, INCORRECT_KEY)
    with pytest.raises(AccessDeniedException):
        local.handle(of_nobody)
    hmac = arn_of(
        create(local, key_spec=KeySpec.HMAC_256, key_usage=KeyUsageType.GENERATE_VERIFY_MAC)
    )
    message = f"{hmac} key usage is GENERATE_VERIFY_MAC which is not valid for Decrypt."
    other = arn_of(create(local))
    for key_id in (None, hmac):
        request = DecryptRequest(ciphertext_blob=naming(parse_key_arn(hmac)), key_id=key_id)
        refused(local, request, InvalidKeyUsageException, message)
    for key_id in (None, other):
        request = DecryptRequest(ciphertext_blob=naming(parse_key_arn(other)), key_id=key_id)
        refused(local, request, InvalidCiphertextException, "")


def test_a_multi_region_key_opens_what_its_relatives_encrypt(local: LocalKms) -> None:
    """However it is named, but not by the ARN of a relative in another Region, which was recorded."""
    arn = arn_of(create(local, multi_region=True))
    replicate = ReplicateKeyRequest(key_id=arn, replica_region=OTHER_REGION)
    relative = arn_of(local.handle(replicate).replica_key_metadata)
    blob = encrypt(local, arn)
    for key_id in (None, relative.rpartition("/")[2], relative):
        request = DecryptRequest(ciphertext_blob=blob, key_id=key_id)
        answer = local.handle(request, region=OTHER_REGION)
        assert (answer.key_id, answer.plaintext) == (relative, b"attack at dawn")
        moved = ReEncryptRequest(
            ciphertext_blob=blob, source_key_id=key_id, destination_key_id=relative
        )
        assert local.handle(moved, region=OTHER_REGION).source_key_id == relative
    request = DecryptRequest(ciphertext_blob=blob, key_id=arn)
    error = refused(local, request, IncorrectKeyException, INCORRECT_KEY, region=OTHER_REGION)
    assert error.arn == arn


def test_a_key_of_another_region_is_incorrect_for_an_intact_ciphertext(local: LocalKms) -> None:
    """A key of the Region that does not exist is not found, and no key is looked for if the ciphertext is damaged."""
    blob = encrypt(local, create(local).key_id)
    elsewhere = f"arn:aws:kms:{OTHER_REGION}:{ACCOUNT}:key/{NOBODY}"
    request = DecryptRequest(ciphertext_blob=blob, key_id=elsewhere)
    refused(local, request, IncorrectKeyException, INCORRECT_KEY)
    damaged = evolve(request, ciphertext_blob=blob[:-1])
    refused(local, damaged, InvalidCiphertextException, "")
    arn = elsewhere.replace(OTHER_REGION, REGION)
    message = f"Key '{arn}' does not exist"
    refused(local, evolve(request, key_id=arn), NotFoundException, message)
    refused(local, evolve(request, key_id="no key"), NotFoundException, "Invalid keyId 'no key'")


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
    key = local.kms.accounts[ACCOUNT, REGION].keys.get(arn.rpartition("/")[2])
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


def test_an_updating_key_without_its_private_key_encrypts_under_its_public_key(
    local: LocalKms,
) -> None:
    """But decrypts nothing: that takes the private key."""
    metadata = create(local, key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.ENCRYPT_DECRYPT)
    key = local.kms.accounts[ACCOUNT, REGION].keys.get(metadata.key_id)
    assert key is not None
    (material,) = key.lifecycle.materials
    gone = evolve(
        key.lifecycle,
        materials=(evolve(material, imported=False),),
        updating_until=NOW + timedelta(seconds=1),
    )
    kms = local.kms.with_key(key.with_lifecycle(gone))
    call = Call(now=NOW, hsm=SeededHsm(), request_id="r")
    to_encrypt = EncryptRequest(key_id=key.arn, plaintext=b"p", encryption_algorithm=OAEP_SHA_1)
    _, sealed = encrypt_operation(kms, to_encrypt, call)
    to_decrypt = DecryptRequest(
        key_id=key.arn,
        ciphertext_blob=sealed.ciphertext_blob,
        encryption_algorithm=OAEP_SHA_1,
    )
    with pytest.raises(KMSInvalidStateException, match=r"is pending import\.$"):
        handle(kms, to_decrypt, call)
    assert handle(local.kms, to_decrypt, call)[1].plaintext == b"p"
