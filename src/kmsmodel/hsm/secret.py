"""
Secret bytes, which never show.
"""

from __future__ import annotations

import hmac
from typing import final


@final
class Secret:
    """Secret bytes: absent from representations, compared in constant time."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        object.__setattr__(self, "_value", bytes(value))

    _value: bytes

    def reveal(self) -> bytes:
        """The bytes themselves."""
        return self._value

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a secret does not change")

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[type[Secret], tuple[bytes]]:
        return Secret, (self._value,)
