"""
The facts of a KMS key, and the key state that is read from them.

A key state is never written down. What is kept are facts (is the key enabled, when will it be deleted, which key
materials does it have and until when), and a reading gives the first key state that applies:

    PendingReplicaDeletion / PendingDeletion > Creating > Updating > Unavailable > PendingImport > Enabled / Disabled

so that what a state covers is still there when the cover goes. Time needs no timer: a date is compared with ``now``
when it is read. Sources: *Key states of AWS KMS keys*, *Importing key material* and *Rotate AWS KMS keys* in the
Developer Guide.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property, reduce
from typing import Self

from attrs import evolve, field, frozen
from attrs.converters import optional

from kmsmodel.errors import KmsError, NotFoundException
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.key_state import refusal_for
from kmsmodel.machine.material import Material, Materials
from kmsmodel.machine.on_demand_rotation import OnDemandRotation
from kmsmodel.words.arguments import instance_of
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import KeySpec, KeyState, MultiRegionKeyType, OriginType

_BEFORE_ALL_DATES = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@frozen(kw_only=True)
class Facts:
    """
    The facts from which the key state of one KMS key is read.

    Nothing here moves the key but time. Dates are aware datetimes: one without a time zone is a ValueError, wherever it
    is given. An ARN that is not a string is a TypeError.
    """

    arn: str = field(validator=instance_of(str))
    origin: OriginType = field(default=OriginType.AWS_KMS, converter=OriginType)
    key_spec: KeySpec = field(default=KeySpec.SYMMETRIC_DEFAULT, converter=KeySpec)
    multi_region_key_type: MultiRegionKeyType | None = field(
        default=None, converter=optional(MultiRegionKeyType)
    )
    enabled: bool = True
    materials: Materials = field(default=Materials(), converter=Materials)
    automatic_rotation: AutomaticRotation | None = None
    on_demand_rotation: OnDemandRotation | None = None
    pending_window_in_days: int | None = None
    deletion_date: datetime | None = field(default=None, converter=optional(in_utc))
    creating_until: datetime | None = field(default=None, converter=optional(in_utc))
    updating_until: datetime | None = field(default=None, converter=optional(in_utc))

    # ---- the key state

    def key_state(self, now: datetime, *, connected: bool = True) -> KeyState:
        """
        The key state at ``now``; ``connected`` tells of the custom key store, for a key that lives in one.

        Raises NotFoundException once the key is deleted.
        """
        if type(now) is not datetime or now.tzinfo is not UTC:  # pragma: no mutate
            now = in_utc(now)
        if connected and now < self.calm_until:
            return self._calm_key_state
        return self._first_that_applies(now, connected=connected)

    def _first_that_applies(self, now: datetime, *, connected: bool) -> KeyState:
        if self.is_deleted(now):
            raise self._not_found()
        if self.pending_window_in_days is not None:
            waiting = self.deletion_date is not None
            return KeyState.PendingDeletion if waiting else KeyState.PendingReplicaDeletion
        if self.creating_until is not None and now < self.creating_until:
            return KeyState.Creating
        if self.updating_until is not None and now < self.updating_until:
            return KeyState.Updating
        if not connected:
            return KeyState.Unavailable
        if self.is_pending_import(now):
            return KeyState.PendingImport
        return KeyState.Enabled if self.enabled else KeyState.Disabled

    @cached_property
    def calm_until(self) -> datetime:
        """The first of the key's dates: before it, time changes neither its key state nor its key materials."""
        rotation = self.automatic_rotation
        return min(
            *self.dates(), _NEVER if rotation is None else rotation.next_rotation_date, _NEVER
        )

    def dates(self) -> tuple[datetime, ...]:
        """Each date at which the key state may change by itself."""
        rotation = self.on_demand_rotation
        ends_at = None if rotation is None else rotation.ends_at
        valid_to = (material.valid_to for material in self.materials)
        dates = (self.deletion_date, self.creating_until, self.updating_until, ends_at, *valid_to)
        return tuple(date for date in dates if date is not None)

    @cached_property
    def _calm_key_state(self) -> KeyState:
        return self._first_that_applies(_BEFORE_ALL_DATES, connected=True)

    def refusal(self, operation: str, now: datetime, *, connected: bool = True) -> KmsError | None:
        """
        The error that AWS KMS would answer ``operation`` with because of the key's state or origin, or None.

        For a key that is deleted it is a NotFoundException. What the request itself holds is not asked.
        """
        if self.is_deleted(now):
            return self._not_found()
        return refusal_for(
            operation, self.arn, self.origin, self.key_state(now, connected=connected)
        )

    def _not_found(self) -> NotFoundException:
        return NotFoundException(f"Key '{self.arn}' does not exist", arn=self.arn)

    def is_deleted(self, now: datetime) -> bool:
        """Is the waiting period over, and with it the key?"""
        now = in_utc(now)
        return self.deletion_date is not None and self.deletion_date <= now

    def is_pending_import(self, now: datetime) -> bool:
        """Is any key material missing that is permanently associated, or was none ever imported?"""
        now = in_utc(now)
        if self.origin is not OriginType.EXTERNAL:
            return False
        return not self._rotated_on_demand(now).materials.are_present(now)

    @property
    def is_symmetric_encryption_key(self) -> bool:
        """Only such a key can have several key materials, and rotate."""
        return self.key_spec is KeySpec.SYMMETRIC_DEFAULT

    def next_change(self, now: datetime) -> datetime | None:
        """When the key state will change by itself, or the key be deleted; None if it will not."""
        before = self.key_state(now)
        # At `now` the key state is `before`, so that `<=` would be the same rule.
        to_come = [date for date in self.dates() if now < date]  # pragma: no mutate
        for date in sorted(to_come):
            if self.is_deleted(date) or self.key_state(date) is not before:
                return date
        return None

    @property
    def scheduled_rotation(self) -> AutomaticRotation | None:
        """When the key rotates by itself; None if it does not, as during its waiting period."""
        return None if self.deletion_date is not None else self.automatic_rotation

    def due_rotations(self, now: datetime) -> tuple[datetime, ...]:
        """
        The dates of the automatic rotations that are due by ``now`` and not done, the earliest first.

        They are to be done before anything else moves the key. None is due while the key is disabled or pending
        deletion. A replica key rotates with its primary key.
        """
        now, rotation = in_utc(now), self._rotation_that_comes
        return () if rotation is None else rotation.due(now)

    def next_rotation(self, now: datetime) -> datetime | None:
        """When the key will next rotate by itself, after ``now``; None if it will not."""
        now, rotation = in_utc(now), self._rotation_that_comes
        return None if rotation is None else rotation.next_after(now)

    @property
    def _rotation_that_comes(self) -> AutomaticRotation | None:
        """When the key rotates by itself; None while it does not, and for a replica key."""
        replica = self.multi_region_key_type is MultiRegionKeyType.REPLICA
        return self.scheduled_rotation if self.enabled and not replica else None

    # ---- what time does

    def settle(self, now: datetime) -> Self:
        """
        The same key with what time has done written down: an on-demand rotation that has ended has made its material
        current, expired key material is no longer there, and what was being created or updated no longer is.

        No key state, and no answer, at ``now`` or later changes by it. ``materials`` are as they were last settled.
        """
        now = in_utc(now)
        key = self._rotated_on_demand(now)._no_longer_in_transition(now)
        return reduce(type(self)._without_bytes_of, key.materials.expired(now), key)

    def _no_longer_in_transition(self, now: datetime) -> Self:
        """Without the dates until which the key was being created or updated, if they are past."""
        creating, updating = (
            None if until is None or until <= now else until
            for until in (self.creating_until, self.updating_until)
        )
        if (creating, updating) == (self.creating_until, self.updating_until):
            return self
        return evolve(self, creating_until=creating, updating_until=updating)

    def _rotated_on_demand(self, now: datetime) -> Self:
        """With the on-demand rotation done, if one has ended by ``now``."""
        rotation = self.on_demand_rotation
        if rotation is None or not rotation.is_over(now):
            return self
        materials = self.materials.rotated_on_demand(rotation)
        return evolve(self, on_demand_rotation=None, materials=materials)

    def _without_bytes_of(self, material: Material) -> Self:
        """The key without this material's bytes. A replica key remembers all material that it shares."""
        is_replica = self.multi_region_key_type is MultiRegionKeyType.REPLICA
        return evolve(self, materials=self.materials.without_bytes_of(material, shared=is_replica))
