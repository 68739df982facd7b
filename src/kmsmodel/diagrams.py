"""
The tables and the picture of a KMS key's life, printed from the code that decides it.

Nothing here knows a rule: key states and what moves a key between them come from the exhaustive exploration of
`Lifecycle`, and what each key state permits from `KEY_STATE_TABLE`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, final

from attrs import field, frozen

from kmsmodel.key_state import KEY_STATE_TABLE, Refusal, Row
from kmsmodel.shapes import KeyState, OriginType
from kmsmodel.testing.exploration import KINDS, explored, moves

COMMAND: Final = "python -m kmsmodel.diagrams page >docs/machine-tables.md"

GONE: Final = "deleted"
_START: Final = "[*]"


@final
@frozen
class Cell:
    """What an event does to keys in one key state: the key states that can follow, and the errors."""

    states: frozenset[KeyState | None] = field(default=frozenset[KeyState | None]())
    errors: frozenset[str] = field(default=frozenset[str]())

    def __or__(self, other: Cell) -> Cell:
        return Cell(self.states | other.states, self.errors | other.errors)


@cache
def joint() -> Mapping[tuple[KeyState | None, str], Cell]:
    """For each key state and event: the `Cell` of all transitions that any kind of key has there."""
    cells: dict[tuple[KeyState | None, str], Cell] = {}
    for kind in KINDS:
        for transition in explored(kind).transitions:
            for move in moves(transition):
                place = move.before, move.label
                if move.refusal is None:
                    cell = Cell(states=frozenset({move.after}))
                else:
                    cell = Cell(errors=frozenset({move.refusal.code}))
                cells[place] = cells.get(place, Cell()) | cell
    return cells


# ---- tables


def joint_table() -> str:
    """What follows from each event in each key state, as Markdown."""
    cells = joint()
    labels = sorted({label for _, label in cells}, key=lambda label: (label[0].islower(), label))
    rows = [
        [label, *(_cell_text(cells.get((state, label)), state) for state in KeyState)]
        for label in labels
        if any((state, label) in cells for state in KeyState)
    ]
    return _table(["", *KeyState], rows)


def _cell_text(cell: Cell | None, state: KeyState) -> str:
    if cell is None:
        return ""
    if not cell.states:
        return " *or* ".join(sorted(cell.errors))
    names = [next_state for next_state in KeyState if next_state in cell.states]
    texts = ["stays" if name is state else name.value for name in names]
    return " *or* ".join(texts + ([GONE] if None in cell.states else []))


def key_state_table() -> str:
    """AWS's table of what each key state permits, in AWS's layout, as Markdown."""
    columns = [
        state for state in next(iter(KEY_STATE_TABLE.values())).cells if state not in _SHARED
    ]
    heads = [_SHARED_HEAD if column in _SHARED.values() else column for column in columns]
    refusals = [row[column] for row in KEY_STATE_TABLE.values() for column in columns]
    notes = list(dict.fromkeys(refusal for refusal in refusals if refusal is not None))
    rows = [
        [operation, *(_permission(row[column], notes) for column in columns), _accepted(row)]
        for operation, row in KEY_STATE_TABLE.items()
    ]
    texts = [f"[{n}] {note.error.__name__}: *ARN* {note.text}" for n, note in enumerate(notes, 1)]
    return _table(["", *heads, "Takes only keys of origin"], rows) + "".join(
        f"\n{text}\n" for text in texts
    )


# AWS prints one column for both states of a key that is to be deleted.
_SHARED: Mapping[str, str] = {KeyState.PendingReplicaDeletion: KeyState.PendingDeletion}
_SHARED_HEAD = f"{KeyState.PendingDeletion}, {KeyState.PendingReplicaDeletion}"


def _permission(refusal: Refusal | None, notes: Sequence[Refusal]) -> str:
    return "ok" if refusal is None else f"refused [{notes.index(refusal) + 1}]"


def _accepted(row: Row) -> str:
    every = [origin.value for origin in OriginType]
    accepted = [origin for origin in every if origin in row.accepts]
    return "" if accepted == every else ", ".join(accepted)


def counts_table() -> str:
    """How many combinations of facts each kind of key reaches, as Markdown."""
    rows = [
        [
            kind,
            str(bounds.materials if start.life.origin in _KINDS_WITH_MATERIALS else 0),
            f"{len(explored(kind).worlds):,}",
            f"{len(explored(kind).transitions):,}",
        ]
        for kind, (start, bounds) in KINDS.items()
    ]
    return _table(["Kind of key", "key materials", "combinations", "events tried"], rows)


_KINDS_WITH_MATERIALS = (OriginType.AWS_KMS, OriginType.EXTERNAL)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# ---- the picture


def mermaid() -> str:
    """The eight key states and what moves a key between them, as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", *(f"    {arrow}" for arrow in _arrows())]
    return "".join(f"{line}\n" for line in lines)


def _arrows() -> Iterator[str]:
    """One arrow for each pair of key states, labelled with all the events that lead from one to the other."""
    for state in dict.fromkeys(explored(kind).start.key_state() for kind in KINDS):
        yield f"{_START} --> {state}: CreateKey"
    labels: dict[tuple[str, str], list[str]] = {}
    for (before, label), cell in joint().items():
        for after in cell.states:
            if after is not before:
                arrow = (before or _START, after or _START)
                labels.setdefault(arrow, []).append(label)
    places = [_START, *KeyState]
    for arrow in sorted(labels, key=lambda arrow: [places.index(place) for place in arrow]):
        yield f"{' --> '.join(arrow)}: {'<br>'.join(sorted(labels[arrow]))}"


# ---- the page


def page() -> str:
    """The page of the docs with the picture and the tables."""
    return f"""\
<!-- Printed by `{COMMAND}`. -->

# The machine's tables

All of this page is printed from the code: the picture and the first table from a walk through every combination of
facts that a KMS key can reach, the last from the table that the operations ask.

## From key state to key state

```mermaid
{mermaid()}```

## What follows from each event

Where several key states stand in one cell, the key state alone does not tell which of them follows: the facts that it
covers do. A cell with only an error is always refused; where a key state stands, some keys and some arguments are still
refused.

{joint_table()}
## How many combinations there are

A combination is one key's enabled flag, its key materials (which state each is in, whether it is there and when it
expires), the dates of its deletion, creation and update, and whether its custom key store is connected; for
multi-Region keys, of a primary key and its replica together. Dates are counted from now.

{counts_table()}
## What each key state permits

{key_state_table()}"""


_PRINTERS = {
    "states": joint_table,
    "table": key_state_table,
    "mermaid": mermaid,
    "page": page,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the one argument names: states, table, mermaid or page."""
    given = sys.argv[1:] if arguments is None else arguments
    name = given[0] if given else "page"
    if len(given) > 1 or name not in _PRINTERS:
        print(f"usage: python -m kmsmodel.diagrams [{'|'.join(_PRINTERS)}]", file=sys.stderr)
        return 2
    print(_PRINTERS[name](), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
