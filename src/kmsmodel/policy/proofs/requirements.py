"""
What a property is about, as its user writes it: actions, and conditions on a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast

from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.operators import operator
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.given import a_text

OneOrMore: TypeAlias = "str | Iterable[str] | None"
"""A value, several of which one is enough, or None for any value that is there."""

Conditions: TypeAlias = "Mapping[str, Mapping[str, str | Iterable[str]]]"
"""Conditions as a Condition element has them."""


def actions_of(actions: Iterable[str]) -> tuple[str, ...]:
    """The actions by their names in policies. Raises ValueError for an action that no key policy allows."""
    named = _named(actions)
    for each in named:
        if each not in keys.ON_KEYS:
            raise ValueError(f"{each} is not an action that a key policy allows")
    return named or keys.ON_KEYS


def _named(actions: Iterable[str]) -> tuple[str, ...]:
    """The actions with their prefix. Raises TypeError for anything that is not a text."""
    texts = (a_text(each, "actions") for each in actions)
    return tuple(f"kms:{each.removeprefix('kms:')}" for each in texts)


def listed(actions: tuple[str, ...]) -> str:
    """The actions as a claim names them."""
    return ", ".join(_named(actions)) or "every action"


def conditions_on(
    wanted: Mapping[str, OneOrMore] | None, key: str, equals: str = "StringEquals"
) -> Iterable[Condition]:
    """The conditions that condition keys such as ``aws:RequestTag/{}`` have these values, or any where it is None."""
    for name, value in (wanted or {}).items():
        if value is None:
            yield Condition("Null", key.format(name), ("false",))
        else:
            yield Condition(
                equals, key.format(name), (value,) if isinstance(value, str) else tuple(value)
            )


def told(required: Condition) -> str:
    """A condition as a claim names it: with its values, if it asks for one of them."""
    asks = _ASKS.get(required.operator)
    return required.key if asks is None else f"{required.key} {asks} {' or '.join(required.texts)}"


_ASKS = {"StringEquals": "=", "StringEqualsIgnoreCase": "=", "StringLike": "like", "Bool": "="}


def conditions_of(written: Conditions | None) -> tuple[Condition, ...]:
    """Conditions that are written as in a policy. Raises ValueError or TypeError for anything else."""
    return tuple(
        Condition(name, key, (each,) if isinstance(each, str) else tuple(each))
        for name, tested in (written or {}).items()
        for key, each in _tested(name, tested)
    )


def _tested(name: str, tested: object) -> Iterable[tuple[str, str | Iterable[str]]]:
    """The condition keys under an operator, with their values. Raises TypeError or ValueError for any other block."""
    if operator(name) is None:
        raise ValueError(f"{name!r} is not a condition operator")
    if not isinstance(tested, Mapping):
        raise TypeError(f"{name!r} has {tested!r} in the place of condition keys")
    return cast("Mapping[str, str | Iterable[str]]", tested).items()
