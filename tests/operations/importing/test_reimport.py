"""
ImportKeyMaterial, again: the same key material comes back, and no other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.errors import (
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.words.enumerations import ImportType, KeyState
from tests.basics import NOW
from tests.operations.importing.materials import (
    DOES_NOT_EXPIRE,
    EXISTING,
    EXPIRES,
    IN_A_WEEK,
    NEW,
    id_of,
    request_with,
)
from tests.operations.steps import (
    FIRST,
    SECOND,
    create_external,
    decrypt,
    delete_material,
    describe,
    encrypt,
    import_material,
    import_request,
    parameters,
    refused,
    rotations,
)

# ---- reimporting key material


@pytest.mark.parametrize("import_type", [None, EXISTING])
def test_reimporting_the_same_material_restores_the_key_and_its_ciphertexts(
    local: LocalKms, import_type: ImportType | None
) -> None:
    arn = create_external(local, FIRST)
    before, blob = describe(local, arn), encrypt(local, arn)
    delete_material(local, arn)
    import_material(local, arn, FIRST, import_type=import_type)
    assert describe(local, arn) == before
    assert decrypt(local, blob) == b"attack at dawn"


@pytest.mark.parametrize("import_type", [None, EXISTING])
@pytest.mark.parametrize("deleted", [False, True])
def test_other_material_is_not_what_the_key_had(
    local: LocalKms, import_type: ImportType | None, deleted: bool
) -> None:
    arn = create_external(local, FIRST)
    if deleted:
        delete_material(local, arn)
    request = import_request(local, arn, SECOND, import_type=import_type)
    message = (
        "Imported key material does not have the expected identifier "
        f"({describe(local, arn).current_key_material_id})."
    )
    error = refused(local, request, IncorrectKeyMaterialException, message)
    assert error.arn == arn


def test_the_first_material_ever_is_new_and_later_material_is_existing_by_default(
    local: LocalKms,
) -> None:
    arn = create_external(local)
    first = import_request(local, arn, FIRST, import_type=EXISTING)
    refused(local, first, IncorrectKeyMaterialException, "")
    local.handle(evolve(first, import_type=None))
    again = import_request(local, arn, FIRST, import_type=NEW)
    id_ = describe(local, arn).current_key_material_id
    message = (
        f"Key material (id: {id_}) being imported as NEW_KEY_MATERIAL "
        f"is already associated with KMS key {arn}."
    )
    refused(local, again, IncorrectKeyMaterialException, message)
    local.handle(evolve(again, import_type=None))


@pytest.mark.parametrize(
    "before, after",
    [
        ({"valid_to": IN_A_WEEK}, {}),
        ({}, {"valid_to": IN_A_WEEK}),
        ({"valid_to": IN_A_WEEK}, {"valid_to": NOW + timedelta(days=3)}),
    ],
    ids=["no longer expires", "now expires", "expires earlier"],
)
def test_reimporting_changes_the_expiration_of_the_material(
    local: LocalKms, before: dict[str, Any], after: dict[str, Any]
) -> None:
    arn = create_external(local)
    import_material(local, arn, FIRST, **before)
    metadata = describe(local, arn)
    import_material(local, arn, FIRST, **after)
    assert describe(local, arn) == evolve(
        metadata,
        valid_to=after.get("valid_to"),
        expiration_model=EXPIRES if after else DOES_NOT_EXPIRE,
    )


def test_expired_material_is_reimported_as_deleted_material_is(local: LocalKms) -> None:
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=IN_A_WEEK)
    blob = encrypt(local, arn)
    local.clock.advance(days=7)
    refused(
        local,
        EncryptRequest(key_id=arn, plaintext=b"x"),
        KMSInvalidStateException,
        f"{arn} is pending import.",
    )
    import_material(local, arn, FIRST)
    assert decrypt(local, blob) == b"attack at dawn"


def test_an_import_into_a_disabled_key_enables_it(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    enabled = describe(local, arn)
    local.handle(DisableKeyRequest(key_id=arn))
    import_material(local, arn, FIRST)
    assert describe(local, arn) == enabled


def test_a_key_material_id_that_is_given_must_be_that_of_the_material(local: LocalKms) -> None:
    arn = create_external(local, FIRST, SECOND)
    good = import_request(local, arn, FIRST, key_material_id=id_of(arn, FIRST))
    local.handle(good)
    for wrong in (id_of(arn, SECOND), "0" * 64):
        request = evolve(good, key_material_id=wrong)
        message = f"Imported key material does not have the expected identifier ({wrong})."
        error = refused(local, request, IncorrectKeyMaterialException, message)
        assert error.arn == arn


def test_a_key_material_id_is_no_member_of_a_request_for_new_material(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    request = import_request(
        local, arn, SECOND, import_type=NEW, key_material_id=id_of(arn, SECOND)
    )
    message = "Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType."
    assert refused(local, request, ValidationException, message).arn == arn


def test_a_key_material_id_is_of_material_that_the_key_has_already(local: LocalKms) -> None:
    """So the first import cannot give it."""
    arn = create_external(local)
    request = import_request(local, arn, FIRST, key_material_id=id_of(arn, FIRST))
    assert refused(local, request, IncorrectKeyMaterialException, "").arn == arn
    import_material(local, arn, FIRST)
    local.handle(request)
    assert describe(local, arn).key_state is KeyState.Enabled


def test_a_description_is_kept_until_another_one_is_given(local: LocalKms) -> None:
    arn = create_external(local)
    for given_, kept in ((None, None), ("July 2026", "July 2026"), (None, "July 2026"), ("b", "b")):
        import_material(local, arn, FIRST, key_material_description=given_)
        (entry,) = rotations(local, arn)
        assert entry.key_material_description == kept
        delete_material(local, arn)
        (entry,) = rotations(local, arn)
        assert entry.key_material_description == kept


# ---- openssl, as in the guide


def test_key_material_wrapped_twice_is_the_same_material(local: LocalKms) -> None:
    """OAEP draws chance of its own: two wrappings differ, what is in them does not."""
    arn = create_external(local)
    given_ = parameters(local, arn)
    one, two = (request_with(given_, FIRST) for _ in range(2))
    assert one.encrypted_key_material != two.encrypted_key_material
    assert local.handle(one) == local.handle(two)
