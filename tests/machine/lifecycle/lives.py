"""
Lives that the tests of the machine begin with, and what is said when a change is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.errors import KmsError
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import ImportType, KeySpec, MultiRegionKeyType, OriginType
from tests.basics import NOW, facts

MRK_ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
REPLICA_ARN = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"

CREATING, UPDATING, ROTATING = (timedelta(seconds=span) for span in (3, 15, 150))
"""How long it takes to create a replica key, to change the primary Region, and to rotate on demand."""

NEW = ImportType.NEW_KEY_MATERIAL

GENERATED = Lifecycle(arn=MRK_ARN, materials=(Material(key_material_id="m1"),))
EXTERNAL = Lifecycle(arn=MRK_ARN, origin=OriginType.EXTERNAL)
IMPORTED = EXTERNAL.import_key_material("m1", NOW)
ASYMMETRIC = Lifecycle(arn=MRK_ARN, origin=OriginType.EXTERNAL, key_spec=KeySpec.RSA_2048)
PRIMARY = evolve(EXTERNAL, multi_region_key_type=MultiRegionKeyType.PRIMARY)
IN_A_STORE = Lifecycle(arn=MRK_ARN, origin=OriginType.AWS_CLOUDHSM)

RECORDED: list[dict[str, Any]] = facts("recorded_errors.json")["errors"]


def refused(call: Callable[[], object]) -> KmsError:
    with pytest.raises(KmsError) as caught:
        call()
    return caught.value


def told(error: KmsError) -> tuple[type[KmsError], str, str | None, str | None]:
    return type(error), error.message, error.arn, error.key_state


def rotated() -> Lifecycle:
    return IMPORTED.import_key_material("m2", NOW, import_type=NEW).rotate_key_on_demand(NOW)


def enabled_replica_of(primary: Lifecycle) -> Lifecycle:
    """The replica once it is created, with the permanent key material imported."""
    replica = evolve(primary.replicate_key(REPLICA_ARN, NOW), creating_until=None)
    for material in primary.materials:
        if material.is_permanent:
            replica = replica.import_key_material(material.key_material_id, NOW)
    return replica


def recorded(operation: str, code: str) -> str:
    messages: set[str] = {
        entry["message"]
        for entry in RECORDED
        if (entry["operation"], entry["code"]) == (operation, code)
        and "origin is" not in entry["message"]
    }
    (message,) = messages
    return message
