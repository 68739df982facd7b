"""
Explanations: for each statement and each grant that was asked, whether it applies, or the first thing that differs.

There is no rule here: whether an element matches is asked of the element itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias, final

from attrs import frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import works_across_accounts
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Effect, Element, Policy, PolicyType, Statement
from kmsmodel.policy.elements import Actions, How, Principals, Resources, how_named
from kmsmodel.policy.grant import Grant, is_no_wider
from kmsmodel.policy.operators import NULL, OPERATORS, Operator, Quantifier, operator
from kmsmodel.policy.patterns import pieces
from kmsmodel.policy.places import Place, places
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.policy.question import Value
from kmsmodel.policy.values import arn_pattern
from kmsmodel.policy.variables import HAS_VARIABLES, template
from kmsmodel.words.enumerations import GrantOperation

Stops: TypeAlias = "Callable[[Statement | Grant, How, Access], PolicyType | None]"
"""The type of the policy that must allow besides a statement or grant that means a principal, and does not."""

_RETIRE_GRANT = "kms:RetireGrant"


@final
class LineKind(StrEnum):
    """What a line of an explanation tells."""

    OUTCOME = "outcome"
    POLICY = "policy"
    ALLOWS = "allows"
    DENIES = "denies"
    STOPPED = "stopped"
    DIFFERS = "differs"
    ASSUMED = "assumed"


@final
@frozen(kw_only=True)
class Remark:
    """
    What one statement or grant has to do with an access.

    ``policy_type`` and ``policy`` are None for a grant. ``differs`` is the first element of a statement that does not
    match; it is None if all do, if an element is missing, and for a grant. ``place`` is where the statement stands in
    the policy's text.
    """

    subject: Statement | Grant
    kind: LineKind
    sentence: str
    policy_type: PolicyType | None = None
    policy: Policy | None = None
    differs: Element | None = None
    place: Place | None = None

    @property
    def applies(self) -> bool:
        """Does the statement or grant apply?"""
        return self.kind is not LineKind.DIFFERS

    def __str__(self) -> str:
        where = "" if self.place is None else f" ({self.place})"
        return f"{self.subject.title}{where}: {self.sentence}"


@final
@frozen(kw_only=True)
class Explanation:
    """
    Why an access is allowed or denied.

    ``outcome`` says it in one line. ``remarks`` are on each statement and each grant, in the order of being asked.
    ``assumed`` is what no page and no recording of AWS says, and what the decision may depend on.
    """

    access: Access
    outcome: str
    remarks: tuple[Remark, ...]
    assumed: tuple[str, ...] = ()

    def lines(self) -> Iterator[tuple[LineKind, str]]:
        """The explanation as lines of text."""
        access = self.access
        yield LineKind.OUTCOME, f"{access.action} on {access.resource} by {access.principal.arn}"
        yield LineKind.OUTCOME, self.outcome
        before: object = self
        for remark in self.remarks:
            if remark.policy is not before:
                before = remark.policy
                yield LineKind.POLICY, _heading(remark)
            yield remark.kind, f"  {remark}"
        if self.assumed:
            yield LineKind.POLICY, "assumed"
        for each in self.assumed:
            yield LineKind.ASSUMED, f"  {each}"

    def __str__(self) -> str:
        return "\n".join(text for _, text in self.lines())


def _heading(remark: Remark) -> str:
    if remark.policy_type is None or remark.policy is None:
        return "grants"
    name = remark.policy.arn or remark.policy.id
    return f"{remark.policy_type}" + (f" {name}" if name else "")


def explain(
    access: Access, outcome: str, policies: Iterable[tuple[PolicyType, Policy]], stops: Stops
) -> Explanation:
    """The explanation of an outcome; ``policies`` are all that are asked."""
    remarks = [
        _on_a_statement(statement, policy_type, policy, access, stops)
        for policy_type, policy in policies
        for statement in policy.statements
    ]
    remarks += [_on_a_grant(grant, access, stops) for grant in access.grants]
    return Explanation(
        access=access,
        outcome=outcome,
        remarks=tuple(remarks),
        assumed=tuple(dict.fromkeys(_assumptions(remarks, access))),
    )


# ---- statements


def _on_a_statement(
    statement: Statement, policy_type: PolicyType, policy: Policy, access: Access, stops: Stops
) -> Remark:
    place = None
    if policy.text is not None:
        found = places(policy.text)
        place = found.of(*found.statement(statement.number))
    for element in statement.elements:
        if element is None or not element.matches(access):
            return Remark(
                subject=statement,
                kind=LineKind.DIFFERS,
                sentence=_before(statement, element) + _difference(statement, element, access),
                policy_type=policy_type,
                policy=policy,
                differs=element,
                place=place,
            )
    kind, sentence = _applying(statement, policy_type, access, stops)
    return Remark(
        subject=statement,
        kind=kind,
        sentence=sentence,
        policy_type=policy_type,
        policy=policy,
        place=place,
    )


def _before(statement: Statement, element: Element | None) -> str:
    """That the principal matched, if it was asked for before this element."""
    asks = statement.principals is not None and element is not statement.principals
    return "principal matches; " if asks else ""


def _name(element: Element | None) -> str:
    if isinstance(element, Principals):
        return "principal"
    if isinstance(element, Actions):
        return "action"
    if isinstance(element, Resources):
        return "resource"
    return "condition" if element is None else f"condition {element.operator} {element.key}"


def _applying(
    statement: Statement, policy_type: PolicyType, access: Access, stops: Stops
) -> tuple[LineKind, str]:
    """What a statement does that applies."""
    if statement.effect is Effect.DENY:
        return LineKind.DENIES, "applies, and denies"
    if policy_type is PolicyType.RESOURCE:
        if access.action == _RETIRE_GRANT:
            return (
                LineKind.STOPPED,
                "applies, but no key policy is asked who may retire a grant",
            )
        how = statement.how(access) or How.ITSELF
        return _giving(statement, how, access, stops)
    if policy_type is PolicyType.IDENTITY and _needs_the_account(access):
        return LineKind.STOPPED, (
            "applies, but counts only where the key policy or a grant lets in the account"
        )
    return LineKind.ALLOWS, "applies, and allows"


def _needs_the_account(access: Access) -> bool:
    """Is this a KMS key whose policy and grants name the caller in no way?"""
    policy = access.resource_policy
    if policy is None or not access.action.startswith("kms:"):
        return False
    if access.action == _RETIRE_GRANT:
        return False
    by_policy = any(each.how(access) for each in policy.allowing(access.action))
    return not by_policy and not any(_grant_differs(each, access) is None for each in access.grants)


def _giving(by: Statement | Grant, how: How, access: Access, stops: Stops) -> tuple[LineKind, str]:
    """What gives access if nothing stops it."""
    across = access.is_across_accounts
    if across and not works_across_accounts(access.action):
        return LineKind.STOPPED, (
            f"applies, but {access.action} does not work with what belongs to another account"
        )
    stopped = stops(by, how, access)
    if stopped is None:
        return LineKind.ALLOWS, "applies, and allows"
    of = f" of account {access.principal.account}" if across else ""
    return LineKind.STOPPED, (
        f"applies to {_HOW[how]}, so {stopped.with_article}{of} must allow too, and none does"
    )


_HOW = {
    How.ACCOUNT: "the account",
    How.ISSUER: "the role or user behind the session",
    How.ITSELF: "the caller itself",
}


# ---- what differs


def _difference(statement: Statement, element: Element | None, access: Access) -> str:
    """How an element that does not match differs from the access."""
    if element is None:
        missing = "Action" if statement.actions is None else "Resource"
        return f"it has no {missing}, and so no effect"
    if isinstance(element, Condition):
        return f"condition {element.operator} {element.key}: {_unmet(element, access)}"
    if isinstance(element, Principals):
        return f"principal: {_other_principal(element, access.principal)}"
    found = access.action if isinstance(element, Actions) else access.resource
    name = _name(element)
    wanted = _quoted(element.patterns, "none")
    if element.negated:
        return f"{name}: `{found}` is among those that the policy leaves out, {wanted}"
    return f"{name}: the request has `{found}`, the policy wants {wanted}"


def _other_principal(principals: Principals, principal: Principal) -> str:
    names = [
        name if kind in {None, "AWS"} else f"{kind} {name}"
        for kind, names, _ in principals.named
        for name in names
    ]
    if principals.negated:
        return f"`{principal.arn}` is left out, by {_quoted(names, 'none')}"
    behind = ""
    if principal.kind is PrincipalKind.SESSION:
        behind = f" of `{principal.issuer}`"
    return (
        f"the request is by `{principal.arn}`{behind}, the policy names {_quoted(names, 'nobody')}"
    )


def _unmet(condition: Condition, access: Access) -> str:
    used = operator(condition.operator)
    if used is None:
        return "there is no such operator, so an Allow statement does not apply"
    value = access.context.get(condition.name)
    if used.base == NULL:
        return _unmet_null(used, value)
    has = _has(value)
    if isinstance(value, tuple) and value and used.quantifier is None:
        return f"{has}, and only ForAllValues and ForAnyValue compare a key that may have several"
    if isinstance(value, str) and OPERATORS[used.base][0].read(value) is None:
        return f"{has}, which {used.base} cannot read"
    if condition.values:
        return f"{has}, the policy wants {_wanted(condition, used, access)}"
    return f"{has}, the policy has no value"


def _unmet_null(used: Operator, value: Value | None) -> str:
    if used.quantifier is not None:
        return "Null with ForAnyValue never matches"
    if value is None or value == ():
        return "the request does not have it, the policy wants it"
    return f"{_has(value)}, the policy wants none"


def _has(value: Value | None) -> str:
    if value is None or value == ():
        return "the request does not have it"
    values = (value,) if isinstance(value, str) else value
    return f"the request has {_joined([f'`{each}`' for each in values], 'none', 'and')}"


_WANTED = {
    "LessThan": "less than ",
    "LessThanEquals": "at most ",
    "GreaterThan": "more than ",
    "GreaterThanEquals": "at least ",
}
_LATER = {
    "LessThan": "before ",
    "LessThanEquals": "not after ",
    "GreaterThan": "after ",
    "GreaterThanEquals": "not before ",
}


def _wanted(condition: Condition, used: Operator, access: Access) -> str:
    relation = used.base.removeprefix("Numeric").removeprefix("Date")
    how = (_LATER if used.base.startswith("Date") else _WANTED).get(relation, "")
    each = {None: "", Quantifier.ALL: "only values like ", Quantifier.ANY: "a value like "}
    values = [_with_its_value(text, condition, used, access) for text in condition.texts]
    if used.is_negated:
        how = "anything but "
    return each[used.quantifier] + how + _joined(values, "none")


def _with_its_value(text: str, condition: Condition, used: Operator, access: Access) -> str:
    """A value of the policy; if it has variables, with what they stand for in this request."""
    comparison = OPERATORS[used.base][0]
    if not (comparison.has_variables and condition.version == HAS_VARIABLES and "${" in text):
        return f"`{text}`"
    resolved = template(text, condition.version, wildcards=False).resolved(access.context)
    if resolved is None:
        return f"`{text}`, which has no value here"
    return f"`{text}`, which is `{''.join(map(str, resolved))}` here"


_MOST = 5
"""So many of several values are told."""


def _quoted(values: Iterable[str], none: str) -> str:
    return _joined([f"`{value}`" for value in values], none)


def _joined(values: list[str], none: str, conjunction: str = "or") -> str:
    if not values:
        return none
    if len(values) > _MOST:
        values = [*values[:_MOST], f"{len(values) - _MOST} more"]
    *others, last = values
    return f"{', '.join(others)} {conjunction} {last}" if others else last


# ---- grants


def _on_a_grant(grant: Grant, access: Access, stops: Stops) -> Remark:
    differs = _grant_differs(grant, access)
    if differs is not None:
        return Remark(subject=grant, kind=LineKind.DIFFERS, sentence=differs)
    kind, sentence = _giving(grant, _how_granted(grant, access), access, stops)
    return Remark(subject=grant, kind=kind, sentence=sentence)


def _named(grant: Grant, access: Access) -> tuple[str, ...]:
    """Whom a grant lets do the action of an access."""
    if access.action != _RETIRE_GRANT:
        return (grant.grantee,)
    retiring = () if grant.retiring is None else (grant.retiring,)
    by_itself = GrantOperation.RetireGrant in grant.operations
    return (*retiring, grant.grantee) if by_itself else retiring


def _may_retire_by_account(grant: Grant, access: Access) -> bool:
    return access.action == _RETIRE_GRANT and access.principal.account in {
        grant.issuing_account,
        access.owner,
    }


def _how_granted(grant: Grant, access: Access) -> How:
    found = [how_named(name, access.principal) for name in _named(grant, access)]
    return max((how for how in found if how is not None), default=How.ACCOUNT)


def _grant_differs(grant: Grant, access: Access) -> str | None:
    """The first thing in which a grant differs from an access, or None if it applies."""
    names = _named(grant, access)
    means = any(how_named(name, access.principal) is not None for name in names)
    if not means and not _may_retire_by_account(grant, access):
        return f"principal: the request is by `{access.principal.arn}`, the grant names {_quoted(names, 'nobody')}"
    if access.action == _RETIRE_GRANT or access.is_permitted_by(grant):
        return None
    operation = access.action.removeprefix("kms:")
    if operation not in grant.operations:
        return f"operation: the request has `{operation}`, the grant allows {_quoted(grant.operations, 'none')}"
    if access.child is not None and not is_no_wider(access.child, grant):
        return "the new grant would allow more than this one"
    constraints, context = grant.constraints, access.encryption_context
    if constraints is not None and context is not None and not constraints.fit(context):
        equals = constraints.encryption_context_equals
        wanted = equals if equals is not None else constraints.encryption_context_subset
        has = "exactly" if equals is not None else "at least"
        return (
            f"constraint: the encryption context of the request is {_pairs(context)}, "
            f"the grant wants {has} {_pairs(wanted or {})}"
        )
    wanted_arn = None if constraints is None else constraints.source_arn
    source = _has(access.context.get("aws:sourcearn"))
    return f"constraint SourceArn: {source}, the grant wants `{wanted_arn}`"


def _pairs(context: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}={value}`" for name, value in context.items()) or "empty"


# ---- assumed


def _assumptions(remarks: Iterable[Remark], access: Access) -> Iterator[str]:
    """What the decision may depend on, and no page and no recording says of a KMS key; see `docs/fidelity.md`."""
    principal = access.principal
    without_path = (
        principal.kind is PrincipalKind.SESSION and (principal.issuer or "").count("/") == 1
    )
    for remark in remarks:
        if without_path and _asks_for_the_role(remark):
            yield f"the role `{principal.issuer}` has no path; the ARN of its session does not tell"
        if isinstance(remark.subject, Grant):
            yield from _assumed_of_a_grant(remark.subject, access)
        else:
            for condition in _asked(remark.subject, remark.differs):
                yield from _assumed_of_a_condition(condition, remark)


def _asks_for_the_role(remark: Remark) -> bool:
    """Would another path of the caller's role change what the statement is to it?"""
    if isinstance(remark.subject, Grant):
        return False
    asked = _asked(remark.subject, remark.differs)
    return any(condition.name == "aws:principalarn" for condition in asked)


