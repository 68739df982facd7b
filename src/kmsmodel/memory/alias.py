"""
An alias: a name for a KMS key, which can be given to another one.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import frozen


@final
@frozen(kw_only=True)
class Alias:
    """What is remembered of an alias. Its target is in its own account and Region."""

    alias_name: str
    target_key_id: str
    creation_date: datetime
    last_updated_date: datetime
