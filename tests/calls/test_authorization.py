"""
Whether callers may do what they ask for, and the call that says who they are.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from attrs import evolve

from kmsmodel.calls.authorization import authorize, denied, refuse_grant_tokens, refuse_managing
from kmsmodel.calls.call import Call
from kmsmodel.calls.new_key import new_key
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import AccessDeniedException, InvalidGrantTokenException
from kmsmodel.machine.key_state import KEY_STATE_TABLE
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.policy.managed import managed_key_policy
from kmsmodel.words.arn import AliasArn, KeyArn
from kmsmodel.words.enumerations import KeyManagerType
from tests.basics import ACCOUNT, NOW, OTHER_ACCOUNT, REGION, call


@pytest.mark.parametrize("kind", [KeyArn, AliasArn])
def test_the_callers_own_account_lets_them_in_and_no_other_does(
    kind: type[KeyArn | AliasArn],
) -> None:
    name = kind(ACCOUNT, REGION, "alias/any")
    authorize("DescribeKey", name, call())
    with pytest.raises(AccessDeniedException) as caught:
        authorize("DescribeKey", name, call(account=OTHER_ACCOUNT))
    told = denied("DescribeKey", "this resource", call(account=OTHER_ACCOUNT))
    assert caught.value.message == told.message
    assert ACCOUNT not in caught.value.message


OF_THE_KEY_OF_EBS = frozenset(
    {
        "CreateGrant",
        "Decrypt",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "GetParametersForImport",
        "GetPublicKey",
        "ListAliases",
        "ListGrants",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListResourceTags",
        "ReEncrypt",
        "RevokeGrant",
    }
)
"""What the actions of its key policy reach, among them `kms:ReEncrypt*` and `kms:Get*`."""

OF_THE_KEY_OF_ACM = frozenset(
    {"CreateGrant", "Decrypt", "DescribeKey", "GetKeyPolicy", "ListGrants", "RevokeGrant"}
)


@pytest.mark.parametrize("operation", KEY_STATE_TABLE)
def test_with_a_key_that_aws_manages_one_does_what_its_key_policy_allows(operation: str) -> None:
    customers = new_key(call())
    refuse_managing(operation, customers, call())
    for name, allowed in (("ebs", OF_THE_KEY_OF_EBS), ("acm", OF_THE_KEY_OF_ACM)):
        policy = managed_key_policy(name, ACCOUNT, REGION)
        managed = new_key(call(), key_manager=KeyManagerType.AWS, policy=policy)
        if operation in allowed or operation == "ListAliases":  # which asks no key policy
            refuse_managing(operation, managed, call())
            continue
        with pytest.raises(AccessDeniedException) as caught:
            refuse_managing(operation, managed, call())
        assert caught.value.arn == managed.arn
        assert caught.value.message == (
            f"User: arn:aws:iam::111122223333:root is not authorized to perform: kms:{operation} "
            f"on resource: {managed.arn} "
            f"because no resource-based policy allows the kms:{operation} action"
        )


def test_no_grant_has_a_token_yet() -> None:
    request = EncryptRequest(key_id="key", plaintext=b"plaintext")
    for none in (None, ()):
        refuse_grant_tokens(evolve(request, grant_tokens=none))
    refuse_grant_tokens(DescribeKeyRequest(key_id="key"))
    with pytest.raises(InvalidGrantTokenException):
        refuse_grant_tokens(evolve(request, grant_tokens=("token",)))


@pytest.mark.parametrize("region, partition", [("us-west-2", "aws"), ("cn-north-1", "aws-cn")])
def test_by_default_the_caller_is_the_root_user_of_the_account(region: str, partition: str) -> None:
    principal = call(account=OTHER_ACCOUNT, region=region).caller.principal
    assert principal == f"arn:{partition}:iam::444455556666:root"


def test_a_call_happens_at_a_time_in_a_time_zone() -> None:
    with pytest.raises(ValueError, match=r"must have a time zone$"):
        Call(now=datetime(2026, 1, 1), hsm=SeededHsm(), request_id="r")  # noqa: DTZ001


def test_what_chance_is_drawn_for_is_told_apart_by_call_and_by_name() -> None:
    purposes = {
        Call(now=NOW, hsm=SeededHsm(), request_id=id_).purpose(name)
        for id_ in ("1", "2")
        for name in ("key id", "key material")
    }
    assert len(purposes) == 4
