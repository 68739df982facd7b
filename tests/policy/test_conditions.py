"""
Condition operators: what each makes of the values of a request and of a policy, by tables.

The laws of conditions are in `test_laws`. Sources: *Condition operators* in the IAM User Guide; what was recorded of
AWS in September 2026, see `docs/fidelity.md`, *Conditions*.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.operators import OPERATORS, Operator, Quantifier, operator
from kmsmodel.policy.question import Value
from kmsmodel.policy.variables import HAS_VARIABLES, template
from kmsmodel.testing.policies import as_list
from tests.policy import naive_operators as naive

KEY = "aws:Key"


def outcome(
    used: str,
    values: Any,
    found: Value | None,
    *,
    applies_on_error: bool = False,
    version: str = HAS_VARIABLES,
    **others: Value,
) -> bool:
    """Whether a condition holds for a request with this value."""
    condition = Condition(
        used, KEY, tuple(as_list(values)), version=version, applies_on_error=applies_on_error
    )
    context: dict[str, Value] = {name.replace("_", ":"): each for name, each in others.items()}
    return condition.holds(context if found is None else context | {KEY.lower(): found})


ARN = "arn:aws:iam::111122223333:role/a"
EQUAL: list[tuple[str, str, str, bool]] = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "a*", "a*", True),
    ("StringEqualsIgnoreCase", "a\u00c9", "A\u00e9", True),
    ("StringEqualsIgnoreCase", "a", "b", False),
    ("StringLike", "a*", "ab", True),
    ("StringLike", "a*", "A", False),
    ("NumericEquals", "1", "1.0", True),
    ("NumericEquals", "1", "2", False),
    ("NumericEquals", "x", "1", False),
    ("NumericEquals", "1", "x", False),
    ("DateEquals", "1970-01-01T00:00:01Z", "1", True),
    ("DateEquals", "0", "1", False),
    ("DateEquals", "x", "1", False),
    ("DateEquals", "1", "x", False),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
    ("IpAddress", "10.0.0.0/33", "10.1.2.3", False),
    ("IpAddress", "::/0", "10.1.2.3", False),
    ("ArnEquals", "arn:aws:iam::*:role/*", ARN, True),
    ("ArnLike", "arn:aws:iam::*:role/*", ARN, True),
    ("ArnEquals", "arn:*:*:*:*:*", ARN, True),
    ("ArnLike", "arn:aws:sts::*:role/*", ARN, False),
]
OPPOSITE = {positive: negated for negated, positive in naive.NEGATED.items()} | {
    "ArnLike": "ArnNotLike"
}


@pytest.mark.parametrize("used, value, found, equal", EQUAL)
def test_an_operator_and_its_opposite_compare(
    used: str, value: str, found: str, equal: bool
) -> None:
    assert outcome(used, value, found) is equal
    assert outcome(OPPOSITE[used], value, found) is not equal


ORDER: list[tuple[str, tuple[bool, bool, bool]]] = [
    ("LessThan", (True, False, False)),
    ("LessThanEquals", (True, True, False)),
    ("GreaterThan", (False, False, True)),
    ("GreaterThanEquals", (False, True, True)),
]


@pytest.mark.parametrize("kind", ["Numeric", "Date"])
@pytest.mark.parametrize("relation, outcomes", ORDER)
def test_an_operator_of_order_compares_the_request_with_the_policy(
    kind: str, relation: str, outcomes: tuple[bool, bool, bool]
) -> None:
    used = kind + relation
    assert tuple(outcome(used, "10", found) for found in ("9", "10", "11")) == outcomes
    assert not outcome(used, "10", "x")
    assert not outcome(used, "x", "10")


OTHERS: list[tuple[str, Any, Value | None, bool]] = [
    ("Bool", "true", "TRUE", True),
    ("Bool", True, "true", True),
    ("Bool", False, "true", False),
    ("Bool", "no", "false", True),
    ("BinaryEquals", "YQ==", "YQ==", True),
    ("BinaryEquals", "YR==", "YQ==", True),
    ("BinaryEquals", "YR==", "YR==", False),
    ("BinaryEquals", "?", "?", False),
    ("NumericEquals", 1.0, "1", True),
    # what cannot be read of the request
    ("NumericNotEquals", "1", "x", True),
    ("NotIpAddress", "10.0.0.0/8", "x", False),
    ("NotIpAddress", "x", "10.0.0.1", True),
    ("ArnNotLike", ARN, "x", False),
    ("ArnNotEquals", ARN, "x", False),
    # several values of the policy
    ("StringEquals", ["a", "b"], "b", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    # absent keys, and sets
    ("StringEquals", "a", None, False),
    ("StringNotEquals", "a", None, True),
    ("StringNotEquals", "a", (), True),
    ("StringEquals", "a", (), False),
    ("StringEqualsIfExists", "a", None, True),
    ("StringEqualsIfExists", "a", "b", False),
    ("StringEquals", "a", ("a",), False),
    ("ForAnyValue:StringEquals", ["a", "b"], ("c", "b"), True),
    ("ForAnyValue:StringEquals", ["a", "b"], ("c", "d"), False),
    ("ForAnyValue:StringEquals", "ab", "ab", True),
    ("ForAllValues:StringEquals", "ab", "ab", True),
    ("ForAnyValue:StringEquals", "a", None, False),
    ("ForAnyValue:StringEqualsIfExists", "a", None, True),
    ("ForAnyValue:StringNotEquals", "a", None, False),
    ("ForAnyValue:StringNotEquals", "a", ("a", "b"), True),
    ("ForAllValues:StringEquals", ["a", "b"], ("b", "a"), True),
    ("ForAllValues:StringEquals", ["a", "b"], ("b", "c"), False),
    ("ForAllValues:StringEquals", "a", "b", False),
    ("ForAllValues:StringEquals", "a", None, True),
    ("ForAllValues:StringEquals", "a", (), True),
    ("ForAllValues:StringNotEquals", "a", ("b", "a"), False),
    # an empty list
    ("StringEquals", [], "a", True),
    ("StringEquals", [], None, True),
    ("StringNotEquals", [], "a", True),
    ("StringEqualsIfExists", [], "a", False),
    ("StringEqualsIfExists", [], None, True),
    ("ForAllValues:StringEquals", [], ("a",), False),
    ("ForAllValues:StringEquals", [], None, True),
    ("ForAnyValue:StringEquals", [], ("a",), False),
    # Null
    ("Null", "true", None, True),
    ("Null", "true", (), True),
    ("Null", "true", "", False),
    ("Null", "true", ("a",), False),
    ("Null", "false", "a", True),
    ("Null", "false", None, False),
    ("Null", False, "a", True),
    ("Null", ["true", "false"], "a", True),
    ("Null", ["true", "false"], None, True),
    ("Null", [], None, False),
    ("Null", [], "a", False),
    ("ForAllValues:Null", "true", "a", True),
    ("ForAllValues:Null", "false", None, True),
    ("ForAnyValue:Null", "true", None, False),
    ("ForAnyValue:Null", "false", "a", False),
]


@pytest.mark.parametrize("used, values, found, holds", OTHERS)
def test_a_condition_holds_or_not(used: str, values: Any, found: Value | None, holds: bool) -> None:
    assert outcome(used, values, found) is holds


ERRORS: list[tuple[str, Any, Value | None]] = [
    ("StringEqualz", "a", "a"),
    ("NullIfExists", "true", "a"),
    ("ForEach:StringEquals", "a", "a"),
    ("ArnLike", "a", ARN),
    ("ArnNotLike", "a", ARN),
    ("ArnEquals", ["a", ARN], ARN),
    ("ForAnyValue:ArnEquals", "a", (ARN,)),
    ("ForAllValues:ArnEquals", "a", (ARN,)),
]


@pytest.mark.parametrize("used, values, found", ERRORS)
def test_an_error_makes_a_deny_apply_and_an_allow_not(
    used: str, values: Any, found: Value | None
) -> None:
    assert [outcome(used, values, found, applies_on_error=each) for each in (True, False)] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    "used, values, found, holds",
    [
        ("ArnLike", [ARN, "a"], ARN, True),
        ("ArnLike", "a", None, False),
        ("ArnLike", "a", "x", False),
        ("ForAllValues:ArnLike", "a", (), True),
        ("StringLike", "${aws:none}", "a", False),
        ("ArnLike", "${aws:none}", ARN, False),
        ("NumericEquals", "x", "1", False),
    ],
)
def test_what_is_not_asked_or_is_no_arn_only_of_the_request_is_no_error(
    used: str, values: Any, found: Value | None, holds: bool
) -> None:
    for applies_on_error in (True, False):
        assert outcome(used, values, found, applies_on_error=applies_on_error) is holds


VARIABLES: list[tuple[str, str, str]] = [
    ("StringEquals", "${aws:a}", "*"),
    ("StringEqualsIgnoreCase", "${aws:a}", "*"),
    ("StringLike", "${aws:a}x*", "*xy"),
    ("ArnLike", "arn:aws:iam::*:role/${aws:a}", "arn:aws:iam::1:role/*"),
    ("ArnEquals", "arn:aws:iam::*:role/${aws:a}", "arn:aws:iam::1:role/*"),
]


@pytest.mark.parametrize("used, value, found", VARIABLES)
def test_text_and_arns_have_variables_whose_values_have_no_wildcards(
    used: str, value: str, found: str
) -> None:
    other = found.replace("*", "b")
    assert outcome(used, value, found, aws_a="*")
    assert not outcome(used, value, other, aws_a="*")
    assert not outcome(used, value, found, aws_a="*", version="2008-10-17")
    assert not outcome(used, value, found)


@pytest.mark.parametrize(
    "used, value, variable",
    [
        ("NumericEquals", "1", "${aws:a}"),
        ("DateEquals", "1", "${aws:a}"),
        ("IpAddress", "10.0.0.1", "${aws:a}"),
        ("BinaryEquals", "YQ==", "${aws:a}"),
        ("Bool", "true", "${aws:a}"),
    ],
)
def test_other_operators_have_none(used: str, value: str, variable: str) -> None:
    assert outcome(used, value, value, aws_a=value)
    assert not outcome(used, variable, value, aws_a=value)


# ---- what a condition says of itself


def test_a_condition_knows_its_values_as_they_are_compared() -> None:
    like = Condition("StringLike", "aws:Key", ("a*", True, 1.5), version=HAS_VARIABLES)
    assert (like.name, like.texts) == ("aws:key", ("a*", "true", "1.5"))
    assert like.templates == tuple(
        template(each, HAS_VARIABLES, wildcards=True) for each in like.texts
    )
    for used, version, wildcards in (
        ("StringEquals", HAS_VARIABLES, False),
        ("ArnLike", HAS_VARIABLES, True),
        ("NumericEquals", "", False),
    ):
        condition = Condition(used, "a", ("${aws:a}*",), version=HAS_VARIABLES)
        assert condition.templates == (template("${aws:a}*", version, wildcards=wildcards),)
    assert Condition("Null", "a", ("true",)).templates == ()
    assert Condition("StringEqualz", "a", ("true",)).templates == ()


@pytest.mark.parametrize(
    "name, found",
    [
        ("StringLike", Operator("StringLike")),
        ("StringLikeIfExists", Operator("StringLike", None, if_exists=True)),
        ("ForAllValues:Bool", Operator("Bool", Quantifier.ALL)),
        (
            "ForAnyValue:ArnNotLikeIfExists",
            Operator("ArnNotLike", Quantifier.ANY, if_exists=True),
        ),
        ("Null", Operator("Null")),
        ("ForAnyValue:Null", Operator("Null", Quantifier.ANY)),
        ("NullIfExists", None),
        (":Bool", None),
        ("ForAllValues:ForAnyValue:Bool", None),
        ("BoolIfExistsIfExists", None),
        ("IfExistsBool", None),
        ("bool", None),
        ("", None),
    ],
)
def test_the_name_of_an_operator_is_a_quantifier_a_base_and_if_exists(
    name: str, found: Operator | None
) -> None:
    assert operator(name) == found


@pytest.mark.parametrize("name", ["StringEquals", "StringEqualsIgnoreCase", "StringLike"])
def test_a_text_in_several_pieces_is_compared_as_a_whole(name: str) -> None:
    comparison, _ = OPERATORS[name]
    test = comparison.test(("a", "b"))
    assert test is not None
    assert [test(found) for found in ("ab", "a", "b")] == [True, False, False]


def test_the_operators_are_those_of_the_second_opinion_and_as_negated() -> None:
    assert OPERATORS.keys() == naive.OPERATORS.keys() | naive.NEGATED.keys()
    negated = {name for name in OPERATORS if Operator(name).is_negated}
    assert negated == naive.NEGATED.keys()
    assert not Operator("Null").is_negated
