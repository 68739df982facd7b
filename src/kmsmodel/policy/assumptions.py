"""
What a decision may depend on, and no page and no recording of AWS says of a KMS key; see `docs/fidelity.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Element, PolicyType, Statement
from kmsmodel.policy.explanation import Remark
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.operators import NULL, OPERATORS, operator
from kmsmodel.policy.patterns import pieces
from kmsmodel.policy.principal import PrincipalKind
from kmsmodel.policy.values import arn_pattern
from kmsmodel.policy.variables import HAS_VARIABLES


def assumptions(remarks: Iterable[Remark], access: Access) -> Iterator[str]:
    """What the decision may depend on, and no page and no recording says of a KMS key; see `docs/fidelity.md`."""
    principal = access.principal
    without_path = principal.kind is PrincipalKind.SESSION and str(principal.issuer).count("/") == 1
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
                    yield f"`{text}`, which is not an ARN, is read as in a session policy"


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
