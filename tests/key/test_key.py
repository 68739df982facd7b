"""
A KMS key, key material and secrets: what is remembered of them, and what shows.
"""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import re
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import example, given, strategies as st

from kmsmodel.errors import SerializationException
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey, key_material_id
from kmsmodel.key.key import Key
from kmsmodel.key.key_metadata import KeyMetadata, expiration_model, key_metadata
from kmsmodel.key.key_spec import ALGORITHMS
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words import structures
from kmsmodel.words.enumerations import (
    CustomerMasterKeySpec,
    ExpirationModelType,
    KeySpec,
    KeyState,
    KeyUsageType,
    MultiRegionKeyType,
    OriginType,
)
from tests.basics import ARN, NOW

SECRETS = st.binary(max_size=40)

# ---- secrets


@given(SECRETS)
def test_a_secret_shows_nowhere_but_where_it_is_revealed(value: bytes) -> None:
    secret = Secret(value)
    assert secret.reveal() == value
    assert repr(secret) == str(secret) == f"{secret}" == "Secret(...)"


@given(one=SECRETS, other=SECRETS)
def test_secrets_are_equal_when_their_bytes_are(one: bytes, other: bytes) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) == Secret(bytes(one))
    assert hash(Secret(one)) == hash(Secret(bytes(one)))
    assert Secret(one) != one


@given(SECRETS)
def test_a_copy_of_a_secret_is_equal(value: bytes) -> None:
    secret = Secret(value)
    assert copy.deepcopy(secret) == copy.copy(secret) == secret
    assert pickle.loads(pickle.dumps(secret)) == secret


def test_a_secret_does_not_change_when_what_it_was_made_of_does() -> None:
    buffer: Any = bytearray(b"abc")
    secret = Secret(buffer)
    buffer[0] = 0
    assert secret.reveal() == b"abc"
    with pytest.raises(AttributeError, match=r"^a secret does not change$"):
        setattr(secret, "_value", b"")  # noqa: B010 - it is private
    with pytest.raises(AttributeError):
        setattr(secret, "other", 1)  # noqa: B010 - type checkers know that it is not there


# ---- key material ids


@given(key_id=st.text(max_size=9), value=st.binary(min_size=32, max_size=32))
def test_a_key_material_id_is_64_hexadecimal_digits_that_tell_nothing_of_the_material(
    key_id: str, value: bytes
) -> None:
    id_ = key_material_id(key_id, Secret(value))
    assert re.fullmatch("[0-9a-f]{64}", id_)
    assert value.hex() not in id_
    assert id_ == key_material_id(key_id, Secret(bytes(value)))


@given(
    one=st.tuples(st.text(max_size=4), st.binary(max_size=4)),
    other=st.tuples(st.text(max_size=4), st.binary(max_size=4)),
)
@example(one=("", b"\x01"), other=("", b"\x01\x00"))
@example(one=("", bytes(65)), other=("", hashlib.sha256(bytes(65)).digest()))
def test_another_key_or_another_material_has_another_id(
    one: tuple[str, bytes], other: tuple[str, bytes]
) -> None:
    ids = {key_material_id(key, Secret(material)) for key, material in (one, other)}
    assert len(ids) == len({one, other})


def test_the_id_of_a_key_material_never_changes_its_meaning() -> None:
    """Snapshots and ciphertexts hold it: another derivation is another format."""
    assert key_material_id("1234abcd-12ab-34cd-56ef-1234567890ab", Secret(bytes(range(32)))) == (
        "b4a4dde96caa1e37ac6982e82c9abfe5582e4628c82f6227e9da6a31d3094596"
    )


# ---- what is remembered

FIRST = BackingKey(key_material_id="1" * 64, secret=Secret(b"one"), description="first")
SECOND = BackingKey(key_material_id="2" * 64, secret=Secret(b"two"))


def key(*materials: BackingKey, **facts: Any) -> Key:
    places = tuple(Material(key_material_id=each.key_material_id) for each in materials)
    life = Lifecycle(arn=ARN, origin=OriginType.EXTERNAL, materials=places)
    return Key(lifecycle=evolve(life, **facts), creation_date=NOW, backing_keys=materials)


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
        assert material.key_material_id == key_material_id(start.key_arn.key_id, material.secret)


def test_keys_of_different_material_rotate_to_different_material() -> None:
    now = NOW + timedelta(days=90)
    one, other = (rotating(first).at(now).backing_keys[-1].secret for first in (FIRST, SECOND))
    assert one != other


def test_nothing_is_derived_from_a_material_that_is_not_there() -> None:
    for materials in ((), (evolve(FIRST, secret=None),)):
        start = rotating(*materials)
        assert start.at(NOW + timedelta(days=90)) is start


