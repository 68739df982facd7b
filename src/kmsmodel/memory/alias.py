"""
An alias: a name for a KMS key, which can be moved to another key.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import frozen


@final
@frozen(kw_only=True)
class Alias:
    """What AWS KMS remembers of an alias; its target key is in the same account and Region."""

    alias_name: str
    target_key_id: str
    creation_date: datetime
    last_updated_date: datetime
