"""
How a command is used: the words that an option accepts, and the examples at the end of the help.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import click


@final
class Word(click.Choice[str]):
    """One of several words of AWS's, which may be typed in upper or lower case; its value is as AWS spells it."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(words, case_sensitive=False)
        self._spelling = {word.casefold(): str(word) for word in self.choices}

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        return self._spelling.get(str(choice).casefold(), str(choice))


def examples(*lines: str) -> str:
    """Examples as an epilog, whose lines click keeps as they are. Commands are indented by two spaces."""
    return "\n".join(("\b", "Example:" if len(lines) == 1 else "Examples:", *lines))
