"""
The versions of clients in the docs are those that are locked for the tests.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = re.compile(r"`([@\w/.-]+)` (\d+(?:\.\d+)+)")
NODE = "node_modules/"


def locked() -> dict[str, set[str]]:
    """The versions of each package in the locks for Python and for Node.js."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "requirements").glob("*.txt"):
        for name, version in re.findall(
            r"^([\w-]+)==([\d.]+)", file.read_text("utf-8"), re.MULTILINE
        ):
            found.setdefault(name, set()).add(version)
    lock = json.loads((ROOT / "tests/walks/node/package-lock.json").read_text("utf-8"))
    for path, package in lock["packages"].items():
        found.setdefault(path.removeprefix(NODE), set()).add(package.get("version", ""))
    return found


@pytest.mark.parametrize("page", ["other-languages", "beside-moto"])
def test_the_versions_that_a_page_names_are_locked(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    plain = re.findall(r"\b(moto|boto3) (\d+(?:\.\d+)+)", text)
    named = {*VERSION.findall(text), *plain}
    assert named
    known = locked()
    assert {(name, version) for name, version in named if version not in known[name]} == set()
