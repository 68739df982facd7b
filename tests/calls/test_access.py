"""
Whether this caller may use this KMS key for this operation now.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from kmsmodel.calls import access
from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    AccessDeniedException,
    DisabledException,
    InvalidArnException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    KmsError,
    KMSInvalidStateException,
    NotFoundException,
)
from kmsmodel.key.key import Key
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType, OriginType
from tests.basics import ACCOUNT, AWS_MANAGED, NOBODY, NOW, OTHER_ACCOUNT, THROUGH_S3, call
from tests.calls.found import CALL, OTHER, found, told
from tests.operations.steps import arn_of, create

ALIASES = "arn:aws:kms:us-west-2:111122223333:alias/"
THROUGH = call(caller=THROUGH_S3)
BECAUSE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)


def to_encrypt(key_id: str) -> Request[object]:
    return EncryptRequest(key_id=key_id, plaintext=b"p")


def found_by_any(local: LocalKms, key_id: str, call: Call = CALL) -> Key:
    _, key = access.key_or_alias(local.kms, key_id, to_encrypt(key_id), call)
    return key


def refusal(local: LocalKms, key_id: str, call: Call = CALL, *, alias: bool = True) -> KmsError:
    with pytest.raises(KmsError) as caught:
        (found_by_any if alias else found)(local, key_id, call)
    return caught.value


# ---- how a key is named


def test_a_key_is_found_by_its_id_and_its_arn(local: LocalKms) -> None:
    one, other = create(local), create(local)
    for metadata in (one, other):
        for key_id in (metadata.key_id, arn_of(metadata)):
            assert found(local, key_id).arn == metadata.arn
            assert found_by_any(local, key_id).arn == metadata.arn


def test_a_key_is_found_by_its_aliases_where_an_operation_takes_them(local: LocalKms) -> None:
    metadata = create(local)
    for alias_name in ("alias/one", "alias/two"):
        request = CreateAliasRequest(alias_name=alias_name, target_key_id=metadata.key_id)
        local.handle(request)
    for name in ("alias/one", "alias/two", ALIASES + "one", ALIASES + "two"):
        assert found_by_any(local, name).arn == metadata.arn
        assert told(refusal(local, name, alias=False)) == (
            InvalidArnException,
            "Key Aliases are not supported for this operation.",
        )


def test_the_first_use_of_the_alias_of_an_aws_managed_key_makes_the_key(local: LocalKms) -> None:
    """By its service, or by DescribeKey; other direct requests find no key, and make none."""
    direct = to_encrypt(AWS_MANAGED)
    assert told(refusal(local, AWS_MANAGED)) == (
        NotFoundException,
        f"Alias {ALIASES}aws/s3 is not found.",
    )
    described = access.key_or_alias(
        local.kms, AWS_MANAGED, DescribeKeyRequest(key_id=AWS_MANAGED), CALL
    )
    kms, key = access.key_or_alias(local.kms, AWS_MANAGED, direct, THROUGH)
    assert (key.key_manager, described[1]) == ("AWS", key)
    again, same = access.key_or_alias(kms, ALIASES + "aws/s3", direct, THROUGH)
    assert (again, same) == (kms, key)
    assert again is kms


@pytest.mark.parametrize(
    "key_id, error, message",
    [
        (
            NOBODY,
            NotFoundException,
            f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist",
        ),
        ("alias/nobody", NotFoundException, f"Alias {ALIASES}nobody is not found."),
        ("alias/aws/nobody", NotFoundException, f"Alias {ALIASES}aws/nobody is not found."),
        ("nobody", NotFoundException, "Invalid keyId 'nobody'"),
        (
            f"arn:aws:kms:eu-west-1:111122223333:key/{NOBODY}",
            NotFoundException,
            "Invalid arn eu-west-1",
        ),
    ],
)
def test_what_names_no_key_is_not_found(
    local: LocalKms, key_id: str, error: type[KmsError], message: str
) -> None:
    assert told(refusal(local, key_id)) == (error, message)


def test_an_error_about_a_key_that_does_not_exist_names_it(local: LocalKms) -> None:
    assert refusal(local, NOBODY).arn == f"arn:aws:kms:us-west-2:111122223333:key/{NOBODY}"
    assert refusal(local, "alias/nobody").arn is None


def test_a_bad_grant_token_is_refused_before_a_key_of_another_account_is_looked_for(
    local: LocalKms,
) -> None:
    for key_id in (arn_of(create(local)), f"arn:aws:kms:us-west-2:111122223333:key/{NOBODY}"):
        request = EncryptRequest(key_id=key_id, plaintext=b"p", grant_tokens=("dG9rZW4=",))
        with pytest.raises(InvalidGrantTokenException):
            access.key_or_alias(local.kms, key_id, request, OTHER)


# ---- the order of the questions


def test_the_form_of_the_name_is_refused_before_the_caller_is(
    local: LocalKms,
) -> None:
    assert told(refusal(local, "nobody", OTHER))[0] is NotFoundException
    assert told(refusal(local, ALIASES + "any", OTHER, alias=False))[0] is InvalidArnException


@pytest.mark.parametrize("alias", [True, False])
def test_a_caller_of_another_account_is_not_told_whether_there_is_such_a_key(
    local: LocalKms, alias: bool
) -> None:
    operation = "Encrypt" if alias else "DisableKey"
    there = arn_of(create(local))
    names = [there, there.replace(there.rpartition("/")[2], NOBODY)]
    if alias:
        local.handle(CreateAliasRequest(alias_name="alias/there", target_key_id=there))
        names += [ALIASES + "there", ALIASES + "nobody", ALIASES + "aws/s3"]
    message = (
        f"User: arn:aws:iam::444455556666:root is not authorized to perform: kms:{operation} "
        f"on this resource {BECAUSE}"
    )
    for name in names:
        error = refusal(local, name, OTHER, alias=alias)
        assert told(error) == (AccessDeniedException, message)
        assert error.arn is None


def test_the_key_policy_is_asked_before_the_key_usage_and_the_key_state(local: LocalKms) -> None:
    kms, key = access.key_or_alias(local.kms, AWS_MANAGED, to_encrypt(AWS_MANAGED), THROUGH)
    local = LocalKms(kms.with_key(evolve(key, lifecycle=key.lifecycle.disable_key(NOW))))
    assert told(refusal(local, key.arn))[0] is AccessDeniedException
    assert told(refusal(local, key.arn, THROUGH)) == (
        DisabledException,
        f"{key.arn} is disabled.",
    )
    to_sign = create(local, key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.SIGN_VERIFY)
    mallory = call(caller=Caller("arn:aws:iam::111122223333:user/Mallory"))
    assert told(refusal(local, to_sign.key_id, mallory))[0] is AccessDeniedException
    assert told(refusal(local, to_sign.key_id))[0] is InvalidKeyUsageException


def test_the_key_state_table_is_asked_however_the_key_was_found(local: LocalKms) -> None:
    metadata = create(local, origin=OriginType.EXTERNAL)
    local.handle(CreateAliasRequest(alias_name="alias/a", target_key_id=metadata.key_id))
    expected = (KMSInvalidStateException, f"{metadata.arn} is pending import.")
    for name in (metadata.key_id, arn_of(metadata), "alias/a", ALIASES + "a"):
        assert told(refusal(local, name)) == expected
        assert refusal(local, name).key_state is KeyState.PendingImport
    assert told(refusal(local, metadata.key_id, alias=False)) == expected
    with pytest.raises(KMSInvalidStateException):
        access.key_of_ciphertext(
            local.kms, KeyArn(ACCOUNT, CALL.region, metadata.key_id), to_encrypt("any"), CALL
        )


# ---- the key of a ciphertext


def test_a_ciphertext_names_a_key_of_the_callers_account(local: LocalKms) -> None:
    metadata = create(local)
    request = to_encrypt("any")
    key = access.key_of_ciphertext(
        local.kms, KeyArn(ACCOUNT, CALL.region, metadata.key_id), request, CALL
    )
    assert key.arn == metadata.arn
    for account, key_id, by in (
        (ACCOUNT, NOBODY, CALL),
        (ACCOUNT, metadata.key_id, OTHER),
        (OTHER_ACCOUNT, metadata.key_id, CALL),
        (OTHER_ACCOUNT, metadata.key_id, OTHER),
    ):
        with pytest.raises(AccessDeniedException) as caught:
            access.key_of_ciphertext(local.kms, KeyArn(account, by.region, key_id), request, by)
        assert caught.value.message == (
            f"User: {by.caller.principal.arn} is not authorized to perform: kms:Encrypt on the resource "
            f"associated with this ciphertext {BECAUSE}"
        )
