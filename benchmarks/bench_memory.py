"""What a key takes of memory."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from benchmarks.models import CALL
from kmsmodel import CreateKeyRequest, Kms, handle

KEYS = 10_000


@pytest.mark.benchmark(group="memory")
def bench_bytes_a_key(benchmark: Any) -> None:
    """Printed below the ratio: bytes a key, of 10,000 keys."""

    def bytes_a_key() -> float:
        kms, _ = handle(Kms(), CreateKeyRequest(), CALL)
        tracemalloc.start()
        for _ in range(KEYS):
            kms, _ = handle(kms, CreateKeyRequest(), CALL)
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return used / KEYS

    benchmark.extra_info["bytes a key"] = benchmark.pedantic(bytes_a_key, rounds=1)
