"""
Who may do what, as the policies and grants that were put say it: the reference of the machine of callers.

It is JSON documents and a few facts, and asks `tests.policy.naive`, so that it shares nothing with the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, final

from attrs import Factory, define, frozen

from kmsmodel.calls.identities import Role, User
from kmsmodel.testing.policies import EVERYTHING, OTHER, OWNER, PolicyDocument
from tests.basics import REGION
from tests.policy import naive

ACCOUNTS = (OWNER, OTHER)
THROUGH = f"s3.{REGION}.amazonaws.com"
TEAM, STAGE = "team", "stage"

CALLERS = tuple(
    form.format(account)
    for account in ACCOUNTS
    for form in (
        "arn:aws:iam::{}:root",
        "arn:aws:iam::{}:user/Ada",
        "arn:aws:sts::{}:assumed-role/Admin/run",
        "arn:aws:sts::{}:federated-user/Bob",
    )
)
"""Who calls: of each account its root user, a user, a session of a role, and a federated user."""

IDENTITIES = tuple(
    f"arn:aws:iam::{account}:{name}" for account in ACCOUNTS for name in ("user/Ada", "role/Admin")
)
"""Who has policies of their own."""


def identity_of(caller: str) -> str:
    """The user or the role that a caller is; a root user and a federated user are themselves."""
    return caller.replace(":sts:", ":iam:").replace(":assumed-role/Admin/run", ":role/Admin")


def account_of(arn: str) -> str:
    return naive.account_in(arn)


@final
@define(eq=False)
class Identity:
    """A user or a role, with what is attached to it."""

    policies: tuple[PolicyDocument, ...] = ()
    boundary: PolicyDocument | None = None
    tags: dict[str, str] = Factory(dict[str, str])

    def as_given(self, arn: str) -> User | Role:
        """The same for a directory."""
        kind: type[User | Role] = User if ":user/" in arn else Role
        return kind(
            arn.rpartition("/")[2],
            account=account_of(arn),
            policies=self.policies,
            boundary=self.boundary,
            tags=dict(self.tags),
        )


@final
@define(eq=False)
class Given:
    """A grant that was created, with its token."""

    grant_id: str
    token: str
    written: PolicyDocument
    """As a case has it."""

    seen_at: datetime


@final
@define(eq=False)
class KeyOf:
    """A KMS key of an account: its policy, its grants, and its tag."""

    arn: str
    policy: PolicyDocument
    grants: dict[str, Given] = Factory(dict[str, Given])
    tags: dict[str, str] = Factory(dict[str, str])

    @property
    def account(self) -> str:
        return account_of(self.arn)


@final
@frozen(kw_only=True)
class Asked:
    """One request: by whom, for which action, and with what that policies and grants may ask about."""

    caller: str
    session: PolicyDocument | None = None
    through: bool = False
    action: str
    encryption_context: Mapping[str, str] | None = None
    tokens: tuple[str, ...] = ()
    child: PolicyDocument | None = None
    grant: Given | None = None


@final
class Rights:
    """All policies and grants there are, and who may do what by them."""

    def __init__(self) -> None:
        self.identities = {arn: Identity() for arn in IDENTITIES}
        self.keys: list[KeyOf] = []
        self._gone = 0

    def remade(self, arn: str) -> None:
        """A user or a role is deleted and made again: whoever was named before is nobody now."""
        self.identities[arn] = Identity()
        self._gone += 1
        names = [arn, arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")]
        for key in self.keys:
            key.policy = _renamed(key.policy, names, self._gone)
            for each in key.grants.values():
                each.written = _renamed(each.written, names, self._gone)

    def case(self, key: KeyOf, asked: Asked, now: datetime) -> PolicyDocument:
        """The request as a case, as `docs/policy-cases.md` describes them."""
        identity = self.identities.get(identity_of(asked.caller), Identity())
        context: dict[str, Any] = {"kms:CallerAccount": account_of(asked.caller)}
        context |= {f"aws:PrincipalTag/{name}": each for name, each in identity.tags.items()}
        context |= {f"aws:ResourceTag/{name}": each for name, each in key.tags.items()}
        for name, each in (asked.encryption_context or {}).items():
            context[f"kms:EncryptionContext:{name}"] = each
        if asked.through:
            context["kms:ViaService"] = THROUGH
        grants = key.grants.values() if asked.grant is None else [asked.grant]
        return {
            "principal": asked.caller,
            "action": f"kms:{asked.action}",
            "resource": key.arn,
            "policies": {
                "key_policy": key.policy,
                "identity_policies": list(identity.policies),
                "permissions_boundary": identity.boundary,
                "session_policy": asked.session,
            },
            "grants": [_as_seen(each, now) for each in grants],
            "grant_tokens": list(asked.tokens),
            "context": context,
            "encryption_context": dict(asked.encryption_context or {}),
            **({} if asked.child is None else {"request_parameters": asked.child}),
        }


def _as_seen(given: Given, now: datetime) -> PolicyDocument:
    state = "consistent" if given.seen_at <= now else "not yet consistent"
    return {**given.written, "GrantToken": given.token, "state": state}


def _renamed(document: PolicyDocument, names: Iterable[str], number: int) -> PolicyDocument:
    text = json.dumps(document)
    for name in names:
        text = text.replace(f'"{name}', f'"{name}-gone-{number}')
    renamed: PolicyDocument = json.loads(text)
    return renamed


def may(case: Mapping[str, Any]) -> bool:
    return naive.verdict(case) == "allow"


def is_let_in(case: Mapping[str, Any]) -> bool:
    """Does the owner of the key let the caller in, by a statement that allows or by a grant, whatever denies it?"""
    policies = case["policies"]
    statements = naive.listed(policies["key_policy"]["Statement"])
    allowing = [each for each in statements if each["Effect"] == "Allow"]
    opened = {
        "key_policy": {**policies["key_policy"], "Statement": allowing},
        "identity_policies": [EVERYTHING],
        "session_policy": EVERYTHING,
    }
    return may({**case, "policies": opened})
