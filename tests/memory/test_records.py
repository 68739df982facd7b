"""
Records: a dictionary as a value, listed in the order of its names.
"""

from __future__ import annotations

import copy
import pickle

from hypothesis import given, strategies as st

from kmsmodel.memory.records import InMemoryRecords

NAMES = st.integers(0, 99).map(lambda number: f"{number:02}") | st.sampled_from("abcdef")
CHANGES = st.lists(st.tuples(NAMES, st.integers(0, 9) | st.none()), max_size=90)
"""A name and its new value, or None to remove it."""


def changed(changes: list[tuple[str, int | None]]) -> InMemoryRecords[int]:
    records: InMemoryRecords[int] = InMemoryRecords()
    for name, value in changes:
        records = records.remove(name) if value is None else records.insert(name, value)
    return records


def everything(records: InMemoryRecords[int], limit: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    name = ""
    while page := records.page_after(name, limit):
        assert len(page) <= limit
        found += page
        name = page[-1][0]
    return found


def as_dictionary(changes: list[tuple[str, int | None]]) -> dict[str, int]:
    model: dict[str, int] = {}
    for name, value in changes:
        if value is None:
            model.pop(name, None)
        else:
            model[name] = value
    return model


@given(changes=CHANGES, limit=st.integers(1, 8))
def test_records_are_a_dictionary_in_the_order_of_its_names(
    changes: list[tuple[str, int | None]], limit: int
) -> None:
    model, records = as_dictionary(changes), changed(changes)
    assert all(records.get(name) == model.get(name) for name, _ in changes)
    assert everything(records, limit) == sorted(model.items())
    assert len(records) == len(model)


@given(changes=CHANGES, limit=st.integers(1, 8), name=NAMES)
def test_a_page_is_the_beginning_of_what_comes_after_a_name_which_need_not_be_there(
    changes: list[tuple[str, int | None]], limit: int, name: str
) -> None:
    later = [each for each in sorted(as_dictionary(changes).items()) if each[0] > name]
    assert list(changed(changes).page_after(name, limit)) == later[:limit]


@given(changes=CHANGES, name=NAMES, value=st.integers(0, 9))
def test_what_changes_records_leaves_them_as_they_are(
    changes: list[tuple[str, int | None]], name: str, value: int
) -> None:
    records = changed(changes)
    before = everything(records, 100)
    records.insert(name, value)
    records.remove(name)
    assert everything(records, 100) == before
    assert records == changed(changes)


@given(changes=CHANGES, name=NAMES)
def test_removing_what_is_not_there_gives_the_same_records(
    changes: list[tuple[str, int | None]], name: str
) -> None:
    records = changed(changes).remove(name)
    assert records.remove(name) is records


@given(changes=CHANGES, data=st.data())
def test_records_that_hold_the_same_are_equal_however_they_came_to_it(
    changes: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    records = changed(changes)
    held = data.draw(st.permutations(sorted(as_dictionary(changes).items())))
    others: list[InMemoryRecords[int]] = [
        changed([*held]),
        copy.deepcopy(records),
        pickle.loads(pickle.dumps(records)),
    ]
    for other in others:
        assert (other, hash(other)) == (records, hash(records))
        assert everything(other, 7) == everything(records, 7)
        assert other.insert("z", 1) == records.insert("z", 1) != records


def test_many_records_are_equal_though_their_trees_have_other_shapes() -> None:
    ascending: list[tuple[str, int | None]] = [(f"{number:03}", number) for number in range(500)]
    one, other = changed(ascending), changed(ascending[::-1])
    assert one.names != other.names
    assert (one, hash(one)) == (other, hash(other))
    assert one.page_after("", 500) == other.page_after("", 500)
    assert one.remove("250") != other
