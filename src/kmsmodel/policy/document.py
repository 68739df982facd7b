"""
Policy documents as frozen values: read from JSON, and written back without loss.

Source: *Grammar of the IAM JSON policy language* in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias, cast, final

from attrs import field, frozen

from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.policy.conditions import Condition, Scalar
from kmsmodel.policy.elements import Actions, How, Principals, Resources
from kmsmodel.policy.question import Question
from kmsmodel.policy.variables import HAS_VARIABLES, OLD_VERSION
from kmsmodel.words import strict_json
from kmsmodel.words.arguments import expect

Element: TypeAlias = "Principals | Actions | Resources | Condition"
"""What a statement asks of a request."""

VERSIONS = (OLD_VERSION, HAS_VARIABLES)


@final
class PolicyType(StrEnum):
    """The types of policies, as AWS's messages call them."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SCP = "service control policy"
    RCP = "resource control policy"
    ENDPOINT = "VPC endpoint policy"

    @property
    def with_article(self) -> str:
        return f"{'an' if self is PolicyType.IDENTITY else 'a'} {self.value}"


@final
class Effect(StrEnum):
    """What a statement that applies does."""

    ALLOW = "Allow"
    DENY = "Deny"


@final
@frozen(kw_only=True)
class Statement:
    """
    One statement of a policy.

    ``number`` counts from 1. ``condition_blocks`` are the operators of the Condition element, as they are written: one
    without condition keys has no condition.
    """

    number: int
    effect: Effect
    sid: str | None = None
    principals: Principals | None = None
    actions: Actions | None = None
    resources: Resources | None = None
    conditions: tuple[Condition, ...] = ()
    condition_blocks: tuple[str, ...] | None = None
    elements: tuple[Element | None, ...] = field(init=False, repr=False, eq=False)
    """What it asks, in the order of being asked; None is an element that is missing and without which it is idle."""
    _others: tuple[Element | None, ...] = field(init=False, repr=False, eq=False)
    """The same without principals and actions."""

    def __attrs_post_init__(self) -> None:
        who = () if self.principals is None else (self.principals,)
        others = (self.resources, *self.conditions)
        object.__setattr__(self, "elements", (*who, self.actions, *others))
        object.__setattr__(self, "_others", others)

    @property
    def title(self) -> str:
        """How people call it: by number and Sid."""
        return f"statement {self.number}" + (f" `{self.sid}`" if self.sid else "")

    @property
    def asks_the_request(self) -> bool:
        """Does it depend on the request, apart from who asks for which action on which resource?"""
        return bool(self.conditions) or bool(self.resources and self.resources.has_variables)

    def applies(self, question: Question) -> bool:
        """Does everything that it asks match?"""
        return all(element is not None and element.matches(question) for element in self.elements)

    def how(self, question: Question) -> How | None:
        """
        How it means the principal of this question, or None if it does not apply.

        It is asked of what `Policy.denying` and `Policy.allowing` give, so the action is not asked again.
        """
        how = How.ITSELF if self.principals is None else self.principals.how(question)
        if how is not None:
            for element in self._others:
                if element is None or not element.matches(question):
                    return None
        return how


@final
@frozen(kw_only=True, cache_hash=True)
class Policy:
    """
    A policy document.

    ``version`` and ``id`` are None if it has none. ``arn`` is that of a managed policy. ``is_list`` says whether its
    statements stand in a list. ``text`` is what it was read from, if that was a text.
    """

    statements: tuple[Statement, ...]
    version: str | None = None
    id: str | None = None
    arn: str | None = None
    is_list: bool = True
    text: str | None = field(default=None, repr=False, eq=False)
    _for_actions: dict[str, _DenyingAndAllowing] = field(
        init=False, factory=dict[str, "_DenyingAndAllowing"], repr=False, eq=False
    )

    def denying(self, action: str) -> tuple[Statement, ...]:
        """The Deny statements whose action element matches an action, such as ``kms:Decrypt``."""
        return self._for_action(action)[0]

    def allowing(self, action: str) -> tuple[Statement, ...]:
        """The Allow statements whose action element matches an action, such as ``kms:Decrypt``."""
        return self._for_action(action)[1]

    def _for_action(self, action: str) -> _DenyingAndAllowing:
        found = self._for_actions.get(action)
        if found is None:
            able = [each for each in self.statements if each.actions and each.actions.match(action)]
            found = (
                tuple(each for each in able if each.effect is Effect.DENY),
                tuple(each for each in able if each.effect is Effect.ALLOW),
            )
            if len(self._for_actions) < _MOST_ACTIONS:
                self._for_actions[action] = found
        return found


