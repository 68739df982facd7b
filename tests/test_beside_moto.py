"""
moto beside the model: `mock_aws` and `boto.patched` in one test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, cast

import boto3
import pytest

from kmsmodel import boto
from kmsmodel.errors import ThrottlingException
from kmsmodel.local import LocalKms
from tests.basics import ACCOUNT, OTHER_ACCOUNT, REGION

moto: Any = pytest.importorskip("moto", reason="moto is not here; the lock for development has it")

MOTO_ACCOUNT = "123456789012"
"""moto's account, unless somebody says otherwise."""

make = cast("Any", boto3).client
BEFORE = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b")
"""Older than any `mock_aws`."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("MOTO_ACCOUNT_ID", raising=False)


@pytest.fixture(params=["mock_aws first", "patched first"])
def local(request: pytest.FixtureRequest) -> Iterator[LocalKms]:
    local = LocalKms(region=REGION)
    both = [moto.mock_aws(), boto.patched(local)]
    with ExitStack() as stack:
        for each in both if request.param == "mock_aws first" else reversed(both):
            stack.enter_context(each)
        yield local


def account_of(arn: str) -> str:
    return arn.split(":")[4]


def test_keys_and_what_moto_makes_are_in_one_account_without_a_setting(local: LocalKms) -> None:
    caller = make("sts").get_caller_identity()
    key = make("kms").create_key()["KeyMetadata"]
    topic = make("sns").create_topic(Name="a-topic")["TopicArn"]
    secret = make("secretsmanager").create_secret(Name="a-secret", SecretString="x")["ARN"]
    arns = [caller["Arn"], key["Arn"], topic, secret]
    assert {account_of(arn) for arn in arns} == {local.account} == {ACCOUNT}
    assert caller["Account"] == key["AWSAccountId"] == ACCOUNT


def test_each_kms_client_is_answered_by_the_model_and_all_others_by_moto(local: LocalKms) -> None:
    client = cast("Any", BEFORE).client("kms")
    key_id = client.create_key()["KeyMetadata"]["KeyId"]
    assert make("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
    assert local.dispatch("DescribeKey", {"KeyId": key_id})
    make("s3").create_bucket(
        Bucket="a-bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    assert [bucket["Name"] for bucket in make("s3").list_buckets()["Buckets"]] == ["a-bucket"]


def test_a_fault_is_not_answered_by_moto(local: LocalKms, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waited.append)
    client = make("kms")
    client.create_key()
    with local.fail("ListKeys", ThrottlingException, times=2):
        answer = client.list_keys()
    assert answer["ResponseMetadata"]["RetryAttempts"] == len(waited) == 2
    assert len(answer["Keys"]) == 1
    assert moto.backends.get_backend("kms")[ACCOUNT][REGION].keys == {}


def test_a_client_of_an_earlier_test_may_be_answered_by_moto() -> None:
    with moto.mock_aws():
        with boto.patched(LocalKms()):
            cached = make("kms")
            cached.create_key()
        assert cached.list_keys()["Keys"] == []  # moto has none
    with pytest.raises(RuntimeError, match="which has ended"):
        cached.list_keys()


# ---- whose account


def test_the_account_of_the_model_is_the_one_that_counts() -> None:
    with moto.mock_aws():
        assert make("sts").get_caller_identity()["Account"] == MOTO_ACCOUNT
        with boto.patched(LocalKms(account=OTHER_ACCOUNT)):
            assert make("sts").get_caller_identity()["Account"] == OTHER_ACCOUNT
            with boto.patched(LocalKms()):
                assert make("sts").get_caller_identity()["Account"] == ACCOUNT
            assert make("sts").get_caller_identity()["Account"] == OTHER_ACCOUNT
        assert make("sts").get_caller_identity()["Account"] == MOTO_ACCOUNT
    assert "MOTO_ACCOUNT_ID" not in os.environ


def test_an_account_that_moto_was_told_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", OTHER_ACCOUNT)
    with moto.mock_aws(), boto.patched(LocalKms()):
        assert make("sts").get_caller_identity()["Account"] == OTHER_ACCOUNT
    assert os.environ["MOTO_ACCOUNT_ID"] == OTHER_ACCOUNT
