"""
The elements of a statement: who, what and on which resource.

Sources: *Principal*, *NotPrincipal*, *Action* and *Resource* in the IAM User Guide; what was recorded of AWS in
September 2026.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import Any, final

from attrs import field, frozen

from kmsmodel.policy.patterns import Matcher, glob, matcher
from kmsmodel.policy.principal import ANYONE, Principal, PrincipalKind, without_path
from kmsmodel.policy.question import Context, Question
from kmsmodel.policy.variables import OLD_VERSION, Template, template


@final
class How(IntEnum):
    """How a policy or a grant names a principal; a greater one is closer to the principal itself."""

    ACCOUNT = 1
    """By its account, which delegates to the account's IAM policies."""

    ISSUER = 2
    """By the role or the user that its session comes from."""

    ITSELF = 3
    """By its own ARN, or as one of everybody."""


@final
@frozen
class Principals:
    """
    The Principal or NotPrincipal of a statement.

    ``named`` has the names for each type of principal, such as ``AWS``, and whether they stand in a list; the type is
    None if the element is only a string.
    """

    named: tuple[tuple[str | None, tuple[str, ...], bool], ...]
    negated: bool = False
    is_everyone: bool = field(init=False, repr=False, eq=False)
    _names: frozenset[str] = field(init=False, repr=False, eq=False)
    _accounts: frozenset[str] = field(init=False, repr=False, eq=False)
    _services: frozenset[str] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        aws = frozenset(
            name for kind, names, _ in self.named if kind in {None, "AWS"} for name in names
        )
        put = object.__setattr__
        put(self, "is_everyone", ANYONE in aws)
        put(self, "_accounts", frozenset(filter(None, map(account_named, aws))))
        put(
            self,
            "_names",
            frozenset(without_path(name) for name in aws if account_named(name) is None),
        )
        services = (names for kind, names, _ in self.named if kind == "Service")
        put(self, "_services", frozenset(name for names in services for name in names))

    def how(self, question: Question) -> How | None:
        """How the element means the principal of this question, or None if it does not."""
        principal = question.principal
        if self.negated:
            # A principal with a permissions boundary is always hit, whatever is listed.
            is_hit = question.has_boundary or not self.lists(principal)
            return How.ITSELF if is_hit else None
        return self.means(principal)

    def matches(self, question: Question) -> bool:
        """Does the element mean the principal of this question?"""
        return self.how(question) is not None

    def means(self, principal: Principal) -> How | None:
        """How the listed names mean a principal, or None if none does."""
        if self.is_everyone:
            return How.ITSELF
        if principal.kind is PrincipalKind.SERVICE:
            return How.ITSELF if principal.arn in self._services else None
        if self._names and not self._names.isdisjoint(principal.names):
            return _closest(self._names, principal)
        return How.ACCOUNT if principal.account in self._accounts else None

    def lists(self, principal: Principal) -> bool:
        """Are the principal, the role that its session comes from and its account all listed?"""
        if self.is_everyone or principal.kind is PrincipalKind.SERVICE:
            return self.means(principal) is not None
        if principal.account not in self._accounts:
            return False
        return principal.kind is PrincipalKind.ROOT_USER or all(
            not self._names.isdisjoint(layer) for layer in principal.layers
        )

    def to_json(self) -> dict[str, Any]:
        name = "NotPrincipal" if self.negated else "Principal"
        if len(self.named) == 1 and self.named[0][0] is None:
            return {name: self.named[0][1][0]}
        return {name: {kind: _written(names, is_list) for kind, names, is_list in self.named}}


def _closest(names: frozenset[str], principal: Principal) -> How:
    """A session that is named only by its role is limited by its policies; one that is named itself is not."""
    if principal.kind is PrincipalKind.ROLE:
        return How.ISSUER
    if principal.issuer is None:
        return How.ITSELF
    itself = {principal.arn, f"{principal.unique_id}:{principal.session_name}"}
    return How.ISSUER if names.isdisjoint(itself) else How.ITSELF


def how_named(name: str, principal: Principal) -> How | None:
    """How this one name means a principal, or None if it means another."""
    plain = without_path(name)
    if plain in principal.names and principal.kind is not PrincipalKind.ROOT_USER:
        return _closest(frozenset((plain,)), principal)
    return How.ACCOUNT if account_named(name) == principal.account else None


