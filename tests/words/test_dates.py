"""
Dates are kept in UTC, so that a day is always 24 hours.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.words.dates import in_utc, to_the_millisecond
from kmsmodel.words.enumerations import KeyState, OriginType
from kmsmodel.words.structures import check
from tests.basics import ARN

NEW_YORK = ZoneInfo("America/New_York")
BEFORE = datetime(2026, 11, 1, 0, 30, tzinfo=NEW_YORK)
"""An hour and a half before summer time ends there."""

HOUR = timedelta(hours=1)


def test_a_date_is_the_same_moment_in_utc() -> None:
    assert in_utc(BEFORE) == datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
    assert in_utc(BEFORE).tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_date_to_the_millisecond_is_the_last_one_not_after_it(date: datetime) -> None:
    kept = to_the_millisecond(date)
    assert timedelta() <= date - kept < timedelta(milliseconds=1)
    assert kept.microsecond % 1000 == 0


def test_the_systems_clock_is_told_in_whole_milliseconds() -> None:
    """As dates are in the examples of the API Reference."""
    assert {Clock().now().microsecond % 1000 for _ in range(20)} == {0}


def test_a_date_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="must have a time zone"):
        in_utc(datetime(2026, 11, 1))  # noqa: DTZ001


def test_a_call_and_a_clock_go_by_utc() -> None:
    call = Call(now=BEFORE, hsm=SeededHsm(), request_id="1")
    clock = Clock(BEFORE)
    clock.advance(hours=2)
    assert call.now.tzinfo is UTC
    assert clock.now() == in_utc(BEFORE) + 2 * HOUR


def test_a_request_goes_by_utc() -> None:
    request = ImportKeyMaterialRequest(
        key_id="k", import_token=b"t", encrypted_key_material=b"m", valid_to=BEFORE
    )
    assert check(request).valid_to == in_utc(BEFORE)
    assert getattr(check(request).valid_to, "tzinfo", None) is UTC


def test_key_material_expires_at_its_moment_whatever_the_clock_on_the_wall_says() -> None:
    """At half past one for the second time, what was valid to half past one the first time is gone."""
    valid_to = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    life = Lifecycle(arn=ARN, origin=OriginType.EXTERNAL)
    life = life.import_key_material("m", BEFORE, valid_to=valid_to)
    again = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1)
    assert life.key_state(again) is KeyState.PendingImport


def test_a_waiting_period_of_seven_days_is_168_hours() -> None:
    life = Lifecycle(arn=ARN).schedule_key_deletion(BEFORE, 7)
    assert life.deletion_date == in_utc(BEFORE) + 168 * HOUR


def test_key_material_is_valid_to_a_moment_to_come_whatever_the_clock_on_the_wall_says() -> None:
    """Half past one comes twice; the second is an hour after the first."""
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    second = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1)
    life = Lifecycle(arn=ARN, origin=OriginType.EXTERNAL)
    assert life.import_key_material("m", first, valid_to=second).materials.valid_to(
        first
    ) == in_utc(second)
