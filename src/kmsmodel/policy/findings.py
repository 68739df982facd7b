"""
What looks through a policy for what AWS takes and its author hardly means.

Source: *IAM Access Analyzer policy check reference* in the IAM User Guide; *AWS KMS condition keys* in the Developer
Guide for which actions carry a condition key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import final

from attrs import frozen

from kmsmodel.policy.actions import ACTIONS, PREFIX
from kmsmodel.policy.condition_keys import (
    ConditionKey,
    ConditionKeyType,
    condition_key,
    meant_key,
)
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Effect, Policy, PolicyType, Statement, parse
from kmsmodel.policy.elements import before_the_fifth_colon
from kmsmodel.policy.finding import Finding, FindingKind
from kmsmodel.policy.form import misread
from kmsmodel.policy.granted import RETIRE_GRANT
from kmsmodel.policy.operators import (
    IF_EXISTS,
    NULL,
    OPERATORS,
    Operator,
    Quantifier,
    operator,
)
from kmsmodel.policy.patterns import glob
from kmsmodel.policy.places import Path, places
from kmsmodel.policy.principal import ANYONE
from kmsmodel.policy.variables import HAS_VARIABLES, template
from kmsmodel.words.meant import meant


def findings(
    policy: Policy | str, policy_type: PolicyType = PolicyType.RESOURCE
) -> tuple[Finding, ...]:
    """
    What AWS takes in a policy and its author hardly means, in the order of the policy.

    ``policy_type`` is that of the policy; a resource-based policy is a key policy. Raises
    MalformedPolicyDocumentException for a text that is not a policy.
    """
    read = parse(policy) if isinstance(policy, str) else policy
    is_key_policy = policy_type is PolicyType.RESOURCE
    return tuple(_of_a_policy(read, is_key_policy=is_key_policy))


def _of_a_policy(policy: Policy, *, is_key_policy: bool) -> Iterator[Finding]:
    if policy.version is None:
        yield _Found(policy).finding(
            FindingKind.MISSING_VERSION, "without a Version, it is read as of 2008-10-17", "Version"
        )
    for statement in policy.statements:
        found = _Found(policy, statement)
        yield from _of_principals(statement, found)
        yield from _of_actions(statement, found, is_key_policy=is_key_policy)
        yield from _of_resources(statement, found)
        yield from _of_twins(statement, found)
        for condition in statement.conditions:
            yield from _of_a_condition(condition, statement, found)


@final
@frozen
class _Found:
    """Where something is found."""

    policy: Policy
    statement: Statement | None = None

    def finding(
        self, kind: FindingKind, text: str, *path: str | int, of_name: bool = False
    ) -> Finding:
        around: Path = ()
        if self.statement is not None:
            is_list, number = self.policy.is_list, self.statement.number
            around = ("Statement", number - 1) if is_list else ("Statement",)
        place = None
        if self.policy.text is not None:
            known = places(self.policy.text)
            place = (known.of_name if of_name else known.of)(*around, *path)
        return Finding(
            kind=kind, text=text, path=(*around, *path), statement=self.statement, place=place
        )


# ---- who, what and on which resource


def _of_principals(statement: Statement, found: _Found) -> Iterator[Finding]:
    principals = statement.principals
    if principals is None:
        return
    name = "NotPrincipal" if principals.negated else "Principal"
    if principals.negated and statement.effect is Effect.ALLOW:
        text = "Allow with NotPrincipal lets in everyone else, and AWS does not support it"
        yield found.finding(FindingKind.ALLOW_WITH_NOT_PRINCIPAL, text, name, of_name=True)
    for kind, names, _ in principals.named:
        if not names and kind is not None:
            text = f"an empty list of principals of the type {kind} names nobody"
            yield found.finding(FindingKind.EMPTY_ARRAY_PRINCIPAL, text, name, kind)


def _of_actions(statement: Statement, found: _Found, *, is_key_policy: bool) -> Iterator[Finding]:
    actions = statement.actions
    if actions is None:
        text = "a statement without Action has no effect"
        yield found.finding(FindingKind.MISSING_ACTION, text)
        return
    name = "NotAction" if actions.negated else "Action"
    if not actions.patterns:
        text = "an empty list of actions makes a statement without effect"
        yield found.finding(FindingKind.EMPTY_ARRAY_ACTION, text, name)
    for number, pattern in enumerate(actions.patterns):
        path = (name, number) if actions.is_list else (name,)
        for kind, text in _of_an_action(pattern, is_key_policy=is_key_policy):
            yield found.finding(kind, text, *path)


def _of_an_action(pattern: str, *, is_key_policy: bool) -> Iterator[tuple[FindingKind, str]]:
    if pattern == ANYONE:
        return
    service, _, action = pattern.partition(":")
    if service.lower() != PREFIX[:-1]:
        if is_key_policy:
            text = f"`{pattern}` is not an action of AWS KMS, and has no effect in a key policy"
            yield FindingKind.INERT_ACTION, text
        return
    actions = expanded((pattern,))
    if not actions:
        text = f"there is no action `{pattern}`{_did_you_mean(action, ACTIONS, PREFIX)}"
        yield FindingKind.INVALID_ACTION, text
    elif is_key_policy and not any(ACTIONS[each].on_key for each in actions):
        text = f"`{pattern}` is allowed on no KMS key, and has no effect in a key policy"
        yield FindingKind.INERT_ACTION, text
    elif is_key_policy and {f"{PREFIX}{each}" for each in actions} == {RETIRE_GRANT}:
        text = f"no key policy is asked who may retire a grant, so `{pattern}` has no effect"
        yield FindingKind.RETIRE_GRANT_IN_KEY_POLICY, text


def expanded(patterns: Iterable[str]) -> tuple[str, ...]:
    """The actions of AWS KMS, without ``kms:``, that these patterns match."""
    matchers = [glob(pattern.lower()) for pattern in patterns]
    return tuple(
        name for name in ACTIONS if any(matches(f"{PREFIX}{name}".lower()) for matches in matchers)
    )


def _of_resources(statement: Statement, found: _Found) -> Iterator[Finding]:
    resources = statement.resources
    if resources is None:
        text = "a statement without Resource has no effect"
        yield found.finding(FindingKind.MISSING_RESOURCE, text)
    elif not resources.patterns:
        name = "NotResource" if resources.negated else "Resource"
        text = "an empty list of resources makes a statement without effect"
        yield found.finding(FindingKind.EMPTY_ARRAY_RESOURCE, text, name)
    else:
        name = "NotResource" if resources.negated else "Resource"
        for number, pattern in enumerate(resources.patterns):
            path = (name, number) if resources.is_list else (name,)
            if "${" in before_the_fifth_colon(pattern):
                text = f"`{pattern}` has a variable before the fifth colon, where AWS supports none"
                yield found.finding(FindingKind.UNSUPPORTED_VARIABLE, text, *path)


# ---- conditions


def _of_twins(statement: Statement, found: _Found) -> Iterator[Finding]:
    """Condition keys of one operator that differ only in the case of their letters."""
    seen: dict[tuple[str, str], str] = {}
    for condition in statement.conditions:
        other = seen.setdefault((condition.operator, condition.name), condition.key)
        if other != condition.key:
            text = f"`{condition.key}` and `{other}` are the same condition key"
            path = ("Condition", condition.operator, condition.key)
            kind = FindingKind.DUPLICATE_KEYS_WITH_DIFFERENT_CASE
            yield found.finding(kind, text, *path, of_name=True)


def _of_a_condition(condition: Condition, statement: Statement, found: _Found) -> Iterator[Finding]:
    path = ("Condition", condition.operator)
    used = operator(condition.operator)
    if used is None:
        kind, text = _of_an_operator(condition.operator)
        allows = statement.effect is Effect.ALLOW
        so = "the statement has no effect" if allows else "the condition always matches"
        yield found.finding(kind, f"{text}; as it is, {so}", *path, of_name=True)
    for kind, text in _of_a_key(condition, used, statement):
        yield found.finding(kind, text, *path, condition.key, of_name=True)
    if used is not None:
        for number, kind, text in _of_values(condition, used):
            where = (condition.key, number) if condition.is_list and number is not None else ()
            yield found.finding(kind, text, *path, *(where or (condition.key,)))


def _of_an_operator(name: str) -> tuple[FindingKind, str]:
    before, colon, base = name.rpartition(":")
    if base == f"{NULL}{IF_EXISTS}":
        text = "Null with IfExists is not an operator: Null itself asks whether a key is there"
        return FindingKind.NULL_WITH_IF_EXISTS, text
    known = [*OPERATORS, *(f"{each}{IF_EXISTS}" for each in OPERATORS), NULL]
    if base in known:
        suggested = _did_you_mean(before, map(str, Quantifier), "", f"{colon}{base}")
    else:
        suggested = _did_you_mean(base, known, f"{before}{colon}")
    return FindingKind.INVALID_CONDITION_OPERATOR, f"there is no operator `{name}`{suggested}"


def _of_a_key(
    condition: Condition, used: Operator | None, statement: Statement
) -> Iterator[tuple[FindingKind, str]]:
    known = condition_key(condition.key)
    if known is None:
        yield from _of_an_unknown_key(condition.key)
        return
    yield from _of_carriers(known, condition, used, statement)
    if used is None or used.base == NULL:
        return
    if known.is_multivalued and used.quantifier is None:
        text = (
            f"`{condition.key}` may have several values, and {condition.operator} without "
            "ForAllValues or ForAnyValue never matches it"
        )
        yield FindingKind.MISSING_QUALIFIER, text
    if not known.is_multivalued and used.quantifier is Quantifier.ALL:
        text = (
            f"`{condition.key}` has one value, and {condition.operator} "
            "matches requests without it too"
        )
        yield FindingKind.FORALLVALUES_WITH_SINGLE_VALUED_KEY, text
    if not _fits(known, used):
        text = f"`{condition.key}` is of the type {known.type}, which {used.base} does not compare"
        yield FindingKind.TYPE_MISMATCH, text


def _of_an_unknown_key(key: str) -> Iterator[tuple[FindingKind, str]]:
    service = key.partition(":")[0].lower()
    if service == PREFIX[:-1]:
        kind = FindingKind.INVALID_SERVICE_CONDITION_KEY
    elif service == "aws" or ":" not in key:
        kind = FindingKind.INVALID_GLOBAL_CONDITION_KEY
    else:
        return  # another service's, which is not known here
    close = meant_key(key)
    suggested = "" if close is None else f", perhaps `{close}` is meant"
    yield kind, f"there is no condition key `{key}`{suggested}"


_ARE_OF_ACTIONS = ("aws:RequestTag/", "aws:TagKeys", "aws:ResourceTag/")
"""Condition keys of all services that only some requests have; who calls, and from where, every request has."""


def _of_carriers(
    known: ConditionKey, condition: Condition, used: Operator | None, statement: Statement
) -> Iterator[tuple[FindingKind, str]]:
    """Which of the statement's actions carry the condition key."""
    actions = statement.actions
    if actions is None or actions.negated:
        return
    if not known.name.startswith(PREFIX) and not (
        known.name in _ARE_OF_ACTIONS
        and all(pattern.lower().startswith(PREFIX) for pattern in actions.patterns)
    ):
        return
    able = expanded(actions.patterns)
    without = [name for name in able if known.name not in ACTIONS[name].condition_keys]
    if able and len(without) == len(able):
        text = f"no action of the statement carries `{condition.key}`"
        yield FindingKind.CONDITION_KEY_NEVER_CARRIED, text
        return
    spelled = {pattern.lower() for pattern in actions.patterns}
    named = [name for name in without if f"{PREFIX}{name}".lower() in spelled]
    if named and used is not None and _needs_the_key(used):
        names = ", ".join(f"`{PREFIX}{name}`" for name in named)
        verb = "does" if len(named) == 1 else "do"
        text = f"{names} {verb} not carry `{condition.key}`, so the statement has no effect on it"
        if len(named) > 1:
            text = f"{text.removesuffix('it')}them"
        yield FindingKind.CONDITION_KEY_NEVER_CARRIED, text


