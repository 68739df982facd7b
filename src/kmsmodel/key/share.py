"""
Which other accounts a KMS key is shared with through AWS RAM, and the key policy that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import final

from attrs import frozen

from kmsmodel.policy.actions import PREFIX
from kmsmodel.policy.writing import Element, written
from kmsmodel.words.arn import parse_key_arn, root_user

AWS_RAM = "AWS_RAM"
"""The name of the key policy that AWS RAM manages."""


@final
@frozen
class Share:
    """An account that a KMS key is shared with, and the actions that it may let its principals take."""

    account: str
    actions: tuple[str, ...]


@lru_cache(1024)
def ram_policy(key_arn: str, shares: tuple[Share, ...]) -> str:
    """The key policy named AWS_RAM of a KMS key that is shared."""
    return written(AWS_RAM, *(_statement(key_arn, share) for share in shares))


def _statement(key_arn: str, share: Share) -> Mapping[str, Element]:
    region = parse_key_arn(key_arn).region
    return {
        "Effect": "Allow",
        "Principal": {"AWS": root_user(share.account, region)},
        "Action": tuple(PREFIX + action for action in share.actions),
        "Resource": key_arn,
    }
