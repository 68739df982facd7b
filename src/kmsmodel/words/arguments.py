"""
What callers of Python give: an argument of another type, and a name that nobody has, are refused in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from kmsmodel.words.meant import perhaps

_CALLED: Mapping[type, str] = {
    str: "a string",
    bytes: "bytes",
    int: "an int",
    float: "a number",
    list: "a list",
    tuple: "a tuple",
}


def expect(name: str, value: object, *kinds: type, hint: str = "") -> None:
    """
    Raise TypeError for an argument that is of none of these types.

    ``hint`` is a sentence that says what to give instead.
    """
    if not isinstance(value, kinds):
        *others, last = map(called, kinds)
        wanted = f"{', '.join(others)} or {last}" if others else last
        raise another(name, wanted, value, hint)


def another(name: str, wanted: str, value: object, hint: str = "") -> TypeError:
    """The error for an argument that is not what is wanted, but this value."""
    return TypeError(f"{name} must be {wanted}, not {kind_of(value)}{hint and f'; {hint}'}")


def kind_of(value: object) -> str:
    """What a value is, in an error: the name of its class, or that it is a class itself."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def instance_of(*kinds: type, hint: str = "") -> Callable[..., None]:
    """A validator of attrs that expects one of these types."""

    def validate(_: object, attribute: object, value: object) -> None:
        if not isinstance(value, kinds):
            expect(_name_of(attribute), value, *kinds, hint=hint)

    return validate


def tuple_of(kind: type) -> Callable[..., None]:
    """A validator of attrs that expects several of this type."""

    def validate(_: object, attribute: object, value: object) -> None:
        name = _name_of(attribute)
        expect(name, value, tuple, list, hint=f"each is {called(kind)}")
        for number, each in enumerate(cast("Iterable[object]", value)):
            expect(f"{name}[{number}]", each, kind)

    return validate


def _name_of(attribute: object) -> str:
    name: str = getattr(attribute, "name", "")
    return name


def among(names: Iterable[str], name: object) -> str:
    """The names that there are, for an error about one that is not, and which of them may be meant."""
    known = list(names)
    return f"there are {', '.join(known)}{perhaps(str(name), known)}" if known else "there are none"


def called(kind: type) -> str:
    """A type with its article, in an error."""
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    return _CALLED.get(kind, f"{article} {kind.__name__}")
