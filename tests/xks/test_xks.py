"""
The external key store proxy API over HTTP: AWS KMS and a proxy, on loopback.
"""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from attrs import evolve
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, strategies as st

from kmsmodel.crypto.software_xks_proxy import SoftwareXksProxy
from kmsmodel.errors import KMSInvalidStateException
from kmsmodel.hsm.external_keys import (
    EkmHealthStatus,
    ExternalCiphertext,
    XksFailure,
    XksProxyAuthenticationCredential,
    XksProxyConfiguration,
    XksProxyError,
    XksRequestMetadata,
)
from kmsmodel.hsm.key_stores import KeyStores
from kmsmodel.hsm.secret import Secret
from kmsmodel.local import LocalKms
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    DescribeCustomKeyStoresRequest,
)
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.enumerations import ConnectionErrorCodeType, XksProxyConnectivityType
from kmsmodel.xks import messages, signature
from kmsmodel.xks.client import HttpXksProxies, HttpXksProxy
from kmsmodel.xks.proxy import XksProxyServer, answer
from tests.basics import NOW, REGION
from tests.key_stores import external_key, of_proxy, proxy
from tests.xks.serving import serving

METADATA = XksRequestMetadata(
    region=REGION,
    kms_operation="Encrypt",
    kms_request_id="4112f4d6-db54-4af4-ae30-c55a22a8dfae",
    aws_principal_arn="arn:aws:iam::123456789012:user/Alice",
    kms_key_arn="arn:aws:kms:us-east-2:123456789012:/key/1234abcd-12ab-34cd-56ef-1234567890ab",
    kms_via_service="ebs",
)
PATIENT = timedelta(seconds=20)
OURS = proxy("ours", uri_path="/prefix/kms/xks/v1")


def configuration(of: SoftwareXksProxy, **changes: Any) -> XksProxyConfiguration:
    credential = XksProxyAuthenticationCredential(of.access_key_id, of.raw_secret_access_key)
    named: dict[str, Any] = {
        "connectivity": XksProxyConnectivityType.PUBLIC_ENDPOINT,
        "credential": credential,
        "uri_endpoint": of.uri_endpoint,
        "uri_path": of.uri_path,
    }
    return XksProxyConfiguration(**named | changes)


@pytest.fixture
def server() -> Iterator[XksProxyServer]:
    listening = XksProxyServer(OURS)
    with serving(listening):
        yield listening


def over_http(server: XksProxyServer, **changes: Any) -> HttpXksProxy:
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: server.address}, timeout=PATIENT)
    return proxies.at(configuration(OURS, **changes))


# ---- the whole way


def test_a_kms_key_encrypts_twice_by_way_of_a_proxy_over_http(server: XksProxyServer) -> None:
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: server.address}, timeout=PATIENT)
    local = LocalKms(key_stores=KeyStores(proxies=proxies))
    store = local.handle(of_proxy(OURS, "over HTTP")).custom_key_store_id
    local.handle(ConnectCustomKeyStoreRequest(custom_key_store_id=store))
    created = local.handle(
        CreateKeyRequest(
            origin="EXTERNAL_KEY_STORE",  # type: ignore[arg-type]
            custom_key_store_id=store,
            xks_key_id="key-3",
        )
    )
    arn = created.key_metadata.arn or ""
    sealed = local.handle(EncryptRequest(key_id=arn, plaintext=b"attack at dawn"))
    request = DecryptRequest(ciphertext_blob=sealed.ciphertext_blob)
    assert local.handle(request).plaintext == b"attack at dawn"
    assert [(each.kms_operation, each.kms_key_arn) for each in server.asked] == [
        ("CreateCustomKeyStore", None),
        ("ConnectCustomKeyStore", None),
        ("CreateKey", None),
        ("Encrypt", arn),
        ("Decrypt", arn),
    ]
    assert {each.region for each in server.asked} == {REGION}
    assert server.asked[-1].aws_principal_arn == "arn:aws:iam::111122223333:root"
    server.proxy = proxy("ours", uri_path=OURS.uri_path, keys={})
    with pytest.raises(KMSInvalidStateException, match="was not found in its external key manager"):
        local.handle(request)