_DenyingAndAllowing: TypeAlias = tuple[tuple[Statement, ...], tuple[Statement, ...]]

_MOST_ACTIONS = 256
"""So many actions are remembered for a policy: more than AWS KMS has."""


# ---- read


def parse(text: str, *, resource: bool = True, arn: str | None = None) -> Policy:
    """
    The policy in a JSON text.

    ``resource`` is False for a role's trust policy, which has no Resource. Raises MalformedPolicyDocumentException with
    a note on what is wrong, and TypeError for anything but a text.
    """
    expect("text", text, str, hint="kmsmodel.policy.policies.policy takes parsed JSON too")
    return _parsed(text, resource, arn)


@lru_cache(4096)
def _parsed(text: str, resource: bool, arn: str | None) -> Policy:
    try:
        document = strict_json.loads(text)
    except ValueError as error:
        raise malformed(f"the policy: {error}") from None
    return from_json(document, resource=resource, arn=arn, text=text)


def from_json(
    document: object, *, resource: bool = True, arn: str | None = None, text: str | None = None
) -> Policy:
    """The policy in parsed JSON; see `parse`. ``text`` is what the JSON was parsed from, if that was a text."""
    members = _object(document, "the policy")
    version = _optional(members, "Version", "the policy")
    if version is not None and version not in VERSIONS:
        raise malformed(f"Version: {version!r} is not {' or '.join(VERSIONS)}")
    written = members.get("Statement")
    statements = cast("list[object]", written) if isinstance(written, list) else [written]
    return Policy(
        version=version,
        id=_optional(members, "Id", "the policy"),
        arn=arn,
        is_list=isinstance(written, list),
        text=text,
        statements=tuple(
            _statement(each, number, version or OLD_VERSION, resource=resource)
            for number, each in enumerate(statements, start=1)
        ),
    )


@lru_cache(4096)
def kept(text: str) -> Policy:
    """
    The key policy in the text that AWS KMS keeps, with no effect of a statement that cannot be read.

    AWS KMS takes a statement whose elements have odd types, or that has both Action and NotAction.
    """
    try:
        return parse(text)
    except MalformedPolicyDocumentException:
        members = _object(strict_json.loads(text), "the policy")
    version = members.get("Version") or OLD_VERSION
    written = members.get("Statement")
    listed = cast("list[object]", written) if isinstance(written, list) else [written]
    statements: list[Statement] = []
    for number, each in enumerate(listed, start=1):
        with suppress(MalformedPolicyDocumentException):
            statements.append(_statement(each, number, version, resource=True))
    return Policy(statements=tuple(statements), version=version, text=text)


def _statement(written: object, number: int, version: str, *, resource: bool) -> Statement:
    where = f"statement {number}"
    members = _object(written, where)
    effect = members.get("Effect")
    if not isinstance(effect, str) or effect not in frozenset(Effect):
        raise malformed(f"{where}, Effect: {effect!r} is not Allow or Deny")
    conditions = members.get("Condition")
    blocks = None if conditions is None else _object(conditions, f"{where}, Condition")
    return Statement(
        number=number,
        effect=Effect(effect),
        sid=_optional(members, "Sid", where),
        principals=_principals(members, where),
        actions=_actions(members, where),
        resources=_resources(members, where, version) if resource else Resources.any(),
        conditions=tuple(
            _conditions(blocks or {}, where, version, applies_on_error=effect == Effect.DENY)
        ),
        condition_blocks=None if blocks is None else tuple(blocks),
    )


