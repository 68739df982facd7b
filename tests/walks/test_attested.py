"""
An enclave's client decrypts what its host cannot read: by boto3 in this process, and by the AWS CLI over HTTP.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kmsmodel import boto
from kmsmodel.local import LocalKms
from tests import attested
from tests.attested import NITRO, PCRS, document, opened, private_key
from tests.basics import ACCOUNT
from tests.walks.served import PATIENCE, environment, served

AWS = Path(__file__).parents[2] / ".venv-aws" / "bin" / "aws"
SECRET = b"attack at dawn"
IMAGE = "kms:RecipientAttestation:ImageSha384"


def key_policy() -> str:
    """The account may do everything but decrypt, which only the image of the enclave may."""
    everything = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    no_other_image = {
        **everything,
        "Effect": "Deny",
        "Action": "kms:Decrypt",
        "Condition": {"StringNotEqualsIgnoreCase": {IMAGE: PCRS[0].hex()}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [everything, no_other_image]})


# ---- boto3


@pytest.fixture
def local() -> LocalKms:
    return attested.local_kms()


def recipient(**members: Any) -> dict[str, Any]:
    return {
        "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
        "AttestationDocument": document(**members),
    }


def test_boto3_decrypts_for_the_enclave_alone(local: LocalKms) -> None:
    kms: Any = boto.client(local)
    key_id = kms.create_key(Policy=key_policy())["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=SECRET)["CiphertextBlob"]
    answer = kms.decrypt(CiphertextBlob=blob, Recipient=recipient())
    assert "Plaintext" not in answer
    assert opened(answer["CiphertextForRecipient"]) == SECRET
    for more in ({}, {"Recipient": recipient(pcrs={**PCRS, 0: bytes(48)})}):
        with pytest.raises(kms.exceptions.ClientError, match="explicit deny"):
            kms.decrypt(CiphertextBlob=blob, **more)
    local.clock.advance(minutes=6)
    with pytest.raises(kms.exceptions.ClientError, match="ValidationException"):
        kms.decrypt(CiphertextBlob=blob, Recipient=recipient())


def test_boto3_gets_what_is_made_for_the_enclave_alone(local: LocalKms) -> None:
    kms: Any = boto.client(local)
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    about: dict[str, Any] = {"KeyId": key_id, "Recipient": recipient()}
    data_key = kms.generate_data_key(KeySpec="AES_256", **about)
    assert "Plaintext" not in data_key
    sealed = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])["Plaintext"]
    assert opened(data_key["CiphertextForRecipient"]) == sealed
    pair = kms.generate_data_key_pair(KeyPairSpec="ECC_NIST_P256", **about)
    assert "PrivateKeyPlaintext" not in pair
    sealed = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert opened(pair["CiphertextForRecipient"]) == sealed
    random = kms.generate_random(NumberOfBytes=24, Recipient=recipient())
    assert "Plaintext" not in random
    assert len(opened(random["CiphertextForRecipient"])) == 24


# ---- the AWS CLI, and openssl


@pytest.mark.skipif(
    not AWS.exists() and "CI" not in os.environ,
    reason="there is no AWS CLI in .venv-aws: make test puts it there",
)
def test_the_aws_cli_decrypts_for_the_enclave_alone(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(NITRO.root)
    (tmp_path / "policy.json").write_text(key_policy())
    (tmp_path / "secret").write_bytes(SECRET)
    pem = private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)

    def run(*command: str | Path, stdin: bytes = b"", status: int = 0) -> bytes:
        ended = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment(url),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ended.returncode == status, ended.stderr.decode()
        return ended.stdout if status == 0 else ended.stderr

    def text(*command: str) -> str:
        return run(AWS, "kms", *command, "--output", "text").decode().strip()

    with served("--attestation-root", str(tmp_path / "root.pem")) as url:
        policy = ("--policy", "file://policy.json")
        key_id = text("create-key", *policy, "--query", "KeyMetadata.KeyId")
        encrypt = ("encrypt", "--key-id", key_id, "--plaintext", "fileb://secret")
        sealed = text(*encrypt, "--query", "CiphertextBlob")
        (tmp_path / "sealed").write_bytes(
            run("openssl", "base64", "-d", "-A", stdin=sealed.encode())
        )
        (tmp_path / "document").write_bytes(document(at=datetime.now(UTC)))

        decrypt = ("decrypt", "--ciphertext-blob", "fileb://sealed")
        algorithm = "KeyEncryptionAlgorithm=RSAES_OAEP_SHA_256"
        recipient = ("--recipient", f"{algorithm},AttestationDocument@=fileb://document")
        answer = text(*decrypt, *recipient, "--query", "[CiphertextForRecipient, Plaintext]")
        envelope, plaintext = answer.split()
        assert plaintext == "None"
        envelope_der = run("openssl", "base64", "-d", "-A", stdin=envelope.encode())
        cms = ("openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", "key.pem")
        assert run(*cms, stdin=envelope_der) == SECRET

        refusal = run(AWS, "kms", *decrypt, status=255)
        assert b"AccessDeniedException" in refusal
