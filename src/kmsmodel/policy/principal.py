"""
Who asks for access: an AWS principal, and the names that policies and grants know it by.

Source: *AWS JSON policy elements: Principal* in the IAM User Guide.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import final

from attrs import field, frozen

ANYONE = "*"


@final
class PrincipalKind(StrEnum):
    """What kinds of principals ask AWS KMS."""

    ROOT_USER = "root user"
    USER = "user"
    ROLE = "role"
    SESSION = "role session"
    FEDERATED_USER = "federated user"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


@final
@frozen(kw_only=True, cache_hash=True)
class Principal:
    """
    An AWS principal.

    ``arn`` is the one in AWS's messages: for a session of a role, the session's. ``issuer`` is then the ARN of the
    role with its path; for a federated user, it is the user who asked for the session, if that is known. ``unique_id``
    is the id that IAM gave the user or role, such as ``AROA...``, if it is known.
    """

    kind: PrincipalKind
    arn: str
    account: str
    issuer: str | None = None
    unique_id: str | None = None
    names: frozenset[str] = field(init=False, repr=False, eq=False)
    """How a policy or a grant can name it, apart from ``*`` and its account."""

    def __attrs_post_init__(self) -> None:
        names = {self.arn, self.issuer or self.arn}
        if self.unique_id:
            names.add(self.unique_id)
            if self.kind is PrincipalKind.SESSION:
                names.add(f"{self.unique_id}:{self.session_name}")
        object.__setattr__(self, "names", frozenset(names))

    @property
    def name(self) -> str:
        """The friendly name of a user, a role or a federated user: the last part of its ARN's path."""
        return (self.issuer or self.arn).rpartition("/")[2]

    @property
    def session_name(self) -> str | None:
        """The name of a role's session."""
        return self.arn.rpartition("/")[2] if self.kind is PrincipalKind.SESSION else None

    @property
    def policy_arn(self) -> str | None:
        """The value of ``aws:PrincipalArn``: the ARN of the role, not of its session; a service has none."""
        if self.kind in {PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS}:
            return None
        return self.issuer if self.kind is PrincipalKind.SESSION else self.arn


@lru_cache(4096)
def principal(arn: str, *, issuer: str | None = None, unique_id: str | None = None) -> Principal:
    """
    The principal with this ARN; an account id is its root user, and ``*`` is somebody who does not sign in.

    A name such as ``sns.amazonaws.com`` is a service. The role of a session has no path unless ``issuer`` says so.
    Raises ValueError for what has the form of no principal.
    """
    if arn == ANYONE:
        return Principal(kind=PrincipalKind.ANONYMOUS, arn="anonymous", account="anonymous")
    if _ACCOUNT.fullmatch(arn):
        arn = f"arn:aws:iam::{arn}:root"
    if _SERVICE.fullmatch(arn):
        return Principal(kind=PrincipalKind.SERVICE, arn=arn, account="")
    for form, kind in _FORMS:
        if found := form.fullmatch(arn):
            if kind is PrincipalKind.SESSION and issuer is None:
                issuer = f"arn:{found['partition']}:iam::{found['account']}:role/{found['name']}"
            if kind is PrincipalKind.ROLE:
                issuer = arn
            return Principal(
                kind=kind, arn=arn, account=found["account"], issuer=issuer, unique_id=unique_id
            )
    raise ValueError(f"{arn!r} is not the ARN of a principal")


_ACCOUNT = re.compile("[0-9]{12}")
_SERVICE = re.compile(
    r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.amazonaws\.com(\.cn)?|[a-z0-9.-]+\.internal"
)
_NAME = r"[\w+=,.@-]+"
_PATH = r"(?:[\x21-\x7e]*/)?"


def _form(service: str, rest: str) -> re.Pattern[str]:
    return re.compile(rf"arn:(?P<partition>[a-z-]+):{service}::(?P<account>[0-9]{{12}}):{rest}")


_FORMS = (
    (_form("iam", "root"), PrincipalKind.ROOT_USER),
    (_form("iam", f"user/{_PATH}(?P<name>{_NAME})"), PrincipalKind.USER),
    (_form("iam", f"role/{_PATH}(?P<name>{_NAME})"), PrincipalKind.ROLE),
    (_form("sts", f"assumed-role/(?P<name>{_NAME})/{_NAME}"), PrincipalKind.SESSION),
    (_form("sts", f"federated-user/(?P<name>{_NAME})"), PrincipalKind.FEDERATED_USER),
)
