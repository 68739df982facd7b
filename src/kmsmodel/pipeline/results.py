"""
Results: what was asked of a stored policy, and what came of it, as plain values that any format can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, final

from attrs import evolve, frozen

from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.policy.finding import Finding
from kmsmodel.policy.places import Place
from kmsmodel.policy.proofs.answers import Answer, Found, Unknown
from kmsmodel.policy.proofs.rules import Rule


@final
class Outcome(StrEnum):
    """What came of asking."""

    PROVED = "Proved"
    FOUND = "Found"
    NOT_UNDERSTOOD = "NotUnderstood"
    UNKNOWN = "Unknown"
    ACCEPTED = "Accepted"
    NOTED = "Noted"
    """It is worth telling, and no fault."""

    @property
    def words(self) -> str:
        """How a sentence says it."""
        return "not understood" if self is Outcome.NOT_UNDERSTOOD else self.value.lower()


_STATUS = {Outcome.FOUND: 1, Outcome.NOT_UNDERSTOOD: 2, Outcome.UNKNOWN: 3}


@final
@frozen(kw_only=True)
class Acceptance:
    """A finding that somebody accepts: why, and until when."""

    reason: str
    expires: date


@final
@frozen(kw_only=True)
class Result:
    """
    What came of asking whether a stored policy keeps a rule.

    ``headline`` says it in one line, ``details`` in several. ``place`` is that of the statement that decides, or else
    of the policy. ``finding`` is what is found in the text, and None for what a request speaks against. ``program``
    is in Python and replays the request.
    """

    file: str
    name: str
    rule: str
    asks: str
    outcome: Outcome
    headline: str
    ids: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    request: Mapping[str, Any] | None = None
    closed_by: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()
    place: Place | None = None
    accepted: Acceptance | None = None
    finding: Finding | None = None
    program: str = ""

    @property
    def title(self) -> str:
        """The policy and the rule."""
        return f"{self.file}{f'#{self.name}' if self.name else ''}: {self.rule}"


@final
@frozen(kw_only=True)
class Report:
    """What came of all that was asked, and remarks on it."""

    results: tuple[Result, ...]
    remarks: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The exit status: a finding counts most, then what is not understood, then what is unknown."""
        return status_of(each.outcome for each in self.results)

    @property
    def assumes(self) -> tuple[str, ...]:
        """All that was assumed of what the files do not tell."""
        return tuple(dict.fromkeys(one for each in self.results for one in each.assumes))


def status_of(outcomes: Iterable[Outcome]) -> int:
    """0 if all was proved or accepted, 1 if anything was found, else 2 if it was not understood, else 3."""
    return min((_STATUS[each] for each in outcomes if each in _STATUS), default=0)


_UNDERSTOOD, _IS_UNDERSTOOD = "understood", "The policy is understood."
"""The name of the rule that a policy breaks which is not understood or not known, and what it asks."""


def result_of(stored: StoredPolicy, rule: Rule, answer: Answer) -> Result:
    """The result of an answer."""
    answer = stored.placed(answer)
    change = None
    if isinstance(answer, Found):
        change = answer.smallest_change()
        answer = evolve(answer, mend=lambda: change)  # it is asked for again to tell the details
    return Result(
        file=stored.file,
        name=stored.name,
        rule=rule.name,
        asks=rule.asks,
        ids=rule.ids,
        outcome=Outcome(type(answer).__name__),
        headline=answer.reason if isinstance(answer, Unknown) else headline(answer),
        details=tuple(str(answer).splitlines()[1:]) if isinstance(answer, Found) else (),
        request=answer.to_json() if isinstance(answer, Found) and answer.access else None,
        program=answer.program if isinstance(answer, Found) else "",
        closed_by=() if change is None else change.does,
        assumes=stored.assumes,
        place=stored.decides_at(answer),
    )


def headline(answer: Answer) -> str:
    """An answer in one line."""
    if not isinstance(answer, Found):
        return answer.claim
    return repr(answer).removeprefix("Found(").removesuffix(")")


def not_understood(file: str, name: str, error: NotUnderstoodError) -> Result:
    """The result for anything that is not understood."""
    return Result(
        file=file,
        name=name,
        rule=_UNDERSTOOD,
        asks=_IS_UNDERSTOOD,
        outcome=Outcome.NOT_UNDERSTOOD,
        headline=str(error),
        place=error.place,
    )


def unknown(stored: StoredPolicy) -> Result:
    """The result for a policy that the file does not tell."""
    return Result(
        file=stored.file,
        name=stored.name,
        rule=_UNDERSTOOD,
        asks=_IS_UNDERSTOOD,
        outcome=Outcome.UNKNOWN,
        headline="; ".join(stored.unknown),
        assumes=stored.assumes,
        place=stored.place,
    )
