"""
The pictures of the docs, which cannot age: beside each stands what a screen reader tells of it, and a test compares.

``make console-pictures`` takes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from kmsmodel.key_import import import_key_material
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.keys import CreateKeyRequest, DisableKeyRequest
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, OriginType
from tests.basics import NOW
from tests.console.browser.person import LENGTH, Person

PICTURES = Path(__file__).parents[3] / "docs" / "console"
TOLD = Path(__file__).parents[2] / "data" / "console"
SWITCH = "KMSMODEL_PICTURES"


def keys(person: Person) -> str:
    """Keys in several key states; the key id of the one with imported key material."""
    local = person.local

    def key(alias: str, request: CreateKeyRequest) -> str:
        key_id = local.handle(request).key_metadata.key_id
        local.handle(CreateAliasRequest(alias_name=f"alias/{alias}", target_key_id=key_id))
        return key_id

    key("orders", CreateKeyRequest(description="Data keys of the order service"))
    imported = key("payments", CreateKeyRequest(origin=OriginType.EXTERNAL))
    import_key_material(local, imported, bytes(LENGTH), valid_to=NOW + timedelta(days=30))
    key("invoices", CreateKeyRequest(origin=OriginType.EXTERNAL))
    local.handle(DisableKeyRequest(key_id=key("sessions", CreateKeyRequest())))
    archive = key("archive", CreateKeyRequest())
    local.handle(ScheduleKeyDeletionRequest(key_id=archive, pending_window_in_days=30))
    signing = CreateKeyRequest(key_spec=KeySpec.ECC_NIST_P256, key_usage=KeyUsageType.SIGN_VERIFY)
    key("releases", signing)
    return imported


def the_list(person: Person) -> Page:
    keys(person)
    person.goes("keys")
    expect(person.page.get_by_role("row").filter(has_text="releases")).to_contain_text("Enabled")
    return person.page


def the_wizard(person: Person) -> Page:
    person.goes("keys", "create")
    person.fills("Alias", "payments")
    person.presses("Next")
    person.presses("Advanced options")
    person.page.get_by_role("radio", name="External (Import key material)").check()
    person.ticks("I understand the security")
    return person.page


def the_life(person: Person) -> Locator:
    person.goes("keys", keys(person), "life-cycle")
    person.sees("What may happen next")
    return person.page.get_by_role("region", name="The life cycle of this key")


def the_reasons(person: Person) -> Locator:
    person.goes("keys", keys(person), "why")
    person.sees("no identity-based policy allows it")
    return person.page.get_by_role("table", name="Who may use it")


TAKEN: Mapping[str, Callable[[Person], Page | Locator]] = {
    "keys": the_list,
    "create-key": the_wizard,
    "life-cycle": the_life,
    "why": the_reasons,
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_picture_shows_what_the_page_shows(person: Person, name: str) -> None:
    person.page.set_viewport_size({"width": 1340, "height": 760})
    shown = TAKEN[name](person)
    expect(person.text("Loading")).to_have_count(0)
    person.page.wait_for_load_state("networkidle")
    told = person.page.get_by_role("main").last.aria_snapshot()
    if os.environ.get(SWITCH) == "write":
        PICTURES.mkdir(exist_ok=True)
        TOLD.mkdir(exist_ok=True)
        shown.screenshot(path=PICTURES / f"{name}.png")
        (TOLD / f"{name}.yaml").write_text(f"{told}\n", encoding="utf-8")
    assert (PICTURES / f"{name}.png").exists()
    assert f"{told}\n" == (TOLD / f"{name}.yaml").read_text(encoding="utf-8"), (
        "The page has changed: look at it, and say make console-pictures."
    )
