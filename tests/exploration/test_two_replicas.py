"""
A primary key with two replica keys: all that requests and time can bring them to.

The walk of `kmsmodel.exploration` has one replica key, and no `Kms`. This one asks AWS KMS itself, in three Regions,
with one key material and one waiting period, and time passes in steps of half of it.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, final

import pytest
from attrs import frozen

from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.machine.key_state import KEY_STATE_TABLE
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.importing import DeleteImportedKeyMaterialRequest
from kmsmodel.operations.keys import (
    CreateKeyRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    EnableKeyRequest,
)
from kmsmodel.operations.multi_region_keys import ReplicateKeyRequest, UpdatePrimaryRegionRequest
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import KeyState, MultiRegionKeyType, OriginType
from tests.basics import ACCOUNT, DAY, NOW, OTHER_REGION, REGION
from tests.worlds.conversation import Conversation

REGIONS = (REGION, OTHER_REGION, "ap-southeast-2")
WINDOW = 8
STEP = WINDOW // 2 * DAY
MATERIAL = bytes(range(32))

ALONE = (
    "DisableKey",
    "EnableKey",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "DeleteImportedKeyMaterial",
    "ImportKeyMaterial",
)
WITH_ANOTHER_REGION = ("ReplicateKey", "UpdatePrimaryRegion")
TIME_PASSES = ("time passes", "", "")

EVENTS = (
    TIME_PASSES,
    *((operation, region, "") for operation in ALONE for region in REGIONS),
    *(
        (operation, region, other)
        for operation in WITH_ANOTHER_REGION
        for region in REGIONS
        for other in REGIONS
    ),
)
"""Each is an operation, the Region in which it is asked, and the other Region that it names."""


@final
@frozen
class Family:
    """The related keys, as AWS KMS has them at a time."""

    kms: Kms
    now: datetime
    key_id: str

    def key(self, region: str) -> Lifecycle | None:
        key = self.kms.key(KeyArn(ACCOUNT, region, self.key_id), self.now)
        return None if key is None else key.lifecycle

    @property
    def keys(self) -> dict[str, Lifecycle]:
        """The keys that are there, by their Regions."""
        found = {region: self.key(region) for region in REGIONS}
        return {region: key for region, key in found.items() if key is not None}

    def key_state(self, region: str) -> KeyState | None:
        key = self.key(region)
        return None if key is None else key.key_state(self.now)

    def seen(self) -> tuple[str, ...]:
        """What two families are the same by: facts, without Regions, and dates as far as they are from now."""
        facts = (
            (
                key.multi_region_key_type,
                key.enabled,
                key.pending_window_in_days,
                None if key.deletion_date is None else key.deletion_date - self.now,
                tuple(each.is_present(self.now) for each in key.materials),
            )
            for key in self.keys.values()
        )
        return tuple(sorted(map(repr, facts)))

    def after(self, event: tuple[str, str, str], number: int) -> Family:
        """The family after an event. Raises the error with which AWS KMS refuses it."""
        operation, region, other = event
        if event == TIME_PASSES:
            return Family(self.kms, self.now + STEP, self.key_id)
        ask = Conversation(f"two replicas {number}", self.now, self.kms)
        if operation == "ImportKeyMaterial":
            ask.import_key_material(self.key_id, MATERIAL, region=region)
        else:
            ask(self._request(operation, other), region=region)
        return Family(ask.kms, self.now, self.key_id)

    def _request(self, operation: str, other: str) -> Request[Any]:
        key_id = self.key_id
        match operation:
            case "DisableKey":
                return DisableKeyRequest(key_id=key_id)
            case "EnableKey":
                return EnableKeyRequest(key_id=key_id)
            case "ScheduleKeyDeletion":
                return ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=WINDOW)
            case "CancelKeyDeletion":
                return CancelKeyDeletionRequest(key_id=key_id)
            case "DeleteImportedKeyMaterial":
                return DeleteImportedKeyMaterialRequest(key_id=key_id)
            case "ReplicateKey":
                return ReplicateKeyRequest(key_id=key_id, replica_region=other)
            case _:
                return UpdatePrimaryRegionRequest(key_id=key_id, primary_region=other)


@final
@frozen
class Walk:
    """Each family that can be, and what came of each event in it: the error's code, or None."""

    families: tuple[Family, ...]
    outcomes: tuple[tuple[Family, tuple[str, str, str], str | None], ...]


@cache
def walk(origin: OriginType) -> Walk:
    ask = Conversation("two replicas")
    key_id = ask(CreateKeyRequest(origin=origin, multi_region=True)).key_metadata.key_id
    first = Family(ask.kms, NOW, key_id)
    found = {first.seen(): first}
    outcomes: list[tuple[Family, tuple[str, str, str], str | None]] = []
    left = deque([first])
    while left:
        family = left.popleft()
        for event in EVENTS:
            try:
                after = family.after(event, len(outcomes))
            except KmsError as error:
                outcomes.append((family, event, error.code))
                continue
            outcomes.append((family, event, None))
            if after.seen() not in found:
                found[after.seen()] = after
                left.append(after)
    return Walk(tuple(found.values()), tuple(outcomes))