# ---- what is told


@pytest.mark.parametrize("key_spec", KeySpec)
def test_the_algorithms_of_a_key_are_told_under_the_one_member_of_its_usage(
    key_spec: KeySpec,
) -> None:
    members = {
        KeyUsageType.ENCRYPT_DECRYPT: "encryption_algorithms",
        KeyUsageType.SIGN_VERIFY: "signing_algorithms",
        KeyUsageType.GENERATE_VERIFY_MAC: "mac_algorithms",
        KeyUsageType.KEY_AGREEMENT: "key_agreement_algorithms",
        KeyUsageType.ENCAPSULATE_DECAPSULATE: "encapsulation_algorithms",
    }
    for usage, algorithms in ALGORITHMS[key_spec].items():
        metadata = key_metadata(
            evolve(key(key_spec=key_spec), key_usage=usage), KeyState.Enabled, NOW
        )
        told = {name: getattr(metadata, name) for name in members.values()}
        assert told == dict.fromkeys(members.values()) | {members[usage]: algorithms.every}


@pytest.mark.parametrize("key_spec", KeySpec)
def test_the_older_name_of_a_key_spec_is_told_where_there_is_one(key_spec: KeySpec) -> None:
    usage = next(iter(ALGORITHMS[key_spec]))
    metadata = key_metadata(evolve(key(key_spec=key_spec), key_usage=usage), KeyState.Enabled, NOW)
    older = metadata.customer_master_key_spec
    assert metadata.key_spec is key_spec
    assert older == (str(key_spec) if str(key_spec) in CustomerMasterKeySpec.__members__ else None)


def test_a_waiting_period_is_told_while_a_primary_key_waits_for_its_replicas() -> None:
    waiting = key(FIRST, pending_window_in_days=9, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    states = (KeyState.PendingReplicaDeletion, KeyState.PendingDeletion)
    told = [key_metadata(waiting, state, NOW).pending_deletion_window_in_days for state in states]
    assert told == [9, None]


@pytest.mark.parametrize("key_spec", KeySpec)
def test_the_current_material_is_told_of_symmetric_keys_that_are_created(key_spec: KeySpec) -> None:
    usage = next(iter(ALGORITHMS[key_spec]))
    told = {
        state: key_metadata(
            evolve(key(FIRST, key_spec=key_spec), key_usage=usage), state, NOW
        ).current_key_material_id
        for state in KeyState
    }
    symmetric = key_spec is KeySpec.SYMMETRIC_DEFAULT
    assert told == dict.fromkeys(KeyState, "1" * 64 if symmetric else None) | {
        KeyState.Creating: None
    }


def test_an_expiration_model_stands_for_a_date_or_none() -> None:
    assert expiration_model(NOW) is ExpirationModelType.KEY_MATERIAL_EXPIRES
    assert expiration_model(None) is ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE


# ---- metadata from anywhere


def test_metadata_of_a_newer_aws_kms_keeps_what_is_not_known_and_ignores_other_members() -> None:
    metadata = KeyMetadata.from_json(
        {"KeyId": "k", "KeyState": "Dreaming", "Origin": "EXTERNAL", "Color": "blue"}
    )
    assert metadata.key_state == "Dreaming"
    assert metadata.origin is OriginType.EXTERNAL
    assert KeyMetadata.from_json({}).key_id is None
    several: tuple[object, ...] = ([], "KeyMetadata", None, {"KeyId": 1})
    for nonsense in several:
        with pytest.raises(SerializationException):
            KeyMetadata.from_json(nonsense)


@given(
    imported=st.booleans(),
    valid=st.booleans(),
    days=st.none() | st.integers(7, 30),
    multi=st.booleans(),
)
def test_metadata_is_the_same_after_a_way_through_json(
    imported: bool, valid: bool, days: int | None, multi: bool
) -> None:
    life = key(FIRST if imported else SECOND).lifecycle
    if valid:
        life = life.import_key_material(
            life.materials[0].key_material_id, NOW, valid_to=NOW.replace(month=12)
        )
    if multi:
        life = evolve(life, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    if days is not None:
        life = life.schedule_key_deletion(NOW, days)
    metadata = key_metadata(evolve(key(FIRST), lifecycle=life), life.key_state(NOW), NOW)
    plain = json.loads(json.dumps(structures.to_json(metadata)))
    assert KeyMetadata.from_json(plain) == metadata
    assert "AWSAccountId" in plain
    assert len(plain) == sum(
        getattr(metadata, field.name) is not None for field in fields(KeyMetadata)
    )
