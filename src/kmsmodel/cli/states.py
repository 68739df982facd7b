"""
``kmsmodel states``: what each key state permits and what moves a KMS key, as text, as Markdown or as a picture.
"""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from kmsmodel.cli.answers import OK, STATES, Answers, Origins, answers_to, only_of, origins_of
from kmsmodel.cli.usage import Word, examples
from kmsmodel.machine.key_state import ROWS
from kmsmodel.words.enumerations import KeyState, OriginType

_NO_KEY = "(no key)"
_INDENT = " " * 4


@click.command(
    epilog=examples(
        "  kmsmodel states --state PendingImport",
        "  kmsmodel states --operation ScheduleKeyDeletion --origin EXTERNAL",
        "  kmsmodel states --format mermaid >key-states.mmd",
    )
)
@click.option(
    "--state",
    type=Word(STATES),
    metavar="STATE",
    help=f"Only for keys in this key state: {', '.join(STATES)}.",
)
@click.option(
    "--operation",
    type=Word(tuple(ROWS)),
    metavar="OPERATION",
    help="Only for this operation, such as Encrypt.",
)
@click.option(
    "--origin",
    type=Word(OriginType),
    metavar="ORIGIN",
    help=f"Only for keys of this origin: {', '.join(OriginType)}.",
)
@click.option(
    "--format",
    "form",
    type=Word(("text", "markdown", "mermaid", "json", "page")),
    default="text",
    show_default=True,
    help="text: for a terminal; markdown: AWS's table and the picture; mermaid: the picture alone; json: what "
    "the picture shows; page: the page of the docs, with all tables.",
)
def states(
    state: KeyState | None, operation: str | None, origin: OriginType | None, form: str
) -> None:
    """
    Show what each key state permits, and what moves a KMS key.

    All of it comes from the code that decides it.
    """
    if form != "text":
        if state or operation or origin:
            raise click.UsageError("--state, --operation and --origin go with --format text.")
        click.echo(_whole(form), nl=False)
        return
    origins = origins_of(state, origin)
    if not origins:
        raise click.UsageError(f"A KMS key of origin {origin} is never {state}.")
    answers = answers_to(operation, origins)
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print("What AWS KMS answers in each key state", style="bold")
    if operation is None and state is None:
        _print_table(console, answers, origins)
    else:
        _print_list(console, answers, origins, by_state=state is None)
    _print_moves(console, state, operation, origin)


def _whole(form: str) -> str:
    from kmsmodel.exploration.diagrams import markdown, mermaid, moves_in_json, page

    forms = {"markdown": markdown, "mermaid": mermaid, "json": moves_in_json, "page": page}
    return forms[form]()


def _style(answer: str) -> str:
    return "green" if answer == OK else "red"


def _print_table(console: Console, answers: Answers, origins: Origins) -> None:
    """A row for each operation and a column for each key state; each column has its head on a line of its own."""
    operations = list(dict.fromkeys(operation for operation, _ in answers))
    key_states = list(dict.fromkeys(key_state for _, key_state in answers))
    notes = [answer for answer in dict.fromkeys(answers.values()) if answer != OK]
    every = list(dict.fromkeys(origin for possible in origins.values() for origin in possible))
    only = {operation: only_of(operation, every) for operation in operations}
    heads = [*key_states, *(["only of origin"] if any(only.values()) else [])]
    width = max(map(len, operations))
    for number, head in enumerate(heads):
        console.print(f"{'':{width}} {'|  ' * number}{head}")
    for operation in operations:
        line = Text(f"{operation:{width}}")
        for key_state in key_states:
            answer = answers[operation, key_state]
            mark = OK if answer == OK else str(notes.index(answer) + 1)
            line.append(f" {mark:2}", _style(answer))
        line.append(f" {only[operation]}")
        line.rstrip()
        console.print(line)
    console.print()
    for number, note in enumerate(notes, 1):
        console.print(f"{number:<2} {note}", style=_style(note))


def _print_list(console: Console, answers: Answers, origins: Origins, *, by_state: bool) -> None:
    """Each answer, and below it the key states or operations that get it."""
    names: dict[str, list[str]] = {}
    for (operation, key_state), answer in answers.items():
        only = only_of(operation, origins[key_state])
        name = key_state if by_state else operation
        names.setdefault(answer, []).append(f"{name} ({only} only)" if only else name)
    for answer in sorted(names, key=lambda answer: answer != OK):
        console.print(answer, style=_style(answer))
        text = ", ".join(names[answer])
        console.print(click.wrap_text(text, console.width, _INDENT, _INDENT))


def _print_moves(
    console: Console, state: KeyState | None, operation: str | None, origin: OriginType | None
) -> None:
    """What leads from key state to key state, each on a line; nothing if nothing does."""
    from kmsmodel.exploration.diagrams import arrows

    moves = [
        _move(arrow.before or _NO_KEY, arrow.after or _NO_KEY, label)
        for arrow in arrows(origin)
        for label in arrow.labels
        if state in {None, arrow.before} and operation in {None, label}
    ]
    if moves:
        console.print("\nWhat moves a KMS key", style="bold")
        console.print("\n".join((_move("from", "to", "by"), *moves)))


def _move(before: str, after: str, label: str) -> str:
    return f"{before:22}  {after:22}  {label}"
