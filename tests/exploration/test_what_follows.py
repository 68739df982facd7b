"""
Which key states are reached, and which follow from each event.
"""

from __future__ import annotations

from functools import cache

from kmsmodel.exploration.events import CONNECT
from kmsmodel.exploration.kinds import KINDS, explored
from kmsmodel.exploration.moves import (
    CREATED,
    EXPIRES,
    LAST_REPLICA_IS_GONE,
    PERIOD_ENDS,
    ROTATED,
    SYNCHRONIZE,
    UPDATED,
    moves,
)
from kmsmodel.words.enumerations import KeyState
from tests.exploration.rules import DELETION, USABLE, keys


@cache
def followers() -> dict[tuple[KeyState | None, str], set[KeyState | None]]:
    """For each key state and event the key states that follow, where the event succeeds."""
    found: dict[tuple[KeyState | None, str], set[KeyState | None]] = {}
    for kind in KINDS:
        for transition in explored(kind).transitions:
            for move in moves(transition):
                if move.refusal is None:
                    found.setdefault((move.before, move.label), set()).add(move.after)
    return found


def test_all_eight_key_states_are_reached() -> None:
    reached = {
        world.key_state(name)
        for kind in KINDS
        for world in explored(kind).worlds
        for name, _ in keys(world)
    }
    assert reached == {*KeyState, None}


def test_a_key_state_does_not_tell_what_follows_from_an_event() -> None:
    """No table from key state to key state could be the machine: these are the pairs that have several outcomes."""
    several = {place: states for place, states in followers().items() if len(states) > 1}
    assert several == {
        (KeyState.PendingDeletion, "CancelKeyDeletion"): {
            KeyState.Creating,
            KeyState.Disabled,
            KeyState.PendingImport,
            KeyState.Unavailable,
        },
        (KeyState.PendingReplicaDeletion, "CancelKeyDeletion"): {
            KeyState.Disabled,
            KeyState.PendingImport,
        },
        (KeyState.Enabled, "DeleteImportedKeyMaterial"): {
            KeyState.Enabled,
            KeyState.PendingImport,
        },
        (KeyState.Disabled, "DeleteImportedKeyMaterial"): {
            KeyState.Disabled,
            KeyState.PendingImport,
        },
        (KeyState.PendingImport, "ImportKeyMaterial"): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Enabled, "ScheduleKeyDeletion"): DELETION,
        (KeyState.Disabled, "ScheduleKeyDeletion"): DELETION,
        (KeyState.PendingImport, "ScheduleKeyDeletion"): DELETION,
        (KeyState.Unavailable, CONNECT): USABLE,
        (KeyState.Creating, CREATED): {*USABLE, KeyState.PendingImport},
        (KeyState.Updating, UPDATED): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Enabled, EXPIRES): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Disabled, EXPIRES): {KeyState.Disabled, KeyState.PendingImport},
        (KeyState.Enabled, "RotateKeyOnDemand"): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Enabled, ROTATED): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Disabled, ROTATED): {KeyState.Disabled, KeyState.PendingImport},
    }


def test_what_happens_by_itself() -> None:
    by_itself = {PERIOD_ENDS, LAST_REPLICA_IS_GONE, SYNCHRONIZE}
    assert {place: states for place, states in followers().items() if place[1] in by_itself} == {
        (KeyState.PendingDeletion, PERIOD_ENDS): {None},
        (KeyState.PendingReplicaDeletion, LAST_REPLICA_IS_GONE): {KeyState.PendingDeletion},
        (KeyState.Enabled, SYNCHRONIZE): {KeyState.PendingImport},
        (KeyState.Disabled, SYNCHRONIZE): {KeyState.PendingImport},
    }
