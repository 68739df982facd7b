"""
Who calls AWS KMS, and what they come with.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.caller import Caller, named
from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, ListKeysRequest
from kmsmodel.policy.policies import NO_POLICIES, Policies
from kmsmodel.policy.principal import PrincipalKind, principal as principal_of
from tests.basics import ACCOUNT, OTHER_ACCOUNT, REGION, allowing
from tests.operations.steps import arn_of, create

ADA = "arn:aws:iam::444455556666:user/Ada"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

ACCOUNTS = st.from_regex("[0-9]{12}", fullmatch=True)
NAMES = st.from_regex(r"[A-Za-z0-9+=,.@_-]{1,20}", fullmatch=True)
KINDS = st.sampled_from(["iam::{}:user/{}", "iam::{}:role/{}", "sts::{}:assumed-role/Role/{}"])


# ---- how a caller is named


@given(account=ACCOUNTS, kind=KINDS, name=NAMES)
def test_a_caller_is_named_whole_or_by_the_arn_of_a_principal(
    account: str, kind: str, name: str
) -> None:
    """An account beside it says nothing new."""
    arn = f"arn:aws:{kind.format(account, name)}"
    caller = Caller(arn)
    assert (caller.principal.arn, caller.account) == (arn, account)
    assert named(REGION, caller=caller) is caller
    for same in (
        named(REGION, principal=arn),
        named(REGION, account=account, principal=arn),
        Caller(principal_of(arn)),
    ):
        assert same == caller
        assert hash(same) == hash(caller)


@pytest.mark.parametrize(
    "region, partition",
    [
        ("us-west-2", "aws"),
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
@given(account=ACCOUNTS)
def test_who_names_no_principal_is_the_accounts_root_user_in_the_regions_partition(
    region: str, partition: str, account: str
) -> None:
    root_user = f"arn:{partition}:iam::{account}:root"
    assert named(region, account=account) == Caller(root_user, account=account)
    assert Caller.unasked(account, region).principal.arn == root_user


def test_who_names_nobody_is_of_the_account_of_the_examples_in_aws_pages() -> None:
    assert named(REGION) == Caller(ROOT, account=ACCOUNT)
    assert Caller.unasked().account == ACCOUNT


@pytest.mark.parametrize(
    "short",
    [{"account": OTHER_ACCOUNT}, {"principal": ADA}, {"account": OTHER_ACCOUNT, "principal": ADA}],
)
def test_a_caller_is_not_named_in_both_ways(short: dict[str, str]) -> None:
    """Not even where both say the same."""
    with pytest.raises(TypeError) as caught:
        named(REGION, caller=Caller(ADA, account=OTHER_ACCOUNT), **short)
    assert str(caught.value) == "caller= stands beside neither account= nor principal="


@pytest.mark.parametrize(
    "account", ["", "1", "11112222333x", "1111222233334", "١١١١٢٢٢٢٣٣٣٣", 3, []]
)
def test_the_account_of_a_caller_is_twelve_digits(account: Any) -> None:
    message = "^account must be an account id of twelve digits(, as a string)?$"
    with pytest.raises(ValueError, match=message):
        Caller(ADA, account=account)
    for principal in (ADA, None):
        with pytest.raises(ValueError, match=message):
            named(REGION, account=account, principal=principal)


@pytest.mark.parametrize("principal", [3, b"arn", [], ()])
def test_the_principal_of_a_caller_is_a_string(principal: Any) -> None:
    with pytest.raises(
        TypeError, match=f"^principal must be a string, not {type(principal).__name__}$"
    ):
        Caller(principal, account=ACCOUNT)
    with pytest.raises(
        TypeError, match=f"^principal must be a string, not {type(principal).__name__}$"
    ):
        named(REGION, principal=principal)


@pytest.mark.parametrize(
    "principal",
    [
        "",
        "Ada",
        "arn:aws:iam::444455556666:group/Ops",
        "arn:aws:iam::4444:user/Ada",
        "arn:aws:s3:::bucket",
    ],
)
def test_what_is_no_principal_is_refused(principal: str) -> None:
    with pytest.raises(ValueError, match=r"is not the ARN of a principal$"):
        Caller(principal)


def test_a_principal_of_another_account_is_refused() -> None:
    with pytest.raises(ValueError, match=f"^{ADA} does not belong to the account {ACCOUNT}$"):
        Caller(ADA, account=ACCOUNT)


@pytest.mark.parametrize("account, told", [(None, ACCOUNT), (OTHER_ACCOUNT, OTHER_ACCOUNT)])
def test_a_service_belongs_to_no_account_and_looks_for_key_ids_in_one(
    account: str | None, told: str
) -> None:
    caller = Caller("sns.amazonaws.com", account=account)
    assert caller.principal.kind is PrincipalKind.SERVICE
    assert (caller.account, caller.principal.account) == (told, "")


# ---- what a caller comes with


def test_a_caller_has_no_policies_of_their_own_unless_they_are_given() -> None:
    assert Caller(ADA).policies is NO_POLICIES
    assert Caller(ADA, policies=allowing("kms:*")).policies == allowing("kms:*")
    with pytest.raises(TypeError):
        Caller(ADA, policies=[])  # type: ignore[arg-type]


def test_a_policy_that_is_none_is_refused_when_it_is_given() -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        Policies(identity=[{"Statement": {"Effect": "Perhaps"}}])
    with pytest.raises(TypeError):
        Policies(identity="{}")


def test_the_value_of_a_condition_key_is_a_string_or_several() -> None:
    for value in (True, 5, [True]):
        with pytest.raises(TypeError, match="value of aws:MultiFactorAuthPresent must be a string"):
            Caller(ADA, context={"aws:MultiFactorAuthPresent": value})  # type: ignore[dict-item]


def test_condition_keys_of_a_caller_have_no_case() -> None:
    caller = Caller(ADA, context={"aws:SourceIp": "192.0.2.1", "aws:PrincipalTag/Team": ["a", "b"]})
    assert caller.context == {"aws:sourceip": "192.0.2.1", "aws:principaltag/team": ("a", "b")}


@pytest.mark.parametrize(
    "name", ["kms:CallerAccount", "KMS:KeySpec", "kms:EncryptionContext:purpose"]
)
def test_a_condition_key_of_aws_kms_follows_from_the_request(name: str) -> None:
    message = f"^the value of {name.lower()} follows from the request$"
    with pytest.raises(ValueError, match=message):
        Caller(ADA, context={name: "any"})


# ---- through an AWS service


def test_a_call_through_a_service_has_what_forward_access_sessions_have() -> None:
    caller = Caller(ADA, context={"aws:SourceIp": "192.0.2.1"}, policies=allowing("kms:*"))
    through = caller.through("s3.us-west-2.amazonaws.com")
    assert (through.principal, through.policies) == (caller.principal, caller.policies)
    assert through.context == {
        "aws:sourceip": "192.0.2.1",
        "kms:viaservice": "s3.us-west-2.amazonaws.com",
        "aws:viaawsservice": "true",
        "aws:calledvia": ("s3.amazonaws.com",),
        "aws:calledviafirst": "s3.amazonaws.com",
        "aws:calledvialast": "s3.amazonaws.com",
    }
    assert caller.context == {"aws:sourceip": "192.0.2.1"}


def test_a_chain_of_services_is_told_in_order_and_the_last_one_asks_aws_kms() -> None:
    """Source: *aws:CalledVia* in the IAM User Guide, whose example this is."""
    caller = Caller(ADA).through("cloudformation.us-west-2.amazonaws.com")
    through = caller.through("dynamodb.us-west-2.amazonaws.com")
    assert through.context["aws:calledvia"] == (
        "cloudformation.amazonaws.com",
        "dynamodb.amazonaws.com",
    )
    assert through.context["aws:calledviafirst"] == "cloudformation.amazonaws.com"
    assert through.context["aws:calledvialast"] == "dynamodb.amazonaws.com"
    assert through.context["kms:viaservice"] == "dynamodb.us-west-2.amazonaws.com"


def test_a_service_without_a_region_is_its_own_principal() -> None:
    assert Caller(ADA).through("any").context["aws:calledvia"] == ("any",)
    with pytest.raises(TypeError, match=r"^service must be a string, not int$"):
        Caller(ADA).through(3)  # type: ignore[arg-type]


# ---- a caller who is not asked


def test_a_caller_who_is_not_asked_may_do_what_no_policy_allows(local: LocalKms) -> None:
    """And is told what does not exist, in whatever account."""
    policy = (
        '{"Statement":{"Effect":"Deny","Principal":"*","Action":"kms:DescribeKey","Resource":"*"}}'
    )
    arn = arn_of(create(local, policy=policy, bypass_policy_lockout_safety_check=True))
    for account in (ACCOUNT, OTHER_ACCOUNT):
        caller = Caller.unasked(account)
        local.handle(CreateKeyRequest(), caller=caller)
        assert local.handle(DescribeKeyRequest(key_id=arn), caller=caller).key_metadata.arn == arn
        local.handle(ListKeysRequest(), caller=caller)
