"""The examples of the docs pass the type checker that a reader would ask."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from doctest import DocTestParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

pytest.importorskip("mypy")

PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
}

BLOCK = re.compile(r"^```(pycon|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

ABSENT = ("aiobotocore", "fastapi")
"""Packages that a page names and that are not installed here: a block that imports one is not checked."""

WRONG = """\
```pycon
>>> from kmsmodel import CreateKeyRequest
>>> request = CreateKeyRequest(origin="EXTERNAL")
```
"""


def examples(page: str) -> Iterator[tuple[int, str]]:
    """The lines of Python on a page, each with its number, counted from 0."""
    for block in BLOCK.finditer(page):
        language, text = block.groups()
        if re.search(rf"^(from|import) ({'|'.join(ABSENT)})\b", text, re.MULTILINE):
            continue
        parts = [(0, text)]
        if language == "pycon":
            parts = [(part.lineno, part.source) for part in DocTestParser().get_examples(text)]
        begin = page.count("\n", 0, block.start(2))
        for offset, source in parts:
            yield from enumerate(source.splitlines(), begin + offset)


def module(page: str) -> str:
    """The examples of a page as a module, in which each line has the number that it has on the page."""
    lines = [""] * page.count("\n")
    for number, line in examples(page):
        lines[number] = line
    return "\n".join([*lines, ""])


def complaints(pages: Mapping[str, str], directory: Path) -> list[str]:
    """What mypy says of these pages, by the lines of the pages."""
    names = {f"page_{number}.py": page for number, page in enumerate(pages)}
    for name, page in names.items():
        (directory / name).write_text(module(pages[page]), encoding="utf-8")
    options = ["--strict", "--config-file=", "--cache-dir=cache", "--no-error-summary"]
    options += ["--allow-redefinition"]  # a page is a session, in which names are used again
    mypy = [sys.executable, "-m", "mypy", *options, *names]
    ran = subprocess.run(mypy, capture_output=True, text=True, check=False, cwd=directory)
    assert not ran.stderr
    return re.sub(
        r"^page_\d+\.py", lambda name: names[name[0]], ran.stdout, flags=re.MULTILINE
    ).splitlines()


def test_each_example_has_the_types_that_it_should_and_a_wrong_one_has_not(tmp_path: Path) -> None:
    (complaint,) = complaints({**PAGES, "wrong.md": WRONG}, tmp_path)
    assert complaint.startswith('wrong.md:3: error: Argument "origin" to "CreateKeyRequest" has ')


def test_every_line_with_a_prompt_is_an_example() -> None:
    for name, page in PAGES.items():
        checked = {number for number, _ in examples(page)}
        for number, line in enumerate(page.splitlines()):
            if re.match(r"(>>>|\.\.\.)( |$)", line):
                assert number in checked, f"{name}: {line}"