def _needs_the_key(used: Operator) -> bool:
    """Does the operator match only a request that has the key?"""
    if used.base == NULL or used.if_exists or used.quantifier is Quantifier.ALL:
        return False
    return used.quantifier is Quantifier.ANY or not used.is_negated


_COMPARE = {
    ConditionKeyType.STRING: ("String", "Binary", "Arn"),
    ConditionKeyType.BOOL: ("Bool", "String"),
    ConditionKeyType.ARN: ("Arn", "String"),
    ConditionKeyType.DATE: ("Date", "Numeric"),
    ConditionKeyType.NUMERIC: ("Numeric",),
    ConditionKeyType.IP_ADDRESS: ("IpAddress", "NotIpAddress"),
}
"""The operators, by the beginnings of their names, that compare a type; AWS's pages compare a date as a number, too."""


def _fits(known: ConditionKey, used: Operator) -> bool:
    return used.base.startswith(_COMPARE[known.type])


# ---- values


def _of_values(
    condition: Condition, used: Operator
) -> Iterator[tuple[int | None, FindingKind, str]]:
    if not condition.values:
        yield None, FindingKind.EMPTY_ARRAY_CONDITION, _of_an_empty_list(used)
    wrong = set(misread(condition))
    for number, text in enumerate(condition.texts):
        if text in wrong:
            yield number, FindingKind.INVALID_VALUE, f"{used.base} cannot read `{text}`"
        else:
            for kind, what in _of_a_value(text, condition, used):
                yield number, kind, what


