"""
Askers: principals that stand for all that can ask, one for each set that no policy and no grant tells apart.

AWS KMS answers signed requests only, so nobody is anonymous; and a role asks by its sessions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import final

from attrs import field, frozen

from kmsmodel.policy.elements import account_named
from kmsmodel.policy.patterns import Text
from kmsmodel.policy.principal import (
    SERVICE_LINKED,
    Principal,
    PrincipalKind,
    principal,
    without_path,
)
from kmsmodel.policy.proofs.alphabet import Letters, legibility
from kmsmodel.policy.proofs.walks import (
    ACCOUNT_ID,
    ANY,
    DIGITS,
    NO_SLASH,
    OF_NAMES,
    OF_PATHS,
    SERVICES,
    OutsideError,
    Pattern,
    Walk,
    exactly,
    like,
    others,
    texts,
)
from kmsmodel.policy.question import Value
from kmsmodel.policy.values import milliseconds, number
from kmsmodel.words.arn import ACCOUNT

KEYS_OF_AN_ASKER = frozenset(
    (
        "aws:principalarn",
        "aws:principalaccount",
        "kms:calleraccount",
        "aws:username",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:principalservicename",
    )
)
"""The condition keys that follow from who asks."""

_TYPES = {
    PrincipalKind.ROOT_USER: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
}


def context_of(asker: Principal) -> dict[str, Value]:
    """
    The condition keys that follow from who asks.

    Sources: *AWS global condition context keys* in the IAM User Guide; `kms:CallerAccount` in the Developer Guide.
    """
    if asker.kind is PrincipalKind.ANONYMOUS:
        return {"aws:principalisawsservice": "false", "aws:principaltype": "Anonymous"}
    if asker.kind is PrincipalKind.SERVICE:
        return {
            "aws:principalisawsservice": "true",
            "aws:principalservicename": asker.arn,
            "aws:principaltype": "Service",
        }
    found: dict[str, Value] = {
        "aws:principalisawsservice": "false",
        "aws:principalaccount": asker.account,
        "kms:calleraccount": asker.account,
    }
    if asker.policy_arn is not None:
        found["aws:principalarn"] = asker.policy_arn
    if asker.kind in _TYPES:
        found["aws:principaltype"] = _TYPES[asker.kind]
    if asker.kind is PrincipalKind.USER:
        found["aws:username"] = asker.name
    return found


@final
@frozen(kw_only=True)
class Names:
    """
    What policies, grants and questions say of who asks.

    ``principals`` are the names in Principal elements and grants. The others are values that condition keys are
    compared with; each pattern is one of the whole value. With ``has_limits``, an organization has policies, which do
    not hold for roles that are linked to services.
    """

    owner: str
    partition: str = "aws"
    principals: frozenset[str] = frozenset()
    has_limits: bool = False
    arns: tuple[str, ...] = ()
    arn_patterns: tuple[Pattern, ...] = ()
    accounts: tuple[str, ...] = ()
    account_patterns: tuple[Pattern, ...] = ()
    user_names: tuple[Pattern, ...] = ()
    services: tuple[str, ...] = ()
    service_patterns: tuple[Pattern, ...] = ()


_STRANGERS = ("444455556666", "777788889999", "123456789012", "210987654321", "555566667777")
SOMEONE = ("someone", "somebody", "anyone", f"{SERVICE_LINKED}Example")
_UNIQUE_ID = ("AIDA", "AROA")


def askers(names: Names) -> tuple[Principal, ...]:
    """The principals that stand for all, those named first."""
    return tuple(dict.fromkeys(_Census(names).all()))


@final
@frozen
class _Census:
    """The principals of all accounts."""

    names: Names
    named: list[Principal] = field(init=False)
    accounts: list[str] = field(init=False)
    _named_arns: list[str] = field(init=False)
    _arns: Walk = field(init=False)
    _tails: dict[object, list[str]] = field(init=False, factory=dict[object, list[str]])

    def __attrs_post_init__(self) -> None:
        known = (*self.names.principals, *self.names.arns)
        object.__setattr__(self, "named", list(_read(sorted(known))))
        object.__setattr__(self, "_named_arns", [each.policy_arn or "" for each in self.named])
        object.__setattr__(self, "_arns", Walk(self.names.arn_patterns))
        object.__setattr__(self, "accounts", self._accounts())

    def all(self) -> Iterator[Principal]:
        yield from self.named
        everybody = [each for account in self.accounts for each in self._of_account(account)]
        yield from (each for each in everybody if each.kind is not PrincipalKind.ROOT_USER)
        yield from (each for each in everybody if each.kind is PrincipalKind.ROOT_USER)
        issued = list(self._issued(everybody))
        yield from self._with_unique_ids([*everybody, *issued])
        yield from self._services()
        yield from issued

    # ---- accounts

    def _accounts(self) -> list[str]:
        """The accounts that are named, and one for each set that patterns tell apart; strangers come first."""
        of = self.names
        literals = dict.fromkeys(
            (
                of.owner,
                *filter(None, map(account_named, (*sorted(of.principals), *of.arns))),
                *(each.account for each in self.named if each.account),
                *filter(ACCOUNT.fullmatch, of.accounts),
                *_accounts_within(of.arn_patterns),
            )
        )
        arns, accounts = of.arn_patterns, of.account_patterns
        walk = Walk((*arns, *arns, *accounts, ACCOUNT_ID))
        start = (
            walk.after(walk.start(range(len(arns))), f"arn:{of.partition}:iam::")
            | walk.after(walk.start(range(len(arns), 2 * len(arns))), f"arn:{of.partition}:sts::")
            | walk.start(range(2 * len(arns), len(walk.starts)))
        )
        fresh: dict[int, str] = {}
        for each in _STRANGERS:
            if each not in literals:
                fresh.setdefault(walk.after(start, each), each)
        for state, found in _after_digits(walk, start, len(literals) + 1).items():
            other = next((each for each in found if each not in literals), None)
            if other is not None:
                fresh.setdefault(state, other)
        owner, *others = literals
        return [*others, *fresh.values(), owner]

    # ---- principals of an account

    def _of_account(self, account: str) -> Iterator[Principal]:
        iam, sts = (f"arn:{self.names.partition}:{each}::{account}" for each in ("iam", "sts"))
        yield principal(f"{iam}:root")
        for name in self._names(account, PrincipalKind.USER):
            yield principal(f"{iam}:user/{name}")
        for name in self._names(account, PrincipalKind.SESSION):
            yield from self._sessions(account, name)
        for name in self._names(account, PrincipalKind.FEDERATED_USER):
            yield principal(f"{sts}:federated-user/{name}")

    def _sessions(self, account: str, path_and_name: str) -> Iterator[Principal]:
        """A session of the role that nobody names, and those that are named."""
        partition = self.names.partition
        role = f"arn:{partition}:iam::{account}:role/{path_and_name}"
        name = path_and_name.rpartition("/")[2]
        prefix = f"arn:{partition}:sts::{account}:assumed-role/{name}/"
        taken = {each for each in self.names.principals if each.startswith(prefix)}
        fresh = next(each for each in _numbered("session") if f"{prefix}{each}" not in taken)
        yield principal(f"{prefix}{fresh}", issuer=role)
        for each in sorted(taken):
            yield principal(each, issuer=role)

    def _names(self, account: str, kind: PrincipalKind) -> list[str]:
        """The paths and names of an account's principals: those named, and one for each set told apart."""
        prefix = f"arn:{self.names.partition}:{_BEFORE_THE_NAME[kind].format(account)}"
        literals = [
            each.removeprefix(prefix) for each in self._named_arns if each.startswith(prefix)
        ]
        names = self._names_without_paths(account, kind)
        reading, live = self._arns_after(prefix)
        known = (kind, reading, tuple(literals), names)
        if known not in self._tails:
            patterns = self._patterns_of_names(kind)
            refused = frozenset(literals)
            fresh = None if live or patterns else told_by_names(names, refused)
            if fresh is None:
                fresh = others(
                    refused,
                    (*live, *behind_any_path((*patterns, *map(exactly, sorted(names))))),
                    shape=SHAPES[kind],
                    candidates=SOMEONE,
                    begun=(len(live), prefix),
                )
            self._tails[known] = list(dict.fromkeys((*literals, *fresh)))
        return self._tails[known]

    def _arns_after(self, prefix: str) -> tuple[int, list[Pattern]]:
        """The state of the patterns of ARNs after a prefix, and those that can still accept."""
        walk, patterns = self._arns, self.names.arn_patterns
        state = walk.after(walk.start(), prefix)
        live = [
            pattern
            for pattern, start, end in zip(patterns, walk.starts, walk.accepts, strict=True)
            if state & ((end << 1) - start)
        ]
        return state, live

    def _names_without_paths(self, account: str, kind: PrincipalKind) -> frozenset[str]:
        """The names that are told apart: a user or a role is named without regard to its path."""
        if kind is PrincipalKind.FEDERATED_USER:
            return frozenset()
        of_account = (each for each in self.named if each.account == account)
        return frozenset(each.name for each in of_account if each.kind is kind)

    def _patterns_of_names(self, kind: PrincipalKind) -> tuple[Pattern, ...]:
        if kind is PrincipalKind.USER:
            return self.names.user_names
        if kind is PrincipalKind.SESSION and self.names.has_limits:
            return ((*exactly(SERVICE_LINKED), (OF_NAMES, True)),)
        return ()

    # ---- others

    def _issued(self, everybody: Iterable[Principal]) -> Iterator[Principal]:
        """Federated users as sessions of the users that are named, and of another user if they are named themselves."""
        users = [
            each.arn
            for each in _read(sorted(self.names.principals))
            if each.kind is PrincipalKind.USER
        ]
        for each in dict.fromkeys((*self.named, *everybody)):
            if each.kind is not PrincipalKind.FEDERATED_USER:
                continue
            prefix = f"arn:{self.names.partition}:iam::{each.account}:user/"
            theirs = [user for user in users if user.startswith(prefix)]
            if each.arn in self.names.principals:
                theirs.append(self._unnamed_user(each.account))
            for user in theirs:
                yield principal(each.arn, issuer=user)

    def _with_unique_ids(self, everybody: list[Principal]) -> Iterator[Principal]:
        """Users and roles of any account may have the unique ids that are named, and federated users that of a user."""
        for name in sorted(self.names.principals):
            if not name.startswith(_UNIQUE_ID):
                continue
            unique_id, _, session = name.partition(":")
            kinds = _OF_ROLES if name.startswith("AROA") else _OF_USERS
            for each in (*self.named, *everybody):
                if each.kind in kinds:
                    arn = each.arn
                    if session:
                        arn = f"{arn.rpartition('/')[0]}/{session}"
                    issuer = each.issuer
                    if each.kind is PrincipalKind.FEDERATED_USER and issuer is None:
                        issuer = self._unnamed_user(each.account)
                    yield principal(arn, issuer=issuer, unique_id=unique_id)

    def _unnamed_user(self, account: str) -> str:
        """The ARN of a user whom no Principal element names, whatever the path."""
        prefix = f"arn:{self.names.partition}:iam::{account}:user/"
        taken = {without_path(each) for each in self.names.principals if each.startswith(prefix)}
        return next(each for each in _numbered(f"{prefix}someone") if each not in taken)

    def _services(self) -> Iterator[Principal]:
        of = self.names
        return map(
            principal,
            texts(
                (*sorted(of.principals), *of.services),
                of.service_patterns,
                shape=SERVICES,  # what else is named is not a service
                candidates=("other.amazonaws.com", "another.amazonaws.com"),
            ),
        )


