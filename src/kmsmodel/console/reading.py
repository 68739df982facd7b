"""
Drafts in JSON: read into values, strictly, because a member that is misspelt would be a choice that is lost.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, final, get_args, get_origin, get_type_hints

from attrs import AttrsInstance, has

from kmsmodel.errors import KmsError
from kmsmodel.words import structures

T = TypeVar("T")


@final
class Malformed(ValueError):
    """JSON that is not what a route takes; the message is a sentence."""


def read(cls: type[T], data: object, *, at: str = "") -> T:
    """
    A value of this attrs class, whose members have the names that they have here. Raises Malformed.

    Enumerations are read by their values, blobs from base64, dates from ISO 8601 with a time zone, and structures of
    AWS KMS as AWS KMS writes them. A member that is missing has its default.
    """
    if not isinstance(data, dict):
        raise Malformed(f"{at or 'The body'} must be a JSON object.")
    members = cast("Mapping[str, object]", data)
    hints = get_type_hints(cls)
    for name in members:
        if name not in hints:
            raise Malformed(f"{_below(at, name)} is not known; there are {', '.join(hints)}.")
    values = {name: _value(hints[name], each, _below(at, name)) for name, each in members.items()}
    try:
        return cls(**values)
    except (TypeError, ValueError) as error:
        raise Malformed(f"{at or 'The body'}: {error}.") from None


def _below(at: str, name: str | int) -> str:
    return f"{at}.{name}" if at else str(name)


def _value(hint: Any, data: object, at: str) -> object:
    if get_origin(hint) in {Union, UnionType}:
        (inner,) = [each for each in get_args(hint) if each is not NoneType]
        return None if data is None else _value(inner, data, at)
    if get_origin(hint) is tuple:
        if not isinstance(data, list):
            raise Malformed(f"{at} must be a list.")
        items = cast("list[object]", data)
        return tuple(_value(get_args(hint)[0], each, _below(at, n)) for n, each in enumerate(items))
    if hint is bool or hint is object:
        if hint is bool and not isinstance(data, bool):
            raise Malformed(f"{at} must be true or false.")
        return data
    if has(hint):
        is_of_aws = hint.__module__.startswith("kmsmodel.operations.")
        return _structure(hint, data, at) if is_of_aws else read(hint, data, at=at)
    return _text(hint, data, at)


def _structure(cls: type[AttrsInstance], data: object, at: str) -> AttrsInstance:
    try:
        structure: Any = structures.read(cls, data)
    except KmsError as error:
        raise Malformed(f"{at}: {error.message or error.code}") from None
    return cast("AttrsInstance", structure)


def _text(hint: type, data: object, at: str) -> object:
    if not isinstance(data, str):
        raise Malformed(f"{at} must be a string.")
    try:
        if hint is bytes:
            return base64.b64decode(data, validate=True)
        if issubclass(hint, StrEnum):
            return hint(data)
        return datetime.fromisoformat(data) if hint is datetime else data
    except ValueError as error:
        raise Malformed(f"{at}: {error}.") from None
