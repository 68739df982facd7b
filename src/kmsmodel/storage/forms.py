"""
Values as plain data and back: what each type of a member looks like in JSON.

A structure is an object whose members have the names that its class gives them; one that is None is left out. A secret
is a number, its place in a list of secrets that is kept apart.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    Protocol,
    Union,
    cast,
    final,
    get_args,
    get_origin,
    get_type_hints,
)

from attrs import NOTHING, AttrsInstance, fields, frozen, has

from kmsmodel.hsm.secret import Secret
from kmsmodel.words.arguments import called
from kmsmodel.words.dates import in_utc
from kmsmodel.words.meant import perhaps

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The version of JSON Schema that the schemas here are written in."""


class Form(Protocol):
    """How values of one type are written and read. ``at`` says where in the data, for errors."""

    def write(self, value: Any, secrets: list[bytes]) -> Any:
        """The value as plain data; its secrets are appended to ``secrets``."""
        ...

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> Any:
        """The value. Raises ValueError for data of another form."""
        ...

    def schema(self) -> dict[str, Any]:
        """The form in the language of JSON Schema."""
        ...


@final
class Malformed(ValueError):
    """Data are not what they must be: ``at`` says where, and ``what`` what they must be."""

    def __init__(self, at: str, what: str) -> None:
        super().__init__(f"the snapshot is malformed: {at} must be {what}")
        self.at = at
        self.what = what


def wrong(at: str, what: str) -> Malformed:
    """The error for data that are not what they must be."""
    return Malformed(at, what)


def members_of(data: object, at: str) -> Mapping[str, object]:
    """The members of an object. Raises ValueError for anything else."""
    if not isinstance(data, Mapping):
        raise wrong(at, "an object")
    return cast("Mapping[str, object]", data)


def items_of(data: object, at: str) -> Sequence[object]:
    """The items of a list. Raises ValueError for anything else."""
    if not isinstance(data, list | tuple):
        raise wrong(at, "a list")
    return cast("Sequence[object]", data)


def encoded(value: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(value).decode()


def decoded(data: object, at: str) -> bytes:
    """The bytes that a text holds in base64. Raises ValueError for anything else."""
    if not isinstance(data, str):
        raise wrong(at, "base64")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise wrong(at, "base64") from None


@final
@frozen
class _Plain:
    """A text, a truth value or a number."""

    kind: type
    name: str
    called: str

    def write(self, value: Any, secrets: list[bytes]) -> Any:
        return value

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> Any:
        if type(data) is not self.kind:
            raise wrong(at, self.called)
        return data

    def schema(self) -> dict[str, Any]:
        return {"type": self.name}


@final
@frozen
class _Date:
    """A date in UTC, as RFC 3339 has it: ``2026-11-24T12:30:15.123456Z``."""

    def write(self, value: datetime, secrets: list[bytes]) -> str:
        return in_utc(value).isoformat().replace("+00:00", "Z")

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> datetime:
        try:
            return in_utc(datetime.fromisoformat(str(data)))
        except (ValueError, OverflowError):
            raise wrong(at, "a date with a time zone") from None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


@final
@frozen
class _Bytes:
    def write(self, value: bytes, secrets: list[bytes]) -> str:
        return encoded(value)

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> bytes:
        return decoded(data, at)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "contentEncoding": "base64"}


@final
@frozen
class _Secret:
    def write(self, value: Secret, secrets: list[bytes]) -> int:
        secrets.append(value.reveal())
        return len(secrets) - 1

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> Secret:
        if type(data) is not int or not 0 <= data < len(secrets):
            raise wrong(at, "the place of a secret")
        return Secret(secrets[data])

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0}


@final
@frozen
class _Enumeration:
    cls: type[StrEnum]

    def write(self, value: StrEnum, secrets: list[bytes]) -> str:
        return value.value

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> StrEnum:
        try:
            return self.cls(str(data))
        except ValueError:
            raise wrong(at, f"one of {', '.join(each.value for each in self.cls)}") from None

    def schema(self) -> dict[str, Any]:
        return {"enum": [member.value for member in self.cls]}


