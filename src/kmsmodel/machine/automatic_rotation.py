"""
When AWS KMS rotates a KMS key by itself.

Source: *Rotate AWS KMS keys* and *Enable automatic key rotation* in the Developer Guide.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import final

from attrs import evolve, field, frozen

from kmsmodel.words.dates import in_utc

DEFAULT_ROTATION_PERIOD_IN_DAYS = 365
ROTATION_PERIODS_IN_DAYS = range(90, 2561)
CLOSE = timedelta(minutes=20)
"""For this long before an automatic rotation, a key cannot be rotated on demand."""


@final
@frozen(kw_only=True)
class AutomaticRotation:
    """New key material once in each rotation period, next at ``next_rotation_date``."""

    rotation_period_in_days: int
    next_rotation_date: datetime = field(converter=in_utc)

    @classmethod
    def starting(
        cls, now: datetime, rotation_period_in_days: int = DEFAULT_ROTATION_PERIOD_IN_DAYS
    ) -> AutomaticRotation:
        """Automatic rotation from ``now`` on; the first rotation comes a whole period later."""
        return cls(
            rotation_period_in_days=rotation_period_in_days,
            next_rotation_date=now + timedelta(days=rotation_period_in_days),
        )

    @property
    def rotation_period(self) -> timedelta:
        """The time from one rotation to the next."""
        return timedelta(days=self.rotation_period_in_days)

    def due(self, now: datetime) -> tuple[datetime, ...]:
        """The dates of the rotations that are due by ``now``, the earliest first."""
        if now < self.next_rotation_date:
            return ()
        number = (now - self.next_rotation_date) // self.rotation_period + 1
        return tuple(self.next_rotation_date + n * self.rotation_period for n in range(number))

    def next_after(self, now: datetime) -> datetime:
        """The date of the first rotation after ``now``."""
        due = self.due(now)
        return due[-1] + self.rotation_period if due else self.next_rotation_date

    def is_close(self, now: datetime) -> bool:
        """Does the next rotation begin within 20 minutes, or is it in progress?"""
        return self.next_rotation_date - now <= CLOSE

    def after(self, rotation_date: datetime) -> AutomaticRotation:
        """This automatic rotation, once the rotation of this date is done."""
        return evolve(self, next_rotation_date=rotation_date + self.rotation_period)

    def resumed(self, now: datetime) -> AutomaticRotation:
        """This automatic rotation, for a key that was not rotated for some time: an overdue rotation comes at once."""
        return evolve(self, next_rotation_date=max(self.next_rotation_date, now))
