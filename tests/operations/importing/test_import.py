"""
ImportKeyMaterial, the first time: what it makes of the key, and until when.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.errors import (
    InvalidCiphertextException,
    KMSInvalidStateException,
    SerializationException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest
from kmsmodel.operations.importing import ImportKeyMaterialRequest, ImportKeyMaterialResponse
from kmsmodel.words.enumerations import ExpirationModelType, KeyState
from tests.basics import MICROSECOND, NOW
from tests.operations.importing.materials import DOES_NOT_EXPIRE, EXPIRES, IN_A_WEEK, id_of
from tests.operations.steps import (
    FIRST,
    create_external,
    delete_material,
    describe,
    encrypt,
    import_material,
    import_request,
    refused,
)


def test_the_first_import_makes_the_key_enabled_and_its_material_current(local: LocalKms) -> None:
    arn = create_external(local)
    before = describe(local, arn)
    assert import_material(local, arn, FIRST) == ImportKeyMaterialResponse(
        key_id=arn, key_material_id=id_of(arn, FIRST)
    )
    assert describe(local, arn) == evolve(
        before,
        key_state=KeyState.Enabled,
        enabled=True,
        expiration_model=DOES_NOT_EXPIRE,
        current_key_material_id=id_of(arn, FIRST),
    )


def test_key_material_that_expires_is_told_of_and_goes_by_the_clock(local: LocalKms) -> None:
    arn = create_external(local)
    before = describe(local, arn)
    import_material(local, arn, FIRST, valid_to=IN_A_WEEK)
    enabled = evolve(
        before,
        key_state=KeyState.Enabled,
        enabled=True,
        expiration_model=EXPIRES,
        valid_to=IN_A_WEEK,
        current_key_material_id=id_of(arn, FIRST),
    )
    assert describe(local, arn) == enabled
    local.clock.advance(days=7, seconds=-0.000001)
    assert describe(local, arn) == enabled
    local.clock.advance(seconds=0.000001)
    assert describe(local, arn) == evolve(before, current_key_material_id=id_of(arn, FIRST))


@pytest.mark.parametrize(
    "valid_to, allowed",
    [
        (NOW, False),
        (NOW - MICROSECOND, False),
        (NOW + MICROSECOND, True),
        (NOW + timedelta(days=365) - MICROSECOND, True),
        (NOW + timedelta(days=365), False),
        (IN_A_WEEK.astimezone(timezone(timedelta(hours=-8))), True),
    ],
    ids=["now", "before", "just after", "just under 365 days", "365 days", "any time zone"],
)
def test_valid_to_is_in_the_future_and_less_than_365_days_away(
    local: LocalKms, valid_to: datetime, allowed: bool
) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST, valid_to=valid_to)
    if allowed:
        local.handle(request)
        assert describe(local, arn).valid_to == valid_to
    else:
        message = "ValidTo must be in the future"
        if valid_to > NOW:
            message = "ValidTo must be less than 365 days in the future"
        refused(local, request, ValidationException, message)


def test_valid_to_has_a_time_zone(local: LocalKms) -> None:
    request = import_request(
        local, create_external(local), FIRST, valid_to=IN_A_WEEK.replace(tzinfo=None)
    )
    message = "datetime can not be converted to milliseconds since epoch"
    refused(local, request, SerializationException, message)


@pytest.mark.parametrize("model", [None, EXPIRES])
def test_key_material_expires_unless_the_expiration_model_says_otherwise(
    local: LocalKms, model: ExpirationModelType | None
) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST, expiration_model=model)
    message = "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
    refused(local, request, ValidationException, message)
    local.handle(evolve(request, valid_to=IN_A_WEEK))
    assert describe(local, arn).expiration_model is EXPIRES


def test_material_that_does_not_expire_has_no_valid_to(local: LocalKms) -> None:
    request = import_request(
        local,
        create_external(local),
        FIRST,
        valid_to=IN_A_WEEK,
        expiration_model=DOES_NOT_EXPIRE,
    )
    message = "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("length", [0, 1, 16, 31, 33, 64])
def test_symmetric_key_material_is_256_bits(local: LocalKms, length: int) -> None:
    arn = create_external(local)
    request = import_request(local, arn, bytes(length))
    error = refused(local, request, InvalidCiphertextException, "")
    assert error.arn == arn


def test_the_constraints_of_an_import_are_told_at_once(local: LocalKms) -> None:
    key_material = "F" * 64
    request = ImportKeyMaterialRequest(
        key_id=create_external(local),
        import_token=b"",
        encrypted_key_material=bytes(6145),
        key_material_description="not, this",
        key_material_id=key_material,
    )
    message = (
        "4 validation errors detected: "
        "Value at 'importToken' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        "Value at 'encryptedKeyMaterial' failed to satisfy constraint: "
        "Member must have length less than or equal to 6144; "
        "Value 'not, this' at 'keyMaterialDescription' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_\s.-]+$; "
        f"Value '{key_material}' at 'keyMaterialId' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-f0-9]+$"
    )
    refused(local, request, ValidationException, message)


def test_an_import_asks_for_a_token_and_wrapped_material(local: LocalKms) -> None:
    nothing: Any = None
    request = ImportKeyMaterialRequest(
        key_id=create_external(local), import_token=nothing, encrypted_key_material=nothing
    )
    message = (
        "2 validation errors detected: Value null at 'importToken' failed to satisfy constraint: "
        "Member must not be null; Value null at 'encryptedKeyMaterial' failed to satisfy "
        "constraint: Member must not be null"
    )
    refused(local, request, ValidationException, message)


def test_equal_material_has_another_id_in_another_key_and_opens_no_ciphertext_of_it(
    local: LocalKms,
) -> None:
    one, other = create_external(local, FIRST), create_external(local, FIRST)
    assert id_of(one, FIRST) != id_of(other, FIRST)
    blob = encrypt(local, one)
    delete_material(local, one)
    message = f"{one} is pending import."
    refused(local, DecryptRequest(ciphertext_blob=blob), KMSInvalidStateException, message)
