"""
What AWS says of a KMS key, asked of every combination of facts that one can reach.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from kmsmodel.exploration.kinds import KINDS, explored
from kmsmodel.exploration.world import NOW, World
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.words.enumerations import KeySpec, KeyState, MultiRegionKeyType, OriginType
from tests.exploration.rules import (
    CURRENT,
    DELETION,
    USABLE,
    Broken,
    check,
    here,
    keys,
    materials,
    missing,
    named,
    names_its_source,
    permanent,
    waiting,
)

KeyRule = Callable[[World, Lifecycle, KeyState | None], bool]

RULES: list[KeyRule] = []


def of_keys(rule: KeyRule) -> KeyRule:
    RULES.append(rule)
    return rule


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
    current = [m for m in materials(key) if m.key_material_state is CURRENT]
    return len(current) == (1 if key.materials else 0)


@of_keys
def at_most_one_key_material_waits_for_rotation(
    world: World, key: Lifecycle, state: KeyState | None
) -> bool:
    """A key has at most one key material that is pending rotation (ImportKeyMaterial)."""
    return len(waiting(key)) <= 1


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
    return key.settle(NOW).materials.valid_to(NOW) == (min(dates) if dates else None)


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
    rotation = key.on_demand_rotation
    ends_at = None if rotation is None else rotation.ends_at
    dates = (key.deletion_date, key.creating_until, key.updating_until, ends_at)
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
        and [(m.key_material_id, m.key_material_state, here(m)) for m in settled.materials]
        == [(m.key_material_id, m.key_material_state, here(m)) for m in materials(key)]
        and all(
            shown(settled, NOW + timedelta(days=n)) is shown(key, NOW + timedelta(days=n))
            for n in (0, 0.5, 1, 1.5, 7, 30)
        )
    )


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_key_obeys(rule: KeyRule) -> None:
    def broken() -> Broken:
        for kind in KINDS:
            for world in explored(kind).worlds:
                for name, key in keys(world):
                    if not rule(world, key, world.key_state(name)):
                        yield explored(kind), world, ()

    check(broken)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_rule_names_its_source(rule: KeyRule) -> None:
    assert names_its_source(rule)
