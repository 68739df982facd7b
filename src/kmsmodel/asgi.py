"""
AWS KMS over HTTP: an ASGI application that a `LocalKms` answers.

Any ASGI server can serve it, and any ASGI application can mount it at any path. As with `kmsmodel.boto`, the credential
names the caller: an access key id of twelve digits is an account, and others are those of the users and sessions in the
directory of the `LocalKms`. Signatures are not checked. AWS STS is answered at the same address.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import NotRequired, TypeAlias, TypedDict, cast, final
from urllib.parse import parse_qs

from attrs import AttrsInstance

from kmsmodel import host_routes, same_origin, wire
from kmsmodel.calls.call import Call
from kmsmodel.calls.credential import credential
from kmsmodel.console import page
from kmsmodel.errors import (
    ConnectionDropped,
    KmsError,
    RequestEntityTooLargeException,
    notes_of,
)
from kmsmodel.local import LocalKms, Who
from kmsmodel.memory.kms import Kms
from kmsmodel.sts import query
from kmsmodel.sts.refusals import StsError, as_of_sts
from kmsmodel.wire import CONTENT_TYPE, HttpResponse
from kmsmodel.words.arguments import expect

Scope: TypeAlias = Mapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, object]]]
Send: TypeAlias = Callable[[dict[str, object]], Awaitable[None]]

try:
    import orjson
except ModuleNotFoundError:
    write = wire.write
else:

    def write(members: Mapping[str, object]) -> bytes:
        """A body, in UTF-8. What is not Unicode, and came back in a message, is written in ASCII."""
        try:
            return orjson.dumps(members)
        except TypeError:
            return wire.write(members)


_LOG = logging.getLogger("kmsmodel")

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of a body. A request that the API allows is shorter, even with each character escaped."""

_AWS_JSON = CONTENT_TYPE.encode()
_FORM = query.CONTENT_TYPE.encode()

DROP = "kmsmodel.drop"
"""An extension of ASGI, in which a server gives a function that closes the connection without an answer."""


