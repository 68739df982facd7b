"""
What is given of a KMS key: it holds in each request that can have it, and in no other.
"""

from __future__ import annotations

import pytest

from kmsmodel.policy import Unknown, named, outside
from tests.policy.proofs.written import APP, OWNER, ROOT, found, policy


def test_of_requests_that_cannot_be_nothing_is_said() -> None:
    both = {"aws:SourceVpce": "vpce-1", "aws:SourceIp": "10.0.0.1"}
    known = policy(
        {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}},
        {"Effect": "Deny", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
        given=both,
    )
    answers = (
        known.never_allows("Decrypt"),
        known.no_new_access(over=policy(ROOT)),
        known.never_leads_to("Decrypt", by=outside(OWNER)),
        known.can_be_administered(),
    )
    for answer in answers:
        assert isinstance(answer, Unknown)
        assert answer.reason == "no request has all that is `given`"
    assert known.compared_with(policy(ROOT)).verdict == "unknown"


def test_what_is_given_is_there_where_an_action_can_have_it() -> None:
    deny = {
        "Effect": "Deny",
        "Condition": {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "zzz"}},
    }
    tenant = {"kms:EncryptionContext:tenant": "acme"}
    known = policy({}, deny, given=tenant)
    found(known.never_allows("DescribeKey"))
    found(known.never_allows("Decrypt"))
    asked = policy({"Condition": {"StringEquals": tenant}}, given=tenant)
    found(asked.never_allows("Decrypt"))
    assert asked.never_allows("DescribeKey")
    assert not asked.decide("DescribeKey", APP).is_allowed


@pytest.mark.parametrize(
    "given, asks",
    [
        ({"aws:SourceAccount": OWNER}, APP),
        ({"aws:SourceArn": "arn:aws:s3:::bucket"}, APP),
        ({"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "s3.amazonaws.com"),
        ({"aws:PrincipalTag/team": "blue"}, "s3.amazonaws.com"),
    ],
)
def test_what_is_given_is_there_where_an_asker_can_have_it(
    given: dict[str, str], asks: str
) -> None:
    (key,) = given
    without = policy({"Condition": {"Null": {key: "true"}}}, given=given)
    assert without.decide("Decrypt", asks).is_allowed
    found(without.never_allows("Decrypt"))
    but_them = policy({"Condition": {"Null": {key: "false"}}}, given=given)
    assert not but_them.decide("Decrypt", asks).is_allowed
    assert but_them.never_allows("Decrypt", to=named(asks))


def test_a_request_by_way_of_an_endpoint_has_no_address_that_is_given() -> None:
    given = {"aws:SourceIp": "203.0.113.7"}
    known = policy({"Condition": {"Null": {"aws:SourceIp": "true"}}}, given=given)
    assert not known.decide("Decrypt", APP).is_allowed
    assert known.decide("Decrypt", APP, {"aws:SourceVpce": "vpce-1"}).is_allowed
    found(known.never_allows("Decrypt"))


def test_what_is_given_counts_by_both_of_its_names() -> None:
    names = ("kms:KeySpec", "kms:CustomerMasterKeySpec")
    for name in names:
        for asked in names:
            symmetric = {"Condition": {"StringEquals": {asked: "SYMMETRIC_DEFAULT"}}}
            other = policy(symmetric, given={name: "RSA_2048"})
            assert other.never_allows()
            assert not other.can_be_administered()
            same = policy(symmetric, given={name: "SYMMETRIC_DEFAULT"})
            assert same.decide("Decrypt", APP).is_allowed
            found(same.never_allows("Decrypt"))
    with pytest.raises(ValueError, match="another value by another name"):
        policy(ROOT, given=dict(zip(names, ("RSA_2048", "RSA_4096"), strict=True)))


def test_nothing_is_given_of_a_key_with_several_values() -> None:
    tenant = {"Condition": {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "tenant"}}}
    known = policy(tenant, given={"kms:EncryptionContextKeys": ()})
    assert known.never_allows("Decrypt")
    none = {"Condition": {"Null": {"kms:EncryptionContextKeys": "true"}}}
    found(policy(none, given={"kms:EncryptionContextKeys": ()}).never_allows("Decrypt"))


def test_what_follows_from_the_caller_cannot_be_given() -> None:
    with pytest.raises(ValueError, match="name the callers instead"):
        policy(ROOT, given={"aws:PrincipalAccount": OWNER})


def test_policies_of_different_keys_are_not_compared() -> None:
    external = {"Condition": {"StringEquals": {"kms:KeyOrigin": "EXTERNAL"}}}
    newer = policy(external, given={"kms:KeyOrigin": "EXTERNAL"})
    older = policy(external, given={"kms:KeyOrigin": "AWS_KMS"})
    assert older.never_allows()
    assert isinstance(newer.no_new_access(over=older), Unknown)
    assert newer.compared_with(older).verdict == "unknown"
    assert isinstance(newer.is_equivalent_to(older), Unknown)
    # What no policy asks for does not matter.
    assert policy(ROOT, given={"kms:KeyOrigin": "EXTERNAL"}).is_equivalent_to(
        policy(ROOT, given={"kms:KeyOrigin": "AWS_KMS"})
    )
    arn = f"arn:aws:kms:us-east-1:{OWNER}:key"
    here, there = (policy({"Resource": f"{arn}/1"}, key=f"{arn}/{each}") for each in "12")
    assert there.never_allows()
    assert isinstance(here.no_new_access(over=there), Unknown)
