"""
What is typed in a shell and what the AWS CLI prints, in lines of 80 columns.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from textwrap import wrap
from typing import Any, Final, cast, final

from attrs import AttrsInstance, frozen, has
from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.words import structures

WIDTH: Final = 80

_LONGEST_BASE64 = 32
_CUT = '..."'


@final
@frozen
class Transcript:
    """Prints what happens, in colour if the console is a terminal."""

    console: Console

    def heading(self, text: str) -> None:
        self._print(Text(f"\n{text}", style="bold"))

    def say(self, text: str, style: str = "") -> None:
        """Print a text; its lines break at spaces only, so that an ARN stays whole."""
        lines = wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
        self._print(Text("\n".join(lines), style=style))

    def command(self, *words: str) -> None:
        """Print a command; its lines break between these words, and a shell would take them as one."""
        lines = [f"$ {words[0]}"]
        for word in words[1:]:
            if len(f"{lines[-1]} {word} \\") <= WIDTH:
                lines[-1] += f" {word}"
            else:
                lines[-1] += " \\"
                lines.append(f"    {word}")
        self._print(Text("\n".join(lines), style="cyan"))

    def answer(self, response: object) -> None:
        """Print a response in JSON, if it has members; a value that is too long for its line is cut."""
        members = _json(response)
        if members:
            lines = [_fitted(line) for line in json.dumps(members, indent=4).splitlines()]
            self._print(JSONHighlighter()(Text("\n".join(lines))))

    def error(self, operation: str, error: KmsError) -> None:
        """Print the error with which AWS KMS refuses an operation."""
        self.say(
            f"An error occurred ({error.code}) when calling the {operation} operation: {error.message}",
            style="red",
        )

    def _print(self, text: Text) -> None:
        self.console.print(text, soft_wrap=True)


def aws_command(request: Request[Any], files: Mapping[str, str]) -> tuple[str, ...]:
    """A request as a command of the AWS CLI, each option with its value; ``files`` names the file of each blob."""
    words = [f"aws kms {_kebab(request.operation)}"]
    for name, wire_name in structures.member_names(type(request)).items():
        value = getattr(request, name)
        if value is not None:
            words.append(f"--{_kebab(wire_name)} {_argument(value, files.get(name, ''))}")
    return tuple(words)


def _argument(value: object, file: str) -> str:
    if isinstance(value, bytes):
        return f"fileb://{file}"
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, str]", value)
        return ",".join(f"{key}={each}" for key, each in pairs.items())
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)


def _json(value: object) -> object:
    cls = cast("type[AttrsInstance]", type(value))
    if has(cls):
        names = structures.member_names(cls)
        members = {wire_name: getattr(value, name) for name, wire_name in names.items()}
        return {name: _json(each) for name, each in members.items() if each is not None}
    if isinstance(value, tuple):
        return [_json(each) for each in cast("tuple[object, ...]", value)]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        text = base64.b64encode(value).decode()
        if len(text) > _LONGEST_BASE64:
            return f"{text[:_LONGEST_BASE64]}... ({len(text)} characters)"
        return text
    return value


def _fitted(line: str) -> str:
    """A line of JSON; the string at its end is cut if it is too long."""
    if len(line) <= WIDTH:
        return line
    end = _CUT + ("," if line.endswith(",") else "")
    return line[: WIDTH - len(end)] + end


def _kebab(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "-", name).lower()
