"""
The model in the place of moto's KMS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.kms.models import KmsBackend
from moto.server import ThreadedMotoServer

from kmsmodel import moto
from kmsmodel.calls.iam import Iam, User
from kmsmodel.local import LocalKms
from kmsmodel.policy.document import from_json
from kmsmodel.record import RecordedCall
from tests.operations.steps import local_kms

REGION = "us-west-2"


@pytest.fixture
def local() -> Generator[LocalKms]:
    kms = local_kms()
    with mock_aws(), moto.patched(kms):
        yield kms


def client(service: str, **more: Any) -> Any:
    make: Any = boto3.client
    return make(service, region_name=REGION, **more)


def key_of(local: LocalKms) -> Any:
    return local.dispatch("CreateKey", {})["KeyMetadata"]


def refused(ask: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        ask()
    told: Any = error.value.response["Error"]
    return told["Code"], told["Message"]


def asked(local: LocalKms, since: int) -> list[tuple[str, Any]]:
    """The operations that were asked for, with their encryption contexts."""

    def context(call: RecordedCall) -> Any:
        return None if call.encryption_context is None else dict(call.encryption_context)

    return [(call.operation, context(call)) for call in local.calls[since:]]


# ---- AWS KMS


def test_a_client_of_kms_is_answered_by_the_model(local: LocalKms) -> None:
    kms = client("kms")
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    assert local.dispatch("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["KeyState"] == (
        "PendingImport"
    )
    code, message = refused(lambda: kms.encrypt(KeyId=key_id, Plaintext=b"x"))
    assert (code, message.endswith(f"{key_id} is pending import.")) == (
        "KMSInvalidStateException",
        True,
    )
    answer = kms.list_keys()
    assert answer["ResponseMetadata"]["RequestId"] == local.calls[-1].request_id
    account = client("sts").get_caller_identity()["Account"]
    assert account == local.account == local.calls[-1].caller.account


def test_after_the_block_moto_is_as_it_was() -> None:
    before = dict(vars(KmsBackend))
    with mock_aws():
        with moto.patched(local_kms()):
            client("kms").create_key()
        assert client("kms").list_keys()["Keys"] == []
        assert client("sts").get_caller_identity()["Account"] == "123456789012"
    assert dict(vars(KmsBackend)) == before


def test_a_server_of_moto_asks_it_too() -> None:
    local = local_kms()
    server = ThreadedMotoServer(port=0, verbose=False)
    with moto.patched(local):
        server.start()
        try:
            host, port = server.get_host_and_port()
            keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
            kms = client("kms", endpoint_url=f"http://{host}:{port}", **keys)
            made = kms.create_key()["KeyMetadata"]["KeyId"]
            sealed = kms.encrypt(KeyId=made, Plaintext=b"x")["CiphertextBlob"]
            assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
        finally:
            server.stop()
    assert [key["KeyId"] for key in local.dispatch("ListKeys", {})["Keys"]] == [made]


def test_a_version_of_moto_that_is_too_different_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = KmsBackend.create_key

    def describe_key(self: Any, key: str) -> None: ...

    monkeypatch.setattr(KmsBackend, "describe_key", describe_key)
    with pytest.raises(moto.MotoChangedError, match=r"no .*KmsBackend\.describe_key\(key_id\): "):
        moto.patched(local_kms()).__enter__()
    monkeypatch.delattr(KmsBackend, "describe_key")
    with pytest.raises(moto.MotoChangedError, match=r"describe_key\(key_id\)"):
        moto.patched(local_kms()).__enter__()
    assert KmsBackend.create_key is before


# ---- what moto's services ask of KMS


def test_tags_are_those_of_the_tagging_api(local: LocalKms) -> None:
    arn = key_of(local)["Arn"]
    tagging = client("resourcegroupstaggingapi")
    tagging.tag_resources(ResourceARNList=[arn], Tags={"team": "IT", "cost": "1"})
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["cost"])
    tags = local.dispatch("ListResourceTags", {"KeyId": arn})["Tags"]
    assert tags == [{"TagKey": "team", "TagValue": "IT"}]
    found = tagging.get_resources(ResourceTypeFilters=["kms"])["ResourceTagMappingList"]
    assert found == [{"ResourceARN": arn, "Tags": [{"Key": "team", "Value": "IT"}]}]


def test_cloudformation_makes_keys_and_aliases_in_the_model(local: LocalKms) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{local.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
    }
    template = {
        "Resources": {
            "Key": {
                "Type": "AWS::KMS::Key",
                "Properties": {
                    "KeyPolicy": policy,
                    "Description": "of a stack",
                    "EnableKeyRotation": True,
                    "Tags": [{"Key": "team", "Value": "IT"}],
                },
            },
            "Alias": {
                "Type": "AWS::KMS::Alias",
                "Properties": {"AliasName": "alias/stack", "TargetKeyId": {"Ref": "Key"}},
            },
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}}},
    }
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="stack", TemplateBody=json.dumps(template))
    (stack,) = cloudformation.describe_stacks(StackName="stack")["Stacks"]
    found = local.dispatch("DescribeKey", {"KeyId": "alias/stack"})["KeyMetadata"]
    assert stack["Outputs"][0]["OutputValue"] == found["Arn"]
    assert found["Description"] == "of a stack"
    status = local.dispatch("GetKeyRotationStatus", {"KeyId": found["KeyId"]})
    assert status["KeyRotationEnabled"]
    cloudformation.delete_stack(StackName="stack")
    described = local.dispatch("DescribeKey", {"KeyId": found["KeyId"]})["KeyMetadata"]
    assert described["KeyState"] == "PendingDeletion"
    assert all(
        each["AliasName"] != "alias/stack" for each in local.dispatch("ListAliases", {})["Aliases"]
    )


def test_default_keys_are_the_aws_managed_keys_of_the_model(local: LocalKms) -> None:
    ec2 = client("ec2")
    ec2.enable_ebs_encryption_by_default()
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1, Encrypted=True)
    table = client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
    )["TableDescription"]
    for alias, arn in (
        ("alias/aws/ebs", volume["KmsKeyId"]),
        ("alias/aws/dynamodb", table["SSEDescription"]["KMSMasterKeyArn"]),
    ):
        metadata = local.dispatch("DescribeKey", {"KeyId": alias})["KeyMetadata"]
        assert (metadata["Arn"], metadata["KeyManager"]) == (arn, "AWS")


# ---- S3


def bucket(**encryption: Any) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket="a-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    if encryption:
        rule = {"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
        configuration: Any = {"Rules": [rule]}
        s3.put_bucket_encryption(Bucket="a-bucket", ServerSideEncryptionConfiguration=configuration)
    return s3


def put(s3: Any, key_id: str | None = None) -> None:
    key = {} if key_id is None else {"SSEKMSKeyId": key_id}
    s3.put_object(Bucket="a-bucket", Key="o", Body=b"x", ServerSideEncryption="aws:kms", **key)


def get(s3: Any) -> bytes:
    body: bytes = s3.get_object(Bucket="a-bucket", Key="o")["Body"].read()
    return body


def test_s3_asks_for_a_data_key_and_to_decrypt_it_with_the_arn_of_the_object(
    local: LocalKms,
) -> None:
    arn = key_of(local)["Arn"]
    s3, before = bucket(), len(local.calls)
    put(s3, arn)
    assert get(s3) == b"x"
    context = {"aws:s3:arn": "arn:aws:s3:::a-bucket/o"}
    assert asked(local, before) == [("GenerateDataKey", context), ("Decrypt", context)]
    s3.head_object(Bucket="a-bucket", Key="o")
    assert len(local.calls) == before + 2
    assert local.calls[-1].caller.context["kms:viaservice"] == f"s3.{REGION}.amazonaws.com"


def test_with_a_bucket_key_s3_names_the_bucket(local: LocalKms) -> None:
    arn = key_of(local)["Arn"]
    s3 = bucket(SSEAlgorithm="aws:kms", KMSMasterKeyID=arn)
    s3.put_object(Bucket="a-bucket", Key="o", Body=b"x")
    assert get(s3) == b"x"
    assert local.calls[-1].encryption_context == {"aws:s3:arn": "arn:aws:s3:::a-bucket"}


def test_a_disabled_key_fails_the_read_and_the_write_of_an_object(local: LocalKms) -> None:
    arn = key_of(local)["Arn"]
    s3 = bucket()
    put(s3, arn)
    local.dispatch("DisableKey", {"KeyId": arn})
    expected = ("KMS.DisabledException", f"{arn} is disabled.")
    assert refused(lambda: get(s3)) == expected
    assert refused(lambda: put(s3, arn)) == expected
    local.dispatch("EnableKey", {"KeyId": arn})
    assert get(s3) == b"x"


def test_without_a_key_s3_asks_for_the_aws_managed_key_and_without_kms_for_none(
    local: LocalKms,
) -> None:
    s3 = bucket()
    put(s3)
    managed = local.dispatch("DescribeKey", {"KeyId": "alias/aws/s3"})["KeyMetadata"]
    generated = next(call for call in local.calls if call.operation == "GenerateDataKey")
    assert generated.key_arn == managed["Arn"]
    before = len(local.calls)
    s3.put_object(Bucket="a-bucket", Key="o", Body=b"y")
    assert get(s3) == b"y"
    assert len(local.calls) == before


def test_s3_asks_as_the_caller(local: LocalKms) -> None:
    allowed = from_json(
        {"Statement": {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*"}}
    )
    writer = User("w", account=local.account, access_keys=["AKIAWRITER"], policies=[allowed])
    arn = key_of(local)["Arn"]
    local.iam = Iam(users=[writer])
    s3 = client("s3", aws_access_key_id="AKIAWRITER", aws_secret_access_key="any")
    s3.create_bucket(Bucket="a-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    put(s3, arn)
    code, message = refused(lambda: get(s3))
    assert code == "AccessDenied"
    assert message == (
        f"User: arn:aws:iam::{local.account}:user/w is not authorized to perform: kms:Decrypt "
        f"on resource: {arn} because no identity-based policy allows the kms:Decrypt action"
    )


# ---- Secrets Manager


def test_secrets_manager_asks_with_the_arn_and_the_version_of_the_secret(local: LocalKms) -> None:
    arn = key_of(local)["Arn"]
    secrets, before = client("secretsmanager"), len(local.calls)
    made = secrets.create_secret(Name="s", KmsKeyId=arn, SecretString="one")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "one"
    put = secrets.put_secret_value(SecretId="s", SecretString="two")
    contexts = [
        {"SecretARN": made["ARN"], "SecretVersionId": each["VersionId"]} for each in (made, put)
    ]
    assert asked(local, before) == [
        ("GenerateDataKey", contexts[0]),
        ("Decrypt", contexts[0]),
        ("GenerateDataKey", contexts[1]),
    ]
    assert {call.key_arn for call in local.calls[before:]} == {arn}
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "two"


def test_a_disabled_key_fails_the_read_and_the_write_of_a_secret(local: LocalKms) -> None:
    arn = key_of(local)["Arn"]
    secrets = client("secretsmanager")
    secrets.create_secret(Name="s", KmsKeyId=arn, SecretString="one")
    local.dispatch("DisableKey", {"KeyId": arn})
    code, message = refused(lambda: secrets.get_secret_value(SecretId="s"))
    assert code == "DecryptionFailure"
    assert message.startswith(
        f"Secrets Manager can't decrypt the secret value: {arn} is disabled. "
        "(Service: AWSKMS; Status Code: 400; Error Code: DisabledException; Request ID: "
    )
    code, _ = refused(lambda: secrets.put_secret_value(SecretId="s", SecretString="two"))
    assert code == "EncryptionFailure"
    code, _ = refused(lambda: secrets.create_secret(Name="t", KmsKeyId=arn, SecretString="x"))
    assert code == "EncryptionFailure"
    named = refused(lambda: secrets.create_secret(Name="t", KmsKeyId=arn))
    told = "The operation failed because the specified KMS key is disabled."
    assert named == ("InvalidParameterException", told)
    assert [each["Name"] for each in secrets.list_secrets()["SecretList"]] == ["s"]
    local.dispatch("EnableKey", {"KeyId": arn})
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "one"


def test_a_secret_without_a_key_is_under_the_aws_managed_key(local: LocalKms) -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="s", SecretString="one")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "one"
    alias = "alias/aws/secretsmanager"
    managed = local.dispatch("DescribeKey", {"KeyId": alias})["KeyMetadata"]["Arn"]
    calls = [call for call in local.calls if call.operation == "GenerateDataKey"]
    assert [call.key_arn for call in calls] == [managed]


def test_a_key_that_is_not_there_is_no_key_of_a_secret(local: LocalKms) -> None:
    secrets = client("secretsmanager")
    code, message = refused(
        lambda: secrets.create_secret(Name="s", KmsKeyId="alias/none", SecretString="x")
    )
    alias = f"arn:aws:kms:{REGION}:{local.account}:alias/none"
    assert code == "InvalidParameterException"
    assert message.startswith(
        f"The operation failed because of an invalid KMS key: Alias {alias} is not found. "
    )
