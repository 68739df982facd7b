"""
Shorter ways give the same answers: a request read and checked at once, and a key before the first of its dates.
"""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel import KmsError, Lifecycle, explored
from kmsmodel.exploration.kinds import KINDS
from kmsmodel.exploration.world import NOW
from kmsmodel.words import structures
from tests import strategies
from tests.basics import MICROSECOND
from tests.worlds.outcome import Refused, keys_of
from tests.worlds.world import world

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def _read_then_checked(cls: type[Any], data: object) -> object:
    return structures.check(structures.from_json(cls, data))


def _outcome(reading: Any, cls: type[Any], data: object) -> object:
    try:
        return reading(cls, data)
    except KmsError as error:
        return Refused(error.code, error.message, error.arn, error.key_state)


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(st.data())
def test_reading_and_checking_at_once_is_the_same_as_one_after_the_other(
    operation: str, data: st.DataObject
) -> None:
    """This holds for any members in any order, even if some are wrong or missing."""
    cls = strategies.REQUESTS[operation]
    names = list(structures.member_names(cls).values())
    made = data.draw(
        strategies.any_requests(world(), operation) | strategies.spoiled(world(), operation)
    )
    members: dict[str, object] = {}
    try:
        members = structures.to_json(made)
    except Exception:  # noqa: BLE001 - a request with values that no shape has gives no members
        members = {}
    wrong = data.draw(st.dictionaries(st.sampled_from(names), _JSON, max_size=2)) if names else {}
    order = data.draw(st.permutations([*members | wrong, "Unknown"]))
    body = {name: (members | wrong).get(name) for name in order}
    assert _outcome(structures.read, cls, body) == _outcome(_read_then_checked, cls, body)


@given(_JSON)
def test_both_ways_refuse_a_body_that_is_not_an_object_with_the_same_error(body: object) -> None:
    for cls in strategies.REQUESTS.values():
        assert _outcome(structures.read, cls, body) == _outcome(_read_then_checked, cls, body)


def _restless(life: Lifecycle) -> Lifecycle:
    """The same facts with one more date, long past: it changes nothing, but no time is before all dates any more."""
    past = datetime.min.replace(tzinfo=UTC)
    if life.creating_until is None:
        return evolve(life, creating_until=past)
    return evolve(life, updating_until=past)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_has_the_key_state_that_its_facts_give_before_the_first_of_its_dates(
    kind: str,
) -> None:
    lives = {life for each in explored(kind).worlds for life in (each.life, each.replica) if life}
    for life in lives:
        for now in {NOW, life.calm_until - MICROSECOND}:
            if not life.is_deleted(now):
                assert life.key_state(now) is _restless(life).key_state(now)


@given(st.data())
def test_time_does_not_change_a_key_before_the_first_of_its_dates(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(keys_of(world().kms), key=attrgetter("arn"))))
    calm_until = key.lifecycle.calm_until
    now = data.draw(st.datetimes(max_value=calm_until.replace(tzinfo=None) - MICROSECOND))
    now = now.replace(tzinfo=UTC)
    assert key.at(now) is key
    restless = evolve(key, lifecycle=_restless(key.lifecycle))
    assert restless.at(now) == key
