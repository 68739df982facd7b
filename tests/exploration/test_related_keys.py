"""
What AWS says of related multi-Region keys, asked of every primary key and its replica.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kmsmodel.exploration.kinds import KINDS, explored
from kmsmodel.exploration.world import Name, World
from kmsmodel.words.enumerations import KeyState, MultiRegionKeyType
from tests.exploration.rules import (
    PENDING_MULTI_REGION,
    Broken,
    check,
    here,
    keys,
    named,
    names_its_source,
    waiting,
)

WorldRule = Callable[[World], bool]

RULES: list[WorldRule] = []


def of_worlds(rule: WorldRule) -> WorldRule:
    RULES.append(rule)
    return rule


@of_worlds
def one_of_related_keys_is_the_primary_key(world: World) -> bool:
    """Related multi-Region keys have one primary key (Multi-Region keys)."""
    types = [key.multi_region_key_type for _, key in keys(world)]
    return types in (
        [None],
        [MultiRegionKeyType.PRIMARY],
        [MultiRegionKeyType.PRIMARY, MultiRegionKeyType.REPLICA],
    )


@of_worlds
def related_keys_have_the_same_key_materials(world: World) -> bool:
    """Key material ids and rotation are shared properties of multi-Region keys (Multi-Region keys)."""
    shared = [
        [(m.key_material_id, m.key_material_state, m.rotation_type) for m in key.materials]
        for _, key in keys(world)
    ]
    return shared == shared[:1] * len(shared)


@of_worlds
def only_a_primary_key_has_a_rotation_in_progress(world: World) -> bool:
    """Replica keys rotate with their primary key (Rotate AWS KMS keys)."""
    return world.replica is None or world.replica.on_demand_rotation is None


@of_worlds
def pending_replica_deletion_is_for_a_primary_key_with_a_replica(world: World) -> bool:
    """PendingReplicaDeletion: a primary key that still has replica keys (Delete multi-Region keys)."""
    scheduled = world.life.pending_window_in_days is not None
    if world.replica is None:
        return world.key_state() is not KeyState.PendingReplicaDeletion
    return (world.key_state() is KeyState.PendingReplicaDeletion) == scheduled


@of_worlds
def a_replica_key_is_never_pending_replica_deletion(world: World) -> bool:
    """PendingReplicaDeletion is a state of primary keys (Key states)."""
    return world.key_state(Name.replica) is not KeyState.PendingReplicaDeletion


@of_worlds
def a_primary_key_outlives_its_replica(world: World) -> bool:
    """A primary key is not deleted before all of its replica keys are (Delete multi-Region keys)."""
    return world.replica is None or world.key_state() is not None


@of_worlds
def new_key_material_waits_until_every_related_key_has_it(world: World) -> bool:
    """PENDING_MULTI_REGION_IMPORT_AND_ROTATION lasts until each related key has it (RotateKeyOnDemand)."""
    held = [here(m) for _, key in keys(world) for m in waiting(key)]
    multi = any(m.key_material_state is PENDING_MULTI_REGION for m in waiting(world.life))
    return not multi or not all(held)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_all_related_keys_obey(rule: WorldRule) -> None:
    def broken() -> Broken:
        for kind in KINDS:
            for world in explored(kind).worlds:
                if not rule(world):
                    yield explored(kind), world, ()

    check(broken)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_rule_names_its_source(rule: WorldRule) -> None:
    assert names_its_source(rule)
