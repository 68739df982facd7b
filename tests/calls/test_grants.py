"""
Which grants count in a call, and what a grant permits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.grants import (
    allows,
    asking,
    counting,
    is_no_wider,
    may_retire,
    retires_by_themselves,
)
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.grants import CreateGrantRequest, create_grant
from kmsmodel.operations.keys import CreateKeyRequest, create_key
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import principal
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import GrantOperation as Op
from tests.basics import ACCOUNT, HSM, MICROSECOND, NOW, OTHER_ACCOUNT, REGION, call

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
SIBLING = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/sibling"
USER = f"arn:aws:iam::{ACCOUNT}:user/Ada"
FOREIGN = f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada"
FOREIGN_ROOT = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
S3 = "s3.amazonaws.com"
BUCKET = f"arn:aws:s3:{REGION}:{ACCOUNT}:bucket"
PRINCIPALS = [ROOT, ROLE, SESSION, SIBLING, USER, FOREIGN, FOREIGN_ROOT, S3]


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


def by(who: str, later: timedelta = timedelta(), **members: Any) -> Call:
    account = OTHER_ACCOUNT if OTHER_ACCOUNT in who else ACCOUNT
    return Call(
        now=NOW + later,
        hsm=HSM,
        request_id=f"{who} {later} {members}",
        region=REGION,
        account=account,
        principal=who,
        **members,
    )


# ---- which grants count


@given(st.lists(st.sampled_from(PRINCIPALS), max_size=6), st.sampled_from(PRINCIPALS))
def test_the_grants_count_that_name_the_caller_or_their_account(
    grantees: list[str], who: str
) -> None:
    """As `names` says it of each grant: the index leaves out none, and adds none."""
    kms, created = create_key(Kms(), CreateKeyRequest(), call("key"))
    key = kms.key(parse_key_arn(created.key_metadata.arn or ""), NOW)
    assert key is not None
    for number, grantee in enumerate(grantees):
        request = CreateGrantRequest(
            key_id=key.arn, grantee_principal=grantee, operations=(Op.Decrypt,)
        )
        kms, _ = create_grant(kms, request, call(f"grant {number}"))
    asked = principal(who)
    expected = {each.grant_id for each in kms.grants_of(key) if allows(each, asked, Op.Decrypt)}
    assert {each.grant_id for each in counting(kms, key, by(who), ())} == expected


@given(st.integers(0, 60))
def test_a_grant_counts_after_its_delay_and_before_that_with_its_token(seconds: int) -> None:
    kms, created = create_key(Kms(), CreateKeyRequest(), call("key"))
    key = kms.key(parse_key_arn(created.key_metadata.arn or ""), NOW)
    assert key is not None
    delays = Delays(grant=timedelta(seconds=seconds))
    request = CreateGrantRequest(key_id=key.arn, grantee_principal=ROLE, operations=(Op.Decrypt,))
    kms, made = create_grant(kms, request, by(ROOT, delays=delays))
    kms, other = create_grant(kms, request, by(ROOT, MICROSECOND, delays=delays))
    seen_at = timedelta(seconds=seconds)

    def counted(later: timedelta, *tokens: str) -> set[str]:
        return {each.grant_id for each in counting(kms, key, by(SESSION, later), tokens)}

    assert counted(seen_at) == {made.grant_id}
    assert counted(seen_at + MICROSECOND) == {made.grant_id, other.grant_id}
    assert counted(seen_at - MICROSECOND) == set()
    assert counted(seen_at - MICROSECOND, made.grant_token, "no token") == {made.grant_id}
    assert counting(kms, key, by(FOREIGN), [made.grant_token]) == ()


def test_a_caller_whose_arn_has_no_known_form_is_a_user_of_the_account() -> None:
    found = asking(by("somebody"))
    assert (found.arn, found.account) == ("somebody", ACCOUNT)
    assert found.names == {"somebody"}


# ---- what a grant permits

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
    found = {
        each
        for each in PRINCIPALS
        if allows(a_grant(grantee_principal=grantee), principal(each), Op.Decrypt)
    }
    assert found == may


@given(some_grants, st.sampled_from(PRINCIPALS), st.sampled_from(Op), contexts)
def test_a_grant_permits_only_its_operations(
    grant: Grant, who: str, operation: Op, context: Mapping[str, str]
) -> None:
    if allows(grant, principal(who), operation, context):
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
    grant, who = a_grant(constraints=only), principal(ROLE)
    for context in ({}, IT, BOTH, {"department": "it"}, {"Department": "IT"}):
        for operation in (Op.Encrypt, Op.ReEncryptTo, Op.GenerateDataKeyPairWithoutPlaintext):
            assert allows(grant, who, operation, context) is (context in fits)
        for operation in (Op.DescribeKey, Op.RetireGrant, Op.CreateGrant):
            assert allows(grant, who, operation, context)
    assert allows(grant, who, Op.Decrypt) is ({} in fits)


def test_a_source_arn_is_asked_of_aws_services() -> None:
    """RetireGrant does not need one, and neither do others than AWS services."""
    only = GrantConstraints(source_arn=BUCKET)
    grant = a_grant(grantee_principal=None, grantee_service_principal=S3, constraints=only)
    assert allows(grant, principal(S3), Op.DescribeKey, source_arn=BUCKET)
    assert not allows(grant, principal(S3), Op.DescribeKey, source_arn=BUCKET + "2")
    assert not allows(grant, principal(S3), Op.DescribeKey)
    assert allows(grant, principal(S3), Op.RetireGrant)
    to_role = evolve(grant, grantee_principal=ROLE, grantee_service_principal=None)
    assert allows(to_role, principal(ROLE), Op.Decrypt)
    assert not allows(to_role, principal(ROLE), Op.Decrypt, source_arn=BUCKET + "2")


# ---- child grants


@given(some_grants, some_grants, contexts, st.sampled_from([None, BUCKET]))
def test_what_a_child_permits_its_parent_would_permit_too(
    child: Grant, parent: Grant, context: Mapping[str, str], source_arn: str | None
) -> None:
    """To the same principal, in each encryption context and on behalf of each resource."""
    if is_no_wider(child, parent):
        same = evolve(parent, grantee_principal=child.grantee_principal)
        who = principal(child.grantee)
        for operation in child.operations:
            if allows(child, who, operation, context, source_arn):
                assert allows(same, who, operation, context, source_arn)


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
            {FOREIGN_ROOT},
            {FOREIGN},
        ),
        (
            {
                "operations": (Op.Decrypt,),
                "issuing_account": OTHER_ACCOUNT,
                "retiring_principal": SESSION,
            },
            {SESSION, FOREIGN_ROOT},
            {FOREIGN},
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
    """Some by themselves, and others of an account that may, to whom it has to be delegated."""
    grant = a_grant(**members)
    assert {p for p in PRINCIPALS if retires_by_themselves(grant, principal(p))} == themselves
    assert {p for p in PRINCIPALS if may_retire(grant, principal(p))} == themselves | others


@given(some_grants, st.sampled_from(PRINCIPALS))
def test_constraints_do_not_keep_anybody_from_retiring(grant: Grant, who: str) -> None:
    free = evolve(grant, constraints=None)
    assert may_retire(grant, principal(who)) is may_retire(free, principal(who))
