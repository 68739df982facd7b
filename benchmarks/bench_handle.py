"""What an operation costs, beside the cryptography in it and beside the number of keys."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.models import CALL, any_ids, model
from kmsmodel import (
    CreateKeyRequest,
    DecryptRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    EncryptRequest,
    Kms,
    ListKeysRequest,
    OriginType,
    handle,
)

Benchmark = Callable[..., Any]
PLAINTEXT = os.urandom(32)
FEW, MANY = 100, 1_000_000


@pytest.mark.benchmark(group="Encrypt, beside AES-256-GCM itself")
def bench_aes_gcm(benchmark: Benchmark) -> None:
    key, nonce, additional_data = os.urandom(32), os.urandom(12), os.urandom(86)
    benchmark(lambda: AESGCM(key).encrypt(nonce, PLAINTEXT, additional_data))


@pytest.mark.benchmark(group="Encrypt, beside AES-256-GCM itself")
def bench_encrypt(benchmark: Benchmark) -> None:
    kms, ids = model(FEW)
    benchmark(lambda: handle(kms, EncryptRequest(key_id=ids[0], plaintext=PLAINTEXT), CALL))


@pytest.mark.benchmark(group="Encrypt, beside AES-256-GCM itself")
def bench_encrypt_with_encryption_context(benchmark: Benchmark) -> None:
    kms, ids = model(FEW)
    context = {"purpose": "benchmark", "tenant": "1"}
    request = EncryptRequest(key_id=ids[0], plaintext=PLAINTEXT, encryption_context=context)
    benchmark(lambda: handle(kms, request, CALL))


@pytest.mark.benchmark(group="Encrypt, beside AES-256-GCM itself")
def bench_decrypt(benchmark: Benchmark) -> None:
    kms, ids = model(FEW)
    _, encrypted = handle(kms, EncryptRequest(key_id=ids[0], plaintext=PLAINTEXT), CALL)
    request = DecryptRequest(ciphertext_blob=encrypted.ciphertext_blob)
    benchmark(lambda: handle(kms, request, CALL))


@pytest.mark.benchmark(group="CreateKey")
@pytest.mark.parametrize("origin", [OriginType.AWS_KMS, OriginType.EXTERNAL])
def bench_create_key(benchmark: Benchmark, origin: OriginType) -> None:
    kms, _ = model(FEW)
    benchmark(lambda: handle(kms, CreateKeyRequest(origin=origin), CALL))


SINGLE_KEY: dict[str, Callable[[str], Any]] = {
    "DescribeKey": lambda key_id: DescribeKeyRequest(key_id=key_id),
    "DisableKey": lambda key_id: DisableKeyRequest(key_id=key_id),
    "Encrypt": lambda key_id: EncryptRequest(key_id=key_id, plaintext=PLAINTEXT),
}


@pytest.mark.parametrize("operation", SINGLE_KEY)
@pytest.mark.parametrize("keys", [FEW, MANY])
def bench_any_key(benchmark: Any, operation: str, keys: int) -> None:
    benchmark.group = f"{operation} on any key of 100, and of 1,000,000"
    kms, ids = model(keys)
    request_for, key_ids = SINGLE_KEY[operation], any_ids(ids)
    benchmark(lambda: handle(kms, request_for(next(key_ids)), CALL))


@pytest.mark.benchmark(group="walking all of ListKeys, for 10,000 and for 100,000 keys")
@pytest.mark.parametrize("keys", [10_000, 100_000])
def bench_list_keys(benchmark: Any, keys: int) -> None:
    kms, ids = model(keys)
    listed = benchmark.pedantic(lambda: _walk(kms), rounds=3)
    assert listed == len(ids)


def _walk(kms: Kms) -> int:
    listed, marker = 0, None
    while True:
        _, page = handle(kms, ListKeysRequest(limit=1000, marker=marker), CALL)
        listed, marker = listed + len(page.keys), page.next_marker
        if marker is None:
            return listed
