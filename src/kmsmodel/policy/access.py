"""
An access: who asks for what, and everything that the decision depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, final

from attrs import field, frozen

from kmsmodel.policy.actions import ACTIONS, PREFIX
from kmsmodel.policy.document import Policy
from kmsmodel.policy.grant import Grant, Permits
from kmsmodel.policy.policies import NO_POLICIES, Policies
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.policy.question import Context, Value
from kmsmodel.words.arguments import expect

_OF_AN_ARN = "kmsmodel.policy.principal.principal makes one of an ARN"
_OF_JSON = "kmsmodel.policy.policies.policy makes one of JSON"


@final
@frozen(kw_only=True)
class Access:
    """
    A principal's request for one action on one resource.

    ``action`` is as policies spell it, such as ``kms:Decrypt``; ``resource`` is an ARN, or ``*`` for an action without
    one; ``owner`` is the account id of the resource. ``context`` has the condition keys of the request by their names
    in lower case, also those that follow from the principal and from the encryption context. ``policies`` are those
    that come with the principal. ``resource_policy`` is the key policy of a KMS key or the trust policy of a role, and
    None for an action on neither. ``grants`` are those on the key that count now. ``encryption_context`` is None for an
    operation that takes none. ``child`` is what a request for CreateGrant would permit, and None for any other.

    Raises ValueError for an action of AWS KMS without its prefix, and for a condition key that is not in lower case;
    TypeError for a text where a principal or policies are expected.
    """

    principal: Principal
    action: str
    resource: str = "*"
    owner: str
    context: Context = field(factory=dict[str, Value])
    policies: Policies = NO_POLICIES
    resource_policy: Policy | None = None
    grants: tuple[Grant, ...] = ()
    encryption_context: Mapping[str, str] | None = None
    child: Permits | None = None

    def __attrs_post_init__(self) -> None:
        expect("action", self.action, str)
        expect("principal", self.principal, Principal, hint=_OF_AN_ARN)
        expect("policies", self.policies, Policies)
        if self.resource_policy is not None:
            expect("resource_policy", self.resource_policy, Policy, hint=_OF_JSON)
        if self.action in ACTIONS:
            raise ValueError(f"action: {self.action!r} is without its prefix, {PREFIX}")
        context: object = self.context
        if isinstance(context, dict):
            for name in cast("dict[str, Value]", context):
                if name != name.lower():
                    raise ValueError(f"context: {name!r} must be in lower case")

    @property
    def has_boundary(self) -> bool:
        """Does the principal have a permissions boundary?"""
        return self.policies.boundary is not None

    @property
    def is_across_accounts(self) -> bool:
        """Does the resource belong to another account than the caller's?"""
        return bool(self.principal.account) and self.principal.account != self.owner

    def is_permitted_by(self, grant: Grant) -> bool:
        """Does a grant permit what is asked to its grantee, whoever asks?"""
        source = self.context.get("aws:sourcearn")
        return grant.allows(
            self.action.removeprefix(PREFIX),
            encryption_context=self.encryption_context,
            source=source if isinstance(source, str) else None,
            by_service=self.principal.kind is PrincipalKind.SERVICE,
            child=self.child,
        )
