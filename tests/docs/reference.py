"""
The list of modules of `docs/reference.md`: ``python -m tests.docs.reference`` writes it anew.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"
_MODULE = re.compile(r"^\.\. automodule:: (\S+)$", re.MULTILINE)
_LIST = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


def listed(page: str) -> str:
    """The list that a page has."""
    found = _LIST.search(page)
    return "" if found is None else found[0]


def expected(page: str) -> str:
    """The list of the modules of a page."""
    rows = [f"| `{module}` | {_first_sentence(module)} |" for module in _MODULE.findall(page)]
    return "\n".join(["| module | what it is |", "|---|---|", *rows, ""])


def _first_sentence(module: str) -> str:
    path = ROOT.joinpath("src", *module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0].replace("|", "\\|")


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before = listed(page)
    new = expected(page)
    PAGE.write_text(page.replace(before, new) if before else page, encoding="utf-8")


if __name__ == "__main__":
    main()