@final
@frozen
class _List:
    item: Form
    make: Callable[[list[Any]], tuple[Any, ...]] = tuple

    def write(self, value: Sequence[Any], secrets: list[bytes]) -> list[Any]:
        return [self.item.write(item, secrets) for item in value]

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> tuple[Any, ...]:
        items = enumerate(items_of(data, at))
        return self.make([self.item.read(item, f"{at}[{n}]", secrets) for n, item in items])

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema()}


@final
@frozen
class _Map:
    """A map from texts to texts."""

    def write(self, value: Mapping[str, str], secrets: list[bytes]) -> dict[str, str]:
        return dict(value)

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> dict[str, str]:
        read = dict(members_of(data, at))
        if not all(type(each) is str for pair in read.items() for each in pair):
            raise wrong(at, "a map of texts")
        return cast("dict[str, str]", read)

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string"}}


@final
@frozen
class Structure:
    """A frozen attrs class as an object."""

    cls: type[AttrsInstance]
    members: Mapping[str, Form]
    required: frozenset[str]
    may_be_none: frozenset[str]

    def write(self, value: Any, secrets: list[bytes]) -> dict[str, Any]:
        contents = {name: getattr(value, name) for name in self.members}
        return {
            name: self.members[name].write(content, secrets)
            for name, content in contents.items()
            if content is not None
        }

    def read(self, data: object, at: str, secrets: Sequence[bytes]) -> Any:
        given = members_of(data, at)
        unknown = sorted(map(str, given.keys() - self.members.keys()))
        if unknown:
            name = unknown[0]
            known = f"{', '.join(self.members)}{perhaps(name, self.members)}"
            raise wrong(f"{at}.{name}", f"one of the members {known}")
        missing = sorted(self.required - given.keys())
        if missing:
            raise wrong(at, f"an object with {missing[0]}")
        read = {n: self.members[n].read(each, f"{at}.{n}", secrets) for n, each in given.items()}
        try:
            return self.cls(**dict.fromkeys(self.may_be_none) | read)
        except (ValueError, TypeError) as error:
            raise wrong(at, f"{called(self.cls)}, but {error}") from error

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {name: member.schema() for name, member in self.members.items()},
            "required": [name for name in self.members if name in self.required],
            "additionalProperties": False,
        }


@cache
def structure(cls: type[AttrsInstance]) -> Structure:
    """The form of a class."""
    hints = get_type_hints(cls, include_extras=True)
    given = [each for each in fields(cls) if each.init]
    may_be_none = {each.name for each in given if type(None) in get_args(hints[each.name])}
    return Structure(
        cls=cls,
        members={each.name: form(hints[each.name]) for each in given},
        required=frozenset(each.name for each in given if each.default is NOTHING) - may_be_none,
        may_be_none=frozenset(may_be_none),
    )


_SIMPLE: Mapping[type, Form] = {
    str: _Plain(str, "string", "a text"),
    bool: _Plain(bool, "boolean", "true or false"),
    int: _Plain(int, "integer", "a whole number"),
    bytes: _Bytes(),
    datetime: _Date(),
    Secret: _Secret(),
}


def form(hint: Any) -> Form:
    """The form of the values that a type hint means."""
    origin = get_origin(hint)
    if origin is Annotated:
        return form(hint.__origin__)
    if origin in {Union, UnionType}:
        (one,) = (each for each in get_args(hint) if each is not type(None))
        return form(one)
    if origin is tuple:
        return _List(form(get_args(hint)[0]))
    if origin is Mapping:
        return _Map()
    if has(hint):
        return structure(hint)
    if issubclass(hint, StrEnum):
        return _Enumeration(hint)
    if issubclass(hint, tuple):  # `Materials` is a tuple with a name
        (base,) = cast("Any", hint).__orig_bases__
        return _List(form(get_args(base)[0]), cast("Callable[[list[Any]], tuple[Any, ...]]", hint))
    return _SIMPLE[hint]
