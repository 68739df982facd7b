"""
An HSM that remembers its slow answers, for the time of one call.

A call that another one has overtaken is answered again. What takes an HSM milliseconds, such as a key pair, is then
not asked for a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, final

from kmsmodel.hsm.port import Hsm

_QUICK = frozenset({"random", "encrypt", "decrypt", "mac"})
"""The verbs that take microseconds, and go straight to the HSM."""


@final
class RememberingHsm:
    """The HSM that it is given, with each slow verb asked at most once with the same arguments."""

    __slots__ = ("_answers", "_hsm")

    def __init__(self, hsm: Hsm) -> None:
        self._hsm = hsm
        self._answers: dict[Hashable, Any] = {}

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        ask: Callable[..., Any] = getattr(self._hsm, verb)
        if verb in _QUICK:
            return ask

        def once(*arguments: Hashable) -> Any:
            question = (verb, *arguments)
            if question in self._answers:
                return self._answers[question]
            answer = self._answers[question] = ask(*arguments)
            return answer

        return once
