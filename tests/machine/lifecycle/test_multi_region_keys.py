"""
A primary key and its replicas: what they share, and what each has of its own.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from kmsmodel.errors import (
    DisabledException,
    KMSInvalidStateException,
    UnsupportedOperationException,
)
from kmsmodel.machine.lifecycle import CREATING_TIME, UPDATING_TIME, Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import (
    KeyMaterialState,
    KeySpec,
    KeyState,
    MultiRegionKeyType,
    OriginType,
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
    enabled_replica_of,
    recorded,
    refused,
    told,
)


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
    assert replica.key_state(NOW + CREATING_TIME - MICROSECOND) is KeyState.Creating
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
    said = recorded("ReplicateKey", "UnsupportedOperationException").replace(
        "<mrk-key-arn>", MRK_ARN
    )
    expected = (UnsupportedOperationException, said, MRK_ARN, None)
    assert told(refused(lambda: life.replicate_key(REPLICA_ARN, NOW))) == expected
    assert told(refused(lambda: life.update_primary_region(life, NOW))) == expected


def test_new_key_material_enters_by_the_primary_key() -> None:
    replica = enabled_replica_of(PRIMARY.import_key_material("m1", NOW))
    text = f"{REPLICA_ARN} is not a multi-region primary key."
    expected = (UnsupportedOperationException, text, REPLICA_ARN, None)
    error = refused(lambda: replica.import_key_material("m2", NOW, import_type=NEW))
    assert told(error) == expected
    assert told(refused(lambda: replica.rotate_key_on_demand(NOW))) == expected


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
    assert {key.key_state(until - MICROSECOND) for key in (was, new)} == {KeyState.Updating}
    assert {key.key_state(until) for key in (was, new)} == {KeyState.Enabled}
    assert new.next_change(NOW) == until


def test_a_key_that_is_updating_can_be_used_and_not_scheduled_for_deletion() -> None:
    primary = PRIMARY.import_key_material("m1", NOW)
    _, new = primary.update_primary_region(enabled_replica_of(primary), NOW)
    error = refused(lambda: new.schedule_key_deletion(NOW))
    assert told(error) == (
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
    assert told(error) == (DisabledException, text, REPLICA_ARN, "Disabled")


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
