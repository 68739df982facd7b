"""
What AWS KMS asks of external key store proxies, and which errors come of their answers.

Source: *KMS Considerations* of *Error codes* in the *External Key Store Proxy API Specification*: one text for each
failure, and different errors for different operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import VIA_SERVICE
from kmsmodel.errors import (
    CustomKeyStoreInvalidStateException,
    KmsError,
    KMSInvalidStateException,
    XksKeyInvalidConfigurationException,
    XksKeyNotFoundException,
    XksProxyIncorrectAuthenticationCredentialException,
    XksProxyInvalidConfigurationException,
    XksProxyInvalidResponseException,
    XksProxyUriUnreachableException,
    XksProxyVpcEndpointServiceInvalidConfigurationException,
    XksProxyVpcEndpointServiceNotFoundException,
)
from kmsmodel.hsm.external_keys import (
    EkmHealthStatus,
    XksFailure,
    XksProxyConfiguration,
    XksProxyError,
    XksRequestMetadata,
)
from kmsmodel.words.enumerations import ConnectionErrorCodeType

_UNINTERPRETABLE = (
    "AWS KMS cannot interpret the response from the external key store proxy. If you see this "
    "error repeatedly, report it to your external key store proxy administrator."
)


NOT_CONNECTED = (
    "This KMS key is in a custom key store that is not connected to its external key store proxy. "
    "Connect the external key store and try the request again."
)
"""What is told of a key in an external key store that is not connected."""


@final
@frozen
class _Told:
    """What is told of one failure: of the key store, of CreateKey, and of a connection; all with the same text."""

    text: str
    of_store: type[KmsError] = XksProxyInvalidResponseException
    of_new_key: type[KmsError] = CustomKeyStoreInvalidStateException
    connection: ConnectionErrorCodeType = ConnectionErrorCodeType.XKS_PROXY_INVALID_RESPONSE


_TOLD: Mapping[XksFailure, _Told] = {
    XksFailure.ValidationException: _Told(_UNINTERPRETABLE),
    XksFailure.InvalidStateException: _Told(
        "The external key associated with this KMS key in an external key store is not enabled in "
        "the external key manager. Enable the external key in the external key manager and retry "
        "the request.",
        of_new_key=XksKeyInvalidConfigurationException,
    ),
    XksFailure.InvalidCiphertextException: _Told(
        "The external key store proxy rejected the request because the specified ciphertext or "
        "encryption context is corrupted, missing, or otherwise invalid."
    ),
    XksFailure.InvalidCiphertext: _Told(
        "The ciphertext that the external key store proxy submitted for decryption, or the "
        "encryption context, is corrupted, missing, or otherwise invalid."
    ),
    XksFailure.InvalidKeyUsageException: _Told(
        "The external key associated with this KMS key in an external key store does not support "
        "the requested operation. Enable the operation on the key in your external key manager, "
        "and try the request again.",
        of_new_key=XksKeyInvalidConfigurationException,
    ),
    XksFailure.AuthenticationFailedException: _Told(
        "The external key store proxy rejected the request because it could not authenticate AWS "
        "KMS. Verify the XKS proxy authentication credentials for your external key store and "
        "update if necessary.",
        of_store=XksProxyIncorrectAuthenticationCredentialException,
        connection=ConnectionErrorCodeType.INVALID_CREDENTIALS,
    ),
    XksFailure.AccessDeniedException: _Told(
        "The external key store proxy denied access to the operation. Verify that the user and the "
        "external key are both authorized for this operation, and try the request again.",
        of_new_key=KMSInvalidStateException,
        connection=ConnectionErrorCodeType.XKS_PROXY_ACCESS_DENIED,
    ),
    XksFailure.KeyNotFoundException: _Told(
        "The external key associated with this KMS key in an external key store was not found in "
        "its external key manager. If the external key ID associated with this KMS key is "
        "incorrect, create a new KMS key with the correct external key ID.",
        of_new_key=XksKeyNotFoundException,
    ),
    XksFailure.InvalidUriPathException: _Told(
        "The external key store proxy rejected the request because of an invalid URI path. Verify "
        "the URI path for your external key store and update if necessary.",
        of_store=XksProxyInvalidConfigurationException,
        connection=ConnectionErrorCodeType.XKS_PROXY_INVALID_CONFIGURATION,
    ),
    # The specification prints XksKeyInvalidResponseException, which the API does not have.
    XksFailure.UnsupportedOperationException: _Told(
        "The external key store proxy rejected the request because it does not support the "
        "requested operation. If you see this error repeatedly, report it to your external key "
        "store proxy administrator.",
        of_new_key=XksKeyInvalidConfigurationException,
    ),
    XksFailure.DependencyTimeoutException: _Told(
        "The external key store proxy did not respond to the request in the time allotted. Retry "
        "the request. If you see this error repeatedly, report it to your external key store proxy "
        "administrator.",
        of_store=XksProxyUriUnreachableException,
        connection=ConnectionErrorCodeType.XKS_PROXY_TIMED_OUT,
    ),
    XksFailure.ThrottlingException: _Told(
        "The external key store proxy rejected the request due to a very high request rate. Reduce "
        "the frequency of your calls using KMS keys in this external key store.",
        of_store=XksProxyUriUnreachableException,
        connection=ConnectionErrorCodeType.XKS_PROXY_NOT_REACHABLE,
    ),
    XksFailure.InternalException: _Told(
        "The external key store proxy rejected the request because it cannot communicate with the "
        "external key manager. Verify that the external key store proxy configuration is correct "
        "and that the external key manager is available."
    ),
    XksFailure.Unreachable: _Told(
        "AWS KMS cannot communicate with the external key store proxy. This might be a transient "
        "network issue. If you see this error repeatedly, verify that your external key store "
        "proxy is active and is connected to the network, and that its endpoint URI is correct in "
        "your external keystore.",
        of_store=XksProxyUriUnreachableException,
        connection=ConnectionErrorCodeType.XKS_PROXY_NOT_REACHABLE,
    ),
    XksFailure.NoTls: _Told(
        "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS "
        "configuration, including its certificate.",
        of_store=XksProxyUriUnreachableException,
        connection=ConnectionErrorCodeType.XKS_PROXY_INVALID_TLS_CONFIGURATION,
    ),
    XksFailure.TimedOut: _Told(
        "AWS KMS rejected the request because the external key store proxy did not respond in "
        "time. Retry the request. If you see this error repeatedly, report it to your external key "
        "store proxy administrator.",
        of_store=XksProxyUriUnreachableException,
        connection=ConnectionErrorCodeType.XKS_PROXY_TIMED_OUT,
    ),
    XksFailure.InvalidResponse: _Told(_UNINTERPRETABLE),
    XksFailure.VpcEndpointServiceNotFound: _Told(
        "",
        of_store=XksProxyVpcEndpointServiceNotFoundException,
        connection=ConnectionErrorCodeType.XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND,
    ),
    XksFailure.VpcEndpointServiceInvalidConfiguration: _Told(
        "",
        of_store=XksProxyVpcEndpointServiceInvalidConfigurationException,
        connection=ConnectionErrorCodeType.XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION,
    ),
}
"""AWS's table."""


