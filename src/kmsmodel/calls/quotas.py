"""
How many resources there can be.
"""

from __future__ import annotations

from typing import final

from attrs import field, frozen


def _a_number(_: Quotas, __: object, most: object) -> None:
    if not isinstance(most, int) or isinstance(most, bool):
        raise TypeError("a quota is an int")
    if most < 0:
        raise ValueError("a quota is not negative")


@final
@frozen(kw_only=True)
class Quotas:
    """
    The resource quotas of AWS KMS that can be adjusted; by default, as many as AWS gives.

    ``keys`` is for customer managed keys in an account and Region, in any key state; ``aliases_per_key`` and
    ``grants_per_key`` are for each of these keys; ``custom_key_stores`` is for an account and Region.

    Source: *Resource quotas* in the Developer Guide. Raises TypeError for anything but an int, ValueError for one
    below 0.
    """

    keys: int = field(default=100_000, validator=_a_number)
    aliases_per_key: int = field(default=50, validator=_a_number)
    grants_per_key: int = field(default=50_000, validator=_a_number)
    custom_key_stores: int = field(default=10, validator=_a_number)
