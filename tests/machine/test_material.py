"""
The key materials of one KMS key: laws of whatever happens to them first, then examples.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.machine.material import Material, Materials
from kmsmodel.machine.on_demand_rotation import OnDemandRotation
from kmsmodel.words.enumerations import KeyMaterialState, RotationType
from tests.basics import DAY, MICROSECOND, NOW

CURRENT, NON_CURRENT = KeyMaterialState.CURRENT, KeyMaterialState.NON_CURRENT
PENDING = KeyMaterialState.PENDING_ROTATION
PENDING_REPLICAS = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION

SPANS = st.sampled_from([-DAY, timedelta(), MICROSECOND, DAY, 7 * DAY])
DATES = st.none() | SPANS.map(NOW.__add__)
NEW_IDS = st.lists(st.sampled_from(["new1", "new2", "new3"]), min_size=1, max_size=3, unique=True)


def material(
    key_material_id: str, key_material_state: KeyMaterialState = CURRENT, **members: Any
) -> Material:
    return Material(
        key_material_id=key_material_id, key_material_state=key_material_state, **members
    )


@st.composite
def several(draw: st.DrawFn, *, pending: bool | None = None) -> Materials:
    """Key materials as a key has them: former ones, the current one, and perhaps one that waits for rotation."""
    places = [NON_CURRENT] * draw(st.integers(0, 3)) + [CURRENT]
    if draw(st.booleans()) if pending is None else pending:
        places.append(draw(st.sampled_from([PENDING, PENDING_REPLICAS])))
    return Materials(
        material(
            f"m{number}",
            place,
            imported=draw(st.booleans()),
            valid_to=draw(DATES),
            rotation_date=draw(DATES),
            rotation_type=draw(st.none() | st.sampled_from(RotationType)),
        )
        for number, place in enumerate(places)
    )


def ids(materials: tuple[Material, ...]) -> list[str]:
    return [each.key_material_id for each in materials]


def places(materials: tuple[Material, ...]) -> list[KeyMaterialState]:
    return [each.key_material_state for each in materials]


# ---- one key material


@given(several(), SPANS)
def test_key_material_is_present_if_it_was_imported_and_has_not_expired(
    materials: Materials, span: timedelta
) -> None:
    now = NOW + span
    for each in materials:
        assert each.is_expired(now) is (each.valid_to is not None and each.valid_to <= now)
        assert each.is_present(now) is (each.imported and not each.is_expired(now))


@given(several(), SPANS)
def test_key_material_expires_while_it_waits_or_once_it_is_current(
    materials: Materials, span: timedelta
) -> None:
    waiting = materials[-1]
    rotated = Materials([evolve(waiting, rotation_date=NOW + span)])[0]
    expired = waiting.is_expired(NOW + span)
    assert rotated.expired_while_pending is expired
    assert not evolve(waiting, rotation_date=None).expired_while_pending


def test_key_material_expires_at_its_date_and_not_before() -> None:
    expiring = material("m", valid_to=NOW)
    assert expiring.is_present(NOW - MICROSECOND)
    assert not expiring.is_present(NOW)


@pytest.mark.parametrize(
    "place, permanent",
    [(CURRENT, True), (NON_CURRENT, True), (PENDING, False), (PENDING_REPLICAS, False)],
)
def test_key_material_that_waits_for_rotation_is_not_permanently_associated(
    place: KeyMaterialState, permanent: bool
) -> None:
    assert material("m", place).is_permanent is permanent


# ---- what is read of all of them


@given(several())
def test_each_key_material_is_found_by_its_id_and_by_its_place(materials: Materials) -> None:
    assert [materials.get(id_) for id_ in ids(materials)] == list(materials)
    assert materials.get("another") is None
    (current,) = (each for each in materials if each.key_material_state is CURRENT)
    assert materials.current is current
    waiting = next((each for each in materials if not each.is_permanent), None)
    assert materials.pending is waiting
    ready = waiting is not None and waiting.key_material_state is PENDING and waiting.imported
    assert materials.ready_for_rotation is (waiting if ready else None)


@given(several(), SPANS)
def test_they_are_present_until_the_first_permanent_one_expires(
    materials: Materials, span: timedelta
) -> None:
    now = NOW + span
    permanent = [each for each in materials if each.is_permanent]
    assert materials.are_present(now) is all(each.is_present(now) for each in permanent)
    assert [*materials.expired(now)] == [
        each for each in permanent if each.is_expired(now) and not each.expired_while_pending
    ]
    until = materials.valid_to(now)
    assert until == min(
        (each.valid_to for each in permanent if each.valid_to and now < each.valid_to), default=None
    )
    if until is not None and materials.are_present(now):
        assert materials.are_present(until - MICROSECOND)
        assert not materials.are_present(until)


def test_a_key_without_key_material_has_none_that_is_there() -> None:
    none = Materials()
    assert not none.are_present(NOW)
    assert (none.current, none.pending, none.valid_to(NOW)) == (None, None, None)
    assert not Materials([material("m", PENDING)]).are_present(NOW)


def test_what_waits_for_rotation_does_not_tell_until_when_they_are_valid() -> None:
    materials = Materials(
        [
            material("m1", NON_CURRENT, valid_to=NOW + 2 * DAY),
            material("m2", CURRENT, valid_to=NOW + 3 * DAY),
            material("m3", PENDING, valid_to=NOW + DAY),
        ]
    )
    assert materials.valid_to(NOW) == NOW + 2 * DAY
    assert materials.valid_to(NOW + 2 * DAY) == NOW + 3 * DAY
    assert materials.valid_to(NOW + 3 * DAY) is None


# ---- one in the place of another


@given(several(), DATES, st.data())
def test_a_key_material_takes_the_place_of_the_former_one_with_its_id(
    materials: Materials, valid_to: datetime | None, data: st.DataObject
) -> None:
    """The others are not touched, and all stay in their order."""
    place = data.draw(st.integers(0, len(materials) - 1))
    changed = evolve(materials[place], valid_to=valid_to)
    after = materials.with_material(changed)
    assert after[place] is changed
    assert ids(after) == ids(materials)
    assert all(after[n] is each for n, each in enumerate(materials) if n != place)


@given(several())
def test_key_material_that_the_key_does_not_have_takes_no_place(materials: Materials) -> None:
    assert materials.with_material(material("another")) == materials


@given(several(pending=False), DATES, st.booleans())
def test_new_key_material_comes_last_and_waits(
    materials: Materials, valid_to: datetime | None, replicas: bool
) -> None:
    after = materials.with_new("new", valid_to, replicas=replicas)
    waits_for = PENDING_REPLICAS if replicas else PENDING
    assert after == (*materials, material("new", waits_for, valid_to=valid_to))
    assert after.current is materials.current


@pytest.mark.parametrize("replicas", [True, False])
def test_the_first_key_material_is_current_at_once(replicas: bool) -> None:
    assert Materials().with_new("m", NOW, replicas=replicas) == (material("m", valid_to=NOW),)


@given(several(), st.booleans(), st.data())
def test_key_material_that_is_deleted_is_remembered_if_it_is_permanent_or_shared(
    materials: Materials, shared: bool, data: st.DataObject
) -> None:
    """Its place stays, with neither bytes nor a date; the others are not touched."""
    place = data.draw(st.integers(0, len(materials) - 1))
    deleted = materials[place]
    after = materials.without_bytes_of(deleted, shared=shared)
    if deleted.is_permanent or shared:
        assert after == materials.with_material(evolve(deleted, imported=False, valid_to=None))
        assert not after[place].is_present(NOW)
    else:
        assert ids(after) == [id_ for id_ in ids(materials) if id_ != deleted.key_material_id]
        assert set(after) < set(materials)


@pytest.mark.parametrize("place", [PENDING, PENDING_REPLICAS])
def test_what_waits_for_rotation_is_forgotten_when_it_is_deleted_unless_it_is_shared(
    place: KeyMaterialState,
) -> None:
    materials = Materials([material("m1"), material("m2", place, valid_to=NOW)])
    forgotten = materials.without_bytes_of(materials[1], shared=False)
    assert forgotten == (material("m1"),)
    kept = materials.without_bytes_of(materials[1], shared=True)
    assert kept == (material("m1"), material("m2", place, imported=False))


# ---- rotation


def on_demand(key_material_id: str | None = None) -> OnDemandRotation:
    return OnDemandRotation(started_at=NOW - DAY, ends_at=NOW, key_material_id=key_material_id)


@given(several(pending=True))
def test_a_rotation_on_demand_leaves_exactly_one_current(materials: Materials) -> None:
    waiting = materials[-1]
    after = materials.rotated_on_demand(on_demand())
    if materials.ready_for_rotation is None:
        assert after is materials
        return
    assert ids(after) == ids(materials)
    assert places(after) == [NON_CURRENT] * (len(materials) - 1) + [CURRENT]
    assert after.current == evolve(
        waiting, key_material_state=CURRENT, rotation_date=NOW, rotation_type=RotationType.ON_DEMAND
    )


@given(several(pending=False))
def test_a_rotation_on_demand_takes_key_material_that_aws_kms_made(materials: Materials) -> None:
    assert materials.rotated_on_demand(on_demand()) is materials
    after = materials.rotated_on_demand(on_demand("new"))
    assert ids(after) == [*ids(materials), "new"]
    assert places(after) == [NON_CURRENT] * len(materials) + [CURRENT]
    of_before = materials.rotations(RotationType.ON_DEMAND)
    assert after.rotations(RotationType.ON_DEMAND) == of_before + 1


@given(several(pending=False), NEW_IDS)
def test_automatic_rotations_leave_exactly_one_current(
    materials: Materials, new: list[str]
) -> None:
    dates = [NOW + number * DAY for number in range(len(new))]
    after = materials.rotated_automatically(dates, new)
    assert places(after) == [NON_CURRENT] * (len(after) - 1) + [CURRENT]
    former, made = after[: len(materials)], after[len(materials) :]
    assert former == tuple(evolve(each, key_material_state=NON_CURRENT) for each in materials)
    assert ids(made) == new
    assert [each.rotation_date for each in made] == dates
    assert after.rotations(RotationType.AUTOMATIC) == materials.rotations(
        RotationType.AUTOMATIC
    ) + len(new)


def test_each_automatic_rotation_has_one_date_and_one_id() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Materials([material("m")]).rotated_automatically([NOW, NOW + DAY], ["new"])


# ---- multi-Region keys


@given(primary=several(), replica=several(), generated=st.booleans())
def test_a_replica_shares_its_primarys_key_materials_and_keeps_its_own_dates(
    primary: Materials, replica: Materials, generated: bool
) -> None:
    shared = replica.shared_by(primary, generated=generated)
    assert ids(shared) == ids(primary)
    for each, of_primary in zip(shared, primary, strict=True):
        own = replica.get(each.key_material_id)
        alike = evolve(each, imported=of_primary.imported, valid_to=of_primary.valid_to)
        assert alike == of_primary
        here = (generated, None) if own is None else (own.imported, own.valid_to)
        assert (each.imported, each.valid_to) == here


@given(primary=several(), replica=several(), generated=st.booleans())
def test_what_is_shared_twice_is_shared_once(
    primary: Materials, replica: Materials, generated: bool
) -> None:
    once = replica.shared_by(primary, generated=generated)
    assert once.shared_by(primary, generated=not generated) == once


@given(several())
def test_what_waited_for_the_replicas_waits_for_rotation_once_they_have_it(
    materials: Materials,
) -> None:
    after = materials.imported_by_replicas()
    waiting = materials.pending
    if waiting is None or waiting.key_material_state is PENDING:
        assert after is materials
    else:
        ready = evolve(waiting, key_material_state=PENDING)
        assert after.ready_for_rotation == (ready if ready.imported else None)
        assert after == (*materials[:-1], ready)


# ---- whatever changes


@given(several(), st.booleans())
def test_what_changes_gives_new_materials_and_keeps_each_id_once(
    materials: Materials, generated: bool
) -> None:
    before = tuple(materials)
    first = materials[0]
    for after in (
        materials.with_material(first),
        materials.with_new("new", None, replicas=generated),
        materials.without_bytes_of(first, shared=generated),
        materials.rotated_on_demand(on_demand()),
        materials.rotated_on_demand(on_demand("new")),
        materials.rotated_automatically([NOW], ["new"]),
        materials.shared_by(materials, generated=generated),
        materials.imported_by_replicas(),
    ):
        assert type(after) is Materials
        assert len(set(ids(after))) == len(after)
    assert materials == before