def error_of_store(failure: XksFailure) -> KmsError:
    """The error of CreateCustomKeyStore and UpdateCustomKeyStore."""
    told = _TOLD[failure]
    return told.of_store(told.text)


def error_of_new_key(failure: XksFailure) -> KmsError:
    """The error of CreateKey."""
    told = _TOLD[failure]
    return told.of_new_key(told.text)


def error_of_use(failure: XksFailure, key_arn: str) -> KmsError:
    """The error of a cryptographic operation."""
    return KMSInvalidStateException(_TOLD[failure].text, arn=key_arn)


def connection_error(failure: XksFailure) -> ConnectionErrorCodeType:
    """The error code of a connection that failed."""
    return _TOLD[failure].connection


def metadata(call: Call, operation: str, kms_key_arn: str | None = None) -> XksRequestMetadata:
    """What a proxy is told of a request to AWS KMS."""
    context = call.caller.context
    vpc, vpce, via = (
        value if isinstance(value, str) else None
        for value in map(context.get, ("aws:sourcevpc", "aws:sourcevpce", VIA_SERVICE))
    )
    return XksRequestMetadata(
        region=call.region,
        kms_operation=operation,
        kms_request_id=call.request_id,
        aws_principal_arn=call.caller.principal.policy_arn or call.caller.principal.arn,
        kms_key_arn=kms_key_arn,
        kms_via_service=via,
        aws_source_vpc=vpc,
        aws_source_vpce=vpce,
    )


def check_health(configuration: XksProxyConfiguration, call: Call, operation: str) -> None:
    """Ask a proxy for its health. Raises XksProxyError unless it and one external key manager are well."""
    proxy = call.key_stores.proxies.at(configuration)
    health = proxy.get_health_status(metadata(call, operation))
    if all(each is EkmHealthStatus.UNAVAILABLE for each in health):
        raise XksProxyError(XksFailure.Unreachable)
