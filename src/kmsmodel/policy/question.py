"""
What is asked of a statement: who does what, on which resource, with which condition keys.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

from kmsmodel.policy.principal import Principal

Value: TypeAlias = "str | tuple[str, ...]"
"""The value of a condition key in a request: one, or for a multi-valued key any number of them."""


class Context(Protocol):
    """The condition keys of a request, by their names in lower case."""

    def get(self, key: str, /) -> Value | None:
        """The value of a condition key, or None if the request does not have it."""
        ...


class Question(Protocol):
    """What a statement is asked; `Access` is one."""

    @property
    def principal(self) -> Principal:
        """Who asks."""
        ...

    @property
    def action(self) -> str:
        """What for, such as ``kms:Decrypt``."""
        ...

    @property
    def resource(self) -> str:
        """On what: an ARN, or ``*``."""
        ...

    @property
    def context(self) -> Context:
        """With which condition keys."""
        ...

    @property
    def has_boundary(self) -> bool:
        """Does the principal have a permissions boundary?"""
        ...
