"""
The AWS JSON 1.1 protocol, byte by byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import example, given, strategies as st

from kmsmodel import asgi, wire
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import SerializationException
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import AliasListEntry
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.operations.keys import DescribeKeyResponse, EnableKeyResponse
from kmsmodel.wire import HttpResponse, parse, render
from kmsmodel.words import structures
from kmsmodel.words.enumerations import KeySpec
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
    assert headers["Cache-Control"] == "no-cache, no-store, must-revalidate, private"
    assert (headers["Expires"], headers["Pragma"]) == ("0", "no-cache")
    assert metadata["CreationDate"] == NOW.timestamp()
    assert metadata["KeyState"] == "PendingImport"
    assert metadata["Enabled"] is False


@pytest.mark.parametrize(
    "seconds, written",
    [
        (1790597408.399, "1.790597408399E9"),
        (1517415242.19, "1.51741524219E9"),
        (1517415242.0, "1.517415242E9"),
        (1500000000.0, "1.5E9"),
        (1000000000.0, "1.0E9"),
        (221845392000.0, "2.21845392E11"),
        (12345678.25, "1.234567825E7"),
        (10000000.0, "1.0E7"),
        (9999999.5, "9999999.5"),
        (0.0, "0.0"),
        (-1517415242.5, "-1.5174152425E9"),
    ],
)
@pytest.mark.parametrize("write", [wire.write, asgi.write], ids=["json", "orjson"])
def test_a_time_is_written_as_java_prints_it(
    write: Callable[[Mapping[str, object]], bytes], seconds: float, written: str
) -> None:
    date = datetime.fromtimestamp(seconds, UTC)
    body = render(AliasListEntry(alias_name="a", alias_arn="b", creation_date=date), "id", write)
    assert body.body == b'{"AliasName":"a","AliasArn":"b","CreationDate":%b}' % written.encode()


NUMBERS = st.from_regex(r'"?\\*"?:?-?[0-9]{7,11}\.[0-9]{1,4}[,}]?', fullmatch=True)


@given(
    text=st.lists(NUMBERS | st.text(), max_size=3).map("".join),
    at=st.datetimes(timezones=st.just(UTC), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001
)
@example(text=":12345678.9", at=NOW)
def test_no_value_changes_when_times_are_written_so(text: str, at: datetime) -> None:
    """Least of all a string in which there is such a number."""
    answer = DescribeKeyResponse(
        key_metadata=KeyMetadata(key_id="k", description=text, creation_date=at, valid_to=at)
    )
    for write in (wire.write, asgi.write):
        assert json.loads(render(answer, "id", write).body) == structures.to_json(answer)


def test_a_denied_access_has_its_message_in_a_member_of_its_own_spelling(local: LocalKms) -> None:
    key_id = f"arn:aws:kms:us-west-2:{OTHER_ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    body = json.dumps({"KeyId": key_id}).encode()
    status, error = refusal(local.respond("TrentService.DescribeKey", body))
    assert status == 400
    assert isinstance(error, dict)
    assert set(cast("dict[str, str]", error)) == {"__type", "Message"}


@pytest.mark.parametrize(
    "number, text", [("42", "42"), ("-1", "-1"), ("0.5", "0.5"), ("9" * 40, "9" * 40)]
)
def test_a_number_in_an_encryption_context_is_read_as_a_string(number: str, text: str) -> None:
    body = f'{{"KeyId":"k","Plaintext":"eA==","EncryptionContext":{{"tenant":{number}}}}}'
    assert parse("TrentService.Encrypt", body.encode()) == EncryptRequest(
        key_id="k", plaintext=b"x", encryption_context={"tenant": text}
    )


@pytest.mark.parametrize("value", ["true", "[]", "{}", "[1]"])
def test_what_is_no_number_and_no_string_is_not_in_an_encryption_context(value: str) -> None:
    body = f'{{"KeyId":"k","Plaintext":"eA==","EncryptionContext":{{"tenant":{value}}}}}'
    with pytest.raises(SerializationException):
        parse("TrentService.Encrypt", body.encode())


@pytest.mark.parametrize(
    "operation, members, error",
    [
        ("Encrypt", '"KeyId":"k"', "Value at 'plaintext'"),
        ("Sign", '"KeyId":"k","SigningAlgorithm":"ECDSA_SHA_256"', "Value at 'message'"),
        (
            "Verify",
            '"KeyId":"k","Message":"eA==","SigningAlgorithm":"ECDSA_SHA_256"',
            "Value null at 'signature'",
        ),
        (
            "VerifyMac",
            '"KeyId":"k","Message":"eA==","MacAlgorithm":"HMAC_SHA_256"',
            "Value null at 'mac'",
        ),
        ("Decrypt", "", "Value null at 'ciphertextBlob'"),
        ("ReEncrypt", '"DestinationKeyId":"alias/none"', "Value null at 'ciphertextBlob'"),
    ],
)
def test_of_what_is_missing_null_is_said_unless_it_is_sensitive(
    local: LocalKms, operation: str, members: str, error: str
) -> None:
    message = f"1 validation error detected: {error} failed to satisfy constraint: Member must not be null"
    http = local.respond(f"TrentService.{operation}", f"{{{members}}}".encode())
    assert refusal(http) == (400, {"__type": "ValidationException", "message": message})


@pytest.mark.parametrize("operation", ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"])
@pytest.mark.parametrize("key_spec", ["AES-256", "RSA_2048"])
def test_whoever_asks_for_a_data_key_is_told_the_key_specs_of_kms_keys(
    local: LocalKms, operation: str, key_spec: str
) -> None:
    body = json.dumps({"KeyId": "k", "KeySpec": key_spec}).encode()
    message = (
        f"1 validation error detected: Value '{key_spec}' at 'keySpec' failed to satisfy "
        f"constraint: Member must satisfy enum value set: [{', '.join(KeySpec)}]"
    )
    error = {"__type": "ValidationException", "message": message}
    assert refusal(local.respond(f"TrentService.{operation}", body)) == (400, error)


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
        ("CreateKey", b'{"Tags":[null]}', ""),
        ("CreateKey", b"null", ""),
        ("CreateKey", b"[]", "Start of list found where not expected"),
        ("CreateKey", b'"x"', "Expected null"),
        ("ListKeys", b'{"Limit":true}', "TRUE_VALUE can not be converted to an Integer"),
        ("ListKeys", b'{"Limit":1e999}', "NUMBER_VALUE can not be converted to an Integer"),
        ("ListKeys", b'{"Limit":{}}', "Start of structure or map found where not expected."),
        (
            "ImportKeyMaterial",
            b'{"ValidTo":"2026-11-24T00:00:00Z"}',
            "STRING_VALUE can not be converted to milliseconds since epoch",
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
    with pytest.raises(TypeError, match=f"^target must be a string, not {kind}$"):
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
