"""
``GetCallerIdentity`` and ``AssumeRole``: a role's trust policy is asked by the same engine as a key policy.

Sources: the AWS Security Token Service API Reference; *Pass session tags in AWS STS* in the IAM User Guide.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import final

from kmsmodel.calls.authorization import is_of_management, without_rcps
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext, user_id
from kmsmodel.calls.credentials import Session, seal
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Role
from kmsmodel.calls.request import Request
from kmsmodel.errors import MalformedPolicyDocumentException, notes_of
from kmsmodel.hsm.secret import Secret
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, parse
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.form import check_session_policy, malformed
from kmsmodel.policy.policies import of_an_identity
from kmsmodel.policy.principal import PrincipalKind, principal
from kmsmodel.policy.question import Value
from kmsmodel.sts.refusals import AccessDenied, MalformedPolicyDocument, ValidationError
from kmsmodel.sts.requests import (
    AssumedRoleUser,
    AssumeRoleRequest,
    AssumeRoleResponse,
    Credentials,
    GetCallerIdentityResponse,
)
from kmsmodel.words.meant import perhaps


def get_caller_identity(call: Call) -> GetCallerIdentityResponse:
    """
    Tell who calls. Nobody needs a permission for it.
    """
    caller = call.caller
    id_ = user_id(caller)
    return GetCallerIdentityResponse(
        user_id=id_ if isinstance(id_, str) else None,
        account=caller.account,
        arn=caller.principal.arn,
    )


_NOTHING: Request[object] = Request()


def assume_role(request: AssumeRoleRequest, call: Call, secret: Secret) -> AssumeRoleResponse:
    """
    Give the credentials of a session of a role. Raises StsError.
    """
    role = _role(request, call)
    duration = _duration(request, role, call)
    session = Session(
        arn=f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{request.role_session_name}",
        role_id=str(role.unique_id),
        issued=call.now,
        expires=call.now + timedelta(seconds=duration),
        policies=_session_policies(request),
        policy_arns=_policy_arns(request, call),
        tags=request.session_tags,
        source_identity=_source_identity(request, call),
        has_mfa=request.has_mfa,
    )
    drawn = call.hsm.random(10, call.purpose("access key id"))
    access_key_id = "ASIA" + base64.b32encode(drawn).decode()
    token = seal(session, access_key_id, secret, call.hsm, call.purpose("session token"))
    drawn = call.hsm.random(30, call.purpose("secret access key"))
    return AssumeRoleResponse(
        credentials=Credentials(
            access_key_id=access_key_id,
            secret_access_key=base64.b64encode(drawn).decode(),
            session_token=token,
            expiration=session.expires.replace(microsecond=0),
        ),
        assumed_role_user=AssumedRoleUser(
            assumed_role_id=f"{role.unique_id}:{request.role_session_name}", arn=session.arn
        ),
        source_identity=session.source_identity,
    )


def _role(request: AssumeRoleRequest, call: Call) -> Role:
    """The role, if the caller may assume it. A role that does not exist is refused like one that is not theirs."""
    if call.caller.principal.kind is PrincipalKind.ROOT_USER:
        raise AccessDenied("Roles may not be assumed by root accounts.")
    try:
        named = principal(request.role_arn)
    except ValueError:
        raise ValidationError(f"{request.role_arn} is invalid") from None
    role = None if call.iam is None else call.iam.roles.get((named.account, named.name))
    if named.kind is not PrincipalKind.ROLE or role is None or role.arn != request.role_arn:
        raise _denied("AssumeRole", request, call, _without_role(request, call.iam))
    policies = call.caller.policies
    if is_of_management(role.account, call):
        policies = without_rcps(policies)
    for action in _actions(request, call):
        access = Access(
            principal=call.caller.principal,
            action=f"sts:{action}",
            resource=role.arn,
            owner=role.account,
            context=_Context(request, role, call),
            policies=policies,
            resource_policy=role.trust or _NO_TRUST,
        )
        decision = decide(access)
        if call.caller.is_asked and not decision.is_allowed:
            raise _denied(action, request, call, str(decision.explanation))
    return role


_NO_TRUST = Policy(statements=())


def _actions(request: AssumeRoleRequest, call: Call) -> Iterator[str]:
    """
    What must be allowed. A source identity that goes on to another session must be set there, too.

    Sources: *Pass session tags in AWS STS*, *Monitor and control actions taken with assumed roles* in the IAM User
    Guide.
    """
    yield "AssumeRole"
    if request.tags:
        yield "TagSession"
    if _source_identity(request, call) is not None:
        yield "SetSourceIdentity"


def _denied(action: str, request: AssumeRoleRequest, call: Call, note: str) -> AccessDenied:
    """The error, with a note that says what AWS's answer leaves out."""
    error = AccessDenied(
        f"User: {call.caller.principal.arn} is not authorized to perform: sts:{action} "
        f"on resource: {request.role_arn}"
    )
    error.add_note(note)
    return error


