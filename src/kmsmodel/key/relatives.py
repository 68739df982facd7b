"""
Related multi-Region keys: a primary key and its replica keys, together.

Each of them keeps what is its own. What they share is the primary key's, and is given on to the others whenever
something or time has changed it, as AWS KMS does in its event SynchronizeMultiRegionKey. Source: *Multi-Region keys in
AWS KMS* in the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import final

from attrs import frozen

from kmsmodel.key.event import Event, key_events, next_event_at
from kmsmodel.key.key import Key
from kmsmodel.machine.material import Material
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import KeyMaterialState, KeyState, MultiRegionKeyType


@final
@frozen
class Relatives:
    """A multi-Region primary key and its replica keys, these in the order of their Regions."""

    primary: Key
    replicas: tuple[Key, ...] = ()

    @classmethod
    def of(cls, keys: Iterable[Key]) -> Relatives:
        """These related keys. Raises ValueError unless one of them is the primary key."""
        in_order = sorted(keys, key=lambda key: key.key_arn.region)
        primaries = [key for key in in_order if not _is_replica(key)]
        if len(primaries) != 1:
            raise ValueError(f"of related keys, one is the primary key, and not {len(primaries)}")
        return cls(primaries[0], tuple(filter(_is_replica, in_order)))

    def __iter__(self) -> Iterator[Key]:
        yield self.primary
        yield from self.replicas

    def get(self, region: str) -> Key | None:
        """The one in this Region, or None."""
        return next((key for key in self if key.key_arn.region == region), None)

    @cached_property
    def calm_until(self) -> datetime:
        """The first date of any of them: before it, time changes none."""
        return min(key.lifecycle.calm_until for key in self)

    # ---- what time has made of them

    def at(self, now: datetime) -> Relatives:
        """
        These keys at ``now``, without the replica keys that are deleted.

        When the last of them is deleted, the waiting period of a primary key that waits for that begins.
        """
        if now < self.calm_until:
            return self
        relatives = self
        for date in sorted(self._deletions(now)):
            relatives = relatives._settled(date)
        return relatives._settled(now)

    def _deletions(self, now: datetime) -> Iterator[datetime]:
        for replica in self.replicas:
            date = replica.lifecycle.deletion_date
            if date is not None and date <= now:
                yield date

    def _settled(self, now: datetime) -> Relatives:
        primary = self.primary.at(now)
        left = tuple(each for each in self.replicas if not each.lifecycle.is_deleted(now))
        if self.replicas and not left:
            primary = primary.with_lifecycle(primary.lifecycle.replicas_deleted(now))
        return Relatives(primary, left).synchronized(now)

    def events(self, since: datetime, now: datetime) -> tuple[Event, ...]:
        """What AWS KMS did with any of them by itself after ``since`` and until ``now``, each with its key's ARN."""
        since, now = in_utc(since), in_utc(now)
        found = [event for each in self.replicas for event in key_events(each, since, now)]
        relatives = self
        # The primary key's waiting period may begin meanwhile.
        for date in (*sorted(self._deletions(now)), now):
            found += key_events(relatives.primary, since, date)
            relatives, since = relatives._settled(date), max(since, date)
        return tuple(found)

    def next_event_at(self, now: datetime) -> datetime | None:
        """When time will next change the key state of any of them, or make an event; None if it never will."""
        relatives = self.at(now)
        dates = (next_event_at(key, now) for key in relatives)
        changes = (date for date in (relatives.next_change(now), *dates) if date is not None)
        return min(changes, default=None)

    def next_change(self, now: datetime) -> datetime | None:
        """When the key state of any of them will change by itself, or one be deleted; None if that will not be."""
        before = self._key_states(now)
        dates = {date for key in self for date in key.lifecycle.dates() if now < date}
        return next((date for date in sorted(dates) if self._key_states(date) != before), None)

    def _key_states(self, now: datetime) -> tuple[tuple[str, KeyState], ...]:
        return tuple(
            (key.arn, key.lifecycle.key_state(now))
            for key in self.at(now)
            if not key.lifecycle.is_deleted(now)
        )

    # ---- what changes

    def synchronized(self, now: datetime) -> Relatives:
        """
        These keys with the replica keys like the primary key.

        New imported material that each of them has by now can be rotated to.
        """
        primary = self.primary.at(now)
        replicas = self._like(primary, now)
        waiting = primary.lifecycle.materials.pending
        if (
            waiting is not None
            and waiting.key_material_state
            is KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
            and all(_has(key, waiting, now) for key in (primary, *replicas))
        ):
            primary = primary.with_lifecycle(primary.lifecycle.imported_by_replicas())
            replicas = self._like(primary, now)
        return Relatives(primary, replicas)

    def _like(self, primary: Key, now: datetime) -> tuple[Key, ...]:
        return tuple(each.synchronized_with(primary).at(now) for each in self.replicas)

    def with_key(self, key: Key) -> Relatives:
        """These keys and one more, or another value in the place of the one in its Region."""
        others = (each for each in self if each.key_arn.region != key.key_arn.region)
        return Relatives.of((*others, key))


def _is_replica(key: Key) -> bool:
    return key.lifecycle.multi_region_key_type is MultiRegionKeyType.REPLICA


def _has(key: Key, material: Material, now: datetime) -> bool:
    own = key.lifecycle.materials.get(material.key_material_id)
    return own is not None and own.is_present(now)
