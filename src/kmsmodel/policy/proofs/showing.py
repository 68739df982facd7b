"""
What is told of a request that is found: what decided on it and where that stands, what it lacks, and what replays it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import final

from attrs import evolve, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy, Statement
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.places import places
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.proofs.answers import Change, Found, context_keys
from kmsmodel.policy.proofs.callers import WILLING, assumed
from kmsmodel.policy.proofs.programs import program
from kmsmodel.policy.proofs.questions import Question
from kmsmodel.policy.proofs.requirements import told


@final
@frozen(kw_only=True)
class Showing:
    """
    A key policy whose answers are shown: as it was read, and from where.

    ``unwilling`` are the policies of a caller to whom IAM allows nothing.
    """

    policy: Policy
    text: str | None
    source: str | None
    unwilling: Policies

    def found(
        self,
        claim: str,
        question: Question,
        access: Access,
        *,
        is_allowed: bool,
        mend: Callable[[], Change | None],
    ) -> Found:
        """The request that a question has found."""
        decision = decide(access)
        assumes: tuple[str, ...] = ()
        if is_allowed and question.callers.policies is None:
            without = decide(evolve(access, policies=self.unwilling))
            if without.is_allowed:
                decision = without
            else:
                assumes = assumed(access, self.unwilling)
        return Found(
            claim=claim,
            access=access,
            is_allowed=is_allowed,
            by=decision.by,
            where=tuple(self.where(each) for each in decision.by if each not in WILLING.statements),
            assumes=assumes,
            lacks=tuple(dict.fromkeys(_lacking(question, access))),
            because="" if is_allowed else decision.because,
            program=program(self.policy, access, decision),
            mend=mend,
        )

    def where(self, by: Statement | Grant) -> str:
        """A statement or a grant, and where it stands."""
        if isinstance(by, Grant):
            return by.title
        if self.text is None or by not in self.policy.statements:
            return by.title
        known = places(self.text)
        place = known.of(*known.statement(by.number))
        stands = ", ".join(filter(None, (self.source, f"line {place.line}")))
        return f"{by.title} ({stands})"


def _lacking(question: Question, access: Access) -> Iterator[str]:
    """What each request must have, and this one does not."""
    for requirement in question.unless:
        for each in requirement:
            if not each.matches(access):
                yield f"{told(each)}{_instead(each, access)}"


def _instead(required: Condition, access: Access) -> str:
    value = context_keys(access).get(required.name)
    if not value:
        return ""
    return f", but with {value if isinstance(value, str) else ' and '.join(value)}"
