"""
Names in their order: a sorted list as a value, by a tree that stays low.
"""

from __future__ import annotations

import random
from bisect import insort

import pytest
from hypothesis import given, strategies as st

from kmsmodel.memory.names import Names

MANY = 2_000


def heights(node: Names, *, first: bool = True) -> set[int]:
    """How far the leaves are; checks on the way what holds of each node."""
    assert len(node.names) <= 32
    assert first or len(node.names) >= 8
    assert list(node.names) == sorted(node.names)
    if not node.children:
        return {1}
    assert len(node.children) > 1
    assert node.names == tuple(child.names[0] for child in node.children)
    return {1 + height for child in node.children for height in heights(child, first=False)}


@given(
    seed=st.integers(0, 2**32),
    order=st.sampled_from(["ascending", "descending", "any"]),
    keep=st.integers(0, MANY),
    limit=st.integers(1, 100),
)
def test_names_are_a_sorted_list_however_they_come_and_go(
    seed: int, order: str, keep: int, limit: int
) -> None:
    chance = random.Random(seed)
    model = [f"{number:06}" for number in chance.sample(range(10**6), MANY)]
    if order != "any":
        model.sort(reverse=order == "descending")
    names = Names()
    for name in model:
        names = names.insert(name)
    gone = chance.sample(model, MANY - keep) if order == "any" else model[keep:]
    model = sorted(model)
    assert list(names.after("", MANY)) == model
    assert len(heights(names)) == 1
    for name in gone:
        names = names.remove(name)
    for name in gone:
        model.remove(name)
    for name in gone[::3]:
        names = names.insert(name)
        insort(model, name)
    assert list(names.after("", MANY)) == model
    assert len(heights(names)) == 1
    after = f"{chance.randrange(10**6):06}"
    later = [name for name in model if name > after]
    assert list(names.after(after, limit)) == later[:limit]
    assert all(list(names.after(name, 1)) == model[at : at + 1] for at, name in enumerate(model, 1))


@pytest.mark.parametrize("number, height", [(0, 1), (32, 1), (33, 2), (5_000, 4)])
def test_the_tree_is_low(number: int, height: int) -> None:
    names = Names()
    for each in range(number):
        names = names.insert(f"{each:06}")
    assert max(heights(names)) <= height


def test_the_names_of_a_former_value_are_what_they_were() -> None:
    ordered = [f"{each:06}" for each in range(1_000)]
    values = [Names()]
    for name in ordered:
        values.append(values[-1].insert(name))
    for at in range(1_000):
        values.append(values[-1].remove(ordered[at]))
    for at in range(0, 1_001, 50):
        assert list(values[at].after("", 1_000)) == ordered[:at]
        assert list(values[1_000 + at].after("", 1_000)) == ordered[at:]


def test_capitals_come_first_and_letters_by_their_code_points() -> None:
    names = Names()
    ordered = [
        "alias/B",
        "alias/a",
        "alias/a/b",
        "alias/aws/s3",
        "alias/z",
        "alias/\u00e9",
        "\uffff",
        "\U00010000",
    ]
    for name in reversed(ordered):
        names = names.insert(name)
    assert list(names.after("", 9)) == ordered == sorted(ordered, key=str.encode)
