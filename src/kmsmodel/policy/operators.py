"""
Condition operators: what each compares, and how it is made of a quantifier, a base and IfExists.

Sources: *Condition operators* in the IAM User Guide; what was recorded of AWS in September 2026, see
`docs/fidelity.md`, *Conditions*.
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any, TypeAlias, final

from attrs import frozen

from kmsmodel.policy.patterns import Matcher, Text, matcher
from kmsmodel.policy.values import (
    address,
    arn,
    arn_pattern,
    canonical_base64,
    is_true,
    lower,
    milliseconds,
    network,
    number,
)

Test: TypeAlias = Callable[[Any], bool]
"""Whether what was read of a request's value fits one value of the policy."""


# ---- what is compared


@final
@frozen
class Comparison:
    """
    What an operator compares.

    ``read`` reads a value of the request, and ``test`` makes a test of a value of the policy; both give None for what
    they cannot read. A value of the request that cannot be read never fits a positive operator;
    ``unread_fits_negated`` says whether it fits the negated one.
    """

    read: Callable[[str], Any]
    test: Callable[[Text], Test | None]
    has_wildcards: bool = False
    has_variables: bool = False
    unread_fits_negated: bool = True
    malformed_is_an_error: bool = False


def _plain(text: Text) -> str:
    return "".join(str(piece) for piece in text)


def _as_it_is(value: str) -> str:
    return value


def _by(read: Callable[[str], Any], relation: Callable[[Any, Any], bool]) -> Comparison:
    """Compare what is read of both in the same way; what cannot be read fits nothing."""
    return Comparison(read, partial(_test_of, read, relation))  # pragma: no mutate


def _test_of(
    read: Callable[[str], Any], relation: Callable[[Any, Any], bool], text: Text
) -> Test | None:
    wanted = read(_plain(text))
    return None if wanted is None else lambda found: relation(found, wanted)


def _in_network(text: Text) -> Test | None:
    of = network(_plain(text))
    return None if of is None else lambda found: found in of


def _like_arn(text: Text) -> Test | None:
    parts = arn_pattern(text)
    if parts is None:
        return None
    matchers = tuple(map(matcher, parts))
    return lambda found: all(map(_fits, matchers, found))


def _fits(matches: Matcher, part: str) -> bool:
    return matches(part)


def _same_base64(text: Text) -> Test | None:
    wanted = canonical_base64(_plain(text))
    return None if wanted is None else wanted.__eq__


def _equal(text: Text) -> Test:
    return _plain(text).__eq__


def _equal_in_lower_case(text: Text) -> Test:
    return lower(_plain(text)).__eq__


_STRING = Comparison(_as_it_is, _equal, has_variables=True)
_STRING_IGNORING_CASE = Comparison(lower, _equal_in_lower_case, has_variables=True)
_STRING_LIKE = Comparison(_as_it_is, matcher, has_wildcards=True, has_variables=True)
_ARN = Comparison(
    arn,
    _like_arn,
    has_wildcards=True,
    has_variables=True,
    unread_fits_negated=False,
    malformed_is_an_error=True,
)
_IP_ADDRESS = Comparison(address, _in_network, unread_fits_negated=False)
_NUMBER, _DATE = number, milliseconds

OPERATORS: dict[str, tuple[Comparison, bool]] = {
    "StringEquals": (_STRING, False),
    "StringNotEquals": (_STRING, True),
    "StringEqualsIgnoreCase": (_STRING_IGNORING_CASE, False),
    "StringNotEqualsIgnoreCase": (_STRING_IGNORING_CASE, True),
    "StringLike": (_STRING_LIKE, False),
    "StringNotLike": (_STRING_LIKE, True),
    "NumericEquals": (_by(_NUMBER, compare.eq), False),
    "NumericNotEquals": (_by(_NUMBER, compare.eq), True),
    "NumericLessThan": (_by(_NUMBER, compare.lt), False),
    "NumericLessThanEquals": (_by(_NUMBER, compare.le), False),
    "NumericGreaterThan": (_by(_NUMBER, compare.gt), False),
    "NumericGreaterThanEquals": (_by(_NUMBER, compare.ge), False),
    "DateEquals": (_by(_DATE, compare.eq), False),
    "DateNotEquals": (_by(_DATE, compare.eq), True),
    "DateLessThan": (_by(_DATE, compare.lt), False),
    "DateLessThanEquals": (_by(_DATE, compare.le), False),
    "DateGreaterThan": (_by(_DATE, compare.gt), False),
    "DateGreaterThanEquals": (_by(_DATE, compare.ge), False),
    "Bool": (_by(is_true, compare.eq), False),
    "BinaryEquals": (Comparison(_as_it_is, _same_base64), False),
    "IpAddress": (_IP_ADDRESS, False),
    "NotIpAddress": (_IP_ADDRESS, True),
    "ArnEquals": (_ARN, False),
    "ArnLike": (_ARN, False),
    "ArnNotEquals": (_ARN, True),
    "ArnNotLike": (_ARN, True),
}
"""The operators of the policy language but Null, each with what it compares and whether it is negated."""

NULL = "Null"
IF_EXISTS = "IfExists"


# ---- operators


@final
class Quantifier(StrEnum):
    """How many values of a multi-valued condition key must fit."""

    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@final
@frozen
class Operator:
    """A condition operator; ``base`` is its name without quantifier and IfExists."""

    base: str
    quantifier: Quantifier | None = None
    if_exists: bool = False

    @property
    def is_negated(self) -> bool:
        return self.base != NULL and OPERATORS[self.base][1]


@lru_cache(1024)
def operator(name: str) -> Operator | None:
    """The operator with this name, or None if the policy language has none."""
    before, colon, base = name.rpartition(":")
    if colon and before not in frozenset(Quantifier):
        return None
    quantifier = Quantifier(before) if colon else None
    if base == NULL:
        return Operator(NULL, quantifier)
    if_exists = base.endswith(IF_EXISTS)
    base = base.removesuffix(IF_EXISTS)
    return Operator(base, quantifier, if_exists) if base in OPERATORS else None
