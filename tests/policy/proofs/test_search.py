"""What a search decides within its bound."""

from __future__ import annotations

import random

import pytest
from attrs import evolve

from kmsmodel.policy.policies import Policies
from kmsmodel.policy.proofs.callers import WILLING
from kmsmodel.policy.proofs.questions import Outside, Question
from kmsmodel.policy.proofs.said import World
from tests.policy.proofs import generated


@pytest.mark.parametrize("seed", [10_015, 10_026, 10_037, 10_084])
def test_what_is_new_among_a_hundred_statements_is_decided(seed: int) -> None:
    draw = random.Random(seed)
    listed = [each for each in generated.CONDITION_KEYS if each != "custom:key"]
    policy = generated.policy(draw, draw.randint(100, 100), condition_keys=listed)
    kept = tuple(each for each in policy.statements if draw.random() < 0.8)
    willing = Policies(identity=(WILLING,))
    new, old = (
        World(owner=generated.OWNER, policy=each, policies=willing)
        for each in (policy, evolve(policy, statements=kept))
    )
    assert not isinstance(Question(allowed=(new,), refused=(old,)).request(), Outside)
