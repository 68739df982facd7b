"""
The page on fidelity names the function that decides each assumption. A name that is out of date helps nobody.
"""

from __future__ import annotations

import re
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from pkgutil import walk_packages

import pytest

import kmsmodel

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"
NAMED = sorted(set(re.findall(r"`([A-Za-z_]+)\.([a-z_][A-Za-z_.]*)`", PAGE.read_text("utf-8"))))
FILE_ENDINGS = {"bin", "json", "txt", "zip"}

MODULES = [
    import_module(module.name)
    for module in walk_packages(kmsmodel.__path__, "kmsmodel.")
    if not module.name.startswith(("kmsmodel.cli", "kmsmodel.__main__"))
]
CLASSES = {
    name: each
    for module in MODULES
    for name, each in vars(module).items()
    if isinstance(each, type)
}


def homes(name: str) -> list[object]:
    """The class of this name, or the modules: two rooms may each have one."""
    modules = [each for each in MODULES if each.__name__.rpartition(".")[2] == name]
    return [CLASSES[name]] if name in CLASSES else list(modules)


def has(home: object, name: str) -> bool:
    try:
        return attrgetter(name)(home) is not None
    except AttributeError:
        return False


@pytest.mark.parametrize("home, name", [each for each in NAMED if each[1] not in FILE_ENDINGS])
def test_what_the_page_names_exists(home: str, name: str) -> None:
    assert any(has(each, name) for each in homes(home))


def test_the_page_names_what_decides() -> None:
    assert len(NAMED) > 80
