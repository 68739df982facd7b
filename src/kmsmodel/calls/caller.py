"""
Who calls AWS KMS.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import final

from attrs import field, frozen

from kmsmodel.words.arn import root_user

ACCOUNT = re.compile("[0-9]{12}")
"""The id of an AWS account."""

REGION = re.compile("[a-z0-9-]+")
"""The name of a Region."""

EXAMPLE_ACCOUNT = "111122223333"
"""The account of a caller who names none; AWS's pages use it in their examples."""


def plain_account(account: object) -> str:
    """The id of an AWS account, as a plain string. Raises ValueError for what is not one."""
    if not isinstance(account, str) or ACCOUNT.fullmatch(account) is None:
        raise ValueError("account must be an account id of twelve digits")
    return str.__str__(account)


def plain_region(region: object) -> str:
    """The name of a Region, as a plain string. Raises ValueError for what is not one."""
    if not isinstance(region, str) or REGION.fullmatch(region) is None:
        raise ValueError("region must be the name of a Region, such as us-west-2")
    return str.__str__(region)


def plain_text(name: str, value: object) -> str:
    """A plain string. Raises TypeError for what is not a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string")
    return str.__str__(value)


def _plain_principal(principal: object) -> str:
    return plain_text("principal", principal)


@final
@frozen(kw_only=True)
class Caller:
    """
    An AWS principal, given by its ARN, and the account that it belongs to.

    Raises ValueError for an account that is not twelve digits, and TypeError for a principal that is not a string.
    """

    account: str = field(converter=plain_account)
    principal: str = field(converter=_plain_principal)


def named(
    region: str,
    *,
    caller: Caller | None = None,
    account: str | None = None,
    principal: str | None = None,
) -> Caller:
    """
    The caller that these keywords name: ``caller`` itself, or a principal of ``account``.

    Without a principal, it is the account's root user, whose ARN has the partition of ``region``. Raises TypeError for
    ``caller`` together with another keyword, and what `Caller` raises.
    """
    if caller is not None:
        if account is not None or principal is not None:
            raise TypeError("caller= stands beside neither account= nor principal=")
        if type(caller) is not Caller:
            raise TypeError(f"caller must be a Caller, not {type(caller).__name__}")
        return caller
    account = EXAMPLE_ACCOUNT if account is None else account
    if principal is not None:
        return Caller(account=account, principal=principal)
    if type(account) is not str:
        account = plain_account(account)
    return _root_user(account, region)


@lru_cache(1024)
def _root_user(account: str, region: str) -> Caller:
    return Caller(account=account, principal=root_user(account, region))