def _either(members: Mapping[str, Any], name: str, where: str) -> tuple[Any, bool] | None:
    """An element or its negation, and whether it is negated."""
    if name in members and f"Not{name}" in members:
        raise malformed(f"{where} has both {name} and Not{name}")
    if name in members:
        return members[name], False
    return (members[f"Not{name}"], True) if f"Not{name}" in members else None


def _principals(members: Mapping[str, Any], where: str) -> Principals | None:
    found = _either(members, "Principal", where)
    if found is None:
        return None
    written, negated = found
    if isinstance(written, str):
        return Principals(((None, *_strings(written, f"{where}, Principal")),), negated)
    kinds = _object(written, f"{where}, Principal")
    return Principals(
        tuple((kind, *_strings(each, f"{where}, Principal")) for kind, each in kinds.items()),
        negated,
    )


def _actions(members: Mapping[str, Any], where: str) -> Actions | None:
    found = _either(members, "Action", where)
    return None if found is None else Actions(*_strings(found[0], f"{where}, Action"), found[1])


def _resources(members: Mapping[str, Any], where: str, version: str) -> Resources | None:
    found = _either(members, "Resource", where)
    if found is None:
        return None
    return Resources(*_strings(found[0], f"{where}, Resource"), found[1], version)


def _conditions(
    blocks: Mapping[str, Any], where: str, version: str, *, applies_on_error: bool
) -> Iterator[Condition]:
    for operator, keys in blocks.items():
        for key, written in _object(keys, f"{where}, Condition, {operator}").items():
            values, is_list = _listed(written)
            for each in values:
                if not isinstance(each, str | int | float):
                    raise malformed(f"{where}, Condition, {operator}, {key}: {each!r}")
            yield Condition(
                operator,
                key,
                cast("tuple[Scalar, ...]", values),
                is_list,
                version,
                applies_on_error,
            )


def _listed(written: object) -> tuple[tuple[object, ...], bool]:
    """The values of an element, and whether they stand in a list."""
    if isinstance(written, list | tuple):
        return tuple(cast("list[object]", written)), True
    return (written,), False


def _strings(written: object, where: str) -> tuple[tuple[str, ...], bool]:
    values, is_list = _listed(written)
    for each in values:
        if not isinstance(each, str):
            raise malformed(f"{where}: {each!r} is not a string")
    return cast("tuple[str, ...]", values), is_list


def _object(found: object, where: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise malformed(f"{where}: an object is expected")
    return cast("Mapping[str, Any]", found)


def _optional(members: Mapping[str, Any], name: str, where: str) -> str | None:
    found = members.get(name)
    if found is not None and not isinstance(found, str):
        raise malformed(f"{where}, {name}: {found!r} is not a string")
    return found


def malformed(note: str) -> MalformedPolicyDocumentException:
    """The error for a text that is not a policy, with a note on what is wrong."""
    return MalformedPolicyDocumentException().with_note(note)


# ---- written


def to_json(policy: Policy) -> dict[str, Any]:
    """The policy as JSON: what was read, with its elements in AWS's order."""
    statements = [_statement_to_json(each) for each in policy.statements]
    written = {
        "Version": policy.version,
        "Id": policy.id,
        "Statement": statements if policy.is_list else statements[0],
    }
    return {name: each for name, each in written.items() if each is not None}


def _statement_to_json(statement: Statement) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if statement.sid is not None:
        written["Sid"] = statement.sid
    written["Effect"] = statement.effect.value
    if statement.principals is not None:
        written |= statement.principals.to_json()
    for element in (statement.actions, statement.resources):
        if element is not None:
            written |= element.to_json()
    if statement.condition_blocks is not None:
        written["Condition"] = {
            operator: {
                each.key: list(each.values) if each.is_list else each.values[0]
                for each in statement.conditions
                if each.operator == operator
            }
            for operator in statement.condition_blocks
        }
    return written
