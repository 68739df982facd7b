"""
The shapes that hold one value each: strings, blobs, numbers, booleans, timestamps and enumerations.

Each knows how its values read in JSON, and which values satisfy its constraints.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Protocol, cast, final

from attrs import frozen

from kmsmodel.errors import SerializationException
from kmsmodel.words.dates import in_utc
from kmsmodel.words.shapes import Length, Range
from kmsmodel.words.violations import cannot, check_length, check_range, violation

_LARGEST_INTEGER = 2**63 - 1


class Shape(Protocol):
    """What a value of the API is made of."""

    def check(self, value: object, path: str, violations: list[str]) -> object:
        """The value as the shape keeps it; what it does not satisfy is added to ``violations``."""
        ...

    def to_json(self, value: Any) -> Any: ...

    def from_json(self, data: object) -> object: ...


@final
@frozen
class String:
    length: Length | None = None
    pattern: re.Pattern[str] | None = None
    hidden: bool = False

    def check(self, value: object, path: str, violations: list[str]) -> object:
        text = self.from_json(value)
        shown = None if self.hidden else text
        if self.length is not None:
            check_length(text, self.length, path, shown, violations)
        if self.pattern is not None and self.pattern.fullmatch(text) is None:
            rule = f"satisfy regular expression pattern: {self.pattern.pattern}"
            violations.append(violation(path, shown, rule))
        return value

    def to_json(self, value: str) -> str:
        return value

    def from_json(self, data: object) -> str:
        if not isinstance(data, str):
            raise cannot(data, "a String")
        if not data.isascii() and any("\ud800" <= character <= "\udfff" for character in data):
            raise SerializationException
        return data


@final
@frozen
class Blob:
    length: Length | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        value = _bytes(value)
        if not isinstance(value, bytes):
            raise cannot(value, "a Blob")
        if self.length is not None:
            check_length(value, self.length, path, None, violations)
        return value

    def to_json(self, value: bytes) -> str:
        return binascii.b2a_base64(value, newline=False).decode()

    def from_json(self, data: object) -> bytes:
        if isinstance(data, str):
            try:
                return binascii.a2b_base64(data, strict_mode=True)
            except ValueError:
                refused = SerializationException()
                refused.add_note("a string in the place of bytes must be base64")
                raise refused from None
        data = _bytes(data)
        if not isinstance(data, bytes):
            raise cannot(data, "a Blob")
        return data


def _bytes(value: object) -> object:
    """Bytes in the place of what is like them; what is not, as it is."""
    if not isinstance(value, bytearray | memoryview):
        return value
    try:
        return bytes(cast("bytearray", value))
    except ValueError:  # a memoryview that was released
        raise SerializationException from None


@final
@frozen
class Integer:
    range: Range | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_INTEGER:
            raise cannot(value, "an Integer")
        if self.range is not None:
            check_range(value, self.range, path, violations)
        return value

    def to_json(self, value: int) -> int:
        return value

    def from_json(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise cannot(data, "an Integer")
        if isinstance(data, float) and not isfinite(data):
            raise cannot(data, "an Integer")
        return int(data)


@final
@frozen
class Boolean:
    def check(self, value: object, path: str, violations: list[str]) -> object:
        return self.from_json(value)

    def to_json(self, value: bool) -> bool:
        return value

    def from_json(self, data: object) -> bool:
        if not isinstance(data, bool):
            raise cannot(data, "a Boolean")
        return data


@final
@frozen
class Timestamp:
    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, datetime):
            raise cannot(value, "a Timestamp")
        return self.from_json(value)

    def to_json(self, value: datetime) -> float:
        return value.timestamp()

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
        refused = cannot(data, "a Timestamp")
        if isinstance(date, datetime):
            refused.add_note("a datetime needs a time zone")
        raise refused


@final
@frozen
class Enumeration:
    members: Mapping[str, StrEnum]

    @property
    def rule(self) -> str:
        """What a value must satisfy."""
        return f"satisfy enum value set: [{', '.join(self.members)}]"

    def check(self, value: object, path: str, violations: list[str]) -> object:
        member = self.from_json(value)
        if member not in self.members:
            violations.append(violation(path, member, self.rule))
        return member

    def to_json(self, value: str) -> str:
        return str(value)

    def from_json(self, data: object) -> str:
        if not isinstance(data, str):
            raise cannot(data, "a String")
        return self.members.get(data, data)
