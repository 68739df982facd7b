"""
The key policies of AWS managed keys: the usual one, and those of their own.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmsmodel.calls.aws_managed_key import PREDEFINED
from kmsmodel.policy import check_key_policy, written_anew
from kmsmodel.policy.managed import managed_key_policy
from tests.basics import ACCOUNT, REGION

ROOT = {"AWS": "arn:aws:iam::111122223333:root"}
ANYONE = {"AWS": "*"}
ACCOUNT_IS_OURS = {"kms:CallerAccount": "111122223333"}
LOOK = ["kms:Describe*", "kms:Get*", "kms:List*"]
NAMES = [each.name for each in PREDEFINED.values()]


def text(name: str) -> str:
    return managed_key_policy(name, ACCOUNT, REGION)


def statements(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text(name))["Statement"]
    assert all(each["Resource"] == "*" for each in found)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_aws_managed_key_has_a_key_policy(name: str) -> None:
    check_key_policy(text(name))
    document = json.loads(text(name))
    assert list(document) == ["Version", "Id", "Statement"]
    assert document["Id"].startswith("auto-")


@pytest.mark.parametrize(
    "name", [each for each in NAMES if each not in {"elasticfilesystem", "sqs"}]
)
def test_it_is_written_as_one_that_was_put(name: str) -> None:
    """Two have their condition keys in the other order."""
    assert written_anew(text(name), REGION) == text(name)


@pytest.mark.parametrize(
    "name", [each for each in NAMES if each not in {"acm", "dynamodb", "secretsmanager"}]
)
def test_the_usual_one_allows_use_through_the_service_and_a_look_at_the_key(name: str) -> None:
    through, directly, *more = statements(name)
    assert (through["Effect"], through["Principal"]) == ("Allow", ANYONE)
    assert set(through["Condition"]) == {"StringEquals"}
    condition = through["Condition"]["StringEquals"]
    endpoint = {"ebs": "ec2", "redshifttest": "redshift"}.get(name, name)
    assert condition == ACCOUNT_IS_OURS | {"kms:ViaService": f"{endpoint}.us-west-2.amazonaws.com"}
    assert (directly["Effect"], directly["Principal"]) == ("Allow", ROOT)
    assert directly["Sid"] == "Allow direct access to key metadata to the account"
    revoke = ["kms:RevokeGrant"] if "kms:CreateGrant" in through["Action"] else []
    assert directly["Action"] == [*LOOK, *revoke]
    assert bool(more) is (name == "es")


@pytest.mark.parametrize(
    "name, actions",
    [
        ("s3", "Encrypt Decrypt ReEncrypt* GenerateDataKey* DescribeKey"),
        ("rds", "Encrypt Decrypt ReEncrypt* GenerateDataKey* CreateGrant ListGrants DescribeKey"),
        ("sns", "Decrypt GenerateDataKey* CreateGrant ListGrants DescribeKey"),
        ("backup", "CreateGrant Decrypt GenerateDataKey*"),
        ("sqs", "Encrypt Decrypt ReEncrypt* GenerateDataKey* CreateGrant DescribeKey"),
    ],
)
def test_each_service_has_the_actions_that_it_needs(name: str, actions: str) -> None:
    assert statements(name)[0]["Action"] == [f"kms:{each}" for each in actions.split()]


@pytest.mark.parametrize(
    "name, through, used",
    [
        ("s3", "through S3", "S3"),
        ("lambda", "through AWS Lambda", "AWS Lambda"),
        ("backup", "through Backup", "Backup Storage"),
        ("elasticfilesystem", "to EFS", "EFS"),
        ("sqs", "through Simple Queue Service (SQS)", "SQS"),
    ],
)
def test_the_sid_names_the_service_as_it_names_itself(name: str, through: str, used: str) -> None:
    expected = f"Allow access {through} for all principals in the account that are authorized to use {used}"
    assert statements(name)[0]["Sid"] == expected


@pytest.mark.parametrize(
    "name, names",
    [
        ("ebs", ["kms:CallerAccount", "kms:ViaService"]),
        ("elasticfilesystem", ["kms:ViaService", "kms:CallerAccount"]),
        ("sqs", ["kms:ViaService", "kms:CallerAccount"]),
    ],
)
def test_the_condition_keys_have_the_order_that_the_service_gave_them(
    name: str, names: list[str]
) -> None:
    assert list(statements(name)[0]["Condition"]["StringEquals"]) == names


def test_opensearch_looks_at_its_key_by_itself() -> None:
    assert statements("es")[2] == {
        "Sid": "Allow OpenSearch service principals to describe the key directly",
        "Effect": "Allow",
        "Principal": {"Service": "es.amazonaws.com"},
        "Action": LOOK,
        "Resource": "*",
    }


def test_dynamodb_uses_its_key_from_any_region() -> None:
    through, directly, itself = statements("dynamodb")
    assert through["Condition"] == {
        "StringEquals": ACCOUNT_IS_OURS,
        "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"},
    }
    assert (directly["Principal"], directly["Action"]) == (ROOT, [*LOOK, "kms:RevokeGrant"])
    assert itself == {
        "Sid": "Allow DynamoDB to directly describe the key",
        "Effect": "Allow",
        "Principal": {"Service": "dynamodb.amazonaws.com"},
        "Action": LOOK,
        "Resource": "*",
    }


def test_secrets_manager_makes_data_keys_from_any_region() -> None:
    here, from_any_region, directly = statements("secretsmanager")
    sid = (
        "Allow access through AWS Secrets Manager for all principals in the account "
        "that are authorized to use AWS Secrets Manager"
    )
    assert here["Sid"] == from_any_region["Sid"] == sid
    actions = "Encrypt Decrypt ReEncrypt* CreateGrant DescribeKey"
    assert here["Action"] == [f"kms:{each}" for each in actions.split()]
    via = {"kms:ViaService": "secretsmanager.us-west-2.amazonaws.com"}
    assert here["Condition"] == {"StringEquals": ACCOUNT_IS_OURS | via}
    assert from_any_region["Action"] == "kms:GenerateDataKey*"
    assert from_any_region["Condition"] == {
        "StringEquals": ACCOUNT_IS_OURS,
        "StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"},
    }
    assert (directly["Principal"], directly["Action"]) == (ROOT, [*LOOK, "kms:RevokeGrant"])


ACM = """{
  "Version" : "2012-10-17",
  "Id" : "auto-acm-4",
  "Statement" : [ {
    "Sid" : "Allow creation of decryption grants",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:CreateGrant",
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "111122223333",
        "kms:ViaService" : "acm.us-west-2.amazonaws.com"
      },
      "ForAllValues:StringEquals" : {
        "kms:GrantOperations" : "Decrypt"
      },
      "Bool" : {
        "kms:GrantIsForAWSResource" : "true"
      }
    }
  }, {
    "Sid" : "Allow creation of encryption grant",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:CreateGrant",
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "111122223333",
        "kms:ViaService" : "acm.us-west-2.amazonaws.com"
      },
      "ForAllValues:StringEquals" : {
        "kms:GrantOperations" : [ "Encrypt", "ReEncryptFrom", "ReEncryptTo" ]
      },
      "Bool" : {
        "kms:GrantIsForAWSResource" : "true"
      }
    }
  }, {
    "Sid" : "Allowed operations for the key owner",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:DescribeKey", "kms:ListGrants", "kms:RevokeGrant", "kms:GetKeyPolicy" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "111122223333"
      }
    }
  }, {
    "Sid" : "Deny re-encryption to any other key",
    "Effect" : "Deny",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:ReEncrypt*",
    "Resource" : "*",
    "Condition" : {
      "Bool" : {
        "kms:ReEncryptOnSameKey" : "false"
      }
    }
  }, {
    "Sid" : "Allow decrypt",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:Decrypt",
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "111122223333",
        "kms:ViaService" : "acm.us-west-2.amazonaws.com"
      }
    }
  } ]
}"""


def test_certificate_manager_works_by_grants() -> None:
    assert text("acm") == ACM
