"""
What botocore's service model allows as a member of a request, and what not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from tests.differences import PATTERNS
from tests.examples import plain_json

Json = dict[str, Any]

SERIALIZATION = "SerializationException"
VALIDATION = "ValidationException"
UNKNOWN_OPERATION = "UnknownOperationException"


@cache
def service_model() -> ServiceModel:
    """AWS's, with the patterns that it does not print, as Python spells them."""
    model: Any = Loader().load_service_model("kms", "service-2")
    for shape, pattern in PATTERNS.items():
        model["shapes"][shape]["pattern"] = pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]")
    return ServiceModel(model, "kms")


@cache
def operation_model(operation: str) -> OperationModel:
    return service_model().operation_model(operation)


OPERATIONS = tuple(service_model().operation_names)
"""Every operation of AWS KMS, those too that this model does not have."""


_UNBOUNDED = {
    "string": (0, 300),
    "blob": (0, 300),
    "list": (0, 3),
    "integer": (-(2**31), 2**31 - 1),
}


_OTHER_TYPES: Mapping[str, list[Any]] = {
    "string": [1, 0.5, True, [], {}, ["a"]],
    "blob": [1, False, [], {}, "not base64", "YQ=", "\u20ac"],
    "integer": ["1", True, [], {}, "", [1]],
    "boolean": ["true", "", 0, 1, [], {}],
    "timestamp": [True, [], {}, "yesterday", "2026-11-24", 1e300, 10**400],
    "list": ["a", "", 1, True, {}, {"a": 1}],
    "map": ["a", 1, [], {"a": True}, {"a": None}, {"a": {}}, {"a": ["b"]}],
    "structure": ["a", "", 1, False, [], [{}]],
}


def bounds_of(shape: Any) -> tuple[int, int]:
    least, most = _UNBOUNDED.get(shape.type_name, (0, 0))
    return shape.metadata.get("min", least), shape.metadata.get("max", most)


LETTERS = "a0A"
"""Each pattern that texts of one repeated letter can have, they have with one of these."""


@cache
def fits(text: str, pattern: str | None) -> bool:
    return pattern is None or re.fullmatch(pattern, text, re.ASCII) is not None


def _of_length(shape: Any, value: Any, length: int) -> Any:
    """Something else of this length."""
    if shape.type_name == "blob":
        return plain_json(bytes(length))
    if shape.type_name == "list":
        return ((value or ["a"]) * (length + 1))[:length]
    filler = next((each for each in LETTERS if fits(each, shape.metadata.get("pattern"))), "a")
    return filler * length


Fault = tuple[str, Any, str | None]
"""What a value is, the value, and the error that it must end in."""


def of_other_types(shape: Any) -> list[Fault]:
    return [
        (f"of another type, {json.dumps(other)}", other, SERIALIZATION)
        for other in _OTHER_TYPES[shape.type_name]
    ]


def beyond_constraints(shape: Any, value: Any) -> list[Fault]:
    """Values on both sides of each limit, and such as a pattern or an enumeration does not have."""
    limits, pattern = shape.metadata, shape.metadata.get("pattern")
    if getattr(shape, "enum", None):
        others = (shape.enum[0].lower(), shape.enum[-1] + " ", "", "UNKNOWN")
        return [("no value of the enumeration", other, VALIDATION) for other in others]
    if shape.type_name == "integer":
        most: Fault = ("an integer that no one has", 2**63, SERIALIZATION)
        beyond = {limits.get("min", 0) - 1, limits["max"] + 1} if limits else set[int]()
        return [most, *(("outside of its range", each, VALIDATION) for each in sorted(beyond))]

    def _error(of_right_length: Any) -> str | None:
        """Some patterns are of parts, which nothing that repeats one letter has."""
        is_text = isinstance(of_right_length, str) and shape.type_name == "string"
        return VALIDATION if is_text and not fits(of_right_length, pattern) else None

    faults: list[Fault] = [
        ("outside of its pattern", each, VALIDATION)
        for each in ("\u20ac" * 24, "\0" * 24, "a" * 19 + "\n", "#" * 19, "")
        if not fits(each, pattern)
    ]
    if "max" in limits:
        faults += [
            ("too long", _of_length(shape, value, limits["max"] + 1), VALIDATION),
            (
                "as long as may be",
                longest := _of_length(shape, value, limits["max"]),
                _error(longest),
            ),
        ]
    if limits.get("min", 0) > 0:
        faults += [
            ("too short", _of_length(shape, value, limits["min"] - 1), VALIDATION),
            ("as short as may be", least := _of_length(shape, value, limits["min"]), _error(least)),
        ]
    return faults
