"""
The real server, in a process of its own at a free port.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from kmsmodel import server
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.local import LocalKms

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

PATIENCE = 20
"""Seconds until what does not come is given up."""

SERVE = """
from kmsmodel.local import LocalKms
from kmsmodel import SeededHsm
from kmsmodel.server import serve

class GatedHsm:
    def __getattr__(self, verb):
        return getattr(hsm, verb)

    def wrapping_key(self, *arguments):
        print("at the gate", flush=True)
        input()
        return hsm.wrapping_key(*arguments)

hsm = SeededHsm("server")
serve(LocalKms(hsm=GatedHsm()), port=0)
print("ended", flush=True)
"""


@pytest.fixture
def process() -> Generator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-W", "error", "-c", SERVE]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=buffered, text=True
    ) as started:
        watchdog = threading.Timer(2 * PATIENCE, started.kill)  # so that nobody reads for ever
        watchdog.start()
        try:
            yield started
        finally:
            watchdog.cancel()
            started.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@contextmanager
def client(url: str, account: str = "444455556666") -> Generator[KMSClient]:
    made: KMSClient = cast("Any", boto3).client(
        "kms",
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id=account,
        aws_secret_access_key="any",
        config=Config(read_timeout=PATIENCE, retries={"total_max_attempts": 1}, proxies={}),
    )
    try:
        yield made
    finally:
        made.close()


def wait_until_nobody_listens(url: str) -> None:
    parts = urlsplit(url)
    assert parts.hostname is not None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection((parts.hostname, parts.port or 0), timeout=1).close()
        except ConnectionError:
            return
        time.sleep(0.005)
    pytest.fail("it still listens")


def test_boto3_is_answered_and_sigterm_ends_it_after_what_is_under_way(
    process: subprocess.Popen[str],
) -> None:
    url = line(process)
    with client(url) as kms, ThreadPoolExecutor(1) as pool:
        key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
        arn = f"arn:aws:kms:eu-central-1:444455556666:key/{key['KeyId']}"
        assert key.get("Arn") == arn
        under_way = pool.submit(
            kms.get_parameters_for_import,
            KeyId=key["KeyId"],
            WrappingAlgorithm="RSAES_OAEP_SHA_256",
            WrappingKeySpec="RSA_2048",
        )
        try:
            assert line(process) == "at the gate"
            process.send_signal(signal.SIGTERM)
            wait_until_nobody_listens(url)
            assert not under_way.done()
        finally:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        assert under_way.result(PATIENCE)["KeyId"] == arn
    assert line(process) == "ended"
    assert process.wait(PATIENCE) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_as_soon_as_it_tells_its_address(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    url = line(process)
    assert url.startswith("http://127.0.0.1:")
    process.send_signal(number)
    assert line(process) == "ended"
    assert process.wait(PATIENCE) == 0


# ---- in a thread, for a test


def test_a_test_has_a_server_as_long_as_it_needs_it() -> None:
    local = LocalKms(clock=Clock(datetime(2026, 11, 24, tzinfo=UTC)), hsm=SeededHsm())
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with server.running(local) as url, client(url) as kms:
        assert url.startswith("http://127.0.0.1:")
        key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
        assert key.get("CreationDate") == local.clock.now()
        local.clock.advance(days=1)
        arn = f"arn:aws:kms:eu-central-1:444455556666:key/{key['KeyId']}"
        described = local.dispatch(
            "DescribeKey", {"KeyId": arn}, account="444455556666", region="eu-central-1"
        )
        assert described["KeyMetadata"]["Arn"] == arn
        assert {number: signal.getsignal(number) for number in before} == before
    wait_until_nobody_listens(url)
    assert not any(thread.name == "kmsmodel" for thread in threading.enumerate())


def test_a_server_ends_with_a_test_that_fails_and_as_soon_as_it_began() -> None:
    urls: list[str] = []

    def fail() -> None:
        with server.running(LocalKms()) as url:
            urls.append(url)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    (url,) = urls
    wait_until_nobody_listens(url)


def test_two_servers_run_side_by_side_at_ports_of_their_own() -> None:
    with server.running(LocalKms()) as one, server.running(LocalKms()) as another:
        assert one != another
        for url in (one, another):
            with client(url) as kms:
                kms.create_key()
                assert len(kms.list_keys()["Keys"]) == 1


def test_a_server_in_a_thread_may_have_any_address_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), server.running(LocalKms(), port=port):
            pass
    with server.running(LocalKms(), port=port) as url:
        assert url == f"http://127.0.0.1:{port}"


def test_an_address_of_ipv6_is_a_url_too() -> None:
    try:
        with server.running(LocalKms(), host="::1") as url, client(url) as kms:
            assert url.startswith("http://[::1]:")
            kms.create_key()
    except OSError:
        pytest.skip("this machine has no IPv6")


@pytest.mark.parametrize("operation", ["CreateKey", "ImportKeyMaterial"])
def test_what_takes_too_long_does_not_hold_up_the_end(
    operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is answered in the loop of the server, or in a thread."""
    reached, go_on = threading.Event(), threading.Event()

    class StuckHsm:
        def __getattr__(self, verb: str) -> Any:
            def wait(*_: object) -> bytes:
                reached.set()
                assert go_on.wait(PATIENCE)
                return bytes(16)

            return wait

    monkeypatch.setattr(server, "_GRACE", 0)
    local = LocalKms(hsm=cast("Any", StuckHsm()))

    def ask(url: str) -> None:
        with client(url) as kms, suppress(ConnectionClosedError, ReadTimeoutError):
            cast("Any", kms)._make_api_call(operation, dict(MEMBERS[operation]))

    try:
        with ThreadPoolExecutor(1) as pool:
            with server.running(local) as url:
                pool.submit(ask, url)
                assert reached.wait(PATIENCE)
                began = time.monotonic()
            assert time.monotonic() - began < PATIENCE / 2
            go_on.set()
    finally:
        go_on.set()
        for thread in threading.enumerate():
            if thread.name == "kmsmodel":
                thread.join(PATIENCE)


MEMBERS: dict[str, dict[str, Any]] = {
    "CreateKey": {},
    "ImportKeyMaterial": {"KeyId": "k", "ImportToken": b"t", "EncryptedKeyMaterial": b"m"},
}


def test_a_port_that_is_taken_is_an_error_that_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = f"from kmsmodel import LocalKms, server; server.serve(LocalKms(), port={port})"
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONWARNINGS": "error"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1].startswith("OSError: [Errno ")
