"""
A directory of IAM: which users, groups and roles there are, with their policies and tags.

Who calls is found here from an ARN or an access key, and which principals exist is known. Source: *IAM identities* and
*IAM identifiers* in the IAM User Guide.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar, cast, final

from attrs import evolve, field, frozen
from rpds import HashTrieMap

from kmsmodel.calls.caller import EXAMPLE_ACCOUNT, Caller, plain_account
from kmsmodel.calls.identities import Group, Identity, Role, User
from kmsmodel.policy.document import Policy
from kmsmodel.policy.elements import account_named
from kmsmodel.policy.policies import Document, Policies, levels, of_resources
from kmsmodel.policy.principal import ANYONE, Principal, PrincipalKind, principal
from kmsmodel.policy.question import Value

IdentityT = TypeVar("IdentityT", bound=Identity)

_Of: TypeAlias = "HashTrieMap[tuple[str, str], IdentityT]"
"""By account and name, which are unique together, whatever the path."""


_NO_USERS: _Of[User] = HashTrieMap()
_NO_GROUPS: _Of[Group] = HashTrieMap()
_NO_ROLES: _Of[Role] = HashTrieMap()


def _by_name(kind: type[IdentityT], given: Iterable[IdentityT] | _Of[IdentityT]) -> _Of[IdentityT]:
    if isinstance(given, HashTrieMap):
        return cast("_Of[IdentityT]", given)
    found: _Of[IdentityT] = HashTrieMap()
    for each in given:
        if type(each) is not kind:
            raise TypeError(f"a {kind.__name__} is expected, not {each!r}")
        if (each.account, each.name) in found:
            raise ValueError(f"there are two {each.kind}s {each.name} in account {each.account}")
        found = found.insert((each.account, each.name), each)
    return found


def _users(given: Iterable[User] | _Of[User]) -> _Of[User]:
    return _by_name(User, given)


def _groups(given: Iterable[Group] | _Of[Group]) -> _Of[Group]:
    return _by_name(Group, given)


def _roles(given: Iterable[Role] | _Of[Role]) -> _Of[Role]:
    return _by_name(Role, given)


def _by_arn(given: Iterable[Policy] | HashTrieMap[str, Policy]) -> HashTrieMap[str, Policy]:
    if isinstance(given, HashTrieMap):
        return cast("HashTrieMap[str, Policy]", given)
    found: HashTrieMap[str, Policy] = HashTrieMap()
    for each in given:
        if each.arn is None:
            raise ValueError("a managed policy has an ARN")
        found = found.insert(each.arn, each)
    return found


Levels: TypeAlias = tuple[tuple[Policy, ...], ...]
"""The SCPs of each level of an organization."""


def _accounts(given: Iterable[str] | None) -> frozenset[str] | None:
    if isinstance(given, str):
        raise TypeError("a list of accounts is expected")
    return None if given is None else frozenset(map(plain_account, given))


def _levels_of_accounts(
    given: Mapping[str, Iterable[Iterable[Document]]],
) -> Mapping[str, Levels]:
    return {plain_account(account): levels(each) for account, each in given.items()}


@final
@frozen(kw_only=True)
class Iam:
    """
    A directory of IAM: the users, groups and roles of any number of accounts, and their organization.

    ``users``, ``groups`` and ``roles`` are given as lists and kept by account and name; ``policies`` are managed
    policies, which a session can be given by ARN. ``scps`` hold for all accounts, and those of ``account_scps`` for one
    account after them; both have a list for each level, and each level must allow. ``rcps`` hold for all KMS keys.
    SCPs spare the principals of the ``management_account``, and RCPs its KMS keys. With ``accounts``, only these exist,
    and those that are named otherwise; without, each account does. Methods that change it return a new value.

    A user or role without a unique id gets one, which follows from its name; if it is removed and made again, it is
    another. Raises ValueError for a directory in which a name, an id or an access key stands for two, or a group that
    does not exist for any.
    """

    users: _Of[User] = field(default=_NO_USERS, converter=_users)
    groups: _Of[Group] = field(default=_NO_GROUPS, converter=_groups)
    roles: _Of[Role] = field(default=_NO_ROLES, converter=_roles)
    policies: HashTrieMap[str, Policy] = field(default=HashTrieMap(), converter=_by_arn)
    accounts: frozenset[str] | None = field(default=None, converter=_accounts)
    organization_id: str | None = None
    management_account: str | None = None
    scps: Levels = field(default=(), converter=levels)
    account_scps: Mapping[str, Levels] = field(
        factory=dict[str, Levels], converter=_levels_of_accounts, hash=False
    )
    rcps: tuple[Policy, ...] = field(default=(), converter=of_resources)
    removed: HashTrieMap[tuple[str, str, str], int] = field(default=HashTrieMap(), repr=False)
    """How often an identity of a prefix, account and name was removed: the next one has another unique id."""
    _by_access_key: dict[str, User] = field(init=False, repr=False, eq=False)
    _by_unique_id: dict[str, User | Role | Group] = field(init=False, repr=False, eq=False)
    _callers: dict[str, Caller] = field(init=False, factory=dict[str, Caller], repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__  # the class is frozen
        put(self, "users", self._with_ids(self.users))
        put(self, "groups", self._with_ids(self.groups))
        put(self, "roles", self._with_ids(self.roles))
        by_unique_id: dict[str, User | Role | Group] = {}
        by_name: dict[tuple[str, str, str], User | Role | Group] = {}
        for identity in self._identities():
            _put_once(by_unique_id, str(identity.unique_id), identity, "unique id")
            # IAM does not distinguish names by case.
            name = (identity.kind, identity.account, identity.name.lower())
            if (other := by_name.setdefault(name, identity)) is not identity:
                raise ValueError(f"{other.arn} and {identity.arn} differ only in case")
        by_access_key: dict[str, User] = {}
        for user in self.users.values():
            for access_key in user.access_keys:
                _put_once(by_access_key, access_key, user, "access key")
            for group in user.groups:
                if (user.account, group) not in self.groups:
                    raise ValueError(f"there is no group {group}, of which {user.arn} is a member")
        if self.accounts is not None:
            named = {*self.account_scps, *(each.account for each in by_unique_id.values())}
            if self.management_account is not None:
                named.add(self.management_account)
            put(self, "accounts", self.accounts.union(named))
        put(self, "_by_unique_id", by_unique_id)
        put(self, "_by_access_key", by_access_key)

    def _identities(self) -> Iterator[User | Group | Role]:
        yield from self.users.values()
        yield from self.groups.values()
        yield from self.roles.values()

    def _with_ids(self, identities: _Of[IdentityT]) -> _Of[IdentityT]:
        for key, each in identities.items():
            if each.unique_id is None:
                times = self.removed.get((each.prefix, each.account, each.name), 0)
                identities = identities.insert(key, evolve(each, unique_id=_unique_id(each, times)))
        return identities

    # ---- changed

    def with_user(self, user: User) -> Iam:
        """The directory with this user, in place of any of the same name, whose unique id it keeps."""
        return evolve(self, users=_with(self.users, user))

    def with_group(self, group: Group) -> Iam:
        """The directory with this group, in place of any of the same name."""
        return evolve(self, groups=_with(self.groups, group))

    def with_role(self, role: Role) -> Iam:
        """The directory with this role, in place of any of the same name, whose unique id it keeps."""
        return evolve(self, roles=_with(self.roles, role))

    def without_user(self, name: str, account: str = EXAMPLE_ACCOUNT) -> Iam:
        """The directory without this user. Raises KeyError if there is none."""
        user = self.users[account, name]
        return evolve(self, users=self.users.remove((account, name)), removed=self._removed(user))

    def without_role(self, name: str, account: str = EXAMPLE_ACCOUNT) -> Iam:
        """The directory without this role. Raises KeyError if there is none."""
        role = self.roles[account, name]
        return evolve(self, roles=self.roles.remove((account, name)), removed=self._removed(role))

    def _removed(self, identity: Identity) -> HashTrieMap[tuple[str, str, str], int]:
        name = (identity.prefix, identity.account, identity.name)
        return self.removed.insert(name, self.removed.get(name, 0) + 1)

    # ---- who calls

    def caller(
        self,
        arn: str,
        *,
        session_policies: Iterable[Document] | None = None,
        session_tags: Mapping[str, str] | None = None,
        source_identity: str | None = None,
        context: Mapping[str, Value | Iterable[str]] | None = None,
    ) -> Caller:
        """
        The caller with this ARN, and the policies and condition keys that come with them.

        It is the ARN of a user, of a session of a role (``arn:aws:sts::111122223333:assumed-role/ROLE/SESSION``), of a
        role, or of a root user; or it is the name of an AWS service. ``session_policies``, ``session_tags`` and
        ``source_identity`` are those of a role's session, and ``context`` has more condition keys. Raises ValueError
        for a text without the form of a principal, and for a user or a role that does not exist.
        """
        if all(each is None for each in (session_policies, session_tags, source_identity, context)):
            found = self._callers.get(arn)
            if found is None:
                found = self._caller(arn, None, {})
                if len(self._callers) < _MOST_CALLERS:
                    self._callers[arn] = found
            return found
        given: dict[str, Value | Iterable[str]] = {
            f"aws:PrincipalTag/{key}": value for key, value in (session_tags or {}).items()
        }
        if source_identity is not None:
            given["aws:SourceIdentity"] = source_identity
        return self._caller(arn, session_policies, {**given, **(context or {})})

    def _caller(
        self,
        arn: str,
        session_policies: Iterable[Document] | None,
        context: Mapping[str, Value | Iterable[str]],
    ) -> Caller:
        who, identity = self._principal(arn)
        of_the_organization: dict[str, str] = {}
        if self.organization_id is not None and who.account:
            of_the_organization["aws:PrincipalOrgID"] = self.organization_id
        tags = dict[str, str]() if identity is None else identity.tags
        return Caller(
            who,
            policies=Policies(
                identity=() if identity is None else self._policies_of(identity),
                boundary=None if identity is None else identity.boundary,
                session=session_policies,
                scps=self._scps_of(who.account),
                rcps=self.rcps,
            ),
            context={
                **of_the_organization,
                **{f"aws:principaltag/{key.lower()}": value for key, value in tags.items()},
                **{name.lower(): value for name, value in context.items()},
            },
        )

    def _principal(self, arn: str) -> tuple[Principal, User | Role | None]:
        """A principal, and the user or role that it is. Raises ValueError."""
        who = principal(arn)
        match who.kind:
            case PrincipalKind.USER:
                found: User | Role | None = self.users.get((who.account, who.name))
                if found is None or found.arn != arn:
                    raise ValueError(f"there is no user {arn}")
            case PrincipalKind.ROLE:
                found = self.roles.get((who.account, who.name))
                if found is None or found.arn != arn:
                    raise ValueError(f"there is no role {arn}")
            case PrincipalKind.SESSION:
                found = self.roles.get((who.account, who.name))
                if found is None or found.partition != arn.split(":")[1]:
                    raise ValueError(f"there is no role {who.name} in account {who.account}")
                return principal(arn, issuer=found.arn, unique_id=found.unique_id), found
            case _:
                is_somebody = who.kind is not PrincipalKind.ANONYMOUS
                if is_somebody and who.account and not self._has_account(who.account):
                    raise ValueError(f"there is no account {who.account}")
                return who, None
        return principal(arn, unique_id=found.unique_id), found

    def _has_account(self, account: str) -> bool:
        return self.accounts is None or account in self.accounts

    def _policies_of(self, identity: User | Role) -> tuple[Policy, ...]:
        if isinstance(identity, Role):
            return identity.policies
        groups = (self.groups[identity.account, name] for name in identity.groups)
        return (*identity.policies, *(each for group in groups for each in group.policies))

    def _scps_of(self, account: str) -> Levels:
        """Source: *Service control policies* in the AWS Organizations User Guide."""
        if not account or account == self.management_account:
            return ()
        return (*self.scps, *self.account_scps.get(account, ()))

    def caller_of(self, access_key_id: str) -> Caller | None:
        """The user with this access key, or None if it is nobody's."""
        user = self._by_access_key.get(access_key_id)
        return None if user is None else self.caller(user.arn)

    def named(self, caller: Caller) -> Caller:
        """The caller with the principal and the account of this one, as the directory knows them. Raises ValueError."""
        known = self.caller(caller.principal.arn)
        return known if known.account == caller.account else evolve(known, account=caller.account)

    def identified(self, caller: Caller) -> Caller:
        """The same caller, whose unique id is now known if the directory has their user or role."""
        who = caller.principal
        if who.unique_id is not None or who.kind not in _WITH_A_UNIQUE_ID:
            return caller
        try:
            known, _ = self._principal(who.arn)
        except ValueError:
            return caller
        return evolve(caller, principal=known)

    # ---- who exists

    def remembered(self, name: str) -> str:
        """
        A principal as a key policy or a grant remembers it: a user, a role or its session by its unique id.

        It is named by its ARN or unique id. Each federated user of an account exists. Raises ValueError for a principal
        that does not exist.
        """
        account = account_named(name)
        if account is not None and not self._has_account(account):
            raise ValueError(f"there is no account {account}")
        if name == ANYONE or account is not None:
            return name
        unique_id, _, session = name.partition(":")
        if unique_id in self._by_unique_id and not isinstance(self._by_unique_id[unique_id], Group):
            if session and not isinstance(self._by_unique_id[unique_id], Role):
                raise ValueError(f"{unique_id} has no sessions")
            return name
        if not name.startswith("arn:"):
            raise ValueError(f"{name!r} is nobody's id")
        who, identity = self._principal(name)
        if identity is None:
            return name
        session_name = who.session_name
        return f"{identity.unique_id}" + ("" if session_name is None else f":{session_name}")

    def shown(self, name: str) -> str:
        """A principal that is remembered, by its ARN, or by its unique id if it does not exist any more."""
        unique_id, _, session = name.partition(":")
        identity = self._by_unique_id.get(unique_id)
        if identity is None:
            return name
        if not session:
            return identity.arn
        role = f"arn:{identity.partition}:sts::{identity.account}:assumed-role/{identity.name}"
        return f"{role}/{session}"


_MOST_CALLERS = 4096
"""So many callers are remembered for a directory."""

_WITH_A_UNIQUE_ID = frozenset({PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.SESSION})


def _put_once(found: dict[str, IdentityT], key: str, identity: IdentityT, what: str) -> None:
    other = found.setdefault(key, identity)
    if other is not identity:
        raise ValueError(f"the {what} {key} is that of {other.arn} and of {identity.arn}")


def _with(identities: _Of[IdentityT], identity: IdentityT) -> _Of[IdentityT]:
    key = (identity.account, identity.name)
    before = identities.get(key)
    if before is not None and identity.unique_id is None:
        identity = evolve(identity, unique_id=before.unique_id)
    return identities.insert(key, identity)


_LENGTH_OF_AN_ID = 17
"""Characters after the prefix, as in the examples of AWS's pages."""


def _unique_id(identity: Identity, times: int) -> str:
    """A unique id in AWS's form, which follows from the name and from how often one was removed."""
    of = f"kmsmodel unique id\0{identity.prefix}\0{identity.account}\0{identity.name}\0{times}"
    digits = base64.b32encode(hashlib.sha256(of.encode()).digest()).decode()
    return identity.prefix + digits[:_LENGTH_OF_AN_ID]
