"""
A grant: what a principal may do with one KMS key, without any policy.

Sources: *Grants in AWS KMS* in the Developer Guide; `CreateGrant` and `GrantConstraints` in the API Reference; what was
recorded on 2026-09-12.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import frozen

from kmsmodel.policy.principal import Principal
from kmsmodel.words.enumerations import GrantOperation
from kmsmodel.words.shapes import EncryptionContextType, GrantConstraintSourceArnType


@final
@frozen(kw_only=True)
class GrantConstraints:
    """When a grant allows; the encryption context binds only what has one."""

    encryption_context_subset: EncryptionContextType | None = None
    encryption_context_equals: EncryptionContextType | None = None
    source_arn: GrantConstraintSourceArnType | None = None


@final
@frozen(kw_only=True)
class Grant:
    """
    A grant on one KMS key.

    Principals are the ARNs or unique ids that they were resolved to. ``issuing_account`` is the account id of whoever
    made it. Until ``seen_at``, it allows only requests that carry its token.
    """

    grant_id: str
    issuing_account: str
    creation_date: datetime
    seen_at: datetime
    operations: tuple[GrantOperation, ...]
    grantee_principal: str | None = None
    grantee_service_principal: str | None = None
    retiring_principal: str | None = None
    retiring_service_principal: str | None = None
    constraints: GrantConstraints | None = None
    name: str | None = None

    @property
    def grantee(self) -> str:
        """The principal that may use the KMS key."""
        return self.grantee_principal or self.grantee_service_principal or ""

    @property
    def retiring(self) -> str | None:
        """The principal that may retire the grant."""
        return self.retiring_principal or self.retiring_service_principal


def names(named: str, principal: Principal) -> bool:
    """Does this grantee, or retiring principal, mean the principal? An account means all that belong to it."""
    return named in principal.names or named == principal.account_arn
