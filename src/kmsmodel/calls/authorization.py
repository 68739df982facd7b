"""
Authorization: whether the caller may do what they ask, by key policy, IAM policies and grants.

`kmsmodel.policy.evaluation` decides; here the request becomes an access, and a refusal AWS's error. Source:
`docs/fidelity.md`, *Authorization*.
"""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from attrs import evolve

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.grants import counting, refuse_tokens
from kmsmodel.errors import (
    AccessDeniedException,
    MalformedPolicyDocumentException,
)
from kmsmodel.key.key import Key
from kmsmodel.key.share import ram_policy
from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import ACTIONS, PREFIX, TAKING_AN_ENCRYPTION_CONTEXT
from kmsmodel.policy.document import Policy, PolicyType, kept
from kmsmodel.policy.evaluation import (
    Decision,
    Verdict,
    asks_the_request,
    decide,
    is_let_in,
)
from kmsmodel.policy.grant import Permits
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import PrincipalKind
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.words.arn import KeyArn, parse_key_arn
from kmsmodel.words.enumerations import KeyManagerType

_BECAUSE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)

ANY_RESOURCE = "*"
"""The resource of an action that is not allowed on a KMS key or an alias."""

THIS_RESOURCE = "this resource"
OF_THIS_CIPHERTEXT = "the resource associated with this ciphertext"
"""What AWS calls a KMS key of which the caller may not learn whether it exists."""


def authorize(of: RequestContext, resource: str = THIS_RESOURCE) -> None:
    """
    Refuse a caller who may not do what they ask. ``resource`` is what the KMS key is called if it may not be named.

    Raises AccessDeniedException or InvalidGrantTokenException.
    """
    refuse_tokens(of.request, of.call)
    action, key, caller = ACTIONS[of.action], of.key, of.call.caller
    if not action.across_accounts and _is_foreign(of):
        # No policy can allow it, and so it is refused to callers who are not asked, too.
        raise unknown(of.action, of.call)
    if not caller.is_asked:
        return
    if (
        key is not None
        and of.call.witness is None
        and _is_always_allowed(of.action, caller, key.arn, key.policy)
    ):
        return
    asked = access(of) if action.on_key else access_without_key(of)
    decision = _decision(asked, of.call)
    if not decision.is_allowed:
        raise denied(asked, decision, resource)


def _is_foreign(of: RequestContext) -> bool:
    return of.key is not None and of.key.key_arn.account != of.call.caller.account


def _decision(asked: Access, call: Call) -> Decision:
    """The decision on an access, told to whoever wants to know."""
    decision = decide(asked)
    if call.witness is not None:
        call.witness(decision)
    return decision


@lru_cache(4096)
def _is_always_allowed(action: str, caller: Caller, arn: str, policy: str | None) -> bool:
    """Whether a caller may do this with a KMS key whatever the request says, so that it need not be asked."""
    if not ACTIONS[action].on_key:
        return False
    key_arn = parse_key_arn(arn)
    asked = Access(
        principal=caller.principal,
        action=PREFIX + action,
        resource=arn,
        owner=key_arn.account,
        policies=caller.policies,
        resource_policy=kept(default_key_policy(key_arn) if policy is None else policy),
    )
    return not asks_the_request(asked) and decide(asked).is_allowed


def authorize_by_iam(of: RequestContext, resource: str) -> None:
    """
    Refuse a caller whose IAM policies do not allow an action on a resource that has no policy of its own.

    That is an alias, whose KMS key is asked apart, or the retiring principal of ListRetirableGrants. Raises
    AccessDeniedException.
    """
    if of.call.caller.is_asked:
        asked = access_without_key(of, resource)
        decision = _decision(asked, of.call)
        if not decision.is_allowed:
            raise denied(asked, decision)


def authorize_tags_of_a_new_key(of: RequestContext) -> None:
    """
    Refuse a caller whose IAM policies do not allow them to tag the KMS key that they create.

    The key has no key policy yet. Raises AccessDeniedException.
    """
    if of.call.caller.is_asked:
        account, region = of.call.caller.account, of.call.region
        asked = access_without_key(of, str(KeyArn(account, region, ANY_RESOURCE)))
        decision = _decision(asked, of.call)
        if not decision.is_allowed:
            error = AccessDeniedException(f"{_subject(asked)} {_reason(asked, decision)}")
            raise error.with_note(str(decision.explanation))


def refuse_lockout(of: RequestContext) -> None:
    """
    Refuse a key policy that does not let the caller put another one after it. ``of`` has the KMS key with the policy.

    What AWS RAM lets others do does not count.

    Raises MalformedPolicyDocumentException.
    """
    if of.key is not None and of.key.shares:
        of.key = evolve(of.key, shares=())
    if of.call.caller.is_asked and not decide(access(of)).is_allowed:
        raise MalformedPolicyDocumentException(
            "The new key policy will not allow you to update the key policy in the future."
        )


