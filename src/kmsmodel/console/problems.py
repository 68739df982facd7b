"""
What is wrong with a draft: where, and in which words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, final

from attrs import AttrsInstance, frozen

from kmsmodel.console.editions import Wizard
from kmsmodel.errors import KmsError, notes_of
from kmsmodel.words import structures


@final
@frozen
class Problem:
    """
    What is wrong, and with which member of the draft.

    Within a list, ``field`` has a number from 0 and perhaps the name of a member behind it, as in ``tags.0.key``. It is
    empty for a problem that is not about a single member.
    """

    field: str
    text: str


Problems: TypeAlias = "Mapping[str, tuple[Problem, ...]]"
"""The problems of each page of a wizard, by its id; a page without problems has none."""


def by_step(wizard: Wizard, problems: Iterable[Problem], *, otherwise: str) -> Problems:
    """The problems, each on the page of its member; one of no single member on the page ``otherwise``."""
    found: dict[str, list[Problem]] = {step.id: [] for step in wizard.steps}
    for problem in problems:
        name = problem.field.partition(".")[0]
        found[wizard.step_of(name).id if name else otherwise].append(problem)
    return {step: tuple(each) for step, each in found.items()}


def told(error: KmsError) -> str:
    """What AWS KMS says of an error, and what the model knows besides."""
    return "; ".join([error.message or error.code, *notes_of(error)])


def refusal_of(ask: Callable[[], object]) -> KmsError | None:
    """The error with which AWS KMS refuses, or None."""
    try:
        ask()
    except KmsError as error:
        return error
    return None


def unfit(field: str, structure: AttrsInstance) -> tuple[Problem, ...]:
    """What the API itself refuses in a member of a request."""
    checked: Any = structure
    refused = refusal_of(lambda: structures.check(checked))
    return () if refused is None else (Problem(field, told(refused)),)
