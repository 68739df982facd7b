"""
How an element of a statement, or a grant, differs from an access, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Element, Statement
from kmsmodel.policy.elements import Actions, Principals
from kmsmodel.policy.grant import Grant, is_no_wider
from kmsmodel.policy.granted import RETIRE_GRANT, named, ways
from kmsmodel.policy.operators import NULL, OPERATORS, Operator, Quantifier, operator
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.policy.question import Value
from kmsmodel.policy.variables import HAS_VARIABLES, template

# ---- statements


def mismatch(statement: Statement, element: Element | None, access: Access) -> str:
    """How an element that does not match differs from the access."""
    if element is None:
        missing = "Action" if statement.actions is None else "Resource"
        return f"it has no {missing}, and so no effect"
    if isinstance(element, Condition):
        return f"condition {element.operator} {element.key}: {_unmet(element, access)}"
    if isinstance(element, Principals):
        return f"principal: {_other_principal(element, access.principal)}"
    is_actions = isinstance(element, Actions)
    name, found = ("action", access.action) if is_actions else ("resource", access.resource)
    wanted = _quoted(element.patterns)
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
        return f"`{principal.arn}` is left out, by {_quoted(names)}"
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
    return f"the request has {_joined([f'`{each}`' for each in values], 'and')}"


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
    return each[used.quantifier] + how + _joined(values)


def _with_its_value(text: str, condition: Condition, used: Operator, access: Access) -> str:
    """A value of the policy; if it has variables, with what they stand for in this request."""
    comparison = OPERATORS[used.base][0]
    if not (comparison.has_variables and condition.version == HAS_VARIABLES and "${" in text):
        return f"`{text}`"
    resolved = template(text, condition.version, wildcards=False).resolved(access.context)
    if resolved is None:
        return f"`{text}`, which has no value here"
    plain = "".join(map(str, resolved))  # pragma: no mutate
    return f"`{text}`, which is `{plain}` here"


_MOST = 5
"""So many of several values are told."""


def _quoted(values: Iterable[str], none: str = "none") -> str:
    quoted = [f"`{value}`" for value in values]
    return _joined(quoted) if quoted else none


def _joined(values: list[str], conjunction: str = "or") -> str:
    """At least one value, with commas and a conjunction."""
    if len(values) > _MOST:
        values = [*values[:_MOST], f"{len(values) - _MOST} more"]
    *others, last = values
    return f"{', '.join(others)} {conjunction} {last}" if others else last


# ---- grants


def grant_mismatch(grant: Grant, access: Access) -> str | None:
    """The first thing in which a grant differs from an access, or None if it applies."""
    if not ways(grant, access):
        names = _quoted(named(grant, access.action), "nobody")
        return f"principal: the request is by `{access.principal.arn}`, the grant names {names}"
    if access.action == RETIRE_GRANT or access.is_permitted_by(grant):
        return None
    operation = access.action.removeprefix("kms:")
    if operation not in grant.operations:
        return f"operation: the request has `{operation}`, the grant allows {_quoted(grant.operations)}"
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
