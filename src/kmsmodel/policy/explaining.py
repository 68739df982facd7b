"""
How a decision is explained: each statement and each grant is asked whether it applies, or what differs first.

There is no rule here: whether an element matches is asked of the element itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import works_across_accounts
from kmsmodel.policy.assumptions import assumptions
from kmsmodel.policy.document import Effect, Element, Policy, PolicyType, Statement
from kmsmodel.policy.elements import How
from kmsmodel.policy.explanation import Explanation, LineKind, Remark
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.granted import RETIRE_GRANT, ways
from kmsmodel.policy.mismatches import grant_mismatch, mismatch
from kmsmodel.policy.places import places

Stops: TypeAlias = "Callable[[Statement | Grant, How, Access], PolicyType | None]"
"""The type of the policy that must allow besides a statement or grant that means a principal, and does not."""


def explain(
    access: Access, outcome: str, policies: Iterable[tuple[PolicyType, Policy]], stops: Stops
) -> Explanation:
    """The explanation of an outcome; ``policies`` are all that are asked."""
    remarks = [
        _on_a_statement(statement, policy_type, policy, access, stops)
        for policy_type, policy in policies
        for statement in policy.statements
    ]
    remarks += [_on_a_grant(grant, access, stops) for grant in access.grants]
    return Explanation(
        access=access,
        outcome=outcome,
        remarks=tuple(remarks),
        assumed=tuple(dict.fromkeys(assumptions(remarks, access))),
    )


# ---- statements


def _on_a_statement(
    statement: Statement, policy_type: PolicyType, policy: Policy, access: Access, stops: Stops
) -> Remark:
    place = None
    if policy.text is not None:
        found = places(policy.text)
        place = found.of(*found.statement(statement.number))
    for element in statement.elements:
        if element is None or not element.matches(access):
            return Remark(
                subject=statement,
                kind=LineKind.DIFFERS,
                sentence=_before(statement, element) + mismatch(statement, element, access),
                policy_type=policy_type,
                policy=policy,
                differs=element,
                place=place,
            )
    kind, sentence = _applying(statement, policy_type, access, stops)
    return Remark(
        subject=statement,
        kind=kind,
        sentence=sentence,
        policy_type=policy_type,
        policy=policy,
        place=place,
    )


def _before(statement: Statement, element: Element | None) -> str:
    """That the principal matched, if it was asked for before this element."""
    asks = statement.principals is not None and element is not statement.principals
    return "principal matches; " if asks else ""


def _applying(
    statement: Statement, policy_type: PolicyType, access: Access, stops: Stops
) -> tuple[LineKind, str]:
    """What a statement does that applies."""
    if statement.effect is Effect.DENY:
        return LineKind.DENIES, "applies, and denies"
    if policy_type is PolicyType.RESOURCE:
        if access.action == RETIRE_GRANT:
            return (
                LineKind.STOPPED,
                "applies, but no key policy is asked who may retire a grant",
            )
        how = statement.how(access) or How.ITSELF
        return _giving(statement, how, access, stops)
    if policy_type is PolicyType.IDENTITY and _needs_the_account(access):
        return LineKind.STOPPED, (
            "applies, but counts only where the key policy or a grant lets in the account"
        )
    return LineKind.ALLOWS, "applies, and allows"


def _needs_the_account(access: Access) -> bool:
    """Is this a KMS key whose policy and grants name the caller in no way?"""
    policy = access.resource_policy
    if policy is None or not access.action.startswith("kms:"):
        return False
    if access.action == RETIRE_GRANT:
        return False
    by_policy = any(each.how(access) for each in policy.allowing(access.action))
    return not by_policy and not any(grant_mismatch(each, access) is None for each in access.grants)


def _giving(by: Statement | Grant, how: How, access: Access, stops: Stops) -> tuple[LineKind, str]:
    """What gives access if nothing stops it."""
    across = access.is_across_accounts
    if across and not works_across_accounts(access.action):
        return LineKind.STOPPED, (
            f"applies, but {access.action} does not work with what belongs to another account"
        )
    stopped = stops(by, how, access)
    if stopped is None:
        return LineKind.ALLOWS, "applies, and allows"
    of = f" of account {access.principal.account}" if across else ""
    return LineKind.STOPPED, (
        f"applies to {_HOW[how]}, so {stopped.with_article}{of} must allow too, and none does"
    )


_HOW = {
    How.ACCOUNT: "the account",
    How.ISSUER: "the role or user behind the session",
    How.ITSELF: "the caller itself",
}


# ---- grants


def _on_a_grant(grant: Grant, access: Access, stops: Stops) -> Remark:
    differs = grant_mismatch(grant, access)
    if differs is not None:
        return Remark(subject=grant, kind=LineKind.DIFFERS, sentence=differs)
    kind, sentence = _giving(grant, max(ways(grant, access)), access, stops)
    return Remark(subject=grant, kind=kind, sentence=sentence)
