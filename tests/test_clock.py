"""
The clock that a `LocalKms` goes by.
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.clock import Clock
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.words.dates import END_OF_TIME, to_the_millisecond
from tests.basics import NOW, PATIENCE
from tests.operations.steps import create


def test_a_clock_shows_the_time_by_which_it_goes() -> None:
    clock = Clock(datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert repr(clock) == "<Clock at 2026-11-24 12:00:00+00:00>"
    clock.advance(hours=1)
    assert repr(clock) == "<Clock at 2026-11-24 13:00:00+00:00>"
    clock = Clock()
    assert repr(clock) == "<Clock 0:00:00 ahead of the system's>"
    clock.advance(days=2, hours=1)
    assert repr(clock) == "<Clock 2 days, 1:00:00 ahead of the system's>"


@pytest.mark.parametrize("at", ["2026", 0, date(2026, 11, 24)])
def test_a_clock_is_set_to_a_datetime(at: Any) -> None:
    with pytest.raises(TypeError) as caught:
        Clock(at)
    assert str(caught.value) == f"{at!r} is not a datetime"


def test_a_clock_that_is_given_a_time_stands_still_there() -> None:
    clock = Clock(NOW)
    assert clock.now() == clock.now() == NOW


@given(st.lists(st.floats(0, 1e6), max_size=5))
def test_a_clock_is_advanced_by_all_that_it_is_told(spans: list[float]) -> None:
    clock = Clock(NOW)
    for span in spans:
        clock.advance(seconds=span)
    assert clock.now() == NOW + sum((timedelta(seconds=span) for span in spans), timedelta())


def test_a_span_may_be_said_in_any_unit() -> None:
    clock = Clock(NOW)
    clock.advance(days=1, hours=2, minutes=3, seconds=4.5)
    assert clock.now() == NOW + timedelta(days=1, hours=2, minutes=3, seconds=4.5)


def test_a_span_may_be_a_timedelta() -> None:
    clock = Clock(NOW)
    clock.advance(timedelta(days=1))
    clock.advance(timedelta(hours=1), minutes=1)
    assert clock.now() == NOW + timedelta(days=1, hours=1, minutes=1)
    for span in (timedelta(microseconds=-1), timedelta.max):
        with pytest.raises(ValueError, match=r"^a clock is not set back$|^time ends at"):
            clock.advance(span)
    with pytest.raises(ValueError, match=r"^there is no such time$"):
        clock.advance(timedelta.max, seconds=1)


@pytest.mark.parametrize(
    "spans, named",
    [((), {"days": "1"}), ((), {"days": None}), *(((x,), {}) for x in (5, "1", NOW))],
)
def test_a_span_of_another_type_is_no_time(spans: Any, named: Any) -> None:
    clock = Clock(NOW)
    with pytest.raises(TypeError, match=r"^a span is a timedelta, or numbers: days=1, hours=2$"):
        clock.advance(*spans, **named)
    assert clock.now() == NOW


def test_a_clock_is_not_set_back() -> None:
    clock = Clock(NOW)
    with pytest.raises(ValueError, match=r"^a clock is not set back$"):
        clock.advance(days=-1)
    clock.advance(days=1, hours=-24)
    assert clock.now() == NOW


@pytest.mark.parametrize("span", [{"days": 3_000_000}, {"days": 1e300}, {"seconds": float("inf")}])
def test_a_clock_does_not_go_beyond_the_end_of_time(span: dict[str, float]) -> None:
    """A date that AWS KMS reckons from its time must be a date, too."""
    clock = Clock(NOW)
    with pytest.raises(ValueError, match=r"time ends at 9000-01-01|no such time"):
        clock.advance(**span)
    assert clock.now() == NOW
    with pytest.raises(ValueError, match="time ends at 9000-01-01"):
        Clock(datetime.max.replace(tzinfo=UTC))
    local = LocalKms(clock=Clock(END_OF_TIME))
    key_id = create(local).key_id
    assert local.handle(ScheduleKeyDeletionRequest(key_id=key_id)).deletion_date is not None


def test_a_clock_goes_by_a_time_in_a_time_zone() -> None:
    with pytest.raises(ValueError, match=r"must have a time zone$"):
        Clock(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_clock_follows_the_systems_clock_but_never_back(monkeypatch: pytest.MonkeyPatch) -> None:
    start = to_the_millisecond(NOW)
    times = iter([start, start, start - timedelta(hours=1), start + timedelta(seconds=1)])

    class SystemClock:
        @staticmethod
        def now(tz: object) -> datetime:
            assert tz is UTC
            return next(times)

    monkeypatch.setattr("kmsmodel.clock.datetime", SystemClock)
    clock = Clock()
    assert [clock.now() for _ in range(3)] == [start, start, start + timedelta(seconds=1)]


def test_a_clock_never_steps_back_under_threads() -> None:
    clock = Clock()
    told: list[list[datetime]] = []

    def read() -> None:
        times: list[datetime] = []
        for number in range(300):
            times.append(clock.now())
            if number % 50 == 0:
                clock.advance(seconds=1)
        told.append(times)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(told) == 6
    assert all(times == sorted(times) for times in told)
    assert clock.now() >= max(max(times) for times in told)
