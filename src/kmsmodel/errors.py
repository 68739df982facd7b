"""
The errors that AWS KMS returns, by their AWS names.

The name of a class is the error code on the wire. The message is AWS's, and empty where AWS sends none. The key's ARN
and its key state are fields as well, so that nobody has to parse the message.
"""

from __future__ import annotations

from typing import ClassVar, Self


class KmsError(Exception):
    """
    An error that AWS KMS returns.

    ``arn`` and ``key_state`` are those of the KMS key that the error is about, or None.
    """

    http_status: ClassVar[int] = 400
    message_member: ClassVar[str] = "message"
    """The member of the body that holds the message."""

    def __init__(
        self, message: str = "", *, arn: str | None = None, key_state: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.arn = arn
        self.key_state = key_state

    def with_note(self, note: str) -> Self:
        """The same error, with a note (`__notes__`) that says what AWS's answer leaves out."""
        self.add_note(note)
        return self

    @property
    def code(self) -> str:
        """The error code on the wire."""
        return type(self).__name__

    def __reduce__(self) -> tuple[type[KmsError], tuple[str], dict[str, object]]:
        return type(self), (self.message,), self.__dict__


def notes_of(error: BaseException) -> tuple[str, ...]:
    """The notes of an error (`__notes__`): what AWS's answer leaves out, for whoever runs the model."""
    return tuple(getattr(error, "__notes__", ()))


# ---- about the request


class ValidationException(KmsError):
    """The request does not satisfy the constraints of the API."""


class SerializationException(KmsError):
    """A member of the request does not have the type that the API gives it."""


class UnknownOperationException(KmsError):
    """AWS KMS has no such operation."""


class IncompleteSignatureException(KmsError):
    """The signature of the request does not conform to AWS's standards."""


class InvalidSignatureException(KmsError):
    """The signature of the request is not one for AWS KMS."""


class RequestEntityTooLargeException(KmsError):
    """The body of the request is too large."""

    http_status = 413


class InvalidMarkerException(KmsError):
    """The marker does not say where the list continues."""


class TagException(KmsError):
    """A tag is not valid."""


class MalformedPolicyDocumentException(KmsError):
    """The key policy is not syntactically or semantically correct."""


class InvalidGrantTokenException(KmsError):
    """A grant token is not valid."""


class InvalidGrantIdException(KmsError):
    """A grant id is not valid."""


class DryRunOperationException(KmsError):
    """The request would have succeeded, but it was a dry run."""


# ---- about the caller


class UnrecognizedClientException(KmsError):
    """The access key or the session token is nobody's."""


class ExpiredTokenException(KmsError):
    """The session token is expired."""


class AccessDeniedException(KmsError):
    """The caller may not do this, or may not learn whether it can be done."""

    message_member = "Message"


# ---- about the KMS key


class InvalidArnException(KmsError):
    """An ARN is not valid, or names something that this operation does not take."""


class NotFoundException(KmsError):
    """The entity or resource could not be found."""


class DisabledException(KmsError):
    """The KMS key is not enabled."""


class KMSInvalidStateException(KmsError):
    """The state of the resource is not valid for this request."""


class UnsupportedOperationException(KmsError):
    """A parameter is not supported or the resource is not valid for this operation."""


class InvalidKeyUsageException(KmsError):
    """The key usage or the algorithm does not fit the KMS key."""


class IncorrectKeyException(KmsError):
    """The KMS key named in the request cannot decrypt this ciphertext."""


class AlreadyExistsException(KmsError):
    """The resource already exists."""


class InvalidAliasNameException(KmsError):
    """The alias name is not valid."""


class LimitExceededException(KmsError):
    """A length constraint or quota was exceeded."""


class ConflictException(KmsError):
    """An automatic rotation of the KMS key is in progress, or about to begin."""


# ---- about the custom key store


class CustomKeyStoreNotFoundException(KmsError):
    """AWS KMS cannot find the custom key store."""


class CustomKeyStoreInvalidStateException(KmsError):
    """The connection state of the custom key store is not valid for this request."""


class CustomKeyStoreNameInUseException(KmsError):
    """The name is already that of another custom key store in the account."""


class CustomKeyStoreHasCMKsException(KmsError):
    """The custom key store contains KMS keys."""


class CloudHsmClusterNotFoundException(KmsError):
    """AWS KMS cannot find the AWS CloudHSM cluster."""


class CloudHsmClusterNotActiveException(KmsError):
    """The AWS CloudHSM cluster is not active."""


class CloudHsmClusterInUseException(KmsError):
    """The AWS CloudHSM cluster, or one that shares a backup history with it, already has a key store."""


class CloudHsmClusterNotRelatedException(KmsError):
    """The AWS CloudHSM cluster has another cluster certificate than the original cluster."""


class CloudHsmClusterInvalidConfigurationException(KmsError):
    """The AWS CloudHSM cluster does not meet the requirements for an AWS CloudHSM key store."""


class IncorrectTrustAnchorException(KmsError):
    """The trust anchor certificate is not that of the AWS CloudHSM cluster."""


class XksKeyAlreadyInUseException(KmsError):
    """The external key is already associated with another KMS key in the external key store."""


class XksKeyNotFoundException(KmsError):
    """The external key store proxy cannot find the external key."""


class XksKeyInvalidConfigurationException(KmsError):
    """The external key does not meet the requirements for an external key store."""


class XksProxyUriInUseException(KmsError):
    """The URI endpoint and path are already those of another external key store."""


class XksProxyUriEndpointInUseException(KmsError):
    """The URI endpoint is already that of another external key store."""


class XksProxyUriUnreachableException(KmsError):
    """AWS KMS cannot reach the external key store proxy."""


class XksProxyIncorrectAuthenticationCredentialException(KmsError):
    """The external key store proxy rejected the proxy authentication credential."""


class XksProxyInvalidResponseException(KmsError):
    """AWS KMS cannot interpret the response of the external key store proxy."""


class XksProxyInvalidConfigurationException(KmsError):
    """The external key store proxy is not configured correctly."""


class XksProxyVpcEndpointServiceInUseException(KmsError):
    """The Amazon VPC endpoint service is already that of another external key store."""


class XksProxyVpcEndpointServiceNotFoundException(KmsError):
    """AWS KMS cannot find the Amazon VPC endpoint service."""


class XksProxyVpcEndpointServiceInvalidConfigurationException(KmsError):
    """The Amazon VPC endpoint service does not meet the requirements for an external key store."""


# ---- about what was encrypted or wrapped


class InvalidCiphertextException(KmsError):
    """The ciphertext, its encryption context or the wrapped key material is corrupted, missing or otherwise invalid."""


class KMSInvalidSignatureException(KmsError):
    """The signature was not made of this message with this KMS key and algorithm."""


class KMSInvalidMacException(KmsError):
    """The message authentication code was not made of this message with this KMS key and algorithm."""


class InvalidImportTokenException(KmsError):
    """The import token is invalid, or is associated with a different KMS key."""


class ExpiredImportTokenException(KmsError):
    """The import token is expired."""


class IncorrectKeyMaterialException(KmsError):
    """The key material is expired, invalid, or not the material that is expected here."""


# ---- about AWS KMS itself


class ThrottlingException(KmsError):
    """The request was denied because requests came too fast; it can be retried later."""


class KMSInternalException(KmsError):
    """An internal exception occurred; the request can be retried."""

    http_status = 500


class DependencyTimeoutException(KmsError):
    """The system timed out while it tried to fulfill the request; the request can be retried."""

    http_status = 500


class KeyUnavailableException(KmsError):
    """The KMS key was not available; the request can be retried."""

    http_status = 500


# ---- no error of AWS KMS


class ConnectionDropped(ConnectionError):
    """
    The connection is closed without an answer, as when a network fails: only a fault does so.

    A client of botocore tries again, and at last raises its own ConnectionClosedError.
    """

    code: ClassVar[str] = "ConnectionDropped"
    arn: ClassVar[None] = None

    def __init__(self, message: str = "the connection was closed without an answer") -> None:
        super().__init__(message)
