"""
KMS keys that are shared with other accounts through AWS RAM.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.caller import Caller
from kmsmodel.errors import (
    AccessDeniedException,
    InvalidMarkerException,
    KmsError,
    MalformedPolicyDocumentException,
    NotFoundException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.key_policies import (
    GetKeyPolicyRequest,
    ListKeyPoliciesRequest,
    PutKeyPolicyRequest,
)
from kmsmodel.operations.keys import DescribeKeyRequest, ListKeysRequest
from kmsmodel.storage.snapshot import from_json, to_json
from kmsmodel.words.enumerations import ResourceOwnerType
from tests.basics import AWS_MANAGED, DAY, OTHER_ACCOUNT, OTHER_REGION, allowing
from tests.operations.steps import arn_of, create, describe, local_kms

SELF, OTHERS = ResourceOwnerType.SELF, ResourceOwnerType.OTHER_ACCOUNTS_VIA_RAM
THEIR_USER = Caller(
    f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob", policies=allowing("kms:Encrypt", "kms:ListKeys")
)


def listed(local: LocalKms, *owners: ResourceOwnerType, limit: int = 100) -> list[list[str]]:
    """The key ARNs on each page that the other account is given."""
    marker: str | None = None
    pages: list[list[str]] = []
    while True:
        request = ListKeysRequest(resource_owners=owners or None, limit=limit, marker=marker)
        page = local.handle(request, account=OTHER_ACCOUNT)
        pages.append([entry.key_arn for entry in page.keys])
        if not page.truncated:
            return pages
        marker = page.next_marker


def all_of(pages: list[list[str]]) -> list[str]:
    return [arn for page in pages for arn in page]


def may_encrypt(local: LocalKms, arn: str, **who: Any) -> bool:
    try:
        local.handle(EncryptRequest(key_id=arn, plaintext=b"p"), **who)
    except AccessDeniedException:
        return False
    return True


# ---- laws


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12), st.integers(1, 5))
def test_what_is_shared_is_listed_after_what_is_owned(
    steps: list[tuple[int, bool]], limit: int
) -> None:
    """Each key once, in order, and never both kinds on one page; a snapshot keeps it."""
    local = local_kms()
    ours = [arn_of(create(local)) for _ in range(4)]
    theirs = [local.dispatch("CreateKey", {}, account=OTHER_ACCOUNT) for _ in range(2)]
    owned = sorted(each["KeyMetadata"]["Arn"] for each in theirs)
    shared: set[str] = set()
    for number, is_shared in steps:
        (local.share_key if is_shared else local.unshare_key)(ours[number], OTHER_ACCOUNT)
        (shared.add if is_shared else shared.discard)(ours[number])
    assert all_of(listed(local, OTHERS, limit=limit)) == sorted(shared)
    pages = listed(local, SELF, OTHERS, limit=limit)
    assert all_of(pages) == owned + sorted(shared)
    assert not any({*page} & shared and {*page} & {*owned} for page in pages)
    assert all_of(listed(local, limit=limit)) == owned
    assert from_json(to_json(local.kms, clear=True)) == local.kms


# ---- who may use it


def test_a_key_that_is_shared_can_be_used_by_whom_the_other_account_allows() -> None:
    local = local_kms()
    arn = arn_of(create(local))
    nobody = Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:user/eve", policies=allowing("kms:Decrypt"))
    assert not may_encrypt(local, arn, caller=THEIR_USER)
    local.share_key(arn, OTHER_ACCOUNT)
    assert may_encrypt(local, arn, caller=THEIR_USER)
    assert not may_encrypt(local, arn, caller=nobody)
    local.unshare_key(arn, OTHER_ACCOUNT)
    assert not may_encrypt(local, arn, caller=THEIR_USER)


def test_a_key_is_shared_for_actions(local: LocalKms) -> None:
    arn = arn_of(create(local))
    local.share_key(arn, OTHER_ACCOUNT, actions=["DescribeKey"])
    assert describe_from_there(local, arn) == arn
    assert not may_encrypt(local, arn, caller=THEIR_USER)
    local.share_key(arn, OTHER_ACCOUNT, actions=["Encrypt"])
    assert may_encrypt(local, arn, caller=THEIR_USER)
    assert len(json.loads(policy_of_ram(local, arn))["Statement"]) == 1


def describe_from_there(local: LocalKms, arn: str) -> str | None:
    caller = Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob", policies=allowing("kms:DescribeKey"))
    return local.handle(DescribeKeyRequest(key_id=arn), caller=caller).key_metadata.arn


def test_what_the_key_policy_denies_is_denied_to_those_that_the_key_is_shared_with(
    local: LocalKms,
) -> None:
    arn = arn_of(create(local))
    local.share_key(arn, OTHER_ACCOUNT)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
    put_policy(local, arn, deny, ALLOW_ALL)
    assert not may_encrypt(local, arn, caller=THEIR_USER)


ALLOW_ALL = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}


def put_policy(
    local: LocalKms, arn: str, *statements: object, caller: Caller | None = None
) -> None:
    policy = json.dumps({"Statement": statements})
    local.handle(PutKeyPolicyRequest(key_id=arn, policy=policy), caller=caller)


def test_the_policy_of_ram_does_not_keep_a_key_policy_from_locking_everybody_out(
    local: LocalKms,
) -> None:
    arn = arn_of(create(local))
    local.share_key(arn, OTHER_ACCOUNT)
    admin = Caller("arn:aws:iam::111122223333:user/ada", policies=allowing("kms:PutKeyPolicy"))
    nothing = {"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
    with pytest.raises(MalformedPolicyDocumentException):
        put_policy(local, arn, nothing, caller=admin)


# ---- the key policy AWS_RAM


def policy_of_ram(local: LocalKms, arn: str) -> str:
    return local.handle(GetKeyPolicyRequest(key_id=arn, policy_name="AWS_RAM")).policy


def test_a_shared_key_has_two_key_policies(local: LocalKms) -> None:
    arn = arn_of(create(local))
    assert names(local, arn) == [["default"]]
    with pytest.raises(NotFoundException):
        policy_of_ram(local, arn)
    local.share_key(arn, OTHER_ACCOUNT, actions=["Decrypt", "DescribeKey"])
    assert names(local, arn) == [["default", "AWS_RAM"]]
    assert names(local, arn, limit=1) == [["default"], ["AWS_RAM"]]
    (statement,) = json.loads(policy_of_ram(local, arn))["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": arn,
    }


def names(local: LocalKms, arn: str, limit: int | None = None) -> list[list[str]]:
    marker: str | None = None
    pages: list[list[str]] = []
    while True:
        request = ListKeyPoliciesRequest(key_id=arn, limit=limit, marker=marker)
        page = local.handle(request)
        pages.append(list(page.policy_names))
        if not page.truncated:
            return pages
        marker = page.next_marker


# ---- lists


def test_a_marker_belongs_to_the_owners_that_it_was_given_for(local: LocalKms) -> None:
    local.share_key(arn_of(create(local)), OTHER_ACCOUNT)
    both = ListKeysRequest(resource_owners=(SELF, OTHERS))
    to_shared = local.handle(both, account=OTHER_ACCOUNT).next_marker
    for owners, marker in (((SELF,), to_shared), (None, to_shared)):
        with pytest.raises(InvalidMarkerException):
            local.handle(ListKeysRequest(resource_owners=owners, marker=marker))


def test_a_deleted_key_is_shared_with_nobody(local: LocalKms) -> None:
    arn = arn_of(create(local))
    local.share_key(arn, OTHER_ACCOUNT)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=7))
    local.clock.advance(8 * DAY)
    assert listed(local, OTHERS) == [[]]
    settled = local.kms.settle(local.clock.now())
    assert not settled.account_in_region(OTHER_ACCOUNT, "us-west-2").shared.page_after("", 1)


def test_a_key_is_shared_in_its_region(local: LocalKms) -> None:
    arn = arn_of(create(local))
    local.share_key(arn, OTHER_ACCOUNT)
    request = ListKeysRequest(resource_owners=(OTHERS,))
    assert local.handle(request, account=OTHER_ACCOUNT, region=OTHER_REGION).keys == ()


# ---- what cannot be shared


@pytest.mark.parametrize("account", ["111122223333", "nobody", ""])
def test_a_key_is_shared_with_another_account(local: LocalKms, account: str) -> None:
    arn = arn_of(create(local))
    with pytest.raises(ValueError, match=r"^a key is shared with another account, not with "):
        local.share_key(arn, account)


@pytest.mark.parametrize("actions", [[], ["ScheduleKeyDeletion"], ["Encrypt", "kms:Decrypt"]])
def test_a_key_is_shared_for_what_works_across_accounts(
    local: LocalKms, actions: list[str]
) -> None:
    arn = arn_of(create(local))
    with pytest.raises(ValueError, match=r"^a key is not shared for "):
        local.share_key(arn, OTHER_ACCOUNT, actions=actions)
    assert listed(local, OTHERS) == [[]]


def test_only_a_customer_managed_key_of_ones_own_is_shared(local: LocalKms) -> None:
    aws_managed = describe(local, AWS_MANAGED).key_id
    with pytest.raises(ValueError, match="is an AWS managed key, which cannot be shared"):
        local.share_key(aws_managed, OTHER_ACCOUNT)
    arn = arn_of(create(local))
    for key_id in (arn, "alias/a"):
        with pytest.raises(KmsError):
            local.share_key(key_id, "777788889999", account=OTHER_ACCOUNT)
