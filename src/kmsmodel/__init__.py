"""
An executable model of AWS KMS, as a typed Python library.

    kms, response = handle(kms, request, call)

Everything public can be imported from here. A name is loaded when it is first used, from the module that
`__init__.pyi` gives for it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from itertools import pairwise


def _homes() -> dict[str, str]:
    """The module of each public name, read from the stub that type checkers read."""
    stub = files(__name__).joinpath("__init__.pyi").read_text(encoding="utf-8")
    homes: dict[str, str] = {}
    for statement in stub.split("\nfrom ")[1:]:
        module, _, names = statement.partition(" import ")
        words = pairwise(names.replace(",", " ").split())
        homes |= {word: module for before, word in words if before == "as"}
    return homes


_HOMES = _homes()
_MODULES = frozenset(name for name, module in _HOMES.items() if module == __name__)

__all__ = [name for name in _HOMES if name not in _MODULES]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
