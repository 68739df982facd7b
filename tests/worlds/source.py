"""
A world as the Python program that makes it, so that a law that fails prints what to run.
"""

from __future__ import annotations

from typing import Any

from attrs import fields, has


def source(value: Any) -> str:
    """The value as Python, with what its own representation hides."""
    kind = kind_of(value)
    if kind is tuple:
        items = [source(item) for item in value]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if not has(kind):
        return repr(value)
    members = (
        f"{member.name}={source(getattr(value, member.name))}"
        for member in fields(kind)
        if getattr(value, member.name) != member.default
    )
    return f"{kind.__name__}({', '.join(members)})"


def kind_of(value: object) -> type[Any]:
    return type(value)
