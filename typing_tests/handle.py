"""
Each request gives its own response, at every door; what is written here is checked, not run.
"""

from __future__ import annotations

from typing import assert_type

from kmsmodel import (
    Call,
    CancelKeyDeletionRequest,
    CancelKeyDeletionResponse,
    CreateKeyRequest,
    CreateKeyResponse,
    DecryptRequest,
    DecryptResponse,
    DeleteImportedKeyMaterialRequest,
    DeleteImportedKeyMaterialResponse,
    DescribeKeyRequest,
    DescribeKeyResponse,
    DisableKeyRequest,
    DisableKeyResponse,
    EnableKeyRequest,
    EnableKeyResponse,
    EncryptRequest,
    EncryptResponse,
    GetKeyRotationStatusRequest,
    GetKeyRotationStatusResponse,
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
    Kms,
    ListKeyRotationsRequest,
    ListKeyRotationsResponse,
    ListKeysRequest,
    ListKeysResponse,
    LocalKms,
    RotateKeyOnDemandRequest,
    RotateKeyOnDemandResponse,
    ScheduleKeyDeletionRequest,
    ScheduleKeyDeletionResponse,
    handle,
)

# ---- the right pair


def create_key(kms: Kms, request: CreateKeyRequest, call: Call, local: LocalKms) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, CreateKeyResponse])
    assert_type(local.handle(request), CreateKeyResponse)


def describe_key(kms: Kms, request: DescribeKeyRequest, call: Call, local: LocalKms) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, DescribeKeyResponse])
    assert_type(local.handle(request), DescribeKeyResponse)


def list_keys(kms: Kms, request: ListKeysRequest, call: Call, local: LocalKms) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, ListKeysResponse])
    assert_type(local.handle(request), ListKeysResponse)


def enable_key(kms: Kms, request: EnableKeyRequest, call: Call, local: LocalKms) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, EnableKeyResponse])
    assert_type(local.handle(request), EnableKeyResponse)


def disable_key(kms: Kms, request: DisableKeyRequest, call: Call, local: LocalKms) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, DisableKeyResponse])
    assert_type(local.handle(request), DisableKeyResponse)


def get_parameters_for_import(
    kms: Kms, request: GetParametersForImportRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, GetParametersForImportResponse])
    assert_type(local.handle(request), GetParametersForImportResponse)


def import_key_material(
    kms: Kms, request: ImportKeyMaterialRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, ImportKeyMaterialResponse])
    assert_type(local.handle(request), ImportKeyMaterialResponse)


def delete_imported_key_material(
    kms: Kms, request: DeleteImportedKeyMaterialRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, DeleteImportedKeyMaterialResponse])
    assert_type(local.handle(request), DeleteImportedKeyMaterialResponse)


def rotate_key_on_demand(
    kms: Kms, request: RotateKeyOnDemandRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, RotateKeyOnDemandResponse])
    assert_type(local.handle(request), RotateKeyOnDemandResponse)


def list_key_rotations(
    kms: Kms, request: ListKeyRotationsRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, ListKeyRotationsResponse])
    assert_type(local.handle(request), ListKeyRotationsResponse)


def get_key_rotation_status(
    kms: Kms, request: GetKeyRotationStatusRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, GetKeyRotationStatusResponse])
    assert_type(local.handle(request), GetKeyRotationStatusResponse)


def schedule_key_deletion(
    kms: Kms, request: ScheduleKeyDeletionRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, ScheduleKeyDeletionResponse])
    assert_type(local.handle(request), ScheduleKeyDeletionResponse)


def cancel_key_deletion(
    kms: Kms, request: CancelKeyDeletionRequest, call: Call, local: LocalKms
) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, CancelKeyDeletionResponse])
    assert_type(local.handle(request), CancelKeyDeletionResponse)


def encrypt(kms: Kms, request: EncryptRequest, call: Call, local: LocalKms) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, EncryptResponse])
    assert_type(local.handle(request), EncryptResponse)


def decrypt(kms: Kms, request: DecryptRequest, call: Call, local: LocalKms) -> None:
    assert_type(handle(kms, request, call), tuple[Kms, DecryptResponse])
    assert_type(local.handle(request), DecryptResponse)


# ---- the wrong pair, which is refused


def create_key_is_not_describe_key(
    kms: Kms, request: CreateKeyRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, DescribeKeyResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: DescribeKeyResponse = local.handle(request)  # type: ignore[assignment]


def describe_key_is_not_list_keys(
    kms: Kms, request: DescribeKeyRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, ListKeysResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: ListKeysResponse = local.handle(request)  # type: ignore[assignment]


def list_keys_is_not_enable_key(
    kms: Kms, request: ListKeysRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, EnableKeyResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: EnableKeyResponse = local.handle(request)  # type: ignore[assignment]


def enable_key_is_not_disable_key(
    kms: Kms, request: EnableKeyRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, DisableKeyResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: DisableKeyResponse = local.handle(request)  # type: ignore[assignment]


def disable_key_is_not_get_parameters_for_import(
    kms: Kms, request: DisableKeyRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, GetParametersForImportResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: GetParametersForImportResponse = local.handle(request)  # type: ignore[assignment]


def get_parameters_for_import_is_not_import_key_material(
    kms: Kms, request: GetParametersForImportRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, ImportKeyMaterialResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: ImportKeyMaterialResponse = local.handle(request)  # type: ignore[assignment]


def import_key_material_is_not_delete_imported_key_material(
    kms: Kms, request: ImportKeyMaterialRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, DeleteImportedKeyMaterialResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: DeleteImportedKeyMaterialResponse = local.handle(request)  # type: ignore[assignment]


def delete_imported_key_material_is_not_rotate_key_on_demand(
    kms: Kms, request: DeleteImportedKeyMaterialRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, RotateKeyOnDemandResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: RotateKeyOnDemandResponse = local.handle(request)  # type: ignore[assignment]


def rotate_key_on_demand_is_not_list_key_rotations(
    kms: Kms, request: RotateKeyOnDemandRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, ListKeyRotationsResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: ListKeyRotationsResponse = local.handle(request)  # type: ignore[assignment]


def list_key_rotations_is_not_get_key_rotation_status(
    kms: Kms, request: ListKeyRotationsRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, GetKeyRotationStatusResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: GetKeyRotationStatusResponse = local.handle(request)  # type: ignore[assignment]


def get_key_rotation_status_is_not_schedule_key_deletion(
    kms: Kms, request: GetKeyRotationStatusRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, ScheduleKeyDeletionResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: ScheduleKeyDeletionResponse = local.handle(request)  # type: ignore[assignment]


def schedule_key_deletion_is_not_cancel_key_deletion(
    kms: Kms, request: ScheduleKeyDeletionRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, CancelKeyDeletionResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: CancelKeyDeletionResponse = local.handle(request)  # type: ignore[assignment]


def cancel_key_deletion_is_not_encrypt(
    kms: Kms, request: CancelKeyDeletionRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, EncryptResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: EncryptResponse = local.handle(request)  # type: ignore[assignment]


def encrypt_is_not_decrypt(kms: Kms, request: EncryptRequest, call: Call, local: LocalKms) -> None:
    _one: tuple[Kms, DecryptResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: DecryptResponse = local.handle(request)  # type: ignore[assignment]


def decrypt_is_not_create_key(
    kms: Kms, request: DecryptRequest, call: Call, local: LocalKms
) -> None:
    _one: tuple[Kms, CreateKeyResponse] = handle(kms, request, call)  # type: ignore[arg-type]
    _two: CreateKeyResponse = local.handle(request)  # type: ignore[assignment]
