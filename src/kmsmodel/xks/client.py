"""
AWS KMS's side of the external key store proxy API: real proxies over HTTP.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TypeVar, final
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from kmsmodel.hsm.external_keys import (
    EkmHealthStatus,
    ExternalCiphertext,
    ExternalKeyMetadata,
    XksFailure,
    XksProxyConfiguration,
    XksProxyError,
    XksRequestMetadata,
)
from kmsmodel.xks import messages, signature
from kmsmodel.xks.messages import Json

T = TypeVar("T")

TIMEOUT = timedelta(milliseconds=250)
"""How long AWS KMS waits for an answer: *KMS Considerations* in the specification."""

_LONGEST_ANSWER = 65536
_ANSWERED_BY_A_PROXY = {
    failure.value: failure for failure in XksFailure if failure.value.endswith("Exception")
}


def _now() -> datetime:
    return datetime.now(UTC)


@final
@frozen(kw_only=True)
class HttpXksProxies:
    """
    External key store proxies over HTTP, to which requests are signed with the credential of their key store.

    ``addresses`` says where an ``XksProxyUriEndpoint`` is really found, such as ``http://127.0.0.1:8080``; any other is
    asked by TLS on port 443, as AWS KMS does, and so is each VPC endpoint service by its private DNS name. ``context``
    is for TLS: the certificate authorities that are trusted, and the client certificate for a proxy that asks for one.
    ``now`` is for signatures.
    """

    addresses: Mapping[str, str] = field(factory=dict[str, str])
    timeout: timedelta = TIMEOUT
    context: ssl.SSLContext | None = None
    now: Callable[[], datetime] = _now

    def at(self, configuration: XksProxyConfiguration) -> HttpXksProxy:
        return HttpXksProxy(self, configuration)

    def find_vpc_endpoint_service(self, configuration: XksProxyConfiguration) -> None:
        """Any service is there: whether its proxy is, connecting tells."""


@final
@frozen
class HttpXksProxy:
    """One external key store proxy over HTTP."""

    proxies: HttpXksProxies
    configuration: XksProxyConfiguration

    def get_health_status(self, metadata: XksRequestMetadata) -> tuple[EkmHealthStatus, ...]:
        sent = {"requestMetadata": messages.request_metadata(metadata, of_health=True)}
        return self._ask("/health", sent, metadata, messages.read_health)

    def get_key_metadata(
        self, external_key_id: str, metadata: XksRequestMetadata
    ) -> ExternalKeyMetadata:
        path = f"/keys/{external_key_id}/metadata"
        return self._ask(path, _about(metadata), metadata, messages.read_key_metadata)

    def encrypt(
        self,
        external_key_id: str,
        plaintext: bytes,
        additional_data: bytes,
        metadata: XksRequestMetadata,
    ) -> ExternalCiphertext:
        path = f"/keys/{external_key_id}/encrypt"
        sent = _about(metadata) | messages.encryption(plaintext, additional_data)

        def read(data: Json) -> ExternalCiphertext:
            return messages.read_encrypted(data, additional_data)

        return self._ask(path, sent, metadata, read)

    def decrypt(
        self,
        external_key_id: str,
        ciphertext: ExternalCiphertext,
        additional_data: bytes,
        metadata: XksRequestMetadata,
    ) -> bytes:
        path = f"/keys/{external_key_id}/decrypt"
        sent = _about(metadata) | messages.decryption(ciphertext, additional_data)

        def read(data: Json) -> bytes:
            return messages.read_decrypted(data, ciphertext)

        return self._ask(path, sent, metadata, read)

    # ---- over HTTP

    def _ask(
        self, path: str, sent: Json, metadata: XksRequestMetadata, read: Callable[[Json], T]
    ) -> T:
        """What is read of the answer to a request. Raises XksProxyError where there is none to read."""
        body = json.dumps(sent).encode()
        status, answer = self._post(self.configuration.uri_path + path, body, metadata.region)
        try:
            data = messages.parsed(answer)
            if status == HTTPStatus.OK:
                return read(data)
            failure = _ANSWERED_BY_A_PROXY[data["errorName"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise XksProxyError(XksFailure.InvalidResponse) from None
        raise XksProxyError(failure)

    def _post(self, path: str, body: bytes, region: str) -> tuple[int, bytes]:
        endpoint = self.configuration.uri_endpoint
        host = urlsplit(endpoint).netloc
        credential, now = self.configuration.credential, self.proxies.now()
        headers = signature.sign(credential, region, host=host, path=path, body=body, now=now)
        connection = self._connection(urlsplit(self.proxies.addresses.get(endpoint, endpoint)))
        try:
            headers["Content-Type"] = "application/json"
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(_LONGEST_ANSWER)
        except ssl.SSLError:
            raise XksProxyError(XksFailure.NoTls) from None
        except TimeoutError:
            raise XksProxyError(XksFailure.TimedOut) from None
        except OSError:
            raise XksProxyError(XksFailure.Unreachable) from None
        except (HTTPException, ValueError):
            raise XksProxyError(XksFailure.InvalidResponse) from None
        finally:
            connection.close()

    def _connection(self, address: SplitResult) -> HTTPConnection:
        seconds, name = self.proxies.timeout.total_seconds(), address.hostname or ""
        if address.scheme == "http":
            return HTTPConnection(name, address.port, timeout=seconds)
        context = self.proxies.context
        return HTTPSConnection(name, address.port, timeout=seconds, context=context)


def _about(metadata: XksRequestMetadata) -> Json:
    return {"requestMetadata": messages.request_metadata(metadata)}
