"""
Texts that stand for all texts: one for each set of patterns that a text can have.

Texts are walked shortest first, over the states of all patterns at once; a state is one integer with a bit for each
place in a pattern. Characters that the patterns treat alike are walked once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import TypeAlias, final

from kmsmodel.policy.patterns import Text, Wildcard
from kmsmodel.policy.proofs.alphabet import LETTERS, SMALL_LETTERS, Alphabet, Letters
from kmsmodel.policy.values import arn_pattern, lower

MOST_STATES = 20_000
"""So many states of the patterns of one condition key are walked."""

MOST_WORK = 1_000_000
"""So many moves from one state to the next are made, each counted once for every thousand places of the patterns."""


@final
class OutsideError(Exception):
    """A question has a construct of which nothing can be said; the message names it."""


# ---- patterns

Pattern: TypeAlias = "tuple[tuple[Letters, bool], ...]"
"""Sets of characters, one after the other, each for one unit of UTF-16 or for any run of them."""

ANY = Letters(frozenset(), all_others=True)
NO_COLON = Letters(frozenset(":"), all_others=True)
NO_SLASH = Letters(frozenset("/"), all_others=True)
DIGITS = Letters(frozenset("0123456789"))
OF_NAMES = Letters(frozenset(LETTERS + "_+=,.@-"))
OF_PATHS = Letters(frozenset(map(chr, range(0x21, 0x7F))))
OF_IDS = Letters(frozenset(SMALL_LETTERS + "0123456789-"))
OF_LABELS = Letters(frozenset(LETTERS + "-"))
OF_DOMAINS = Letters(frozenset(LETTERS + "-."))
_OF_INTERNAL_DOMAINS = Letters(frozenset(SMALL_LETTERS + "0123456789-."))


def _units(text: str) -> Iterator[str]:
    for letter in text:
        if letter <= "\uffff":
            yield letter
        else:
            encoded = letter.encode("utf-16-be")
            yield from (chr(int.from_bytes(encoded[at : at + 2], "big")) for at in (0, 2))


@lru_cache(4096)
def _only(unit: str) -> Letters:
    return Letters(frozenset(unit))


def exactly(text: str) -> Pattern:
    """The pattern of one text."""
    return tuple((_only(unit), False) for unit in _units(text))


def like(text: Text, wildcards: Letters = ANY) -> Pattern:
    """The pattern with wildcards, which stand for these characters."""
    pattern: list[tuple[Letters, bool]] = []
    for piece in text:
        if not isinstance(piece, str):
            pattern.append((wildcards, piece is Wildcard.ANY_RUN))
        else:
            _refuse_halves(piece)
            pattern.extend(exactly(piece))
    return tuple(pattern)


def _refuse_halves(text: str) -> None:
    """Raises OutsideError for half of a character, which a wildcard may complete."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise OutsideError(f"half of a character in {text!r}")


def like_arn(text: Text) -> Pattern | None:
    """The pattern of an ARN, in which no wildcard crosses a colon but in the last part; None if it is not an ARN."""
    parts = arn_pattern(text)
    if parts is None:
        return None
    first = (like(part, NO_COLON) + exactly(":") for part in parts[:-1])
    return (*(each for part in first for each in part), *like(parts[-1]))


def ignoring_case(text: str) -> Pattern:
    """The pattern of all texts that are this one in lower case."""
    _refuse_halves(text)
    lowered = lower(text)
    if set("\u03c3\u03c2\u0307") & set(lowered):
        raise OutsideError(
            f"{text!r} without regard to case: what its lower case is depends on places"
        )
    pattern: list[tuple[Letters, bool]] = []
    for letter in lowered:
        if letter > "\uffff":
            pattern.extend(exactly(letter))
        else:
            pattern.append((_letters_lowered_to(letter), False))
    return tuple(pattern)


@lru_cache(4096)
def _letters_lowered_to(letter: str) -> Letters:
    if letter.isascii():
        others = {"k": "\u212a", "\u00e5": "\u212b"}.get(letter, "")
        return Letters(frozenset(letter + letter.upper() + others))
    return Letters(frozenset(each for each in map(chr, range(0x10000)) if each.lower() == letter))


IS_ARN: Pattern = (
    *exactly("arn:"),
    *(each for _ in range(4) for each in ((NO_COLON, True), *exactly(":"))),
    (ANY, True),
)
IS_TRUE: Pattern = tuple((Letters(frozenset(each + each.upper())), False) for each in "true")
ACCOUNT_ID: Pattern = ((DIGITS, False),) * 12

SUFFIXES = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    ".sc2s.sgov.gov",
)
"""How the endpoints of each partition end. Source: the partitions that come with the AWS SDK for Python."""


