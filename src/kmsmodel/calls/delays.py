"""
How long things take.
"""

from __future__ import annotations

from datetime import timedelta
from typing import final

from attrs import field, frozen

_AT_ONCE = timedelta()


def _not_negative(_: Delays, __: object, span: object) -> None:
    if not isinstance(span, timedelta):
        raise TypeError("a delay is a timedelta")
    if span < _AT_ONCE:
        raise ValueError("a delay is not negative")


@final
@frozen(kw_only=True)
class Delays:
    """
    How long AWS KMS takes for what it does not do at once; by default, no time at all.

    ``creating`` is for a replica key, ``updating`` for a change of the primary Region, ``on_demand_rotation`` for the
    new key material to become current, ``grant`` for a grant to be seen without its token, ``last_usage`` for the
    use of a KMS key to be told, and ``connecting`` and ``disconnecting`` for a custom key store.

    Raises TypeError for anything that is not a timedelta, ValueError for less than none.
    """

    creating: timedelta = field(default=_AT_ONCE, validator=_not_negative)
    updating: timedelta = field(default=_AT_ONCE, validator=_not_negative)
    on_demand_rotation: timedelta = field(default=_AT_ONCE, validator=_not_negative)
    grant: timedelta = field(default=_AT_ONCE, validator=_not_negative)
    last_usage: timedelta = field(default=_AT_ONCE, validator=_not_negative)
    connecting: timedelta = field(default=_AT_ONCE, validator=_not_negative)
    disconnecting: timedelta = field(default=_AT_ONCE, validator=_not_negative)

    @classmethod
    def recorded(cls) -> Delays:
        """Spans as they were recorded of AWS KMS on 2026-09-12; they vary. That of ``last_usage`` was not."""
        return cls(
            creating=timedelta(seconds=2.5),
            updating=timedelta(seconds=15),
            on_demand_rotation=timedelta(minutes=2, seconds=28),
            grant=timedelta(seconds=10),
        )
