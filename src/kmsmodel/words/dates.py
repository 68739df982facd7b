"""
Dates, which are kept in UTC so that a day is always 24 hours.

Python compares and adds datetimes of one time zone by local time, which jumps when summer time begins or ends.
"""

from __future__ import annotations

from datetime import UTC, datetime

END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
"""The latest time of a clock, early enough that Python can represent the dates that AWS KMS computes from it."""


def moment(now: datetime) -> datetime:
    """
    The time of a clock, in UTC.

    Raises TypeError for another type, ValueError for a datetime without a time zone or after `END_OF_TIME`.
    """
    time = in_utc(now)
    if time > END_OF_TIME:
        raise ValueError(f"time ends at {END_OF_TIME:%Y-%m-%d}")
    return time


def in_utc(date: datetime) -> datetime:
    """The same moment in UTC. Raises TypeError for another type, ValueError for a datetime without a time zone."""
    try:
        if date.tzinfo is UTC:
            return date
        if date.utcoffset() is None:
            raise ValueError(f"{date!r} must have a time zone")
        return date.astimezone(UTC)
    except AttributeError:
        raise TypeError(f"{date!r} is not a datetime") from None


def to_the_millisecond(date: datetime) -> datetime:
    """The date without fractions of a millisecond, which AWS KMS does not give."""
    return date.replace(microsecond=date.microsecond // 1000 * 1000)
