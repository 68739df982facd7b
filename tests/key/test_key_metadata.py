"""
What `DescribeKey` tells of a KMS key, and what it may be read from.
"""

from __future__ import annotations

import json

import pytest
from attrs import evolve, fields
from hypothesis import given, strategies as st

from kmsmodel.errors import SerializationException
from kmsmodel.key.key_metadata import KeyMetadata, expiration_model, key_metadata
from kmsmodel.key.key_spec import ALGORITHMS
from kmsmodel.words import structures
from kmsmodel.words.enumerations import (
    ExpirationModelType,
    KeySpec,
    KeyState,
    KeyUsageType,
    MultiRegionKeyType,
    OriginType,
)
from tests.basics import NOW
from tests.key.keys import FIRST, SECOND, key

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
def test_the_key_spec_is_told_by_its_older_name_too(key_spec: KeySpec) -> None:
    usage = next(iter(ALGORITHMS[key_spec]))
    metadata = key_metadata(evolve(key(key_spec=key_spec), key_usage=usage), KeyState.Enabled, NOW)
    assert metadata.key_spec is metadata.customer_master_key_spec is key_spec


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
