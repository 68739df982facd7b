"""
Imported key material: how new it is, until when it is valid, and that it comes back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from attrs import evolve

from kmsmodel.errors import (
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    ValidationException,
)
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.enumerations import ImportType, KeyState
from tests.basics import DAY, MICROSECOND, NOW
from tests.machine.lifecycle.lives import (
    ASYMMETRIC,
    EXTERNAL,
    GENERATED,
    IMPORTED,
    MRK_ARN,
    NEW,
    recorded,
    refused,
    rotated,
    told,
)

EXISTING = ImportType.EXISTING_KEY_MATERIAL


@pytest.mark.parametrize("valid_for", [MICROSECOND, DAY, 365 * DAY - MICROSECOND])
def test_key_material_can_be_valid_for_less_than_365_days(valid_for: timedelta) -> None:
    life = EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + valid_for)
    assert life.key_state(NOW + valid_for - MICROSECOND) is KeyState.Enabled
    assert life.key_state(NOW + valid_for) is KeyState.PendingImport


@pytest.mark.parametrize("valid_for", [-DAY, timedelta(0), 365 * DAY, 367 * DAY])
def test_valid_to_is_in_the_future_and_within_365_days(valid_for: timedelta) -> None:
    error = refused(lambda: EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + valid_for))
    text = "ValidTo must be in the future"
    if valid_for > DAY:
        text = "ValidTo must be less than 365 days in the future"
    assert told(error) == (ValidationException, text, MRK_ARN, None)


def test_an_import_without_a_type_is_new_the_first_time_and_existing_later() -> None:
    assert EXTERNAL.import_key_material("m1", NOW, import_type=NEW) == IMPORTED
    assert IMPORTED.import_key_material("m1", NOW) == IMPORTED
    error = refused(lambda: IMPORTED.import_key_material("m2", NOW))
    assert told(error) == (IncorrectKeyMaterialException, UNEXPECTED, MRK_ARN, None)


UNEXPECTED = "Imported key material does not have the expected identifier (m1)."
KNOWN = (
    "Key material (id: m1) being imported as NEW_KEY_MATERIAL is already associated "
    f"with KMS key {MRK_ARN}."
)


@pytest.mark.parametrize(
    "life, key_material_id, import_type, text",
    [
        (EXTERNAL, "m1", EXISTING, ""),
        (IMPORTED, "m1", NEW, KNOWN),
        (IMPORTED, "m2", EXISTING, UNEXPECTED),
    ],
)
def test_key_material_must_be_as_new_as_the_import_type_says(
    life: Lifecycle, key_material_id: str, import_type: ImportType, text: str
) -> None:
    error = refused(lambda: life.import_key_material(key_material_id, NOW, import_type=import_type))
    assert told(error) == (IncorrectKeyMaterialException, text, MRK_ARN, None)


def test_an_asymmetric_key_has_one_key_material_for_life() -> None:
    life = ASYMMETRIC.import_key_material("m1", NOW).delete_imported_key_material(NOW)
    for import_type in (NEW, None):
        error = refused(partial(life.import_key_material, "m2", NOW, import_type=import_type))
        assert told(error) == (IncorrectKeyMaterialException, UNEXPECTED, MRK_ARN, None)
    assert life.import_key_material("m1", NOW).key_state(NOW) is KeyState.Enabled


def test_a_reimport_gives_key_material_another_date() -> None:
    life = IMPORTED.import_key_material("m1", NOW, valid_to=NOW + DAY)
    assert life.materials.valid_to(NOW) == NOW + DAY
    assert life.import_key_material("m1", NOW) == IMPORTED
    assert life.import_key_material("m1", NOW + 2 * DAY) == IMPORTED


def test_each_of_several_missing_key_materials_must_come_back() -> None:
    life = rotated().delete_imported_key_material(NOW, "m1").delete_imported_key_material(NOW, "m2")
    life = life.import_key_material("m2", NOW)
    assert life.key_state(NOW) is KeyState.PendingImport
    assert life.import_key_material("m1", NOW).key_state(NOW) is KeyState.Enabled


def test_an_import_enables_a_disabled_key() -> None:
    life = IMPORTED.disable_key(NOW)
    assert life.import_key_material("m1", NOW).key_state(NOW) is KeyState.Enabled
    life = life.import_key_material("m2", NOW, import_type=NEW)
    assert life.key_state(NOW) is KeyState.Enabled


def test_only_one_new_key_material_can_wait() -> None:
    life = IMPORTED.import_key_material("m2", NOW, import_type=NEW)
    error = refused(lambda: life.import_key_material("m3", NOW, import_type=NEW))
    said = recorded("ImportKeyMaterial", "KMSInvalidStateException")
    said = said.replace("<key-material-id:2>", "m2").replace("<key-material-id>", "m3")
    assert told(error) == (
        KMSInvalidStateException,
        said.replace("<key-id:1>", MRK_ARN),
        MRK_ARN,
        None,
    )


@pytest.mark.parametrize("now", [NOW, NOW + DAY])
def test_key_material_that_waits_is_forgotten_when_it_is_deleted_and_not_when_it_expires(
    now: datetime,
) -> None:
    life = IMPORTED.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    assert life.materials.pending is not None
    assert life.materials.valid_to(now) is None
    assert life.key_state(now) is KeyState.Enabled
    assert life.settle(now) is life
    for key_material_id in ("m2", "m3"):
        error = refused(partial(life.import_key_material, key_material_id, now, import_type=NEW))
        assert "already associated" in error.message or "is pending rotation." in error.message
    assert life.import_key_material("m2", now).materials.pending == evolve(
        life.materials.pending, valid_to=None
    )
    assert life.delete_imported_key_material(now, "m2") == IMPORTED


def test_key_material_that_expired_while_it_waited_is_missing_when_it_is_rotated_to() -> None:
    life = IMPORTED.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    life = life.rotate_key_on_demand(NOW + DAY)
    current = life.materials.current
    assert current is not None
    assert (current.key_material_id, current.imported, current.expired_while_pending) == (
        "m2",
        True,
        True,
    )
    assert life.key_state(NOW + DAY) is KeyState.PendingImport
    assert life.settle(NOW + 9 * DAY) is life
    again = life.import_key_material("m2", NOW + DAY, valid_to=NOW + 2 * DAY)
    assert again.key_state(NOW + DAY) is KeyState.Enabled
    assert again.settle(NOW + 2 * DAY).materials[1].imported is False


def test_key_material_that_expires_once_it_is_current_is_settled_as_missing() -> None:
    life = IMPORTED.import_key_material("m2", NOW, valid_to=NOW + DAY, import_type=NEW)
    life = life.rotate_key_on_demand(NOW + DAY - MICROSECOND)
    assert life.settle(NOW + DAY - MICROSECOND) is life
    current = life.settle(NOW + DAY).materials.current
    assert current is not None
    assert (current.imported, current.valid_to) == (False, None)


def test_deleting_without_an_id_deletes_the_current_key_material() -> None:
    life = rotated().delete_imported_key_material(NOW)
    first, second = life.materials
    assert (first.imported, second.imported) == (True, False)
    assert life.materials.current == second
    assert life == rotated().delete_imported_key_material(NOW, "m2")


def test_deleting_what_is_not_there_changes_nothing() -> None:
    assert EXTERNAL.delete_imported_key_material(NOW) == EXTERNAL
    life = IMPORTED.delete_imported_key_material(NOW)
    assert life.delete_imported_key_material(NOW) == life


@pytest.mark.parametrize(
    "key, text",
    [
        (GENERATED, "origin is AWS_KMS which is not valid for this operation."),
        (evolve(IMPORTED, creating_until=NOW + MICROSECOND), "is creating."),
        (evolve(IMPORTED, updating_until=NOW + MICROSECOND), "is updating."),
    ],
)
def test_key_material_is_deleted_only_where_the_table_says_so(key: Lifecycle, text: str) -> None:
    error = refused(lambda: key.delete_imported_key_material(NOW))
    assert error.message == f"{MRK_ARN} {text}"


def test_deleting_key_material_that_the_key_never_had_is_refused() -> None:
    error = refused(lambda: IMPORTED.delete_imported_key_material(NOW, "m2"))
    text = f"Key material (id: m2) has never been imported into KMS key {MRK_ARN}."
    assert told(error) == (ValidationException, text, MRK_ARN, None)


def test_deleted_key_material_does_not_expire() -> None:
    life = EXTERNAL.import_key_material("m1", NOW, valid_to=NOW + DAY)
    life = life.delete_imported_key_material(NOW)
    assert life.materials == (Material(key_material_id="m1", imported=False),)
    assert life.next_change(NOW) is None


def test_the_earliest_date_of_the_permanent_key_materials_is_that_of_the_key() -> None:
    life = rotated()
    life = life.import_key_material("m1", NOW, valid_to=NOW + 2 * DAY)
    life = life.import_key_material("m2", NOW, valid_to=NOW + DAY)
    life = life.import_key_material("m3", NOW, valid_to=NOW + MICROSECOND, import_type=NEW)
    assert life.materials.valid_to(NOW) == NOW + DAY
    assert life.next_change(NOW) == NOW + DAY
    assert life.materials.valid_to(NOW + DAY) == NOW + 2 * DAY
    assert life.next_change(NOW + DAY) is None
