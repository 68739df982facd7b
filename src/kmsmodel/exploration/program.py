"""
How a world and its events are written as Python, with dates relative to ``now``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from typing import Final, cast

from attrs import NOTHING, fields

from kmsmodel.exploration.world import DAY, NOW, Name, Takes
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material

PRELUDE: Final = (
    "from datetime import UTC, datetime, timedelta",
    "",
    "from kmsmodel import ImportType, KeySpec, Lifecycle, Material, MultiRegionKeyType, OriginType",
    "",
    f"now = datetime({NOW.year}, {NOW.month}, {NOW.day}, tzinfo=UTC)",
)
"""The lines that every program begins with."""


def source(value: object) -> str:
    """The value as Python source; but for `Takes`, a span of time stands for the date that is as far from ``now``."""
    match value:
        case Name():
            return value.value
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case str():
            return json.dumps(value)
        case Takes():
            return span(value)
        case timedelta():
            return f"now + {span(value)}"
        case Lifecycle() | Material():
            return f"{type(value).__name__}({', '.join(_members(value))})"
        case tuple():
            items = cast("tuple[object, ...]", value)
            return f"({' '.join(f'{source(item)},' for item in items)})"
        case _:
            return repr(value)


def _members(value: Lifecycle | Material) -> Iterator[str]:
    for field in fields(type(value)):
        member: object = getattr(value, field.name)
        if field.default is NOTHING or member != field.default:
            yield f"{field.name}={source(member)}"


def span(span: timedelta) -> str:
    """The span of time as Python source."""
    if span % DAY:
        return f"timedelta(seconds={span.total_seconds():g})"
    return f"timedelta(days={span.days})"
