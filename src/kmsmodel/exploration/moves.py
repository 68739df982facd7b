"""
What each key shows of a transition: its key state before and after, and in AWS's words what happened to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from attrs import evolve, frozen

from kmsmodel.errors import KmsError
from kmsmodel.exploration.events import TIME_PASSES
from kmsmodel.exploration.walk import Transition
from kmsmodel.exploration.world import Name, World
from kmsmodel.words.enumerations import KeyState

SYNCHRONIZE: Final = "SynchronizeMultiRegionKey"
CREATED: Final = "replica key is created"
UPDATED: Final = "primary Region is updated"
EXPIRES: Final = "key material expires"
ROTATED: Final = "on-demand rotation ends"
PERIOD_ENDS: Final = "waiting period ends"
LAST_REPLICA_IS_GONE: Final = "last replica key is deleted"


@final
@frozen
class Move:
    """
    One key in a transition: its key state before and after, and in AWS's words what happened to it.

    A key state of None means that there is no such key. ``refusal`` is the error, if the event was refused.
    """

    before: KeyState | None
    label: str
    after: KeyState | None
    refusal: KmsError | None = None


def moves(transition: Transition) -> Iterator[Move]:
    """The moves of the key that the event is about, and of its related key if that moves too."""
    before, event, outcome = transition.before, transition.event, transition.outcome
    if isinstance(outcome, KmsError):
        state = before.key_state(event.key)
        yield Move(state, event.label, state, outcome)
    elif event.name == TIME_PASSES:
        for name in (Name.life, Name.replica):
            for label in _what_time_does(before, outcome, name):
                yield Move(before.key_state(name), label, outcome.key_state(name))
    else:
        # ReplicateKey puts a key where there was none, and UpdatePrimaryRegion exchanges the two keys.
        for name in (Name.life, Name.replica):
            was = event.gives[1 - event.gives.index(name)] if len(event.gives) > 1 else name
            move = Move(before.key_state(was), event.label, outcome.key_state(name))
            if name in (*event.gives, event.key):
                yield move
            elif move.before is not move.after:
                yield evolve(move, label=SYNCHRONIZE)


def _what_time_does(before: World, after: World, name: Name) -> Iterator[str]:
    """What happens to one key at the next date: the first of its facts that changes gives the name."""
    key, date = before.key(name), before.next_date()
    if key is None or date is None:
        return
    if key.deletion_date == date:
        yield PERIOD_ENDS
    elif key.creating_until == date:
        yield CREATED
    elif key.updating_until == date:
        yield UPDATED
    elif before.key_state(name) is KeyState.PendingReplicaDeletion and after.replica is None:
        yield LAST_REPLICA_IS_GONE
    elif key.on_demand_rotation is not None and key.on_demand_rotation.ends_at == date:
        yield ROTATED
    elif any(material.valid_to == date for material in key.materials):
        yield EXPIRES
