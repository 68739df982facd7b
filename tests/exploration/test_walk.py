"""
The walk takes every path, always in the same order, and prints it as a program that runs.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmsmodel.errors import KmsError
from kmsmodel.exploration.kinds import KINDS, explored
from kmsmodel.exploration.walk import explore
from kmsmodel.exploration.world import ARN, REPLICA_ARN, Name, World
from kmsmodel.words.enumerations import KeyState
from tests.exploration.rules import check, permanent

COUNTS = {
    "AWS_KMS": (82, 2076),
    "EXTERNAL": (3156, 99022),
    "EXTERNAL, asymmetric": (54, 1256),
    "in a custom key store": (20, 408),
    "AWS_KMS, multi-Region": (115, 4256),
    "EXTERNAL, multi-Region": (7478, 323670),
}


@pytest.mark.parametrize("kind", KINDS)
def test_so_many_combinations_are_reached(kind: str) -> None:
    exploration = explored(kind)
    assert (len(exploration.worlds), len(exploration.transitions)) == COUNTS[kind]


def test_a_kind_of_key_is_explored_once() -> None:
    assert explored("AWS_KMS") is explored("AWS_KMS")


@pytest.mark.parametrize("kind", ["AWS_KMS", "EXTERNAL, asymmetric", "AWS_KMS, multi-Region"])
def test_a_walk_always_takes_the_same_way(kind: str) -> None:
    again = explore(*KINDS[kind])
    assert again.worlds == explored(kind).worlds
    assert [(t.before, t.event) for t in again.transitions] == [
        (t.before, t.event) for t in explored(kind).transitions
    ]


def test_nearer_worlds_come_first() -> None:
    exploration = explored("EXTERNAL")
    lengths = [len(exploration.path(world)) for world in exploration.worlds]
    assert lengths == sorted(lengths)
    assert lengths[:2] == [0, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_runs_and_leads_to_its_world(kind: str) -> None:
    worlds = explored(kind).worlds
    for world in {*worlds[:: len(worlds) // 20], worlds[-1]}:
        variables = run(explored(kind).program(world))
        reached = World(
            variables["life"], variables["replica"], variables.get("connected", True)
        ).seen_from(variables["now"])
        assert reached == world


def run(program: str) -> dict[str, Any]:
    variables: dict[str, Any] = {}
    exec(program, variables)
    return variables


def test_a_program_that_ends_with_a_refused_event_raises_its_error() -> None:
    exploration = explored("EXTERNAL, multi-Region")
    refused = [t for t in exploration.transitions if isinstance(t.outcome, KmsError)]
    for transition in refused[:: len(refused) // 50]:
        assert isinstance(transition.outcome, KmsError)
        program = exploration.program(transition.before, transition.event)
        with pytest.raises(type(transition.outcome)):
            run(program)


def test_a_program_reads_like_a_session_at_the_console() -> None:
    exploration = explored("EXTERNAL, multi-Region")
    rotated = next(
        world
        for world in exploration.worlds
        if world.replica is not None
        and len(permanent(world.life)) > 1
        and world.key_state(Name.replica) is KeyState.Enabled
    )
    assert exploration.program(rotated) == EXPECTED_PROGRAM


EXPECTED_PROGRAM = f"""\
from datetime import UTC, datetime, timedelta

from kmsmodel import ImportType, KeySpec, Lifecycle, Material, MultiRegionKeyType, OriginType

now = datetime(2026, 1, 1, tzinfo=UTC)
life = Lifecycle(arn="{ARN}", origin=OriginType.EXTERNAL, multi_region_key_type=MultiRegionKeyType.PRIMARY)
replica = None
life = life.import_key_material("m1", now)
life = life.import_key_material("m2", now, import_type=ImportType.NEW_KEY_MATERIAL)
life = life.rotate_key_on_demand(now)
replica = life.replicate_key("{REPLICA_ARN}", now, takes=timedelta(seconds=5))
now += timedelta(seconds=5)
replica = replica.import_key_material("m1", now)
replica = replica.import_key_material("m2", now)
"""


def test_a_broken_rule_shows_the_program_that_breaks_it() -> None:
    exploration = explored("AWS_KMS")
    second = exploration.worlds[1]
    with pytest.raises(pytest.fail.Exception, match=r"life = life.disable_key\(now\)"):
        check(lambda: iter([(exploration, second, ())]))
    check(lambda: iter([]))
