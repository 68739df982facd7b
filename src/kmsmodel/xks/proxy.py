"""
A small external key store proxy over HTTP, to test against: a `SoftwareXksProxy` that checks signatures.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import final

from kmsmodel.crypto.software_xks_proxy import SoftwareXksProxy
from kmsmodel.hsm.external_keys import (
    XksFailure,
    XksProxyAuthenticationCredential,
    XksProxyError,
    XksRequestMetadata,
)
from kmsmodel.xks import messages, signature
from kmsmodel.xks.messages import Json

_STATUSES: Mapping[XksFailure, HTTPStatus] = {
    XksFailure.AuthenticationFailedException: HTTPStatus.UNAUTHORIZED,
    XksFailure.AccessDeniedException: HTTPStatus.FORBIDDEN,
    XksFailure.KeyNotFoundException: HTTPStatus.NOT_FOUND,
    XksFailure.InvalidUriPathException: HTTPStatus.NOT_FOUND,
    XksFailure.ThrottlingException: HTTPStatus.TOO_MANY_REQUESTS,
    XksFailure.UnsupportedOperationException: HTTPStatus.NOT_IMPLEMENTED,
    XksFailure.DependencyTimeoutException: HTTPStatus.SERVICE_UNAVAILABLE,
    XksFailure.InternalException: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The HTTP status of each error; of all others it is 400."""

_LONGEST_BODY = 65536
_REMEMBERED = 1000


def answer(
    proxy: SoftwareXksProxy,
    path: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    witness: Callable[[XksRequestMetadata], None] | None = None,
) -> tuple[HTTPStatus, bytes]:
    """The status and the body that a proxy answers a POST request with; ``witness`` is told who asked for what."""
    try:
        region = _authenticated(proxy, path, headers, body, now)
        status, told = HTTPStatus.OK, _told(proxy, path, body, region, witness)
    except XksProxyError as error:
        status = _STATUSES.get(error.failure, HTTPStatus.BAD_REQUEST)
        told = {"errorName": error.failure.value}
    return status, json.dumps(told).encode()


def _authenticated(
    proxy: SoftwareXksProxy, path: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> str:
    """The Region of AWS KMS, who signed this request with the credential of the proxy. Raises XksProxyError."""
    base = proxy.uri_path
    proxy.expect_path(path[: len(base)] if path.startswith(f"{base}/") else path)
    given = {name.lower(): value for name, value in headers.items()}
    signed = signature.read(given.get("authorization", ""))
    secret = proxy.raw_secret_access_key
    if signed is None or not signed.holds(secret, path, given, body, now):
        raise XksProxyError(XksFailure.AuthenticationFailedException)
    proxy.expect_credential(XksProxyAuthenticationCredential(signed.access_key_id, secret))
    return signed.region


def _told(
    proxy: SoftwareXksProxy,
    path: str,
    body: bytes,
    region: str,
    witness: Callable[[XksRequestMetadata], None] | None,
) -> Json:
    try:
        data = messages.parsed(body)
        metadata = messages.read_metadata(data, region)
        if witness is not None:
            witness(metadata)
        match path.removeprefix(proxy.uri_path).split("/")[1:]:
            case ["health"]:
                return messages.health(proxy.get_health_status(metadata))
            case ["keys", key_id, "metadata"]:
                return messages.key_metadata(proxy.get_key_metadata(key_id, metadata))
            case ["keys", key_id, "encrypt"]:
                plaintext, aad, integrity = messages.read_encryption(data)
                sealed = proxy.encrypt(key_id, plaintext, aad, metadata, integrity=integrity)
                return messages.encrypted(sealed, aad, integrity=integrity)
            case ["keys", key_id, "decrypt"]:
                ciphertext, aad = messages.read_decryption(data)
                return messages.decrypted(proxy.decrypt(key_id, ciphertext, aad, metadata))
            case _:
                raise XksProxyError(XksFailure.InvalidUriPathException)
    except (ValueError, TypeError, RecursionError):
        raise XksProxyError(XksFailure.ValidationException) from None


@final
class XksProxyServer(ThreadingHTTPServer):
    """
    A proxy that listens on loopback, on a free port unless one is given.

    Another ``proxy`` can be put in the place of the one that it is; ``asked`` are the latest requests. `serve_forever`
    answers, and `shutdown` ends it.
    """

    daemon_threads = True

    def __init__(self, proxy: SoftwareXksProxy, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.proxy = proxy
        self.asked: deque[XksRequestMetadata] = deque(maxlen=_REMEMBERED)

    @property
    def address(self) -> str:
        """Where it listens, for `HttpXksProxies.addresses`."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@final
class _Handler(BaseHTTPRequestHandler):
    server: XksProxyServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(min(int(length), _LONGEST_BODY)) if length.isdecimal() else b""
        status, told = answer(
            self.server.proxy,
            self.path,
            headers=dict(self.headers.items()),
            body=body,
            now=datetime.now(UTC),
            witness=self.server.asked.append,
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_GET(self) -> None:
        """The health check of a load balancer."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
        """Nothing is logged: what was asked is in ``asked``."""
