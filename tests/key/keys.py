"""
KMS keys of origin EXTERNAL, by the backing keys that AWS KMS holds for them.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey
from kmsmodel.key.key import Key
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import OriginType
from tests.basics import ARN, NOW

FIRST = BackingKey(key_material_id="1" * 64, secret=Secret(b"one"), description="first")
SECOND = BackingKey(key_material_id="2" * 64, secret=Secret(b"two"))


def key(*materials: BackingKey, **facts: Any) -> Key:
    """A KMS key with these backing keys, whose life has these other facts."""
    places = tuple(Material(key_material_id=each.key_material_id) for each in materials)
    life = Lifecycle(arn=ARN, origin=OriginType.EXTERNAL, materials=places)
    return Key(lifecycle=evolve(life, **facts), creation_date=NOW, backing_keys=materials)
