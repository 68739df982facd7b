"""
The search: one value for each dimension such that a formula is true, or the certainty that there is none.

A formula is turned into obligations, each a list of alternatives of which one must be met. The obligation of which most
follows is met first, and among equals the one with the fewest alternatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias, final

from attrs import frozen

from kmsmodel.policy.proofs.walks import OutsideError

Box: TypeAlias = "tuple[tuple[int, int], ...]"
"""Dimensions by number, each with the mask of the representatives that it may have."""


@final
@frozen
class Atom:
    """What depends on few dimensions: the boxes in which it is true, and those in which it is false."""

    true: tuple[Box, ...]
    false: tuple[Box, ...]


@final
@frozen
class All:
    """True if all parts are."""

    parts: tuple[Formula, ...] = ()


@final
@frozen
class Some:
    """True if one part is."""

    parts: tuple[Formula, ...] = ()


@final
@frozen
class Not:
    """True if its part is not."""

    part: Formula


Formula: TypeAlias = "Atom | All | Some | Not"

TRUE, FALSE = All(), Some()


@final
class Alternative(NamedTuple):
    """One way to meet an obligation: a box, and what else must then be met."""

    box: Box
    further: tuple[Obligation, ...] = ()


Obligation: TypeAlias = "tuple[Alternative, ...]"


def obligations(formula: Formula) -> list[Obligation]:
    """What must be met for a formula to be true."""
    return _obligations(formula, True, {})


_Known: TypeAlias = "dict[tuple[int, bool], list[Obligation]]"
"""The obligations of parts, by their ids and by whether they are to be true: one part stands in many places."""


def _obligations(formula: Formula, wanted: bool, known: _Known) -> list[Obligation]:
    found = known.get((id(formula), wanted))
    if found is not None:
        return found
    if isinstance(formula, Not):
        found = _obligations(formula.part, not wanted, known)
    elif isinstance(formula, Atom):
        boxes = formula.true if wanted else formula.false
        found = [] if () in boxes else [tuple(map(Alternative, boxes))]
    else:
        parts = [_obligations(part, wanted, known) for part in formula.parts]
        is_each = isinstance(formula, All) is wanted
        found = [each for part in parts for each in part] if is_each else _one_of(parts)
    known[id(formula), wanted] = found
    return found


def _one_of(parts: Iterable[list[Obligation]]) -> list[Obligation]:
    """The obligation to meet all obligations of one part."""
    alternatives: list[Alternative] = []
    for part in parts:
        if not part:
            return []
        if len(part) == 1:
            alternatives.extend(part[0])
            continue
        merged = _merged(part)
        if merged is not None:
            if merged == ((), ()):
                return []
            alternatives.append(merged)
    return [tuple(alternatives)]


def _merged(part: Iterable[Obligation]) -> Alternative | None:
    """One alternative for all these obligations; None if they contradict each other."""
    box: dict[int, int] = {}
    further: list[Obligation] = []
    for obligation in part:
        alternative = obligation[0] if len(obligation) == 1 else None
        if alternative is None:
            further.append(obligation)
            continue
        further.extend(alternative.further)
        for dimension, mask in alternative.box:
            box[dimension] = box.get(dimension, -1) & mask
            if not box[dimension]:
                return None
    return Alternative(tuple(box.items()), tuple(further))


STEPS = 400_000
"""So many alternatives are looked at."""


@final
class Search:
    """A search with a budget of steps, in dimensions of these sizes."""

    def __init__(self, sizes: Sequence[int], steps: int = STEPS) -> None:
        self._everything = [(1 << size) - 1 for size in sizes]
        self._left = steps

    def solve(
        self, wanted: Sequence[Obligation], within: Sequence[int] | None = None
    ) -> list[int] | None:
        """The masks of a solution, or None. Raises OutsideError when the budget is spent."""
        return self._solve(list(self._everything if within is None else within), list(wanted))

    def smallest(self, wanted: Sequence[Obligation], order: Sequence[int]) -> list[int] | None:
        """A solution as numbers of representatives, of which the first ones are preferred, in this order."""
        found = self.solve(wanted)
        if found is None:
            return None
        fixed = list(self._everything)
        for dimension in order:
            while (smaller := (found[dimension] & -found[dimension]) - 1) & fixed[dimension]:
                other = self.solve(wanted, [*fixed[:dimension], smaller, *fixed[dimension + 1 :]])
                if other is None:
                    break
                found = other
            fixed[dimension] = found[dimension] & -found[dimension]
        return [mask.bit_length() - 1 for mask in fixed]

    def _solve(self, state: list[int], wanted: list[Obligation]) -> list[int] | None:
        while True:
            open_obligations = self._propagated(state, wanted)
            if open_obligations is None:
                return None
            if not open_obligations:
                return state
            wanted = open_obligations
            smallest = min(wanted, key=_order)
            others = [each for each in wanted if each is not smallest]
            for alternative in smallest[:-1]:
                found = self._solve(
                    _within(state, alternative.box), [*alternative.further, *others]
                )
                if found is not None:
                    return found
                if len(alternative.box) == 1 and not alternative.further:
                    dimension, mask = alternative.box[0]
                    state[dimension] &= ~mask
                    if not state[dimension]:
                        return None
            # The last alternative needs no return.
            last = smallest[-1]
            if not _is_possible(state, last.box):
                return None
            state = _within(state, last.box)
            wanted = [*last.further, *others]

    def _propagated(self, state: list[int], wanted: list[Obligation]) -> list[Obligation] | None:
        """What is still open when all that has only one alternative is met; None if something cannot be met."""
        changed = True
        while changed:
            changed = False
            still: list[Obligation] = []
            waiting = wanted[::-1]
            while waiting:
                obligation = waiting.pop()
                self._left -= len(obligation)
                live = _live(state, obligation)
                if live is None:
                    continue
                if not live:
                    return None
                only, *others = live
                if others:
                    still.append(live)
                    continue
                for dimension, mask in only.box:
                    state[dimension] &= mask
                waiting.extend(only.further)
                changed = True
            wanted = still
            if self._left < 0:
                raise OutsideError(f"a search of more than {STEPS:,} steps")
        return wanted


def _live(state: list[int], obligation: Obligation) -> Obligation | None:
    """The alternatives that are possible; None if one is met already."""
    live: list[Alternative] = []
    for alternative in obligation:
        is_met = not alternative.further
        for dimension, mask in alternative.box:
            here = state[dimension]
            if not here & mask:
                break
            if here & ~mask:
                is_met = False
        else:
            if is_met:
                return None
            live.append(alternative)
    return tuple(live)


def _is_possible(state: list[int], box: Box) -> bool:
    return all(state[dimension] & mask for dimension, mask in box)


def _within(state: list[int], box: Box) -> list[int]:
    state = list(state)
    for dimension, mask in box:
        state[dimension] &= mask
    return state


def _order(obligation: Obligation) -> tuple[int, int]:
    """What has most consequences comes first: that no way is open, then the ways, then what denies on the way."""
    return -max(len(each.further) for each in obligation), len(obligation)
