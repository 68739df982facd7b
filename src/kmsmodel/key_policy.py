"""
The key policy of a KMS key, as a text.

Its form is checked here; what it says is not asked yet. Sources: *Creating a key policy* in the Developer Guide;
*Grammar of the IAM JSON policy language* in the IAM User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeAlias, cast

from kmsmodel.arn import KeyArn, root_user
from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
from kmsmodel.key import Key

NAME = "default"
"""The name of the one key policy that customers manage."""

MAXIMUM_BYTES = 32_768


# ---- what a key policy may be


def check(policy: str | None) -> None:
    """
    Refuse what is too long or is no key policy by its form.

    Raises LimitExceededException or MalformedPolicyDocumentException.
    """
    if policy is None:
        return
    if len(policy.encode()) > MAXIMUM_BYTES:
        raise LimitExceededException
    document = _object(_loads(policy), {"Version", "Id", "Statement"})
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise MalformedPolicyDocumentException
    statements = _list(document.get("Statement", []))
    if not statements:
        raise MalformedPolicyDocumentException
    for statement in statements:
        _check_statement(statement)


_VERSIONS = ("2008-10-17", "2012-10-17")
_EFFECTS = ("Allow", "Deny")
_ELEMENTS_OF_A_STATEMENT = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_CONDITION_KEYS_NOT_PERMITTED = ("aws:ResourceTag", "kms:ResourceTag", "kms:ResourceAliases")


def _check_statement(found: object) -> None:
    """A statement without an action or a resource is taken, and has no effect."""
    statement = _object(found, _ELEMENTS_OF_A_STATEMENT)
    if statement.get("Effect") not in _EFFECTS:
        raise MalformedPolicyDocumentException
    if "Principal" in statement and "NotPrincipal" in statement:
        raise MalformedPolicyDocumentException
    principals = statement.get("Principal", statement.get("NotPrincipal", {}))
    if principals != "*" and not any(map(_list, _object(principals).values())):
        raise MalformedPolicyDocumentException("Policy contains a statement with no principal.")
    if not _CONDITION_KEYS.isdisjoint(_condition_keys(statement.get("Condition", {}))):
        raise MalformedPolicyDocumentException(
            "These condition keys are not permitted in a key policy: "
            + ", ".join(_CONDITION_KEYS_NOT_PERMITTED)
        )


_CONDITION_KEYS = frozenset(map(str.lower, _CONDITION_KEYS_NOT_PERMITTED))


def _condition_keys(condition: object) -> Iterator[str]:
    """The condition keys of a statement, in small letters, without the tag key that may follow one."""
    for tested in _object(condition).values():
        for key in _object(tested):
            yield key.lower().partition("/")[0]


def _loads(policy: str) -> object:
    """JSON in which no name stands twice and each number is one."""
    try:
        return json.loads(policy, object_pairs_hook=_named_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise MalformedPolicyDocumentException from None


def _named_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise MalformedPolicyDocumentException
    return members


def _refuse(_: str) -> NoReturn:
    raise MalformedPolicyDocumentException


def _object(found: object, elements: set[str] | None = None) -> dict[str, Any]:
    """A JSON object, whose names are all among ``elements``, if these are given."""
    if not isinstance(found, dict):
        raise MalformedPolicyDocumentException
    members = cast("dict[str, Any]", found)
    if elements is not None and not members.keys() <= elements:
        raise MalformedPolicyDocumentException
    return members


def _list(found: object) -> list[object]:
    """A list; a single value is as good as the list of it."""
    return cast("list[object]", found) if isinstance(found, list) else [found]


# ---- what AWS KMS writes itself


def text(key: Key) -> str:
    """The key policy of a KMS key: what it was given, or the default key policy."""
    return default(key.name) if key.policy is None else key.policy


def default(name: KeyArn) -> str:
    """The key policy of a KMS key that was created without one."""
    return written(
        "key-default-1",
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": root_user(name.account, name.region)},
            "Action": "kms:*",
            "Resource": "*",
        },
    )


Element: TypeAlias = "str | tuple[Element, ...] | Mapping[str, Element]"
"""What stands in a key policy."""


def written(policy_id: str, *statements: Mapping[str, Element]) -> str:
    """A key policy in the layout of AWS KMS."""
    return _laid_out({"Version": "2012-10-17", "Id": policy_id, "Statement": statements}, "")


def _laid_out(value: Element, margin: str) -> str:
    """JSON with a line for each member of an object, and a list in one line."""
    if isinstance(value, Mapping):
        inner = f"{margin}  "
        members = (f'{inner}"{key}" : {_laid_out(each, inner)}' for key, each in value.items())
        return "{\n" + ",\n".join(members) + f"\n{margin}}}"
    if isinstance(value, tuple):
        return "[ " + ", ".join(_laid_out(each, margin) for each in value) + " ]"
    return json.dumps(value)
