"""
An HSM that remembers its slow answers during one call.

A call is computed again when another call was faster. The HSM is then not asked a second time for an answer that takes
it milliseconds, such as a key pair.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any, final

from kmsmodel.hsm.port import Hsm


@final
class RememberingHsm:
    """An HSM that passes each slow verb on to another HSM only once for the same arguments."""

    __slots__ = ("_answers", "_hsm")

    def __init__(self, hsm: Hsm) -> None:
        self._hsm = hsm
        self._answers: dict[Hashable, Any] = {}

    # These take microseconds, and go straight to the HSM.
    random = property(attrgetter("_hsm.random"))
    encrypt = property(attrgetter("_hsm.encrypt"))
    decrypt = property(attrgetter("_hsm.decrypt"))
    mac = property(attrgetter("_hsm.mac"))

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        if verb.startswith("_"):  # such as what copying asks for, before there is an HSM
            raise AttributeError(verb)
        ask: Callable[..., Any] = getattr(self._hsm, verb)

        def once(*arguments: Hashable, **named: Hashable) -> Any:
            question = (verb, arguments, frozenset(named.items()))
            if question in self._answers:
                return self._answers[question]
            answer = self._answers[question] = ask(*arguments, **named)
            return answer

        return once
