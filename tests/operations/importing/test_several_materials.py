"""
Several key materials of one symmetric encryption key: one waits for rotation, the others decrypt.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from kmsmodel.errors import KMSInvalidStateException
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.words.enumerations import KeyMaterialState, KeyState
from tests.basics import NOW
from tests.operations.importing.materials import EXPIRES, IN_A_WEEK, NEW, id_of
from tests.operations.steps import (
    FIRST,
    SECOND,
    THIRD,
    create_external,
    decrypt,
    delete_material,
    describe,
    encrypt,
    import_material,
    import_request,
    refused,
    rotations,
)


def test_new_material_waits_for_rotation_and_leaves_the_key_as_it_is(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    before = describe(local, arn)
    answer = import_material(local, arn, SECOND, import_type=NEW, valid_to=IN_A_WEEK)
    assert answer.key_material_id == id_of(arn, SECOND)
    assert describe(local, arn) == before
    assert [entry.key_material_state for entry in rotations(local, arn)] == [
        KeyMaterialState.CURRENT,
        KeyMaterialState.PENDING_ROTATION,
    ]
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    assert describe(local, arn) == evolve(
        before,
        current_key_material_id=id_of(arn, SECOND),
        valid_to=IN_A_WEEK,
        expiration_model=EXPIRES,
    )


def test_one_new_material_waits_at_a_time(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    import_material(local, arn, SECOND, import_type=NEW)
    request = import_request(local, arn, THIRD, import_type=NEW)
    message = (
        f"New key material (id: {id_of(arn, THIRD)}) cannot be imported into KMS key {arn}, "
        f"because another key material (id: {id_of(arn, SECOND)}) is pending rotation."
    )
    refused(local, request, KMSInvalidStateException, message)
    delete_material(local, arn, id_of(arn, SECOND))
    local.handle(request)
    assert [entry.key_material_id for entry in rotations(local, arn)] == [
        id_of(arn, FIRST),
        id_of(arn, THIRD),
    ]


def test_material_that_waits_for_rotation_may_be_reimported_and_then_still_waits(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST)
    import_material(local, arn, SECOND, import_type=NEW)
    before = rotations(local, arn)
    import_material(local, arn, SECOND, valid_to=IN_A_WEEK)
    assert rotations(local, arn) == (
        before[0],
        evolve(before[1], valid_to=IN_A_WEEK, expiration_model=EXPIRES),
    )


def test_valid_to_is_the_earliest_of_the_materials_that_are_permanently_associated(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST, SECOND)
    days = {FIRST: 9, SECOND: 5}
    for material, number in days.items():
        import_material(local, arn, material, valid_to=NOW + timedelta(days=number))
    import_material(local, arn, THIRD, import_type=NEW, valid_to=NOW + timedelta(days=1))
    assert describe(local, arn).valid_to == NOW + timedelta(days=5)


@pytest.mark.parametrize("gone", [(FIRST,), (SECOND,), (FIRST, SECOND)])
def test_the_key_is_enabled_again_when_the_last_missing_material_is_back(
    local: LocalKms, gone: tuple[bytes, ...]
) -> None:
    arn = create_external(local, FIRST, SECOND)
    enabled, listed = describe(local, arn), rotations(local, arn)
    missing = evolve(
        enabled, key_state=KeyState.PendingImport, enabled=False, expiration_model=None
    )
    for material in gone:
        delete_material(local, arn, id_of(arn, material))
        assert describe(local, arn) == missing
    for material in gone:
        assert describe(local, arn) == missing
        import_material(local, arn, material)
    assert describe(local, arn) == enabled
    assert rotations(local, arn) == listed


def test_ciphertexts_of_each_material_open_as_long_as_all_materials_are_there(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST)
    blobs = [encrypt(local, arn, b"first")]
    import_material(local, arn, SECOND, import_type=NEW)
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    blobs.append(encrypt(local, arn, b"second"))
    assert [decrypt(local, blob) for blob in blobs] == [b"first", b"second"]
    delete_material(local, arn, id_of(arn, FIRST))
    message = f"{arn} is pending import."
    for blob in blobs:
        refused(local, DecryptRequest(ciphertext_blob=blob), KMSInvalidStateException, message)
    import_material(local, arn, FIRST)
    assert [decrypt(local, blob) for blob in blobs] == [b"first", b"second"]
