"""
Retiring and revoking grants.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from kmsmodel.calls import access
from kmsmodel.calls.authorization import authorize, unknown
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.calls.use import end_dry_run
from kmsmodel.errors import (
    InvalidArnException,
    InvalidGrantTokenException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.hsm import grant_token
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.grant_members import (
    check_grant_id,
)
from kmsmodel.words import arn
from kmsmodel.words.arn import AliasArn, KeyArn
from kmsmodel.words.shapes import (
    GrantIdType,
    GrantTokenType,
    KeyIdType,
)

# ---- RetireGrant


@final
@frozen(kw_only=True)
class RetireGrantResponse:
    pass


@final
@frozen(kw_only=True)
class RetireGrantRequest(Request[RetireGrantResponse]):
    """A request to delete a grant that is named by a grant token, or by the ARN of its KMS key and its grant id."""

    grant_token: GrantTokenType | None = None
    key_id: KeyIdType | None = None
    grant_id: GrantIdType | None = None
    dry_run: bool | None = None


def retire_grant(
    kms: Kms, request: RetireGrantRequest, call: Call
) -> tuple[Kms, RetireGrantResponse]:
    """
    Delete a grant, as one whom the grant itself lets do so.
    """
    key_arn, grant_id = _to_retire(request, call)
    key = kms.key(key_arn, call.now)
    grant = None if key is None else kms.grants_of(key).get(grant_id)
    if key is None or grant is None:
        if key_arn.account != call.caller.account and call.caller.is_asked:
            raise unknown(request.operation, call)
        missing = f"Key '{key_arn}'" if key is None else f"Grant '{grant_id}'"
        raise NotFoundException(f"{missing} does not exist", arn=str(key_arn))
    authorize(RequestContext(request.operation, request, call, kms=kms, key=key, grant=grant))
    end_dry_run(request.dry_run)
    return kms.without_grant(key, grant), RetireGrantResponse()


def _to_retire(request: RetireGrantRequest, call: Call) -> tuple[KeyArn, str]:
    """The ARN of the key and the id of the grant that a request names, in one way or the other."""
    token, key_id, grant_id = request.grant_token, request.key_id, request.grant_id
    if token is not None and key_id is None and grant_id is None:
        named = grant_token.unseal(token, call.region, call.hsm)
        if named is None:
            raise InvalidGrantTokenException
        return named.key_arn, named.grant_id
    if token is not None or key_id is None or grant_id is None:
        raise ValidationException(
            "You must specify either GrantToken, or both KeyId and GrantId, but not all of them."
        )
    if not key_id.startswith("arn:"):
        raise NotFoundException(f"Invalid arn {key_id}")
    key_arn = arn.parse(key_id, call.caller.account, call.region)
    if isinstance(key_arn, AliasArn):
        raise InvalidArnException("Key Aliases are not supported for this operation.")
    check_grant_id(grant_id)
    return key_arn, grant_id


# ---- RevokeGrant


@final
@frozen(kw_only=True)
class RevokeGrantResponse:
    pass


@final
@frozen(kw_only=True)
class RevokeGrantRequest(Request[RevokeGrantResponse]):
    """A request to delete a grant on a KMS key, whoever may retire it."""

    key_id: KeyIdType
    grant_id: GrantIdType
    dry_run: bool | None = None


def revoke_grant(
    kms: Kms, request: RevokeGrantRequest, call: Call
) -> tuple[Kms, RevokeGrantResponse]:
    """
    Delete a grant on a KMS key.
    """
    key = access.key(kms, request.key_id, request, call)
    check_grant_id(request.grant_id)
    grant = kms.grants_of(key).get(request.grant_id)
    if grant is None:
        raise NotFoundException(f"Grant '{request.grant_id}' does not exist", arn=key.arn)
    end_dry_run(request.dry_run)
    return kms.without_grant(key, grant), RevokeGrantResponse()
