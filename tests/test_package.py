"""
What the project promises of its package.
"""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.package import MODULES, REQUIREMENTS, ROOT, extras

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_each_extra_is_tried_by_itself() -> None:
    assert MODULES.keys() == {"", *extras()}


@pytest.mark.parametrize("requirement", PROJECT["project"]["dependencies"])
def test_the_lowest_lock_has_the_lower_bound_of_each_dependency(requirement: str) -> None:
    """If it has not: make lock."""
    name, bound = requirement.split(">=")
    lock = (REQUIREMENTS / "lowest.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{name}==([0-9.]+)", lock, re.MULTILINE)
    assert found is not None
    assert f"{found[1]}.".startswith(f"{bound}.")


def test_workflows_name_no_host_of_a_registry_and_keep_no_secret() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        assert "secrets." not in text, file
        assert re.search(r"https?://", text) is None, file
