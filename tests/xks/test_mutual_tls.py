"""
A proxy that authenticates AWS KMS by its client certificate, on loopback.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from kmsmodel.hsm.external_keys import (
    EkmHealthStatus,
    XksFailure,
    XksProxyAuthenticationCredential,
    XksProxyConfiguration,
    XksProxyError,
    XksRequestMetadata,
)
from kmsmodel.key_store_file import KeyStoreFileError, SomeXksProxies, read
from kmsmodel.words.enumerations import XksProxyConnectivityType
from kmsmodel.xks.client import HttpXksProxies
from kmsmodel.xks.proxy import XksProxyServer
from tests.basics import HSM, REGION
from tests.key_stores import proxy
from tests.xks.certificates import Authority, asks_for_a_certificate
from tests.xks.serving import serving

OURS = proxy("ours")
CONFIGURATION = XksProxyConfiguration(
    connectivity=XksProxyConnectivityType.PUBLIC_ENDPOINT,
    credential=XksProxyAuthenticationCredential(OURS.access_key_id, OURS.raw_secret_access_key),
    uri_endpoint=OURS.uri_endpoint,
    uri_path=OURS.uri_path,
)
METADATA = XksRequestMetadata(
    region=REGION, kms_operation="KmsHealthCheck", kms_request_id="1", aws_principal_arn=""
)
AWS_KMS = f"cks.kms.{REGION}.amazonaws.com"
"""The common name of the certificate that AWS KMS presents."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    ours = Authority("authority")
    ours.certificate(tmp_path)
    return ours


@pytest.fixture
def address(authority: Authority, tmp_path: Path) -> Iterator[str]:
    """Where a proxy listens that takes clients with a certificate of this authority, and no others."""
    served = authority.issue(tmp_path, "proxy")
    server = XksProxyServer(OURS)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # who is refused is told so by TLS
    server.socket = asks_for_a_certificate(served, tmp_path / "authority.pem").wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    with serving(server):
        yield server.address.replace("http:", "https:")


def healthy(proxies: HttpXksProxies) -> tuple[EkmHealthStatus, ...]:
    patient = evolve(proxies, timeout=timedelta(seconds=20))
    return patient.at(CONFIGURATION).get_health_status(METADATA)


def from_file(folder: Path, address: str, **tls: str) -> HttpXksProxies:
    """What a file in this folder says that has the address and the files for TLS."""
    file = folder / "key-stores.json"
    file.write_text(json.dumps({"addresses": {OURS.uri_endpoint: address}, "tls": tls}), "utf-8")
    proxies = read(file, HSM).proxies
    assert isinstance(proxies, SomeXksProxies)
    return proxies.http


def test_aws_kms_presents_its_certificate_to_a_proxy_that_asks_for_it(
    authority: Authority, address: str, tmp_path: Path
) -> None:
    context = ssl.create_default_context(cafile=tmp_path / "authority.pem")
    context.load_cert_chain(authority.issue(tmp_path, AWS_KMS))
    proxies = HttpXksProxies(addresses={OURS.uri_endpoint: address}, context=context)
    assert healthy(proxies) == (EkmHealthStatus.ACTIVE,)


def test_the_certificates_may_be_named_in_the_file_of_key_stores(
    authority: Authority, address: str, tmp_path: Path
) -> None:
    authority.issue(tmp_path, AWS_KMS)
    files = {"certificate_authorities": "authority.pem", "client_certificate": f"{AWS_KMS}.pem"}
    assert healthy(from_file(tmp_path, address, **files)) == (EkmHealthStatus.ACTIVE,)
    apart = {**files, "client_key": str(tmp_path / f"{AWS_KMS}.pem")}
    assert healthy(from_file(tmp_path, address, **apart)) == (EkmHealthStatus.ACTIVE,)


def test_without_a_certificate_of_that_authority_nothing_is_answered(
    address: str, tmp_path: Path
) -> None:
    Authority("another").issue(tmp_path, AWS_KMS)
    trusting = {"certificate_authorities": "authority.pem"}
    for files in (trusting, {**trusting, "client_certificate": f"{AWS_KMS}.pem"}):
        with pytest.raises(XksProxyError) as caught:
            healthy(from_file(tmp_path, address, **files))
        # Who is refused may find the connection closed before they read why.
        assert caught.value.failure in {XksFailure.NoTls, XksFailure.Unreachable}


def test_a_proxy_of_an_authority_that_is_not_trusted_is_not_asked(
    authority: Authority, address: str, tmp_path: Path
) -> None:
    authority.issue(tmp_path, AWS_KMS)
    Authority("another").certificate(tmp_path)
    files = {"certificate_authorities": "another.pem", "client_certificate": f"{AWS_KMS}.pem"}
    with pytest.raises(XksProxyError) as caught:
        healthy(from_file(tmp_path, address, **files))
    assert caught.value.failure is XksFailure.NoTls


@pytest.mark.parametrize(
    "tls, message",
    [
        ({"client_key": "key.pem"}, "tls has a client_key without its client_certificate"),
        ({"certificate_authorities": "absent.pem"}, r"tls: .*No such file"),
        ({"client_certificate": "absent.pem"}, r"tls: .*No such file"),
        ({"client_certificate": "authority.pem"}, r"tls: .*"),
        ({"certificate_authorities": "\0"}, "null"),
    ],
)
@pytest.mark.usefixtures("authority")
def test_a_file_that_cannot_be_used_is_told(
    tls: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(KeyStoreFileError, match=message):
        from_file(tmp_path, "https://127.0.0.1:1", **tls)
