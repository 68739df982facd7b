"""
Policy variables, such as ``${aws:username}``, and the values that they take from the request.

Sources: *Policy variables* in the IAM User Guide; what was recorded of AWS in September 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import final

from attrs import frozen

from kmsmodel.policy.patterns import Text, Wildcard, pieces
from kmsmodel.policy.question import Context

HAS_VARIABLES = "2012-10-17"
"""The version of the policy language that has variables; in the older one they are ordinary text."""

OLD_VERSION = "2008-10-17"


@final
@frozen
class Variable:
    """A variable: the name of its condition key, in lower case, and its default."""

    name: str
    default: str | None = None


@final
@frozen
class Template:
    """A value in a policy: text, wildcards and variables."""

    parts: tuple[Text | Variable, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(part for part in self.parts if isinstance(part, Variable))

    def fixed(self) -> Text | None:
        """The value, if it is the same for each request."""
        return (
            None
            if self.variables
            else _joined(part for part in self.parts if isinstance(part, tuple))
        )

    def resolved(self, context: Context) -> Text | None:
        """
        The value for a request, or None if one of its variables has none.

        What a variable stands for has no wildcards. A default is for an absent key only, and a condition key with
        several values stands for nothing.
        """
        parts: list[Text] = []
        for part in self.parts:
            if isinstance(part, Variable):
                found = context.get(part.name)
                value = part.default if found is None else found
                if not isinstance(value, str):
                    return None
                parts.append((value,) if value else ())
            else:
                parts.append(part)
        return _joined(parts)


def template(value: str, version: str, *, wildcards: bool) -> Template:
    """The template that a value is, in a policy of this version."""

    def text(plain: str) -> Text:
        return pieces(plain) if wildcards else ((plain,) if plain else ())

    if version != HAS_VARIABLES or "${" not in value:
        return Template((text(value),))
    parts: list[Text | Variable] = []
    for number, found in enumerate(_VARIABLE.split(value)):
        parts.append(_variable(found) if number % 2 else text(found))
    return Template(tuple(part for part in parts if part != ()))


_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NAME_AND_DEFAULT = re.compile(r"([^\s,']+)(?:\s*,\s*'([^']*)')?")
_LITERALS = frozenset("*?$")


def _variable(inside: str) -> Text | Variable:
    """What stands between the braces; a form that nobody knows is a variable that has no value."""
    if inside in _LITERALS:
        return (inside,)
    found = _NAME_AND_DEFAULT.fullmatch(inside)
    return Variable("") if found is None else Variable(found[1].lower(), found[2])


def _joined(texts: Iterable[Text]) -> Text:
    joined: list[str | Wildcard] = []
    for text in texts:
        for piece in text:
            if isinstance(piece, str) and joined and isinstance(joined[-1], str):
                joined[-1] += piece
            else:
                joined.append(piece)
    return tuple(joined)
