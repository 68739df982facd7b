"""
The decision: whether a principal may do something, by all policies and grants together.

Sources: *Troubleshooting key access* in the Developer Guide; *Policy evaluation logic* in the IAM User Guide; what was
recorded of AWS in September 2026, see `docs/fidelity.md`, *Authorization*.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, final

from attrs import field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import works_across_accounts
from kmsmodel.policy.document import Policy, PolicyType, Statement
from kmsmodel.policy.elements import How
from kmsmodel.policy.explaining import explain
from kmsmodel.policy.explanation import Explanation
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.granted import RETIRE_GRANT, ways
from kmsmodel.policy.policies import NO_POLICIES
from kmsmodel.policy.principal import Principal, PrincipalKind


@final
class Verdict(Enum):
    """What comes of an access."""

    ALLOWED = "allowed"
    EXPLICITLY_DENIED = "explicitly denied"
    NOT_ALLOWED = "not allowed"


@final
@frozen(kw_only=True)
class Decision:
    """
    What comes of an access, and why.

    ``by`` are the statements and the grant that decided together; there are none if nothing allows, nor for a root user
    who needs no policy. ``policy_type`` is the type of the policy that denies, or of the first that does not allow.
    ``policy`` is the one that denies, or the last that allows.
    """

    access: Access = field(repr=False, eq=False)
    verdict: Verdict
    policy_type: PolicyType | None = None
    policy: Policy | None = None
    by: tuple[Statement | Grant, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.verdict is Verdict.ALLOWED

    @property
    def because(self) -> str:
        """The reason, in one line."""
        if self.verdict is Verdict.NOT_ALLOWED:
            if _is_out_of_reach(self.access):
                return f"{self.access.action} does not work with what belongs to another account"
            return f"no {self.policy_type} allows it"
        if not self.by:
            is_service = self.access.principal.kind is PrincipalKind.SERVICE
            return f"{'an AWS service' if is_service else 'a root user'} needs no policy"
        does = "denies it" if self.verdict is Verdict.EXPLICITLY_DENIED else "allows it"
        first, *others = (self._title(each) for each in self.by)
        return f"{first} {does}" + "".join(f", and so does {other}" for other in others)

    def _title(self, by: Statement | Grant) -> str:
        if isinstance(by, Grant):
            return by.title
        for policy_type, policy in policies(self.access):
            if any(each is by for each in policy.statements):
                return f"{by.title} of {policy_type.with_article}"
        return by.title

    @property
    def explanation(self) -> Explanation:
        """Why, statement by statement. It is worked out each time that it is asked for."""
        return explain(
            self.access,
            f"{self.verdict.value}, because {self.because}",
            policies(self.access),
            _stops,
        )


def asks_the_request(access: Access) -> bool:
    """Does the decision depend on the request, apart from who asks for which action on which resource?"""
    action = access.action
    return bool(access.grants) or any(
        statement.asks_the_request
        for _, policy in policies(access)
        for statement in (*policy.denying(action), *policy.allowing(action))
    )


def decide(access: Access) -> Decision:
    """
    Whether the principal may do it: no policy denies it, each policy that only limits allows it, and the policies and
    grants that give access do.
    """
    return _explicit_deny(access) or _limits_of_the_organization(access) or _given(access)


def is_let_in(access: Access) -> bool:
    """
    Whether the owner of a resource allows somebody of another account in, whatever that one's own policies say.

    Who is not let in may not learn whether the resource exists.
    """
    return works_across_accounts(access.action) and bool(_ways(access))


# ---- what is denied


def _explicit_deny(access: Access) -> Decision | None:
    """A Deny statement that applies, in whatever policy, beats everything."""
    action = access.action
    for policy_type, policy in policies(access):
        for statement in policy.denying(action):
            if statement.how(access) is not None:
                return Decision(
                    access=access,
                    verdict=Verdict.EXPLICITLY_DENIED,
                    policy_type=policy_type,
                    policy=policy,
                    by=(statement,),
                )
    return None


def policies(access: Access) -> list[tuple[PolicyType, Policy]]:
    """All policies that are asked, in the order in which AWS names the one that denies."""
    of = access.policies
    asked: list[tuple[PolicyType, Policy]] = []
    if access.resource_policy is not None:
        asked.append((PolicyType.RESOURCE, access.resource_policy))
    if of is NO_POLICIES:
        return asked
    if _is_asked_of_rcps(access):
        asked += [(PolicyType.RCP, each) for each in of.rcps]
    if is_limited_by_scps(access.principal):
        asked += [(PolicyType.SCP, each) for level in of.scps for each in level]
    if of.endpoint is not None:
        asked.append((PolicyType.ENDPOINT, of.endpoint))
    asked += [(PolicyType.IDENTITY, each) for each in of.identity]
    if of.boundary is not None:
        asked.append((PolicyType.BOUNDARY, of.boundary))
    asked += [(PolicyType.SESSION, each) for each in of.session or ()]
    return asked


def _is_asked_of_rcps(access: Access) -> bool:
    """
    RCPs are not asked about RetireGrant (recorded 2026-09), nor where there is no resource, nor about roles that are
    linked to a service.
    """
    is_about_a_resource = access.action != RETIRE_GRANT and access.resource != "*"
    return is_about_a_resource and not access.principal.is_service_linked


def is_limited_by_scps(asker: Principal) -> bool:
    """SCPs limit the users and roles of an account, but neither services nor the roles that are linked to them."""
    return asker.kind is not PrincipalKind.SERVICE and not asker.is_service_linked


# ---- what only limits


def _limits_of_the_organization(access: Access) -> Decision | None:
    """
    SCPs and the policy of a VPC endpoint give nothing, but must allow.

    RCPs only deny: the one that allows everything cannot be detached.
    """
    of = access.policies
    if of is NO_POLICIES:
        return None
    for level in of.scps if is_limited_by_scps(access.principal) else ():
        if _allowing(level, access) is None:
            return _not_allowed(access, PolicyType.SCP)
    if of.endpoint is not None and _allowing((of.endpoint,), access) is None:
        return _not_allowed(access, PolicyType.ENDPOINT)
    return None


def _allowing(policies: tuple[Policy, ...], access: Access) -> Decision | None:
    """The Allow statement that applies, of the first policy that has one."""
    for policy in policies:
        for statement in policy.allowing(access.action):
            if statement.how(access) is not None:
                return _allowed(access, policy, statement)
    return None


# ---- what gives access


@final
class _Way(NamedTuple):
    """One way by which access may be given: how it names the principal, and what gives it."""

    how: How
    by: Statement | Grant
    policy: Policy | None = None


def _given(access: Access) -> Decision:
    """What gives access: the policies of the resource, those of the caller, and grants."""
    if access.resource_policy is None and not access.grants:
        return _by_the_caller(access, ())
    if access.is_across_accounts:
        return _across_accounts(access)
    return _at_home(access)


def _at_home(access: Access) -> Decision:
    """
    In the account of the resource, one way without an obstacle is enough.

    Otherwise AWS tells the obstacle of the way that goes furthest.
    """
    obstacles = [PolicyType.RESOURCE]
    for way in _ways(access):
        obstacle = _obstacle(way.how, access)
        if obstacle is None:
            return _allowed(access, way.policy, way.by)
        obstacles.append(obstacle)
    if _is_needed(access):
        return _not_allowed(access, max(obstacles, key=_ORDER.index))
    return _by_the_caller(access, ())


def _across_accounts(access: Access) -> Decision:
    """
    Between accounts, the owner of the resource and the caller's own account must both allow.

    A grant that the caller's own account made needs nothing else.
    """
    if not works_across_accounts(access.action):
        return _not_allowed(access, PolicyType.RESOURCE)
    refused = _not_allowed(access, PolicyType.RESOURCE)
    for way in _ways(access):
        if _is_made_by_the_caller(way, access):
            obstacle = _obstacle(way.how, access)
            if obstacle is None:
                return _allowed(access, None, way.by)
            decision = _not_allowed(access, obstacle)
        else:
            decision = _by_the_caller(access, (way.by,), way.how)
            if decision.is_allowed:
                return decision
        if refused.policy_type is PolicyType.RESOURCE:
            refused = decision
    return refused


def _is_out_of_reach(access: Access) -> bool:
    """Can the action be done only with what belongs to the caller's own account, and this does not?"""
    of_a_resource = access.resource_policy is not None or bool(access.grants)
    return of_a_resource and access.is_across_accounts and not works_across_accounts(access.action)


