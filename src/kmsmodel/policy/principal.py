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

from kmsmodel.words.arn import ACCOUNT

ANYONE = "*"
SERVICE_LINKED = "AWSServiceRoleFor"
"""So begin the names of roles that are linked to AWS services."""


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
    """How a policy or a grant can name it, apart from ``*`` and its account; users and roles without their paths."""

    def __attrs_post_init__(self) -> None:
        names = {without_path(self.arn), without_path(self.issuer or self.arn)}
        if self.unique_id:
            names.add(self.unique_id)
            if self.kind is PrincipalKind.SESSION:
                names.add(f"{self.unique_id}:{self.session_name}")
        object.__setattr__(self, "names", frozenset(names))

    @property
    def name(self) -> str:
        """The friendly name of a user, a role or a federated user: the last part of its ARN's path."""
        role = self.issuer if self.kind is PrincipalKind.SESSION else None
        return (role or self.arn).rpartition("/")[2]

    @property
    def is_service_linked(self) -> bool:
        """Is it a role that is linked to an AWS service, or a session of one? Its ARN tells it by the role's name."""
        of_a_role = self.kind in {PrincipalKind.ROLE, PrincipalKind.SESSION}
        return of_a_role and self.name.startswith(SERVICE_LINKED)

    @property
    def session_name(self) -> str | None:
        """The name of a role's session."""
        return self.arn.rpartition("/")[2] if self.kind is PrincipalKind.SESSION else None

    @property
    def account_arn(self) -> str | None:
        """The ARN of its account's root user, by which a grant names the whole account; a service has none."""
        if self.kind in {PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS}:
            return None
        partition = self.arn.split(":")[1] if self.arn.startswith("arn:") else "aws"
        return f"arn:{partition}:iam::{self.account}:root"

    @property
    def layers(self) -> tuple[frozenset[str], ...]:
        """The names of a session, and those of the role or user that it comes from; others have names of their own."""
        if self.issuer is None or self.issuer == self.arn:
            return (self.names,)
        of_the_issuer = frozenset(filter(None, (without_path(self.issuer), self.unique_id)))
        return (self.names - of_the_issuer, of_the_issuer)

    @property
    def policy_arn(self) -> str | None:
        """The value of ``aws:PrincipalArn``: the ARN of the role, not of its session; a service has none."""
        if self.kind in {PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS}:
            return None
        return self.issuer if self.kind is PrincipalKind.SESSION else self.arn


@lru_cache(4096)
def without_path(arn: str) -> str:
    """
    The ARN of a user or role without its path; any other name as it is.

    In an account, no two users have one name, and no two roles, whatever their paths.
    """
    return _IN_A_PATH.sub(r"\1\2", arn)


_IN_A_PATH = re.compile("(arn:[a-z-]+:iam::[0-9]{12}:(?:user|role)/).*/([^/]+)")


@lru_cache(4096)
def principal(arn: str, *, issuer: str | None = None, unique_id: str | None = None) -> Principal:
    """
    The principal with this ARN; an account id is its root user, and ``*`` is somebody who does not sign in.

    A name such as ``sns.amazonaws.com`` is a service. A role such as ``aws:ec2-infrastructure`` is AWS's own. The role
    of a session has no path unless ``issuer`` says so. Raises ValueError for a text without the form of a principal.
    """
    if arn == ANYONE:
        return Principal(kind=PrincipalKind.ANONYMOUS, arn="anonymous", account="anonymous")
    if ACCOUNT.fullmatch(arn):
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


def is_service(name: str) -> bool:
    """Is this the name of an AWS service, such as ``s3.amazonaws.com``? None of its parts is empty."""
    return _SERVICE.fullmatch(name) is not None and ".." not in name


# With empty parts too, so that proofs have the same form as a pattern without alternatives.
_SERVICE = re.compile(r"[A-Za-z0-9-][A-Za-z0-9.-]*\.amazonaws\.com(\.cn)?|[a-z0-9.-]+\.internal")
_NAME = r"[\w+=,.@-]+"
_PATH = r"(?:[\x21-\x7e]*/)?"


def _form(service: str, rest: str) -> re.Pattern[str]:
    written = rf"arn:(?P<partition>[a-z-]+):{service}::(?P<account>[0-9]{{12}}):{rest}"
    return re.compile(written, re.ASCII)  # pragma: no mutate


_FORMS = (
    (_form("iam", "root"), PrincipalKind.ROOT_USER),
    (_form("iam", f"user/{_PATH}(?P<name>{_NAME})"), PrincipalKind.USER),
    (_form("iam", f"role/{_PATH}(?P<name>{_NAME})"), PrincipalKind.ROLE),
    (_form("sts", f"assumed-role/(?P<name>(?:aws:)?{_NAME})/{_NAME}"), PrincipalKind.SESSION),
    (_form("sts", f"federated-user/(?P<name>{_NAME})"), PrincipalKind.FEDERATED_USER),
)
