"""
Every combination of facts that a `Lifecycle` can reach, and every event in each of them.

A `World` is one KMS key, or a multi-Region primary key with its replica. `explore` walks breadth-first from a world:
it applies every `Event` to every world it finds, so what holds on all worlds and transitions of an `Exploration` holds
on every path, and the first path found to a world is a shortest one. A path prints as a program that runs.

A world is seen from `NOW`: when time passes, its dates move instead, to the day, and what is past is past. How many
key materials there are, and which dates can be chosen, is bounded by `Bounds`. Nothing else is left out but automatic
rotation, which changes no key state, the date of a rotation, and which of two Regions is which.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from functools import cache
from typing import Final, cast, final

from attrs import NOTHING, evolve, fields, frozen

from kmsmodel.errors import KmsError
from kmsmodel.machine.key_state import KEY_STATE_TABLE
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import (
    ImportType,
    KeyMaterialState,
    KeySpec,
    KeyState,
    MultiRegionKeyType,
    OriginType,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
REPLICA_ARN = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"

_DAY = timedelta(days=1)


class Name(StrEnum):
    """A variable of a program."""

    now = "now"
    life = "life"
    replica = "replica"
    connected = "connected"


# ---- worlds


@final
@frozen(cache_hash=True)
class World:
    """
    One KMS key at `NOW`: ``life``.

    If it is a multi-Region primary key, ``replica`` is its replica key, if there is one. ``connected`` tells of the
    custom key store, for a key that lives in one.
    """

    life: Lifecycle
    replica: Lifecycle | None = None
    connected: bool = True

    def key(self, name: Name) -> Lifecycle | None:
        """The key that programs call by this name, or None."""
        return self.life if name is Name.life else self.replica

    def key_state(self, name: Name = Name.life) -> KeyState | None:
        """The key state of one key at `NOW`, or None if there is no such key or it is deleted."""
        key = self.key(name)
        if key is None or key.is_deleted(NOW):
            return None
        return key.key_state(NOW, connected=self.connected)

    def next_date(self) -> datetime | None:
        """The next date that is written down in any key, whether it changes a key state or not."""
        keys = [key for key in (self.life, self.replica) if key is not None]
        dates = [date for key in keys for date in _dates(key) if date is not None and date > NOW]
        return min(dates, default=None)

    def seen_from(self, now: datetime) -> World:
        """The same world with its dates as far from `NOW` as they are from ``now``."""
        replica = self.replica
        return World(
            _seen(self.life, ARN, now),
            None if replica is None else _seen(replica, REPLICA_ARN, now),
            self.connected,
        )


def _dates(key: Lifecycle) -> Iterator[datetime | None]:
    yield from (key.deletion_date, key.creating_until, key.updating_until)
    yield from (material.valid_to for material in key.materials)


@cache
def _seen(key: Lifecycle, arn: str, now: datetime) -> Lifecycle:
    return evolve(
        key,
        arn=arn,
        deletion_date=_to_the_day(key.deletion_date, now),
        creating_until=_to_the_second(key.creating_until, now),
        updating_until=_to_the_second(key.updating_until, now),
        materials=tuple(_seen_material(material, now) for material in key.materials),
    )


def _seen_material(material: Material, now: datetime) -> Material:
    valid_to = _to_the_day(material.valid_to, now)
    if valid_to == material.valid_to and material.rotation_date is None:
        return material
    return evolve(material, valid_to=valid_to, rotation_date=None)


def _to_the_day(date: datetime | None, now: datetime) -> datetime | None:
    """
    A date as far from `NOW` as this one is from ``now``, rounded up to whole days.

    What follows from a date depends on whether it is past, and not on the seconds that a key was Creating or Updating.
    """
    if date is None:
        return None
    if date <= now:
        return NOW
    return NOW - (now - date) // _DAY * _DAY


def _to_the_second(date: datetime | None, now: datetime) -> datetime | None:
    return NOW + (date - now) if date is not None and now < date else None


# ---- events

Argument = Name | str | int | bool | timedelta | ImportType | None


@final
@frozen(cache_hash=True)
class Event:
    """
    What can happen to a world; ``str(event)`` is a line of Python.

    A method of `Lifecycle` called on ``key`` with these arguments, where a span of time stands for the date that is as
    far from now. Else ``name`` is one of the statements: the custom key store is connected or disconnected, time
    passes, or the replica key is gone.
    """

    name: str
    key: Name = Name.life
    arguments: tuple[Argument, ...] = ()
    keywords: tuple[tuple[str, Argument], ...] = ()
    gives: tuple[Name, ...] = ()

    @property
    def label(self) -> str:
        """The event in AWS's words: for a method, the name of the operation."""
        if self.name in _STATEMENTS:
            return self.name
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def operation(self) -> str | None:
        """The operation of AWS KMS that the event is, if the key state table has it."""
        return self.label if self.label in KEY_STATE_TABLE else None

    def __str__(self) -> str:
        statement = _STATEMENTS.get(self.name)
        if statement is not None:
            return statement.format(*(_span(a) for a in self.arguments if isinstance(a, timedelta)))
        arguments = [_source(argument) for argument in self.arguments]
        arguments += [f"{name}={_source(argument)}" for name, argument in self.keywords]
        targets = ", ".join(self.gives or (self.key,))
        return f"{targets} = {self.key}.{self.name}({', '.join(arguments)})"


