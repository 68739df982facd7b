"""
What a decision may depend on, and no source of AWS says: when it is told, and when not.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.document import from_json
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.testing.policies import OWNER
from tests.policy.asking import ROLE, SESSION, access, grant, statement

ADA = f"arn:aws:iam::{OWNER}:user/Ada"
TENANT = {"tenant": "acme"}

SOURCE_ARN = "a grant's SourceArn binds only requests that have aws:SourceArn"
EXACT = "the names in a grant's encryption context are exact, in upper and lower case too"
BOTH = GrantConstraints(encryption_context_subset=TENANT, source_arn="arn:aws:s3:::a")
EQUALS = GrantConstraints(encryption_context_equals={"Tenant": "acme", "a": "b"})


@pytest.mark.parametrize(
    "constraints, source_arn, context, assumed",
    [
        (None, None, None, []),
        (BOTH, None, {"tenant": "acme"}, [SOURCE_ARN]),
        (BOTH, "arn:aws:s3:::a", {"tenant": "acme"}, []),
        (BOTH, "arn:aws:s3:::a", {"Tenant": "acme"}, [EXACT]),
        (BOTH, None, {"TENANT": "acme"}, [SOURCE_ARN, EXACT]),
        (BOTH, "arn:aws:s3:::a", {"other": "acme"}, []),
        (BOTH, "arn:aws:s3:::a", {"tenant": "acme", "Tenant": "b"}, []),
        (BOTH, "arn:aws:s3:::a", None, []),
        (evolve(BOTH, source_arn=None), None, {"tenant": "acme"}, []),
        (EQUALS, None, {"tenant": "acme", "a": "b"}, [EXACT]),
        (EQUALS, None, {"Tenant": "acme"}, []),
        (EQUALS, None, {"Tenant": "acme", "A": "b"}, [EXACT]),
    ],
)
def test_what_is_assumed_of_a_grant(
    constraints: GrantConstraints | None,
    source_arn: str | None,
    context: dict[str, str] | None,
    assumed: list[str],
) -> None:
    asked = evolve(
        access({} if source_arn is None else {"aws:SourceArn": source_arn}),
        grants=(grant(constraints=constraints),),
        encryption_context=context,
    )
    assert list(decide(asked).explanation.assumed) == assumed


NO_PATH = f"the role `{ROLE}` has no path; the ARN of its session does not tell"
NO_VARIABLES = "NumericEquals replaces no variables"
NO_ARN = "`Ada`, which is not an ARN, is read as in a session policy"
BY_ROLE = {"ArnLike": {"aws:PrincipalArn": ROLE}}


@pytest.mark.parametrize(
    "who, elements, assumed",
    [
        (SESSION, {"Condition": BY_ROLE}, [NO_PATH]),
        (SESSION, {"Condition": BY_ROLE, "Action": "kms:Encrypt"}, []),
        (SESSION, {}, []),
        (ROLE, {"Condition": BY_ROLE}, []),
        (ADA, {"Condition": BY_ROLE}, []),
        (ROLE, {"Condition": {"StringEquals": {"aws:b": "${aws:b}"}}}, []),
        (ROLE, {"Condition": {"NumericEquals": {"aws:b": ["1", "${aws:b}"]}}}, [NO_VARIABLES]),
        (ROLE, {"Condition": {"NumericEquals": {"aws:b": "1"}}}, []),
        (ROLE, {"Condition": {"Null": {"aws:b": "${aws:b}"}}}, []),
        (ROLE, {"Condition": {"ArnLike": {"aws:b": ["Ada", "${aws:b}", ROLE]}}}, [NO_ARN]),
        (
            ROLE,
            {"Condition": {"NumericEquals": {"aws:b": "1"}, "ArnLike": {"aws:b": "Ada"}}},
            [],
        ),
        (
            ROLE,
            {"Condition": {"ArnNotLike": {"aws:b": ROLE}, "ArnLike": {"aws:b": "Ada"}}},
            [NO_ARN],
        ),
    ],
)
def test_what_is_assumed_of_a_statement_is_of_what_was_asked(
    who: str, elements: dict[str, Any], assumed: list[str]
) -> None:
    """The conditions behind the first element that does not match were not asked."""
    asked = access({"aws:b": ADA}, policy=statement(**elements), who=who)
    assert list(decide(asked).explanation.assumed) == assumed


def test_what_is_assumed_once_is_told_once_and_nothing_of_the_role_for_a_grant() -> None:
    twice = json.loads(statement(Condition=BY_ROLE))
    twice["Statement"] = [twice["Statement"], twice["Statement"]]
    asked = evolve(access(policy=json.dumps(twice), who=SESSION), grants=(grant(),))
    assert list(decide(asked).explanation.assumed) == [NO_PATH]
    assert decide(evolve(asked, resource_policy=None)).explanation.assumed == ()


def test_an_arn_is_read_in_a_session_policy_as_it_was_recorded() -> None:
    condition = {"ArnLike": {"aws:b": "Ada"}}
    session = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    limits = Policies(session=[from_json({"Statement": session})])
    asked = evolve(access({"aws:b": ADA}, who=SESSION), policies=limits)
    assert decide(asked).explanation.assumed == ()
