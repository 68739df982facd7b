"""
A grant: what a principal may do with one KMS key, without any policy.

Sources: *Grants in AWS KMS* in the Developer Guide; `CreateGrant` and `GrantConstraints` in the API Reference; what was
recorded on 2026-09-12.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import final

from attrs import frozen

from kmsmodel.policy.access import Access
from kmsmodel.words.enumerations import GrantOperation
from kmsmodel.words.shapes import EncryptionContextType, GrantConstraintSourceArnType


@final
@frozen(kw_only=True)
class GrantConstraints:
    """When a grant allows; the encryption context binds only what has one."""

    encryption_context_subset: EncryptionContextType | None = None
    encryption_context_equals: EncryptionContextType | None = None
    source_arn: GrantConstraintSourceArnType | None = None

    def fit(self, encryption_context: Mapping[str, str]) -> bool:
        """Does the encryption context of a request have what it must have? Names and values are exact."""
        equals, subset = self.encryption_context_equals, self.encryption_context_subset
        return (equals is None or dict(equals) == dict(encryption_context)) and (
            subset is None or subset.items() <= encryption_context.items()
        )

    def are_no_wider_than(self, others: GrantConstraints) -> bool:
        """Does whatever fits these fit the others too?"""
        equals, subset = self.encryption_context_equals, self.encryption_context_subset
        has_at_least = equals if equals is not None else subset
        same_source = others.source_arn is None or others.source_arn == self.source_arn
        if others.encryption_context_equals is not None:
            return same_source and equals == others.encryption_context_equals
        if others.encryption_context_subset is not None:
            return (
                same_source
                and has_at_least is not None
                and others.encryption_context_subset.items() <= has_at_least.items()
            )
        return same_source


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

    def is_no_wider_than(self, parent: Grant) -> bool:
        """
        Is this a grant that the grantee of ``parent`` may make by it?

        It allows no operation that the parent does not, and its constraints are the same or stricter.
        """
        own, others = self.constraints, parent.constraints
        if not set(self.operations) <= set(parent.operations):
            return False
        return others is None or (own is not None and own.are_no_wider_than(others))

    @property
    def title(self) -> str:
        """How people call it: by its name, or else by its id."""
        return f"grant `{self.name or self.grant_id}`"

    @property
    def grantee(self) -> str:
        """The principal that may use the KMS key."""
        return self.grantee_principal or self.grantee_service_principal or ""

    @property
    def retiring(self) -> str | None:
        """The principal that may retire the grant."""
        return self.retiring_principal or self.retiring_service_principal

    def allows(self, access: Access) -> bool:
        """
        Does it allow the action of this access, with its encryption context, to its grantee?

        The encryption context binds only operations that take one. The source ARN binds only requests that an AWS
        service makes, since no other has it.
        """
        operation = access.action.removeprefix("kms:")
        if operation not in self.operations:
            return False
        if access.child is not None and not access.child.is_no_wider_than(self):
            return False
        constraints = self.constraints
        if constraints is None:
            return True
        if access.encryption_context is not None and not constraints.fit(access.encryption_context):
            return False
        source = access.context.get("aws:sourcearn")
        return constraints.source_arn is None or source in {None, constraints.source_arn}
