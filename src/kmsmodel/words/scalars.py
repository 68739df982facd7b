"""
The shapes that hold one value each: strings, blobs, numbers, booleans, timestamps and enumerations.

Each knows how its values are written in JSON, and which values satisfy its constraints. A value of the wrong type is an
error at once; violations of constraints are collected.
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
_A_MOMENT = "milliseconds since epoch"
"""What AWS calls the time that a value does not tell."""


class Shape(Protocol):
    """The type of a value in the API, with its constraints."""

    def check(self, value: object, path: str, violations: list[str], /) -> object:
        """The value as the shape keeps it; the constraints that it violates are added to ``violations``."""
        ...

    def read(self, data: object, path: str, violations: list[str], /) -> object:
        """The value in JSON, checked: `from_json` and `check` in one pass."""
        ...

    def from_json(self, data: object, /) -> object:
        """The value in JSON, not checked against constraints."""
        ...

    def to_json(self, value: Any, /) -> Any:
        """The value as plain JSON."""
        ...

    def to_member(self, value: Any, /) -> Any:
        """The value as an AWS SDK for Python gives it."""
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
        if type(value) is not str:
            value = _plain(value)
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
        text = _plain(data)
        _refuse_surrogates(text)
        return text

    def to_json(self, value: str) -> str:
        return value

    def to_member(self, value: str) -> str:
        return value


def _plain(value: object) -> str:
    """The string as a value of `str` itself, whatever subclass it is of. Raises SerializationException."""
    if not isinstance(value, str):
        raise wrong_type(value, "a String")
    return str.__str__(value)


def _refuse_surrogates(text: str) -> None:
    """Refuse half of a surrogate pair, which is not a character and cannot be written in UTF-8."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise SerializationException


@final
@frozen
class Blob:
    """Bytes, which no message shows. A message that they are missing says so, unless they are hidden."""

    length: Length | None = None
    hidden: bool = False

    def check(self, value: object, path: str, violations: list[str]) -> object:
        return self._measured(_bytes(value), path, violations)

    def read(self, data: object, path: str, violations: list[str]) -> object:
        return self._measured(self.from_json(data), path, violations)

    def _measured(self, blob: bytes, path: str, violations: list[str]) -> bytes:
        length = self.length
        if length is not None and not length.minimum <= len(blob) <= length.maximum:
            violations += wrong_length(blob, length, path, None)
        return blob

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
    """The bytes of a bytes-like value."""
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
        if not -_LARGEST_INTEGER <= data <= _LARGEST_INTEGER:  # nor may it be infinity or NaN
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
    """A moment: a number of seconds in JSON, where AWS takes no text."""

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, datetime):
            raise wrong_type(value, _A_MOMENT)
        return self.from_json(value)

    def read(self, data: object, path: str, violations: list[str]) -> object:
        return self.from_json(data)

    def from_json(self, data: object) -> datetime:
        date = data
        try:
            if isinstance(data, int | float) and not isinstance(data, bool):
                date = datetime.fromtimestamp(data, UTC)
            if isinstance(date, datetime) and date.utcoffset() is not None:
                return in_utc(date)
        except (ValueError, OverflowError, OSError):
            raise SerializationException from None
        refused = wrong_type(data, _A_MOMENT)
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
        """The rule that a value must satisfy, in AWS's words."""
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