@final
class App:
    """
    AWS KMS as an ASGI application.

    ``local`` answers, also the routes of `kmsmodel.host_routes`. Those are asked as localhost, by an address, or by one
    of the ``host_names``. With ``console``, the console's page is at ``/console/``; then a browser, which sends an
    Origin, can ask AWS KMS only from there.
    """

    def __init__(
        self,
        local: LocalKms | None = None,
        *,
        host_names: Collection[str] = (),
        console: bool = False,
    ) -> None:
        self.local = LocalKms() if local is None else local
        expect("local", self.local, LocalKms)
        self._host_names = frozenset(host_names)
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer one ASGI scope.

        Raises ValueError for a type of scope that ASGI 3.0 does not have, and ConnectionDropped if that is the fault of
        a request, and the server has no `DROP`.
        """
        match scope["type"]:
            case "http":
                try:
                    answer = await self._answer(cast("_Http", scope), receive)
                except _Disconnected:
                    return
                except ConnectionDropped:
                    if not _close(cast("_Http", scope)):
                        raise
                    return
                await _send(answer, send)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await send({"type": "websocket.close"})
            case other:
                raise ValueError(f"a scope of type {other} cannot be answered")

    def answer_at_once(
        self, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> HttpResponse | None:
        """The answer to ``POST /`` without a query, or None if it takes so long that it needs a thread."""
        named = dict(headers)
        if self._console and b"origin" in named:
            return None
        if not _is(_AWS_JSON, named.get(b"content-type", b"")):
            return self._other_protocol(named, b"", body)
        try:
            who = self._who(named, b"", "kms")
        except KmsError as refused:
            return wire.render(refused, self._request_id(), write)
        target = named.get(b"x-amz-target", b"").decode("latin-1")
        if _is_slow(target, body) or self._may_sleep(target):
            return None
        return self._respond(target, body, who)

    async def _answer(self, http: _Http, receive: Receive) -> HttpResponse:
        path = http["path"].removeprefix(http.get("root_path", "")) or "/"
        stranger = self._stranger(http, path)
        if stranger is not None:
            return host_routes.refusal(*stranger)
        try:
            match http["method"], path:
                case "POST", "/":
                    return await self._operation(http, receive)
                case "GET" | "HEAD", "/health":
                    return host_routes.json_response(HTTPStatus.OK, {"status": "ok"})
                case _, other if other.startswith(host_routes.PREFIX):
                    name = other.removeprefix(host_routes.PREFIX)
                    return await self._host_route(http, name, receive)
                case "GET" | "HEAD", other if self._console and _is_of_the_console(other):
                    return _of_the_console(http, other)
                case _:
                    return self._unknown_operation()
        except KmsError as refused:
            return wire.render(refused, self._request_id(), write)

    # ---- what AWS KMS has

    async def _operation(self, http: _Http, receive: Receive) -> HttpResponse:
        headers = dict(http["headers"])
        query_string = http.get("query_string", b"")
        if not _is(_AWS_JSON, headers.get(b"content-type", b"")):
            body = await _body(receive) if _is(_FORM, headers.get(b"content-type", b"")) else b""
            return self._other_protocol(headers, query_string, body)
        who = self._who(headers, query_string, "kms")
        target = headers.get(b"x-amz-target", b"").decode("latin-1")
        body = await _body(receive)
        if _is_slow(target, body) or self._may_sleep(target):
            return await asyncio.to_thread(self._respond, target, body, who)
        return self._respond(target, body, who)

    def _who(self, headers: Mapping[bytes, bytes], query_string: bytes, service: str) -> Who:
        """
        Who calls, and where, as the credential and the session token say. Nothing else of a signature is read.

        Raises IncompleteSignatureException, InvalidSignatureException, and what `LocalKms.who` raises.
        """
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        presigned = query_string.decode("latin-1")
        signed = credential(authorization, presigned, service=service)
        if signed is None:
            return {}
        token = headers.get(b"x-amz-security-token", b"").decode("latin-1")
        token = token or parse_qs(presigned).get("X-Amz-Security-Token", [""])[0]
        return {**self.local.who(signed.access_key_id, token), "region": signed.region}

    def _respond(self, target: str, body: bytes, who: Who) -> HttpResponse:
        """As `LocalKms.respond`, but that `write` makes the body, and that the notes of an error are logged."""

        def give(answered: AttrsInstance | KmsError, call: Call) -> HttpResponse:
            if isinstance(answered, KmsError):
                _log(wire.operation_of(target), answered, call)
            return wire.render(answered, call.request_id, write)

        return self.local.answer(target, body, give, **who)

    def _may_sleep(self, target: str) -> bool:
        """Is there a fault, which may be a latency that lasts?"""
        return self.local.may_fail(wire.operation_of(target))

    def _other_protocol(
        self, headers: Mapping[bytes, bytes], query_string: bytes, body: bytes
    ) -> HttpResponse:
        """The answer of AWS STS to a form, and that of AWS KMS to whatever else is none of its own protocol."""
        is_form = _is(_FORM, headers.get(b"content-type", b""))
        parameters = query.parse_form(body) if is_form else {}
        if "Action" not in parameters:
            return self._unknown_operation()
        try:
            who = self._who(headers, query_string, "sts")
        except KmsError as refused:
            return query.render(as_of_sts(refused), self._request_id())
        secret = self.local.session_secret

        def step(kms: Kms, call: Call) -> tuple[Kms, HttpResponse]:
            answered = query.answer(parameters, call, secret)
            if isinstance(answered, StsError):
                _log(parameters["Action"], answered, call)
            return kms, query.render(answered, call.request_id)

        return self.local.step(step, **who)

    def _unknown_operation(self) -> HttpResponse:
        """What AWS answers if a request is none of the protocol: the error in XML, without a type."""
        body = b"<UnknownOperationException/>\n"
        length = ("Content-Length", str(len(body)))
        headers = (length, ("x-amzn-RequestId", self._request_id()))
        return HttpResponse(status=HTTPStatus.NOT_FOUND, headers=headers, body=body)

    def _request_id(self) -> str:
        return self.local.step(lambda kms, call: (kms, call.request_id))

    # ---- what AWS KMS does not have

    def _stranger(self, http: _Http, path: str) -> tuple[HTTPStatus, str] | None:
        """The refusal of a request of a stranger's page, where one could come from a browser."""
        headers = list(http["headers"])
        is_own = path.startswith(host_routes.PREFIX)
        is_of_a_browser = _is_of_the_console(path) or any(name == b"origin" for name, _ in headers)
        if is_own or (self._console and is_of_a_browser):
            return same_origin.refused(headers, self._host_names)
        return None

    async def _host_route(self, http: _Http, name: str, receive: Receive) -> HttpResponse:
        try:
            body = await _body(receive)
        except RequestEntityTooLargeException:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return host_routes.refusal(status, f"A body has at most {BODY_LIMIT} bytes.")
        content_type = dict(http["headers"]).get(b"content-type", b"").decode("latin-1")
        return await asyncio.to_thread(
            host_routes.answer, self.local, http["method"], name, content_type, body
        )


