"""
How long things take.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import fields

from kmsmodel.calls.delays import Delays
from tests.basics import call

NAMES = [each.name for each in fields(Delays)]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_takes_time_unless_it_is_said_to(name: str) -> None:
    assert getattr(Delays(), name) == timedelta(0)
    assert getattr(call().delays, name) == timedelta(0)
    assert getattr(Delays(**{name: timedelta(1)}), name) == timedelta(1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("span", [1, None, "1"])
def test_a_delay_is_a_timedelta(name: str, span: Any) -> None:
    with pytest.raises(TypeError, match=r"^a delay is a timedelta$"):
        Delays(**{name: span})


@pytest.mark.parametrize("name", NAMES)
def test_a_delay_is_not_negative(name: str) -> None:
    with pytest.raises(ValueError, match=r"^a delay is not negative$"):
        Delays(**{name: -timedelta(microseconds=1)})


def test_recorded_delays_are_within_what_was_recorded() -> None:
    delays, second = Delays.recorded(), timedelta(seconds=1)
    assert 2 * second <= delays.creating <= 3 * second
    assert delays.updating < 20 * second
    assert 48 * second <= delays.on_demand_rotation <= 460 * second
    assert second <= delays.grant <= 10 * second
