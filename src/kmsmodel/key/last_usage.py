"""
When a KMS key was last used in a cryptographic operation, as AWS KMS tells it.

Source: *Determine past usage of a KMS key* in the Developer Guide: a usage is told within an hour.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias, final

from attrs import evolve, frozen

from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation


@final
@frozen
class Usage:
    """A successful cryptographic operation with a KMS key, which is told from ``told_from`` on."""

    operation: KeyLastUsageTrackingOperation
    timestamp: datetime
    request_id: str
    told_from: datetime


Usages: TypeAlias = tuple[Usage, ...]
"""
The last usages of a KMS key: the one that is told, and after it the one that waits to be told, if there is one.

A usage that comes while another one waits takes its place, and is told when that one would have been. So no usage waits
longer than the first, and no number of usages is kept.
"""


def last_told(usages: Usages, now: datetime) -> Usage | None:
    """The last usage that is told at ``now``."""
    told = [each for each in usages if each.told_from <= now]
    return told[-1] if told else None


def after(usages: Usages, usage: Usage) -> Usages:
    """The last usages after one that waits to be told."""
    now = usage.timestamp
    waits = [each.told_from for each in usages if each.told_from > now]
    told_from = min((usage.told_from, *waits))
    told, waiting = last_told(usages, now), evolve(usage, told_from=told_from)
    return (waiting,) if told is None else (told, waiting)
