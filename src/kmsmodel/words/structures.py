"""
AWS's structures: the names of their members, the constraints on them, and how they read in JSON.

A structure is a frozen attrs class whose hints are shapes. Its members follow one rule, ``key_state`` <-> ``KeyState``;
the exceptions carry their name as field metadata. What is not of the type that the API gives a member is a
SerializationException; every constraint that is not satisfied goes into one ValidationException, as AWS does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import is_
from types import UnionType
from typing import (
    Annotated,
    Any,
    TypeVar,
    Union,
    cast,
    final,
    get_args,
    get_origin,
    get_type_hints,
)

from attrs import NOTHING, AttrsInstance, fields, frozen, has

from kmsmodel.errors import SerializationException
from kmsmodel.words.scalars import Blob, Boolean, Enumeration, Integer, Shape, String, Timestamp
from kmsmodel.words.shapes import Length, Pattern, Range, Sensitive
from kmsmodel.words.violations import (
    check_length,
    missing,
    no_structure,
    shown,
    validation_exception,
    violation,
)

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
        raise validation_exception(violations)
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


# ---- shapes made of others


@final
@frozen
class _List:
    item: Shape
    length: Length | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        items = tuple(self._items(value))
        of_items: list[str] = []  # an item is shown only once its type is known to be right
        if isinstance(self.item, Enumeration):
            checked = self._check_enumeration(self.item, items, path, of_items)
        else:
            checked = tuple(
                self.item.check(item, f"{path}.{index}.member", of_items)
                for index, item in enumerate(items, start=1)
            )
        if self.length is not None:
            check_length(items, self.length, path, shown(items), violations)
        violations += of_items
        return value if value is items and all(map(is_, items, checked)) else checked

    @staticmethod
    def _check_enumeration(
        item: Enumeration, items: tuple[object, ...], path: str, violations: list[str]
    ) -> tuple[object, ...]:
        """AWS tells of a list of enumeration values as a whole."""
        unknown: list[str] = []
        checked = tuple(item.check(each, path, unknown) for each in items)
        if unknown:
            rule = f"satisfy constraint: [Member must {item.rule}]"
            violations.append(violation(path, shown(items), rule))
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

    def check(self, value: object, path: str, violations: list[str]) -> object:
        return self.from_json(value)

    def to_json(self, value: Mapping[str, str]) -> dict[str, str]:
        return dict(value)

    def from_json(self, data: object) -> dict[str, str]:
        if not isinstance(data, Mapping):
            raise no_structure(data)
        entries = cast("Mapping[object, object]", data)
        return {_STRING.from_json(k): _STRING.from_json(v) for k, v in entries.items()}


_STRING = String()
_MAPPINGS = (dict, Mapping)  # a dict is a Mapping, and known for one sooner by itself


@final
@frozen
class _Member:
    name: str
    wire_name: str
    path: str
    shape: Shape
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
    by_wire_name: Mapping[str, _Member]
    required: tuple[str, ...]

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, self.cls):
            raise no_structure(value)
        prefix = f"{path}." if path else ""
        changes: dict[str, object] = {}
        for member in self.members:
            before = getattr(value, member.name)
            if before is None:
                if member.required:
                    violations.append(missing(prefix + member.path, hidden=member.hidden))
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
        if not isinstance(data, _MAPPINGS):
            raise no_structure(data)
        members: dict[str, Any] = dict.fromkeys(self.required)
        for wire_name, content in cast("Mapping[str, object]", data).items():
            member = self.by_wire_name.get(wire_name)
            if member is not None and content is not None:
                members[member.name] = member.from_json(content)
        return self.cls(**members)


# ---- from a class to its shape


@cache
def _structure(cls: type[AttrsInstance]) -> _Structure:
    hints = get_type_hints(cls, include_extras=True)
    members = tuple(_member(each, hints[each.name]) for each in fields(cls))
    return _Structure(
        cls=cls,
        members=members,
        by_wire_name={member.wire_name: member for member in members},
        required=tuple(member.name for member in members if member.required),
    )


def _member(attribute: Any, hint: Any) -> _Member:
    shape = _shape(hint)
    words: list[str] = attribute.name.split("_")
    wire_name = attribute.metadata.get(WIRE_NAME, "".join(word.capitalize() for word in words))
    return _Member(
        name=attribute.name,
        wire_name=wire_name,
        path=wire_name[0].lower() + wire_name[1:],
        shape=shape,
        required=attribute.default is NOTHING,
        hidden=isinstance(shape, Blob),
    )


def _shape(hint: Any, *constraints: object) -> Shape:
    if get_origin(hint) is Annotated:
        return _shape(hint.__origin__, *hint.__metadata__)
    if get_origin(hint) in {Union, UnionType}:
        (optional,) = (each for each in get_args(hint) if each is not type(None))
        return _shape(optional, *constraints)
    length, range_, pattern = (_only(constraints, kind) for kind in (Length, Range, Pattern))
    regex = None if pattern is None else re.compile(pattern.regex, re.ASCII)
    if get_origin(hint) is tuple:
        return _List(_shape(get_args(hint)[0]), length)
    if get_origin(hint) is Mapping:
        return _Map()
    if has(hint):
        return _structure(hint)
    if issubclass(hint, StrEnum):
        return Enumeration({member.value: member for member in hint})
    simple: dict[type, Callable[[], Shape]] = {
        str: lambda: String(length, regex, _only(constraints, Sensitive) is not None),
        bytes: lambda: Blob(length),
        int: lambda: Integer(range_),
        bool: Boolean,
        datetime: Timestamp,
    }
    return simple[hint]()


def _only(constraints: tuple[object, ...], kind: type[Any]) -> Any:
    return next((each for each in constraints if isinstance(each, kind)), None)
