"""
Proofs beside cvc5, an SMT solver: on policies about three condition keys with any text, both find the same.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.proofs.callers import WILLING, named
from kmsmodel.policy.proofs.questions import Outside, Question
from kmsmodel.policy.proofs.said import World
from tests.policy.proofs import generated
from tests.policy.proofs.smt import ACTIONS, CALLERS, CONDITION_KEYS, TEXTS, SecondOpinion

QUESTIONS = int(os.environ.get("CVC5_QUESTIONS", "100"))
"""So many are asked; a campaign asks thousands."""


def policy(draw: random.Random) -> Policy:
    """A policy all of whose conditions are on a few keys, so that they meet."""
    names = draw.sample(CONDITION_KEYS, draw.choice((1, 1, 2, 3)))
    listed: list[dict[str, Any]] = []
    for _ in range(draw.randint(1, 6)):
        one = generated.statement(draw, condition_keys=names, most_conditions=0)
        block: dict[str, dict[str, Any]] = {}
        for _ in range(draw.randint(0, 3)):
            base = draw.choice((*generated.TEXT_OPERATORS, "Null"))
            key, values = draw.choice(names), draw.sample(TEXTS, draw.choice((1, 1, 2)))
            if base == "Null":
                values = [draw.choice(("true", "false"))]
            elif draw.random() < 0.15:
                base = f"{draw.choice(('ForAllValues', 'ForAnyValue'))}:{base}"
            if base != "Null" and draw.random() < 0.15:
                base += "IfExists"
            block.setdefault(base, {})[key] = values
        one.pop("NotResource", None)
        listed.append({**one, "Resource": "*", **({"Condition": block} if block else {})})
    return from_json({"Version": "2012-10-17", "Statement": listed})


def test_both_find_the_same() -> None:
    cvc5: Any = pytest.importorskip("cvc5")
    found = left_open = 0
    for seed in range(QUESTIONS):
        draw = random.Random(seed)
        allowed, refused = (
            World(
                owner=generated.OWNER,
                policy=policy(draw),
                key=generated.KEY_ARN,
                policies=Policies(identity=(WILLING,)),
            )
            for _ in range(2)
        )
        other = refused if draw.random() < 0.6 else None
        question = Question(
            allowed=(allowed,),
            refused=() if other is None else (other,),
            actions=ACTIONS,
            callers=named(*CALLERS),
        )
        answer = question.request()
        assert not isinstance(answer, Outside), seed
        opinion = SecondOpinion(cvc5).is_possible(allowed, other)
        if opinion is None:
            left_open += 1
        else:
            assert opinion is isinstance(answer, Access), seed
            found += opinion
    assert left_open <= QUESTIONS // 20
    assert QUESTIONS // 10 < found < QUESTIONS * 9 // 10
