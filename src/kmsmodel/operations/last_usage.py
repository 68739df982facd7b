"""
Past usage: the last cryptographic operation that a KMS key was used for.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from kmsmodel.calls import access
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.key.event import id_of_event
from kmsmodel.key.key import Key
from kmsmodel.key.last_usage import Usage
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation
from kmsmodel.words.shapes import CloudTrailEventIdType, DateType, KeyIdType, KmsRequestIdType

# ---- GetKeyLastUsage


@final
@frozen(kw_only=True)
class KeyLastUsageData:
    """The last successful cryptographic operation of a KMS key; without members if it was never used."""

    operation: KeyLastUsageTrackingOperation | None = None
    timestamp: DateType | None = None
    cloud_trail_event_id: CloudTrailEventIdType | None = None
    kms_request_id: KmsRequestIdType | None = None


@final
@frozen(kw_only=True)
class GetKeyLastUsageResponse:
    key_id: KeyIdType
    key_last_usage: KeyLastUsageData
    tracking_start_date: DateType
    key_creation_date: DateType


@final
@frozen(kw_only=True)
class GetKeyLastUsageRequest(Request[GetKeyLastUsageResponse]):
    key_id: KeyIdType


def get_key_last_usage(
    kms: Kms, request: GetKeyLastUsageRequest, call: Call
) -> tuple[Kms, GetKeyLastUsageResponse]:
    """
    Return the last successful cryptographic operation that a KMS key was used for.
    """
    key = access.key(kms, request.key_id, request, call)
    usage = kms.last_usage(key, call.now)
    return kms, GetKeyLastUsageResponse(
        key_id=key.key_arn.key_id,
        key_last_usage=KeyLastUsageData() if usage is None else _told(key, usage),
        tracking_start_date=key.creation_date,
        key_creation_date=key.creation_date,
    )


def _told(key: Key, usage: Usage) -> KeyLastUsageData:
    """A usage, with the id of the event that CloudTrail tells the owner of the key."""
    return KeyLastUsageData(
        operation=usage.operation,
        timestamp=usage.timestamp,
        cloud_trail_event_id=id_of_event(usage.request_id, key.key_arn.account),
        kms_request_id=usage.request_id,
    )
