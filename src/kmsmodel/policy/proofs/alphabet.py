"""
Characters that stand for all: those that patterns know, and for each set of the others that they treat alike one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import final

from attrs import frozen

SMALL_LETTERS = "abcdefghijklmnopqrstuvwxyz"
LETTERS = SMALL_LETTERS + SMALL_LETTERS.upper() + "0123456789"
_READABLE = "".join(sorted(LETTERS, key=lambda letter: (not letter.islower(), letter))) + "-_."


@final
@frozen(cache_hash=True)
class Letters:
    """A set of characters: those listed, or all others."""

    listed: frozenset[str]
    all_others: bool = False

    def __contains__(self, letter: str) -> bool:
        return (letter in self.listed) is not self.all_others


@final
class Alphabet:
    """
    The characters that patterns know, and for each group that classes treat alike one that they do not know.

    A set of them is a mask, whose first bit is the most legible one. ``groups`` are those that classes treat alike,
    ``halves`` those of surrogate pairs, ``beyond`` those beyond U+FFFF, and ``high`` all from U+D800 on.
    """

    def __init__(self, told: frozenset[str], classes: tuple[Letters, ...]) -> None:
        groups = {
            held: list(islice((each for each in group if each not in told), 1))
            for held, group in _groups(classes).items()
        }
        for letter in told:
            if not "\ud800" <= letter <= "\udfff":
                groups.setdefault(_held(letter, classes), []).append(letter)
        letters = told.union(*groups.values())
        self._letters = sorted(letters, key=_legibility)
        self._bits = {letter: 1 << bit for bit, letter in enumerate(self._letters)}
        self.groups = tuple(map(self.mask, groups.values()))
        self.high = self.mask(each for each in letters if each >= "\ud800")
        self.halves = self.high & ~sum(self.groups)
        self.beyond = self.mask(each for each in letters if each > "\uffff")

    def mask(self, letters: Iterable[str]) -> int:
        """The mask of some of these characters."""
        return sum(map(self._bits.__getitem__, letters))

    def listed(self, mask: int) -> list[str]:
        """The characters of a mask, the most legible first."""
        listed: list[str] = []
        while mask:
            listed.append(self._letters[(mask & -mask).bit_length() - 1])
            mask &= mask - 1
        return listed


@lru_cache(256)
def _groups(classes: tuple[Letters, ...]) -> dict[tuple[bool, ...], list[str]]:
    """Characters by the classes that they are in, the most legible first."""
    known = frozenset(_READABLE).union(*(each.listed for each in classes))
    groups: dict[tuple[bool, ...], list[str]] = {}
    for letter in sorted(known, key=_legibility):
        groups.setdefault(_held(letter, classes), []).append(letter)
    groups.setdefault((False,) * len(classes), []).extend(map(chr, range(0xC0, 0x300)))
    return groups


def _held(letter: str, classes: tuple[Letters, ...]) -> tuple[bool, ...]:
    return tuple([letter in each.listed for each in classes])


@lru_cache(4096)
def _legibility(letter: str) -> tuple[int, str]:
    found = _READABLE.find(letter)
    return (len(_READABLE) if found < 0 else found, letter)


def legibility(text: str) -> tuple[int, list[tuple[int, str]]]:
    """The order in which a walk comes to texts."""
    return len(text), list(map(_legibility, text))
