"""
The errors that AWS STS returns, by their names on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

from kmsmodel.errors import KmsError, notes_of


class StsError(Exception):
    """An error that AWS STS returns."""

    code: ClassVar[str] = ""
    http_status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@final
class AccessDenied(StsError):
    """The caller may not do this."""

    code = "AccessDenied"
    http_status = 403


@final
class ValidationError(StsError):
    """The request does not satisfy the constraints of the API."""

    code = "ValidationError"


@final
class MalformedPolicyDocument(StsError):
    """A session policy is none."""

    code = "MalformedPolicyDocument"


@final
class InvalidAction(StsError):
    """AWS STS has no such operation, or this model has not."""

    code = "InvalidAction"


@final
class InvalidClientTokenId(StsError):
    """The access key or the session token is nobody's."""

    code = "InvalidClientTokenId"
    http_status = 403


@final
class ExpiredToken(StsError):
    """The session token is expired."""

    code = "ExpiredToken"
    http_status = 403


@final
class SignatureDoesNotMatch(StsError):
    """The signature of the request is not one for AWS STS."""

    code = "SignatureDoesNotMatch"
    http_status = 403


_OF_KMS: Mapping[str, type[StsError]] = {
    "UnrecognizedClientException": InvalidClientTokenId,
    "ExpiredTokenException": ExpiredToken,
    "ValidationException": ValidationError,
    "SerializationException": ValidationError,
}


def as_of_sts(error: KmsError) -> StsError:
    """What AWS STS calls an error for which AWS KMS has another name."""
    found = _OF_KMS.get(error.code, SignatureDoesNotMatch)(error.message)
    for note in notes_of(error):
        found.add_note(note)
    return found