def _log(operation: str, error: KmsError | StsError, call: Call) -> None:
    """Log the notes of an error, which HTTP has no place for. What clients wrote breaks no line."""
    notes = notes_of(error)
    if notes and _LOG.isEnabledFor(logging.INFO):
        who = f"{operation} by {call.caller.principal.arn} in {call.region}: {error.code}"
        lines = [who, *(f"  {line}" for note in notes for line in note.split("\n"))]
        _LOG.info("%s", "\n".join(map(_printable, lines)))


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


# ---- the request


class _Http(TypedDict):
    """The parts of an ASGI scope of type "http" that are read here."""

    method: str
    path: str
    root_path: NotRequired[str]
    query_string: NotRequired[bytes]
    headers: Iterable[tuple[bytes, bytes]]
    extensions: NotRequired[Mapping[str, Mapping[str, Callable[[], None]]]]


def _is(wanted: bytes, content_type: bytes) -> bool:
    return content_type == wanted or content_type.partition(b";")[0].strip().lower() == wanted


def _is_slow(target: str, body: bytes) -> bool:
    """
    Does this make or use an RSA private key? That takes milliseconds to seconds; in a thread, it holds up nobody.

    Other requests take up to some milliseconds, which the event loop can wait. A wrong guess costs only time.
    """
    return b"RSA" in body or target.endswith("ImportKeyMaterial")


async def _body(receive: Receive) -> bytes:
    """
    The whole body.

    Raises RequestEntityTooLargeException as soon as it is too long, and _Disconnected if the client has gone.
    """
    parts: list[bytes] = []
    length = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _Disconnected
        part = cast("bytes", event.get("body", b""))
        length += len(part)
        if length > BODY_LIMIT:
            raise RequestEntityTooLargeException
        parts.append(part)
        if not event.get("more_body", False):
            return b"".join(parts)


@final
class _Disconnected(Exception):
    """The client has gone."""


def _is_of_the_console(path: str) -> bool:
    return path.startswith(page.PREFIX) or path == page.PREFIX.removesuffix("/")


# ---- the response


def _of_the_console(http: _Http, path: str) -> HttpResponse:
    """A file of the console's page. Without the slash at its end, the path would be another to the page."""
    if not path.startswith(page.PREFIX):
        headers = (("Location", http.get("root_path", "") + page.PREFIX), ("Content-Length", "0"))
        return HttpResponse(status=HTTPStatus.PERMANENT_REDIRECT, headers=headers, body=b"")
    known = dict(http["headers"]).get(b"if-none-match", b"").decode("latin-1")
    return page.respond(path.removeprefix(page.PREFIX), known=known)


def _close(http: _Http) -> bool:
    """Close the connection without an answer, if the server can."""
    extension = http.get("extensions", {}).get(DROP)
    if extension is None:
        return False
    extension["close"]()
    return True


async def _send(answer: HttpResponse, send: Send) -> None:
    headers = [(_lower(name), value.encode()) for name, value in answer.headers]
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
    except OSError:
        return  # the client has gone


@lru_cache(64)
def _lower(name: str) -> bytes:
    return name.lower().encode()


async def _live(receive: Receive, send: Send) -> None:
    """Say that all is ready, and later that all is done: there is nothing to prepare or to clean up."""
    event_type = None
    while event_type != "lifespan.shutdown":
        event_type = (await receive())["type"]
        await send({"type": f"{event_type}.complete"})
