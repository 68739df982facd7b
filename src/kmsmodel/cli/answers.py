"""
What AWS KMS answers in each key state, for keys of which only the origin is known.

There is no rule here: the answers come from `KEY_STATE_TABLE`, and which keys can be in a key state comes from what
moves them there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

from attrs import frozen

from kmsmodel.machine.key_state import KEY_STATE_TABLE, ROWS, refusal
from kmsmodel.words.enumerations import KeyState, OriginType

Answers = Mapping[tuple[str, KeyState], str]
"""What AWS KMS answers to an operation in a key state."""

Origins = Mapping[KeyState, Sequence[OriginType]]
"""The origins of the keys that can be in a key state: at least one for each."""

STATES = tuple(KeyState(state) for state in next(iter(KEY_STATE_TABLE.values())).cells)
"""The key states in the order of AWS's table."""

OK = "ok"
"""The answer to an operation that is permitted."""


@final
@frozen
class _Key:
    """A KMS key of which only this is known."""

    key_state: str
    origin: str
    arn: str = "<ARN>"


def origins_of(state: KeyState | None, origin: OriginType | None) -> Origins:
    """
    This key state, or each if it is None, with the origins of the keys that can be in it: this origin, or any.

    A key state that no such key can be in is left out.
    """
    from kmsmodel.exploration.diagrams import arrows

    origins = {
        each: [
            one
            for one in OriginType
            if origin in {None, one} and any(arrow.after is each for arrow in arrows(one))
        ]
        for each in STATES
        if state in {None, each}
    }
    return {each: possible for each, possible in origins.items() if possible}


def answers_to(operation: str | None, origins: Origins) -> Answers:
    """What AWS KMS answers to this operation, or to each of AWS's table, in these key states; ``"ok"`` or its error."""
    operations = KEY_STATE_TABLE if operation is None else (operation,)
    return {
        (name, each): _answer(name, each, possible)
        for name in operations
        for each, possible in origins.items()
    }


def _answer(operation: str, key_state: KeyState, origins: Sequence[OriginType]) -> str:
    """What AWS KMS answers for keys of the origins that the operation takes; for all keys, if it takes none of them."""
    asked = _taken(operation, origins) or origins
    error = refusal(operation, _Key(key_state, asked[0]))
    if error is None:
        return OK
    origin = asked[0] if len(asked) == 1 else "<ORIGIN>"
    return f"{error.code}: {error.message}".replace(f"origin is {asked[0]}", f"origin is {origin}")


def only_of(operation: str, origins: Sequence[OriginType]) -> str:
    """The origins that an operation takes, if it takes some of these but not all."""
    taken = _taken(operation, origins)
    return "" if len(taken) in {0, len(origins)} else ", ".join(taken)


def _taken(operation: str, origins: Sequence[OriginType]) -> Sequence[OriginType]:
    return [origin for origin in origins if origin in ROWS[operation].accepts]
