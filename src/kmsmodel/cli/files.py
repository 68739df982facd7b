"""
The files that a command reads and writes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

STANDARD = Path("-")
"""Standard input or output."""

FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
"""The type of an option that names a file."""


def read(file: Path) -> bytes:
    """The content of a file. Raises ClickException if it is empty, OSError if it cannot be read."""
    content = sys.stdin.buffer.read() if file == STANDARD else file.read_bytes()
    if not content:
        raise click.ClickException(f"{file} is empty")
    return content


def write(file: Path, content: bytes, *, force: bool) -> None:
    """
    Write a file; if it is new, only its owner may read it.

    Raises ClickException if the file exists, unless ``force`` is set, and OSError if it cannot be written.
    """
    if file == STANDARD:
        click.echo(content, nl=False)
        return

    def opener(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600)

    try:
        with open(file, "wb" if force else "xb", opener=opener) as opened:
            opened.write(content)
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists; --force writes over it") from error
