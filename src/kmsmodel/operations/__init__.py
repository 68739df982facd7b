"""
The operations of AWS KMS, by chapter: the table of contents.

Each entry pairs a request with the function that answers it. The chapters are titles of the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kmsmodel.operations import deletion, encryption, importing, keys, rotation
from kmsmodel.request import Request

OPERATIONS: Mapping[type[Request[Any]], Callable[..., Any]] = {
    # Keys
    keys.CreateKeyRequest: keys.create_key,
    keys.DescribeKeyRequest: keys.describe_key,
    keys.ListKeysRequest: keys.list_keys,
    keys.EnableKeyRequest: keys.enable_key,
    keys.DisableKeyRequest: keys.disable_key,
    # Importing key material
    importing.GetParametersForImportRequest: importing.get_parameters_for_import,
    importing.ImportKeyMaterialRequest: importing.import_key_material,
    importing.DeleteImportedKeyMaterialRequest: importing.delete_imported_key_material,
    # Rotation
    rotation.RotateKeyOnDemandRequest: rotation.rotate_key_on_demand,
    rotation.ListKeyRotationsRequest: rotation.list_key_rotations,
    rotation.GetKeyRotationStatusRequest: rotation.get_key_rotation_status,
    # Deletion
    deletion.ScheduleKeyDeletionRequest: deletion.schedule_key_deletion,
    deletion.CancelKeyDeletionRequest: deletion.cancel_key_deletion,
    # Encryption
    encryption.EncryptRequest: encryption.encrypt,
    encryption.DecryptRequest: encryption.decrypt,
}
