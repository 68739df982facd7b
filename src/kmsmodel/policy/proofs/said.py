"""
What policies and grants say: of whom, of which resource, and with what they compare each condition key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import final

from attrs import field, frozen

from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy, Statement
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.operators import operator
from kmsmodel.policy.patterns import Text, Wildcard
from kmsmodel.policy.policies import NO_POLICIES, Policies
from kmsmodel.policy.proofs import asked, keys, walks
from kmsmodel.policy.proofs.askers import KEYS_OF_AN_ASKER, Names, accounts_told_by, user_name
from kmsmodel.policy.proofs.callers import Callers
from kmsmodel.policy.proofs.walks import OutsideError, Pattern
from kmsmodel.policy.values import canonical_base64
from kmsmodel.policy.variables import Template
from kmsmodel.words.arn import PARTITIONS
from kmsmodel.words.enumerations import GrantOperation


@final
@frozen
class Grantable:
    """Grants that some callers can come to have: for these actions, each made by the grantee's own account."""

    callers: Callers
    actions: frozenset[str]


@final
@frozen(kw_only=True)
class World:
    """
    A KMS key and all policies and grants that decide on it, with the grants that there may be besides.

    ``may_be_bounded`` is whether callers may have a permissions boundary that is not given, which allows everything.
    """

    owner: str
    policy: Policy
    key: str | None = None
    grants: tuple[Grant, ...] = ()
    policies: Policies = NO_POLICIES
    grantable: Grantable | None = None
    may_be_bounded: bool = False

    def all_policies(self) -> Iterator[Policy]:
        of = self.policies
        yield from self.other_policies()
        yield from of.rcps
        for level in of.scps:
            yield from level

    def other_policies(self) -> Iterator[Policy]:
        """The policies that are not those of an organization."""
        of = self.policies
        yield self.policy
        yield from of.identity
        for each in (of.boundary, of.endpoint):
            if each is not None:
                yield each
        yield from of.session or ()


@final
@frozen
class OfAKey:
    """What is said of one condition key: the conditions on it, and what else tells its values apart."""

    conditions: list[Condition] = field(factory=list[Condition])
    literals: list[str] = field(factory=list[str])
    patterns: list[Pattern] = field(factory=list[Pattern])

    def compared(self) -> Iterator[tuple[str, Text]]:
        """The operators and the values that are the same for each request."""
        for condition in self.conditions:
            used = operator(condition.operator)
            for each in condition.templates if used else ():
                fixed = each.fixed()
                if used and fixed is not None:
                    yield used.base, fixed

    @property
    def bases(self) -> set[str]:
        """The operators, without quantifier and IfExists."""
        used = (operator(each.operator) for each in self.conditions)
        return {each.base for each in used if each}