def test_over_http_a_proxy_does_what_it_does_by_itself(server: XksProxyServer) -> None:
    http = over_http(server)
    assert http.get_health_status(METADATA) == (EkmHealthStatus.ACTIVE,)
    assert http.get_key_metadata("key-0", METADATA) == OURS.get_key_metadata("key-0", METADATA)
    sealed = http.encrypt("key-0", b"plaintext", b"context", METADATA)
    assert sealed == OURS.encrypt("key-0", b"plaintext", b"context", METADATA)
    assert http.decrypt("key-0", sealed, b"context", METADATA) == b"plaintext"
    assert server.asked[-1] == METADATA


PROXY_FAILURES = [each for each in XksFailure if each.value.endswith("Exception")]


@pytest.mark.parametrize("failure", PROXY_FAILURES)
def test_each_error_of_a_proxy_comes_over_http(failure: XksFailure, server: XksProxyServer) -> None:
    server.proxy = evolve(OURS, fails_with=failure)
    with pytest.raises(XksProxyError) as caught:
        over_http(server).encrypt("key-0", b"plaintext", b"", METADATA)
    assert caught.value.failure is failure


# ---- what a proxy refuses


def test_a_key_that_only_encrypts_is_refused_to_aws_kms(server: XksProxyServer) -> None:
    """AWS KMS asks for an integrity value, which promises that what is encrypted can be decrypted."""
    server.proxy = one_way = evolve(OURS, keys={"key-0": external_key("0", usage=("ENCRYPT",))})
    for asked_one in (one_way, over_http(server)):
        with pytest.raises(XksProxyError) as caught:
            asked_one.encrypt("key-0", b"plaintext", b"", METADATA)
        assert caught.value.failure is XksFailure.InvalidKeyUsageException
    without = one_way.encrypt("key-0", b"plaintext", b"", METADATA, integrity=False)
    assert len(without.ciphertext) == len(b"plaintext")


def test_what_is_signed_with_another_secret_is_not_authenticated(server: XksProxyServer) -> None:
    for credential in (
        XksProxyAuthenticationCredential(OURS.access_key_id, Secret(b"another")),
        XksProxyAuthenticationCredential("B" * 20, OURS.raw_secret_access_key),
    ):
        with pytest.raises(XksProxyError) as caught:
            over_http(server, credential=credential).get_health_status(METADATA)
        assert caught.value.failure is XksFailure.AuthenticationFailedException


def test_another_path_is_not_valid(server: XksProxyServer) -> None:
    for path in ("/other/kms/xks/v1", "/prefix/kms/xks/v10"):
        with pytest.raises(XksProxyError) as caught:
            over_http(server, uri_path=path).get_health_status(METADATA)
        assert caught.value.failure is XksFailure.InvalidUriPathException


def test_a_ciphertext_of_another_context_is_invalid(server: XksProxyServer) -> None:
    http = over_http(server)
    sealed = http.encrypt("key-0", b"plaintext", b"context", METADATA)
    for key, context in (("key-0", b"another"), ("key-1", b"context")):
        with pytest.raises(XksProxyError) as caught:
            http.decrypt(key, sealed, context, METADATA)
        assert caught.value.failure is XksFailure.InvalidCiphertextException


def signed(
    body: bytes, path: str = "/prefix/kms/xks/v1/health", now: datetime = NOW
) -> dict[str, str]:
    credential, host = configuration(OURS).credential, "ours.example.com"
    return signature.sign(credential, REGION, host=host, path=path, body=body, now=now)


HEALTH = json.dumps({"requestMetadata": {"kmsRequestId": "1", "kmsOperation": "KmsHealthCheck"}})


def asked(body: bytes, headers: dict[str, str], path: str = "/prefix/kms/xks/v1/health") -> Any:
    status, told = answer(OURS, path, headers=headers, body=body, now=NOW)
    return status, json.loads(told)


