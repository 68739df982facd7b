"""
The tables and the picture of a KMS key's life, as text that is made from the code that decides it.

There is no rule here: what moves a key from key state to key state comes from the exploration of `Lifecycle`, and what
each key state permits comes from `KEY_STATE_TABLE`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Final, final

from attrs import evolve, field, frozen

from kmsmodel.exploration.events import Bounds
from kmsmodel.exploration.kinds import KINDS, explored
from kmsmodel.exploration.moves import SYNCHRONIZE, moves
from kmsmodel.exploration.walk import explore
from kmsmodel.machine.key_state import KEY_STATE_TABLE, Refusal, Row
from kmsmodel.words.enumerations import KeyState, OriginType

COMMAND: Final = "kmsmodel states --format page >docs/machine-tables.md"
"""The command that prints the page of the docs."""

JSON_COMMAND: Final = "kmsmodel states --format json >src/kmsmodel/console/lifecycle.json"
"""The command that prints what the console draws."""

GONE: Final = "deleted"
_NO_KEY: Final = "[*]"


@final
@frozen
class Cell:
    """What an event does to keys in one key state: the key states that can follow, None for no key, and the errors."""

    states: frozenset[KeyState | None] = field(default=frozenset[KeyState | None]())
    errors: frozenset[str] = field(default=frozenset[str]())

    def __or__(self, other: Cell) -> Cell:
        return Cell(self.states | other.states, self.errors | other.errors)


@cache
def joint() -> Mapping[tuple[KeyState | None, str], Cell]:
    """For each key state and event, what the event does there to keys of all kinds."""
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
    texts = [f"[{n}] {_told(note)}" for n, note in enumerate(notes, 1)]
    return _table(["", *heads, "Takes only keys of origin"], rows) + "".join(
        f"\n{text}\n" for text in texts
    )


# AWS prints one column for both key states of a key that will be deleted.
_SHARED: Mapping[str, str] = {KeyState.PendingReplicaDeletion: KeyState.PendingDeletion}
_SHARED_HEAD = f"{KeyState.PendingDeletion}, {KeyState.PendingReplicaDeletion}"


def _told(refusal: Refusal) -> str:
    """The error of a refusal, and the text that it has instead in a key state that shares its column."""
    told = f"{refusal.error.__name__}: *ARN* {refusal.text}"
    others = {
        (state, other.text)
        for row in KEY_STATE_TABLE.values()
        for state, column in _SHARED.items()
        if row[column] == refusal and (other := row[state]) is not None and other != refusal
    }
    return told + "".join(f" In {state}: *ARN* {text}" for state, text in sorted(others))


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


@final
@frozen
class Arrow:
    """What leads from one key state to another. A key state of None means that there is no such key."""

    before: KeyState | None
    after: KeyState | None
    labels: tuple[str, ...]


def arrows(origin: OriginType | None = None) -> tuple[Arrow, ...]:
    """All that moves a KMS key from key state to key state; keys of this origin only, if one is given."""
    labels: dict[tuple[KeyState | None, KeyState | None], set[str]] = {}
    for kind, (start, _) in KINDS.items():
        if origin in {None, *_walked_as(start.life.origin)}:
            for before, after, label in _moves(kind):
                labels.setdefault((before, after), set()).add(label)
    places = [None, *KeyState]
    return tuple(
        Arrow(before, after, tuple(sorted(labels[before, after])))
        for before, after in sorted(labels, key=lambda ends: [places.index(end) for end in ends])
    )


@cache
def _moves(kind: str) -> frozenset[tuple[KeyState | None, KeyState | None, str]]:
    """From which key state to which other a key of this kind moves, and why."""
    start, bounds = KINDS[kind]
    short = evolve(
        _SHORT,
        materials=min(_SHORT.materials, bounds.materials),
        on_demand_rotation=bounds.on_demand_rotation[-1:],
    )
    return frozenset(
        (move.before, move.after, move.label)
        for transition in explore(start, short).transitions
        for move in moves(transition)
        if move.refusal is None and move.before is not move.after
    ) | {(None, start.key_state(), "CreateKey")}


# They are enough to find every arrow, in a tenth of the time that all combinations take; a test compares the two.
_SHORT = Bounds(materials=2, valid_for=(timedelta(days=7),), pending_window_in_days=(7,))


def _walked_as(origin: OriginType) -> tuple[OriginType, ...]:
    """The origins that a kind of key stands for: keys move alike in custom key stores of both types."""
    if origin is OriginType.AWS_CLOUDHSM:
        return (origin, OriginType.EXTERNAL_KEY_STORE)
    return (origin,)


def moves_in_json() -> str:
    """
    The kinds of KMS keys, and what moves them from key state to key state, as JSON.

    There is a line for each event and each pair of key states; null stands for no key. An event that is not an
    operation is done by time or by AWS KMS itself.
    """
    kinds: dict[tuple[KeyState | None, KeyState | None, str], list[str]] = {}
    for kind in KINDS:
        for move in _moves(kind):
            kinds.setdefault(move, []).append(kind)
    places = [None, *KeyState]
    moved = sorted(kinds, key=lambda move: (places.index(move[0]), places.index(move[1]), move[2]))
    transitions = [
        {
            "from": before,
            "to": after,
            "by": label,
            "kind": "operation" if label[0].isupper() and label != SYNCHRONIZE else "time",
            "keys": kinds[before, after, label],
        }
        for before, after, label in moved
    ]
    keys = [
        {
            "id": kind,
            "origins": _walked_as(start.life.origin),
            "multi_region": start.life.multi_region_key_type is not None,
            "asymmetric": not start.life.is_symmetric_encryption_key,
        }
        for kind, (start, _) in KINDS.items()
    ]
    parts = (
        f' "{name}": [\n{_lines(each)}\n ]'
        for name, each in (("keys", keys), ("transitions", transitions))
    )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(values: Iterable[object]) -> str:
    """JSON with a line for each value."""
    return ",\n".join(f"  {json.dumps(value)}" for value in values)


def mermaid() -> str:
    """The eight key states and what moves a key between them, as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for arrow in arrows():
        ends = f"{arrow.before or _NO_KEY} --> {arrow.after or _NO_KEY}"
        lines.append(f"    {ends}: {'<br>'.join(arrow.labels)}")
    return "".join(f"{line}\n" for line in lines)


# ---- all of it


def markdown() -> str:
    """AWS's table of what each key state permits, and the picture, as Markdown."""
    return f"{key_state_table()}\n```mermaid\n{mermaid()}```\n"


def page() -> str:
    """The page of the docs with the picture and all tables."""
    return f"""\
<!-- Printed by `{COMMAND}`. -->

# The machine's tables

This page is printed by a program. The picture and the first table come from a walk through every combination of facts
that a KMS key can reach; the last table is the one that the operations ask.

## From key state to key state

```mermaid
{mermaid()}```

## What follows from each event

Where a cell has several key states, the key state alone does not decide which of them follows: the facts behind it do.
Where it has only errors, the event is always refused; where it has a key state, it is still refused for some keys and
some arguments. An empty cell means that the event cannot happen there, or was not tried.

{joint_table()}
## How many combinations there are

A combination is whether a key is enabled, its key materials (which state each is in, whether it is present and when it
expires), the dates of its deletion, creation and update, the end of an on-demand rotation that is in progress, and
whether its custom key store is connected; for multi-Region keys, all this of a primary key and its replica key
together. Dates are counted from now.

{counts_table()}
## What each key state permits

{key_state_table()}"""