@final
@frozen
class Said:
    """What some worlds and further conditions say, together."""

    worlds: tuple[World, ...]
    further: tuple[Condition, ...] = ()
    names: frozenset[str] = frozenset()
    given: tuple[str, ...] = ()
    """The condition keys of which values are given."""
    statements: list[Statement] = field(init=False, factory=list[Statement])
    keys: dict[str, OfAKey] = field(init=False, factory=dict[str, OfAKey])
    """By name in lower case; one that has the value of another is among those of the other."""
    variables: dict[str, list[tuple[str, Template]]] = field(
        init=False, factory=dict[str, "list[tuple[str, Template]]"]
    )
    """The variables, each with the condition keys that are compared with it."""
    spelled: dict[str, str] = field(init=False, factory=dict[str, str])
    """How policies spell the names in an encryption context, by condition key."""

    def __attrs_post_init__(self) -> None:
        policies = {id(each): each for world in self.worlds for each in world.all_policies()}
        self.statements.extend(each for policy in policies.values() for each in policy.statements)
        for condition in self.conditions():
            self._add_condition(condition)
        for statement in self.statements:
            for each in statement.resources.templates if statement.resources else ():
                self._add_variables("", each)
        for grant in self.grants():
            self._add_grant(grant)
        for name in self.given:
            self.of(name)
            for other in keys.kept_out_by(name):
                self.of(other)
        self._add_names_of(keys.ENCRYPTION_CONTEXT, keys.ENCRYPTION_CONTEXT_KEYS)
        self._add_names_of(keys.REQUEST_TAG, keys.TAG_KEYS)

    def conditions(self) -> Iterator[Condition]:
        yield from self.further
        for statement in self.statements:
            yield from statement.conditions

    def grants(self) -> Iterator[Grant]:
        for world in self.worlds:
            yield from world.grants

    def of(self, name: str) -> OfAKey:
        return self.keys.setdefault(keys.SAME_AS.get(name, name), OfAKey())

    def _add_condition(self, condition: Condition) -> None:
        if operator(condition.operator) is None:
            return
        self.of(condition.name).conditions.append(condition)
        if condition.name.startswith(keys.ENCRYPTION_CONTEXT):
            spelled = condition.key[len(keys.ENCRYPTION_CONTEXT) :]
            self.spelled.setdefault(condition.name, spelled)
        for each in condition.templates:
            self._add_variables(condition.name, each)

    def _add_variables(self, name: str, template: Template) -> None:
        for variable in template.variables:
            self.variables.setdefault(variable.name, []).append((name, template))
            if variable.name:
                self.of(variable.name)

    def _add_grant(self, grant: Grant) -> None:
        creates = GrantOperation.CreateGrant in grant.operations
        if creates:
            self.of(asked.OPERATIONS)
        if grant.constraints is None:
            return
        equals = grant.constraints.encryption_context_equals
        subset = grant.constraints.encryption_context_subset
        for pairs in (equals, subset):
            if pairs is None:
                continue
            self.of(keys.ENCRYPTION_CONTEXT_KEYS).literals.extend(pairs)
            for name, value in pairs.items():
                key = keys.ENCRYPTION_CONTEXT + name.lower()
                self.of(key).literals.append(value)
                self.spelled.setdefault(key, name)
        if creates and (equals or subset):
            self.of(asked.CONSTRAINT_TYPE)
        if grant.constraints.source_arn is not None:
            self.of("aws:sourcearn").literals.append(grant.constraints.source_arn)
            if creates:
                self.of(asked.CONSTRAINT_SOURCE).literals.append(grant.constraints.source_arn)

    def _add_names_of(self, prefix: str, key: str) -> None:
        """The names that have a condition key of their own are told from others in the list of names."""
        if key not in self.keys:
            return
        for name in [each for each in self.keys if each.startswith(prefix)]:
            spelled = self.spelled.get(name, name[len(prefix) :])
            if any(letter > "\uffff" and letter.isalpha() for letter in spelled):
                raise OutsideError(f"a letter beyond U+FFFF in the name {spelled!r}")
            self.keys[key].literals.append(spelled)
            self.keys[key].patterns.append(walks.ignoring_case(spelled))

    @property
    def partition(self) -> str:
        """The partition of all ARNs: that which policies name, or ``aws``."""
        texts = {*self.names, *(world.key for world in self.worlds if world.key is not None)}
        for grant in self.grants():
            texts |= {grant.grantee, grant.retiring or ""}
        for statement in self.statements:
            for _, names, _ in statement.principals.named if statement.principals else ():
                texts.update(names)
            texts.update(statement.resources.patterns if statement.resources else ())
        texts.update(text for condition in self.conditions() for text in condition.texts)
        told = {named[1] for text in texts if (named := _PARTITION.match(text))}
        found = {each for each in told if _NAME_OF_A_PARTITION.fullmatch(each)}
        if not found:
            found = _partitions_fitting(told)
        if len(found) > 1:
            raise OutsideError(f"ARNs of several partitions: {', '.join(sorted(found))}")
        return found.pop() if found else "aws"

    # ---- who asks

    @property
    def has_not_principals(self) -> bool:
        """Does a statement say who is not meant? It means whoever has a permissions boundary."""
        return any(
            each.principals is not None and each.principals.negated for each in self.statements
        )

    def of_askers(self) -> Names:
        """What is said of who asks."""
        named = set(self.names)
        for statement in self.statements:
            if statement.principals is not None:
                named |= {name for _, names, _ in statement.principals.named for name in names}
        for grant in self.grants():
            named |= {grant.grantee, grant.retiring or "", grant.issuing_account}
        told = {name: self._told(name) for name in KEYS_OF_AN_ASKER & self.keys.keys()}
        nothing: tuple[list[str], list[Pattern]] = ([], [])
        arns, arn_patterns = told.get("aws:principalarn", nothing)
        services, service_patterns = told.get("aws:principalservicename", nothing)
        users, user_patterns = told.get("aws:username", nothing)
        of_accounts = [
            told.get(each, nothing) for each in ("aws:principalaccount", "kms:calleraccount")
        ]
        return Names(
            owner=self.worlds[0].owner,
            partition=self.partition,
            principals=frozenset(filter(None, named)),
            has_limits=any(each.policies.scps or each.policies.rcps for each in self.worlds),
            arns=tuple(arns),
            arn_patterns=_once(arn_patterns),
            accounts=tuple(each for one, _ in of_accounts for each in one),
            account_patterns=_once(each for _, one in of_accounts for each in one),
            user_names=_once((*map(walks.exactly, users), *user_patterns)),
            services=tuple(services),
            service_patterns=_once(service_patterns),
        )

    def _told(self, name: str) -> tuple[list[str], list[Pattern]]:
        literals: list[str] = []
        patterns: list[Pattern] = []
        for base, text in self.keys[name].compared():
            if name in _MAY_BE_NUMBERS and not base.startswith(_OF_TEXTS):
                if name == "aws:username" or not base.startswith(_OF_NUMBERS):
                    raise OutsideError(f"{base} for the condition key {name}")
                patterns += accounts_told_by(base, "".join(map(str, text)))
                continue
            if name == "aws:username" and base in _LIKE:
                patterns.append(user_name(text))
            else:
                _tell(base, text, literals, patterns)
        return literals, patterns

    # ---- on which resource

    def of_resources(self) -> tuple[list[str], list[Pattern]]:
        """The literals and patterns in Resource elements."""
        literals: list[str] = []
        patterns: list[Pattern] = []
        for statement in self.statements:
            for each in statement.resources.templates if statement.resources else ():
                fixed = each.fixed()
                if fixed is not None:
                    _tell("StringLike", fixed, literals, patterns)
        return literals, patterns

    # ---- variables

    def pulled_back(self, name: str) -> tuple[list[str], list[Pattern]]:
        """What the condition keys are compared with that are compared with just this variable."""
        literals: list[str] = []
        patterns: list[Pattern] = []
        for other, template in self.variables.get(name, ()):
            if len(template.parts) == 1 and other in self.keys:
                for base, text in self.keys[other].compared():
                    _tell(base, text, literals, patterns)
        return literals, patterns