@given(st.integers(-3600, 3600))
def test_a_request_is_taken_for_five_minutes(seconds: int) -> None:
    body = HEALTH.encode()
    status, _ = asked(body, signed(body, now=NOW + timedelta(seconds=seconds)))
    age = NOW - (NOW + timedelta(seconds=seconds)).replace(microsecond=0)
    assert (status == 200) is (abs(age) <= timedelta(minutes=5))


@pytest.mark.parametrize("header", ["Host", "X-Amz-Date", "Authorization"])
def test_whatever_is_changed_in_a_signed_request_shows(header: str) -> None:
    body = HEALTH.encode()
    headers = signed(body)
    assert asked(body, headers)[0] == 200
    assert asked(body + b" ", headers)[0] == 401
    for changed in ({**headers, header: headers[header][:-1]}, {**headers, header: ""}):
        assert asked(body, changed)[0] == 401
    del headers[header]
    assert asked(body, headers)[0] == 401
    assert asked(body, signed(body), "/prefix/kms/xks/v1/keys/a/metadata")[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"requestMetadata": 1}',
        b'{"requestMetadata": {}}',
        b"[" * 9999,
    ],
)
def test_what_is_no_request_is_not_valid(body: bytes) -> None:
    status, told = asked(body, signed(body))
    assert (status, told) == (400, {"errorName": "ValidationException"})


def test_a_signature_is_the_one_that_botocore_makes() -> None:
    """The independent implementation of AWS Signature Version 4, which signs the header Host and X-Amz-Date too."""
    credential = configuration(OURS).credential
    url = "https://ours.example.com/prefix/kms/xks/v1/keys/key-0/encrypt"
    request = AWSRequest(method="POST", url=url, data=b"{}")
    secret = credential.raw_secret_access_key.reveal().decode()
    by_botocore = SigV4Auth(
        Credentials(credential.access_key_id, secret), signature.SERVICE, REGION
    )
    by_botocore.add_auth(request)
    date = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    path = "/prefix/kms/xks/v1/keys/key-0/encrypt"
    ours = signed(b"{}", path, now=date)
    assert ours["Authorization"] == request.headers["Authorization"]


def test_an_integrity_value_is_that_of_the_specification() -> None:
    """The example of Appendix C."""
    told = {
        "authenticationTag": "vBxN2ncH1oEkR8WVXpmyYQ==",
        "ciphertext": "ghxkK1txeDNn3q8Y",
        "ciphertextDataIntegrityValue": "qHA/ImC9h5HsLRXqCyPmWgYx7tzyoTplzILbP0fPXsc=",
        "ciphertextMetadata": "a2V5X3ZlcnNpb249MQ==",
        "initializationVector": "HMrlRw85cAJUd5Ax",
    }
    context = base64.b64decode("cHJvamVjdD1uaWxlLGRlcGFydG1lbnQ9bWFya2V0aW5n")
    read = messages.read_encrypted(told, context)
    assert read.metadata == b"key_version=1"
    assert messages.encrypted(read, context, integrity=True) == told
    with pytest.raises(ValueError, match="the integrity value is another"):
        messages.read_encrypted(told, context + b"!")


# ---- what AWS KMS makes of other answers


