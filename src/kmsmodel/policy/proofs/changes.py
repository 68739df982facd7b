"""
Changes: the smallest one to a policy, of some that are tried, after which a property is proved.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, cast, final

from attrs import frozen

from kmsmodel.errors import KmsError
from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Effect, Policy, Statement, from_json, to_json
from kmsmodel.policy.elements import how_named
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.form import check_key_policy
from kmsmodel.policy.proofs.answers import Change
from kmsmodel.policy.proofs.keys import ON_KEYS
from kmsmodel.policy.proofs.questions import Nothing, Outside, Question

_MOST = 20
"""So many statements are changed at most."""

Asked: TypeAlias = "Access | Nothing | Outside"
_Edit: TypeAlias = "Callable[[dict[str, Any], _Case], str | None]"
"""Changes a statement in place, and says how; None if it does not fit. An empty statement is one that is removed."""


def smallest(
    policy: Policy,
    question: Question,
    again: Callable[[Policy], Asked],
    keeps: Callable[[Policy], bool],
) -> Change | None:
    """
    The smallest of the changes that are tried after which the question finds no request.

    Whatever a change must keep is kept, and AWS KMS takes the policy that comes of it.
    """

    def is_good(change: Change) -> bool:
        return _is_taken(change) and keeps(change.policy)

    return next(filter(is_good, _tried(policy, question, again)), None)


def _tried(
    policy: Policy, question: Question, again: Callable[[Policy], Asked]
) -> Iterator[Change]:
    """The changes after which the question finds no request, beginning with what changes least."""
    narrowed = _Draft.of(policy).changed(question, again, _EDITS[:_NARROWING])
    if (
        narrowed is not None
        and len(narrowed.does) == 1
        and not _takes_more(policy, question, narrowed)
    ):
        yield narrowed
    denied = _denied(policy, question)
    if denied is not None and isinstance(again(denied.policy), Nothing):
        yield denied
    if narrowed is not None:
        yield narrowed
    for first in range(1, len(_EDITS)):
        change = _Draft.of(policy).changed(question, again, _EDITS[first:])
        if change is not None:
            yield change


def _is_taken(change: Change) -> bool:
    """Does AWS KMS store the changed policy?"""
    try:
        check_key_policy(change.text)
    except KmsError:
        return False
    return True


def _takes_more(policy: Policy, question: Question, change: Change) -> bool:
    """Does a change narrow a statement that is about other actions too?"""
    wanted = frozenset(question.actions)
    kept = frozenset(change.policy.statements)
    return any(
        statement.actions is not None
        and any(statement.actions.match(each) for each in ON_KEYS if each not in wanted)
        for statement in policy.statements
        if statement not in kept and question.unless
    )


_OPPOSITES = {
    "StringEquals": "StringNotEquals",
    "StringLike": "StringNotLike",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
}


def _denied(policy: Policy, question: Question) -> Change | None:
    """The policy with a statement that denies what does not fulfil the first requirement."""
    requirement = next(iter(question.unless), ())
    if len(requirement) != 1:
        return None
    (wanted,) = requirement
    first, *others = wanted.texts
    listed = [first, *others] if others else first
    block: dict[str, dict[str, Any]]
    if wanted.operator == "Null":
        block = {"Null": {wanted.key: "true" if wanted.texts == ("false",) else "false"}}
    elif wanted.operator in _OPPOSITES:
        block = {_OPPOSITES[wanted.operator]: {wanted.key: listed}}
    else:
        return None
    actions = list(question.actions)
    added = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": "*",
        "Condition": block,
    }
    shown = " and ".join(_shown(_conditions_in(block)))
    does = f"add a statement that denies {', '.join(actions)} to everyone where {shown}"
    return Change(does=(does,), policy=_with(policy, added))


def _conditions_in(block: dict[str, dict[str, Any]]) -> Iterator[Condition]:
    for name, listed in block.items():
        for key, each in listed.items():
            yield Condition(name, key, tuple(_listed(each)))


def _with(policy: Policy, statement: dict[str, Any]) -> Policy:
    document = to_json(policy)
    return from_json({**document, "Statement": [*_listed(document["Statement"]), statement]})


def _listed(written: object) -> list[Any]:
    return cast("list[object]", written) if isinstance(written, list) else [written]


def unlocked(policy: Policy, account: str) -> Change:
    """The policy with the statement of AWS's default key policy, which lets the account's IAM policies decide."""
    added = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return Change(
        does=(f"add a statement that allows kms:* to arn:aws:iam::{account}:root",),
        policy=_with(policy, added),
    )


@final
@frozen
class _Case:
    """What a statement is changed for: the request that it allows, and the question that found it."""

    statement: Statement
    found: Access
    question: Question


@final
@frozen
class _Draft:
    """A policy while it is changed: its statements as JSON, with the numbers that they had at first."""

    document: dict[str, Any]
    statements: list[tuple[int, dict[str, Any]]]

    @classmethod
    def of(cls, policy: Policy) -> _Draft:
        document = copy.deepcopy(to_json(policy))
        listed = _listed(document["Statement"])
        return cls(document, [(number, each) for number, each in enumerate(listed, start=1)])

    @property
    def policy(self) -> Policy:
        return from_json({**self.document, "Statement": [each for _, each in self.statements]})

    def changed(
        self, question: Question, again: Callable[[Policy], Asked], edits: tuple[_Edit, ...]
    ) -> Change | None:
        does: list[str] = []
        for _ in range(_MOST):
            policy = self.policy
            found = again(policy)
            if isinstance(found, Nothing):
                return Change(does=tuple(does), policy=policy)
            if isinstance(found, Outside):
                return None
            done = self._edited(_deciding(policy, found), found, question, edits)
            if done is None:
                return None
            does.append(done)
        return None

    def _edited(
        self, statement: Statement | None, found: Access, question: Question, edits: Iterable[_Edit]
    ) -> str | None:
        if statement is None:
            return None
        number, written = self.statements[statement.number - 1]
        for edit in edits:
            done = edit(written, _Case(statement, found, question))
            if done is not None:
                if not written:
                    del self.statements[statement.number - 1]
                sid = f" `{statement.sid}`" if statement.sid else ""
                return f"{done} statement {number}{sid}"
        return None


def _deciding(policy: Policy, found: Access) -> Statement | None:
    """The Allow statement of the policy that decides."""
    for each in decide(found).by:
        if isinstance(each, Statement) and each.effect is Effect.ALLOW:
            for statement in policy.statements:
                if statement is each:
                    return statement
    return None


# ---- edits


def _without_the_name(written: dict[str, Any], case: _Case) -> str | None:
    principals = case.statement.principals
    if principals is None or principals.negated or principals.is_everyone:
        return None
    for kind, names, _ in principals.named:
        meant = [each for each in names if _means(kind, each, case.found)]
        if kind is not None and meant and len(meant) < len(names):
            written["Principal"][kind] = [each for each in names if each not in meant]
            return f"remove {' and '.join(meant)} from the principals of"
    return None


def _means(kind: str | None, name: str, found: Access) -> bool:
    asks = found.principal
    return name == asks.arn if kind == "Service" else how_named(name, asks) is not None


def _with_the_requirement(written: dict[str, Any], case: _Case) -> str | None:
    return _with_conditions(written, case.question.unless[0]) if case.question.unless else None


def _with_the_account(written: dict[str, Any], case: _Case) -> str | None:
    accounts = tuple(sorted(case.question.callers.other_than))
    principals = case.statement.principals
    if not accounts or principals is None or not principals.is_everyone:
        return None
    return _with_conditions(written, (Condition("StringEquals", "kms:CallerAccount", accounts),))


def _with_the_source(written: dict[str, Any], case: _Case) -> str | None:
    opposite = tuple(
        Condition("StringEquals", each.key, each.values)
        for each in case.question.callers.conditions
        if each.operator == "StringNotEquals"
    )
    return _with_conditions(written, opposite) if opposite else None


def _without_the_action(written: dict[str, Any], case: _Case) -> str | None:
    actions = case.statement.actions
    if actions is None or actions.negated:
        return None
    wanted = {each.lower() for each in case.question.actions}
    removed = [each for each in actions.patterns if each.lower() in wanted]
    kept = [each for each in actions.patterns if each.lower() not in wanted]
    if not removed or not kept:
        return None
    written["Action"] = kept
    return f"remove {' and '.join(removed)} from the actions of"


def _removed(written: dict[str, Any], _: _Case) -> str | None:
    written.clear()
    return "remove"


def _with_conditions(written: dict[str, Any], conditions: tuple[Condition, ...]) -> str | None:
    """Add conditions, if the statement does not say anything of these condition keys under these operators yet."""
    blocks: dict[str, dict[str, Any]] = written.setdefault("Condition", {})
    if any(each.key in blocks.get(each.operator, {}) for each in conditions):
        return None
    for each in conditions:
        listed = list(each.values)
        blocks.setdefault(each.operator, {})[each.key] = listed if len(listed) > 1 else listed[0]
    return f"add {' and '.join(_shown(conditions))} to"


def _shown(conditions: Iterable[Condition]) -> Iterator[str]:
    for each in conditions:
        yield f"{each.operator} {each.key} = {', '.join(each.texts)}"


_EDITS: tuple[_Edit, ...] = (
    _with_the_requirement,
    _without_the_name,
    _with_the_account,
    _with_the_source,
    _without_the_action,
    _removed,
)
"""What is tried, beginning with what changes least."""

_NARROWING = 4
"""So many of them only narrow a statement."""
