"""
Requests that AWS KMS never gets do not show that somebody can do something.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmsmodel.key.key_spec import ALGORITHMS
from kmsmodel.key.key_usage import KEY_USAGE
from kmsmodel.policy import Found, KeyPolicy, Proved
from kmsmodel.policy.proofs.unanswered import NEEDS, unanswered

OWNER = "111122223333"


def policy(condition: dict[str, Any], kind: str = "role", **others: Any) -> KeyPolicy:
    """A key policy that lets a role or a user in under a condition."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OWNER}:{kind}/app"},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": condition,
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    return KeyPolicy.parse(text, account=OWNER, **others)


BOTH = [
    ({"StringEquals": {"kms:KeySpec": "RSA_2048", "kms:KeyUsage": "SIGN_VERIFY"}}, True),
    ({"StringEquals": {"kms:KeySpec": "RSA_2048", "kms:KeyUsage": "GENERATE_VERIFY_MAC"}}, False),
    ({"StringEquals": {"kms:MultiRegion": "true", "kms:MultiRegionKeyType": "PRIMARY"}}, True),
    ({"StringEquals": {"kms:MultiRegion": "false", "kms:MultiRegionKeyType": "PRIMARY"}}, False),
    ({"StringEquals": {"kms:PolicyName": "default"}}, True),
    ({"StringEquals": {"kms:PolicyName": "AWS_RAM"}}, False),
    ({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}, True),
    ({"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}, True),
    ({"StringEquals": {"aws:RequestedRegion": "mars-north-1"}}, False),
    ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
    ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
    ({"NumericLessThan": {"aws:EpochTime": "1577836800"}}, None),
    ({"DateLessThan": {"aws:EpochTime": "1577836800"}}, False),
    ({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, False),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, True),
    ({"StringEquals": {"aws:PrincipalOrgID": "111122223333"}}, False),
    ({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, True),
    ({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, True),
    ({"StringEquals": {"aws:SourceVpce": "vpc-111bbb22"}}, False),
    ({"StringEquals": {"aws:SourceVpc": "vpce-1a2b3c4d"}}, False),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}, True),
    ({"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/"}}, True),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "ou-ab12-11111111/*"}}, False),
    ({"StringEquals": {"aws:userid": "AIDAEXAMPLE"}}, False),
    ({"StringEquals": {"aws:userid": "AROAEXAMPLE:me"}}, True),
    ({"StringLike": {"aws:userid": "*:me"}}, True),
]


@pytest.mark.parametrize("condition, can", BOTH)
def test_only_requests_that_there_are_show_that_somebody_can(
    condition: dict[str, Any], can: bool | None
) -> None:
    answer = policy(condition).can_be_administered()
    assert isinstance(answer, Proved) is (can is True)
    assert isinstance(answer, Found) is (can is False)


def test_a_user_has_an_id_of_a_user() -> None:
    condition = {"StringEquals": {"aws:userid": "AIDAEXAMPLE"}}
    assert policy(condition, "user").can_be_administered()
    condition = {"StringEquals": {"aws:userid": "AROAEXAMPLE:me"}}
    assert not policy(condition, "user").can_be_administered()


def test_what_is_given_counts() -> None:
    signs = {"StringEquals": {"kms:KeyUsage": "SIGN_VERIFY"}}
    assert policy(signs, given={"kms:KeySpec": "RSA_2048"}).someone_can("Sign")
    assert not policy(signs, given={"kms:KeySpec": "HMAC_256"}).someone_can("Sign")
    assert not policy({}, given={"kms:KeySpec": "HMAC_256"}).someone_can("Sign")
    assert policy({}, given={"kms:KeySpec": "HMAC_256"}).someone_can("GenerateMac", "DescribeKey")


def test_an_action_needs_a_key_usage() -> None:
    told = policy({"StringEquals": {"kms:KeyUsage": ["SIGN_VERIFY", "KEY_AGREEMENT"]}})
    assert told.someone_can("Sign", "DeriveSharedSecret", "DescribeKey")
    assert not told.someone_can("Decrypt")


def test_key_specs_have_the_key_usages_that_keys_have() -> None:
    said = {"kms:keyspec", "kms:keyusage"}
    for action in ("kms:DescribeKey", "kms:Sign"):
        for spec, usages in ALGORITHMS.items():
            for usage in KEY_USAGE.values():
                context = {"kms:keyspec": str(spec), "kms:keyusage": str(usage)}
                is_left_out = any(
                    all(each.holds(context) for each in together)
                    for together in unanswered(action, said)
                )
                fits = action == "kms:DescribeKey" or usage is KEY_USAGE["Sign"]
                assert is_left_out is not (usage in usages and fits)


def test_actions_need_the_key_usages_that_operations_need() -> None:
    as_actions = {
        **KEY_USAGE,
        **dict.fromkeys(("ReEncryptFrom", "ReEncryptTo"), KEY_USAGE["Encrypt"]),
    }
    del as_actions["ReEncrypt"]
    assert as_actions == NEEDS


def test_of_condition_keys_that_nobody_speaks_of_nothing_is_asked() -> None:
    assert unanswered("kms:PutKeyPolicy", ()) == ()
