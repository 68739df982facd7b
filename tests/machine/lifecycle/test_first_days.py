"""
A key's first days, and what is refused of it.
"""

from __future__ import annotations

from typing import cast

import pytest
from attrs import evolve

from kmsmodel.errors import NotFoundException
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.machine.key_state import KEY_STATE_TABLE, refusal
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import ImportType, KeyMaterialState, KeyState, OriginType
from tests.basics import DAY, MICROSECOND, NOW
from tests.machine.lifecycle.lives import (
    EXTERNAL,
    GENERATED,
    IMPORTED,
    IN_A_STORE,
    MRK_ARN,
    NEW,
    refused,
    told,
)

# ---- a key's first days


def test_a_key_without_key_material_is_pending_import() -> None:
    assert EXTERNAL.key_state(NOW) is KeyState.PendingImport
    assert EXTERNAL.materials.current is None
    assert EXTERNAL.next_change(NOW) is None


def test_a_key_of_origin_aws_kms_is_enabled_at_once() -> None:
    assert Lifecycle(arn=MRK_ARN).key_state(NOW) is KeyState.Enabled
    assert GENERATED.key_state(NOW) is KeyState.Enabled
    assert not evolve(GENERATED, materials=()).is_pending_import(NOW)


def test_plain_strings_are_as_good_as_enumeration_members() -> None:
    """If you keep records of your own, you have them from JSON."""
    plain = Lifecycle(arn=MRK_ARN, origin=cast("OriginType", "EXTERNAL"))
    assert plain == EXTERNAL
    plain = plain.import_key_material("m1", NOW, import_type=cast("ImportType", str(NEW)))
    assert plain == IMPORTED


def test_an_unknown_origin_is_refused() -> None:
    with pytest.raises(ValueError, match="'junk' is not a valid OriginType"):
        Lifecycle(arn=MRK_ARN, origin=cast("OriginType", "junk"))


def test_only_a_primary_key_has_replicas_to_wait_for() -> None:
    for call in (
        lambda: IMPORTED.schedule_key_deletion(NOW, 7, replicas=True),
        lambda: IMPORTED.import_key_material("m2", NOW, import_type=NEW, replicas=True),
    ):
        assert refused(call).message == f"{MRK_ARN} is not a multi-region primary key."


def test_expiry_needs_no_timer() -> None:
    life = EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + 7 * DAY)
    assert life.key_state(NOW) is KeyState.Enabled
    assert life.key_state(NOW + 7 * DAY - MICROSECOND) is KeyState.Enabled
    assert life.key_state(NOW + 7 * DAY) is KeyState.PendingImport
    assert life.next_change(NOW) == NOW + 7 * DAY
    assert life.next_change(NOW + 7 * DAY) is None
    assert life.materials.valid_to(NOW) == NOW + 7 * DAY
    assert life.materials.valid_to(NOW + 7 * DAY) is None


def test_the_first_material_is_current_without_having_been_rotated_to() -> None:
    assert IMPORTED.materials.current == Material(
        key_material_id="m1",
        key_material_state=KeyMaterialState.CURRENT,
        imported=True,
        valid_to=None,
        rotation_date=None,
        rotation_type=None,
    )


def test_a_disabled_key_shows_it_again_when_nothing_covers_it() -> None:
    life = IMPORTED.disable_key(NOW)
    assert life.key_state(NOW) is KeyState.Disabled
    assert life.enable_key(NOW) == IMPORTED
    life = life.delete_imported_key_material(NOW)
    assert life.key_state(NOW) is KeyState.PendingImport


def test_a_key_store_covers_whether_its_key_is_enabled() -> None:
    life = IN_A_STORE.disable_key(NOW)
    assert life.key_state(NOW, connected=False) is KeyState.Unavailable
    assert life.key_state(NOW, connected=True) is KeyState.Disabled
    assert life.enable_key(NOW).key_state(NOW) is KeyState.Enabled
    assert (
        life.schedule_key_deletion(NOW).key_state(NOW, connected=False) is KeyState.PendingDeletion
    )


# ---- what is refused of it


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("life", [EXTERNAL, GENERATED, IN_A_STORE, IMPORTED.disable_key(NOW)])
def test_it_can_be_asked_what_an_operation_would_be_refused_with(
    life: Lifecycle, connected: bool
) -> None:
    key_state = life.key_state(NOW, connected=connected)
    metadata = KeyMetadata(key_id="", arn=MRK_ARN, key_state=key_state, origin=life.origin)
    for operation in (*KEY_STATE_TABLE, "Encapsulate", "ListKeys", "MakeCoffee"):
        mine = life.refusal(operation, NOW, connected=connected)
        expected = refusal(operation, metadata)
        assert (mine and told(mine)) == (expected and told(expected))


def test_a_key_is_asked_as_connected_unless_it_is_said_not_to_be() -> None:
    assert IN_A_STORE.refusal("Encrypt", NOW) is None
    error = IN_A_STORE.refusal("Encrypt", NOW, connected=False)
    assert error is not None
    assert told(error)[1:] == (f"{MRK_ARN} is unavailable.", MRK_ARN, KeyState.Unavailable)


def test_of_a_key_that_is_deleted_everything_is_refused() -> None:
    life = IMPORTED.schedule_key_deletion(NOW, 7)
    error = life.refusal("DescribeKey", NOW + 7 * DAY)
    assert error is not None
    assert told(error) == (NotFoundException, f"Key '{MRK_ARN}' does not exist", MRK_ARN, None)
    assert life.refusal("DescribeKey", NOW + 7 * DAY - MICROSECOND) is None
