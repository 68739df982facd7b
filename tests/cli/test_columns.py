"""
Tables of text that keep to a width.
"""

from __future__ import annotations

from hypothesis import given, strategies as st

from kmsmodel.cli.columns import lines

_cells = st.text(st.sampled_from("ab:/ "), max_size=30)
_tables = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(_cells, min_size=columns, max_size=columns), min_size=1, max_size=3
    )
)


@given(_tables, st.integers(12, 60))
def test_a_table_keeps_to_its_width_and_loses_nothing(rows: list[list[str]], width: int) -> None:
    told = list(lines(rows, width))
    assert all(len(line) <= width for _, line in told)
    for number, row in enumerate(rows):
        shown = "".join(line for of, line in told if of == number)
        assert sorted(shown.replace(" ", "")) == sorted("".join(row).replace(" ", ""))


def test_columns_give_way_between_words_first() -> None:
    rows = [["new", "kms:Decrypt, kms:Encrypt", "", "arn:aws:iam::444455556666:user/someone"]]
    assert [line for _, line in lines(rows, 59)] == [
        "new  kms:Decrypt,  arn:aws:iam::444455556666:user/someone",
        "     kms:Encrypt",
    ]


def test_a_word_that_is_too_long_is_broken_behind_a_colon_or_a_slash() -> None:
    rows = [["arn:aws:iam::444455556666:user/someone", "a"]]
    assert [line for _, line in lines(rows, 36)] == [
        "arn:aws:iam::444455556666:user/  a",
        "someone",
    ]


def test_nothing_is_no_line() -> None:
    assert list(lines([], 10)) == list(lines([[""]], 10)) == []
