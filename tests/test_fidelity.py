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

PAGE = Path(__file__).parents[1] / "docs" / "fidelity.md"
NAMED = sorted(set(re.findall(r"`([a-z_]+)\.([A-Za-z_.]+)`", PAGE.read_text("utf-8"))))
FILE_ENDINGS = {"json"}

MODULES = {
    module.name.rpartition(".")[2]: module.name
    for module in walk_packages(kmsmodel.__path__, "kmsmodel.")
}


@pytest.mark.parametrize("module, name", [each for each in NAMED if each[1] not in FILE_ENDINGS])
def test_what_the_page_names_exists(module: str, name: str) -> None:
    assert attrgetter(name)(import_module(MODULES[module])) is not None


def test_the_page_names_what_decides() -> None:
    assert len(NAMED) > 50
