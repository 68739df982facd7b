"""
What AWS KMS said stays true: dates that it gave, keys that it deleted, ids that it assigned.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import assume, given, strategies as st

from kmsmodel.errors import NotFoundException
from kmsmodel.operations.aliases import ListAliasesRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.grant_lists import (
    ListRetirableGrantsRequest,
)
from kmsmodel.operations.importing import DeleteImportedKeyMaterialRequest
from kmsmodel.operations.keys import DescribeKeyRequest, ListKeysRequest
from kmsmodel.operations.rotation import ListKeyRotationsRequest, RotateKeyOnDemandRequest
from kmsmodel.testing.values import spans
from kmsmodel.words.enumerations import (
    ImportType,
    IncludeKeyMaterial,
    KeyManagerType,
    KeyState,
    OriginType,
)
from tests import strategies
from tests.basics import DAY, HSM, MICROSECOND, REGION, call
from tests.worlds.belongings import RETIRING
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import Refused, keys_of, outcome
from tests.worlds.world import World


@given(strategies.worlds(), st.integers(7, 30), st.data())
def test_a_key_is_deleted_at_its_deletion_date(
    world: World, days: int, data: st.DataObject
) -> None:
    """Until then the key is there and shows that date; from then on it is gone."""
    ask = world.conversation
    alive = [
        key.arn
        for key in keys_of(ask.kms)
        if key.lifecycle.deletion_date is None
        and key.key_manager is KeyManagerType.CUSTOMER
        and key.key_arn.region == REGION
        and not ask.kms.has_replicas(key, ask.now)
        and key.lifecycle.key_state(ask.now) is not KeyState.PendingReplicaDeletion
    ]
    arn = data.draw(st.sampled_from(alive))
    response = ask(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=days))
    deletion_date = ask.now + days * DAY
    assert response.deletion_date == deletion_date
    ask.now = deletion_date - MICROSECOND
    metadata = ask.describe_key(arn)
    assert metadata.deletion_date == deletion_date
    assert metadata.key_state is KeyState.PendingDeletion
    ask.now = deletion_date
    assert ask.refuses(DescribeKeyRequest(key_id=arn)) == Refused(
        NotFoundException.__name__, f"Key '{arn}' does not exist", arn, None
    )


@given(strategies.worlds(), st.integers(1, 365 * 86_400_000_000 - 1))
def test_key_material_expires_at_its_expiration_date(world: World, microseconds: int) -> None:
    """Until then the key is enabled and shows that date; from then on it is pending import."""
    ask = world.conversation
    key_id = ask.create_key(origin=OriginType.EXTERNAL)
    valid_to = ask.now + microseconds * MICROSECOND
    ask.import_key_material(key_id, bytes(32), valid_to=valid_to)
    for now in (ask.now, valid_to - MICROSECOND):
        ask.now = now
        metadata = ask.describe_key(key_id)
        assert (metadata.key_state, metadata.valid_to) == (KeyState.Enabled, valid_to)
    ask.now = valid_to
    metadata = ask.describe_key(key_id)
    assert (metadata.key_state, metadata.valid_to) == (KeyState.PendingImport, None)


@given(strategies.worlds(), spans(), st.data())
def test_a_deleted_key_never_comes_back(
    world: World, later: timedelta, data: st.DataObject
) -> None:
    """No request finds it or lists it, whatever was requested since. A primary key waits for its replica keys."""
    key = data.draw(strategies.keys(world))
    ask = world.conversation
    found = ask.kms.key(key.arn, ask.now)
    assume(found is not None and not ask.kms.has_replicas(found, ask.now))
    ask.refuses(ScheduleKeyDeletionRequest(key_id=key.key_id, pending_window_in_days=7))
    ask.advance(30 * DAY)
    for request in data.draw(st.lists(strategies.requests(world, key=key), max_size=4)):
        ask.refuses(request)
        ask.advance(later)
    about_a_key = sorted(set(strategies.REQUESTS) - strategies.WITHOUT_A_KEY)
    operation = data.draw(st.sampled_from([o for o in about_a_key if strategies.fits(o, key)]))
    request = data.draw(strategies.fitting(world, key, operation))
    _, answer = outcome(ask.kms, request, call(now=ask.now))
    assert isinstance(answer, Refused)
    named = operation != "Decrypt" or getattr(request, "key_id", None) is not None
    assert answer.code == ("NotFoundException" if named else "AccessDeniedException")
    assert key.key_id not in {entry.key_id for entry in ask(ListKeysRequest()).keys}
    assert key.key_id not in {entry.target_key_id for entry in ask(ListAliasesRequest()).aliases}
    retirable = ask(ListRetirableGrantsRequest(retiring_principal=RETIRING, limit=100)).grants
    assert key.arn not in {entry.key_id for entry in retirable}


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.data())
def test_key_material_ids_never_change_meaning(numbers: list[int], data: st.DataObject) -> None:
    """The same material of the same key has the same id, even after deletion; any other has another id."""
    ask = Conversation()
    keys = [ask.create_key(origin=OriginType.EXTERNAL) for _ in range(2)]
    known: dict[tuple[str, int], str] = {}
    for number in numbers:
        key_id = data.draw(st.sampled_from(keys))
        material = HSM.random(32, f"key material {number}")
        is_new = (key_id, number) not in known
        response = ask.import_key_material(
            key_id,
            material,
            import_type=ImportType.NEW_KEY_MATERIAL if is_new else ImportType.EXISTING_KEY_MATERIAL,
        )
        told = response.key_material_id or ""
        assert known.setdefault((key_id, number), told) == told
        if is_new and ask.describe_key(key_id).current_key_material_id != told:
            ask(RotateKeyOnDemandRequest(key_id=key_id))
        assert told in _listed(ask, key_id)
        if is_new:
            assert ask.describe_key(key_id).current_key_material_id == told
            sealed = ask.encrypt(key_id, b"plaintext")
            assert ask(sealed.request()).key_material_id == told
        if data.draw(st.booleans()):
            ask(DeleteImportedKeyMaterialRequest(key_id=key_id, key_material_id=told))
            ask.import_key_material(key_id, material)
    assert len(set(known.values())) == len(known)


def _listed(ask: Conversation, key_id: str) -> set[str]:
    everything = IncludeKeyMaterial.ALL_KEY_MATERIAL
    request = ListKeyRotationsRequest(key_id=key_id, include_key_material=everything)
    return {entry.key_material_id for entry in ask(request).rotations}
