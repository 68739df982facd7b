"""
Callers: whom a question is about, and the policies that they come with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, final

from attrs import evolve, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy, from_json, parse
from kmsmodel.policy.elements import account_named
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import Principal, PrincipalKind, is_service, principal, without_path
from kmsmodel.policy.proofs.given import a_text, named as named_file, several, text_in
from kmsmodel.policy.variables import HAS_VARIABLES
from kmsmodel.words import strict_json
from kmsmodel.words.arn import ACCOUNT

PolicyLike: TypeAlias = "Policy | str | Path | Mapping[str, Any]"
"""A policy, its JSON as text or as an object, or the path of its file."""

_EVERYTHING = {
    "Version": HAS_VARIABLES,
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
WILLING = from_json(_EVERYTHING)
"""The IAM policy that is assumed of callers whose policies are not given: it allows everything."""

WORST = Policies(identity=(WILLING,), session=(from_json(_EVERYTHING),))
"""
The policies of callers that are not given, where access must not be.

Only a session policy lets a federated user have what identity-based policies allow; it limits no other caller.
"""


def at_worst(policies: Policies | None) -> Policies:
    """The policies of callers, in which a session policy that is not given allows everything."""
    if policies is None:
        return WORST
    return policies if policies.session is not None else evolve(policies, session=WORST.session)


def of_someone(asker: Principal) -> Policies:
    """The policies that allow a principal everything, and no more of them than it takes."""
    is_federated = asker.kind is PrincipalKind.FEDERATED_USER
    return WORST if is_federated else Policies(identity=WORST.identity)


def bounded(policies: Policies) -> Policies:
    """The policies of callers, with a permissions boundary that allows everything if they have none."""
    return policies if policies.boundary is not None else evolve(policies, boundary=WILLING)


def assumed(access: Access, unwilling: Policies) -> tuple[str, ...]:
    """
    What must be so of the policies of a caller, which are not given, for an access to be allowed.

    ``unwilling`` are those of a caller to whom IAM allows nothing.
    """
    boundary = access.policies.boundary
    limits = () if boundary is None else ("the caller has a permissions boundary",)
    if decide(evolve(access, policies=evolve(unwilling, boundary=boundary))).is_allowed:
        return limits
    is_federated = access.principal.kind is PrincipalKind.FEDERATED_USER
    by_what = "an IAM policy and a session policy" if is_federated else "an IAM policy"
    allow = "allow" if is_federated else "allows"
    return (*limits, f"{by_what} in {access.principal.account} {allow} it too")


def policy_of(given: PolicyLike) -> Policy:
    """The policy that is given in one of these forms; that which ``aws kms get-key-policy`` prints is read too."""
    match given:
        case Policy():
            return given
        case Path():
            text = text_in(given)
            with named_file(given):
                return policy_of(text)
        case str():
            return parse(text_of(given))
        case Mapping():
            return from_json(given)
        case _:
            raise TypeError(f"{given!r} is not a policy: give its JSON, or the Path of its file")


def policies_of(given: Iterable[PolicyLike], argument: str) -> tuple[Policy, ...]:
    """Several policies. Raises TypeError for anything that is not a list of them, such as a single one."""
    return tuple(map(policy_of, several(given, argument)))


def text_of(written: str) -> str:
    """The text of a policy, also if it stands in what ``aws kms get-key-policy`` prints."""
    try:
        document: Any = strict_json.loads(written)
    except ValueError:
        return written
    if isinstance(document, dict) and "Statement" not in document:
        inner: Any = document.get("Policy")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if isinstance(inner, str):
            return inner
    return written


@final
@frozen(kw_only=True)
class Callers:
    """
    A set of callers.

    A caller is among them if its account is one of ``accounts`` or it has one of ``names``, where None is no limit, if
    its account is none of ``other_than``, and if the request fulfils the ``conditions``. ``policies`` are those that
    the callers come with; None if they are not given.
    """

    title: str
    accounts: frozenset[str] | None = None
    other_than: frozenset[str] = frozenset()
    names: frozenset[str] | None = None
    has_services: bool = True
    has_principals: bool = True
    conditions: tuple[Condition, ...] = ()
    policies: Policies | None = None

    def include(self, asker: Principal) -> bool:
        """Is this principal among them, so far as its name tells?"""
        if asker.kind is PrincipalKind.SERVICE:
            known = self.names or self.accounts
            return self.has_services and (known is None or asker.arn in known)
        if not self.has_principals or asker.account in self.other_than:
            return False
        if self.accounts is None and self.names is None:
            return True
        plain = frozenset(map(without_path, self.names or ()))
        # A federated user is another caller than the user whose session it is.
        is_federated = asker.kind is PrincipalKind.FEDERATED_USER
        by_name = not plain.isdisjoint({asker.arn} if is_federated else asker.names)
        return by_name or (self.accounts is not None and asker.account in self.accounts)

    @property
    def all_names(self) -> frozenset[str]:
        """The names and accounts that must be told from others."""
        return (self.accounts or frozenset()) | self.other_than | (self.names or frozenset())

    def __str__(self) -> str:
        return self.title


EVERYONE = Callers(title="anyone")
"""Whoever AWS KMS answers: users, sessions of roles, root users and services, of any account."""


def outside(account: str, *others: str, organization: str | None = None) -> Callers:
    """
    The principals of all other accounts; with ``organization``, only those of no account of this organization.

    Services are of no account: ask for `services` or `deputies`.
    """
    accounts = (account, *others)
    known = frozenset(account_of(each) for each in accounts)
    title = f"principals outside {', '.join(accounts)}"
    conditions: tuple[Condition, ...] = ()
    if organization is not None:
        title += f" and outside {organization}"
        conditions = (Condition("StringNotEquals", "aws:PrincipalOrgID", (organization,)),)
    return Callers(
        title=title,
        other_than=known,
        has_services=False,
        conditions=conditions,
    )


def inside(account: str, *others: str) -> Callers:
    """The principals of these accounts."""
    accounts = (account, *others)
    known = frozenset(account_of(each) for each in accounts)
    title = f"principals of {', '.join(accounts)}"
    return Callers(title=title, accounts=known, has_services=False)


def services(*names: str) -> Callers:
    """AWS services that ask by themselves: these, or all."""
    for each in names:
        if not is_service(each):
            raise ValueError(f"names: {each!r} is not a service such as s3.amazonaws.com")
    title = " or ".join(names) if names else "AWS services"
    return Callers(title=title, names=frozenset(names) or None, has_principals=False)


def deputies(account: str) -> Callers:
    """AWS services that ask for a resource of another account than this one, or do not say for which."""
    account = account_of(account)
    return Callers(
        title=f"services that act for others than {account}",
        has_principals=False,
        conditions=(
            Condition("StringNotEquals", "aws:SourceAccount", (account,)),
            Condition("ArnNotLike", "aws:SourceArn", (f"arn:*:*:*:{account}:*",)),
        ),
    )


def named(
    name: str,
    *others: str,
    identity: Iterable[PolicyLike] | None = None,
    boundary: PolicyLike | None = None,
    session: Iterable[PolicyLike] | None = None,
    scps: Iterable[Iterable[PolicyLike]] = (),
    endpoint: PolicyLike | None = None,
) -> Callers:
    """
    The callers with these ARNs, or of these accounts; a role means all of its sessions, and a user does not mean the
    federated users whose sessions they asked for.

    ``identity`` are all identity-based policies that they have; None if they are not given, which differs from having
    none. ``scps`` has the policies of each level of their organization.
    """
    names = (name, *others)
    for each in names:
        if principal(a_text(each, "name")).kind is PrincipalKind.ANONYMOUS:
            raise ValueError(f"name: {each!r} is neither an ARN nor an account")
    levels = tuple(policies_of(level, "scps") for level in several(scps, "scps"))
    limits = Policies(
        identity=(WILLING,) if identity is None else policies_of(identity, "identity"),
        boundary=None if boundary is None else policy_of(boundary),
        session=None if session is None else policies_of(session, "session"),
        scps=levels,
        endpoint=None if endpoint is None else policy_of(endpoint),
    )
    is_given = identity is not None or boundary or session or levels or endpoint
    return Callers(
        title=" or ".join(names),
        accounts=frozenset(filter(ACCOUNT.fullmatch, names)) or None,
        names=frozenset(each for each in names if not ACCOUNT.fullmatch(each)) or None,
        policies=limits if is_given else None,
    )


def account_of(name: str, argument: str = "account") -> str:
    """
    The account with this id, or whose root user has this ARN.

    Raises ValueError for any other text, and TypeError for anything that is not a text.
    """
    account = account_named(a_text(name, argument))
    if account is None:
        raise ValueError(f"{argument}: {name!r} is not an account id of twelve digits")
    return account


def check_callers(given: object, argument: str = "to") -> None:
    """Raises TypeError for anything that is not a set of callers, such as the text of an account id."""
    if not isinstance(given, Callers):
        raise TypeError(f"{argument}: {given!r} are not callers: use named, inside or outside")
