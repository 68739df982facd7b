"""boto3 in process, beside moto, and a client whose answer is canned where botocore would send its request."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Generator
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse

import kmsmodel.boto
from kmsmodel import LocalKms


class _Body(io.BytesIO):
    def stream(self, **_: Any) -> Generator[bytes]:
        yield self.read()


def _canned(answer: dict[str, Any]) -> Any:
    client = _client()
    body = json.dumps(answer).encode()

    def respond(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, cast("Any", {}), cast("Any", _Body(body)))

    client.meta.events.register("before-send.kms", respond)
    return client


def _client() -> Any:
    make = cast("Any", boto3).client
    return make("kms", region_name="us-west-2", aws_access_key_id="x", aws_secret_access_key="y")


@pytest.fixture
def by_moto() -> Generator[Any]:
    """A client that moto answers, in this process."""
    moto: Any = pytest.importorskip("moto", reason="moto, to compare with, is not here")
    with moto.mock_aws():
        yield _client()


def _encrypt(client: Any, key_id: str) -> Callable[[], Any]:
    return lambda: client.encrypt(KeyId=key_id, Plaintext=b"x" * 32)


@pytest.mark.benchmark(group="Encrypt by boto3, canned and answered in process")
def bench_encrypt_canned(benchmark: Any) -> None:
    answer = {"KeyId": "x", "CiphertextBlob": "eA==", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    benchmark(_encrypt(_canned(answer), "x"))


@pytest.mark.benchmark(group="Encrypt by boto3, canned and answered in process")
def bench_encrypt_in_process(benchmark: Any) -> None:
    client = kmsmodel.boto.client(LocalKms())
    benchmark(_encrypt(client, client.create_key()["KeyMetadata"]["KeyId"]))


@pytest.mark.benchmark(group="Encrypt by boto3, canned and answered in process")
def bench_encrypt_moto(benchmark: Any, by_moto: Any) -> None:
    benchmark(_encrypt(by_moto, by_moto.create_key()["KeyMetadata"]["KeyId"]))


@pytest.mark.benchmark(group="CreateKey by boto3, canned and answered in process")
def bench_create_key_canned(benchmark: Any) -> None:
    created = kmsmodel.boto.client(LocalKms()).create_key()["KeyMetadata"]
    answer = {"KeyMetadata": {**created, "CreationDate": 1795000000.0}}
    benchmark(_canned(answer).create_key)


@pytest.mark.benchmark(group="CreateKey by boto3, canned and answered in process")
def bench_create_key_in_process(benchmark: Any) -> None:
    benchmark(kmsmodel.boto.client(LocalKms()).create_key)


@pytest.mark.benchmark(group="CreateKey by boto3, canned and answered in process")
def bench_create_key_moto(benchmark: Any, by_moto: Any) -> None:
    benchmark(by_moto.create_key)
