"""
A KMS key: what is remembered of it, and what is told.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, final

from attrs import evolve, field, frozen

from kmsmodel import structures
from kmsmodel.arn import KeyArn, parse_key_arn
from kmsmodel.key_material import KeyMaterial, Secret, key_material_id, rotated
from kmsmodel.key_spec import ALGORITHMS
from kmsmodel.lifecycle import Lifecycle
from kmsmodel.shapes import (
    ArnType,
    AWSAccountIdType,
    BackingKeyIdType,
    CloudHsmClusterIdType,
    CustomerMasterKeySpec,
    CustomKeyStoreIdType,
    DateType,
    DescriptionType,
    EncapsulationAlgorithmSpecList,
    EncryptionAlgorithmSpecList,
    ExpirationModelType,
    KeyAgreementAlgorithmSpecList,
    KeyIdType,
    KeyManagerType,
    KeySpec,
    KeyState,
    KeyUsageType,
    MacAlgorithmSpecList,
    MultiRegionKeyType,
    OriginType,
    PendingWindowInDaysType,
    RegionType,
    RotationType,
    SigningAlgorithmSpecList,
    XksKeyIdType,
)
from kmsmodel.tag import TagList


@final
@frozen(kw_only=True)
class MultiRegionKey:
    """One of a set of related multi-Region keys."""

    arn: ArnType
    region: RegionType


MultiRegionKeyList = tuple[MultiRegionKey, ...]


@final
@frozen(kw_only=True)
class MultiRegionConfiguration:
    """A primary key and its replica keys."""

    multi_region_key_type: MultiRegionKeyType
    primary_key: MultiRegionKey
    replica_keys: MultiRegionKeyList


@final
@frozen(kw_only=True)
class XksKeyConfigurationType:
    """The external key of a KMS key in an external key store."""

    id: XksKeyIdType


@final
@frozen(kw_only=True)
class KeyMetadata:
    """
    What AWS KMS tells of a KMS key.

    A member is None where AWS leaves it out. Source: *KeyMetadata* in the API Reference.
    """

    key_id: KeyIdType
    aws_account_id: AWSAccountIdType | None = field(
        default=None, metadata={structures.WIRE_NAME: "AWSAccountId"}
    )
    arn: ArnType | None = None
    creation_date: DateType | None = None
    enabled: bool | None = None
    description: DescriptionType | None = None
    key_usage: KeyUsageType | None = None
    key_state: KeyState | None = None
    deletion_date: DateType | None = None
    valid_to: DateType | None = None
    origin: OriginType | None = None
    custom_key_store_id: CustomKeyStoreIdType | None = None
    cloud_hsm_cluster_id: CloudHsmClusterIdType | None = None
    expiration_model: ExpirationModelType | None = None
    key_manager: KeyManagerType | None = None
    customer_master_key_spec: CustomerMasterKeySpec | None = None
    key_spec: KeySpec | None = None
    encryption_algorithms: EncryptionAlgorithmSpecList | None = None
    signing_algorithms: SigningAlgorithmSpecList | None = None
    key_agreement_algorithms: KeyAgreementAlgorithmSpecList | None = None
    encapsulation_algorithms: EncapsulationAlgorithmSpecList | None = None
    multi_region: bool | None = None
    multi_region_configuration: MultiRegionConfiguration | None = None
    pending_deletion_window_in_days: PendingWindowInDaysType | None = None
    mac_algorithms: MacAlgorithmSpecList | None = None
    xks_key_configuration: XksKeyConfigurationType | None = None
    current_key_material_id: BackingKeyIdType | None = None

    @classmethod
    def from_json(cls, data: object) -> KeyMetadata:
        """
        The metadata that AWS's answer holds, or an SDK's or another emulator's.

        Enumeration values that this version does not know are kept as plain strings. Raises SerializationException.
        """
        return structures.from_json(cls, data)


@final
@frozen(kw_only=True)
class Key:
    """
    What is remembered of a KMS key. What can be read from it is not stored.

    ``policy`` is None for the default key policy. ``alias_names`` are those of its aliases, the latest given last.
    ``import_secret`` seals the import tokens of an EXTERNAL key.
    """

    lifecycle: Lifecycle
    creation_date: datetime
    key_usage: KeyUsageType = KeyUsageType.ENCRYPT_DECRYPT
    description: str = ""
    tags: TagList = ()
    policy: str | None = None
    key_manager: KeyManagerType = KeyManagerType.CUSTOMER
    alias_names: tuple[str, ...] = ()
    materials: tuple[KeyMaterial, ...] = ()
    import_secret: Secret | None = None

    @property
    def arn(self) -> str:
        return self.lifecycle.arn

    @property
    def key_spec(self) -> KeySpec:
        return self.lifecycle.key_spec

    @property
    def customer_master_key_spec(self) -> CustomerMasterKeySpec | None:
        """The key spec by its older name, if it has one."""
        known = self.key_spec in CustomerMasterKeySpec.__members__
        return CustomerMasterKeySpec(self.key_spec) if known else None

    @property
    def algorithms(self) -> dict[str, Any]:
        """The algorithms of this key, under the one member that AWS KMS tells of them in."""
        return {_MEMBER_OF_USAGE[self.key_usage]: ALGORITHMS[self.key_spec][self.key_usage]}

    @property
    def name(self) -> KeyArn:
        """The ARN in its parts."""
        return parse_key_arn(self.lifecycle.arn)

    def material(self, key_material_id: str) -> KeyMaterial | None:
        """The key material with this id, as far as it is remembered."""
        for material in self.materials:
            if material.key_material_id == key_material_id:
                return material
        return None

    def secret(self, key_material_id: str, now: datetime) -> Secret | None:
        """The bytes of a key material that is there at ``now``, or None."""
        place, material = self.lifecycle.material(key_material_id), self.material(key_material_id)
        if place is None or material is None or not place.is_present(now):
            return None
        return material.secret

    def at(self, now: datetime) -> Key:
        """This key as time has made it: automatic rotation has made key material, and what is expired is gone."""
        key = self._rotated(now)
        life = key.lifecycle.settle(now)
        return key if life is key.lifecycle else key.with_lifecycle(life)

    def _rotated(self, now: datetime) -> Key:
        due = self.lifecycle.due_rotations(now)
        first = self.materials[0].secret if due and self.materials else None
        if first is None:
            return self
        done = sum(m.rotation_type is RotationType.AUTOMATIC for m in self.lifecycle.materials)
        secrets = [rotated(first, done + n) for n in range(len(due))]
        new = tuple(
            KeyMaterial(
                key_material_id=key_material_id(self.name.key_id, each),
                secret=each,
            )
            for each in secrets
        )
        ids = [material.key_material_id for material in new]
        life = self.lifecycle.rotate_automatically(now, *ids)
        return evolve(self, lifecycle=life, materials=(*self.materials, *new))

    def with_lifecycle(self, lifecycle: Lifecycle) -> Key:
        """This key moved on; the secrets of key material that is no longer there are erased."""
        places = {material.key_material_id: material for material in lifecycle.materials}
        materials = tuple(
            material if places[material.key_material_id].imported else evolve(material, secret=None)
            for material in self.materials
            if material.key_material_id in places
        )
        return evolve(self, lifecycle=lifecycle, materials=materials)

    def with_material(self, material: KeyMaterial, lifecycle: Lifecycle) -> Key:
        """This key moved on, with the bytes and description of one key material."""
        others = tuple(
            other for other in self.materials if other.key_material_id != material.key_material_id
        )
        return evolve(self, materials=(*others, material)).with_lifecycle(lifecycle)

    def metadata(self, key_state: KeyState, now: datetime) -> KeyMetadata:
        """What AWS KMS tells of this key, which is in ``key_state`` at ``now``."""
        life, name = self.lifecycle, self.name
        waiting_for_replicas = key_state is KeyState.PendingReplicaDeletion
        imported = life.origin is OriginType.EXTERNAL and not life.is_pending_import(now)
        valid_to = life.valid_to(now) if imported else None
        return KeyMetadata(
            aws_account_id=name.account,
            key_id=name.key_id,
            arn=self.arn,
            creation_date=self.creation_date,
            enabled=key_state is KeyState.Enabled,
            description=self.description,
            key_usage=self.key_usage,
            key_state=key_state,
            deletion_date=life.deletion_date,
            valid_to=valid_to,
            origin=life.origin,
            expiration_model=expiration_model(valid_to) if imported else None,
            key_manager=self.key_manager,
            customer_master_key_spec=self.customer_master_key_spec,
            key_spec=self.key_spec,
            **self.algorithms,
            multi_region=life.multi_region_key_type is not None,
            multi_region_configuration=self._multi_region_configuration(),
            pending_deletion_window_in_days=(
                life.pending_window_in_days if waiting_for_replicas else None
            ),
            current_key_material_id=self._current_key_material_id(key_state),
        )

    def _multi_region_configuration(self) -> MultiRegionConfiguration | None:
        key_type = self.lifecycle.multi_region_key_type
        if key_type is None:
            return None
        return MultiRegionConfiguration(
            multi_region_key_type=key_type,
            primary_key=MultiRegionKey(arn=self.arn, region=self.name.region),
            replica_keys=(),
        )

    def _current_key_material_id(self, key_state: KeyState) -> str | None:
        """Told of symmetric encryption keys only, and not yet of a replica that is being created."""
        current = self.lifecycle.current
        if current is None or key_state is KeyState.Creating:
            return None
        return current.key_material_id if self.lifecycle.is_symmetric_encryption_key else None


def expiration_model(valid_to: datetime | None) -> ExpirationModelType:
    """The expiration model that a date of expiry, or none, stands for."""
    if valid_to is None:
        return ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
    return ExpirationModelType.KEY_MATERIAL_EXPIRES


_MEMBER_OF_USAGE = {
    KeyUsageType.ENCRYPT_DECRYPT: "encryption_algorithms",
    KeyUsageType.SIGN_VERIFY: "signing_algorithms",
    KeyUsageType.GENERATE_VERIFY_MAC: "mac_algorithms",
    KeyUsageType.KEY_AGREEMENT: "key_agreement_algorithms",
    KeyUsageType.ENCAPSULATE_DECAPSULATE: "encapsulation_algorithms",
}
