"""
Records: an ordered dictionary as a value, whose places are never given twice.
"""

from __future__ import annotations

import copy

from hypothesis import given, strategies as st

from kmsmodel.memory.records import InMemoryRecords

KEYS = st.sampled_from("abcdef")
CHANGES = st.lists(st.tuples(KEYS, st.integers(0, 9) | st.none()), max_size=30)
"""A key and its new value, or None to remove it."""


def changed(changes: list[tuple[str, int | None]]) -> InMemoryRecords[str, int]:
    records: InMemoryRecords[str, int] = InMemoryRecords()
    for key, value in changes:
        records = records.remove(key) if value is None else records.insert(key, value)
    return records


def everything(records: InMemoryRecords[str, int], limit: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    position = 0
    while page := records.page_after(position, limit):
        assert len(page) <= limit
        found += page
        position = page[-1][0]
    return found


@given(changes=CHANGES, limit=st.integers(1, 8))
def test_records_are_an_ordered_dictionary_that_gives_no_place_twice(
    changes: list[tuple[str, int | None]], limit: int
) -> None:
    model: dict[str, tuple[int, int]] = {}
    births = 0
    for key, value in changes:
        if value is None:
            model.pop(key, None)
        elif key in model:
            model[key] = (model[key][0], value)
        else:
            births += 1
            model[key] = (births, value)
    records = changed(changes)
    for key in "abcdef":
        birth, value = model.get(key, (None, None))
        assert (records.position(key), records.get(key)) == (birth, value)
    assert everything(records, limit) == list(model.values())


@given(changes=CHANGES, limit=st.integers(1, 8), position=st.integers(0, 40))
def test_a_page_is_the_beginning_of_what_was_born_after_a_position(
    changes: list[tuple[str, int | None]], limit: int, position: int
) -> None:
    records = changed(changes)
    later = [each for each in everything(records, 100) if each[0] > position]
    assert list(records.page_after(position, limit)) == later[:limit]


@given(changes=CHANGES, key=KEYS, value=st.integers(0, 9))
def test_what_changes_records_leaves_them_as_they_are(
    changes: list[tuple[str, int | None]], key: str, value: int
) -> None:
    records = changed(changes)
    before = everything(records, 100)
    records.insert(key, value)
    records.remove(key)
    assert everything(records, 100) == before
    assert records == changed(changes)


@given(changes=CHANGES, key=KEYS)
def test_removing_what_is_not_there_gives_the_same_records(
    changes: list[tuple[str, int | None]], key: str
) -> None:
    records = changed(changes).remove(key)
    assert records.remove(key) is records


@given(changes=CHANGES)
def test_a_copy_of_records_is_equal(changes: list[tuple[str, int | None]]) -> None:
    records = changed(changes)
    assert copy.deepcopy(records) == records
