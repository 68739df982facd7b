"""
What moves a KMS key from key state to key state, as the console draws it.

The walk through all that a key can come to takes seconds, so what it finds is kept in ``lifecycle.json``. It is printed
by ``kmsmodel states --format json``, and a test compares the two.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from kmsmodel.machine.key_state import ROWS
from kmsmodel.words.enumerations import KeyState


@cache
def lifecycle() -> dict[str, Any]:
    """
    The ``keys`` that live differently, and the ``transitions`` from one key state to another, of which keys.

    The key state is None before a key is created, and after it is deleted. An event that is not an operation happens by
    itself.
    """
    kept: dict[str, Any] = json.loads(
        (files("kmsmodel.console") / "lifecycle.json").read_text(encoding="utf-8")
    )
    return kept


def permitted() -> dict[str, dict[str, str | None]]:
    """What each key state permits: for each operation, the error in each key state, or None."""
    return {
        operation: {
            state: None if (refusal := row[state]) is None else refusal.error.__name__
            for state in KeyState
        }
        for operation, row in ROWS.items()
    }
