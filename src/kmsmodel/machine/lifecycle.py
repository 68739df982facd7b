"""
What moves a KMS key, and the key state that follows.

Every operation that moves a KMS key is a method here, and nothing else is: no secret, no policy, no record of
other keys. A key state is never written down. A `Lifecycle` keeps facts (is the key enabled, when will it be deleted,
which key materials does it have and until when) and reads the first key state that applies:

    PendingReplicaDeletion / PendingDeletion > Creating > Updating > Unavailable > PendingImport > Enabled / Disabled

so that what a state covers is still there when the cover goes. Time needs no timer: a date is compared with ``now``
when it is read. Each method is named as the operation of AWS KMS that it is; it refuses first, with AWS's error, and
returns a new value. Sources: *Key states of AWS KMS keys*, *Importing key material*, *Rotate AWS KMS keys*,
*Delete an AWS KMS key* and *Multi-Region keys* in the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property, reduce
from typing import final

from attrs import evolve, field, frozen
from attrs.converters import optional

from kmsmodel.errors import (
    ConflictException,
    IncorrectKeyMaterialException,
    KmsError,
    KMSInvalidStateException,
    LimitExceededException,
    NotFoundException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.machine.automatic_rotation import (
    DEFAULT_ROTATION_PERIOD_IN_DAYS,
    ROTATION_PERIODS_IN_DAYS,
    AutomaticRotation,
)
from kmsmodel.machine.key_state import refusal_for
from kmsmodel.machine.material import Material, Materials
from kmsmodel.machine.on_demand_rotation import LIMIT, OnDemandRotation
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import (
    ImportType,
    KeySpec,
    KeyState,
    MultiRegionKeyType,
    OriginType,
    RotationType,
)

DEFAULT_PENDING_WINDOW_IN_DAYS = 30
PENDING_WINDOWS_IN_DAYS = range(7, 31)
MAXIMUM_VALIDITY = timedelta(days=365)
_AT_ONCE = timedelta()

_NEW = ImportType.NEW_KEY_MATERIAL
_EXISTING = ImportType.EXISTING_KEY_MATERIAL
_BEFORE_ALL_DATES = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def _materials(materials: Iterable[Material]) -> Materials:
    return materials if isinstance(materials, Materials) else Materials(materials)


@final
@frozen(kw_only=True)
class Lifecycle:
    """
    The facts from which the key state of one KMS key is read.

    ``Lifecycle(arn=..., origin=OriginType.EXTERNAL)`` is a key as `CreateKey` makes it, without key material. For a key
    of origin AWS_KMS, ``materials`` holds what AWS KMS generated. Dates are aware datetimes: one without
    a time zone is a ValueError, wherever it is given.
    """

    arn: str
    origin: OriginType = field(default=OriginType.AWS_KMS, converter=OriginType)
    key_spec: KeySpec = field(default=KeySpec.SYMMETRIC_DEFAULT, converter=KeySpec)
    multi_region_key_type: MultiRegionKeyType | None = field(
        default=None, converter=optional(MultiRegionKeyType)
    )
    enabled: bool = True
    materials: Materials = field(default=Materials(), converter=_materials)
    automatic_rotation: AutomaticRotation | None = None
    on_demand_rotation: OnDemandRotation | None = None
    pending_window_in_days: int | None = None
    deletion_date: datetime | None = field(default=None, converter=optional(in_utc))
    creating_until: datetime | None = field(default=None, converter=optional(in_utc))
    updating_until: datetime | None = field(default=None, converter=optional(in_utc))

    # ---- what is read

    def key_state(self, now: datetime, *, connected: bool = True) -> KeyState:
        """
        The key state at ``now``; ``connected`` tells of the custom key store, for a key that lives in one.

        Raises NotFoundException once the key is deleted.
        """
        if now.tzinfo is not UTC:
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
            *self._dates(), _NEVER if rotation is None else rotation.next_rotation_date, _NEVER
        )

    def _dates(self) -> tuple[datetime, ...]:
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
        to_come = [date for date in self._dates() if now < date]  # pragma: no mutate
        for date in sorted(to_come):
            if self.is_deleted(date) or self.key_state(date) is not before:
                return date
        return None

    def settle(self, now: datetime) -> Lifecycle:
        """
        The same key with what time has done written down: an on-demand rotation that has ended has made its material
        current, and expired key material is no longer there.

        No key state, and no answer, at ``now`` or later changes by it. ``materials`` are as they were last settled.
        """
        now = in_utc(now)
        key = self._rotated_on_demand(now)
        return reduce(Lifecycle._without_bytes_of, key.materials.expired(now), key)

    # ---- enabling and disabling

    def enable_key(self, now: datetime) -> Lifecycle:
        """Set the key to enabled; one that is unavailable shows it when its custom key store is connected again."""
        self._refuse("EnableKey", now)
        rotation = self.automatic_rotation
        if rotation is not None and not self.enabled:
            rotation = rotation.resumed(now)
        return evolve(self, enabled=True, automatic_rotation=rotation)

    def disable_key(self, now: datetime) -> Lifecycle:
        """Set the key to disabled, which prevents its use until it is enabled again."""
        self._refuse("DisableKey", now)
        return evolve(self, enabled=False)

    # ---- deletion

    def schedule_key_deletion(
        self,
        now: datetime,
        pending_window_in_days: int = DEFAULT_PENDING_WINDOW_IN_DAYS,
        *,
        replicas: bool = False,
    ) -> Lifecycle:
        """
        Start the waiting period of 7 to 30 days after which the key is deleted.

        For a multi-Region primary key that still has ``replicas`` it starts when the last of them is deleted.
        """
        self._refuse("ScheduleKeyDeletion", now)
        if replicas:
            self._refuse_unless_primary()
        if pending_window_in_days not in PENDING_WINDOWS_IN_DAYS:
            raise ValidationException(
                "PendingWindowInDays must be between "
                f"{min(PENDING_WINDOWS_IN_DAYS)} and {max(PENDING_WINDOWS_IN_DAYS)}",
                arn=self.arn,
            )
        scheduled = evolve(self, pending_window_in_days=pending_window_in_days)
        return scheduled if replicas else scheduled.replicas_deleted(now)

    def replicas_deleted(self, at: datetime) -> Lifecycle:
        """The last replica of this primary key is deleted: if the key is to follow, its waiting period starts."""
        at = in_utc(at)
        if self.pending_window_in_days is None or self.deletion_date is not None:
            return self
        return evolve(self, deletion_date=at + timedelta(days=self.pending_window_in_days))

    def cancel_key_deletion(self, now: datetime) -> Lifecycle:
        """Keep a key that is pending deletion; it is then disabled."""
        self._refuse("CancelKeyDeletion", now)
        return evolve(self, pending_window_in_days=None, deletion_date=None, enabled=False)

    # ---- imported key material

    def import_key_material(
        self,
        key_material_id: str,
        now: datetime,
        *,
        valid_to: datetime | None = None,
        import_type: ImportType | None = None,
        replicas: bool = False,
    ) -> Lifecycle:
        """
        Import or reimport key material into a key of origin EXTERNAL.

        The first material is CURRENT at once. New material after it waits for rotation; for a primary key with
        ``replicas``, it waits first until each of them has it. The key is enabled once no permanently associated
        material is missing. ``valid_to`` is None for material that does not expire.
        """
        self._refuse("ImportKeyMaterial", now)
        if replicas:
            self._refuse_unless_primary()
        self._refuse_valid_to(valid_to, now)
        if import_type == _NEW and self.multi_region_key_type is MultiRegionKeyType.REPLICA:
            raise ValidationException(
                f"Input parameter ImportType {_NEW} cannot be used on replica Multi-Region keys",
                arn=self.arn,
            )
        key = self.settle(now)
        known = key.materials.get(key_material_id)
        if import_type is None:
            import_type = _EXISTING if key.materials else _NEW
        if known is None and import_type != _NEW:
            raise key._unexpected_material()
        if known is not None and import_type == _NEW:
            raise IncorrectKeyMaterialException(
                f"Key material (id: {key_material_id}) being imported as {_NEW} "
                f"is already associated with KMS key {self.arn}.",
                arn=self.arn,
            )
        if known is not None:
            imported = evolve(known, imported=True, valid_to=valid_to)
            return evolve(key, materials=key.materials.with_material(imported), enabled=True)
        key._refuse_new_material(key_material_id)
        materials = key.materials.with_new(key_material_id, valid_to, replicas=replicas)
        return evolve(key, materials=materials, enabled=True)

    def delete_imported_key_material(
        self, now: datetime, key_material_id: str | None = None
    ) -> Lifecycle:
        """
        Delete imported key material: the current one, or the one with this id.

        A permanently associated material stays associated, and the key is pending import until it is back. A material
        that waits for rotation is forgotten. Deleting what is not there succeeds and changes nothing.
        """
        self._refuse("DeleteImportedKeyMaterial", now)
        key = self.settle(now)
        materials = key.materials
        material = materials.current if key_material_id is None else materials.get(key_material_id)
        if material is not None:
            return key._without_bytes_of(material)
        if key_material_id is not None:
            raise ValidationException(
                f"Key material (id: {key_material_id}) has never been imported into KMS key {self.arn}.",
                arn=self.arn,
            )
        return key

    # ---- rotation

    def rotate_key_on_demand(
        self, now: datetime, key_material_id: str | None = None, *, takes: timedelta = _AT_ONCE
    ) -> Lifecycle:
        """
        Make another key material the current one, in the time that it ``takes``; the former stays, to decrypt.

        A key of origin EXTERNAL rotates to the material that waits for rotation at the end, expired or not. For a key
        of origin AWS_KMS, ``key_material_id`` is the id of the material that AWS KMS has generated for it. While a
        rotation is in progress, nothing changes.
        """
        self.refuse_rotation(now)
        key = self.settle(now)
        if key.on_demand_rotation is not None:
            return key
        if key.origin is OriginType.EXTERNAL:
            key._refuse_without_ready_material(now)
            key_material_id = None
        elif key_material_id is None or key.materials.get(key_material_id) is not None:
            raise IncorrectKeyMaterialException(arn=self.arn)
        rotation = OnDemandRotation(
            started_at=now, ends_at=in_utc(now) + takes, key_material_id=key_material_id
        )
        return evolve(key, on_demand_rotation=rotation)._rotated_on_demand(in_utc(now))

    def _rotated_on_demand(self, now: datetime) -> Lifecycle:
        """With the on-demand rotation done, if one has ended by ``now``."""
        rotation = self.on_demand_rotation
        if rotation is None or not rotation.is_over(now):
            return self
        materials = self.materials.rotated_on_demand(rotation)
        return evolve(self, on_demand_rotation=None, materials=materials)

    def enable_key_rotation(
        self, now: datetime, rotation_period_in_days: int | None = None
    ) -> Lifecycle:
        """
        Rotate the key by itself from now on, every so many days; the first time when so many days are over.

        The period is 365 days by default. If the key rotates by itself already, only another period starts anew.
        """
        self._refuse("EnableKeyRotation", now)
        self._refuse_unless_rotatable("EnableKeyRotation")
        period = rotation_period_in_days
        if period is not None and period not in ROTATION_PERIODS_IN_DAYS:
            raise ValidationException(
                "RotationPeriodInDays must be between "
                f"{min(ROTATION_PERIODS_IN_DAYS)} and {max(ROTATION_PERIODS_IN_DAYS)}",
                arn=self.arn,
            )
        rotation = self.automatic_rotation
        if rotation is not None and period in {None, rotation.rotation_period_in_days}:
            return self
        days = DEFAULT_ROTATION_PERIOD_IN_DAYS if period is None else period
        return evolve(self, automatic_rotation=AutomaticRotation.starting(in_utc(now), days))

    def disable_key_rotation(self, now: datetime) -> Lifecycle:
        """Rotate the key no longer by itself. A key that cannot rotate takes it, too."""
        self._refuse("DisableKeyRotation", now)
        self._refuse_replica("DisableKeyRotation")
        return evolve(self, automatic_rotation=None)

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
        rotation = self._rotation_that_comes
        return () if rotation is None else rotation.due(in_utc(now))

    def next_rotation(self, now: datetime) -> datetime | None:
        """When the key will next rotate by itself, after ``now``; None if it will not."""
        rotation = self._rotation_that_comes
        return None if rotation is None else rotation.next_after(in_utc(now))

    @property
    def _rotation_that_comes(self) -> AutomaticRotation | None:
        """When the key rotates by itself; None while it does not, and for a replica key."""
        replica = self.multi_region_key_type is MultiRegionKeyType.REPLICA
        return self.scheduled_rotation if self.enabled and not replica else None

    def rotate_automatically(self, now: datetime, *key_material_ids: str) -> Lifecycle:
        """
        Make the automatic rotations that are due by ``now``, each to the material with the id at its place.

        They are the ids of what AWS KMS has generated for the `due_rotations`. The former materials stay, to decrypt.
        """
        rotation, due = self.automatic_rotation, self.due_rotations(now)
        on_demand = self.on_demand_rotation
        known = {material.key_material_id for material in self.materials}
        if on_demand is not None and on_demand.key_material_id is not None:
            known.add(on_demand.key_material_id)
        new = set(key_material_ids) - known
        if not len(due) == len(key_material_ids) == len(new):
            raise IncorrectKeyMaterialException(arn=self.arn)
        if rotation is None or not due:
            return self
        key = self
        for date, id_ in zip(due, key_material_ids, strict=True):
            key = key._rotated_on_demand(date)  # in the order of time
            key = evolve(key, materials=key.materials.rotated_automatically([date], [id_]))
        return evolve(key, automatic_rotation=rotation.after(due[-1]))

    def refuse_rotation(self, now: datetime) -> None:
        """Raise what `rotate_key_on_demand` would before it looks at new key material."""
        self._refuse("RotateKeyOnDemand", now)
        self._refuse_unless_rotatable("RotateKeyOnDemand")
        key = self.settle(now)
        if key.on_demand_rotation is not None:
            return
        if key.materials.rotations(RotationType.ON_DEMAND) >= LIMIT:
            raise LimitExceededException(
                "The on-demand rotations limit has been reached for the given keyId. "
                f"No more on-demand rotations can be performed for this key: {self.arn}",
                arn=self.arn,
            )
        if self.automatic_rotation is not None and self.automatic_rotation.is_close(now):
            raise ConflictException(
                f"An automatic rotation of {self.arn} is in progress, or begins within 20 minutes.",
                arn=self.arn,
            )

    # ---- multi-Region keys

    def replicate_key(self, arn: str, now: datetime, *, takes: timedelta = _AT_ONCE) -> Lifecycle:
        """
        The replica of this primary key that ``arn`` names, which is being created for the time that it ``takes``.

        A replica of a key with imported material has none itself, and is then pending import.
        """
        self._refuse("ReplicateKey", now)
        self._refuse_unless_primary()
        generated = self.origin is not OriginType.EXTERNAL
        return Lifecycle(
            arn=arn,
            origin=self.origin,
            key_spec=self.key_spec,
            multi_region_key_type=MultiRegionKeyType.REPLICA,
            materials=Materials().shared_by(self.settle(now).materials, generated=generated),
            automatic_rotation=self.automatic_rotation,
            creating_until=in_utc(now) + takes,
        )

    def update_primary_region(
        self, replica: Lifecycle, now: datetime, *, takes: timedelta = _AT_ONCE
    ) -> tuple[Lifecycle, Lifecycle]:
        """
        Make ``replica`` the primary key: this key, now a replica, and the new primary.

        Both are updating for the time that it ``takes``. If ``replica`` is this very key, nothing changes.
        """
        self._refuse("UpdatePrimaryRegion", now)
        if self.multi_region_key_type is not MultiRegionKeyType.PRIMARY:
            raise KMSInvalidStateException(
                f"{self.arn} is not a multi-Region primary key.", arn=self.arn
            )
        if replica.arn == self.arn:
            return self, replica
        replica._refuse("UpdatePrimaryRegion", now)
        until = in_utc(now) + takes
        # What becomes of expired key material depends on which key is the primary one.
        former = self.settle(now)
        new = replica.settle(now).synchronize_multi_region_key(former)
        return (
            evolve(
                former,
                multi_region_key_type=MultiRegionKeyType.REPLICA,
                updating_until=until,
                on_demand_rotation=None,
            ),
            evolve(
                new,
                multi_region_key_type=MultiRegionKeyType.PRIMARY,
                updating_until=until,
                on_demand_rotation=former.on_demand_rotation,
            ),
        )

    def synchronize_multi_region_key(self, primary: Lifecycle) -> Lifecycle:
        """
        This replica with the key materials of its primary key, which is settled, as AWS KMS keeps related keys alike.

        Which materials there are, what rotation made of them and when it comes is shared; whether imported material is
        there, and until when, is each key's own.
        """
        generated = self.origin is not OriginType.EXTERNAL
        return evolve(
            self,
            materials=self.materials.shared_by(primary.materials, generated=generated),
            automatic_rotation=primary.automatic_rotation,
        )

    def imported_by_replicas(self) -> Lifecycle:
        """Each replica has the new key material of this primary key, which is settled, and can now be rotated to it."""
        materials = self.materials.imported_by_replicas()
        return self if materials is self.materials else evolve(self, materials=materials)

    # ---- what is refused

    def _refuse(self, operation: str, now: datetime) -> None:
        refusal = self.refusal(operation, now)
        if refusal is not None:
            raise refusal

    def _not_found(self) -> NotFoundException:
        return NotFoundException(f"Key '{self.arn}' does not exist", arn=self.arn)

    def _refuse_unless_primary(self) -> None:
        if self.multi_region_key_type is not MultiRegionKeyType.PRIMARY:
            raise UnsupportedOperationException(
                f"{self.arn} is not a multi-region primary key.", arn=self.arn
            )

    def _refuse_unless_rotatable(self, operation: str) -> None:
        if not self.is_symmetric_encryption_key:
            raise UnsupportedOperationException(arn=self.arn)
        self._refuse_replica(operation)

    def _refuse_replica(self, operation: str) -> None:
        if self.multi_region_key_type is MultiRegionKeyType.REPLICA:
            raise UnsupportedOperationException(
                f"{self.arn} is a multi-region replica key which is not valid for {operation}.",
                arn=self.arn,
            )

    def _refuse_without_ready_material(self, now: datetime) -> None:
        pending = self.materials.pending
        if self.materials.ready_for_rotation is not None:
            return
        text = f"No available key material pending rotation for the key: {self.arn}."
        if pending is not None and pending.imported:
            text = (
                "Cannot perform key material rotation: Key material has not been imported "
                "for replicas of the Multi-Region key."
            )
        raise KMSInvalidStateException(text, arn=self.arn, key_state=self.key_state(now))

    def _refuse_valid_to(self, valid_to: datetime | None, now: datetime) -> None:
        now = in_utc(now)
        if valid_to is not None and in_utc(valid_to) <= now:
            raise ValidationException("ValidTo must be in the future", arn=self.arn)
        if valid_to is not None and in_utc(valid_to) >= now + MAXIMUM_VALIDITY:
            raise ValidationException(
                f"ValidTo must be less than {MAXIMUM_VALIDITY.days} days in the future",
                arn=self.arn,
            )

    def _unexpected_material(self) -> IncorrectKeyMaterialException:
        current = self.materials.current
        if current is None:
            return IncorrectKeyMaterialException(arn=self.arn)
        return IncorrectKeyMaterialException(
            "Imported key material does not have the expected identifier "
            f"({current.key_material_id}).",
            arn=self.arn,
        )

    def _refuse_new_material(self, key_material_id: str) -> None:
        """New material enters by the primary key, one at a time, and only a symmetric encryption key has several."""
        if self.multi_region_key_type is MultiRegionKeyType.REPLICA:
            self._refuse_unless_primary()
        if self.materials and not self.is_symmetric_encryption_key:
            raise self._unexpected_material()
        pending = self.materials.pending
        if pending is not None:
            raise KMSInvalidStateException(
                f"New key material (id: {key_material_id}) cannot be imported into KMS key {self.arn}, "
                f"because another key material (id: {pending.key_material_id}) is pending rotation.",
                arn=self.arn,
            )

    def _without_bytes_of(self, material: Material) -> Lifecycle:
        """The key without this material's bytes. A replica key remembers all material that it shares."""
        is_replica = self.multi_region_key_type is MultiRegionKeyType.REPLICA
        return evolve(self, materials=self.materials.without_bytes_of(material, shared=is_replica))
