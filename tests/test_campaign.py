"""
Bodies of all kinds at the wire door: the short form of ``python -m tests.campaign``, and what it would find.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.wire import CONTENT_TYPE, TARGET_PREFIX, HttpResponse
from tests import campaign
from tests.bodies.bodies import Bodies, Body
from tests.bodies.service_model import OPERATIONS, UNKNOWN_OPERATION, fits, operation_model
from tests.campaign import OK, answered, episode
from tests.examples import examples, plain_json

MODELLED = sorted(examples().requests)


@given(st.randoms(use_true_random=False))
def test_every_body_is_answered_and_a_refusal_changes_nothing(random: Random) -> None:
    """Each answer is a response or an error that AWS lists, and botocore reads it whole: `answered` sees to it."""
    assert len(list(episode(random, 5))) == 5


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_of_aws_kms_gets_all_kinds_of_bodies(operation: str) -> None:
    bodies, came = Bodies(Random(operation)), Counter[str]()
    for _ in range(30):
        body = bodies.draw(operation)
        assert body.operation == operation
        came[answered(examples().local(), body)[0]] += 1
    if operation in MODELLED:
        assert came[OK] > 0
    else:
        assert came == {UNKNOWN_OPERATION: 30}


@pytest.mark.parametrize("operation", MODELLED)
def test_every_example_is_answered(operation: str) -> None:
    for members in examples().requests[operation]:
        content = json.dumps(plain_json(members)).encode()
        body = Body(operation, TARGET_PREFIX + operation, content, "valid: an example")
        assert answered(examples().local(), body)[0] == OK


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_text_that_is_drawn_as_valid_fits_the_pattern_of_its_member(operation: str) -> None:
    bodies = Bodies(Random(operation))
    for _ in range(300):
        _expect_that_texts_fit(
            operation_model(operation).input_shape, json.loads(bodies.valid(operation).content)
        )


def _expect_that_texts_fit(shape: Any, value: Any) -> None:
    if shape.type_name == "structure":
        for name in value.keys() & shape.members.keys():
            _expect_that_texts_fit(shape.members[name], value[name])
    elif shape.type_name == "list":
        for each in value:
            _expect_that_texts_fit(shape.member, each)
    elif shape.type_name == "string":
        assert fits(value, shape.metadata.get("pattern")), f"{shape.name}: {value!r}"


def test_the_same_seed_gives_the_same_bodies_and_answers() -> None:
    once, again = (list(episode(Random(7), 40)) for _ in range(2))
    assert once == again
    assert once != list(episode(Random(8), 40))


def test_a_campaign_tells_what_came_of_each_kind_and_operation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    campaign.main(300, 1)
    first, *lines = capsys.readouterr().out.splitlines()
    rows = dict(line.strip("| ").split(" | ", 1) for line in lines if line.startswith("| "))
    sent, ok, refused = (int(each) for each in rows["all"].split(" | "))
    assert first.startswith("300 bodies from the seed 1 in ")
    assert (sent, ok + refused) == (300, 300)
    assert ok > 75  # a good share
    assert {f"`{operation}`" for operation in MODELLED} <= set(rows)
    assert int(rows["`SerializationException`"]) > 0


# ---- what is wrong is found


def answer(status: int, told: Any, **headers: str) -> HttpResponse:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    usual = {
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": "0" * 36,
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status=status, headers=tuple((usual | named).items()), body=body)


class Wrong:
    """A KMS that always gives this answer, and may change its state."""

    def __init__(self, http: HttpResponse, *, changes: bool = False) -> None:
        self.http = http
        self.changes = changes
        self.kms = Kms()

    def respond(self, target: str, body: bytes) -> HttpResponse:
        if self.changes:
            self.kms = LocalKms().kms
        return self.http


DESCRIBE = Body("DescribeKey", "TrentService.DescribeKey", b'{"KeyId":"k"}', "valid: an example")
NOT_FOUND = answer(400, {"__type": "NotFoundException", "message": "no"})


def test_the_answers_that_are_changed_below_are_right() -> None:
    wrong: Any = Wrong(NOT_FOUND)
    assert answered(wrong, DESCRIBE)[0] == "NotFoundException"
    wrong = Wrong(answer(200, {"KeyMetadata": {"KeyId": "k"}}), changes=True)
    assert answered(wrong, DESCRIBE)[0] == OK


@pytest.mark.parametrize(
    "http",
    [
        pytest.param(answer(500, {"__type": "KMSInternalException"}), id="a fault"),
        pytest.param(answer(404, {"__type": "NotFoundException"}), id="another status"),
        pytest.param(answer(400, {"__type": "TagException"}), id="an error of other operations"),
        pytest.param(answer(400, {"__type": "DependencyTimeoutException"}), id="one never raised"),
        pytest.param(answer(400, {"Code": "NotFoundException"}), id="no error at all"),
        pytest.param(answer(400, {"__type": "NotFoundException", "message": ""}), id="empty text"),
        pytest.param(answer(200, b"{"), id="no JSON"),
        pytest.param(answer(200, {"KeyMetadata": {}}), id="a required member is missing"),
        pytest.param(answer(200, {"KeyMetadata": {"KeyId": "k", "More": 1}}), id="more members"),
        pytest.param(answer(200, {"KeyMetadata": {"KeyId": 1}}), id="a member of another type"),
        pytest.param(
            answer(200, {"KeyMetadata": {"KeyId": "k", "CreationDate": "2026-11-24T12:00:00Z"}}),
            id="a time that is not a number",
        ),
        pytest.param(
            answer(400, {"__type": "SerializationException"}), id="a valid body of no type"
        ),
        pytest.param(
            answer(
                400,
                {
                    "__type": "ValidationException",
                    "message": "1 validation error detected: Value 'k' at 'keyId' failed to "
                    "satisfy constraint: Member must have length greater than or equal to 2",
                },
            ),
            id="a constraint of the model's own",
        ),
        pytest.param(
            answer(400, {"__type": "NotFoundException"}, Content_Length="7"), id="a wrong length"
        ),
        pytest.param(
            answer(400, {"__type": "NotFoundException"}, Content_Type="text/html"), id="a web page"
        ),
    ],
)
def test_an_answer_that_is_wrong_is_found(http: HttpResponse) -> None:
    wrong: Any = Wrong(http)
    with pytest.raises((AssertionError, ValueError, AttributeError)) as found:
        answered(wrong, DESCRIBE)
    assert "TrentService.DescribeKey" in "".join(found.value.__notes__)


def test_a_refusal_that_changes_something_is_found() -> None:
    wrong: Any = Wrong(NOT_FOUND, changes=True)
    with pytest.raises(AssertionError, match="NotFoundException changed something"):
        answered(wrong, DESCRIBE)


def test_another_error_than_the_fault_asks_for_is_found() -> None:
    wrong: Any = Wrong(NOT_FOUND)
    with pytest.raises(AssertionError, match="NotFoundException, not SerializationException"):
        answered(wrong, evolve(DESCRIBE, expected="SerializationException"))
