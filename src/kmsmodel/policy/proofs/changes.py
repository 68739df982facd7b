"""
Changes: the smallest one to a policy, of some that are tried, after which a property is proved.

A request that is found is refused only if a statement that allows it is edited. So the edits that refuse it are tried,
then those that refuse what is found after each, and so on, in the order of how much they change together.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import TypeAlias

from attrs import evolve

from kmsmodel.errors import KmsError
from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Effect, Policy, Statement, from_json, to_json
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.form import check_key_policy
from kmsmodel.policy.proofs.answers import Change
from kmsmodel.policy.proofs.edits import (
    Edit,
    Edited,
    Edits,
    Kind,
    cost,
    denying,
    edited,
    in_order,
    listed,
    refusing,
    together,
)
from kmsmodel.policy.proofs.questions import Nothing, Outside, Question

MOST_TRIED = 24
"""So many sets of edits are tried in the order of how much they change; after that, only straight ways are."""

_MOST = 20
"""So many edits are made at most on a straight way."""

Asked: TypeAlias = "Access | Nothing | Outside"
_Again: TypeAlias = "Callable[[Policy], Asked]"


def smallest(
    policy: Policy, question: Question, again: _Again, keeps: Callable[[Policy], bool]
) -> Change | None:
    """
    The smallest of the changes that are tried after which the question finds no request.

    Whatever a change must keep is kept, and AWS KMS takes the policy that comes of it.
    """
    for each in _closing(policy, question, again):
        change = _needed(each, again).change
        if _is_taken(change) and keeps(change.policy):
            return change
    return None


def closing(
    policy: Policy, question: Question, stays_open: Callable[[Policy], bool]
) -> Change | None:
    """The smallest change to a key policy after which a question finds no request, and what may be still may be."""
    known: list[Access] = []

    def of(changed: Policy, same: Question) -> Question:
        return evolve(same, allowed=tuple(evolve(each, policy=changed) for each in same.allowed))

    def again(changed: Policy) -> Asked:
        """A request that was found before answers sooner than a search for another one."""
        asked = of(changed, question)
        same = next(filter(None, map(asked.again, known)), None)
        if same is not None:
            return same
        found = asked.request()
        if isinstance(found, Access):
            known.append(found)
        return found

    def keeps(changed: Policy) -> bool:
        is_possible = not question.unless or isinstance(
            of(changed, evolve(question, unless=())).request(), Access
        )
        return is_possible and stays_open(changed)

    return smallest(policy, question, again, keeps)


def _closing(policy: Policy, question: Question, again: _Again) -> Iterator[Edited]:
    """The edits after which the question finds no request, beginning with what changes least."""
    number = itertools.count()
    waiting: list[tuple[tuple[int, int], int, Edits]] = [
        (cost(frozenset()), next(number), frozenset())
    ]
    seen: set[Edits] = {frozenset()}
    tried = 0
    while waiting and tried < MOST_TRIED:
        *_, edits = heappop(waiting)
        draft, tried = edited(policy, edits), tried + 1
        found = again(draft.policy)
        if isinstance(found, Nothing):
            yield draft
        elif isinstance(found, Access):
            for each in _proposed(draft, found, question):
                more = together(edits, each)
                if more not in seen:
                    seen.add(more)
                    heappush(waiting, (cost(more), next(number), more))
    if waiting:
        for takes in _STRAIGHT:
            yield from _straight(policy, question, again, takes)


def _proposed(draft: Edited, found: Access, question: Question) -> Iterator[Edit]:
    """The edits that may refuse a request which the edited policy allows."""
    deciding = _deciding(draft.policy, found)
    if deciding is None:
        return
    number = draft.numbers[deciding.number - 1]
    yield from refusing(deciding, number, found, question)
    yield from (each for each in denying(question) if each not in draft.edits)


def _deciding(policy: Policy, found: Access) -> Statement | None:
    """The Allow statement of the policy that decides."""
    for each in decide(found).by:
        if isinstance(each, Statement) and each.effect is Effect.ALLOW:
            for statement in policy.statements:
                if statement is each:
                    return statement
    return None


# ---- straight ways

_STRAIGHT: tuple[Callable[[Edit], bool], ...] = (
    lambda edit: edit.element == "Principal",
    lambda edit: edit.element == "Action",
    lambda edit: not edit.element,
    lambda edit: edit.kind is Kind.STATEMENT_REMOVED,
)
"""Which edits are taken on each straight way."""


def _straight(
    policy: Policy, question: Question, again: _Again, takes: Callable[[Edit], bool]
) -> Iterator[Edited]:
    """The edits by which each request that is found is refused at once."""
    edits: Edits = frozenset()
    for _ in range(_MOST):
        draft = edited(policy, edits)
        found = again(draft.policy)
        if isinstance(found, Nothing):
            yield draft
            return
        if isinstance(found, Outside):
            return
        first = next(filter(takes, _proposed(draft, found, question)), None)
        if first is None:
            return
        edits = together(edits, first)


# ---- what becomes of it


def _needed(draft: Edited, again: _Again) -> Edited:
    """The same without edits that turn out to be needless: a step that they refuse may lead nowhere."""
    for each in sorted(in_order(draft.edits), key=lambda edit: -edit.kind):
        without = edited(draft.before, draft.edits - {each})
        if len(draft.edits) > 1 and isinstance(again(without.policy), Nothing):
            draft = without
    return draft


def _is_taken(change: Change) -> bool:
    """Does AWS KMS store the changed policy?"""
    try:
        check_key_policy(change.text)
    except KmsError:
        return False
    return True


def unlocked(policy: Policy, account: str) -> Change:
    """The policy with the statement of AWS's default key policy, which lets the account's IAM policies decide."""
    added = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    document = to_json(policy)
    written = {**document, "Statement": [*listed(document["Statement"]), added]}
    return Change(
        does=(f"add a statement that allows kms:* to arn:aws:iam::{account}:root",),
        policy=from_json(written),
    )
