"""
AWS's structures: the names of their members, the constraints on them, and how they read in JSON.

A structure is a frozen attrs class whose hints are shapes. Its members follow one rule, ``key_state`` <-> ``KeyState``;
the exceptions carry their name as field metadata. What is not of the type that the API gives a member is a
SerializationException; every constraint that is not satisfied goes into one ValidationException, as AWS does.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from math import isfinite
from operator import is_
from types import UnionType
from typing import (
    Annotated,
    Any,
    Protocol,
    TypeVar,
    Union,
    cast,
    final,
    get_args,
    get_origin,
    get_type_hints,
)

from attrs import NOTHING, AttrsInstance, fields, frozen, has

from kmsmodel.dates import in_utc
from kmsmodel.errors import SerializationException, ValidationException
from kmsmodel.shapes import Length, Pattern, Range, Sensitive

StructureT = TypeVar("StructureT", bound=AttrsInstance)

WIRE_NAME = "kmsmodel.wire_name"
"""The field metadata of a member whose AWS name does not follow the rule."""


def check(request: StructureT) -> StructureT:
    """
    The request, with plain values in place of what is equal to them (``"EXTERNAL"``, a list of tags).

    Raises SerializationException or ValidationException.
    """
    violations: list[str] = []
    checked = cast("StructureT", _structure(type(request)).check(request, "", violations))
    if violations:
        errors = (
            "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
        )
        raise ValidationException(f"{errors} detected: {'; '.join(violations)}")
    return checked


def to_json(structure: AttrsInstance) -> dict[str, Any]:
    """The structure as plain JSON: AWS's names, seconds since 1970 for times, base64 for blobs."""
    return _structure(type(structure)).to_json(structure)


def to_members(structure: AttrsInstance) -> dict[str, Any]:
    """The structure as an AWS SDK for Python gives it: AWS's names, and datetimes and bytes as they are."""
    return {
        member.wire_name: _plain(content)
        for member in _structure(type(structure)).members
        if (content := getattr(structure, member.name)) is not None
    }


def from_json(cls: type[StructureT], data: object) -> StructureT:
    """
    The structure that plain JSON, or the dictionary of an AWS SDK, describes.

    Members that the structure does not know are ignored, and values that an enumeration does not know are kept as they
    are. A member that is missing is None. Raises SerializationException.
    """
    return cast("StructureT", _structure(cls).from_json(data))


def member_names(cls: type[AttrsInstance]) -> dict[str, str]:
    """AWS's name of each member, by its name here."""
    return {member.name: member.wire_name for member in _structure(cls).members}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(each) for each in cast("tuple[object, ...]", value)]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, str]", value))
    kind: type[object] = type(value)
    return to_members(cast("AttrsInstance", value)) if has(kind) else value


_LARGEST_INTEGER = 2**63 - 1


# ---- shapes


class _Shape(Protocol):
    def check(self, value: object, path: str, violations: list[str]) -> object:
        """The value as the shape keeps it; what it does not satisfy is added to ``violations``."""
        ...

    def to_json(self, value: Any) -> Any: ...

    def from_json(self, data: object) -> object: ...


@final
@frozen
class _String:
    length: Length | None = None
    pattern: Pattern | None = None
    hidden: bool = False

    def check(self, value: object, path: str, violations: list[str]) -> object:
        text = self.from_json(value)
        shown = None if self.hidden else text
        if self.length is not None:
            violations += _length(text, self.length, path, shown)
        if self.pattern is not None and _regex(self.pattern.regex).fullmatch(text) is None:
            rule = f"satisfy regular expression pattern: {self.pattern.regex}"
            violations.append(_violation(path, shown, rule))
        return value

    def to_json(self, value: str) -> str:
        return value

    def from_json(self, data: object) -> str:
        if not isinstance(data, str):
            raise _cannot(data, "a String")
        if not data.isascii() and any("\ud800" <= character <= "\udfff" for character in data):
            raise SerializationException
        return data


@final
@frozen
class _Blob:
    length: Length | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        value = _bytes(value)
        if not isinstance(value, bytes):
            raise _cannot(value, "a Blob")
        if self.length is not None:
            violations += _length(value, self.length, path, None)
        return value

    def to_json(self, value: bytes) -> str:
        return base64.b64encode(value).decode()

    def from_json(self, data: object) -> bytes:
        data = _bytes(data)
        if isinstance(data, bytes):
            return data
        if not isinstance(data, str):
            raise _cannot(data, "a Blob")
        try:
            return base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            raise SerializationException from None