def _stops(by: Statement | Grant, how: How, access: Access) -> PolicyType | None:
    """The type of the policy that must allow besides this statement or grant, and does not."""
    way = _Way(how, by)
    if not access.is_across_accounts or _is_made_by_the_caller(way, access):
        return _obstacle(how, access)
    return _by_the_caller(access, (by,), how).policy_type


def _is_made_by_the_caller(way: _Way, access: Access) -> bool:
    return isinstance(way.by, Grant) and way.by.issuing_account == access.principal.account


def _is_needed(access: Access) -> bool:
    """
    Whether the policy of the resource must allow, as that of a KMS key and the trust policy of a role must.

    For other services, an IAM policy of the same account is enough.
    """
    return access.action.startswith(_NEED_A_RESOURCE_POLICY)


_NEED_A_RESOURCE_POLICY = ("kms:", "sts:")


def _ways(access: Access) -> list[_Way]:
    """The statements of the resource's policy and the grants that mean the principal and allow."""
    action, policy = access.action, access.resource_policy
    if action == RETIRE_GRANT:  # key policies are not asked
        return [_Way(how, grant) for grant in access.grants for how in ways(grant, access)]
    found: list[_Way] = []
    for statement in () if policy is None else policy.allowing(action):
        how = statement.how(access)
        if how is not None:
            found.append(_Way(how, statement, policy))
            if how is How.ITSELF:
                break  # no other way has fewer obstacles
    for grant in access.grants:
        if access.is_permitted_by(grant):
            found += (_Way(how, grant) for how in ways(grant, access))
    return found


