"""What a proof costs, on corpora that their seeds make: nothing is remembered from one question to the next."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.proofs import formulas, walks
from kmsmodel.policy.proofs.callers import WILLING, outside
from kmsmodel.policy.proofs.questions import Outside, Question
from kmsmodel.policy.proofs.said import World
from tests.policy.proofs import generated
from tests.policy.proofs.generated import OWNER

Benchmark = Any
Pair = tuple[World, World]

LISTED_KEYS = tuple(each for each in generated.CONDITION_KEYS if each != "custom:key")
"""Of a condition key that AWS does not list, nobody knows how many values it has."""


def pairs(first_seed: int, number: int, fewest: int, most: int, **options: Any) -> Iterator[Pair]:
    """Policies, each with a neighbour that has fewer statements."""
    for seed in range(first_seed, first_seed + number):
        draw = random.Random(seed)
        statements = draw.randint(fewest, most)
        policy = generated.policy(draw, statements, **{"condition_keys": LISTED_KEYS, **options})
        kept = tuple(each for each in policy.statements if draw.random() < 0.8)
        neighbour = evolve(policy, statements=kept or policy.statements[:1])
        willing = Policies(identity=(WILLING,))
        yield (
            World(owner=OWNER, policy=policy, policies=willing),
            World(owner=OWNER, policy=neighbour, policies=willing),
        )


def questions(pair: Pair) -> tuple[Question, Question]:
    """Does Decrypt stay at home, and is there new access?"""
    policy, neighbour = pair
    return (
        Question(allowed=(policy,), actions=("kms:Decrypt",), callers=outside(OWNER)),
        Question(allowed=(policy,), refused=(neighbour,)),
    )


def asked(question: Question) -> tuple[float, Any]:
    """How long an answer takes, in milliseconds, and the answer."""
    walks.others.cache_clear()
    formulas._mask_of_actions.cache_clear()  # pyright: ignore[reportPrivateUsage]
    begun = time.perf_counter()
    answer = question.request()
    return (time.perf_counter() - begun) * 1000, answer


CORPORA: dict[str, Callable[[], Iterator[Pair]]] = {
    "300 policies of 1 to 10 statements": lambda: pairs(0, 300, 1, 10),
    "20 policies of 100 statements": lambda: pairs(10_000, 20, 100, 100),
    "1,600 dense pairs": lambda: pairs(20_000, 1600, 2, 6, condition_keys=generated.DENSE_KEYS),
    "200 policies with variables": lambda: pairs(30_000, 200, 1, 6, variables=0.5),
}


@pytest.mark.benchmark(group="Proofs, two questions for each policy")
@pytest.mark.parametrize("name", CORPORA)
def bench_proofs(benchmark: Benchmark, name: str) -> None:
    corpus = [question for pair in CORPORA[name]() for question in questions(pair)]
    answers: list[tuple[float, Any]] = []
    benchmark.pedantic(lambda: answers.extend(map(asked, corpus)), rounds=1)
    times = sorted(each for each, _ in answers)
    info: dict[str, float] = benchmark.extra_info
    info["median, ms"] = statistics.median(times)
    info["95th percentile, ms"] = times[int(len(times) * 0.95)]
    info["longest, ms"] = times[-1]
    info["found"] = sum(isinstance(each, Access) for _, each in answers)
    info["undecided"] = sum(isinstance(each, Outside) for _, each in answers)
