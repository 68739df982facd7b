"""
Key policies as AWS KMS writes them.

AWS KMS gives a key policy back in a layout of its own, not as it was put. Source: `docs/fidelity.md`, *Key policies*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias, cast

from kmsmodel.policy.form import ELEMENTS, ELEMENTS_OF_A_STATEMENT, check_key_policy, malformed
from kmsmodel.words import strict_json
from kmsmodel.words.arn import ACCOUNT, KeyArn, root_user

Element: TypeAlias = "str | tuple[Element, ...] | Mapping[str, Element]"
"""What stands in a key policy of AWS's own."""


def default_key_policy(key_arn: KeyArn) -> str:
    """The key policy of a KMS key that was created without one."""
    return _default_of(key_arn.account, key_arn.region)


@lru_cache(1024)
def _default_of(account: str, region: str) -> str:
    return written(
        "key-default-1",
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": root_user(account, region)},
            "Action": "kms:*",
            "Resource": "*",
        },
    )


def written(policy_id: str, *statements: Mapping[str, Element]) -> str:
    """A key policy in the layout of AWS KMS."""
    return _laid_out({"Version": "2012-10-17", "Id": policy_id, "Statement": statements})


def written_anew(policy: str, region: str) -> str:
    """
    The key policy that AWS KMS gives back after this one was put.

    Elements and condition keys are in AWS's order; a single principal or condition value stands without a list; an
    account is its root user. Statements, operators and values keep their order. Raises what `check_key_policy` raises.
    """
    check_key_policy(policy)
    document = cast("dict[str, Any]", strict_json.loads(policy))
    document["Statement"] = [_statement(each, region) for each in _list(document["Statement"])]
    try:
        return _laid_out(_in_order(document, ELEMENTS))
    except (RecursionError, ValueError) as error:
        raise malformed(f"the key policy: {error}") from None


def with_principals(policy: str, name: Callable[[str], str]) -> str:
    """A key policy as AWS KMS writes it, in which each AWS principal is called by another name."""
    document = cast("dict[str, Any]", strict_json.loads(policy))
    for statement in _list(document["Statement"]):
        for element in ("Principal", "NotPrincipal"):
            principals = statement.get(element)
            if isinstance(principals, dict) and "AWS" in principals:
                found = cast("object", principals["AWS"])  # pragma: no mutate
                principals["AWS"] = _alone([_named(each, name) for each in _list(found)])
    return _laid_out(document)


def _named(principal: object, name: Callable[[str], str]) -> object:
    return name(principal) if isinstance(principal, str) else principal


def _statement(statement: dict[str, Any], region: str) -> dict[str, Any]:
    for name in ("Principal", "NotPrincipal"):
        if isinstance(statement.get(name), dict):
            principals = cast("dict[str, object]", statement[name])
            statement[name] = {
                kind: _principals(kind, found, region) for kind, found in principals.items()
            }
    if "Condition" in statement:
        statement["Condition"] = {
            operator: {key: _alone(found) for key, found in sorted(tested.items())}
            for operator, tested in statement["Condition"].items()
        }
    return _in_order(statement, ELEMENTS_OF_A_STATEMENT)


def _principals(kind: str, found: object, region: str) -> object:
    if kind != "AWS":
        return _alone(found)
    return _alone([_with_arn(each, region) for each in _list(found)])


def _with_arn(principal: object, region: str) -> object:
    """An account by the ARN of its root user, and any other principal as it is."""
    if isinstance(principal, str) and ACCOUNT.fullmatch(principal):
        return root_user(principal, region)
    return principal


def _in_order(members: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: members[name] for name in names if name in members}


def _alone(found: object) -> object:
    """The only one of a list, or what was found."""
    values = _list(found)
    return _alone(values[0]) if len(values) == 1 and values[0] is not found else found


def _list(found: object) -> list[Any]:
    """A list; a single value is as good as the list of it."""
    return cast("list[object]", found) if isinstance(found, list) else [found]


# ---- layout

_DEPTH = 6
"""Document, statements, statement, condition, operator, values: what lies deeper is not policy, and takes one line."""


def _laid_out(value: object, margin: str = "", depth: int = _DEPTH) -> str:
    """JSON with a line for each member of an object, and a list in one line."""
    if not value or not depth:
        return _in_a_line(value)
    if isinstance(value, Mapping):
        inner = f"{margin}  "
        members = (
            f"{inner}{_in_a_line(name)} : {_laid_out(each, inner, depth - 1)}"
            for name, each in cast("Mapping[str, object]", value).items()
        )
        return "{\n" + ",\n".join(members) + f"\n{margin}}}"
    if isinstance(value, list | tuple):
        each_laid_out = (
            _laid_out(each, margin, depth - 1) for each in cast("Iterable[object]", value)
        )
        return "[ " + ", ".join(each_laid_out) + " ]"
    return _in_a_line(value)


def _in_a_line(value: object) -> str:
    """JSON of the characters that a key policy may have."""
    if isinstance(value, list | tuple | Mapping) and not value:
        return "{ }" if isinstance(value, Mapping) else "[ ]"
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", " : "))
    return _BEYOND_LATIN_1.sub(lambda found: json.dumps(found[0])[1:-1], text)


_BEYOND_LATIN_1 = re.compile("[^\x00-\xff]")
