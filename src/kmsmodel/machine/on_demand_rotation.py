"""
A rotation that was asked for and takes time.

Sources: *Perform on-demand key rotation* in the Developer Guide; how long AWS takes, and what it answers meanwhile, was
recorded on 2026-09-12.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import field, frozen

from kmsmodel.words.dates import in_utc

LIMIT = 25
"""How many on-demand rotations a KMS key has at most."""


@final
@frozen(kw_only=True)
class OnDemandRotation:
    """
    An on-demand rotation in progress, which nothing but its end completes.

    ``key_material_id`` names the material that AWS KMS generated at the request, and that no list has before the end.
    It is None for a key with imported material, which rotates to what waits for rotation at the end, if anything does.
    """

    started_at: datetime = field(converter=in_utc)
    ends_at: datetime = field(converter=in_utc)
    key_material_id: str | None = None

    def is_over(self, now: datetime) -> bool:
        """Has the rotation ended?"""
        return self.ends_at <= in_utc(now)
