"""
A value shows as the Python that makes it, so that a failure can be pasted into a console.
"""

from __future__ import annotations

import datetime  # noqa: ICN001 - as representations spell it
from typing import Any

import pytest
from attrs import fields
from hypothesis import given, strategies as st

import kmsmodel
from tests import strategies
from tests.worlds.source import source
from tests.worlds.world import World, world

NAMES: dict[str, Any] = {
    "datetime": datetime,
    "world": world,
    **{name: getattr(kmsmodel, name) for name in vars(kmsmodel)["__all__"]},
}


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(st.data())
def test_a_request_shows_as_the_program_that_makes_it(operation: str, data: st.DataObject) -> None:
    """All members show except the plaintext, which must not be seen."""
    request = data.draw(strategies.requests(world(), operation))
    assert eval(source(request), NAMES) == request
    hidden = [member for member in fields(type(request)) if member.repr is False]
    if not hidden:
        assert eval(repr(request), NAMES) == request
    for member in hidden:
        assert f"{member.name}=" not in repr(request)


@given(strategies.worlds())
def test_a_world_shows_as_the_program_that_makes_it(world: World) -> None:
    """The program has the steps that lead from the first world to this one."""
    again = eval(repr(world), NAMES)
    assert (again.kms, again.now) == (world.kms, world.now)
