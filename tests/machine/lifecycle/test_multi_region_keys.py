"""
A primary key and its replicas: what they share, and what each has of its own.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from attrs import evolve

from kmsmodel.errors import (
    DisabledException,
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import (
    KeyMaterialState,
    KeySpec,
    KeyState,
    MultiRegionKeyType,
    OriginType,
    RotationType,
)
from tests.basics import DAY, MICROSECOND, NOW
from tests.machine.lifecycle.lives import (
    ASYMMETRIC,
    CREATING,
    GENERATED,
    IMPORTED,
    MRK_ARN,
    NEW,
    PRIMARY,
    REPLICA_ARN,
    ROTATING,
    UPDATING,
    enabled_replica_of,
    recorded,
    refused,
    told,
)


def test_each_end_of_a_transition_is_settled_by_itself() -> None:
    past, future = NOW - DAY, NOW + DAY
    created = evolve(PRIMARY, creating_until=past, updating_until=future).settle(NOW)
    assert (created.creating_until, created.updating_until) == (None, future)
    updated = evolve(PRIMARY, creating_until=future, updating_until=past).settle(NOW)
    assert (updated.creating_until, updated.updating_until) == (future, None)


def test_a_replica_of_imported_key_material_needs_its_own_import() -> None:
    primary = PRIMARY.import_key_material("m1", NOW, valid_to=NOW + DAY)
    replica = primary.replicate_key(REPLICA_ARN, NOW, takes=CREATING)
    assert replica == Lifecycle(
        arn=REPLICA_ARN,
        origin=OriginType.EXTERNAL,
        multi_region_key_type=MultiRegionKeyType.REPLICA,
        materials=(Material(key_material_id="m1", imported=False),),
        creating_until=NOW + CREATING,
    )
    assert replica.key_state(NOW + CREATING - MICROSECOND) is KeyState.Creating
    assert replica.key_state(NOW + CREATING) is KeyState.PendingImport
    assert replica.next_change(NOW) == NOW + CREATING
    replica = replica.import_key_material("m1", NOW + CREATING)
    assert replica.key_state(NOW + CREATING) is KeyState.Enabled


def test_a_replica_of_generated_key_material_is_enabled_when_it_is_created() -> None:
    primary = evolve(GENERATED, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    replica = primary.replicate_key(REPLICA_ARN, NOW, takes=CREATING)
    assert replica.materials == primary.materials
    assert replica.key_state(NOW + CREATING) is KeyState.Enabled
    assert primary.replicate_key(REPLICA_ARN, NOW).key_state(NOW) is KeyState.Enabled


def test_a_replica_has_its_primary_keys_spec() -> None:
    primary = evolve(ASYMMETRIC, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    primary = primary.import_key_material("m1", NOW)
    assert primary.replicate_key(REPLICA_ARN, NOW).key_spec is KeySpec.RSA_2048


@pytest.mark.parametrize("now", [NOW, NOW + DAY])
def test_a_replica_knows_key_material_that_waits_expired_or_not(now: datetime) -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    primary = primary.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    replica = primary.replicate_key(REPLICA_ARN, now)
    assert replica.materials.pending == Material(
        key_material_id="m2", key_material_state=KeyMaterialState.PENDING_ROTATION, imported=False
    )


@pytest.mark.parametrize("kind", [None, MultiRegionKeyType.REPLICA])
def test_only_a_primary_key_is_replicated_or_replaced(kind: MultiRegionKeyType | None) -> None:
    life = evolve(IMPORTED, multi_region_key_type=kind)
    said = recorded("ReplicateKey", "UnsupportedOperationException").replace(
        "<mrk-key-arn>", MRK_ARN
    )
    expected = (UnsupportedOperationException, said, MRK_ARN, None)
    assert told(refused(lambda: life.replicate_key(REPLICA_ARN, NOW))) == expected
    text = f"{MRK_ARN} is not a multi-Region primary key."
    error = refused(lambda: life.update_primary_region(life, NOW))
    assert told(error) == (KMSInvalidStateException, text, MRK_ARN, None)


def test_a_primary_key_that_is_made_the_primary_key_stays_as_it_is() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    assert primary.update_primary_region(primary, NOW, takes=UPDATING) == (primary, primary)
    disabled = primary.disable_key(NOW)
    error = refused(lambda: disabled.update_primary_region(disabled, NOW))
    assert error.message == f"{MRK_ARN} is disabled."


def test_new_key_material_enters_by_the_primary_key() -> None:
    replica = enabled_replica_of(PRIMARY.import_key_material("m1", NOW))
    text = "Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys"
    for key_material_id in ("m1", "m2"):
        error = refused(partial(replica.import_key_material, key_material_id, NOW, import_type=NEW))
        assert told(error) == (ValidationException, text, REPLICA_ARN, None)


def test_a_replica_takes_no_key_material_that_its_primary_key_has_not() -> None:
    before = evolve(PRIMARY, arn=REPLICA_ARN, multi_region_key_type=MultiRegionKeyType.REPLICA)
    text = f"{REPLICA_ARN} is not a multi-region primary key."
    error = refused(lambda: before.import_key_material("m1", NOW))
    assert told(error) == (UnsupportedOperationException, text, REPLICA_ARN, None)
    replica = PRIMARY.import_key_material("m1", NOW).replicate_key(REPLICA_ARN, NOW)
    text = "Imported key material does not have the expected identifier (m1)."
    error = refused(lambda: replica.import_key_material("m2", NOW))
    assert told(error) == (IncorrectKeyMaterialException, text, REPLICA_ARN, None)


def test_new_key_material_waits_first_for_the_replicas_then_for_rotation() -> None:
    primary = PRIMARY.import_key_material("m1", NOW, replicas=True)
    assert primary.materials.current is not None
    primary = primary.import_key_material("m2", NOW, import_type=NEW, replicas=True)
    waits = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
    assert primary.materials.pending == Material(key_material_id="m2", key_material_state=waits)
    error = refused(lambda: primary.rotate_key_on_demand(NOW))
    text = (
        "Cannot perform key material rotation: Key material has not been imported "
        "for replicas of the Multi-Region key."
    )
    assert told(error) == (KMSInvalidStateException, text, MRK_ARN, "Enabled")
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
    until = NOW + UPDATING
    was, new = primary.update_primary_region(replica, NOW, takes=UPDATING)
    kind = MultiRegionKeyType
    assert was == evolve(primary, multi_region_key_type=kind.REPLICA, updating_until=until)
    assert new == evolve(replica, multi_region_key_type=kind.PRIMARY, updating_until=until)
    assert {key.key_state(until - MICROSECOND) for key in (was, new)} == {KeyState.Updating}
    assert {key.key_state(until) for key in (was, new)} == {KeyState.Enabled}
    assert new.next_change(NOW) == until


def test_a_date_until_which_a_key_is_in_transition_is_forgotten_when_it_has_come() -> None:
    replica = enabled_replica_of(PRIMARY.import_key_material("m1", NOW))
    until = NOW + DAY
    for key in (evolve(replica, creating_until=until), evolve(replica, updating_until=until)):
        assert key.settle(until - MICROSECOND) is key
        assert key.settle(until) == replica


def test_a_key_that_is_updating_can_be_used_and_not_scheduled_for_deletion() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    _, new = primary.update_primary_region(enabled_replica_of(primary), NOW, takes=UPDATING)
    error = refused(lambda: new.schedule_key_deletion(NOW))
    assert told(error) == (
        KMSInvalidStateException,
        f"{REPLICA_ARN} is updating.",
        REPLICA_ARN,
        "Updating",
    )
    assert new.schedule_key_deletion(NOW + UPDATING).deletion_date is not None


def test_the_replica_too_must_be_enabled_to_become_the_primary_key() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    replica = enabled_replica_of(primary).disable_key(NOW)
    error = refused(lambda: primary.update_primary_region(replica, NOW))
    text = f"{REPLICA_ARN} is disabled."
    assert told(error) == (DisabledException, text, REPLICA_ARN, "Disabled")


def test_key_material_that_expires_while_it_waits_still_waits_when_the_primary_region_is_changed() -> (
    None
):
    primary = PRIMARY.import_key_material("m1", NOW)
    primary = primary.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    replica = enabled_replica_of(primary).import_key_material("m2", NOW, valid_to=NOW + DAY)
    later = NOW + DAY
    was, new = primary.update_primary_region(replica, later)
    assert was.materials == new.materials == primary.materials
    assert (was, new) == primary.settle(later).update_primary_region(replica, later)
    rotated = new.rotate_key_on_demand(later)
    assert rotated.key_state(later) is KeyState.PendingImport


def test_a_rotation_in_progress_goes_on_in_the_new_primary_key() -> None:
    primary = evolve(GENERATED, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    replica = primary.replicate_key(REPLICA_ARN, NOW)
    rotating = primary.rotate_key_on_demand(NOW, "m2", takes=ROTATING)
    was, new = rotating.update_primary_region(replica, NOW)
    assert (was.on_demand_rotation, new.on_demand_rotation) == (None, rotating.on_demand_rotation)
    end = NOW + ROTATING
    assert new.settle(end).materials == rotating.settle(end).materials
    assert was.synchronize_multi_region_key(new.settle(end)).materials == new.settle(end).materials


def test_a_rotation_in_progress_ends_although_a_replica_deletes_its_key_material() -> None:
    """As it was recorded."""
    primary = PRIMARY.import_key_material("m1", NOW).import_key_material("m2", NOW, import_type=NEW)
    replica = enabled_replica_of(primary).import_key_material("m2", NOW)
    primary = primary.rotate_key_on_demand(NOW, takes=ROTATING)
    replica = replica.delete_imported_key_material(NOW, "m2")
    end = NOW + ROTATING
    replica = replica.synchronize_multi_region_key(primary.settle(end))
    assert primary.key_state(end) is KeyState.Enabled
    assert replica.key_state(end) is KeyState.PendingImport
    assert replica.materials.current == Material(
        key_material_id="m2",
        imported=False,
        rotation_date=end,
        rotation_type=RotationType.ON_DEMAND,
    )
    assert replica.import_key_material("m2", end).key_state(end) is KeyState.Enabled


def test_settling_forgets_only_what_has_expired() -> None:
    """A primary key that never held the material that waits keeps its id when another material expires."""
    primary = PRIMARY.import_key_material("m1", NOW).import_key_material("m2", NOW, import_type=NEW)
    _, new = primary.update_primary_region(enabled_replica_of(primary), NOW)
    new = new.import_key_material("m1", NOW, valid_to=NOW + DAY)
    assert new.settle(NOW + DAY).materials.pending == new.materials.pending
