"""
Principals as requests name them: by ARN, by the name of an AWS service, or by the unique id that IAM gave them.

There is no directory of principals here: each account, user and role is taken to exist.
"""

from __future__ import annotations

import re

from kmsmodel.calls.call import Call
from kmsmodel.errors import InvalidArnException
from kmsmodel.policy.principal import ANYONE, principal
from kmsmodel.words import arn

_UNIQUE_ID = re.compile(r"AIDA[A-Z0-9]{12,124}|AROA[A-Z0-9]{12,124}(:[\w+=,.@-]{2,64})?", re.ASCII)
"""Of a user; of a role, and of its session with a name."""

_ACCOUNT = re.compile("[0-9]{12}")


def resolve(named: str, call: Call) -> str | None:
    """
    The principal that a request names, as a grant remembers it; None for what is neither an ARN nor anybody's id.

    Raises InvalidArnException for an ARN that is not a principal's, or not one in the partition of the call.
    """
    if not named.startswith("arn:"):
        return named if _UNIQUE_ID.fullmatch(named) or _is_service(named) else None
    try:
        principal(named)
    except ValueError:
        raise InvalidArnException(f"ARN is not valid: {named}") from None
    if named.split(":")[1] != arn.partition(call.region):
        raise InvalidArnException(f"ARN does not refer to a valid principal: {named}")
    return named


def _is_service(named: str) -> bool:
    """Is it a name such as ``ec2.us-east-1.amazonaws.com``?"""
    if named == ANYONE or _ACCOUNT.fullmatch(named):
        return False
    try:
        principal(named)
    except ValueError:
        return False
    return True
