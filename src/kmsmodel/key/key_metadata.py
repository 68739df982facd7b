"""
What AWS KMS says about a KMS key.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import field, frozen

from kmsmodel.key.key import Key
from kmsmodel.key.relatives import Relatives
from kmsmodel.words import structures
from kmsmodel.words.enumerations import (
    ExpirationModelType,
    KeyManagerType,
    KeySpec,
    KeyState,
    KeyUsageType,
    MultiRegionKeyType,
    OriginType,
)
from kmsmodel.words.shapes import (
    ArnType,
    AWSAccountIdType,
    BackingKeyIdType,
    CloudHsmClusterIdType,
    CustomKeyStoreIdType,
    DateType,
    DescriptionType,
    EncapsulationAlgorithmSpecList,
    EncryptionAlgorithmSpecList,
    KeyAgreementAlgorithmSpecList,
    KeyIdType,
    MacAlgorithmSpecList,
    PendingWindowInDaysType,
    RegionType,
    SigningAlgorithmSpecList,
    XksKeyIdType,
)


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
    What AWS KMS says about a KMS key.

    A member is None where AWS leaves it out. ``customer_master_key_spec`` repeats ``key_spec``, also where the older
    enumeration lacks the value. Source: *KeyMetadata* in the API Reference.
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
    customer_master_key_spec: KeySpec | None = None
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
        The metadata in an answer of AWS, of an SDK or of another emulator.

        Enumeration values that this version does not know are kept as plain strings. Raises SerializationException.
        """
        return structures.from_json(cls, data)


def key_metadata(
    key: Key,
    key_state: KeyState,
    now: datetime,
    relatives: Relatives | None = None,
    cloud_hsm_cluster_id: str | None = None,
) -> KeyMetadata:
    """
    What AWS KMS says about this key, which is in ``key_state`` at ``now``.

    ``relatives`` are this key and its related keys, for a multi-Region key; ``cloud_hsm_cluster_id`` is that of the
    cluster for a key that is in one.
    """
    life, arn, algorithms = key.lifecycle, key.key_arn, key.algorithms
    waiting_for_replicas = key_state is KeyState.PendingReplicaDeletion
    holder = life
    if key_state is KeyState.Creating and relatives is not None:
        holder = relatives.primary.lifecycle  # as AWS does, though the replica key has no material
    imported = holder.origin is OriginType.EXTERNAL and not holder.is_pending_import(now)
    valid_to = holder.materials.valid_to(now) if imported else None
    return KeyMetadata(
        aws_account_id=arn.account,
        key_id=arn.key_id,
        arn=key.arn,
        creation_date=key.creation_date,
        enabled=key_state is KeyState.Enabled,
        description=key.description,
        key_usage=key.key_usage,
        key_state=key_state,
        deletion_date=life.deletion_date,
        valid_to=valid_to,
        origin=life.origin,
        custom_key_store_id=key.custom_key_store_id,
        cloud_hsm_cluster_id=cloud_hsm_cluster_id,
        expiration_model=expiration_model(valid_to) if imported else None,
        key_manager=key.key_manager,
        customer_master_key_spec=key.key_spec,
        key_spec=key.key_spec,
        encryption_algorithms=algorithms.encryption_algorithms,
        signing_algorithms=algorithms.signing_algorithms,
        key_agreement_algorithms=algorithms.key_agreement_algorithms,
        encapsulation_algorithms=algorithms.encapsulation_algorithms,
        mac_algorithms=algorithms.mac_algorithms,
        multi_region=life.multi_region_key_type is not None,
        multi_region_configuration=_multi_region_configuration(key, relatives),
        pending_deletion_window_in_days=(
            life.pending_window_in_days if waiting_for_replicas else None
        ),
        xks_key_configuration=(
            None if key.xks_key_id is None else XksKeyConfigurationType(id=key.xks_key_id)
        ),
        current_key_material_id=_current_key_material_id(key, key_state),
    )


def _multi_region_configuration(
    key: Key, relatives: Relatives | None
) -> MultiRegionConfiguration | None:
    key_type = key.lifecycle.multi_region_key_type
    if key_type is None:
        return None
    of = Relatives.of((key,)) if relatives is None else relatives
    return MultiRegionConfiguration(
        multi_region_key_type=key_type,
        primary_key=_multi_region_key(of.primary),
        replica_keys=tuple(map(_multi_region_key, of.replicas)),
    )


def _multi_region_key(key: Key) -> MultiRegionKey:
    return MultiRegionKey(arn=key.arn, region=key.key_arn.region)


def _current_key_material_id(key: Key, key_state: KeyState) -> str | None:
    """
    The id of the current key material, for a symmetric encryption key that is not being created; else None.

    A key in a custom key store has only one key material, and AWS does not tell its id.
    """
    current = key.lifecycle.materials.current
    if current is None or key_state is KeyState.Creating or key.custom_key_store_id is not None:
        return None
    return current.key_material_id if key.lifecycle.is_symmetric_encryption_key else None


def expiration_model(valid_to: datetime | None) -> ExpirationModelType:
    """The expiration model of key material that expires at ``valid_to``, or never if that is None."""
    if valid_to is None:
        return ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
    return ExpirationModelType.KEY_MATERIAL_EXPIRES
