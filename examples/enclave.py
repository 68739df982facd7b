"""
An enclave's client with boto3: it gets a secret from AWS KMS that its host cannot read.

    python examples/enclave.py

The host gives the enclave a ciphertext and a way to AWS KMS, and that is all. Here AWS KMS is the model, and the Nitro
Secure Module is an authority for tests; in an enclave, both are AWS's, and `Enclave` is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmsmodel import LocalKms, SoftwareHsm, boto
from kmsmodel.testing.attestation import NitroAuthority, debug_pcrs
from kmsmodel.testing.enveloped_data import open_enveloped_data

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/host"


class Enclave:
    """What runs in an enclave; ``attest`` asks the Nitro Secure Module for a document with a public key in it."""

    def __init__(self, attest: Callable[[bytes], bytes]) -> None:
        self.private_key = generate_private_key(65537, 2048)
        self.attest = attest

    def decrypt(self, kms: Any, ciphertext: bytes) -> bytes:
        public_key = self.private_key.public_key()
        der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        answer = kms.decrypt(
            CiphertextBlob=ciphertext,
            Recipient={
                "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
                "AttestationDocument": self.attest(der),
            },
        )
        return open_enveloped_data(answer["CiphertextForRecipient"], self.private_key)


def key_policy(image: bytes) -> str:
    """The account may encrypt; only this image, on a host with this role, may decrypt."""
    encrypts = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["kms:Encrypt", "kms:PutKeyPolicy"],
        "Resource": "*",
    }
    decrypts = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {
            "StringEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": image.hex()}
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [encrypts, decrypts]})


def main() -> None:
    nitro = NitroAuthority("example")
    image = hashlib.sha384(b"the image of the enclave").digest()
    local = LocalKms(principal=ROLE, hsm=SoftwareHsm(attestation_roots=nitro.root))
    host: Any = boto.client(local)
    owner = boto.client(local, aws_access_key_id=ACCOUNT, aws_secret_access_key="any")
    key_id = owner.create_key(Policy=key_policy(image))["KeyMetadata"]["KeyId"]
    ciphertext = owner.encrypt(KeyId=key_id, Plaintext=b"a secret")["CiphertextBlob"]

    def module(pcrs: dict[int, bytes]) -> Callable[[bytes], bytes]:
        return lambda public_key: nitro.attestation_document(
            at=datetime.now(UTC), public_key=public_key, pcrs=pcrs
        )

    print("the enclave:", Enclave(module({0: image})).decrypt(host, ciphertext).decode())
    for name, ask in (
        ("its host", lambda: host.decrypt(CiphertextBlob=ciphertext)),
        ("in debug mode", lambda: Enclave(module(debug_pcrs())).decrypt(host, ciphertext)),
    ):
        try:
            ask()
        except host.exceptions.ClientError as error:
            print(f"{name}:", error.response["Error"]["Code"])


if __name__ == "__main__":
    main()
