"""
The shapes that hold one value each: strings, blobs, numbers, booleans, timestamps and enumerations.

Each knows how its values read in JSON, and which values satisfy its constraints. An error that a value has the wrong
type is raised at once; constraints that it does not satisfy are gathered.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, cast, final

from attrs import frozen

from kmsmodel.errors import SerializationException
from kmsmodel.words.dates import in_utc
from kmsmodel.words.shapes import Length, Range
from kmsmodel.words.violations import violation, wrong_length, wrong_number, wrong_type

_LARGEST_INTEGER = 2**63 - 1


class Shape(Protocol):
    """What a value of the API is made of."""

    def check(self, value: object, path: str, violations: list[str], /) -> object:
        """The value as the shape keeps it; what it does not satisfy is added to ``violations``."""
        ...

    def read(self, data: object, path: str, violations: list[str], /) -> object:
        """What JSON holds, checked: `from_json` and `check` in one pass."""
        ...

    def from_json(self, data: object, /) -> object:
        """What JSON holds."""
        ...

    def to_json(self, value: Any, /) -> Any:
        """The value as JSON has it."""
        ...

    def to_member(self, value: Any, /) -> Any:
        """The value as an AWS SDK for Python has it."""
        ...


@final
class Regex:
    """A regular expression of Java, which knows only ASCII classes and must match the whole string."""

    def __init__(self, spelled: str) -> None:
        self.spelled = spelled
        self.fits = re.compile(spelled.replace(r"\p{ASCII}", r"[\x00-\x7f]"), re.ASCII).fullmatch


@final
@frozen
class String:
    length: Length | None = None
    pattern: Regex | None = None
    hidden: bool = False

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, str):
            raise wrong_type(value, "a String")
        if not value.isascii():
            _refuse_surrogates(value)
        length = self.length
        if length is not None and not length.minimum <= len(value) <= length.maximum:
            violations += wrong_length(value, length, path, None if self.hidden else value)
        if self.pattern is not None and self.pattern.fits(value) is None:
            rule = f"satisfy regular expression pattern: {self.pattern.spelled}"
            violations.append(violation(path, None if self.hidden else value, rule))
        return value

    read = check

    def from_json(self, data: object) -> str:
        if not isinstance(data, str):
            raise wrong_type(data, "a String")
        _refuse_surrogates(data)
        return data

    def to_json(self, value: str) -> str:
        return value

    def to_member(self, value: str) -> str:
        return value


def _refuse_surrogates(text: str) -> None:
    """Half of a pair of code units is not a character, and no UTF-8 has it."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise SerializationException


@final
@frozen
class Blob:
    """Bytes, which no message shows. A message that they are missing says so, unless they are hidden."""

    length: Length | None = None
    hidden: bool = False

    def check(self, value: object, path: str, violations: list[str]) -> object:
        blob = _bytes(value)
        length = self.length
        if length is not None and not length.minimum <= len(blob) <= length.maximum:
            violations += wrong_length(blob, length, path, None)
        return blob

    def read(self, data: object, path: str, violations: list[str]) -> object:
        return self.check(self.from_json(data), path, violations)

    def from_json(self, data: object) -> bytes:
        if isinstance(data, str):
            try:
                return binascii.a2b_base64(data, strict_mode=True)
            except ValueError:
                refused = SerializationException()
                refused.add_note("a string in the place of bytes must be base64")
                raise refused from None
        return _bytes(data)

    def to_json(self, value: bytes) -> str:
        return binascii.b2a_base64(value, newline=False).decode()

    def to_member(self, value: bytes) -> bytes:
        return value


def _bytes(value: object) -> bytes:
    """Bytes, also in the place of what is like them."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        try:
            return bytes(cast("bytearray", value))
        except ValueError:  # a memoryview that was released
            raise SerializationException from None
    raise wrong_type(value, "a Blob")


@final
@frozen
class Integer:
    range: Range | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_INTEGER:
            raise wrong_type(value, "an Integer")
        if self.range is not None and not self.range.minimum <= value <= self.range.maximum:
            violations += wrong_number(value, self.range, path)
        return value

    def read(self, data: object, path: str, violations: list[str]) -> object:
        return self.check(self.from_json(data), path, violations)

    def from_json(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise wrong_type(data, "an Integer")
        if (
            not -_LARGEST_INTEGER <= data <= _LARGEST_INTEGER
        ):  # nor is infinity, or what is no number
            raise wrong_type(data, "an Integer")
        return int(data)

    def to_json(self, value: int) -> int:
        return value

    def to_member(self, value: int) -> int:
        return value


@final
@frozen
class Boolean:
    def check(self, value: object, path: str, violations: list[str]) -> object:
        return self.from_json(value)

    read = check

    def from_json(self, data: object) -> bool:
        if not isinstance(data, bool):
            raise wrong_type(data, "a Boolean")
        return data

    def to_json(self, value: bool) -> bool:
        return value

    def to_member(self, value: bool) -> bool:
        return value


@final
@frozen
class Timestamp:
    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, datetime):
            raise wrong_type(value, "a Timestamp")
        return self.from_json(value)

    def read(self, data: object, path: str, violations: list[str]) -> object:
        return self.from_json(data)

    def from_json(self, data: object) -> datetime:
        date = data
        try:
            if isinstance(data, str):
                date = datetime.fromisoformat(data)
            elif isinstance(data, int | float) and not isinstance(data, bool):
                date = datetime.fromtimestamp(data, UTC)
            if isinstance(date, datetime) and date.utcoffset() is not None:
                return in_utc(date)
        except (ValueError, OverflowError, OSError):
            raise SerializationException from None
        refused = wrong_type(data, "a Timestamp")
        if isinstance(date, datetime):
            refused.add_note("a datetime needs a time zone")
        raise refused

    def to_json(self, value: datetime) -> float:
        return value.timestamp()

    def to_member(self, value: datetime) -> datetime:
        return value


@final
@frozen
class Enumeration:
    members: Mapping[str, StrEnum]
    told: tuple[str, ...]
    unlisted: str | None = None

    @property
    def rule(self) -> str:
        """What a value must satisfy."""
        return f"satisfy enum value set: [{', '.join(self.told)}]"

    def check(self, value: object, path: str, violations: list[str]) -> object:
        member = self.from_json(value)
        if member not in self.members and member != self.unlisted:
            violations.append(violation(path, member, self.rule))
        return member

    read = check

    def from_json(self, data: object) -> str:
        if not isinstance(data, str):
            raise wrong_type(data, "a String")
        return self.members.get(data, data)

    def to_json(self, value: str) -> str:
        return str(value)

    to_member = to_json
