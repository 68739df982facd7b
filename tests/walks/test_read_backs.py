"""
What Terraform's provider for AWS and Ansible's `amazon.aws.kms_key` ask to create a resource, and what they read back.

Both compare what they read with what they were told, and do something again where the two differ. The order of the
requests is that of the resources `aws_kms_key`, `aws_kms_replica_key`, `aws_kms_grant` and `aws_kms_alias`, and of the
module. Things take as long as they were recorded to, and a poll lets a second pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kmsmodel import boto
from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.local import LocalKms
from tests.basics import ACCOUNT, NOW, OTHER_REGION, REGION

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Id": "terraform",
        "Statement": [
            {
                "Sid": "Enable IAM",
                "Effect": "Allow",
                "Principal": {"AWS": ACCOUNT},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Principal": {"AWS": [ROLE, ROOT]},
                "Action": ["kms:Encrypt", "kms:Decrypt"],
                "Resource": ["*"],
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ],
    }
)
"""In which AWS KMS writes some things in another way than it is told them."""

TAGS = {"team": "IT", "stage": "test"}
POLLS = 60


class Tool:
    """A client for each Region, a clock that a poll advances, and what both tools do."""

    def __init__(self) -> None:
        self.local = LocalKms(clock=Clock(NOW), hsm=SeededHsm(), delays=Delays.recorded())
        self.kms: Any = boto.client(self.local, region_name=REGION)
        self.there: Any = boto.client(self.local, region_name=OTHER_REGION)

    def wait(self, is_so: Callable[[], bool], in_a_row: int = 1) -> None:
        """Ask until the answer is yes so often in a row."""
        yes = 0
        for _ in range(POLLS):
            yes = yes + 1 if is_so() else 0
            if yes == in_a_row:
                return
            self.local.clock.advance(seconds=1)
        pytest.fail("it did not come")


@pytest.fixture
def tool() -> Tool:
    return Tool()


def meaning(policy: str) -> Any:
    """What a policy says, whatever stands in a list and in whichever order, as the tools compare policies."""

    def several(given: Any) -> list[str]:
        each = [given] if isinstance(given, str) else given
        return sorted(ROOT if one == ACCOUNT else one for one in each)

    def statement(given: dict[str, Any]) -> dict[str, Any]:
        named = {name: several(given[name]) for name in ("Action", "Resource")}
        principals = {kind: several(names) for kind, names in given["Principal"].items()}
        conditions = {
            operator: {key: several(values) for key, values in keys.items()}
            for operator, keys in given.get("Condition", {}).items()
        }
        return {**given, **named, "Principal": principals, "Condition": conditions}

    document = json.loads(policy)
    return {**document, "Statement": [statement(each) for each in document["Statement"]]}


def tags_of(client: Any, key_id: str) -> dict[str, str]:
    pages = client.get_paginator("list_resource_tags").paginate(KeyId=key_id)
    return {each["TagKey"]: each["TagValue"] for page in pages for each in page["Tags"]}


def listed_tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in tags.items()]


# ---- Terraform


def create_key(tool: Tool, **members: Any) -> str:
    """`aws_kms_key`, with automatic rotation: each change is polled until it was seen five times in a row."""
    kms = tool.kms
    made = kms.create_key(
        BypassPolicyLockoutSafetyCheck=False,
        KeySpec="SYMMETRIC_DEFAULT",
        KeyUsage="ENCRYPT_DECRYPT",
        Description="a key",
        Policy=POLICY,
        Tags=listed_tags(TAGS),
        **members,
    )
    key_id: str = made["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=100)

    def rotates() -> bool:
        told = kms.get_key_rotation_status(KeyId=key_id)
        return bool(told["KeyRotationEnabled"]) and told["RotationPeriodInDays"] == 100

    tool.wait(rotates, in_a_row=5)
    tool.wait(lambda: has_policy(kms, key_id, POLICY), in_a_row=5)
    tool.wait(lambda: tags_of(kms, key_id) == TAGS, in_a_row=5)
    return key_id


def has_policy(client: Any, key_id: str, policy: str) -> bool:
    told = client.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    return bool(meaning(told) == meaning(policy))


def test_a_key_is_read_back_as_terraform_wrote_it(tool: Tool) -> None:
    kms, key_id = tool.kms, create_key(tool)
    told = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert "CustomKeyStoreId" not in told
    assert "XksKeyConfiguration" not in told
    assert (told["KeySpec"], told["KeyUsage"], told["Description"], told["MultiRegion"]) == (
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        "a key",
        False,
    )
    assert (told["Enabled"], told["KeyState"], told["Origin"]) == (True, "Enabled", "AWS_KMS")

    kms.disable_key_rotation(KeyId=key_id)
    status = kms.get_key_rotation_status(KeyId=key_id)
    assert (status["KeyRotationEnabled"], "RotationPeriodInDays" in status) == (False, False)
    kms.update_key_description(KeyId=key_id, Description="")
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == ""
    kms.untag_resource(KeyId=key_id, TagKeys=["stage"])
    kms.tag_resource(KeyId=key_id, Tags=listed_tags({"team": "HR"}))
    tool.wait(lambda: tags_of(kms, key_id) == {"team": "HR"}, in_a_row=5)
    kms.disable_key(KeyId=key_id)
    tool.wait(lambda: kms.describe_key(KeyId=key_id)["KeyMetadata"]["Enabled"] is False, 15)


def test_a_key_is_deleted_twice_by_terraform(tool: Tool) -> None:
    """The second time, the message has the words by which the provider knows that the first succeeded."""
    kms, key_id = tool.kms, create_key(tool)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending deletion"):
        kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    tool.local.clock.advance(days=7)
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.schedule_key_deletion(KeyId=key_id)


def test_a_replica_key_is_read_back_as_terraform_wrote_it(tool: Tool) -> None:
    key_id = create_key(tool, MultiRegion=True)
    kms, there = tool.kms, tool.there
    primary_arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    made = kms.replicate_key(
        KeyId=primary_arn.rpartition("/")[2],
        ReplicaRegion=OTHER_REGION,
        Description="a replica",
        Policy=POLICY,
        Tags=listed_tags(TAGS),
    )
    assert made["ReplicaKeyMetadata"]["KeyId"] == key_id

    def key_state() -> str:
        state: str = there.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        return state

    assert key_state() == "Creating"
    tool.wait(lambda: key_state() == "Enabled")
    tool.wait(lambda: has_policy(there, key_id, POLICY), in_a_row=5)
    tool.wait(lambda: tags_of(there, key_id) == TAGS, in_a_row=5)
    told = there.describe_key(KeyId=key_id)["KeyMetadata"]
    configuration = told["MultiRegionConfiguration"]
    assert configuration["MultiRegionKeyType"] == "REPLICA"
    assert configuration["PrimaryKey"]["Arn"] == primary_arn
    assert (told["KeyManager"], told["Origin"]) == ("CUSTOMER", "AWS_KMS")
    assert (told["Description"], told["Enabled"]) == ("a replica", True)
    assert there.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert key_state() == "PendingDeletion"


def test_a_grant_is_read_back_as_terraform_wrote_it(tool: Tool) -> None:
    kms, key_id = tool.kms, create_key(tool)
    operations = {"Encrypt", "Decrypt", "GenerateDataKey"}
    wrote: dict[str, Any] = {
        "GranteePrincipal": ROLE,
        "RetiringPrincipal": ROOT,
        "Name": "a-grant",
        "Constraints": {"EncryptionContextEquals": {"Department": "Finance"}},
    }
    made = kms.create_grant(KeyId=key_id, Operations=sorted(operations), **wrote)

    def grants() -> list[dict[str, Any]]:
        pages = kms.get_paginator("list_grants").paginate(
            KeyId=key_id, PaginationConfig={"PageSize": 100}
        )
        found = [each for page in pages for each in page["Grants"]]
        return [each for each in found if each["GrantId"] == made["GrantId"]]

    tool.wait(lambda: len(grants()) == 1)
    (told,) = grants()
    assert {name: told[name] for name in wrote} == wrote
    assert set(told["Operations"]) == operations
    kms.revoke_grant(KeyId=key_id, GrantId=made["GrantId"])
    tool.wait(lambda: not grants())
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.revoke_grant(KeyId=key_id, GrantId=made["GrantId"])


def test_an_alias_is_read_back_as_terraform_wrote_it(tool: Tool) -> None:
    kms, key_id, other = tool.kms, create_key(tool), create_key(tool)
    kms.create_alias(AliasName="alias/app", TargetKeyId=key_id)

    def aliases() -> list[dict[str, Any]]:
        pages = kms.get_paginator("list_aliases").paginate()
        found = [each for page in pages for each in page["Aliases"]]
        return [each for each in found if each["AliasName"] == "alias/app"]

    (told,) = aliases()
    assert told["AliasArn"] == f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/app"
    assert told["TargetKeyId"] == key_id
    arn = kms.describe_key(KeyId=other)["KeyMetadata"]["Arn"]
    kms.update_alias(AliasName="alias/app", TargetKeyId=arn)
    (told,) = aliases()
    assert told["TargetKeyId"] == other
    kms.delete_alias(AliasName="alias/app")
    assert not aliases()
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.delete_alias(AliasName="alias/app")


# ---- Ansible


def ensure_key(tool: Tool, *, description: str, tags: dict[str, str], rotates: bool) -> bool:
    """`amazon.aws.kms_key` with an alias: look for it, create it or mend what differs. Was anything done?"""
    kms, alias, changed = tool.kms, "alias/ansible", False
    try:
        key_id: str = kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    except kms.exceptions.NotFoundException:
        made = kms.create_key(
            KeyUsage="ENCRYPT_DECRYPT",
            KeySpec="SYMMETRIC_DEFAULT",
            Description=description,
            Tags=listed_tags(tags),
            Policy=POLICY,
        )
        key_id, changed = made["KeyMetadata"]["KeyId"], True
        tool.wait(lambda: kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled")
        kms.create_alias(TargetKeyId=key_id, AliasName=alias)
    told = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    if told["KeyState"] == "PendingDeletion":
        kms.cancel_key_deletion(KeyId=key_id)
        told, changed = {**told, "KeyState": "Disabled"}, True
    if told["KeyState"] != "Enabled":
        kms.enable_key(KeyId=key_id)
        changed = True
    if told["Description"] != description:
        kms.update_key_description(KeyId=key_id, Description=description)
        changed = True
    there = tags_of(kms, key_id)
    if gone := sorted(there.keys() - tags.keys()):
        kms.untag_resource(KeyId=key_id, TagKeys=gone)
        changed = True
    if {name: value for name, value in tags.items() if there.get(name) != value}:
        kms.tag_resource(KeyId=key_id, Tags=listed_tags(tags))
        changed = True
    names = kms.list_key_policies(KeyId=key_id)["PolicyNames"]
    assert names == ["default"]
    if not has_policy(kms, key_id, POLICY):
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=POLICY)
        changed = True
    if kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] != rotates:
        (kms.enable_key_rotation if rotates else kms.disable_key_rotation)(KeyId=key_id)
        changed = True
    return changed


def test_ansible_changes_nothing_the_second_time(tool: Tool) -> None:
    wanted: dict[str, Any] = {"description": "a key", "tags": TAGS, "rotates": True}
    assert ensure_key(tool, **wanted)
    assert not ensure_key(tool, **wanted)
    changes: list[dict[str, Any]] = [
        {"description": ""},
        {"tags": {"team": "HR"}},
        {"tags": {}},
        {"rotates": False},
    ]
    for change in changes:
        assert ensure_key(tool, **wanted | change)
        assert not ensure_key(tool, **wanted | change)
        wanted |= change


def test_ansible_brings_back_a_key_that_was_to_be_deleted(tool: Tool) -> None:
    wanted: dict[str, Any] = {"description": "a key", "tags": TAGS, "rotates": True}
    ensure_key(tool, **wanted)
    key_id = tool.kms.describe_key(KeyId="alias/ansible")["KeyMetadata"]["KeyId"]
    tool.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert ensure_key(tool, **wanted)
    assert not ensure_key(tool, **wanted)
