"""
The answer to where a key policy leads: proved by the fixed point, or found by a path that ran.

Programs are run to the right of this room, which does not know a `LocalKms`; what runs them is found by its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import islice
from typing import TypeAlias, cast

from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy
from kmsmodel.policy.proofs.answers import Answer, Change, Found, Proved, Unknown
from kmsmodel.policy.proofs.changes import smallest
from kmsmodel.policy.proofs.leading import Path, paths, reach
from kmsmodel.policy.proofs.moves import Move
from kmsmodel.policy.proofs.questions import Nothing, Outside, Question
from kmsmodel.policy.proofs.standing import Standing
from kmsmodel.policy.proofs.walks import OutsideError

RUNNER = "kmsmodel.paths.run"
"""The module whose ``run`` runs the program of a path."""

MOST_RUNS = 20
"""So many paths are tried."""

MOST_ALIKE = 2
"""So many paths are tried that make the same requests."""

STEPS = "only AWS KMS's own steps are taken, and only by these callers"

_Run: TypeAlias = "Callable[[Path], tuple[str, str | None]]"
_FoundBy: TypeAlias = "Callable[[Path, str, tuple[str, ...]], Found]"


def answer(claim: str, start: Standing, assumes: tuple[str, ...], found_by: _FoundBy) -> Answer:
    """Whether no path leads from the standing to one of its goals."""
    try:
        reached = reach(start)
    except OutsideError as outside:
        return Unknown(claim=claim, reason=str(outside))
    if not reached.goals:
        return Proved(claim=claim, assumes=(*assumes, STEPS))
    run = cast("_Run", import_module(RUNNER).run)
    reason = reached.reason
    for path in islice(_unlike(paths(start, reached)), MOST_RUNS):
        program, why_not = run(path)
        if why_not is None:
            return found_by(path, program, tuple(_told(path)))
        reason = reason or f"a path by {_names(path)} may lead there, but does not run: {why_not}"
    steps = ", ".join(each.name for each in reached.rules)
    possible = f"steps that cannot be followed exactly may lead there: {steps}"
    return Unknown(claim=claim, reason=reason or possible)


def closing(start: Standing, first: Question, keeps: Callable[[Policy], bool]) -> Change | None:
    """The smallest change of those that keep the callers from a first step after which nothing leads there."""

    def again(changed: Policy) -> Access | Nothing | Outside:
        world = evolve(start.world, policy=changed)
        if not reach(evolve(start, world=world)).goals:
            return Nothing()
        found = evolve(first, allowed=(world,)).request()
        return Outside("another step leads there") if isinstance(found, Nothing) else found

    return smallest(start.world.policy, first, again, keeps)


def _unlike(found: Iterable[Path]) -> Iterator[Path]:
    """The paths, but for those that make the same requests as several before."""
    seen: Counter[str] = Counter()
    for path in found:
        seen[_names(path)] += 1
        if seen[_names(path)] <= MOST_ALIKE:
            yield path


def _names(path: Path) -> str:
    return " and ".join(each.access.action for each in path.moves)


def _told(path: Path) -> Iterator[str]:
    """The steps of a path, one sentence each."""
    for each in path.moves[:-1]:
        yield f"{each.access.principal.arn} asks for {each.access.action}{_detail(each)}"


def _detail(move: Move) -> str:
    if move.grant is not None:
        operations = ", ".join(map(str, move.grant.operations))
        return f": {operations} for {move.grant.grantee_principal}"
    if move.tags:
        return ": " + ", ".join(f"{key} = {value}" for key, value in move.tags.items())
    if move.alias is not None:
        return f": {move.alias}"
    if move.access.action in {"kms:PutKeyPolicy", "kms:ReplicateKey"}:
        return " with a key policy that allows everything to everybody"
    return ""
