"""
The deletion of a key, and its waiting period.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from kmsmodel.errors import KMSInvalidStateException, NotFoundException, ValidationException
from kmsmodel.words.enumerations import KeyState
from tests.basics import DAY, MICROSECOND, NOW
from tests.machine.lifecycle.lives import IMPORTED, MRK_ARN, PRIMARY, refused, told


@pytest.mark.parametrize("days", [7, 8, 29, 30])
def test_a_waiting_period_is_7_to_30_days(days: int) -> None:
    life = IMPORTED.schedule_key_deletion(NOW, days)
    assert life.deletion_date == NOW + days * DAY == life.next_change(NOW)
    assert life.key_state(NOW + days * DAY - MICROSECOND) is KeyState.PendingDeletion
    assert not life.is_deleted(NOW + days * DAY - MICROSECOND)
    assert life.is_deleted(NOW + days * DAY)


@pytest.mark.parametrize("days", [0, 6, 31, 365, 7.5, "7", None])
def test_another_waiting_period_is_refused(days: Any) -> None:
    error = refused(lambda: IMPORTED.schedule_key_deletion(NOW, days))
    text = "PendingWindowInDays must be between 7 and 30"
    assert told(error) == (ValidationException, text, MRK_ARN, None)


def test_a_waiting_period_is_30_days_if_nothing_is_said() -> None:
    assert IMPORTED.schedule_key_deletion(NOW) == IMPORTED.schedule_key_deletion(NOW, 30)


def test_a_deleted_key_does_not_exist() -> None:
    life = IMPORTED.schedule_key_deletion(NOW, 7)
    calls: list[Callable[[datetime], object]] = [
        life.key_state,
        life.next_change,
        life.enable_key,
        life.cancel_key_deletion,
    ]
    for call in calls:
        error = refused(partial(call, NOW + 7 * DAY))
        assert told(error) == (NotFoundException, f"Key '{MRK_ARN}' does not exist", MRK_ARN, None)


def test_a_cancelled_deletion_leaves_a_disabled_key() -> None:
    life = IMPORTED.schedule_key_deletion(NOW).cancel_key_deletion(NOW)
    assert life == IMPORTED.disable_key(NOW)


def test_cancelling_does_not_bring_key_material_back() -> None:
    life = IMPORTED.schedule_key_deletion(NOW).delete_imported_key_material(NOW)
    assert life.key_state(NOW) is KeyState.PendingDeletion
    life = life.cancel_key_deletion(NOW)
    assert life.key_state(NOW) is KeyState.PendingImport
    error = refused(lambda: life.enable_key(NOW))
    assert told(error) == (
        KMSInvalidStateException,
        f"{MRK_ARN} is pending import.",
        MRK_ARN,
        "PendingImport",
    )


def test_a_primary_key_waits_for_its_replicas_before_its_waiting_period_starts() -> None:
    life = PRIMARY.schedule_key_deletion(NOW, 7, replicas=True)
    assert life.key_state(NOW + 99 * DAY) is KeyState.PendingReplicaDeletion
    assert (life.pending_window_in_days, life.deletion_date) == (7, None)
    assert life.next_change(NOW) is None
    life = life.replicas_deleted(NOW + 99 * DAY)
    assert life.deletion_date == NOW + 106 * DAY
    assert life.key_state(NOW + 99 * DAY) is KeyState.PendingDeletion
    assert life.replicas_deleted(NOW + 100 * DAY) is life


def test_deleted_replicas_do_not_delete_a_primary_key_that_is_to_stay() -> None:
    assert PRIMARY.replicas_deleted(NOW) is PRIMARY