ORIGINS = pytest.mark.parametrize("origin", [OriginType.AWS_KMS, OriginType.EXTERNAL])


@pytest.mark.parametrize(
    "origin, families, tries", [(OriginType.AWS_KMS, 115, 4255), (OriginType.EXTERNAL, 739, 27343)]
)
def test_so_many_families_can_be(origin: OriginType, families: int, tries: int) -> None:
    """The page on the machine says the same."""
    found = walk(origin)
    assert (len(found.families), len(found.outcomes)) == (families, tries)
    page = (Path(__file__).parents[2] / "docs" / "machine.md").read_text(encoding="utf-8")
    assert f"| {origin} | {families} | {tries:,} |" in page


@ORIGINS
def test_one_of_the_keys_is_the_primary_key_and_each_knows_it(origin: OriginType) -> None:
    for family in walk(origin).families:
        types = {region: key.multi_region_key_type for region, key in family.keys.items()}
        primaries = [each for each in types if types[each] is MultiRegionKeyType.PRIMARY]
        assert len(primaries) == bool(types)
        ask = Conversation("describing", family.now, family.kms)
        for region, key_type in types.items():
            request = DescribeKeyRequest(key_id=family.key_id)
            told = ask(request, region=region).key_metadata.multi_region_configuration
            assert told is not None
            assert told.multi_region_key_type is key_type
            assert told.primary_key is not None
            assert [told.primary_key.region] == primaries
            replicas = sorted(each.region or "" for each in told.replica_keys or ())
            assert replicas == sorted(types.keys() - set(primaries))


@ORIGINS
def test_what_related_keys_share_is_equal(origin: OriginType) -> None:
    for family in walk(origin).families:
        shared = {
            (
                key.origin,
                key.key_spec,
                key.automatic_rotation,
                tuple((each.key_material_id, each.key_material_state) for each in key.materials),
            )
            for key in family.keys.values()
            if key.materials or key.multi_region_key_type is MultiRegionKeyType.PRIMARY
        }
        assert len(shared) <= 1


@ORIGINS
def test_a_primary_key_waits_for_its_replicas_exactly_while_there_are_any(
    origin: OriginType,
) -> None:
    states = set[bool]()
    for family in walk(origin).families:
        for region, key in family.keys.items():
            state, replicas = family.key_state(region), len(family.keys) > 1
            if key.multi_region_key_type is MultiRegionKeyType.REPLICA:
                assert state is not KeyState.PendingReplicaDeletion
            elif state in {KeyState.PendingDeletion, KeyState.PendingReplicaDeletion}:
                assert (state is KeyState.PendingReplicaDeletion) is replicas
                assert (key.deletion_date is None) is replicas
                states.add(replicas)
    assert states == {True, False}


@ORIGINS
def test_each_cell_of_the_key_state_table_is_met(origin: OriginType) -> None:
    """A request that names another Region depends on the other key, too."""
    met = set[tuple[str, KeyState]]()
    for family, (operation, region, other), code in walk(origin).outcomes:
        state = family.key_state(region) if region else None
        if state is None:
            assert code == ("NotFoundException" if region else None)
            continue
        met.add((operation, state))
        row = KEY_STATE_TABLE[operation]
        refusal = row[state]
        if origin not in row.accepts:
            assert code == "UnsupportedOperationException"
        elif refusal is not None:
            assert code in {refusal.error.__name__, "UnsupportedOperationException"}
        elif not other:
            assert code is None
    reached = {state for _, state in met}
    assert reached >= {KeyState.Enabled, KeyState.Disabled, KeyState.PendingReplicaDeletion}
    assert len(met) == len(reached) * len([*ALONE, *WITH_ANOTHER_REGION])


@ORIGINS
def test_a_relative_that_is_deleted_is_forgotten(origin: OriginType) -> None:
    deleted = 0
    for family in walk(origin).families:
        settled = Family(family.kms.settle(family.now), family.now, family.key_id)
        assert settled.seen() == family.seen()
        assert settled.kms.settle(family.now) == settled.kms
        remembered = {
            region
            for region in REGIONS
            if settled.kms.account_in_region(ACCOUNT, region).keys.get(family.key_id) is not None
        }
        assert remembered == family.keys.keys()
        deleted += settled.kms != family.kms
    assert deleted


@ORIGINS
def test_a_family_that_is_gone_has_left_nothing(origin: OriginType) -> None:
    (gone,) = (each for each in walk(origin).families if not each.keys)
    settled = gone.kms.settle(gone.now)
    assert settled.indexes == Kms().indexes
    assert settled.next_event_at(gone.now) is None
