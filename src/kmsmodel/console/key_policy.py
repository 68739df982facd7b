"""
The key policy that the console writes from what is chosen in its wizard.

The console's default view of a key policy knows the statements by their Sids. Source: *Default key policy* in the
Developer Guide, and what is listed in `docs/fidelity.md`, *The console*.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias, final

from attrs import frozen

from kmsmodel.console.editions import Edition
from kmsmodel.key.key_spec import is_asymmetric
from kmsmodel.words.arn import root_user
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, OriginType

Statement: TypeAlias = "dict[str, Any]"

POLICY_ID = "key-consolepolicy-3"

_ADMINISTER = (
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
)
_TAG = ("kms:TagResource", "kms:UntagResource")
_DELETE = ("kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion")
_REPLICATE = ("kms:ReplicateKey", "kms:UpdatePrimaryRegion")

_USE_SYMMETRIC = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:DescribeKey",
)

_USE: Mapping[KeyUsageType, tuple[str, ...]] = {
    KeyUsageType.ENCRYPT_DECRYPT: (
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:DescribeKey",
        "kms:GetPublicKey",
    ),
    KeyUsageType.SIGN_VERIFY: ("kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"),
    KeyUsageType.GENERATE_VERIFY_MAC: ("kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"),
    KeyUsageType.KEY_AGREEMENT: (
        "kms:DescribeKey",
        "kms:GetPublicKey",
        "kms:DeriveSharedSecret",
    ),
    KeyUsageType.ENCAPSULATE_DECAPSULATE: (
        "kms:DescribeKey",
        "kms:GetPublicKey",
        "kms:Encapsulate",
        "kms:Decapsulate",
    ),
}
"""What key users may do with a key that is not a symmetric encryption key."""

_ATTACH = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")


@final
@frozen(kw_only=True)
class Chosen:
    """
    What of a KMS key and its people decides the console's key policy.

    ``administrators`` and ``users`` are ARNs of IAM users and roles, ``other_accounts`` account ids.
    """

    account: str
    region: str
    edition: Edition = Edition.NEW
    key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT
    key_usage: KeyUsageType = KeyUsageType.ENCRYPT_DECRYPT
    origin: OriginType = OriginType.AWS_KMS
    multi_region: bool = False
    administrators: tuple[str, ...] = ()
    administrators_may_delete: bool = True
    users: tuple[str, ...] = ()
    other_accounts: tuple[str, ...] = ()

    @property
    def is_symmetric_encryption_key(self) -> bool:
        return self.key_usage is KeyUsageType.ENCRYPT_DECRYPT and not is_asymmetric(self.key_spec)


def key_policy(chosen: Chosen) -> str:
    """The console's key policy, as the console lays it out."""
    document = {
        "Id": POLICY_ID,
        "Version": "2012-10-17",
        "Statement": list(statements(chosen)),
    }
    return json.dumps(document, indent=4)


def statements(chosen: Chosen) -> Iterator[Statement]:
    """The statements of the console's key policy. Nobody is named by a statement for nobody: it is left out."""
    root = root_user(chosen.account, chosen.region)
    yield _statement("Enable IAM User Permissions", [root], "kms:*")
    if chosen.administrators:
        yield _statement(
            "Allow access for Key Administrators", chosen.administrators, [*administration(chosen)]
        )
    accounts = [root_user(account, chosen.region) for account in chosen.other_accounts]
    users = [*chosen.users, *accounts]
    if not users:
        return
    yield _statement("Allow use of the key", users, list(use(chosen)))
    if chosen.key_usage is not KeyUsageType.GENERATE_VERIFY_MAC:
        for_aws_resources = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        attach = _statement("Allow attachment of persistent resources", users, list(_ATTACH))
        yield {**attach, "Condition": for_aws_resources}


def administration(chosen: Chosen) -> Iterator[str]:
    """What key administrators may do."""
    yield from _ADMINISTER
    if chosen.origin is OriginType.EXTERNAL:
        yield "kms:ImportKeyMaterial"
    yield from _TAG
    if chosen.administrators_may_delete:
        yield from _DELETE
    if chosen.multi_region:
        yield from _REPLICATE
    if chosen.edition is Edition.NEW and chosen.is_symmetric_encryption_key:
        yield "kms:RotateKeyOnDemand"


def use(chosen: Chosen) -> tuple[str, ...]:
    """What key users may do."""
    return _USE_SYMMETRIC if chosen.is_symmetric_encryption_key else _USE[chosen.key_usage]


def _statement(sid: str, principals: Iterable[str], action: str | list[str]) -> Statement:
    named = list(dict.fromkeys(principals))
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": named[0] if len(named) == 1 else named},
        "Action": action,
        "Resource": "*",
    }