# ---- the caller's own policies


_ORDER = (PolicyType.RESOURCE, PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION)
"""The order in which AWS asks: the one that is told first is the first that does not allow."""


def _obstacle(how: How, access: Access) -> PolicyType | None:
    """
    The first policy of the caller's own that must allow and does not.

    None is asked where the caller is named itself. Where only its role is named, boundary and session policy limit it.
    Where only its account is named, an identity-based policy must allow, except for the root user.
    """
    if how is How.ITSELF:
        return None
    delegated = how is How.ACCOUNT and access.principal.kind is not PrincipalKind.ROOT_USER
    if delegated and _allowing_by_identity(access) is None:
        return PolicyType.IDENTITY
    return _limit_of_the_caller(access)


def _allowing_by_identity(access: Access) -> Decision | None:
    """A federated user without a session policy has nothing of the identity-based policies."""
    of = access.policies
    if access.principal.kind is PrincipalKind.FEDERATED_USER and of.session is None:
        return None
    return _allowing(of.identity, access)


def _limit_of_the_caller(access: Access) -> PolicyType | None:
    of = access.policies
    if of.boundary is not None and _allowing((of.boundary,), access) is None:
        return PolicyType.BOUNDARY
    if of.session is not None and _allowing(of.session, access) is None:
        return PolicyType.SESSION
    return None


def _by_the_caller(
    access: Access, by: tuple[Statement | Grant, ...], how: How = How.ITSELF
) -> Decision:
    """
    What the caller's own policies give, together with what the owner of the resource does.

    For a role that the owner names, AWS tells the limits of its session first. Recorded 2026-09.
    """
    principal = access.principal
    if principal.kind in {PrincipalKind.ROOT_USER, PrincipalKind.SERVICE}:  # neither needs a policy
        limit = _limit_of_the_caller(access)
        return _allowed(access, None, *by) if limit is None else _not_allowed(access, limit)
    given = _allowing_by_identity(access)
    limit = _limit_of_the_caller(access)
    if given is None:
        told = limit if how is How.ISSUER else None
        return _not_allowed(access, told or PolicyType.IDENTITY)
    if limit is not None:
        return _not_allowed(access, limit)
    return _allowed(access, given.policy, *by, *given.by)


def _allowed(access: Access, policy: Policy | None, *by: Statement | Grant) -> Decision:
    return Decision(access=access, verdict=Verdict.ALLOWED, policy=policy, by=by)


def _not_allowed(access: Access, policy_type: PolicyType) -> Decision:
    return Decision(access=access, verdict=Verdict.NOT_ALLOWED, policy_type=policy_type)
