"""
HTTP/1.1 as AWS writes it: uvicorn's own protocol, and where it differs.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast, final

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_ANOTHER_METHOD = b"PUT / HTTP/1.1\r\nConnection: close\r\n\r\n"
"""A request that stands for all whose method the parser does not know."""


class Http11(HttpToolsProtocol):
    """One connection of a server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = Wire(cast("asyncio.Transport", transport), self.loop)
        super().connection_made(cast("asyncio.Transport", self.wire))

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

        The parser cannot ignore it: it takes the body for another protocol (Kludex/uvicorn#2722).
        """
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            return _ANOTHER_METHOD
        lines = [b"%b %b HTTP/%b" % (method, self.url, version.encode())]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def on_headers_complete(self) -> None:
        if not self.parser.should_upgrade():  # otherwise it comes again, without the offer
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self.is_under_way() and not self.cycle.more_body:
            self.cycle.keep_alive = False  # what is under way is answered, and is the last
        else:
            super().send_400_response(msg)

    def is_under_way(self) -> bool:
        """Does a request that ASGI has wait for its answer?"""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete


@final
class Wire:
    """
    A transport that writes names of headers as AWS does, and together what is written in one turn of the event loop.

    uvicorn writes a head by itself, and uvloop 0.23 sends each writing at once.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self.pending = 0  # bytes of the parts
        self.is_closing = transport.is_closing

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
        self.pending += len(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts and not self.is_closing():
            self._transport.write(b"".join(self._parts))
        self._parts.clear()
        self.pending = 0


# Their case means nothing in HTTP, but libmongocrypt, for one, knows Content-Length by no other.
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
