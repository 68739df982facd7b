"""
A `Lifecycle` alone as plain data, and back.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.storage.lifecycle import from_json, to_json
from kmsmodel.storage.snapshot import to_json as snapshot_of
from tests import strategies
from tests.basics import ARN, NOW
from tests.worlds.world import World


@given(strategies.worlds())
def test_each_life_comes_back_as_it_was(world: World) -> None:
    for account in world.kms.accounts.values():
        for _, key in account.keys.page_after("", 1000):
            life = key.lifecycle
            assert from_json(json.loads(json.dumps(to_json(life)))) == life


@given(strategies.worlds())
def test_its_members_are_those_of_a_snapshot(world: World) -> None:
    keys = [key for of in snapshot_of(world.kms, clear=True)["accounts"] for key in of["keys"]]
    lives = {key["lifecycle"]["arn"]: key["lifecycle"] for key in keys}
    for account in world.kms.accounts.values():
        for _, key in account.keys.page_after("", 1000):
            assert to_json(key.lifecycle) == lives[key.arn]


NO_LIVES: list[tuple[Any, str]] = [
    ([], "a lifecycle must be an object"),
    ({}, "a lifecycle must be an object with arn"),
    ({"arn": 3}, "arn must be a text"),
    (
        {"arn": ARN, "origin": "ELSEWHERE"},
        "origin must be one of AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE",
    ),
    ({"arn": ARN, "materials": [{}]}, "materials[0] must be an object with key_material_id"),
    (
        {"arn": ARN, "deletion_date": "2026-11-24"},
        "deletion_date must be a date with a time zone",
    ),
]


@pytest.mark.parametrize("data, message", NO_LIVES)
def test_what_is_no_lifecycle_is_told_with_its_place(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        from_json(data)
    assert str(caught.value) == message


def test_only_a_lifecycle_is_written() -> None:
    with pytest.raises(TypeError, match=r"^lifecycle must be a Lifecycle, not dict$"):
        to_json({})  # type: ignore[arg-type]


def test_members_that_are_missing_are_as_those_of_a_new_one() -> None:
    assert from_json({"arn": ARN}) == Lifecycle(arn=ARN)
    soon = Lifecycle(arn=ARN).schedule_key_deletion(NOW)
    assert to_json(soon)["deletion_date"] == (NOW + timedelta(30)).isoformat().replace(
        "+00:00", "Z"
    )
