"""
What a server of the model can do besides AWS KMS: its own routes, below ``/_kmsmodel/``.

`ROUTES` is the table of them. Each takes the `LocalKms` and a JSON value, which is None for a request without a body,
and gives a JSON value or raises a `Refusal`. None of them shows key material, a plaintext or a token that it was not
given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar, cast, final

from kmsmodel import service
from kmsmodel.console.reading import Malformed
from kmsmodel.errors import KmsError
from kmsmodel.faults import FAILURES, Failure, Fault
from kmsmodel.local import LocalKms, Who
from kmsmodel.policy.evaluation import Decision
from kmsmodel.record import RecordedCall
from kmsmodel.wire import HttpResponse
from kmsmodel.words import strict_json
from kmsmodel.words.arguments import among
from kmsmodel.words.dates import in_utc
from kmsmodel.words.meant import perhaps

T = TypeVar("T")

Json: TypeAlias = Any
"""A value that JSON has."""

Route: TypeAlias = Callable[[LocalKms, Json], Json]

PREFIX = "/_kmsmodel/"


@final
class Refusal(Exception):
    """What a route answers instead: a status of HTTP, and one sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def answer(local: LocalKms, method: str, name: str, content_type: str, body: bytes) -> HttpResponse:
    """The answer to a request of ``/_kmsmodel/NAME``. It may take long, and threads may ask at once."""
    try:
        route = _route(method, name)
        given = route(local, _json_of(content_type, body))
    except Refusal as refused:
        return refusal(refused.status, refused.sentence, allow=_methods(name))
    except Malformed as malformed:
        return refusal(HTTPStatus.BAD_REQUEST, str(malformed))
    except KmsError as error:
        return refusal(HTTPStatus.BAD_REQUEST, f"{error.code}: {error.message}".removesuffix(": "))
    return json_response(HTTPStatus.OK, given)


def refusal(status: HTTPStatus, sentence: str, *, allow: str = "") -> HttpResponse:
    """An error, as JSON with a sentence."""
    more = (("Allow", allow),) if status is HTTPStatus.METHOD_NOT_ALLOWED else ()
    return json_response(status, {"message": sentence}, *more)


def json_response(status: HTTPStatus, value: Json, *more: tuple[str, str]) -> HttpResponse:
    """An answer with a JSON body."""
    body = json.dumps(value).encode()
    headers = (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *more)
    return HttpResponse(status=status, headers=headers, body=body)


def _route(method: str, name: str) -> Route:
    route = ROUTES.get((method, name))
    if route is not None:
        return route
    allowed = _methods(name)
    if not allowed:
        known = ", ".join(dict.fromkeys(name for _, name in ROUTES))
        raise Refusal(HTTPStatus.NOT_FOUND, f"There is no such route; there are {known}.")
    raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"{PREFIX}{name} takes {allowed}.")


def _methods(name: str) -> str:
    return ", ".join(method for method, each in ROUTES if each == name)


def _json_of(content_type: str, body: bytes) -> Json:
    if not body:
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        sentence = "A body is JSON, with content-type: application/json."
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, sentence)
    try:
        return strict_json.loads(body.decode())
    except ValueError:
        raise _bad("The body is not JSON.") from None


# ---- what a body has


def _bad(sentence: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, sentence)


def members_of(body: Json, *names: str) -> Mapping[str, Json]:
    """The members of a body, which are some of these. Raises Refusal."""
    members = cast("Mapping[str, Json]", {} if body is None else body)
    if not isinstance(members, dict):
        raise _bad("The body must be a JSON object.")
    for name in members:
        if name not in names:
            raise _bad(f"There is no member {json.dumps(name)}; {among(names, name)}.")
    return members


def member(members: Mapping[str, Json], name: str, kind: type[T], default: T) -> T:
    """A member of this type, or the default. Raises Refusal."""
    value = members.get(name)
    if value is None:
        return default
    wanted: Any = (int, float) if kind is float else kind
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise _bad(f"{name} must be {_KINDS[kind]}.")
    return cast("T", value)


_KINDS: Mapping[type, str] = {
    str: "a string",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    dict: "an object",
}


# ---- the clock and the state


def _time(local: LocalKms, _: Json = None) -> Json:
    return {"now": local.clock.now().isoformat()}


def _advance(local: LocalKms, body: Json) -> Json:
    """``{"advance_seconds": N}``, or ``{"to": DATE}``."""
    members = members_of(body, "advance_seconds", "to")
    if len(members) != 1:
        raise _bad('The body must be {"advance_seconds": N} or {"to": DATE}.')
    to = member(members, "to", str, "")
    try:
        if "to" in members:
            local.clock.advance(_date(to) - local.clock.now())
        else:
            local.clock.advance(seconds=member(members, "advance_seconds", float, 0.0))
    except (ValueError, OverflowError):
        sentence = "A clock is not set back, and it goes as far as the year 9000."
        raise _bad(sentence) from None
    return _time(local)


def _date(text: str) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        sentence = "to must be a date with a time zone, such as 2027-01-01T00:00:00Z."
        raise _bad(sentence) from None


def _reset(local: LocalKms, body: Json) -> Json:
    members_of(body)
    local.reset()
    return _time(local)


