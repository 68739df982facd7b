"""
Keys that are not symmetric encryption keys: each has one key material for life.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    ValidationException,
)
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, WRAPPING, is_asymmetric
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import (
    DeriveSharedSecretRequest,
    GetPublicKeyRequest,
    SignRequest,
)
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.hmac_keys import GenerateMacRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    DeleteImportedKeyMaterialResponse,
    ImportKeyMaterialResponse,
)
from kmsmodel.operations.keys import CreateKeyRequest, DisableKeyRequest
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType, OriginType
from tests.operations.importing.materials import (
    DOES_NOT_EXPIRE,
    EXISTING,
    EXPIRES,
    IN_A_WEEK,
    MESSAGE,
    NEW,
    assert_works,
    create_for_import,
    id_of,
    material_of,
    remembered_secrets,
    request_for,
    told_id_of,
)
from tests.operations.steps import delete_material, describe, refused

KINDS = [
    (key_spec, usage)
    for key_spec in WRAPPING
    if key_spec not in {KeySpec.RSA_3072, KeySpec.RSA_4096}  # it takes long, and is as RSA_2048
    for usage in ALGORITHMS[key_spec]
]
"""The key specs of which key material is imported, with each of their key usages."""

EVERY_KIND = pytest.mark.parametrize("key_spec, usage", KINDS)
ONE_LIFE = pytest.mark.parametrize(
    "key_spec",
    [
        KeySpec.HMAC_256,
        KeySpec.RSA_2048,
        KeySpec.ECC_NIST_P256,
        KeySpec.ECC_NIST_EDWARDS25519,
    ],
)
"""Of keys that have one key material for life, one of each kind."""


def use(arn: str, key_spec: KeySpec, usage: KeyUsageType) -> Request[Any]:
    """A request that needs the key material of a key of this kind."""
    algorithm: Any = ALGORITHMS[key_spec][usage].every[-1]
    match usage:
        case KeyUsageType.ENCRYPT_DECRYPT:
            return EncryptRequest(key_id=arn, plaintext=MESSAGE, encryption_algorithm=algorithm)
        case KeyUsageType.GENERATE_VERIFY_MAC:
            return GenerateMacRequest(key_id=arn, message=MESSAGE, mac_algorithm=algorithm)
        case KeyUsageType.KEY_AGREEMENT:
            peer = SeededHsm().public_key(SeededHsm().generate(key_spec, "peer"))
            return DeriveSharedSecretRequest(
                key_id=arn, public_key=peer, key_agreement_algorithm=algorithm
            )
        case _:
            return SignRequest(key_id=arn, message=MESSAGE, signing_algorithm=algorithm)


@EVERY_KIND
@pytest.mark.parametrize("multi_region", [False, True])
def test_key_material_of_every_kind_of_key_expires_is_deleted_and_comes_back(
    local: LocalKms, key_spec: KeySpec, usage: KeyUsageType, multi_region: bool
) -> None:
    """While it is gone, nothing is done with it, and even its public key is not told."""
    material = material_of(key_spec)
    arn = create_for_import(local, key_spec, usage, multi_region=multi_region)
    pending = describe(local, arn)
    local.handle(request_for(local, arn, key_spec, material, valid_to=IN_A_WEEK))
    id_ = told_id_of(arn, key_spec, material)
    enabled = evolve(
        pending,
        key_state=KeyState.Enabled,
        enabled=True,
        valid_to=IN_A_WEEK,
        expiration_model=EXPIRES,
        current_key_material_id=id_,
    )
    assert describe(local, arn) == enabled
    local.clock.advance(days=7)
    for gone in ("expired", "deleted", "settled"):
        if gone == "deleted":
            answer = DeleteImportedKeyMaterialResponse(key_id=arn, key_material_id=id_)
            assert local.handle(DeleteImportedKeyMaterialRequest(key_id=arn)) == answer
        if gone == "settled":
            local.step(lambda kms, call: (kms.settle(call.now), None))
        assert describe(local, arn) == evolve(pending, current_key_material_id=id_)
        message = f"{arn} is pending import."
        refused(local, use(arn, key_spec, usage), KMSInvalidStateException, message)
        if is_asymmetric(key_spec):
            refused(local, GetPublicKeyRequest(key_id=arn), KMSInvalidStateException, message)
    assert material not in remembered_secrets(local, arn)
    local.handle(request_for(local, arn, key_spec, material))
    assert describe(local, arn) == evolve(enabled, valid_to=None, expiration_model=DOES_NOT_EXPIRE)
    assert_works(local, arn, material)


@ONE_LIFE
@pytest.mark.parametrize("deleted", [False, True])
def test_a_key_that_is_not_for_symmetric_encryption_has_one_key_material_for_life(
    local: LocalKms, key_spec: KeySpec, deleted: bool
) -> None:
    arn = create_for_import(local, key_spec)
    local.handle(request_for(local, arn, key_spec, material_of(key_spec)))
    if deleted:
        delete_material(local, arn)
    other = request_for(local, arn, key_spec, material_of(key_spec, 2))
    with pytest.raises(IncorrectKeyMaterialException, match="does not have the expected") as caught:
        local.handle(other)
    assert caught.value.arn == arn
    local.handle(request_for(local, arn, key_spec, material_of(key_spec)))
    assert_works(local, arn, material_of(key_spec))


@ONE_LIFE
@pytest.mark.parametrize(
    "name, member",
    [
        ("importType", {"import_type": NEW}),
        ("importType", {"import_type": EXISTING}),
        ("keyMaterialDescription", {"key_material_description": "of 2026"}),
        ("keyMaterialId", {"key_material_id": "0" * 64}),
    ],
)
def test_what_tells_key_materials_apart_is_for_symmetric_encryption_keys_only(
    local: LocalKms, key_spec: KeySpec, name: str, member: dict[str, Any]
) -> None:
    """Also while there is no key material yet, and although the id were that of the material."""
    material = material_of(key_spec)
    arn = create_for_import(local, key_spec)
    message = f"Input parameter {name} cannot be used with {key_spec} imported keys."
    good = request_for(local, arn, key_spec, material)
    if name == "keyMaterialId":
        member = {"key_material_id": id_of(arn, material)}
    for _ in ("at first", "again"):
        error = refused(local, evolve(good, **member), ValidationException, message)
        assert error.arn == arn
        local.handle(good)


@ONE_LIFE
def test_the_key_material_of_other_keys_is_deleted_without_its_id(
    local: LocalKms, key_spec: KeySpec
) -> None:
    """Nobody is told one."""
    arn = create_for_import(local, key_spec)
    assert local.handle(
        request_for(local, arn, key_spec, material_of(key_spec))
    ) == ImportKeyMaterialResponse(key_id=arn)
    message = f"Input parameter keyMaterialId cannot be used with {key_spec} imported keys."
    request = DeleteImportedKeyMaterialRequest(
        key_id=arn, key_material_id=id_of(arn, material_of(key_spec))
    )
    error = refused(local, request, ValidationException, message)
    assert error.arn == arn
    assert local.handle(evolve(request, key_material_id=None)) == (
        DeleteImportedKeyMaterialResponse(key_id=arn)
    )


@EVERY_KIND
def test_an_import_into_a_disabled_key_of_any_kind_enables_it(
    local: LocalKms, key_spec: KeySpec, usage: KeyUsageType
) -> None:
    arn = create_for_import(local, key_spec, usage)
    request = request_for(local, arn, key_spec, material_of(key_spec))
    local.handle(request)
    enabled = describe(local, arn)
    local.handle(DisableKeyRequest(key_id=arn))
    local.handle(request)
    assert describe(local, arn) == enabled
    assert_works(local, arn, material_of(key_spec))


@pytest.mark.parametrize("key_spec", sorted(SUPPORTED - set(WRAPPING)))
def test_a_key_of_a_kind_that_takes_no_imported_material_is_not_of_origin_external(
    local: LocalKms, key_spec: KeySpec
) -> None:
    (usage,) = ALGORITHMS[key_spec]
    request = CreateKeyRequest(key_spec=key_spec, key_usage=usage, origin=OriginType.EXTERNAL)
    message = f"KeySpec {key_spec} is not supported for Origin EXTERNAL"
    refused(local, request, ValidationException, message)
