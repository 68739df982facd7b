"""
Credentials: which caller an access key and a session token are for.

A session token carries its session itself, sealed, so nothing is remembered of a session. Source: *Temporary security
credentials in IAM* in the IAM User Guide.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, final

from attrs import field, frozen

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.iam import Iam
from kmsmodel.errors import ExpiredTokenException, UnrecognizedClientException
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.policy.policies import Document
from kmsmodel.policy.question import Value
from kmsmodel.words.dates import in_utc

SECRET_BYTES = 32
"""The length of the secret that session tokens are sealed under."""


@final
@frozen(kw_only=True)
class Session:
    """
    A session of a role, as its token carries it.

    ``arn`` is the session's, and ``role_id`` the unique id of the role. ``policies`` are JSON texts, and
    ``policy_arns`` name managed policies; the session is limited by them if there are any.
    """

    arn: str
    role_id: str
    issued: datetime
    expires: datetime
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    source_identity: str | None = None
    has_mfa: bool = False

    def caller(self, iam: Iam) -> Caller | None:
        """The caller whose session it is, or None if the role or a managed policy does not exist any more."""
        context: dict[str, Value | Iterable[str]] = {
            "aws:MultiFactorAuthPresent": str(self.has_mfa).lower(),
            "aws:TokenIssueTime": self.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        managed = [iam.policies.get(arn) for arn in self.policy_arns]
        limits: list[Document] = [*self.policies, *(each for each in managed if each is not None)]
        try:
            caller = iam.caller(
                self.arn,
                session_policies=limits or None,
                session_tags=self.tags,
                source_identity=self.source_identity,
                context=context,
            )
        except ValueError:
            return None
        is_the_same_role = caller.principal.unique_id == self.role_id
        return caller if is_the_same_role and None not in managed else None


def seal(session: Session, access_key_id: str, secret: Secret, hsm: Hsm, purpose: str) -> str:
    """The token of a session, which is valid together with its access key only."""
    content = json.dumps(
        {
            "arn": session.arn,
            "role_id": session.role_id,
            "issued": session.issued.isoformat(),
            "expires": session.expires.isoformat(),
            "policies": session.policies,
            "policy_arns": session.policy_arns,
            "tags": dict(session.tags),
            "source_identity": session.source_identity,
            "has_mfa": session.has_mfa,
        }
    )
    sealed = hsm.encrypt(secret, content.encode(), _additional_data(access_key_id), purpose)
    return base64.b64encode(sealed).decode()


def unseal(token: str, access_key_id: str, secret: Secret, hsm: Hsm) -> Session | None:
    """The session of a token, or None for anything that is not a token that was sealed with this access key."""
    try:
        sealed = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return None
    content = hsm.decrypt(secret, sealed, _additional_data(access_key_id))
    if content is None:
        return None
    members: dict[str, Any] = json.loads(content)
    for name in ("issued", "expires"):
        members[name] = in_utc(datetime.fromisoformat(members[name]))
    for name in ("policies", "policy_arns"):
        members[name] = tuple(members[name])
    return Session(**members)


def _additional_data(access_key_id: str) -> bytes:
    return b"kmsmodel session token\0" + access_key_id.encode()


def caller_of(
    iam: Iam,
    access_key_id: str,
    session_token: str | None,
    *,
    secret: Secret,
    hsm: Hsm,
    now: datetime,
) -> Caller:
    """
    The caller whose credentials these are: a user's access key, or an access key with the token of a role's session.

    Raises UnrecognizedClientException for an access key or a token of nobody, ExpiredTokenException for a token that is
    expired.
    """
    if not session_token:
        user = iam.caller_of(access_key_id)
        if user is None:
            raise UnrecognizedClientException(INVALID)
        return user
    session = unseal(session_token, access_key_id, secret, hsm)
    caller = None if session is None else session.caller(iam)
    if session is None or caller is None:
        raise UnrecognizedClientException(INVALID)
    if session.expires <= now:
        raise ExpiredTokenException("The security token included in the request is expired")
    return caller


INVALID = "The security token included in the request is invalid."
