"""
Who calls AWS KMS.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import final

from attrs import frozen

from kmsmodel.words.arn import root_user

ACCOUNT = re.compile("[0-9]{12}")
"""The id of an AWS account."""

REGION = re.compile("[a-z0-9-]+")
"""The name of a Region."""

EXAMPLE_ACCOUNT = "111122223333"
"""The account of a caller who names none; AWS's pages use it in their examples."""


def check_account(account: object) -> None:
    """Raise ValueError unless this is the id of an AWS account."""
    if not isinstance(account, str) or ACCOUNT.fullmatch(account) is None:
        raise ValueError("account must be an account id of twelve digits")


def check_region(region: object) -> None:
    """Raise ValueError unless this is the name of a Region."""
    if not isinstance(region, str) or REGION.fullmatch(region) is None:
        raise ValueError("region must be the name of a Region, such as us-west-2")


def check_text(name: str, value: object) -> None:
    """Raise TypeError unless the value is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string")


@final
@frozen(kw_only=True)
class Caller:
    """
    An AWS principal, given by its ARN, and the account that it belongs to.

    Raises ValueError for an account that is not twelve digits, and TypeError for a principal that is not a string.
    """

    account: str
    principal: str

    def __attrs_post_init__(self) -> None:
        check_account(self.account)
        check_text("principal", self.principal)


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
            raise TypeError("say caller=, or account= and principal=, but not both")
        return caller
    account = EXAMPLE_ACCOUNT if account is None else account
    if principal is not None:
        return Caller(account=account, principal=principal)
    try:
        return _root_user(account, region)
    except TypeError:  # a value without a hash is not an account
        check_account(account)
        raise


@lru_cache(1024)
def _root_user(account: str, region: str) -> Caller:
    return Caller(account=account, principal=root_user(account, region))