def answering(status: str, body: bytes) -> Any:
    """A server that answers each request so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            length = f"Content-Length: {len(body)}"
            self.wfile.write(f"HTTP/1.1 {status}\r\n{length}\r\n\r\n".encode() + body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


ACTIVE = {"id": "1", "model": "m", "healthStatus": "ACTIVE"}
WELL = {
    "xksProxyFleetSize": 1,
    "xksProxyVendor": "v",
    "xksProxyModel": "m",
    "ekmVendor": "v",
    "ekmFleetDetails": [ACTIVE],
}


@pytest.mark.parametrize(
    "status, told",
    [
        ("200 OK", {}),
        ("200 OK", []),
        ("200 OK", {**WELL, "xksProxyFleetSize": 0}),
        ("200 OK", {**WELL, "xksProxyFleetSize": True}),
        ("200 OK", {**WELL, "ekmVendor": 1}),
        ("200 OK", {**WELL, "ekmFleetDetails": []}),
        ("200 OK", {**WELL, "ekmFleetDetails": [ACTIVE] * 11}),
        ("200 OK", {**WELL, "ekmFleetDetails": [{**ACTIVE, "healthStatus": "WELL"}]}),
        ("200 OK", {**WELL, "ekmFleetDetails": ["ACTIVE"]}),
        ("500 Oops", {}),
        ("500 Oops", {"errorName": "TimedOut"}),
        ("500 Oops", {"errorName": ["InternalException"]}),
        ("four", {}),
    ],
)
def test_an_answer_of_another_form_cannot_be_interpreted(status: str, told: object) -> None:
    odd = answering(status, json.dumps(told).encode())
    address = f"http://127.0.0.1:{odd.server_address[1]}"
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: address}, timeout=PATIENT)
    with serving(odd), pytest.raises(XksProxyError) as caught:
        proxies.at(configuration(OURS)).get_health_status(METADATA)
    assert caught.value.failure is XksFailure.InvalidResponse


def test_a_good_answer_is_taken() -> None:
    good = answering("200 OK", json.dumps(WELL).encode())
    address = f"http://127.0.0.1:{good.server_address[1]}"
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: address}, timeout=PATIENT)
    with serving(good):
        health = proxies.at(configuration(OURS)).get_health_status(METADATA)
    assert health == (EkmHealthStatus.ACTIVE,)


def test_where_nobody_listens_a_proxy_is_unreachable(server: XksProxyServer) -> None:
    nowhere = XksProxyServer(OURS)
    address = nowhere.address
    nowhere.server_close()
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: address}, timeout=PATIENT)
    with pytest.raises(XksProxyError) as caught:
        proxies.at(configuration(OURS)).get_health_status(METADATA)
    assert caught.value.failure is XksFailure.Unreachable


def test_who_does_not_speak_tls_fails_the_connection(server: XksProxyServer) -> None:
    address = server.address.replace("http:", "https:")
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: address}, timeout=PATIENT)
    with pytest.raises(XksProxyError) as caught:
        proxies.at(configuration(OURS)).get_health_status(METADATA)
    assert caught.value.failure is XksFailure.NoTls


def test_who_answers_late_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        proxies = HttpXksProxies(
            addresses={OURS.uri_endpoint: address}, timeout=timedelta(milliseconds=50)
        )
        with pytest.raises(XksProxyError) as caught:
            proxies.at(configuration(OURS)).get_health_status(METADATA)
    assert caught.value.failure is XksFailure.TimedOut


@pytest.mark.parametrize(
    "failure, code",
    [
        (XksFailure.AuthenticationFailedException, ConnectionErrorCodeType.INVALID_CREDENTIALS),
        (XksFailure.InternalException, ConnectionErrorCodeType.XKS_PROXY_INVALID_RESPONSE),
    ],
)
def test_a_proxy_that_fails_fails_the_connection(
    failure: XksFailure, code: ConnectionErrorCodeType, server: XksProxyServer
) -> None:
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: server.address}, timeout=PATIENT)
    local = LocalKms(key_stores=KeyStores(proxies=proxies))
    store = local.handle(of_proxy(OURS, "over HTTP")).custom_key_store_id
    server.proxy = evolve(OURS, fails_with=failure)
    local.handle(ConnectCustomKeyStoreRequest(custom_key_store_id=store))
    (entry,) = local.handle(DescribeCustomKeyStoresRequest()).custom_key_stores
    assert entry.connection_error_code is code


def test_a_load_balancer_finds_a_proxy_well(server: XksProxyServer) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    connection.request("GET", "/ping")
    assert connection.getresponse().status == 200
    connection.close()


def test_metadata_of_a_ciphertext_is_authenticated() -> None:
    sealed = OURS.encrypt("key-0", b"plaintext", b"", METADATA)
    with pytest.raises(XksProxyError):
        OURS.decrypt("key-0", evolve(sealed, metadata=b"version 2"), b"", METADATA)
    assert isinstance(sealed, ExternalCiphertext)
