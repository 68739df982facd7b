"""
The form of a policy: what AWS refuses when a policy is written.

What a policy allows is not read here. Sources: *Creating a key policy* and *AWS KMS condition keys* in the Developer
Guide; *Grammar of the IAM JSON policy language* in the IAM User Guide; what was recorded in September 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Self, TypeAlias, cast, final

from attrs import evolve, frozen

from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import VERSIONS, parse
from kmsmodel.policy.operators import NULL, OPERATORS, operator
from kmsmodel.policy.patterns import pieces
from kmsmodel.policy.places import Path, Place, places
from kmsmodel.policy.principal import ANYONE, PrincipalKind, is_service, principal
from kmsmodel.policy.values import (
    arn_pattern,
    canonical_base64,
    is_true,
    milliseconds,
    network,
    number as read_number,
)
from kmsmodel.policy.variables import HAS_VARIABLES
from kmsmodel.words import strict_json
from kmsmodel.words.meant import perhaps

NAME = "default"
"""The name of the one key policy that customers manage."""

MAXIMUM_BYTES = 32_768

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

Exists: TypeAlias = "Callable[[str], bool]"
"""Whether there is a user or role with this ARN or unique id."""


def check_key_policy(policy: str, *, exists: Exists | None = None) -> None:
    """
    Refuse a text that is too long, or does not have the form of a key policy.

    ``exists`` is asked for each user and role that a statement names, if it is known who exists. Raises
    LimitExceededException or MalformedPolicyDocumentException. AWS's message seldom says what is wrong and never where;
    a note on the error says both.
    """
    if len(policy.encode(errors="surrogatepass")) > MAXIMUM_BYTES:
        raise LimitExceededException().with_note(f"a key policy has at most {MAXIMUM_BYTES} bytes")
    here = _Place(policy)
    try:
        document = strict_json.loads(policy)
    except json.JSONDecodeError as error:
        raise malformed(f"the key policy is not JSON: {error}") from None
    except ValueError as error:
        twice = places(policy).twice
        where = _in_brackets(places(policy).of_name(*twice[0])) if twice else ""
        raise malformed(f"the key policy: {error}{where}") from None
    elements = _object(document, here, ELEMENTS)
    if "Version" in elements:
        _one_of(VERSIONS, elements["Version"], here.to("Version"))
    found = elements.get("Statement", [])
    statements = _list(found)
    if not statements:
        raise here.to("Statement").refused("a key policy has at least one")
    for number, statement in enumerate(statements, start=1):
        path: Path = ("Statement", number - 1) if isinstance(found, list) else ("Statement",)
        _check_statement(statement, _Place(policy, path, f"statement {number}"), exists)


def _check_statement(found: object, here: _Place, exists: Exists | None) -> None:
    """A statement without an action or a resource is taken, and has no effect."""
    statement = _object(found, here, ELEMENTS_OF_A_STATEMENT)
    if "Sid" in statement:
        here = evolve(here, title=f"{here.title} ({statement['Sid']})")
    _one_of(_EFFECTS, statement.get("Effect"), here.to("Effect"))
    if "Principal" in statement and "NotPrincipal" in statement:
        raise malformed(f"{here.title} has both Principal and NotPrincipal{here}")
    name = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    _check_principals(statement.get(name, {}), here, here.to(name), exists)
    _check_conditions(statement.get("Condition", {}), here.to("Condition"))


# ---- who


def _check_principals(found: object, around: _Place, here: _Place, exists: Exists | None) -> None:
    if found == ANYONE:
        return
    kinds = _object(found, here)
    if not any(map(_list, kinds.values())):
        refused = MalformedPolicyDocumentException("Policy contains a statement with no principal.")
        raise refused.with_note(f"{around.title}{around}")
    for kind, names in kinds.items():
        for number, name in enumerate(_list(names)):
            why = _not_a_principal(kind, name, exists)
            if why is not None:
                raise MalformedPolicyDocumentException(
                    "Policy contains a statement with one or more invalid principals."
                ).with_note(f"{here.title}: {name!r} {why}{here.to(kind, number)}")


def _not_a_principal(kind: str, name: object, exists: Exists | None) -> str | None:
    """Why this is not a principal of this kind, or None if it is one."""
    if kind not in _KINDS_OF_PRINCIPALS:
        return f"is of the type {kind!r}, which is not one of {', '.join(_KINDS_OF_PRINCIPALS)}"
    if not isinstance(name, str):
        return "is not a string"
    if kind in {"Federated", "CanonicalUser"} or (kind == "AWS" and name == ANYONE):
        return None
    if kind == "AWS" and _UNIQUE_ID.fullmatch(name):
        return None if exists is None or exists(name) else "does not exist"
    try:
        found = principal(name).kind
    except ValueError:
        return "does not have the form of a principal"
    is_of_kind = is_service(name) if kind == "Service" else found is not PrincipalKind.SERVICE
    if not is_of_kind or name == ANYONE:
        return f"is not a principal of the type {kind}"
    asks = exists is not None and found in {PrincipalKind.USER, PrincipalKind.ROLE}
    return "does not exist" if asks and exists is not None and not exists(name) else None


_KINDS_OF_PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")
_UNIQUE_ID = re.compile("A(IDA|ROA)[A-Z0-9]+")

# ---- on which conditions


def _check_conditions(found: object, here: _Place) -> None:
    for used, tested in _object(found, here).items():
        for key in _object(tested, here.to(used)):
            place = here.to(used).of_name(key)
            if key.lower().partition("/")[0] in _NOT_PERMITTED:  # a tag key may follow
                names = ", ".join(_CONDITION_KEYS_NOT_PERMITTED)
                raise MalformedPolicyDocumentException(
                    f"These condition keys are not permitted in a key policy: {names}"
                ).with_note(f"{here.title}: {key}{place}")
            if used.startswith("ForAllValues:"):
                for prefix, message in _OVERLY_PERMISSIVE.items():
                    if key.lower().startswith(prefix):
                        raise MalformedPolicyDocumentException(message).with_note(
                            f"{here.title}, {used}: {key}{place}"
                        )


_CONDITION_KEYS_NOT_PERMITTED = ("aws:ResourceTag", "kms:ResourceTag", "kms:ResourceAliases")
_NOT_PERMITTED = frozenset(map(str.lower, _CONDITION_KEYS_NOT_PERMITTED))


def _overly_permissive(code: str, what: str) -> str:
    return (
        f"{code}: Using the ForAllValues set operator with a single-valued condition key matches requests "
        f"without the specified {what} or with an unspecified {what}. To fix, remove ForAllValues."
    )


_OVERLY_PERMISSIVE = {
    "kms:encryptioncontext:": _overly_permissive(
        "OverlyPermissiveCondition:EncryptionContext", "encryption context"
    ),
    "aws:requesttag/": _overly_permissive("OverlyPermissiveCondition", "tag"),
}

# ---- policies of IAM and STS


def check_stored_policy(policy: str) -> None:
    """
    Refuse what IAM does not store as the policy of a user: a condition's value that its operator cannot read.

    Raises MalformedPolicyDocumentException, with a note. Recorded of PutUserPolicy, 2026-09.
    """
    _check_literals(policy, {"Numeric", "Date", "Arn", "Binary", "IpAddress", "NotIpAddress"})


def check_session_policy(policy: str) -> None:
    """
    Refuse what STS does not take as a session policy: of the values of conditions, only what is not base64.

    Raises MalformedPolicyDocumentException, with a note. Recorded of AssumeRole, 2026-09.
    """
    _check_literals(policy, {"Binary"})


def _check_literals(policy: str, checked: set[str]) -> None:
    for statement in parse(policy).statements:
        path = places(policy).statement(statement.number)
        here = _Place(policy, path, f"statement {statement.number}").to("Condition")
        for condition in statement.conditions:
            for text in misread(condition, checked):
                place = here.to(condition.operator, condition.key)
                raise malformed(
                    f"{place.title}: {text!r} is not a value for {condition.operator}{place}"
                )


def misread(condition: Condition, checked: set[str] | None = None) -> Iterator[str]:
    """
    The values of a condition that its operator cannot read.

    ``checked`` are the families of operators that are looked at, such as ``Numeric``, or None for all. A value with a
    policy variable may become one that can be read.
    """
    used = operator(condition.operator)
    if used is None or used.base == NULL:
        return
    family = next((name for name in _READERS if used.base.startswith(name)), None)
    if family is None or (checked is not None and family not in checked):
        return
    has_variables = OPERATORS[used.base][0].has_variables and condition.version == HAS_VARIABLES
    for text in condition.texts:
        if not (has_variables and "${" in text) and _READERS[family](text) is None:
            yield text


def _bool(text: str) -> bool | None:
    return is_true(text) if text.lower() in {"true", "false"} else None


_READERS: dict[str, Callable[[str], object]] = {
    "Numeric": read_number,
    "Date": milliseconds,
    "Bool": _bool,
    "Binary": canonical_base64,
    "IpAddress": network,
    "NotIpAddress": network,
    "Arn": lambda text: arn_pattern(pieces(text)),
}
"""How the operators read the values of a policy, by the beginning of their names."""

# ---- what is shared


@final
@frozen
class _Place:
    """A value in the text of a policy: the way to it, and how people call it."""

    text: str
    path: Path = ()
    title: str = "the key policy"

    def to(self, *members: str | int) -> Self:
        names = [str(each) for each in members if isinstance(each, str)]
        title = ", ".join(names if not self.path else [self.title, *names])
        return evolve(self, path=(*self.path, *members), title=title)

    def refused(self, note: str) -> MalformedPolicyDocumentException:
        return malformed(f"{self.title}: {note}{self}")

    def __str__(self) -> str:
        """Its line and column, to stand behind a note."""
        return _in_brackets(places(self.text).of(*self.path))

    def of_name(self, name: str) -> str:
        """The line and column of the name of one of its members, to stand behind a note."""
        return _in_brackets(places(self.text).of_name(*self.path, name))


def _in_brackets(place: Place) -> str:
    return f" ({place})"


def _one_of(values: tuple[str, ...], found: object, here: _Place) -> None:
    if found not in values:
        raise here.refused(f"{found!r} is not {' or '.join(values)}")


def _object(found: object, here: _Place, elements: tuple[str, ...] = ()) -> dict[str, Any]:
    """A JSON object, which has only names among ``elements``, if these are given."""
    if not isinstance(found, dict):
        raise here.refused("an object is expected")
    members = cast("dict[str, Any]", found)
    unknown = [name for name in members if elements and name not in elements]
    if unknown:
        place = here.of_name(unknown[0])
        said = f"{unknown[0]!r} is not one of {', '.join(elements)}{perhaps(unknown[0], elements)}"
        raise malformed(f"{here.title}: {said}{place}")
    return members


def _list(found: object) -> list[object]:
    """A list; a single value counts as a list of one."""
    return cast("list[object]", found) if isinstance(found, list) else [found]


def malformed(note: str) -> MalformedPolicyDocumentException:
    """The error for a text that does not have the form of a key policy, with a note on what is wrong."""
    return MalformedPolicyDocumentException().with_note(note)
