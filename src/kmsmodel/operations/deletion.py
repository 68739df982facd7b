"""
Deleting KMS keys: the waiting period, and its cancellation.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from kmsmodel.calls import access
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.machine.lifecycle import DEFAULT_PENDING_WINDOW_IN_DAYS
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import KeyState
from kmsmodel.words.shapes import DateType, KeyIdType, PendingWindowInDaysType

# ---- ScheduleKeyDeletion


@final
@frozen(kw_only=True)
class ScheduleKeyDeletionResponse:
    key_id: KeyIdType
    key_state: KeyState
    pending_window_in_days: PendingWindowInDaysType
    deletion_date: DateType | None = None


@final
@frozen(kw_only=True)
class ScheduleKeyDeletionRequest(Request[ScheduleKeyDeletionResponse]):
    """A request to delete a KMS key after a waiting period of 7 to 30 days, by default 30."""

    key_id: KeyIdType
    pending_window_in_days: PendingWindowInDaysType | None = None


def schedule_key_deletion(
    kms: Kms, request: ScheduleKeyDeletionRequest, call: Call
) -> tuple[Kms, ScheduleKeyDeletionResponse]:
    """
    Start the waiting period after which a KMS key is deleted.

    That of a multi-Region primary key with replica keys starts when the last of them is deleted.
    """
    key = access.key(kms, request.key_id, request, call)
    days = request.pending_window_in_days or DEFAULT_PENDING_WINDOW_IN_DAYS
    life = key.lifecycle.schedule_key_deletion(
        call.now, days, replicas=kms.has_replicas(key, call.now)
    )
    key = key.with_lifecycle(life)
    return kms.with_key(key), ScheduleKeyDeletionResponse(
        key_id=key.arn,
        key_state=kms.key_state(key, call.now),
        pending_window_in_days=days,
        deletion_date=key.lifecycle.deletion_date,
    )


# ---- CancelKeyDeletion


@final
@frozen(kw_only=True)
class CancelKeyDeletionResponse:
    key_id: KeyIdType


@final
@frozen(kw_only=True)
class CancelKeyDeletionRequest(Request[CancelKeyDeletionResponse]):
    key_id: KeyIdType


def cancel_key_deletion(
    kms: Kms, request: CancelKeyDeletionRequest, call: Call
) -> tuple[Kms, CancelKeyDeletionResponse]:
    """
    Keep a KMS key that is pending deletion; it is then disabled.
    """
    key = access.key(kms, request.key_id, request, call)
    key = key.with_lifecycle(key.lifecycle.cancel_key_deletion(call.now))
    return kms.with_key(key), CancelKeyDeletionResponse(key_id=key.arn)
