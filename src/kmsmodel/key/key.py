"""
A KMS key, as AWS KMS remembers it.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import final

from attrs import evolve, frozen

from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey, key_material_id, rotated
from kmsmodel.key.key_spec import ALGORITHMS, Algorithms
from kmsmodel.key.share import Share
from kmsmodel.key.tag import TagList
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.words.arn import KeyArn, parse_key_arn
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import (
    KeyManagerType,
    KeySpec,
    KeyUsageType,
    OriginType,
    RotationType,
)


@final
@frozen(kw_only=True)
class Key:
    """
    What AWS KMS remembers of a KMS key; anything that follows from it is not stored.

    ``policy`` is as AWS KMS writes it, and None for the default key policy. ``alias_names`` are those of its aliases,
    the latest given last. ``import_secret`` seals the import tokens of an EXTERNAL key. ``custom_key_store_id`` is that
    of the custom key store it is in, and ``xks_key_id`` that of its external key.
    """

    lifecycle: Lifecycle
    creation_date: datetime
    key_usage: KeyUsageType = KeyUsageType.ENCRYPT_DECRYPT
    description: str = ""
    tags: TagList = ()
    policy: str | None = None
    key_manager: KeyManagerType = KeyManagerType.CUSTOMER
    alias_names: tuple[str, ...] = ()
    backing_keys: tuple[BackingKey, ...] = ()
    import_secret: Secret | None = None
    shares: tuple[Share, ...] = ()
    custom_key_store_id: str | None = None
    xks_key_id: str | None = None

    # ---- what is read

    @property
    def arn(self) -> str:
        return self.lifecycle.arn

    @property
    def key_arn(self) -> KeyArn:
        """The ARN in its parts."""
        return parse_key_arn(self.lifecycle.arn)

    @property
    def key_spec(self) -> KeySpec:
        return self.lifecycle.key_spec

    @property
    def key_policy(self) -> str:
        """The key policy that it was given, as AWS KMS writes it, or the default key policy."""
        return default_key_policy(self.key_arn) if self.policy is None else self.policy

    @property
    def algorithms(self) -> Algorithms:
        """The algorithms that the key takes."""
        return ALGORITHMS[self.lifecycle.key_spec][self.key_usage]

    def backing_key(self, key_material_id: str) -> BackingKey | None:
        """The backing key of the key material with this id, or None if it is not remembered."""
        for backing_key in self.backing_keys:
            if backing_key.key_material_id == key_material_id:
                return backing_key
        return None

    def secret(self, key_material_id: str, now: datetime) -> Secret | None:
        """The bytes of a key material, or None if it is not there at ``now``."""
        material = self.lifecycle.materials.get(key_material_id)
        backing_key = self.backing_key(key_material_id)
        if material is None or backing_key is None or not material.is_present(now):
            return None
        return backing_key.secret

    # ---- what time has made of it

    def at(self, now: datetime) -> Key:
        """This key at ``now``: rotations that were due are done, and key material that has expired is gone."""
        if type(now) is not datetime or now.tzinfo is not UTC:
            now = in_utc(now)
        if now < self.lifecycle.calm_until:
            return self
        key = self._rotated_automatically(now)
        key = key.with_lifecycle(key.lifecycle.settle(now))
        # Of material that expired while it was pending, the machine still says that it is imported.
        gone = {m.key_material_id for m in key.lifecycle.materials if not m.is_present(now)}
        key = key._without_secrets(gone)
        return self if key == self else key

    def _rotated_automatically(self, now: datetime) -> Key:
        due = self.lifecycle.due_rotations(now)
        first = self.backing_keys[0].secret if due and self.backing_keys else None
        if first is None:
            return self
        done = self.lifecycle.materials.rotations(RotationType.AUTOMATIC)
        secrets = (rotated(first, done + number) for number in range(len(due)))
        name = self.key_arn
        new = [BackingKey(key_material_id=key_material_id(name, s), secret=s) for s in secrets]
        ids = [backing_key.key_material_id for backing_key in new]
        life = self.lifecycle.rotate_automatically(now, *ids)
        return evolve(self, lifecycle=life, backing_keys=(*self.backing_keys, *new))

    # ---- what changes

    def with_lifecycle(self, lifecycle: Lifecycle) -> Key:
        """This key with a new lifecycle; the secrets of key material that is no longer there are erased."""
        rotation = lifecycle.on_demand_rotation
        held = {m.key_material_id for m in lifecycle.materials}
        if rotation is not None and rotation.key_material_id is not None:
            held.add(rotation.key_material_id)  # which no list has yet
        backing_keys = tuple(each for each in self.backing_keys if each.key_material_id in held)
        key = evolve(self, lifecycle=lifecycle, backing_keys=backing_keys)
        return key._without_secrets(
            {m.key_material_id for m in lifecycle.materials if not m.imported}
        )

    def _without_secrets(self, ids: AbstractSet[str]) -> Key:
        """This key without the bytes of these key materials."""
        backing_keys = tuple(
            evolve(each, secret=None) if each.key_material_id in ids else each
            for each in self.backing_keys
        )
        return evolve(self, backing_keys=backing_keys)

    def with_backing_key(self, backing_key: BackingKey, lifecycle: Lifecycle) -> Key:
        """This key with a new lifecycle, and this backing key in place of the former one of the same key material."""
        id_ = backing_key.key_material_id
        others = (each for each in self.backing_keys if each.key_material_id != id_)
        return evolve(self, backing_keys=(*others, backing_key)).with_lifecycle(lifecycle)

    # ---- multi-Region keys

    def synchronized_with(self, primary: Key) -> Key:
        """This replica key with what it shares with its primary key."""
        key = self.sharing(primary, self.lifecycle.synchronize_multi_region_key(primary.lifecycle))
        return self if key == self else key

    def sharing(self, primary: Key, lifecycle: Lifecycle) -> Key:
        """
        This key with a new lifecycle, and with the backing keys of a related key.

        Of imported key material it gets the id and the description; the bytes have to be imported into each key.
        """
        backing_keys = primary.backing_keys
        if lifecycle.origin is OriginType.EXTERNAL:
            backing_keys = tuple(map(self._own, backing_keys))
        return evolve(self, backing_keys=backing_keys).with_lifecycle(lifecycle)

    def _own(self, shared: BackingKey) -> BackingKey:
        own = self.backing_key(shared.key_material_id)
        if own is None:
            return evolve(shared, secret=None, public_key=None)
        return evolve(own, description=shared.description)
