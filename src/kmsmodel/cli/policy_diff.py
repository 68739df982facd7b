"""
``kmsmodel policy diff``: how the access by two key policies compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmsmodel.cli.columns import WIDTH, lines
from kmsmodel.cli.policy_files import (
    ACCOUNT,
    ASSUME,
    FORMAT,
    PARAMETERS,
    contents,
    known,
)
from kmsmodel.cli.terminal import Terminal, printable
from kmsmodel.cli.usage import examples

if TYPE_CHECKING:
    from kmsmodel.pipeline.differences import Difference, Pair
    from kmsmodel.pipeline.files import Known

_FOUND, _UNKNOWN = 1, 3
_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.command(
    epilog=examples(
        "  kmsmodel policy diff main.json vault.json --account 111122223333 --format json"
    )
)
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE, required=False)
@ACCOUNT
@click.option(
    "--generic",
    is_flag=True,
    help="Compare resource policies of any service: there is no key, and nothing is left to policies of IAM.",
)
@PARAMETERS
@ASSUME
@FORMAT
@click.pass_context
def diff(
    ctx: click.Context,
    *,
    old: Path,
    new: Path | None,
    account: str | None,
    generic: bool,
    parameters: tuple[str, ...],
    assume: tuple[str, ...],
    form: str,
) -> None:
    """
    Show the access that a new key policy gives and an old one does not, and the access that is lost.

    The files are as for `check`. The exit status is 1 if there is new access.
    """
    besides = known(account, parameters, assume)
    found = [_difference(each, besides, generic) for each in _pairs(old, new, besides)]
    _tell(found, form)
    if any(each.new for each in found):
        ctx.exit(_FOUND)
    ctx.exit(_UNKNOWN if any(each.verdict == "unknown" for each in found) else 0)


def _pairs(old: Path, new: Path | None, besides: Known) -> Sequence[Pair]:
    from kmsmodel.pipeline.differences import pairs

    before = contents(old, besides)
    if new is not None:
        return pairs(before.policies, contents(new, besides).policies)
    if before.before is None:
        raise click.UsageError(f"{old} is not a plan: give the new policy too.")
    return pairs(before.before, before.policies)


def _difference(pair: Pair, besides: Known, generic: bool) -> Difference:
    from kmsmodel.pipeline.differences import difference
    from kmsmodel.pipeline.generic import difference as generic_difference
    from kmsmodel.pipeline.stored import NotUnderstoodError

    old, new = pair
    try:
        if generic and old is not None and new is not None:
            return generic_difference(old, new, besides.account)
        return difference(old, new, besides.account)
    except NotUnderstoodError as error:
        raise click.UsageError(str(error)) from error


def _tell(found: Sequence[Difference], form: str) -> None:
    from kmsmodel.pipeline import as_json, junit, markdown, sarif
    from kmsmodel.pipeline.differences import as_results
    from kmsmodel.pipeline.results import Report

    match form:
        case "json":
            click.echo(as_json.compared(found))
        case "markdown":
            click.echo(printable(markdown.compared(found)))
        case "sarif":
            click.echo(sarif.written(Report(results=as_results(found))))
        case "junit":
            click.echo(junit.written(Report(results=as_results(found)), "kmsmodel policy diff"))
        case _:
            for each in found:
                _print(Terminal(), each, is_alone=len(found) == 1)


def _print(terminal: Terminal, found: Difference, *, is_alone: bool) -> None:
    from kmsmodel.pipeline.differences import grouped

    title = "" if is_alone else f"{found.title}: "
    terminal.print(f"{title}{found.verdict}", style="bold")
    rows = [
        (
            word,
            row["action"],
            row.get("resource", ""),
            row["caller"],
            _conditions(row),
            ", ".join(row["by"]),
        )
        for word, listed in (("new", found.new), ("lost", found.lost))
        for row in grouped(listed)
    ]
    for number, line in lines(rows, WIDTH - len(_INDENT)):
        terminal.print(f"{_INDENT}{line}", style="red" if rows[number][0] == "new" else "")
    for reason in found.unknown:
        terminal.print(f"  unknown: {reason}", style="yellow")
    for each in found.assumes:
        terminal.print(f"  assumed: {each}")


_INDENT = "  "


def _conditions(row: Mapping[str, Any]) -> str:
    from kmsmodel.pipeline.differences import conditions

    return conditions(row)
