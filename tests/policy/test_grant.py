"""
Whom a grant names, what it permits, and what a child of it may permit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.policy.access import Access
from kmsmodel.policy.elements import How, how_named
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.grant import Grant, GrantConstraints, is_no_wider
from kmsmodel.policy.policies import NO_POLICIES, Policies
from kmsmodel.policy.principal import PrincipalKind, principal
from kmsmodel.words.enumerations import GrantOperation as Op
from tests.basics import ACCOUNT, ARN, NOW, OTHER_ACCOUNT, REGION

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
SIBLING = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/sibling"
USER = f"arn:aws:iam::{ACCOUNT}:user/Ada"
FOREIGN = f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada"
FOREIGN_ROOT = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
S3 = "s3.amazonaws.com"
BUCKET = f"arn:aws:s3:{REGION}:{ACCOUNT}:bucket"
IN_A_PATH = f"arn:aws:iam::{ACCOUNT}:role/path/app"
INFRASTRUCTURE = f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-0123"
PRINCIPALS = [ROOT, ROLE, SESSION, SIBLING, USER, FOREIGN, FOREIGN_ROOT, S3]
ALLOW = Policies(identity=[{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}])


def a_grant(**members: Any) -> Grant:
    given_: dict[str, Any] = {
        "grant_id": "0" * 64,
        "issuing_account": ACCOUNT,
        "creation_date": NOW,
        "seen_at": NOW,
        "operations": tuple(Op),
        "grantee_principal": ROLE,
        **members,
    }
    return Grant(**given_)


# ---- whom it names


def test_a_session_is_named_by_its_arn_its_role_its_id_and_its_account() -> None:
    session = principal(SESSION, issuer=IN_A_PATH, unique_id="AROA1234567890EXAMPLE")
    named = [SESSION, IN_A_PATH, "AROA1234567890EXAMPLE:session", f"arn:aws:iam::{ACCOUNT}:root"]
    assert all(how_named(each, session) for each in named)
    others = [
        SESSION.replace("session", "sibling"),
        "AROA1234567890EXAMPLE:sibling",
        f"arn:aws:iam::{OTHER_ACCOUNT}:root",
        "*",
    ]
    assert not any(how_named(each, session) for each in others)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_an_account_is_named_in_its_own_partition(partition: str) -> None:
    user = principal(f"arn:{partition}:iam::{ACCOUNT}:user/Ada")
    assert user.account_arn == f"arn:{partition}:iam::{ACCOUNT}:root"
    assert how_named(f"arn:{partition}:iam::{ACCOUNT}:root", user) is How.ACCOUNT


@pytest.mark.parametrize("arn", ["s3.amazonaws.com", "*"])
def test_who_is_of_no_account_is_named_by_none(arn: str) -> None:
    assert principal(arn).account_arn is None


def test_a_role_of_aws_itself_has_sessions() -> None:
    session = principal(INFRASTRUCTURE)
    assert (session.kind, session.session_name) == (PrincipalKind.SESSION, "i-0123")
    assert session.issuer == f"arn:aws:iam::{ACCOUNT}:role/aws:ec2-infrastructure"


def test_the_grantee_and_who_may_retire_are_principals_or_services() -> None:
    nobody = a_grant(grantee_principal=None)
    assert (nobody.grantee, nobody.retiring) == ("", None)
    services = a_grant(
        grantee_principal=None, grantee_service_principal=S3, retiring_service_principal=S3
    )
    assert (services.grantee, services.retiring) == (S3, S3)
    principals = a_grant(grantee_principal=ROLE, retiring_principal=USER)
    assert (principals.grantee, principals.retiring) == (ROLE, USER)


def test_a_grant_is_called_by_its_name_or_its_id() -> None:
    assert a_grant(name="mine").title == "grant `mine`"
    assert a_grant().title == f"grant `{'0' * 64}`"


# ---- what it permits

IT, BOTH = {"department": "IT"}, {"department": "IT", "project": "x"}
contexts = st.sampled_from([{}, IT, BOTH, {"department": "it"}, {"Department": "IT"}])
constraints = st.builds(
    GrantConstraints,
    encryption_context_subset=st.one_of(st.none(), contexts),
    encryption_context_equals=st.none(),
    source_arn=st.sampled_from([None, BUCKET, BUCKET + "2"]),
) | st.builds(GrantConstraints, encryption_context_equals=contexts)
operations = st.lists(st.sampled_from(Op), min_size=1, max_size=4).map(tuple)
some_grants: st.SearchStrategy[Grant] = st.builds(
    a_grant,
    grantee_principal=st.sampled_from(PRINCIPALS),
    operations=operations,
    constraints=st.one_of(st.none(), constraints),
)


@pytest.mark.parametrize(
    "grantee, may",
    [
        (ROOT, {ROOT, ROLE, SESSION, SIBLING, USER}),
        (ROLE, {ROLE, SESSION, SIBLING}),
        (SESSION, {SESSION}),
        (USER, {USER}),
        (FOREIGN_ROOT, {FOREIGN, FOREIGN_ROOT}),
        (S3, {S3}),
    ],
)
def test_a_grant_permits_its_grantee(grantee: str, may: set[str]) -> None:
    """An account means all that belong to it, and a role all its sessions."""
    found = {each for each in PRINCIPALS if how_named(grantee, principal(each))}
    assert found == may


@given(some_grants, st.sampled_from(Op), contexts)
def test_a_grant_permits_only_its_operations(
    grant: Grant, operation: Op, context: Mapping[str, str]
) -> None:
    if grant.allows(operation, encryption_context=context):
        assert operation in grant.operations


@pytest.mark.parametrize(
    "only, fits",
    [
        (GrantConstraints(encryption_context_subset=IT), [IT, BOTH]),
        (GrantConstraints(encryption_context_equals=IT), [IT]),
        (GrantConstraints(encryption_context_equals=BOTH), [BOTH]),
        (None, [{}, IT, BOTH, {"department": "it"}, {"Department": "IT"}]),
    ],
)
def test_a_constraint_asks_for_pairs_of_the_encryption_context(
    only: GrantConstraints | None, fits: list[dict[str, str]]
) -> None:
    """Only of operations that have one."""
    grant = a_grant(constraints=only)
    for context in ({}, IT, BOTH, {"department": "it"}, {"Department": "IT"}):
        assert grant.allows(Op.Decrypt, encryption_context=context) is (context in fits)
    assert grant.allows(Op.DescribeKey)


def test_a_source_arn_is_asked_of_aws_services() -> None:
    grant = a_grant(constraints=GrantConstraints(source_arn=BUCKET))
    assert grant.allows(Op.DescribeKey, by_service=True, source=BUCKET)
    assert not grant.allows(Op.DescribeKey, by_service=True, source=BUCKET + "2")
    assert not grant.allows(Op.DescribeKey, by_service=True)
    assert grant.allows(Op.Decrypt)
    assert not grant.allows(Op.Decrypt, source=BUCKET + "2")


# ---- child grants


@given(some_grants, some_grants, contexts, st.sampled_from([None, BUCKET]))
def test_what_a_child_permits_its_parent_would_permit_too(
    child: Grant, parent: Grant, context: Mapping[str, str], source_arn: str | None
) -> None:
    """In each encryption context and on behalf of each resource."""
    if is_no_wider(child, parent):
        for operation in child.operations:
            asked: dict[str, Any] = {"encryption_context": context, "source": source_arn}
            if child.allows(operation, **asked):
                assert parent.allows(operation, **asked)


@given(some_grants)
def test_a_grant_is_no_wider_than_itself(grant: Grant) -> None:
    assert is_no_wider(grant, grant)


@given(some_grants, some_grants, some_grants)
def test_grandchildren_are_no_wider_either(a: Grant, b: Grant, c: Grant) -> None:
    if is_no_wider(a, b) and is_no_wider(b, c):
        assert is_no_wider(a, c)


def test_the_children_that_were_recorded() -> None:
    """Recorded 2026-09-12: subset may become equality; nothing is dropped; two parents do not add up."""
    first = a_grant(
        operations=(Op.CreateGrant, Op.Decrypt),
        constraints=GrantConstraints(encryption_context_subset=IT),
    )
    second = a_grant(
        operations=(Op.Encrypt,),
        constraints=GrantConstraints(encryption_context_subset={"project": "x"}),
    )
    equal = GrantConstraints(encryption_context_equals=BOTH)
    assert is_no_wider(a_grant(operations=(Op.Decrypt,), constraints=equal), first)
    assert not is_no_wider(a_grant(operations=(Op.Decrypt,)), first)
    both = a_grant(operations=(Op.Decrypt, Op.Encrypt), constraints=equal)
    assert not is_no_wider(both, first)
    assert not is_no_wider(both, second)
    equals = evolve(first, constraints=GrantConstraints(encryption_context_equals=IT))
    assert is_no_wider(equals, first)
    assert not is_no_wider(first, equals)


def test_a_child_keeps_the_source_arn_of_its_parent() -> None:
    """Or has one where the parent has none."""
    free, bound, other = (
        a_grant(constraints=GrantConstraints(source_arn=each))
        for each in (None, BUCKET, BUCKET + "2")
    )
    assert is_no_wider(bound, bound)
    assert is_no_wider(bound, free)
    assert not is_no_wider(free, bound)
    assert not is_no_wider(other, bound)
    assert not is_no_wider(a_grant(), bound)


def test_a_request_is_compared_with_the_parent_before_there_is_a_child() -> None:
    request = CreateGrantRequest(key_id="key", grantee_principal=ROLE, operations=(Op.Decrypt,))
    assert is_no_wider(request, a_grant())
    assert not is_no_wider(request, a_grant(operations=(Op.Encrypt,)))


# ---- who may retire


@pytest.mark.parametrize(
    "members, themselves, others",
    [
        ({"operations": (Op.Decrypt,)}, {ROOT}, {ROLE, SESSION, SIBLING, USER}),
        ({"operations": (Op.RetireGrant,)}, {ROOT, ROLE, SESSION, SIBLING}, {USER}),
        (
            {"operations": (Op.Decrypt,), "issuing_account": OTHER_ACCOUNT},
            {ROOT, FOREIGN_ROOT},
            {FOREIGN, ROLE, SESSION, SIBLING, USER},
        ),
        (
            {
                "operations": (Op.Decrypt,),
                "issuing_account": OTHER_ACCOUNT,
                "retiring_principal": SESSION,
            },
            {SESSION, ROOT, FOREIGN_ROOT},
            {FOREIGN, ROLE, SIBLING, USER},
        ),
        (
            {
                "operations": (Op.Decrypt,),
                "issuing_account": OTHER_ACCOUNT,
                "retiring_principal": ROOT,
            },
            {ROOT, FOREIGN_ROOT},
            {ROLE, SESSION, SIBLING, USER, FOREIGN},
        ),
        (
            {"operations": (Op.Decrypt,), "retiring_service_principal": S3},
            {ROOT, S3},
            {ROLE, SESSION, SIBLING, USER},
        ),
    ],
)
def test_a_grant_says_who_may_retire_it(
    members: dict[str, Any], themselves: set[str], others: set[str]
) -> None:
    """
    Some by themselves, and others to whom an IAM policy has to delegate it.

    They belong to the account of the key, or to the one in which the grant was created.
    """
    grant = a_grant(**members)
    assert {p for p in PRINCIPALS if may_retire(grant, p, NO_POLICIES)} == themselves
    assert {p for p in PRINCIPALS if may_retire(grant, p, ALLOW)} == themselves | others


def may_retire(grant: Grant, who: str, policies: Policies) -> bool:
    """By what the key policy says, nobody may."""
    access = Access(
        principal=principal(who),
        action="kms:RetireGrant",
        resource=ARN,
        owner=ACCOUNT,
        policies=policies,
        grants=(grant,),
    )
    return decide(access).is_allowed


@given(some_grants, st.sampled_from(PRINCIPALS))
def test_constraints_do_not_keep_anybody_from_retiring(grant: Grant, who: str) -> None:
    free = evolve(grant, constraints=None)
    assert may_retire(grant, who, NO_POLICIES) is may_retire(free, who, NO_POLICIES)
