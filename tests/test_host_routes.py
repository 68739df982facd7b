"""
A server's own routes, without HTTP.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import ConnectionDropped, DisabledException, ThrottlingException
from kmsmodel.host_routes import ROUTES, answer
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.keys import ListKeysRequest
from kmsmodel.words.dates import END_OF_TIME
from tests.basics import ACCOUNT, NOW, OTHER_REGION
from tests.operations.steps import arn_of, create, encrypt, local_kms

JSON = "application/json"


def ask(
    local: LocalKms, method: str, name: str, body: object = None, content_type: str = JSON
) -> tuple[int, Any]:
    """The status and the members of the answer; a body of bytes is sent as it is."""
    if not isinstance(body, bytes):
        body = b"" if body is None else json.dumps(body).encode()
    http = answer(local, method, name, content_type, body)
    headers = dict(http.headers)
    assert headers["Content-Type"] == JSON
    assert headers["Content-Length"] == str(len(http.body))
    return http.status, json.loads(http.body)


def refused(status: int, sentence: str) -> tuple[int, dict[str, str]]:
    return status, {"message": sentence}


# ---- any request

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
_members = st.sampled_from(
    [
        *("advance_seconds", "to", "name", "number", "operation", "error", "message", "times"),
        *("rate", "latency_seconds", "sleep", "members", "account", "principal", "region"),
    ]
)
_likely = st.sampled_from(["Encrypt", "*", "ThrottlingException", ACCOUNT, "2027-01-01T00:00Z", 1])


@given(st.sampled_from(list(ROUTES)), st.dictionaries(_members, _values | _likely) | _values)
def test_whatever_is_asked_is_answered_in_json_and_what_is_refused_changes_nothing(
    route: tuple[str, str], body: object
) -> None:
    local = local_kms()
    create(local)
    before = (local.kms, local.clock.now(), local.faults)
    status, members = ask(local, *route, body)
    assert status in {200, 400, 404}
    if status != HTTPStatus.OK:
        assert members.keys() == {"message"}
        assert " " in members["message"]
        assert (local.kms, local.clock.now(), local.faults) == before


@given(st.binary(max_size=20) | st.sampled_from([b"{", b"\xff", b"NaN", b"[" * 100_000]))
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    status, members = ask(local_kms(), "POST", "snapshot", body or b" ")
    assert status == 400
    assert members["message"] in {"The body is not JSON.", "The body must be a JSON object."}


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("route", list(ROUTES))
def test_a_body_says_that_it_is_json(
    local: LocalKms, route: tuple[str, str], content_type: str
) -> None:
    """A page of another origin cannot say so without asking first."""
    sentence = "A body is JSON, with content-type: application/json."
    assert ask(local, *route, b"{}", content_type) == refused(415, sentence)


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON; charset=utf-8"])
def test_a_type_of_json_may_have_a_character_set(local: LocalKms, content_type: str) -> None:
    assert ask(local, "POST", "reset", b"{}", content_type)[0] == 200


def test_what_there_is_not_is_said(local: LocalKms) -> None:
    known = "clock, reset, snapshot, restore, faults, calls, explain, model, draft, commands, policy-view"
    assert ask(local, "POST", "x") == refused(404, f"There is no such route; there are {known}.")
    assert ask(local, "PUT", "faults") == refused(405, "/_kmsmodel/faults takes GET, POST, DELETE.")
    assert dict(answer(local, "PUT", "clock", "", b"").headers)["Allow"] == "GET, POST"
    assert "Allow" not in dict(answer(local, "GET", "x", "", b"").headers)
    sentence = 'There is no member "seconds"; there are advance_seconds, to.'
    assert ask(local, "POST", "clock", {"seconds": 1}) == refused(400, sentence)


# ---- the clock and the state


@given(st.floats(0, 1e9) | st.integers(0, 10**9))
def test_the_clock_is_advanced_by_so_many_seconds_and_tells_the_time(seconds: float) -> None:
    local = local_kms()
    status, members = ask(local, "POST", "clock", {"advance_seconds": seconds})
    assert status == 200
    assert datetime.fromisoformat(members["now"]) == local.clock.now()
    assert local.clock.now() == NOW + timedelta(seconds=seconds)
    assert ask(local, "GET", "clock") == (200, members)


@given(
    st.datetimes(
        NOW.replace(tzinfo=None), END_OF_TIME.replace(tzinfo=None), timezones=st.just(UTC)
    ),
    st.integers(-14, 14),
)
def test_the_clock_is_advanced_to_a_date_in_any_time_zone(to: datetime, hours: int) -> None:
    local = local_kms()
    shown = (to + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
    status, members = ask(local, "POST", "clock", {"to": f"{shown}{hours:+03}:00"})
    assert (status, datetime.fromisoformat(members["now"])) == (200, to)


ONE_OF_TWO = 'The body must be {"advance_seconds": N} or {"to": DATE}.'
ONLY_FORWARD = "A clock is not set back, and it goes as far as the year 9000."
NO_DATE = "to must be a date with a time zone, such as 2027-01-01T00:00:00Z."


@pytest.mark.parametrize(
    "body, sentence",
    [
        ({}, ONE_OF_TWO),
        (None, ONE_OF_TWO),
        ({"advance_seconds": 1, "to": "2030-01-01T00:00:00Z"}, ONE_OF_TWO),
        ({"advance_seconds": True}, "advance_seconds must be a number."),
        ({"advance_seconds": "8"}, "advance_seconds must be a number."),
        ({"advance_seconds": -1}, ONLY_FORWARD),
        ({"advance_seconds": 1e300}, ONLY_FORWARD),
        ({"advance_seconds": 10**400}, ONLY_FORWARD),
        ({"advance_seconds": 250000000000}, ONLY_FORWARD),
        (b'{"advance_seconds": NaN}', "The body is not JSON."),
        (b'{"advance_seconds": 1, "advance_seconds": 1}', "The body is not JSON."),
        (b'{"advance_seconds": %s}' % (b"9" * 5000), "The body is not JSON."),
        ({"to": 8}, "to must be a string."),
        ({"to": "tomorrow"}, NO_DATE),
        ({"to": "2030-01-01"}, NO_DATE),
        ({"to": "0001-01-01T00:00:00+23:00"}, NO_DATE),
        ({"to": "2026-11-24T00:00:00Z"}, ONLY_FORWARD),
        ({"to": "9001-01-01T00:00:00Z"}, ONLY_FORWARD),
    ],
)
def test_a_clock_that_cannot_be_advanced_so_says_so_and_stands(
    local: LocalKms, body: object, sentence: str
) -> None:
    assert ask(local, "POST", "clock", body) == refused(400, sentence)
    assert local.clock.now() == NOW


def test_a_reset_goes_back_to_the_state_that_the_kms_began_with(local: LocalKms) -> None:
    kept = create(local).key_id
    began = LocalKms(local.kms, clock=Clock(NOW), hsm=SeededHsm("another"))
    create(began)
    ask(began, "POST", "clock", {"advance_seconds": 60})
    later = (NOW + timedelta(seconds=60)).isoformat()
    assert ask(began, "POST", "reset") == (200, {"now": later})
    assert [key.key_id for key in began.handle(ListKeysRequest()).keys] == [kept]


@pytest.mark.parametrize("body, name", [(None, ""), ({}, ""), ({"name": "two"}, "two")])
def test_a_snapshot_is_restored_by_its_name(local: LocalKms, body: object, name: str) -> None:
    create(local)
    before = local.kms
    assert ask(local, "POST", "snapshot", body) == (200, {"name": name, "now": NOW.isoformat()})
    create(local)
    assert ask(local, "POST", "restore", body) == (200, {"name": name, "now": NOW.isoformat()})
    assert local.kms is before


def test_a_snapshot_that_is_not_there_is_not_found(local: LocalKms) -> None:
    sentence = "There is no snapshot 'x'; there are none."
    assert ask(local, "POST", "restore", {"name": "x"}) == refused(404, sentence)


# ---- faults


def test_a_fault_is_armed_listed_and_ended(local: LocalKms) -> None:
    body = {"operation": "Encrypt", "error": "ThrottlingException", "times": 2, "rate": 1}
    status, armed = ask(local, "POST", "faults", body)
    assert status == 200
    assert armed == {
        "number": 1,
        "operation": "Encrypt",
        "error": "ThrottlingException",
        "times": 2,
        "rate": 1,
        "latency_seconds": 0,
        "sleep": False,
        "struck": 0,
    }
    with pytest.raises(ThrottlingException):
        encrypt(local, "1234abcd")
    listed = {"faults": [{**armed, "struck": 1}]}
    assert ask(local, "GET", "faults") == (200, listed)
    assert ask(local, "DELETE", "faults") == (200, listed)
    assert ask(local, "GET", "faults") == (200, {"faults": []})
    assert not local.may_fail("Encrypt")


def test_one_fault_of_several_is_ended_by_its_number(local: LocalKms) -> None:
    for operation in ("Encrypt", "Decrypt", "Sign"):
        local.fail(operation, ThrottlingException)
    assert ask(local, "DELETE", "faults", {"number": 2})[0] == 200
    assert [each.operation for each in local.faults] == ["Encrypt", "Sign"]
    for number in (0, 2, 4):
        sentence = f"There is no fault {number} that is armed."
        assert ask(local, "DELETE", "faults", {"number": number}) == refused(404, sentence)
    assert len(local.faults) == 2


def test_a_fault_has_the_message_that_it_is_given(local: LocalKms) -> None:
    body = {"operation": "*", "error": "DisabledException", "message": "why"}
    ask(local, "POST", "faults", body)
    with pytest.raises(DisabledException, match=r"^why$"):
        local.handle(ListKeysRequest())


def test_a_fault_may_be_a_latency_or_a_dropped_connection(local: LocalKms) -> None:
    _, armed = ask(local, "POST", "faults", {"operation": "ListKeys", "latency_seconds": 1.5})
    assert (armed["error"], armed["latency_seconds"]) == (None, 1.5)
    ask(local, "POST", "faults", {"operation": "ListKeys", "error": "ConnectionDropped"})
    with pytest.raises(ConnectionDropped, match=r"^the connection was closed"):
        local.handle(ListKeysRequest())
    assert local.clock.now() == NOW + timedelta(seconds=1.5)
    (call,) = ask(local, "GET", "calls")[1]["calls"]
    assert call["error_code"] == "ConnectionDropped"


@pytest.mark.parametrize(
    "more, sentence",
    [
        (
            {"operation": "Decypt"},
            "'Decypt' is not an operation of this model; perhaps 'Decrypt' is meant.",
        ),
        ({"error": None}, "a fault has an error, or a latency, or both."),
        ({"error": "Oops"}, '"Oops" is not an error of AWS KMS, and not ConnectionDropped.'),
        (
            {"error": "KmsError"},
            '"KmsError" is not an error of AWS KMS, and not ConnectionDropped.',
        ),
        ({"error": 5}, "error must be a string."),
        ({"times": 0}, "times must be a number of times, from 1."),
        ({"times": 1.5}, "times must be a whole number."),
        ({"rate": 0}, "rate must be more than 0, and at most 1."),
        ({"latency_seconds": -1}, "latency must not be negative."),
        ({"latency_seconds": 86401, "sleep": True}, "a latency that lasts is at most a day."),
        ({"sleep": 1}, "sleep must be true or false."),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(
    local: LocalKms, more: dict[str, object], sentence: str
) -> None:
    body = {"operation": "Decrypt", "error": "ThrottlingException", **more}
    assert ask(local, "POST", "faults", body) == refused(400, sentence)
    assert local.faults == ()


# ---- calls and decisions


def test_calls_are_listed_without_what_is_secret(local: LocalKms) -> None:
    key = create(local)
    context = {"Department": "IT"}
    sealed = local.handle(
        EncryptRequest(key_id=key.key_id, plaintext=b"attack at dawn", encryption_context=context)
    ).ciphertext_blob
    local.handle(
        DecryptRequest(ciphertext_blob=sealed, encryption_context=context), region="us-west-2"
    )
    status, members = ask(local, "GET", "calls")
    assert status == 200
    created, encrypted, decrypted = members["calls"]
    assert created["encryption_context"] is None
    assert decrypted["operation"] == "Decrypt"
    assert encrypted == {
        "operation": "Encrypt",
        "account": ACCOUNT,
        "principal": f"arn:aws:iam::{ACCOUNT}:root",
        "region": "us-west-2",
        "time": NOW.isoformat(),
        "request_id": local.calls[1].request_id,
        "key_arn": arn_of(key),
        "encryption_context": context,
        "error_code": None,
        "notes": [],
    }
    assert "attack" not in json.dumps(members)


def test_a_call_that_was_refused_is_listed_with_its_notes(local: LocalKms) -> None:
    local.respond("TrentService.CreateKey", b'{"Policy": "no policy"}')
    ((call,),) = ask(local, "GET", "calls")[1].values()
    assert call["error_code"] == "MalformedPolicyDocumentException"
    assert call["notes"] == list(local.calls[0].notes) != []


def test_a_request_is_explained_and_not_done(local: LocalKms) -> None:
    key = create(local)
    before = local.kms
    user = f"arn:aws:iam::{ACCOUNT}:user/alice"
    asked = {"operation": "DisableKey", "members": {"KeyId": key.key_id}}
    status, members = ask(local, "POST", "explain", asked)
    (decision,) = members["decisions"]
    assert (status, decision["allowed"], decision["action"]) == (200, True, "kms:DisableKey")
    status, members = ask(local, "POST", "explain", {**asked, "principal": user})
    (decision,) = members["decisions"]
    explanation = decision.pop("explanation")
    assert (status, decision) == (
        200,
        {
            "action": "kms:DisableKey",
            "resource": arn_of(key),
            "principal": user,
            "allowed": False,
            "verdict": "not allowed",
            "because": "no identity-based policy allows it",
        },
    )
    assert explanation[0] == f"kms:DisableKey on {arn_of(key)} by {user}"
    assert len(explanation) > 2
    assert local.kms is before
    assert [call.operation for call in local.calls] == ["CreateKey"]


@pytest.mark.parametrize(
    "more, sentence",
    [
        (
            {"operation": "Oops"},
            "UnknownOperationException: Oops is not an operation of this model.",
        ),
        ({"members": []}, "members must be an object."),
        ({"region": ""}, "region must be the name of a Region, such as us-west-2."),
        ({"account": 111122223333}, "account must be a string."),
        ({"principal": "alice", "region": OTHER_REGION}, None),
        ({"members": {}}, None),
    ],
)
def test_what_cannot_be_explained_is_refused(
    local: LocalKms, more: dict[str, object], sentence: str | None
) -> None:
    body = {"operation": "DisableKey", "members": {"KeyId": "1234abcd"}, **more}
    status, members = ask(local, "POST", "explain", body)
    assert status == 400
    assert sentence in {None, members["message"]}


@pytest.mark.parametrize("body", [{"operation": "ListKeys"}, {"operation": "DescribeKey"}])
def test_a_caller_who_is_found_nowhere_is_refused(local: LocalKms, body: dict[str, str]) -> None:
    status, members = ask(local, "POST", "explain", {**body, "principal": "\0"})
    assert (status, list(members)) == (400, ["message"])
