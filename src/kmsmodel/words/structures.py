"""
AWS's structures: the names of their members, the constraints on them, and how they are written in JSON.

A structure is a frozen attrs class whose type hints are shapes. The names of its members follow one rule, ``key_state``
<-> ``KeyState``; the exceptions have their names in field metadata. As in AWS, a member of the wrong type is a
SerializationException, and all violated constraints go into one ValidationException.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter, is_
from types import UnionType
from typing import (
    Annotated,
    Any,
    TypeAlias,
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
from kmsmodel.words.scalars import (
    Blob,
    Boolean,
    Enumeration,
    Integer,
    Regex,
    Shape,
    String,
    Timestamp,
)
from kmsmodel.words.shapes import Length, Pattern, Range, Sensitive, ToldAs, Unlisted
from kmsmodel.words.violations import (
    list_text,
    not_a_structure,
    null_violation,
    validation_exception,
    violation,
    wrong_length,
    wrong_type,
)

StructureT = TypeVar("StructureT", bound=AttrsInstance)

WIRE_NAME = "kmsmodel.wire_name"
"""The field metadata of a member whose AWS name does not follow the rule."""


def check(request: StructureT) -> StructureT:
    """
    The request, checked; ``"EXTERNAL"`` becomes a member of its enumeration, and a list of tags a tuple.

    Raises SerializationException or ValidationException.
    """
    violations: list[str] = []
    result: Any = _structure(type(request)).check(request, "", violations)
    checked: StructureT = result
    if violations:
        raise validation_exception(violations)
    return checked


def read(cls: type[StructureT], data: object) -> StructureT:
    """
    The structure in plain JSON or in an AWS SDK's dictionary, checked: `from_json` and `check` at once.

    Unknown members are ignored. Raises SerializationException or ValidationException.
    """
    violations: list[str] = []
    result: Any = _structure(cls).read(data, "", violations)
    structure: StructureT = result
    if violations:
        raise validation_exception(violations)
    return structure


def to_json(structure: AttrsInstance) -> dict[str, Any]:
    """The structure as plain JSON: AWS's names, seconds since 1970 for times, base64 for blobs."""
    return _structure(type(structure)).to_json(structure)


def to_members(structure: AttrsInstance) -> dict[str, Any]:
    """The structure as an AWS SDK for Python gives it: AWS's names, and datetimes and bytes as they are."""
    return _structure(type(structure)).to_member(structure)


def from_json(cls: type[StructureT], data: object) -> StructureT:
    """
    The structure in plain JSON or in an AWS SDK's dictionary.

    Unknown members are ignored, and unknown values of enumerations are kept as they are. A missing member is None.
    Raises SerializationException.
    """
    return cast("StructureT", _structure(cls).from_json(data))


def member_names(cls: type[AttrsInstance]) -> dict[str, str]:
    """AWS's name of each member, by its name here."""
    return {member.name: member.wire_name for member in _structure(cls).members}


def sensitive_names(cls: type[AttrsInstance]) -> frozenset[str]:
    """AWS's names of the members that AWS's service model marks as sensitive."""
    return frozenset(member.wire_name for member in _structure(cls).members if member.hidden)


# ---- shapes made of others


_Reading: TypeAlias = Callable[[object, str, list[str]], object]
"""`Shape.check` or `Shape.read`."""


