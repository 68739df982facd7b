"""
What AWS says about a value that does not fit its shape.

Each violated constraint is one violation, and all violations of a request go into one ValidationException. A value of
the wrong type is a SerializationException.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kmsmodel.errors import SerializationException, ValidationException
from kmsmodel.words.shapes import Length, Range

_MUST = "failed to satisfy constraint: Member must"
_START_OF_LIST = "Start of list found where not expected"


def violation(path: str, shown: str | None, rule: str) -> str:
    """The message about the value at ``path``; ``shown`` is None for a value that messages must not show."""
    value = "Value" if shown is None else f"Value '{shown}'"
    return f"{value} at '{path}' {_MUST} {rule}"


def null_violation(path: str, *, hidden: bool = False) -> str:
    """The message about a required member that is missing."""
    return f"{'Value' if hidden else 'Value null'} at '{path}' {_MUST} not be null"


def wrong_length(
    value: Sequence[object], length: Length, path: str, shown: str | None
) -> Iterator[str]:
    """The messages about too few or too many characters, bytes or items."""
    if len(value) < length.minimum:
        rule = f"have length greater than or equal to {length.minimum}"
        yield violation(path, shown, rule)
    if len(value) > length.maximum:
        rule = f"have length less than or equal to {length.maximum}"
        yield violation(path, shown, rule)


def wrong_number(value: int, range_: Range, path: str) -> Iterator[str]:
    """The messages about a number that is too small or too large."""
    if value < range_.minimum:
        rule = f"have value greater than or equal to {range_.minimum}"
        yield violation(path, str(value), rule)
    if value > range_.maximum:
        rule = f"have value less than or equal to {range_.maximum}"
        yield violation(path, str(value), rule)


def validation_exception(violations: Sequence[str]) -> ValidationException:
    """The one error for all violations."""
    errors = (
        "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
    )
    return ValidationException(f"{errors} detected: {'; '.join(violations)}")


def list_text(items: Iterable[object]) -> str:
    """A list, as messages show it."""
    return f"[{', '.join(str(item) for item in items)}]"


def not_a_structure(value: object) -> SerializationException:
    """AWS's error for a value that should be a structure or a map."""
    if value is None:
        return _of_null()
    is_list = isinstance(value, list | tuple)
    return SerializationException(_START_OF_LIST if is_list else "Expected null")


def wrong_type(value: object, target: str) -> SerializationException:
    """AWS's error for a value of the wrong type; for a list or an object, it says which of them the value is."""
    if value is None:
        return _of_null()
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


def _of_null() -> SerializationException:
    """
    The error for null in a list or a map, of which no text of AWS is known.

    A member that is null is one that is missing.
    """
    return SerializationException().with_note("a list or a map has no null")