_PARTITION = re.compile("[arn*?]+:([^:]*)")
_NAME_OF_A_PARTITION = re.compile("aws[a-z-]*")


def _partitions_fitting(patterns: Iterable[str]) -> set[str]:
    """The partitions that fit the patterns that ``aws`` does not fit."""
    fitting = [{each for each in PARTITIONS if fnmatchcase(each, one)} for one in patterns]
    others = [each for each in fitting if each and "aws" not in each]
    return set[str].union(*others) if others else set()


def _once(patterns: Iterable[Pattern]) -> tuple[Pattern, ...]:
    return tuple(dict.fromkeys(patterns))


_MAY_BE_NUMBERS = frozenset(("aws:principalaccount", "kms:calleraccount", "aws:username"))
_OF_TEXTS = ("String", "Arn", "Bool", "Binary")
_OF_NUMBERS = ("Numeric", "Date")
_LIKE = frozenset(("StringLike", "StringNotLike"))


def tell(compared: Iterable[tuple[str, Text]]) -> tuple[list[str], list[Pattern]]:
    """The literals and the patterns that values under operators are."""
    literals: list[str] = []
    patterns: list[Pattern] = []
    for base, text in compared:
        _tell(base, text, literals, patterns)
    return literals, patterns


def _tell(base: str, text: Text, literals: list[str], patterns: list[Pattern]) -> None:
    has_wildcards = any(isinstance(each, Wildcard) for each in text)
    plain = "".join(each if isinstance(each, str) else each.value for each in text)
    if "Arn" in base:
        pattern = walks.like_arn(text)
        if pattern is not None and has_wildcards:
            patterns.append(pattern)
        elif pattern is not None:
            literals.append(plain)
    elif "IgnoreCase" in base:
        patterns.append(walks.ignoring_case(plain))
    elif base in _LIKE and has_wildcards:
        patterns.append(walks.like(text))
    elif base == "Bool":
        patterns.append(walks.IS_TRUE)
    elif base == "BinaryEquals":
        literals.append(canonical_base64(plain) or "")
    elif base.startswith("String"):
        literals.append(plain)
