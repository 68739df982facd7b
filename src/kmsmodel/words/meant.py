"""
What was perhaps meant by a name that does not exist: a known name that is spelled almost so.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

ALIKE = 0.7
"""So alike are a name and what is suggested for it; 1 is equal."""

ALMOST = 0.87
"""So alike are a slip and what is meant, where an unknown name may be right; `source` and `resource` are less so."""


def meant(found: str, known: Iterable[str], *, most: int = 1, alike: float = ALIKE) -> list[str]:
    """The known names that go on where this one ends, if several may be told, or else the one that is most alike."""
    by_lower = {each.lower(): each for each in known}
    wanted = found.lower()
    longer = [each for each in by_lower if each.startswith(wanted)] if most > 1 else []
    close = longer[:most] or get_close_matches(wanted, by_lower, 1, alike)
    return [by_lower[each] for each in close]


def perhaps(found: str, known: Iterable[str], *, most: int = 1, alike: float = ALIKE) -> str:
    """What is perhaps meant, to stand behind an error's message; empty if nothing is."""
    close = meant(found, known, most=most, alike=alike)
    return f"; perhaps {' or '.join(map(repr, close))} is meant" if close else ""
