"""
An HSM that remembers its slow answers, for the time of one call.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, cast, final

import pytest
from hypothesis import given, strategies as st

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.remembering import RememberingHsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import KeySpec, MacAlgorithmSpec
from tests.basics import HSM

SYMMETRIC = KeySpec.SYMMETRIC_DEFAULT
QUICK = ("random", "encrypt", "decrypt", "mac")
SLOW = sorted(name for name in vars(Hsm) if not name.startswith("_") and name not in QUICK)


@final
class Asked:
    """An HSM of one answer, which writes down what it is asked; the first questions of a kind may fail."""

    def __init__(self, answer: object = "the answer", failures: int = 0) -> None:
        self.answer = answer
        self.failures = failures
        self.questions: list[tuple[object, ...]] = []

    def __getattr__(self, verb: str) -> Callable[..., object]:
        def ask(*arguments: object) -> object:
            self.questions.append((verb, *arguments))
            if len(self.questions) <= self.failures:
                raise ValueError("not yet")
            return self.answer

        return ask


def remembering(hsm: Asked) -> Any:
    return RememberingHsm(cast("Hsm", hsm))


QUESTIONS = st.lists(
    st.tuples(st.sampled_from([*QUICK, *SLOW]), st.sampled_from(["one", "other"])), max_size=12
)


@given(QUESTIONS)
def test_each_slow_question_is_asked_once_and_each_quick_one_as_often_as_it_is_put(
    questions: list[tuple[str, str]],
) -> None:
    asked = Asked()
    hsm = remembering(asked)
    for verb, argument in questions:
        assert getattr(hsm, verb)(argument) == "the answer"
    expected = [
        each for n, each in enumerate(questions) if each[0] in QUICK or each not in questions[:n]
    ]
    assert asked.questions == expected


@pytest.mark.parametrize("answer", [None, False, b"", ()])
@pytest.mark.parametrize("verb", SLOW)
def test_an_answer_is_remembered_whatever_it_is(verb: str, answer: object) -> None:
    asked = Asked(answer)
    hsm = remembering(asked)
    assert getattr(hsm, verb)("purpose") is getattr(hsm, verb)("purpose") is answer
    assert len(asked.questions) == 1


@pytest.mark.parametrize("verb", QUICK)
def test_a_quick_question_goes_straight_to_the_hsm(verb: str) -> None:
    asked = Asked()
    hsm = remembering(asked)
    for _ in range(2):
        assert getattr(hsm, verb)("purpose") == "the answer"
    assert asked.questions == [(verb, "purpose")] * 2


def test_a_question_that_failed_is_asked_again() -> None:
    asked = Asked(failures=1)
    hsm = remembering(asked)
    with pytest.raises(ValueError, match="not yet"):
        hsm.generate(SYMMETRIC, "purpose")
    assert hsm.generate(SYMMETRIC, "purpose") == "the answer"


def test_one_call_remembers_nothing_of_another() -> None:
    asked = Asked()
    for _ in range(2):
        remembering(asked).generate(SYMMETRIC, "purpose")
    assert len(asked.questions) == 2


@given(st.text(max_size=5), st.binary(min_size=32, max_size=32))
def test_it_answers_as_the_hsm_that_it_is_given(purpose: str, secret: bytes) -> None:
    hsm = cast("Hsm", RememberingHsm(HSM))
    for _ in range(2):
        assert hsm.generate(SYMMETRIC, purpose) == HSM.generate(SYMMETRIC, purpose)
        assert hsm.random(9, purpose) == HSM.random(9, purpose)
        algorithm = MacAlgorithmSpec.HMAC_SHA_256
        assert hsm.mac(Secret(secret), algorithm, b"a") == HSM.mac(Secret(secret), algorithm, b"a")
    assert hsm.generate(SYMMETRIC, purpose) != SeededHsm("another").generate(SYMMETRIC, purpose)


def test_it_can_be_copied_and_takes_arguments_by_name() -> None:
    secret = HSM.generate(KeySpec.ECC_NIST_P256, "a key")
    remembering: Any = RememberingHsm(HSM)
    assert remembering.public_key(private_key=secret) == HSM.public_key(secret)
    assert deepcopy(remembering).public_key(secret) == HSM.public_key(secret)
