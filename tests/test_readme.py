"""The README does what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from kmsmodel.errors import KmsError

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_every_example_prints_what_the_comment_below_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names: dict[str, object] = {}
    for block in BLOCKS:
        said = re.findall(r"^# (.*)$", block, re.MULTILINE)
        told: list[str] = []
        try:
            exec(block, names)
        except KmsError as error:
            told.append(f"{error.code}: {error.message}")
        assert capsys.readouterr().out.splitlines() + told == said


def test_the_test_of_an_application_passes() -> None:
    (name,) = re.findall(r"def (test_\w+)", README)
    names: dict[str, object] = {}
    exec(next(block for block in BLOCKS if name in block), names)
    cast("Callable[[], None]", names[name])()
