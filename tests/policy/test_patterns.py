"""
Patterns: what ``*`` and ``?`` stand for.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kmsmodel.policy.patterns import Wildcard, glob, pieces
from tests.policy import naive_operators as naive

CLEF = "\U0001d11e"
"""A character of two units of UTF-16."""

_CHARACTERS = st.sampled_from(["a", "b", ".", "\n", "\\", "[", "\ud800", CLEF])


@given(
    st.text(st.sampled_from(["*", "?"]) | _CHARACTERS, max_size=8), st.text(_CHARACTERS, max_size=6)
)
def test_a_pattern_fits_as_in_the_second_opinion(pattern: str, text: str) -> None:
    assert glob(pattern)(text) is naive.glob(naive.wild(pattern), text)


@given(st.text(_CHARACTERS), st.text(_CHARACTERS), st.text(_CHARACTERS))
def test_a_wildcard_stands_for_any_run(before: str, run: str, after: str) -> None:
    for pattern in (f"{before}*{after}", f"{before}**{after}", f"*{after}", f"{before}*", "*"):
        assert glob(pattern)(before + run + after)


@pytest.mark.parametrize(
    "pattern, text, fits",
    [
        ("kms:Decrypt", "kms:Decrypt", True),
        ("kms:Decrypt", "kms:decrypt", False),
        ("kms:De*", "kms:Decrypt", True),
        ("kms:De*", "kms:Encrypt", False),
        ("*a*b*", "xaxbx", True),
        ("*a*b*", "xbxax", False),
        ("a*b*c", "abxbcc", True),
        ("a*ab", "ab", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("", "", True),
        ("", "a", False),
        ("[ab]", "a", False),
        ("a.c", "abc", False),
        ("?", CLEF, False),
        ("??", CLEF, True),
        ("?*", CLEF, True),
        ("\ud834?", CLEF, True),
        ("?\udd1e", CLEF, True),
        ("\udd1e?", CLEF, False),
        ("???", f"\ud800{CLEF}", True),
        (f"\ud800{CLEF}*", f"\ud800{CLEF}", True),
    ],
)
def test_nothing_but_wildcards_is_special_and_a_question_mark_is_one_unit_of_utf_16(
    pattern: str, text: str, fits: bool
) -> None:
    assert glob(pattern)(text) is fits


def test_a_pattern_is_in_pieces_without_empty_ones() -> None:
    assert pieces("ab*?c") == ("ab", Wildcard.ANY_RUN, Wildcard.ANY_ONE, "c")
    assert pieces("") == ()
