"""
Findings: what AWS takes in a policy and its author hardly means.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.policy import check_key_policy, default_key_policy
from kmsmodel.policy.actions import ACTIONS
from kmsmodel.policy.condition_keys import CONDITION_KEYS, condition_key
from kmsmodel.policy.document import PolicyType, parse
from kmsmodel.policy.finding import FindingKind
from kmsmodel.policy.findings import findings
from kmsmodel.policy.managed import managed_key_policy
from kmsmodel.policy.places import Place
from kmsmodel.testing.policies import PolicyDocument, documents
from kmsmodel.words.arn import KeyArn

TEXT = """{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Partner",
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["kms:Encrypt", "kms:Decript"],
    "Resource": "*",
    "Condition": {
      "StringEqualz": {"kms:CallerAccount": "111122223333"},
      "StringEquals": {"kms:EncryptionContex:tenant": "acme"}
    }
  }
}"""


def test_each_finding_has_its_statement_its_place_and_awss_page() -> None:
    action, operator, key = findings(TEXT)
    assert [each.place for each in (action, operator, key)] == [
        Place(7, 31),
        Place(10, 7),
        Place(11, 24),
    ]
    assert action.path == ("Statement", "Action", 1)
    assert str(action) == (
        "line 7, column 31: statement 1 `Partner`: "
        "there is no action `kms:Decript`, perhaps `kms:Decrypt` is meant [INVALID_ACTION]"
    )
    assert operator.text == (
        "there is no operator `StringEqualz`, perhaps `StringEquals` is meant; "
        "as it is, the statement has no effect"
    )
    assert key.text == (
        "there is no condition key `kms:EncryptionContex:tenant`, "
        "perhaps `kms:EncryptionContext:tenant` is meant"
    )
    assert action.page == (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
        "#access-analyzer-reference-policy-checks-error-invalid-action"
    )
    assert all(each.statement is not None for each in (action, operator, key))


def test_a_text_that_is_no_policy_is_malformed() -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        findings("{")


def kinds(
    policy_type: PolicyType = PolicyType.RESOURCE, *, version: str = "2012-10-17", **elements: Any
) -> list[str]:
    """What is found in a policy of one statement; an element that is None is left out."""
    plain: PolicyDocument = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "kms:*",
        "Resource": "*",
    }
    statement = {name: each for name, each in (plain | elements).items() if each is not None}
    document = {"Version": version, "Statement": [statement]}
    return [each.kind.value for each in findings(json.dumps(document), policy_type)]


@pytest.mark.parametrize(
    "elements, found",
    [
        ({}, []),
        ({"Action": "*"}, []),
        ({"Action": "kms:De?rypt"}, []),
        ({"Action": "KMS:DECRYPT"}, []),
        ({"Action": "kms:Decript"}, ["INVALID_ACTION"]),
        ({"Action": "kms:Recrypt*"}, ["INVALID_ACTION"]),
        ({"Action": "kms:ReEncrypt"}, ["INVALID_ACTION"]),
        ({"Action": "s3:GetObject"}, ["INERT_ACTION"]),
        ({"Action": ["kms:CreateKey", "kms:ListKeys"]}, ["INERT_ACTION", "INERT_ACTION"]),
        ({"Action": "kms:Create*"}, []),
        ({"Action": "kms:RetireGrant"}, ["RETIRE_GRANT_IN_KEY_POLICY"]),
        ({"Action": "KMS:Retire*", "Effect": "Deny"}, ["RETIRE_GRANT_IN_KEY_POLICY"]),
        ({"Action": "kms:Re*Grant"}, []),
        ({"Action": []}, ["EMPTY_ARRAY_ACTION"]),
        ({"Action": None}, ["MISSING_ACTION"]),
        ({"Resource": None}, ["MISSING_RESOURCE"]),
        ({"Resource": []}, ["EMPTY_ARRAY_RESOURCE"]),
        ({"Principal": {"AWS": [], "Service": "s3.amazonaws.com"}}, ["EMPTY_ARRAY_PRINCIPAL"]),
        (
            {"Principal": None, "NotPrincipal": {"AWS": "111122223333"}},
            ["ALLOW_WITH_NOT_PRINCIPAL"],
        ),
        ({"Principal": None, "NotPrincipal": "*", "Effect": "Deny"}, []),
    ],
)
def test_what_a_statement_cannot_mean_is_found(elements: PolicyDocument, found: list[str]) -> None:
    assert kinds(**elements) == found


@pytest.mark.parametrize(
    "operator, key, values, found",
    [
        ("StringEquals", "kms:EncryptionContext:tenant", "acme", []),
        ("StringEqualsIfExists", "KMS:callerACCOUNT", "111122223333", []),
        ("StringEqualz", "kms:CallerAccount", "1", ["INVALID_CONDITION_OPERATOR"]),
        ("ForAllValue:StringEquals", "aws:TagKeys", "a", ["INVALID_CONDITION_OPERATOR"]),
        ("NullIfExists", "kms:ViaService", "true", ["NULL_WITH_IF_EXISTS"]),
        ("Null", "kms:ViaService", "true", []),
        ("Null", "kms:ViaService", "yes", ["INVALID_VALUE"]),
        ("StringEquals", "kms:EncryptionContex:a", "b", ["INVALID_SERVICE_CONDITION_KEY"]),
        ("StringEquals", "kms:EncryptionContext:", "b", ["INVALID_SERVICE_CONDITION_KEY"]),
        ("StringEquals", "aws:SourceAcount", "b", ["INVALID_GLOBAL_CONDITION_KEY"]),
        ("StringEquals", "tenant", "b", ["INVALID_GLOBAL_CONDITION_KEY"]),
        ("StringEquals", "s3:prefix", "b", []),
        ("StringEquals", "kms:GrantOperations", "Decrypt", ["MISSING_QUALIFIER"]),
        ("ForAnyValue:StringEquals", "kms:GrantOperations", "Decrypt", []),
        ("Null", "kms:GrantOperations", "true", []),
        (
            "ForAllValues:StringEquals",
            "kms:CallerAccount",
            "1",
            ["FORALLVALUES_WITH_SINGLE_VALUED_KEY"],
        ),
        ("NumericEquals", "kms:CallerAccount", "1", ["TYPE_MISMATCH"]),
        ("NumericLessThanEquals", "kms:ValidTo", "1546257599.0", []),
        ("DateLessThan", "kms:ValidTo", "soon", ["INVALID_VALUE"]),
        ("IpAddress", "aws:SourceIp", ["192.0.2.0/24", "192.0.2.0/33"], ["INVALID_VALUE"]),
        ("Bool", "kms:MultiRegion", True, []),
        ("Bool", "kms:MultiRegion", "yes", ["INVALID_VALUE"]),
        ("ArnLike", "aws:PrincipalArn", "Ada", ["INVALID_VALUE"]),
        ("StringEquals", "kms:KeySpec", "RSA_2049", ["UNKNOWN_VALUE"]),
        ("StringEquals", "kms:CustomerMasterKeySpec", "ML_DSA_44", []),
        ("StringEquals", "kms:CustomerMasterKeySpec", "RSA_2049", ["UNKNOWN_VALUE"]),
        ("StringLike", "kms:KeySpec", ["RSA_*", "RAS_*"], ["UNKNOWN_VALUE"]),
        ("StringEqualsIgnoreCase", "kms:KeySpec", "rsa_2048", []),
        ("StringEquals", "kms:CallerAccount", [], ["EMPTY_ARRAY_CONDITION"]),
        ("StringEquals", "kms:CallerAccount", "${aws:PrincipalAccount}", []),
        ("StringEquals", "kms:CallerAccount", "${aws:PrincipalAccount", ["UNSUPPORTED_VARIABLE"]),
        (
            "StringEquals",
            "kms:CallerAccount",
            "${ aws:PrincipalAccount }",
            ["UNSUPPORTED_VARIABLE"],
        ),
        ("StringEquals", "kms:CallerAccount", "${aws:TagKeys}", ["UNSUPPORTED_VARIABLE"]),
        ("StringEquals", "kms:CallerAccount", "${aws:PrincipalTag/a, 'b'}", []),
        ("Bool", "kms:MultiRegion", "${aws:SecureTransport}", ["INVALID_VALUE"]),
    ],
)
def test_what_a_condition_cannot_mean_is_found(
    operator: str, key: str, values: Any, found: list[str]
) -> None:
    assert kinds(Condition={operator: {key: values}}) == found


def test_variables_of_the_old_version_are_found() -> None:
    condition = {"StringEquals": {"kms:CallerAccount": "${aws:PrincipalAccount}"}}
    assert kinds(version="2008-10-17", Condition=condition) == ["UNSUPPORTED_VARIABLE"]


def test_a_condition_key_that_stands_twice_in_another_case_is_found() -> None:
    condition = {"StringEquals": {"kms:CallerAccount": "1", "kms:calleraccount": "2"}}
    assert kinds(Condition=condition) == ["DUPLICATE_KEYS_WITH_DIFFERENT_CASE"]


@pytest.mark.parametrize(
    "actions, operator, found",
    [
        ("kms:DescribeKey", "StringEquals", ["CONDITION_KEY_NEVER_CARRIED"]),
        ("kms:DescribeKey", "StringNotEquals", ["CONDITION_KEY_NEVER_CARRIED"]),
        ("kms:Decrypt", "StringEquals", []),
        ("kms:*", "StringEquals", []),
        (["kms:Decrypt", "kms:DescribeKey"], "StringEquals", ["CONDITION_KEY_NEVER_CARRIED"]),
        (["kms:Decrypt", "kms:Describe*"], "StringEquals", []),
        (["kms:Decrypt", "kms:DescribeKey"], "StringEqualsIfExists", []),
        (["kms:Decrypt", "kms:DescribeKey"], "StringNotEquals", []),
        (["kms:Decrypt", "kms:DescribeKey"], "Null", []),
    ],
)
def test_a_condition_key_that_an_action_never_carries_is_found(
    actions: Any, operator: str, found: list[str]
) -> None:
    value = "true" if operator == "Null" else "acme"
    condition = {operator: {"kms:EncryptionContext:tenant": value}}
    assert kinds(Action=actions, Condition=condition) == found


def test_actions_of_other_services_are_at_home_in_a_policy_of_iam() -> None:
    actions = ["s3:GetObject", "kms:CreateKey", "kms:Decript"]
    found = kinds(PolicyType.IDENTITY, Principal=None, Action=actions)
    assert found == ["INVALID_ACTION"]


def test_a_policy_without_a_version_is_found() -> None:
    [found] = findings('{"Statement": []}')
    assert (found.kind, found.statement) == (FindingKind.MISSING_VERSION, None)


@pytest.mark.parametrize("name", ["acm", "dynamodb", "ebs", "secretsmanager", "sqs"])
def test_nothing_is_found_in_the_key_policies_of_aws(name: str) -> None:
    """But that statements for several actions have condition keys which not all of them carry."""
    policy = managed_key_policy(name, "111122223333", "us-west-2")
    assert {each.kind for each in findings(policy)} <= {FindingKind.CONDITION_KEY_NEVER_CARRIED}


def test_nothing_is_found_in_the_default_key_policy() -> None:
    arn = KeyArn("111122223333", "us-west-2", "1234abcd-12ab-34cd-56ef-1234567890ab")
    policy = default_key_policy(arn)
    check_key_policy(policy)
    assert findings(policy) == ()


@given(documents())
def test_the_same_is_found_in_a_policy_with_its_text_and_without(document: PolicyDocument) -> None:
    text = json.dumps(document)
    with_places, without = findings(text), findings(evolve(parse(text), text=None))
    assert [(each.kind, each.text, each.path) for each in with_places] == [
        (each.kind, each.text, each.path) for each in without
    ]
    assert all(each.place is not None for each in with_places)
    assert all(each.place is None for each in without)


# ---- condition keys


def test_each_condition_key_of_an_action_has_a_type() -> None:
    carried = {key for action in ACTIONS.values() for key in action.condition_keys}
    assert {key for key in carried if key.lower() not in CONDITION_KEYS} == set()
    of_aws_kms = {each.name for each in CONDITION_KEYS.values() if each.name.startswith("kms:")}
    assert of_aws_kms <= carried


@pytest.mark.parametrize(
    "name, known",
    [
        ("kms:KeySpec", "kms:KeySpec"),
        ("KMS:keyspec", "kms:KeySpec"),
        ("kms:EncryptionContext:aws:s3:arn", "kms:EncryptionContext:"),
        ("aws:RequestTag/team", "aws:RequestTag/"),
        ("kms:EncryptionContextKeys", "kms:EncryptionContextKeys"),
        ("kms:EncryptionContext", None),
        ("kms:RecipientAttestation:PCR31", "kms:RecipientAttestation:PCR31"),
        ("kms:RecipientAttestation:PCR32", None),
        ("aws:nothing", None),
    ],
)
def test_a_condition_key_is_known_in_any_case_of_letters(name: str, known: str | None) -> None:
    found = condition_key(name)
    assert (None if found is None else found.name) == known


def test_who_may_retire_a_grant_is_asked_of_other_policies_than_the_key_policy() -> None:
    """And the finding tells where, and on which of AWS's pages that stands."""
    statement = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:RetireGrant"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Principal": "*"}]}
    (found,) = findings(json.dumps(document, indent=2))
    assert found.path == ("Statement", 0, "Action", 1)
    assert found.place is not None
    assert found.page.endswith("/grant-delete.html")
    of_iam = {"Version": "2012-10-17", "Statement": [statement]}
    assert findings(json.dumps(of_iam), PolicyType.IDENTITY) == ()
