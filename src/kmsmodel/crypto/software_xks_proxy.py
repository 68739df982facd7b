"""
An external key store proxy and its external key manager in software.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import final

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.hsm.external_keys import (
    EkmHealthStatus,
    ExternalCiphertext,
    ExternalKeyMetadata,
    XksFailure,
    XksProxyAuthenticationCredential,
    XksProxyConfiguration,
    XksProxyError,
    XksRequestMetadata,
)
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import XksProxyConnectivityType

_SECRET_ACCESS_KEY = Secret(b"DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=")  # of nobody
_TAG = 16
_VECTOR = 12
_KEY = 32


@final
@frozen(kw_only=True)
class ExternalKey:
    """A key of an external key manager: the bytes of an AES-256 key, whether it is enabled, and what it may do."""

    secret: Secret
    is_enabled: bool = True
    usage: tuple[str, ...] = ("ENCRYPT", "DECRYPT")

    @property
    def key_spec(self) -> str:
        return f"AES_{8 * len(self.secret.reveal())}"


@final
@frozen(kw_only=True)
class SoftwareXksProxy:
    """
    An external key store proxy in software, with the keys of its external key manager: a value, as a cluster is.

    It is at a ``uri_endpoint``, and at a ``uri_path`` there; one with a ``vpc_endpoint_service_name`` is behind that
    Amazon VPC endpoint service. ``fails_with`` is what each request to it comes to, if anything.
    """

    uri_endpoint: str = "https://myproxy.xks.example.com"
    uri_path: str = "/kms/xks/v1"
    access_key_id: str = "ABCDE2345672EXAMPLEA"
    raw_secret_access_key: Secret = _SECRET_ACCESS_KEY
    keys: Mapping[str, ExternalKey] = field(factory=dict[str, ExternalKey])
    health: tuple[EkmHealthStatus, ...] = (EkmHealthStatus.ACTIVE,)
    vpc_endpoint_service_name: str | None = None
    vpc_endpoint_service_owner: str | None = None
    fails_with: XksFailure | None = None
    hsm: Hsm = field(factory=SoftwareHsm)

    # ---- what it does, for whoever has authenticated

    def get_health_status(self, metadata: XksRequestMetadata) -> tuple[EkmHealthStatus, ...]:
        return self.health

    def get_key_metadata(
        self, external_key_id: str, metadata: XksRequestMetadata
    ) -> ExternalKeyMetadata:
        key = self._key(external_key_id)
        status = "ENABLED" if key.is_enabled else "DISABLED"
        return ExternalKeyMetadata(key.key_spec, key.usage, status)

    def encrypt(
        self,
        external_key_id: str,
        plaintext: bytes,
        additional_data: bytes,
        metadata: XksRequestMetadata,
        *,
        integrity: bool = True,
    ) -> ExternalCiphertext:
        """
        Authenticated encryption under an external key.

        An integrity value, which AWS KMS asks for, promises that what is given can be decrypted; so the proxy tries.
        Raises XksProxyError if the key does not encrypt, or does not decrypt then.
        """
        key = self._key_for("ENCRYPT", external_key_id)
        vector = self.hsm.random(_VECTOR, f"{metadata.kms_request_id} initialization vector")
        sealed = AESGCM(key).encrypt(vector, plaintext, _aad(additional_data))
        ciphertext = ExternalCiphertext(sealed[:-_TAG], vector, sealed[-_TAG:])
        if integrity:
            self.decrypt(external_key_id, ciphertext, additional_data, metadata)
        return ciphertext

    def decrypt(
        self,
        external_key_id: str,
        ciphertext: ExternalCiphertext,
        additional_data: bytes,
        metadata: XksRequestMetadata,
    ) -> bytes:
        key = self._key_for("DECRYPT", external_key_id)
        sealed = ciphertext.ciphertext + ciphertext.authentication_tag
        aad = _aad(additional_data, ciphertext.metadata)
        try:
            return AESGCM(key).decrypt(ciphertext.initialization_vector, sealed, aad)
        except (InvalidTag, ValueError):
            raise XksProxyError(XksFailure.InvalidCiphertextException) from None

    def _key(self, external_key_id: str) -> ExternalKey:
        key = self.keys.get(external_key_id)
        if key is None:
            raise XksProxyError(XksFailure.KeyNotFoundException)
        return key

    def _key_for(self, usage: str, external_key_id: str) -> bytes:
        key = self._key(external_key_id)
        if usage not in key.usage or len(key.secret.reveal()) != _KEY:
            raise XksProxyError(XksFailure.InvalidKeyUsageException)
        if not key.is_enabled:
            raise XksProxyError(XksFailure.InvalidStateException)
        return key.secret.reveal()

    # ---- who may ask it

    def expect_path(self, uri_path: str) -> None:
        """Raise XksProxyError for the path of another proxy, and whatever it is if it fails."""
        if self.fails_with is not None:
            raise XksProxyError(self.fails_with)
        if uri_path != self.uri_path:
            raise XksProxyError(XksFailure.InvalidUriPathException)

    def expect_credential(self, credential: XksProxyAuthenticationCredential) -> None:
        """Raise XksProxyError for a credential that is not its own."""
        same_id = hmac.compare_digest(
            credential.access_key_id.encode(), self.access_key_id.encode()
        )
        if not same_id or credential.raw_secret_access_key != self.raw_secret_access_key:
            raise XksProxyError(XksFailure.AuthenticationFailedException)


def _aad(additional_data: bytes, metadata: bytes = b"") -> bytes:
    """What AES-GCM authenticates: both, each after its length, as the specification has it for `Encrypt`."""
    lengths = len(additional_data).to_bytes(2, "big"), len(metadata).to_bytes(1, "big")
    return lengths[0] + additional_data + lengths[1] + metadata


@final
@frozen
class SoftwareXksProxies:
    """External key store proxies in software."""

    proxies: tuple[SoftwareXksProxy, ...] = ()

    def at(self, configuration: XksProxyConfiguration) -> SoftwareXksProxy:
        proxy = self._behind(configuration)
        if proxy is None:
            raise XksProxyError(XksFailure.Unreachable)
        proxy.expect_path(configuration.uri_path)
        proxy.expect_credential(configuration.credential)
        return proxy

    def find_vpc_endpoint_service(self, configuration: XksProxyConfiguration) -> None:
        if self._behind(configuration) is None:
            raise XksProxyError(XksFailure.VpcEndpointServiceNotFound)

    def _behind(self, configuration: XksProxyConfiguration) -> SoftwareXksProxy | None:
        """The proxy at the endpoint, over the internet or behind the VPC endpoint service."""
        for proxy in self.proxies:
            over_vpc = configuration.connectivity is XksProxyConnectivityType.VPC_ENDPOINT_SERVICE
            service = configuration.vpc_endpoint_service_name if over_vpc else None
            at = (proxy.uri_endpoint, proxy.vpc_endpoint_service_name)
            if at == (configuration.uri_endpoint, service):
                return proxy
        return None
