"""
What can happen to a world: each operation that moves a KMS key, with each argument that makes a difference, and time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Final, final

from attrs import frozen

from kmsmodel.exploration.program import source, span
from kmsmodel.exploration.world import NOW, REPLICA_ARN, Name, Takes, World
from kmsmodel.machine.key_state import KEY_STATE_TABLE
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.words.enumerations import ORIGINS_IN_CUSTOM_KEY_STORES, ImportType, OriginType

Argument = Name | str | int | bool | timedelta | ImportType | None


@final
@frozen(cache_hash=True)
class Event:
    """
    Something that can happen to a world; ``str(event)`` is a line of Python.

    It is a call of the method ``name`` of a `Lifecycle`, ``key``, with these arguments: a span of time stands for the
    date that is as far from now, and ``gives`` are the keys that the method returns. Or ``name`` is a statement: the
    custom key store is connected or disconnected, time passes, or the replica key is deleted.
    """

    name: str
    key: Name = Name.life
    arguments: tuple[Argument, ...] = ()
    keywords: tuple[tuple[str, Argument], ...] = ()
    gives: tuple[Name, ...] = ()

    @property
    def label(self) -> str:
        """The event in AWS's words; for a method, the name of the operation."""
        if self.name in _STATEMENTS:
            return self.name
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def operation(self) -> str | None:
        """The operation that the event is, if it is one of the key state table."""
        return self.label if self.label in KEY_STATE_TABLE else None

    def __str__(self) -> str:
        statement = _STATEMENTS.get(self.name)
        if statement is not None:
            return statement.format(*(span(a) for a in self.arguments if isinstance(a, timedelta)))
        arguments = [source(argument) for argument in self.arguments]
        arguments += [f"{name}={source(argument)}" for name, argument in self.keywords]
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


@final
@frozen(kw_only=True)
class Bounds:
    """
    How many key materials a key can have, for how long they can be valid, how long a deletion can wait, and how long an
    on-demand rotation can take.
    """

    materials: int = 3
    valid_for: tuple[timedelta | None, ...] = (None, timedelta(days=1))
    pending_window_in_days: tuple[int, ...] = (7, 30)
    on_demand_rotation: tuple[Takes | None, ...] = (None, Takes(hours=12), Takes(hours=36))


def events(world: World, bounds: Bounds) -> Iterator[Event]:
    """Every event that can be tried in this world, with each argument that makes a difference."""
    related = world.replica is not None
    yield from _events_of(Name.life, world.life, bounds, related=related)
    if world.replica is not None:
        yield from _events_of(Name.replica, world.replica, bounds, related=related)
    if world.life.origin in ORIGINS_IN_CUSTOM_KEY_STORES:
        yield Event(DISCONNECT if world.connected else CONNECT)
    date = world.next_date()
    if date is not None:
        yield Event(TIME_PASSES, arguments=(date - NOW,))


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
        arguments: tuple[Argument, ...] = (other, Name.now)
        yield Event("update_primary_region", name, arguments, _SECONDS, gives=(other, name))
    if (not related or name is Name.replica) and key.origin not in ORIGINS_IN_CUSTOM_KEY_STORES:
        arguments = (REPLICA_ARN, Name.now)
        yield Event("replicate_key", name, arguments, _SECONDS, gives=(Name.replica,))


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
    for takes in bounds.on_demand_rotation:
        in_time = () if takes is None else (("takes", takes),)
        yield Event("rotate_key_on_demand", name, (Name.now,), in_time)
        for key_material_id in () if imported else (*known, *free[:1]):
            yield Event("rotate_key_on_demand", name, (Name.now, key_material_id), in_time)


_SECONDS = (("takes", Takes(seconds=5)),)
