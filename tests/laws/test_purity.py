"""
A request is a function of what is there: nothing else comes in, and nothing else changes.
"""

from __future__ import annotations

import pickle
from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.worlds import MICROSECOND, Refused, World, keys_of, outcome

READINGS = sorted(
    operation
    for operation in strategies.REQUESTS
    if operation.startswith(("Describe", "Get", "List")) or operation in {"Encrypt", "Decrypt"}
)

ABOUT_A_KEY = sorted(set(strategies.REQUESTS) - {"CreateKey", "ListKeys"})


@given(strategies.worlds(), st.data())
def test_the_same_call_gives_the_same_answer(world: World, data: st.DataObject) -> None:
    """Equal arguments and equal answers of the HSM give equal results, whoever kept the state in between, and how."""
    request = data.draw(strategies.any_requests(world))
    first = outcome(world.kms, request, world.call())
    assert outcome(world.kms, request, world.call()) == first
    assert outcome(pickle.loads(pickle.dumps(world.kms)), request, world.call()) == first
    assert outcome(deepcopy(world.kms), request, world.call()) == first


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_refused_call_changes_nothing(operation: str, world: World, data: st.DataObject) -> None:
    """The state and the request are what they were before."""
    key = data.draw(strategies.keys(world))
    requests = data.draw(strategies.neighbours(world, key, operation))
    for request in (*requests, data.draw(strategies.spoiled(world, operation))):
        before = (pickle.dumps(world.kms), repr(request))
        _, answer = outcome(world.kms, request, world.call())
        if isinstance(answer, Refused):
            assert (pickle.dumps(world.kms), repr(request)) == before


@pytest.mark.parametrize("operation", READINGS)
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_reading_changes_nothing(operation: str, world: World, data: st.DataObject) -> None:
    """Describing, getting, listing, encrypting and decrypting give back the very same state."""
    request = data.draw(strategies.requests(world, operation))
    kms, _ = outcome(world.kms, request, world.call())
    assert kms is world.kms


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_only_the_keys_it_names_change(operation: str, world: World, data: st.DataObject) -> None:
    """What is remembered of the other keys is the same object."""
    key = data.draw(strategies.keys(world))
    request = data.draw(strategies.requests(world, operation, key))
    kms, _ = outcome(world.kms, request, world.call())
    after = {each.arn: each for each in keys_of(kms)}
    for other in keys_of(world.kms):
        assert other.arn == key.arn or after[other.arn] is other


@pytest.mark.parametrize("operation", ABOUT_A_KEY)
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_calls_on_different_keys_commute(operation: str, world: World, data: st.DataObject) -> None:
    """Either order gives the same answers and the same state."""
    one, other = data.draw(st.lists(strategies.keys(world), min_size=2, max_size=2, unique=True))
    first = data.draw(strategies.fitting(world, one, operation))
    for about_other in ABOUT_A_KEY:
        second = data.draw(strategies.fitting(world, other, about_other))
        kms, first_of_two = outcome(world.kms, first, world.call("one"))
        kms, second_of_two = outcome(kms, second, world.call("other"))
        swapped, second_alone = outcome(world.kms, second, world.call("other"))
        swapped, first_after = outcome(swapped, first, world.call("one"))
        assert (first_of_two, second_of_two) == (first_after, second_alone)
        assert kms == swapped


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), strategies.spans(), st.data())
def test_settling_changes_no_answer(
    operation: str, world: World, later: timedelta, data: st.DataObject
) -> None:
    """Writing down what time has done is never seen: not at once, not later."""
    request = data.draw(strategies.requests(world, operation))
    for span in (timedelta(), later + MICROSECOND):
        call = world.call("the call", span)
        kms, answer = outcome(world.kms, request, call)
        settled, same = outcome(world.kms.settle(world.now), request, call)
        assert same == answer
        assert settled.settle(call.now) == kms.settle(call.now)
