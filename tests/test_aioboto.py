"""
aiobotocore's client, answered in this process.

aiobotocore takes a few versions of botocore only, so it is tested in an environment of its own: ``make test-aioboto``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from botocore.loaders import Loader

from kmsmodel import boto
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Role, User
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import KMSInternalException
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from tests.basics import ACCOUNT, DAY, NOW, OTHER_ACCOUNT
from tests.examples import Members, examples

why = "aiobotocore is not here; make test-aioboto has it"
aiobotocore: Any = pytest.importorskip("aiobotocore.session", reason=why)
credentials: Any = pytest.importorskip("aiobotocore.credentials", reason=why)

SESSION: Any = aiobotocore.get_session()
MODEL: Any = Loader().load_service_model("kms", "service-2")


def is_known(operation: str, members: Members) -> bool:
    """Is the request one that its botocore can make, which is not the newest?"""
    known = MODEL["operations"].get(operation)
    return known is not None and set(members) <= set(
        MODEL["shapes"][known["input"]["shape"]]["members"]
    )


Use = Callable[[Any], Awaitable[Any]]


@pytest.fixture
def local() -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm("aioboto"))


async def _with_client(
    local: LocalKms, use: Use, session: Any = None, access_key_id: str | None = "any"
) -> Any:
    named = {"aws_access_key_id": access_key_id, "aws_secret_access_key": "any"}
    created = (session or SESSION).create_client(
        "kms", region_name=local.region, **(named if access_key_id else {})
    )
    async with created as client:
        boto.serve(local, client)
        return await use(client)


def with_client(local: LocalKms, use: Use, **how: Any) -> Any:
    """What ``use`` makes of a client that is served."""
    return asyncio.run(_with_client(local, use, **how))


@pytest.mark.parametrize(
    "operation, members",
    [
        (operation, members)
        for operation, requests in sorted(examples().requests.items())
        for members in requests
        if is_known(operation, members)
    ],
)
def test_it_gives_what_dispatch_gives(operation: str, members: Members) -> None:
    async def use(client: Any) -> Any:
        return await getattr(client, xform_name(operation))(**members)

    answer = with_client(examples().local(), use)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert answer == examples().local().dispatch(operation, members)


def test_an_error_is_the_exception_of_its_name(local: LocalKms) -> None:
    async def use(client: Any) -> Any:
        with pytest.raises(client.exceptions.NotFoundException) as refused:
            await client.describe_key(KeyId="fake-key-id")
        return refused.value.response["Error"]

    error = {"Code": "NotFoundException", "Message": "Invalid keyId 'fake-key-id'"}
    assert with_client(local, use) == error


def test_botocores_validation_comes_first(local: LocalKms) -> None:
    async def use(client: Any) -> None:
        with pytest.raises(ParamValidationError):
            await client.enable_key(KeyId=1)

    with_client(local, use)
    assert local.kms == Kms()


def test_its_paginators_walk_to_the_end(local: LocalKms) -> None:
    async def use(client: Any) -> Any:
        created = [(await client.create_key())["KeyMetadata"]["KeyId"] for _ in range(7)]
        created.sort()  # AWS KMS lists keys by key id
        pages = client.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3})
        listed = [[entry["KeyId"] for entry in page["Keys"]] async for page in pages]
        return created, listed

    created, listed = with_client(local, use)
    assert listed == [created[:3], created[3:6], created[6:]]


def test_many_calls_may_be_awaited_at_once(local: LocalKms) -> None:
    async def use(client: Any) -> Any:
        made = await asyncio.gather(*(client.create_key() for _ in range(50)))
        return {each["KeyMetadata"]["KeyId"] for each in made}

    created = with_client(local, use)
    assert len(created) == 50
    assert {key["KeyId"] for key in local.dispatch("ListKeys", {})["Keys"]} == created


def test_the_caller_is_whom_the_credentials_name(local: LocalKms) -> None:
    async def use(client: Any) -> Any:
        return (await client.create_key())["KeyMetadata"]["AWSAccountId"]

    assert with_client(local, use, access_key_id=OTHER_ACCOUNT) == OTHER_ACCOUNT
    assert with_client(local, use, access_key_id="AKIAEXAMPLE") == local.account


def test_credentials_that_would_have_to_be_fetched_are_not(local: LocalKms) -> None:
    async def fetch() -> dict[str, str]:
        raise AssertionError("credentials were fetched")

    async def use(client: Any) -> Any:
        return (await client.create_key())["KeyMetadata"]["AWSAccountId"]

    session = aiobotocore.get_session()
    session._credentials = credentials.AioDeferredRefreshableCredentials(fetch, "assume-role")
    assert with_client(local, use, session=session, access_key_id=None) == local.account


def test_clients_that_libraries_make_are_answered_while_patched(local: LocalKms) -> None:
    async def use() -> Any:
        how = {"region_name": local.region, "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        with boto.patched(local):
            async with SESSION.create_client("kms", **how) as kms:
                made = (await kms.create_key())["KeyMetadata"]
            async with SESSION.create_client("sts", **how) as sts:
                assert sts.meta.service_model.service_name == "sts"
        return made

    before = vars(BaseClient)["__init__"]
    made = asyncio.run(use())
    assert vars(BaseClient)["__init__"] is before
    assert local.dispatch("DescribeKey", {"KeyId": made["KeyId"]})["KeyMetadata"] == made


def test_clients_that_exist_already_are_answered_while_patched(local: LocalKms) -> None:
    async def use() -> Any:
        how = {"region_name": local.region, "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        async with SESSION.create_client("kms", **how) as kms:
            with boto.patched(local):
                made = (await kms.create_key())["KeyMetadata"]
            with boto.patched(LocalKms()):
                assert (await kms.list_keys())["Keys"] == []
                async with SESSION.create_client("kms", **how) as cached:
                    assert (await cached.list_keys())["Keys"] == []
            kms._endpoint.http_session.send = cached._endpoint.http_session.send
            for client in (kms, cached):
                with pytest.raises(RuntimeError, match="which has ended"):
                    await client.list_keys()
            with boto.serve(local, kms):
                assert len((await kms.list_keys())["Keys"]) == 1
        return made

    made = asyncio.run(use())
    assert local.dispatch("DescribeKey", {"KeyId": made["KeyId"]})["KeyMetadata"] == made


def test_a_client_with_an_endpoint_of_its_own_is_refused_while_patched(local: LocalKms) -> None:
    async def use() -> None:
        how = {"region_name": local.region, "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        url = "http://localhost:4566"
        async with SESSION.create_client("kms", endpoint_url=url, **how) as kms:
            with boto.patched(local), pytest.raises(RuntimeError, match="endpoint_url of its own"):
                await kms.list_keys()

    asyncio.run(use())


def test_botocore_tries_again_while_a_fault_is_armed(
    local: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def do_not_wait(_: float) -> None:
        """Try again at once."""

    async def use(client: Any) -> Any:
        key_id = (await client.create_key())["KeyMetadata"]["KeyId"]
        with local.fail("DescribeKey", KMSInternalException, times=2):
            answer = await client.describe_key(KeyId=key_id)
            with pytest.raises(client.exceptions.NotFoundException), local.fail("*", latency=DAY):
                await client.describe_key(KeyId="none")
        return answer["ResponseMetadata"]["RetryAttempts"]

    monkeypatch.setattr("aiobotocore.endpoint.asyncio.sleep", do_not_wait)
    assert with_client(local, use) == 2
    codes = [call.error_code for call in local.calls]
    assert codes == [None, *["KMSInternalException"] * 2, None, "NotFoundException"]


def test_time_passes_for_it_when_the_clock_is_advanced(local: LocalKms) -> None:
    async def use(client: Any) -> None:
        key_id = (await client.create_key())["KeyMetadata"]["KeyId"]
        scheduled = await client.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
        assert scheduled["DeletionDate"] == NOW + timedelta(days=7)
        local.clock.advance(days=7)
        with pytest.raises(ClientError, match="does not exist"):
            await client.describe_key(KeyId=key_id)

    with_client(local, use)


def test_a_role_is_assumed_where_there_is_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    everybody = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}
    iam = Iam(
        users=[User("Ada", access_keys=["AKIAIOSFODNN7EXAMPLE"], policies=[policy(everything)])],
        roles=[Role("Deploy", trust=policy(everybody), policies=[policy(everything)])],
    )
    (tmp_path / "config").write_text(
        "[profile ada]\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=any\n"
        f"[profile deploy]\nsource_profile=ada\nrole_arn=arn:aws:iam::{ACCOUNT}:role/Deploy\n"
        "role_session_name=run-7\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "deploy")
    local = LocalKms(hsm=SeededHsm("aioboto"), iam=iam)  # botocore compares with its own clock

    async def use() -> Any:
        session = aiobotocore.get_session()
        async with (
            session.create_client("sts", region_name=local.region) as sts,
            session.create_client("kms", region_name=local.region) as kms,
        ):
            await kms.create_key()
            return (await sts.get_caller_identity())["Arn"]

    with boto.patched(local):
        arn = asyncio.run(use())
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/run-7"
    assert local.kms != Kms()


def policy(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statement}
