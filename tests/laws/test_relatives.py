"""
Related multi-Region keys are alike in what they share, whatever is requested of them, and whenever one looks.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st

from kmsmodel.key.key import Key
from kmsmodel.machine.material import Material
from kmsmodel.memory.kms import Kms
from kmsmodel.testing.values import spans
from kmsmodel.words.enumerations import KeyMaterialState, MultiRegionKeyType, OriginType
from tests import strategies
from tests.basics import OTHER_REGION, REGION, call
from tests.worlds.outcome import keys_of, outcome
from tests.worlds.world import World

PENDING = {
    KeyMaterialState.PENDING_ROTATION,
    KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION,
}


def families(kms: Kms, now: datetime) -> list[list[Key]]:
    """The multi-Region keys that are there, with their relatives."""
    found: dict[str, list[Key]] = defaultdict(list)
    for remembered in keys_of(kms):
        key = kms.key(remembered.key_arn, now)
        if key is not None and key.lifecycle.multi_region_key_type is not None:
            found[key.key_arn.key_id].append(key)
    return list(found.values())


def shared(key: Key) -> Any:
    """What a multi-Region key shares with its relatives."""
    life = key.lifecycle
    is_external = life.origin is OriginType.EXTERNAL
    materials = [(m, key.backing_key(m.key_material_id)) for m in life.materials]
    return (
        (life.origin, life.key_spec, key.key_usage, key.algorithms, life.automatic_rotation),
        [_shared_of(material) for material, _ in materials],
        [held and held.description for _, held in materials],
        [] if is_external else [held and held.secret for _, held in materials],
    )


def _shared_of(material: Material) -> Any:
    return (
        material.key_material_id,
        material.key_material_state,
        material.rotation_date,
        material.rotation_type,
    )


def are_alike(kms: Kms, now: datetime) -> None:
    assert Kms(kms.accounts).indexes == kms.indexes
    for family in families(kms, now):
        types = [key.lifecycle.multi_region_key_type for key in family]
        assert types.count(MultiRegionKeyType.PRIMARY) == 1
        assert [shared(key) for key in family] == [shared(family[0])] * len(family)
        _what_waits_is_missing_somewhere(family, now)


def _what_waits_is_missing_somewhere(family: list[Key], now: datetime) -> None:
    waiting = family[0].lifecycle.materials.pending
    waits = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
    if waiting is not None and waiting.key_material_state is waits:
        own = [key.lifecycle.materials.get(waiting.key_material_id) for key in family]
        assert not all(material is not None and material.is_present(now) for material in own)


@given(strategies.worlds(), spans(), st.data())
def test_relatives_are_alike_in_what_they_share(
    world: World, later: timedelta, data: st.DataObject
) -> None:
    """In whichever Region something is requested; one of them is the primary key, and each holds its own bytes."""
    kms, now = world.kms, world.now
    are_alike(kms, now)
    about = st.sampled_from([key for key in world.keys if key.multi_region])
    for number in range(data.draw(st.integers(1, 6))):
        key = data.draw(about)
        request = data.draw(strategies.requests(world, key=key))
        region = data.draw(st.sampled_from([REGION, OTHER_REGION]))
        kms, _ = outcome(kms, request, call(f"request {number}", now, region=region))
        are_alike(kms, now)
        now += data.draw(st.sampled_from([timedelta(), later]))
        are_alike(kms, now)


@given(strategies.worlds(), spans(), st.data())
def test_what_time_does_to_relatives_is_the_same_when_it_is_written_down(
    world: World, later: timedelta, data: st.DataObject
) -> None:
    """At whatever time between, and once or twice."""
    kms, now = world.kms, world.now
    key = data.draw(st.sampled_from([key for key in world.keys if key.multi_region]))
    for number in range(data.draw(st.integers(0, 3))):
        request = data.draw(strategies.requests(world, key=key))
        region = data.draw(st.sampled_from([REGION, OTHER_REGION]))
        kms, _ = outcome(kms, request, call(f"request {number}", now, region=region))
    settled = kms.settle(now + later / 2)
    at = now + later
    for state in (settled, settled.settle(at), kms.settle(at)):
        assert families(state, at) == families(kms, at)


@given(strategies.worlds(), st.data())
def test_the_next_event_is_the_next_change_of_a_key_state(
    world: World, data: st.DataObject
) -> None:
    """Also of one that a relative is the reason for; or something that AWS KMS does by itself."""
    kms, now = world.kms, world.now
    keys = [key for key in world.keys if key.multi_region]
    for number in range(data.draw(st.integers(0, 3))):
        request = data.draw(strategies.requests(world, key=data.draw(st.sampled_from(keys))))
        kms, _ = outcome(kms, request, call(f"request {number}", now))
    event = kms.next_event_at(now)
    if event is None:
        event = now + timedelta(days=400)
    else:
        told = kms.events(now, event)
        assert told or _key_states(kms, event) != _key_states(kms, now)
        assert all(each.at == event for each in told)
    before = data.draw(
        st.sampled_from([now + (event - now) / 2, event - timedelta(microseconds=1)])
    )
    assert _key_states(kms, before) == _key_states(kms, now)


def _key_states(kms: Kms, now: datetime) -> dict[str, str]:
    found = (kms.key(key.key_arn, now) for key in keys_of(kms))
    return {key.arn: kms.key_state(key, now) for key in found if key is not None}
