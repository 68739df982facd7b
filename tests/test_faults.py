"""
Faults on request, by each door.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import botocore
import botocore.endpoint
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from hypothesis import given, strategies as st

from kmsmodel import boto
from kmsmodel.asgi import App
from kmsmodel.errors import (
    ConnectionDropped,
    DependencyTimeoutException,
    DisabledException,
    KeyUnavailableException,
    KmsError,
    KMSInternalException,
    NotFoundException,
    ThrottlingException,
    ValidationException,
)
from kmsmodel.faults import Faults
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import ListKeysRequest
from kmsmodel.wire import TARGET_PREFIX
from tests.basics import NOW, REGION
from tests.examples import examples
from tests.operations.steps import create, encrypt, local_kms
from tests.over_asgi import ask

RETRYABLE = [
    ThrottlingException,
    KMSInternalException,
    DependencyTimeoutException,
    KeyUnavailableException,
]
THROTTLED = (
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
)


def outcomes(local: LocalKms, operation: str, number: int) -> list[str | None]:
    """The error codes of so many requests, None for each that succeeds."""
    for _ in range(number):
        local.respond(TARGET_PREFIX + operation, b"{}")
    return [call.error_code for call in local.calls[-number:]] if number else []


# ---- which requests


@given(times=st.integers(1, 6), before=st.integers(0, 3), asked=st.integers(0, 9))
def test_it_strikes_so_many_times_and_no_more(times: int, before: int, asked: int) -> None:
    local = local_kms()
    outcomes(local, "ListKeys", before)
    fault = local.fail("ListKeys", ThrottlingException, times=times)
    struck = min(times, asked)
    expected = ["ThrottlingException"] * struck + [None] * (asked - struck)
    assert outcomes(local, "ListKeys", asked) == expected
    assert fault.struck == struck
    assert local.may_fail("ListKeys") == (asked < times)


@given(rate=st.floats(0.05, 1))
def test_a_rate_strikes_the_same_requests_in_each_run(rate: float) -> None:
    runs: list[list[str | None]] = []
    for local in (local_kms(), local_kms()):
        with local.fail("ListKeys", KMSInternalException, rate=rate) as fault:
            runs.append(outcomes(local, "ListKeys", 100))
            assert fault.struck == 100 - runs[-1].count(None)
            assert abs(fault.struck / 100 - rate) < 0.25
    assert runs[0] == runs[1]


def test_only_the_operation_that_it_names_fails(local: LocalKms) -> None:
    local.fail("Decrypt", ThrottlingException)
    assert outcomes(local, "ListKeys", 1) == [None]
    assert outcomes(local, "Decrypt", 1) == ["ThrottlingException"]
    local.fail("*", DependencyTimeoutException)
    assert outcomes(local, "ListKeys", 1) == ["DependencyTimeoutException"]
    assert outcomes(local, "Decrypt", 1) == ["ThrottlingException"]  # it was armed first


def test_it_ends_with_the_with_block(local: LocalKms) -> None:
    with local.fail("ListKeys", ThrottlingException):
        assert outcomes(local, "ListKeys", 1) == ["ThrottlingException"]
    assert outcomes(local, "ListKeys", 1) == [None]
    with pytest.raises(ThrottlingException), local.fail("ListKeys", ThrottlingException):
        local.handle(ListKeysRequest())
    assert not local.may_fail("ListKeys")
    fault = local.fail("ListKeys", ThrottlingException, times=1)
    fault.end()
    fault.end()
    assert outcomes(local, "ListKeys", 1) == [None]


def test_a_fault_that_ends_while_it_is_drawn_does_not_strike() -> None:
    """As by another thread, whose request was the last of its times."""
    faults = Faults()
    once = {"times": 1, "latency": timedelta(), "sleep": False}
    fault = faults.arm("ListKeys", ThrottlingException, rate=0.5, **cast("Any", once))

    def draw() -> float:
        fault.end()
        return 0

    assert faults.strike("ListKeys", draw) == []
    assert fault.struck == 0


def test_threads_together_are_struck_so_many_times(local: LocalKms) -> None:
    local.fail("ListKeys", ThrottlingException, times=50)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(outcomes, [local] * 100, ["ListKeys"] * 100, [1] * 100))
    codes = [call.error_code for call in local.calls]
    assert (codes.count("ThrottlingException"), len(codes)) == (50, 100)


@pytest.mark.parametrize(
    "how, kind, message",
    [
        ({"operation": "Decypt"}, ValueError, "'Decypt' is not an operation"),
        ({"error": None}, ValueError, "an error, or a latency, or both"),
        ({"error": ValueError}, TypeError, "an error of AWS KMS"),
        ({"error": "ThrottlingException"}, TypeError, "an error of AWS KMS"),
        ({"times": 0}, ValueError, "times must be"),
        ({"times": True}, ValueError, "times must be"),
        ({"rate": 0}, ValueError, "rate must be"),
        ({"rate": 1.5}, ValueError, "rate must be"),
        ({"latency": 3}, TypeError, "latency must be a timedelta"),
        ({"latency": timedelta(-1)}, ValueError, "latency must not be negative"),
        ({"latency": timedelta(2), "sleep": True}, ValueError, "at most a day"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(
    local: LocalKms, how: dict[str, Any], kind: type[Exception], message: str
) -> None:
    given_: dict[str, Any] = {"operation": "Decrypt", "error": ThrottlingException, **how}
    with pytest.raises(kind, match=message):
        local.fail(**given_)
    assert not local.may_fail("Decrypt")


# ---- what they do


@pytest.mark.parametrize("operation", sorted(examples().requests))
def test_a_request_that_fails_changes_nothing_and_is_recorded(operation: str) -> None:
    for members in examples().requests[operation]:
        local = examples().local()
        local.fail(operation, KeyUnavailableException)
        before = local.kms
        with pytest.raises(KeyUnavailableException):
            local.dispatch(operation, members)
        assert local.kms is before
        (call,) = local.calls
        assert (call.operation, call.error_code) == (operation, "KeyUnavailableException")
        assert call.request is not None


def test_a_fault_comes_before_the_refusals_of_the_operation(local: LocalKms) -> None:
    local.fail("Decrypt", ThrottlingException, times=1)
    assert outcomes(local, "Decrypt", 2) == ["ThrottlingException", "ValidationException"]
    with pytest.raises(ValidationException):
        local.dispatch("Decrypt", {})


def test_each_error_is_one_of_its_own(local: LocalKms) -> None:
    """So that what is noted in one, or raised from it, is not in the next."""
    given_ = DisabledException("why", arn="arn")
    local.fail("ListKeys", given_)
    caught: list[KmsError] = []
    for _ in range(2):
        with pytest.raises(DisabledException) as refused:
            local.handle(ListKeysRequest())
        caught.append(refused.value)
    first, second = caught
    assert first is not second
    assert given_ not in caught
    assert (second.message, second.arn) == ("why", "arn")


def test_a_latency_advances_the_clock_before_the_answer(local: LocalKms) -> None:
    key_id = create(local).key_id
    local.dispatch("ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": 7})
    local.fail("DescribeKey", latency=timedelta(days=7), times=1)
    with pytest.raises(NotFoundException):
        local.dispatch("DescribeKey", {"KeyId": key_id})
    assert local.clock.now() == NOW + timedelta(days=7) == local.calls[-1].time


def test_latencies_add_up_until_an_error_comes(local: LocalKms) -> None:
    second = timedelta(seconds=1)
    for error in (None, ThrottlingException, None):
        local.fail("ListKeys", error, latency=second)
    assert outcomes(local, "ListKeys", 1) == ["ThrottlingException"]
    assert local.clock.now() == NOW + 2 * second


def test_a_latency_does_not_pass_the_end_of_the_clock(local: LocalKms) -> None:
    local.fail("ListKeys", latency=timedelta(days=10_000_000))
    assert outcomes(local, "ListKeys", 1) == [None]
    assert local.clock.now() == NOW


def test_a_dropped_connection_is_an_error_by_each_door_in_process(local: LocalKms) -> None:
    local.fail("ListKeys", ConnectionDropped)
    before = local.kms
    for ask_for in (
        lambda: local.handle(ListKeysRequest()),
        lambda: local.dispatch("ListKeys", {}),
        lambda: local.respond("TrentService.ListKeys", b"{}"),
    ):
        with pytest.raises(ConnectionDropped):
            ask_for()
    assert local.kms is before
    assert [call.error_code for call in local.calls] == ["ConnectionDropped"] * 3


def test_a_latency_sleeps_if_it_is_asked_to(
    local: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    local.fail("ListKeys", latency=timedelta(milliseconds=1500), sleep=True)
    assert outcomes(local, "ListKeys", 1) == [None]
    assert (slept, local.clock.now()) == ([1.5], NOW)


def test_a_call_that_sleeps_holds_up_no_other(local: LocalKms) -> None:
    key_id = create(local).key_id
    with (
        local.fail("ListKeys", latency=timedelta(seconds=0.2), sleep=True),
        ThreadPoolExecutor(1) as threads,
    ):
        began = time.monotonic()
        late = threads.submit(local.handle, ListKeysRequest())
        encrypt(local, key_id)
        assert not late.done()
        late.result()
        assert time.monotonic() - began >= 0.2


# ---- by each door


@pytest.mark.parametrize("error", RETRYABLE)
def test_over_http_it_has_the_status_of_aws(local: LocalKms, error: type[KmsError]) -> None:
    local.fail("ListKeys", error("why"), times=2)
    http = local.respond("TrentService.ListKeys", b"{}")
    assert http.status == (400 if error is ThrottlingException else 500)
    assert http.body == b'{"__type":"%b","message":"why"}' % error.__name__.encode()
    assert ask(local, "TrentService.ListKeys", b"{}") == (http.status, http.body)


def test_a_server_answers_what_may_fail_in_a_thread(local: LocalKms) -> None:
    """Since it may sleep."""
    headers = [(b"content-type", b"application/x-amz-json-1.1")]
    headers += [(b"x-amz-target", b"TrentService.ListKeys")]
    app = App(local)
    with local.fail("ListKeys", latency=timedelta(seconds=1)):
        assert app.answer_at_once(headers, b"{}") is None
    assert app.answer_at_once(headers, b"{}") is not None


# ---- by botocore, which tries again


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long botocore would have waited before each new attempt."""
    waited: list[float] = []
    monkeypatch.setattr(cast("Any", botocore.endpoint).time, "sleep", waited.append)
    return waited


