"""
AWS managed keys: the keys that AWS services use for an account, each with an alias that AWS predefines.

AWS KMS makes such a key on the first use of its alias. Sources: *AWS KMS keys* in the Developer Guide; `DescribeKey`
and `ListAliases` in the API Reference. Descriptions are those that keys in accounts have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import VIA_SERVICE
from kmsmodel.calls.new_key import new_key
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.managed import managed_key_policy
from kmsmodel.words.arn import AliasArn
from kmsmodel.words.enumerations import KeyManagerType

ALIAS_PREFIX = "alias/aws/"


@final
@frozen
class Predefined:
    """
    What AWS predefines for an AWS managed key, before the key is made.

    ``protects`` is what its description calls the data of the AWS service. ``listed`` is whether the alias is listed
    before it has a key.
    """

    name: str
    protects: str
    listed: bool = False

    @property
    def alias_name(self) -> str:
        return f"{ALIAS_PREFIX}{self.name}"

    @property
    def description(self) -> str:
        return f"Default key that protects my {self.protects} when no other key is defined"


_OPENSEARCH = "Amazon OpenSearch Service (successor to Amazon Elasticsearch Service) data"

_PREDEFINED = (
    Predefined("acm", "ACM private keys"),
    Predefined("backup", "Backup data"),
    Predefined("codecommit", "CodeCommit repositories"),
    Predefined("dynamodb", "DynamoDB data", listed=True),
    Predefined("ebs", "EBS volumes", listed=True),
    Predefined("elasticfilesystem", "EFS filesystems", listed=True),
    Predefined("es", _OPENSEARCH, listed=True),
    Predefined("fsx", "FSx data"),
    Predefined("glue", "Glue data", listed=True),
    Predefined("kafka", "Kafka data"),
    Predefined("kinesis", "Kinesis data"),
    Predefined("kinesisvideo", "kinesis video data", listed=True),
    Predefined("lambda", "Lambda functions"),
    Predefined("rds", "RDS database volumes", listed=True),
    Predefined("redshift", "Redshift data", listed=True),
    Predefined("redshifttest", "Redshift data", listed=True),
    Predefined("s3", "S3 objects", listed=True),
    Predefined("secretsmanager", "Secrets Manager data"),
    Predefined("sns", "SNS data"),
    Predefined("sqs", "SQS messages"),
    Predefined("ssm", "SSM parameters", listed=True),
    Predefined("xray", "X-Ray data", listed=True),
)

PREDEFINED: Mapping[str, Predefined] = {each.alias_name: each for each in _PREDEFINED}
"""The aliases that AWS predefines in each account and Region, by their names."""

LISTED_WITHOUT_A_KEY = tuple(each.alias_name for each in _PREDEFINED if each.listed)
"""Those that are listed before they have a key; the others are listed with it."""


def is_made_by(action: str, name: AliasArn, call: Call) -> bool:
    """
    Whether a call makes the AWS managed key of an alias of its account that has none.

    DescribeKey does, and whatever an AWS service asks for its caller; another use of the alias finds nothing.
    """
    caller = call.caller
    if name.account != caller.account:
        return False
    return action == "DescribeKey" or VIA_SERVICE in caller.context or not caller.is_asked


def with_key_of(name: AliasArn, kms: Kms, call: Call) -> Kms:
    """The state with the AWS managed key of an alias, if AWS predefines the alias; the key is made if there is none."""
    predefined = PREDEFINED.get(name.alias_name)
    if predefined is None or kms.alias(name, call.now) is not None:
        return kms
    key = new_key(
        call,
        drawn_for=name.alias_name,
        description=predefined.description,
        policy=managed_key_policy(predefined.name, name.account, name.region),
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
