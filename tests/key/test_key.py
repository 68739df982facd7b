"""
A KMS key, as AWS KMS remembers it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey, key_material_id
from kmsmodel.key.key import Key
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.material import Material
from kmsmodel.machine.on_demand_rotation import OnDemandRotation
from kmsmodel.words.enumerations import KeyMaterialState, OriginType, RotationType
from tests.basics import DAY, MICROSECOND, NOW
from tests.key.keys import FIRST, SECOND, key


def test_a_key_shows_no_secret() -> None:
    shown = repr(evolve(key(FIRST, SECOND), import_secret=Secret(b"three")))
    assert shown.count("Secret(...)") == 3
    assert not any(word in shown for word in ("one'", "two'", "three"))


def test_a_material_is_found_by_its_id() -> None:
    several = key(FIRST, SECOND)
    assert several.backing_key("2" * 64) is SECOND
    assert several.backing_key("3" * 64) is None


def test_the_secret_of_a_material_is_there_while_the_material_is() -> None:
    assert key(FIRST).secret("1" * 64, NOW) == Secret(b"one")
    assert key(FIRST).secret("2" * 64, NOW) is None
    gone = (Material(key_material_id="1" * 64, imported=False),)
    assert key(FIRST, materials=gone).secret("1" * 64, NOW) is None
    expired = (Material(key_material_id="1" * 64, valid_to=NOW),)
    assert key(FIRST, materials=expired).secret("1" * 64, NOW) is None
    assert evolve(key(FIRST), backing_keys=()).secret("1" * 64, NOW) is None


def test_a_key_that_moves_on_erases_what_is_gone_and_forgets_what_is_not_associated() -> None:
    gone = evolve(key().lifecycle, materials=(Material(key_material_id="1" * 64, imported=False),))
    assert key(FIRST, SECOND).with_lifecycle(gone) == evolve(
        key(), lifecycle=gone, backing_keys=(evolve(FIRST, secret=None),)
    )


def test_a_key_that_loses_its_private_key_keeps_its_public_key() -> None:
    pair = evolve(FIRST, public_key=b"public")
    gone = evolve(key().lifecycle, materials=(Material(key_material_id="1" * 64, imported=False),))
    assert key(pair).with_lifecycle(gone).backing_keys == (evolve(pair, secret=None),)


def test_a_material_that_comes_back_takes_the_place_of_what_was_remembered() -> None:
    several = key(FIRST, SECOND)
    back = evolve(FIRST, description="again")
    moved = several.with_backing_key(back, several.lifecycle)
    assert moved.backing_key("1" * 64) is back
    assert sorted(each.key_material_id for each in moved.backing_keys) == ["1" * 64, "2" * 64]


def rotating(*materials: BackingKey) -> Key:
    rotation = AutomaticRotation.starting(NOW, 90)
    return key(*materials, origin=OriginType.AWS_KMS, automatic_rotation=rotation)


def test_what_automatic_rotation_makes_is_derived_and_always_the_same() -> None:
    start, second = rotating(FIRST), NOW + timedelta(days=180)
    assert start.at(second - timedelta(days=91)) is start
    once, twice = start.at(NOW + timedelta(days=90)), start.at(second)
    assert once.at(second) == twice
    assert twice.at(second) is twice
    assert twice.backing_keys[:2] == once.backing_keys
    assert len({material.secret for material in twice.backing_keys}) == 3
    ids = [place.key_material_id for place in twice.lifecycle.materials]
    for id_, material in zip(ids, twice.backing_keys, strict=True):
        assert material.key_material_id == id_
        assert material.secret == twice.secret(id_, second) is not None
    for material in twice.backing_keys[1:]:
        assert material.secret is not None
        assert material.key_material_id == key_material_id(start.key_arn, material.secret)


def test_keys_of_different_material_rotate_to_different_material() -> None:
    now = NOW + timedelta(days=90)
    one, other = (rotating(first).at(now).backing_keys[-1].secret for first in (FIRST, SECOND))
    assert one != other


def test_nothing_is_derived_from_a_material_that_is_not_there() -> None:
    for materials in ((), (evolve(FIRST, secret=None),)):
        start = rotating(*materials)
        assert start.at(NOW + timedelta(days=90)) is start


# ---- a rotation on demand that takes time


def rotating_on_demand(takes: timedelta) -> Key:
    """A key that also rotates by itself, after a request to rotate it on demand."""
    start = rotating(FIRST)
    life = start.lifecycle.rotate_key_on_demand(NOW, "2" * 64, takes=takes)
    return start.with_backing_key(SECOND, life)


@pytest.mark.parametrize("takes", [MICROSECOND, 90 * DAY, 100 * DAY, 200 * DAY])
def test_rotations_of_both_kinds_are_done_in_the_order_of_time(takes: timedelta) -> None:
    """Whether the key is looked at between them or not."""
    start, last = rotating_on_demand(takes), NOW + 200 * DAY
    seldom = often = start.at(last)
    for days in range(0, 201, 10):
        often = (start if days == 0 else often).at(NOW + days * DAY)
    assert often.at(last).lifecycle == seldom.lifecycle
    assert set(often.backing_keys) == set(seldom.backing_keys)
    materials = seldom.lifecycle.materials[1:]
    dates = [each.rotation_date for each in materials]
    assert dates == sorted([NOW + 90 * DAY, NOW + 180 * DAY, NOW + takes])
    (on_demand,) = (m for m in materials if m.rotation_type is RotationType.ON_DEMAND)
    assert (on_demand.key_material_id, on_demand.rotation_date) == ("2" * 64, NOW + takes)
    for each in seldom.lifecycle.materials:
        assert seldom.secret(each.key_material_id, last) is not None


def test_the_bytes_of_generated_key_material_are_kept_until_the_end_and_serve_from_then_on() -> (
    None
):
    start = rotating_on_demand(DAY)
    moved = start.with_lifecycle(start.lifecycle.disable_key(NOW))
    for before in (start, moved, moved.at(NOW + DAY - MICROSECOND)):
        assert before.backing_key("2" * 64) == SECOND
        assert before.secret("2" * 64, NOW) is None
    assert moved.at(NOW + DAY).secret("2" * 64, NOW + DAY) == SECOND.secret
    over = evolve(start.lifecycle, on_demand_rotation=None)
    assert start.with_lifecycle(over).backing_keys == (FIRST,)


@pytest.mark.parametrize("rotates", [False, True])
def test_the_bytes_of_key_material_that_expires_while_it_waits_are_erased(rotates: bool) -> None:
    """Its description stays, and the machine has it as imported."""
    start = key(FIRST, evolve(SECOND, description="second"))
    first, second = start.lifecycle.materials
    waiting = evolve(
        second, key_material_state=KeyMaterialState.PENDING_ROTATION, valid_to=NOW + DAY
    )
    rotation = OnDemandRotation(started_at=NOW, ends_at=NOW + 2 * DAY) if rotates else None
    life = evolve(start.lifecycle, materials=(first, waiting), on_demand_rotation=rotation)
    start = evolve(start, lifecycle=life)
    assert start.at(NOW + DAY - MICROSECOND) is start
    for days in (1, 2, 3):
        now = NOW + days * DAY
        gone = start.at(now)
        assert gone.lifecycle == life.settle(now)
        assert gone.lifecycle.materials[1].imported
        assert gone.backing_keys == (
            FIRST,
            evolve(SECOND, secret=None, description="second"),
        )
        assert gone.at(now) is gone
        assert start.at(NOW + DAY).at(now) == gone
