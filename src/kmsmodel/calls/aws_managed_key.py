"""
AWS managed keys: those that AWS services use for an account, each under an alias that AWS has predefined.

AWS KMS makes such a key on the first use of its alias. Sources: *AWS KMS keys* in the Developer Guide; `DescribeKey`
and `ListAliases` in the API Reference. Descriptions and key policies are those that keys in accounts have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from kmsmodel.calls.call import Call
from kmsmodel.calls.new_key import new_key
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.kms import Kms
from kmsmodel.policy import writing
from kmsmodel.policy.writing import Element
from kmsmodel.words.arn import AliasArn, root_user
from kmsmodel.words.enumerations import KeyManagerType

ALIAS_PREFIX = "alias/aws/"


@final
@frozen
class Predefined:
    """
    What is settled of an AWS managed key before there is one.

    ``service`` and ``protects`` are what its key policy and its description call the AWS service and its data;
    ``actions`` are what the service needs.
    """

    name: str
    service: str
    protects: str
    policy_id: str
    actions: tuple[str, ...]

    @property
    def alias_name(self) -> str:
        return f"{ALIAS_PREFIX}{self.name}"

    @property
    def description(self) -> str:
        return f"Default key that protects my {self.protects} when no other key is defined"

    @property
    def endpoint(self) -> str:
        """The service that requests have to come through."""
        return "ec2" if self.name == "ebs" else self.name


_ENCRYPT = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
_USE = (*_ENCRYPT, "kms:DescribeKey")
_GRANT = (*_ENCRYPT, "kms:CreateGrant", "kms:DescribeKey")
_GRANT_AND_LIST = (*_ENCRYPT, "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey")
_ACM = ("kms:CreateGrant", "kms:Decrypt")
_BACKUP = ("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey*")
_SNS = ("kms:Decrypt", "kms:GenerateDataKey*", *_GRANT_AND_LIST[-3:])

_OPENSEARCH = "Amazon OpenSearch Service (successor to Amazon Elasticsearch Service) data"

# fmt: off
_PREDEFINED = (
    Predefined("acm", "ACM", "ACM private keys", "auto-acm-4", _ACM),
    Predefined("backup", "Backup", "Backup data", "auto-backup-1", _BACKUP),
    Predefined("codecommit", "CodeCommit", "CodeCommit repositories", "auto-codecommit-2", _USE),
    Predefined("dynamodb", "Amazon DynamoDB", "DynamoDB data", "auto-dynamodb-3", _GRANT),
    Predefined("ebs", "EBS", "EBS volumes", "auto-ebs-2", _GRANT),
    Predefined("elasticfilesystem", "EFS", "EFS filesystems", "auto-elasticfilesystem-1", _GRANT),
    Predefined("es", "OpenSearch Service", _OPENSEARCH, "auto-es-2", _GRANT),
    Predefined("fsx", "FSx", "FSx data", "auto-fsx-1", _GRANT),
    Predefined("glue", "Glue", "Glue data", "auto-glue-1", _GRANT),
    Predefined("kafka", "Kafka", "Kafka data", "auto-kafka-1", _GRANT_AND_LIST),
    Predefined("kinesis", "Kinesis", "Kinesis data", "auto-kinesis-1", _GRANT),
    Predefined("kinesisvideo", "Kinesis Video", "kinesis video data", "auto-kinesisvideo-1", _GRANT),
    Predefined("lambda", "AWS Lambda", "Lambda functions", "auto-awslambda", _GRANT),
    Predefined("rds", "RDS", "RDS database volumes", "auto-rds-2", _GRANT_AND_LIST),
    Predefined("redshift", "Redshift", "Redshift data", "auto-redshift-3", _GRANT),
    Predefined("redshifttest", "Redshift", "Redshift data", "auto-redshift-3", _GRANT),
    Predefined("s3", "S3", "S3 objects", "auto-s3-2", _USE),
    Predefined("secretsmanager", "AWS Secrets Manager", "Secrets Manager data", "auto-secretsmanager-2", _GRANT),
    Predefined("sns", "SNS", "SNS data", "auto-sns-1", _SNS),
    Predefined("sqs", "SQS", "SQS messages", "auto-sqs-1", _GRANT),
    Predefined("ssm", "SSM", "SSM parameters", "auto-ssm-1", _USE),
    Predefined("xray", "X-Ray", "X-Ray data", "auto-xray-1", _GRANT),
)
# fmt: on

PREDEFINED: Mapping[str, Predefined] = {each.alias_name: each for each in _PREDEFINED}
"""The aliases that AWS has predefined, in each account and Region."""

# fmt: off
_LISTED_WITHOUT_A_KEY = (
    "dynamodb", "ebs", "elasticfilesystem", "es", "glue", "kinesisvideo", "rds", "redshift", "redshifttest", "s3",
    "ssm", "xray",
)
# fmt: on

LISTED_WITHOUT_A_KEY = tuple(f"{ALIAS_PREFIX}{name}" for name in _LISTED_WITHOUT_A_KEY)
"""Those that are listed before they have a key; the others are listed with it."""


def with_key_of(name: AliasArn, kms: Kms, call: Call) -> Kms:
    """With the AWS managed key of an alias, if AWS has predefined it and its key is not made yet."""
    predefined = PREDEFINED.get(name.alias_name)
    if predefined is None or kms.alias(name, call.now) is not None:
        return kms
    key = new_key(
        call,
        drawn_for=name.alias_name,
        description=predefined.description,
        policy=_policy(predefined, name),
        key_manager=KeyManagerType.AWS,
        automatic_rotation=AutomaticRotation.starting(call.now),
    )
    alias = Alias(
        alias_name=name.alias_name,
        target_key_id=key.key_arn.key_id,
        creation_date=call.now,
        last_updated_date=call.now,
    )
    return kms.with_key(key).with_alias(name, alias)


def _policy(predefined: Predefined, name: AliasArn) -> str:
    """Use is for requests that come through the service; the account may look, and take grants back."""
    service = predefined.service
    through_the_service: Mapping[str, Element] = {
        "Sid": f"Allow access through {service} for all principals in the account "
        f"that are authorized to use {service}",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": predefined.actions,
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:CallerAccount": name.account,
                "kms:ViaService": f"{predefined.endpoint}.{name.region}.amazonaws.com",
            }
        },
    }
    look = ("kms:Describe*", "kms:Get*", "kms:List*")
    grants = "kms:CreateGrant" in predefined.actions
    directly: Mapping[str, Element] = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": root_user(name.account, name.region)},
        "Action": (*look, "kms:RevokeGrant") if grants else look,
        "Resource": "*",
    }
    return writing.written(predefined.policy_id, through_the_service, directly)
