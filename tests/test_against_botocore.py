"""
The structures and the errors, member by member, against the service model that AWS publishes.

The newest model that is installed is the oracle. A difference that is meant stands in `tests/differences.py`
with its reason; one that is no longer there has to be taken out of its table.
"""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

import pytest
from attrs import NOTHING, fields, has
from botocore.loaders import Loader

from kmsmodel import errors
from kmsmodel.operations import OPERATIONS
from kmsmodel.words import shapes, structures
from kmsmodel.words.shapes import Length, Pattern, Range, Sensitive
from tests.differences import ANSWERED_AS, COMMON, NOT_RAISED, PATTERNS

# ---- the oracle


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = Loader().load_service_model("kms", "service-2")
    return model


def _aws(shape: str) -> dict[str, Any]:
    described: dict[str, Any] = _model()["shapes"][shape]
    return described


def _name(request: type) -> str:
    return request.__name__.removesuffix("Request")


NAMES = sorted(_name(request) for request in OPERATIONS)
REQUESTS = {_name(request): request for request in OPERATIONS}


def _response(request: type) -> type:
    (base,) = request.__orig_bases__  # type: ignore[attr-defined]
    response: type = get_args(base)[0]
    return response


# ---- both sides, said in the same words


def _describe_aws(shape: str) -> Iterator[str]:  # noqa: C901 - one branch for each kind of shape
    """What AWS says of a shape, as lines; a structure is named, and described on its own."""
    data = _aws(shape)
    kind = data["type"]
    if kind == "structure":
        yield f"structure {shape}"
    elif kind == "list":
        yield "list"
        if "min" in data or "max" in data:
            yield f"length {data.get('min', 0)}..{data['max']}"
        yield from (f"item {line}" for line in _describe_aws(data["member"]["shape"]))
    elif kind == "map":
        yield "map"
        for part in ("key", "value"):
            yield from (f"{part} {line}" for line in _describe_aws(data[part]["shape"]))
    elif "enum" in data:
        yield f"enumeration {', '.join(sorted(data['enum']))}"
    else:
        yield kind
        if kind in {"string", "blob"} and ("min" in data or "max" in data):
            yield f"length {data.get('min', 0)}..{data['max']}"
        if kind in {"integer", "long"} and ("min" in data or "max" in data):
            yield f"range {data['min']}..{data['max']}"
        if (pattern := data.get("pattern", PATTERNS.get(shape))) is not None:
            yield f"pattern {pattern}"
    if data.get("sensitive"):
        yield "sensitive"


_SIMPLE = {str: "string", bytes: "blob", int: "integer", bool: "boolean", datetime: "timestamp"}


def _describe_ours(hint: Any, constraints: tuple[object, ...] = ()) -> Iterator[str]:
    if get_origin(hint) is Annotated:
        yield from _describe_ours(hint.__origin__, (*hint.__metadata__, *constraints))
        return
    if get_origin(hint) in {typing.Union, UnionType}:
        (inner,) = (each for each in get_args(hint) if each is not type(None))
        yield from _describe_ours(inner, constraints)
        return
    if get_origin(hint) is tuple:
        yield "list"
        yield from _bounds(constraints)
        yield from (f"item {line}" for line in _describe_ours(get_args(hint)[0]))
    elif get_origin(hint) is Mapping:
        yield "map"
        for part, inner in zip(("key", "value"), get_args(hint), strict=True):
            yield from (f"{part} {line}" for line in _describe_ours(inner))
    elif has(hint):
        yield f"structure {hint.__name__}"
    elif issubclass(hint, StrEnum):
        yield f"enumeration {', '.join(sorted(hint))}"
    else:
        yield _SIMPLE[hint]
        yield from _bounds(constraints)
    if any(isinstance(each, Sensitive) for each in constraints):
        yield "sensitive"


def _bounds(constraints: tuple[object, ...]) -> Iterator[str]:
    for each in constraints:
        if isinstance(each, Length):
            yield f"length {each.minimum}..{each.maximum}"
        elif isinstance(each, Range):
            yield f"range {each.minimum}..{each.maximum}"
        elif isinstance(each, Pattern):
            yield f"pattern {each.regex}"


def _unescaped(lines: Iterator[str]) -> set[str]:
    """Botocore holds the characters of a pattern where AWS's pages hold their numbers."""
    return {line.encode().decode("unicode_escape") if "\\u" in line else line for line in lines}


def _structures_of(request: type) -> Iterator[tuple[str, type]]:
    """A request, its response, and every structure inside, by AWS's names."""
    found: dict[str, type] = {}

    def visit(name: str, cls: type) -> None:
        if name in found:
            return
        found[name] = cls
        for hint in typing.get_type_hints(cls, include_extras=True).values():
            for inner in _inside(hint):
                visit(inner.__name__, inner)

    visit(request.__name__, request)
    response = _response(request)
    visit(response.__name__, response)
    yield from found.items()


def _inside(hint: Any) -> Iterator[type]:
    if inspect.isclass(hint) and has(hint):
        yield hint
    for inner in get_args(hint):
        yield from _inside(inner)


ALL: dict[str, type] = {
    name: cls for request in REQUESTS.values() for name, cls in _structures_of(request)
}

