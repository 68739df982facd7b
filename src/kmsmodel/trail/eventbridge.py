"""
Events as AWS KMS sends them to EventBridge, in plain JSON.

Source: *Monitor KMS keys with Amazon EventBridge* in the Developer Guide.
"""

from __future__ import annotations

from typing import Any

from kmsmodel.key.event import Event, EventName
from kmsmodel.trail.cloudtrail import event_id
from kmsmodel.words.arguments import expect
from kmsmodel.words.arn import parse_key_arn

_DETAIL_TYPES = {
    EventName.DeleteExpiredKeyMaterial: "KMS Imported Key Material Expiration",
    EventName.DeleteKey: "KMS CMK Deletion",
    EventName.RotateKey: "KMS CMK Rotation",
}


def eventbridge_event(event: Event) -> dict[str, Any]:
    """What AWS KMS sends to EventBridge when it has deleted or rotated a KMS key, or key material has expired."""
    expect("event", event, Event)
    key = parse_key_arn(event.key_arn)
    return {
        "version": "0",
        "id": event_id(event),
        "detail-type": _DETAIL_TYPES[event.name],
        "source": "aws.kms",
        "account": key.account,
        "time": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": key.region,
        "resources": [event.key_arn],
        "detail": {"key-id": key.key_id},
    }
