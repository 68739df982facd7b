"""
One call to the API: who calls, where, when, with which HSM.

These are the only ways that time, chance and the caller come in.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import final

from attrs import Attribute, Factory, field, frozen

from kmsmodel.arn import root_user
from kmsmodel.dates import before_the_end
from kmsmodel.hsm import Hsm

ACCOUNT = re.compile("[0-9]{12}")
"""The id of an AWS account."""

REGION = re.compile("[a-z0-9-]+")
"""The name of a Region."""


def moment(now: datetime) -> datetime:
    """
    The time of a call in UTC.

    Raises TypeError for what is no datetime, ValueError for one without a time zone, or beyond `dates.END_OF_TIME`.
    """
    try:
        return before_the_end(now)
    except AttributeError:
        raise TypeError(f"{now!r} is no datetime") from None


def _text(_: Call, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be a string")


def _account(_: Call, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or ACCOUNT.fullmatch(value) is None:
        raise ValueError(f"{attribute.name} must be an account id of twelve digits")


def _region(_: Call, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or REGION.fullmatch(value) is None:
        raise ValueError(f"{attribute.name} must be the name of a Region, such as us-west-2")


def _principal(call: Call) -> str:
    """The root user of the account; nobody, if this is no Region, which the call then refuses."""
    try:
        return root_user(call.account, call.region)
    except (AttributeError, TypeError):
        return ""


@final
@frozen(kw_only=True)
class Call:
    """
    One call to AWS KMS.

    ``request_id`` is different for each call of a model's life. The principal is an ARN; by default it is the root user
    of ``account``, the caller's account.
    """

    now: datetime = field(converter=moment)
    hsm: Hsm
    request_id: str = field(validator=_text)
    account: str = field(default="111122223333", validator=_account)
    region: str = field(default="us-west-2", validator=_region)
    principal: str = field(default=Factory(_principal, takes_self=True), validator=_text)

    def purpose(self, name: str) -> str:
        """What the HSM is told that a drawing of chance is for."""
        return f"{self.request_id} {name}"
