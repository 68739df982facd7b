"""
The walk of the guide: a key without key material, its wrapping key, and key material that makes it usable.
"""

from __future__ import annotations

import pytest

from kmsmodel.calls.request import Request
from kmsmodel.console.create_key import CreateKeyDraft, CreateKeyWizard, TagDraft
from kmsmodel.console.editions import Edition
from kmsmodel.console.import_key_material import ImportKeyMaterialDraft, ImportKeyMaterialWizard
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.operations.keys import CreateKeyRequest, ListKeysRequest
from kmsmodel.words.enumerations import AlgorithmSpec, OriginType, WrappingKeySpec
from tests.basics import OTHER_ACCOUNT, call
from tests.console.browser.person import LENGTH, Person
from tests.console.people import APPLICATION, KEEPER

UNDERSTOOD = (
    "I understand the security, availability, and durability implications of using an imported key"
)
SECRET = bytes(range(LENGTH))

DRAFT = CreateKeyDraft(
    alias="orders",
    description="Data keys of the order service",
    origin=OriginType.EXTERNAL,
    acknowledged=True,
    tags=(TagDraft(key="team", value="payments"),),
    administrators=(KEEPER.arn,),
    users=(APPLICATION.arn,),
    other_accounts=(OTHER_ACCOUNT,),
)


def configures(person: Person, edition: Edition) -> None:
    """The steps of *Create key* up to the tags."""
    original = edition is Edition.ORIGINAL
    person.goes("keys")
    person.follows("Create key")
    if original:
        person.follows("Use the original console")
        person.sees_heading("Create Alias and Description")
    person.fills("Alias", DRAFT.alias)
    person.fills("Description", DRAFT.description)
    if not original:
        person.presses("Next")
    person.presses("Advanced Options" if original else "Advanced options")
    person.page.get_by_role("radio", name="External (Import key material)").check()
    person.ticks(UNDERSTOOD)


def creates(person: Person, edition: Edition) -> None:
    """All of *Create key*."""
    original = edition is Edition.ORIGINAL
    following = "Next Step" if original else "Next"
    configures(person, edition)
    person.presses(following)
    person.presses("Add tag")
    person.fills("Tag key 1", "team")
    person.fills("Tag value 1", "payments")
    person.presses(following)
    person.ticks("Role Keeper")
    person.presses(following)
    person.ticks("Role Application")
    person.presses("Add an External Account" if original else "Add another AWS account")
    person.fills("AWS account ID 1", OTHER_ACCOUNT)
    person.presses(following)
    person.sees_heading("Preview Key Policy" if original else "Review and edit key policy")
    person.presses("Finish")
    person.sees("Your AWS KMS key was created with alias orders")


def made(person: Person, operation: str) -> list[Request[object] | None]:
    return [each.request for each in person.local.calls if each.operation == operation]


@pytest.mark.parametrize("edition", Edition)
def test_a_key_goes_from_create_key_to_enabled(person: Person, edition: Edition) -> None:
    creates(person, edition)
    person.imports(SECRET, original=edition is Edition.ORIGINAL)
    finish = "Upload key material" if edition is Edition.ORIGINAL else "Import key material"
    person.sees("The key state is Enabled.")
    person.presses(finish)
    person.sees("Your key material was imported.")
    person.state("Enabled")


@pytest.mark.parametrize("edition", Edition)
def test_the_requests_are_those_of_the_wizard(person: Person, edition: Edition) -> None:
    creates(person, edition)
    wizard = CreateKeyWizard(DRAFT, edition).finished(call())
    (created,) = made(person, "CreateKey")
    assert isinstance(created, CreateKeyRequest)
    assert created == wizard.create_key
    (key,) = person.local.handle(ListKeysRequest()).keys
    assert made(person, "CreateAlias") == [wizard.create_alias(key.key_id)]

    person.imports(SECRET, original=edition is Edition.ORIGINAL)
    person.sees("The key state is Enabled.")
    finish = "Upload key material" if edition is Edition.ORIGINAL else "Import key material"
    person.presses(finish)
    person.sees("Your key material was imported.")
    (imported,) = made(person, "ImportKeyMaterial")
    assert isinstance(imported, ImportKeyMaterialRequest)
    draft = ImportKeyMaterialDraft(
        key_id=imported.key_id,
        wrapping_key_spec=WrappingKeySpec.RSA_2048,
        wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
        ready=edition is Edition.ORIGINAL,
        encrypted_key_material=imported.encrypted_key_material,
        import_token=imported.import_token,
    )
    asked = ImportKeyMaterialWizard(draft, edition)
    assert made(person, "GetParametersForImport") == [asked.parameters_request()]
    assert imported == asked.import_request()