@final
@frozen
class _Integer:
    range: Range | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_INTEGER:
            raise _cannot(value, "an Integer")
        if self.range is not None and value < self.range.minimum:
            rule = f"have value greater than or equal to {self.range.minimum}"
            violations.append(_violation(path, str(value), rule))
        if self.range is not None and value > self.range.maximum:
            rule = f"have value less than or equal to {self.range.maximum}"
            violations.append(_violation(path, str(value), rule))
        return value

    def to_json(self, value: int) -> int:
        return value

    def from_json(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise _cannot(data, "an Integer")
        if isinstance(data, float) and not isfinite(data):
            raise _cannot(data, "an Integer")
        return int(data)


@final
@frozen
class _Boolean:
    def check(self, value: object, path: str, violations: list[str]) -> object:
        return self.from_json(value)

    def to_json(self, value: bool) -> bool:
        return value

    def from_json(self, data: object) -> bool:
        if not isinstance(data, bool):
            raise _cannot(data, "a Boolean")
        return data


@final
@frozen
class _Timestamp:
    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, datetime):
            raise _cannot(value, "a Timestamp")
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
        refused = _cannot(data, "a Timestamp")
        if isinstance(date, datetime):
            refused.add_note("a datetime needs a time zone")
        raise refused


@final
@frozen
class _Enumeration:
    members: Mapping[str, StrEnum]

    def check(self, value: object, path: str, violations: list[str]) -> object:
        member = self.from_json(value)
        if member not in self.members:
            violations.append(_violation(path, member, self.rule))
        return member

    @property
    def rule(self) -> str:
        return f"satisfy enum value set: [{', '.join(self.members)}]"

    def to_json(self, value: str) -> str:
        return str(value)

    def from_json(self, data: object) -> str:
        if not isinstance(data, str):
            raise _cannot(data, "a String")
        return self.members.get(data, data)


@final
@frozen
class _List:
    item: _Shape
    length: Length | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        items = tuple(self._items(value))
        of_items: list[str] = []  # an item is shown only once its type is known to be right
        if isinstance(self.item, _Enumeration):
            checked = self._check_enumeration(self.item, items, path, of_items)
        else:
            checked = tuple(
                self.item.check(item, f"{path}.{index}.member", of_items)
                for index, item in enumerate(items, start=1)
            )
        if self.length is not None:
            violations += _length(items, self.length, path, _shown(items))
        violations += of_items
        return value if value is items and all(map(is_, items, checked)) else checked

    @staticmethod
    def _check_enumeration(
        item: _Enumeration, items: tuple[object, ...], path: str, violations: list[str]
    ) -> tuple[object, ...]:
        """AWS tells of a list of enumeration values as a whole."""
        unknown: list[str] = []
        checked = tuple(item.check(each, path, unknown) for each in items)
        if unknown:
            rule = f"satisfy constraint: [Member must {item.rule}]"
            violations.append(_violation(path, _shown(items), rule))
        return checked

    def to_json(self, value: Iterable[object]) -> list[Any]:
        return [self.item.to_json(item) for item in value]

    def from_json(self, data: object) -> tuple[object, ...]:
        return tuple(self.item.from_json(item) for item in self._items(data))

    @staticmethod
    def _items(data: object) -> Sequence[object]:
        if not isinstance(data, list | tuple):
            raise SerializationException("Expected list or null")
        return cast("Sequence[object]", data)


@final
@frozen
class _Map:
    """A map from strings to strings."""

    value: _String = _String()

    def check(self, value: object, path: str, violations: list[str]) -> object:
        return self.from_json(value)

    def to_json(self, value: Mapping[str, str]) -> dict[str, str]:
        return dict(value)

    def from_json(self, data: object) -> dict[str, str]:
        if not isinstance(data, Mapping):
            raise _no_structure(data)
        entries = cast("Mapping[object, object]", data)
        return {self.value.from_json(k): self.value.from_json(v) for k, v in entries.items()}


@final
@frozen
class _Member:
    name: str
    wire_name: str
    path: str
    shape: _Shape
    required: bool
    hidden: bool

    def from_json(self, data: object) -> object:
        """The content; a note tells of which member an error speaks, since AWS's message does not."""
        try:
            return self.shape.from_json(data)
        except SerializationException as error:
            error.add_note(f"in {self.path}")
            raise


