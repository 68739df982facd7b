"""
Requests with all policies and grants that they meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import ACTIONS
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import Principal
from kmsmodel.policy.question import Value
from kmsmodel.testing.policies import (
    ASKED,
    KEY,
    OWNER,
    PAIRS,
    PolicyDocument,
    contexts,
    documents,
    grants,
    iam_policies,
    principals,
)


@dataclass(frozen=True)
class Situation:
    """A request, and all policies and grants that it meets, as JSON documents."""

    principal: Principal
    action: str
    key_policy: PolicyDocument
    identity: tuple[PolicyDocument, ...] = ()
    boundary: PolicyDocument | None = None
    session: PolicyDocument | None = None
    scps: tuple[PolicyDocument, ...] = ()
    rcps: tuple[PolicyDocument, ...] = ()
    grants: tuple[Grant, ...] = ()
    context: Mapping[str, Value] = field(default_factory=dict[str, Value])
    encryption_context: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def documents(self) -> tuple[PolicyDocument, ...]:
        """All policies."""
        limits = [each for each in (self.boundary, self.session) if each is not None]
        return (self.key_policy, *self.identity, *limits, *self.scps, *self.rcps)

    @property
    def access(self) -> Access:
        """The access that is to be decided."""

        def one(document: PolicyDocument | None) -> Policy | None:
            return None if document is None else from_json(document)

        takes_context = "kms:EncryptionContext:" in _keys_of(self.action)
        return Access(
            principal=self.principal,
            action=self.action,
            resource=KEY,
            owner=OWNER,
            context=dict(self.context),
            policies=Policies(
                identity=tuple(map(from_json, self.identity)),
                boundary=one(self.boundary),
                session=None if self.session is None else (from_json(self.session),),
                scps=tuple((from_json(each),) for each in self.scps),
                rcps=tuple(from_json(each) for each in self.rcps),
            ),
            resource_policy=from_json(self.key_policy),
            grants=self.grants,
            encryption_context=self.encryption_context if takes_context else None,
        )

    @property
    def case(self) -> PolicyDocument:
        """The request as a case, as `docs/policy-cases.md` describes them."""
        return {
            "principal": self.principal.arn,
            "action": self.action,
            "resource": KEY,
            "policies": {
                "key_policy": self.key_policy,
                "identity_policies": list(self.identity),
                "permissions_boundary": self.boundary,
                "session_policy": self.session,
                "scp_levels": [[each] for each in self.scps],
                "rcps": list(self.rcps),
            },
            "grants": list(map(_grant_in_a_case, self.grants)),
            "context": {
                name: each if isinstance(each, str) else list(each)
                for name, each in self.context.items()
            },
            "encryption_context": dict(self.encryption_context),
        }


def _grant_in_a_case(grant: Grant) -> PolicyDocument:
    constraints = grant.constraints or GrantConstraints()
    written = {
        "EncryptionContextSubset": constraints.encryption_context_subset,
        "EncryptionContextEquals": constraints.encryption_context_equals,
        "SourceArn": constraints.source_arn,
    }
    return {
        "GrantId": grant.grant_id,
        "IssuingAccount": grant.issuing_account,
        "GranteePrincipal": grant.grantee_principal,
        "Operations": [str(each) for each in grant.operations],
        "Constraints": {name: each for name, each in written.items() if each is not None},
    }


def _keys_of(action: str) -> frozenset[str]:
    return ACTIONS[action.removeprefix("kms:")].condition_keys


@st.composite
def situations(
    draw: st.DrawFn,
    *,
    accounts: Sequence[str] = (),
    of_accounts: bool = True,
    has_limits: bool = True,
) -> Situation:
    """
    A request on the KMS key with all that it meets.

    The caller is of one of ``accounts``, if there are any. Without ``of_accounts``, neither the key policy nor a grant
    names an account; without ``has_limits``, there are only the key policy, grants and identity-based policies.
    """
    limits = st.none() | iam_policies() if has_limits else st.none()
    levels = st.lists(iam_policies(), max_size=1 if has_limits else 0).map(tuple)
    key_policy = draw(documents(of_accounts=of_accounts))
    identity = tuple(draw(st.lists(iam_policies(), max_size=2)))
    situation = Situation(
        principal=draw(principals(*accounts)),
        action=draw(st.sampled_from(ASKED)),
        key_policy=key_policy,
        identity=identity,
        boundary=draw(limits),
        session=draw(limits),
        scps=draw(levels),
        rcps=draw(levels),
        grants=tuple(draw(st.lists(grants(of_accounts=of_accounts), max_size=2))),
        encryption_context=draw(PAIRS),
    )
    context = draw(contexts(situation.documents))
    arn = situation.principal.policy_arn
    if arn is not None:
        context["aws:principalarn"] = arn
    return replace(situation, context=context)
