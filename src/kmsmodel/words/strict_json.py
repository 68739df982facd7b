"""
JSON as AWS reads it: an object has each name only once, and neither NaN nor infinity is a number.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import NoReturn


def loads(text: str) -> object:
    """The value of a JSON text. Raises ValueError, which says what is wrong, for a text that is not strict JSON."""
    try:
        if text[:1] not in _WHITE_SPACE:
            value, end = _JSON.raw_decode(text)
            if not text[end:]:
                return value
        # What is around the value is white space, or an error that has a place.
        return _JSON.decode(text)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        times = Counter(name for name, _ in pairs)
        doubled = next(name for name, _ in pairs if times[name] > 1)
        raise ValueError(f"the name {doubled!r} stands twice in one object")
    return members


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


_JSON = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)
_WHITE_SPACE = " \t\n\r"
