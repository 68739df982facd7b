"""
The port to external key managers: what AWS KMS asks of an external key store proxy.

Source: *External Key Store Proxy API Specification*, version 1 (aws/aws-kms-xksproxy-api-spec). A proxy answers, or
raises an `XksProxyError`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, final

from attrs import field, frozen

from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import XksProxyConnectivityType


@final
class XksFailure(StrEnum):
    """What a proxy answers where it does not do what it is asked; and, from ``Unreachable`` on, what comes of none."""

    ValidationException = "ValidationException"
    InvalidStateException = "InvalidStateException"
    InvalidCiphertextException = "InvalidCiphertextException"
    InvalidKeyUsageException = "InvalidKeyUsageException"
    AuthenticationFailedException = "AuthenticationFailedException"
    AccessDeniedException = "AccessDeniedException"
    KeyNotFoundException = "KeyNotFoundException"
    InvalidUriPathException = "InvalidUriPathException"
    ThrottlingException = "ThrottlingException"
    UnsupportedOperationException = "UnsupportedOperationException"
    DependencyTimeoutException = "DependencyTimeoutException"
    InternalException = "InternalException"
    Unreachable = "Unreachable"
    NoTls = "NoTls"
    TimedOut = "TimedOut"
    InvalidResponse = "InvalidResponse"
    InvalidCiphertext = "InvalidCiphertext"
    VpcEndpointServiceNotFound = "VpcEndpointServiceNotFound"
    VpcEndpointServiceInvalidConfiguration = "VpcEndpointServiceInvalidConfiguration"


@final
class XksProxyError(Exception):
    """A proxy refuses, does not answer, or answers what AWS KMS cannot interpret."""

    def __init__(self, failure: XksFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure

    def __reduce__(self) -> tuple[type[XksProxyError], tuple[XksFailure]]:
        return type(self), (self.failure,)


@final
@frozen
class XksProxyAuthenticationCredential:
    """What AWS KMS signs its requests to a proxy with."""

    access_key_id: str = field(repr=False)
    raw_secret_access_key: Secret


@final
@frozen(kw_only=True)
class XksProxyConfiguration:
    """How AWS KMS communicates with the proxy of an external key store."""

    connectivity: XksProxyConnectivityType
    credential: XksProxyAuthenticationCredential
    uri_endpoint: str
    uri_path: str
    vpc_endpoint_service_name: str | None = None
    vpc_endpoint_service_owner: str | None = None


@final
@frozen(kw_only=True)
class XksRequestMetadata:
    """
    Who asks AWS KMS for what, as a proxy is told. The Region is where the request was made.

    ``kms_key_arn`` is None where there is no KMS key yet.
    """

    region: str
    kms_operation: str
    kms_request_id: str
    aws_principal_arn: str
    kms_key_arn: str | None = None
    kms_via_service: str | None = None
    aws_source_vpc: str | None = None
    aws_source_vpce: str | None = None


@final
class EkmHealthStatus(StrEnum):
    """The status of one external key manager."""

    ACTIVE = "ACTIVE"
    DEGRADED = "DEGRADED"
    UNAVAILABLE = "UNAVAILABLE"


@final
@frozen
class ExternalKeyMetadata:
    """What a proxy says about an external key: ``AES_256``, ``ENCRYPT`` and ``DECRYPT``, ``ENABLED`` for a KMS key."""

    key_spec: str
    key_usage: tuple[str, ...]
    key_status: str


@final
@frozen
class ExternalCiphertext:
    """What a proxy made of a plaintext by AES-GCM; ``metadata`` is the proxy's own, at most 20 bytes."""

    ciphertext: bytes
    initialization_vector: bytes
    authentication_tag: bytes
    metadata: bytes = b""


class XksProxy(Protocol):
    """An external key store proxy, as AWS KMS communicates with it by one `XksProxyConfiguration`."""

    def get_health_status(self, metadata: XksRequestMetadata) -> tuple[EkmHealthStatus, ...]:
        """The status of each external key manager behind the proxy."""
        ...

    def get_key_metadata(
        self, external_key_id: str, metadata: XksRequestMetadata
    ) -> ExternalKeyMetadata:
        """The key spec, the usage and the status of an external key."""
        ...

    def encrypt(
        self,
        external_key_id: str,
        plaintext: bytes,
        additional_data: bytes,
        metadata: XksRequestMetadata,
    ) -> ExternalCiphertext:
        """Authenticated encryption under an external key."""
        ...

    def decrypt(
        self,
        external_key_id: str,
        ciphertext: ExternalCiphertext,
        additional_data: bytes,
        metadata: XksRequestMetadata,
    ) -> bytes:
        """The plaintext of what `encrypt` made with equal additional data."""
        ...


class XksProxies(Protocol):
    """Which external key store proxies there are."""

    def at(self, configuration: XksProxyConfiguration) -> XksProxy:
        """The proxy that AWS KMS reaches so. Raises XksProxyError if there is none."""
        ...

    def find_vpc_endpoint_service(self, configuration: XksProxyConfiguration) -> None:
        """Raise XksProxyError unless there is the Amazon VPC endpoint service of this configuration, as it must be."""
        ...
