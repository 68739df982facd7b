"""
Deleting KMS keys: the waiting period, and its cancellation.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.errors import KMSInvalidStateException, NotFoundException, ValidationException
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import (
    CancelKeyDeletionRequest,
    CancelKeyDeletionResponse,
    ScheduleKeyDeletionRequest,
    ScheduleKeyDeletionResponse,
)
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.keys import DescribeKeyRequest, DisableKeyRequest, EnableKeyRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.words.enumerations import KeyState
from tests.basics import NOW
from tests.operations.steps import (
    FIRST,
    arn_of,
    create,
    create_external,
    decrypt,
    describe,
    encrypt,
    import_material,
    local_kms,
    refused,
)

# ---- ScheduleKeyDeletion


@given(days=st.integers(7, 30) | st.none())
def test_a_key_is_deleted_after_a_waiting_period_of_7_to_30_days_by_default_30(
    days: int | None,
) -> None:
    local = local_kms()
    before = create(local)
    answer = local.handle(
        ScheduleKeyDeletionRequest(key_id=before.key_id, pending_window_in_days=days)
    )
    assert answer == ScheduleKeyDeletionResponse(
        key_id=arn_of(before),
        key_state=KeyState.PendingDeletion,
        pending_window_in_days=days or 30,
        deletion_date=NOW + timedelta(days=days or 30),
    )
    assert describe(local, before.key_id) == evolve(
        before,
        key_state=KeyState.PendingDeletion,
        enabled=False,
        deletion_date=answer.deletion_date,
    )


@pytest.mark.parametrize("days", [1, 6, 31, 365])
def test_a_waiting_period_is_7_to_30_days(local: LocalKms, days: int) -> None:
    arn = arn_of(create(local))
    request = ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=days)
    message = "PendingWindowInDays must be between 7 and 30"
    error = refused(local, request, ValidationException, message)
    assert error.arn == arn


@pytest.mark.parametrize(
    "days, bound", [(0, "greater than or equal to 1"), (366, "less than or equal to 365")]
)
def test_a_waiting_period_that_the_api_does_not_know_is_told_so(
    local: LocalKms, days: int, bound: str
) -> None:
    request = ScheduleKeyDeletionRequest(key_id=create(local).key_id, pending_window_in_days=days)
    message = (
        f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy "
        f"constraint: Member must have value {bound}"
    )
    refused(local, request, ValidationException, message)


def test_the_key_is_deleted_at_its_deletion_date_to_the_microsecond(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    blob = encrypt(local, arn)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=7))
    local.clock.advance(days=7, seconds=-0.000001)
    assert describe(local, arn).key_state is KeyState.PendingDeletion
    local.clock.advance(seconds=0.000001)
    message = f"Key '{arn}' does not exist"
    refused(local, DescribeKeyRequest(key_id=arn), NotFoundException, message)
    refused(local, CancelKeyDeletionRequest(key_id=arn), NotFoundException, message)
    request = DecryptRequest(ciphertext_blob=blob, key_id=arn)
    refused(local, request, NotFoundException, message)


def test_a_key_that_is_pending_deletion_is_not_used_or_scheduled_again(local: LocalKms) -> None:
    arn = arn_of(create(local))
    blob = encrypt(local, arn)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    for request in (
        EncryptRequest(key_id=arn, plaintext=b"plain"),
        DecryptRequest(ciphertext_blob=blob),
        DecryptRequest(ciphertext_blob=blob, key_id=arn),
        RotateKeyOnDemandRequest(key_id=arn),
        ScheduleKeyDeletionRequest(key_id=arn),
    ):
        error = refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")
        assert (error.arn, error.key_state) == (arn, KeyState.PendingDeletion)


@pytest.mark.parametrize("state", [KeyState.Enabled, KeyState.Disabled, KeyState.PendingImport])
def test_a_key_is_scheduled_from_every_state_it_rests_in(local: LocalKms, state: KeyState) -> None:
    arn = create_external(local) if state is KeyState.PendingImport else arn_of(create(local))
    if state is KeyState.Disabled:
        local.handle(DisableKeyRequest(key_id=arn))
    before = describe(local, arn)
    assert before.key_state is state
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    assert describe(local, arn) == evolve(
        before,
        key_state=KeyState.PendingDeletion,
        enabled=False,
        deletion_date=NOW + timedelta(days=30),
    )


def test_material_that_expires_while_its_key_is_pending_deletion_leaves_it_so(
    local: LocalKms,
) -> None:
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=NOW + timedelta(days=3))
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    before = describe(local, arn)
    local.clock.advance(days=3)
    assert describe(local, arn) == evolve(before, valid_to=None, expiration_model=None)
    local.handle(CancelKeyDeletionRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.PendingImport


# ---- CancelKeyDeletion


def test_a_key_whose_deletion_is_cancelled_is_disabled_and_can_be_enabled(local: LocalKms) -> None:
    before = create(local)
    blob = encrypt(local, before.key_id)
    local.handle(ScheduleKeyDeletionRequest(key_id=before.key_id))
    answer = local.handle(CancelKeyDeletionRequest(key_id=before.key_id))
    assert answer == CancelKeyDeletionResponse(key_id=arn_of(before))
    disabled = evolve(before, key_state=KeyState.Disabled, enabled=False)
    assert describe(local, before.key_id) == disabled
    local.clock.advance(days=365)
    assert describe(local, before.key_id) == disabled
    local.handle(EnableKeyRequest(key_id=before.key_id))
    assert decrypt(local, blob) == b"attack at dawn"


def test_only_the_deletion_of_a_key_that_is_pending_deletion_can_be_cancelled(
    local: LocalKms,
) -> None:
    enabled, disabled = (arn_of(create(local)) for _ in range(2))
    pending = create_external(local)
    local.handle(DisableKeyRequest(key_id=disabled))
    for arn in (enabled, disabled, pending):
        message = f"{arn} is not pending deletion."
        refused(local, CancelKeyDeletionRequest(key_id=arn), KMSInvalidStateException, message)


def test_a_deletion_can_be_scheduled_and_cancelled_again(local: LocalKms) -> None:
    key_id = create(local).key_id
    for days in (7, 30, 8):
        answer = local.handle(
            ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=days)
        )
        assert answer.deletion_date == local.clock.now() + timedelta(days=days)
        local.clock.advance(days=1)
        local.handle(CancelKeyDeletionRequest(key_id=key_id))
    assert describe(local, key_id).key_state is KeyState.Disabled
