"""
Which usage of a KMS key is told when.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, strategies as st

from kmsmodel.key.last_usage import Usage, Usages, after, last_told
from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation
from tests.basics import MICROSECOND, NOW

HOUR = timedelta(hours=1)


def _usage(minutes: int, delay: timedelta = HOUR) -> Usage:
    now = NOW + timedelta(minutes=minutes)
    return Usage(KeyLastUsageTrackingOperation.Encrypt, now, f"at {minutes}", now + delay)


@given(
    st.lists(st.integers(0, 300), min_size=1).map(sorted),
    st.integers(0, 60).map(lambda n: timedelta(minutes=n)),
    st.integers(0, 400),
)
def test_a_usage_is_told_within_its_delay_unless_a_later_one_is(
    minutes: list[int], delay: timedelta, later: int
) -> None:
    """At any time: none that was due is left out for an earlier one, and none is told that was not yet."""
    now = NOW + timedelta(minutes=later)
    usages: Usages = ()
    made: list[Usage] = []
    for each in minutes:
        usage = _usage(each, delay)
        if usage.timestamp <= now:
            made.append(usage)
            usages = after(usages, usage)
        assert len(usages) <= 2
    told = last_told(usages, now)
    due = [each for each in made if each.told_from <= now]
    assert told is not None or not due
    if told is not None:
        assert told.timestamp <= now
        assert not due or due[-1].timestamp <= told.timestamp
        assert told.request_id in {each.request_id for each in made}


def test_what_is_told_is_told_until_another_is() -> None:
    usages: Usages = ()
    for minutes in (0, 90, 100):
        usages = after(usages, _usage(minutes))
    first_told, then_told = usages
    assert first_told.request_id == "at 0"
    assert then_told.request_id == "at 100"
    assert last_told(usages, NOW + timedelta(minutes=150) - MICROSECOND) is first_told
    assert last_told(usages, NOW + timedelta(minutes=150)) is then_told


def test_a_usage_that_comes_while_another_waits_is_told_in_its_place() -> None:
    usages = after(after((), _usage(0)), _usage(59))
    (waits,) = usages
    assert (waits.request_id, waits.told_from) == ("at 59", NOW + HOUR)
    assert last_told(usages, NOW + HOUR - MICROSECOND) is None
