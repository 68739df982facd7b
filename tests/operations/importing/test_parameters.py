"""
GetParametersForImport: the wrapping public key and the import token, and which wrapping suits which key.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kmsmodel.calls.call import Call
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import (
    InvalidImportTokenException,
    KMSInvalidStateException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key.key_spec import SUPPORTED, WRAPPING
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
    get_parameters_for_import,
)
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec, OriginType, WrappingKeySpec
from tests.basics import ACCOUNT, NOW, REGION, facts
from tests.operations.importing.materials import (
    NEW,
    SHA_256,
    assert_works,
    create_for_import,
    material_of,
    request_with,
    told_id_of,
)
from tests.operations.steps import (
    FIRST,
    arn_of,
    create,
    create_external,
    import_request,
    parameters,
    refused,
)

PAIRS: list[tuple[KeySpec, AlgorithmSpec, WrappingKeySpec]] = [
    (KeySpec(key_spec), AlgorithmSpec(algorithm), WrappingKeySpec(spec))
    for key_spec, fact in facts("key_specs.json")["key_specs"].items()
    if fact["import"]["supported"] and key_spec in SUPPORTED
    for algorithm, specs in fact["import"]["wrapping"].items()
    for spec in specs
]
"""Which wrapping algorithm and wrapping key spec suit which key spec, as AWS lists it."""

# ---- GetParametersForImport


@pytest.mark.parametrize("key_spec, algorithm, spec", PAIRS)
def test_what_is_imported_is_what_works_however_it_was_wrapped(
    local: LocalKms, key_spec: KeySpec, algorithm: AlgorithmSpec, spec: WrappingKeySpec
) -> None:
    material = material_of(key_spec)
    arn = create_for_import(local, key_spec)
    before = local.kms
    answer = parameters(local, arn, algorithm, spec)
    assert local.kms is before  # nothing is remembered: the token carries it all
    assert answer == GetParametersForImportResponse(
        key_id=arn,
        import_token=answer.import_token,
        public_key=answer.public_key,
        parameters_valid_to=NOW + timedelta(hours=24),
    )
    public_key = load_der_public_key(answer.public_key)
    assert isinstance(public_key, RSAPublicKey)
    assert f"RSA_{public_key.key_size}" == spec
    assert 1 <= len(answer.import_token) <= 6144
    wrapped = wrap_key_material(answer.public_key, algorithm, material)
    assert local.handle(request_with(answer, b"", encrypted_key_material=wrapped)) == (
        ImportKeyMaterialResponse(key_id=arn, key_material_id=told_id_of(arn, key_spec, material))
    )
    assert_works(local, arn, material)


@pytest.mark.parametrize("key_spec", WRAPPING)
def test_no_other_wrapping_suits(local: LocalKms, key_spec: KeySpec) -> None:
    arn = create_for_import(local, key_spec)
    for algorithm in AlgorithmSpec:
        for spec in WrappingKeySpec:
            if (key_spec, algorithm, spec) in PAIRS:
                continue
            request = GetParametersForImportRequest(
                key_id=arn, wrapping_algorithm=algorithm, wrapping_key_spec=spec
            )
            message = (
                f"Wrapping algorithm {algorithm} and wrapping key spec {spec} "
                f"cannot be used to import a {key_spec} key."
            )
            refused(local, request, ValidationException, message)


def test_the_parameters_are_asked_for_by_algorithm_and_key_spec(local: LocalKms) -> None:
    nothing: Any = None
    request = GetParametersForImportRequest(
        key_id=create_external(local), wrapping_algorithm=nothing, wrapping_key_spec=nothing
    )
    message = (
        "2 validation errors detected: Value null at 'wrappingAlgorithm' failed to satisfy "
        "constraint: Member must not be null; Value null at 'wrappingKeySpec' failed to satisfy "
        "constraint: Member must not be null"
    )
    refused(local, request, ValidationException, message)


def test_an_unknown_wrapping_algorithm_is_told_which_there_are(local: LocalKms) -> None:
    rot13: Any = "ROT13"
    request = GetParametersForImportRequest(
        key_id=create_external(local),
        wrapping_algorithm=rot13,
        wrapping_key_spec=WrappingKeySpec.RSA_2048,
    )
    message = (
        "1 validation error detected: Value 'ROT13' at 'wrappingAlgorithm' failed to satisfy "
        "constraint: Member must satisfy enum value set: [RSAES_PKCS1_V1_5, RSAES_OAEP_SHA_1, "
        "RSAES_OAEP_SHA_256, RSA_AES_KEY_WRAP_SHA_1, RSA_AES_KEY_WRAP_SHA_256, SM2PKE]"
    )
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("operation", ["get", "import", "delete"])
def test_only_a_key_of_origin_external_takes_imported_key_material(
    local: LocalKms, operation: str
) -> None:
    arn = arn_of(create(local))
    request = {
        "get": GetParametersForImportRequest(
            key_id=arn, wrapping_algorithm=SHA_256, wrapping_key_spec=WrappingKeySpec.RSA_2048
        ),
        "import": ImportKeyMaterialRequest(
            key_id=arn, import_token=b"token", encrypted_key_material=b"wrapped"
        ),
        "delete": DeleteImportedKeyMaterialRequest(key_id=arn),
    }[operation]
    message = f"{arn} origin is AWS_KMS which is not valid for this operation."
    refused(local, request, UnsupportedOperationException, message)


def test_a_key_that_has_lost_its_import_secret_gives_and_takes_no_import_token(
    local: LocalKms,
) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST)
    account = local.kms.accounts[ACCOUNT, REGION]
    key = account.keys.get(arn.rpartition("/")[2])
    assert key is not None
    kms = local.kms.with_key(evolve(key, import_secret=None))
    refused(LocalKms(kms, clock=local.clock), request, InvalidImportTokenException, "")
    ask = GetParametersForImportRequest(
        key_id=arn, wrapping_algorithm=SHA_256, wrapping_key_spec=WrappingKeySpec.RSA_2048
    )
    with pytest.raises(InvalidImportTokenException) as caught:
        get_parameters_for_import(kms, ask, Call(now=NOW, hsm=SeededHsm(), request_id="r"))
    assert caught.value.arn == arn


def test_parameters_are_not_given_for_a_key_that_is_pending_deletion(local: LocalKms) -> None:
    arn = create_external(local)
    import_it = import_request(local, arn, FIRST)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    ask = GetParametersForImportRequest(
        key_id=arn, wrapping_algorithm=SHA_256, wrapping_key_spec=WrappingKeySpec.RSA_2048
    )
    for request in (ask, import_it):
        refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")


# ---- openssl, as in the guide


def test_the_origin_is_refused_before_anything_else(local: LocalKms) -> None:
    arn = arn_of(create(local, origin=OriginType.AWS_KMS))
    request = ImportKeyMaterialRequest(
        key_id=arn,
        import_token=b"x",
        encrypted_key_material=b"x",
        import_type=NEW,
        key_material_id="0" * 64,
    )
    message = f"{arn} origin is AWS_KMS which is not valid for this operation."
    refused(local, request, UnsupportedOperationException, message)
