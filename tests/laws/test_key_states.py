"""
A key state permits what AWS's table says, for every operation and every key of a world.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import KeyState, OriginType
from tests import strategies
from tests.basics import OTHER_REGION, REGION, facts
from tests.worlds.belongings import KeyInWorld
from tests.worlds.outcome import Refused, outcome
from tests.worlds.world import World, world

TABLE: dict[str, dict[str, Any]] = facts("key_state_table.json")["table"]
ROWS = sorted(operation for operation in strategies.REQUESTS if operation in TABLE)

NOTES: dict[str, dict[str, Any]] = facts("key_state_table.json")["notes"]

IN_CUSTOM_KEY_STORE = {OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE}
OF_CUSTOM_KEY_STORES = 7
OF_GENERATED_KEY_MATERIAL = 9
OF_AUTOMATIC_ROTATION = {"DisableKeyRotation", "EnableKeyRotation"}
DISABLED_WHEN_PENDING_DELETION = 2
"""An older alternative to note 3, which is what AWS KMS answers with."""

ASSUMED = {
    ("ImportKeyMaterial", "PendingDeletion"),
    ("ImportKeyMaterial", "PendingReplicaDeletion"),
}
"""The page names no error for a key whose material is imported; KMSInvalidStateException is an assumption."""

REFUTED: dict[tuple[str, str], set[str]] = {
    ("GetKeyRotationStatus", "PendingImport"): set(),
    ("GetPublicKey", "PendingImport"): {"KMSInvalidStateException"},
}
"""The page says otherwise than was recorded of the real service."""


def test_every_key_state_is_reached() -> None:
    """The tests have keys for every column of the table, in the key stores that there are."""
    reached = {key_state for key_state, _, _ in SITUATIONS}
    assert reached == set(KeyState)
    unavailable = {key.origin for state, _, key in SITUATIONS if state is KeyState.Unavailable}
    assert unavailable == IN_CUSTOM_KEY_STORE


@pytest.mark.parametrize("operation", ROWS)
@pytest.mark.parametrize("key_state", sorted(KeyState))
@strategies.per_operation
@given(st.data())
def test_an_operation_that_the_table_refuses_is_refused(
    key_state: KeyState, operation: str, data: st.DataObject
) -> None:
    """The error is the one in the table's cell; an operation that the table permits is done if the request is valid."""
    situations = [
        each for each in SITUATIONS if each[0] is key_state and strategies.fits(operation, each[2])
    ]
    if not situations:  # no key of that kind can be in that key state
        assert TABLE[operation][key_state]["outcome"] == "na"
        return
    _, kms, key = data.draw(st.sampled_from(situations))
    request = data.draw(strategies.fitting(world(), key, operation))
    after, answer = outcome(kms, request, world().call())
    refused_with = expected(operation, key_state, key)
    if refused_with:
        assert isinstance(answer, Refused)
        assert answer.code in refused_with
        assert answer.arn == key.arn
        assert after is kms
    elif isinstance(answer, Refused):
        assert answer.message in excuses(operation, key) | excuses_of_relatives(operation, key)


def expected(operation: str, key_state: KeyState, key: KeyInWorld) -> set[str]:
    """The errors that a cell names for this key; none if it permits the operation."""
    row = TABLE[operation]
    for_imported = any(OF_GENERATED_KEY_MATERIAL in cell["notes"] for cell in row.values())
    if for_imported and key.origin is not OriginType.EXTERNAL:
        return {"UnsupportedOperationException"}
    not_in_stores = any(OF_CUSTOM_KEY_STORES in cell["notes"] for cell in row.values())
    if not_in_stores and key.origin in IN_CUSTOM_KEY_STORE:
        return {"UnsupportedOperationException"}
    if operation in OF_AUTOMATIC_ROTATION and key.origin is OriginType.EXTERNAL:
        return {"UnsupportedOperationException"}
    if (operation, key_state) in REFUTED:
        return REFUTED[operation, key_state]
    if row[key_state]["outcome"] != "fail":
        return set()
    if (operation, key_state) in ASSUMED:
        return {"KMSInvalidStateException"}
    others = {OF_CUSTOM_KEY_STORES, OF_GENERATED_KEY_MATERIAL, DISABLED_WHEN_PENDING_DELETION}
    return {NOTES[str(note)]["exception"] for note in set(row[key_state]["notes"]) - others}


def excuses(operation: str, key: KeyInWorld) -> set[str]:
    """The messages of errors that a request may get although the key state permits it."""
    if (
        operation == "UpdateAlias"
    ):  # note 10: the alias may leave a key that is pending deletion, not move to one
        return {f"{key.arn} is pending deletion."}
    if operation == "RotateKeyOnDemand" and key.origin is OriginType.EXTERNAL:
        return {f"No available key material pending rotation for the key: {key.arn}."}
    return set()


_NOT_IMPORTED = (
    "Cannot perform key material rotation: Key material has not been imported "
    "for replicas of the Multi-Region key."
)


def excuses_of_relatives(operation: str, key: KeyInWorld) -> set[str]:
    """Those that a multi-Region key is the reason for, or its replica key in the other Region."""
    if not key.multi_region:
        return set()
    replica = key.arn.replace(REGION, OTHER_REGION)
    return {
        f"{key.arn} is a multi-region replica key which is not valid for {operation}.",
        f"{key.arn} is not a multi-region primary key.",
        f"{key.arn} is not a multi-Region primary key.",
        f"{key.key_id} does not have a replica key in the specified Region.",
        f"{replica} is pending deletion.",
        _NOT_IMPORTED,
    }


# ---- keys in every key state


def _situations() -> Iterator[tuple[KeyState, Kms, KeyInWorld]]:
    """Each key of the first world; and some keys in states that take time, with facts set by hand."""
    first = world()
    remembered = {key.arn: key for key in first.remembered}
    for key in first.keys:
        life = remembered[key.arn].lifecycle
        if not life.is_deleted(first.now):
            yield first.kms.key_state(remembered[key.arn], first.now), first.kms, key
            yield from _by_facts(first, remembered[key.arn], key)


def _by_facts(first: World, of: Key, key: KeyInWorld) -> Iterator[tuple[KeyState, Kms, KeyInWorld]]:
    soon = first.now + timedelta(seconds=1)
    changes: list[dict[str, Any]] = [
        {"creating_until": soon},
        {"pending_window_in_days": 7, "deletion_date": None},
    ]
    if of.lifecycle.key_state(first.now) is KeyState.Enabled:  # as UpdatePrimaryRegion asks
        changes.append({"updating_until": soon})
    for facts_ in changes:
        moved = evolve(of, lifecycle=evolve(of.lifecycle, **facts_))
        kms = first.kms.with_key(moved)
        yield kms.key_state(moved, first.now), kms, key


SITUATIONS = tuple(_situations())