@final
@frozen
class _Structure:
    cls: type[AttrsInstance]
    members: tuple[_Member, ...]

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, self.cls):
            raise _no_structure(value)
        prefix = f"{path}." if path else ""
        changes: dict[str, object] = {}
        for member in self.members:
            before = getattr(value, member.name)
            if before is None:
                if member.required:
                    null = "Value" if member.hidden else "Value null"
                    violations.append(f"{null} at '{prefix}{member.path}' {_MUST} not be null")
                continue
            try:
                after = member.shape.check(before, prefix + member.path, violations)
            except SerializationException as error:
                error.add_note(f"in {prefix}{member.path}")
                raise
            if after is not before:
                changes[member.name] = after
        if not changes or violations:
            return value
        members = {member.name: getattr(value, member.name) for member in self.members}
        return self.cls(**members | changes)

    def to_json(self, value: AttrsInstance) -> dict[str, Any]:
        return {
            member.wire_name: member.shape.to_json(content)
            for member in self.members
            if (content := getattr(value, member.name)) is not None
        }

    def from_json(self, data: object) -> AttrsInstance:
        if not isinstance(data, Mapping):
            raise _no_structure(data)
        given = cast("Mapping[str, object]", data)
        members: dict[str, object] = {}
        for member in self.members:
            content = given.get(member.wire_name)
            if content is not None or member.required:
                members[member.name] = None if content is None else member.from_json(content)
        return self.cls(**members)


# ---- from a class to its shape


@cache
def _structure(cls: type[AttrsInstance]) -> _Structure:
    hints = get_type_hints(cls, include_extras=True)
    return _Structure(cls, tuple(_member(field, hints[field.name]) for field in fields(cls)))


def _member(field: Any, hint: Any) -> _Member:
    shape = _shape(hint)
    words: list[str] = field.name.split("_")
    wire_name = field.metadata.get(WIRE_NAME, "".join(word.capitalize() for word in words))
    return _Member(
        name=field.name,
        wire_name=wire_name,
        path=wire_name[0].lower() + wire_name[1:],
        shape=shape,
        required=field.default is NOTHING,
        hidden=isinstance(shape, _Blob),
    )


def _shape(hint: Any, *constraints: object) -> _Shape:
    if get_origin(hint) is Annotated:
        return _shape(hint.__origin__, *hint.__metadata__)
    if get_origin(hint) in {Union, UnionType}:
        (optional,) = (each for each in get_args(hint) if each is not type(None))
        return _shape(optional, *constraints)
    length, range_, pattern = (_only(constraints, kind) for kind in (Length, Range, Pattern))
    if get_origin(hint) is tuple:
        return _List(_shape(get_args(hint)[0]), length)
    if get_origin(hint) is Mapping:
        return _Map()
    if has(hint):
        return _structure(hint)
    if issubclass(hint, StrEnum):
        return _Enumeration({member.value: member for member in hint})
    simple: dict[type, Callable[[], _Shape]] = {
        str: lambda: _String(length, pattern, _only(constraints, Sensitive) is not None),
        bytes: lambda: _Blob(length),
        int: lambda: _Integer(range_),
        bool: _Boolean,
        datetime: _Timestamp,
    }
    return simple[hint]()


def _bytes(value: object) -> object:
    """Bytes in the place of what is like them; what is not, as it is."""
    if not isinstance(value, bytearray | memoryview):
        return value
    try:
        return bytes(cast("bytearray", value))
    except ValueError:  # a memoryview that was released
        raise SerializationException from None


def _only(constraints: tuple[object, ...], kind: type[Any]) -> Any:
    return next((each for each in constraints if isinstance(each, kind)), None)


@cache
def _regex(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.ASCII)


# ---- what is said of what does not fit

_MUST = "failed to satisfy constraint: Member must"
_START_OF_LIST = "Start of list found where not expected"


def _violation(path: str, shown: str | None, rule: str) -> str:
    value = "Value" if shown is None else f"Value '{shown}'"
    return f"{value} at '{path}' {_MUST} {rule}"


def _length(
    value: str | bytes | tuple[object, ...], length: Length, path: str, shown: str | None
) -> Iterable[str]:
    if len(value) < length.minimum:
        yield _violation(path, shown, f"have length greater than or equal to {length.minimum}")
    if len(value) > length.maximum:
        yield _violation(path, shown, f"have length less than or equal to {length.maximum}")


def _shown(items: tuple[object, ...]) -> str:
    return f"[{', '.join(str(item) for item in items)}]"


def _no_structure(value: object) -> SerializationException:
    """What AWS says of a value that should be a structure or a map."""
    is_list = isinstance(value, list | tuple)
    return SerializationException(_START_OF_LIST if is_list else "Expected null")


def _cannot(value: object, target: str) -> SerializationException:
    """What AWS says of a value of another type; a list or an object says what it is."""
    if isinstance(value, Mapping):
        return SerializationException("Start of structure or map found where not expected.")
    if isinstance(value, list | tuple):
        return SerializationException(_START_OF_LIST)
    if isinstance(value, bool):
        token = f"{value}_VALUE".upper()
    elif isinstance(value, int | float):
        token = "NUMBER_VALUE"
    elif isinstance(value, str):
        token = "STRING_VALUE"
    else:
        token = type(value).__name__
    return SerializationException(f"{token} can not be converted to {target}")