MODES = ["legacy", "standard", "adaptive"]


@pytest.mark.parametrize("error", RETRYABLE)
@pytest.mark.parametrize("mode", MODES)
def test_botocore_tries_again_until_it_succeeds(
    local: LocalKms, pauses: list[float], mode: Any, error: type[KmsError]
) -> None:
    client = boto.client(local, config=Config(retries={"mode": mode, "total_max_attempts": 3}))
    with local.fail("ListKeys", error, times=2):
        answer = client.list_keys()
    assert answer["ResponseMetadata"]["RetryAttempts"] == len(pauses) == 2
    assert [call.error_code for call in local.calls] == [error.__name__] * 2 + [None]
    assert answer["ResponseMetadata"]["RequestId"] == local.calls[-1].request_id


@pytest.mark.parametrize("error", RETRYABLE)
def test_botocore_gives_up_with_the_error_of_its_name(
    local: LocalKms, pauses: list[float], error: type[KmsError]
) -> None:
    client = boto.client(local, config=Config(retries={"total_max_attempts": 2}))
    local.fail("ListKeys", error)
    expected = getattr(client.exceptions, error.__name__, ClientError)
    with pytest.raises(ClientError) as refused:
        client.list_keys()
    assert type(refused.value) is expected
    response = cast("dict[str, Any]", refused.value.response)
    message = THROTTLED if error is ThrottlingException else ""
    assert response["Error"] == {"Code": error.__name__, "Message": message}
    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(local.calls) == 2


