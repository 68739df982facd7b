"""What moves a KMS key, told in examples and as laws of every history."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast, final
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import given, strategies as st

from kmsmodel.errors import (
    ConflictException,
    DisabledException,
    IncorrectKeyMaterialException,
    KmsError,
    KMSInvalidStateException,
    LimitExceededException,
    NotFoundException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.key_state import KEY_STATE_TABLE, refusal
from kmsmodel.machine.lifecycle import CREATING_TIME, UPDATING_TIME, Lifecycle
from kmsmodel.machine.material import Material, Materials
from kmsmodel.words.enumerations import (
    ImportType,
    KeyMaterialState,
    KeySpec,
    KeyState,
    MultiRegionKeyType,
    OriginType,
    RotationType,
)

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
REPLICA_ARN = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"

NEW = ImportType.NEW_KEY_MATERIAL
EXISTING = ImportType.EXISTING_KEY_MATERIAL

GENERATED = Lifecycle(arn=ARN, materials=(Material(key_material_id="m1"),))
EXTERNAL = Lifecycle(arn=ARN, origin=OriginType.EXTERNAL)
IMPORTED = EXTERNAL.import_key_material("m1", NOW)
ASYMMETRIC = Lifecycle(arn=ARN, origin=OriginType.EXTERNAL, key_spec=KeySpec.RSA_2048)
PRIMARY = evolve(EXTERNAL, multi_region_key_type=MultiRegionKeyType.PRIMARY)
IN_A_STORE = Lifecycle(arn=ARN, origin=OriginType.AWS_CLOUDHSM)

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "recorded_errors.json").read_text("utf-8")
)["errors"]


def refused(call: Callable[[], object]) -> KmsError:
    with pytest.raises(KmsError) as caught:
        call()
    return caught.value


def facts(error: KmsError) -> tuple[type[KmsError], str, str | None, str | None]:
    return type(error), error.message, error.arn, error.key_state


# ---- a key's first days


def test_a_key_without_key_material_is_pending_import() -> None:
    assert EXTERNAL.key_state(NOW) is KeyState.PendingImport
    assert EXTERNAL.materials.current is None
    assert EXTERNAL.next_change(NOW) is None


def test_a_key_of_origin_aws_kms_is_enabled_at_once() -> None:
    assert Lifecycle(arn=ARN).key_state(NOW) is KeyState.Enabled
    assert GENERATED.key_state(NOW) is KeyState.Enabled
    assert not evolve(GENERATED, materials=()).is_pending_import(NOW)


def test_plain_strings_are_as_good_as_enumeration_members() -> None:
    """Who keeps records of his own has them from JSON."""
    plain = Lifecycle(arn=ARN, origin=cast("OriginType", "EXTERNAL"))
    assert plain == EXTERNAL
    plain = plain.import_key_material("m1", NOW, import_type=cast("ImportType", str(NEW)))
    assert plain == IMPORTED


def test_what_is_no_origin_is_refused() -> None:
    with pytest.raises(ValueError, match="'junk' is not a valid OriginType"):
        Lifecycle(arn=ARN, origin=cast("OriginType", "junk"))


def test_only_a_primary_key_has_replicas_to_wait_for() -> None:
    for call in (
        lambda: IMPORTED.schedule_key_deletion(NOW, 7, replicas=True),
        lambda: IMPORTED.import_key_material("m2", NOW, import_type=NEW, replicas=True),
    ):
        assert refused(call).message == f"{ARN} is not a multi-region primary key."


def test_expiry_needs_no_timer() -> None:
    life = EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + 7 * DAY)
    assert life.key_state(NOW) is KeyState.Enabled
    assert life.key_state(NOW + 7 * DAY - TICK) is KeyState.Enabled
    assert life.key_state(NOW + 7 * DAY) is KeyState.PendingImport
    assert life.next_change(NOW) == NOW + 7 * DAY
    assert life.next_change(NOW + 7 * DAY) is None
    assert life.materials.valid_to(NOW) == NOW + 7 * DAY
    assert life.materials.valid_to(NOW + 7 * DAY) is None


def test_the_first_material_is_current_without_having_been_rotated_to() -> None:
    assert IMPORTED.materials.current == Material(
        key_material_id="m1",
        key_material_state=KeyMaterialState.CURRENT,
        imported=True,
        valid_to=None,
        rotation_date=None,
        rotation_type=None,
    )


def test_a_disabled_key_shows_it_again_when_nothing_covers_it() -> None:
    life = IMPORTED.disable_key(NOW)
    assert life.key_state(NOW) is KeyState.Disabled
    assert life.enable_key(NOW) == IMPORTED
    life = life.delete_imported_key_material(NOW)
    assert life.key_state(NOW) is KeyState.PendingImport


def test_a_key_store_covers_whether_its_key_is_enabled() -> None:
    life = IN_A_STORE.disable_key(NOW)
    assert life.key_state(NOW, connected=False) is KeyState.Unavailable
    assert life.key_state(NOW, connected=True) is KeyState.Disabled
    assert life.enable_key(NOW).key_state(NOW) is KeyState.Enabled
    assert (
        life.schedule_key_deletion(NOW).key_state(NOW, connected=False) is KeyState.PendingDeletion
    )


# ---- what is refused of it


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("life", [EXTERNAL, GENERATED, IN_A_STORE, IMPORTED.disable_key(NOW)])
def test_it_can_be_asked_what_an_operation_would_be_refused_with(
    life: Lifecycle, connected: bool
) -> None:
    key_state = life.key_state(NOW, connected=connected)
    metadata = KeyMetadata(key_id="", arn=ARN, key_state=key_state, origin=life.origin)
    for operation in (*KEY_STATE_TABLE, "Encapsulate", "ListKeys", "MakeCoffee"):
        mine = life.refusal(operation, NOW, connected=connected)
        expected = refusal(operation, metadata)
        assert (mine and facts(mine)) == (expected and facts(expected))


def test_a_key_is_asked_as_connected_unless_it_is_said_not_to_be() -> None:
    assert IN_A_STORE.refusal("Encrypt", NOW) is None
    error = IN_A_STORE.refusal("Encrypt", NOW, connected=False)
    assert error is not None
    assert facts(error)[1:] == (f"{ARN} is unavailable.", ARN, KeyState.Unavailable)


def test_of_a_key_that_is_deleted_everything_is_refused() -> None:
    life = IMPORTED.schedule_key_deletion(NOW, 7)
    error = life.refusal("DescribeKey", NOW + 7 * DAY)
    assert error is not None
    assert facts(error) == (NotFoundException, f"Key '{ARN}' does not exist", ARN, None)
    assert life.refusal("DescribeKey", NOW + 7 * DAY - TICK) is None


# ---- dates

MATERIAL = Material(key_material_id="m1")
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
    "is_expired": lambda _, now: Material(key_material_id="m1").is_expired(now),
    "are_present": lambda life, now: life.materials.are_present(now),
    "valid_to": lambda life, now: life.materials.valid_to(now),
    "expired": lambda life, now: tuple(life.materials.expired(now)),
    "rotated_on_demand": lambda life, now: life.materials.rotated_on_demand(MATERIAL, now),
    "next_change": Lifecycle.next_change,
    "settle": Lifecycle.settle,
    "enable_key": Lifecycle.enable_key,
    "disable_key": Lifecycle.disable_key,
    "schedule_key_deletion": Lifecycle.schedule_key_deletion,
    "replicas_deleted": Lifecycle.replicas_deleted,
    "cancel_key_deletion": Lifecycle.cancel_key_deletion,
    "import_key_material": lambda life, now: life.import_key_material(
        "m1", now, valid_to=now.astimezone(UTC) + 365 * DAY + TICK
    ),
    "delete_imported_key_material": Lifecycle.delete_imported_key_material,
    "rotate_key_on_demand": Lifecycle.rotate_key_on_demand,
    "refuse_rotation": Lifecycle.refuse_rotation,
    "enable_key_rotation": Lifecycle.enable_key_rotation,
    "disable_key_rotation": Lifecycle.disable_key_rotation,
    "due_rotations": Lifecycle.due_rotations,
    "rotate_automatically": Lifecycle.rotate_automatically,
    "replicate_key": lambda life, now: life.replicate_key(REPLICA_ARN, now),
    "update_primary_region": lambda life, now: life.update_primary_region(REPLICA, now),
}
"""All that takes a date."""


def test_all_that_takes_a_date_is_named() -> None:
    takes = {
        name
        for of in (Lifecycle, Material, Materials)
        for name, method in vars(of).items()
        if not name.startswith("_") and {"now", "at"} & set(getattr(method, "__annotations__", {}))
    }
    assert takes == set(DATED)


@pytest.mark.parametrize("name", DATED)
@pytest.mark.parametrize("life", [EXTERNAL, IMPORTED, GENERATED, PRIMARY])
def test_a_date_without_a_time_zone_is_an_error_of_the_caller(name: str, life: Lifecycle) -> None:
    with pytest.raises(ValueError, match=r"^datetime\.datetime\(.*\) must have a time zone$"):
        DATED[name](life, NAIVE)


def test_so_is_an_expiration_date_without_one() -> None:
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
        return facts(error)


# ---- imported key material


@pytest.mark.parametrize("valid_for", [TICK, DAY, 365 * DAY])
def test_key_material_can_be_valid_for_up_to_365_days(valid_for: timedelta) -> None:
    life = EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + valid_for)
    assert life.key_state(NOW + valid_for - TICK) is KeyState.Enabled
    assert life.key_state(NOW + valid_for) is KeyState.PendingImport


@pytest.mark.parametrize("valid_for", [-DAY, timedelta(0), 365 * DAY + TICK])
def test_valid_to_is_in_the_future_and_within_365_days(valid_for: timedelta) -> None:
    error = refused(lambda: EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + valid_for))
    text = "ValidTo must be in the future and not more than 365 days from now"
    assert facts(error) == (ValidationException, text, ARN, None)


def test_an_import_without_a_type_is_new_the_first_time_and_existing_later() -> None:
    assert EXTERNAL.import_key_material("m1", NOW, import_type=NEW) == IMPORTED
    assert IMPORTED.import_key_material("m1", NOW) == IMPORTED
    error = refused(lambda: IMPORTED.import_key_material("m2", NOW))
    assert facts(error) == (IncorrectKeyMaterialException, "", ARN, None)


@pytest.mark.parametrize(
    "life, key_material_id, import_type",
    [(EXTERNAL, "m1", EXISTING), (IMPORTED, "m1", NEW), (IMPORTED, "m2", EXISTING)],
)
def test_key_material_must_be_as_new_as_the_import_type_says(
    life: Lifecycle, key_material_id: str, import_type: ImportType
) -> None:
    error = refused(lambda: life.import_key_material(key_material_id, NOW, import_type=import_type))
    assert facts(error) == (IncorrectKeyMaterialException, "", ARN, None)
    assert error.__notes__ == [NOTES[import_type]]


NOTES = {
    NEW: "the key material is EXISTING_KEY_MATERIAL, not NEW_KEY_MATERIAL",
    EXISTING: "the key material is NEW_KEY_MATERIAL, not EXISTING_KEY_MATERIAL",
}


def test_an_asymmetric_key_has_one_key_material_for_life() -> None:
    life = ASYMMETRIC.import_key_material("m1", NOW).delete_imported_key_material(NOW)
    for import_type in (NEW, None):
        error = refused(partial(life.import_key_material, "m2", NOW, import_type=import_type))
        assert facts(error) == (IncorrectKeyMaterialException, "", ARN, None)
        assert not hasattr(error, "__notes__")
    assert life.import_key_material("m1", NOW).key_state(NOW) is KeyState.Enabled


def test_a_reimport_gives_key_material_another_date() -> None:
    life = IMPORTED.import_key_material("m1", NOW, valid_to=NOW + DAY)
    assert life.materials.valid_to(NOW) == NOW + DAY
    assert life.import_key_material("m1", NOW) == IMPORTED
    assert life.import_key_material("m1", NOW + 2 * DAY) == IMPORTED


def test_each_of_several_missing_key_materials_must_come_back() -> None:
    life = rotated().delete_imported_key_material(NOW, "m1").delete_imported_key_material(NOW, "m2")
    life = life.import_key_material("m2", NOW)
    assert life.key_state(NOW) is KeyState.PendingImport
    assert life.import_key_material("m1", NOW).key_state(NOW) is KeyState.Enabled


def test_an_import_enables_a_disabled_key() -> None:
    life = IMPORTED.disable_key(NOW)
    assert life.import_key_material("m1", NOW).key_state(NOW) is KeyState.Enabled
    life = life.import_key_material("m2", NOW, import_type=NEW)
    assert life.key_state(NOW) is KeyState.Enabled


def test_only_one_new_key_material_can_wait() -> None:
    life = IMPORTED.import_key_material("m2", NOW, import_type=NEW)
    error = refused(lambda: life.import_key_material("m3", NOW, import_type=NEW))
    said = recorded("ImportKeyMaterial", "KMSInvalidStateException")
    said = said.replace("<key-material-id:2>", "m2").replace("<key-material-id>", "m3")
    assert facts(error) == (
        KMSInvalidStateException,
        said.replace("<key-id:1>", ARN),
        ARN,
        None,
    )


def test_key_material_that_waits_is_forgotten_when_it_is_deleted_or_expires() -> None:
    life = IMPORTED.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    assert life.materials.pending is not None
    assert life.materials.valid_to(NOW) is None
    assert life.delete_imported_key_material(NOW, "m2") == IMPORTED
    assert life.settle(NOW + DAY - TICK) is life
    assert life.settle(NOW + DAY) == IMPORTED
    assert life.import_key_material("m3", NOW + DAY, import_type=NEW).materials.get("m2") is None


def test_deleting_without_an_id_deletes_the_current_key_material() -> None:
    life = rotated().delete_imported_key_material(NOW)
    first, second = life.materials
    assert (first.imported, second.imported) == (True, False)
    assert life.materials.current == second
    assert life == rotated().delete_imported_key_material(NOW, "m2")


def test_deleting_what_is_not_there_changes_nothing() -> None:
    assert EXTERNAL.delete_imported_key_material(NOW) == EXTERNAL
    life = IMPORTED.delete_imported_key_material(NOW)
    assert life.delete_imported_key_material(NOW) == life


@pytest.mark.parametrize(
    "key, text",
    [
        (GENERATED, "origin is AWS_KMS which is not valid for this operation."),
        (evolve(IMPORTED, creating_until=NOW + TICK), "is creating."),
        (evolve(IMPORTED, updating_until=NOW + TICK), "is updating."),
    ],
)
def test_key_material_is_deleted_only_where_the_table_says_so(key: Lifecycle, text: str) -> None:
    error = refused(lambda: key.delete_imported_key_material(NOW))
    assert error.message == f"{ARN} {text}"


def test_deleting_key_material_that_the_key_never_had_is_refused() -> None:
    error = refused(lambda: IMPORTED.delete_imported_key_material(NOW, "m2"))
    text = "Key material 'm2' does not exist"
    assert facts(error) == (NotFoundException, text, ARN, None)


def test_deleted_key_material_does_not_expire() -> None:
    life = EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + DAY)
    life = life.delete_imported_key_material(NOW)
    assert life.materials == (Material(key_material_id="m1", imported=False),)
    assert life.next_change(NOW) is None


def test_the_earliest_date_of_the_permanent_key_materials_is_that_of_the_key() -> None:
    life = rotated()
    life = life.import_key_material("m1", NOW, valid_to=NOW + 2 * DAY)
    life = life.import_key_material("m2", NOW, valid_to=NOW + DAY)
    life = life.import_key_material("m3", NOW, valid_to=NOW + TICK, import_type=NEW)
    assert life.materials.valid_to(NOW) == NOW + DAY
    assert life.next_change(NOW) == NOW + DAY
    assert life.materials.valid_to(NOW + DAY) == NOW + 2 * DAY
    assert life.next_change(NOW + DAY) is None


# ---- rotation


def rotated() -> Lifecycle:
    return IMPORTED.import_key_material("m2", NOW, import_type=NEW).rotate_key_on_demand(NOW)


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
    assert Lifecycle(arn=ARN).rotate_key_on_demand(NOW, "m2").materials == life.materials[1:]


@pytest.mark.parametrize("key_material_id", [None, "m1"])
def test_generated_key_material_is_new(key_material_id: str | None) -> None:
    error = refused(lambda: GENERATED.rotate_key_on_demand(NOW, key_material_id))
    assert facts(error) == (IncorrectKeyMaterialException, "", ARN, None)


def test_a_rotation_needs_key_material_that_waits() -> None:
    error = refused(lambda: IMPORTED.rotate_key_on_demand(NOW))
    said = recorded("RotateKeyOnDemand", "KMSInvalidStateException").replace("<key-arn>", ARN)
    assert facts(error) == (KMSInvalidStateException, said, ARN, "Enabled")


def test_a_rotation_refused_while_the_key_is_updating_says_so() -> None:
    life = PRIMARY.import_key_material("m1", NOW)
    _, new = life.update_primary_region(enabled_replica_of(life), NOW)
    error = refused(lambda: new.rotate_key_on_demand(NOW))
    assert error.key_state == "Updating"


def test_only_key_material_that_is_there_can_be_rotated_to() -> None:
    life = PRIMARY.import_key_material("m1", NOW).import_key_material("m2", NOW, import_type=NEW)
    _, new = life.update_primary_region(enabled_replica_of(life), NOW)
    error = refused(lambda: new.rotate_key_on_demand(NOW))
    assert (
        error.message == f"No available key material pending rotation for the key: {REPLICA_ARN}."
    )
    new = new.import_key_material("m2", NOW).rotate_key_on_demand(NOW)
    assert new.key_state(NOW + UPDATING_TIME) is KeyState.Enabled


def test_an_asymmetric_key_is_not_rotated() -> None:
    life = ASYMMETRIC.import_key_material("m1", NOW)
    error = refused(lambda: life.rotate_key_on_demand(NOW))
    assert facts(error) == (UnsupportedOperationException, "", ARN, None)
    said = recorded("RotateKeyOnDemand", "DisabledException").replace("<key-arn>", ARN)
    error = refused(lambda: life.disable_key(NOW).rotate_key_on_demand(NOW))
    assert facts(error) == (DisabledException, said, ARN, "Disabled")


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
    said = recorded("RotateKeyOnDemand", "LimitExceededException").replace("<key-arn>", ARN)
    assert facts(error) == (LimitExceededException, said, ARN, None)


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
    assert life.rotate_automatically(NOW + 90 * DAY - TICK) is life
    assert GENERATED.rotate_automatically(now) is GENERATED
    assert rotated.disable_key_rotation(now) == evolve(rotated, automatic_rotation=None)


@pytest.mark.parametrize("ids", [(), ("m2",), ("m2", "m3", "m4"), ("m2", "m1"), ("m2", "m2")])
def test_each_automatic_rotation_takes_key_material_of_its_own(ids: tuple[str, ...]) -> None:
    life, now = GENERATED.enable_key_rotation(NOW, 90), NOW + 180 * DAY
    error = refused(lambda: life.rotate_automatically(now, *ids))
    assert facts(error) == (IncorrectKeyMaterialException, "", ARN, None)


@pytest.mark.parametrize("days", [-1, 0, 89, 2561])
def test_a_rotation_period_is_90_to_2560_days(days: int) -> None:
    for fits in (90, 2560):
        assert GENERATED.enable_key_rotation(NOW, fits).scheduled_rotation is not None
    error = refused(lambda: GENERATED.enable_key_rotation(NOW, days))
    text = "RotationPeriodInDays must be between 90 and 2560"
    assert facts(error) == (ValidationException, text, ARN, None)


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
    message = f"{REPLICA_ARN} is not a multi-region primary key."
    for change in (replica.enable_key_rotation, replica.disable_key_rotation):
        assert refused(partial(change, NOW + CREATING_TIME)).message == message


def test_only_a_symmetric_encryption_key_rotates_by_itself() -> None:
    life = evolve(GENERATED, key_spec=KeySpec.RSA_2048)
    for change in (life.enable_key_rotation, life.disable_key_rotation):
        error = refused(partial(change, NOW))
        assert facts(error) == (UnsupportedOperationException, "", ARN, None)


def test_an_automatic_rotation_that_is_close_comes_before_one_on_demand() -> None:
    life = GENERATED.enable_key_rotation(NOW, 90)
    close = NOW + 90 * DAY - timedelta(minutes=20)
    assert life.rotate_key_on_demand(close - TICK, "m2").materials.current != life.materials.current
    for now in (close, NOW + 90 * DAY):
        error = refused(partial(life.rotate_key_on_demand, now, "m2"))
        message = f"An automatic rotation of {ARN} is in progress, or begins within 20 minutes."
        assert facts(error) == (ConflictException, message, ARN, None)


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
    life = Lifecycle(arn=ARN, materials=(*automatic, Material(key_material_id="m1")))
    assert life.rotate_key_on_demand(NOW, "m2").materials.pending is None


# ---- deletion


@pytest.mark.parametrize("days", [7, 8, 29, 30])
def test_a_waiting_period_is_7_to_30_days(days: int) -> None:
    life = IMPORTED.schedule_key_deletion(NOW, days)
    assert life.deletion_date == NOW + days * DAY == life.next_change(NOW)
    assert life.key_state(NOW + days * DAY - TICK) is KeyState.PendingDeletion
    assert not life.is_deleted(NOW + days * DAY - TICK)
    assert life.is_deleted(NOW + days * DAY)


@pytest.mark.parametrize("days", [0, 6, 31, 365, 7.5, "7", None])
def test_another_waiting_period_is_refused(days: Any) -> None:
    error = refused(lambda: IMPORTED.schedule_key_deletion(NOW, days))
    text = "PendingWindowInDays must be between 7 and 30"
    assert facts(error) == (ValidationException, text, ARN, None)


def test_a_waiting_period_is_30_days_if_nothing_is_said() -> None:
    assert IMPORTED.schedule_key_deletion(NOW) == IMPORTED.schedule_key_deletion(NOW, 30)


def test_a_deleted_key_does_not_exist() -> None:
    life = IMPORTED.schedule_key_deletion(NOW, 7)
    calls: list[Callable[[datetime], object]] = [
        life.key_state,
        life.next_change,
        life.enable_key,
        life.cancel_key_deletion,
    ]
    for call in calls:
        error = refused(partial(call, NOW + 7 * DAY))
        assert facts(error) == (NotFoundException, f"Key '{ARN}' does not exist", ARN, None)


def test_a_cancelled_deletion_leaves_a_disabled_key() -> None:
    life = IMPORTED.schedule_key_deletion(NOW).cancel_key_deletion(NOW)
    assert life == IMPORTED.disable_key(NOW)


def test_cancelling_does_not_bring_key_material_back() -> None:
    life = IMPORTED.schedule_key_deletion(NOW).delete_imported_key_material(NOW)
    assert life.key_state(NOW) is KeyState.PendingDeletion
    life = life.cancel_key_deletion(NOW)
    assert life.key_state(NOW) is KeyState.PendingImport
    error = refused(lambda: life.enable_key(NOW))
    assert facts(error) == (
        KMSInvalidStateException,
        f"{ARN} is pending import.",
        ARN,
        "PendingImport",
    )


def test_a_primary_key_waits_for_its_replicas_before_its_waiting_period_starts() -> None:
    life = PRIMARY.schedule_key_deletion(NOW, 7, replicas=True)
    assert life.key_state(NOW + 99 * DAY) is KeyState.PendingReplicaDeletion
    assert (life.pending_window_in_days, life.deletion_date) == (7, None)
    assert life.next_change(NOW) is None
    life = life.replicas_deleted(NOW + 99 * DAY)
    assert life.deletion_date == NOW + 106 * DAY
    assert life.key_state(NOW + 99 * DAY) is KeyState.PendingDeletion
    assert life.replicas_deleted(NOW + 100 * DAY) is life


def test_deleted_replicas_do_not_delete_a_primary_key_that_is_to_stay() -> None:
    assert PRIMARY.replicas_deleted(NOW) is PRIMARY


# ---- multi-Region keys


def enabled_replica_of(primary: Lifecycle) -> Lifecycle:
    """The replica once it is created, with the permanent key material imported."""
    replica = evolve(primary.replicate_key(REPLICA_ARN, NOW), creating_until=None)
    for material in primary.materials:
        if material.is_permanent:
            replica = replica.import_key_material(material.key_material_id, NOW)
    return replica


def test_a_replica_of_imported_key_material_needs_its_own_import() -> None:
    primary = PRIMARY.import_key_material("m1", NOW, valid_to=NOW + DAY)
    replica = primary.replicate_key(REPLICA_ARN, NOW)
    assert replica == Lifecycle(
        arn=REPLICA_ARN,
        origin=OriginType.EXTERNAL,
        multi_region_key_type=MultiRegionKeyType.REPLICA,
        materials=(Material(key_material_id="m1", imported=False),),
        creating_until=NOW + CREATING_TIME,
    )
    assert replica.key_state(NOW + CREATING_TIME - TICK) is KeyState.Creating
    assert replica.key_state(NOW + CREATING_TIME) is KeyState.PendingImport
    assert replica.next_change(NOW) == NOW + CREATING_TIME
    replica = replica.import_key_material("m1", NOW + CREATING_TIME)
    assert replica.key_state(NOW + CREATING_TIME) is KeyState.Enabled


def test_a_replica_of_generated_key_material_is_enabled_when_it_is_created() -> None:
    primary = evolve(GENERATED, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    replica = primary.replicate_key(REPLICA_ARN, NOW)
    assert replica.materials == primary.materials
    assert replica.key_state(NOW + CREATING_TIME) is KeyState.Enabled


def test_a_replica_has_its_primary_keys_spec() -> None:
    primary = evolve(ASYMMETRIC, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    primary = primary.import_key_material("m1", NOW)
    assert primary.replicate_key(REPLICA_ARN, NOW).key_spec is KeySpec.RSA_2048


def test_expired_key_material_that_waited_is_not_replicated() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    primary = primary.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    assert len(primary.replicate_key(REPLICA_ARN, NOW).materials) == 2
    assert len(primary.replicate_key(REPLICA_ARN, NOW + DAY).materials) == 1


@pytest.mark.parametrize("kind", [None, MultiRegionKeyType.REPLICA])
def test_only_a_primary_key_is_replicated_or_replaced(kind: MultiRegionKeyType | None) -> None:
    life = evolve(IMPORTED, multi_region_key_type=kind)
    said = recorded("ReplicateKey", "UnsupportedOperationException").replace("<mrk-key-arn>", ARN)
    expected = (UnsupportedOperationException, said, ARN, None)
    assert facts(refused(lambda: life.replicate_key(REPLICA_ARN, NOW))) == expected
    assert facts(refused(lambda: life.update_primary_region(life, NOW))) == expected


def test_new_key_material_enters_by_the_primary_key() -> None:
    replica = enabled_replica_of(PRIMARY.import_key_material("m1", NOW))
    text = f"{REPLICA_ARN} is not a multi-region primary key."
    expected = (UnsupportedOperationException, text, REPLICA_ARN, None)
    error = refused(lambda: replica.import_key_material("m2", NOW, import_type=NEW))
    assert facts(error) == expected
    assert facts(refused(lambda: replica.rotate_key_on_demand(NOW))) == expected


def test_new_key_material_waits_first_for_the_replicas_then_for_rotation() -> None:
    primary = PRIMARY.import_key_material("m1", NOW, replicas=True)
    assert primary.materials.current is not None
    primary = primary.import_key_material("m2", NOW, import_type=NEW, replicas=True)
    waits = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
    assert primary.materials.pending == Material(key_material_id="m2", key_material_state=waits)
    error = refused(lambda: primary.rotate_key_on_demand(NOW))
    assert isinstance(error, KMSInvalidStateException)
    error = refused(lambda: primary.import_key_material("m3", NOW, import_type=NEW, replicas=True))
    assert "because another key material (id: m2) is pending rotation." in error.message
    primary = primary.imported_by_replicas()
    assert primary.materials.pending == Material(
        key_material_id="m2", key_material_state=KeyMaterialState.PENDING_ROTATION
    )
    assert primary.imported_by_replicas() is primary


def test_related_keys_share_key_materials_and_hold_their_own() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    replica = enabled_replica_of(primary).import_key_material("m1", NOW, valid_to=NOW + DAY)
    primary = primary.import_key_material("m2", NOW, import_type=NEW).rotate_key_on_demand(NOW)
    replica = replica.synchronize_multi_region_key(primary)
    first, second = primary.materials
    assert replica.materials == (
        evolve(first, valid_to=NOW + DAY),
        evolve(second, imported=False),
    )
    assert replica.key_state(NOW) is KeyState.PendingImport
    assert replica.synchronize_multi_region_key(primary) == replica


def test_a_replica_learns_generated_key_material() -> None:
    primary = evolve(GENERATED, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    replica = evolve(primary.replicate_key(REPLICA_ARN, NOW), creating_until=None)
    primary = primary.rotate_key_on_demand(NOW, "m2")
    assert replica.synchronize_multi_region_key(primary).materials == primary.materials


def test_key_material_that_waits_stays_associated_with_a_replica_that_deletes_it() -> None:
    primary = PRIMARY.import_key_material("m1", NOW).import_key_material("m2", NOW, import_type=NEW)
    replica = enabled_replica_of(primary).import_key_material("m2", NOW)
    replica = replica.delete_imported_key_material(NOW, "m2")
    assert replica.materials.pending == Material(
        key_material_id="m2",
        key_material_state=KeyMaterialState.PENDING_ROTATION,
        imported=False,
    )
    assert replica.key_state(NOW) is KeyState.Enabled


def test_the_primary_region_is_changed_between_two_keys() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    replica = enabled_replica_of(primary)
    until = NOW + UPDATING_TIME
    was, new = primary.update_primary_region(replica, NOW)
    kind = MultiRegionKeyType
    assert was == evolve(primary, multi_region_key_type=kind.REPLICA, updating_until=until)
    assert new == evolve(replica, multi_region_key_type=kind.PRIMARY, updating_until=until)
    assert {key.key_state(until - TICK) for key in (was, new)} == {KeyState.Updating}
    assert {key.key_state(until) for key in (was, new)} == {KeyState.Enabled}
    assert new.next_change(NOW) == until


def test_a_key_that_is_updating_can_be_used_and_not_scheduled_for_deletion() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    _, new = primary.update_primary_region(enabled_replica_of(primary), NOW)
    error = refused(lambda: new.schedule_key_deletion(NOW))
    assert facts(error) == (
        KMSInvalidStateException,
        f"{REPLICA_ARN} is updating.",
        REPLICA_ARN,
        "Updating",
    )
    assert new.schedule_key_deletion(NOW + UPDATING_TIME).deletion_date is not None


def test_the_replica_too_must_be_enabled_to_become_the_primary_key() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    replica = enabled_replica_of(primary).disable_key(NOW)
    error = refused(lambda: primary.update_primary_region(replica, NOW))
    text = f"{REPLICA_ARN} is disabled."
    assert facts(error) == (DisabledException, text, REPLICA_ARN, "Disabled")


def test_expired_key_material_is_gone_before_the_primary_region_is_changed() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    primary = primary.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    replica = enabled_replica_of(primary).import_key_material("m2", NOW)
    later = NOW + DAY
    was, new = primary.update_primary_region(replica, later)
    assert was.materials.pending is None
    assert new.materials.pending is None
    assert (was, new) == primary.settle(later).update_primary_region(replica, later)


def test_key_material_of_a_replica_expires_before_it_becomes_the_primary_key() -> None:
    primary = PRIMARY.import_key_material("m1", NOW).import_key_material("m2", NOW, import_type=NEW)
    replica = enabled_replica_of(primary).import_key_material("m2", NOW, valid_to=NOW + DAY)
    _, new = primary.update_primary_region(replica, NOW + DAY)
    assert new.materials.pending == Material(
        key_material_id="m2",
        key_material_state=KeyMaterialState.PENDING_ROTATION,
        imported=False,
    )
    assert new.settle(NOW + 2 * DAY) == new


def test_settling_forgets_only_what_has_expired() -> None:
    """A primary key that never held the material that waits keeps its id when another material expires."""
    primary = PRIMARY.import_key_material("m1", NOW).import_key_material("m2", NOW, import_type=NEW)
    _, new = primary.update_primary_region(enabled_replica_of(primary), NOW)
    new = new.import_key_material("m1", NOW, valid_to=NOW + DAY)
    assert new.settle(NOW + DAY).materials.pending == new.materials.pending


# ---- what was recorded from the real service


def recorded(operation: str, code: str) -> str:
    messages: set[str] = {
        entry["message"]
        for entry in RECORDED
        if (entry["operation"], entry["code"]) == (operation, code)
        and "origin is" not in entry["message"]
    }
    (message,) = messages
    return message


@pytest.mark.parametrize("start", [EXTERNAL, IMPORTED.delete_imported_key_material(NOW)])
def test_what_is_pending_import_is_refused_as_recorded(start: Lifecycle) -> None:
    said = recorded("Encrypt", "KMSInvalidStateException")
    error = refused(lambda: start.rotate_key_on_demand(NOW))
    assert error.message == said.replace(
        "arn:<partition>:kms:<region>:111111111111:key/<key-id:1>", ARN
    )


# ---- laws of every history


@final
@frozen
class Moment:
    """A key, or a primary key and its replica, at some time."""

    life: Lifecycle
    replica: Lifecycle
    now: datetime


Change = Callable[[Lifecycle, datetime], Lifecycle]

SPANS = st.sampled_from([timedelta(0), TICK, CREATING_TIME, DAY, 7 * DAY, 30 * DAY])
IDS = st.sampled_from(["m1", "m2", "m3"])


def deletions(days: int, *, replicas: bool) -> Change:
    return lambda life, now: life.schedule_key_deletion(now, days, replicas=replicas)


def imports(key_material_id: str, span: timedelta | None, kind: ImportType | None) -> Change:
    return lambda life, now: life.import_key_material(
        key_material_id, now, valid_to=None if span is None else now + span, import_type=kind
    )


def removals(key_material_id: str | None) -> Change:
    return lambda life, now: life.delete_imported_key_material(now, key_material_id)


def rotations(key_material_id: str | None) -> Change:
    return lambda life, now: life.rotate_key_on_demand(now, key_material_id)


CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.just(Lifecycle.enable_key),
    st.just(Lifecycle.disable_key),
    st.just(Lifecycle.cancel_key_deletion),
    st.builds(deletions, st.sampled_from([6, 7, 30]), replicas=st.booleans()),
    st.builds(imports, IDS, st.none() | SPANS, st.none() | st.sampled_from(ImportType)),
    st.builds(removals, st.none() | IDS),
    st.builds(rotations, st.none() | IDS),
)


def after(life: Lifecycle, change: Change, now: datetime) -> Lifecycle | tuple[object, ...]:
    """The key after the change, or what the error says."""
    try:
        return change(life, now)
    except KmsError as error:
        return facts(error)


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    life = draw(st.sampled_from([GENERATED, EXTERNAL, IMPORTED, ASYMMETRIC, PRIMARY, IN_A_STORE]))
    replica, now = evolve(life, arn=REPLICA_ARN), NOW
    for _ in range(draw(st.integers(0, 10))):
        now += draw(SPANS)
        changed = after(life, draw(CHANGES), now)
        life = changed if isinstance(changed, Lifecycle) else life
        if life.multi_region_key_type is not None:
            life, replica = related(draw(st.integers(0, 4)), life, replica, draw(CHANGES), now)
    return Moment(life, replica, now)


def related(
    choice: int, life: Lifecycle, replica: Lifecycle, change: Change, now: datetime
) -> tuple[Lifecycle, Lifecycle]:
    """A primary key and its replica after something that concerns both, or the replica alone."""
    try:
        match choice:
            case 0:
                return life, life.replicate_key(REPLICA_ARN, now)
            case 1:
                return life, replica.synchronize_multi_region_key(life)
            case 2:
                return life.imported_by_replicas(), replica
            case 3:
                was, new = life.update_primary_region(replica, now)
                return new, was
            case _:
                return life, change(replica, now)
    except KmsError:
        return life, replica


def reading(life: Lifecycle, now: datetime) -> tuple[object, ...]:
    """All that can be read of a key at a time."""
    if life.is_deleted(now):
        return (life.arn,)
    states = tuple(life.key_state(now, connected=connected) for connected in (True, False))
    present = [m.key_material_id for m in life.materials if m.is_present(now)]
    return (
        *states,
        life.is_pending_import(now),
        life.materials.valid_to(now),
        life.next_change(now),
        present,
    )


@given(moments(), SPANS, CHANGES)
def test_settling_changes_nothing_that_can_be_read_now_or_later(
    moment: Moment, span: timedelta, change: Change
) -> None:
    later = moment.now + span
    for life in (moment.life, moment.replica):
        settled = life.settle(moment.now)
        assert settled.settle(moment.now) is settled
        assert settled.settle(later) == life.settle(later)
        assert reading(settled, later) == reading(life, later)
        expected, found = after(life, change, later), after(settled, change, later)
        if isinstance(expected, Lifecycle) and isinstance(found, Lifecycle):
            expected, found = expected.settle(later), found.settle(later)
        assert found == expected


@given(moments(), SPANS)
def test_settling_does_not_change_what_a_new_primary_region_gives(
    moment: Moment, span: timedelta
) -> None:
    later = moment.now + span

    def exchanged(life: Lifecycle, replica: Lifecycle) -> object:
        try:
            return life.update_primary_region(replica, later)
        except KmsError as error:
            return facts(error)

    settled = moment.life.settle(moment.now), moment.replica.settle(moment.now)
    assert exchanged(*settled) == exchanged(moment.life, moment.replica)


@given(moments(), st.floats(0, 1, exclude_max=True))
def test_the_next_change_is_the_first_instant_at_which_the_key_state_differs(
    moment: Moment, part: float
) -> None:
    life, now = moment.life, moment.now
    if life.is_deleted(now):
        return

    def shown(at: datetime) -> KeyState | None:
        return None if life.is_deleted(at) else life.key_state(at)

    change = life.next_change(now)
    until = change or now + 999 * DAY
    last = until - TICK
    for at in (now, min(now + (until - now) * part, last), last):
        assert shown(at) is shown(now)
    assert (shown(until) is shown(now)) == (change is None)


@given(moments(), CHANGES)
def test_a_method_changes_the_value_it_gives_and_nothing_else(
    moment: Moment, change: Change
) -> None:
    life = moment.life
    before = copy.deepcopy(life)
    first, second = after(life, change, moment.now), after(before, change, moment.now)
    assert first == second
    assert life == before
    assert hash(life) == hash(before)
    assert pickle.loads(pickle.dumps(life)) == life


@given(moments(), CHANGES)
def test_an_error_survives_pickle(moment: Moment, change: Change) -> None:
    errors: list[KmsError] = []
    try:
        change(moment.life, moment.now)
    except KmsError as error:
        errors.append(error)
    assert [*map(facts, pickle.loads(pickle.dumps(errors)))] == [*map(facts, errors)]


@given(moments())
def test_key_material_that_is_deleted_comes_back_as_it_was(moment: Moment) -> None:
    life, now = moment.life.settle(moment.now), moment.now
    current = life.materials.current
    if life.origin is not OriginType.EXTERNAL or current is None or not current.imported:
        return
    if life.is_deleted(now) or life.key_state(now) not in {KeyState.Enabled, KeyState.Disabled}:
        return
    deleted = life.delete_imported_key_material(now)
    assert deleted.key_state(now) is KeyState.PendingImport
    again = deleted.import_key_material(current.key_material_id, now, valid_to=current.valid_to)
    assert again == evolve(life, enabled=True)
