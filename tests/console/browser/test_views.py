"""
All views: for screen readers, in the dark, in narrow windows, by keyboard alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    DescribeCustomKeyStoresRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.operations.multi_region_keys import ReplicateKeyRequest
from kmsmodel.words.enumerations import GrantOperation, KeySpec, KeyUsageType, OriginType
from tests.basics import OTHER_REGION
from tests.console.browser.person import AXE, Person, focused_item, tabs_to
from tests.console.people import APPLICATION
from tests.key_stores import CLUSTERS, KEY_STORES, PROXIES, of_cluster, of_proxy

LISTS = [
    ("keys",),
    ("aws-managed-keys",),
    ("custom-key-stores", "cloudhsm"),
    ("custom-key-stores", "external"),
    ("custom-key-stores", "cloudhsm", "create"),
    ("custom-key-stores", "external", "create"),
    ("life-cycle",),
    ("clock",),
    ("calls",),
    ("keys", "create"),
    ("keys", "create-original"),
]
PARTS = {
    "orders": (
        "policy",
        "configuration",
        "rotation",
        "tags",
        "aliases",
        "grants",
        "life-cycle",
        "why",
    ),
    "imported": ("material", "import"),
    "global": ("regionality",),
    "signer": ("configuration",),
    "stored": ("configuration",),
}
STORE = ((), ("edit",))
"""What there is of a custom key store."""


def stores(local: LocalKms) -> tuple[str, str]:
    """A key store of a cluster, and one of a proxy; the first is connected."""
    local.key_stores = KEY_STORES
    ours = local.handle(of_cluster(CLUSTERS[0], "ours")).custom_key_store_id
    local.handle(ConnectCustomKeyStoreRequest(custom_key_store_id=ours))
    return ours, local.handle(of_proxy(PROXIES[0], "outside")).custom_key_store_id


def keys(local: LocalKms) -> dict[str, str]:
    """A key of each kind, by its alias."""
    made = {
        "orders": CreateKeyRequest(description="Data keys of the order service"),
        "imported": CreateKeyRequest(origin=OriginType.EXTERNAL),
        "global": CreateKeyRequest(multi_region=True),
        "signer": CreateKeyRequest(
            key_spec=KeySpec.ECC_NIST_P256, key_usage=KeyUsageType.SIGN_VERIFY
        ),
        "stored": CreateKeyRequest(
            origin=OriginType.AWS_CLOUDHSM, custom_key_store_id=stores(local)[0]
        ),
    }
    ids: dict[str, str] = {}
    for alias, request in made.items():
        ids[alias] = local.handle(request).key_metadata.key_id
        local.handle(CreateAliasRequest(alias_name=f"alias/{alias}", target_key_id=ids[alias]))
    local.handle(ReplicateKeyRequest(key_id=ids["global"], replica_region=OTHER_REGION))
    local.handle(
        CreateGrantRequest(
            key_id=ids["orders"],
            grantee_principal=APPLICATION.arn,
            operations=(GrantOperation.Decrypt,),
        )
    )
    return ids


def views(local: LocalKms) -> Iterator[tuple[str, ...]]:
    ids = keys(local)
    yield from LISTS
    for alias, parts in PARTS.items():
        for part in parts:
            yield "keys", ids[alias], part
    for each in local.handle(DescribeCustomKeyStoresRequest()).custom_key_stores:
        for rest in STORE:
            yield "custom-key-stores", each.custom_key_store_id, *rest


def goes_to(person: Person, view: tuple[str, ...]) -> None:
    person.goes(*view)
    expect(person.page.get_by_role("heading", level=1).first).to_be_visible()
    expect(person.text("Loading")).to_have_count(0)


ABOUT_COLORS = ("color-contrast", "link-in-text-block")
"""The rules of axe whose answers are others in the dark."""


NARROW = 360


def settled_width(page: Page) -> int:
    """
    How wide the page is once it fits, or after five seconds.

    It is asked from here, because the page lets nobody evaluate a text in it later on.
    """
    measure = "document.documentElement.scrollWidth"
    for _ in range(50):
        if page.evaluate(measure) <= NARROW:
            break
        page.wait_for_timeout(100)
    return int(page.evaluate(measure))


def hindrances(person: Person) -> Iterator[str]:
    """What stands in somebody's way on the view that is open: with a screen reader, in the dark, in a narrow window."""
    page = person.page
    yield from person.barriers()
    page.emulate_media(color_scheme="dark")
    yield from (f"in the dark: {each}" for each in person.barriers(*ABOUT_COLORS))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": NARROW, "height": 740})
    if (width := settled_width(page)) > NARROW:
        yield f"{width} pixels wide"
    page.set_viewport_size({"width": 1280, "height": 900})


def test_every_view_is_for_everybody(person: Person) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: say make console-page")
    found: list[str] = []
    for view in views(person.local):
        goes_to(person, view)
        found += [f"{'/'.join(view)}: {each}" for each in hindrances(person)]
    assert found == []


def test_labels_of_the_life_cycle_do_not_overlap(person: Person) -> None:
    person.page.set_viewport_size({"width": 1280, "height": 900})
    person.goes("life-cycle")
    person.sees_heading("Life cycle")
    kinds: list[str] = person.page.evaluate(
        "fetch('/_kmsmodel/model').then(r => r.json()).then(m => m.lifecycle.keys.map(k => k.id))"
    )
    assert len(kinds) > 3
    for kind in kinds:
        person.page.get_by_role("button", name="Kind of key").click()
        person.page.get_by_role("option").filter(has_text=kind).first.click()
        drawing = person.page.get_by_role("img", name=f"The life cycle of keys of the kind {kind}:")
        expect(drawing).to_be_visible()
        overlaps: list[str] = drawing.evaluate(
            """svg => {
                const boxes = [...svg.querySelectorAll('text')].map(
                    text => [text.textContent, text.getBoundingClientRect()]);
                const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
                    && a.top < b.bottom - 3 && b.top < a.bottom - 3;
                return boxes.flatMap(([name, box], n) => boxes.slice(n + 1)
                    .filter(([, other]) => over(box, other))
                    .map(([other]) => `${name} and ${other}`));
            }"""
        )
        assert overlaps == []


def test_a_person_with_a_keyboard_alone_disables_a_key(person: Person) -> None:
    keys(person.local)
    person.goes("keys")
    person.sees("orders")
    tabs_to(person, "orders")
    person.page.keyboard.press("Enter")
    person.sees_heading("General configuration")
    tabs_to(person, "Key actions")
    person.page.keyboard.press("Enter")
    focused_item(person, "Disable")
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("dialog", name="Disable key")).to_be_visible()
    tabs_to(person, "Confirm that you want to disable this key.")
    person.page.keyboard.press("Space")
    tabs_to(person, "Disable key")
    person.page.keyboard.press("Enter")
    person.sees("The key was disabled.")
    person.state("Disabled")
