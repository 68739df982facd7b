"""
The kinds of KMS key that live differently, each with its exploration.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from attrs import evolve

from kmsmodel.exploration.events import Bounds
from kmsmodel.exploration.walk import Exploration, explore
from kmsmodel.exploration.world import ARN, Takes, World
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import KeySpec, MultiRegionKeyType, OriginType

_GENERATED = (Material(key_material_id="m1"),)

# The combinations of two keys multiply, so related keys get fewer materials, and one span of time for all dates. With
# imported material, they rotate at once.
_MULTI_REGION = Bounds(
    materials=2,
    valid_for=(None, timedelta(days=7)),
    pending_window_in_days=(7,),
    on_demand_rotation=(None, Takes(hours=12)),
)

KINDS: Mapping[str, tuple[World, Bounds]] = {
    "AWS_KMS": (World(Lifecycle(arn=ARN, materials=_GENERATED)), Bounds()),
    "EXTERNAL": (World(Lifecycle(arn=ARN, origin=OriginType.EXTERNAL)), Bounds()),
    "EXTERNAL, asymmetric": (
        World(Lifecycle(arn=ARN, origin=OriginType.EXTERNAL, key_spec=KeySpec.RSA_2048)),
        Bounds(),
    ),
    "in a custom key store": (World(Lifecycle(arn=ARN, origin=OriginType.AWS_CLOUDHSM)), Bounds()),
    "AWS_KMS, multi-Region": (
        World(
            Lifecycle(
                arn=ARN, multi_region_key_type=MultiRegionKeyType.PRIMARY, materials=_GENERATED
            )
        ),
        _MULTI_REGION,
    ),
    "EXTERNAL, multi-Region": (
        World(
            Lifecycle(
                arn=ARN,
                origin=OriginType.EXTERNAL,
                multi_region_key_type=MultiRegionKeyType.PRIMARY,
            )
        ),
        evolve(_MULTI_REGION, on_demand_rotation=(None,)),
    ),
}
"""The world in which each kind of key begins, and the bounds of its exploration."""


@cache
def explored(kind: str) -> Exploration:
    """The exploration of one of the `KINDS` of key; it is made once."""
    return explore(*KINDS[kind])
