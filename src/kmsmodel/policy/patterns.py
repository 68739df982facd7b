"""
Patterns with wildcards: ``*`` stands for any run of characters, ``?`` for one.

Nothing else is special: there are no classes and no escapes. One character is one unit of UTF-16, as AWS counts them.
Sources: *Resource* in the IAM User Guide; what was recorded of AWS in September 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from functools import lru_cache
from typing import TypeAlias, final


@final
class Wildcard(Enum):
    """What stands for other characters."""

    ANY_RUN = "*"
    ANY_ONE = "?"


Text: TypeAlias = "tuple[str | Wildcard, ...]"
"""A pattern in its pieces: characters as they are, and wildcards."""

Matcher: TypeAlias = Callable[[str], bool]


@lru_cache(4096)
def pieces(pattern: str) -> Text:
    """The pieces of a pattern in which each ``*`` and ``?`` is a wildcard."""
    return tuple(
        Wildcard(piece) if piece in {"*", "?"} else piece
        for piece in _WILDCARDS.split(pattern)
        if piece
    )


_WILDCARDS = re.compile("([*?])")


def matcher(text: Text) -> Matcher:
    """Whether a whole string matches a pattern."""
    if text == (Wildcard.ANY_RUN,):
        return lambda _: True
    if not any(isinstance(piece, Wildcard) for piece in text):
        return "".join(map(str, text)).__eq__
    prefix, *others = text
    if isinstance(prefix, str) and others == [Wildcard.ANY_RUN]:
        return lambda found: found.startswith(prefix)
    matches = re.compile(_regex(text), re.DOTALL).fullmatch
    return lambda found: matches(_in_units(found)) is not None


@lru_cache(4096)
def glob(pattern: str) -> Matcher:
    """Whether a whole string matches a pattern in which each ``*`` and ``?`` is a wildcard."""
    return matcher(pieces(pattern))


def _regex(text: Text) -> str:
    """
    Between two wildcards for runs, the first place that fits is as good as any later one, so nothing is tried twice.
    """
    runs: list[list[str]] = [[]]
    for piece in text:
        if piece is Wildcard.ANY_RUN:
            runs.append([])
        else:
            runs[-1].append("." if piece is Wildcard.ANY_ONE else re.escape(_in_units(piece)))
    first, *others = ("".join(run) for run in runs)
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{run})" for run in middle if run) + f".*{last}"


def _in_units(text: str) -> str:
    """The text with a character for each unit of UTF-16."""
    if text.isascii():
        return text
    return "".join(_units(text))


def _units(text: str) -> Iterable[str]:
    for character in text:
        encoded = character.encode(_UTF_16, "surrogatepass")
        for at in range(0, len(encoded), 2):
            yield chr(int.from_bytes(encoded[at : at + 2]))


_UTF_16 = "utf-16-be"
