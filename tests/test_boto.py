"""
boto3's own client, answered in this process.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.client import ClientCreator
from botocore.exceptions import ParamValidationError

from kmsmodel import boto
from kmsmodel.local import Clock, LocalKms
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.wrapping import wrap_key_material

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def local() -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm("boto"))


@pytest.fixture
def client(local: LocalKms) -> KMSClient:
    return boto.client(local)


def test_the_guides_four_steps_lead_to_a_key_that_encrypts(
    local: LocalKms, client: KMSClient
) -> None:
    created = client.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert (created.get("KeyState"), created.get("Enabled")) == ("PendingImport", False)
    key_id = created["KeyId"]
    parameters = client.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    assert parameters["ParametersValidTo"] == NOW + timedelta(hours=24)
    material = os.urandom(32)
    client.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap_key_material(
            parameters["PublicKey"], "RSAES_OAEP_SHA_256", material
        ),
        ValidTo=NOW + timedelta(days=7),
    )
    encrypted = client.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"a": "b"})
    decrypted = client.decrypt(
        CiphertextBlob=encrypted["CiphertextBlob"], EncryptionContext={"a": "b"}
    )
    assert decrypted["Plaintext"] == b"x"
    local.clock.advance(days=7)
    described = client.describe_key(KeyId=key_id)["KeyMetadata"]
    assert described.get("KeyState") == "PendingImport"


def test_an_error_is_the_exception_of_its_name(client: KMSClient) -> None:
    key = client.create_key()["KeyMetadata"]
    client.disable_key(KeyId=key["KeyId"])
    with pytest.raises(client.exceptions.DisabledException) as refused:
        client.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    response = cast("dict[str, Any]", refused.value.response)
    assert response["Error"] == {
        "Code": "DisabledException",
        "Message": f"{key.get('Arn')} is disabled.",
    }
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_each_answer_has_a_request_id_of_its_own(client: KMSClient) -> None:
    ids = {client.list_keys()["ResponseMetadata"]["RequestId"] for _ in range(5)}
    assert len(ids) == 5


def test_botocores_paginator_walks_to_the_end(client: KMSClient) -> None:
    created = [client.create_key()["KeyMetadata"]["KeyId"] for _ in range(7)]
    pages = client.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3})
    listed = [[entry.get("KeyId") for entry in page["Keys"]] for page in pages]
    assert listed == [created[:3], created[3:6], created[6:]]


def test_botocores_validation_comes_first(local: LocalKms, client: KMSClient) -> None:
    before = local.kms
    with pytest.raises(ParamValidationError):
        client.enable_key(KeyId=cast("str", 1))
    assert local.kms is before


def test_the_caller_is_whom_the_credentials_name(local: LocalKms) -> None:
    other = boto.client(
        local, "eu-central-1", aws_access_key_id="444455556666", aws_secret_access_key="any"
    )
    key = other.create_key()["KeyMetadata"]
    assert key.get("Arn") == f"arn:aws:kms:eu-central-1:444455556666:key/{key['KeyId']}"
    with pytest.raises(other.exceptions.ClientError, match="AccessDeniedException"):
        boto.client(local, "eu-central-1").describe_key(KeyId=key.get("Arn", ""))


def test_an_access_key_id_that_is_no_account_calls_as_the_local_account(local: LocalKms) -> None:
    client = boto.client(local, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="any")
    key = client.create_key()["KeyMetadata"]
    assert key.get("AWSAccountId") == local.account


def test_clients_that_libraries_make_are_answered_while_patched(local: LocalKms) -> None:
    make = cast("Any", boto3.Session(aws_access_key_id="x", aws_secret_access_key="y")).client
    with boto.patched(local):
        kms = make("kms", region_name=local.region)
        assert make("sts", region_name=local.region).meta.service_model.service_name == "sts"
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    assert local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata.key_id == key_id


def test_a_client_of_another_service_is_not_served(local: LocalKms) -> None:
    make = cast("Any", boto3.Session(aws_access_key_id="x", aws_secret_access_key="y")).client
    with pytest.raises(ValueError, match="a client of sts does not ask AWS KMS"):
        boto.serve(local, make("sts", region_name=local.region))


def test_botocore_is_left_as_it_was_whatever_happens_meanwhile(local: LocalKms) -> None:
    def fail_while_patched() -> None:
        with boto.patched(local):
            assert vars(ClientCreator)["create_client"] is not before
            raise RuntimeError

    before = vars(ClientCreator)["create_client"]
    with pytest.raises(RuntimeError):
        fail_while_patched()
    assert vars(ClientCreator)["create_client"] is before
