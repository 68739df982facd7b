"""
Creating grants: what a principal may do with one KMS key, without any policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access, principals
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.calls.use import end_dry_run
from kmsmodel.errors import (
    InvalidArnException,
    KMSInternalException,
    LimitExceededException,
    ValidationException,
)
from kmsmodel.hsm.grant_token import GrantToken
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import is_asymmetric
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.grant_members import (
    GRANT_ID_BYTES,
    at_most_one,
    exactly_one,
)
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.words.enumerations import GrantOperation, KeyManagerType, KeySpec, KeyUsageType
from kmsmodel.words.shapes import (
    GrantIdType,
    GrantNameType,
    GrantOperationList,
    GrantTokenList,
    GrantTokenType,
    KeyIdType,
    PrincipalIdType,
    ServicePrincipalType,
)
from kmsmodel.words.violations import list_text

MAXIMUM_PAIRS = 8
"""The most pairs of an encryption context in a constraint."""

MAXIMUM_VALUE = 384
"""The most characters of a value in a constraint."""


@final
@frozen(kw_only=True)
class CreateGrantResponse:
    grant_token: GrantTokenType
    grant_id: GrantIdType


@final
@frozen(kw_only=True)
class CreateGrantRequest(Request[CreateGrantResponse]):
    """
    A request to let a principal, or an AWS service, use a KMS key for some operations.

    It has exactly one of the two members for the grantee, and at most one of those for who retires the grant.
    """

    key_id: KeyIdType
    grantee_principal: PrincipalIdType | None = None
    retiring_principal: PrincipalIdType | None = None
    operations: GrantOperationList
    constraints: GrantConstraints | None = None
    grant_tokens: GrantTokenList | None = None
    name: GrantNameType | None = None
    dry_run: bool | None = None
    grantee_service_principal: ServicePrincipalType | None = None
    retiring_service_principal: ServicePrincipalType | None = None


def create_grant(
    kms: Kms, request: CreateGrantRequest, call: Call
) -> tuple[Kms, CreateGrantResponse]:
    """
    Add a grant to a KMS key; with a name, the same request again gives the same grant and another token.
    """
    key = access.key(kms, request.key_id, request, call)
    _check_principals(request)
    _check_operations(request.operations, key)
    constraints = _constraints(request, key)
    grant = Grant(
        grant_id=call.hsm.random(GRANT_ID_BYTES, call.purpose("grant id")).hex(),
        issuing_account=call.caller.account,
        creation_date=call.now.replace(microsecond=0),
        seen_at=call.now + call.delays.grant,
        operations=tuple(dict.fromkeys(request.operations)),
        grantee_principal=_resolved("GranteePrincipal", request.grantee_principal, call),
        grantee_service_principal=request.grantee_service_principal,
        retiring_principal=_resolved("RetiringPrincipal", request.retiring_principal, call),
        retiring_service_principal=request.retiring_service_principal,
        constraints=constraints,
        name=request.name,
    )
    same = _same(kms, key, grant)
    if same is None:
        _refuse_too_many(kms, key, call)
    end_dry_run(request.dry_run)
    if same is None:
        if kms.grants_of(key).get(grant.grant_id) is not None:
            raise KMSInternalException(f"Two calls have the request id {call.request_id}.")
        kms = kms.with_grant(key, grant)
    grant_id = grant.grant_id if same is None else same.grant_id
    token = GrantToken(key.key_arn, grant_id).seal(call.hsm, call.purpose("grant token"))
    return kms, CreateGrantResponse(grant_token=token, grant_id=grant_id)


def _check_principals(request: CreateGrantRequest) -> None:
    """Refuse members for principals that do not go together. Raises ValidationException."""
    exactly_one(request, "grantee_principal", "grantee_service_principal")
    at_most_one(request, "retiring_principal", "retiring_service_principal")
    if request.grantee_service_principal is None:
        return
    if request.constraints is None or request.constraints.source_arn is None:
        raise ValidationException(
            "You must specify a SourceArn constraint with GranteeServicePrincipal."
        )
    if request.retiring_principal is None and request.retiring_service_principal is None:
        raise ValidationException(
            "You must specify RetiringPrincipal or RetiringServicePrincipal "
            "with GranteeServicePrincipal."
        )


def _check_operations(operations: GrantOperationList, key: Key) -> None:
    """Refuse operations that a grant on this key cannot permit. Raises ValidationException."""
    if not operations:
        raise ValidationException("Grants must contain at least one operation.")
    if set(operations) == {GrantOperation.CreateGrant}:
        raise ValidationException("Grants must not contain only the CreateGrant operation.")
    valid = (*_OF_EVERY_KEY, *_OPERATIONS[key.key_usage, is_asymmetric(key.key_spec)])
    unfit = [each for each in dict.fromkeys(operations) if each not in valid]
    if unfit:
        kind = "an asymmetric" if is_asymmetric(key.key_spec) else "a symmetric"
        raise ValidationException(
            f"Operations {list_text(unfit)} are not supported when creating a grant for {kind} "
            f"KMS key with key usage {key.key_usage}. Valid operations are {list_text(valid)}",
            arn=key.arn,
        )


_OF_EVERY_KEY = (GrantOperation.CreateGrant, GrantOperation.RetireGrant, GrantOperation.DescribeKey)
_ENCRYPTION = (
    GrantOperation.Encrypt,
    GrantOperation.Decrypt,
    GrantOperation.ReEncryptFrom,
    GrantOperation.ReEncryptTo,
)
_OPERATIONS: Mapping[tuple[KeyUsageType, bool], GrantOperationList] = {
    (KeyUsageType.ENCRYPT_DECRYPT, False): (
        *_ENCRYPTION,
        GrantOperation.GenerateDataKey,
        GrantOperation.GenerateDataKeyWithoutPlaintext,
        GrantOperation.GenerateDataKeyPair,
        GrantOperation.GenerateDataKeyPairWithoutPlaintext,
    ),
    (KeyUsageType.GENERATE_VERIFY_MAC, False): (
        GrantOperation.GenerateMac,
        GrantOperation.VerifyMac,
    ),
    (KeyUsageType.ENCRYPT_DECRYPT, True): (*_ENCRYPTION, GrantOperation.GetPublicKey),
    (KeyUsageType.SIGN_VERIFY, True): (
        GrantOperation.Sign,
        GrantOperation.Verify,
        GrantOperation.GetPublicKey,
    ),
    (KeyUsageType.KEY_AGREEMENT, True): (
        GrantOperation.DeriveSharedSecret,
        GrantOperation.GetPublicKey,
    ),
    (KeyUsageType.ENCAPSULATE_DECAPSULATE, True): (
        GrantOperation.Encapsulate,
        GrantOperation.Decapsulate,
        GrantOperation.GetPublicKey,
    ),
}
"""The grant operations that a key takes besides those of every key, by its key usage and whether it is asymmetric."""


def _constraints(request: CreateGrantRequest, key: Key) -> GrantConstraints | None:
    """The constraints of the grant, None for an empty one. Raises ValidationException for those that do not fit."""
    asked = request.constraints
    if asked is None:
        return None
    subset, equals = asked.encryption_context_subset, asked.encryption_context_equals
    if (subset or equals) and key.key_spec is not KeySpec.SYMMETRIC_DEFAULT:
        raise ValidationException(
            "EncryptionContext is supported only when creating a grant "
            "for a symmetric encryption KMS key.",
            arn=key.arn,
        )
    if subset is not None and equals is not None:
        raise ValidationException("More than one constraint supplied")
    for pairs in (subset or {}, equals or {}):
        _check_pairs(pairs)
    if not (subset or equals or asked.source_arn):
        return None
    return evolve(
        asked,
        encryption_context_subset=subset or None,
        encryption_context_equals=equals or None,
    )


def _check_pairs(pairs: Mapping[str, str]) -> None:
    if len(pairs) > MAXIMUM_PAIRS:
        raise ValidationException(
            f"A grant constraint has at most {MAXIMUM_PAIRS} encryption context pairs."
        )
    if any(len(value) > MAXIMUM_VALUE for value in pairs.values()):
        raise ValidationException(
            f"An encryption context value in a grant constraint has at most {MAXIMUM_VALUE} "
            "characters."
        )


def _resolved(member: str, named: str | None, call: Call) -> str | None:
    """The principal that a member of the request names, as a grant remembers it. Raises InvalidArnException."""
    if named is None:
        return None
    resolved = principals.resolve(named, call)
    if resolved is None:
        raise InvalidArnException(f"{member} does not refer to a valid principal.")
    return resolved


def _same(kms: Kms, key: Key, grant: Grant) -> Grant | None:
    """The grant on a key that was made by the same request, with a name."""
    if grant.name is None:
        return None
    for each in kms.grants_of(key).named(grant.name):
        made = evolve(
            grant,
            grant_id=each.grant_id,
            creation_date=each.creation_date,
            seen_at=each.seen_at,
        )
        if made == each:
            return each
    return None


def _refuse_too_many(kms: Kms, key: Key, call: Call) -> None:
    count, quota = len(kms.grants_of(key)), call.quotas.grants_per_key
    if count >= quota and key.key_manager is KeyManagerType.CUSTOMER:
        raise LimitExceededException(
            f"Grants per key quota for this account in this region is {quota}, "
            f"current usage is {count}.",
            arn=key.arn,
        )