def access(of: RequestContext) -> Access:
    """
    The access to a KMS key that a request asks for.

    Raises TypeError for a request without a KMS key.
    """
    key, call = of.key, of.call
    if key is None:
        raise TypeError(f"{of.action} names no KMS key")
    caller, action = call.caller, PREFIX + of.action
    takes_context = action in TAKING_AN_ENCRYPTION_CONTEXT
    grants = (
        counting(of.kms, key, call, of.member("grant_tokens")) if of.grant is None else (of.grant,)
    )
    child = cast("Permits", of.request)  # pragma: no mutate
    return Access(
        principal=caller.principal,
        action=action,
        resource=key.arn,
        owner=key.key_arn.account,
        context=of,
        policies=caller.policies
        if _is_subject_to_rcps(key, call)
        else without_rcps(caller.policies),
        # Key policies say nothing about who may retire a grant.
        resource_policy=_policies_of(key) if of.grant is None else None,
        grants=grants,
        child=child if of.action == "CreateGrant" else None,
        encryption_context=of.encryption_context if takes_context else None,
    )


def _policies_of(key: Key) -> Policy:
    """The statements of a KMS key's key policies: its own, and that of AWS RAM if it is shared."""
    own = kept(key.key_policy)
    if not key.shares:
        return own
    return _with_statements(own, kept(ram_policy(key.arn, key.shares)))


@lru_cache(1024)
def _with_statements(policy: Policy, of_ram: Policy) -> Policy:
    return evolve(policy, statements=policy.statements + of_ram.statements, is_list=True)


def access_without_key(of: RequestContext, resource: str = ANY_RESOURCE) -> Access:
    """The access that a request without a KMS key asks for, or one to an alias: only IAM policies are asked."""
    caller = of.call.caller
    return Access(
        principal=caller.principal,
        action=PREFIX + of.action,
        resource=resource,
        owner=caller.account,
        context=of,
        policies=without_rcps(caller.policies),
    )


def _is_subject_to_rcps(key: Key, call: Call) -> bool:
    """
    Do RCPs hold for this KMS key? They hold for customer managed keys, but for those of the management account.

    Source: *Resource control policies* in the AWS Organizations User Guide; recorded 2026-09.
    """
    return key.key_manager is KeyManagerType.CUSTOMER and not is_of_management(
        key.key_arn.account, call
    )


def is_of_management(account: str, call: Call) -> bool:
    """Is this the management account of the organization, whose resources are not subject to RCPs?"""
    return call.iam is not None and call.iam.management_account == account


def without_rcps(policies: Policies) -> Policies:
    """Policies without RCPs, which do not hold where no KMS key is the resource, either."""
    if not policies.rcps:
        return policies
    return evolve(policies, rcps=())


# ---- refusals


def denied(
    access: Access, decision: Decision, resource: str = THIS_RESOURCE
) -> AccessDeniedException:
    """
    The error for a decision that refuses, with a note that explains it.

    Between accounts, and to a service, AWS does not tell whether the resource exists.
    """
    subject = _subject(access)
    if access.is_across_accounts or access.principal.kind is PrincipalKind.SERVICE:
        is_told = decision.policy_type is not PolicyType.RESOURCE and is_let_in(access)
        on = THIS_RESOURCE if is_told else resource
        because, arn = _reason(access, decision) if is_told else _BECAUSE, None
    else:
        on, because = f"resource: {access.resource}", _reason(access, decision)
        arn = None if access.resource == ANY_RESOURCE else access.resource
    error = AccessDeniedException(f"{subject} on {on} {because}", arn=arn)
    return error.with_note(str(decision.explanation))


def _subject(access: Access) -> str:
    return f"User: {access.principal.arn} is not authorized to perform: {access.action}"


def _reason(access: Access, decision: Decision) -> str:
    if decision.policy_type is None:
        raise AssertionError("a decision that refuses names the type of a policy")
    if decision.verdict is Verdict.EXPLICITLY_DENIED:
        policy = decision.policy
        named = f": {policy.arn}" if policy is not None and policy.arn is not None else ""
        return f"with an explicit deny in {decision.policy_type.with_article}{named}"
    return f"because no {decision.policy_type} allows the {access.action} action"


def unknown(action: str, call: Call, resource: str = THIS_RESOURCE) -> AccessDeniedException:
    """The error for a caller who may not learn whether there is such a resource."""
    return AccessDeniedException(
        f"User: {call.caller.principal.arn} is not authorized to perform: {PREFIX}{action} "
        f"on {resource} {_BECAUSE}"
    )
