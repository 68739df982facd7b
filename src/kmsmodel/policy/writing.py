"""
Key policies as AWS KMS writes them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from kmsmodel.words.arn import KeyArn, root_user


def default_key_policy(key_arn: KeyArn) -> str:
    """The key policy of a KMS key that was created without one."""
    return written(
        "key-default-1",
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": root_user(key_arn.account, key_arn.region)},
            "Action": "kms:*",
            "Resource": "*",
        },
    )


Element: TypeAlias = "str | tuple[Element, ...] | Mapping[str, Element]"
"""A value in a key policy."""


def written(policy_id: str, *statements: Mapping[str, Element]) -> str:
    """A key policy in the layout of AWS KMS."""
    return _laid_out({"Version": "2012-10-17", "Id": policy_id, "Statement": statements}, "")


def _laid_out(value: Element, margin: str) -> str:
    """JSON with a line for each member of an object, and each list in one line."""
    if isinstance(value, Mapping):
        inner = f"{margin}  "
        members = (f'{inner}"{key}" : {_laid_out(each, inner)}' for key, each in value.items())
        return "{\n" + ",\n".join(members) + f"\n{margin}}}"
    if isinstance(value, tuple):
        return "[ " + ", ".join(_laid_out(each, margin) for each in value) + " ]"
    return json.dumps(value)
