"""
Snapshots of former versions, brought to the form of today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Data: TypeAlias = "dict[str, Any]"

VERSION = 2
"""The version that snapshots have today. Whoever changes their form raises it, and adds a migration."""


def _with_stores_and_usages(data: Data) -> Data:
    """Version 1 knows no custom key stores and no last usages."""
    given: list[Data] = data["accounts"]
    accounts: list[Data] = [{"custom_key_stores": [], **each} for each in given]
    return {**data, "version": 2, "accounts": accounts, "last_usages": []}


MIGRATIONS: Mapping[int, Callable[[Data], Data]] = {1: _with_stores_and_usages}
"""For each former version, what makes the next version of a snapshot of it, whose secrets are in the clear."""


def brought_forward(
    data: Data,
    version: int,
    *,
    to: int = VERSION,
    migrations: Mapping[int, Callable[[Data], Data]] = MIGRATIONS,
) -> Data:
    """
    A snapshot of a version in the form of another one, by one migration after another.

    Raises ValueError for a version that is newer, or that never was.
    """
    if version > to:
        raise ValueError(
            f"the snapshot has version {version}, and this kmsmodel knows versions up to {to}: "
            "take a newer kmsmodel"
        )
    if version < 1:
        raise ValueError(f"there are no snapshots of version {version}")
    for former in range(version, to):
        data = migrations[former](data)
    return data