_OF_ROLES = frozenset((PrincipalKind.SESSION,))
_OF_USERS = frozenset((PrincipalKind.USER, PrincipalKind.FEDERATED_USER))
_BEFORE_THE_NAME: Mapping[PrincipalKind, str] = {
    PrincipalKind.USER: "iam::{}:user/",
    PrincipalKind.SESSION: "iam::{}:role/",
    PrincipalKind.FEDERATED_USER: "sts::{}:federated-user/",
}
_NAME: Pattern = ((OF_NAMES, False), (OF_NAMES, True))
_PATH_AND_NAME: Pattern = ((OF_PATHS, False), (OF_PATHS, True), *exactly("/"), *_NAME)
_NAME_OF_AWS: Pattern = (*exactly("aws:"), *_NAME)
SHAPES: Mapping[PrincipalKind, tuple[Pattern, ...]] = {
    PrincipalKind.USER: (_NAME, _PATH_AND_NAME),
    PrincipalKind.SESSION: (_NAME, _PATH_AND_NAME, _NAME_OF_AWS),
    PrincipalKind.FEDERATED_USER: (_NAME,),
}
"""The paths and names of users, of roles (AWS's own too, such as ``aws:ec2-infrastructure``) and federated users."""


def behind_any_path(names: Iterable[Pattern]) -> Iterator[Pattern]:
    """The patterns of names, each alone and behind any path."""
    for name in dict.fromkeys(names):
        yield name
        yield ((ANY, True), *exactly("/"), *name)