def _ending(suffix: str) -> Pattern:
    return ((OF_LABELS, False), (OF_DOMAINS, True), *exactly(suffix))


SERVICE_ENDPOINTS: tuple[Pattern, ...] = tuple(map(_ending, SUFFIXES))
"""The names of services with their Regions, as ``kms:ViaService`` has them."""
SERVICES: tuple[Pattern, ...] = (
    *map(_ending, SUFFIXES[:2]),
    ((_OF_INTERNAL_DOMAINS, False), (_OF_INTERNAL_DOMAINS, True), *exactly(".internal")),
)
"""The names that `principal` takes for services."""


# ---- the walk

_FEW = 4
"""A set with so few characters in its list is told apart letter by letter."""


@final
class Walk:
    """The states that texts lead to in several patterns at once."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.starts: list[int] = []
        self.accepts: list[int] = []
        self._runs = 0
        self._listed: dict[str, int] = {}
        self._excluded: dict[str, int] = {}
        self._others = 0
        self._classes: dict[Letters, int] = {}
        at = 1
        for pattern in patterns:
            self.starts.append(at)
            for letters, is_run in pattern:
                self._place(at, letters, is_run=is_run)
                at <<= 1
            self.accepts.append(at)
            at <<= 1
        self._places = at.bit_length() - 1
        self._accepting = sum(self.accepts)
        pairs = _pairs(patterns) if max(self._listed, default="") >= "\ud800" else ()
        known = frozenset((*self._listed, *self._excluded, *pairs))
        self._alphabet = Alphabet(known, tuple(self._classes))
        self._told = tuple(
            (
                self._alphabet.mask(letter),
                self._listed.get(letter, 0) | self._excluded.get(letter, 0),
            )
            for letter in {**self._listed, **self._excluded}
        )
        self._moves: dict[str, tuple[tuple[int, int], ...]] = {}

    def _place(self, at: int, letters: Letters, *, is_run: bool) -> None:
        if is_run:
            self._runs |= at
        if len(letters.listed) > _FEW:
            self._classes[letters] = self._classes.get(letters, 0) | at
            return
        if letters.all_others:
            self._others |= at
        known = self._excluded if letters.all_others else self._listed
        for letter in letters.listed:
            known[letter] = known.get(letter, 0) | at

    def start(self, chosen: Iterable[int] | None = None) -> int:
        """The state before any text, in these patterns or in all."""
        numbers = range(len(self.starts)) if chosen is None else chosen
        return self._closed(sum(self.starts[number] for number in numbers))

    def _closed(self, state: int) -> int:
        while (further := state | (state & self._runs) << 1) != state:
            state = further
        return state

    def after(self, state: int, text: str) -> int:
        """The state that a text leads to."""
        runs = self._runs
        for letter in text:
            if not state:
                break
            for steps, stays in self._moves.get(letter) or self._moved(letter):
                state = (state & steps) << 1 | (state & stays)
                while (further := state | (state & runs) << 1) != state:
                    state = further
        return state

    def _moved(self, letter: str) -> tuple[tuple[int, int], ...]:
        """For each unit of a character, the places that it leads on from, and those that it stays at."""
        moves = self._moves[letter] = tuple(map(self._move, _units(letter)))
        return moves

    def _move(self, unit: str) -> tuple[int, int]:
        able = self._others & ~self._excluded.get(unit, 0) | self._listed.get(unit, 0)
        for letters, places in self._classes.items():
            if unit in letters:
                able |= places
        return able & ~self._runs, able & self._runs

    def accepted(self, state: int) -> int:
        """Which patterns accept what leads to this state."""
        return state & self._accepting

    def letters(self, state: int) -> list[str]:
        """Characters that show everything that can happen next; the most legible come first."""
        alphabet = self._alphabet
        told = sum([letter for letter, places in self._told if state & places])
        found = told & ~alphabet.halves
        for group in alphabet.groups:
            others = group & ~told
            found |= others & -others
        if told & alphabet.high:
            found |= alphabet.beyond
        return alphabet.listed(found)

    def cells(
        self, start: int, shape: int, refused: frozenset[str], candidates: Iterable[str]
    ) -> tuple[dict[int, str], set[int]]:
        """
        For each set of patterns that a text can have, such a text, and the sets for which only refused ones were met.

        Of the first ``shape`` patterns, a text must have one, if there are any; they are no part of the sets.
        """
        within = sum(self.accepts[:shape])
        in_shape = (1 << within.bit_length()) - 1
        cells: dict[int, str] = {}
        only_refused: set[int] = set()

        def meet(state: int, text: str) -> None:
            accepted = self.accepted(state)
            if within and not accepted & within:
                return
            if text in refused:
                only_refused.add(accepted & ~within)
            else:
                cells.setdefault(accepted & ~within, text)

        for text in candidates:
            meet(self.after(start, text), text)
        seen = {start}
        waiting = deque(((start, ""),))
        work, places = 0, 1 + self._places // 1000
        while waiting:
            state, text = waiting.popleft()
            meet(state, text)
            letters = self.letters(state)
            work += len(letters) * places
            if work > MOST_WORK:
                raise OutsideError(f"more than {MOST_WORK:,} moves in the patterns of one key")
            for letter in letters:
                following = self.after(state, letter)
                if following in seen or (shape and not following & in_shape):
                    continue
                seen.add(following)
                if len(seen) > MOST_STATES:
                    raise OutsideError(
                        f"more than {MOST_STATES:,} states of the patterns of one key"
                    )
                waiting.append((following, text + letter))
        return cells, only_refused - cells.keys()


def _pairs(patterns: Iterable[Pattern]) -> Iterator[str]:
    """The characters that are two units of UTF-16 in a pattern."""
    for pattern in patterns:
        for (high, _), (low, _) in pairwise(pattern):
            if _is_one_of(high, "\ud800", "\udbff") and _is_one_of(low, "\udc00", "\udfff"):
                pair = "".join((*high.listed, *low.listed))
                yield pair.encode("utf-16-be", "surrogatepass").decode("utf-16-be")


def _is_one_of(letters: Letters, first: str, last: str) -> bool:
    return len(letters.listed) == 1 and first <= next(iter(letters.listed)) <= last


@lru_cache(64)
def _walk(shape: tuple[Pattern, ...]) -> Walk:
    return Walk(shape)


def texts(
    literals: Iterable[str],
    patterns: Iterable[Pattern] = (),
    *,
    shape: tuple[Pattern, ...] = (),
    candidates: tuple[str, ...] = ("other", "another"),
) -> list[str]:
    """
    The literals, and for each set of patterns that a text can have one that is not a literal, if there is one.

    ``shape`` are the patterns of which each text must have one; the candidates have it, and are preferred. Raises
    OutsideError beyond the bound on states.
    """
    listed = list(dict.fromkeys(literals))
    if shape and listed:
        walk = _walk(shape)
        listed = [each for each in listed if walk.accepted(walk.after(walk.start(), each))]
    found = others(frozenset(listed), tuple(patterns), shape=shape, candidates=candidates)
    return [*listed, *found]


@lru_cache(512)
def others(
    refused: frozenset[str],
    patterns: tuple[Pattern, ...],
    *,
    shape: tuple[Pattern, ...],
    candidates: tuple[str, ...],
    begun: tuple[int, str] = (0, ""),
) -> tuple[str, ...]:
    """
    For each set of patterns that a text can have, one text that is not refused, if there is one.

    So many patterns as ``begun`` says have read a text before.
    """
    if all(each == ((ANY, True),) for each in patterns):
        fresh = (
            each for each in chain(candidates, _numbered(candidates[0])) if each not in refused
        )
        return (next(fresh),)
    read, before = begun
    literals = tuple(map(exactly, sorted(refused)))
    # A pattern of one literal is met by that only.
    apart = () if frozenset(patterns).isdisjoint(literals) else literals
    while True:
        walk = Walk((*shape, *patterns, *apart))
        beginners = range(len(shape), len(shape) + read)
        start = walk.after(walk.start(beginners), before) | walk.start(
            each for each in range(len(walk.starts)) if each not in beginners
        )
        cells, only_refused = walk.cells(start, len(shape), refused, candidates)
        if apart or not only_refused:
            return tuple(cells.values())
        # Of some sets, only literals were met: walk again, and tell literals from all other texts.
        apart = literals


MOST_ROUNDS = 8
"""So often texts that differ from others only in case are looked for others."""


def in_other_words(
    found: Sequence[str], literals: Iterable[str], patterns: Iterable[Pattern], known: Iterable[str]
) -> list[str]:
    """
    More texts, so that each set of patterns has one that differs from the literals and from those of other sets by more
    than case.

    The sets whose texts all are one of the ``known`` in lower case need none. Raises OutsideError if too many rounds
    find none.
    """
    refused, known, more = set(literals), frozenset(known), list(found)
    for _ in range(MOST_ROUNDS):
        first = {lower(each): each for each in reversed(more)}
        alike = {
            each
            for each in more
            if each not in refused and first[lower(each)] != each and lower(each) not in known
        }
        if not alike:
            return more[len(found) :]
        refused |= alike
        fresh = others(frozenset(refused), tuple(patterns), shape=(), candidates=())
        more += (each for each in fresh if each not in more)
    raise OutsideError("names that differ only in case")


def _numbered(name: str) -> Iterator[str]:
    stem, dot, rest = name.partition(".")
    number = 2
    while True:
        yield f"{stem}{number}{dot}{rest}"
        number += 1
