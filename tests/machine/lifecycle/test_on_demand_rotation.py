"""
A rotation on demand that takes time: laws of what its end decides, then examples.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.errors import (
    DisabledException,
    IncorrectKeyMaterialException,
    KmsError,
    KMSInvalidStateException,
    LimitExceededException,
)
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.machine.on_demand_rotation import LIMIT, OnDemandRotation
from kmsmodel.words.enumerations import KeyMaterialState, KeyState, RotationType
from tests.basics import DAY, MICROSECOND, NOW
from tests.machine.lifecycle.lives import (
    EXTERNAL,
    GENERATED,
    IMPORTED,
    MRK_ARN,
    NEW,
    ROTATING,
    refused,
    told,
)

END = NOW + ROTATING
WAITING = IMPORTED.import_key_material("m2", NOW, import_type=NEW)
PARTS = st.floats(0, 1, exclude_max=True)
TAKES = st.sampled_from([timedelta(0), MICROSECOND, ROTATING, 400 * DAY])


def rotate(
    life: Lifecycle, now: datetime = NOW, id_: str = "m2", takes: timedelta = ROTATING
) -> Lifecycle:
    """The id is only looked at for a key of origin AWS_KMS."""
    return life.rotate_key_on_demand(now, id_, takes=takes)


def current(life: Lifecycle, now: datetime) -> str | None:
    material = life.settle(now).materials.current
    return None if material is None else material.key_material_id


CHANGES: dict[str, Callable[[Lifecycle, datetime], Lifecycle]] = {
    "disable": Lifecycle.disable_key,
    "enable": Lifecycle.enable_key,
    "schedule": Lifecycle.schedule_key_deletion,
    "cancel": Lifecycle.cancel_key_deletion,
    "settle": Lifecycle.settle,
    "rotate again": lambda life, now: life.rotate_key_on_demand(now, "m9", takes=DAY),
    "rotate by itself": lambda life, now: life.enable_key_rotation(now, 90),
    "not by itself": Lifecycle.disable_key_rotation,
    "delete": lambda life, now: life.delete_imported_key_material(now, "m2"),
    "reimport": lambda life, now: life.import_key_material("m2", now),
    "import another": lambda life, now: life.import_key_material("m3", now, import_type=NEW),
}
HISTORIES = st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), PARTS), max_size=6)


# ---- laws


@given(HISTORIES)
def test_whatever_moves_a_key_before_the_end_the_end_decides(
    history: list[tuple[str, float]],
) -> None:
    for start in (GENERATED, WAITING):
        life, before = rotate(start), NOW + 0 * DAY
        for name, part in sorted(history, key=lambda each: each[1]):
            before = NOW + part * (ROTATING - MICROSECOND)
            try:
                life = CHANGES[name](life, before)
            except KmsError:
                continue
            assert life.on_demand_rotation == rotate(start).on_demand_rotation
            assert current(life, before) == "m1"
        pending = life.materials.pending
        expected = (
            "m2" if start is GENERATED else "m1" if pending is None else pending.key_material_id
        )
        assert current(life, END - MICROSECOND) == "m1"
        assert current(life, END) == expected
        after = life.settle(END)
        assert after.on_demand_rotation is None
        assert after.materials.rotations(RotationType.ON_DEMAND) == (expected != "m1")
        assert {m.rotation_date for m in after.materials if m.rotation_type} <= {END}


@given(TAKES, TAKES)
def test_a_rotation_leaves_the_same_however_long_it_takes_and_whenever_it_is_settled(
    takes: timedelta, later: timedelta
) -> None:
    for start in (GENERATED, WAITING):
        at_once = rotate(start, NOW + takes, takes=timedelta(0))
        rotating = rotate(start, takes=takes)
        assert rotating.settle(NOW + takes) == rotating.settle(NOW + takes + later) == at_once


@given(TAKES, st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]))
def test_settling_changes_no_answer_around_the_end(takes: timedelta, span: timedelta) -> None:
    for start in (GENERATED, WAITING, expiring(MICROSECOND), expiring(ROTATING)):
        life, now = rotate(start, takes=takes), max(NOW, NOW + takes + span)
        settled = life.settle(now)
        assert settled.settle(now) is settled
        for at in (now, now + MICROSECOND, now + DAY):
            assert settled.key_state(at) is life.key_state(at)
            assert settled.is_pending_import(at) is life.is_pending_import(at)
            assert settled.next_change(at) == life.next_change(at)
            assert settled.settle(at) == life.settle(at)


def expiring(valid_for: timedelta) -> Lifecycle:
    """A key whose waiting material expires."""
    return IMPORTED.import_key_material("m2", NOW, valid_to=NOW + valid_for, import_type=NEW)


# ---- while it is in progress


def test_it_is_a_fact_of_the_key_and_changes_no_key_material_before_its_end() -> None:
    rotation = OnDemandRotation(started_at=NOW, ends_at=END, key_material_id="m2")
    assert rotate(GENERATED) == evolve(GENERATED, on_demand_rotation=rotation)
    rotation = OnDemandRotation(started_at=NOW, ends_at=END)
    assert rotate(WAITING) == evolve(WAITING, on_demand_rotation=rotation)
    assert [rotation.is_over(at) for at in (END - MICROSECOND, END)] == [False, True]


def test_its_date_is_its_end() -> None:
    assert rotate(GENERATED).settle(END + DAY).materials[-1] == Material(
        key_material_id="m2", rotation_date=END, rotation_type=RotationType.ON_DEMAND
    )


@pytest.mark.parametrize("start", [GENERATED, WAITING])
def test_a_second_request_is_answered_and_changes_nothing(start: Lifecycle) -> None:
    rotating = rotate(start)
    assert rotate(rotating, NOW + MICROSECOND, "m3") == rotating
    rotating.refuse_rotation(NOW)
    deleted = rotating
    if start is WAITING:
        deleted = rotating.delete_imported_key_material(NOW, "m2")
    assert rotate(deleted, NOW + MICROSECOND) == deleted
    # Not even an automatic rotation that is close refuses it.
    close = rotate(start, takes=DAY)
    if start is GENERATED:
        close = close.enable_key_rotation(NOW - 90 * DAY + timedelta(minutes=10), 90)
    assert rotate(close) == close


def test_a_second_request_is_refused_as_any_while_the_key_is_disabled() -> None:
    life = rotate(GENERATED).disable_key(NOW)
    error = refused(lambda: rotate(life))
    assert told(error) == (DisabledException, f"{MRK_ARN} is disabled.", MRK_ARN, "Disabled")


def test_after_its_end_a_request_rotates_again() -> None:
    again = rotate(rotate(GENERATED), END, "m3")
    assert current(again, END) == "m2"
    assert current(again, END + ROTATING) == "m3"
    error = refused(lambda: rotate(rotate(WAITING), END))
    assert isinstance(error, KMSInvalidStateException)
    error = refused(lambda: rotate(rotate(GENERATED), END, "m2"))
    assert isinstance(error, IncorrectKeyMaterialException)


def test_one_in_progress_is_not_yet_one_of_the_25() -> None:
    life = GENERATED
    for number in range(LIMIT - 1):
        life = rotate(life, NOW, f"a{number}", timedelta(0))
    rotating = rotate(life)
    assert rotate(rotating, END - MICROSECOND, "m3") == rotating
    error = refused(lambda: rotate(rotating, END, "m3"))
    assert isinstance(error, LimitExceededException)


@pytest.mark.parametrize("end", [END, END + DAY])
def test_it_goes_on_in_a_key_that_is_disabled_or_pending_deletion(end: datetime) -> None:
    rotating = rotate(WAITING)
    for life in (rotating.disable_key(NOW), rotating.schedule_key_deletion(NOW)):
        assert current(life, END - MICROSECOND) == "m1"
        assert current(life, end) == "m2"


def test_it_comes_to_nothing_if_its_key_material_is_deleted() -> None:
    life = rotate(WAITING).delete_imported_key_material(NOW, "m2")
    assert life.on_demand_rotation is not None
    assert life.settle(END) == IMPORTED
    assert life.key_state(END) is KeyState.Enabled


def test_it_ends_on_key_material_that_was_imported_meanwhile() -> None:
    life = rotate(WAITING).delete_imported_key_material(NOW, "m2")
    life = life.import_key_material("m3", NOW, import_type=NEW)
    assert [m.key_material_state for m in life.materials] == [
        KeyMaterialState.CURRENT,
        KeyMaterialState.PENDING_ROTATION,
    ]
    assert current(life, END) == "m3"
    assert life.key_state(END) is KeyState.Enabled


def test_it_comes_to_nothing_if_its_key_material_waits_for_replicas() -> None:
    life = rotate(WAITING).delete_imported_key_material(NOW, "m2")
    waits = evolve(life, materials=life.materials.with_new("m3", None, replicas=True))
    assert waits.settle(END).materials == waits.materials
    ready = waits.imported_by_replicas()
    assert current(ready, END) == "m3"


# ---- when the key state changes


@pytest.mark.parametrize("valid_for", [MICROSECOND, ROTATING])
def test_a_key_is_pending_import_from_the_end_if_its_new_material_has_expired(
    valid_for: timedelta,
) -> None:
    life = rotate(expiring(valid_for))
    assert life.calm_until == NOW + valid_for
    assert life.next_change(NOW) == END
    assert life.key_state(END - MICROSECOND) is KeyState.Enabled
    assert life.key_state(END) is KeyState.PendingImport
    material = life.settle(END).materials[-1]
    assert (material.imported, material.valid_to) == (True, NOW + valid_for)
    assert life.settle(END + DAY).materials[-1] == material
    assert life.next_change(END) is None


def test_key_material_that_expires_after_the_end_is_missing_from_then_on() -> None:
    life = rotate(expiring(DAY))
    assert life.next_change(NOW) == NOW + DAY
    assert life.key_state(NOW + DAY) is KeyState.PendingImport
    assert life.settle(NOW + DAY).materials[-1].imported is False


def test_time_is_calm_until_the_end() -> None:
    assert rotate(GENERATED).calm_until == END
    assert rotate(GENERATED).next_change(NOW) is None
    assert rotate(GENERATED).settle(END - MICROSECOND).calm_until == END
    assert rotate(GENERATED).settle(END).calm_until > END + 9999 * DAY


# ---- beside automatic rotation


@pytest.mark.parametrize("ends_after", [DAY, 90 * DAY, 100 * DAY, 200 * DAY])
def test_it_and_automatic_rotations_are_done_in_the_order_of_time(ends_after: timedelta) -> None:
    """Whenever they are looked at."""
    life = rotate(GENERATED.enable_key_rotation(NOW, 90), id_="d", takes=ends_after)
    at_once = life.rotate_automatically(NOW + 200 * DAY, "a1", "a2").settle(NOW + 200 * DAY)
    one_by_one = life.settle(NOW + 90 * DAY).rotate_automatically(NOW + 90 * DAY, "a1")
    one_by_one = one_by_one.settle(NOW + 180 * DAY).rotate_automatically(NOW + 180 * DAY, "a2")
    assert one_by_one.settle(NOW + 200 * DAY) == at_once
    dates = [material.rotation_date for material in at_once.materials[1:]]
    assert dates == sorted([NOW + 90 * DAY, NOW + 180 * DAY, NOW + ends_after])
    assert at_once.materials.current is at_once.materials[-1]


def test_generated_key_material_has_an_id_of_its_own() -> None:
    life = rotate(GENERATED.enable_key_rotation(NOW, 90), id_="d", takes=200 * DAY)
    error = refused(partial(life.rotate_automatically, NOW + 90 * DAY, "d"))
    assert isinstance(error, IncorrectKeyMaterialException)
    assert EXTERNAL.on_demand_rotation is None
