"""
Dates are kept in UTC, so that a day is always 24 hours.

Python compares and adds datetimes of one time zone by the clock on the wall, which steps when summer time does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
"""How far a clock goes: the dates that AWS KMS reckons from it must be dates, too."""


def before_the_end(date: datetime) -> datetime:
    """The same moment in UTC, for a clock to tell. Raises ValueError for one that is beyond `END_OF_TIME`, too."""
    if in_utc(date) > END_OF_TIME:
        raise ValueError(f"time ends at {END_OF_TIME:%Y-%m-%d}")
    return in_utc(date)


def in_utc(date: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a datetime without a time zone."""
    if date.tzinfo is UTC:
        return date
    if date.utcoffset() is None:
        raise ValueError(f"{date!r} must have a time zone")
    return date.astimezone(UTC)


def to_the_millisecond(date: datetime) -> datetime:
    """The date without parts of a millisecond, which AWS KMS does not tell."""
    return date - timedelta(microseconds=date.microsecond % 1000)
