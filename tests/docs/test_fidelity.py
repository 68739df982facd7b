"""
The page on fidelity names the function that decides each assumption. A name that is out of date helps nobody.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from pkgutil import walk_packages

import pytest

import kmsmodel
from kmsmodel.operations import OPERATIONS
from tests.basics import facts

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


# ---- the table of the operations

SECTIONS = {
    "custom_key_store_updates": "Custom key stores",
    "grant_deletion": "Grants",
    "grant_lists": "Grants",
    "hmac_keys": "HMAC keys",
    "importing": "Importing key material",
    "multi_region_keys": "Multi-Region keys",
}
"""The headings of the chapters that are not called as their modules."""


def recorded() -> Iterator[tuple[str, str]]:
    """The operations whose answers are kept here, each with the date of the recording."""
    for file, entries in (
        ("recorded_errors.json", "errors"),
        ("recorded_shapes.json", "responses"),
    ):
        yield from ((each["operation"], each["recorded"]) for each in facts(file)[entries])
    for path in (PAGE.parents[1] / "tests" / "data" / "recorded_2026_09").glob("*.json"):
        recording = json.loads(path.read_text("utf-8"))
        for step in recording["steps"]:
            if "service" not in step and step.keys() & {"answer", "error"}:
                yield step["operation"], recording["recorded_from"][:10]


def rows() -> Iterator[str]:
    """A row for each operation: its claims, and how many recorded answers of it the tests compare."""
    dates = defaultdict[str, list[str]](list)
    for operation, date in recorded():
        dates[operation].append(date)
    for request, function in OPERATIONS.items():
        operation = request.__name__.removesuffix("Request")
        module = function.__module__.rpartition(".")[2]
        heading = SECTIONS.get(module, module.replace("_", " ").capitalize())
        link = f"[{heading}](#{heading.lower().replace(' ', '-')})"
        kept = dates[operation]
        told = f"{len(kept)}, the newest of {max(kept)}" if kept else "none"
        yield f"| `{operation}` | {link} | {told} |"


def test_each_operation_has_its_row() -> None:
    page = PAGE.read_text("utf-8")
    table = page.partition("### Each operation\n")[2].partition("\n### ")[0]
    assert [line for line in table.splitlines() if line.startswith("| `")] == list(rows())
    for row in rows():
        heading = row.partition("[")[2].partition("]")[0]
        assert f"\n### {heading}\n" in page
