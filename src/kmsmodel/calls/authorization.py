"""
Authorization: what a caller may do.

Every caller may use the KMS keys of their own account, as the default key policy lets the account's root user. Key
policies are recorded but not evaluated yet, so nobody may use another account's keys, which only a key policy allows.
"""

from __future__ import annotations

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import AccessDeniedException, InvalidGrantTokenException
from kmsmodel.key.key import Key
from kmsmodel.policy.managed import allows
from kmsmodel.words.arn import AliasArn, KeyArn
from kmsmodel.words.enumerations import KeyManagerType

_BECAUSE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)


def authorize(action: str, arn: KeyArn | AliasArn, call: Call) -> None:
    """
    Refuse a caller of another account, without saying whether there is such a key.

    Raises AccessDeniedException.
    """
    if arn.account != call.caller.account:
        raise denied(action, "this resource", call)


def refuse_managing(action: str, key: Key, call: Call) -> None:
    """
    Refuse what the key policy of a KMS key that AWS manages does not allow at all, such as to manage the key.

    What it allows, it mostly allows through an AWS service. The model does not know yet who calls through a service,
    so every caller of the account may do it. ListAliases asks no key policy. Raises AccessDeniedException.
    """
    if key.key_manager is KeyManagerType.CUSTOMER or action == "ListAliases":
        return
    if not allows(key.key_policy, action):
        raise AccessDeniedException(
            f"User: {call.caller.principal} is not authorized to perform: kms:{action} on resource: "
            f"{key.arn} because no resource-based policy allows the kms:{action} action",
            arn=key.arn,
        )


def denied(action: str, resource: str, call: Call) -> AccessDeniedException:
    """The error for a caller who may not learn more."""
    return AccessDeniedException(
        f"User: {call.caller.principal} is not authorized to perform: kms:{action} on {resource} {_BECAUSE}"
    )


def refuse_grant_tokens(request: Request[object]) -> None:
    """
    Refuse grant tokens, because there are no grants yet.

    Raises InvalidGrantTokenException, except for DescribeKey, whose errors in the API do not include it.
    """
    if getattr(request, "grant_tokens", None) and request.operation != "DescribeKey":
        raise InvalidGrantTokenException
