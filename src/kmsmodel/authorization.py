"""
Whether the caller may do what he asks.

The caller is let in to the KMS keys of his own account, as the account's root user is by the default key policy. A
key policy is recorded and not yet asked; so nobody is let in to another account's keys, which takes a key policy that
says so.
"""

from __future__ import annotations

from kmsmodel.arn import AliasArn, KeyArn
from kmsmodel.call import Call
from kmsmodel.errors import AccessDeniedException, InvalidGrantTokenException
from kmsmodel.key import Key
from kmsmodel.request import Request
from kmsmodel.shapes import KeyManagerType

_BECAUSE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)


def authorize(action: str, name: KeyArn | AliasArn, call: Call) -> None:
    """
    Refuse a caller of another account, who is not told whether there is such a key.

    Raises AccessDeniedException.
    """
    if name.account != call.account:
        raise denied(action, "this resource", call)


_OF_AWS_MANAGED_KEYS = (
    "Decrypt",
    "Describe",
    "Encrypt",
    "GenerateDataKey",
    "Get",
    "List",
    "ReEncrypt",
)
"""How the actions begin that the key policies of AWS managed keys allow."""


def authorize_manager(action: str, key: Key, call: Call) -> None:
    """
    Refuse what customers may not do with a KMS key that AWS manages.

    Its key policy allows use through the AWS service only; who calls through a service is not known yet, so every
    caller of the account may use it. Raises AccessDeniedException.
    """
    if key.key_manager is KeyManagerType.AWS and not action.startswith(_OF_AWS_MANAGED_KEYS):
        raise AccessDeniedException(
            f"User: {call.principal} is not authorized to perform: kms:{action} on resource: "
            f"{key.arn} because no resource-based policy allows the kms:{action} action",
            arn=key.arn,
        )


def denied(action: str, resource: str, call: Call) -> AccessDeniedException:
    """What AWS says to a caller who may not know more."""
    return AccessDeniedException(
        f"User: {call.principal} is not authorized to perform: kms:{action} on {resource} {_BECAUSE}"
    )


def check_grant_tokens(request: Request[object]) -> None:
    """
    Refuse grant tokens that no grant has; there are no grants yet.

    Raises InvalidGrantTokenException, which the API does not have for DescribeKey.
    """
    if request.operation != "DescribeKey" and getattr(request, "grant_tokens", None):
        raise InvalidGrantTokenException
