"""
The AWS JSON 1.1 protocol, byte by byte.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import SerializationException
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.operations.keys import EnableKeyResponse
from kmsmodel.wire import HttpResponse, parse, render
from tests.basics import NOW, OTHER_ACCOUNT, OTHER_REGION


@pytest.fixture
def local() -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm("wire"))


def refusal(http: HttpResponse) -> tuple[int, object]:
    return http.status, json.loads(http.body)


def test_times_are_numbers_and_blobs_are_base64() -> None:
    body = (
        b'{"KeyId":"k","ImportToken":"AAE=","EncryptedKeyMaterial":"/w==","ValidTo":1795000000.5}'
    )
    assert parse("TrentService.ImportKeyMaterial", body) == ImportKeyMaterialRequest(
        key_id="k",
        import_token=b"\x00\x01",
        encrypted_key_material=b"\xff",
        valid_to=datetime.fromtimestamp(1795000000.5, UTC),
    )


def test_members_that_aws_kms_does_not_know_are_ignored() -> None:
    body = b'{"KeyId":"k","Plaintext":"eA==","plaintext":1,"More":{"of":["it"]},"DryRun":null}'
    assert parse("TrentService.Encrypt", body) == EncryptRequest(key_id="k", plaintext=b"x")


def test_an_answer_has_its_headers_and_a_time_is_a_number(local: LocalKms) -> None:
    http = local.respond("TrentService.CreateKey", b'{"Origin":"EXTERNAL"}')
    headers = dict(http.headers)
    metadata = json.loads(http.body)["KeyMetadata"]
    assert http.status == 200
    assert headers["Content-Type"] == "application/x-amz-json-1.1"
    assert headers["Content-Length"] == str(len(http.body))
    assert len(headers["x-amzn-RequestId"]) == 36
    assert metadata["CreationDate"] == NOW.timestamp()
    assert metadata["KeyState"] == "PendingImport"
    assert metadata["Enabled"] is False


def test_a_response_without_members_has_no_body() -> None:
    http = render(EnableKeyResponse(), "id")
    assert (http.status, http.body) == (200, b"")


def test_an_error_has_its_code_and_message(local: LocalKms) -> None:
    http = local.respond("TrentService.DescribeKey", b'{"KeyId":"fake-key-id"}')
    assert refusal(http) == (
        400,
        {"__type": "NotFoundException", "message": "Invalid keyId 'fake-key-id'"},
    )


def test_an_error_without_a_message_has_no_message(local: LocalKms) -> None:
    http = local.respond("TrentService.Decrypt", b'{"CiphertextBlob":"eA=="}')
    assert refusal(http) == (400, {"__type": "InvalidCiphertextException"})


def test_a_required_member_that_is_missing_is_a_violation(local: LocalKms) -> None:
    http = local.respond("TrentService.EnableKey", b"{}")
    assert refusal(http) == (
        400,
        {
            "__type": "ValidationException",
            "message": "1 validation error detected: Value null at 'keyId' failed to satisfy "
            "constraint: Member must not be null",
        },
    )


@pytest.mark.parametrize(
    "target", ["", "CreateKey", "TrentService.", "TrentService.createKey", "Other.CreateKey"]
)
def test_an_operation_that_aws_kms_does_not_know_is_refused(local: LocalKms, target: str) -> None:
    before = local.kms
    error = {
        "__type": "UnknownOperationException",
        "message": f"{target.removeprefix('TrentService.')} is not an operation of this model.",
    }
    assert refusal(local.respond(target, b"{}")) == (400, error)
    assert local.kms is before


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="broken"),
        pytest.param(b'{"Description":"\xff"}', id="no UTF-8"),
        pytest.param(b'{"Description":"\\ud800"}', id="a lone surrogate"),
        pytest.param(b'{"Description":"a","Description":"b"}', id="a name twice"),
        pytest.param(b'{"Tags":[{"TagKey":NaN}]}', id="NaN"),
        pytest.param(b'{"Limit":' + b"9" * 5000 + b"}", id="a huge number"),
        pytest.param(b"[" * 200_000 + b"]" * 200_000, id="deeply nested"),
        pytest.param(b'{"More":' + b"[" * 200_000 + b"]" * 200_000 + b"}", id="deep and unknown"),
    ],
)
def test_a_body_that_is_not_json_is_refused(body: bytes) -> None:
    local = LocalKms(Kms(), clock=Clock(NOW), hsm=SeededHsm("wire"))
    before = local.kms
    assert refusal(local.respond("TrentService.CreateKey", body)) == (
        400,
        {"__type": "SerializationException"},
    )
    assert local.kms is before


@pytest.mark.parametrize(
    "operation, body, message",
    [
        ("CreateKey", b'{"Description":1}', "NUMBER_VALUE can not be converted to a String"),
        ("CreateKey", b'{"MultiRegion":"yes"}', "STRING_VALUE can not be converted to a Boolean"),
        ("CreateKey", b'{"Tags":"x"}', "Expected list or null"),
        ("CreateKey", b'{"Tags":["x"]}', "Expected null"),
        ("CreateKey", b'{"Tags":[[]]}', "Start of list found where not expected"),
        ("CreateKey", b"[]", "Start of list found where not expected"),
        ("CreateKey", b'"x"', "Expected null"),
        ("ListKeys", b'{"Limit":true}', "TRUE_VALUE can not be converted to an Integer"),
        ("ListKeys", b'{"Limit":1e999}', "NUMBER_VALUE can not be converted to an Integer"),
        ("ListKeys", b'{"Limit":{}}', "Start of structure or map found where not expected."),
        (
            "ImportKeyMaterial",
            b'{"ValidTo":"2026-11-24T00:00:00"}',  # which has no time zone
            "STRING_VALUE can not be converted to a Timestamp",
        ),
    ],
)
def test_a_member_of_another_type_is_refused(operation: str, body: bytes, message: str) -> None:
    with pytest.raises(SerializationException) as refused:
        parse(f"TrentService.{operation}", body)
    assert refused.value.message == message


def test_who_calls_and_where_can_be_said_of_each_request(local: LocalKms) -> None:
    http = local.respond(
        "TrentService.CreateKey", b"{}", account=OTHER_ACCOUNT, region=OTHER_REGION
    )
    arn = json.loads(http.body)["KeyMetadata"]["Arn"]
    assert arn.startswith("arn:aws:kms:eu-central-1:444455556666:key/")


@pytest.mark.parametrize("body", ["{}", None, {}, memoryview(b"{}")])
def test_a_body_that_is_not_bytes_is_a_mistake_of_the_caller(local: LocalKms, body: Any) -> None:
    before = local.kms
    kind = type(body).__name__
    with pytest.raises(TypeError, match=f"^body must be bytes, not {kind}$"):
        local.respond("TrentService.CreateKey", body)
    assert local.kms is before


@pytest.mark.parametrize("target", [None, b"TrentService.CreateKey", []])
def test_a_target_that_is_no_string_is_a_mistake_of_the_caller(
    local: LocalKms, target: Any
) -> None:
    kind = type(target).__name__
    with pytest.raises(TypeError, match=f"^target must be str, not {kind}$"):
        local.respond(target, b"{}")


def test_a_body_may_be_a_bytearray(local: LocalKms) -> None:
    body: Any = bytearray(b"{}")
    assert local.respond("TrentService.CreateKey", body).status == 200


def test_the_status_of_an_answer_is_a_plain_number(local: LocalKms) -> None:
    for target in ("TrentService.ListKeys", "TrentService.MakeCoffee"):
        status = local.respond(target, b"{}").status
        assert type(status) is int
    assert repr(render(EnableKeyResponse(), "id")).startswith("HttpResponse(status=200, ")


def test_the_body_of_an_answer_does_not_show() -> None:
    """It may hold a plaintext, which a failing test would print."""
    local = LocalKms(hsm=SeededHsm())
    answer = local.respond("TrentService.GenerateRandom", b'{"NumberOfBytes": 16}')
    plaintext = json.loads(answer.body)["Plaintext"]
    assert plaintext not in repr(answer)
    assert "body" not in repr(answer)
