"""
Strategies for key policies, callers and the requests that a policy decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, find, given, settings

from kmsmodel.calls.caller import Caller
from kmsmodel.errors import AccessDeniedException
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.policy.access import Access
from kmsmodel.policy.elements import Actions, Principals
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.testing.accesses import accesses, callers, neighbours
from kmsmodel.testing.policies import OTHER, OWNER, PolicyDocument, key_policies

VAULT = KeyPolicy.parse(
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/Partner"},
                    "Action": ["kms:Decrypt", "kms:DescribeKey"],
                    "Resource": "*",
                    "Condition": {
                        "StringLike": {"kms:EncryptionContext:tenant": "acme-*"},
                        "DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"},
                    },
                },
            ],
        }
    ),
    account=OWNER,
)

_few = settings(suppress_health_check=[HealthCheck.too_slow])


@given(key_policies())
def test_a_key_policy_can_be_asked(document: PolicyDocument) -> None:
    policy = KeyPolicy.parse(json.dumps(document), account=OWNER)
    assert policy.policy.statements


@given(key_policies(), callers())
def test_a_caller_gets_an_answer_or_is_denied(document: PolicyDocument, caller: Caller) -> None:
    local = LocalKms(caller=Caller.unasked(OWNER))
    request = CreateKeyRequest(policy=json.dumps(document), bypass_policy_lockout_safety_check=True)
    key_id = f"arn:aws:kms:us-west-2:{OWNER}:key/{local.handle(request).key_metadata.key_id}"
    with suppress(AccessDeniedException):
        local.handle(DescribeKeyRequest(key_id=key_id), caller=caller)


@_few
@given(accesses(VAULT))
def test_a_request_has_only_condition_keys_that_its_operation_can_have(access: Access) -> None:
    for name in context_keys(access):
        assert access.action in (keys.carriers(name) or {access.action})


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("applies", [True, False])
def test_requests_to_which_a_statement_applies_are_drawn_and_others(
    number: int, *, applies: bool
) -> None:
    statement = VAULT.policy.statements[number]
    find(
        accesses(VAULT),
        lambda each: statement.applies(each) is applies,
    )


@pytest.mark.parametrize("is_allowed", [True, False])
def test_requests_from_abroad_that_are_allowed_are_drawn_and_others(*, is_allowed: bool) -> None:
    found = find(
        accesses(VAULT),
        lambda each: each.principal.account == OTHER and decide(each).is_allowed is is_allowed,
    )
    assert not is_allowed or found.action in {"kms:Decrypt", "kms:DescribeKey"}


@pytest.mark.parametrize(
    "key, value",
    [
        ("kms:encryptioncontext:tenant", "acme-"),
        ("aws:currenttime", "2026-06-01T00:00:00Z"),
        ("aws:currenttime", "2026-05-31T23:59:59.999Z"),
    ],
)
def test_the_values_at_the_edges_of_a_condition_are_drawn(key: str, value: str) -> None:
    find(
        accesses(VAULT),
        lambda each: context_keys(each).get(key) == value,
    )


@given(neighbours(VAULT))
def test_a_neighbour_is_another_policy_about_the_same_key(policy: KeyPolicy) -> None:
    assert (policy.account, policy.key, policy.grants) == (VAULT.account, None, ())
    assert policy.policy != VAULT.policy


def test_each_edit_of_a_policy_is_a_neighbour() -> None:
    wanted: list[Callable[[KeyPolicy], bool]] = [
        lambda each: len(each.policy.statements) == 1,
        lambda each: str(each.policy.statements[0].effect) == "Deny",
        lambda each: len(each.policy.statements[-1].conditions) == 1,
        lambda each: each.policy.statements[-1].principals == Principals(((None, ("*",), False),)),
        lambda each: each.policy.statements[-1].actions == Actions(("kms:*",), is_list=False),
    ]
    for each in wanted:
        find(neighbours(VAULT), each)


def test_neighbours_need_the_text_of_a_policy() -> None:
    with pytest.raises(ValueError, match="neighbours need the text of a policy"):
        neighbours(KeyPolicy(policy=VAULT.policy, account=OWNER))
