"""
The requests to IAM and AWS STS of a recording: who is there, with which policies and which credentials.

IAM's own API is not modelled, so each of its requests is done to an `Iam`. AWS STS is asked as a client asks it, but
for federated users.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, TypeAlias, final

from attrs import evolve

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.credentials import caller_of
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Role, User
from kmsmodel.local import LocalKms
from kmsmodel.policy.document import from_json
from kmsmodel.sts import query
from kmsmodel.sts.refusals import StsError
from kmsmodel.sts.requests import AssumeRoleResponse
from tests.recordings.scenario import Step

Change: TypeAlias = Callable[[Iam], Iam]


@final
class Directory:
    """
    Who is there: for IAM and AWS STS at once, and for AWS KMS from the step on in which it was recorded to know.

    `unique_ids` has those of the roles, by the names that the recording has for them.
    """

    def __init__(self, local: LocalKms, principal: str) -> None:
        assert local.iam is not None
        self.unique_ids: dict[str, str] = {}
        self._local = local
        self._principal = principal
        self._iam = local.iam
        self._not_seen: dict[str, list[Change]] = {}
        self._credentials: dict[str, Callable[[], Caller]] = {}
        self._numbers = count(1)

    def come_to(self, step: str) -> None:
        """Let AWS KMS see the changes that it saw from this step on."""
        for change in self._not_seen.pop(step, ()):
            self._let_see(change)

    def caller(self, credentials: str | None) -> Caller:
        """
        The caller with these credentials, by default whoever made the recording.

        Raises UnrecognizedClientException or ExpiredTokenException.
        """
        if credentials is None:
            return self._iam.caller(self._principal)
        return self._credentials[credentials]()

    def do(self, step: Step, request: Mapping[str, Any], caller: Caller) -> None:
        """Do one request. Raises StsError where AWS STS refuses it."""
        name = step.named or step.name
        match step.operation:
            case "AssumeRole":
                self._credentials[name] = self._session(request, caller)
            case "GetFederationToken":
                self._credentials[name] = self._federated_user(request, caller)
            case "CreateAccessKey":
                access_key_id = f"AKIA{next(self._numbers):016}"
                self._change(step, _access_key(request, caller.account, access_key_id))
                self._credentials[name] = lambda: self._authenticated(access_key_id)
            case operation:
                self._change(step, _CHANGES[operation](request, caller.account))
        if step.operation == "CreateRole":
            role = self._iam.roles[caller.account, request["RoleName"]]
            self.unique_ids[name] = str(role.unique_id)

    def _change(self, step: Step, change: Change) -> None:
        self._iam = change(self._iam)
        if step.seen_from is None:
            self._let_see(change)
        else:
            self._not_seen.setdefault(step.seen_from, []).append(change)

    def _let_see(self, change: Change) -> None:
        assert self._local.iam is not None
        self._local.iam = change(self._local.iam)

    # ---- credentials

    def _authenticated(self, access_key_id: str) -> Caller:
        """A user, as far as AWS KMS has seen the access key. Raises UnrecognizedClientException."""
        assert self._local.iam is not None
        return self._caller_of(self._local.iam, access_key_id, None)

    def _caller_of(self, iam: Iam, access_key_id: str, session_token: str | None) -> Caller:
        return caller_of(
            iam,
            access_key_id,
            session_token,
            secret=self._local.session_secret,
            hsm=self._local.hsm,
            now=self._local.clock.now(),
        )

    def _session(self, request: Mapping[str, Any], caller: Caller) -> Callable[[], Caller]:
        """The session of a role. AWS KMS was recorded to take its token before it found the role."""
        local = self._local
        call = Call(
            now=local.clock.now(),
            hsm=local.hsm,
            request_id=f"sts {next(self._numbers)}",
            region=local.region,
            caller=caller,
            iam=self._iam,
        )
        told = {
            name: json.dumps(each) if name == "Policy" else str(each)
            for name, each in request.items()
        }
        answered = query.answer({"Action": "AssumeRole", **told}, call, local.session_secret)
        if isinstance(answered, StsError):
            raise answered
        assert isinstance(answered, AssumeRoleResponse)
        made = answered.credentials
        return lambda: self._caller_of(self._iam, made.access_key_id, made.session_token)

    def _federated_user(self, request: Mapping[str, Any], caller: Caller) -> Callable[[], Caller]:
        """A federated user, who has the policies of the user who asked for the token."""
        return lambda: Caller(
            f"arn:aws:sts::{caller.account}:federated-user/{request['Name']}",
            policies=evolve(caller.policies, session=[request["Policy"]]),
        )


# ---- the changes of IAM


def _create_role(request: Mapping[str, Any], account: str) -> Change:
    role = Role(
        request["RoleName"],
        account=account,
        path=request.get("Path", "/"),
        trust=request["AssumeRolePolicyDocument"],
    )
    return lambda iam: iam.with_role(role)


def _delete_role(request: Mapping[str, Any], account: str) -> Change:
    return lambda iam: iam.without_role(request["RoleName"], account)


def _of_a_role(
    changed: Callable[[Iam, Role, Mapping[str, Any]], Mapping[str, Any]],
) -> Callable[[Mapping[str, Any], str], Change]:
    """A change of the members of a role that is there."""

    def change(request: Mapping[str, Any], account: str) -> Change:
        def of(iam: Iam) -> Iam:
            role = iam.roles[account, request["RoleName"]]
            return iam.with_role(evolve(role, **changed(iam, role, request)))

        return of

    return change


def _create_user(request: Mapping[str, Any], account: str) -> Change:
    return lambda iam: iam.with_user(User(request["UserName"], account=account))


def _put_user_policy(request: Mapping[str, Any], account: str) -> Change:
    def of(iam: Iam) -> Iam:
        user = iam.users[account, request["UserName"]]
        return iam.with_user(evolve(user, policies=(*user.policies, request["PolicyDocument"])))

    return of


def _access_key(request: Mapping[str, Any], account: str, access_key_id: str) -> Change:
    def of(iam: Iam) -> Iam:
        user = iam.users[account, request["UserName"]]
        return iam.with_user(evolve(user, access_keys=(*user.access_keys, access_key_id)))

    return of


def _create_policy(request: Mapping[str, Any], account: str) -> Change:
    arn = f"arn:aws:iam::{account}:policy/{request['PolicyName']}"
    policy = from_json(request["PolicyDocument"], arn=arn)
    return lambda iam: evolve(iam, policies=iam.policies.insert(arn, policy))


_CHANGES: Mapping[str, Callable[[Mapping[str, Any], str], Change]] = {
    "CreatePolicy": _create_policy,
    "CreateRole": _create_role,
    "CreateUser": _create_user,
    "DeleteRole": _delete_role,
    "DeleteRolePermissionsBoundary": _of_a_role(lambda _, __, ___: {"boundary": None}),
    "PutRolePermissionsBoundary": _of_a_role(
        lambda iam, _, request: {"boundary": iam.policies[request["PermissionsBoundary"]]}
    ),
    "PutRolePolicy": _of_a_role(
        lambda _, role, request: {"policies": (*role.policies, request["PolicyDocument"])}
    ),
    "PutUserPolicy": _put_user_policy,
}
