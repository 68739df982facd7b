"""
Places: where the statements, elements and values of a policy stand in its text.
"""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st

from kmsmodel.policy.places import Path, Place, places

TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow"},
    {
      "Effect": "Deny",
      "Action": ["kms:Encrypt",
                 "kms:Decrypt"]
    }
  ]
}"""


@pytest.mark.parametrize(
    "path, line, column",
    [
        ((), 1, 1),
        (("Version",), 2, 14),
        (("Statement", 0), 4, 5),
        (("Statement", 1), 5, 5),
        (("Statement", 1, "Action", 1), 8, 18),
        (("Statement", 1, "Action", 2), 7, 17),
        (("Statement", 1, "Resource"), 5, 5),
    ],
)
def test_a_value_has_its_line_and_column_or_those_of_what_is_around_it(
    path: Path, line: int, column: int
) -> None:
    assert places(TEXT).of(*path) == Place(line, column)


def test_a_name_has_a_place_of_its_own() -> None:
    assert places(TEXT).of_name("Statement", 1, "Action") == Place(7, 7)
    assert places(TEXT).of_name("Statement", 1, "Resource") == Place(5, 5)


def test_statements_are_counted_from_1_also_where_there_is_no_list() -> None:
    assert places(TEXT).statement(2) == ("Statement", 1)
    assert places('{"Statement": {}}').statement(1) == ("Statement",)


def test_a_name_that_stands_twice_is_remembered() -> None:
    assert places('{"a": {"b": 1, "b": 2}}').twice == (("a", "b"),)


@pytest.mark.parametrize(
    "text, values, names",
    [
        ("", [()], []),
        ("{", [()], []),
        ("[", [()], []),
        ("X1]", [()], []),
        ('{"a"', [()], [("a",)]),
        ('{"a" 1}', [()], [("a",)]),
        ('{"a": [1, ', [(), ("a",), ("a", 0)], [("a",)]),
        ('{"a": 1 2}', [(), ("a",)], [("a",)]),
        ("{1: 2}", [()], []),
    ],
)
def test_a_text_that_is_not_json_has_the_places_before_the_mistake(
    text: str, values: list[Path], names: list[Path]
) -> None:
    found = places(text)
    assert (list(found.values), list(found.names)) == (values, names)


def test_a_line_break_before_the_text_is_a_line() -> None:
    assert places('\n{"a":1}').of() == Place(2, 1)
    assert places('\n{"a":1}').of("a") == Place(2, 6)


def test_what_lies_too_deep_has_the_place_of_what_is_around_it() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert places(deep).of(*[0] * 20) == Place(1, 9)


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def every_value(found: object, path: Path = ()) -> dict[Path, Any]:
    values: dict[Path, Any] = {path: found}
    inner: list[tuple[str | int, Any]] = []
    if isinstance(found, dict):
        inner = list(cast("dict[str | int, Any]", found).items())
    elif isinstance(found, list):
        inner = list(enumerate(cast("list[object]", found)))
    for name, each in inner:
        values |= every_value(each, (*path, name))
    return values


@given(_JSON, st.none() | st.integers(0, 2), st.sampled_from([":", ": ", " :\n"]))
def test_at_the_place_of_each_value_stands_the_value(
    found: Any, indent: int | None, colon: str
) -> None:
    text = json.dumps(found, indent=indent, separators=(",", colon))
    lines = text.split("\n")
    for path, value in every_value(found).items():
        place = places(text).of(*path)
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        if len(path) <= 8:
            assert json.JSONDecoder().raw_decode(rest)[0] == value