@lru_cache(4096)
def account_named(name: str) -> str | None:
    """The account that this name of a principal means as a whole, or None."""
    found = _ACCOUNT.fullmatch(name)
    return None if found is None else found[1] or found[2]


_ACCOUNT = re.compile("([0-9]{12})|arn:[a-z-]+:iam::([0-9]{12}):root")


@final
@frozen
class Actions:
    """The Action or NotAction of a statement."""

    patterns: tuple[str, ...]
    is_list: bool = True
    negated: bool = False
    _matchers: tuple[Matcher, ...] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        matchers = tuple(glob(pattern.lower()) for pattern in self.patterns)
        object.__setattr__(self, "_matchers", matchers)

    def match(self, action: str) -> bool:
        """Does the element match this action, such as ``kms:Decrypt``? Upper and lower case are the same."""
        if not self.patterns:
            return False
        action = action.lower()
        return any(matches(action) for matches in self._matchers) is not self.negated

    def matches(self, question: Question) -> bool:
        """Does the element match the action of this question?"""
        return self.match(question.action)

    def to_json(self) -> dict[str, Any]:
        return {"NotAction" if self.negated else "Action": _written(self.patterns, self.is_list)}


@final
@frozen
class Resources:
    """The Resource or NotResource of a statement."""

    patterns: tuple[str, ...]
    is_list: bool = True
    negated: bool = False
    version: str = OLD_VERSION
    _templates: tuple[tuple[Template, Matcher | None], ...] = field(
        init=False, repr=False, eq=False
    )

    def __attrs_post_init__(self) -> None:
        templates = [
            template(_completed(pattern), self.version, wildcards=True) for pattern in self.patterns
        ]
        with_matchers = tuple((each, _matcher(each)) for each in templates)
        object.__setattr__(self, "_templates", with_matchers)

    @classmethod
    def any(cls) -> Resources:
        """What a trust policy means, which has no Resource."""
        return cls(("*",), is_list=False)

    @property
    def are_all(self) -> bool:
        """Does the element match every resource?"""
        return ANYONE in self.patterns and not self.negated

    @property
    def has_variables(self) -> bool:
        return any(fixed is None for _, fixed in self._templates)

    def matches(self, question: Question) -> bool:
        """Does the element match the resource of this question?"""
        return self.match(question.resource, question.context)

    def match(self, resource: str, context: Context) -> bool:
        """Does the element match this resource, with these condition keys for its variables?"""
        if self.are_all:
            return True
        if not self.patterns:
            return False
        found = any(_fits(*each, resource, context) for each in self._templates)
        return found is not self.negated

    @property
    def templates(self) -> tuple[Template, ...]:
        """The patterns with their wildcards and variables."""
        return tuple(value for value, _ in self._templates)

    def to_json(self) -> dict[str, Any]:
        name = "NotResource" if self.negated else "Resource"
        return {name: _written(self.patterns, self.is_list)}


def _matcher(value: Template) -> Matcher | None:
    fixed = value.fixed()
    return None if fixed is None else matcher(fixed)


def _fits(value: Template, fixed: Matcher | None, resource: str, context: Context) -> bool:
    """A resource with a variable that has no value is not a resource."""
    if fixed is not None:
        return fixed(resource)
    text = value.resolved(context)
    return text is not None and matcher(text)(resource)


_COLONS_OF_AN_ARN = 5


def _completed(pattern: str) -> str:
    """An ARN with too few parts means all that begin so."""
    if not pattern.startswith("arn:"):
        return pattern
    return pattern + ":*" * (_COLONS_OF_AN_ARN - pattern.count(":"))


def before_the_fifth_colon(pattern: str) -> str:
    """The beginning of a resource in which AWS supports no variable: its partition, service, Region and account."""
    parts = pattern.split(":", _COLONS_OF_AN_ARN)
    return pattern.removesuffix(parts[-1]) if len(parts) > _COLONS_OF_AN_ARN else pattern


def _written(values: tuple[str, ...], is_list: bool) -> Any:
    return list(values) if is_list else values[0]
