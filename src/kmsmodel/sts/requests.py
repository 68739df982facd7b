"""
The requests and responses of AWS STS that are modelled.

Source: the STS service model of botocore 1.44.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeAlias, final

from attrs import frozen

from kmsmodel.words.shapes import Length, Pattern, Range

_RoleArn: TypeAlias = Annotated[str, Length(20, 2048)]
_RoleSessionName: TypeAlias = Annotated[str, Length(2, 64), Pattern(r"[\w+=,.@-]*")]
_Policy: TypeAlias = Annotated[str, Length(1, 2048), Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
_Duration: TypeAlias = Annotated[int, Range(900, 43200)]
_ExternalId: TypeAlias = Annotated[str, Length(2, 1224), Pattern(r"[\w+=,.@:\/-]*")]
_SerialNumber: TypeAlias = Annotated[str, Length(9, 256), Pattern(r"[\w+=/:,.@-]*")]
_TokenCode: TypeAlias = Annotated[str, Length(6, 6), Pattern(r"[\d]*")]
_SourceIdentity: TypeAlias = Annotated[str, Length(2, 256), Pattern(r"[\w+=,.@-]*")]
_TagKey: TypeAlias = Annotated[str, Length(1, 128)]
_TagValue: TypeAlias = Annotated[str, Length(0, 256)]


@final
@frozen(kw_only=True)
class SessionTag:
    """A tag that a session is given."""

    key: _TagKey
    value: _TagValue


@final
@frozen(kw_only=True)
class PolicyDescriptor:
    """A managed policy that limits a session."""

    arn: _RoleArn | None = None


@final
@frozen(kw_only=True)
class AssumeRoleRequest:
    role_arn: _RoleArn
    role_session_name: _RoleSessionName
    policy_arns: Annotated[tuple[PolicyDescriptor, ...], Length(0, 10)] | None = None
    policy: _Policy | None = None
    duration_seconds: _Duration | None = None
    tags: Annotated[tuple[SessionTag, ...], Length(0, 50)] | None = None
    external_id: _ExternalId | None = None
    serial_number: _SerialNumber | None = None
    token_code: _TokenCode | None = None
    source_identity: _SourceIdentity | None = None

    @property
    def session_tags(self) -> Mapping[str, str]:
        """The tags that the session is given."""
        return {tag.key: tag.value for tag in self.tags or ()}

    @property
    def has_mfa(self) -> bool:
        """Does it come with the code of an MFA device? The code is not checked."""
        return self.serial_number is not None and self.token_code is not None


@final
@frozen(kw_only=True)
class AssumedRoleUser:
    assumed_role_id: str
    arn: str


@final
@frozen(kw_only=True)
class Credentials:
    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: datetime


@final
@frozen(kw_only=True)
class AssumeRoleResponse:
    credentials: Credentials
    assumed_role_user: AssumedRoleUser
    source_identity: str | None = None


@final
@frozen(kw_only=True)
class GetCallerIdentityResponse:
    user_id: str | None
    account: str
    arn: str


Response: TypeAlias = AssumeRoleResponse | GetCallerIdentityResponse
