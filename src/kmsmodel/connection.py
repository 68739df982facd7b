"""
A connection of `kmsmodel.server`, which answers most requests to AWS KMS itself, as soon as they have come.

It leaves all others to uvicorn and to the ASGI application: other paths and methods, a request that takes a thread, has
a long body, or asks to wait or to close the connection, and one that comes while ASGI has another. They would have the
same answer either way.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, cast, final

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from kmsmodel.asgi import DROP, App
from kmsmodel.http11 import Http11
from kmsmodel.wire import HttpResponse


@final
class Connection(Http11):
    """One connection of the server."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._app = self.config.app if isinstance(self.config.app, App) else None
        self._body: bytearray | None = None  # what has come of it, of a request that ASGI has not
        self._head_of_request: tuple[tuple[bytes, bytes], ...] = ()  # without what a trailer adds

    def on_headers_complete(self) -> None:
        if self._is_quick():
            self._body, self._head_of_request = bytearray(), tuple(self.headers)
        else:
            self._begin_asgi()

    def _begin_asgi(self) -> None:
        super().on_headers_complete()
        if not self.parser.should_upgrade():  # otherwise it comes again, without the offer
            scope = cast("dict[str, object]", self.scope)
            scope["extensions"] = {DROP: {"close": partial(_close, self.cycle)}}

    def _is_quick(self) -> bool:
        """Is this a request to AWS KMS that waits for nothing, on a connection that stays open?"""
        return (
            self._app is not None
            and self.url == b"/"
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
            and self.wire.pending <= HIGH_WATER_LIMIT
            and not self.is_under_way()
        )

    def on_body(self, body: bytes) -> None:
        if self._body is None:
            super().on_body(body)
            return
        self._body += body
        if len(self._body) > HIGH_WATER_LIMIT:
            self._leave_to_asgi(self._body)

    def on_message_complete(self) -> None:
        if self._body is not None:
            answer = self._answer(bytes(self._body))
            if answer is not None:
                self._body = None
                self.wire.send(self._head(answer) + answer.body)
                self.on_response_complete()
                return
            self._leave_to_asgi(self._body)
        super().on_message_complete()

    def shutdown(self) -> None:
        if self._body is not None:
            self._leave_to_asgi(self._body)  # which answers what has begun to come
        super().shutdown()

    def _leave_to_asgi(self, body: bytearray) -> None:
        self._body = None
        self._begin_asgi()
        super().on_body(bytes(body))

    def _answer(self, body: bytes) -> HttpResponse | None:
        """The answer, or None if ASGI has to give it."""
        try:
            return self._app and self._app.answer_at_once(self._head_of_request, body)
        except Exception:  # noqa: BLE001 - a failure changes nothing; by ASGI, uvicorn tells of it
            return None

    def _head(self, answer: HttpResponse) -> bytes:
        own = "".join([f"{name}: {value}\r\n" for name, value in answer.headers]).encode()
        always = _lines(tuple(self.server_state.default_headers))
        return b"%b%b%b\r\n" % (STATUS_LINE[answer.status], always, own)


def _close(cycle: RequestResponseCycle) -> None:
    """Close the connection of a request, which has no answer."""
    cycle.disconnected = True
    cycle.transport.close()


@lru_cache(1)
def _lines(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return b"".join([b"%b: %b\r\n" % (name.title(), value) for name, value in headers])
