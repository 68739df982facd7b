"""
Key policies: who may do what with a KMS key.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access, key_policy
from kmsmodel.calls.authorization import refuse_lockout
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.errors import NotFoundException, ValidationException
from kmsmodel.key.share import AWS_RAM, ram_policy
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import marker, page_of, page_size
from kmsmodel.policy import form
from kmsmodel.words.shapes import (
    KeyIdType,
    LimitType,
    MarkerType,
    PolicyNameList,
    PolicyNameType,
    PolicyType,
)

# ---- GetKeyPolicy


@final
@frozen(kw_only=True)
class GetKeyPolicyResponse:
    policy: PolicyType
    policy_name: PolicyNameType


@final
@frozen(kw_only=True)
class GetKeyPolicyRequest(Request[GetKeyPolicyResponse]):
    key_id: KeyIdType
    policy_name: PolicyNameType | None = None


def get_key_policy(
    kms: Kms, request: GetKeyPolicyRequest, call: Call
) -> tuple[Kms, GetKeyPolicyResponse]:
    """
    Return a key policy of a KMS key: its own, or the one that AWS RAM manages.
    """
    key = access.key(kms, request.key_id, request, call)
    if request.policy_name == AWS_RAM and key.shares:
        shared = ram_policy(key.arn, key.shares)
        return kms, GetKeyPolicyResponse(policy=shared, policy_name=AWS_RAM)
    if request.policy_name not in {None, form.NAME}:
        raise NotFoundException("No such policy exists", arn=key.arn)
    policy = key_policy.shown(key.key_policy, call)
    return kms, GetKeyPolicyResponse(policy=policy, policy_name=form.NAME)


# ---- PutKeyPolicy


@final
@frozen(kw_only=True)
class PutKeyPolicyResponse:
    pass


@final
@frozen(kw_only=True)
class PutKeyPolicyRequest(Request[PutKeyPolicyResponse]):
    key_id: KeyIdType
    policy_name: PolicyNameType | None = None
    policy: PolicyType
    bypass_policy_lockout_safety_check: bool | None = None


def put_key_policy(
    kms: Kms, request: PutKeyPolicyRequest, call: Call
) -> tuple[Kms, PutKeyPolicyResponse]:
    """
    Replace the key policy of a KMS key.
    """
    key = access.key(kms, request.key_id, request, call)
    if request.policy_name == AWS_RAM:
        raise ValidationException("The AWS_RAM policy can only be managed by the RAM service.")
    if request.policy_name not in {None, form.NAME}:
        raise ValidationException(f"Policy name {request.policy_name} is not valid.", arn=key.arn)
    key = evolve(key, policy=key_policy.put(request.policy, call))
    if not request.bypass_policy_lockout_safety_check:
        refuse_lockout(RequestContext(request.operation, request, call, kms=kms, key=key))
    return kms.with_key(key), PutKeyPolicyResponse()


# ---- ListKeyPolicies


@final
@frozen(kw_only=True)
class ListKeyPoliciesResponse:
    policy_names: PolicyNameList
    truncated: bool
    next_marker: MarkerType | None = None


@final
@frozen(kw_only=True)
class ListKeyPoliciesRequest(Request[ListKeyPoliciesResponse]):
    key_id: KeyIdType
    limit: LimitType | None = None
    marker: MarkerType | None = None


def list_key_policies(
    kms: Kms, request: ListKeyPoliciesRequest, call: Call
) -> tuple[Kms, ListKeyPoliciesResponse]:
    """
    List the names of the key policies of a KMS key: one, or two if it is shared.
    """
    key = access.key(kms, request.key_id, request, call)
    size = page_size(request.limit, 100)
    names: tuple[str, ...] = (form.NAME, AWS_RAM) if key.shares else (form.NAME,)
    # The API has no error for an invalid marker.
    if request.marker == marker(request.operation, form.NAME):
        names = names[1:]
    listed = page_of(request.operation, [(name, name) for name in names], size)
    return kms, ListKeyPoliciesResponse(
        policy_names=listed.entries, truncated=listed.truncated, next_marker=listed.next_marker
    )
