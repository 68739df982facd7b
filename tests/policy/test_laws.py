"""
The laws of authorization: what is true of every policy, grant and request.

Source: the rules of *Policy evaluation logic* and *Condition operators* in the IAM User Guide and of *Troubleshooting
key access* in the Developer Guide, as they follow for any policy.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.policy.cases import verdict
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Effect, from_json, parse, to_json
from kmsmodel.policy.evaluation import Decision, Verdict, decide
from kmsmodel.policy.grant import Grant, GrantConstraints, is_no_wider
from kmsmodel.policy.principal import PrincipalKind, principal
from kmsmodel.testing.policies import (
    ASKED,
    EVERYTHING,
    NOTHING,
    OTHER,
    OWNER,
    REQUESTED,
    STRING_OPERATORS,
    WORDS,
    PolicyDocument,
    as_list,
    documents,
    grants,
    iam_policies,
    statements,
    statements_of,
)
from tests.policy import naive
from tests.policy.situations import Situation, situations


def decision(situation: Situation) -> Decision:
    return decide(situation.access)


def is_allowed(situation: Situation) -> bool:
    return decision(situation).is_allowed


def with_statements(document: PolicyDocument, found: list[PolicyDocument]) -> PolicyDocument:
    return document | {"Statement": found}


def added(document: PolicyDocument, statement: PolicyDocument) -> PolicyDocument:
    return with_statements(document, [*statements_of(document), statement])


def rewritten(
    situation: Situation, change: Callable[[PolicyDocument], PolicyDocument]
) -> Situation:
    """The situation with each of its policies changed."""

    def optional(document: PolicyDocument | None) -> PolicyDocument | None:
        return None if document is None else change(document)

    return replace(
        situation,
        key_policy=change(situation.key_policy),
        identity=tuple(map(change, situation.identity)),
        boundary=optional(situation.boundary),
        session=optional(situation.session),
        scps=tuple(map(change, situation.scps)),
        rcps=tuple(map(change, situation.rcps)),
    )


def each_statement(
    situation: Situation, change: Callable[[PolicyDocument], list[PolicyDocument]]
) -> Situation:
    """The situation with each statement of its policies changed to some."""

    def of(document: PolicyDocument) -> PolicyDocument:
        return with_statements(
            document, [new for each in statements_of(document) for new in change(each)]
        )

    return rewritten(situation, of)


def outcome(situation: Situation) -> tuple[object, ...]:
    """What a decision tells apart from which statement decided."""
    found = decision(situation)
    return found.verdict, found.policy_type


# ---- more and less


_ALLOW, _DENY = ("Allow",), ("Deny",)


@given(situations(), statements(effects=_ALLOW))
def test_another_allow_in_the_key_policy_never_denies(
    situation: Situation, statement: PolicyDocument
) -> None:
    more = replace(situation, key_policy=added(situation.key_policy, statement))
    assert is_allowed(situation) <= is_allowed(more)


@given(situations(), documents(effects=_ALLOW, has_principal=False))
def test_another_identity_based_policy_that_allows_never_denies(
    situation: Situation, document: PolicyDocument
) -> None:
    more = replace(situation, identity=(*situation.identity, document))
    assert is_allowed(situation) <= is_allowed(more)


@given(situations(), grants())
def test_another_grant_never_denies(situation: Situation, grant: Grant) -> None:
    more = replace(situation, grants=(*situation.grants, grant))
    assert is_allowed(situation) <= is_allowed(more)


@given(situations(), statements(effects=_DENY), statements(effects=_DENY, has_principal=False))
def test_another_deny_never_allows(
    situation: Situation, of_key: PolicyDocument, of_iam: PolicyDocument
) -> None:
    of_one = {"Statement": of_iam}
    for less in (
        replace(situation, key_policy=added(situation.key_policy, of_key)),
        replace(situation, identity=(*situation.identity, of_one)),
    ):
        assert is_allowed(less) <= is_allowed(situation)


@given(situations(), iam_policies())
def test_a_policy_that_only_limits_never_allows(
    situation: Situation, document: PolicyDocument
) -> None:
    limits: list[Situation] = [
        replace(situation, scps=(*situation.scps, document)),
        replace(situation, rcps=(*situation.rcps, document)),
    ]
    if situation.boundary is None:
        limits.append(replace(situation, boundary=document))
    if situation.session is None:
        limits.append(replace(situation, session=document))
    for less in limits:
        assert is_allowed(less) <= is_allowed(situation)


@given(situations())
def test_a_deny_that_applies_beats_everything(situation: Situation) -> None:
    """An SCP limits no service, and nothing of an organization limits a role that is linked to one."""
    access, asks = situation.access, situation.principal
    is_service = asks.kind is PrincipalKind.SERVICE
    unasked = situation.scps if is_service or asks.is_service_linked else ()
    unasked += situation.rcps if asks.is_service_linked else ()
    denies = [
        each
        for document in situation.documents
        if not any(document is each for each in unasked)
        for each in from_json(document).statements
        if each.effect is Effect.DENY and each.applies(access)
    ]
    assert (decision(situation).verdict is Verdict.EXPLICITLY_DENIED) is bool(denies)


# ---- what makes no difference


@given(situations(), st.randoms())
def test_the_order_of_statements_makes_no_difference(situation: Situation, random: Any) -> None:
    def shuffled(document: PolicyDocument) -> PolicyDocument:
        found = list(statements_of(document))
        random.shuffle(found)
        return with_statements(document, found)

    assert outcome(rewritten(situation, shuffled)) == outcome(situation)


@given(situations())
def test_a_sid_makes_no_difference(situation: Situation) -> None:
    assert outcome(each_statement(situation, lambda each: [each | {"Sid": "X"}])) == outcome(
        situation
    )


@given(situations())
def test_a_statement_that_stands_twice_makes_no_difference(situation: Situation) -> None:
    assert outcome(each_statement(situation, lambda each: [each, each])) == outcome(situation)


def _in_lists(statement: PolicyDocument) -> list[PolicyDocument]:
    """Each single value in a list."""
    new = dict(statement)
    for name in ("Action", "NotAction", "Resource"):
        if name in new:
            new[name] = as_list(new[name])
    for name in ("Principal", "NotPrincipal"):
        if isinstance(new.get(name), dict):
            new[name] = {kind: as_list(found) for kind, found in new[name].items()}
    new["Condition"] = {
        operator: {key: as_list(found) for key, found in tested.items()}
        for operator, tested in new.get("Condition", {}).items()
    }
    return [new]


@given(situations())
def test_a_single_value_is_as_good_as_the_list_of_it(situation: Situation) -> None:
    assert outcome(each_statement(situation, _in_lists)) == outcome(situation)


def _by_roots(statement: PolicyDocument) -> list[PolicyDocument]:
    """Each account by the ARN of its root user."""
    found: list[PolicyDocument] = json.loads(
        json.dumps([statement])
        .replace(f'"{OWNER}"', f'"arn:aws:iam::{OWNER}:root"')
        .replace(f'"{OTHER}"', f'"arn:aws:iam::{OTHER}:root"')
    )
    return found


@given(situations())
def test_an_account_id_means_what_the_arn_of_its_root_user_means(situation: Situation) -> None:
    assert outcome(each_statement(situation, _by_roots)) == outcome(situation)


def _split(statement: PolicyDocument) -> list[PolicyDocument]:
    """A statement for each action, each resource, each principal and each value of a positive operator."""
    found = [statement]
    for name in ("Action", "Resource"):
        found = [
            each | {name: one} for each in found for one in as_list(each.get(name, [])) or [None]
        ]
        found = [{key: value for key, value in each.items() if value is not None} for each in found]
    if isinstance(statement.get("Principal"), dict):
        found = [
            each | {"Principal": {kind: one}}
            for each in found
            for kind, names in statement["Principal"].items()
            for one in as_list(names)
        ]
    for operator, tested in statement.get("Condition", {}).items():
        if operator not in {"StringEquals", "StringLike", "StringEqualsIgnoreCase"}:
            continue
        for key, values in tested.items():
            found = [
                _with_value(each, operator, key, one) for each in found for one in as_list(values)
            ]
    return found


def _with_value(statement: PolicyDocument, operator: str, key: str, value: Any) -> PolicyDocument:
    blocks = statement["Condition"]
    return statement | {"Condition": blocks | {operator: blocks[operator] | {key: value}}}


@given(situations())
def test_a_list_is_as_good_as_a_statement_for_each_of_its_values(situation: Situation) -> None:
    assert outcome(each_statement(situation, _split)) == outcome(situation)


def of_version(version: str, document: PolicyDocument) -> PolicyDocument:
    return document | {"Version": version}


@given(situations())
def test_without_variables_the_version_makes_no_difference(situation: Situation) -> None:
    plain = rewritten(
        situation,
        lambda each: json.loads(json.dumps(each).replace("${aws:PrincipalTag/team}", "a")),
    )
    for version in ("2008-10-17", "2012-10-17"):
        found = rewritten(plain, partial(of_version, version))
        assert outcome(found) == outcome(plain)


@given(situations())
def test_condition_keys_in_upper_case_are_the_same(situation: Situation) -> None:
    def upper(statement: PolicyDocument) -> list[PolicyDocument]:
        blocks = {
            operator: {key.upper(): found for key, found in tested.items()}
            for operator, tested in statement.get("Condition", {}).items()
        }
        return [statement | {"Condition": blocks}]

    assert outcome(each_statement(situation, upper)) == outcome(situation)


# ---- where the key policy says nothing of the account


@given(situations(accounts=[OWNER], of_accounts=False), iam_policies())
def test_without_the_account_statement_an_allow_of_iam_is_irrelevant(
    situation: Situation, document: PolicyDocument
) -> None:
    denies_nothing = with_statements(
        document, [each for each in statements_of(document) if each["Effect"] == "Allow"]
    )
    more = replace(situation, identity=(*situation.identity, denies_nothing, EVERYTHING))
    assert is_allowed(more) == is_allowed(situation)


@given(situations(accounts=[OTHER]))
def test_across_accounts_both_must_allow(situation: Situation) -> None:
    assert not is_allowed(replace(situation, key_policy=NOTHING, grants=()))
    made_by_the_owner = tuple(each for each in situation.grants if each.issuing_account == OWNER)
    if situation.principal.kind is not PrincipalKind.ROOT_USER:
        assert not is_allowed(replace(situation, identity=(), grants=made_by_the_owner))
    for action in ("kms:PutKeyPolicy", "kms:GetKeyPolicy"):
        assert not is_allowed(replace(situation, action=action))


@given(situations(accounts=[OWNER], has_limits=False))
def test_nobody_has_access_by_default(situation: Situation) -> None:
    assert not is_allowed(replace(situation, key_policy=NOTHING, grants=()))


# ---- grants


@given(grants(), grants(), situations())
def test_a_child_grant_allows_nothing_that_its_parent_does_not(
    child: Grant, parent: Grant, situation: Situation
) -> None:
    child = evolve(child, constraints=_fresh(child.constraints, parent.constraints))
    for action in ASKED:
        access = replace(situation, action=action).access
        if is_no_wider(child, parent) and access.is_permitted_by(child):
            assert access.is_permitted_by(parent)


def _fresh(own: GrantConstraints | None, others: GrantConstraints | None) -> Any:
    """Constraints that are often those of the parent and more."""
    if own is None or others is None or others.encryption_context_subset is None:
        return own
    pairs = dict(others.encryption_context_subset)
    if own.encryption_context_equals is not None:
        pairs |= own.encryption_context_equals
        return evolve(own, encryption_context_equals=pairs, source_arn=others.source_arn)
    pairs |= own.encryption_context_subset or {}
    return evolve(own, encryption_context_subset=pairs, source_arn=others.source_arn)


# ---- conditions


def holds(
    operator: str, values: Any, found: str | tuple[str, ...] | None, key: str = "aws:TagKeys"
) -> bool:
    """Whether a condition matches a request with this value, or without one."""
    condition = Condition(operator, key, tuple(as_list(values)), version="2012-10-17")
    context = {} if found is None else {key.lower(): found}
    situation = Situation(_ADA, "kms:Decrypt", NOTHING, context=context)
    return condition.matches(situation.access)


_ADA = principal(f"arn:aws:iam::{OWNER}:user/Ada")
_VALUES = st.lists(st.sampled_from([*WORDS, "a*", "?"]), min_size=1, max_size=3)
_FOUND = st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(tuple)
_OPPOSITES = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
}
_POSITIVE = st.sampled_from(sorted(_OPPOSITES))
_ARN_AND_ADDRESS = {
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}
_LESS = ("NumericLessThan", "DateGreaterThanEquals", "Bool", "BinaryEquals")


@given(st.sampled_from(sorted(_OPPOSITES | _ARN_AND_ADDRESS)), _VALUES)
def test_if_the_key_is_absent_a_positive_operator_is_false_and_its_opposite_true(
    positive: str, values: list[str]
) -> None:
    negated = (_OPPOSITES | _ARN_AND_ADDRESS)[positive]
    assert (holds(positive, values, None), holds(negated, values, None)) == (False, True)
    for operator in (positive, negated):
        assert holds(f"{operator}IfExists", values, None)
        assert holds(f"ForAllValues:{operator}", values, None)
        assert not holds(f"ForAnyValue:{operator}", values, None)
        assert holds(f"ForAllValues:{operator}", values, ())


@given(st.sampled_from(_LESS), _VALUES)
def test_an_operator_without_an_opposite_is_false_if_the_key_is_absent(
    operator: str, values: list[str]
) -> None:
    assert not holds(operator, values, None)
    assert holds(f"{operator}IfExists", values, None)


@given(_POSITIVE, _VALUES, st.none() | st.sampled_from(WORDS))
def test_a_negated_operator_is_the_opposite_for_a_key_with_one_value(
    positive: str, values: list[str], found: str | None
) -> None:
    assert holds(_OPPOSITES[positive], values, found) is not holds(positive, values, found)


@given(_POSITIVE, _VALUES, st.none() | _FOUND)
def test_for_all_values_is_the_dual_of_for_any_value(
    positive: str, values: list[str], found: tuple[str, ...] | None
) -> None:
    negated = _OPPOSITES[positive]
    for one, other in ((positive, negated), (negated, positive)):
        any_value = holds(f"ForAnyValue:{one}", values, found)
        assert any_value is not holds(f"ForAllValues:{other}", values, found)


@given(st.sampled_from(STRING_OPERATORS), _VALUES, st.sampled_from(WORDS))
def test_if_exists_makes_no_difference_to_a_key_that_exists(
    operator: str, values: list[str], found: str
) -> None:
    assert holds(f"{operator}IfExists", values, found) is holds(operator, values, found)


@given(st.sampled_from(STRING_OPERATORS), _VALUES, _FOUND.filter(bool))
def test_a_plain_operator_never_matches_several_values(
    operator: str, values: list[str], found: tuple[str, ...]
) -> None:
    assert not holds(operator, values, found)
    assert not holds(f"{operator}IfExists", values, found)


@given(st.none() | st.sampled_from(["", "a"]))
def test_null_asks_whether_a_key_is_there(found: str | None) -> None:
    assert holds("Null", "true", found) is (found is None)
    assert holds("Null", "false", found) is not holds("Null", "true", found)


@given(situations(), st.sampled_from(["StringEqualz", "NullIfExists", "ForEach:StringLike", ""]))
def test_an_unknown_operator_never_allows(situation: Situation, operator: str) -> None:
    def odd(statement: PolicyDocument) -> list[PolicyDocument]:
        if statement["Effect"] == "Deny":
            return [statement]
        blocks = statement.get("Condition", {})
        return [statement | {"Condition": blocks | {operator: {"aws:TagKeys": "a"}}}]

    assert not is_allowed(replace(each_statement(situation, odd), grants=()))


# ---- elements and their negations


@given(statements(has_principal=False), st.sampled_from(ASKED))
def test_an_action_is_in_either_action_or_not_action(
    statement: PolicyDocument, action: str
) -> None:
    found = as_list(statement.get("Action", statement.get("NotAction")))
    plain = {"Effect": "Allow", "Resource": "*"}
    document = {"Statement": [plain | {"Action": found}, plain | {"NotAction": found}]}
    first, second = from_json(document).statements
    assert first.actions is not None
    assert second.actions is not None
    assert first.actions.match(action) is not second.actions.match(action)


@given(situations(accounts=[OWNER, OTHER]), st.booleans())
def test_a_deny_for_all_but_one_user_is_a_deny_by_principal_arn(
    situation: Situation, of_ada: bool
) -> None:
    """But not for a principal with a permissions boundary, whom NotPrincipal always hits."""
    situation = replace(situation, principal=_ADA, boundary=None, context=dict(situation.context))
    situation = replace(situation, context={**situation.context, "aws:principalarn": _ADA.arn})
    user = _ADA.arn if of_ada else f"arn:aws:iam::{OWNER}:user/Bob"
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    listed = deny | {"NotPrincipal": {"AWS": [OWNER, user]}}
    asked = deny | {
        "Principal": "*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": user}},
    }
    by_list = replace(situation, key_policy=added(situation.key_policy, listed))
    by_arn = replace(situation, key_policy=added(situation.key_policy, asked))
    assert outcome(by_list) == outcome(by_arn)
    limited = replace(by_list, boundary=EVERYTHING)
    assert decision(limited).verdict is Verdict.EXPLICITLY_DENIED


# ---- cases


@given(situations())
def test_a_case_is_decided_as_the_access_that_it_is_about(situation: Situation) -> None:
    assert verdict(situation.case) == ("allow" if is_allowed(situation) else "deny")


@given(situations())
def test_a_second_opinion_is_the_same(situation: Situation) -> None:
    """
    But of RCPs, which deny only in its opinion, of SCPs, which it does not ask about a service, and of what limits a
    root user, who seldom has a session policy and never a boundary: it takes access of the account for access of a
    principal that is named itself.
    """
    kind = situation.principal.kind
    scps = () if kind is PrincipalKind.SERVICE else situation.scps
    situation = replace(situation, rcps=(), scps=scps)
    if kind is PrincipalKind.ROOT_USER:
        situation = replace(situation, session=None, boundary=None)
    assert naive.verdict(situation.case) == ("allow" if is_allowed(situation) else "deny")


# ---- reading and writing


@given(documents() | documents(has_principal=False))
def test_a_policy_is_written_as_it_was_read(document: PolicyDocument) -> None:
    read = from_json(document)
    written = to_json(read)
    assert written == document
    assert parse(json.dumps(written)) == read


def test_the_requests_of_these_laws_have_a_value_for_each_condition_key() -> None:
    assert all(REQUESTED.values())
