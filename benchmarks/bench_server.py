"""
Eight connections over HTTP: the model, and in turn with it others, so that what disturbs one disturbs all.

The others are the model by way of ASGI alone, a canned answer, a bare one, which is made of nothing but JSON and
cryptography, and moto's. The canned and the bare one are ASGI applications of the same server. Servers and the load are
processes of their own: this file, run with `answered`, `asgi`, `canned`, `bare` or `load`.
"""

from __future__ import annotations

import base64
import json
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from typing import IO, Any, cast
from unittest.mock import patch
from urllib.request import Request, urlopen

import pytest

from kmsmodel import LocalKms, server
from kmsmodel.asgi import App, Receive, Scope, Send
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.operations import OPERATIONS
from kmsmodel.words.enumerations import KeySpec

CONNECTIONS = 8
REQUESTS = 400
"""Requests of a round, by all connections together."""

PLAINTEXT = base64.b64encode(b"x" * 32).decode()
NAMED = ("Encrypt", "Decrypt", "DescribeKey", "GenerateDataKey")
MEASURED = [name for name in NAMED if name in {each.operation for each in OPERATIONS}]

ANSWER = {
    "KeyId": "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
}
KEY: dict[str, Any] = json.loads(LocalKms().respond("TrentService.CreateKey", b"{}").body)
"""What a bare or canned answer tells."""

# ---- what is measured


@pytest.mark.parametrize("operation", MEASURED)
def bench_server(benchmark: Any, servers: dict[str, str], operation: str) -> None:
    """The model, and before each of its rounds one of each other server."""
    seconds: dict[str, list[float]] = {name: [] for name in servers}
    with ExitStack() as stack:
        rounds = {
            name: stack.enter_context(_load(url, operation, _members(url)[operation]))
            for name, url in servers.items()
        }

        def others() -> None:
            for name in servers.keys() - {"answered"}:
                start = time.perf_counter()
                rounds[name]()
                seconds[name].append(time.perf_counter() - start)

        benchmark.group = f"{REQUESTS} requests by eight connections"
        benchmark.pedantic(rounds["answered"], setup=others, rounds=15, warmup_rounds=1)
    median = benchmark.stats.stats.median
    benchmark.extra_info["requests a second"] = REQUESTS / median
    for name, times in seconds.items():
        if times:
            benchmark.extra_info[f"requests a second, {name}"] = REQUESTS / statistics.median(times)
            benchmark.extra_info[f"beside {name}"] = statistics.median(times) / median


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
def servers() -> Generator[dict[str, str]]:
    """The address of each, by its name."""
    with ExitStack() as stack:
        addresses = {
            name: _line(stack.enter_context(_process(name)).stdout)
            for name in ("answered", "asgi", "canned", "bare")
        }
        if find_spec("moto") is not None and find_spec("flask") is not None:
            addresses["moto"] = stack.enter_context(_moto())
        yield addresses


@contextmanager
def _moto() -> Generator[str]:
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


def serve_asgi() -> None:
    """The model, in an application that the server cannot tell from any other."""
    app = App()

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    _serve(respond)


def serve_canned() -> None:
    """The same server, of an application that reads a request and sends what it always sends."""
    body = _encode(ANSWER | KEY | {"CiphertextBlob": PLAINTEXT})

    async def respond(_: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await _send(send, body)

    _serve(respond)


def serve_bare() -> None:
    """The same server, of an application that reads JSON, does the cryptography, writes JSON, and models nothing."""
    hsm = SoftwareHsm()
    key = hsm.generate(KeySpec.SYMMETRIC_DEFAULT, "key material")

    def sealed(plaintext: bytes) -> str:
        return base64.b64encode(hsm.encrypt(key, plaintext, b"", "ciphertext")).decode()

    def encrypt(members: dict[str, str]) -> dict[str, Any]:
        return ANSWER | {"CiphertextBlob": sealed(base64.b64decode(members["Plaintext"]))}

    def decrypt(members: dict[str, str]) -> dict[str, Any]:
        plaintext = hsm.decrypt(key, base64.b64decode(members["CiphertextBlob"]), b"")
        return ANSWER | {"Plaintext": base64.b64encode(plaintext or b"").decode()}

    def generate_data_key(_: dict[str, str]) -> dict[str, Any]:
        plaintext = hsm.random(32, "data key")
        encoded = base64.b64encode(plaintext).decode()
        return ANSWER | {"Plaintext": encoded, "CiphertextBlob": sealed(plaintext)}

    def describe_key(_: dict[str, str]) -> dict[str, Any]:
        return KEY

    answers = {
        b"TrentService.CreateKey": describe_key,
        b"TrentService.DescribeKey": describe_key,
        b"TrentService.Encrypt": encrypt,
        b"TrentService.Decrypt": decrypt,
        b"TrentService.GenerateDataKey": generate_data_key,
    }

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))
        members = json.loads(cast("bytes", (await receive())["body"]))
        await _send(send, _encode(answers[headers[b"x-amz-target"]](members)))

    _serve(respond)


def _encode(members: dict[str, Any]) -> bytes:
    return json.dumps(members).encode()


async def _send(send: Send, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-requestid", b"1234abcd-12ab-34cd-56ef-1234567890ab"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _serve(respond: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
    def app(_: LocalKms) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        return respond

    with patch.object(server, "App", app):
        server.serve(LocalKms(), port=0)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["canned"]:
            serve_canned()
        case ["bare"]:
            serve_bare()
        case ["answered"]:
            server.serve(LocalKms(), port=0)
        case ["asgi"]:
            serve_asgi()
        case ["load", url, request]:
            send_rounds(url, request)
        case _:
            sys.exit("answered, asgi, canned, bare, or load URL REQUEST")
