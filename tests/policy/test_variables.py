"""
Policy variables: how they are read, and what they stand for in a request.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kmsmodel.policy.patterns import Text, Wildcard
from kmsmodel.policy.question import Value
from kmsmodel.policy.variables import HAS_VARIABLES, Template, Variable, template

_ANY_RUN = Wildcard.ANY_RUN
_UNKNOWN = Variable("")
"""What stands for a form that nobody knows: no condition key has such a name."""


@pytest.mark.parametrize(
    "value, parts",
    [
        ("", ((),)),
        ("a*", (("a", _ANY_RUN),)),
        ("${aws:UserName}", (Variable("aws:username"),)),
        ("a/${aws:username}/*", (("a/",), Variable("aws:username"), ("/", _ANY_RUN))),
        ("${aws:a}${aws:b}", (Variable("aws:a"), Variable("aws:b"))),
        ("${aws:a, 'b'}", (Variable("aws:a", "b"),)),
        ("${aws:a,'B c'}", (Variable("aws:a", "B c"),)),
        ("${aws:a , ''}", (Variable("aws:a", ""),)),
        ("${*}${?}${$}", (("*",), ("?",), ("$",))),
        ("${}", (_UNKNOWN,)),
        ("${aws:a, b}", (_UNKNOWN,)),
        ("${aws:a b}", (_UNKNOWN,)),
        ("${aws:a", (("${aws:a",),)),
    ],
)
def test_a_value_is_text_wildcards_and_variables(
    value: str, parts: tuple[Text | Variable, ...]
) -> None:
    assert template(value, HAS_VARIABLES, wildcards=True) == Template(parts)


def test_without_wildcards_and_in_the_older_version_all_is_text() -> None:
    for version in ("2008-10-17", ""):
        assert template("${aws:a}", version, wildcards=False) == Template((("${aws:a}",),))
    assert template("a*?", HAS_VARIABLES, wildcards=False) == Template((("a*?",),))
    assert template("", HAS_VARIABLES, wildcards=False) == Template(((),))
    assert template("*${aws:a}", HAS_VARIABLES, wildcards=False) == Template(
        (("*",), Variable("aws:a"))
    )


@pytest.mark.parametrize(
    "value, context, resolved",
    [
        ("a/${aws:a}/b*", {"aws:a": "*"}, ("a/*/b", _ANY_RUN)),
        ("${aws:a}", {"aws:a": ""}, ()),
        ("a${aws:a}b", {"aws:a": ""}, ("ab",)),
        ("${aws:a}", {}, None),
        ("${aws:a}", {"aws:a": ("b",)}, None),
        ("${aws:a, 'd'}", {}, ("d",)),
        ("${aws:a, 'd'}", {"aws:a": "b"}, ("b",)),
        ("${aws:a, 'd'}", {"aws:a": ()}, None),
        ("${aws:a}${aws:b}", {"aws:a": "b"}, None),
        ("*${*}", {}, (_ANY_RUN, "*")),
    ],
)
def test_a_variable_stands_for_the_one_value_of_its_condition_key(
    value: str, context: Mapping[str, Value], resolved: Text | None
) -> None:
    assert template(value, HAS_VARIABLES, wildcards=True).resolved(context) == resolved


def test_a_value_without_variables_is_fixed() -> None:
    assert template("a${*}*", HAS_VARIABLES, wildcards=True).fixed() == ("a*", _ANY_RUN)
    assert template("a${aws:a}", HAS_VARIABLES, wildcards=True).fixed() is None
    variables = template("a${aws:a}${aws:b, 'c'}", HAS_VARIABLES, wildcards=True).variables
    assert variables == (Variable("aws:a"), Variable("aws:b", "c"))