def _snapshot(local: LocalKms, body: Json) -> Json:
    name = member(members_of(body, "name"), "name", str, "")
    local.snapshot(name)
    return {"name": name, **_time(local)}


def _restore(local: LocalKms, body: Json) -> Json:
    name = member(members_of(body, "name"), "name", str, "")
    try:
        local.restore(name)
    except KeyError as error:
        (told,) = error.args
        raise Refusal(HTTPStatus.NOT_FOUND, f"{told[:1].upper()}{told[1:]}.") from None
    return {"name": name, **_time(local)}


# ---- faults


def _fault(fault: Fault) -> Json:
    error = fault.error
    return {
        "number": fault.number,
        "operation": fault.operation,
        "error": None if error is None else error.code,
        "times": fault.times,
        "rate": fault.rate,
        "latency_seconds": fault.latency.total_seconds(),
        "sleep": fault.sleep,
        "struck": fault.struck,
    }


def _faults(local: LocalKms, _: Json) -> Json:
    return {"faults": [_fault(each) for each in local.faults]}


def _arm(local: LocalKms, body: Json) -> Json:
    """What `LocalKms.fail` takes; the error by its name, and a message of your choice."""
    members = members_of(
        body, "operation", "error", "message", "times", "rate", "latency_seconds", "sleep"
    )
    try:
        fault = local.fail(
            member(members, "operation", str, ""),
            _failure(members),
            times=member(members, "times", int, 0) if "times" in members else None,
            rate=member(members, "rate", float, 1.0),
            latency=timedelta(seconds=member(members, "latency_seconds", float, 0.0)),
            sleep=member(members, "sleep", bool, False),
        )
    except (ValueError, OverflowError) as error:
        raise _bad(f"{error}.") from None
    return _fault(fault)


def _failure(members: Mapping[str, Json]) -> Failure | type[Failure] | None:
    name, message = member(members, "error", str, ""), member(members, "message", str, "")
    if not name:
        return None
    cls = FAILURES.get(name)
    if cls is None:
        meant = perhaps(name, FAILURES)
        raise _bad(
            f"{json.dumps(name)} is not an error of AWS KMS, and not ConnectionDropped{meant}."
        )
    return cls(message) if message else cls


def _disarm(local: LocalKms, body: Json) -> Json:
    """All of them, or the one with this number."""
    members = members_of(body, "number")
    number = member(members, "number", int, 0)
    found = [each for each in local.faults if "number" not in members or each.number == number]
    if "number" in members and not found:
        raise Refusal(HTTPStatus.NOT_FOUND, f"There is no fault {number} that is armed.")
    for each in found:
        each.end()
    return {"faults": [_fault(each) for each in found]}


# ---- calls and decisions


def _calls(local: LocalKms, _: Json) -> Json:
    return {"calls": [_call(each) for each in local.calls]}


def _call(call: RecordedCall) -> Json:
    context = call.encryption_context
    return {
        "operation": call.operation,
        "account": call.caller.account,
        "principal": call.caller.principal.arn,
        "region": call.region,
        "time": call.time.isoformat(),
        "request_id": call.request_id,
        "key_arn": call.key_arn,
        "encryption_context": None if context is None else dict(context),
        "error_code": call.error_code,
        "notes": list(call.notes),
    }


def _explain(local: LocalKms, body: Json) -> Json:
    """The decisions that a request of this operation, with these members, leads to for this caller."""
    members = members_of(body, "operation", "members", "account", "principal", "region")
    who: Who = {}
    for name in ("account", "principal", "region"):
        if name in members:
            who[name] = member(members, name, str, "")
    asked: dict[str, Json] = member(members, "members", dict, {})
    try:
        request = service.parsed(member(members, "operation", str, ""), asked)
        decisions = local.explain(request, **who)
    except ValueError as error:
        raise _bad(f"{error}.") from None
    return {"decisions": [_decision(each) for each in decisions]}


def _decision(decision: Decision) -> Json:
    access = decision.access
    return {
        "action": access.action,
        "resource": access.resource,
        "principal": access.principal.arn,
        "allowed": decision.is_allowed,
        "verdict": decision.verdict.value,
        "because": decision.because,
        "explanation": str(decision.explanation).splitlines(),
    }


# ---- the console


def _of_the_console(name: str) -> Route:
    """A route of the console, which is loaded when somebody first asks for it."""

    def route(local: LocalKms, body: Json) -> Json:
        from kmsmodel.console.routes import ROUTES as OF_THE_CONSOLE

        return OF_THE_CONSOLE[name](local, body)

    return route


ROUTES: Mapping[tuple[str, str], Route] = {
    ("GET", "clock"): _time,
    ("POST", "clock"): _advance,
    ("POST", "reset"): _reset,
    ("POST", "snapshot"): _snapshot,
    ("POST", "restore"): _restore,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _arm,
    ("DELETE", "faults"): _disarm,
    ("GET", "calls"): _calls,
    ("POST", "explain"): _explain,
    ("GET", "model"): _of_the_console("model"),
    ("POST", "draft"): _of_the_console("draft"),
    ("POST", "commands"): _of_the_console("commands"),
    ("POST", "policy-view"): _of_the_console("policy-view"),
}
"""The routes, by method and name."""
