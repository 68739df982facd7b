"""
Moves: the requests of a path, and the rules by which steps are taken.

Each rule is a step. What at most comes of it is a standing that allows all that the step can lead to, so that a proof
may take it for possible; to follow it exactly, a request is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeAlias, final

from attrs import field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.proofs.domain import Domain
from kmsmodel.policy.proofs.questions import Nothing
from kmsmodel.policy.proofs.said import Said
from kmsmodel.policy.proofs.standing import Standing

MOST_HINTS = 8
"""For so many requests that a step could be for, such a step is looked for."""

GRANTEE = "kms:granteeprincipal"


@final
@frozen(kw_only=True)
class Move:
    """
    One request of a path, with what is so of the key before it.

    ``grant``, ``tags`` and ``alias`` are the grant that it makes, the tags that it adds or removes, and the name of the
    alias that it is about.
    """

    access: Access
    before: Standing
    grant: Grant | None = None
    tags: Mapping[str, str] = field(factory=dict[str, str])
    alias: str | None = None


Moves: TypeAlias = "tuple[Move, ...]"
GoOn: TypeAlias = "Callable[[Standing], Iterator[Moves]]"
"""The ways that lead on from a standing."""


class Rule(Protocol):
    """A step that some requests take."""

    @property
    def name(self) -> str: ...

    def widest(self, at: Standing) -> Standing | None:
        """What at most is so after the step; None if nobody can take it, or if nothing comes of it."""
        ...

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        """The ways that begin with the step, followed exactly."""
        ...


def is_possible(
    at: Standing,
    actions: tuple[str, ...],
    *when: Condition,
    unless: tuple[tuple[Condition, ...], ...] = (),
) -> bool:
    """May there be such a request? What is not known counts as possible."""
    return not isinstance(at.question(actions, *when, unless=unless).request(), Nothing)


def requests(at: Standing, actions: tuple[str, ...], *when: Condition) -> Iterator[Access]:
    """Such requests: one, or if any of the callers may have come to it by grants, one by each who is named."""
    found = at.question(actions, *when).request()
    if not isinstance(found, Access):
        return
    yield found
    if at.world.grantable is None:
        return
    names = at.callers.all_names | grantees(at)
    askers = Domain((at.world,), names=names).askers
    arns = dict.fromkeys(each.policy_arn for each in askers if at.callers.include(each))
    for arn in arns:
        if arn not in {None, found.principal.policy_arn}:
            by_them = Condition("StringEquals", "aws:PrincipalArn", (str(arn),))
            other = at.question(actions, *when, by_them).request()
            if isinstance(other, Access):
                yield other


def grantees(at: Standing) -> frozenset[str]:
    """The grantees that policies name."""
    texts = (text for _, text in Said((at.world,), ()).of(GRANTEE).compared())
    return frozenset("".join(map(str, text)) for text in texts if all(map(_is_plain, text)))


def _is_plain(piece: object) -> bool:
    return isinstance(piece, str)