@final
@frozen
class _List:
    item: Shape
    length: Length | None = None

    def check(self, value: object, path: str, violations: list[str]) -> object:
        checked = self._checked(value, self.item.check, path, violations)
        items = self._items(value)
        same = isinstance(items, tuple) and all(map(is_, checked, items))
        return value if same else checked

    def read(self, data: object, path: str, violations: list[str]) -> object:
        return self._checked(data, self.item.read, path, violations)

    def _checked(
        self, data: object, check_item: _Reading, path: str, violations: list[str]
    ) -> tuple[object, ...]:
        items = self._items(data)
        of_items: list[str] = []  # the list is shown only after the type of each item is checked
        if isinstance(self.item, Enumeration):
            checked = self._check_enumeration(self.item, items, path, of_items)
        else:
            checked = tuple(
                check_item(item, f"{path}.{index}.member", of_items)
                for index, item in enumerate(items, start=1)
            )
        length = self.length
        if length is not None and not length.minimum <= len(items) <= length.maximum:
            violations += wrong_length(items, length, path, list_text(items))
        violations += of_items
        return checked

    @staticmethod
    def _check_enumeration(
        item: Enumeration, items: Sequence[object], path: str, violations: list[str]
    ) -> tuple[object, ...]:
        """AWS reports unknown enumeration values by one violation for the whole list."""
        unknown: list[str] = []
        checked = tuple(item.check(each, path, unknown) for each in items)
        if unknown:
            rule = f"satisfy constraint: [Member must {item.rule}]"
            violations.append(violation(path, list_text(items), rule))
        return checked

    def from_json(self, data: object) -> tuple[object, ...]:
        return tuple(self.item.from_json(item) for item in self._items(data))

    def to_json(self, value: Iterable[object]) -> list[Any]:
        return [self.item.to_json(item) for item in value]

    def to_member(self, value: Iterable[object]) -> list[Any]:
        return [self.item.to_member(item) for item in value]

    @staticmethod
    def _items(data: object) -> Sequence[object]:
        if not isinstance(data, list | tuple):
            raise SerializationException("Expected list or null")
        return cast("Sequence[object]", data)


@final
@frozen
class _Map:
    """A map from strings to strings. A number in the place of a string is read as one."""

    def check(self, value: object, path: str, violations: list[str]) -> object:
        return self.from_json(value)

    read = check

    def from_json(self, data: object) -> dict[str, str]:
        if not isinstance(data, Mapping):
            raise not_a_structure(data)
        entries = cast("Mapping[object, object]", data)
        return {_STRING.from_json(k): _text(v) for k, v in entries.items()}

    def to_json(self, value: Mapping[str, str]) -> dict[str, str]:
        return dict(value)

    to_member = to_json


