"""
The page on pipelines shows what the commands print.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kmsmodel.pipeline.rules_file import parse
from tests.pipeline.running import run

PAGE = (Path(__file__).parents[2] / "docs" / "policy-pipeline.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    """The blocks of the page of this kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_commands_of_the_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in zip(
        ("vault.json", "misspelled.json", "main.json"), blocks("json"), strict=True
    ):
        Path(name).write_text(text)
    shown = blocks("console")
    assert len(shown) == 3
    for block in shown:
        command, _, printed = block.partition("\n")
        words = command.removeprefix("$ kmsmodel policy ").split()
        result = run(*words)
        assert result.output == printed
        assert result.exit_code == 1


def test_the_rules_file_of_the_page_is_read() -> None:
    (text,) = blocks("toml")
    found = parse(text, Path(), lambda _: ())
    assert len(found.accepted) == 1
    assert [each.rule.name for each in found.applied][-3:] == [
        each["name"] for each in tomllib.loads(text)["rule"]
    ]
