"""
Places in the text of a policy: at which line and column a statement, an element or a value stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias, final

from attrs import frozen

Path: TypeAlias = "tuple[str | int, ...]"
"""The way to a value in a JSON text: names of members, and numbers in lists from 0."""


@final
@frozen
class Place:
    """A place in a text: its line and its column, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@final
@frozen
class Places:
    """Where the values of a JSON text stand, the whole first, and the names of its members."""

    text: str
    values: Mapping[Path, int]
    names: Mapping[Path, int]
    twice: tuple[Path, ...] = ()
    """The names that stand twice in their object."""

    def of(self, *path: str | int) -> Place:
        """The place of a value, or of what is around it if there is no such value."""
        found = self.values.get(path)
        return self.of(*path[:-1]) if found is None else self._at(found)

    def of_name(self, *path: str | int) -> Place:
        """The place of the name of a member, or of what is around it if there is no such member."""
        found = self.names.get(path)
        return self.of(*path[:-1]) if found is None else self._at(found)

    def statement(self, number: int) -> Path:
        """The path of a statement, counted from 1, in a list or alone."""
        path: Path = ("Statement", number - 1)
        return path if path in self.values else ("Statement",)

    def _at(self, offset: int) -> Place:
        before = self.text[:offset]
        return Place(before.count("\n") + 1, offset - before.rfind("\n"))


@lru_cache(64)
def places(text: str) -> Places:
    """The places in a JSON text; of a text that is not JSON, those before the mistake."""
    values: dict[Path, int] = {}
    names: dict[Path, int] = {}
    twice: list[Path] = []
    try:
        for path, offset, is_name in _read(text, _past_blanks(text, 0), (), []):
            known = names if is_name else values
            if is_name and path in known:
                twice.append(path)
            known.setdefault(path, offset)
    except (ValueError, IndexError, RecursionError):
        pass
    return Places(text, values, names, tuple(twice))


_Found: TypeAlias = "tuple[Path, int, bool]"

_DEPTH = 8
"""Document, statements, statement, condition, operator, key, value: what lies deeper is not a policy."""

_BLANKS = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


def _past_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()


def _read(text: str, at: int, path: Path, end: list[int]) -> Iterator[_Found]:
    """The values and names from an offset on; ``end`` gets the offset behind them."""
    yield path, at, False
    if text[at] not in "{[" or len(path) == _DEPTH:
        end.append(_decode(text, at)[1])
        return
    is_object, closing = text[at] == "{", "}" if text[at] == "{" else "]"
    at = _past_blanks(text, at + 1)
    number = 0
    while text[at] != closing:
        member: str | int = number
        if is_object:
            decoded, after = _decode(text, at)
            member = _name(decoded)
            yield (*path, member), at, True
            at = _past_blanks(text, _past(":", text, after))
        ends: list[int] = []
        yield from _read(text, at, (*path, member), ends)
        at = _past_blanks(text, ends[0])
        if text[at] != closing:
            at = _past_blanks(text, _past(",", text, at))
        number += 1
    end.append(at + 1)


def _name(decoded: object) -> str:
    if isinstance(decoded, str):
        return decoded
    raise ValueError


def _past(mark: str, text: str, at: int) -> int:
    at = _past_blanks(text, at)
    if text[at] != mark:
        raise ValueError
    return at + 1
