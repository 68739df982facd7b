"""
Explanations: what each line of them says.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, PolicyType, from_json, parse
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.explanation import LineKind
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.testing.policies import KEY, OWNER
from kmsmodel.words.enumerations import GrantOperation
from tests.policy.asking import ROLE, ROOT, SESSION, access, grant, statement

ADA = f"arn:aws:iam::{OWNER}:user/Ada"
PARTNER_ARN = f"arn:aws:iam::{OWNER}:policy/Partner"
NOBODY = '{"Version": "2012-10-17", "Statement": []}'


def own(**elements: Any) -> Policy:
    """A policy of one statement that comes with the caller."""
    plain = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    return from_json({"Version": "2012-10-17", "Statement": plain | elements})


def told(asked: Access) -> list[str]:
    return [str(each) for each in decide(asked).explanation.remarks]


# ---- the lines of an explanation


def test_each_policy_has_a_heading_with_its_name_if_it_has_one() -> None:
    managed = evolve(own(), arn=PARTNER_ARN)
    inline = evolve(own(Action="kms:Encrypt"), id="inline")
    asked = evolve(
        access(policy=statement(Principal={"AWS": ADA})),
        policies=Policies(identity=(managed, inline, own(Effect="Deny"))),
        grants=(grant(), grant(grant_id="1")),
    )
    lines = list(decide(asked).explanation.lines())
    assert [(kind.name, text) for kind, text in lines] == [
        ("OUTCOME", f"kms:Decrypt on {KEY} by {ROLE}"),
        ("OUTCOME", "explicitly denied, because statement 1 of an identity-based policy denies it"),
        ("POLICY", "resource-based policy"),
        (
            "DIFFERS",
            (
                f"  statement 1 (line 1, column 40): principal: the request is by `{ROLE}`, "
                f"the policy names `{ADA}`"
            ),
        ),
        ("POLICY", f"identity-based policy {PARTNER_ARN}"),
        ("ALLOWS", "  statement 1: applies, and allows"),
        ("POLICY", "identity-based policy inline"),
        (
            "DIFFERS",
            "  statement 1: action: the request has `kms:Decrypt`, the policy wants `kms:Encrypt`",
        ),
        ("POLICY", "identity-based policy"),
        ("DENIES", "  statement 1: applies, and denies"),
        ("POLICY", "grants"),
        ("ALLOWS", "  grant `0`: applies, and allows"),
        ("ALLOWS", "  grant `1`: applies, and allows"),
    ]
    assert str(decide(asked).explanation) == "\n".join(text for _, text in lines)


def test_grants_alone_have_a_heading_and_so_has_what_is_assumed() -> None:
    constraints = GrantConstraints(source_arn="arn:aws:s3:::a")
    asked = evolve(access(), resource_policy=None, grants=(grant(constraints=constraints),))
    assert [str(kind) for kind, _ in decide(asked).explanation.lines()][2:] == [
        "policy",
        "allows",
        "policy",
        "assumed",
    ]
    assert str(decide(asked).explanation).splitlines()[2:] == [
        "grants",
        "  grant `0`: applies, and allows",
        "assumed",
        "  a grant's SourceArn binds only requests that have aws:SourceArn",
    ]


def test_a_remark_names_the_element_that_differs() -> None:
    other = access(policy=statement(Principal={"AWS": ADA}, Action="kms:Encrypt"))
    [remark] = decide(other).explanation.remarks
    assert remark.differs is remark.subject.elements[0]  # type: ignore[union-attr]
    assert (remark.applies, remark.policy_type) == (False, PolicyType.RESOURCE)
    [remark] = decide(access(policy=statement())).explanation.remarks
    assert (remark.differs, remark.applies) == (None, True)
    assert remark.kind is LineKind.ALLOWS


# ---- what a statement does that applies

RETIRING = "applies, but no key policy is asked who may retire a grant"
NEEDS_THE_ACCOUNT = "applies, but counts only where the key policy or a grant lets in the account"
ALLOWS = "applies, and allows"


@pytest.mark.parametrize(
    "key_policy, action, told_of_it",
    [
        (statement(Principal={"AWS": ROOT}), "kms:Decrypt", ALLOWS),
        (statement(Principal={"AWS": ROLE}), "kms:Decrypt", ALLOWS),
        (statement(Principal={"AWS": ADA}), "kms:Decrypt", NEEDS_THE_ACCOUNT),
        (
            statement(Principal={"AWS": ROOT}, Action="kms:Encrypt"),
            "kms:Decrypt",
            NEEDS_THE_ACCOUNT,
        ),
        (NOBODY, "kms:Decrypt", NEEDS_THE_ACCOUNT),
        (NOBODY, "kms:RetireGrant", ALLOWS),
        (NOBODY, "sts:AssumeRole", ALLOWS),
        (None, "kms:Decrypt", ALLOWS),
        (None, "s3:GetObject", ALLOWS),
    ],
)
def test_an_identity_based_policy_counts_where_the_key_policy_lets_in_the_account(
    key_policy: str | None, action: str, told_of_it: str
) -> None:
    asked = evolve(
        access(action=action),
        resource_policy=None if key_policy is None else parse(key_policy),
        policies=Policies(identity=(own(Action="*"),)),
    )
    assert decide(asked).explanation.remarks[-1].sentence == told_of_it


@pytest.mark.parametrize(
    "members, told_of_it",
    [
        ({"grantee_principal": ROOT}, ALLOWS),
        ({"grantee_principal": ADA}, NEEDS_THE_ACCOUNT),
        ({"grantee_principal": ROOT, "operations": ()}, NEEDS_THE_ACCOUNT),
    ],
)
def test_an_identity_based_policy_counts_where_a_grant_lets_in_the_account(
    members: dict[str, Any], told_of_it: str
) -> None:
    policies = Policies(identity=(own(),))
    asked = evolve(access(policy=NOBODY), policies=policies, grants=(grant(**members),))
    assert decide(asked).explanation.remarks[0].sentence == told_of_it


def test_limits_count_whatever_the_key_policy_says() -> None:
    asked = evolve(access(policy=NOBODY), policies=Policies(boundary=own(), scps=[[own()]]))
    assert told(asked) == [f"statement 1: {ALLOWS}"] * 2


def test_no_key_policy_is_asked_who_may_retire_a_grant() -> None:
    [sentence] = told(access(policy=statement(), action="kms:RetireGrant"))
    assert sentence == f"statement 1 (line 1, column 40): {RETIRING}"
    [sentence] = told(access(policy=statement(Effect="Deny"), action="kms:RetireGrant"))
    assert sentence == "statement 1 (line 1, column 40): applies, and denies"


# ---- how an element differs


@pytest.mark.parametrize(
    "who, elements, difference",
    [
        (ROLE, {"Principal": {"AWS": []}}, f"the request is by `{ROLE}`, the policy names nobody"),
        (
            SESSION,
            {"Principal": {"AWS": [ADA, ADA], "Service": "s3.amazonaws.com"}},
            (
                f"the request is by `{SESSION}` of `{ROLE}`, "
                f"the policy names `{ADA}`, `{ADA}` or `Service s3.amazonaws.com`"
            ),
        ),
    ],
)
def test_another_principal_is_told_with_those_that_the_policy_names(
    who: str, elements: dict[str, Any], difference: str
) -> None:
    [sentence] = told(access(policy=statement(**elements), who=who))
    assert sentence == f"statement 1 (line 1, column 40): principal: {difference}"


@pytest.mark.parametrize(
    "names, wanted",
    [
        ({"AWS": [ROLE, ROOT]}, f"`{ROLE}` or `{ROOT}`"),
        (
            {"Service": "s3.amazonaws.com", "AWS": [ROLE, ROOT]},
            f"`Service s3.amazonaws.com`, `{ROLE}` or `{ROOT}`",
        ),
        ("*", "`*`"),
    ],
)
def test_a_principal_that_is_left_out_is_told_so(names: Any, wanted: str) -> None:
    document = json.loads(statement())
    del document["Statement"]["Principal"]
    document["Statement"] |= {"NotPrincipal": names, "Effect": "Deny"}
    [sentence] = told(access(policy=json.dumps(document)))
    where = sentence.partition(": ")[0]
    assert sentence == f"{where}: principal: `{ROLE}` is left out, by {wanted}"


@pytest.mark.parametrize(
    "name, elements, difference",
    [
        ("Action", {"NotAction": ["kms:De*", "kms:Encrypt"]}, "`kms:De*` or `kms:Encrypt`"),
        ("Resource", {"NotResource": KEY}, f"`{KEY}`"),
    ],
)
def test_what_a_policy_leaves_out_is_told_so(
    name: str, elements: dict[str, Any], difference: str
) -> None:
    document = json.loads(statement(**elements))
    del document["Statement"][name]
    [remark] = decide(access(policy=json.dumps(document))).explanation.remarks
    found = {"Action": "kms:Decrypt", "Resource": KEY}[name]
    assert remark.sentence == (
        f"principal matches; {name.lower()}: `{found}` is among those that the policy leaves out, "
        f"{difference}"
    )


@pytest.mark.parametrize(
    "actions, wanted",
    [
        ("ab", "`kms:a` or `kms:b`"),
        ("abc", "`kms:a`, `kms:b` or `kms:c`"),
        ("abcde", "`kms:a`, `kms:b`, `kms:c`, `kms:d` or `kms:e`"),
        ("abcdef", "`kms:a`, `kms:b`, `kms:c`, `kms:d`, `kms:e` or 1 more"),
        ("abcdefg", "`kms:a`, `kms:b`, `kms:c`, `kms:d`, `kms:e` or 2 more"),
    ],
)
def test_five_of_several_values_are_told(actions: str, wanted: str) -> None:
    policy = statement(Action=[f"kms:{each}" for each in actions])
    [remark] = decide(access(policy=policy)).explanation.remarks
    assert remark.sentence.endswith(f"the policy wants {wanted}")


@pytest.mark.parametrize(
    "version, operator, values, has, difference",
    [
        ("2012-10-17", "ForAnyValue:Null", "true", None, "Null with ForAnyValue never matches"),
        ("2012-10-17", "Null", "true", "a", "the request has `a`, the policy wants none"),
        (
            "2012-10-17",
            "Null",
            "false",
            (),
            "the request does not have it, the policy wants it",
        ),
        (
            "2012-10-17",
            "ForAnyValue:StringEquals",
            "a",
            (),
            "the request does not have it, the policy wants a value like `a`",
        ),
        (
            "2012-10-17",
            "StringEquals",
            ["x-${aws:b}*${*}"],
            "a",
            "the request has `a`, the policy wants `x-${aws:b}*${*}`, which is `x-B**` here",
        ),
        (
            "2008-10-17",
            "StringEquals",
            "${aws:b}",
            "a",
            "the request has `a`, the policy wants `${aws:b}`",
        ),
        (
            "2012-10-17",
            "StringLike",
            "${aws:b}*",
            "a",
            "the request has `a`, the policy wants `${aws:b}*`, which is `B*` here",
        ),
        (
            "2012-10-17",
            "NumericLessThanEquals",
            "1",
            "2",
            "the request has `2`, the policy wants at most `1`",
        ),
        (
            "2012-10-17",
            "NumericGreaterThan",
            "1",
            "0",
            "the request has `0`, the policy wants more than `1`",
        ),
        (
            "2012-10-17",
            "NumericGreaterThanEquals",
            "1",
            "0",
            "the request has `0`, the policy wants at least `1`",
        ),
    ],
)
def test_a_condition_tells_what_differs(
    version: str, operator: str, values: Any, has: Any, difference: str
) -> None:
    document = json.loads(statement(Condition={operator: {"aws:a": values}}))
    document["Version"] = version
    context = {"aws:b": "B"} | ({} if has is None else {"aws:a": has})
    [remark] = decide(access(context, policy=json.dumps(document))).explanation.remarks
    assert remark.sentence == f"principal matches; condition {operator} aws:a: {difference}"


@pytest.mark.parametrize(
    "operator, policy, has, wanted",
    [
        ("DateLessThan", 2026, 2027, "before"),
        ("DateLessThanEquals", 2026, 2027, "not after"),
        ("DateGreaterThan", 2027, 2026, "after"),
        ("DateGreaterThanEquals", 2027, 2026, "not before"),
    ],
)
def test_dates_are_before_or_after(operator: str, policy: int, has: int, wanted: str) -> None:
    condition = {operator: {"aws:a": f"{policy}-01-01"}}
    asked = access({"aws:a": f"{has}-01-01"}, policy=statement(Condition=condition))
    [remark] = decide(asked).explanation.remarks
    assert remark.sentence.endswith(
        f"the request has `{has}-01-01`, the policy wants {wanted} `{policy}-01-01`"
    )


# ---- how a grant differs

TENANT = {"tenant": "acme"}
DECRYPT, CREATE = GrantOperation.Decrypt, GrantOperation.CreateGrant


@pytest.mark.parametrize(
    "action, members, context, difference",
    [
        (
            "kms:RetireGrant",
            {"issuing_account": "444455556666"},
            None,
            (
                f"principal: the request is by `{ROLE.replace(OWNER, '777788889999')}`, "
                "the grant names nobody"
            ),
        ),
        (
            "kms:Decrypt",
            {"operations": ()},
            None,
            "operation: the request has `Decrypt`, the grant allows none",
        ),
        (
            "kms:Encrypt",
            {"operations": (DECRYPT, CREATE)},
            None,
            "operation: the request has `Encrypt`, the grant allows `Decrypt` or `CreateGrant`",
        ),
        (
            "kms:CreateGrant",
            {"operations": (CREATE,)},
            None,
            "the new grant would allow more than this one",
        ),
        (
            "kms:Decrypt",
            {"constraints": GrantConstraints(encryption_context_equals=TENANT)},
            {"tenant": "acme", "a": "b"},
            (
                "constraint: the encryption context of the request is `tenant=acme`, `a=b`, "
                "the grant wants exactly `tenant=acme`"
            ),
        ),
        (
            "kms:Decrypt",
            {"constraints": GrantConstraints(encryption_context_equals={})},
            TENANT,
            (
                "constraint: the encryption context of the request is `tenant=acme`, "
                "the grant wants exactly empty"
            ),
        ),
        (
            "kms:Decrypt",
            {"constraints": GrantConstraints(encryption_context_subset=TENANT)},
            {},
            (
                "constraint: the encryption context of the request is empty, "
                "the grant wants at least `tenant=acme`"
            ),
        ),
        (
            "kms:Decrypt",
            {"constraints": GrantConstraints(source_arn="arn:aws:s3:::b")},
            {},
            "constraint SourceArn: the request has `arn:aws:s3:::a`, the grant wants `arn:aws:s3:::b`",
        ),
    ],
)
def test_a_grant_tells_what_differs(
    action: str, members: dict[str, Any], context: dict[str, str] | None, difference: str
) -> None:
    who = ROLE.replace(OWNER, "777788889999") if action == "kms:RetireGrant" else ROLE
    asked = evolve(
        access({"aws:SourceArn": "arn:aws:s3:::a"}, policy=NOBODY, action=action, who=who),
        grants=(grant(**members),),
        encryption_context=context,
        child=grant() if action == "kms:CreateGrant" else None,
    )
    assert told(asked) == [f"grant `0`: {difference}"]


def test_a_new_grant_that_is_no_wider_is_allowed() -> None:
    asked = evolve(
        access(policy=NOBODY, action="kms:CreateGrant"),
        grants=(grant(operations=(CREATE, DECRYPT)),),
        child=grant(),
    )
    assert told(asked) == ["grant `0`: applies, and allows"]
