"""
Markers: opaque, and good only for the operation that gave them.
"""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmsmodel.errors import InvalidMarkerException
from kmsmodel.marker import marker, position


@given(st.integers(0, 10**18 - 1))
def test_a_marker_says_where_its_list_goes_on(number: int) -> None:
    assert position("ListKeys", marker("ListKeys", number)) == number


def test_without_a_marker_a_list_starts_at_the_start() -> None:
    assert position("ListKeys", None) == 0


@given(st.integers(0, 10**9))
def test_a_marker_of_another_operation_is_invalid(number: int) -> None:
    with pytest.raises(InvalidMarkerException):
        position("ListKeys", marker("ListKeyRotations", number))


@given(st.text(max_size=30) | st.binary(max_size=30).map(lambda b: base64.b64encode(b).decode()))
def test_what_is_no_marker_is_invalid(text: str) -> None:
    with pytest.raises(InvalidMarkerException):
        position("ListKeys", text)


@pytest.mark.parametrize("number", ["", "-1", "1.5", " 1", "1_0", "\u0661", "9" * 19, "9" * 5000])
def test_the_place_in_a_marker_is_a_plain_number(number: str) -> None:
    text = base64.urlsafe_b64encode(f"ListKeys:{number}".encode()).decode()
    with pytest.raises(InvalidMarkerException):
        position("ListKeys", text)


@given(st.integers(0, 10**18 - 1))
def test_a_marker_is_made_of_characters_that_the_api_allows(number: int) -> None:
    assert re.fullmatch(r"[\u0020-\u00FF]{1,1024}", marker("ListKeyRotations", number))
