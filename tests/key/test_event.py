"""
Events: what AWS KMS does with a KMS key by itself, at its exact time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.key.event import Event, EventName
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.importing import DeleteImportedKeyMaterialRequest
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.operations.rotation import EnableKeyRotationRequest, RotateKeyOnDemandRequest
from kmsmodel.testing.values import spans
from kmsmodel.words.enumerations import OriginType, RotationType
from tests import strategies
from tests.basics import DAY, MICROSECOND, NOW
from tests.operations.steps import (
    FIRST,
    SECOND,
    arn_of,
    create,
    create_external,
    describe,
    import_material,
)
from tests.worlds.outcome import keys_of
from tests.worlds.world import World

YEARS = timedelta(days=3 * 365)


def still() -> LocalKms:
    return LocalKms(clock=Clock(NOW))


def names(events: tuple[Event, ...]) -> list[tuple[timedelta, EventName]]:
    return [(event.at - NOW, event.name) for event in events]


# ---- laws


@given(strategies.worlds(), spans(), spans())
def test_events_of_two_spans_are_those_of_both(
    world: World, one: timedelta, other: timedelta
) -> None:
    """Whether or not the state is settled between them."""
    kms, since = world.kms, world.now
    middle, now = since + one, since + one + other
    first, second = kms.events(since, middle), kms.events(middle, now)
    assert first + second == kms.events(since, now)
    assert kms.settle(middle).events(middle, now) == second


@given(strategies.worlds(), spans())
def test_events_are_in_the_order_of_time_and_within_their_span(
    world: World, span: timedelta
) -> None:
    events = world.kms.events(world.now, world.now + span)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert all(world.now < event.at <= world.now + span for event in events)
    assert len(set(events)) == len(events)


@given(strategies.worlds(), spans())
def test_the_next_event_is_the_first_time_at_which_time_does_something(
    world: World, span: timedelta
) -> None:
    kms, now = world.kms, world.now + span
    at = kms.next_event_at(now)
    until = now + YEARS if at is None else at
    assert kms.events(now, until - MICROSECOND) == ()
    for key in keys_of(kms):
        if not key.lifecycle.is_deleted(now):
            before = key.lifecycle.key_state(now)
            assert key.lifecycle.key_state(until - MICROSECOND) is before
    if at is not None:
        settled = kms.settle(at - MICROSECOND)
        assert kms.events(now, at) or _states(world, at) != _states(world, at - MICROSECOND)
        assert kms.events(now, at) == settled.events(at - MICROSECOND, at)


def _states(world: World, now: datetime) -> list[object]:
    lives = [key.lifecycle for key in keys_of(world.kms)]
    return [life.is_deleted(now) or life.key_state(now) for life in lives]


@given(strategies.worlds(), spans())
def test_each_event_is_what_settling_does(world: World, span: timedelta) -> None:
    """A key that an event deletes is gone, and a key material that it lets expire has no bytes any more."""
    now = world.now + span
    settled = {key.arn: key for key in keys_of(world.kms.settle(now))}
    for event in world.kms.events(world.now, now):
        key = settled.get(event.key_arn)
        if event.name is EventName.DeleteKey:
            assert key is None
        elif key is not None:
            material = key.lifecycle.materials.get(event.key_material_id or "")
            assert material is not None
            if event.name is EventName.RotateKey:
                assert (material.rotation_date, material.rotation_type) == (
                    event.at,
                    event.rotation_type,
                )
            else:
                assert not material.is_present(now)


# ---- each kind


def test_imported_key_material_expires() -> None:
    local = still()
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=NOW + DAY)
    expired = Event(
        at=NOW + DAY,
        name=EventName.DeleteExpiredKeyMaterial,
        key_arn=arn,
        origin=OriginType.EXTERNAL,
        key_material_id=describe(local, arn).current_key_material_id,
    )
    assert local.kms.events(NOW, NOW + DAY) == (expired,)
    assert local.kms.events(NOW, NOW + DAY - MICROSECOND) == ()
    assert local.kms.events(NOW + DAY, NOW + YEARS) == ()


def test_key_material_that_waits_for_rotation_expires_too() -> None:
    local = still()
    arn = create_external(local, FIRST)
    import_material(local, arn, SECOND, import_type="NEW_KEY_MATERIAL", valid_to=NOW + DAY)
    assert names(local.kms.events(NOW, NOW + YEARS)) == [(DAY, EventName.DeleteExpiredKeyMaterial)]
    assert local.kms.next_event_at(NOW) == NOW + DAY


def test_a_key_is_deleted_and_nothing_comes_after_that() -> None:
    local = still()
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=NOW + 8 * DAY)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=7))
    assert names(local.kms.events(NOW, NOW + YEARS)) == [(7 * DAY, EventName.DeleteKey)]


def test_key_material_that_expires_at_the_very_deletion_is_deleted_with_its_key() -> None:
    local = still()
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=NOW + 7 * DAY)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=7))
    assert names(local.kms.events(NOW, NOW + YEARS)) == [(7 * DAY, EventName.DeleteKey)]


def test_key_material_that_expires_in_the_waiting_period_is_told() -> None:
    local = still()
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=NOW + DAY)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=7))
    assert names(local.kms.events(NOW, NOW + YEARS)) == [
        (DAY, EventName.DeleteExpiredKeyMaterial),
        (7 * DAY, EventName.DeleteKey),
    ]
    assert local.kms.next_event_at(NOW) == NOW + DAY


def test_a_key_rotates_by_itself_in_each_period() -> None:
    local = still()
    arn = arn_of(create(local))
    local.handle(EnableKeyRotationRequest(key_id=arn, rotation_period_in_days=100))
    events = local.kms.events(NOW, NOW + 250 * DAY)
    assert names(events) == [(100 * DAY, EventName.RotateKey), (200 * DAY, EventName.RotateKey)]
    first, second = events
    assert first.previous_key_material_id == describe(local, arn).current_key_material_id
    assert second.previous_key_material_id == first.key_material_id
    assert {event.rotation_type for event in events} == {RotationType.AUTOMATIC}
    local.clock.advance(days=250)
    assert describe(local, arn).current_key_material_id == second.key_material_id


@pytest.mark.parametrize(
    "days, next_days", [(0, 100), (99, 100), (100, 200), (101, 200), (250, 300)]
)
def test_the_next_event_may_be_an_automatic_rotation(days: int, next_days: int) -> None:
    local = still()
    local.handle(
        EnableKeyRotationRequest(key_id=arn_of(create(local)), rotation_period_in_days=100)
    )
    assert local.kms.next_event_at(NOW + days * DAY) == NOW + next_days * DAY


def test_a_disabled_key_does_not_rotate() -> None:
    local = still()
    arn = arn_of(create(local))
    local.handle(EnableKeyRotationRequest(key_id=arn))
    local.handle(DisableKeyRequest(key_id=arn))
    assert local.kms.events(NOW, NOW + YEARS) == ()
    assert local.kms.next_event_at(NOW) is None


def test_a_rotation_on_demand_ends() -> None:
    local = LocalKms(clock=Clock(NOW), delays=Delays(on_demand_rotation=DAY))
    arn = arn_of(create(local))
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    (event,) = local.kms.events(NOW, NOW + YEARS)
    assert (event.at, event.rotation_type) == (NOW + DAY, RotationType.ON_DEMAND)
    assert local.kms.next_event_at(NOW) == NOW + DAY


def test_a_rotation_to_key_material_that_was_deleted_is_no_event() -> None:
    local = LocalKms(clock=Clock(NOW), delays=Delays(on_demand_rotation=DAY))
    arn = create_external(local, FIRST)
    second = import_material(local, arn, SECOND, import_type="NEW_KEY_MATERIAL")
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    local.handle(
        DeleteImportedKeyMaterialRequest(key_id=arn, key_material_id=second.key_material_id)
    )
    assert local.kms.events(NOW, NOW + YEARS) == ()
    assert local.kms.next_event_at(NOW) is None


def test_a_key_that_is_kept_is_not_deleted() -> None:
    local = still()
    arn = arn_of(create(local))
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    local.handle(CancelKeyDeletionRequest(key_id=arn))
    assert local.kms.events(NOW, NOW + YEARS) == ()


@given(st.lists(st.integers(1, 300), min_size=1, max_size=4))
def test_what_comes_at_one_time_is_in_the_order_of_key_arns(days: list[int]) -> None:
    local = still()
    for each in days:
        import_material(local, create_external(local), FIRST, valid_to=NOW + each * DAY)
    events = local.kms.events(NOW, NOW + YEARS)
    assert [(e.at, e.key_arn) for e in events] == sorted((e.at, e.key_arn) for e in events)
    assert len(events) == len(days)