def _text(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return json.dumps(value, allow_nan=False)
        except ValueError:  # no number of JSON
            raise wrong_type(value, "a String") from None
    return _STRING.from_json(value)


_STRING = String()
_MAPPINGS: Any = (dict, Mapping)  # a dict is a Mapping too, but is recognized faster by itself


@final
@frozen
class _Member:
    name: str
    wire_name: str
    path: str
    place: int
    shape: Shape
    required: bool
    hidden: bool
    is_plain: bool
    """Is the value itself what JSON has?"""
    default: object
    """What is not told."""


@final
@frozen
class _Structure:
    cls: type[AttrsInstance]
    members: tuple[_Member, ...]
    by_wire_name: Mapping[str, _Member]
    required: tuple[_Member, ...]
    contents: Callable[[AttrsInstance], tuple[object, ...]]
    """The values of a structure's members, in the order of ``members``."""

    def check(self, value: object, path: str, violations: list[str]) -> object:
        if not isinstance(value, self.cls):
            raise not_a_structure(value)
        prefix = f"{path}." if path else ""
        changes: dict[str, object] = {}
        contents = self.contents(value)
        for member, before in zip(self.members, contents, strict=True):
            if before is None:
                if member.required:
                    violations.append(null_violation(prefix + member.path, hidden=member.hidden))
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
        names = (member.name for member in self.members)
        return self.cls(**dict(zip(names, contents, strict=True)) | changes)

    def read(self, data: Any, path: str, violations: list[str]) -> object:
        """Violations are in AWS's order of members, whatever the order of ``data``; a type error is its first."""
        if not isinstance(data, _MAPPINGS):
            raise not_a_structure(data)
        prefix = f"{path}." if path else ""
        contents: dict[str, Any] = {}
        said: dict[int, list[str]] = {}
        for wire_name, content in data.items():
            member = self.by_wire_name.get(wire_name)
            if member is None or content is None:
                continue
            of_member: list[str] = []
            try:
                contents[member.name] = member.shape.read(content, prefix + member.path, of_member)
            except SerializationException as error:
                error.add_note(f"in {prefix}{member.path}")
                raise
            if of_member:
                said[member.place] = of_member
        for member in self.required:
            if member.name not in contents:
                contents[member.name] = None
                path_of_member = prefix + member.path
                said[member.place] = [null_violation(path_of_member, hidden=member.hidden)]
        if said:
            violations += (text for place in sorted(said) for text in said[place])
        return self.cls(**contents)

    def from_json(self, data: Any) -> AttrsInstance:
        if not isinstance(data, _MAPPINGS):
            raise not_a_structure(data)
        contents: dict[str, Any] = {member.name: None for member in self.required}
        for wire_name, content in data.items():
            member = self.by_wire_name.get(wire_name)
            if member is None or content is None:
                continue
            try:
                contents[member.name] = member.shape.from_json(content)
            except SerializationException as error:
                error.add_note(f"in {member.path}")
                raise
        return self.cls(**contents)

    def to_json(self, value: AttrsInstance) -> dict[str, Any]:
        return {
            member.wire_name: content if member.is_plain else member.shape.to_json(content)
            for member, content in zip(self.members, self.contents(value), strict=True)
            if content != member.default
        }

    def to_member(self, value: AttrsInstance) -> dict[str, Any]:
        return {
            member.wire_name: member.shape.to_member(content)
            for member, content in zip(self.members, self.contents(value), strict=True)
            if content != member.default
        }


# ---- from a class to its shape


@cache
def _structure(cls: type[AttrsInstance]) -> _Structure:
    hints = get_type_hints(cls, include_extras=True)
    members = tuple(
        _member(each, hints[each.name], place) for place, each in enumerate(fields(cls))
    )
    return _Structure(
        cls=cls,
        members=members,
        by_wire_name={member.wire_name: member for member in members},
        required=tuple(member for member in members if member.required),
        contents=_contents(*(member.name for member in members)),
    )


def _contents(*names: str) -> Callable[[AttrsInstance], tuple[object, ...]]:
    match names:
        case ():
            return lambda _: ()
        case (name,):
            return lambda structure: (getattr(structure, name),)
        case _:
            return attrgetter(*names)


def _member(attribute: Any, hint: Any, place: int) -> _Member:
    shape = _shape(hint)
    words: list[str] = attribute.name.split("_")
    wire_name = attribute.metadata.get(WIRE_NAME, "".join(word.capitalize() for word in words))
    return _Member(
        name=attribute.name,
        wire_name=wire_name,
        path=wire_name[0].lower() + wire_name[1:],
        place=place,
        shape=shape,
        required=attribute.default is NOTHING,
        hidden=isinstance(shape, Blob | String) and shape.hidden,
        is_plain=isinstance(shape, String | Integer | Boolean),
        default=None if attribute.default is NOTHING else attribute.default,
    )


def _shape(hint: Any, *constraints: object) -> Shape:
    if get_origin(hint) is Annotated:
        return _shape(hint.__origin__, *hint.__metadata__)
    if get_origin(hint) in {Union, UnionType}:
        (optional,) = (each for each in get_args(hint) if each is not type(None))
        return _shape(optional, *constraints)
    length, range_, pattern = (_only(constraints, kind) for kind in (Length, Range, Pattern))
    hidden = _only(constraints, Sensitive) is not None
    if get_origin(hint) is tuple:
        return _List(_shape(get_args(hint)[0]), length)
    if get_origin(hint) is Mapping:
        return _Map()
    if has(hint):
        return _structure(hint)
    if issubclass(hint, StrEnum):
        told_as, unlisted = _only(constraints, ToldAs), _only(constraints, Unlisted)
        return Enumeration(
            {member.value: member for member in hint},
            told=tuple(hint if told_as is None else told_as.enumeration),
            unlisted=None if unlisted is None else unlisted.value,
        )
    simple: dict[type, Callable[[], Shape]] = {
        str: lambda: String(length, None if pattern is None else Regex(pattern.regex), hidden),
        bytes: lambda: Blob(length, hidden),
        int: lambda: Integer(range_),
        bool: Boolean,
        datetime: Timestamp,
    }
    return simple[hint]()


def _only(constraints: tuple[object, ...], kind: type[Any]) -> Any:
    return next((each for each in constraints if isinstance(each, kind)), None)
