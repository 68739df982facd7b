"""
What AWS KMS does with a KMS key by itself when its time has come: an event.

Nothing keeps a list of events: they follow from the dates of a key. Sources: *Monitor KMS keys with Amazon
EventBridge*, *DeleteExpiredKeyMaterial*, *DeleteKey* and *RotateKey* in the Developer Guide.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import final

from attrs import frozen

from kmsmodel.key.key import Key
from kmsmodel.machine.material import Material
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import OriginType, RotationType

_IDS = uuid.uuid5(uuid.NAMESPACE_DNS, "kms.amazonaws.com")


@final
class EventName(StrEnum):
    """What the events are called in CloudTrail."""

    DeleteExpiredKeyMaterial = "DeleteExpiredKeyMaterial"
    DeleteKey = "DeleteKey"
    RotateKey = "RotateKey"


@final
@frozen(kw_only=True)
class Event:
    """
    Something that AWS KMS did with a KMS key by itself, at its exact time.

    ``key_material_id`` is that of the key material which expired, or became current. A rotation has a type, and the id
    of the key material that was current before.
    """

    at: datetime
    name: EventName
    key_arn: str
    origin: OriginType
    key_material_id: str | None = None
    previous_key_material_id: str | None = None
    rotation_type: RotationType | None = None


def id_of_event(*about: str) -> str:
    """The id of an event in CloudTrail, which follows from what it is about."""
    return str(uuid.uuid5(_IDS, " ".join(about)))


def key_events(key: Key, since: datetime, now: datetime) -> tuple[Event, ...]:
    """
    What AWS KMS did with a key by itself after ``since`` and until ``now``, in the order of time.

    ``key`` is as requests left it at ``since``.
    """
    since, now = in_utc(since), in_utc(now)
    life = key.lifecycle
    if now < life.calm_until:
        return ()
    # Of what comes at one time, the rotation is first, and the deletion is all that there is.
    events = [*rotations(key.at(now)), *_expirations(key)]
    if life.deletion_date is not None:
        events = [event for event in events if event.at < life.deletion_date]
        events.append(_event(key, life.deletion_date, EventName.DeleteKey))
    return tuple(sorted((each for each in events if since < each.at <= now), key=_time))


def rotations(key: Key) -> tuple[Event, ...]:
    """Each rotation of a key that is written down, in the order of time."""
    permanent = [material for material in key.lifecycle.materials if material.is_permanent]
    return tuple(
        _rotation(key, before, material, material.rotation_date)
        for before, material in pairwise(permanent)
        if material.rotation_date is not None
    )


def next_event_at(key: Key, now: datetime) -> datetime | None:
    """When time will next change the key state of a key, or make an event; None if it never will."""
    now = in_utc(now)
    life = key.lifecycle
    if life.is_deleted(now):
        return None
    change, rotation = life.next_change(now), life.on_demand_rotation
    dates = {
        change,
        life.next_rotation(now),
        None if rotation is None else rotation.ends_at,
        *(material.valid_to for material in life.materials),
    }
    for date in sorted(date for date in dates if date is not None and now < date):
        if date == change or key_events(key, now, date):
            return date
    return None


def _time(event: Event) -> datetime:
    return event.at


def _event(key: Key, at: datetime, name: EventName) -> Event:
    return Event(at=at, name=name, key_arn=key.arn, origin=key.lifecycle.origin)


def _rotation(key: Key, before: Material, material: Material, at: datetime) -> Event:
    return Event(
        at=at,
        name=EventName.RotateKey,
        key_arn=key.arn,
        origin=key.lifecycle.origin,
        key_material_id=material.key_material_id,
        previous_key_material_id=before.key_material_id,
        rotation_type=material.rotation_type,
    )


def _expirations(key: Key) -> list[Event]:
    """The end of each key material that has one, whether it is current, former, or waits for rotation."""
    return [
        Event(
            at=material.valid_to,
            name=EventName.DeleteExpiredKeyMaterial,
            key_arn=key.arn,
            origin=key.lifecycle.origin,
            key_material_id=material.key_material_id,
        )
        for material in key.lifecycle.materials
        if material.imported and material.valid_to is not None
    ]
