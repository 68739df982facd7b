"""
What the rules of a KMS key's life speak of, and how a broken one is shown.

A rule is a function that says whether one key, world or transition obeys it. Its docstring names the page of the
Developer Guide, or of the API Reference, that it is from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from attrs import evolve

from kmsmodel.errors import KmsError, UnsupportedOperationException
from kmsmodel.exploration.events import Event
from kmsmodel.exploration.walk import Exploration
from kmsmodel.exploration.world import NOW, Name, World
from kmsmodel.machine.key_state import KEY_STATE_TABLE
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import KeyMaterialState, KeyState, OriginType

CURRENT = KeyMaterialState.CURRENT
NON_CURRENT = KeyMaterialState.NON_CURRENT
PENDING_ROTATION = KeyMaterialState.PENDING_ROTATION
PENDING_MULTI_REGION = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION

DELETION = {KeyState.PendingDeletion, KeyState.PendingReplicaDeletion}
USABLE = {KeyState.Enabled, KeyState.Disabled}

Broken = Iterator[tuple[Exploration, World, tuple[Event, ...]]]
"""Where a rule is broken: in a world, or by the events that follow there."""


def materials(key: Lifecycle) -> list[Material]:
    """The key materials at `NOW`; an on-demand rotation that has ended makes one current, written down or not."""
    rotation = key.on_demand_rotation
    if rotation is None or rotation.ends_at > NOW:
        return list(key.materials)
    if rotation.key_material_id is None:
        new = [m for m in key.materials if m.key_material_state is PENDING_ROTATION and m.imported]
    else:
        new = [Material(key_material_id=rotation.key_material_id)]
    if not new:
        return list(key.materials)
    former = [evolve(m, key_material_state=NON_CURRENT) for m in key.materials if m not in new]
    return [*former, *(evolve(m, key_material_state=CURRENT) for m in new)]


def current(key: Lifecycle) -> Material | None:
    """The key material that encrypts at `NOW`."""
    return next((m for m in materials(key) if m.key_material_state is CURRENT), None)


def rotates(key: Lifecycle) -> bool:
    """Is an on-demand rotation in progress?"""
    return key.on_demand_rotation is not None and key.on_demand_rotation.ends_at > NOW


def permanent(key: Lifecycle) -> list[Material]:
    return [m for m in materials(key) if m.key_material_state in {CURRENT, NON_CURRENT}]


def missing(key: Lifecycle) -> list[Material]:
    """The permanently associated key material that a key of origin EXTERNAL lacks."""
    if key.origin is not OriginType.EXTERNAL:
        return []
    return [m for m in permanent(key) if not here(m)]


def here(material: Material) -> bool:
    return material.imported and (material.valid_to is None or material.valid_to > NOW)


def waiting(key: Lifecycle) -> list[Material]:
    return [m for m in materials(key) if m.key_material_state not in {CURRENT, NON_CURRENT}]


def keys(world: World) -> Iterator[tuple[Name, Lifecycle]]:
    yield Name.life, world.life
    if world.replica is not None:
        yield Name.replica, world.replica


def other(event: Event) -> Name:
    return Name.replica if event.key is Name.life else Name.life


def subject(world: World, event: Event) -> Lifecycle:
    """The key that the event is about."""
    key = world.key(event.key)
    assert key is not None
    return key


def target(world: World, event: Event) -> Material | None:
    """The key material that an event names, or the current one, as it is in this world."""
    named = [argument for argument in event.arguments if not isinstance(argument, Name)]
    key = subject(world, event)
    if not named:
        return current(key)
    return next((m for m in materials(key) if m.key_material_id == named[0]), None)


def word(event: Event, name: str) -> object:
    return dict(event.keywords).get(name)


def permitted(world: World, event: Event) -> tuple[type[KmsError], str] | None:
    """None, or the error with which the key state table refuses the event; this reads the cells itself."""
    state = world.key_state(event.key)
    if event.operation is None or state is None:
        return None
    key, row = subject(world, event), KEY_STATE_TABLE[event.operation]
    if key.origin not in row.accepts:
        text = f"{key.arn} origin is {key.origin.value} which is not valid for this operation."
        return UnsupportedOperationException, text
    refusal = row[state]
    return None if refusal is None else (refusal.error, f"{key.arn} {refusal.text}")


def check(broken: Callable[[], Broken]) -> None:
    """Fail with the shortest program that breaks the rule, if it is broken."""
    for exploration, world, then in broken():
        pytest.fail("This breaks the rule:\n\n" + exploration.program(world, *then), pytrace=False)


def named(rule: Callable[..., bool]) -> str:
    return rule.__name__


def names_its_source(rule: Callable[..., bool]) -> bool:
    return (rule.__doc__ or "").endswith(").")