@pytest.mark.parametrize("mode", MODES)
def test_botocore_tries_again_after_a_dropped_connection(
    local: LocalKms, pauses: list[float], mode: Any
) -> None:
    client = boto.client(local, config=Config(retries={"mode": mode, "total_max_attempts": 3}))
    with local.fail("ListKeys", ConnectionDropped, times=2):
        assert client.list_keys()["ResponseMetadata"]["RetryAttempts"] == len(pauses) == 2
    local.fail("ListKeys", ConnectionDropped)
    with pytest.raises(ConnectionClosedError):
        client.list_keys()
    assert len(local.calls) == 6


def test_what_is_not_to_be_tried_again_is_asked_once(local: LocalKms, pauses: list[float]) -> None:
    client = boto.client(local)
    local.fail("ListKeys", DisabledException("why"))
    with pytest.raises(client.exceptions.DisabledException):
        client.list_keys()
    assert (pauses, len(local.calls)) == ([], 1)


@pytest.mark.parametrize("operation", sorted(examples().requests))
def test_what_is_answered_while_a_fault_is_armed_is_the_same(operation: str) -> None:
    for members in examples().requests[operation]:
        answers: list[Any] = []
        for is_armed in (False, True):
            local = examples().local()
            if is_armed:
                local.fail("*", ThrottlingException, rate=1e-9)
            method = getattr(boto.client(local), botocore.xform_name(operation))
            answer = method(**members)
            del answer["ResponseMetadata"]["HTTPHeaders"]
            answers.append(answer)
        assert answers[0] == answers[1]


def test_only_while_a_fault_is_armed_a_request_comes_as_far_as_to_be_sent(
    local: LocalKms,
) -> None:
    client = boto.client(local)
    sent: list[Any] = []

    def send(request: Any, **_: object) -> None:
        sent.append(request)

    cast("Any", client.meta.events).register("before-send.kms", send)
    client.list_keys()
    assert sent == []
    with local.fail("ListKeys", latency=timedelta(seconds=1)):
        client.list_aliases()
        assert sent == []
        client.list_keys()
    (request,) = sent
    assert request.url.endswith(".invalid/")  # nobody else would answer it
    assert "Authorization" not in request.headers
    client.list_keys()
    assert len(sent) == 1


def test_no_credentials_are_needed(local: LocalKms, pauses: list[float]) -> None:
    session: Any = botocore.session.Session()
    session.set_config_variable("region", REGION)
    session.get_component("credential_provider").providers = []
    client = session.create_client("kms")
    with boto.patched(local), local.fail("ListKeys", ThrottlingException, times=1):
        assert client.list_keys()["Keys"] == []
    assert len(local.calls) == 2
