"""
Which grants count in a call, and what a grant permits.

Sources: *Grants in AWS KMS*, *Creating grants* and *Retiring and revoking grants* in the Developer Guide;
`GrantConstraints` in the API Reference; what was recorded on 2026-09-12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import InvalidGrantTokenException
from kmsmodel.hsm import grant_token
from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.grant import Grant, GrantConstraints, names
from kmsmodel.policy.principal import Principal, PrincipalKind, principal
from kmsmodel.words.enumerations import GrantOperation


def asking(call: Call) -> Principal:
    """The principal who calls. One whose ARN has no known form is taken for a user of the account."""
    try:
        return principal(call.caller.principal)
    except ValueError:
        account, arn = call.caller.account, call.caller.principal
        return Principal(kind=PrincipalKind.USER, arn=arn, account=account)


def refuse_tokens(request: Request[Any], call: Call) -> None:
    """
    Refuse grant tokens that are none. One of somebody else's grant, or of a grant that is gone, is let pass.

    DescribeKey does not look at them, as its errors in the API do not include InvalidGrantTokenException, which this
    raises.
    """
    if request.operation == "DescribeKey":
        return
    for token in getattr(request, "grant_tokens", None) or ():
        if grant_token.unseal(token, call.region, call.hsm) is None:
            raise InvalidGrantTokenException


def counting(
    kms: Kms, key: Key, call: Call, grant_tokens: Iterable[str] | None
) -> tuple[Grant, ...]:
    """
    The grants on a KMS key to the caller or to the caller's account, as far as they are seen in this call.

    A grant is seen from its ``seen_at`` on, and before that in a request with its token.
    """
    named = _named_by(grant_tokens or (), call)
    return tuple(
        grant
        for grant in kms.grants_of(key).to(asking(call))
        if grant.seen_at <= call.now or grant.grant_id in named
    )


def _named_by(grant_tokens: Iterable[str], call: Call) -> frozenset[str]:
    """The ids of the grants that are named by these tokens."""
    tokens = (grant_token.unseal(token, call.region, call.hsm) for token in grant_tokens)
    return frozenset(token.grant_id for token in tokens if token is not None)


# ---- what a grant permits

_IN_AN_ENCRYPTION_CONTEXT = frozenset(
    {
        GrantOperation.Decrypt,
        GrantOperation.Encrypt,
        GrantOperation.GenerateDataKey,
        GrantOperation.GenerateDataKeyPair,
        GrantOperation.GenerateDataKeyPairWithoutPlaintext,
        GrantOperation.GenerateDataKeyWithoutPlaintext,
        GrantOperation.ReEncryptFrom,
        GrantOperation.ReEncryptTo,
    }
)
"""The grant operations that have an encryption context; those on other keys cannot have its constraints."""


def allows(
    grant: Grant,
    principal: Principal,
    operation: str,
    encryption_context: Mapping[str, str] | None = None,
    source_arn: str | None = None,
) -> bool:
    """
    Does a grant permit a principal this grant operation, such as ``ReEncryptFrom``, in this encryption context?

    ``source_arn`` is the resource on whose behalf an AWS service asks. Source: `GrantConstraints` in the API Reference;
    that the encryption context does not matter to `DescribeKey`, `RetireGrant` and `CreateGrant`, and the source ARN
    only to AWS services and not to `RetireGrant`: *Creating grants*. That keys of an encryption context differ by their
    case, and a source ARN is compared whole, is assumed.
    """
    if operation not in grant.operations or not names(grant.grantee, principal):
        return False
    constraints = grant.constraints or _NONE
    if operation in _IN_AN_ENCRYPTION_CONTEXT and not _fits(constraints, encryption_context or {}):
        return False
    if constraints.source_arn is None or operation == GrantOperation.RetireGrant:
        return True
    by_a_service = principal.kind is PrincipalKind.SERVICE or source_arn is not None
    return not by_a_service or source_arn == constraints.source_arn


def _fits(constraints: GrantConstraints, encryption_context: Mapping[str, str]) -> bool:
    equals, subset = constraints.encryption_context_equals, constraints.encryption_context_subset
    if equals is not None and dict(equals) != dict(encryption_context):
        return False
    return subset is None or subset.items() <= encryption_context.items()


class Permits(Protocol):
    """What a grant permits, or a request to create one asks for."""

    @property
    def operations(self) -> tuple[GrantOperation, ...]: ...
    @property
    def constraints(self) -> GrantConstraints | None: ...


def is_no_wider(child: Permits, parent: Permits) -> bool:
    """
    May who holds the parent create the child by it, if the parent permits CreateGrant?

    The child's operations are among the parent's, and its constraint is the same or stricter: more pairs, or a subset
    that became equality. Each parent is asked alone, since two do not add up. Source: recorded on 2026-09-12, and
    *Creating grants*. That a source ARN stays the same is assumed.
    """
    if not set(child.operations) <= set(parent.operations):
        return False
    of_child, of_parent = child.constraints or _NONE, parent.constraints or _NONE
    if of_parent.source_arn not in {None, of_child.source_arn}:
        return False
    if of_parent.encryption_context_equals is not None:
        equals = of_child.encryption_context_equals
        return equals is not None and dict(equals) == dict(of_parent.encryption_context_equals)
    if of_parent.encryption_context_subset is None:
        return True
    pairs = of_child.encryption_context_equals or of_child.encryption_context_subset or {}
    return of_parent.encryption_context_subset.items() <= pairs.items()


_NONE = GrantConstraints()


def may_retire(grant: Grant, principal: Principal) -> bool:
    """
    May a principal retire a grant, unless a policy denies it?

    Who `retires_by_themselves` may, and whoever belongs to the retiring account, or to the account in which the grant
    was created; to them, an IAM policy of the account has to delegate it. Source: *Retiring and revoking grants*.
    """
    if retires_by_themselves(grant, principal):
        return True
    if grant.retiring is not None and names(grant.retiring, principal):
        return True
    return principal.account_arn is not None and principal.account == grant.issuing_account


def retires_by_themselves(grant: Grant, principal: Principal) -> bool:
    """
    May a principal retire a grant without an IAM policy that delegates it?

    They are the retiring principal, the grantee of a grant that permits RetireGrant, or the root user of the account in
    which the grant was created. A grant that the key's owner made for another account is not retired there without an
    IAM policy all the same: recorded on 2026-09-12.
    """
    if grant.retiring in principal.names:
        return True
    if principal.kind is PrincipalKind.ROOT_USER and principal.account == grant.issuing_account:
        return True
    return allows(grant, principal, GrantOperation.RetireGrant)
