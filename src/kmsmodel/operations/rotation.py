"""
Rotating KMS keys, automatically and on demand, and what key materials they have had.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access
from kmsmodel.calls.call import Call
from kmsmodel.calls.new_key import backing_key, generated
from kmsmodel.calls.request import Request
from kmsmodel.errors import ValidationException
from kmsmodel.key.key import Key
from kmsmodel.key.key_metadata import expiration_model
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.material import Material
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import page_of_whole, page_size
from kmsmodel.words.enumerations import (
    ExpirationModelType,
    ImportState,
    IncludeKeyMaterial,
    KeyManagerType,
    KeyMaterialState,
    OriginType,
    RotationType,
)
from kmsmodel.words.shapes import (
    BackingKeyIdType,
    DateType,
    KeyIdType,
    KeyMaterialDescriptionType,
    LimitType,
    MarkerType,
    RotationPeriodInDaysType,
)

# ---- EnableKeyRotation


@final
@frozen(kw_only=True)
class EnableKeyRotationResponse:
    pass


@final
@frozen(kw_only=True)
class EnableKeyRotationRequest(Request[EnableKeyRotationResponse]):
    """A request to rotate a KMS key by itself every 90 to 2,560 days, or every 365."""

    key_id: KeyIdType
    rotation_period_in_days: RotationPeriodInDaysType | None = None


def enable_key_rotation(
    kms: Kms, request: EnableKeyRotationRequest, call: Call
) -> tuple[Kms, EnableKeyRotationResponse]:
    """
    Rotate a KMS key by itself from now on. Asked again with another period, it starts anew.
    """
    key = access.key(kms, request.key_id, request, call)
    days = request.rotation_period_in_days
    key = key.with_lifecycle(key.lifecycle.enable_key_rotation(call.now, days))
    return kms.with_key(key), EnableKeyRotationResponse()


# ---- DisableKeyRotation


@final
@frozen(kw_only=True)
class DisableKeyRotationResponse:
    pass


@final
@frozen(kw_only=True)
class DisableKeyRotationRequest(Request[DisableKeyRotationResponse]):
    key_id: KeyIdType


def disable_key_rotation(
    kms: Kms, request: DisableKeyRotationRequest, call: Call
) -> tuple[Kms, DisableKeyRotationResponse]:
    """
    Rotate a KMS key no longer by itself. The key material that it has stays.
    """
    key = access.key(kms, request.key_id, request, call)
    key = key.with_lifecycle(key.lifecycle.disable_key_rotation(call.now))
    return kms.with_key(key), DisableKeyRotationResponse()


# ---- RotateKeyOnDemand


@final
@frozen(kw_only=True)
class RotateKeyOnDemandResponse:
    key_id: KeyIdType


@final
@frozen(kw_only=True)
class RotateKeyOnDemandRequest(Request[RotateKeyOnDemandResponse]):
    key_id: KeyIdType


def rotate_key_on_demand(
    kms: Kms, request: RotateKeyOnDemandRequest, call: Call
) -> tuple[Kms, RotateKeyOnDemandResponse]:
    """
    Make new key material the current one: what was imported for it, or what AWS KMS generates now.

    It takes the time that the call's delays say. Asked again meanwhile, it succeeds, and there is still one rotation.
    """
    key = access.key(kms, request.key_id, request, call)
    response = RotateKeyOnDemandResponse(key_id=key.arn)
    life, takes = key.lifecycle, call.delays.on_demand_rotation
    life.refuse_rotation(call.now)
    if life.on_demand_rotation is not None:
        return kms, response
    if life.origin is OriginType.EXTERNAL:
        rotating = life.rotate_key_on_demand(call.now, takes=takes)
        return kms.with_key(key.with_lifecycle(rotating)), response
    secret = generated(key.key_spec, call.purpose("key material"), call)
    next_one = backing_key(key.key_arn, key.key_spec, secret, call)
    rotating = life.rotate_key_on_demand(call.now, next_one.key_material_id, takes=takes)
    return kms.with_key(key.with_backing_key(next_one, rotating)), response


# ---- ListKeyRotations


@final
@frozen(kw_only=True)
class RotationsListEntry:
    """A key material of a KMS key, and the rotation that made it current, if one did."""

    key_id: KeyIdType
    key_material_id: BackingKeyIdType
    key_material_state: KeyMaterialState
    key_material_description: KeyMaterialDescriptionType | None = None
    import_state: ImportState | None = None
    expiration_model: ExpirationModelType | None = None
    valid_to: DateType | None = None
    rotation_date: DateType | None = None
    rotation_type: RotationType | None = None


@final
@frozen(kw_only=True)
class ListKeyRotationsResponse:
    rotations: tuple[RotationsListEntry, ...]
    truncated: bool
    next_marker: MarkerType | None = None


@final
@frozen(kw_only=True)
class ListKeyRotationsRequest(Request[ListKeyRotationsResponse]):
    """A request for the completed rotations of a KMS key, or for all of its key material."""

    key_id: KeyIdType
    include_key_material: IncludeKeyMaterial | None = None
    limit: LimitType | None = None
    marker: MarkerType | None = None


def list_key_rotations(
    kms: Kms, request: ListKeyRotationsRequest, call: Call
) -> tuple[Kms, ListKeyRotationsResponse]:
    """
    List the key materials of a KMS key, the oldest first.
    """
    size = page_size(request.limit, 100)
    key = access.key(kms, request.key_id, request, call)
    if request.include_key_material is not None and not key.lifecycle.is_symmetric_encryption_key:
        raise ValidationException(
            "Input parameter includeKeyMaterial can only be used with symmetric keys.", arn=key.arn
        )
    everything = request.include_key_material is IncludeKeyMaterial.ALL_KEY_MATERIAL
    materials = [
        material
        for material in key.lifecycle.materials
        if everything or material.rotation_date is not None
    ]
    listed = page_of_whole(request.operation, materials, request.marker, size)
    return kms, ListKeyRotationsResponse(
        rotations=tuple(_entry(key, material) for material in listed.entries),
        truncated=listed.truncated,
        next_marker=listed.next_marker,
    )


def _entry(key: Key, material: Material) -> RotationsListEntry:
    entry = RotationsListEntry(
        key_id=key.arn,
        key_material_id=material.key_material_id,
        key_material_state=material.key_material_state,
        rotation_date=material.rotation_date,
        rotation_type=material.rotation_type,
    )
    if key.lifecycle.origin is not OriginType.EXTERNAL:
        return entry
    held = key.backing_key(material.key_material_id)
    return evolve(
        entry,
        key_material_description=None if held is None else held.description,
        import_state=ImportState.IMPORTED if material.imported else ImportState.PENDING_IMPORT,
        expiration_model=expiration_model(material.valid_to) if material.imported else None,
        valid_to=material.valid_to,
    )


# ---- GetKeyRotationStatus


@final
@frozen(kw_only=True)
class GetKeyRotationStatusResponse:
    key_rotation_enabled: bool
    key_id: KeyIdType
    rotation_period_in_days: RotationPeriodInDaysType | None = None
    next_rotation_date: DateType | None = None
    on_demand_rotation_start_date: DateType | None = None


@final
@frozen(kw_only=True)
class GetKeyRotationStatusRequest(Request[GetKeyRotationStatusResponse]):
    key_id: KeyIdType


def get_key_rotation_status(
    kms: Kms, request: GetKeyRotationStatusRequest, call: Call
) -> tuple[Kms, GetKeyRotationStatusResponse]:
    """
    Say whether a KMS key rotates by itself, and when next; and since when an on-demand rotation is in progress.

    A key that is pending deletion does not rotate by itself. An AWS managed key says that it does once it has.
    """
    key = access.key(kms, request.key_id, request, call)
    rotation, on_demand = _reported_rotation(key), key.lifecycle.on_demand_rotation
    return kms, GetKeyRotationStatusResponse(
        key_rotation_enabled=rotation is not None,
        key_id=key.arn,
        rotation_period_in_days=None if rotation is None else rotation.rotation_period_in_days,
        next_rotation_date=None if rotation is None else rotation.next_rotation_date,
        on_demand_rotation_start_date=None if on_demand is None else on_demand.started_at,
    )


def _reported_rotation(key: Key) -> AutomaticRotation | None:
    rotations = key.lifecycle.materials.rotations(RotationType.AUTOMATIC)
    if key.key_manager is KeyManagerType.AWS and rotations == 0:
        return None
    return key.lifecycle.scheduled_rotation
