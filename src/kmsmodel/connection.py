"""
A connection of `kmsmodel.server`: uvicorn's own, with HTTP/1.1 as AWS writes it.

It answers most requests to AWS KMS itself, as soon as they have come. It leaves all others to uvicorn and to the ASGI
application, which would give the same answers to these: those that take a thread or have a long body, those that ask to
wait or to close the connection, and those that come while another is under way.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any, cast, final

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from kmsmodel.asgi import App
from kmsmodel.wire import HttpResponse

_ANOTHER_METHOD = b"PUT / HTTP/1.1\r\nConnection: close\r\n\r\n"
"""A request that is answered as any whose method the parser does not know."""


@final
class Connection(HttpToolsProtocol):
    """One client of the server."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._app = self.config.app if isinstance(self.config.app, App) else None
        self._body: bytearray | None = None
        """What has come of the body of a request that is not left to ASGI."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = _Wire(cast("asyncio.Transport", transport), self.loop)
        super().connection_made(cast("asyncio.Transport", self._wire))

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as offer:
                data = self._anew(self._head_without_offer() + data[offer.args[0] :])
            except HttpParserInvalidMethodError:
                data = self._anew(_ANOTHER_METHOD)
            except HttpParserError:
                self.send_400_response("Invalid HTTP request received.")  # as uvicorn has it
                return
            else:
                return

    def _anew(self, data: bytes) -> bytes:
        """This data, for a parser that has seen nothing before it."""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
        return data

    def _head_without_offer(self) -> bytes:
        """
        The head of this request as if it had offered no upgrade, which a server may ignore (RFC 9110, 7.8).

        The parser cannot ignore it: it takes the body for another protocol.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            return _ANOTHER_METHOD
        lines = [b"%b %b HTTP/%b" % (method, self.url, version.encode())]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def send_400_response(self, msg: str) -> None:
        if self._is_under_way() and not self.cycle.more_body:
            self.cycle.keep_alive = False  # what is under way is answered, and is the last
        else:
            super().send_400_response(msg)

    # ---- what the parser tells

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return  # this request comes again, without the offer
        if self._is_quick():
            self._body = bytearray()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._body is None:
            super().on_body(body)
            return
        self._body += body
        if len(self._body) > HIGH_WATER_LIMIT:
            self._leave_to_asgi()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        if self._body is not None and (answer := self._answer(bytes(self._body))) is not None:
            self._body = None
            self._wire.send(self._head(answer) + answer.body)
            self.on_response_complete()
            return
        if self._body is not None:
            self._leave_to_asgi()
        super().on_message_complete()

    def shutdown(self) -> None:
        if self._body is not None:
            self._leave_to_asgi()  # so that it counts as under way
        super().shutdown()

    # ---- what is answered here

    def _is_quick(self) -> bool:
        """Is this a request to AWS KMS that waits for nothing, on a connection that stays open?"""
        return (
            self._app is not None
            and self.url == b"/"
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.expect_100_continue
            and not self.flow.write_paused
            and not self._is_under_way()
        )

    def _is_under_way(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _answer(self, body: bytes) -> HttpResponse | None:
        """The answer, or None if ASGI is to give it."""
        try:
            return self._app and self._app.answer_at_once(self.headers, body)
        except Exception:  # noqa: BLE001 - an answer that fails changes nothing; uvicorn reports it
            return None

    def _leave_to_asgi(self) -> None:
        body, self._body = self._body, None
        super().on_headers_complete()
        super().on_body(bytes(body or b""))

    def _head(self, answer: HttpResponse) -> bytes:
        own = "".join([f"{name}: {value}\r\n" for name, value in answer.headers]).encode()
        always = _lines(tuple(self.server_state.default_headers))
        return b"%b%b%b\r\n" % (STATUS_LINE[answer.status], always, own)


@final
class _Wire:
    """
    A transport that writes names of headers as AWS does, and together what is written in one turn of the event loop.

    uvicorn writes a head by itself, and uvloop 0.23 each writing at once.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if data.startswith(b"HTTP/1.1 "):  # no body of this server does
            for lower, name in _NAMES:
                data = data.replace(lower, name)
        self.send(data)

    def send(self, data: bytes) -> None:
        """Write what has AWS's names already."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            self._transport.write(b"".join(self._parts))
            self._parts.clear()


# libmongocrypt, for one, knows Content-Length by no other case.
_NAMES = [
    (f"\r\n{name}: ".lower().encode(), f"\r\n{name}: ".encode())
    for name in (
        "Cache-Control",
        "Connection",
        "Content-Length",
        "Content-Type",
        "Date",
        "Expires",
        "Pragma",
        "Transfer-Encoding",
        "x-amzn-RequestId",
    )
]


@lru_cache(1)
def _lines(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return b"".join([b"%b: %b\r\n" % (name.title(), value) for name, value in headers])
