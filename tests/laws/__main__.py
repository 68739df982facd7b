"""
The page of the docs that lists the laws, printed from the tests: ``python -m tests.laws`` writes it anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "laws.md"

_NAMES = {"aws": "AWS", "http": "HTTP", "python": "Python"}

INTRODUCTION = """\
# The laws

What is true of AWS KMS in this model, for every request in every state. Each law is a test in `tests/laws` that
Hypothesis tries to break: it draws worlds of KMS keys in all key states, and requests of every operation, valid or
spoiled.

This page is printed from those tests by `python -m tests.laws`.
"""


def page() -> str:
    """The page: a heading for each file, a paragraph for each test."""
    return "\n".join((INTRODUCTION, *_chapters()))


def _chapters() -> Iterator[str]:
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        laws = [each for each in module.body if isinstance(each, ast.FunctionDef)]
        paragraphs = [_law(law) for law in laws if law.name.startswith("test_")]
        heading = cleandoc(ast.get_docstring(module) or path.stem)
        yield f"## {path.stem.removeprefix('test_').replace('_', ' ').capitalize()}\n"
        yield f"{heading}\n"
        yield "\n".join(paragraphs)


def _law(law: ast.FunctionDef) -> str:
    words = law.name.removeprefix("test_").split("_")
    name = " ".join(_NAMES.get(word, word) for word in words)
    told = ast.get_docstring(law)
    return f"- **{name[0].upper()}{name[1:]}.**" + ("" if told is None else f" {told}") + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