def told_by_names(names: frozenset[str], literals: frozenset[str]) -> Sequence[str] | None:
    """
    What `others` gives where nothing is told apart but names, alone and behind any path; None for names that are odd.

    Most policies have no other names, and this takes no walk.
    """
    alone, behind = names - literals, {f"{_SHORTEST_PATH}{each}" for each in names}
    is_odd = not all(map(_PLAIN_NAME.fullmatch, names))
    if is_odd or not literals.isdisjoint(behind) or not (names | literals).isdisjoint(SOMEONE):
        return None
    return (SOMEONE[0], *sorted(alone | behind, key=legibility))


_PLAIN_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]+")
_SHORTEST_PATH = "a/"


_ROLE_OF_AWS = re.compile(r"arn:([a-z-]+):iam::([0-9]{12}):role/(aws:[\w+=,.@-]+)", re.ASCII)


def _read(names: Iterable[str]) -> Iterator[Principal]:
    """The principals with these names, roles by one of their sessions; what names nobody is left out."""
    for name in names:
        if role := _ROLE_OF_AWS.fullmatch(name):
            yield principal(f"arn:{role[1]}:sts::{role[2]}:assumed-role/{role[3]}/session")
            continue
        try:
            found = principal(name)
        except ValueError:
            continue
        if found.kind is PrincipalKind.ROLE:
            partition = name.split(":")[1]
            arn = f"arn:{partition}:sts::{found.account}:assumed-role/{found.name}/session"
            yield principal(arn, issuer=name)
        elif found.kind not in {
            PrincipalKind.ANONYMOUS,
            PrincipalKind.ROOT_USER,
            PrincipalKind.SERVICE,
        }:
            yield found


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}{number}"
        number += 1


