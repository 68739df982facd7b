"""
What AWS says of KMS keys, of every combination of facts that a `Lifecycle` can reach and every event in it.

Each rule is a function that says whether one key, world or transition obeys it, with the page of the Developer Guide,
or of the API Reference, that it is from. A broken rule prints the shortest program that breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache, reduce
from typing import Any

import pytest

from kmsmodel.errors import KmsError, NotFoundException, UnsupportedOperationException
from kmsmodel.exploration.walk import (
    ARN,
    CONNECT,
    CREATED,
    DISCONNECT,
    EXPIRES,
    KINDS,
    LAST_REPLICA_IS_GONE,
    NOW,
    PERIOD_ENDS,
    REPLICA_ARN,
    SYNCHRONIZE,
    TIME_PASSES,
    UPDATED,
    Event,
    Exploration,
    Name,
    Transition,
    World,
    explore,
    explored,
    moves,
    step,
)
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

CURRENT = KeyMaterialState.CURRENT
NON_CURRENT = KeyMaterialState.NON_CURRENT
PENDING_ROTATION = KeyMaterialState.PENDING_ROTATION
PENDING_MULTI_REGION = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION

DELETION = {KeyState.PendingDeletion, KeyState.PendingReplicaDeletion}
USABLE = {KeyState.Enabled, KeyState.Disabled}

KeyRule = Callable[[World, Lifecycle, KeyState | None], bool]
WorldRule = Callable[[World], bool]
TransitionRule = Callable[[World, Event, World], bool]
RefusalRule = Callable[[World, Event, KmsError], bool]

KEY_RULES: list[KeyRule] = []
WORLD_RULES: list[WorldRule] = []
TRANSITION_RULES: list[TransitionRule] = []
REFUSAL_RULES: list[RefusalRule] = []


def of_keys(rule: KeyRule) -> KeyRule:
    KEY_RULES.append(rule)
    return rule


def of_worlds(rule: WorldRule) -> WorldRule:
    WORLD_RULES.append(rule)
    return rule


def of_transitions(rule: TransitionRule) -> TransitionRule:
    TRANSITION_RULES.append(rule)
    return rule


def of_refusals(rule: RefusalRule) -> RefusalRule:
    REFUSAL_RULES.append(rule)
    return rule


def permanent(key: Lifecycle) -> list[Material]:
    return [m for m in key.materials if m.key_material_state in {CURRENT, NON_CURRENT}]


def missing(key: Lifecycle) -> list[Material]:
    """What a key of origin EXTERNAL lacks of the key material that is permanently associated with it."""
    if key.origin is not OriginType.EXTERNAL:
        return []
    return [m for m in permanent(key) if not here(m)]


def here(material: Material) -> bool:
    return material.imported and (material.valid_to is None or material.valid_to > NOW)


def waiting(key: Lifecycle) -> list[Material]:
    return [m for m in key.materials if m.key_material_state not in {CURRENT, NON_CURRENT}]


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
    return key.materials.get(str(named[0])) if named else key.materials.current


def word(event: Event, name: str) -> object:
    return dict(event.keywords).get(name)


# ---- one key


@of_keys
def an_external_key_is_usable_only_with_all_its_permanent_key_material(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """A key is Enabled or Disabled only if all permanently associated material is there (Key states)."""
    return state not in USABLE or not missing(key)


@of_keys
def an_external_key_without_key_material_is_not_usable(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """A key of origin EXTERNAL cannot be used before its first import (Create a KMS key without key material)."""
    return state not in USABLE or key.origin is not OriginType.EXTERNAL or bool(permanent(key))


@of_keys
def pending_import_says_that_key_material_is_missing(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """PendingImport: no key material yet, or some permanently associated material is gone (Key states)."""
    return state is not KeyState.PendingImport or not permanent(key) or bool(missing(key))


@of_keys
def only_imported_key_material_can_be_pending_import(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """PendingImport is for keys of origin EXTERNAL (Key states)."""
    return state is not KeyState.PendingImport or key.origin is OriginType.EXTERNAL


@of_keys
def only_keys_in_a_custom_key_store_are_unavailable(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """Unavailable: the custom key store is disconnected (Key states)."""
    disconnected = key.origin is OriginType.AWS_CLOUDHSM and not world.connected
    return (state is KeyState.Unavailable) == (disconnected and state not in {*DELETION, None})


@of_keys
def only_replica_keys_are_creating(world: World, key: Lifecycle, state: KeyState | None) -> bool:
    """Creating is for multi-Region replica keys (Key states)."""
    return state is not KeyState.Creating or key.multi_region_key_type is MultiRegionKeyType.REPLICA


@of_keys
def only_multi_region_keys_are_updating(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """Updating: the primary Region of a multi-Region key is being changed (Change the primary key)."""
    return state is not KeyState.Updating or key.multi_region_key_type is not None


@of_keys
def a_deletion_date_is_shown_exactly_by_keys_pending_deletion(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """DeletionDate is there only while the key state is PendingDeletion (KeyMetadata in the API Reference)."""
    return (key.deletion_date is not None) == (state in {KeyState.PendingDeletion, None})


@of_keys
def a_waiting_period_is_shown_exactly_by_keys_that_are_to_be_deleted(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """A waiting period belongs to a scheduled deletion, and to nothing else (Schedule key deletion)."""
    return (key.pending_window_in_days is not None) == (state in {*DELETION, None})


@of_keys
def one_key_material_is_current_once_any_was_imported(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """The first key material is CURRENT at once, and from then on one is (ImportKeyMaterial; Rotate AWS KMS keys)."""
    current = [m for m in key.materials if m.key_material_state is CURRENT]
    return current == ([key.materials.current] if key.materials else [])


@of_keys
def at_most_one_key_material_waits_for_rotation(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """A key has at most one key material that is pending rotation (ImportKeyMaterial)."""
    return waiting(key) == ([] if key.materials.pending is None else [key.materials.pending])


@of_keys
def key_material_that_waits_changes_no_key_state(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """A key's state does not depend on material that is pending rotation (DeleteImportedKeyMaterial)."""
    without = Lifecycle(
        arn=key.arn,
        origin=key.origin,
        enabled=key.enabled,
        materials=tuple(permanent(key)),
        creating_until=key.creating_until,
        updating_until=key.updating_until,
        pending_window_in_days=key.pending_window_in_days,
        deletion_date=key.deletion_date,
    )
    return state is None or without.key_state(NOW, connected=world.connected) is state