CONNECT: Final = "ConnectCustomKeyStore"
DISCONNECT: Final = "DisconnectCustomKeyStore"
TIME_PASSES: Final = "time passes"
REPLICA_IS_GONE: Final = "replica key is deleted"
_STATEMENTS: Mapping[str, str] = {
    CONNECT: "connected = True",
    DISCONNECT: "connected = False",
    TIME_PASSES: "now += {}",
    REPLICA_IS_GONE: "replica = None",
}


def _source(value: object) -> str:
    """The value as Python source, with dates relative to ``now``."""
    match value:
        case Name():
            return value.value
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case str():
            return json.dumps(value)
        case timedelta():
            return f"now + {_span(value)}"
        case Lifecycle() | Material():
            return f"{type(value).__name__}({', '.join(_members(value))})"
        case tuple():
            items = cast("tuple[object, ...]", value)
            return f"({' '.join(f'{_source(item)},' for item in items)})"
        case _:
            return repr(value)


def _members(value: Lifecycle | Material) -> Iterator[str]:
    for field in fields(type(value)):
        member: object = getattr(value, field.name)
        if field.default is NOTHING or member != field.default:
            yield f"{field.name}={_source(member)}"


def _span(span: timedelta) -> str:
    if span % _DAY:
        return f"timedelta(seconds={span.total_seconds():g})"
    return f"timedelta(days={span.days})"


# ---- from one world to the next