EMPTY = {
    "CreateAliasResponse",
    "DeleteAliasResponse",
    "DisableKeyResponse",
    "DisableKeyRotationResponse",
    "EnableKeyResponse",
    "EnableKeyRotationResponse",
    "PutKeyPolicyResponse",
    "RetireGrantResponse",
    "RevokeGrantResponse",
    "TagResourceResponse",
    "UntagResourceResponse",
    "UpdateAliasResponse",
    "UpdateKeyDescriptionResponse",
    "UpdatePrimaryRegionResponse",
}
"""Answers without a shape."""


def _members(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return {wire: hints[name] for name, wire in structures.member_names(cls).items()}


# ---- the comparison


@pytest.mark.parametrize("name", sorted(ALL.keys() - EMPTY))
def test_a_structure_has_the_members_that_aws_gives_it(name: str) -> None:
    assert set(_members(ALL[name])) == set(_aws(name)["members"])


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_an_answer_without_a_shape_has_no_members(name: str) -> None:
    assert fields(ALL[name]) == ()
    assert "output" not in _model()["operations"][name.removesuffix("Response")]


def _pairs() -> list[tuple[str, str]]:
    return [(name, member) for name in sorted(ALL) for member in _members(ALL[name])]


@pytest.mark.parametrize("name, member", _pairs())
def test_a_member_has_the_type_and_the_constraints_that_aws_gives_it(
    name: str, member: str
) -> None:
    shape = ANSWERED_AS.get((name, member), _aws(name)["members"][member]["shape"])
    ours = _unescaped(_describe_ours(_members(ALL[name])[member]))
    assert ours == _unescaped(_describe_aws(shape))


@pytest.mark.parametrize("shape", PATTERNS)
def test_a_pattern_that_aws_does_not_print_is_not_in_its_model(shape: str) -> None:
    assert "pattern" not in _aws(shape)


@pytest.mark.parametrize("name, member", ANSWERED_AS)
def test_what_is_answered_as_another_shape_is_not_all_of_the_shape_in_aws_model(
    name: str, member: str
) -> None:
    values = set(_aws(_aws(name)["members"][member]["shape"])["enum"])
    assert values < set(_aws(ANSWERED_AS[name, member])["enum"])


@pytest.mark.parametrize("name", sorted(ALL.keys() - EMPTY))
def test_a_member_is_required_where_aws_requires_it(name: str) -> None:
    wire = structures.member_names(ALL[name])
    required = {wire[each.name] for each in fields(ALL[name]) if each.default is NOTHING}
    by_aws = set(_aws(name).get("required", ()))
    if name.endswith("Request") or name == "Tag":
        assert required == by_aws
    else:  # what AWS always sends is not said by its model
        assert required >= by_aws


@pytest.mark.parametrize("name", NAMES)
def test_a_request_and_its_response_are_those_of_the_operation(name: str) -> None:
    operation = _model()["operations"][name]
    assert REQUESTS[name].__name__ == operation["input"]["shape"]
    response = _response(REQUESTS[name]).__name__
    assert response == operation.get("output", {"shape": response})["shape"]


# ---- enumerations

_ENUMERATIONS = {
    name: value
    for name, value in vars(shapes).items()
    if inspect.isclass(value) and issubclass(value, StrEnum) and value.__members__
}


@pytest.mark.parametrize("name", sorted(_ENUMERATIONS))
def test_an_enumeration_has_the_values_that_aws_gives_it_in_its_order(name: str) -> None:
    enumeration = _ENUMERATIONS[name]
    assert [member.value for member in enumeration] == _aws(name)["enum"]
    assert [member.name for member in enumeration] == _aws(name)["enum"]


# ---- errors

_ERRORS: dict[str, type[errors.KmsError]] = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, errors.KmsError)
}
_NAMED = sorted(_ERRORS.keys() - {"KmsError"})


def _listed(name: str) -> set[str]:
    return {error["shape"] for error in _model()["operations"][name]["errors"]}


@pytest.mark.parametrize("name", NAMES)
def test_every_error_that_aws_lists_for_an_operation_exists_here(name: str) -> None:
    assert _listed(name) - set(_NAMED) <= set(NOT_RAISED)


def test_no_error_is_said_not_to_exist_that_does_or_that_aws_does_not_list() -> None:
    listed = {error for name in NAMES for error in _listed(name)}
    assert set(NOT_RAISED) == listed - set(_NAMED)


@pytest.mark.parametrize("error", _NAMED)
def test_an_error_has_the_name_and_the_status_that_aws_gives_it(error: str) -> None:
    if error in COMMON:
        assert error not in _model()["shapes"]
        return
    described = _aws(error)
    assert described["exception"]
    assert _ERRORS[error].http_status == (500 if described.get("fault") else 400)


@pytest.mark.parametrize("request_type", list(OPERATIONS), ids=_name)
def test_a_chapter_raises_itself_only_what_aws_lists_for_its_operations(
    request_type: type,
) -> None:
    """Read from the source of the whole chapter: it holds several operations, which may share their checks."""
    module = inspect.getmodule(request_type)
    assert module is not None
    raised = {
        node.id
        for each in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(each, ast.Raise) and each.exc is not None
        for node in ast.walk(each.exc)
        if isinstance(node, ast.Name) and node.id in _NAMED
    }
    of_chapter = {_name(each) for each in OPERATIONS if each.__module__ == module.__name__}
    listed = {error for name in of_chapter for error in _listed(name)}
    assert raised - listed <= set(COMMON)
