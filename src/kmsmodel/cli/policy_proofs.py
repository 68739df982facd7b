"""
``kmsmodel policy check`` and ``diff``: whether key policies keep rules, and how the access by two of them compares.

The exit status is 0 if all was proved, 1 if a request was found, 2 if the command or a file was not understood, and 3
if something is unknown.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from kmsmodel.cli.policy import owner_of
from kmsmodel.cli.usage import Word, examples

if TYPE_CHECKING:
    from kmsmodel.policy.proofs.answers import Answer, Comparison, Found
    from kmsmodel.policy.proofs.key_policy import KeyPolicy

_FOUND, _NOT_UNDERSTOOD, _UNKNOWN = 1, 2, 3

_ACCOUNT = click.option(
    "--account",
    metavar="ACCOUNT",
    help="The account id of the key's owner. [default: that of the only root user whom the policy allows]",
)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog=examples(
        "  kmsmodel policy check *.json --account 111122223333",
        "  kmsmodel policy check vault.json --rules strict --format json",
    )
)
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILES...")
@_ACCOUNT
@click.option(
    "--rules",
    type=Word(("standard", "strict")),
    default="standard",
    show_default=True,
    help="standard: not public, no lockout, no services for others, attestation not passed by; strict: also nobody "
    "from outside.",
)
@click.option(
    "--format",
    "form",
    type=Word(("text", "json")),
    default="text",
    show_default=True,
    help="How to tell it.",
)
@click.pass_context
def check(
    ctx: click.Context, files: tuple[Path, ...], account: str | None, rules: str, form: str
) -> None:
    """Check key policies against rules."""
    from kmsmodel.policy.proofs.rules import RULES

    answers = [
        (path, rule, rule.answer(known))
        for path in files
        for known in [_read(path, account)]
        for rule in RULES[rules]
    ]
    if form == "json":
        rows = [_row(path, rule.name, answer) for path, rule, answer in answers]
        click.echo(json.dumps(rows, indent=2))
    else:
        console = _console()
        for path, rule, answer in answers:
            _print(console, f"{path}: {rule.name}", answer)
    ctx.exit(_status(*(answer for _, _, answer in answers)))


@click.command(
    epilog=examples(
        "  kmsmodel policy diff main.json vault.json --account 111122223333 --format json"
    )
)
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@_ACCOUNT
@click.option(
    "--format",
    "form",
    type=Word(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="How to tell it.",
)
@click.pass_context
def diff(ctx: click.Context, old: Path, new: Path, account: str | None, form: str) -> None:
    """
    Show the access that a new key policy gives and an old one does not, and the access that is lost.

    The exit status is 1 if there is new access.
    """
    older, newer = _read(old, account), _read(new, account)
    comparison = newer.compared_with(older)
    if form == "json":
        click.echo(json.dumps(comparison.to_json(), indent=2))
    elif form == "markdown":
        click.echo("\n".join(_markdown(comparison)))
    else:
        _print_comparison(_console(), comparison)
    if comparison.new:
        ctx.exit(_FOUND)
    ctx.exit(_UNKNOWN if comparison.verdict == "unknown" else 0)


def _read(path: Path, account: str | None) -> KeyPolicy:
    from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
    from kmsmodel.policy.proofs.callers import policy_of
    from kmsmodel.policy.proofs.key_policy import KeyPolicy

    try:
        owner = account or owner_of(policy_of(path))
        if owner is None:
            raise click.UsageError(f"{path}: cannot tell the account of the key: give --account.")
        return KeyPolicy.load(path, account=owner)
    except (LimitExceededException, MalformedPolicyDocumentException, ValueError) as error:
        notes = ", ".join(getattr(error, "__notes__", ())) or str(error)
        raise click.UsageError(f"{path}: {notes or 'this is no policy'}") from error


def _status(*answers: Answer) -> int:
    from kmsmodel.policy.proofs.answers import Found, Unknown

    if any(isinstance(each, Found) for each in answers):
        return _FOUND
    return _UNKNOWN if any(isinstance(each, Unknown) for each in answers) else 0


def _row(path: Path, name: str, answer: Answer) -> dict[str, Any]:
    from kmsmodel.policy.proofs.answers import Found, Unknown

    row: dict[str, Any] = {"file": str(path), "rule": name, "answer": type(answer).__name__}
    if isinstance(answer, Unknown):
        row["reason"] = answer.reason
    if isinstance(answer, Found):
        change = answer.smallest_change()
        row |= {
            "request": answer.to_json() if answer.access else None,
            "closed_by": [] if change is None else list(change.does),
        }
    return row


def _console() -> Console:
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def _print(console: Console, title: str, answer: Answer) -> None:
    from kmsmodel.policy.proofs.answers import Found, Proved

    if isinstance(answer, Proved):
        console.print(f"{title}: proved", style="green")
    elif isinstance(answer, Found):
        console.print(f"{title}: found", style="red")
        console.print("\n".join(str(answer).splitlines()[1:]))
    else:
        console.print(f"{title}: unknown: {answer.reason}", style="yellow")


def _print_comparison(console: Console, comparison: Comparison) -> None:
    console.print(comparison.verdict, style="bold")
    for title, listed in (("new", comparison.new), ("lost", comparison.lost)):
        for each in listed:
            console.print(f"  {title}: {_told(each)}", style="red" if title == "new" else "")
    for unknown in comparison.unknown:
        console.print(f"  unknown: {unknown.reason}", style="yellow")


def _told(found: Found) -> str:
    row = found.to_json()
    context = ", ".join(f"{name} = {value}" for name, value in row["context"].items())
    by = f" by {', '.join(row['by'])}" if row["by"] else ""
    return f"{row['action']} to {row['caller']}{f' with {context}' if context else ''}{by}"


def _markdown(comparison: Comparison) -> list[str]:
    lines = [
        f"**{comparison.verdict}**",
        "",
        "| | action | caller | condition keys | by |",
        "|---|---|---|---|---|",
    ]
    for title, listed in (("new", comparison.new), ("lost", comparison.lost)):
        for each in listed:
            row = each.to_json()
            context = ", ".join(f"`{name}` = `{value}`" for name, value in row["context"].items())
            lines.append(
                f"| {title} | `{row['action']}` | `{row['caller']}` | {context} | {', '.join(row['by'])} |"
            )
    lines.extend(f"| unknown | | | {each.reason} | |" for each in comparison.unknown)
    return lines
