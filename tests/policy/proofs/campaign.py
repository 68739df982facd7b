"""
A campaign against proofs: random policies, requests and questions for so many seconds, and what came of them.

    python -m tests.policy.proofs.campaign SECONDS [FIRST SEED]
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter

import click

from kmsmodel.policy.proofs.walks import OutsideError
from tests.policy.proofs import checking, generated

REQUESTS = 200

CORPORA = {
    "all keys": generated.CONDITION_KEYS,
    "dense": generated.DENSE_KEYS,
}


def one(seed: int, seen: Counter[str]) -> None:
    """One seed: a world of each corpus, a world with variables, and a small world."""
    for name, condition_keys in CORPORA.items():
        draw = random.Random(seed)
        world = checking.world(draw, condition_keys=condition_keys)
        try:
            seen[f"{name}: requests snapped"] += checking.check_requests(draw, world, REQUESTS)
        except OutsideError:
            seen[f"{name}: worlds outside"] += 1
        answer = checking.check_question(draw, checking.question(draw, world), REQUESTS // 4)
        seen[f"{name}: questions, {answer}"] += 1
    draw = random.Random(seed)
    world = checking.world(draw, variables=0.5)
    answer = checking.check_question(draw, checking.question(draw, world), REQUESTS // 4)
    seen[f"variables: questions, {answer}"] += 1
    seen[f"small worlds, {checking.check_small(draw)}"] += 1


def main(seconds: float, first: int) -> int:
    seen: Counter[str] = Counter()
    broken = 0
    end = time.monotonic() + seconds
    seed = first
    while time.monotonic() < end:
        try:
            one(seed, seen)
        except Exception as error:  # noqa: BLE001 - whatever happens is a finding
            broken += 1
            click.echo(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}")
        seed += 1
    click.echo(f"{seed - first} seeds from {first}, {broken} findings")
    for name, count in sorted(seen.items()):
        click.echo(f"{count:>12,} {name}")
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int((*sys.argv, "0")[2])))
