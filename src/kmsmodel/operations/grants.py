"""
Grants: what a principal may do with one KMS key, without any policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access, principals
from kmsmodel.calls.authorization import authorize, authorize_by_iam, unknown
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.calls.use import end_dry_run
from kmsmodel.errors import (
    InvalidArnException,
    InvalidGrantIdException,
    InvalidGrantTokenException,
    KMSInternalException,
    LimitExceededException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.hsm import grant_token
from kmsmodel.hsm.grant_token import GrantToken
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import is_asymmetric
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import Page, name_in_marker, page_of, page_size
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import PrincipalKind, principal, without_path
from kmsmodel.words import arn
from kmsmodel.words.arn import AliasArn, KeyArn
from kmsmodel.words.enumerations import GrantOperation, KeyManagerType, KeySpec, KeyUsageType
from kmsmodel.words.shapes import (
    DateType,
    GrantIdType,
    GrantNameType,
    GrantOperationList,
    GrantTokenList,
    GrantTokenType,
    KeyIdType,
    LimitType,
    MarkerType,
    PrincipalIdType,
    ServicePrincipalType,
)
from kmsmodel.words.violations import list_text

MAXIMUM_GRANTS = 50_000
"""The most grants that a customer managed key can have."""

MAXIMUM_PAIRS = 8
"""The most pairs of an encryption context in a constraint."""

MAXIMUM_VALUE = 384
"""The most characters of a value in a constraint."""

_GRANT_ID_BYTES = 32
_GRANT_ID_DIGITS = frozenset("0123456789abcdef")

# ---- CreateGrant


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
        grant_id=call.hsm.random(_GRANT_ID_BYTES, call.purpose("grant id")).hex(),
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
        _refuse_too_many(kms, key)
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
    _exactly_one(request, "grantee_principal", "grantee_service_principal")
    _at_most_one(request, "retiring_principal", "retiring_service_principal")
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
    """The constraints of the grant; an empty one is none. Raises ValidationException for those that do not fit."""
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
    if subset and equals:
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


def _copy(constraints: GrantConstraints) -> GrantConstraints:
    """The same with maps of its own, so that nobody else can change them."""
    subset, equals = constraints.encryption_context_subset, constraints.encryption_context_equals
    return evolve(
        constraints,
        encryption_context_subset=None if subset is None else dict(subset),
        encryption_context_equals=None if equals is None else dict(equals),
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


def _refuse_too_many(kms: Kms, key: Key) -> None:
    count = len(kms.grants_of(key))
    if count >= MAXIMUM_GRANTS and key.key_manager is KeyManagerType.CUSTOMER:
        raise LimitExceededException(
            f"Grants per key quota for this account in this region is {MAXIMUM_GRANTS}, "
            f"current usage is {count}.",
            arn=key.arn,
        )


# ---- ListGrants


@final
@frozen(kw_only=True)
class GrantListEntry:
    """A grant, as it is listed; its principals by their ARNs, or by their unique ids if they do not exist any more."""

    key_id: KeyIdType
    grant_id: GrantIdType
    name: GrantNameType | None = None
    creation_date: DateType
    grantee_principal: PrincipalIdType | None = None
    retiring_principal: PrincipalIdType | None = None
    issuing_account: PrincipalIdType
    operations: GrantOperationList
    constraints: GrantConstraints | None = None
    grantee_service_principal: ServicePrincipalType | None = None
    retiring_service_principal: ServicePrincipalType | None = None


@final
@frozen(kw_only=True)
class ListGrantsResponse:
    grants: tuple[GrantListEntry, ...]
    next_marker: MarkerType | None = None
    truncated: bool


@final
@frozen(kw_only=True)
class ListGrantsRequest(Request[ListGrantsResponse]):
    """A request for the grants on a KMS key; 50 a page by default, and at most 100."""

    limit: LimitType | None = None
    marker: MarkerType | None = None
    key_id: KeyIdType
    grant_id: GrantIdType | None = None
    grantee_principal: PrincipalIdType | None = None
    grantee_service_principal: ServicePrincipalType | None = None


def list_grants(kms: Kms, request: ListGrantsRequest, call: Call) -> tuple[Kms, ListGrantsResponse]:
    """
    List the grants on a KMS key, all or those with a grant id or a grantee, in the order of their grant ids.
    """
    size = page_size(request.limit, 50, most=100)
    key = access.key(kms, request.key_id, request, call)
    _at_most_one(request, "grantee_principal", "grantee_service_principal")
    _refuse_service_principal(request, "grantee_service_principal", call)
    if request.grant_id is not None:
        _check_grant_id(request.grant_id)
    grantee = request.grantee_service_principal
    if request.grantee_principal is not None:
        grantee = principals.resolve(request.grantee_principal, call)
        if grantee is None:
            raise InvalidArnException("Input does not refer to a valid principal")
    after = name_in_marker(request.operation, request.marker)
    grants = kms.grants_of(key)
    if request.grant_id is None:
        found = grants.after(after, size + 1, grantee=grantee)
    else:
        grant = grants.get(request.grant_id)
        fits = grant is not None and request.grant_id > after and _is_to(grant, grantee)
        found = ((grant.grant_id, grant),) if grant is not None and fits else ()
    listed = [(grant_id, _entry(key, grant, call)) for grant_id, grant in found]
    return kms, _response(page_of(request.operation, listed, size))


def _is_to(grant: Grant, grantee: str | None) -> bool:
    return grantee is None or without_path(grantee) == without_path(grant.grantee)


def _response(listed: Page[GrantListEntry]) -> ListGrantsResponse:
    return ListGrantsResponse(
        grants=listed.entries, truncated=listed.truncated, next_marker=listed.next_marker
    )


def _entry(key: Key, grant: Grant, call: Call) -> GrantListEntry:
    return GrantListEntry(
        key_id=key.arn,
        grant_id=grant.grant_id,
        name=grant.name,
        creation_date=grant.creation_date,
        grantee_principal=_shown(grant.grantee_principal, call),
        retiring_principal=_shown(grant.retiring_principal, call),
        issuing_account=arn.root_user(grant.issuing_account, call.region),
        operations=grant.operations,
        constraints=None if grant.constraints is None else _copy(grant.constraints),
        grantee_service_principal=grant.grantee_service_principal,
        retiring_service_principal=grant.retiring_service_principal,
    )


def _shown(resolved: str | None, call: Call) -> str | None:
    return None if resolved is None else principals.shown(resolved, call)


# ---- ListRetirableGrants


@final
@frozen(kw_only=True)
class ListRetirableGrantsRequest(Request[ListGrantsResponse]):
    """A request for the grants that a principal may retire; 50 a page by default, and at most 100."""

    limit: LimitType | None = None
    marker: MarkerType | None = None
    retiring_principal: PrincipalIdType | None = None
    retiring_service_principal: ServicePrincipalType | None = None


def list_retirable_grants(
    kms: Kms, request: ListRetirableGrantsRequest, call: Call
) -> tuple[Kms, ListGrantsResponse]:
    """
    List the grants in the Region with this retiring principal, on KMS keys of any account.
    """
    size = page_size(request.limit, 50, most=100)
    _exactly_one(request, "retiring_principal", "retiring_service_principal")
    _refuse_service_principal(request, "retiring_service_principal", call)
    retiring = request.retiring_service_principal
    if request.retiring_principal is not None:
        retiring = _own(request.retiring_principal, request, call)
    asked = "*" if retiring is None else principals.shown(retiring, call)
    authorize_by_iam(RequestContext(request.operation, request, call, kms=kms), asked)
    after = name_in_marker(request.operation, request.marker)
    found = kms.retirable_after(retiring or "", call.region, after, size + 1, call.now)
    listed = [(grant_id, _entry(key, grant, call)) for grant_id, (key, grant) in found]
    return kms, _response(page_of(request.operation, listed, size))


def _own(named: str, request: Request[object], call: Call) -> str:
    """
    A principal of the caller's account, who may be asked about.

    Raises InvalidArnException, NotFoundException for an id of nobody, AccessDeniedException for another account's, and
    ValidationException for an AWS service, about which only services may ask.
    """
    resolved = principals.resolve(named, call)
    if resolved is None:
        raise NotFoundException(f"Retiring principal {named} could not be found")
    if _is_service(resolved):
        _only_for_services("retiring_service_principal", call)
    shown = principals.shown(resolved, call)
    if shown.startswith("arn:") and shown.split(":")[4] != call.caller.account:
        raise unknown(request.operation, call, f"resource: {shown}")
    return resolved


def _is_service(resolved: str) -> bool:
    try:
        return principal(resolved).kind is PrincipalKind.SERVICE
    except ValueError:  # a unique id
        return False


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
    _check_grant_id(grant_id)
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
    _check_grant_id(request.grant_id)
    grant = kms.grants_of(key).get(request.grant_id)
    if grant is None:
        raise NotFoundException(f"Grant '{request.grant_id}' does not exist", arn=key.arn)
    end_dry_run(request.dry_run)
    return kms.without_grant(key, grant), RevokeGrantResponse()


# ---- what several of them check


def _check_grant_id(grant_id: str) -> None:
    """Refuse what no grant id looks like. Raises InvalidGrantIdException."""
    if len(grant_id) != 2 * _GRANT_ID_BYTES or not set(grant_id) <= _GRANT_ID_DIGITS:
        raise InvalidGrantIdException


def _wire_name(member: str) -> str:
    return "".join(word.capitalize() for word in member.split("_"))


def _at_most_one(request: Request[object], member: str, other: str) -> None:
    if getattr(request, member) is not None and getattr(request, other) is not None:
        names = f"{_wire_name(member)} or {_wire_name(other)}"
        raise ValidationException(f"You can specify either {names}, but not both.")


def _exactly_one(request: Request[object], member: str, other: str) -> None:
    if (getattr(request, member) is None) is (getattr(request, other) is None):
        names = f"{_wire_name(member)} or {_wire_name(other)}"
        raise ValidationException(f"You must specify either {names}, but not both.")


def _refuse_service_principal(request: Request[object], member: str, call: Call) -> None:
    """Refuse a filter that only AWS services may use. Raises ValidationException."""
    if getattr(request, member) is not None:
        _only_for_services(member, call)


def _only_for_services(member: str, call: Call) -> None:
    if call.caller.principal.kind is not PrincipalKind.SERVICE:
        raise ValidationException(
            f"{_wire_name(member)} is only usable by callers in a service principal."
        )
