"""
The clock of a `LocalKms`.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import final

from kmsmodel.words.dates import END_OF_TIME, moment, to_the_millisecond

_NO_TIME = timedelta()


@final
class Clock:
    """
    The clock of a `LocalKms`, which never steps back.

    ``Clock()`` follows the system's clock, ``Clock(datetime(...))`` stands still at that time; both can be advanced.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._at = None if at is None else moment(at)
        self._advanced = timedelta()
        self._latest = self._at or _system_time()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        if self._at is None:
            return f"<Clock {self._advanced} ahead of the system's>"
        return f"<Clock at {self._at + self._advanced}>"

    def now(self) -> datetime:
        """The time on this clock, never earlier than a time that it gave before."""
        with self._lock:
            time = self._at or _system_time()
            if self._advanced:
                time += self._advanced
            self._latest = max(self._latest, time)
            return self._latest

    def advance(
        self,
        span: timedelta = _NO_TIME,
        /,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """
        Advance the clock by a timedelta, by days, hours, minutes and seconds, or by both.

        Raises TypeError for a span of another type, ValueError for one that is negative or passes `dates.END_OF_TIME`.
        """
        try:
            span += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            backwards = span < _NO_TIME
        except OverflowError:
            raise ValueError("there is no such time") from None
        except TypeError:
            raise TypeError("a span is a timedelta, or numbers: days=1, hours=2") from None
        if backwards:
            raise ValueError("a clock is not set back")
        with self._lock:
            if span > END_OF_TIME - self._latest:
                raise ValueError(f"time ends at {END_OF_TIME:%Y-%m-%d}")
            self._advanced += span


def _system_time() -> datetime:
    """The system's time, to the millisecond, as AWS KMS gives times."""
    return to_the_millisecond(datetime.now(UTC))
