"""
Dates, which may have any time zone and must have one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from kmsmodel.errors import KmsError
from kmsmodel.machine.facts import Facts
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material, Materials
from kmsmodel.machine.on_demand_rotation import OnDemandRotation
from kmsmodel.words.enumerations import MultiRegionKeyType
from tests.basics import DAY, NOW
from tests.machine.lifecycle.lives import EXTERNAL, GENERATED, IMPORTED, PRIMARY, REPLICA_ARN, told

ROTATION = OnDemandRotation(started_at=NOW, ends_at=NOW)
NAIVE = NOW.replace(tzinfo=None)
MOVABLE = evolve(IMPORTED, multi_region_key_type=MultiRegionKeyType.PRIMARY)
REPLICA = evolve(IMPORTED, arn=REPLICA_ARN, multi_region_key_type=MultiRegionKeyType.REPLICA)
ROTATING = GENERATED.enable_key_rotation(NOW, 90).disable_key(NOW)

DATED: dict[str, Callable[[Lifecycle, datetime], object]] = {
    "key_state": Lifecycle.key_state,
    "refusal": lambda life, now: life.refusal("DescribeKey", now),
    "is_deleted": Lifecycle.is_deleted,
    "is_pending_import": Lifecycle.is_pending_import,
    "is_present": lambda _, now: Material(key_material_id="m1").is_present(now),
    "is_over": lambda _, now: ROTATION.is_over(now),
    "is_expired": lambda _, now: Material(key_material_id="m1").is_expired(now),
    "are_present": lambda life, now: life.materials.are_present(now),
    "valid_to": lambda life, now: life.materials.valid_to(now),
    "expired": lambda life, now: tuple(life.materials.expired(now)),
    "next_change": Lifecycle.next_change,
    "next_rotation": Lifecycle.next_rotation,
    "settle": Lifecycle.settle,
    "enable_key": Lifecycle.enable_key,
    "disable_key": Lifecycle.disable_key,
    "schedule_key_deletion": Lifecycle.schedule_key_deletion,
    "replicas_deleted": Lifecycle.replicas_deleted,
    "cancel_key_deletion": Lifecycle.cancel_key_deletion,
    "import_key_material": lambda life, now: life.import_key_material(
        "m1", now, valid_to=now.astimezone(UTC) + 365 * DAY
    ),
    "delete_imported_key_material": Lifecycle.delete_imported_key_material,
    "rotate_key_on_demand": Lifecycle.rotate_key_on_demand,
    "refuse_rotation": Lifecycle.refuse_rotation,
    "enable_key_rotation": Lifecycle.enable_key_rotation,
    "disable_key_rotation": Lifecycle.disable_key_rotation,
    "due_rotations": Lifecycle.due_rotations,
    "rotate_automatically": Lifecycle.rotate_automatically,
    "replicate_key": lambda life, now: life.replicate_key(REPLICA_ARN, now),
    "refuse_replication": Lifecycle.refuse_replication,
    "refuse_primary_region_update": Lifecycle.refuse_primary_region_update,
    "update_primary_region": lambda life, now: life.update_primary_region(REPLICA, now),
}
"""All that takes a date."""


def test_all_that_takes_a_date_is_named() -> None:
    takes = {
        name
        for of in (Facts, Lifecycle, Material, Materials, OnDemandRotation)
        for name, method in vars(of).items()
        if not name.startswith("_") and {"now", "at"} & set(getattr(method, "__annotations__", {}))
    }
    assert takes == set(DATED)


@pytest.mark.parametrize("name", DATED)
@pytest.mark.parametrize("life", [EXTERNAL, IMPORTED, GENERATED, PRIMARY])
def test_a_date_without_a_time_zone_is_an_error_of_the_caller(name: str, life: Lifecycle) -> None:
    with pytest.raises(ValueError, match=r"^datetime\.datetime\(.*\) must have a time zone$"):
        DATED[name](life, NAIVE)


def test_an_expiration_date_without_a_time_zone_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"must have a time zone$"):
        EXTERNAL.import_key_material("m1", NOW, valid_to=NAIVE + DAY)


@pytest.mark.parametrize("name", DATED)
def test_a_date_may_have_any_time_zone(name: str) -> None:
    """In New York the first is in summer and a year later in winter, and the clocks are set back after the second."""
    for at in (datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 11, 1, 5, 59, 59, tzinfo=UTC)):
        local = at.astimezone(ZoneInfo("America/New_York"))
        for life in (EXTERNAL, IMPORTED, GENERATED, PRIMARY, MOVABLE, ROTATING):
            assert outcome(name, life, local) == outcome(name, life, at)


def outcome(name: str, life: Lifecycle, date: datetime) -> object:
    try:
        return DATED[name](life, date)
    except KmsError as error:
        return told(error)
