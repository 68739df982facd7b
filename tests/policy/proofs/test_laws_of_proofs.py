"""
The laws that proofs stand on, on policies at random: each request has a representative, masks are what the engine says,
and no request near by speaks against a proof.
"""

from __future__ import annotations

import random

from hypothesis import given, strategies as st

from kmsmodel.policy.proofs.questions import Outside
from kmsmodel.policy.proofs.walks import OutsideError
from tests.policy.proofs import checking, generated

SEEDS = st.integers(0, 2**32)
REQUESTS = 20


@given(SEEDS)
def test_each_request_has_a_representative_that_is_decided_alike(seed: int) -> None:
    draw = random.Random(seed)
    try:
        checking.check_requests(draw, checking.world(draw), REQUESTS)
    except OutsideError:
        return


@given(SEEDS)
def test_so_it_is_where_all_conditions_are_on_one_or_two_keys(seed: int) -> None:
    draw = random.Random(seed)
    world = checking.world(draw, condition_keys=generated.DENSE_KEYS)
    checking.check_requests(draw, world, REQUESTS)


@given(SEEDS)
def test_a_request_that_is_found_is_one_and_nothing_is_found_against_a_proof(seed: int) -> None:
    draw = random.Random(seed)
    checking.check_question(draw, checking.question(draw, checking.world(draw)), REQUESTS)


@given(SEEDS)
def test_so_it_is_on_dense_policies(seed: int) -> None:
    draw = random.Random(seed)
    world = checking.world(draw, condition_keys=generated.DENSE_KEYS)
    assert checking.check_question(draw, checking.question(draw, world), REQUESTS) != "Outside"


@given(SEEDS)
def test_so_it_is_with_policy_variables(seed: int) -> None:
    draw = random.Random(seed)
    world = checking.world(draw, variables=0.5)
    checking.check_question(draw, checking.question(draw, world), REQUESTS)


@given(SEEDS)
def test_where_all_requests_can_be_asked_the_answer_is_that_of_asking_them_all(seed: int) -> None:
    checking.check_small(random.Random(seed))


def test_nothing_is_undecided_without_variables_but_what_is_named() -> None:
    reasons = set[str]()
    for seed in range(60):
        draw = random.Random(seed)
        answer = checking.question(draw, checking.world(draw)).request()
        if isinstance(answer, Outside):
            reasons.add(answer.reason)
    named = (
        "custom:key with set operators and without",
        "kms:calleraccount",
        "aws:principalaccount",
    )
    assert all(any(each in reason for each in named) for reason in reasons)
