"""
A grant: what a principal may do with one KMS key, without any policy.

Sources: *Grants in AWS KMS* in the Developer Guide; `CreateGrant` and `GrantConstraints` in the API Reference; what was
recorded on 2026-09-12.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, final

from attrs import frozen

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
        has_at_least = equals or subset  # an empty one is not a constraint
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


class Permits(Protocol):
    """What a grant permits, or a request to create one asks for."""

    @property
    def operations(self) -> tuple[GrantOperation, ...]: ...

    @property
    def constraints(self) -> GrantConstraints | None: ...


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

    def allows(
        self,
        operation: str,
        *,
        encryption_context: Mapping[str, str] | None = None,
        source: str | None = None,
        by_service: bool = False,
        child: Permits | None = None,
    ) -> bool:
        """
        Does it allow an operation to its grantee?

        ``encryption_context`` is None for an operation that takes none, which no constraint on it binds. ``source`` is
        the resource for which an AWS service makes the request; a source ARN binds no other request. ``child`` is what
        CreateGrant asks for.
        """
        if operation not in self.operations:
            return False
        if child is not None and not is_no_wider(child, self):
            return False
        constraints = self.constraints
        if constraints is None:
            return True
        if encryption_context is not None and not constraints.fit(encryption_context):
            return False
        is_bound = constraints.source_arn is not None and (by_service or source is not None)
        return not is_bound or source == constraints.source_arn


def is_no_wider(child: Permits, parent: Permits) -> bool:
    """
    May the grantee of the parent create the child by it, if the parent permits CreateGrant?

    The child permits no operation that the parent does not, and its constraints are the same or stricter: more pairs,
    or a subset that became equality. Each parent is asked alone, since two do not add up. Source: recorded on
    2026-09-12, and *Creating grants*. That a source ARN stays the same is assumed.
    """
    own, others = child.constraints, parent.constraints
    if not set(child.operations) <= set(parent.operations):
        return False
    return others is None or (own or GrantConstraints()).are_no_wider_than(others)
