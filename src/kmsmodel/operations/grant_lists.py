"""
Viewing grants: those on a KMS key, and those that a principal may retire.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access, principals
from kmsmodel.calls.authorization import authorize_by_iam, unknown
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    InvalidArnException,
    NotFoundException,
)
from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import Page, name_in_marker, page_of, page_size
from kmsmodel.operations.grant_members import (
    at_most_one,
    check_grant_id,
    exactly_one,
    only_for_services,
    refuse_service_principal,
)
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import is_service, without_path
from kmsmodel.words import arn
from kmsmodel.words.shapes import (
    DateType,
    GrantIdType,
    GrantNameType,
    GrantOperationList,
    KeyIdType,
    LimitType,
    MarkerType,
    PrincipalIdType,
    ServicePrincipalType,
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
    at_most_one(request, "grantee_principal", "grantee_service_principal")
    refuse_service_principal(request, "grantee_service_principal", call)
    if request.grant_id is not None:
        check_grant_id(request.grant_id)
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


def _copy(constraints: GrantConstraints) -> GrantConstraints:
    """The same with maps of its own, so that nobody else can change them."""
    subset, equals = constraints.encryption_context_subset, constraints.encryption_context_equals
    return evolve(
        constraints,
        encryption_context_subset=None if subset is None else dict(subset),
        encryption_context_equals=None if equals is None else dict(equals),
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
    exactly_one(request, "retiring_principal", "retiring_service_principal")
    refuse_service_principal(request, "retiring_service_principal", call)
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
    if is_service(resolved):
        only_for_services("retiring_service_principal", call)
    shown = principals.shown(resolved, call)
    if shown.startswith("arn:") and shown.split(":")[4] != call.caller.account:
        raise unknown(request.operation, call, f"resource: {shown}")
    return resolved
