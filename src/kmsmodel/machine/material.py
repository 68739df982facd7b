"""
Key materials of a KMS key, without their bytes: a single one, and all those of one key.

Sources: *Importing key material* and *Rotate AWS KMS keys* in the Developer Guide; `ListKeyRotations` in the API
Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import final

from attrs import evolve, field, frozen
from attrs.converters import optional

from kmsmodel.machine.on_demand_rotation import OnDemandRotation
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import KeyMaterialState, RotationType

_PENDING_REPLICAS = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
_PENDING_ROTATION = frozenset({KeyMaterialState.PENDING_ROTATION, _PENDING_REPLICAS})


@final
@frozen(kw_only=True)
class Material:
    """
    One key material of a KMS key.

    Once it becomes CURRENT, it is permanently associated with its key; while it waits for rotation, it is not.
    """

    key_material_id: str
    key_material_state: KeyMaterialState = field(
        default=KeyMaterialState.CURRENT, converter=KeyMaterialState
    )
    imported: bool = True
    valid_to: datetime | None = field(default=None, converter=optional(in_utc))
    rotation_date: datetime | None = field(default=None, converter=optional(in_utc))
    rotation_type: RotationType | None = field(default=None, converter=optional(RotationType))

    @property
    def is_permanent(self) -> bool:
        """Is the material permanently associated with its KMS key?"""
        return self.key_material_state not in _PENDING_ROTATION

    def is_present(self, now: datetime) -> bool:
        """Does AWS KMS hold the material: generated or imported, not deleted and not expired?"""
        if type(now) is not datetime or now.tzinfo is not UTC:  # pragma: no mutate
            now = in_utc(now)
        return self.imported and (self.valid_to is None or now < self.valid_to)

    def is_expired(self, now: datetime) -> bool:
        """Has the material expired by ``now``?"""
        now = in_utc(now)
        return self.valid_to is not None and self.valid_to <= now

    @property
    def expired_while_pending(self) -> bool:
        """
        Did the material expire before it became current?

        Such material can still be rotated to, and is listed as IMPORTED until it is deleted or imported again.
        """
        if self.valid_to is None:
            return False
        return self.rotation_date is not None and self.valid_to <= self.rotation_date


@final
class Materials(tuple[Material, ...]):
    """
    The key materials of one KMS key, in the order in which it got them. No two have the same id.

    It is a tuple; methods that change it return a new one.
    """

    __slots__ = ()

    # ---- what is read

    @property
    def current(self) -> Material | None:
        """The key material that encrypts, present or not; None before the first import."""
        for material in self:
            if material.key_material_state is KeyMaterialState.CURRENT:
                return material
        return None

    @property
    def pending(self) -> Material | None:
        """The key material that waits for rotation, or None."""
        return self._in_state(*_PENDING_ROTATION)

    @property
    def ready_for_rotation(self) -> Material | None:
        """The key material that the next on-demand rotation makes current, expired or not; or None."""
        pending = self._in_state(KeyMaterialState.PENDING_ROTATION)
        return pending if pending is not None and pending.imported else None

    def get(self, key_material_id: str) -> Material | None:
        """The key material with this id, or None."""
        for material in self:
            if material.key_material_id == key_material_id:
                return material
        return None

    def are_present(self, now: datetime) -> bool:
        """Is there permanently associated key material, and is all of it present?"""
        now = in_utc(now)
        permanent = [material for material in self if material.is_permanent]
        return bool(permanent) and all(material.is_present(now) for material in permanent)

    def valid_to(self, now: datetime) -> datetime | None:
        """The next date at which a permanently associated key material expires, or None."""
        now = in_utc(now)
        dates = (m.valid_to for m in self if m.is_permanent and m.valid_to is not None)
        return min((date for date in dates if now < date), default=None)

    def rotations(self, rotation_type: RotationType) -> int:
        """How many rotations of this type have made key material current."""
        return sum(material.rotation_type is rotation_type for material in self)

    def expired(self, now: datetime) -> Iterator[Material]:
        """The key materials that have expired since they became current."""
        now = in_utc(now)
        return (
            each
            for each in self
            if each.is_permanent and each.is_expired(now) and not each.expired_while_pending
        )

    # ---- what changes

    def with_material(self, material: Material) -> Materials:
        """These materials, with this one in place of the former one with the same id."""
        id_ = material.key_material_id
        return Materials(material if each.key_material_id == id_ else each for each in self)

    def with_new(
        self, key_material_id: str, valid_to: datetime | None, *, replicas: bool
    ) -> Materials:
        """These and new imported material; unless it is the first, it waits for rotation, or first for ``replicas``."""
        state = KeyMaterialState.CURRENT
        if self:
            state = _PENDING_REPLICAS if replicas else KeyMaterialState.PENDING_ROTATION
        material = Material(
            key_material_id=key_material_id, key_material_state=state, valid_to=valid_to
        )
        return Materials((*self, material))

    def without_bytes_of(self, material: Material, *, shared: bool) -> Materials:
        """
        These materials, without the bytes of this one.

        The material itself is remembered only if it is permanently associated, or ``shared`` with a primary key.
        """
        if material.is_permanent or shared:
            return self.with_material(evolve(material, imported=False, valid_to=None))
        return Materials(each for each in self if each is not material)

    def rotated_on_demand(self, rotation: OnDemandRotation) -> Materials:
        """As an on-demand rotation leaves them at its end; the same if there is nothing to rotate to."""
        new = self.ready_for_rotation
        if rotation.key_material_id is not None:
            new = Material(key_material_id=rotation.key_material_id)
        if new is None:
            return self
        current = evolve(
            new,
            key_material_state=KeyMaterialState.CURRENT,
            rotation_date=rotation.ends_at,
            rotation_type=RotationType.ON_DEMAND,
        )
        others = (each for each in self if each is not new)
        return Materials((*map(_no_longer_current, others), current))

    def rotated_automatically(self, dates: Sequence[datetime], ids: Sequence[str]) -> Materials:
        """These materials after a rotation at each date, to a new one with its id; all others stay, to decrypt."""
        new = [
            Material(key_material_id=id_, rotation_date=date, rotation_type=RotationType.AUTOMATIC)
            for date, id_ in zip(dates, ids, strict=True)
        ]
        *others, current = (*self, *new)
        return Materials((*map(_no_longer_current, others), current))

    # ---- multi-Region keys

    def shared_by(self, primary: Materials, *, generated: bool) -> Materials:
        """
        The key materials that a replica key with these has, once it shares those of its ``primary`` key.

        Imported material is present in a replica key, and expires there, independently of the primary key. Material
        that was ``generated`` is present at once.
        """
        return Materials(self._own(material, generated=generated) for material in primary)

    def _own(self, material: Material, *, generated: bool) -> Material:
        own = self.get(material.key_material_id)
        if own is None:
            return evolve(material, imported=generated, valid_to=None)
        return evolve(material, imported=own.imported, valid_to=own.valid_to)

    def imported_by_replicas(self) -> Materials:
        """These materials, once all replica keys have imported the one that waits for that, which is then ready."""
        waiting = self._in_state(_PENDING_REPLICAS)
        if waiting is None:
            return self
        ready = evolve(waiting, key_material_state=KeyMaterialState.PENDING_ROTATION)
        return self.with_material(ready)

    def _in_state(self, *states: KeyMaterialState) -> Material | None:
        for material in self:
            if material.key_material_state in states:
                return material
        return None


def _no_longer_current(material: Material) -> Material:
    return evolve(material, key_material_state=KeyMaterialState.NON_CURRENT)
