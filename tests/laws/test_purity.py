"""
Handling a request is a function of the state, the request and the call: it has no other inputs and no side effects.
"""

from __future__ import annotations

import pickle
from copy import deepcopy
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.testing.values import spans
from kmsmodel.trail.exchange import Exchange
from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation
from tests import strategies
from tests.basics import MICROSECOND
from tests.worlds.outcome import keys_of, outcome
from tests.worlds.world import World

CHANGES = (
    "Cancel",
    "Connect",
    "Create",
    "Delete",
    "Disable",
    "Disconnect",
    "Enable",
    "Import",
    "Put",
    "Replicate",
    "Retire",
    "Revoke",
    "Rotate",
    "Schedule",
    "Tag",
    "Untag",
    "Update",
)
USES = sorted(KeyLastUsageTrackingOperation)
READINGS = sorted(
    each for each in strategies.REQUESTS.keys() - USES if not each.startswith(CHANGES)
)

ABOUT_A_KEY = sorted(set(strategies.REQUESTS) - strategies.WITHOUT_A_KEY)


@given(strategies.worlds(), st.data())
def test_the_same_call_gives_the_same_answer(world: World, data: st.DataObject) -> None:
    """Equal arguments and equal answers of the HSM give equal results, in whatever form the state was kept."""
    request = data.draw(strategies.any_requests(world))
    first = outcome(world.kms, request, world.call())
    assert outcome(world.kms, request, world.call()) == first
    assert outcome(pickle.loads(pickle.dumps(world.kms)), request, world.call()) == first
    assert outcome(deepcopy(world.kms), request, world.call()) == first


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_refused_call_changes_nothing(operation: str, world: World, data: st.DataObject) -> None:
    """The state and the request are the same as before, after a call that was answered too."""
    key = data.draw(strategies.keys(world))
    neighbours = data.draw(strategies.neighbours(world, key, operation))
    requests = (*neighbours, data.draw(strategies.spoiled(world, operation)))
    before = (pickle.dumps(world.kms), repr(requests))
    for request in requests:
        outcome(world.kms, request, world.call())
    assert (pickle.dumps(world.kms), repr(requests)) == before


@pytest.mark.parametrize("operation", READINGS)
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_reading_changes_nothing(operation: str, world: World, data: st.DataObject) -> None:
    """Describing, listing and the like return the very same state."""
    request = data.draw(strategies.requests(world, operation))
    kms, _ = outcome(world.kms, request, world.call())
    assert kms is world.kms


@pytest.mark.parametrize("operation", USES)
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_use_of_a_key_changes_its_last_usage_alone(
    operation: str, world: World, data: st.DataObject
) -> None:
    """Encrypting, signing and the like leave all else as it is, and other keys unused."""
    request = data.draw(strategies.requests(world, operation))
    used = Exchange.of(world.kms, request, world.call())
    assert used.after.accounts is world.kms.accounts
    before, after = world.kms.last_usages, used.after.last_usages
    assert {arn for arn in after if after[arn] != before.get(arn)} <= {
        str(key) for key in used.keys
    }
    assert evolve(used.after, last_usages=before) == world.kms


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_request_changes_only_the_keys_that_it_names(
    operation: str, world: World, data: st.DataObject
) -> None:
    """And their multi-Region relatives: every other key is still the same object."""
    key = data.draw(strategies.keys(world))
    request = data.draw(strategies.requests(world, operation, key))
    kms, _ = outcome(world.kms, request, world.call())
    after = {each.arn: each for each in keys_of(kms)}
    for other in keys_of(world.kms):
        related = other.key_arn.key_id == key.key_id
        is_named = related or getattr(request, "alias_name", "") in other.alias_names
        assert is_named or after[other.arn] is other


@pytest.mark.parametrize("operation", ABOUT_A_KEY)
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_calls_on_different_keys_commute(operation: str, world: World, data: st.DataObject) -> None:
    """Either order gives the same answers and the same state, except for the order of two new aliases in a list."""
    one, other = data.draw(st.lists(strategies.keys(world), min_size=2, max_size=2, unique=True))
    first = data.draw(strategies.fitting(world, one, operation))
    for about_other in data.draw(st.lists(st.sampled_from(ABOUT_A_KEY), min_size=4, max_size=4)):
        if (operation, about_other) == ("CreateAlias", "CreateAlias"):
            continue
        second = data.draw(strategies.fitting(world, other, about_other))
        kms, first_of_two = outcome(world.kms, first, world.call("one"))
        kms, second_of_two = outcome(kms, second, world.call("other"))
        swapped, second_alone = outcome(world.kms, second, world.call("other"))
        swapped, first_after = outcome(swapped, first, world.call("one"))
        assert (first_of_two, second_of_two) == (first_after, second_alone)
        assert kms == swapped


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), spans(), st.data())
def test_settling_changes_no_answer(
    operation: str, world: World, later: timedelta, data: st.DataObject
) -> None:
    """No answer shows whether the effects of time were written down, neither at once nor later."""
    request = data.draw(strategies.requests(world, operation))
    for span in (timedelta(), later + MICROSECOND):
        call = world.call("the call", span)
        kms, answer = outcome(world.kms, request, call)
        settled, same = outcome(world.kms.settle(world.now), request, call)
        assert same == answer
        assert settled.settle(call.now) == kms.settle(call.now)
