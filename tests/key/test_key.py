"""
A KMS key, as AWS KMS remembers it.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey, key_material_id
from kmsmodel.key.key import Key
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import OriginType
from tests.basics import NOW
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
