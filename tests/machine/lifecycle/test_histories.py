"""
Laws of every history of a key, and of a primary key and its replica.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import final

from attrs import evolve, frozen
from hypothesis import given, strategies as st

from kmsmodel.errors import KmsError
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.words.enumerations import ImportType, KeyState, OriginType
from tests.basics import DAY, MICROSECOND, NOW
from tests.machine.lifecycle.lives import (
    ASYMMETRIC,
    CREATING,
    EXTERNAL,
    GENERATED,
    IMPORTED,
    IN_A_STORE,
    PRIMARY,
    REPLICA_ARN,
    told,
)


@final
@frozen
class Moment:
    """A key, or a primary key and its replica, at some time."""

    life: Lifecycle
    replica: Lifecycle
    now: datetime


Change = Callable[[Lifecycle, datetime], Lifecycle]

SPANS = st.sampled_from([timedelta(0), MICROSECOND, CREATING, DAY, 7 * DAY, 30 * DAY])
SHORT = st.sampled_from([timedelta(0), MICROSECOND, CREATING, DAY])
IDS = st.sampled_from(["m1", "m2", "m3"])


def deletions(days: int, *, replicas: bool) -> Change:
    return lambda life, now: life.schedule_key_deletion(now, days, replicas=replicas)


def imports(key_material_id: str, span: timedelta | None, kind: ImportType | None) -> Change:
    return lambda life, now: life.import_key_material(
        key_material_id, now, valid_to=None if span is None else now + span, import_type=kind
    )


def removals(key_material_id: str | None) -> Change:
    return lambda life, now: life.delete_imported_key_material(now, key_material_id)


def rotations(key_material_id: str | None, takes: timedelta) -> Change:
    return lambda life, now: life.rotate_key_on_demand(now, key_material_id, takes=takes)


CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.just(Lifecycle.enable_key),
    st.just(Lifecycle.disable_key),
    st.just(Lifecycle.cancel_key_deletion),
    st.builds(deletions, st.sampled_from([6, 7, 30]), replicas=st.booleans()),
    st.builds(imports, IDS, st.none() | SPANS, st.none() | st.sampled_from(ImportType)),
    st.builds(removals, st.none() | IDS),
    st.builds(rotations, st.none() | IDS, SHORT),
)


def after(life: Lifecycle, change: Change, now: datetime) -> Lifecycle | tuple[object, ...]:
    """The key after the change, or what the error says."""
    try:
        return change(life, now)
    except KmsError as error:
        return told(error)


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    life = draw(st.sampled_from([GENERATED, EXTERNAL, IMPORTED, ASYMMETRIC, PRIMARY, IN_A_STORE]))
    replica, now = evolve(life, arn=REPLICA_ARN), NOW
    for _ in range(draw(st.integers(0, 10))):
        now += draw(SPANS)
        changed = after(life, draw(CHANGES), now)
        life = changed if isinstance(changed, Lifecycle) else life
        if life.multi_region_key_type is not None:
            moment = Moment(life, replica, now)
            choice = draw(st.integers(0, 4))
            life, replica = related(choice, moment, draw(CHANGES), draw(SHORT))
    return Moment(life, replica, now)


def related(
    choice: int, moment: Moment, change: Change, takes: timedelta
) -> tuple[Lifecycle, Lifecycle]:
    """A primary key and its replica after something that concerns both, or the replica alone."""
    life, replica, now = moment.life, moment.replica, moment.now
    try:
        match choice:
            case 0:
                return life, life.replicate_key(REPLICA_ARN, now, takes=takes)
            case 1:
                return life, replica.synchronize_multi_region_key(life.settle(now))
            case 2:
                return life.settle(now).imported_by_replicas(), replica
            case 3:
                was, new = life.update_primary_region(replica, now, takes=takes)
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
    materials = life.settle(now).materials
    present = [m.key_material_id for m in materials if m.is_present(now)]
    return (
        *states,
        life.is_pending_import(now),
        materials.valid_to(now),
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
            return told(error)

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
    last = until - MICROSECOND
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
    assert [*map(told, pickle.loads(pickle.dumps(errors)))] == [*map(told, errors)]


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
