"""
The worked examples, as clients meet them.
"""

from __future__ import annotations

import ast
import json
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from subprocess import run
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.session import Session

from examples import enclave
from examples.emulator import Emulator, server
from tests.basics import ACCOUNT, NOW, OTHER_ACCOUNT, PATIENCE, REGION

EMULATOR = Path(__file__).parents[1] / "examples" / "emulator.py"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(NOW)


@pytest.fixture
def url(emulator: Emulator) -> Iterator[str]:
    serving = server(emulator)
    thread = threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_address[1]}"
    serving.shutdown()
    serving.server_close()
    thread.join()


def client(url: str, account: str) -> Any:
    session = Session()
    session.set_credentials(account, "a secret access key")
    return session.create_client("kms", region_name=REGION, endpoint_url=url)


def pass_days(url: str, days: int) -> datetime:
    body = json.dumps({"seconds": days * 86_400}).encode()
    with urlopen(Request(f"{url}/clock", data=body)) as answer:
        return datetime.fromisoformat(json.load(answer)["now"])


def trail(url: str, account: str) -> list[str]:
    with urlopen(f"{url}/trail/{account}") as answer:
        return [record["eventName"] for record in json.load(answer)["Records"]]


def test_each_account_has_keys_and_a_trail_of_its_own(url: str) -> None:
    one, other = client(url, ACCOUNT), client(url, OTHER_ACCOUNT)
    key_id = one.create_key()["KeyMetadata"]["KeyId"]
    sealed = one.encrypt(KeyId=key_id, Plaintext=b"a")["CiphertextBlob"]
    assert one.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"a"
    assert other.list_keys()["Keys"] == []
    with pytest.raises(other.exceptions.NotFoundException):
        other.describe_key(KeyId=key_id)
    assert trail(url, ACCOUNT) == ["CreateKey", "Encrypt", "Decrypt"]
    assert trail(url, OTHER_ACCOUNT) == ["ListKeys", "DescribeKey"]


def test_its_timers_tell_what_time_does(url: str, emulator: Emulator) -> None:
    kms = client(url, ACCOUNT)
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    assert (pass_days(url, 200) - NOW).days == 200
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    pass_days(url, 7)
    names = ["CreateKey", "EnableKeyRotation", "RotateKey", "RotateKey", "ScheduleKeyDeletion"]
    assert trail(url, ACCOUNT) == [*names, "DeleteKey"]
    sent = [event["detail-type"] for event in emulator.bus]
    assert sent == ["KMS CMK Rotation", "KMS CMK Rotation", "KMS CMK Deletion"]
    assert list(emulator.kms.keys(emulator.now)) == []


def test_a_rotation_at_once_is_told_on_the_bus_too(url: str, emulator: Emulator) -> None:
    kms = client(url, ACCOUNT)
    kms.rotate_key_on_demand(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    assert [event["detail-type"] for event in emulator.bus] == ["KMS CMK Rotation"]
    assert trail(url, ACCOUNT) == ["CreateKey", "RotateKeyOnDemand", "RotateKey"]


def test_a_credential_of_another_service_is_refused(url: str) -> None:
    header = "AWS4-HMAC-SHA256 Credential=a/b/us-west-2/s3/aws4_request, Signature=0"
    request = Request(url, data=b"{}", headers={"Authorization": header})
    with pytest.raises(HTTPError) as caught:
        urlopen(request)
    with caught.value as answer:
        assert answer.status == 400
        assert json.load(answer)["__type"] == "InvalidSignatureException"


@pytest.mark.parametrize("arguments", [[], ["port"], ["8599", "more"]])
def test_the_emulator_says_how_it_is_started(arguments: list[str]) -> None:
    started = run(
        [sys.executable, EMULATOR, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert started.returncode == 1
    assert started.stderr == "usage: python examples/emulator.py PORT\n"


def test_the_emulator_has_some_sixty_lines() -> None:
    """Without its imports, its docstrings and blank lines."""
    text = EMULATOR.read_text("utf-8")
    code = [
        node
        for node in ast.parse(text).body
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)
    ]
    lines = [line for node in code for line in ast.unparse(node).splitlines() if line.strip()]
    assert len(lines) <= 70


def test_only_the_enclave_reads_its_secret(capsys: pytest.CaptureFixture[str]) -> None:
    enclave.main()
    assert capsys.readouterr().out.splitlines() == [
        "the enclave: a secret",
        "its host: AccessDeniedException",
        "in debug mode: AccessDeniedException",
    ]