def _accounts_within(patterns: Iterable[Pattern]) -> Iterator[str]:
    """The account ids that stand in patterns of ARNs."""
    for pattern in patterns:
        text = "".join(
            next(iter(letters.listed))
            if len(letters.listed) == 1 and not letters.all_others
            else "*"
            for letters, _ in pattern
        )
        parts = text.split(":")
        if len(parts) > _ACCOUNT_PART and account_named(parts[_ACCOUNT_PART]):
            yield parts[_ACCOUNT_PART]


_ACCOUNT_PART = 4


def _after_digits(walk: Walk, start: int, enough: int) -> dict[int, list[str]]:
    """The states after twelve digits, each with some texts that lead there."""
    level: dict[int, list[str]] = {start: [""]}
    for _ in range(12):
        following: dict[int, list[str]] = {}
        for state, found in level.items():
            for digit in walk.letters(state):
                if digit not in DIGITS:
                    continue
                there = following.setdefault(walk.after(state, digit), [])
                there.extend(f"{each}{digit}" for each in found[: max(enough - len(there), 0)])
        level = following
        if len(level) > _MOST_ACCOUNTS:
            raise OutsideError(f"more than {_MOST_ACCOUNTS:,} states of the patterns of accounts")
    return level


_MOST_ACCOUNTS = 2000


def accounts_told_by(base: str, text: str) -> Iterator[Pattern]:
    """Patterns that tell apart the accounts whose ids, read as numbers or dates, are less, the same and more."""
    if base.startswith("Date"):
        at = milliseconds(text)
        point = None if at is None else Decimal(at) / 1000
    else:
        point = number(text)
    if point is not None and -1 < point < 10**_DIGITS:
        yield from _accounts_below(int(point.to_integral_value(ROUND_CEILING)))
        yield from _accounts_below(int(point.to_integral_value(ROUND_FLOOR)) + 1)


def _accounts_below(bound: int) -> Iterator[Pattern]:
    """The accounts whose ids are less, as numbers: by the digits that they begin with."""
    if not 0 < bound < 10**_DIGITS:
        return
    digits = f"{bound:0{_DIGITS}}"
    for at, digit in enumerate(digits):
        less = Letters(frozenset("0123456789"[: int(digit)]))
        if less.listed:
            rest = ((DIGITS, False),) * (_DIGITS - at - 1)
            yield (*exactly(digits[:at]), (less, False), *rest)


_DIGITS = 12


def user_name(text: Text) -> Pattern:
    """The pattern of a user name, in which wildcards cross no slash."""
    return like(text, NO_SLASH)


def account(text: Text) -> Pattern:
    """The pattern of an account id."""
    return like(text, DIGITS)