def _without_role(request: AssumeRoleRequest, iam: Iam | None) -> str:
    if iam is None:
        return (
            "there is no directory of users and roles: LocalKms(iam=...), kmsmodel serve --iam FILE"
        )
    names = [each.path[1:] + each.name for each in iam.roles.values()]
    _, _, name = request.role_arn.partition(":role/")
    return f"the directory has no role {request.role_arn}{perhaps(name, names)}"


_AN_HOUR = 3600


def _duration(request: AssumeRoleRequest, role: Role, call: Call) -> int:
    """For how many seconds the session is valid; a session that assumes another role has an hour at most."""
    duration = request.duration_seconds or _AN_HOUR
    if call.caller.principal.kind is PrincipalKind.SESSION and duration > _AN_HOUR:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    if duration > role.maximum_session_duration:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return duration


def _session_policies(request: AssumeRoleRequest) -> tuple[str, ...]:
    if request.policy is None:
        return ()
    try:
        of_an_identity(request.policy)
        check_session_policy(request.policy)
        _refuse_incomplete_arns(request.policy)
    except MalformedPolicyDocumentException as error:
        notes = "; ".join(notes_of(error))
        raise MalformedPolicyDocument(f"Syntax errors in policy: {notes}") from None
    return (request.policy,)


_PARTS_OF_AN_ARN = 6


def _refuse_incomplete_arns(policy: str) -> None:
    """
    Refuse a resource whose ARN lacks parts, which IAM completes in other policies.

    Raises MalformedPolicyDocumentException, with a note. Source: *IAM JSON policy elements: Resource* in the IAM User
    Guide.
    """
    for statement in parse(policy).statements:
        for pattern in () if statement.resources is None else statement.resources.patterns:
            if pattern.startswith("arn:") and len(pattern.split(":")) < _PARTS_OF_AN_ARN:
                raise malformed(f"{statement.title}, Resource: {pattern!r} is not a whole ARN")


def _policy_arns(request: AssumeRoleRequest, call: Call) -> tuple[str, ...]:
    arns = tuple(each.arn or "" for each in request.policy_arns or ())
    for arn in arns:
        if call.iam is None or arn not in call.iam.policies:
            raise ValidationError(f"Policy {arn} does not exist or is not attachable.")
    return arns


def _source_identity(request: AssumeRoleRequest, call: Call) -> str | None:
    """The source identity of a session goes on to the next, and cannot be changed. Raises AccessDenied."""
    before, asked = call.caller.context.get("aws:sourceidentity"), request.source_identity
    if not isinstance(before, str):
        return asked
    if asked not in {None, before}:
        note = f"the session has the source identity {before}, which cannot be changed"
        raise _denied("SetSourceIdentity", request, call, note)
    return before


@final
class _Context:
    """The condition keys of a request for a role."""

    def __init__(self, request: AssumeRoleRequest, role: Role, call: Call) -> None:
        tags = request.session_tags
        keys: dict[str, Value | None] = {
            "aws:resourceaccount": role.account,
            "aws:tagkeys": tuple(tags) or None,
            "sts:externalid": request.external_id,
            "sts:rolesessionname": request.role_session_name,
            "sts:sourceidentity": request.source_identity,
            **{f"aws:requesttag/{key.lower()}": value for key, value in tags.items()},
            **{f"aws:resourcetag/{key.lower()}": value for key, value in role.tags.items()},
            **{f"iam:resourcetag/{key.lower()}": value for key, value in role.tags.items()},
        }
        if request.has_mfa:
            keys |= {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "0"}
        self._keys = keys
        self._of_the_caller = RequestContext("AssumeRole", _NOTHING, call, kms=Kms())

    def get(self, key: str, /) -> Value | None:
        found = self._keys.get(key)
        return self._of_the_caller.get(key) if found is None else found
