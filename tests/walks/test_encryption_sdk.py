"""
The AWS Encryption SDKs for Python and for JavaScript open what the other made.

Python's asks a `LocalKms` of this process by boto3, the other one a server over HTTP. Both begin with the same seed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kmsmodel import seed_file
from kmsmodel.boto import patched
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.local import LocalKms
from kmsmodel.planting import local_kms
from tests.basics import ACCOUNT, KEY_ID
from tests.walks.node_js import install, run
from tests.walks.served import environment, served

sdk: Any = pytest.importorskip(
    "aws_encryption_sdk", reason="aws-encryption-sdk is not in this environment"
)

OTHER_KEY_ID = "0987dcba-09fe-87dc-65ba-ab0987654321"
MRK = f"mrk-{'0123456789abcdef' * 2}"
SEED = f"""
account = "{ACCOUNT}"

[[keys]]
key_id = "{KEY_ID}"
region = "us-west-2"

[[keys]]
key_id = "{OTHER_KEY_ID}"
region = "eu-west-1"

[[keys]]
key_id = "{MRK}"
region = "us-west-2"

[[keys.replica_keys]]
region = "eu-west-1"
"""


def arn(region: str, key_id: str) -> str:
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}"


ONE, OTHER = arn("us-west-2", KEY_ID), arn("eu-west-1", OTHER_KEY_ID)
KEYS = {"one key": [ONE], "keys in two Regions": [ONE, OTHER]}
PRIMARY, REPLICA = arn("us-west-2", MRK), arn("eu-west-1", MRK)

PLAINTEXT = b"attack at dawn"
CONTEXT = {"department": "IT", "purpose": "€"}


@pytest.fixture
def local() -> Iterator[LocalKms]:
    seed = seed_file.parse(SEED, "seed.toml")
    kms = local_kms(seed, hsm=SeededHsm("walks"))  # as that of the server
    with patched(kms):
        yield kms


def client() -> Any:
    return sdk.EncryptionSDKClient(
        commitment_policy=sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
    )


def provider(*keys: str) -> Any:
    return sdk.StrictAwsKmsMasterKeyProvider(key_ids=list(keys))


def aware(key: str) -> Any:
    return sdk.key_providers.kms.MRKAwareStrictAwsKmsMasterKeyProvider(key_ids=[key])


def made(keys: Any) -> bytes:
    message, _ = client().encrypt(source=PLAINTEXT, encryption_context=CONTEXT, key_provider=keys)
    return bytes(message)


def opened(message: bytes, keys: Any) -> tuple[bytes, dict[str, str]]:
    plaintext, header = client().decrypt(source=message, key_provider=keys)
    context = dict(header.encryption_context)
    assert context.pop("aws-crypto-public-key")  # the SDK's own, to verify its signature with
    return plaintext, context


@pytest.mark.usefixtures("local")
def test_each_of_the_two_opens_what_the_other_made(tmp_path: Path) -> None:
    install()
    file = tmp_path / "seed.toml"
    file.write_text(SEED, "utf-8")
    messages = {name: made(provider(*keys)) for name, keys in KEYS.items()}
    messages["mrk"] = made(aware(PRIMARY))
    asked = {
        "keys": KEYS,
        "mrk": {"make": PRIMARY, "open": REPLICA},
        "context": CONTEXT,
        "plaintext": PLAINTEXT.decode(),
        "messages": {name: base64.b64encode(each).decode() for name, each in messages.items()},
    }
    with served("--seed", str(file)) as url:
        walked = run("node", "encryption_sdk.mjs", env=environment(url), stdin=json.dumps(asked))
    assert walked.returncode == 0, walked.stdout
    answer = json.loads(walked.stdout.splitlines()[-1])  # after what Node.js warns of
    for each in answer["opened"].values():
        assert base64.b64decode(each["plaintext"]) == PLAINTEXT
        assert each["context"].items() >= CONTEXT.items()
        assert each["algorithm"] == 0x0578  # with key commitment and a signature
    assert answer["opened"].keys() == messages.keys() == answer["made"].keys()
    theirs = {name: base64.b64decode(each) for name, each in answer["made"].items()}
    assert opened(theirs.pop("mrk"), aware(REPLICA)) == (PLAINTEXT, CONTEXT)
    for name, keys in KEYS.items():
        assert opened(theirs[name], provider(*keys)) == (PLAINTEXT, CONTEXT)


def test_any_one_of_the_keys_opens_a_message(local: LocalKms) -> None:
    message = made(provider(ONE, OTHER))
    assert [call.operation for call in local.calls] == ["GenerateDataKey", "Encrypt"]
    assert opened(message, provider(OTHER)) == (PLAINTEXT, CONTEXT)
    local.dispatch("DisableKey", {"KeyId": OTHER_KEY_ID}, region="eu-west-1")
    with pytest.raises(sdk.exceptions.AWSEncryptionSDKClientError):
        opened(message, provider(OTHER))
    assert opened(message, provider(ONE)) == (PLAINTEXT, CONTEXT)


def test_a_data_key_that_is_cached_is_asked_for_once(local: LocalKms) -> None:
    cached = sdk.CachingCryptoMaterialsManager(
        master_key_provider=provider(ONE),
        cache=sdk.LocalCryptoMaterialsCache(capacity=10),
        max_age=600.0,
        max_messages_encrypted=2,
    )
    for asked_for in (1, 1, 2):
        client().encrypt(source=PLAINTEXT, materials_manager=cached)
        operations = [call.operation for call in local.calls]
        assert operations.count("GenerateDataKey") == asked_for
