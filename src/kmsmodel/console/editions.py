"""
The two editions of the console, the pages of their wizards, and the words on them.

Sources: *Importing Key Material* (steps 1, 2 and 4) and *Creating Keys* in the Developer Guide of 2019, which describe
both editions side by side; for what the new console has learned since, the pages of 2026. `docs/fidelity.md` has each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import final

from attrs import evolve, frozen

from kmsmodel.words.enumerations import ORIGINS_IN_CUSTOM_KEY_STORES, OriginType


@final
class Edition(StrEnum):
    """The new console, or the original one, which was a part of the console of IAM."""

    NEW = "new"
    ORIGINAL = "original"


@final
class WizardName(StrEnum):
    """The wizards that make requests."""

    CREATE_KEY = "create-key"
    IMPORT_KEY_MATERIAL = "import-key-material"


@final
@frozen(kw_only=True)
class Step:
    """
    One page of a wizard, and the members of the draft that are chosen on it.

    A page with ``origins`` is there for KMS keys of these origins only.
    """

    id: str
    title: str
    fields: tuple[str, ...]
    origins: tuple[OriginType, ...] | None = None


@final
@frozen(kw_only=True)
class Wizard:
    """The pages of a wizard, in their order, and the words on its buttons."""

    title: str
    steps: tuple[Step, ...]
    next: str
    finish: str

    @property
    def fields(self) -> frozenset[str]:
        """All that is chosen on its pages."""
        return frozenset(name for step in self.steps for name in step.fields)

    def step_of(self, field: str) -> Step:
        """The page on which a member of the draft is chosen; the first, for one that this edition does not have."""
        return next((step for step in self.steps if field in step.fields), self.steps[0])

    def for_origin(self, origin: OriginType) -> Wizard:
        """The wizard with the pages that it has for a KMS key of this origin."""
        steps = (each for each in self.steps if each.origins is None or origin in each.origins)
        return evolve(self, steps=tuple(steps))


CUSTOM_KEY_STORES = (OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE)
"""The origins of KMS keys in custom key stores."""

_ADMINISTRATORS = ("administrators", "administrators_may_delete")
_USERS = ("users", "other_accounts")
_UPLOAD = ("encrypted_key_material", "import_token", "expires", "valid_to")

WIZARDS: Mapping[tuple[WizardName, Edition], Wizard] = {
    (WizardName.CREATE_KEY, Edition.NEW): Wizard(
        title="Create key",
        next="Next",
        finish="Finish",
        steps=(
            Step(id="alias", title="Add alias and description", fields=("alias", "description")),
            Step(
                id="configure",
                title="Configure key",
                fields=(
                    "key_type",
                    "key_usage",
                    "key_spec",
                    "origin",
                    "acknowledged",
                    "multi_region",
                ),
            ),
            Step(
                id="store",
                title="Choose custom key store",
                fields=("custom_key_store_id", "xks_key_id"),
                origins=ORIGINS_IN_CUSTOM_KEY_STORES,
            ),
            Step(id="tags", title="Add tags", fields=("tags",)),
            Step(
                id="administrators",
                title="Define key administrative permissions",
                fields=_ADMINISTRATORS,
            ),
            Step(id="users", title="Define key usage permissions", fields=_USERS),
            Step(id="review", title="Review and edit key policy", fields=("policy",)),
        ),
    ),
    (WizardName.CREATE_KEY, Edition.ORIGINAL): Wizard(
        title="Create Key",
        next="Next Step",
        finish="Finish",
        steps=(
            Step(
                id="alias",
                title="Create Alias and Description",
                fields=("alias", "description", "origin", "acknowledged"),
            ),
            Step(id="tags", title="Add Tags", fields=("tags",)),
            Step(
                id="administrators",
                title="Define Key Administrative Permissions",
                fields=_ADMINISTRATORS,
            ),
            Step(id="users", title="Define Key Usage Permissions", fields=_USERS),
            Step(id="review", title="Preview Key Policy", fields=()),
        ),
    ),
    (WizardName.IMPORT_KEY_MATERIAL, Edition.NEW): Wizard(
        title="Import key material",
        next="Next",
        finish="Import key material",
        steps=(
            Step(
                id="download",
                title="Download wrapping public key and import token",
                fields=("key_id", "wrapping_key_spec", "wrapping_algorithm"),
            ),
            Step(
                id="upload",
                title="Upload your wrapped key material",
                fields=(*_UPLOAD, "import_type", "key_material_id", "key_material_description"),
            ),
        ),
    ),
    (WizardName.IMPORT_KEY_MATERIAL, Edition.ORIGINAL): Wizard(
        title="Import key material",
        next="Next",
        finish="Upload key material",
        steps=(
            Step(
                id="download",
                title="Download wrapping key and import token",
                fields=("key_id", "wrapping_algorithm", "ready"),
            ),
            Step(id="upload", title="Specify key material details", fields=_UPLOAD),
        ),
    ),
}

_UNDERSTOOD = (
    "I understand the security, availability, and durability implications of using an imported key"
)

WORDS: Mapping[Edition, Mapping[str, str]] = {
    Edition.NEW: {
        "acknowledged": _UNDERSTOOD,
        "add_account": "Add another AWS account",
        "acknowledged_store": "Confirm that you intend to create a KMS key in the specified external key store",
        "administrators": "Key administrators",
        "administrators_may_delete": "Allow key administrators to delete this key",
        "advanced": "Advanced options",
        "create_store": "Create custom key store",
        "custom_key_store_id": "Custom key store",
        "deletion": "Key deletion",
        "download": "Download wrapping public key and import token",
        "encrypted_key_material": "Wrapped key material",
        "expiration": "Expiration option",
        "expires": "Key material expires",
        "import_token": "Import token",
        "keys": "Customer managed keys",
        "later": "Cancel",
        "multi_region": "Multi-Region key",
        "origin": "Key material origin",
        "other_accounts": "Other AWS accounts",
        "ready": "",
        "this_account": "This account",
        "wrapping_algorithm": "Select wrapping algorithm",
        "wrapping_key_spec": "Select wrapping key spec",
        "xks_key_id": "External key ID",
    },
    Edition.ORIGINAL: {
        "acknowledged": _UNDERSTOOD,
        "add_account": "Add an External Account",
        "acknowledged_store": "",
        "administrators": "Key Administrators",
        "administrators_may_delete": "Allow key administrators to delete this key",
        "advanced": "Advanced Options",
        "create_store": "",
        "custom_key_store_id": "",
        "deletion": "Key Deletion",
        "download": "Download wrapping key and import token",
        "encrypted_key_material": "Encrypted key material",
        "expiration": "Choose an expiration option",
        "expires": "Key material expires",
        "import_token": "Import token",
        "keys": "Encryption keys",
        "later": "Skip and do this later",
        "multi_region": "",
        "origin": "Key Material Origin",
        "other_accounts": "External Accounts",
        "ready": "I am ready to upload my exported key material",
        "this_account": "This Account",
        "wrapping_algorithm": "Select wrapping algorithm",
        "wrapping_key_spec": "",
        "xks_key_id": "",
    },
}
"""What stands beside boxes and on buttons; the empty text is that of something that the edition does not have."""

DIALOGS: Mapping[str, Mapping[str, str]] = {
    "ScheduleKeyDeletion": {
        "title": "Schedule key deletion",
        "waiting_period": "Waiting period (in days)",
        "confirm": "Confirm that you want to schedule these keys for deletion after a {days} day waiting period.",
        "submit": "Schedule deletion",
    },
    "CancelKeyDeletion": {"title": "Cancel key deletion"},
    "DeleteImportedKeyMaterial": {
        "title": "Delete key material",
        "submit": "Delete key material",
    },
    "DisableKey": {"title": "Disable", "submit": "Disable key"},
    "EnableKey": {"title": "Enable"},
    "ImportKeyMaterial": {"title": "Import key material"},
    "GetParametersForImport": {"title": "Download wrapping public key and import token"},
}
"""The words of the new console's dialogs and of its menu *Key actions*, as far as they are known."""