def _asked(statement: Statement, differs: Element | None) -> Iterator[Condition]:
    """The conditions that were asked: all, or those up to the one that does not match."""
    for element in statement.elements:
        if isinstance(element, Condition):
            yield element
        if element is None or element is differs:
            return


def _assumed_of_a_condition(condition: Condition, remark: Remark) -> Iterator[str]:
    used = operator(condition.operator)
    if used is None:
        yield (
            f"the operator `{condition.operator}`, which does not exist, "
            "makes a Deny statement apply and an Allow statement not"
        )
    elif used.base != NULL:
        comparison = OPERATORS[used.base][0]
        has_variables = any("${" in text for text in condition.texts)
        if has_variables and not comparison.has_variables and condition.version == HAS_VARIABLES:
            yield f"{used.base} replaces no variables"
        if comparison.malformed_is_an_error and remark.policy_type is not PolicyType.SESSION:
            for text in condition.texts:
                if "${" not in text and arn_pattern(pieces(text)) is None:
                    yield f"`{text}`, which is no ARN, is read as in a session policy"


def _assumed_of_a_grant(grant: Grant, access: Access) -> Iterator[str]:
    constraints = grant.constraints
    if constraints is None:
        return
    if constraints.source_arn is not None and access.context.get("aws:sourcearn") is None:
        yield "a grant's SourceArn binds only requests that have aws:SourceArn"
    if access.encryption_context:
        wanted = {
            **(constraints.encryption_context_equals or {}),
            **(constraints.encryption_context_subset or {}),
        }
        lowered = {name.lower() for name in access.encryption_context}
        if any(
            name not in access.encryption_context and name.lower() in lowered for name in wanted
        ):
            yield "the names in a grant's encryption context are exact, in upper and lower case too"