def _of_an_empty_list(used: Operator) -> str:
    if used.quantifier is Quantifier.ANY:
        return "without a value, ForAnyValue never matches"
    if used.quantifier is Quantifier.ALL or used.if_exists:
        return "without a value, only requests without the condition key match"
    return "without a value, the condition always matches"


def _of_a_value(
    text: str, condition: Condition, used: Operator
) -> Iterator[tuple[FindingKind, str]]:
    if "${" in text:
        what = _of_variables(text, condition, used)
        if what is not None:
            yield FindingKind.UNSUPPORTED_VARIABLE, what
        return
    known = condition_key(condition.key)
    if used.base == NULL and text.lower() not in {"true", "false"}:
        yield FindingKind.INVALID_VALUE, f"Null reads `{text}` as false"
    if known is not None and known.values and used.base.startswith("String"):
        like = "Like" in used.base
        possible = [value for value in known.values if _may_be(text, value, used, like=like)]
        if not possible:
            suggested = _did_you_mean(text, known.values, "")
            yield FindingKind.UNKNOWN_VALUE, f"`{known.name}` is never `{text}`{suggested}"


def _may_be(text: str, value: str, used: Operator, *, like: bool) -> bool:
    if like:
        return glob(text)(value)
    return text.lower() == value.lower() if "IgnoreCase" in used.base else text == value


_FORM_OF_A_VARIABLE = re.compile(r"\$\{(?:[*?$]|[^\s,'{}]+(?:\s*,\s*'[^']*')?)\}")


def _of_variables(text: str, condition: Condition, used: Operator) -> str | None:
    """What is wrong with the variables in a value."""
    if used.base == NULL or not OPERATORS[used.base][0].has_variables:
        return f"{used.base} replaces no variables, such as those in `{text}`"
    if condition.version != HAS_VARIABLES:
        return f"only Version {HAS_VARIABLES} has variables; `{text}` is text here"
    if any("${" in between for between in _FORM_OF_A_VARIABLE.split(text)):
        return f"`{text}` has a variable of a form that AWS does not know"
    read = template(text, condition.version, wildcards=False)  # pragma: no mutate
    for variable in read.variables:
        known = condition_key(variable.name)
        if known is not None and known.is_multivalued:
            return f"`{known.name}` may have several values, and a variable of it has none"
    return None


# ---- what was meant


def _did_you_mean(found: str, known: Iterable[str], before: str, behind: str = "") -> str:
    close = meant(found, known)
    return f", perhaps `{before}{close[0]}{behind}` is meant" if close else ""
