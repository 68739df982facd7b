"""
One call to the API: who calls, where, when, with which HSM.

These are the only ways that time, chance and the caller come in.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import Attribute, Factory, field, frozen

from kmsmodel.arn import partition
from kmsmodel.hsm import Hsm

ACCOUNT_DIGITS = 12


def _aware(_: Call, attribute: Attribute[datetime], value: datetime) -> None:
    if value.utcoffset() is None:
        raise ValueError(f"{attribute.name} must be a datetime with a time zone")


def _account(_: Call, attribute: Attribute[str], value: str) -> None:
    if len(value) != ACCOUNT_DIGITS or not (value.isascii() and value.isdigit()):
        raise ValueError(f"{attribute.name} must be an account id of twelve digits")


def _root_user(call: Call) -> str:
    return f"arn:{partition(call.region)}:iam::{call.account}:root"


@final
@frozen(kw_only=True)
class Call:
    """
    One call to AWS KMS.

    ``request_id`` is different for each call of a model's life. The principal is an ARN; by default it is the root user
    of ``account``, the caller's account.
    """

    now: datetime = field(validator=_aware)
    hsm: Hsm
    request_id: str
    account: str = field(default="111122223333", validator=_account)
    region: str = "us-west-2"
    principal: str = Factory(_root_user, takes_self=True)

    def purpose(self, name: str) -> str:
        """What the HSM is told that a drawing of chance is for."""
        return f"{self.request_id} {name}"
