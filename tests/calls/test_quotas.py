"""
How many resources there can be.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import fields
from hypothesis import given, settings, strategies as st

from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import User
from kmsmodel.calls.quotas import Quotas
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import AccessDeniedException, KmsError, LimitExceededException
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from tests.basics import ACCOUNT, DAY, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, call

AWS = {
    "keys": 100_000,
    "aliases_per_key": 50,
    "grants_per_key": 50_000,
    "custom_key_stores": 10,
}
"""*Resource quotas* in the Developer Guide: those that can be adjusted."""


def small(**quotas: int) -> LocalKms:
    """A KMS without keys, with these quotas."""
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm(), quotas=Quotas(**quotas))


def key(local: LocalKms, region: str = REGION, **members: Any) -> str:
    """The id of a new key."""
    made = local.dispatch("CreateKey", members, region=region)
    key_id: str = made["KeyMetadata"]["KeyId"]
    return key_id


def test_quotas_are_those_of_aws_unless_others_are_given() -> None:
    for quotas in (Quotas(), call().quotas, LocalKms().quotas):
        assert {each.name: getattr(quotas, each.name) for each in fields(Quotas)} == AWS


@pytest.mark.parametrize("name", AWS)
@pytest.mark.parametrize("quota", [1.0, None, "1", True])
def test_a_quota_is_an_int(name: str, quota: Any) -> None:
    with pytest.raises(TypeError, match=r"^a quota is an int$"):
        Quotas(**{name: quota})


@pytest.mark.parametrize("name", AWS)
def test_a_quota_is_not_negative(name: str) -> None:
    with pytest.raises(ValueError, match=r"^a quota is not negative$"):
        Quotas(**{name: -1})
    assert getattr(Quotas(**{name: 0}), name) == 0


@pytest.mark.parametrize("quotas", [None, {}, Quotas])
def test_a_local_kms_takes_only_quotas(quotas: Any) -> None:
    with pytest.raises(TypeError, match=r"^quotas must be a Quotas, not "):
        LocalKms(quotas=quotas)


# ---- how many are there


NUMBER = "the number of what is made"

ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "keys": ("CreateKey", {}),
    "aliases_per_key": ("CreateAlias", {"AliasName": NUMBER}),
    "grants_per_key": (
        "CreateGrant",
        {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root", "Operations": ["Decrypt"]},
    ),
}
"""What makes one more of them."""

TOLD = {
    "keys": "Key quota for this account in this region is {0} but the current usage is {0}.",
    "aliases_per_key": "Aliases per key quota for this account in this region is {0}, "
    "current usage is {0}.",
    "grants_per_key": "Grants per key quota for this account in this region is {0}, "
    "current usage is {0}.",
}


def make(local: LocalKms, name: str, number: int, **about: str) -> None:
    """One more of what the quota of this name is for."""
    operation, members = ASKED[name]
    named = {each: f"alias/{number}" if it is NUMBER else it for each, it in members.items()}
    local.dispatch(operation, {**named, **about})


@pytest.mark.parametrize("name", ASKED)
@given(quota=st.integers(0, 4), more=st.integers(1, 3))
@settings(max_examples=15)
def test_as_many_are_there_as_the_quota_and_no_more(name: str, quota: int, more: int) -> None:
    local = LocalKms(clock=Clock(NOW), hsm=SeededHsm())
    named = {"aliases_per_key": "TargetKeyId", "grants_per_key": "KeyId"}
    about = {named[name]: key(local)} if name in named else {}
    local.quotas = Quotas(**{name: quota})
    for number in range(quota):
        make(local, name, number, **about)
    before = local.kms
    for number in range(quota, quota + more):
        with pytest.raises(LimitExceededException) as caught:
            make(local, name, number, **about)
        assert caught.value.message == TOLD[name].format(quota)
    assert local.kms is before
    local.quotas = Quotas(**{name: quota + 1})
    make(local, name, quota, **about)


def test_keys_are_counted_for_each_account_and_region() -> None:
    local = small(keys=1)
    for account in (ACCOUNT, OTHER_ACCOUNT):
        for region in (REGION, OTHER_REGION):
            local.dispatch("CreateKey", {}, account=account, region=region)
            with pytest.raises(LimitExceededException):
                local.dispatch("CreateKey", {}, account=account, region=region)


def test_keys_are_counted_in_any_key_state_until_they_are_deleted() -> None:
    local = small(keys=3)
    key(local, Origin="EXTERNAL")
    local.dispatch("DisableKey", {"KeyId": key(local)})
    members = {"KeyId": key(local), "PendingWindowInDays": 7}
    local.dispatch("ScheduleKeyDeletion", members)
    with pytest.raises(LimitExceededException):
        key(local)
    local.clock.advance(7 * DAY)
    key(local)
    with pytest.raises(LimitExceededException):
        key(local)


def test_keys_of_aws_are_not_counted() -> None:
    local = small(keys=1)
    local.handle(DescribeKeyRequest(key_id="alias/aws/s3"))
    key(local)
    local.handle(DescribeKeyRequest(key_id="alias/aws/sqs"))
    with pytest.raises(LimitExceededException):
        key(local)


def test_a_replica_key_counts_in_its_region() -> None:
    local = small(keys=1)
    primary = key(local, MultiRegion=True)
    replicate = {"KeyId": primary, "ReplicaRegion": OTHER_REGION}
    other = key(local, OTHER_REGION)
    with pytest.raises(LimitExceededException) as caught:
        local.dispatch("ReplicateKey", replicate)
    assert caught.value.message == TOLD["keys"].format(1)
    deletion = {"KeyId": other, "PendingWindowInDays": 7}
    local.dispatch("ScheduleKeyDeletion", deletion, region=OTHER_REGION)
    local.clock.advance(7 * DAY)
    local.dispatch("ReplicateKey", replicate)
    with pytest.raises(LimitExceededException):
        key(local, OTHER_REGION)


def test_the_quota_of_keys_is_reported_after_all_that_is_wrong_with_a_request() -> None:
    local = small(keys=0)
    reported: tuple[tuple[dict[str, Any], str], ...] = (
        ({"Policy": "x"}, "MalformedPolicyDocumentException"),
        ({"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}, "TagException"),
        (
            {"Origin": "EXTERNAL", "KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
            "ValidationException",
        ),
        ({}, "LimitExceededException"),
    )
    for members, code in reported:
        with pytest.raises(KmsError) as caught:
            local.dispatch("CreateKey", members)
        assert caught.value.code == code


def test_a_quota_that_is_made_smaller_takes_nothing_away() -> None:
    local = small(keys=3)
    ids = [key(local) for _ in range(3)]
    local.quotas = Quotas(keys=1)
    for each in ids:
        local.handle(DescribeKeyRequest(key_id=each))
    with pytest.raises(LimitExceededException) as caught:
        local.handle(CreateKeyRequest())
    assert caught.value.message == (
        "Key quota for this account in this region is 1 but the current usage is 3."
    )


def test_a_key_with_more_aliases_than_the_quota_supports_no_condition_on_them() -> None:
    """It can come to have them only by a quota that was made smaller."""
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*"}},
        },
    }
    ada = User("Ada", policies=(policy,))
    local = LocalKms(clock=Clock(NOW), hsm=SeededHsm(), iam=Iam(users=[ada]))
    key_id = key(local)
    for number in range(2):
        members = {"AliasName": f"alias/{number}", "TargetKeyId": key_id}
        local.dispatch("CreateAlias", members)
    described = DescribeKeyRequest(key_id=key_id)
    local.quotas = Quotas(aliases_per_key=2)
    local.handle(described, principal=ada.arn)
    local.quotas = Quotas(aliases_per_key=1)
    with pytest.raises(AccessDeniedException):
        local.handle(described, principal=ada.arn)
