"""
HTTP/1.1 on a socket, with the answers that are given at once and with those that are left to ASGI.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Callable, Collection, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, cast, final
from urllib.parse import urlsplit

import boto3
import pytest
from attrs import frozen
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from kmsmodel import server
from kmsmodel.asgi import BODY_LIMIT, App, Receive, Scope, Send
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import ConnectionDropped
from kmsmodel.hsm.port import Hsm
from kmsmodel.http11 import Wire
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import CreateKeyRequest

PATIENCE = 20
"""Seconds until what does not come is given up."""


def at_once(local: LocalKms, host_names: Collection[str], *, console: bool) -> App:
    return App(local, host_names=host_names, console=console)


def by_asgi(
    local: LocalKms, host_names: Collection[str], *, console: bool
) -> Callable[[Scope, Receive, Send], Any]:
    """The same application, which the server cannot tell from any other."""
    app = App(local, host_names=host_names, console=console)

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return respond


@pytest.fixture(params=[at_once, by_asgi], scope="module", autouse=True)
def way(request: pytest.FixtureRequest) -> Generator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server, "App", request.param)
        yield


@pytest.fixture(scope="module")
def url(way: None) -> Generator[str]:
    """A server that all tests of a way share."""
    with server.running(new_local()) as url:
        yield url


def new_local() -> LocalKms:
    return LocalKms(hsm=SeededHsm("connection"))


# ---- a client


@final
@frozen
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def members(self) -> Any:
        return json.loads(self.body)


@final
class Client:
    """A socket, and the answers that are read from it."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.received = b""

    def send(self, *parts: bytes) -> None:
        """Each part as a packet of its own."""
        for part in parts:
            self.socket.sendall(part)
            if len(parts) > 1:
                time.sleep(0.02)

    def answer(self, *, has_body: bool = True) -> Answer:
        head = self._read_until(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        assert status.startswith("HTTP/1.1 ")
        length = int(headers.get("Content-Length", 0)) if has_body else 0
        return Answer(int(status.split()[1]), headers, self._read(length))

    def is_closed(self) -> bool:
        return self.received == b"" and self.socket.recv(1) == b""

    def _read_until(self, end: bytes) -> bytes:
        while end not in self.received:
            self._receive()
        found, _, self.received = self.received.partition(end)
        return found

    def _read(self, length: int) -> bytes:
        while len(self.received) < length:
            self._receive()
        found, self.received = self.received[:length], self.received[length:]
        return found

    def _receive(self) -> None:
        part = self.socket.recv(65_536)
        assert part, f"the server has closed the connection after {self.received!r}"
        self.received += part


@contextmanager
def client(url: str) -> Generator[Client]:
    parts = urlsplit(url)
    address = parts.hostname or "", parts.port or 0
    with socket.create_connection(address, timeout=PATIENCE) as connected:
        yield Client(connected)


def head(name: str, *more: str, line: str = "POST / HTTP/1.1") -> bytes:
    lines = [
        line,
        "Host: kms.us-west-2.amazonaws.com",
        f"X-Amz-Target: TrentService.{name}",
        "Content-Type: application/x-amz-json-1.1",
        *more,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def request(name: str, body: bytes = b"{}", *more: str, line: str = "POST / HTTP/1.1") -> bytes:
    return head(name, f"Content-Length: {len(body)}", *more, line=line) + body


def describe(alias: str, *more: str) -> bytes:
    """A request whose answer names it."""
    return request("DescribeKey", json.dumps({"KeyId": f"alias/{alias}"}).encode(), *more)


def named_by(answer: Answer) -> str:
    found = re.search(r"alias/(\S+) is not found", answer.members["message"])
    assert found is not None
    return found[1]


# ---- the names of headers

OF_ANSWERS = [
    "x-amzn-RequestId",
    "Cache-Control",
    "Expires",
    "Pragma",
    "Content-Type",
    "Content-Length",
]


@pytest.mark.parametrize(
    "sent, status, names",
    [
        (request("ListKeys"), 200, ["Date", *OF_ANSWERS]),
        (request("Lost"), 400, ["Date", *OF_ANSWERS]),
        (
            request("ListKeys", line="PUT / HTTP/1.1"),
            404,
            ["Date", "Content-Length", "x-amzn-RequestId"],
        ),
        (
            request("ListKeys", line="GET /health HTTP/1.1"),
            200,
            ["Date", "Content-Type", "Content-Length"],
        ),
        (
            request("ListKeys", b"{}", "Connection: close"),
            200,
            ["Date", *OF_ANSWERS, "Connection"],
        ),
        (
            b"POST / HTTP/1.1\r\nHost\r\n\r\n",
            400,
            ["Date", "Content-Type", "Content-Length", "Connection"],
        ),
    ],
)
def test_names_of_headers_are_written_as_aws_writes_them(
    url: str, sent: bytes, status: int, names: list[str]
) -> None:
    """MongoDB's libmongocrypt compares them so; its own tests hold answers of AWS KMS."""
    with client(url) as connection:
        connection.send(sent)
        answer = connection.answer()
    assert (answer.status, list(answer.headers)) == (status, names)


def test_a_body_is_left_as_it_is_whatever_it_says(url: str) -> None:
    with client(url) as connection:
        connection.send(request("Lost\tHTTP/1.1 \tcontent-length: 7"))
        assert b"HTTP/1.1 \\tcontent-length: 7" in connection.answer().body


# ---- offers


@pytest.mark.parametrize(
    "offer",
    [
        ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA"),
        ("connection: keep-alive, upgrade", "upgrade: H2C"),
        ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: AAAA"),
    ],
)
@pytest.mark.parametrize("cut", [0, 30, -40, -1])
def test_an_offer_to_upgrade_is_ignored_and_the_request_answered(
    url: str, offer: tuple[str, ...], cut: int
) -> None:
    """RFC 9110, 7.8. Java's HttpClient makes it, and `curl --http2`."""
    sent = describe("one", *offer)
    with client(url) as connection:
        for _ in range(2):
            connection.send(*(part for part in (sent[:cut], sent[cut:]) if part))
            assert named_by(connection.answer()) == "one"


def test_what_follows_an_offer_to_upgrade_is_answered_too(url: str) -> None:
    offer = ("Connection: Upgrade", "Upgrade: h2c")
    names = [f"{number}" for number in range(40)]
    with client(url) as connection:
        connection.send(b"".join(describe(name, *offer) for name in names) + describe("last"))
        assert [named_by(connection.answer()) for _ in names] == names
        assert named_by(connection.answer()) == "last"


def test_an_offer_to_upgrade_with_a_body_in_chunks_is_ignored_too(url: str) -> None:
    offer = ("Connection: Upgrade", "Upgrade: h2c", "Transfer-Encoding: chunked")
    chunks = b"1\r\n{\r\n", b"1\r\n}\r\n0\r\n\r\n"
    with client(url) as connection:
        connection.send(head("ListKeys", *offer) + chunks[0], chunks[1])
        assert connection.answer().members["Keys"] == []


def test_an_offer_to_upgrade_without_a_body_is_ignored_too(url: str) -> None:
    with client(url) as connection:
        connection.send(b"GET /health HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n")
        assert connection.answer().members == {"status": "ok"}


# ---- anything that is not a request


@pytest.mark.parametrize("method", ["CONNECT", "FOO", "P@ST", "post", "\x16\x03"])
def test_a_method_that_no_server_knows_is_an_unknown_operation(url: str, method: str) -> None:
    target = "example.com:80" if method == "CONNECT" else "/"
    with client(url) as connection:
        connection.send(f"{method} {target} HTTP/1.1\r\nHost: kms\r\n\r\n".encode())
        answer = connection.answer()
        assert connection.is_closed()
    assert (answer.status, answer.body) == (404, b"<UnknownOperationException/>\n")
    assert list(answer.headers) == ["Date", "Content-Length", "x-amzn-RequestId", "Connection"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\nPOST /\rA\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost kms\r\n\r\n",
        b"POST /\xff HTTP/1.1\r\n\r\n",
        head("ListKeys", "Content-Length: -1"),
        head("ListKeys", "Content-Length: 2", "Content-Length: 3"),
        head("ListKeys", "Transfer-Encoding: chunked") + b"?\r\n{}\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_connection_closed(url: str, sent: bytes) -> None:
    with client(url) as connection:
        connection.send(sent)
        answer = connection.answer()
        assert (answer.status, answer.headers["Connection"]) == (400, "close")
        assert connection.is_closed()


@pytest.mark.parametrize("nonsense", [b"FOO / HTTP/1.1\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n"])
def test_what_came_before_nonsense_is_answered(url: str, nonsense: bytes) -> None:
    with client(url) as connection:
        connection.send(describe("RSA-1") + describe("2") + nonsense)
        assert [named_by(connection.answer()) for _ in range(2)] == ["RSA-1", "2"]


# ---- bodies


def test_a_body_may_come_in_chunks(url: str) -> None:
    body = b'9\r\n{"KeyId":\r\nB;x=y\r\n"alias/in"}\r\n0\r\nTrailer: x\r\n\r\n'
    sent = head("DescribeKey", "Transfer-Encoding: chunked") + body
    with client(url) as connection:
        connection.send(sent)
        assert named_by(connection.answer()) == "in"
        connection.send(*(sent[start : start + 50] for start in range(0, len(sent), 50)))
        assert named_by(connection.answer()) == "in"


def test_a_client_that_waits_is_told_to_continue(url: str) -> None:
    body = b'{"KeyId": "alias/waits"}'
    with client(url) as connection:
        connection.send(head("DescribeKey", f"Content-Length: {len(body)}", "Expect: 100-Continue"))
        assert connection.answer().status == 100
        connection.send(body)
        assert named_by(connection.answer()) == "waits"


@pytest.mark.parametrize("length", [70_000, BODY_LIMIT])
def test_a_long_body_is_answered(url: str, length: int) -> None:
    body = b'{"KeyId": "alias/long"}'.ljust(length)
    with client(url) as connection:
        connection.send(request("DescribeKey", body) + describe("next"))
        assert [named_by(connection.answer()) for _ in range(2)] == ["long", "next"]


def test_a_body_that_is_too_long_is_refused_before_all_of_it_has_come(url: str) -> None:
    with client(url) as connection:
        connection.send(head("CreateKey", f"Content-Length: {2**40}") + bytes(BODY_LIMIT + 1))
        answer = connection.answer()
    assert (answer.status, answer.members) == (413, {"__type": "RequestEntityTooLargeException"})


# ---- one after another


def test_what_is_asked_one_after_another_is_answered_so(url: str) -> None:
    """Though what names RSA takes a thread, and a health check another way."""
    slow = b'{"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}'
    health = b"GET /health HTTP/1.1\r\n\r\n"
    with client(url) as connection:
        connection.send(
            describe("1") + request("CreateKey", slow) + describe("RSA-2") + health + describe("3")
        )
        assert named_by(connection.answer()) == "1"
        assert connection.answer().members["KeyMetadata"]["KeySpec"] == "RSA_2048"
        assert named_by(connection.answer()) == "RSA-2"
        assert connection.answer().members == {"status": "ok"}
        assert named_by(connection.answer()) == "3"
        connection.send(describe("4"))
        assert named_by(connection.answer()) == "4"


@pytest.mark.parametrize(
    "sent",
    [
        request("ListKeys", b"{}", line="POST / HTTP/1.0"),
        request("ListKeys", b"{}", "Connection: keep-alive", line="POST / HTTP/1.0"),
        request("ListKeys", b"{}", "Connection: close"),
        request("CreateKey", b'{"Description": "RSA"}', "Connection: close"),
    ],
)
def test_a_connection_is_closed_after_the_last_answer(url: str, sent: bytes) -> None:
    with client(url) as connection:
        connection.send(sent)
        answer = connection.answer()
        assert (answer.status, answer.headers["Connection"]) == (200, "close")
        assert connection.is_closed()


def test_a_head_of_health_has_no_body(url: str) -> None:
    with client(url) as connection:
        connection.send(b"HEAD /health HTTP/1.1\r\n\r\n" + describe("next"))
        assert connection.answer(has_body=False).status == 200
        assert named_by(connection.answer()) == "next"


def test_a_connection_without_a_request_is_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_KEEP_ALIVE", 1)
    with server.running(new_local()) as url, client(url) as connection:
        began = asked = time.monotonic()
        while asked - began < 2:
            asked = time.monotonic()
            connection.send(describe("kept"))
            assert named_by(connection.answer()) == "kept"
            time.sleep(0.1)
        assert connection.is_closed()
        assert time.monotonic() - asked > 0.9


def test_a_client_that_does_not_read_is_not_read_from(url: str) -> None:
    """And has all answers when it reads."""
    sent, count = request("x" * 30_000), 0
    with client(url) as connection:
        connection.socket.settimeout(1)
        with suppress(TimeoutError):
            while count < 10_000:
                connection.socket.sendall(sent)
                count += 1
        assert count < 10_000
        connection.socket.settimeout(PATIENCE)
        for _ in range(count):
            assert len(connection.answer().members["message"]) > 30_000


def test_a_client_that_goes_before_it_has_asked_gets_nothing_and_does_nothing() -> None:
    local = new_local()
    before = local.kms
    with server.running(local) as url:
        with client(url) as connection:
            connection.send(head("CreateKey", "Content-Length: 2") + b"{")
        with client(url) as connection:
            connection.send(describe("after"))
            assert named_by(connection.answer()) == "after"
    assert local.kms is before


def test_clients_that_go_at_once_trouble_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with server.running(new_local()) as url:
        for _ in range(200):
            with client(url) as connection:
                reset = struct.pack("ii", 1, 0)
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                connection.send(describe("one") + describe("RSA-2") + describe("three"))
        with client(url) as connection:
            connection.send(describe("after"))
            assert named_by(connection.answer()) == "after"
    assert caplog.records == []


# ---- failures, and the end


def test_a_connection_is_dropped_without_an_answer_after_those_that_were_given(
    caplog: pytest.LogCaptureFixture,
) -> None:
    local = new_local()
    with server.running(local) as url:
        local.fail("ListKeys", ConnectionDropped, times=1)
        with client(url) as connection:
            connection.send(describe("before") + request("ListKeys") + describe("after"))
            assert named_by(connection.answer()) == "before"
            assert connection.is_closed()
        with client(url) as connection:
            connection.send(request("ListKeys"))
            assert connection.answer().members["Keys"] == []
    assert [call.error_code for call in local.calls][1:] == ["ConnectionDropped", None]
    assert caplog.records == []


def test_a_dropped_connection_is_one_that_an_sdk_tries_again() -> None:
    local = new_local()
    with server.running(local) as url:
        kms = cast("Any", boto3).client(
            "kms",
            endpoint_url=url,
            region_name="us-west-2",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        local.fail("ListKeys", ConnectionDropped, times=1)
        assert kms.list_keys()["ResponseMetadata"]["RetryAttempts"] == 1


def test_a_failure_of_the_hsm_is_a_failure_of_the_server() -> None:
    class BrokenHsm:
        def random(self, number_of_bytes: int, purpose: str) -> bytes:
            raise OSError("the HSM is gone")

    local = LocalKms(hsm=cast("Hsm", BrokenHsm()))
    with server.running(local) as url, client(url) as connection:
        connection.send(request("ListKeys"))
        answer = connection.answer()
        assert (answer.status, answer.body) == (500, b"Internal Server Error")


@pytest.mark.parametrize("kept", [0, 1])
def test_a_request_that_has_begun_to_come_is_answered_at_the_end(kept: int) -> None:
    with ExitStack() as running, ThreadPoolExecutor(1) as pool:
        url = running.enter_context(server.running(new_local()))
        with client(url) as connection:
            for _ in range(kept):
                connection.send(describe("before"))
                assert named_by(connection.answer()) == "before"
            sent = describe("under-way")
            connection.send(sent[:-5])
            time.sleep(0.1)
            ended = pool.submit(running.close)
            time.sleep(0.3)
            assert not ended.done()
            connection.send(sent[-5:])
            answer = connection.answer()
            assert (named_by(answer), answer.headers["Connection"]) == ("under-way", "close")
            assert connection.is_closed()
        ended.result(PATIENCE)


def test_what_a_trailer_says_is_not_taken_for_the_head(url: str) -> None:
    sent = head("ListAliases", "Transfer-Encoding: chunked")
    with client(url) as connection:
        connection.send(sent, b"2\r\n{}\r\n0\r\nX-Amz-Target: TrentService.GenerateRandom\r\n\r\n")
        assert "Aliases" in connection.answer().members


def test_answers_that_are_not_sent_yet_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many short requests with long answers come in one packet, as pipelining allows."""
    waiting: list[int] = []
    send = Wire.send

    def watched(wire: Wire, data: bytes) -> None:
        send(wire, data)
        waiting.append(wire.pending)

    monkeypatch.setattr(Wire, "send", watched)
    local = new_local()
    for _ in range(200):
        local.handle(CreateKeyRequest())
    with server.running(local) as url, client(url) as connection:
        connection.send(request("ListKeys", b'{"Limit": 200}') * 100)
        lengths = [len(connection.answer().body) for _ in range(100)]
    assert min(lengths) > 20_000
    assert max(waiting) < HIGH_WATER_LIMIT + 2 * max(lengths)
