"""
The second opinion on AWS's decisions is AWS's own, in each case that is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.policy.cases import Case, decisions
from tests.policy.naive import condition_matches, verdict

OWNER, OTHER = "111111111111", "222222222222"
KEY = f"arn:aws:kms:us-east-1:{OWNER}:key/00000000-0000-4000-8000-000000000001"
ROOT = f"arn:aws:iam::{OWNER}:root"
USER = f"arn:aws:iam::{OWNER}:user/dev"

FILES = ("authorization_cases", "recorded_iam_cases", "recorded_kms_cases")


def named(case: Case) -> str:
    return case.id


def conditioned(case: Case) -> Iterator[tuple[dict[str, Any], str]]:
    """Each statement of an identity or session policy that has a condition, and the version of its policy."""
    policies = case.raw["policies"]
    session = [policies["session_policy"]] if "session_policy" in policies else []
    for policy in (*policies["identity_policies"], *session):
        for statement in policy["Statement"]:
            if "Condition" in statement:
                yield statement, policy.get("Version", "2008-10-17")


@pytest.mark.parametrize("case", decisions("authorization_cases"), ids=named)
def test_it_decides_as_the_pages_of_aws_say(case: Case) -> None:
    assert verdict(case.raw) == case.expected


@pytest.mark.parametrize("case", decisions("recorded_iam_cases"), ids=named)
def test_it_decides_as_iam_was_recorded(case: Case) -> None:
    assert verdict(case.raw) == case.expected


@pytest.mark.parametrize("case", decisions("recorded_kms_cases"), ids=named)
def test_it_decides_as_kms_was_recorded(case: Case) -> None:
    assert verdict(case.raw) == case.expected


@pytest.mark.parametrize(
    "case",
    [it for file in FILES for it in decisions(file) if "statement_condition_matches" in it.raw],
    ids=named,
)
def test_a_condition_is_met_where_aws_says_so(case: Case) -> None:
    [(statement, version)] = conditioned(case)
    met = condition_matches(
        statement["Condition"], case.raw["context"], version, statement["Effect"]
    )
    assert met == case.raw["statement_condition_matches"]


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of statements that allow every action on every resource, but for what they say."""
    every = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [every | it for it in statements]}


DELEGATION = policy({"Principal": {"AWS": ROOT}})
EVERYTHING = policy({})
CONDITION_ON_ALIASES = {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*"}}


def decided(
    action: str = "Decrypt",
    principal: str = USER,
    key_policy: dict[str, Any] = DELEGATION,
    context: dict[str, Any] | None = None,
    grants: tuple[dict[str, Any], ...] = (),
    **policies: Any,
) -> str:
    """The verdict on an action with a key of the owner; the grants are by the owner."""
    grant = {"GranteePrincipal": ROOT, "Operations": ["Decrypt"], "IssuingAccount": ROOT}
    return verdict(
        {
            "principal": principal,
            "action": f"kms:{action}",
            "resource": KEY,
            "policies": {"key_policy": key_policy, "identity_policies": []} | policies,
            "context": context or {},
            "grants": [grant | it for it in grants],
        }
    )


def test_a_principal_with_a_boundary_is_denied_by_each_not_principal() -> None:
    spared = policy(
        {"Principal": {"AWS": USER}},
        {"Effect": "Deny", "NotPrincipal": {"AWS": [USER, ROOT]}},
    )
    assert decided(key_policy=spared) == "allow"
    assert decided(key_policy=spared, permissions_boundary=EVERYTHING) == "deny"


def test_a_federated_user_without_a_session_policy_has_nothing_of_the_identity_policies() -> None:
    federated = f"arn:aws:sts::{OWNER}:federated-user/dev"
    allowed: dict[str, Any] = {"principal": federated, "identity_policies": [EVERYTHING]}
    assert decided(**allowed) == "deny"
    assert decided(**allowed, session_policy=EVERYTHING) == "allow"


def test_a_key_policy_does_not_let_anybody_retire_a_grant() -> None:
    directly = policy({"Principal": {"AWS": USER}})
    assert decided("RetireGrant", key_policy=directly, grants=({},)) == "deny"


def test_iam_lets_a_user_of_the_issuing_account_retire_a_grant_and_no_other_call_by_itself() -> (
    None
):
    allowed: dict[str, Any] = {"identity_policies": [EVERYTHING]}
    assert decided("RetireGrant", grants=({},), **allowed) == "allow"
    assert decided("RetireGrant", **allowed) == "deny"


def test_resource_control_policies_do_not_hold_for_retire_grant() -> None:
    rcps = [policy({"Effect": "Deny", "Principal": "*"})]
    retiring = ({"RetiringPrincipal": USER},)
    assert decided("RetireGrant", grants=retiring, rcps=rcps) == "allow"
    assert decided(identity_policies=[EVERYTHING], rcps=rcps) == "deny"


def test_service_control_policies_do_not_limit_service_linked_roles() -> None:
    linked = f"arn:aws:sts::{OWNER}:assumed-role/AWSServiceRoleForAutoScaling/s"
    everyone, nothing = policy({"Principal": "*"}), [policy({"Action": "s3:*"})]
    assert decided(key_policy=everyone, scps=nothing) == "deny"
    assert decided(principal=linked, key_policy=everyone, scps=nothing) == "allow"


@pytest.mark.parametrize("aliases, expected", [(50, "allow"), (51, "deny")])
def test_a_key_with_more_than_fifty_aliases_meets_no_condition_on_them(
    aliases: int, expected: str
) -> None:
    found = decided(
        context={"kms:ResourceAliases": [f"alias/{number}" for number in range(aliases)]},
        identity_policies=[policy({"Condition": CONDITION_ON_ALIASES})],
    )
    assert found == expected


@pytest.mark.parametrize("source, expected", [("a", "allow"), ("b", "deny"), (None, "deny")])
def test_a_service_uses_a_grant_only_for_its_source(source: str | None, expected: str) -> None:
    grant = {
        "GranteePrincipal": None,
        "GranteeServicePrincipal": "dynamodb.amazonaws.com",
        "Constraints": {"SourceArn": f"arn:aws:dynamodb:us-east-1:{OWNER}:table/a"},
    }
    arn = f"arn:aws:dynamodb:us-east-1:{OWNER}:table/{source}"
    context = {"aws:SourceArn": arn} if source else {}
    found = decided(principal="dynamodb.amazonaws.com", context=context, grants=(grant,))
    assert found == expected


@pytest.mark.parametrize(
    "resource, expected",
    [("arn:aws:kms", "allow"), ("arn:aws:kms:us-east-1", "allow"), ("arn:aws:s3", "deny")],
)
def test_an_arn_that_ends_early_is_completed(resource: str, expected: str) -> None:
    assert decided(identity_policies=[policy({"Resource": resource})]) == expected


def test_an_owner_s_grant_to_somebody_of_another_account_needs_iam_there_as_well() -> None:
    user = f"arn:aws:iam::{OTHER}:user/dev"
    given: dict[str, Any] = {"principal": user, "grants": ({"GranteePrincipal": user},)}
    assert decided(**given) == "deny"
    assert decided(**given, identity_policies=[EVERYTHING]) == "allow"
