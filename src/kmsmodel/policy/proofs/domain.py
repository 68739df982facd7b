"""
The domain of a question: its dimensions, each with representatives of all values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, final

from attrs import define, field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import TAKING_AN_ENCRYPTION_CONTEXT
from kmsmodel.policy.condition_keys import ConditionKey, ConditionKeyType, condition_key
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.operators import NULL, operator
from kmsmodel.policy.patterns import Text
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import Principal
from kmsmodel.policy.proofs import cells, keys, walks
from kmsmodel.policy.proofs.asked import asked
from kmsmodel.policy.proofs.askers import KEYS_OF_AN_ASKER, askers, context_of
from kmsmodel.policy.proofs.callers import bounded
from kmsmodel.policy.proofs.said import OfAKey, Said, World, tell
from kmsmodel.policy.proofs.walks import OutsideError, Pattern
from kmsmodel.policy.question import Value
from kmsmodel.policy.values import lower, milliseconds, network as network_of, number as number_of
from kmsmodel.policy.variables import Template

ACTION, ASKER, RESOURCE = 0, 1, 2
"""The dimensions that each question has."""


@final
@frozen
class Dimension:
    """A dimension of requests; None among its representatives stands for the absence of a condition key."""

    name: str
    representatives: tuple[Any, ...]

    @property
    def everything(self) -> int:
        """The mask of all representatives."""
        return (1 << len(self.representatives)) - 1


@final
@frozen
class Row:
    """The value of one variable, as a context that has nothing else."""

    name: str
    value: Value | None

    def get(self, key: str, /) -> Value | None:
        return self.value if key == self.name else None

    def as_mapping(self) -> dict[str, Value]:
        return {} if self.value is None else {self.name: self.value}


@final
@define
class Domain:
    """
    The requests that a question is about.

    ``facts`` are values that condition keys have in each request that can have them. ``others`` ask besides those whom
    policies and questions tell apart. ``numbers`` has the dimensions of condition keys with one value, ``elements`` one
    for each value that those with several may have.
    """

    worlds: tuple[World, ...]
    conditions: tuple[Condition, ...] = ()
    names: frozenset[str] = frozenset()
    actions: tuple[str, ...] = keys.ON_KEYS
    facts: Mapping[str, Value] = field(factory=dict[str, Value])
    others: tuple[Principal, ...] = ()
    dimensions: list[Dimension] = field(init=False, factory=list[Dimension])
    said: Said = field(init=False)
    numbers: dict[str, int] = field(init=False, factory=dict[str, int])
    elements: dict[str, list[int]] = field(init=False, factory=dict[str, list[int]])
    bounded: int | None = field(init=False, default=None)
    """The dimension of whether the caller has a permissions boundary that is not given, if that matters."""
    contexts: list[dict[str, Value]] = field(init=False, factory=list[dict[str, Value]])
    """The condition keys that follow from each asker."""

    def __attrs_post_init__(self) -> None:
        self.said = Said(self.worlds, self.conditions, self.names, tuple(self.facts))
        self.add("the action", self.actions)
        self.add("the asker", (*askers(self.said.of_askers()), *self.others))
        self.contexts = [context_of(each) for each in self.askers]
        self.add("the resource", self._resources())
        may_be = any(each.may_be_bounded for each in self.worlds)
        if may_be and self.said.has_not_principals:
            self.bounded = self.add("a permissions boundary", (False, True))
        # What variables take their values from comes first: others are compared with it.
        names = sorted(self.said.keys, key=lambda each: (each not in self.said.variables, each))
        for name in names:
            if name not in KEYS_OF_AN_ASKER:
                self._add_key(name, self.said.keys[name])

    @property
    def askers(self) -> tuple[Principal, ...]:
        return self.dimensions[ASKER].representatives

    @property
    def sizes(self) -> list[int]:
        return [len(each.representatives) for each in self.dimensions]

    def add(self, name: str, representatives: Iterable[Any]) -> int:
        """Add a dimension, and give its number."""
        self.dimensions.append(Dimension(name, tuple(dict.fromkeys(representatives))))
        return len(self.dimensions) - 1

    def number(self, name: str) -> int | None:
        """The dimension of a condition key with one value."""
        return self.numbers.get(keys.SAME_AS.get(name, name))

    def element(self, number: int) -> str:
        """The value that a dimension of a condition key with several values is about."""
        found: str = self.dimensions[number].representatives[-1]
        return found

    # ---- dimensions

    def _resources(self) -> list[str]:
        """ARNs of the KMS key: the one that is given, or one for each set that the policies tell apart."""
        world = self.worlds[0]
        if world.key is not None:
            return [world.key]
        literals, patterns = self.said.of_resources()
        partition = self.said.partition
        region = _REGIONS.get(partition, "us-east-1")
        known = (f"arn:{partition}:kms:{region}:{world.owner}:key/{each}" for each in _KEY_IDS)
        name = ((walks.OF_IDS, False), (walks.OF_IDS, True))
        between = walks.exactly(f":{world.owner}:key/")
        shape = (*walks.exactly(f"arn:{partition}:kms:"), *name, *between, *name)
        return walks.texts(
            literals, dict.fromkeys(patterns), shape=(shape,), candidates=tuple(known)
        )

    def _add_key(self, name: str, said: OfAKey) -> None:
        known = condition_key(name)
        is_multivalued = _is_multivalued(name, known, said)
        if name in self.facts:
            self._add_fact(name, is_multivalued=is_multivalued)
        elif is_multivalued:
            elements = self._values(name, known, said)
            self.elements[name] = [
                self.add(f"{name}={each}", (None, each)) for each in dict.fromkeys(elements)
            ]
        else:
            values: Iterable[Value] = self._values(name, known, said)
            if known is None:
                values = (*values, _SEVERAL)
            self.numbers[name] = self.add(name, (None, *values))

    def _add_fact(self, name: str, *, is_multivalued: bool) -> None:
        value = self.facts[name]
        listed = (value,) if isinstance(value, str) else value
        able = keys.carriers(name)
        is_always_there = (
            (able is None or able.issuperset(self.actions))
            and name not in keys.OF_SERVICES
            and not name.startswith(keys.NOT_OF_SERVICES)
            and not keys.kept_out_by(name)
            and listed
        )
        absence = () if is_always_there else (None,)
        if is_multivalued:
            self.elements[name] = [self.add(f"{name}={each}", (*absence, each)) for each in listed]
        elif len(listed) <= 1:
            self.numbers[name] = self.add(name, (*absence, *listed))
        else:
            raise OutsideError(f"several values for the condition key {name}")

    def _values(self, name: str, known: ConditionKey | None, said: OfAKey) -> Iterable[str]:
        """Values that stand for all that a condition key can have."""
        kind = ConditionKeyType.STRING if known is None else known.type
        if kind is ConditionKeyType.BOOL:
            return ("true", "false")
        if known is not None and known.values:
            return known.values
        if name == "aws:resourceaccount":
            return (self.worlds[0].owner,)
        expected = _EXPECTED.get(kind, _TEXT)
        families = {found for each in said.bases if (found := _family(each))} or {expected}
        if (
            said.literals or said.patterns
        ):  # what grants and the names of other condition keys tell apart
            families.add(_TEXT)
        if len(families) > 1 or (expected is not _TEXT and families != {expected}):
            raise OutsideError(f"{' and '.join(sorted(families))} for the condition key {name}")
        if families == {_TEXT}:
            return self._texts(name, kind, said)
        points = _points(name, families.pop(), said)
        return points if expected is not _TEXT else (*points, _NEITHER)

    def _texts(self, name: str, kind: ConditionKeyType, said: OfAKey) -> list[str]:
        literals, patterns = tell((*said.compared(), *self._instantiated(said)))
        further, pulled_back = self.said.pulled_back(name)
        literals = [*said.literals, *literals, *further]
        patterns = [*said.patterns, *patterns, *pulled_back]
        shape, candidates = _SHAPES.get(keys.SHAPES.get(name, ""), _NO_SHAPE)
        if kind is ConditionKeyType.ARN:
            shape, candidates = _ARN_SHAPE
        elif any("Arn" in each for each in said.bases):
            patterns.append(walks.IS_ARN)
        patterns = list(dict.fromkeys(patterns))
        found = walks.texts(literals, patterns, shape=shape, candidates=candidates)
        if name == keys.ENCRYPTION_CONTEXT_KEYS:  # no request has two that differ only in case
            alike = (text for base, text in said.compared() if "IgnoreCase" in base)
            known = ("".join(map(str, each)) for each in (*self._names(), *alike))
            found += walks.in_other_words(found, literals, patterns, map(lower, known))
        return found

    def _names(self) -> Iterator[str]:
        """The names in an encryption context that have a condition key of their own."""
        prefix = keys.ENCRYPTION_CONTEXT
        return (each[len(prefix) :] for each in self.said.keys if each.startswith(prefix))

    # ---- variables

    def _instantiated(self, said: OfAKey) -> Iterator[tuple[str, Text]]:
        """What values with variables can come to."""
        for condition in said.conditions:
            used = operator(condition.operator)
            for each in condition.templates if used else ():
                source = self.source(each)
                for row in self.rows(*source) if source else ():
                    text = each.resolved(row)
                    if used and text is not None:
                        yield used.base, text

    def source(self, template: Template) -> tuple[int, str] | None:
        """The dimension and the name of the only variable of a template."""
        names = {each.name for each in template.variables}
        if len(names) != 1:
            return None
        name = names.pop()
        if name in KEYS_OF_AN_ASKER:
            return ASKER, name
        number = self.number(name)
        return None if number is None else (number, name)

    def rows(self, dimension: int, name: str) -> dict[Row, int]:
        """The values of a variable, each with the mask of the representatives that have it."""
        rows: dict[Row, int] = {}
        for bit, each in enumerate(self.dimensions[dimension].representatives):
            value = self.contexts[bit].get(name) if dimension == ASKER else each
            row = Row(name, value)
            rows[row] = rows.get(row, 0) | 1 << bit
        return rows

    # ---- requests

    def access(self, chosen: Sequence[int], world: World) -> Access:
        """The request that these representatives are."""
        picked = [
            each.representatives[at] for each, at in zip(self.dimensions, chosen, strict=False)
        ]
        context: dict[str, Value] = dict(self.contexts[chosen[ASKER]])
        context |= {
            name: picked[number]
            for name, number in self.numbers.items()
            if picked[number] is not None
        }
        for name, numbers in self.elements.items():
            found = tuple(picked[number] for number in numbers if picked[number] is not None)
            if found:
                context[name] = found
        for name, other in keys.SAME_AS.items():
            if other in context:
                context[name] = context[other]
        pairs = self._encryption_context(context)
        if pairs:
            context.setdefault(keys.ENCRYPTION_CONTEXT_KEYS, tuple(pairs))
        action = picked[ACTION]
        return Access(
            principal=picked[ASKER],
            action=action,
            resource=picked[RESOURCE],
            owner=world.owner,
            context=context,
            policies=self._policies(picked, world),
            resource_policy=world.policy,
            grants=world.grants,
            encryption_context=pairs if action in TAKING_AN_ENCRYPTION_CONTEXT else None,
            child=asked(action, context),
        )

    def _policies(self, picked: Sequence[Any], world: World) -> Policies:
        is_bounded = self.bounded is not None and picked[self.bounded]
        return bounded(world.policies) if is_bounded and world.may_be_bounded else world.policies

    def _encryption_context(self, context: Mapping[str, Value]) -> dict[str, str]:
        """The encryption context behind these condition keys."""
        named = context.get(keys.ENCRYPTION_CONTEXT_KEYS, ())
        spelled = {
            keys.ENCRYPTION_CONTEXT + lower(each): each
            for each in (named if isinstance(named, tuple) else ())
        }
        pairs: dict[str, str] = dict.fromkeys(spelled.values(), "")
        for name, value in context.items():
            if name.startswith(keys.ENCRYPTION_CONTEXT) and isinstance(value, str):
                plain = name[len(keys.ENCRYPTION_CONTEXT) :]
                pairs[spelled.get(name) or self.said.spelled.get(name, plain)] = value
        return pairs


# ---- values

_TEXT, _NUMBER, _DATE, _ADDRESS = "text", "numbers", "dates", "addresses"
_NEITHER = "neither number nor date nor address"
_EXPECTED = {
    ConditionKeyType.NUMERIC: _NUMBER,
    ConditionKeyType.DATE: _DATE,
    ConditionKeyType.IP_ADDRESS: _ADDRESS,
}


def _family(base: str) -> str | None:
    """What an operator reads a value as; None if it only asks whether there is one."""
    if base == NULL:
        return None
    for prefix, name in (("Numeric", _NUMBER), ("Date", _DATE)):
        if base.startswith(prefix):
            return name
    return _ADDRESS if base in {"IpAddress", "NotIpAddress"} else _TEXT


def _points(name: str, family: str, said: OfAKey) -> list[str]:
    """Values at, between and beyond all that a condition key is compared with."""
    texts = ["".join(map(str, text)) for _, text in said.compared()]
    match family:
        case "numbers":
            points = [each for each in map(number_of, texts) if each is not None]
            bounds = keys.WHOLE_NUMBERS.get(name)
            return cells.whole_numbers(points, *bounds) if bounds else cells.numbers(points)
        case "dates":
            return cells.dates(each for each in map(milliseconds, texts) if each is not None)
        case _:
            return cells.addresses(each for each in map(network_of, texts) if each is not None)


def _is_multivalued(name: str, known: ConditionKey | None, said: OfAKey) -> bool:
    """Whether a request may have several values; of what AWS does not list, the operators tell."""
    if known is not None:
        return known.is_multivalued
    used = [each for each in (operator(one.operator) for one in said.conditions) if each]
    told = {each.quantifier is not None for each in used if each.base != NULL}
    if len(told) > 1:
        raise OutsideError(f"{name} with set operators and without, which AWS does not list")
    return True in told


_SEVERAL = ("several", "values")
"""Stands for all that are more than one value, which operators without quantifier do not tell apart."""
_REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_KEY_IDS = ("1234abcd-12ab-34cd-56ef-1234567890ab", "0987dcba-09fe-87dc-65ba-ab0987654321")
_NO_SHAPE: tuple[tuple[Pattern, ...], tuple[str, ...]] = ((), ("other", "another"))
_ARN_SHAPE: tuple[tuple[Pattern, ...], tuple[str, ...]] = (
    (walks.IS_ARN,),
    ("arn:aws:s3:::other", "arn:aws:s3:::another"),
)
_ALIAS: Pattern = (*walks.exactly("alias/"), (walks.OF_PATHS, False), (walks.OF_PATHS, True))
_SHAPES: Mapping[str, tuple[tuple[Pattern, ...], tuple[str, ...]]] = {
    "account": ((walks.ACCOUNT_ID,), ("444455556666", "777788889999")),
    "alias": ((_ALIAS,), ("alias/other", "alias/another")),
    "service": (
        walks.SERVICE_ENDPOINTS,
        (
            "s3.us-east-1.amazonaws.com",
            "ec2.us-east-1.amazonaws.com",
            "s3.cn-north-1.amazonaws.com.cn",
        ),
    ),
}
"""The forms of values, each with some that are easy to read."""
