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


USE = "Encrypt Decrypt ReEncrypt* GenerateDataKey* DescribeKey"
GRANT = "Encrypt Decrypt ReEncrypt* GenerateDataKey* CreateGrant DescribeKey"
LIST = "Encrypt Decrypt ReEncrypt* GenerateDataKey* CreateGrant ListGrants DescribeKey"
USUAL = {
    "backup": ("backup-1", "through Backup", "CreateGrant Decrypt GenerateDataKey*"),
    "codecommit": ("codecommit-2", "through CodeCommit", USE),
    "ebs": ("ebs-2", "through EBS", GRANT),
    "elasticfilesystem": ("elasticfilesystem-1", "to EFS", GRANT),
    "es": ("es-2", "through OpenSearch Service", GRANT),
    "fsx": ("fsx-1", "through FSx", GRANT),
    "glue": ("glue-1", "through Glue", GRANT),
    "kafka": ("kafka-1", "through Kafka", LIST),
    "kinesis": ("kinesis-1", "through Kinesis", GRANT),
    "kinesisvideo": ("kinesisvideo-1", "through Kinesis Video", GRANT),
    "lambda": ("awslambda", "through AWS Lambda", GRANT),
    "rds": ("rds-2", "through RDS", LIST),
    "redshift": ("redshift-3", "through Redshift", GRANT),
    "redshifttest": ("redshift-3", "through Redshift", GRANT),
    "s3": ("s3-2", "through S3", USE),
    "sns": ("sns-1", "through SNS", "Decrypt GenerateDataKey* CreateGrant ListGrants DescribeKey"),
    "sqs": ("sqs-1", "through Simple Queue Service (SQS)", GRANT),
    "ssm": ("ssm-1", "through SSM", USE),
    "xray": ("xray-1", "through X-Ray", GRANT),
}
ENDPOINTS = {"ebs": "ec2", "redshifttest": "redshift"}
NAMED_OTHERWISE = {"backup": "Backup Storage", "sqs": "SQS"}
SERVICE_FIRST = {"elasticfilesystem", "sqs"}
OWN = {"acm", "dynamodb", "secretsmanager"}
DIRECTLY = {
    "Sid": "Allow direct access to key metadata to the account",
    "Effect": "Allow",
    "Principal": ROOT,
    "Action": [*LOOK, "kms:RevokeGrant"],
    "Resource": "*",
}


def test_each_aws_managed_key_has_the_usual_key_policy_or_its_own() -> None:
    assert set(NAMES) == USUAL.keys() | OWN


@pytest.mark.parametrize("name", USUAL)
def test_the_usual_one_allows_use_through_the_service_and_a_look_at_the_key(name: str) -> None:
    """Its members, actions and condition keys are in the order that the service gave them."""
    policy_id, through, actions = USUAL[name]
    service = NAMED_OTHERWISE.get(name, through.partition(" ")[2])
    endpoint = f"{ENDPOINTS.get(name, name)}.us-west-2.amazonaws.com"
    condition = ACCOUNT_IS_OURS | {"kms:ViaService": endpoint}
    if name in SERVICE_FIRST:
        condition = {"kms:ViaService": endpoint} | ACCOUNT_IS_OURS
    expected = [
        {
            "Sid": f"Allow access {through} for all principals in the account "
            f"that are authorized to use {service}",
            "Effect": "Allow",
            "Principal": ANYONE,
            "Action": [f"kms:{each}" for each in actions.split()],
            "Resource": "*",
            "Condition": {"StringEquals": condition},
        },
        {
            "Sid": "Allow direct access to key metadata to the account",
            "Effect": "Allow",
            "Principal": ROOT,
            "Action": [*LOOK, *(["kms:RevokeGrant"] if "CreateGrant" in actions else [])],
            "Resource": "*",
        },
    ]
    found = statements(name)
    assert json.loads(text(name))["Id"] == f"auto-{policy_id}"
    assert json.dumps(found[:2]) == json.dumps(expected)
    assert len(found) == (3 if name == "es" else 2)


def test_opensearch_looks_at_its_key_by_itself() -> None:
    assert statements("es")[2] == {
        "Sid": "Allow OpenSearch service principals to describe the key directly",
        "Effect": "Allow",
        "Principal": {"Service": "es.amazonaws.com"},
        "Action": LOOK,
        "Resource": "*",
    }


def test_dynamodb_uses_its_key_from_any_region() -> None:
    through = {
        "Sid": "Allow access through Amazon DynamoDB for all principals in the account "
        "that are authorized to use Amazon DynamoDB",
        "Effect": "Allow",
        "Principal": ANYONE,
        "Action": [f"kms:{each}" for each in GRANT.split()],
        "Resource": "*",
        "Condition": {
            "StringEquals": ACCOUNT_IS_OURS,
            "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"},
        },
    }
    itself = {
        "Sid": "Allow DynamoDB to directly describe the key",
        "Effect": "Allow",
        "Principal": {"Service": "dynamodb.amazonaws.com"},
        "Action": LOOK,
        "Resource": "*",
    }
    assert json.dumps(statements("dynamodb")) == json.dumps([through, DIRECTLY, itself])
    assert json.loads(text("dynamodb"))["Id"] == "auto-dynamodb-3"


def test_secrets_manager_makes_data_keys_from_any_region() -> None:
    here = {
        "Sid": "Allow access through AWS Secrets Manager for all principals in the account "
        "that are authorized to use AWS Secrets Manager",
        "Effect": "Allow",
        "Principal": ANYONE,
        "Action": [
            f"kms:{each}"
            for each in ["Encrypt", "Decrypt", "ReEncrypt*", "CreateGrant", "DescribeKey"]
        ],
        "Resource": "*",
        "Condition": {
            "StringEquals": ACCOUNT_IS_OURS
            | {"kms:ViaService": "secretsmanager.us-west-2.amazonaws.com"}
        },
    }
    from_any_region = {
        "StringEquals": ACCOUNT_IS_OURS,
        "StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"},
    }
    data_keys = here | {"Action": "kms:GenerateDataKey*", "Condition": from_any_region}
    assert json.dumps(statements("secretsmanager")) == json.dumps([here, data_keys, DIRECTLY])
    assert json.loads(text("secretsmanager"))["Id"] == "auto-secretsmanager-2"


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
