"""Texts that stand for all texts."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st

from kmsmodel.policy.patterns import glob, pieces
from kmsmodel.policy.proofs.walks import like, texts

ALPHABET = "ab/"
SHORT = [
    "".join(each) for length in range(5) for each in itertools.product(ALPHABET, repeat=length)
]
GLOBS = st.text("ab/*?", max_size=4)
LITERALS = st.frozensets(st.text(ALPHABET, max_size=3))
SHAPES = {"": ("a", "b"), "a*/?b*": ("a/ab", "a/bb"), "a*": ("ab", "aa")}
"""Shapes, each with candidates that have it."""


@given(st.lists(GLOBS, max_size=3, unique=True), LITERALS, st.sampled_from(sorted(SHAPES)))
def test_for_each_set_of_patterns_that_a_text_has_there_is_one(
    patterns: list[str], literals: frozenset[str], shape: str
) -> None:
    found = texts(
        literals,
        [like(pieces(each)) for each in patterns],
        shape=(like(pieces(shape)),) if shape else (),
        candidates=SHAPES[shape],
    )

    def told(text: str) -> tuple[bool, ...]:
        return tuple(glob(each)(text) for each in patterns)

    def has_shape(text: str) -> bool:
        return not shape or glob(shape)(text)

    assert all(map(has_shape, found))
    of_others = {told(each) for each in found if each not in literals}
    for text in filter(has_shape, SHORT):
        assert text in found or (text not in literals and told(text) in of_others)
