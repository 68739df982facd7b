"""
AWS KMS answers what its API says: with the errors and the shapes of botocore's service model.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader
from hypothesis import given, strategies as st

from kmsmodel.testing.values import HOSTILE
from kmsmodel.words import structures
from tests import strategies
from tests.basics import facts
from tests.differences import ANSWERED_AS
from tests.worlds.outcome import Refused, outcome
from tests.worlds.world import World, world

OPERATIONS = facts("operations.json")["operations"]

COMMON_ERRORS = frozenset(
    {
        "AccessDeniedException",  # no policy lets the caller in
        "SerializationException",  # the protocol: a member is not of its type
        "ValidationException",  # a member is not within its constraints
    }
)
"""The errors common to all operations, as far as this model gives them."""

NOT_LISTED = {
    "Sign": "UnsupportedOperationException",  # an algorithm that this model cannot do
    "Verify": "UnsupportedOperationException",
}
"""Errors of an operation that the API does not list."""


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_every_error_is_one_that_the_operation_may_return(
    operation: str, world: World, data: st.DataObject
) -> None:
    """Its code is in the API's list for the operation, or is common to all operations; the status is never 500."""
    key = data.draw(strategies.keys(world))
    for request in data.draw(strategies.neighbours(world, key, operation)):
        _, answer = outcome(world.kms, request, world.call())
        if isinstance(answer, Refused):
            listed = {*OPERATIONS[operation]["errors"], *COMMON_ERRORS, NOT_LISTED.get(operation)}
            assert answer.code in listed
            assert answer.code != "KMSInternalException"


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_every_answer_fits_its_shape(operation: str, world: World, data: st.DataObject) -> None:
    """Members, types, lengths, patterns and values are those of the API, and the answer can be read back from JSON."""
    key = data.draw(strategies.keys(world))
    request = data.draw(strategies.fitting(world, key, operation))
    assert (
        structures.from_json(strategies.REQUESTS[operation], structures.to_json(request)) == request
    )
    _, answer = outcome(world.kms, request, world.call())
    if not isinstance(answer, Refused):
        told = structures.to_json(answer)
        shape = service_model()["operations"][operation].get("output", {"shape": None})["shape"]
        assert list(misfits(shape, told)) == []
        assert structures.from_json(answer.__class__, told) == answer


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_hostile_request_gets_an_answer_or_an_error_of_aws(
    operation: str, world: World, data: st.DataObject
) -> None:
    """Whatever values a request has, nothing but an error of the API is raised."""
    key = data.draw(strategies.keys(world))
    request = data.draw(
        st.one_of(strategies.fitting(world, key, operation), strategies.spoiled(world, operation))
    )
    for name in structures.member_names(type(request)):
        for value in (getattr(request, name), *HOSTILE):
            asked = strategies.changed(request, {name: value})
            _, answer = outcome(world.kms, asked, world.call())  # which catches no other errors
            assert not isinstance(answer, Refused) or answer.code != "KMSInternalException"


TOO_LARGE_TO_PRINT = 10**5_000


@pytest.mark.parametrize(
    "value", [TOO_LARGE_TO_PRINT, (TOO_LARGE_TO_PRINT,) * 12], ids=["alone", "in a list"]
)
@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
def test_a_number_that_python_cannot_print_is_refused(operation: str, value: object) -> None:
    """Python raises ValueError when it prints a very large number; AWS KMS says that the value has the wrong type."""
    cls = strategies.REQUESTS[operation]
    for name in structures.member_names(cls):
        request = cls(**dict.fromkeys(structures.member_names(cls)) | {name: value})
        first = world()
        _, answer = outcome(first.kms, request, first.call())
        assert answer.code in {"SerializationException", "ValidationException"}


# ---- the shapes of the service model


@cache
def service_model() -> dict[str, Any]:
    """AWS's, but for the members of answers that hold values of another shape."""
    model: dict[str, Any] = Loader().load_service_model("kms", "service-2")
    for (name, member), shape in ANSWERED_AS.items():
        model["shapes"][name]["members"][member]["shape"] = shape
    return model


def misfits(shape_name: str | None, value: Any, path: str = "") -> Iterator[str]:
    """Where a value in JSON is not what the service model says."""
    if shape_name is None:
        if value != {}:
            yield f"{path}: the operation has no output"
        return
    shape = service_model()["shapes"][shape_name]
    kind = shape["type"]
    if type(value) not in _TYPES[kind]:
        yield f"{path}: {value!r} is no {kind}"
        return
    if kind == "structure":
        yield from _misfits_of_members(shape, value, path)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from misfits(shape["member"]["shape"], item, f"{path}[{index}]")
    else:
        yield from _misfits_of_value(shape, value, path)


def _misfits_of_value(shape: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    size = value if shape["type"] == "integer" else _length(shape["type"], value)
    if size is not None and not shape.get("min", 0) <= size <= shape.get("max", float("inf")):
        yield f"{path}: {value!r} is too small or too large"
    if "enum" in shape and value not in shape["enum"]:
        yield f"{path}: {value!r} is none of the values"
    if "pattern" in shape and re.fullmatch(shape["pattern"], value) is None:
        yield f"{path}: {value!r} does not match"


def _misfits_of_members(
    shape: Mapping[str, Any], value: dict[str, Any], path: str
) -> Iterator[str]:
    for name in shape.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: is missing"
    for name, content in value.items():
        if name not in shape["members"]:
            yield f"{path}.{name}: is unknown"
        else:
            yield from misfits(shape["members"][name]["shape"], content, f"{path}.{name}")


def _length(kind: str, value: Any) -> int | None:
    if kind == "blob":
        return len(base64.b64decode(value, validate=True))
    return len(value) if kind == "string" else None


_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "timestamp": (int, float),
}
