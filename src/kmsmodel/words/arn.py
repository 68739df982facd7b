"""
Key and alias ARNs, and the other identifiers of a KMS key that AWS KMS accepts.

Four forms name a key: its id, its ARN, an alias name and an alias ARN. A key id or an alias name alone belongs to the
caller's account, in the Region of the call.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import final

from attrs import frozen

from kmsmodel.errors import NotFoundException

ALIAS_PREFIX = "alias/"

_KEY_ID = re.compile(
    "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"  # a UUID
    "|mrk-[0-9a-fA-F]{32}"  # a multi-Region key
)
ACCOUNT = re.compile("[0-9]{12}")
"""The id of an AWS account."""

_ARN = re.compile("arn:([a-z-]+):kms:([a-z0-9-]+):([0-9]{12}):(?:key/(.+)|(alias/.+))", re.DOTALL)


@final
@frozen
class KeyArn:
    """The ARN of a KMS key: ``arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab``."""

    account: str
    region: str
    key_id: str

    def __str__(self) -> str:
        return f"arn:{partition(self.region)}:kms:{self.region}:{self.account}:key/{self.key_id}"


@final
@frozen
class AliasArn:
    """The ARN of an alias: ``arn:aws:kms:us-west-2:111122223333:alias/ExampleAlias``."""

    account: str
    region: str
    alias_name: str

    def __str__(self) -> str:
        return f"arn:{partition(self.region)}:kms:{self.region}:{self.account}:{self.alias_name}"


@lru_cache(1024)
def parse(identifier: str, account: str, region: str) -> KeyArn | AliasArn:
    """
    The ARN that an identifier of a KMS key stands for, in a call by ``account`` in ``region``.

    Raises NotFoundException for an identifier that has none of the four forms, or names another Region.
    """
    if _KEY_ID.fullmatch(identifier) is not None:
        return KeyArn(account, region, identifier)
    if identifier.startswith(ALIAS_PREFIX):
        return AliasArn(account, region, identifier)
    if not identifier.startswith("arn:"):
        raise NotFoundException(f"Invalid keyId '{identifier}'")
    arn = _ARN.fullmatch(identifier)
    if arn is None:
        raise NotFoundException(f"Invalid arn {identifier}")
    partition_of_arn, region_of_arn, account_of_arn, key_id, alias_name = arn.groups()
    if region_of_arn != region or partition_of_arn != partition(region):
        error = NotFoundException(f"Invalid arn {region_of_arn}")
        if region_of_arn != region:
            error.add_note(f"the ARN is in {region_of_arn}, and the call in {region}")
        raise error
    if alias_name is not None:
        return AliasArn(account_of_arn, region, alias_name)
    if _KEY_ID.fullmatch(key_id) is None:
        raise NotFoundException(f"Invalid keyId {key_id}")
    return KeyArn(account_of_arn, region, key_id)


def is_elsewhere(identifier: str, region: str) -> bool:
    """Is this the ARN of a key or an alias in another Region than ``region``?"""
    arn = _ARN.fullmatch(identifier)
    return arn is not None and arn[2] != region


def key_arn(text: str) -> KeyArn | None:
    """The parts of the ARN of a KMS key, or None for any other text."""
    try:
        named = parse(text, "", text.split(":")[3]) if text.startswith("arn:") else None
    except (NotFoundException, IndexError):
        return None
    return named if isinstance(named, KeyArn) else None


@lru_cache(1024)
def parse_key_arn(arn: str) -> KeyArn:
    """The parts of an ARN that this package has made."""
    _, _, _, region, account, key = arn.split(":")
    return KeyArn(account, region, key.removeprefix("key/"))


@lru_cache(1024)
def root_user(account: str, region: str) -> str:
    """The ARN of an account's root user, who stands for the whole account in key policies."""
    return f"arn:{partition(region)}:iam::{account}:root"


@lru_cache(64)
def partition(region: str) -> str:
    """The partition of AWS that a Region belongs to."""
    for prefix, name in _PARTITIONS.items():
        if region.startswith(prefix):
            return name
    return "aws"


_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}
PARTITIONS = ("aws", *_PARTITIONS.values())
"""The partitions of AWS."""
