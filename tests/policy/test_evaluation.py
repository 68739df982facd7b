"""
Decisions: what gives access, what limits it, and which policy is told.
"""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, PolicyType, parse, to_json
from kmsmodel.policy.elements import Resources
from kmsmodel.policy.evaluation import Verdict, decide, is_let_in
from kmsmodel.policy.patterns import glob
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.testing.policies import KEY, OTHER, OWNER
from tests.policy.policies import STATEMENT, policy

ALLOWING: Policy = parse('{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}')
SILENT: Policy = parse('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}')
OF_THE_ACCOUNT = parse(policy(STATEMENT))
OF_EVERYBODY = parse(policy(STATEMENT | {"Principal": "*"}))
ADA = f"arn:aws:iam::{OWNER}:user/Ada"
STRANGER = f"arn:aws:iam::{OTHER}:user/Eve"
FEDERATED = f"arn:aws:sts::{OWNER}:federated-user/Fay"


def access(who: str, of_the_key: Policy | None = OF_THE_ACCOUNT, **policies: object) -> Access:
    return Access(
        principal=principal(who),
        action="kms:Decrypt",
        resource=KEY,
        owner=OWNER,
        resource_policy=of_the_key,
        policies=Policies(**policies),  # type: ignore[arg-type]
    )


def told(asked: Access) -> tuple[Verdict, PolicyType | None, Policy | None, int]:
    decision = decide(asked)
    return decision.verdict, decision.policy_type, decision.policy, len(decision.by)


def test_a_decision_tells_the_last_policy_that_allows_and_the_statements_that_do() -> None:
    allowed = Verdict.ALLOWED
    assert told(access(ADA, OF_EVERYBODY)) == (allowed, None, OF_EVERYBODY, 1)
    assert told(access(ADA, identity=(SILENT, ALLOWING)))[:2] == (allowed, None)
    assert told(access(STRANGER, OF_EVERYBODY, identity=(ALLOWING,))) == (
        allowed,
        None,
        ALLOWING,
        2,
    )


def test_a_decision_tells_the_type_of_the_first_policy_that_does_not_allow() -> None:
    refused = Verdict.NOT_ALLOWED
    identity, boundary = (ALLOWING,), SILENT
    by_type = PolicyType
    assert told(access(ADA)) == (refused, by_type.IDENTITY, None, 0)
    assert told(access(ADA, identity=identity, boundary=boundary))[1] is by_type.BOUNDARY
    assert told(access(STRANGER, OF_EVERYBODY))[1] is by_type.IDENTITY
    managed = evolve(
        access(STRANGER, OF_EVERYBODY, identity=identity), action="kms:ScheduleKeyDeletion"
    )
    assert told(managed)[1] is by_type.RESOURCE
    assert (is_let_in(access(STRANGER, OF_EVERYBODY)), is_let_in(managed)) == (True, False)


def test_a_federated_user_has_identity_based_policies_only_with_a_session_policy() -> None:
    identity = (ALLOWING,)
    assert not decide(access(FEDERATED, identity=identity)).is_allowed
    assert decide(access(FEDERATED, identity=identity, session=(ALLOWING,))).is_allowed
    assert not decide(access(FEDERATED, identity=identity, session=(SILENT,))).is_allowed


def test_a_root_user_needs_no_policy_and_is_limited_by_that_of_a_session() -> None:
    root = f"arn:aws:iam::{OTHER}:root"
    assert decide(access(root, OF_EVERYBODY)).is_allowed
    assert told(access(root, OF_EVERYBODY, session=(SILENT,)))[1] is PolicyType.SESSION
    assert decide(access(root, None)).because == "a root user needs no policy"


@pytest.mark.parametrize(
    "text, fits", [("?", False), ("??", True), ("\U0001d11e", True), ("?*", True)]
)
def test_a_rare_character_is_two_for_a_question_mark(text: str, fits: bool) -> None:
    assert bool(glob(text)("\U0001d11e")) is fits


def test_what_is_rare_in_key_policies_is_written_as_it_was_read() -> None:
    statement = {name: STATEMENT[name] for name in ("Effect", "Principal", "Action")}
    text = policy(statement | {"NotResource": "*"}, Id="of mine")
    assert to_json(parse(text)) == json.loads(text)
    assert Resources.any().to_json() == {"Resource": "*"}
