"""What a LocalKms adds to an operation, and whether a slow answer of the HSM holds up its other callers."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Generator
from contextlib import contextmanager
from cProfile import Profile
from typing import Any

import pytest

from kmsmodel import (
    AlgorithmSpec,
    CreateKeyRequest,
    DescribeKeyRequest,
    EncryptRequest,
    GetParametersForImportRequest,
    LocalKms,
    OriginType,
    WrappingKeySpec,
    handle,
)


@contextmanager
def meanwhile(work: Callable[[], object]) -> Generator[None]:
    """Do ``work`` again and again in another thread."""
    stop = threading.Event()

    def again() -> None:
        while not stop.is_set():
            work()

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _local() -> tuple[LocalKms, str]:
    local = LocalKms()
    created = local.handle(CreateKeyRequest(origin=OriginType.EXTERNAL))
    return local, created.key_metadata.key_id


def _wrapping_key(key_id: str) -> GetParametersForImportRequest:
    return GetParametersForImportRequest(
        key_id=key_id,
        wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
        wrapping_key_spec=WrappingKeySpec.RSA_4096,
    )


@pytest.mark.benchmark(group="Encrypt through respond")
def bench_respond(benchmark: Any) -> None:
    """Its function calls are counted too, since they are the same on any machine."""
    local = LocalKms()
    key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
    body = b'{"KeyId":"%b","Plaintext":"%b"}' % (key_id.encode(), b64encode(bytes(32)))
    local.respond("TrentService.Encrypt", body)
    profile = Profile()
    profile.runcall(local.respond, "TrentService.Encrypt", body)
    benchmark.extra_info["function calls"] = sum(entry.callcount for entry in profile.getstats())
    benchmark(lambda: local.respond("TrentService.Encrypt", body))


@pytest.mark.benchmark(group="DescribeKey of a LocalKms, alone and beside an RSA_4096 wrapping key")
def bench_describe_key_alone(benchmark: Any) -> None:
    local, key_id = _local()
    benchmark(lambda: local.handle(DescribeKeyRequest(key_id=key_id)))


@pytest.mark.benchmark(group="DescribeKey of a LocalKms, alone and beside an RSA_4096 wrapping key")
def bench_describe_key_beside_a_wrapping_key(benchmark: Any) -> None:
    local, key_id = _local()
    with meanwhile(lambda: local.handle(_wrapping_key(key_id))):
        benchmark(lambda: local.handle(DescribeKeyRequest(key_id=key_id)))


@pytest.mark.benchmark(group="an RSA_4096 wrapping key, alone and beside a busy writer")
def bench_wrapping_key_alone(benchmark: Any) -> None:
    local, key_id = _local()
    benchmark.pedantic(lambda: local.handle(_wrapping_key(key_id)), rounds=15)


@pytest.mark.benchmark(group="an RSA_4096 wrapping key, alone and beside a busy writer")
def bench_wrapping_key_beside_a_busy_writer(benchmark: Any) -> None:
    local, key_id = _local()
    with meanwhile(lambda: local.handle(CreateKeyRequest())):
        benchmark.pedantic(lambda: local.handle(_wrapping_key(key_id)), rounds=15)


@pytest.mark.benchmark(group="Encrypt of a LocalKms, in a step of one's own and recorded")
@pytest.mark.parametrize("recorded", [False, True], ids=["not recorded", "recorded"])
def bench_encrypt_recorded(benchmark: Any, recorded: bool) -> None:
    local = LocalKms()
    key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
    request = EncryptRequest(key_id=key_id, plaintext=bytes(32))
    for _ in range(10_000):
        local.handle(request)  # from here on, each call makes the record forget one
    if recorded:
        benchmark(lambda: local.handle(request))
    else:
        benchmark(lambda: local.step(lambda kms, call: handle(kms, request, call)))