def steps(world: World, event: Event) -> Iterator[tuple[Event, World]]:
    """
    The event, then what AWS KMS does because of it, each with the world that it leads to.

    Raises the error that AWS KMS refuses the event with.
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

    Raises the error that AWS KMS refuses the event with.
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
    """What the method gives; it depends on nothing but the keys, so each call is made once."""

    def value(argument: Argument) -> object:
        match argument:
            case Name.now:
                return NOW
            case Name():
                return other
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
    """What AWS KMS does next by itself to related multi-Region keys, so that they are alike."""
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


@final
@frozen(kw_only=True)
class Bounds:
    """How many key materials a key has at most, and for how long a caller lets things last."""

    materials: int = 3
    valid_for: tuple[timedelta | None, ...] = (None, timedelta(days=1))
    pending_window_in_days: tuple[int, ...] = (7, 30)


def events(world: World, bounds: Bounds) -> Iterator[Event]:
    """Every event that can be tried in this world, with each telling argument."""
    related = world.replica is not None
    yield from _events_of(Name.life, world.life, bounds, related=related)
    if world.replica is not None:
        yield from _events_of(Name.replica, world.replica, bounds, related=related)
    if world.life.origin in _IN_CUSTOM_KEY_STORE:
        yield Event(DISCONNECT if world.connected else CONNECT)
    date = world.next_date()
    if date is not None:
        yield Event(TIME_PASSES, arguments=(date - NOW,))


_IN_CUSTOM_KEY_STORE = frozenset({OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE})


@cache
def _events_of(name: Name, key: Lifecycle, bounds: Bounds, *, related: bool) -> tuple[Event, ...]:
    return tuple(_each_event_of(name, key, bounds, related=related))


def _each_event_of(name: Name, key: Lifecycle, bounds: Bounds, *, related: bool) -> Iterator[Event]:
    replicas = (("replicas", True),) if related and name is Name.life else ()
    yield Event("enable_key", name, (Name.now,))
    yield Event("disable_key", name, (Name.now,))
    for days in bounds.pending_window_in_days:
        yield Event("schedule_key_deletion", name, (Name.now, days), replicas)
    yield Event("cancel_key_deletion", name, (Name.now,))
    yield from _material_events(name, key, bounds, replicas)
    if related:
        other = Name.replica if name is Name.life else Name.life
        yield Event("update_primary_region", name, (other, Name.now), gives=(other, name))
    if (not related or name is Name.replica) and key.origin not in _IN_CUSTOM_KEY_STORE:
        yield Event("replicate_key", name, (REPLICA_ARN, Name.now), gives=(Name.replica,))


def _material_events(
    name: Name, key: Lifecycle, bounds: Bounds, replicas: tuple[tuple[str, Argument], ...]
) -> Iterator[Event]:
    imported = key.origin is OriginType.EXTERNAL
    known = [material.key_material_id for material in key.materials]
    every = [f"m{n}" for n in range(1, bounds.materials + 1)]
    free = [key_material_id for key_material_id in every if key_material_id not in known]
    ids = sorted(known) + free[:1] if imported else every[:1]
    for key_material_id in ids:
        for valid_for in bounds.valid_for:
            for import_type in (None, *ImportType):
                keywords = (("valid_to", valid_for), ("import_type", import_type))
                given = tuple((word, value) for word, value in keywords if value is not None)
                arguments = (key_material_id, Name.now)
                yield Event("import_key_material", name, arguments, given + replicas)
    yield Event("delete_imported_key_material", name, (Name.now,))
    for key_material_id in ids:
        yield Event("delete_imported_key_material", name, (Name.now, key_material_id))
    yield Event("rotate_key_on_demand", name, (Name.now,))
    for key_material_id in () if imported else (*known, *free[:1]):
        yield Event("rotate_key_on_demand", name, (Name.now, key_material_id))


# ---- the walk


@final
@frozen
class Transition:
    """An event in a world, and the next world or the error that the event is refused with."""

    before: World
    event: Event
    outcome: World | KmsError


@final
@frozen
class Exploration:
    """Every world that can be reached from ``start``, nearest first, and every transition between them."""

    start: World
    worlds: tuple[World, ...]
    transitions: tuple[Transition, ...]
    arrivals: Mapping[World, Transition]

    def path(self, world: World) -> tuple[Transition, ...]:
        """The transitions of a shortest way from the start to this world."""
        back: list[Transition] = []
        while world != self.start:
            back.append(self.arrivals[world])
            world = back[-1].before
        return tuple(reversed(back))

    def program(self, world: World, *then: Event) -> str:
        """
        A shortest program that leads to this world; it leaves the world in its variables.

        ``then`` are events that follow, and may be refused.
        """
        lines = [*_PRELUDE, f"life = {_source(self.start.life)}", "replica = None"]
        if self.start.life.origin in _IN_CUSTOM_KEY_STORE:
            lines.append("connected = True")
        for arrival in self.path(world):
            lines += [str(event) for event, _ in steps(arrival.before, arrival.event)]
        lines += map(str, then)
        return "".join(f"{line}\n" for line in lines)


_PRELUDE = (
    "from datetime import UTC, datetime, timedelta",
    "",
    "from kmsmodel import ImportType, KeySpec, Lifecycle, Material, MultiRegionKeyType, OriginType",
    "",
    f"now = datetime({NOW.year}, {NOW.month}, {NOW.day}, tzinfo=UTC)",
)


def explore(start: World, bounds: Bounds | None = None) -> Exploration:
    """Walk from ``start`` to every world, breadth-first and always in the same order."""
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


# ---- what a transition shows of each key


@final
@frozen
class Move:
    """
    What one key shows of a transition: its key state before and after, and in AWS's words what happened to it.

    A key state of None is that of a key that is not there. ``refusal`` is the error, if the event was refused.
    """

    before: KeyState | None
    label: str
    after: KeyState | None
    refusal: KmsError | None = None


def moves(transition: Transition) -> Iterator[Move]:
    """The moves of the key that the event is about, and of its related key where that moves too."""
    before, event, outcome = transition.before, transition.event, transition.outcome
    if isinstance(outcome, KmsError):
        state = before.key_state(event.key)
        yield Move(state, event.label, state, outcome)
    elif event.name == TIME_PASSES:
        for name in (Name.life, Name.replica):
            for label in _what_time_does(before, outcome, name):
                yield Move(before.key_state(name), label, outcome.key_state(name))
    else:
        # A new replica key is where no key was, and the two keys of UpdatePrimaryRegion change places.
        for name in (Name.life, Name.replica):
            was = event.gives[1 - event.gives.index(name)] if len(event.gives) > 1 else name
            move = Move(before.key_state(was), event.label, outcome.key_state(name))
            if name in (*event.gives, event.key):
                yield move
            elif move.before is not move.after:
                yield evolve(move, label=SYNCHRONIZE)


SYNCHRONIZE: Final = "SynchronizeMultiRegionKey"
CREATED: Final = "replica key is created"
UPDATED: Final = "primary Region is updated"
EXPIRES: Final = "key material expires"
PERIOD_ENDS: Final = "waiting period ends"
LAST_REPLICA_IS_GONE: Final = "last replica key is deleted"


def _what_time_does(before: World, after: World, name: Name) -> Iterator[str]:
    """What happens to one key at the next date, named after the first of its facts that changes."""
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
    elif any(material.valid_to == date for material in key.materials):
        yield EXPIRES


# ---- the kinds of key

_GENERATED = (Material(key_material_id="m1"),)

# What two keys can be multiplies, so related keys have less of each; one span serves for all their dates.
_MULTI_REGION = Bounds(
    materials=2, valid_for=(None, timedelta(days=7)), pending_window_in_days=(7,)
)

KINDS: Mapping[str, tuple[World, Bounds]] = {
    "AWS_KMS": (World(Lifecycle(arn=ARN, materials=_GENERATED)), Bounds()),
    "EXTERNAL": (World(Lifecycle(arn=ARN, origin=OriginType.EXTERNAL)), Bounds()),
    "EXTERNAL, asymmetric": (
        World(Lifecycle(arn=ARN, origin=OriginType.EXTERNAL, key_spec=KeySpec.RSA_2048)),
        Bounds(),
    ),
    "in a custom key store": (World(Lifecycle(arn=ARN, origin=OriginType.AWS_CLOUDHSM)), Bounds()),
    "AWS_KMS, multi-Region": (
        World(
            Lifecycle(
                arn=ARN, multi_region_key_type=MultiRegionKeyType.PRIMARY, materials=_GENERATED
            )
        ),
        _MULTI_REGION,
    ),
    "EXTERNAL, multi-Region": (
        World(
            Lifecycle(
                arn=ARN,
                origin=OriginType.EXTERNAL,
                multi_region_key_type=MultiRegionKeyType.PRIMARY,
            )
        ),
        _MULTI_REGION,
    ),
}


@cache
def explored(kind: str) -> Exploration:
    """The exploration of one of the `KINDS` of key, made once."""
    return explore(*KINDS[kind])
