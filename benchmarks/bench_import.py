"""What it costs to import kmsmodel, beside what it stands on."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

STANDS_ON = """
import attrs, rpds
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC
from cryptography.hazmat.primitives import constant_time, hashes, serialization
"""


@pytest.mark.benchmark(group="a Python that imports")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(STANDS_ON, id="attrs, rpds and the primitives"),
        pytest.param("import kmsmodel", id="kmsmodel"),
        pytest.param("from kmsmodel import Lifecycle, refusal", id="the machine alone"),
        pytest.param("from kmsmodel import LocalKms", id="kmsmodel, all of it used"),
        pytest.param("pass", id="nothing"),
    ],
)
def bench_import(benchmark: Any, code: str) -> None:
    def command() -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    benchmark.pedantic(command, rounds=15, warmup_rounds=2)


@pytest.mark.benchmark(group="a Python that imports boto3")
@pytest.mark.parametrize("code", ["import boto3", "import boto3, kmsmodel.boto"])
def bench_import_boto(benchmark: Any, code: str) -> None:
    def command() -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    benchmark.pedantic(command, rounds=15, warmup_rounds=2)
