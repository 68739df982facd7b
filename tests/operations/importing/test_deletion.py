"""
DeleteImportedKeyMaterial: what goes, what stays, and what is told of it.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from kmsmodel.errors import ValidationException
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    DeleteImportedKeyMaterialResponse,
)
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.words.enumerations import ImportState, KeyState
from tests.operations.importing.materials import NEW, id_of, remembered_secrets
from tests.operations.steps import (
    FIRST,
    SECOND,
    create_external,
    delete_material,
    describe,
    import_material,
    refused,
    rotations,
)


@pytest.mark.parametrize("named", [False, True])
def test_deleting_the_current_material_makes_the_key_pending_import(
    local: LocalKms, named: bool
) -> None:
    arn = create_external(local, FIRST)
    before, (listed,) = describe(local, arn), rotations(local, arn)
    request = DeleteImportedKeyMaterialRequest(
        key_id=arn, key_material_id=id_of(arn, FIRST) if named else None
    )
    answer = DeleteImportedKeyMaterialResponse(key_id=arn, key_material_id=id_of(arn, FIRST))
    assert local.handle(request) == answer
    deleted = evolve(before, key_state=KeyState.PendingImport, enabled=False, expiration_model=None)
    assert describe(local, arn) == deleted
    assert rotations(local, arn) == (
        evolve(listed, import_state=ImportState.PENDING_IMPORT, expiration_model=None),
    )
    assert local.handle(request) == answer  # to delete what is gone has no effect
    assert describe(local, arn) == deleted


def test_deleted_material_is_remembered_nowhere(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    assert FIRST in remembered_secrets(local, arn)
    delete_material(local, arn)
    assert FIRST not in remembered_secrets(local, arn)


def test_without_a_key_material_id_the_current_material_is_deleted(local: LocalKms) -> None:
    arn = create_external(local, FIRST, SECOND)
    local.handle(DeleteImportedKeyMaterialRequest(key_id=arn))
    assert [entry.import_state for entry in rotations(local, arn)] == [
        ImportState.IMPORTED,
        ImportState.PENDING_IMPORT,
    ]


def test_deleting_from_a_key_that_never_had_material_succeeds_and_names_none(
    local: LocalKms,
) -> None:
    arn = create_external(local)
    before = describe(local, arn)
    answer = local.handle(DeleteImportedKeyMaterialRequest(key_id=arn))
    assert answer == DeleteImportedKeyMaterialResponse(key_id=arn)
    assert describe(local, arn) == before


def test_material_that_the_key_never_had_is_not_deleted(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    unknown = id_of(arn, SECOND)
    request = DeleteImportedKeyMaterialRequest(key_id=arn, key_material_id=unknown)
    message = f"Key material (id: {unknown}) has never been imported into KMS key {arn}."
    error = refused(local, request, ValidationException, message)
    assert error.arn == arn


def test_deleting_material_that_waits_for_rotation_leaves_the_key_usable_and_forgets_it(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST)
    before, listed = describe(local, arn), rotations(local, arn)
    import_material(local, arn, SECOND, import_type=NEW)
    pending = id_of(arn, SECOND)
    request = DeleteImportedKeyMaterialRequest(key_id=arn, key_material_id=pending)
    assert local.handle(request) == DeleteImportedKeyMaterialResponse(
        key_id=arn, key_material_id=pending
    )
    assert (describe(local, arn), rotations(local, arn)) == (before, listed)
    message = f"Key material (id: {pending}) has never been imported into KMS key {arn}."
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("pending_deletion", [False, True])
def test_deleting_material_of_a_disabled_key_or_one_that_is_pending_deletion(
    local: LocalKms, pending_deletion: bool
) -> None:
    arn = create_external(local, FIRST)
    if pending_deletion:
        local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    else:
        local.handle(DisableKeyRequest(key_id=arn))
    before = describe(local, arn)
    delete_material(local, arn)
    if not pending_deletion:
        pending = evolve(before, key_state=KeyState.PendingImport, expiration_model=None)
        assert describe(local, arn) == pending
        return
    assert describe(local, arn) == evolve(before, expiration_model=None)
    local.handle(CancelKeyDeletionRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.PendingImport


def test_what_is_deleted_is_named_by_64_hexadecimal_digits(local: LocalKms) -> None:
    request = DeleteImportedKeyMaterialRequest(
        key_id=create_external(local, FIRST), key_material_id="g"
    )
    message = (
        "2 validation errors detected: Value 'g' at 'keyMaterialId' failed to satisfy constraint: "
        "Member must have length greater than or equal to 64; Value 'g' at 'keyMaterialId' failed "
        "to satisfy constraint: Member must satisfy regular expression pattern: ^[a-f0-9]+$"
    )
    refused(local, request, ValidationException, message)
