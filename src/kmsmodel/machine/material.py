"""
The key materials of a KMS key, without their bytes: one of them, and all that one key has.

Sources: *Importing key material* and *Rotate AWS KMS keys* in the Developer Guide; `ListKeyRotations` in the API
Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import final

from attrs import evolve, field, frozen
from attrs.converters import optional

from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import KeyMaterialState, RotationType

_PENDING_REPLICAS = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
_PENDING_ROTATION = frozenset({KeyMaterialState.PENDING_ROTATION, _PENDING_REPLICAS})


@final
@frozen(kw_only=True)
class Material:
    """
    One key material of a KMS key.

    A material that has become CURRENT is permanently associated with its key; one that waits for rotation is not.
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
        if now.tzinfo is not UTC:
            now = in_utc(now)
        return self.imported and (self.valid_to is None or now < self.valid_to)

    def is_expired(self, now: datetime) -> bool:
        """Is the date over until which the material is valid?"""
        now = in_utc(now)
        return self.valid_to is not None and self.valid_to <= now


@final
class Materials(tuple[Material, ...]):
    """
    The key materials of one KMS key, in the order in which they came to it. No two have the same id.

    It is a tuple. What changes it gives a new one.
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
        """The key material that waits for rotation and for nothing else, or None."""
        return self._in_state(KeyMaterialState.PENDING_ROTATION)

    def get(self, key_material_id: str) -> Material | None:
        """The key material with this id, or None."""
        for material in self:
            if material.key_material_id == key_material_id:
                return material
        return None

    def are_present(self, now: datetime) -> bool:
        """Is each permanently associated key material there, and is there one?"""
        now = in_utc(now)
        permanent = [material for material in self if material.is_permanent]
        return bool(permanent) and all(material.is_present(now) for material in permanent)

    def valid_to(self, now: datetime) -> datetime | None:
        """The earliest date at which a permanently associated key material expires, if any does."""
        now = in_utc(now)
        dates = (m.valid_to for m in self if m.is_permanent and m.valid_to is not None)
        return min((date for date in dates if now < date), default=None)

    def rotations(self, rotation_type: RotationType) -> int:
        """How many rotations of this type have made key material current."""
        return sum(material.rotation_type is rotation_type for material in self)

    def expired(self, now: datetime) -> Iterator[Material]:
        """The key materials whose date is over."""
        now = in_utc(now)
        return (material for material in self if material.is_expired(now))

    # ---- what changes

    def with_material(self, material: Material) -> Materials:
        """With this key material in the place of the former one with its id."""
        id_ = material.key_material_id
        return Materials(material if each.key_material_id == id_ else each for each in self)

    def with_new(
        self, key_material_id: str, valid_to: datetime | None, *, replicas: bool
    ) -> Materials:
        """With new imported key material; unless it is the first, it waits for rotation, or for ``replicas`` before."""
        state = KeyMaterialState.CURRENT
        if self:
            state = _PENDING_REPLICAS if replicas else KeyMaterialState.PENDING_ROTATION
        material = Material(
            key_material_id=key_material_id, key_material_state=state, valid_to=valid_to
        )
        return Materials((*self, material))

    def without_bytes_of(self, material: Material, *, shared: bool) -> Materials:
        """
        Without this key material's bytes.

        Only material that is permanently associated, or ``shared`` with a primary key, is remembered.
        """
        if material.is_permanent or shared:
            return self.with_material(evolve(material, imported=False, valid_to=None))
        return Materials(each for each in self if each is not material)

    def rotated_on_demand(self, material: Material, now: datetime) -> Materials:
        """Rotated to this key material; all others stay, to decrypt."""
        current = evolve(
            material,
            key_material_state=KeyMaterialState.CURRENT,
            rotation_date=now,
            rotation_type=RotationType.ON_DEMAND,
        )
        others = (each for each in self if each is not material)
        return Materials((*map(_no_longer_current, others), current))

    def rotated_automatically(self, dates: Sequence[datetime], ids: Sequence[str]) -> Materials:
        """Rotated at each date to the new key material with the id at its place; all others stay, to decrypt."""
        new = [
            Material(key_material_id=id_, rotation_date=date, rotation_type=RotationType.AUTOMATIC)
            for date, id_ in zip(dates, ids, strict=True)
        ]
        *others, current = (*self, *new)
        return Materials((*map(_no_longer_current, others), current))

    # ---- multi-Region keys

    def shared_by(self, primary: Materials, *, generated: bool) -> Materials:
        """
        The key materials of a primary key, as the replica key with these has them.

        Whether imported material is there, and until when, is the replica's own. Material that was ``generated`` is
        there at once.
        """
        return Materials(self._own(material, generated=generated) for material in primary)

    def _own(self, material: Material, *, generated: bool) -> Material:
        own = self.get(material.key_material_id)
        if own is None:
            return evolve(material, imported=generated, valid_to=None)
        return evolve(material, imported=own.imported, valid_to=own.valid_to)

    def imported_by_replicas(self) -> Materials:
        """Each replica key has the key material that waited for them, which can now be rotated to."""
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
