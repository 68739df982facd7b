"""
What AWS says of an event that succeeds, asked of every event in every combination of facts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import reduce

import pytest

from kmsmodel.exploration.events import CONNECT, DISCONNECT, TIME_PASSES, Event
from kmsmodel.exploration.kinds import KINDS, explored
from kmsmodel.exploration.walk import step
from kmsmodel.exploration.world import NOW, Name, World
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import ImportType, KeyState, OriginType
from tests.exploration.rules import (
    CURRENT,
    DELETION,
    NON_CURRENT,
    PENDING_MULTI_REGION,
    PENDING_ROTATION,
    USABLE,
    Broken,
    check,
    current,
    here,
    keys,
    materials,
    missing,
    named,
    names_its_source,
    other,
    permanent,
    permitted,
    rotates,
    subject,
    target,
    waiting,
    word,
)

TransitionRule = Callable[[World, Event, World], bool]

RULES: list[TransitionRule] = []


def of_transitions(rule: TransitionRule) -> TransitionRule:
    RULES.append(rule)
    return rule


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
def only_the_end_of_a_rotation_changes_which_key_material_is_current(
    before: World, event: Event, after: World
) -> bool:
    """CurrentKeyMaterialId is the former one until a rotation is done, whatever happens (Recorded 2026-09-12)."""
    old, new = current(before.life), current(after.life)
    return (
        old is None
        or ends_a_rotation(before, event)
        or (new is not None and new.key_material_id == old.key_material_id)
    )


def ends_a_rotation(before: World, event: Event) -> bool:
    """Does an on-demand rotation end with this event, because it takes no time or because the time is over?"""
    rotation = before.life.on_demand_rotation
    if event.name == "rotate_key_on_demand":
        return word(event, "takes") is None and not rotates(before.life)
    date = before.next_date()
    return event.name == TIME_PASSES and rotation is not None and rotation.ends_at == date


@of_transitions
def expiry_does_the_same_as_deletion(before: World, event: Event, after: World) -> bool:
    """Expired material is deleted as if by DeleteImportedKeyMaterial (Importing key material)."""
    if event.name != TIME_PASSES or before.replica is not None or after.key_state() is None:
        return True
    date = before.next_date() or NOW
    expired = [m.key_material_id for m in permanent(before.life) if m.valid_to == date]
    deleted = reduce(lambda key, m: key.delete_imported_key_material(NOW, m), expired, before.life)
    return settled(World(deleted).seen_from(date)) == settled(after)


def settled(world: World) -> World:
    return World(world.life.settle(NOW)).seen_from(NOW)


@of_transitions
def key_material_that_expires_while_it_waits_stays_listed_as_imported(
    before: World, event: Event, after: World
) -> bool:
    """Material that expired before it became current is IMPORTED until it is deleted (Recorded 2026-09-12)."""
    if event.name in {"delete_imported_key_material", "update_primary_region"}:
        return True
    waited = {m.key_material_id for m in waiting(before.life) if m.imported}
    past = {m.key_material_id for m in imported(before.life) if not here(m)}
    return waited | past <= {m.key_material_id for m in imported(after.life)}


def imported(key: Lifecycle) -> list[Material]:
    """The key materials that ListKeyRotations would show as IMPORTED."""
    return [m for m in key.settle(NOW).materials if m.imported]


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
    if word(event, "import_type") is ImportType.NEW_KEY_MATERIAL:
        return old is None
    if old is None:
        return word(event, "import_type") is None and permanent(subject(before, event)) == []
    assert new is not None
    return [m.key_material_id for m in materials(subject(after, event))] == [
        m.key_material_id for m in materials(subject(before, event))
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
    old = {m.key_material_id for m in materials(before.life)}
    new = [m for m in after.life.materials if m.key_material_id not in old]
    if event.name != "import_key_material" or not new:
        return True
    related = PENDING_ROTATION if before.replica is None else PENDING_MULTI_REGION
    return [m.key_material_state for m in new] == [related if old else CURRENT]


@of_transitions
def the_end_of_a_rotation_makes_new_key_material_current(
    before: World, event: Event, after: World
) -> bool:
    """Rotation: new material becomes CURRENT, the former NON_CURRENT (Rotate AWS KMS keys)."""
    if not ends_a_rotation(before, event) or after.key_state() is None:
        return True
    was, now = current(before.life), current(after.life)
    expected = generated(before, event) or waits_for_rotation(before)
    if expected is None:
        return True
    assert was is not None
    former = [m for m in materials(after.life) if m.key_material_id == was.key_material_id]
    return (
        now is not None
        and now.key_material_id == expected
        and [m.key_material_state for m in former] == [NON_CURRENT]
        and waiting(after.life) == []
    )


def generated(before: World, event: Event) -> str | None:
    """The id of the material that AWS KMS generated for the rotation that ends, if it did."""
    if before.life.origin is OriginType.EXTERNAL:
        return None
    if event.name == "rotate_key_on_demand":
        return str(event.arguments[1])
    rotation = before.life.on_demand_rotation
    return None if rotation is None else rotation.key_material_id


def waits_for_rotation(world: World) -> str | None:
    """The id of the imported material that a rotation would make current, present or expired."""
    ready = [m for m in waiting(world.life) if m.key_material_state is PENDING_ROTATION]
    return ready[0].key_material_id if ready and ready[0].imported else None


@of_transitions
def a_rotation_without_key_material_comes_to_nothing(
    before: World, event: Event, after: World
) -> bool:
    """If the material that waits is deleted before the end, the key stays on the former one (Recorded 2026-09-12)."""
    if not ends_a_rotation(before, event) or before.life.origin is not OriginType.EXTERNAL:
        return True
    if waits_for_rotation(before) is not None or after.key_state() is None:
        return True
    ids = [
        [(m.key_material_id, m.key_material_state) for m in materials(world.life)]
        for world in (before, after)
    ]
    return event.name == TIME_PASSES and ids[0] == ids[1]


@of_transitions
def a_rotation_to_expired_key_material_makes_the_key_pending_import(
    before: World, event: Event, after: World
) -> bool:
    """Material past its ValidTo can be rotated to; the key is then pending import (Recorded 2026-09-12)."""
    if not ends_a_rotation(before, event) or before.key_state() not in USABLE:
        return True
    pending_import = after.key_state() is KeyState.PendingImport
    return pending_import == bool(missing(after.life)) and (
        pending_import or after.key_state() is before.key_state()
    )


@of_transitions
def a_request_to_rotate_moves_no_key_material_before_the_end(
    before: World, event: Event, after: World
) -> bool:
    """Until the rotation is done, the list of materials and the key state do not change (Recorded 2026-09-12)."""
    if event.name != "rotate_key_on_demand" or word(event, "takes") is None:
        return True
    lists = [
        [(m.key_material_id, m.key_material_state, here(m)) for m in materials(world.life)]
        for world in (before, after)
    ]
    return (
        rotates(after.life)
        and lists[0] == lists[1]
        and after.key_state() is before.key_state()
        and after.replica == before.replica
    )


@of_transitions
def a_second_request_to_rotate_changes_nothing(before: World, event: Event, after: World) -> bool:
    """RotateKeyOnDemand during a rotation succeeds, and one rotation comes of both (Recorded 2026-09-12)."""
    return event.name != "rotate_key_on_demand" or not rotates(before.life) or after == before


@of_transitions
def a_rotation_in_progress_goes_on_until_its_end(before: World, event: Event, after: World) -> bool:
    """A rotation goes on in a key that is disabled or pending deletion meanwhile (Recorded 2026-09-12)."""
    rotation, after_it = before.life.on_demand_rotation, after.life.on_demand_rotation
    if rotation is None or not rotates(before.life) or after.key_state() is None:
        return True
    if event.name != TIME_PASSES:
        return after_it == rotation
    return rotates(after.life) != ends_a_rotation(before, event)


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
    held, kept = (
        {m.key_material_id: (m.imported, m.valid_to and max(m.valid_to, NOW)) for m in materials(k)}
        for k in (was, now)
    )
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


@of_transitions
def what_succeeds_is_permitted_in_the_key_state(before: World, event: Event, after: World) -> bool:
    """An operation succeeds only where the key state table lets it (Key states)."""
    return permitted(before, event) is None


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_event_that_succeeds_obeys(rule: TransitionRule) -> None:
    def broken() -> Broken:
        for kind in KINDS:
            for transition in explored(kind).transitions:
                before, event, after = transition.before, transition.event, transition.outcome
                if isinstance(after, World) and not rule(before, event, after):
                    yield explored(kind), before, (event,)

    check(broken)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_rule_names_its_source(rule: TransitionRule) -> None:
    assert names_its_source(rule)
