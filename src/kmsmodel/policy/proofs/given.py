"""
What callers of Python give: refused with the argument's name where it is of another type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from kmsmodel.policy.grant import Grant
from kmsmodel.policy.question import Value


def a_text(given: object, argument: str) -> str:
    """A text. Raises TypeError for anything else."""
    if not isinstance(given, str):
        raise TypeError(f"{argument}: {given!r} is not a text")
    return given


def several(given: object, argument: str) -> tuple[Any, ...]:
    """What is given as a list. Raises TypeError for anything else, such as a single text."""
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"{argument}: a list is expected, not {given!r}")
    return tuple(cast("Iterable[object]", given))


def grants(given: object) -> tuple[Grant, ...]:
    """The grants that are given. Raises TypeError for anything else."""
    found = several(given, "grants")
    for each in found:
        if not isinstance(each, Grant):
            raise TypeError(f"grants: {each!r} is not a Grant")
    return found


def facts(given: object) -> dict[str, Value]:
    """The given condition keys, by their names in lower case. Raises TypeError for values that are not texts."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"given: condition keys with their values are expected, not {given!r}")
    found: dict[str, Value] = {}
    for name, value in cast("Mapping[object, object]", given).items():
        key = a_text(name, "given").lower()
        if isinstance(value, str):
            found[key] = value
        else:
            listed = several(value, f"given: {name}")
            found[key] = tuple(a_text(each, f"given: {name}") for each in listed)
    return found
