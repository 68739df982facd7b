"""
Whom a grant means: how it names the caller of an access, for what it lets its grantee do and for its own end.

Sources: *Grants in AWS KMS* and *Retiring and revoking grants* in the Developer Guide.
"""

from __future__ import annotations

from kmsmodel.policy.access import Access
from kmsmodel.policy.elements import How, how_named
from kmsmodel.policy.grant import Grant
from kmsmodel.words.enumerations import GrantOperation

RETIRE_GRANT = "kms:RetireGrant"
"""The one action of which a grant says who may do it to the grant itself."""


def named(grant: Grant, action: str) -> tuple[str, ...]:
    """The principals whom a grant lets do this action, or, for RetireGrant, retire it."""
    if action != RETIRE_GRANT:
        return (grant.grantee,)
    retiring = () if grant.retiring is None else (grant.retiring,)
    by_itself = GrantOperation.RetireGrant in grant.operations
    return (*retiring, grant.grantee) if by_itself else retiring


def ways(grant: Grant, access: Access) -> tuple[How, ...]:
    """
    How a grant means the caller, by each of these principals; nothing if it does not mean them.

    The account that made it and the account of the KMS key may retire it too, by their IAM policies.
    """
    principal = access.principal
    found = (how_named(each, principal) for each in named(grant, access.action))
    means = tuple(how for how in found if how is not None)
    if access.action == RETIRE_GRANT and principal.account in {grant.issuing_account, access.owner}:
        return (*means, How.ACCOUNT)
    return means
