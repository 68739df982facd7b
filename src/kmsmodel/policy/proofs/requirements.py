"""
What a property is about, as its user writes it: actions, and conditions on a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, cast

from kmsmodel.policy.actions import ACTIONS, PREFIX
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.operators import OPERATORS, operator
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.given import (
    a_text,
    check_condition_key,
    members,
    one_or_more,
    without_prefix,
)
from kmsmodel.words.meant import perhaps

OneOrMore: TypeAlias = "str | Iterable[str] | None"
"""A value, several of which one is enough, or None for any value that is there."""

Conditions: TypeAlias = "Mapping[str, Mapping[str, str | Iterable[str]]]"
"""Conditions as a Condition element has them."""


def actions_of(actions: Iterable[str]) -> tuple[str, ...]:
    """The actions by their names in policies. Raises ValueError for an action that no key policy allows."""
    named = _named(actions)
    for each in named:
        if "*" in each or "?" in each:
            raise ValueError(f"{each} has a wildcard: name each action, or none for all")
        if each not in keys.ON_KEYS:
            known = each.removeprefix(PREFIX) in ACTIONS
            slip = "" if known else perhaps(each, keys.ON_KEYS, most=2)
            raise ValueError(f"{each} is not an action that a key policy allows{slip}")
    return named or keys.ON_KEYS


def _named(actions: Iterable[str]) -> tuple[str, ...]:
    """The actions with their prefix. Raises TypeError for anything that is not a text."""
    texts = (a_text(each, "actions") for each in actions)
    return tuple(f"kms:{each.removeprefix('kms:')}" for each in texts)


def listed(actions: tuple[str, ...]) -> str:
    """The actions as a claim names them."""
    return ", ".join(_named(actions)) or "every action"


def conditions_on(
    wanted: object, argument: str, prefix: str, equals: str = "StringEquals"
) -> Iterator[Condition]:
    """
    The conditions that condition keys with a prefix such as ``aws:RequestTag/`` have these values, or any for None.

    Raises ValueError or TypeError for what is not names with their values.
    """
    for name, value in members(wanted, argument):
        key = f"{prefix}{without_prefix(name, prefix, argument)}"
        check_condition_key(key, argument)
        if value is None:
            yield Condition("Null", key, ("false",))
        else:
            yield Condition(equals, key, one_or_more(value, f"{argument}: {name}"))


def told(required: Condition) -> str:
    """A condition as a claim names it: with its values, if it asks for one of them."""
    asks = _ASKS.get(required.operator)
    return required.key if asks is None else f"{required.key} {asks} {' or '.join(required.texts)}"


_ASKS = {"StringEquals": "=", "StringEqualsIgnoreCase": "=", "StringLike": "like", "Bool": "="}


def conditions_of(written: Conditions | None, argument: str) -> tuple[Condition, ...]:
    """Conditions that are written as in a policy. Raises ValueError or TypeError for anything else."""
    return tuple(
        Condition(name, key, one_or_more(each, f"{name}: {key}"))
        for name, tested in members(written, argument)
        for key, each in _tested(name, tested)
    )


def _tested(name: str, tested: object) -> Iterator[tuple[str, object]]:
    """The condition keys under an operator, with their values. Raises TypeError or ValueError for any other block."""
    if operator(name) is None:
        raise ValueError(f"{name!r} is not a condition operator{perhaps(name, OPERATORS)}")
    if not isinstance(tested, Mapping):
        raise TypeError(f"{name!r} has {tested!r} in the place of condition keys")
    for key, value in cast("Mapping[str, object]", tested).items():
        check_condition_key(key, name)
        yield key, value
