"""
Rotation, on demand and automatic.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve

from kmsmodel.errors import (
    ConflictException,
    DisabledException,
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    LimitExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import (
    KeyMaterialState,
    KeySpec,
    KeyState,
    MultiRegionKeyType,
    RotationType,
)
from tests.basics import DAY, MICROSECOND, NOW
from tests.machine.lifecycle.lives import (
    ASYMMETRIC,
    GENERATED,
    IMPORTED,
    MRK_ARN,
    NEW,
    PRIMARY,
    REPLICA_ARN,
    UPDATING,
    enabled_replica_of,
    recorded,
    refused,
    rotated,
    told,
)


def test_a_rotation_makes_the_key_material_that_waits_current() -> None:
    assert rotated().materials == (
        Material(key_material_id="m1", key_material_state=KeyMaterialState.NON_CURRENT),
        Material(
            key_material_id="m2",
            key_material_state=KeyMaterialState.CURRENT,
            rotation_date=NOW,
            rotation_type=RotationType.ON_DEMAND,
        ),
    )
    assert rotated().materials.pending is None
    assert rotated().key_state(NOW) is KeyState.Enabled


def test_a_rotation_of_generated_key_material_takes_what_aws_kms_made() -> None:
    life = GENERATED.rotate_key_on_demand(NOW, "m2")
    assert life.materials == rotated().materials
    assert Lifecycle(arn=MRK_ARN).rotate_key_on_demand(NOW, "m2").materials == life.materials[1:]


@pytest.mark.parametrize("key_material_id", [None, "m1"])
def test_generated_key_material_is_new(key_material_id: str | None) -> None:
    error = refused(lambda: GENERATED.rotate_key_on_demand(NOW, key_material_id))
    assert told(error) == (IncorrectKeyMaterialException, "", MRK_ARN, None)


def test_a_rotation_needs_key_material_that_waits() -> None:
    error = refused(lambda: IMPORTED.rotate_key_on_demand(NOW))
    said = recorded("RotateKeyOnDemand", "KMSInvalidStateException").replace("<key-arn>", MRK_ARN)
    assert told(error) == (KMSInvalidStateException, said, MRK_ARN, "Enabled")


def test_a_rotation_refused_while_the_key_is_updating_says_so() -> None:
    life = PRIMARY.import_key_material("m1", NOW)
    _, new = life.update_primary_region(enabled_replica_of(life), NOW, takes=UPDATING)
    error = refused(lambda: new.rotate_key_on_demand(NOW))
    assert error.key_state == "Updating"


def test_only_key_material_that_is_there_can_be_rotated_to() -> None:
    life = PRIMARY.import_key_material("m1", NOW).import_key_material("m2", NOW, import_type=NEW)
    _, new = life.update_primary_region(enabled_replica_of(life), NOW, takes=UPDATING)
    error = refused(lambda: new.rotate_key_on_demand(NOW))
    assert (
        error.message == f"No available key material pending rotation for the key: {REPLICA_ARN}."
    )
    new = new.import_key_material("m2", NOW).rotate_key_on_demand(NOW)
    assert new.key_state(NOW + UPDATING) is KeyState.Enabled


def test_an_asymmetric_key_is_not_rotated() -> None:
    life = ASYMMETRIC.import_key_material("m1", NOW)
    error = refused(lambda: life.rotate_key_on_demand(NOW))
    assert told(error) == (UnsupportedOperationException, "", MRK_ARN, None)
    said = recorded("RotateKeyOnDemand", "DisabledException").replace("<key-arn>", MRK_ARN)
    error = refused(lambda: life.disable_key(NOW).rotate_key_on_demand(NOW))
    assert told(error) == (DisabledException, said, MRK_ARN, "Disabled")


@pytest.mark.parametrize("start", [GENERATED, IMPORTED])
def test_a_key_is_rotated_on_demand_25_times(start: Lifecycle) -> None:
    life = start
    for n in range(2, 27):
        if start is IMPORTED:
            life = life.import_key_material(f"m{n}", NOW, import_type=NEW)
        life = life.rotate_key_on_demand(NOW, f"m{n}")
    assert len(life.materials) == 26
    assert life.materials.current is not None
    assert life.materials.current.key_material_id == "m26"
    error = refused(lambda: life.rotate_key_on_demand(NOW, "m27"))
    said = recorded("RotateKeyOnDemand", "LimitExceededException").replace("<key-arn>", MRK_ARN)
    assert told(error) == (LimitExceededException, said, MRK_ARN, None)


def test_an_automatic_rotation_takes_what_aws_kms_made_for_its_date() -> None:
    life = GENERATED.enable_key_rotation(NOW, 90)
    assert life == evolve(GENERATED, automatic_rotation=AutomaticRotation.starting(NOW, 90))
    now = NOW + 200 * DAY
    due = life.due_rotations(now)
    assert due == (NOW + 90 * DAY, NOW + 180 * DAY)
    rotated = life.rotate_automatically(now, "m2", "m3")
    assert [m.key_material_state for m in rotated.materials] == [
        *[KeyMaterialState.NON_CURRENT] * 2,
        KeyMaterialState.CURRENT,
    ]
    assert [(m.key_material_id, m.rotation_date) for m in rotated.materials] == [
        ("m1", None),
        ("m2", due[0]),
        ("m3", due[1]),
    ]
    assert {m.rotation_type for m in rotated.materials[1:]} == {RotationType.AUTOMATIC}
    assert rotated.due_rotations(now) == ()
    assert rotated.due_rotations(NOW + 270 * DAY) == (NOW + 270 * DAY,)
    assert rotated.key_state(now) is KeyState.Enabled
    assert life.rotate_automatically(NOW + 90 * DAY - MICROSECOND) is life
    assert GENERATED.rotate_automatically(now) is GENERATED
    assert rotated.disable_key_rotation(now) == evolve(rotated, automatic_rotation=None)


@pytest.mark.parametrize("ids", [(), ("m2",), ("m2", "m3", "m4"), ("m2", "m1"), ("m2", "m2")])
def test_each_automatic_rotation_takes_key_material_of_its_own(ids: tuple[str, ...]) -> None:
    life, now = GENERATED.enable_key_rotation(NOW, 90), NOW + 180 * DAY
    error = refused(lambda: life.rotate_automatically(now, *ids))
    assert told(error) == (IncorrectKeyMaterialException, "", MRK_ARN, None)


@pytest.mark.parametrize("days", [-1, 0, 89, 2561])
def test_a_rotation_period_is_90_to_2560_days(days: int) -> None:
    for fits in (90, 2560):
        assert GENERATED.enable_key_rotation(NOW, fits).scheduled_rotation is not None
    error = refused(lambda: GENERATED.enable_key_rotation(NOW, days))
    text = "RotationPeriodInDays must be between 90 and 2560"
    assert told(error) == (ValidationException, text, MRK_ARN, None)


def test_no_automatic_rotation_is_due_while_a_key_is_disabled_or_pending_deletion() -> None:
    life, later = GENERATED.enable_key_rotation(NOW, 90), NOW + 100 * DAY
    disabled = life.disable_key(NOW)
    pending = life.schedule_key_deletion(NOW + 89 * DAY, 30)
    assert life.due_rotations(later) == (NOW + 90 * DAY,)
    assert disabled.due_rotations(later) == pending.due_rotations(later) == ()
    assert GENERATED.due_rotations(later) == ()
    assert pending.scheduled_rotation is None
    assert disabled.scheduled_rotation == life.automatic_rotation
    assert life.enable_key(later).due_rotations(later) == (NOW + 90 * DAY,)
    assert disabled.enable_key(later).due_rotations(later) == (later,)
    kept = pending.cancel_key_deletion(later)
    assert kept.due_rotations(later) == ()
    assert kept.enable_key(later).due_rotations(later) == (later,)


def test_a_replica_rotates_with_its_primary_key() -> None:
    generated = evolve(GENERATED, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    primary, later = generated.enable_key_rotation(NOW, 90), NOW + 90 * DAY
    replica = primary.replicate_key(REPLICA_ARN, NOW)
    assert replica.automatic_rotation == primary.automatic_rotation
    assert primary.due_rotations(later) == (later,)
    assert replica.due_rotations(later) == ()
    rotated = primary.rotate_automatically(later, "m2")
    synchronized = replica.synchronize_multi_region_key(rotated)
    assert synchronized.automatic_rotation == rotated.automatic_rotation
    assert synchronized.materials == rotated.materials
    for change, operation in (
        (replica.enable_key_rotation, "EnableKeyRotation"),
        (replica.disable_key_rotation, "DisableKeyRotation"),
        (replica.rotate_key_on_demand, "RotateKeyOnDemand"),
    ):
        text = f"{REPLICA_ARN} is a multi-region replica key which is not valid for {operation}."
        expected = (UnsupportedOperationException, text, REPLICA_ARN, None)
        assert told(refused(partial(change, NOW))) == expected


@pytest.mark.parametrize("key_spec", sorted(set(KeySpec) - {KeySpec.SYMMETRIC_DEFAULT}))
def test_only_a_symmetric_encryption_key_rotates_by_itself_and_any_other_can_be_told_not_to(
    key_spec: KeySpec,
) -> None:
    life = evolve(GENERATED, key_spec=key_spec)
    error = refused(lambda: life.enable_key_rotation(NOW))
    assert told(error) == (UnsupportedOperationException, "", MRK_ARN, None)
    assert life.disable_key_rotation(NOW) == life


@pytest.mark.parametrize("days", [None, 90])
def test_automatic_rotation_that_is_enabled_again_starts_anew_only_with_another_period(
    days: int | None,
) -> None:
    life = GENERATED.enable_key_rotation(NOW, 90)
    later = NOW + 10 * DAY
    assert life.enable_key_rotation(later, days) == life
    assert life.enable_key_rotation(later, 91) == GENERATED.enable_key_rotation(later, 91)
    assert life.disable_key_rotation(later).enable_key_rotation(later, days) == (
        GENERATED.enable_key_rotation(later, days or 365)
    )


def test_a_primary_key_that_waits_for_its_replicas_to_be_deleted_still_rotates() -> None:
    primary = evolve(GENERATED, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    rotating = primary.enable_key_rotation(NOW, 90)
    waiting = rotating.schedule_key_deletion(NOW, 7, replicas=True)
    assert waiting.scheduled_rotation == rotating.automatic_rotation
    assert waiting.due_rotations(NOW + 90 * DAY) == (NOW + 90 * DAY,)
    assert waiting.replicas_deleted(NOW).scheduled_rotation is None


def test_an_automatic_rotation_that_is_close_comes_before_one_on_demand() -> None:
    life = GENERATED.enable_key_rotation(NOW, 90)
    close = NOW + 90 * DAY - timedelta(minutes=20)
    assert (
        life.rotate_key_on_demand(close - MICROSECOND, "m2").materials.current
        != life.materials.current
    )
    for now in (close, NOW + 90 * DAY):
        error = refused(partial(life.rotate_key_on_demand, now, "m2"))
        message = f"An automatic rotation of {MRK_ARN} is in progress, or begins within 20 minutes."
        assert told(error) == (ConflictException, message, MRK_ARN, None)


def test_automatic_rotations_do_not_count() -> None:
    automatic = [
        Material(
            key_material_id=f"a{n}",
            key_material_state=KeyMaterialState.NON_CURRENT,
            rotation_date=NOW,
            rotation_type=RotationType.AUTOMATIC,
        )
        for n in range(30)
    ]
    life = Lifecycle(arn=MRK_ARN, materials=(*automatic, Material(key_material_id="m1")))
    assert life.rotate_key_on_demand(NOW, "m2").materials.pending is None
