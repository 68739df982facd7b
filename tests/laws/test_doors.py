"""
A request gets the same answer at the typed door, at the wire door and at the door for parsed requests.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel import asgi, wire
from kmsmodel.errors import KmsError
from kmsmodel.service import dispatch, respond
from kmsmodel.wire import TARGET_PREFIX
from kmsmodel.words import structures
from tests import strategies
from tests.examples import plain_json
from tests.worlds.outcome import Refused, outcome
from tests.worlds.world import World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(strategies.worlds(), st.data())
def test_all_doors_say_the_same(world: World, data: st.DataObject) -> None:
    """``respond`` and ``dispatch`` give the answers and the errors of ``handle``, each in its own form."""
    request = data.draw(strategies.requests(world))
    kms, answer = outcome(world.kms, request, world.call())
    members = structures.to_json(request)
    target, body = TARGET_PREFIX + request.operation, json.dumps(members).encode()
    responded, http = respond(world.kms, target, body, world.call())
    assert responded == kms
    if isinstance(answer, Refused):
        with pytest.raises(KmsError) as refused:
            dispatch(world.kms, request.operation, members, world.call())
        assert (refused.value.code, refused.value.message) == (answer.code, answer.message)
        expected: dict[str, Any] = {"__type": answer.code}
        if answer.message:
            expected[refused.value.message_member] = answer.message
    else:
        dispatched, told = dispatch(world.kms, request.operation, members, world.call())
        assert dispatched == kms
        assert told == structures.to_members(answer)
        expected = plain_json(told)
    assert http.status == (400 if isinstance(answer, Refused) else 200)
    assert json.loads(http.body or b"{}") == expected


@given(strategies.worlds(), st.sampled_from(sorted(strategies.REQUESTS)), st.data())
def test_every_body_has_an_answer(world: World, operation: str, data: st.DataObject) -> None:
    """Any body, whether it is JSON or not, gets an answer or an error of AWS KMS, and an error changes nothing."""
    members = structures.member_names(strategies.REQUESTS[operation]).values()
    body = data.draw(
        st.dictionaries(st.sampled_from(sorted(members)), JSON).map(_dumps)
        | JSON.map(_dumps)
        | st.binary(max_size=40)
    )
    kms, http = respond(world.kms, TARGET_PREFIX + operation, body, world.call())
    assert http.status in {200, 400}
    if http.status == 400:
        assert kms is world.kms
        assert json.loads(http.body)["__type"].endswith("Exception")


_TEXT = st.text(st.characters(codec=None, exclude_categories=[]), max_size=5)
_MEMBERS = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_TEXT, _MEMBERS, max_size=3))
def test_a_body_over_http_holds_the_same_as_any_other_body(members: dict[str, Any]) -> None:
    """Over HTTP, orjson writes the body if it is installed, even if a message echoes text that is not valid Unicode."""
    assert json.loads(asgi.write(members)) == json.loads(wire.write(members))


def _dumps(value: object) -> bytes:
    return json.dumps(value).encode()
