"""
The multi-Region keyrings of AWS's Cryptographic Material Providers Library, with the AWS Encryption SDK for Python.

A keyring that knows of multi-Region keys opens a message by any of the related keys, whichever of them made it. Clients
of boto3 are answered by one `LocalKms`.
"""

from __future__ import annotations

from typing import Any, final

import pytest

from kmsmodel import boto
from kmsmodel.local import LocalKms
from tests.basics import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

WITHOUT = "aws-cryptographic-material-providers is not in this environment"
sdk: Any = pytest.importorskip("aws_encryption_sdk", reason=WITHOUT)
mpl: Any = pytest.importorskip("aws_cryptographic_material_providers.mpl", reason=WITHOUT)
config: Any = pytest.importorskip("aws_cryptographic_material_providers.mpl.config", reason=WITHOUT)
models: Any = pytest.importorskip("aws_cryptographic_material_providers.mpl.models", reason=WITHOUT)

REFUSED: Any = sdk.exceptions.AWSEncryptionSDKClientError
PLAINTEXT = b"attack at dawn"
CONTEXT = {"department": "IT", "purpose": "€"}


@final
class Keyrings:
    """A multi-Region key with a replica key, another key, and the keyrings of them."""

    def __init__(self) -> None:
        self.local = LocalKms(account=ACCOUNT)
        self.clients: dict[str, Any] = {
            region: boto.client(self.local, region_name=region) for region in (REGION, OTHER_REGION)
        }
        self.providers = mpl.AwsCryptographicMaterialProviders(
            config=config.MaterialProvidersConfig()
        )
        self.sdk = sdk.EncryptionSDKClient(
            commitment_policy=sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        )
        here = self.clients[REGION]
        self.primary: str = here.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
        here.replicate_key(KeyId=self.primary, ReplicaRegion=OTHER_REGION)
        self.replica = self.primary.replace(REGION, OTHER_REGION)
        self.single: str = here.create_key()["KeyMetadata"]["Arn"]

    def region(self, arn: str) -> str:
        return arn.split(":")[3]

    def of(self, arn: str) -> Any:
        """The keyring of one key that knows of its relatives."""
        given = models.CreateAwsKmsMrkKeyringInput(
            kms_key_id=arn, kms_client=self.clients[self.region(arn)]
        )
        return self.providers.create_aws_kms_mrk_keyring(input=given)

    def strict(self, arn: str) -> Any:
        """The keyring of one key that knows of no relatives."""
        given = models.CreateAwsKmsKeyringInput(
            kms_key_id=arn, kms_client=self.clients[self.region(arn)]
        )
        return self.providers.create_aws_kms_keyring(input=given)

    def discovering(self, region: str, account: str = ACCOUNT) -> Any:
        """The keyring of whichever keys the account has in a Region."""
        given = models.CreateAwsKmsMrkDiscoveryKeyringInput(
            kms_client=self.clients[region],
            region=region,
            discovery_filter=models.DiscoveryFilter(account_ids=[account], partition="aws"),
        )
        return self.providers.create_aws_kms_mrk_discovery_keyring(input=given)

    def several(self, generator: str, *others: str) -> Any:
        """The keyring of several keys, whose clients boto3 makes."""
        given = models.CreateAwsKmsMrkMultiKeyringInput(
            generator=generator, kms_key_ids=list(others)
        )
        return self.providers.create_aws_kms_mrk_multi_keyring(input=given)

    def encrypt(self, keyring: Any) -> bytes:
        message: bytes
        message, _ = self.sdk.encrypt(source=PLAINTEXT, keyring=keyring, encryption_context=CONTEXT)
        return message

    def decrypt(self, message: bytes, keyring: Any) -> bytes:
        opened: bytes
        opened, header = self.sdk.decrypt(source=message, keyring=keyring)
        assert CONTEXT.items() <= header.encryption_context.items()
        return opened

    def asked(self) -> list[tuple[str, str | None]]:
        """The latest operation, and the key that its answer names."""
        return [
            (each.operation, getattr(each.response, "key_id", None)) for each in self.local.calls
        ]


@pytest.fixture
def keyrings() -> Keyrings:
    return Keyrings()


def test_each_of_the_related_keys_opens_what_the_other_made(keyrings: Keyrings) -> None:
    primary, replica = keyrings.primary, keyrings.replica
    for made_by, opened_by in ((primary, replica), (replica, primary), (primary, primary)):
        message = keyrings.encrypt(keyrings.of(made_by))
        assert keyrings.asked()[-1] == ("GenerateDataKey", made_by)
        assert keyrings.decrypt(message, keyrings.of(opened_by)) == PLAINTEXT
        assert keyrings.asked()[-1] == ("Decrypt", opened_by)


def test_a_keyring_of_one_key_alone_asks_nobody_for_the_message_of_a_relative(
    keyrings: Keyrings,
) -> None:
    message = keyrings.encrypt(keyrings.strict(keyrings.primary))
    assert keyrings.decrypt(message, keyrings.strict(keyrings.primary)) == PLAINTEXT
    asked = keyrings.asked()
    with pytest.raises(REFUSED):
        keyrings.decrypt(message, keyrings.strict(keyrings.replica))
    assert keyrings.asked() == asked


def test_a_keyring_finds_the_relative_in_its_region(keyrings: Keyrings) -> None:
    message = keyrings.encrypt(keyrings.of(keyrings.primary))
    assert keyrings.decrypt(message, keyrings.discovering(OTHER_REGION)) == PLAINTEXT
    asked = keyrings.asked()
    assert asked[-1] == ("Decrypt", keyrings.replica)
    with pytest.raises(REFUSED):
        keyrings.decrypt(message, keyrings.discovering(OTHER_REGION, OTHER_ACCOUNT))
    assert keyrings.asked() == asked


def test_one_of_several_keys_is_enough_and_may_be_a_relative(keyrings: Keyrings) -> None:
    with boto.patched(keyrings.local):
        message = keyrings.encrypt(keyrings.several(keyrings.primary, keyrings.single))
        assert [operation for operation, _ in keyrings.asked()[-2:]] == [
            "GenerateDataKey",
            "Encrypt",
        ]
        opened = keyrings.decrypt(message, keyrings.several(keyrings.replica))
    assert opened == PLAINTEXT
    for each in (keyrings.strict(keyrings.single), keyrings.of(keyrings.replica)):
        assert keyrings.decrypt(message, each) == PLAINTEXT


def test_a_disabled_replica_key_opens_nothing_and_the_primary_key_still_does(
    keyrings: Keyrings,
) -> None:
    message = keyrings.encrypt(keyrings.of(keyrings.primary))
    keyrings.clients[OTHER_REGION].disable_key(KeyId=keyrings.replica)
    with pytest.raises(REFUSED):
        keyrings.decrypt(message, keyrings.of(keyrings.replica))
    assert keyrings.local.calls[-1].error_code == "DisabledException"
    assert keyrings.decrypt(message, keyrings.of(keyrings.primary)) == PLAINTEXT
