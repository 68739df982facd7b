"""
Every combination of facts that a `Lifecycle` can reach, and every event in each of them.

`explore` walks breadth-first from a `World`: it tries every `Event` in every world that it finds. So what holds for all
worlds and transitions of an `Exploration` holds on every path, and the first path that it finds to a world is a
shortest one. A path can be printed as a program that runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import final

from attrs import evolve, frozen

from kmsmodel.errors import KmsError
from kmsmodel.exploration.events import CONNECT, REPLICA_IS_GONE, Argument, Bounds, Event, events
from kmsmodel.exploration.program import PRELUDE, source
from kmsmodel.exploration.world import NOW, Name, Takes, World
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.words.enumerations import ORIGINS_IN_CUSTOM_KEY_STORES, KeyMaterialState, KeyState

# ---- from one world to the next


def steps(world: World, event: Event) -> Iterator[tuple[Event, World]]:
    """
    The event, then what AWS KMS does because of it, each with the world that it leads to.

    Raises the error with which AWS KMS refuses the event.
    """
    now, after = _apply(event, world)
    after = after.seen_from(now)
    yield event, after
    while (due := _due(after)) is not None:
        _, after = _apply(due, after)
        after = after.seen_from(NOW)
        yield due, after


def step(world: World, event: Event) -> World:
    """
    The world after the event, and after all that AWS KMS does because of it.

    Raises the error with which AWS KMS refuses the event.
    """
    return [after for _, after in steps(world, event)][-1]


def _apply(event: Event, world: World) -> tuple[datetime, World]:
    match event.name:
        case "ConnectCustomKeyStore" | "DisconnectCustomKeyStore":
            return NOW, evolve(world, connected=event.name == CONNECT)
        case "time passes":
            (span,) = event.arguments
            return (NOW + span if isinstance(span, timedelta) else NOW), world
        case "replica key is deleted":
            return NOW, evolve(world, replica=None)
        case _:
            return NOW, _call(event, world)


def _call(event: Event, world: World) -> World:
    key = world.key(event.key)
    other = next((world.key(a) for a in event.arguments if isinstance(a, Name)), None)
    given = _given(event, key, other)
    if isinstance(given, KmsError):
        raise given
    keys = dict(zip(event.gives or (event.key,), given, strict=True))
    life, replica = keys.get(Name.life, world.life), keys.get(Name.replica, world.replica)
    return World(life, replica, world.connected)


@cache
def _given(
    event: Event, key: Lifecycle | None, other: Lifecycle | None
) -> tuple[Lifecycle, ...] | KmsError:
    """What the method returns. That depends on the keys alone, so each call is made once."""

    def value(argument: Argument) -> object:
        match argument:
            case Name.now:
                return NOW
            case Name():
                return other
            case Takes():
                return argument
            case timedelta():
                return NOW + argument
            case _:
                return argument

    keywords = {name: value(argument) for name, argument in event.keywords}
    try:
        given: Lifecycle | tuple[Lifecycle, ...] = getattr(key, event.name)(
            *map(value, event.arguments), **keywords
        )
    except KmsError as error:
        return error.with_traceback(None)
    return (given,) if isinstance(given, Lifecycle) else given


@cache
def _due(world: World) -> Event | None:
    """What AWS KMS does next by itself, to keep related multi-Region keys alike."""
    life, replica = world.life, world.replica
    if life.multi_region_key_type is None or life.is_deleted(NOW):
        return None
    if replica is not None and replica.is_deleted(NOW):
        return Event(REPLICA_IS_GONE)
    if replica is None and world.key_state() is KeyState.PendingReplicaDeletion:
        return Event("replicas_deleted", arguments=(Name.now,))
    for name in (Name.life, Name.replica):
        key = world.key(name)
        if key is not None and key.settle(NOW) is not key:
            return Event("settle", name, (Name.now,))
    if replica is not None and replica.synchronize_multi_region_key(life) != replica:
        return Event("synchronize_multi_region_key", Name.replica, (Name.life,))
    waiting = life.materials.pending
    if (
        waiting is not None
        and waiting.key_material_state is KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
        and all(
            material is not None and material.is_present(NOW)
            for key in (life, replica)
            if key is not None
            for material in (key.materials.get(waiting.key_material_id),)
        )
    ):
        return Event("imported_by_replicas")
    return None


# ---- the walk


@final
@frozen
class Transition:
    """An event in a world, and its outcome: the next world, or the error with which it is refused."""

    before: World
    event: Event
    outcome: World | KmsError


@final
@frozen
class Exploration:
    """
    Every world that can be reached from ``start``, nearest first, and every transition that was tried.

    ``arrivals`` has, for each world but the start, the transition by which it was first reached.
    """

    start: World
    worlds: tuple[World, ...]
    transitions: tuple[Transition, ...]
    arrivals: Mapping[World, Transition]

    def path(self, world: World) -> tuple[Transition, ...]:
        """The transitions of a shortest path from the start to this world."""
        back: list[Transition] = []
        while world != self.start:
            back.append(self.arrivals[world])
            world = back[-1].before
        return tuple(reversed(back))

    def program(self, world: World, *then: Event) -> str:
        """
        A shortest program that leads to this world, and then has these events, which may be refused.

        Its variables are ``now``, ``life``, ``replica`` and, for a key in a custom key store, ``connected``.
        """
        lines = [*PRELUDE, f"life = {source(self.start.life)}", "replica = None"]
        if self.start.life.origin in ORIGINS_IN_CUSTOM_KEY_STORES:
            lines.append("connected = True")
        for arrival in self.path(world):
            lines += [str(event) for event, _ in steps(arrival.before, arrival.event)]
        lines += map(str, then)
        return "".join(f"{line}\n" for line in lines)


def explore(start: World, bounds: Bounds | None = None) -> Exploration:
    """Walk from ``start`` to every world that can be reached, always in the same order."""
    bounds = bounds or Bounds()
    worlds = {start: start}
    arrivals: dict[World, Transition] = {}
    transitions: list[Transition] = []
    ahead = deque([start])
    while ahead:
        world = ahead.popleft()
        for event in events(world, bounds):
            transition = Transition(world, event, _outcome(world, event))
            outcome = transition.outcome
            if isinstance(outcome, World):
                known = worlds.setdefault(outcome, outcome)
                if known is outcome and outcome not in arrivals and outcome != start:
                    arrivals[outcome] = transition
                    ahead.append(outcome)
                transition = Transition(world, event, known)
            transitions.append(transition)
    return Exploration(start, tuple(worlds), tuple(transitions), arrivals)


def _outcome(world: World, event: Event) -> World | KmsError:
    try:
        return step(world, event)
    except KmsError as error:
        return error.with_traceback(None)
