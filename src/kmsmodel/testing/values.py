"""
Values by the hints of AWS's shapes: within their constraints, just outside of them, or what no caller should send.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from attrs import NOTHING, Attribute, fields, has
from hypothesis import strategies as st

from kmsmodel.key.tag import Tag
from kmsmodel.words.enumerations import OriginType
from kmsmodel.words.shapes import Length, Pattern, Range

T = TypeVar("T")

NOW = datetime(2026, 11, 24, 12, 30, 15, 123456, tzinfo=UTC)
"""The time that dates are drawn about; to the microsecond, so that a date that is rounded is noticed."""

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)

LONGEST = 24
"""The greatest length of values without a shape; longer ones tell nothing more."""

_text = st.characters(exclude_categories=["Cs"])


def values(hint: Any) -> st.SearchStrategy[Any]:
    """What is within the constraints of a shape."""
    kind, constraints = _taken_apart(hint)
    length: Length | None = constraints.get(Length)
    pattern: Pattern | None = constraints.get(Pattern)
    bounds = constraints.get(Range)
    least = length.minimum if length else 0
    most = min(length.maximum, least + LONGEST) if length else LONGEST
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), min_size=least, max_size=most).map(tuple)
    if get_origin(kind) is Mapping:
        return st.dictionaries(st.text(_text, max_size=5), st.text(_text, max_size=5), max_size=3)
    if has(kind):
        return structures(kind, values)
    if issubclass(kind, StrEnum):
        return st.sampled_from(list(kind))
    if kind is str and pattern is not None:
        return _matching(pattern.regex, least, most)
    simple: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
        str: lambda: st.text(_text, min_size=least, max_size=most),
        bytes: lambda: st.binary(min_size=least, max_size=most),
        int: lambda: st.integers(bounds.minimum, bounds.maximum) if bounds else st.integers(),
        bool: st.booleans,
        datetime: dates,
    }
    return simple[kind]()


def nearly(hint: Any) -> st.SearchStrategy[Any]:
    """What has the right type and breaks a constraint, where there is one to break."""
    kind, constraints = _taken_apart(hint)
    length: Length | None = constraints.get(Length)
    bounds = constraints.get(Range)
    if get_origin(kind) is tuple:
        (item, *_) = get_args(kind)
        too_many = st.lists(values(item), min_size=11, max_size=60).map(tuple)
        return st.one_of(st.lists(nearly(item), max_size=3).map(tuple), too_many)
    if get_origin(kind) is Mapping:
        return values(kind)
    if has(kind):
        return structures(kind, lambda each: st.one_of(nearly(each), st.none()))
    if issubclass(kind, StrEnum):
        member = st.sampled_from([*kind]).map(lambda each: each.lower())
        return st.one_of(member, st.sampled_from(["", "UNKNOWN", "\u00e9", "SYMMETRIC_DEFAULT "]))
    longer = length.maximum + 1 if length else 10_000
    simple: dict[Any, list[Any]] = {
        str: ["", "\n", "\u20ac", "a" * longer, "0" * (length.minimum if length else 1)],
        bytes: [b"", b"\0", b"a" * longer],
        int: [0, -1, 2**31, 2**63],
        bool: [True, False],
        datetime: [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)],
    }
    if bounds is not None:
        simple[int] += [bounds.minimum - 1, bounds.maximum + 1]
    return st.sampled_from(simple[kind])


HOSTILE: Sequence[Any] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**400,
    0.5,
    float("inf"),
    float("nan"),
    1j,
    ...,
    int,
    "",
    "\ud800",
    "x" * 100_000,
    "\0",
    b"",
    b"\xff" * 10_000,
    bytearray(b"ab"),
    memoryview(b"ab"),
    range(3),
    datetime(2026, 1, 1),  # noqa: DTZ001 - a naive one, for once
    datetime.max.replace(tzinfo=UTC),
    [],
    [None],
    ["\ud800"],
    [[]],
    (10**400,) * 12,
    {},
    {1: "a"},
    {"a": None},
    {"a": "\udfff"},
    {"a": {}},
    {"a"},
    Tag(tag_key="a", tag_value="b"),
    Tag,
    OriginType.EXTERNAL,
)
"""What no caller should send."""


def hostile(_: Any) -> st.SearchStrategy[Any]:
    """What no caller should send, whatever the shape is."""
    return st.sampled_from(HOSTILE)


def structures(cls: type[T], of: Callable[[Any], st.SearchStrategy[Any]]) -> st.SearchStrategy[T]:
    """A structure, each member of which is drawn by its hint; what may be left out sometimes is."""
    hints = hints_of(cls)
    members: dict[str, st.SearchStrategy[Any]] = {}
    for member in members_of(cls):
        drawn = of(hints[member.name])
        members[member.name] = drawn if is_required(member) else st.one_of(st.none(), drawn)
    return st.builds(cls, **members)


def hints_of(cls: type[Any]) -> Mapping[str, Any]:
    """The hints of the members of a structure, with their constraints."""
    if cls not in _known_hints:
        _known_hints[cls] = get_type_hints(cls, include_extras=True)
    return _known_hints[cls]


_known_hints: dict[type[Any], Mapping[str, Any]] = {}


def members_of(cls: type[Any]) -> tuple[Attribute[Any], ...]:
    """The members of a structure, in AWS's order."""
    members: tuple[Attribute[Any], ...] = fields(cls)
    return members


def is_required(member: Attribute[Any]) -> bool:
    """Must a client give it?"""
    return member.default is NOTHING


def _taken_apart(hint: Any) -> tuple[Any, dict[type, Any]]:
    """The bare type of a hint, and its constraints by their kind."""
    if get_origin(hint) in {Union, UnionType}:
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is Annotated:
        kind, constraints = _taken_apart(hint.__origin__)
        return kind, constraints | {type(each): each for each in hint.__metadata__}
    return hint, {}


def _matching(regex: str, least: int, most: int) -> st.SearchStrategy[str]:
    characters = [chr(code) for code in range(256)]
    repeated = [c for c in characters if re.fullmatch(regex, c * max(least, 1), re.ASCII)]
    if repeated:
        return st.text(st.sampled_from(repeated), min_size=max(least, 1), max_size=max(most, 1))
    drawn = st.from_regex(
        re.compile(regex, re.ASCII), fullmatch=True, alphabet=st.characters(codec="ascii")
    )
    return drawn.filter(lambda text: least <= len(text) <= most)


def dates() -> st.SearchStrategy[datetime]:
    """Dates about `NOW`, as likely just before as just after what may be meant."""
    return spans().flatmap(lambda span: st.sampled_from([NOW + span, NOW - span]))


def spans() -> st.SearchStrategy[timedelta]:
    """How long one waits: not at all, or until just before, at or just after something that takes whole days."""
    days = st.sampled_from([0, 1 / 24, 1, 5, 7, 10, 20, 30, 80, 365]).map(lambda days: days * _DAY)
    off = st.sampled_from([timedelta(), _MICROSECOND, -_MICROSECOND])

    def waited(span: timedelta, by: timedelta) -> timedelta:
        return max(span + by, timedelta())

    return st.builds(waited, days, off)
