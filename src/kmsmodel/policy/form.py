"""
The form of a key policy.

What a key policy allows is not read here. Sources: *Creating a key policy* in the Developer Guide; *Grammar of the IAM
JSON policy language* in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
from kmsmodel.words import strict_json

NAME = "default"
"""The name of the one key policy that customers manage."""

MAXIMUM_BYTES = 32_768

_VERSIONS = ("2008-10-17", "2012-10-17")
_EFFECTS = ("Allow", "Deny")
ELEMENTS = ("Version", "Id", "Statement")
"""What a key policy is made of, in AWS's order."""

ELEMENTS_OF_A_STATEMENT = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
"""What a statement is made of, in AWS's order."""

_CONDITION_KEYS_NOT_PERMITTED = ("aws:ResourceTag", "kms:ResourceTag", "kms:ResourceAliases")


def check_key_policy(policy: str) -> None:
    """
    Refuse a text that is too long, or does not have the form of a key policy.

    Raises LimitExceededException or MalformedPolicyDocumentException. AWS's message seldom says what is wrong and never
    where; a note on the error says both.
    """
    if len(policy.encode()) > MAXIMUM_BYTES:
        raise LimitExceededException().with_note(f"a key policy has at most {MAXIMUM_BYTES} bytes")
    try:
        document = strict_json.loads(policy)
    except ValueError as error:
        raise malformed(f"the key policy: {error}") from None
    elements = _object(document, "the key policy", ELEMENTS)
    _one_of(_VERSIONS, elements.get("Version", _VERSIONS[0]), "Version")
    statements = _list(elements.get("Statement", []))
    if not statements:
        raise malformed("Statement: a key policy has at least one")
    for number, statement in enumerate(statements, start=1):
        _check_statement(statement, f"statement {number}")


def _check_statement(found: object, where: str) -> None:
    """A statement without an action or a resource is taken, and has no effect."""
    statement = _object(found, where, ELEMENTS_OF_A_STATEMENT)
    if "Sid" in statement:
        where = f"{where} ({statement['Sid']})"
    _one_of(_EFFECTS, statement.get("Effect"), f"{where}, Effect")
    if "Principal" in statement and "NotPrincipal" in statement:
        raise malformed(f"{where} has both Principal and NotPrincipal")
    principals = statement.get("Principal", statement.get("NotPrincipal", {}))
    if principals != "*" and not any(
        map(_list, _object(principals, f"{where}, Principal").values())
    ):
        refused = MalformedPolicyDocumentException("Policy contains a statement with no principal.")
        raise refused.with_note(where)
    for key in _condition_keys(statement.get("Condition", {}), f"{where}, Condition"):
        if key.lower().partition("/")[0] in _NOT_PERMITTED:  # a tag key may follow
            names = ", ".join(_CONDITION_KEYS_NOT_PERMITTED)
            refused = MalformedPolicyDocumentException(
                f"These condition keys are not permitted in a key policy: {names}"
            )
            raise refused.with_note(f"{where}, Condition: {key}")


_NOT_PERMITTED = frozenset(map(str.lower, _CONDITION_KEYS_NOT_PERMITTED))


def _condition_keys(condition: object, where: str) -> Iterator[str]:
    """The condition keys of a statement, as they are written."""
    for operator, tested in _object(condition, where).items():
        yield from _object(tested, f"{where}, {operator}")


def _one_of(values: tuple[str, ...], found: object, where: str) -> None:
    if found not in values:
        raise malformed(f"{where}: {found!r} is not {' or '.join(values)}")


def _object(found: object, where: str, elements: tuple[str, ...] = ()) -> dict[str, Any]:
    """A JSON object, which has only names among ``elements``, if these are given."""
    if not isinstance(found, dict):
        raise malformed(f"{where}: an object is expected")
    members = cast("dict[str, Any]", found)
    unknown = [name for name in members if elements and name not in elements]
    if unknown:
        raise malformed(f"{where}: {unknown[0]!r} is not one of {', '.join(elements)}")
    return members


def _list(found: object) -> list[object]:
    """A list; a single value counts as a list of one."""
    return cast("list[object]", found) if isinstance(found, list) else [found]


def malformed(note: str) -> MalformedPolicyDocumentException:
    """The error for a text that has not the form of a key policy, with a note on what is wrong."""
    return MalformedPolicyDocumentException().with_note(note)
