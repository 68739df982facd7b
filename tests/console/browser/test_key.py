"""
The page of a KMS key: its parts, and the dialogs that change it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kmsmodel.key_import import import_key_material
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType, OriginType
from tests.basics import ACCOUNT, NOW
from tests.console.browser.person import LENGTH, Person, named, wrapped
from tests.console.people import APPLICATION, KEEPER

SECRET = bytes(range(LENGTH))
OTHER_SECRET = bytes(reversed(SECRET))


@pytest.fixture
def key_id(local: LocalKms) -> str:
    return local.handle(CreateKeyRequest()).key_metadata.key_id


@pytest.fixture
def external(local: LocalKms) -> str:
    created = local.handle(CreateKeyRequest(origin=OriginType.EXTERNAL))
    return created.key_metadata.key_id


def state(person: Person, key_id: str) -> KeyState | None:
    return person.local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata.key_state


def test_a_key_is_disabled_and_enabled(person: Person, key_id: str) -> None:
    person.goes("keys", key_id)
    person.acts("Disable")
    expect(person.button("Disable key")).to_be_disabled()
    person.ticks("Confirm that you want to disable this key.")
    person.presses("Disable key")
    person.state("Disabled")
    person.acts("Enable")
    person.presses("Enable key")
    person.state("Enabled")
    assert state(person, key_id) is KeyState.Enabled


def test_a_deletion_is_scheduled_and_canceled(person: Person, key_id: str) -> None:
    person.goes("keys", key_id)
    person.acts("Schedule key deletion")
    person.fills("Waiting period (in days)", "6")
    person.sees("The waiting period must be from 7 to 30 days.")
    person.fills("Waiting period (in days)", "7")
    person.ticks(
        "Confirm that you want to schedule this key for deletion after a 7 day waiting period."
    )
    person.presses("Schedule deletion")
    person.state("Pending deletion")
    person.sees("This key will be deleted on Dec 01, 2026")
    person.acts("Cancel key deletion")
    person.presses("Cancel deletion")
    person.state("Disabled")


@pytest.mark.parametrize(
    "key_spec, key_usage, lost",
    [
        (KeySpec.SYMMETRIC_DEFAULT, KeyUsageType.ENCRYPT_DECRYPT, "all data encrypted under it"),
        (KeySpec.ECC_NIST_P256, KeyUsageType.SIGN_VERIFY, "Nothing can be signed"),
        (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC, "The HMACs that a deleted key"),
        (KeySpec.ECC_NIST_P256, KeyUsageType.KEY_AGREEMENT, "Secrets that depend on"),
    ],
)
def test_before_a_deletion_it_is_told_what_is_lost(
    person: Person, key_spec: KeySpec, key_usage: KeyUsageType, lost: str
) -> None:
    create = CreateKeyRequest(key_spec=key_spec, key_usage=key_usage)
    person.goes("keys", person.local.handle(create).key_metadata.key_id)
    person.acts("Schedule key deletion")
    alert = person.page.get_by_role("dialog").filter(has_text="During the waiting period")
    expect(alert).to_contain_text(lost)
    assert key_usage is KeyUsageType.ENCRYPT_DECRYPT or "all data" not in alert.inner_text()


def test_key_material_is_deleted_and_imported_again(person: Person, external: str) -> None:
    import_key_material(person.local, external, SECRET)
    person.goes("keys", external, "material")
    person.page.get_by_role("button", name="Delete key material").click()
    person.ticks("Confirm that you want to delete this key material.")
    person.page.get_by_role("dialog").get_by_role("button", name="Delete key material").click()
    person.state("Pending import")
    person.presses("Reimport key material")
    person.imports(OTHER_SECRET)
    person.presses("Import key material")
    person.sees("Imported key material does not have the expected identifier")
    assert state(person, external) is KeyState.PendingImport
    wrapping_key = named(person.folder / "parameters", "wrapping")
    person.uploads("Wrapped key material", wrapped(SECRET, wrapping_key))
    person.sees("The key state is Enabled.")
    person.presses("Import key material")
    person.state("Enabled")


def test_a_second_key_material_is_imported_and_becomes_current(
    person: Person, external: str
) -> None:
    import_key_material(person.local, external, SECRET)
    person.goes("keys", external, "material")
    expect(person.button("Rotate now")).to_be_disabled()
    person.presses("Import new key material")
    person.imports(OTHER_SECRET)
    person.presses("Import key material")
    person.sees("Your key material was imported.")
    person.sees("Pending rotation")
    person.presses("Rotate now")
    person.presses("Rotate key")
    person.sees("On-demand rotation was initiated.")
    person.sees("Non-current")


def test_key_material_expires_when_the_clock_is_advanced(person: Person, external: str) -> None:
    import_key_material(person.local, external, SECRET, valid_to=NOW + timedelta(days=10))
    person.goes("clock")
    person.sees("Key material expires")
    person.presses("Advance to this date: Dec 04, 2026", exact=False)
    person.sees("It is Dec 04, 2026")
    person.goes("keys", external)
    person.state("Pending import")


def test_the_hour_after_midnight_is_hour_zero(person: Person, external: str) -> None:
    midnight = NOW.replace(hour=0, minute=7) + timedelta(days=2)
    import_key_material(person.local, external, bytes(LENGTH), valid_to=midnight)
    person.goes("keys", external)
    person.sees(f"{midnight:%b %d, %Y}, 00:07 UTC")


def test_tags_are_edited(person: Person, key_id: str) -> None:
    person.goes("keys", key_id, "tags")
    person.sees("This key has no tags.")
    person.presses("Edit tags")
    person.presses("Add tag")
    person.fills("Tag key 1", "team")
    person.fills("Tag value 1", "payments")
    person.presses("Save changes")
    person.sees("The tags were changed.")
    expect(person.page.get_by_role("row", name="team payments")).to_be_visible()


def test_an_alias_is_created_and_deleted(person: Person, key_id: str) -> None:
    person.goes("keys", key_id, "aliases")
    person.sees("This key has no aliases.")
    person.page.get_by_role("button", name="Create alias").click()
    person.fills("Alias", "orders")
    person.page.get_by_role("dialog").get_by_role("button", name="Create alias").click()
    person.sees_heading("orders")
    person.ticks("Select alias/orders")
    person.presses("Delete")
    person.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    person.sees("The aliases were deleted.")


def test_an_alias_that_exists_is_refused_in_the_words_of_aws(person: Person, key_id: str) -> None:
    person.local.handle(CreateAliasRequest(alias_name="alias/orders", target_key_id=key_id))
    person.goes("keys", key_id, "aliases")
    person.page.get_by_role("button", name="Create alias").click()
    person.fills("Alias", "orders")
    person.page.get_by_role("dialog").get_by_role("button", name="Create alias").click()
    person.sees("AlreadyExistsException")
    person.sees(
        f"An alias with the name arn:aws:kms:us-west-2:{ACCOUNT}:alias/orders already exists"
    )


def test_automatic_rotation_is_enabled(person: Person, key_id: str) -> None:
    person.goes("keys", key_id, "rotation")
    person.presses("Edit")
    person.page.get_by_role("radio", name="Enable").check()
    person.fills("Rotation period (in days)", "90")
    person.presses("Save")
    person.sees("Automatic key rotation was enabled.")
    person.sees("Feb 22, 2027")


def test_a_grant_is_created_and_revoked(person: Person, key_id: str) -> None:
    person.goes("keys", key_id, "grants")
    person.presses("Create grant")
    person.fills("Grantee principal", APPLICATION.arn)
    person.page.get_by_role("dialog").get_by_role("button", name="Operations").click()
    person.page.get_by_role("option", name="Decrypt", exact=True).click()
    person.page.keyboard.press("Escape")
    person.page.get_by_role("dialog").get_by_role("button", name="Create grant").click()
    person.sees("The grant was created.")
    expect(person.page.get_by_role("row").filter(has_text=APPLICATION.arn)).to_be_visible()
    person.presses("Revoke grant", exact=False)
    person.page.get_by_role("dialog").get_by_role("button", name="Revoke grant").click()
    person.sees("This key has no grants.")


def test_a_multi_region_key_is_replicated(person: Person) -> None:
    created = person.local.handle(CreateKeyRequest(multi_region=True))
    person.goes("keys", created.key_metadata.key_id, "regionality")
    person.presses("Create new replica keys")
    person.selects("Region", "eu-west-1")
    person.presses("Create new replica key")
    person.sees("A replica key was created in eu-west-1.")
    expect(person.page.get_by_role("row").filter(has_text="eu-west-1")).to_contain_text("Replica")


def test_a_key_policy_is_refused_beside_its_field(person: Person, key_id: str) -> None:
    person.goes("keys", key_id, "policy")
    person.presses("Switch to policy view")
    person.presses("Edit")
    person.fills("Edit key policy", "{}")
    person.presses("Save changes")
    person.sees("MalformedPolicyDocumentException")


def test_key_users_are_chosen_in_the_default_view(person: Person, key_id: str) -> None:
    person.goes("keys", key_id, "policy")
    person.sees("Key administrators are allowed to delete this key.")
    person.presses("Edit")
    person.page.get_by_role("table", name="Key users").get_by_role(
        "checkbox", name="Role Keeper"
    ).check()
    person.presses("Save changes")
    person.sees("The key policy was changed.")
    person.sees(KEEPER.arn)
