"""
Edits: the least things that change a policy, as values, and which of them refuse a request that was found.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, TypeAlias, cast, final

from attrs import frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy, Statement, from_json, to_json
from kmsmodel.policy.elements import how_named
from kmsmodel.policy.patterns import glob
from kmsmodel.policy.principal import ANYONE
from kmsmodel.policy.proofs.answers import Change
from kmsmodel.policy.proofs.callers import EVERYONE
from kmsmodel.policy.proofs.keys import ON_KEYS
from kmsmodel.policy.proofs.questions import Question


@final
class Kind(IntEnum):
    """What an edit does; a lesser one changes less."""

    ENTRY_REMOVED = 0
    ENTRY_REMOVED_FOR_MORE = 1
    """It is an action, and the question is about some callers only; or a principal, and it is about some actions."""
    CONDITION_ADDED = 2
    DENY_ADDED = 3
    CONDITION_ADDED_TO_MORE = 4
    """The statement is about other actions than those of the question, too."""
    STATEMENT_REMOVED = 5


@final
@frozen
class Edit:
    """
    One edit.

    ``number`` is that of the statement in the policy before all edits; 0 is that of a statement that is added.
    ``entries`` are removed from the ``element``, of principals from those of the type ``of``. ``conditions`` are added.
    """

    kind: Kind
    number: int
    element: str = ""
    of: str = ""
    entries: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


Edits: TypeAlias = "frozenset[Edit]"


def cost(edits: Edits) -> tuple[int, int]:
    """How much edits change: first by the kind of the greatest, then by their number, where each entry is one."""
    worst = max((each.kind for each in edits), default=Kind.ENTRY_REMOVED)
    several = sum(each.kind is Kind.CONDITION_ADDED for each in edits) > 1
    number = sum(len(each.entries) if each.element else 1 for each in edits)
    return (max(worst, Kind.CONDITION_ADDED_TO_MORE) if several else worst, number)


def in_order(edits: Edits) -> list[Edit]:
    """The edits in the order of the statements; a statement that is added comes last."""
    return sorted(
        edits,
        key=lambda each: (
            each.number == 0,
            each.number,
            *map(str, (each.element, each.of, each.entries, each.conditions)),
        ),
    )


def together(edits: Edits, more: Edit) -> Edits:
    """Edits with one more: a statement that is removed is not edited besides."""
    if more.kind is Kind.STATEMENT_REMOVED:
        edits = frozenset(each for each in edits if each.number != more.number)
    return edits | {more}


# ---- edited


@final
@frozen
class Edited:
    """A policy after edits; ``numbers`` are those that its statements had before, 0 for one that was added."""

    before: Policy
    edits: Edits
    policy: Policy
    numbers: tuple[int, ...]

    @property
    def change(self) -> Change:
        """The edits in sentences."""
        return Change(does=tuple(_told(self.before, self.edits)), policy=self.policy)


def edited(policy: Policy, edits: Edits) -> Edited:
    """The policy after these edits."""
    document = copy.deepcopy(to_json(policy))
    statements = dict(enumerate(listed(document["Statement"]), start=1))
    added: list[dict[str, Any]] = []
    for each in in_order(edits):
        if each.kind is Kind.STATEMENT_REMOVED:
            del statements[each.number]
        elif each.kind is Kind.DENY_ADDED:
            added.append(_denying(each))
        else:
            _edit(statements[each.number], each)
    numbers = (*statements, *(0 for _ in added))
    written = {**document, "Statement": [*statements.values(), *added]}
    return Edited(policy, edits, from_json(written), numbers)


def _edit(statement: dict[str, Any], edit: Edit) -> None:
    if edit.conditions:
        blocks = statement.setdefault("Condition", {})
        for each in edit.conditions:
            blocks.setdefault(each.operator, {})[each.key] = _written(each.values)
        return
    around, name = (statement["Principal"], edit.of) if edit.of else (statement, edit.element)
    kept = [each for each in listed(around[name]) if each not in edit.entries]
    if kept:
        around[name] = kept
    else:
        del around[name]


def _denying(edit: Edit) -> dict[str, Any]:
    block: dict[str, dict[str, Any]] = {}
    for each in edit.conditions:
        block.setdefault(each.operator, {})[each.key] = _written(each.values)
    return {
        "Effect": "Deny",
        "Principal": ANYONE,
        "Action": _written(edit.entries),
        "Resource": "*",
        "Condition": block,
    }


def _written(values: tuple[Any, ...]) -> Any:
    first, *others = values
    return [first, *others] if others else first


def listed(written: object) -> list[Any]:
    """A list; a single value is a list of one."""
    return cast("list[object]", written) if isinstance(written, list) else [written]


# ---- told

_ELEMENTS = {"Action": "actions", "Principal": "principals"}


def _told(policy: Policy, edits: Edits) -> Iterator[str]:
    titles = {each.number: each.title for each in policy.statements}
    for number, title in titles.items():
        for element, name in _ELEMENTS.items():
            removed = {
                entry
                for each in edits
                if (each.number, each.element) == (number, element)
                for entry in each.entries
            }
            entries = [
                each for each in _entries(policy.statements[number - 1], element) if each in removed
            ]
            if entries:
                yield f"remove {_joined(entries)} from the {name} of {title}"
    for each in in_order(edits):
        if each.kind is Kind.STATEMENT_REMOVED:
            yield f"remove {titles[each.number]}"
        elif each.kind is Kind.DENY_ADDED:
            actions, where = ", ".join(each.entries), _joined(map(shown, each.conditions))
            yield f"add a statement that denies {actions} to everyone where {where}"
        elif each.conditions:
            yield f"add {_joined(map(shown, each.conditions))} to {titles[each.number]}"


def _entries(statement: Statement, element: str) -> Iterable[str]:
    if element == "Action":
        return () if statement.actions is None else statement.actions.patterns
    named = () if statement.principals is None else statement.principals.named
    return (each for _, names, _ in named for each in names)


def _joined(texts: Iterable[str]) -> str:
    return " and ".join(texts)


def shown(condition: Condition) -> str:
    """A condition as a sentence has it."""
    return f"{condition.operator} {condition.key} = {', '.join(condition.texts)}"


# ---- what refuses a request


def refusing(statement: Statement, number: int, found: Access, question: Question) -> list[Edit]:
    """The edits of an Allow statement after which it does not allow a request."""
    of_names, of_actions = _kinds(question)
    return [
        *_without_names(statement, number, found, of_names),
        *_without_actions(statement, number, found, of_actions),
        *_with_conditions(statement, number, question),
        Edit(Kind.STATEMENT_REMOVED, number),
    ]


def _kinds(question: Question) -> tuple[Kind, Kind]:
    """What it is to remove a principal, and an action."""
    if question.refused:  # what another policy refuses may be new in the one or the other
        return Kind.ENTRY_REMOVED, Kind.ENTRY_REMOVED
    if question.callers == EVERYONE:
        return Kind.ENTRY_REMOVED_FOR_MORE, Kind.ENTRY_REMOVED
    return Kind.ENTRY_REMOVED, Kind.ENTRY_REMOVED_FOR_MORE


def _without_names(statement: Statement, number: int, found: Access, edit: Kind) -> Iterator[Edit]:
    principals = statement.principals
    if principals is None or principals.negated:
        return
    meant = {
        kind: tuple(each for each in names if _means(kind, each, found))
        for kind, names, _ in principals.named
        if kind is not None
    }
    named = [(kind, each) for kind, each in meant.items() if each]
    left = sum(len(names) for _, names, _ in principals.named) - sum(len(each) for _, each in named)
    if len(named) == 1 and left:
        ((kind, names),) = named
        yield Edit(edit, number, "Principal", kind, names)


def _means(kind: str, name: str, found: Access) -> bool:
    asks = found.principal
    if kind == "Service":
        return name == asks.arn
    return (kind == "AWS" and name == ANYONE) or how_named(name, asks) is not None


def _without_actions(
    statement: Statement, number: int, found: Access, edit: Kind
) -> Iterator[Edit]:
    actions = statement.actions
    if actions is None or actions.negated:
        return
    meant = tuple(each for each in actions.patterns if glob(each.lower())(found.action.lower()))
    if meant and len(meant) < len(actions.patterns):
        yield Edit(edit, number, "Action", entries=meant)


def _with_conditions(statement: Statement, number: int, question: Question) -> Iterator[Edit]:
    there = {(each.operator, each.name) for each in statement.conditions}
    for kind, conditions in _conditions(statement, question):
        if conditions and not any((each.operator, each.name) in there for each in conditions):
            yield Edit(kind, number, conditions=conditions)


def _conditions(
    statement: Statement, question: Question
) -> Iterator[tuple[Kind, tuple[Condition, ...]]]:
    """The conditions that may close a statement: the first requirement, the callers' accounts, or their sources."""
    if question.unless:
        more = Kind.CONDITION_ADDED_TO_MORE if _is_about_more(statement, question) else None
        yield more or Kind.CONDITION_ADDED, question.unless[0]
    accounts = tuple(sorted(question.callers.other_than))
    if accounts and statement.principals is not None and statement.principals.is_everyone:
        own = Condition("StringEquals", "kms:CallerAccount", accounts)
        yield Kind.CONDITION_ADDED, (own,)
    yield (
        Kind.CONDITION_ADDED,
        tuple(
            Condition("StringEquals", each.key, each.values)
            for each in question.callers.conditions
            if each.operator == "StringNotEquals"
        ),
    )


def _is_about_more(statement: Statement, question: Question) -> bool:
    """Is a statement about other actions, too?"""
    others = (each for each in ON_KEYS if each not in question.actions)
    return statement.actions is not None and any(map(statement.actions.match, others))


_OPPOSITES = {
    "StringEquals": "StringNotEquals",
    "StringLike": "StringNotLike",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
}


def denying(question: Question) -> Iterator[Edit]:
    """The statement that denies what does not fulfil the first requirement, if that is one condition."""
    requirement = next(iter(question.unless), ())
    if len(requirement) != 1:
        return
    (wanted,) = requirement
    if wanted.operator == "Null":
        opposite = Condition(
            "Null", wanted.key, ("true" if wanted.texts == ("false",) else "false",)
        )
    elif wanted.operator in _OPPOSITES:
        opposite = Condition(_OPPOSITES[wanted.operator], wanted.key, wanted.texts)
    else:
        return
    yield Edit(Kind.DENY_ADDED, 0, entries=question.actions, conditions=(opposite,))
