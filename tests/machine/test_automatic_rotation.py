"""
When AWS KMS rotates a KMS key by itself.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, strategies as st

from kmsmodel.machine.automatic_rotation import DEFAULT_ROTATION_PERIOD_IN_DAYS, AutomaticRotation
from tests.basics import NOW

periods = st.integers(90, 2560)
spans = st.timedeltas(timedelta(), timedelta(days=10_000))


@given(periods, spans)
def test_the_rotations_that_are_due_are_one_period_apart_and_the_next_is_not_due(
    days: int, span: timedelta
) -> None:
    period, rotation = timedelta(days=days), AutomaticRotation.starting(NOW, days)
    due = rotation.due(NOW + span)
    assert due == tuple(NOW + n * period for n in range(1, span // period + 1))
    if due:
        after = rotation.after(due[-1])
        assert after.due(NOW + span) == ()
        assert after.next_rotation_date == due[-1] + period
        assert after.rotation_period == period


@given(periods, spans)
def test_a_rotation_is_due_from_its_date_on(days: int, span: timedelta) -> None:
    rotation = AutomaticRotation.starting(NOW, days)
    due = rotation.next_rotation_date <= NOW + span
    assert bool(rotation.due(NOW + span)) is due


@given(periods, spans)
def test_what_is_resumed_is_at_most_one_rotation_that_comes_at_once(
    days: int, span: timedelta
) -> None:
    rotation, now = AutomaticRotation.starting(NOW, days), NOW + span
    resumed = rotation.resumed(now)
    if rotation.due(now):
        assert resumed.due(now) == (now,)
    else:
        assert resumed == rotation


def test_a_period_is_a_year_unless_it_is_said() -> None:
    assert DEFAULT_ROTATION_PERIOD_IN_DAYS == 365
    assert AutomaticRotation.starting(NOW).next_rotation_date == NOW.replace(year=2027)


@given(st.integers(90, 2560), st.integers(-3000, 9000))
def test_the_first_rotation_after_a_time_is_the_first_that_is_not_yet_due(
    days: int, later: int
) -> None:
    rotation = AutomaticRotation.starting(NOW, days)
    now = NOW + timedelta(days=later)
    after = rotation.next_after(now)
    assert after > now
    assert rotation.due(after) == (*rotation.due(now), after)
