"""
Explanations: why an access is allowed or denied, statement by statement.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from kmsmodel.policy.access import Access
from kmsmodel.policy.cases import accesses
from kmsmodel.policy.document import PolicyType, Statement, parse
from kmsmodel.policy.evaluation import Verdict, decide
from kmsmodel.policy.explanation import LineKind
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.question import Value
from kmsmodel.testing.policies import KEY, OWNER
from kmsmodel.words.enumerations import GrantOperation
from tests.policy.asking import ROLE, ROOT, SESSION, access, grant, statement
from tests.policy.cases import Case, decisions
from tests.policy.policies import PARTNER
from tests.policy.situations import Situation, situations


def sentences(asked: Access) -> list[str]:
    return [str(each) for each in decide(asked).explanation.remarks]


def of_one(asked: Access) -> str:
    [remark] = decide(asked).explanation.remarks
    return remark.sentence


def test_a_statement_is_told_with_its_place_and_the_first_thing_that_differs() -> None:
    asked = access({"kms:EncryptionContext:tenant": "beta"})
    assert str(decide(asked).explanation) == (
        f"kms:Decrypt on {KEY} by {ROLE}\n"
        "not allowed, because no identity-based policy allows it\n"
        "resource-based policy\n"
        "  statement 1 `Account` (line 4, column 5): applies to the account, "
        "so an identity-based policy must allow too, and none does\n"
        "  statement 2 `Partner` (line 11, column 5): principal matches; "
        "condition StringEquals kms:EncryptionContext:tenant: "
        "the request has `beta`, the policy wants `acme`"
    )


@pytest.mark.parametrize(
    "elements, sentence",
    [
        (
            {"Principal": {"AWS": [ROOT.replace(OWNER, "444455556666")]}},
            f"principal: the request is by `{ROLE}`, the policy names `arn:aws:iam::444455556666:root`",
        ),
        (
            {"Principal": {"Service": "s3.amazonaws.com"}},
            f"principal: the request is by `{ROLE}`, the policy names `Service s3.amazonaws.com`",
        ),
        (
            {"Action": ["kms:Encrypt", "kms:De*Key"]},
            (
                "principal matches; action: the request has `kms:Decrypt`, "
                "the policy wants `kms:Encrypt` or `kms:De*Key`"
            ),
        ),
        (
            {"Action": []},
            "principal matches; action: the request has `kms:Decrypt`, the policy wants none",
        ),
        (
            {"Resource": f"{KEY}x"},
            f"principal matches; resource: the request has `{KEY}`, the policy wants `{KEY}x`",
        ),
    ],
)
def test_an_element_says_what_the_request_has_and_what_the_policy_wants(
    elements: dict[str, Any], sentence: str
) -> None:
    assert of_one(access(policy=statement(**elements))) == sentence


@pytest.mark.parametrize("missing", ["Action", "Resource"])
def test_a_statement_without_action_or_resource_has_no_effect(missing: str) -> None:
    document = json.loads(statement())
    del document["Statement"][missing]
    found = of_one(access(policy=json.dumps(document)))
    assert found == f"principal matches; it has no {missing}, and so no effect"


@pytest.mark.parametrize(
    "operator, values, has, difference",
    [
        ("StringEquals", "a", None, "the request does not have it, the policy wants `a`"),
        (
            "StringNotEquals",
            ["a", "b"],
            "a",
            "the request has `a`, the policy wants anything but `a` or `b`",
        ),
        (
            "StringEquals",
            "a",
            ("a",),
            (
                "the request has `a`, and only ForAllValues and ForAnyValue "
                "compare a key that may have several"
            ),
        ),
        (
            "ForAllValues:StringEquals",
            "a",
            ("a", "b"),
            "the request has `a` and `b`, the policy wants only values like `a`",
        ),
        (
            "ForAnyValue:StringLike",
            "a*",
            ("b",),
            "the request has `b`, the policy wants a value like `a*`",
        ),
        (
            "StringEquals",
            "${aws:x}",
            "a",
            "the request has `a`, the policy wants `${aws:x}`, which has no value here",
        ),
        (
            "StringEquals",
            "${aws:b}",
            "a",
            "the request has `a`, the policy wants `${aws:b}`, which is `B` here",
        ),
        ("NumericLessThan", 7, "8", "the request has `8`, the policy wants less than `7`"),
        (
            "DateGreaterThan",
            "2027-01-01",
            "2026-01-01",
            "the request has `2026-01-01`, the policy wants after `2027-01-01`",
        ),
        ("NotIpAddress", "::/0", "x", "the request has `x`, which NotIpAddress cannot read"),
        ("Null", "true", "a", "the request has `a`, the policy wants none"),
        ("Null", "false", None, "the request does not have it, the policy wants it"),
        (
            "StringEqualz",
            "a",
            "a",
            "there is no such operator, so an Allow statement does not apply",
        ),
        ("ForAnyValue:StringEquals", [], ("a",), "the request has `a`, the policy has no value"),
    ],
)
def test_a_condition_says_what_the_request_has_and_what_the_policy_wants(
    operator: str, values: Any, has: Value | None, difference: str
) -> None:
    policy = statement(Condition={operator: {"aws:a": values}})
    context: dict[str, Value] = {} if has is None else {"aws:a": has}
    found = of_one(access({"aws:b": "B"} | context, policy=policy))
    assert found == f"principal matches; condition {operator} aws:a: {difference}"


@pytest.mark.parametrize(
    "members, sentence",
    [
        ({}, "applies, and allows"),
        (
            {"grantee_principal": ROOT.replace("root", "user/Ada")},
            f"principal: the request is by `{ROLE}`, the grant names `{ROOT.replace('root', 'user/Ada')}`",
        ),
        (
            {"operations": (GrantOperation.Encrypt,)},
            "operation: the request has `Decrypt`, the grant allows `Encrypt`",
        ),
        (
            {"constraints": GrantConstraints(encryption_context_subset={"tenant": "acme"})},
            (
                "constraint: the encryption context of the request is `tenant=beta`, "
                "the grant wants at least `tenant=acme`"
            ),
        ),
        (
            {"constraints": GrantConstraints(source_arn="arn:aws:s3:::a")},
            "constraint SourceArn: the request has `arn:aws:s3:::b`, the grant wants `arn:aws:s3:::a`",
        ),
    ],
)
def test_a_grant_is_told_with_the_first_thing_that_differs(
    members: dict[str, Any], sentence: str
) -> None:
    asked = evolve(
        access({"aws:SourceArn": "arn:aws:s3:::b"}, policy='{"Statement": []}'),
        grants=(grant(**members),),
        encryption_context={"tenant": "beta"},
    )
    assert of_one(asked) == sentence
    assert decide(asked).is_allowed is (sentence == "applies, and allows")


def test_a_statement_that_applies_says_which_other_policy_must_allow_too() -> None:
    policy = statement(Principal={"AWS": ROLE})
    nothing_else = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
    limited = Policies(boundary={"Statement": nothing_else})
    asked = evolve(access(policy=policy, who=SESSION), policies=limited)
    assert decide(asked).explanation.remarks[0].sentence == (
        "applies to the role or user behind the session, "
        "so a permissions boundary must allow too, and none does"
    )
    foreign = access(policy=statement(), who=ROLE.replace(OWNER, "444455556666"))
    assert of_one(foreign) == (
        "applies to the caller itself, "
        "so an identity-based policy of account 444455556666 must allow too, and none does"
    )


def test_an_allow_of_iam_says_that_the_key_policy_does_not_let_in_the_account() -> None:
    policy = statement(Principal={"AWS": f"arn:aws:iam::{OWNER}:user/Ada"})
    everything = parse('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}')
    asked = evolve(access(policy=policy), policies=Policies(identity=(everything,)))
    remarks = decide(asked).explanation.remarks
    assert [each.kind for each in remarks] == [LineKind.DIFFERS, LineKind.STOPPED]
    assert remarks[1].sentence == (
        "applies, but counts only where the key policy or a grant lets in the account"
    )


def test_what_does_not_work_across_accounts_is_said_to() -> None:
    foreign = ROLE.replace(OWNER, "444455556666")
    found = decide(access(policy=statement(), who=foreign, action="kms:PutKeyPolicy"))
    reason = "kms:PutKeyPolicy does not work with what belongs to another account"
    assert found.because == reason
    assert found.explanation.remarks[0].sentence == f"applies, but {reason}"


UNKNOWN_OPERATOR = (
    "the operator `StringEqualz`, which does not exist, "
    "makes a Deny statement apply and an Allow statement not"
)


@pytest.mark.parametrize(
    "policy, context, assumed",
    [
        (statement(), {}, []),
        (
            statement(Condition={"StringEqualz": {"a": "b"}}),
            {},
            [UNKNOWN_OPERATOR],
        ),
        (
            statement(Condition={"NumericEquals": {"a": "${b}"}}),
            {},
            ["NumericEquals replaces no variables"],
        ),
        (
            statement(Condition={"ArnLike": {"a": "b"}}),
            {"a": "arn:aws:s3:::b"},
            ["`b`, which is not an ARN, is read as in a session policy"],
        ),
        (
            statement(Condition={"ArnLike": {"aws:PrincipalArn": ROLE}}),
            {},
            [f"the role `{ROLE}` has no path; the ARN of its session does not tell"],
        ),
    ],
)
def test_what_the_decision_may_depend_on_and_no_source_says_is_told_as_assumed(
    policy: str, context: dict[str, Value], assumed: list[str]
) -> None:
    explanation = decide(access(context, policy=policy, who=SESSION)).explanation
    assert list(explanation.assumed) == assumed
    assert all(line in str(explanation) for line in assumed)


# ---- an explanation agrees with the decision


def check(asked: Access) -> None:
    decision = decide(asked)
    explanation = decision.explanation
    assert explanation.outcome.startswith(f"{decision.verdict.value}, because ")
    for remark in explanation.remarks:
        if isinstance(remark.subject, Statement):
            assert remark.applies is remark.subject.applies(asked)
            if remark.differs is not None:
                asked_before = remark.subject.elements[
                    : [each is remark.differs for each in remark.subject.elements].index(True)
                ]
                assert all(each is not None and each.matches(asked) for each in asked_before)
                assert not remark.differs.matches(asked)
    denies = [each.subject for each in explanation.remarks if each.kind is LineKind.DENIES]
    allows = [each.subject for each in explanation.remarks if each.kind is LineKind.ALLOWS]
    if decision.verdict is Verdict.EXPLICITLY_DENIED:
        assert denies[0] is decision.by[0]
    else:
        assert denies == []
    if decision.verdict is Verdict.ALLOWED:
        assert all(any(each is found for found in allows) for each in decision.by)
    elif decision.verdict is Verdict.NOT_ALLOWED:
        giving = [
            each
            for each in explanation.remarks
            if each.kind is LineKind.ALLOWS and each.policy_type in {None, PolicyType.RESOURCE}
        ]
        limits = {PolicyType.SCP, PolicyType.RCP, PolicyType.ENDPOINT}
        assert giving == [] or decision.policy_type in limits


@given(situations())
def test_an_explanation_agrees_with_the_decision(situation: Situation) -> None:
    check(situation.access)
    str(decide(situation.access).explanation)


@pytest.mark.parametrize(
    "case",
    [
        each
        for name in ("authorization_cases", "recorded_kms_cases", "recorded_iam_cases")
        for each in decisions(name)
    ],
    ids=lambda case: case.id,
)
def test_an_explanation_agrees_with_each_decision_of_aws(case: Case) -> None:
    for asked in accesses(case.raw):
        check(asked)


def test_the_explanation_of_a_deny_names_the_statement() -> None:
    document = json.loads(PARTNER)
    document["Statement"][1] |= {"Effect": "Deny"}
    found = decide(access({"kms:EncryptionContext:tenant": "acme"}, policy=json.dumps(document)))
    assert found.because == "statement 2 `Partner` of a resource-based policy denies it"
    kinds = [each.kind for each in found.explanation.remarks]
    assert kinds == [LineKind.STOPPED, LineKind.DENIES]
