"""
The key policies of AWS managed keys.

Each AWS service gives its key a policy of its own. Source: `docs/fidelity.md`, *Aliases*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from kmsmodel.policy.writing import Element, written
from kmsmodel.words.arn import root_user

_Statement: TypeAlias = Mapping[str, Element]
_Statements: TypeAlias = Callable[[str, str], tuple[_Statement, ...]]
"""The statements of a key policy, for an account and a Region."""


def managed_key_policy(name: str, account: str, region: str) -> str:
    """The key policy of the key with the alias ``alias/aws/`` and this name."""
    policy_id, statements = _KEY_POLICIES[name]
    return written(policy_id, *statements(account, region))


def _statement(
    sid: str,
    principal: Mapping[str, Element],
    action: Element,
    condition: Mapping[str, Element] | None = None,
    *,
    effect: str = "Allow",
) -> _Statement:
    statement: dict[str, Element] = {
        "Sid": sid,
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": "*",
    }
    return statement if condition is None else statement | {"Condition": condition}


_ANYONE = {"AWS": "*"}
_LOOK = ("kms:Describe*", "kms:Get*", "kms:List*")


def _directly(account: str, region: str, *more: str) -> _Statement:
    """The account may look at the key, and what else is said."""
    root = {"AWS": root_user(account, region)}
    return _statement("Allow direct access to key metadata to the account", root, (*_LOOK, *more))


def _sid(service: str) -> str:
    return f"Allow access through {service} for all principals in the account that are authorized to use {service}"


_ENCRYPT = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
_USE = (*_ENCRYPT, "kms:DescribeKey")
_GRANT = (*_ENCRYPT, "kms:CreateGrant", "kms:DescribeKey")
_GRANT_AND_LIST = (*_ENCRYPT, "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey")
_BACKUP = ("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey*")
_SNS = ("kms:Decrypt", "kms:GenerateDataKey*", *_GRANT_AND_LIST[-3:])


def _usual(
    endpoint: str,
    service: str,
    actions: tuple[str, ...],
    account: str,
    region: str,
    *,
    sid: str = "",
    service_first: bool = False,
    described_as: str = "",
) -> tuple[_Statement, ...]:
    """
    Use is for requests that come through the service; the account may look, and take grants back.

    ``described_as`` is the Sid by which the service itself may look at the key, too.
    """
    through = {"kms:CallerAccount": account, "kms:ViaService": _endpoint(endpoint, region)}
    if service_first:
        through = dict(reversed(through.items()))
    return (
        _statement(sid or _sid(service), _ANYONE, actions, {"StringEquals": through}),
        _directly(account, region, *(["kms:RevokeGrant"] if "kms:CreateGrant" in actions else [])),
        *([_itself(endpoint, described_as)] if described_as else []),
    )


def _itself(endpoint: str, sid: str) -> _Statement:
    return _statement(sid, {"Service": f"{endpoint}.amazonaws.com"}, _LOOK)


def _endpoint(name: str, region: str) -> str:
    return f"{name}.{region}.amazonaws.com"


def _acm(account: str, region: str) -> tuple[_Statement, ...]:
    through = {"kms:CallerAccount": account, "kms:ViaService": _endpoint("acm", region)}

    def grants_of(operations: Element) -> Mapping[str, Element]:
        return {
            "StringEquals": through,
            "ForAllValues:StringEquals": {"kms:GrantOperations": operations},
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        }

    to_encrypt, create = ("Encrypt", "ReEncryptFrom", "ReEncryptTo"), "kms:CreateGrant"
    owners = ("kms:DescribeKey", "kms:ListGrants", "kms:RevokeGrant", "kms:GetKeyPolicy")
    owner = {"StringEquals": {"kms:CallerAccount": account}}
    other_key = {"Bool": {"kms:ReEncryptOnSameKey": "false"}}
    return (
        _statement("Allow creation of decryption grants", _ANYONE, create, grants_of("Decrypt")),
        _statement("Allow creation of encryption grant", _ANYONE, create, grants_of(to_encrypt)),
        _statement("Allowed operations for the key owner", _ANYONE, owners, owner),
        _statement(
            "Deny re-encryption to any other key",
            _ANYONE,
            "kms:ReEncrypt*",
            other_key,
            effect="Deny",
        ),
        _statement("Allow decrypt", _ANYONE, "kms:Decrypt", {"StringEquals": through}),
    )


def _dynamodb(account: str, region: str) -> tuple[_Statement, ...]:
    from_any_region = {
        "StringEquals": {"kms:CallerAccount": account},
        "StringLike": {"kms:ViaService": _endpoint("dynamodb", "*")},
    }
    return (
        _statement(_sid("Amazon DynamoDB"), _ANYONE, _GRANT, from_any_region),
        _directly(account, region, "kms:RevokeGrant"),
        _itself("dynamodb", "Allow DynamoDB to directly describe the key"),
    )


def _secretsmanager(account: str, region: str) -> tuple[_Statement, ...]:
    actions = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:CreateGrant", "kms:DescribeKey")
    here = {"kms:CallerAccount": account, "kms:ViaService": _endpoint("secretsmanager", region)}
    from_any_region = {
        "StringEquals": {"kms:CallerAccount": account},
        "StringLike": {"kms:ViaService": _endpoint("secretsmanager", "*")},
    }
    sid = _sid("AWS Secrets Manager")
    return (
        _statement(sid, _ANYONE, actions, {"StringEquals": here}),
        _statement(sid, _ANYONE, "kms:GenerateDataKey*", from_any_region),
        _directly(account, region, "kms:RevokeGrant"),
    )


_SID_OF_BACKUP = (
    "Allow access through Backup for all principals in the account "
    "that are authorized to use Backup Storage"
)
_SID_OF_EFS = "Allow access to EFS for all principals in the account that are authorized to use EFS"
_SID_OF_SQS = (
    "Allow access through Simple Queue Service (SQS) for all principals in the account "
    "that are authorized to use SQS"
)
_OPENSEARCH_ITSELF = "Allow OpenSearch service principals to describe the key directly"

# fmt: off
_KEY_POLICIES: Mapping[str, tuple[str, _Statements]] = {
    "acm": ("auto-acm-4", _acm),
    "backup": ("auto-backup-1", partial(_usual, "backup", "Backup", _BACKUP, sid=_SID_OF_BACKUP)),
    "codecommit": ("auto-codecommit-2", partial(_usual, "codecommit", "CodeCommit", _USE)),
    "dynamodb": ("auto-dynamodb-3", _dynamodb),
    "ebs": ("auto-ebs-2", partial(_usual, "ec2", "EBS", _GRANT)),
    "elasticfilesystem": (
        "auto-elasticfilesystem-1",
        partial(_usual, "elasticfilesystem", "EFS", _GRANT, sid=_SID_OF_EFS, service_first=True),
    ),
    "es": ("auto-es-2", partial(_usual, "es", "OpenSearch Service", _GRANT, described_as=_OPENSEARCH_ITSELF)),
    "fsx": ("auto-fsx-1", partial(_usual, "fsx", "FSx", _GRANT)),
    "glue": ("auto-glue-1", partial(_usual, "glue", "Glue", _GRANT)),
    "kafka": ("auto-kafka-1", partial(_usual, "kafka", "Kafka", _GRANT_AND_LIST)),
    "kinesis": ("auto-kinesis-1", partial(_usual, "kinesis", "Kinesis", _GRANT)),
    "kinesisvideo": ("auto-kinesisvideo-1", partial(_usual, "kinesisvideo", "Kinesis Video", _GRANT)),
    "lambda": ("auto-awslambda", partial(_usual, "lambda", "AWS Lambda", _GRANT)),
    "rds": ("auto-rds-2", partial(_usual, "rds", "RDS", _GRANT_AND_LIST)),
    "redshift": ("auto-redshift-3", partial(_usual, "redshift", "Redshift", _GRANT)),
    "redshifttest": ("auto-redshift-3", partial(_usual, "redshift", "Redshift", _GRANT)),
    "s3": ("auto-s3-2", partial(_usual, "s3", "S3", _USE)),
    "secretsmanager": ("auto-secretsmanager-2", _secretsmanager),
    "sns": ("auto-sns-1", partial(_usual, "sns", "SNS", _SNS)),
    "sqs": ("auto-sqs-1", partial(_usual, "sqs", "SQS", _GRANT, sid=_SID_OF_SQS, service_first=True)),
    "ssm": ("auto-ssm-1", partial(_usual, "ssm", "SSM", _USE)),
    "xray": ("auto-xray-1", partial(_usual, "xray", "X-Ray", _GRANT)),
}
# fmt: on
