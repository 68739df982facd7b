"""
Principals as requests name them: by ARN, by the name of an AWS service, or by the unique id that IAM gave them.

With a directory of IAM, users and roles are those that it has, and are remembered by their unique ids; without one,
each of them is taken to exist.
"""

from __future__ import annotations

import re

from kmsmodel.calls.call import Call
from kmsmodel.errors import InvalidArnException
from kmsmodel.policy.principal import is_service, principal
from kmsmodel.words import arn

_UNIQUE_ID = re.compile(r"AIDA[A-Z0-9]{12,124}|AROA[A-Z0-9]{12,124}(:[\w+=,.@-]{2,64})?", re.ASCII)
"""Of a user; of a role, and of its session with a name."""


def resolve(named: str, call: Call) -> str | None:
    """
    The principal that a request names, as a grant remembers it; None for a text that is neither an ARN nor a known id.

    Raises InvalidArnException for an ARN that is not a principal's, or of one who does not exist in the partition of
    the call.
    """
    if not named.startswith("arn:"):
        is_id = _UNIQUE_ID.fullmatch(named) is not None
        is_somebody = _exists(named, call) if is_id else is_service(named)
        return named if is_somebody else None
    try:
        principal(named)
    except ValueError:
        raise InvalidArnException(f"ARN is not valid: {named}") from None
    if named.split(":")[1] != arn.partition(call.region):
        raise InvalidArnException(f"ARN does not refer to a valid principal: {named}")
    try:
        return named if call.iam is None else call.iam.remembered(named)
    except ValueError:
        raise InvalidArnException(f"ARN does not refer to a valid principal: {named}") from None


def shown(resolved: str, call: Call) -> str:
    """A principal that is remembered, by its ARN, or by its unique id if it does not exist any more."""
    return resolved if call.iam is None else call.iam.shown(resolved)


def _exists(unique_id: str, call: Call) -> bool:
    """Is it somebody's unique id?"""
    try:
        return call.iam is None or bool(call.iam.remembered(unique_id))
    except ValueError:
        return False
