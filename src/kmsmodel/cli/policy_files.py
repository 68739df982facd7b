"""
What ``kmsmodel policy check`` and ``diff`` share: the files that they read, and how they tell it.

The exit status is 0 if all was proved, 1 if a request was found, 2 if the command or a file was not understood, and 3
if something is unknown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kmsmodel.cli.files import STANDARD
from kmsmodel.cli.usage import Word

if TYPE_CHECKING:
    from kmsmodel.pipeline.files import Contents, Job, Known

FILES = click.Path(exists=True, allow_dash=True, path_type=Path)

ACCOUNT = click.option(
    "--account",
    metavar="ACCOUNT",
    help="The account id of the key's owner. [default: that of the only root user whom the policy allows]",
)
PARAMETERS = click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of a template, or a pseudo parameter such as AWS::Region. Can be given several times.",
)
ASSUME = click.option(
    "--assume",
    multiple=True,
    metavar="ADDRESS=ARN",
    help="The ARN of what a plan or a template does not know yet. Can be given several times.",
)
FORMAT = click.option(
    "--format",
    "form",
    type=Word(("text", "json", "sarif", "junit", "markdown")),
    default="text",
    show_default=True,
    help="How to tell it.",
)


def known(
    account: str | None,
    parameters: Iterable[str],
    assume: Iterable[str],
    iam: Path | None = None,
) -> Known:
    """What the options tell besides the files."""
    from kmsmodel.pipeline.files import Known

    return Known(
        account=account,
        parameters=_pairs(parameters, "--parameter"),
        assume=_pairs(assume, "--assume"),
        iam=None if iam is None else str(iam),
    )


def _pairs(given: Iterable[str], option: str) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{each} is not NAME=VALUE.", param_hint=option)
        pairs[name] = value
    return pairs


def contents(path: Path, besides: Known) -> Contents:
    """The key policies in a file. Raises UsageError if it is not understood."""
    from kmsmodel.pipeline.stored import NotUnderstoodError

    try:
        found = job(path).contents(besides)
    except NotUnderstoodError as error:
        raise click.UsageError(f"{path}: {error}") from error
    if not found.policies and not found.before:
        raise click.UsageError(f"{path} has no key policy.")
    return found


def job(path: Path) -> Job:
    """A file to read; standard input is read at once."""
    from kmsmodel.pipeline.files import Job

    if path != STANDARD:
        return Job(file=str(path))
    return Job(file="standard input", content=sys.stdin.buffer.read())
