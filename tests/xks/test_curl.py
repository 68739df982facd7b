"""
The proxy, asked by curl: another implementation of AWS Signature Version 4, as AWS's own test client uses it.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from kmsmodel.xks.proxy import XksProxyServer
from tests.basics import PATIENCE
from tests.key_stores import external_key, proxy
from tests.xks.serving import serving

CURL = shutil.which("curl")
SHORTEST = (7, 75)
"""The first version with ``--aws-sigv4``."""

OURS = proxy(
    "ours", keys={"both": external_key("both"), "one": external_key("one", usage=("ENCRYPT",))}
)
ABOUT = {"requestMetadata": {"kmsOperation": "Encrypt", "kmsRequestId": "1"}}
BY = {"encryptionAlgorithm": "AES_GCM"}


def can_sign() -> bool:
    if CURL is None:
        return False
    told = subprocess.run(
        [CURL, "--version"], check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    found = re.match(r"curl (\d+)\.(\d+)", told.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= SHORTEST


pytestmark = pytest.mark.skipif(not can_sign(), reason="curl 7.75 or newer is not installed")


@pytest.fixture
def server() -> Iterator[XksProxyServer]:
    listening = XksProxyServer(OURS)
    with serving(listening):
        yield listening


def ask(
    server: XksProxyServer, path: str, body: dict[str, Any], *, secret: str | None = None
) -> tuple[int, Any]:
    """The HTTP status and the answer to a request that curl signs."""
    assert CURL is not None
    secret = secret or OURS.raw_secret_access_key.reveal().decode()
    command = [
        *(CURL, "--silent", "--noproxy", "*", "--max-time", "20", "--config", "-"),
        *("--aws-sigv4", "aws:amz:us-east-1:kms-xks-proxy"),
        *("--header", "Content-Type: application/json", "--data-binary", json.dumps(body)),
        *("--write-out", "\n%{http_code}", f"{server.address}{OURS.uri_path}{path}"),
    ]
    answered = subprocess.run(
        command,
        input=f'user = "{OURS.access_key_id}:{secret}"',
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    told, status = answered.stdout.rsplit("\n", 1)
    return int(status), json.loads(told)


def written(value: bytes) -> str:
    return base64.b64encode(value).decode()


def test_what_curl_signs_is_answered(server: XksProxyServer) -> None:
    """With a plaintext and additional data as long as a proxy must take."""
    bound = {"additionalAuthenticatedData": written(bytes(8192))}
    plaintext = {"plaintext": written(bytes(range(215)) * 20)}
    status, sealed = ask(server, "/keys/both/encrypt", ABOUT | BY | bound | plaintext)
    assert status == 200
    status, opened = ask(server, "/keys/both/decrypt", ABOUT | BY | bound | sealed)
    assert (status, opened) == (200, plaintext)
    status, told = ask(server, "/keys/both/decrypt", ABOUT | BY | sealed)
    assert (status, told) == (400, {"errorName": "InvalidCiphertextException"})


def test_what_curl_signs_with_another_secret_is_not(server: XksProxyServer) -> None:
    status, told = ask(server, "/health", ABOUT, secret="another")
    assert (status, told) == (401, {"errorName": "AuthenticationFailedException"})


def test_a_key_that_only_encrypts_gives_no_integrity_value(server: XksProxyServer) -> None:
    """It would promise that what is encrypted can be decrypted."""
    asked = ABOUT | BY | {"plaintext": written(b"plaintext")}
    status, sealed = ask(server, "/keys/one/encrypt", asked)
    assert (status, sealed.keys()) == (
        200,
        {"ciphertext", "initializationVector", "authenticationTag"},
    )
    promised = asked | {"ciphertextDataIntegrityValueAlgorithm": "SHA_256"}
    status, told = ask(server, "/keys/one/encrypt", promised)
    assert (status, told) == (400, {"errorName": "InvalidKeyUsageException"})
