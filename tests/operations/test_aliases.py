"""
Aliases: names for KMS keys, which can be given to other ones.
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.aws_managed_key import LISTED_WITHOUT_A_KEY, PREDEFINED
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    AccessDeniedException,
    AlreadyExistsException,
    InvalidAliasNameException,
    InvalidArnException,
    InvalidMarkerException,
    KMSInvalidStateException,
    LimitExceededException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.local import LocalKms, Who
from kmsmodel.memory.pages import marker
from kmsmodel.operations.aliases import (
    AliasListEntry,
    CreateAliasRequest,
    CreateAliasResponse,
    DeleteAliasRequest,
    DeleteAliasResponse,
    ListAliasesRequest,
    ListAliasesResponse,
    UpdateAliasRequest,
    UpdateAliasResponse,
)
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest
from kmsmodel.operations.keys import CreateKeyRequest, DisableKeyRequest
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType
from tests.basics import ACCOUNT, NOBODY, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from tests.operations.steps import (
    arn_of,
    create,
    create_external,
    decrypt,
    describe,
    encrypt,
    local_kms,
    refused,
)

PREFIX = f"arn:aws:kms:{REGION}:{ACCOUNT}:"
VAULT = "alias/Vault"
S3 = "alias/aws/s3"

NO_PREFIX = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)
NO_LETTER = (
    "1 validation error detected: Value 'alias/Service.Test' at 'aliasName' failed to satisfy "
    "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"
)


def name_it(local: LocalKms, alias_name: str, key_id: str) -> None:
    local.handle(CreateAliasRequest(alias_name=alias_name, target_key_id=key_id))


def move(local: LocalKms, alias_name: str, key_id: str) -> None:
    local.handle(UpdateAliasRequest(alias_name=alias_name, target_key_id=key_id))


def all_aliases(local: LocalKms, **members: Any) -> tuple[AliasListEntry, ...]:
    """Those of customers, in one page."""
    answer = local.handle(ListAliasesRequest(limit=100, **members))
    assert not answer.truncated
    return tuple(each for each in answer.aliases if each.alias_name not in PREDEFINED)


def entry(alias_name: str, key_id: str, *, updated: int = 0, created: int = 0) -> AliasListEntry:
    """An alias of a key, created and updated so many days after the start."""
    return AliasListEntry(
        alias_name=alias_name,
        alias_arn=PREFIX + alias_name,
        target_key_id=key_id,
        creation_date=NOW + timedelta(days=created),
        last_updated_date=NOW + timedelta(days=updated),
    )


def delete_in_7_days(local: LocalKms, key_id: str) -> None:
    local.handle(ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7))


# ---- CreateAlias


def test_an_alias_names_a_key_by_its_name_and_its_arn(local: LocalKms) -> None:
    metadata = create(local)
    request = CreateAliasRequest(alias_name=VAULT, target_key_id=metadata.key_id)
    assert local.handle(request) == CreateAliasResponse()
    assert all_aliases(local) == (entry(VAULT, metadata.key_id),)
    for identifier in (VAULT, PREFIX + VAULT):
        assert describe(local, identifier) == metadata
        blob = encrypt(local, identifier)
        answer = local.handle(DecryptRequest(ciphertext_blob=blob, key_id=identifier))
        assert (answer.plaintext, answer.key_id) == (b"attack at dawn", metadata.arn)


def test_the_target_of_an_alias_may_be_given_by_its_arn(local: LocalKms) -> None:
    metadata = create(local)
    name_it(local, VAULT, arn_of(metadata))
    assert all_aliases(local) == (entry(VAULT, metadata.key_id),)


@pytest.mark.parametrize(
    "alias_name", ["alias/a", "alias/A", "alias//", "alias/a-b_c/9", "alias/aws", "alias/awsome"]
)
def test_an_alias_name_has_letters_digits_slashes_underscores_and_dashes(
    local: LocalKms, alias_name: str
) -> None:
    key_id = create(local).key_id
    name_it(local, alias_name, key_id)
    assert all_aliases(local) == (entry(alias_name, key_id),)


def test_an_alias_name_has_up_to_256_characters(local: LocalKms) -> None:
    key_id = create(local).key_id
    name_it(local, "alias/" + "a" * 250, key_id)
    too_long = "alias/" + "a" * 251
    message = (
        f"1 validation error detected: Value '{too_long}' at 'aliasName' failed to satisfy "
        "constraint: Member must have length less than or equal to 256"
    )
    request = CreateAliasRequest(alias_name=too_long, target_key_id=key_id)
    refused(local, request, ValidationException, message)


def requests_with(alias_name: str, key_id: str) -> tuple[Request[Any], ...]:
    return (
        CreateAliasRequest(alias_name=alias_name, target_key_id=key_id),
        UpdateAliasRequest(alias_name=alias_name, target_key_id=key_id),
        DeleteAliasRequest(alias_name=alias_name),
    )


@pytest.mark.parametrize(
    "alias_name, message",
    [
        ("Vault", NO_PREFIX),
        ("ALIAS/Vault", NO_PREFIX),
        (PREFIX + VAULT, NO_PREFIX),
        ("alias/Service:Test", "alias/Service:Test contains invalid characters for an alias"),
        ("alias/Service.Test", NO_LETTER),
    ],
    ids=["no prefix", "capitals", "ARN", "colon", "dot"],
)
def test_an_alias_name_of_another_form_is_refused_by_every_operation(
    local: LocalKms, alias_name: str, message: str
) -> None:
    for request in requests_with(alias_name, create(local).key_id):
        refused(local, request, ValidationException, message)


@pytest.mark.parametrize("alias_name", ["alias/", "alias/aws/", "alias/aws/mine", S3])
def test_a_reserved_alias_name_is_not_valid_for_a_new_alias(
    local: LocalKms, alias_name: str
) -> None:
    request = CreateAliasRequest(alias_name=alias_name, target_key_id=create(local).key_id)
    refused(local, request, InvalidAliasNameException, "")


def test_an_alias_is_one_keys_in_its_account_and_region(local: LocalKms) -> None:
    key_id = create(local).key_id
    name_it(local, VAULT, key_id)
    name_it(local, VAULT.lower(), key_id)
    for target in (key_id, create(local).key_id):
        request = CreateAliasRequest(alias_name=VAULT, target_key_id=target)
        message = f"An alias with the name {PREFIX}{VAULT} already exists"
        refused(local, request, AlreadyExistsException, message)
    for who in (Who(account=OTHER_ACCOUNT), Who(region=OTHER_REGION)):
        there = local.handle(CreateKeyRequest(), **who).key_metadata.key_id
        local.handle(CreateAliasRequest(alias_name=VAULT, target_key_id=there), **who)
    assert describe(local, VAULT).key_id == key_id


# ---- the target, in CreateAlias and UpdateAlias


def both(key_id: str) -> tuple[Request[Any], ...]:
    return requests_with(VAULT, key_id)[:2]


@pytest.mark.parametrize("target", [VAULT, "alias/none", PREFIX + VAULT, S3])
def test_an_alias_is_given_to_a_key_and_not_to_an_alias(local: LocalKms, target: str) -> None:
    name_it(local, VAULT, create(local).key_id)
    for request in both(target):
        refused(local, request, ValidationException, "Aliases must refer to keys. Not aliases")


def test_an_alias_is_given_to_a_key_that_there_is(local: LocalKms) -> None:
    name_it(local, VAULT, create(local).key_id)
    for request in both(NOBODY):
        message = f"Key '{PREFIX}key/{NOBODY}' does not exist"
        refused(local, request, NotFoundException, message)


def test_an_alias_is_not_given_to_a_key_that_aws_manages(local: LocalKms) -> None:
    name_it(local, VAULT, create(local).key_id)
    arn = arn_of(describe(local, S3))
    for request in both(arn):
        message = (
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: "
            f"kms:{request.operation} on resource: {arn} "
            f"because no resource-based policy allows the kms:{request.operation} action"
        )
        refused(local, request, AccessDeniedException, message)


def test_an_alias_is_not_given_to_a_key_that_is_pending_deletion(local: LocalKms) -> None:
    name_it(local, VAULT, create(local).key_id)
    arn = arn_of(create(local))
    delete_in_7_days(local, arn)
    for request in both(arn):
        error = refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")
        assert (error.arn, error.key_state) == (arn, KeyState.PendingDeletion)


@pytest.mark.parametrize("state", [KeyState.Disabled, KeyState.PendingImport])
def test_an_alias_is_given_to_a_key_in_every_other_state(local: LocalKms, state: KeyState) -> None:
    name_it(local, VAULT, create(local).key_id)
    arn = create_external(local) if state is KeyState.PendingImport else arn_of(create(local))
    if state is KeyState.Disabled:
        local.handle(DisableKeyRequest(key_id=arn))
    name_it(local, "alias/another", arn)
    move(local, VAULT, arn)
    assert describe(local, VAULT).key_state is state
    assert [each.alias_name for each in all_aliases(local, key_id=arn)] == [VAULT, "alias/another"]


def test_a_key_has_up_to_50_aliases(local: LocalKms) -> None:
    key_id, other = create(local).key_id, create(local).key_id
    for number in range(50):
        name_it(local, f"alias/{number}", key_id)
    name_it(local, VAULT, other)
    message = "Aliases per key quota for this account in this region is 50, current usage is 50."
    create_one = CreateAliasRequest(alias_name="alias/50", target_key_id=key_id)
    move_one = UpdateAliasRequest(alias_name=VAULT, target_key_id=key_id)
    for request in (create_one, move_one):
        error = refused(local, request, LimitExceededException, message)
        assert error.arn == describe(local, key_id).arn
    move(local, "alias/0", key_id)
    local.handle(DeleteAliasRequest(alias_name="alias/0"))
    move(local, VAULT, key_id)
    assert len(all_aliases(local, key_id=key_id)) == 50


# ---- UpdateAlias


def test_an_alias_is_given_to_another_key_and_keeps_its_creation_date(local: LocalKms) -> None:
    one, other = create(local), create(local)
    name_it(local, VAULT, one.key_id)
    blob = encrypt(local, VAULT)
    local.clock.advance(days=2)
    request = UpdateAliasRequest(alias_name=VAULT, target_key_id=arn_of(other))
    assert local.handle(request) == UpdateAliasResponse()
    assert all_aliases(local) == (entry(VAULT, other.key_id, updated=2),)
    assert describe(local, VAULT) == other
    assert decrypt(local, blob) == b"attack at dawn"


def test_an_alias_may_be_given_to_the_key_that_has_it(local: LocalKms) -> None:
    key_id = create(local).key_id
    name_it(local, VAULT, key_id)
    local.clock.advance(days=1)
    move(local, VAULT, key_id)
    assert all_aliases(local) == (entry(VAULT, key_id, updated=1),)


def test_an_alias_moves_away_from_a_key_that_is_pending_deletion(local: LocalKms) -> None:
    one, other = create(local).key_id, create(local).key_id
    name_it(local, VAULT, one)
    delete_in_7_days(local, one)
    move(local, VAULT, other)
    local.clock.advance(days=7)
    assert describe(local, VAULT).key_id == other


KINDS: dict[str, tuple[tuple[KeySpec, KeyUsageType], ...]] = {
    "symmetric encryption": ((KeySpec.SYMMETRIC_DEFAULT, KeyUsageType.ENCRYPT_DECRYPT),),
    "HMAC": (
        (KeySpec.HMAC_224, KeyUsageType.GENERATE_VERIFY_MAC),
        (KeySpec.HMAC_512, KeyUsageType.GENERATE_VERIFY_MAC),
    ),
    "asymmetric encryption": (
        (KeySpec.RSA_2048, KeyUsageType.ENCRYPT_DECRYPT),
        (KeySpec.RSA_3072, KeyUsageType.ENCRYPT_DECRYPT),
    ),
    "signing": (
        (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY),
        (KeySpec.ECC_NIST_P256, KeyUsageType.SIGN_VERIFY),
        (KeySpec.ML_DSA_44, KeyUsageType.SIGN_VERIFY),
    ),
    "key agreement": (
        (KeySpec.ECC_NIST_P256, KeyUsageType.KEY_AGREEMENT),
        (KeySpec.ECC_NIST_P384, KeyUsageType.KEY_AGREEMENT),
    ),
    "key encapsulation": ((KeySpec.ML_KEM_768, KeyUsageType.ENCAPSULATE_DECAPSULATE),),
}
"""Keys of one kind: all symmetric, all asymmetric or all HMAC, and of one key usage."""


@pytest.mark.parametrize("one", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_an_alias_stays_with_keys_of_one_kind_and_key_usage(
    local: LocalKms, one: str, other: str
) -> None:
    for pair in itertools.product(KINDS[one], KINDS[other]):
        (former_spec, former_usage), (key_spec, key_usage) = pair
        former = create(local, key_spec=former_spec, key_usage=former_usage).key_id
        key_id = create(local, key_spec=key_spec, key_usage=key_usage).key_id
        alias_name = f"alias/{former}"
        name_it(local, alias_name, former)
        request = UpdateAliasRequest(alias_name=alias_name, target_key_id=key_id)
        if one == other:
            local.handle(request)
            assert describe(local, alias_name).key_id == key_id
        else:
            message = (
                f"Alias {alias_name} cannot be changed from a CMK with key usage {former_usage} "
                f"to a CMK with key usage {key_usage}. "
                "The key usage of the current CMK and the new CMK must be the same."
            )
            if former_usage == key_usage:
                message = (
                    f"Alias {alias_name} cannot be changed from a {former_spec} key "
                    f"to a {key_spec} key."
                )
            refused(local, request, ValidationException, message)


@pytest.mark.parametrize("alias_name", ["alias/none", "alias/", "alias/aws/none", S3])
def test_an_alias_that_has_no_key_is_not_found(local: LocalKms, alias_name: str) -> None:
    message = f"Alias {PREFIX}{alias_name} is not found."
    for request in requests_with(alias_name, create(local).key_id)[1:]:
        refused(local, request, NotFoundException, message)


def test_the_alias_of_an_aws_managed_key_is_not_changed(local: LocalKms) -> None:
    arn = arn_of(describe(local, S3))
    for request in requests_with(S3, create(local).key_id)[1:]:
        message = (
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: "
            f"kms:{request.operation} on resource: {arn} "
            f"because no resource-based policy allows the kms:{request.operation} action"
        )
        refused(local, request, AccessDeniedException, message)


# ---- DeleteAlias, and deleted keys


def test_a_key_outlives_its_alias_and_the_name_is_free_again(local: LocalKms) -> None:
    metadata, other = create(local), create(local)
    name_it(local, VAULT, metadata.key_id)
    assert local.handle(DeleteAliasRequest(alias_name=VAULT)) == DeleteAliasResponse()
    message = f"Alias {PREFIX}{VAULT} is not found."
    refused(local, DeleteAliasRequest(alias_name=VAULT), NotFoundException, message)
    with pytest.raises(NotFoundException):
        describe(local, VAULT)
    assert describe(local, metadata.key_id) == metadata
    name_it(local, VAULT, other.key_id)
    assert describe(local, VAULT) == other


def test_a_key_that_is_pending_deletion_keeps_its_alias_which_can_be_deleted(
    local: LocalKms,
) -> None:
    key_id = create(local).key_id
    name_it(local, VAULT, key_id)
    delete_in_7_days(local, key_id)
    assert describe(local, VAULT).key_state is KeyState.PendingDeletion
    assert all_aliases(local) == all_aliases(local, key_id=key_id) == (entry(VAULT, key_id),)
    local.handle(DeleteAliasRequest(alias_name=VAULT))
    assert all_aliases(local) == ()


def test_the_aliases_of_a_key_are_deleted_with_it_and_their_names_are_free_again(
    local: LocalKms,
) -> None:
    gone, other = create(local).key_id, create(local).key_id
    name_it(local, VAULT, gone)
    name_it(local, "alias/other", other)
    delete_in_7_days(local, gone)
    local.clock.advance(days=7)
    assert all_aliases(local) == (entry("alias/other", other),)
    message = f"Alias {PREFIX}{VAULT} is not found."
    for request in requests_with(VAULT, other)[1:]:
        refused(local, request, NotFoundException, message)
    name_it(local, VAULT, other)
    new = entry(VAULT, other, created=7, updated=7)
    assert all_aliases(local) == (new, entry("alias/other", other))


# ---- ListAliases


def test_aliases_are_listed_in_the_order_of_their_names_capitals_first_and_those_of_aws_among_them(
    local: LocalKms,
) -> None:
    # Some predefined aliases are listed before they have a key, others (acm) with their key only.
    key_id = create(local).key_id
    for alias_name in ("alias/z", "alias/aws-of-mine", "alias/a", VAULT):
        name_it(local, alias_name, key_id)
    s3, acm = describe(local, S3).key_id, describe(local, "alias/aws/acm").key_id
    unused = [
        AliasListEntry(alias_name=name, alias_arn=PREFIX + name)
        for name in LISTED_WITHOUT_A_KEY
        if name != S3
    ]
    assert local.handle(ListAliasesRequest()) == ListAliasesResponse(
        aliases=(
            entry(VAULT, key_id),
            entry("alias/a", key_id),
            entry("alias/aws-of-mine", key_id),
            entry("alias/aws/acm", acm),
            *unused[:-2],
            entry(S3, s3),
            *unused[-2:],
            entry("alias/z", key_id),
        ),
        truncated=False,
    )
    elsewhere = local.handle(ListAliasesRequest(), account=OTHER_ACCOUNT).aliases
    assert [each.alias_name for each in elsewhere] == list(LISTED_WITHOUT_A_KEY)
    assert all(each.target_key_id is None for each in elsewhere)


def test_the_aliases_of_one_key_may_be_asked_for(local: LocalKms) -> None:
    one, other = create(local), create(local)
    for alias_name, key in (("alias/b", one), ("alias/a", other), ("alias/0", one)):
        name_it(local, alias_name, key.key_id)
    expected = ListAliasesResponse(
        aliases=(entry("alias/0", one.key_id), entry("alias/b", one.key_id)), truncated=False
    )
    for key_id in (one.key_id, arn_of(one)):
        assert local.handle(ListAliasesRequest(key_id=key_id)) == expected
    assert local.handle(ListAliasesRequest(key_id=create(local).key_id)).aliases == ()


def test_an_alias_does_not_say_which_aliases_its_key_has(local: LocalKms) -> None:
    name_it(local, VAULT, create(local).key_id)
    message = "Key Aliases are not supported for this operation."
    refused(local, ListAliasesRequest(key_id=VAULT), InvalidArnException, message)


def test_a_page_of_list_aliases_has_50_aliases_unless_the_request_says_otherwise(
    local: LocalKms,
) -> None:
    key_id = create(local).key_id
    for number in range(50):
        name_it(local, f"alias/{number}", key_id)
    whole = local.handle(ListAliasesRequest(limit=100)).aliases
    assert len(whole) == len(LISTED_WITHOUT_A_KEY) + 50
    page = local.handle(ListAliasesRequest())
    assert (page.aliases, page.truncated) == (whole[:50], True)
    rest = local.handle(ListAliasesRequest(marker=page.next_marker))
    assert rest == ListAliasesResponse(aliases=whole[50:], truncated=False)
    assert len(local.handle(ListAliasesRequest(key_id=key_id)).aliases) == 50


@given(limit=st.integers(1, 9), moved=st.permutations(range(6)))
def test_the_pages_of_the_aliases_of_a_key_are_all_of_them_wherever_they_were_before(
    limit: int, moved: list[int]
) -> None:
    local = local_kms()
    one, other = create(local).key_id, create(local).key_id
    for number in range(6):
        name_it(local, f"alias/{number}", one if number % 2 else other)
    for number in moved:
        move(local, f"alias/{number}", other)
    listed: list[str] = []
    request = ListAliasesRequest(key_id=other, limit=limit)
    while True:
        page = local.handle(request)
        listed += [each.alias_name for each in page.aliases]
        if not page.truncated:
            break
        request = ListAliasesRequest(key_id=other, limit=limit, marker=page.next_marker)
    assert listed == [f"alias/{number}" for number in range(6)]


@pytest.mark.parametrize(
    "limit, bound",
    [
        (0, "greater than or equal to 1"),
        (101, "less than or equal to 100"),
        (1001, "less than or equal to 1000"),
    ],
)
def test_a_limit_of_list_aliases_is_1_to_100(local: LocalKms, limit: int, bound: str) -> None:
    message = (
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}"
    )
    for key_id in (None, NOBODY):
        request = ListAliasesRequest(key_id=key_id, limit=limit)
        refused(local, request, ValidationException, message)


@pytest.mark.parametrize("text", ["nonsense", marker("ListKeys", "1")])
def test_a_marker_is_one_that_list_aliases_gave(local: LocalKms, text: str) -> None:
    refused(local, ListAliasesRequest(marker=text), InvalidMarkerException, "")
    request = ListAliasesRequest(key_id=create(local).key_id, marker=text)
    refused(local, request, InvalidMarkerException, "")
