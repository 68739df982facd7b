"""
Answers: a property is proved, or a request is found against it, or nobody knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, cast, final

from attrs import field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, Statement, to_json
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.proofs.askers import context_of
from kmsmodel.policy.question import Value


@final
@frozen(kw_only=True, repr=False)
class Proved:
    """A property that holds for all requests; ``assumes`` says under which assumptions."""

    claim: str
    assumes: tuple[str, ...] = ()

    def __bool__(self) -> Literal[True]:
        return True

    def __repr__(self) -> str:
        return f"Proved({self.claim})"


@final
@frozen(kw_only=True, repr=False)
class Unknown:
    """A property of which nothing is known; ``reason`` names what was outside."""

    claim: str
    reason: str

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return f"Unknown({self.claim}: {self.reason})"


@final
@frozen(kw_only=True)
class Change:
    """A change to a policy: what it does, in sentences, and the policy that comes of it."""

    does: tuple[str, ...]
    policy: Policy

    @property
    def text(self) -> str:
        """The changed policy as JSON."""
        return json.dumps(to_json(self.policy), indent=2)


@final
@frozen(kw_only=True, repr=False)
class Found:
    """
    A request against a property.

    ``access`` is None if it is the absence of any request that speaks against it. ``by`` are the statements and grants
    that decided, and ``where`` says where they stand. ``assumes`` is what must be so besides. ``lacks`` is what each
    request must have and this one does not. ``steps`` are the requests that lead there, if it takes any; ``by`` then
    decided on the first of them.
    """

    claim: str
    access: Access | None
    is_allowed: bool = True
    by: tuple[Statement | Grant, ...] = ()
    where: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    because: str = ""
    """Why it is denied, if it is."""
    program: str = field(default="", eq=False)
    """A program in Python that replays it."""
    mend: Callable[[], Change | None] = field(default=lambda: None, eq=False)
    """What looks for the smallest change."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return f"Found({self._headline()})"

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def smallest_change(self) -> Change | None:
        """The smallest change to the policy, of those that are tried, after which the property is proved."""
        return self.mend()

    @property
    def context(self) -> Mapping[str, Value]:
        """The condition keys of the request, but for those that follow from the caller."""
        if self.access is None:
            return {}
        derived = context_of(self.access.principal)
        return {
            name: value for name, value in context_keys(self.access).items() if name not in derived
        }

    def to_json(self) -> dict[str, Any]:
        """The request as JSON."""
        access = self.access
        return {
            "action": access and access.action,
            "caller": access and access.principal.arn,
            "context": {
                name: value if isinstance(value, str) else list(value)
                for name, value in self.context.items()
            },
            **({"lacks": list(self.lacks)} if self.lacks else {}),
            "by": list(self.where),
            "assumes": list(self.assumes),
            **({"steps": list(self.steps)} if self.steps else {}),
        }

    def _headline(self) -> str:
        if self.access is None:
            return self.claim
        without = f" without {', '.join(self.lacks)}" if self.lacks else ""
        may = "may" if self.is_allowed else "may not"
        by = f" by {', '.join(self.where)}" if self.where else ""
        by = f", because {self.because}" if self.because and not self.where else by
        after = f" after {len(self.steps)} steps" if len(self.steps) > 1 else ""
        after = " after one step" if len(self.steps) == 1 else after
        return f"{self.access.principal.arn} {may} {self.access.action}{without}{after}{by}"

    def _lines(self) -> Iterator[str]:
        yield f"Found against: {self.claim}"
        for number, each in enumerate(self.steps):
            yield f"  {'then' if number else 'first':8} {each}"
        if self.access is not None:
            yield f"  caller   {self.access.principal.arn}"
            yield f"  action   {self.access.action}"
            for number, (name, value) in enumerate(sorted(self.context.items())):
                shown = value if isinstance(value, str) else ", ".join(value)
                yield f"  {'with' if not number else '':8} {name} = {shown}"
            for each in self.lacks:
                yield f"  without  {each}"
            because = f", because {self.because}" if self.because else ""
            yield f"  decision {'allowed' if self.is_allowed else f'denied{because}'}"
        for each in self.where:
            yield f"  by       {each}"
        for each in self.assumes:
            yield f"  if       {each}"
        change = self.smallest_change()
        for number, each in enumerate(() if change is None else change.does):
            yield f"  {'closed by' if not number else '':9} {each}"


Answer: TypeAlias = "Proved | Found | Unknown"


@final
@frozen(kw_only=True)
class Comparison:
    """
    How the access by one policy compares with that by an older one.

    ``new`` and ``lost`` have a request for each action that only one of the two allows. ``unknown`` has what could not
    be decided.
    """

    verdict: Literal["equivalent", "wider", "narrower", "incomparable", "unknown"]
    new: tuple[Found, ...] = ()
    lost: tuple[Found, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON."""
        return {
            "verdict": self.verdict,
            "new": [each.to_json() for each in self.new],
            "lost": [each.to_json() for each in self.lost],
        }


def context_keys(access: Access) -> Mapping[str, Value]:
    """The condition keys of a request that was found."""
    return cast("Mapping[str, Value]", access.context)
