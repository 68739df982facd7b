"""
Key policies as AWS KMS writes them.
"""

from __future__ import annotations

from attrs import evolve

from kmsmodel.key.key import Key
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.policy import default_key_policy
from kmsmodel.policy.writing import written
from kmsmodel.words.arn import KeyArn
from tests.basics import ACCOUNT, NOBODY, NOW, REGION
from tests.policy.policies import STATEMENT, policy

NAME = KeyArn(ACCOUNT, REGION, NOBODY)

DEFAULT = """{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"""
"""As *GetKeyPolicy* in the API Reference shows it."""


def test_the_default_key_policy_lets_in_the_account() -> None:
    assert default_key_policy(NAME) == DEFAULT
    in_china = default_key_policy(KeyArn(ACCOUNT, "cn-north-1", NOBODY))
    assert in_china == DEFAULT.replace("arn:aws:", "arn:aws-cn:")


def test_a_key_has_the_key_policy_that_it_was_given_or_the_default_one() -> None:
    without = Key(lifecycle=Lifecycle(arn=str(NAME)), creation_date=NOW)
    assert without.key_policy == DEFAULT
    assert evolve(without, policy=policy(STATEMENT)).key_policy == policy(STATEMENT)


def test_lists_stand_in_one_line_and_objects_have_a_line_for_each_member() -> None:
    text = written(
        "any", {"Action": ("kms:Encrypt", "kms:Decrypt"), "Sid": 'a "quoted" word'}, {"Sid": ""}
    )
    assert text == (
        '{\n  "Version" : "2012-10-17",\n  "Id" : "any",\n  "Statement" : [ {\n'
        '    "Action" : [ "kms:Encrypt", "kms:Decrypt" ],\n'
        '    "Sid" : "a \\"quoted\\" word"\n'
        '  }, {\n    "Sid" : ""\n  } ]\n}'
    )
