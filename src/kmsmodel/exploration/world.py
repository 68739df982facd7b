"""
One KMS key, or a multi-Region primary key with its replica key, as it is seen from `NOW`.

When time passes, `NOW` stays and the dates of the keys come closer, day by day; a date that is past is `NOW`. So two
worlds in which the same can happen are equal, and there are few enough of them to visit them all. An automatic
rotation, and which of the two Regions is which, are left out: neither changes a key state. Of the date of a rotation is
left whether the new key material had expired by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import final

from attrs import evolve, frozen

from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.machine.on_demand_rotation import OnDemandRotation
from kmsmodel.words.enumerations import KeyState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
REPLICA_ARN = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"

DAY = timedelta(days=1)
HALF_A_DAY = DAY / 2
_EARLIER = NOW - DAY


class Name(StrEnum):
    """A variable of a program."""

    now = "now"
    life = "life"
    replica = "replica"
    connected = "connected"


@final
class Takes(timedelta):
    """How long something takes: a span that stands for no date."""


@final
@frozen(cache_hash=True)
class World:
    """
    One KMS key at `NOW`: ``life``.

    ``replica`` is the replica key of a multi-Region primary key, if there is one. ``connected`` says whether the custom
    key store is connected, for a key that is in one.
    """

    life: Lifecycle
    replica: Lifecycle | None = None
    connected: bool = True

    def key(self, name: Name) -> Lifecycle | None:
        """The key that a program calls by this name, or None."""
        return self.life if name is Name.life else self.replica

    def key_state(self, name: Name = Name.life) -> KeyState | None:
        """The key state of one key at `NOW`, or None if there is no such key or it is deleted."""
        key = self.key(name)
        if key is None or key.is_deleted(NOW):
            return None
        return key.key_state(NOW, connected=self.connected)

    def next_date(self) -> datetime | None:
        """The next date that either key has, whether it changes a key state or not; None if there is none."""
        keys = [key for key in (self.life, self.replica) if key is not None]
        dates = [date for key in keys for date in _dates(key) if date is not None and date > NOW]
        return min(dates, default=None)

    def seen_from(self, now: datetime) -> World:
        """The same world with its dates as far from `NOW` as they are from ``now``."""
        keys = [key for key in (self.life, self.replica) if key is not None]
        late = frozenset(
            material.key_material_id
            for key in keys
            for material in key.materials
            if _expired_while_pending(material, key.on_demand_rotation, now)
        )
        replica = self.replica
        return World(
            _seen(self.life, ARN, now, late),
            None if replica is None else _seen(replica, REPLICA_ARN, now, late),
            self.connected,
        )


def _dates(key: Lifecycle) -> Iterator[datetime | None]:
    yield from (key.deletion_date, key.creating_until, key.updating_until)
    yield None if key.on_demand_rotation is None else key.on_demand_rotation.ends_at
    yield from (material.valid_to for material in key.materials)


@cache
def _seen(key: Lifecycle, arn: str, now: datetime, late: frozenset[str]) -> Lifecycle:
    return evolve(
        key,
        arn=arn,
        deletion_date=_to_the_day(key.deletion_date, now),
        creating_until=_to_the_second(key.creating_until, now),
        updating_until=_to_the_second(key.updating_until, now),
        on_demand_rotation=_seen_rotation(key.on_demand_rotation, now),
        materials=tuple(
            _seen_material(material, key.on_demand_rotation, now, late)
            for material in key.materials
        ),
    )


def _seen_material(
    material: Material, rotation: OnDemandRotation | None, now: datetime, late: frozenset[str]
) -> Material:
    """
    Material that expired before it became current did so earlier than all that has expired since.

    The date of a rotation is kept only to tell the two apart, if one of related keys had the new material too ``late``.
    """
    rotated = material.rotation_date is not None
    rotation_date = _EARLIER if rotated and material.key_material_id in late else None
    valid_to = _to_the_day(material.valid_to, now)
    if _expired_while_pending(material, rotation, now):
        valid_to = _EARLIER
    if (valid_to, rotation_date) == (material.valid_to, material.rotation_date):
        return material
    return evolve(material, valid_to=valid_to, rotation_date=rotation_date)


def _expired_while_pending(
    material: Material, rotation: OnDemandRotation | None, now: datetime
) -> bool:
    """Did the material expire before it became current, or before a rotation that will be written down?"""
    if material.is_permanent:
        return material.expired_while_pending
    return material.is_expired(now if rotation is None else min(rotation.ends_at, now))


def _seen_rotation(rotation: OnDemandRotation | None, now: datetime) -> OnDemandRotation | None:
    """
    The end is rounded up to half days: it comes before or after material expires. The start is only reported.

    An end that is past comes before all that has expired since.
    """
    if rotation is None:
        return None
    ends_at = NOW - (now - rotation.ends_at) // HALF_A_DAY * HALF_A_DAY
    return evolve(rotation, started_at=NOW, ends_at=_EARLIER if rotation.is_over(now) else ends_at)


def _to_the_day(date: datetime | None, now: datetime) -> datetime | None:
    """
    A date as far from `NOW` as this one is from ``now``, rounded up to whole days.

    What follows from a date depends on whether it is past, and not on the seconds that a key was Creating or Updating.
    """
    if date is None:
        return None
    if date <= now:
        return NOW
    return NOW - (now - date) // DAY * DAY


def _to_the_second(date: datetime | None, now: datetime) -> datetime | None:
    return NOW + (date - now) if date is not None and now < date else None
