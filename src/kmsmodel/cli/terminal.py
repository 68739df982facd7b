"""
The terminal: it shows what stands in a policy, and is not moved by it.
"""

from __future__ import annotations

from typing import final

from rich.console import Console
from rich.text import Text


@final
class Terminal:
    """Prints lines as they are, without markup, and what cannot be printed as its escape."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)

    def print(self, text: str, style: str = "") -> None:
        """Print a text of one line or more."""
        self._console.print(Text(printable(text), style))


def printable(text: str) -> str:
    """The text with escapes for control characters and the halves of surrogate pairs, but for line feeds."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode()
        for each in text
    )
