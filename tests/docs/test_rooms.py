"""
The pages that print the import rule print the one that is tested.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rooms import PLACES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["docs/design.md", "CONTRIBUTING.md"])
def test_a_page_prints_the_rule_of_the_rooms_as_it_is_tested(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    found = re.search(r"errors < words.*?__main__", text, re.DOTALL)
    assert found is not None
    printed = [set(re.findall(r"\w+", names)) for names in found[0].split("<")]
    tested: list[set[str]] = [set() for _ in printed]
    for name, place in PLACES.items():
        if name != ".":
            tested[place].add(name)
    assert printed == tested
