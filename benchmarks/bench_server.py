"""
Eight connections over HTTP: a canned answer of the same server, the model's answer, and moto's.

Servers and the load come from processes of their own: this file, run with `canned`, `answered` or `load`.
"""

from __future__ import annotations

import base64
import json
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import IO, Any
from unittest.mock import patch
from urllib.request import Request, urlopen

import pytest

from kmsmodel import LocalKms, server
from kmsmodel.asgi import Receive, Scope, Send
from kmsmodel.operations import OPERATIONS

CONNECTIONS = 8
REQUESTS = 400
"""Requests of a round, by all connections together."""

PLAINTEXT = base64.b64encode(b"x" * 32).decode()
NAMED = ("Encrypt", "Decrypt", "DescribeKey", "GenerateDataKey")
MEASURED = [name for name in NAMED if name in {each.operation for each in OPERATIONS}]

# ---- what is measured


@pytest.mark.parametrize("operation", MEASURED)
def bench_canned(benchmark: Any, canned: str, operation: str) -> None:
    _measure(benchmark, canned, operation)


@pytest.mark.parametrize("operation", MEASURED)
def bench_answered(benchmark: Any, answered: str, operation: str) -> None:
    _measure(benchmark, answered, operation)


@pytest.mark.parametrize("operation", MEASURED)
def bench_moto(benchmark: Any, moto: str, operation: str) -> None:
    _measure(benchmark, moto, operation, rounds=3)


def _measure(benchmark: Any, url: str, operation: str, rounds: int = 30) -> None:
    benchmark.group = f"{REQUESTS} requests to {operation}, by eight connections"
    with _load(url, operation, _members(url)[operation]) as one_round:
        benchmark.pedantic(one_round, rounds=rounds, warmup_rounds=1)
    benchmark.extra_info["requests a second"] = REQUESTS / benchmark.stats.stats.median


def _members(url: str) -> dict[str, dict[str, str]]:
    """What each operation is asked, of a new key."""
    key_id = _ask(url, "CreateKey", {})["KeyMetadata"]["KeyId"]
    encrypt = {"KeyId": key_id, "Plaintext": PLAINTEXT}
    return {
        "Encrypt": encrypt,
        "Decrypt": {"CiphertextBlob": _ask(url, "Encrypt", encrypt)["CiphertextBlob"]},
        "DescribeKey": {"KeyId": key_id},
        "GenerateDataKey": {"KeyId": key_id, "KeySpec": "AES_256"},
    }


def _headers(operation: str) -> dict[str, str]:
    """Those that boto3 sends."""
    scope = "111122223333/20261124/us-west-2/kms/aws4_request"
    signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-target"
    return {
        "X-Amz-Target": f"TrentService.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "User-Agent": "Boto3/1.44.8 md/Botocore#1.44.8 ua/2.0 os/linux lang/python#3.11",
        "X-Amz-Date": "20261124T000000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, {signed}, Signature={'0' * 64}",
        "amz-sdk-invocation-id": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "amz-sdk-request": "attempt=1",
    }


def _ask(url: str, operation: str, members: dict[str, str]) -> Any:
    request = Request(url, json.dumps(members).encode(), _headers(operation))
    with urlopen(request, timeout=20) as response:
        return json.load(response)


# ---- processes


@pytest.fixture(scope="module")
def canned() -> Generator[str]:
    with _process("canned") as process:
        yield _line(process.stdout)


@pytest.fixture(scope="module")
def answered() -> Generator[str]:
    with _process("answered") as process:
        yield _line(process.stdout)


@pytest.fixture(scope="module")
def moto() -> Generator[str]:
    if find_spec("moto") is None or find_spec("flask") is None:
        pytest.skip("moto's server is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=nowhere, stderr=nowhere) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    for _ in range(400):
        with suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.05)
    pytest.fail("moto's server does not listen")


@contextmanager
def _process(*arguments: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, __file__, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    line = stream.readline()
    assert line, "the process has ended"
    return line.strip()


@contextmanager
def _load(url: str, operation: str, members: dict[str, str]) -> Generator[Callable[[], None]]:
    """A round of requests, whenever it is called."""
    lines = [f"{name}: {value}" for name, value in _headers(operation).items()]
    body = json.dumps(members)
    head = ["POST / HTTP/1.1", "Host: localhost", *lines, f"Content-Length: {len(body)}", "", body]
    with _process("load", url, "\r\n".join(head)) as process:

        def one_round() -> None:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
            assert _line(process.stdout) == "done"

        yield one_round


# ---- in those processes


class Connection:
    """One that sends a request when the answer to the last has come."""

    def __init__(self, url: str, request: bytes) -> None:
        self.port = int(url.rpartition(":")[2])
        self.request = request
        self.socket: socket.socket | None = None
        self.received = b""

    def send(self) -> socket.socket:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.received = b""
        self.socket.sendall(self.request)
        return self.socket

    def is_answered(self) -> bool:
        assert self.socket is not None
        part = self.socket.recv(65_536)
        assert part, "the server has closed the connection"
        self.received += part
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        if length is None or len(body) < int(length[1]):
            return False
        assert head.startswith(b"HTTP/1.1 200"), self.received
        if b"\r\nconnection: close" in head.lower():
            self.socket.close()
            self.socket = None
        return True


def send(connections: list[Connection]) -> None:
    """All requests of a round."""
    with selectors.DefaultSelector() as selector:
        left = REQUESTS
        for connection in connections:
            selector.register(connection.send(), selectors.EVENT_READ, connection)
            left -= 1
        while selector.get_map():
            for key, _ in selector.select():
                if not key.data.is_answered():
                    continue
                selector.unregister(key.fileobj)
                if left:
                    selector.register(key.data.send(), selectors.EVENT_READ, key.data)
                    left -= 1


def send_rounds(url: str, request: str) -> None:
    connections = [Connection(url, request.encode()) for _ in range(CONNECTIONS)]
    for _ in sys.stdin:
        send(connections)
        print("done", flush=True)  # noqa: T201 - it is what the other process waits for


def serve_canned() -> None:
    """The same server, of an application that reads a request and sends what it always sends."""
    local = LocalKms()
    key = json.loads(local.respond("TrentService.CreateKey", b"{}").body)
    answer = local.respond("TrentService.DescribeKey", json.dumps(key["KeyMetadata"]).encode())
    body = json.dumps(json.loads(answer.body) | {"CiphertextBlob": PLAINTEXT}).encode()
    headers = [
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-requestid", b"1234abcd-12ab-34cd-56ef-1234567890ab"),
    ]

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def canned_app(_: LocalKms) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        return respond

    with patch.object(server, "App", canned_app):
        server.serve(local, port=0)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["canned"]:
            serve_canned()
        case ["answered"]:
            server.serve(LocalKms(), port=0)
        case ["load", url, request]:
            send_rounds(url, request)
        case _:
            sys.exit("canned, answered, or load URL REQUEST")
