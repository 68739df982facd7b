"""
What moves a KMS key.

Every operation that moves a KMS key is a method here, and nothing else is: no secret, no policy, no record of other
keys. The method has the operation's name; it refuses first, with AWS's error, and returns a new value. The key state
that follows is read from the facts. Sources: *Key states of AWS KMS keys*, *Importing key material*, *Rotate AWS KMS
keys*, *Delete an AWS KMS key* and *Multi-Region keys* in the Developer Guide.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import final

from attrs import evolve, frozen

from kmsmodel.errors import (
    ConflictException,
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    LimitExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.machine.automatic_rotation import (
    DEFAULT_ROTATION_PERIOD_IN_DAYS,
    ROTATION_PERIODS_IN_DAYS,
    AutomaticRotation,
)
from kmsmodel.machine.facts import Facts
from kmsmodel.machine.material import Materials
from kmsmodel.machine.on_demand_rotation import LIMIT, OnDemandRotation
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import ImportType, MultiRegionKeyType, OriginType, RotationType

DEFAULT_PENDING_WINDOW_IN_DAYS = 30
PENDING_WINDOWS_IN_DAYS = range(7, 31)
MAXIMUM_VALIDITY = timedelta(days=365)
_AT_ONCE = timedelta()

_NEW = ImportType.NEW_KEY_MATERIAL
_EXISTING = ImportType.EXISTING_KEY_MATERIAL


@final
@frozen(kw_only=True)
class Lifecycle(Facts):
    """
    The `Facts` of one KMS key, and the operations that move it.

    ``Lifecycle(arn=..., origin=OriginType.EXTERNAL)`` is a key as `CreateKey` makes it, without key material. For a key
    of origin AWS_KMS, ``materials`` holds what AWS KMS generated.
    """

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
        for date, id_ in zip(due, key_material_ids, strict=True):  # pragma: no mutate
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
        self.refuse_replication(now)
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

    def refuse_replication(self, now: datetime) -> None:
        """Raise what `replicate_key` would."""
        self._refuse("ReplicateKey", now)
        self._refuse_unless_primary()

    def update_primary_region(
        self, replica: Lifecycle, now: datetime, *, takes: timedelta = _AT_ONCE
    ) -> tuple[Lifecycle, Lifecycle]:
        """
        Make ``replica`` the primary key: this key, now a replica, and the new primary.

        Both are updating for the time that it ``takes``. If ``replica`` is this very key, nothing changes.
        """
        self.refuse_primary_region_update(now)
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

    def refuse_primary_region_update(self, now: datetime) -> None:
        """Raise what `update_primary_region` would before it looks at the replica key."""
        self._refuse("UpdatePrimaryRegion", now)
        if self.multi_region_key_type is not MultiRegionKeyType.PRIMARY:
            raise KMSInvalidStateException(
                f"{self.arn} is not a multi-Region primary key.", arn=self.arn
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
