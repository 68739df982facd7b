"""
JSON as AWS reads it.
"""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given, strategies as st

from kmsmodel.words import strict_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
WHITE_SPACE = st.text(" \t\r\n", max_size=3)
NAMES = st.sampled_from(["a", "b", "", "\u20ac", "\U0001f511", '"', "\\", "\x00"])


@given(value=JSON, ascii_only=st.booleans(), indent=st.none() | st.integers(0, 2))
def test_ordinary_json_is_read_as_any_reader_reads_it(
    value: object, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert strict_json.loads(text) == json.loads(text) == value


@given(value=JSON, before=WHITE_SPACE, after=WHITE_SPACE, more=st.sampled_from(["", "}", "1"]))
def test_white_space_may_stand_around_a_value_and_nothing_else(
    value: object, before: str, after: str, more: str
) -> None:
    """What is wrong has the place that any reader of JSON tells."""
    text = before + json.dumps(value) + after
    assert strict_json.loads(text) == value
    try:
        json.loads(text + more)
    except json.JSONDecodeError as error:
        with pytest.raises(json.JSONDecodeError, match=f"^{re.escape(str(error))}$"):
            strict_json.loads(text + more)


@given(st.lists(st.tuples(NAMES, JSON), max_size=6))
def test_an_object_has_each_name_once(members: list[tuple[str, object]]) -> None:
    """The name that is told is the first of those that stand twice."""
    text = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in members)
    names = [name for name, _ in members]
    twice = [name for name in names if names.count(name) > 1]
    for around in ("{%s}", '[{"more":{%s}}]'):
        if not twice:
            assert strict_json.loads(around % text) == json.loads(around % text)
            continue
        with pytest.raises(ValueError, match="stands twice in one object") as caught:
            strict_json.loads(around % text)
        assert str(caught.value) == f"the name {twice[0]!r} stands twice in one object"


def test_a_name_that_is_spelled_in_two_ways_stands_twice() -> None:
    with pytest.raises(ValueError, match=r"^the name 'KeyId' stands twice in one object$"):
        strict_json.loads(r'{"KeyId": 1, "\u004beyId": 1}')


def test_a_name_may_stand_in_two_objects() -> None:
    assert strict_json.loads('[{"a": {"a": 1}}, {"a": 2}]') == [{"a": {"a": 1}}, {"a": 2}]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("around", ["%s", "[1, %s]", '{"a": {"b": %s}}'])
def test_what_python_writes_for_no_number_is_not_a_number(constant: str, around: str) -> None:
    assert json.loads(around % constant) is not None
    with pytest.raises(ValueError, match=f"^{constant} is not a number$"):
        strict_json.loads(around % constant)


def test_a_number_that_is_too_large_for_a_float_is_infinite() -> None:
    """It is a number as JSON has it; who asks for an integer or a time refuses it."""
    assert strict_json.loads("[1e999, -1e999]") == [math.inf, -math.inf]


@pytest.mark.parametrize("opened, closed", [("[", "]"), ('{"a":', "}")])
def test_json_that_is_nested_too_deeply_is_refused(opened: str, closed: str) -> None:
    within = opened * 100 + "1" + closed * 100
    assert strict_json.loads(within) == json.loads(within)
    with pytest.raises(ValueError, match=r"^JSON is nested too deeply$"):
        strict_json.loads(opened * 200_000 + "1" + closed * 200_000)


@pytest.mark.parametrize(
    "text", ["", " ", "{", "[1,]", "{'a': 1}", '{"a": 1,}', "{} {}", "01", "0x1", '"a\n"', "nan"]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        strict_json.loads(text)


def test_a_name_that_stands_twice_among_many_is_found_at_once() -> None:
    """Finding it takes a time that grows as the object does: 200,000 names are not looked up one by one."""
    names = ", ".join(f'"{number}": 0' for number in range(200_000))
    with pytest.raises(ValueError, match="'199999' stands twice"):
        strict_json.loads(f'{{{names}, "199999": 0}}')