@of_keys
def only_symmetric_encryption_keys_have_several_key_materials(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """An asymmetric key has one key material for life (Importing key material)."""
    return key.key_spec is KeySpec.SYMMETRIC_DEFAULT or len(key.materials) <= 1


@of_keys
def key_material_that_is_not_there_does_not_expire(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """Deleted material is listed without ExpirationModel and ValidTo (List rotations and key materials)."""
    return all(m.imported or m.valid_to is None for m in key.materials)


@of_keys
def valid_to_is_the_earliest_date_at_which_permanent_key_material_expires(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """ValidTo of a key is the earliest of its permanently associated materials (KeyMetadata)."""
    dates = [m.valid_to for m in permanent(key) if m.valid_to is not None and m.valid_to > NOW]
    return key.materials.valid_to(NOW) == (min(dates) if dates else None)


@of_keys
def only_imported_key_material_waits_expires_or_is_missing(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """Expiry, deletion and pending rotation are for imported key material (ListKeyRotations)."""
    generated = all(m.imported and m.valid_to is None for m in permanent(key)) and not waiting(key)
    return key.origin is OriginType.EXTERNAL or generated


@of_keys
def a_scheduled_deletion_outranks_all_other_facts(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """A key pending deletion stays so when its store is disconnected or material is missing (Key states, note 13)."""
    return key.pending_window_in_days is None or state in {*DELETION, None}


@of_keys
def next_change_is_the_next_date_at_which_the_key_state_differs(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """The key state follows the dates that AWS KMS promised: DeletionDate, ValidTo (KeyMetadata)."""
    if state is None:
        return True
    before = key.key_state(NOW)
    dates = (key.deletion_date, key.creating_until, key.updating_until)
    every = sorted(d for d in (*dates, *(m.valid_to for m in key.materials)) if d and d > NOW)
    differs = [d for d in every if shown(key, d) is not before]
    return key.next_change(NOW) == (differs[0] if differs else None)


def shown(key: Lifecycle, now: datetime) -> KeyState | None:
    return None if key.is_deleted(now) else key.key_state(now)


@of_keys
def settling_a_key_changes_no_key_state_now_or_later(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """Material that has expired is not there, whether AWS KMS has deleted it yet or not (Importing key material)."""
    settled = key.settle(NOW)
    return (
        settled.settle(NOW) == settled
        and settled.materials.valid_to(NOW) == key.materials.valid_to(NOW)
        and all(
            shown(settled, NOW + timedelta(days=n)) is shown(key, NOW + timedelta(days=n))
            for n in (0, 1, 7, 30)
        )
    )


# ---- a primary key and its replica


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


# ---- one event that succeeds


@of_transitions
def a_key_pending_deletion_stays_so_when_its_key_material_is_deleted(
    before: World, event: Event, after: World
) -> bool:
    """Deleting material does not change the state of a key pending deletion (DeleteImportedKeyMaterial)."""
    return (
        event.name != "delete_imported_key_material"
        or before.key_state(event.key) not in DELETION
        or after.key_state(event.key) is before.key_state(event.key)
    )


@of_transitions
def deleting_permanent_key_material_makes_a_usable_key_pending_import(
    before: World, event: Event, after: World
) -> bool:
    """DeleteImportedKeyMaterial sets the key state to PendingImport (DeleteImportedKeyMaterial)."""
    if event.name != "delete_imported_key_material" or before.key_state(event.key) not in USABLE:
        return True
    material = target(before, event)
    assert material is not None
    if material in permanent(subject(before, event)):
        return after.key_state(event.key) is KeyState.PendingImport
    return after.key_state(event.key) is before.key_state(event.key)


@of_transitions
def deleted_key_material_is_not_there(before: World, event: Event, after: World) -> bool:
    """After DeleteImportedKeyMaterial the material is gone from the key (Delete imported key material)."""
    if event.name != "delete_imported_key_material":
        return True
    material = target(before, event)
    still = material and subject(after, event).materials.get(material.key_material_id)
    return not still or not here(still)


@of_transitions
def key_material_that_waits_is_forgotten_when_the_primary_key_loses_it(
    before: World, event: Event, after: World
) -> bool:
    """Deleting material that is pending rotation makes room for other new material (Importing key material)."""
    if event.name != "delete_imported_key_material" or event.key is not Name.life:
        return True
    material = target(before, event)
    return material not in waiting(before.life) or not waiting(after.life)


@of_transitions
def permanent_key_material_stays_associated(before: World, event: Event, after: World) -> bool:
    """Material that was ever current is permanently associated with its key (Rotate AWS KMS keys)."""
    old = {m.key_material_id for m in permanent(before.life)}
    return old <= {m.key_material_id for m in permanent(after.life)}


@of_transitions
def only_a_rotation_changes_which_key_material_is_current(
    before: World, event: Event, after: World
) -> bool:
    """CurrentKeyMaterialId changes by rotation, and not by deletion or expiry (KeyMetadata)."""
    old, new = before.life.materials.current, after.life.materials.current
    return (
        old is None
        or event.name == "rotate_key_on_demand"
        or (new is not None and new.key_material_id == old.key_material_id)
    )


@of_transitions
def expiry_does_the_same_as_deletion(before: World, event: Event, after: World) -> bool:
    """Expired material is deleted as if by DeleteImportedKeyMaterial (Importing key material)."""
    if event.name != TIME_PASSES or before.replica is not None or after.key_state() is None:
        return True
    date = before.next_date()
    expired = [m.key_material_id for m in before.life.materials if m.valid_to == date]
    deleted = reduce(lambda key, m: key.delete_imported_key_material(NOW, m), expired, before.life)
    return World(deleted).seen_from(date or NOW).life == after.life.settle(NOW)


@of_transitions
def an_imported_key_material_is_there(before: World, event: Event, after: World) -> bool:
    """ImportKeyMaterial brings the material, valid as long as the request says (ImportKeyMaterial)."""
    if event.name != "import_key_material":
        return True
    valid_for = word(event, "valid_to")
    material = target(after, event)
    valid_to = NOW + valid_for if isinstance(valid_for, timedelta) else None
    return material is not None and material.imported and material.valid_to == valid_to


@of_transitions
def the_last_missing_key_material_enables_the_key(
    before: World, event: Event, after: World
) -> bool:
    """A key is Enabled once none of its permanent material is missing, and not earlier (ImportKeyMaterial)."""
    if event.name != "import_key_material" or before.key_state(event.key) is KeyState.Updating:
        return True
    key = subject(after, event)
    expected = KeyState.PendingImport if missing(key) else KeyState.Enabled
    return after.key_state(event.key) is expected


@of_transitions
def a_reimport_changes_no_association(before: World, event: Event, after: World) -> bool:
    """Only the same material can be reimported, and it keeps its place (Importing key material)."""
    if event.name != "import_key_material":
        return True
    old, new = target(before, event), target(after, event)
    stale = old is not None and old.valid_to == NOW and old in waiting(subject(before, event))
    ids = [m.key_material_id for m in subject(before, event).materials]
    if word(event, "import_type") is ImportType.NEW_KEY_MATERIAL:
        return old is None or stale
    if old is None or stale:
        return word(event, "import_type") is None and permanent(subject(before, event)) == []
    assert new is not None
    return [m.key_material_id for m in subject(after, event).settle(NOW).materials] == [
        m
        for m in ids
        if m in {k.key_material_id for k in subject(before, event).settle(NOW).materials}
    ] and (new.key_material_state in {old.key_material_state, PENDING_ROTATION})


@of_transitions
def new_key_material_enters_by_the_primary_key(before: World, event: Event, after: World) -> bool:
    """New material can be imported into a primary key only, and replicas get the same (ImportKeyMaterial)."""
    if event.name != "import_key_material" or event.key is Name.life:
        return True
    old, new = ([m.key_material_id for m in world.life.materials] for world in (before, after))
    return old == new


@of_transitions
def the_first_key_material_is_current_and_later_material_waits(
    before: World, event: Event, after: World
) -> bool:
    """The first material is CURRENT, the next one PENDING_ROTATION, or waits for replicas (ImportKeyMaterial)."""
    old = {m.key_material_id for m in before.life.settle(NOW).materials}
    new = [m for m in after.life.materials if m.key_material_id not in old]
    if event.name != "import_key_material" or not new:
        return True
    related = PENDING_ROTATION if before.replica is None else PENDING_MULTI_REGION
    return [m.key_material_state for m in new] == [related if old else CURRENT]


@of_transitions
def a_rotation_makes_the_waiting_key_material_current(
    before: World, event: Event, after: World
) -> bool:
    """Rotation: pending material becomes CURRENT, the former NON_CURRENT (Rotate AWS KMS keys)."""
    if event.name != "rotate_key_on_demand":
        return True
    was, now = before.life.materials.current, after.life.materials.current
    assert was is not None
    assert now is not None
    former = after.life.materials.get(was.key_material_id)
    imported = before.life.origin is OriginType.EXTERNAL
    waited = [m.key_material_id for m in waiting(before.life)]
    return (
        former is not None
        and former.key_material_state is NON_CURRENT
        and here(now)
        and waited == ([now.key_material_id] if imported else [])
        and all(m.key_material_state is PENDING_ROTATION for m in waiting(before.life))
        and after.key_state() is before.key_state()
    )


@of_transitions
def cancelling_a_deletion_never_leaves_a_key_enabled(
    before: World, event: Event, after: World
) -> bool:
    """CancelKeyDeletion leaves the key Disabled, and not Enabled (CancelKeyDeletion)."""
    if event.name != "cancel_key_deletion":
        return True
    key = subject(after, event)
    return not key.enabled and after.key_state(event.key) is not KeyState.Enabled


@of_transitions
def cancelling_a_deletion_shows_what_it_covered(before: World, event: Event, after: World) -> bool:
    """After CancelKeyDeletion a key is Disabled, unless something else covers that (Key states, note 13)."""
    if event.name != "cancel_key_deletion":
        return True
    key = subject(after, event)
    if key.creating_until is not None:
        expected = KeyState.Creating
    elif not after.connected:
        expected = KeyState.Unavailable
    elif key.origin is OriginType.EXTERNAL and (missing(key) or not key.materials):
        expected = KeyState.PendingImport
    else:
        expected = KeyState.Disabled
    return after.key_state(event.key) is expected


@of_transitions
def a_key_pending_deletion_leaves_that_state_only_by_cancelling_or_in_time(
    before: World, event: Event, after: World
) -> bool:
    """Only CancelKeyDeletion keeps a key that is pending deletion (Delete an AWS KMS key)."""
    return all(
        before.key_state(name) not in DELETION
        or after.key_state(name) in DELETION
        or event.name == "cancel_key_deletion"
        or (event.name == TIME_PASSES and key.deletion_date == before.next_date())
        for name, key in keys(before)
    )


@of_transitions
def a_deletion_is_scheduled_for_the_end_of_the_waiting_period(
    before: World, event: Event, after: World
) -> bool:
    """The waiting period starts at once, unless a primary key has replicas (ScheduleKeyDeletion)."""
    if event.name != "schedule_key_deletion":
        return True
    days = event.arguments[1]
    key = subject(after, event)
    assert isinstance(days, int)
    if event.key is Name.life and before.replica is not None:
        return (key.pending_window_in_days, key.deletion_date) == (days, None)
    return (key.pending_window_in_days, key.deletion_date) == (days, NOW + timedelta(days=days))


@of_transitions
def the_waiting_period_of_a_primary_key_starts_when_its_last_replica_is_deleted(
    before: World, event: Event, after: World
) -> bool:
    """A primary key becomes PendingDeletion when its last replica is deleted (Delete multi-Region keys)."""
    days = before.life.pending_window_in_days
    if before.key_state() is not KeyState.PendingReplicaDeletion or after.replica is not None:
        return True
    assert days is not None
    return (
        event.name == TIME_PASSES
        and after.key_state() is KeyState.PendingDeletion
        and after.life.deletion_date == NOW + timedelta(days=days)
    )


@of_transitions
def an_enabled_key_is_enabled_unless_its_store_is_disconnected(
    before: World, event: Event, after: World
) -> bool:
    """EnableKey shows at once, or when the custom key store is connected again (Key states, note 12)."""
    expected = KeyState.Enabled if before.connected else KeyState.Unavailable
    return event.name != "enable_key" or after.key_state(event.key) is expected


@of_transitions
def a_disabled_key_is_disabled_unless_its_store_is_disconnected(
    before: World, event: Event, after: World
) -> bool:
    """DisableKey shows at once, or when the custom key store is connected again (Key states, note 12)."""
    expected = KeyState.Disabled if before.connected else KeyState.Unavailable
    return event.name != "disable_key" or after.key_state(event.key) is expected


@of_transitions
def a_custom_key_store_covers_a_key_state_and_gives_it_back(
    before: World, event: Event, after: World
) -> bool:
    """Keys are Unavailable while their store is disconnected, and then as they were (Disconnect a key store)."""
    if event.name not in {CONNECT, DISCONNECT}:
        return True
    back = step(after, Event(DISCONNECT if event.name == CONNECT else CONNECT))
    return after.life == before.life and back == before


@of_transitions
def a_change_of_the_primary_region_updates_both_keys(
    before: World, event: Event, after: World
) -> bool:
    """UpdatePrimaryRegion: both keys can be used before, and are Updating after it (Change the primary key)."""
    if event.name != "update_primary_region":
        return True
    was = {before.key_state(name) for name in (Name.life, Name.replica)}
    now = {after.key_state(name) for name in (Name.life, Name.replica)}
    return was <= {KeyState.Enabled, KeyState.Updating} and now == {KeyState.Updating}


@of_transitions
def a_change_of_the_primary_region_exchanges_the_two_keys(
    before: World, event: Event, after: World
) -> bool:
    """UpdatePrimaryRegion changes no property of a key but its being primary (Change the primary key)."""
    if event.name != "update_primary_region":
        return True
    assert after.replica is not None
    assert before.replica is not None
    pairs = ((before.life, after.replica), (before.replica, after.life))
    return all((a.enabled, a.materials) == (b.enabled, b.materials) for a, b in pairs)


@of_transitions
def a_new_replica_key_is_enabled_and_creating(before: World, event: Event, after: World) -> bool:
    """ReplicateKey returns while the replica is Creating; it does not change the primary (ReplicateKey)."""
    if event.name != "replicate_key":
        return True
    assert after.replica is not None
    return (
        after.key_state(Name.replica) is KeyState.Creating
        and after.replica.enabled
        and after.life == before.life
    )


@of_transitions
def a_new_replica_key_has_generated_key_material_and_lacks_imported(
    before: World, event: Event, after: World
) -> bool:
    """A replica of an EXTERNAL key needs its own import of the same material (Multi-Region keys)."""
    if event.name != "replicate_key":
        return True
    assert after.replica is not None
    generated = before.life.origin is OriginType.AWS_KMS
    return all(here(m) is generated for m in after.replica.materials)


@of_transitions
def each_region_enables_and_deletes_its_own_key(before: World, event: Event, after: World) -> bool:
    """Enabling and deletion dates are independent properties of multi-Region keys (Multi-Region keys)."""
    if event.name in {"update_primary_region", TIME_PASSES}:
        return True
    was, now = before.key(other(event)), after.key(other(event))
    if was is None or now is None:
        return True
    return (was.enabled, was.deletion_date, was.pending_window_in_days) == (
        now.enabled,
        now.deletion_date,
        now.pending_window_in_days,
    )


@of_transitions
def each_region_holds_its_own_key_material(before: World, event: Event, after: World) -> bool:
    """Importing or deleting material moves only that key's material (Multi-Region keys; ImportKeyMaterial)."""
    was, now = before.key(other(event)), after.key(other(event))
    if was is None or now is None or event.name in {"update_primary_region", TIME_PASSES}:
        return True
    held = {m.key_material_id: (m.imported, m.valid_to) for m in was.materials}
    kept = {m.key_material_id: (m.imported, m.valid_to) for m in now.materials}
    return all(held[m] == kept[m] for m in held.keys() & kept.keys())


@of_transitions
def time_alone_never_makes_a_key_usable(before: World, event: Event, after: World) -> bool:
    """By itself a key only ends what AWS KMS does, loses material or is deleted (Key states)."""
    in_time: dict[KeyState, set[KeyState | None]] = {
        KeyState.Creating: {KeyState.Enabled, KeyState.Disabled, KeyState.PendingImport},
        KeyState.Updating: {KeyState.Enabled, KeyState.PendingImport},
        KeyState.Enabled: {KeyState.PendingImport},
        KeyState.Disabled: {KeyState.PendingImport},
        KeyState.PendingDeletion: {None},
        KeyState.PendingReplicaDeletion: {KeyState.PendingDeletion},
    }
    if event.name != TIME_PASSES:
        return True
    states = [(before.key_state(name), after.key_state(name)) for name, _ in keys(before)]
    return all(a is b or (a is not None and b in in_time.get(a, set())) for a, b in states)


@of_transitions
def an_update_ends_as_it_began(before: World, event: Event, after: World) -> bool:
    """When the primary Region is changed the keys are Enabled again (Change the primary key)."""
    return all(
        before.key_state(name) is not KeyState.Updating
        or event.name != TIME_PASSES
        or after.key_state(name) is KeyState.Enabled
        or bool(missing(key))
        for name, key in keys(after)
    )


@of_transitions
def a_deleted_key_never_comes_back(before: World, event: Event, after: World) -> bool:
    """Deletion cannot be undone (Delete an AWS KMS key)."""
    return before.key_state() is not None or after.key_state() is None


# ---- one event that is refused


@of_refusals
def a_deleted_key_does_not_exist(before: World, event: Event, error: KmsError) -> bool:
    """Of a deleted key AWS KMS says that it does not exist (Delete an AWS KMS key)."""
    if before.key_state(event.key) is not None:
        return True
    text = f"Key '{subject(before, event).arn}' does not exist"
    return isinstance(error, NotFoundException) and error.message == text


@of_refusals
def what_aws_refuses_in_a_key_state_is_refused_with_its_error(
    before: World, event: Event, error: KmsError
) -> bool:
    """The error is the one of the key state table, if the table refuses (Key states)."""
    expected = permitted(before, event)
    if expected is None or before.key_state(event.key) is None:
        return True
    return (type(error), error.message) == expected


@of_transitions
def what_succeeds_is_permitted_in_the_key_state(before: World, event: Event, after: World) -> bool:
    """An operation succeeds only where the key state table lets it (Key states)."""
    return permitted(before, event) is None


def permitted(world: World, event: Event) -> tuple[type[KmsError], str] | None:
    """None, or what the key state table refuses the event with; this reads the cells itself."""
    state = world.key_state(event.key)
    if event.operation is None or state is None:
        return None
    key, row = subject(world, event), KEY_STATE_TABLE[event.operation]
    if key.origin not in row.accepts:
        text = f"{key.arn} origin is {key.origin.value} which is not valid for this operation."
        return UnsupportedOperationException, text
    refusal = row[state]
    return None if refusal is None else (refusal.error, f"{key.arn} {refusal.text}")


# ---- every rule is asked everywhere


def check(broken: Callable[[], Iterator[tuple[Exploration, World, tuple[Event, ...]]]]) -> None:
    """Fail with the shortest program that leads to what is broken, if anything is."""
    for exploration, world, then in broken():
        pytest.fail("This breaks the rule:\n\n" + exploration.program(world, *then), pytrace=False)


def named(rule: Callable[..., bool]) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", KEY_RULES, ids=named)
def test_every_key_obeys(rule: KeyRule) -> None:
    def broken() -> Iterator[tuple[Exploration, World, tuple[Event, ...]]]:
        for kind in KINDS:
            for world in explored(kind).worlds:
                for name, key in keys(world):
                    if not rule(world, key, world.key_state(name)):
                        yield explored(kind), world, ()

    check(broken)


@pytest.mark.parametrize("rule", WORLD_RULES, ids=named)
def test_all_related_keys_obey(rule: WorldRule) -> None:
    def broken() -> Iterator[tuple[Exploration, World, tuple[Event, ...]]]:
        for kind in KINDS:
            for world in explored(kind).worlds:
                if not rule(world):
                    yield explored(kind), world, ()

    check(broken)


@pytest.mark.parametrize("rule", TRANSITION_RULES, ids=named)
def test_every_event_that_succeeds_obeys(rule: TransitionRule) -> None:
    def broken() -> Iterator[tuple[Exploration, World, tuple[Event, ...]]]:
        for kind in KINDS:
            for transition in explored(kind).transitions:
                before, event, after = transition.before, transition.event, transition.outcome
                if isinstance(after, World) and not rule(before, event, after):
                    yield explored(kind), before, (event,)

    check(broken)


@pytest.mark.parametrize("rule", REFUSAL_RULES, ids=named)
def test_every_event_that_is_refused_obeys(rule: RefusalRule) -> None:
    def broken() -> Iterator[tuple[Exploration, World, tuple[Event, ...]]]:
        for kind in KINDS:
            for transition in explored(kind).transitions:
                before, event, error = transition.before, transition.event, transition.outcome
                if isinstance(error, KmsError) and not rule(before, event, error):
                    yield explored(kind), before, (event,)

    check(broken)


@pytest.mark.parametrize(
    "rule", [*KEY_RULES, *WORLD_RULES, *TRANSITION_RULES, *REFUSAL_RULES], ids=named
)
def test_every_rule_names_its_source(rule: Callable[..., bool]) -> None:
    assert (rule.__doc__ or "").endswith(").")


# ---- what is seen on the whole


@cache
def followers() -> dict[tuple[KeyState | None, str], set[KeyState | None]]:
    """For each key state and event the key states that follow, where the event succeeds."""
    found: dict[tuple[KeyState | None, str], set[KeyState | None]] = {}
    for kind in KINDS:
        for transition in explored(kind).transitions:
            for move in moves(transition):
                if move.refusal is None:
                    found.setdefault((move.before, move.label), set()).add(move.after)
    return found


def test_all_eight_key_states_are_reached() -> None:
    reached = {
        world.key_state(name)
        for kind in KINDS
        for world in explored(kind).worlds
        for name, _ in keys(world)
    }
    assert reached == {*KeyState, None}


def test_a_key_state_does_not_tell_what_follows_from_an_event() -> None:
    """No table from key state to key state could be the machine: these are the pairs that have several outcomes."""
    several = {place: states for place, states in followers().items() if len(states) > 1}
    assert several == {
        (KeyState.PendingDeletion, "CancelKeyDeletion"): {
            KeyState.Creating,
            KeyState.Disabled,
            KeyState.PendingImport,
            KeyState.Unavailable,
        },
        (KeyState.PendingReplicaDeletion, "CancelKeyDeletion"): {
            KeyState.Disabled,
            KeyState.PendingImport,
        },
        (KeyState.Enabled, "DeleteImportedKeyMaterial"): {
            KeyState.Enabled,
            KeyState.PendingImport,
        },
        (KeyState.Disabled, "DeleteImportedKeyMaterial"): {
            KeyState.Disabled,
            KeyState.PendingImport,
        },
        (KeyState.PendingImport, "ImportKeyMaterial"): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Enabled, "ScheduleKeyDeletion"): DELETION,
        (KeyState.Disabled, "ScheduleKeyDeletion"): DELETION,
        (KeyState.PendingImport, "ScheduleKeyDeletion"): DELETION,
        (KeyState.Unavailable, CONNECT): USABLE,
        (KeyState.Creating, CREATED): {*USABLE, KeyState.PendingImport},
        (KeyState.Updating, UPDATED): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Enabled, EXPIRES): {KeyState.Enabled, KeyState.PendingImport},
        (KeyState.Disabled, EXPIRES): {KeyState.Disabled, KeyState.PendingImport},
    }


def test_what_happens_by_itself() -> None:
    by_itself = {PERIOD_ENDS, LAST_REPLICA_IS_GONE, SYNCHRONIZE}
    assert {place: states for place, states in followers().items() if place[1] in by_itself} == {
        (KeyState.PendingDeletion, PERIOD_ENDS): {None},
        (KeyState.PendingReplicaDeletion, LAST_REPLICA_IS_GONE): {KeyState.PendingDeletion},
        (KeyState.Enabled, SYNCHRONIZE): {KeyState.PendingImport},
        (KeyState.Disabled, SYNCHRONIZE): {KeyState.PendingImport},
    }


def test_what_is_refused_though_the_key_state_permits_it() -> None:
    refused: set[tuple[str, str]] = set()
    for kind in KINDS:
        for transition in explored(kind).transitions:
            before, event, error = transition.before, transition.event, transition.outcome
            permits = permitted(before, event) is None and before.key_state(event.key) is not None
            if isinstance(error, KmsError) and permits:
                told = error.message.replace(ARN, "ARN").replace(REPLICA_ARN, "ARN")
                told = re.sub(r"\bm\d\b", "ID", told)
                refused.add((event.label, f"{error.code}: {told}"))
    assert sorted(refused) == [
        ("DeleteImportedKeyMaterial", "NotFoundException: Key material 'ID' does not exist"),
        ("ImportKeyMaterial", "IncorrectKeyMaterialException: "),
        (
            "ImportKeyMaterial",
            (
                "KMSInvalidStateException: New key material (id: ID) cannot be imported into KMS "
                "key ARN, because another key material (id: ID) is pending rotation."
            ),
        ),
        (
            "ImportKeyMaterial",
            "UnsupportedOperationException: ARN is not a multi-region primary key.",
        ),
        ("ReplicateKey", "UnsupportedOperationException: ARN is not a multi-region primary key."),
        ("RotateKeyOnDemand", "IncorrectKeyMaterialException: "),
        (
            "RotateKeyOnDemand",
            "KMSInvalidStateException: No available key material pending rotation for the key: ARN.",
        ),
        ("RotateKeyOnDemand", "UnsupportedOperationException: "),
        (
            "RotateKeyOnDemand",
            "UnsupportedOperationException: ARN is not a multi-region primary key.",
        ),
        # The replica key, too, must be in a key state that permits it.
        ("UpdatePrimaryRegion", "DisabledException: ARN is disabled."),
        ("UpdatePrimaryRegion", "KMSInvalidStateException: ARN is creating."),
        ("UpdatePrimaryRegion", "KMSInvalidStateException: ARN is pending deletion."),
        ("UpdatePrimaryRegion", "KMSInvalidStateException: ARN is pending import."),
        (
            "UpdatePrimaryRegion",
            "UnsupportedOperationException: ARN is not a multi-region primary key.",
        ),
    ]


def test_an_error_tells_the_key_and_its_key_state() -> None:
    for kind in KINDS:
        for transition in explored(kind).transitions:
            before, error = transition.before, transition.outcome
            if isinstance(error, KmsError):
                states = {key.arn: before.key_state(name) for name, key in keys(before)}
                assert error.arn in states
                # Whether a custom key store is connected, a key does not know.
                if before.connected and error.key_state is not None:
                    assert error.key_state is states[error.arn], exploration_of(kind, transition)


def exploration_of(kind: str, transition: Transition) -> str:
    return explored(kind).program(transition.before, transition.event)


# ---- the walk itself


COUNTS = {
    "AWS_KMS": (30, 542),
    "EXTERNAL": (2206, 64988),
    "EXTERNAL, asymmetric": (54, 1148),
    "in a custom key store": (20, 328),
    "AWS_KMS, multi-Region": (78, 2424),
    "EXTERNAL, multi-Region": (4178, 180030),
}


@pytest.mark.parametrize("kind", KINDS)
def test_so_many_combinations_are_reached(kind: str) -> None:
    exploration = explored(kind)
    assert (len(exploration.worlds), len(exploration.transitions)) == COUNTS[kind]


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
replica = life.replicate_key("{REPLICA_ARN}", now)
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
