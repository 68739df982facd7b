"""
All that the page draws and that no draft changes: who there is, the pages of the wizards, and the model's own tables.
"""

from __future__ import annotations

from typing import Any

from kmsmodel.calls.call import Call
from kmsmodel.calls.identities import User
from kmsmodel.console.create_key import KEY_TYPES, ORIGINS, KeyType, key_specs, origins
from kmsmodel.console.editions import DIALOGS, WIZARDS, WORDS, Edition, WizardName
from kmsmodel.console.import_key_material import Choices, choices
from kmsmodel.console.lifecycle import lifecycle, permitted
from kmsmodel.console.people import people
from kmsmodel.key.key_spec import wrapping
from kmsmodel.words.arn import partition
from kmsmodel.words.enumerations import KeyState, KeyUsageType, OriginType

_TYPES = {KeyType.SYMMETRIC: "Symmetric", KeyType.ASYMMETRIC: "Asymmetric"}

_USAGES = {
    KeyUsageType.ENCRYPT_DECRYPT: "Encrypt and decrypt",
    KeyUsageType.SIGN_VERIFY: "Sign and verify",
    KeyUsageType.GENERATE_VERIFY_MAC: "Generate and verify MAC",
    KeyUsageType.KEY_AGREEMENT: "Key agreement",
    KeyUsageType.ENCAPSULATE_DECAPSULATE: "Encapsulate and decapsulate",
}


def tables(call: Call) -> dict[str, Any]:
    """The tables, for a call of this account in this Region, in JSON."""
    account = call.caller.account
    return {
        "account": account,
        "region": call.region,
        "partition": partition(call.region),
        "now": call.now.isoformat(),
        "has_directory": call.iam is not None,
        "principals": [
            {
                "arn": each.arn,
                "kind": "User" if isinstance(each, User) else "Role",
                "name": each.name,
                "path": each.path,
                "access_key_ids": list(each.access_keys) if isinstance(each, User) else [],
            }
            for each in people(call.iam, account)
        ],
        "clusters": [each.cluster_id for each in call.key_stores.clusters],
        "editions": list(Edition),
        "wizards": {name: {each: _wizard(name, each) for each in Edition} for name in WizardName},
        "words": WORDS,
        "dialogs": DIALOGS,
        "key_types": [_key_type(each) for each in KeyType],
        "origins": [_origin(each) for each in ORIGINS],
        "wrapping": {
            spec: choices_in_json(choices(spec, call.region)) for spec in wrapping(call.region)
        },
        "lifecycle": {
            "states": list(KeyState),
            **lifecycle(),
            "permits": permitted(),
        },
    }


def choices_in_json(found: Choices) -> list[dict[str, Any]]:
    """Wrapping key specs, each with the wrapping algorithms that go with it."""
    return [
        {"wrapping_key_spec": spec, "wrapping_algorithms": list(algorithms)}
        for spec, algorithms in found.items()
    ]


def _wizard(name: WizardName, edition: Edition) -> dict[str, Any]:
    wizard = WIZARDS[name, edition]
    return {
        "title": wizard.title,
        "next": wizard.next,
        "finish": wizard.finish,
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "fields": list(step.fields),
                "origins": None if step.origins is None else list(step.origins),
            }
            for step in wizard.steps
        ],
    }


def _key_type(key_type: KeyType) -> dict[str, Any]:
    create = WizardName.CREATE_KEY
    asked = [each for each in Edition if "key_type" in WIZARDS[create, each].fields]
    return {
        "id": key_type,
        "title": _TYPES[key_type],
        "editions": list(Edition) if key_type is KeyType.SYMMETRIC else asked,
        "usages": [
            {"id": usage, "title": _USAGES[usage], "specs": list(specs)}
            for usage, specs in KEY_TYPES[key_type].items()
        ],
    }


def _origin(origin: OriginType) -> dict[str, Any]:
    return {
        "id": origin,
        "title": ORIGINS[origin],
        "editions": [each for each in Edition if origin in origins(each)],
        "specs": list(key_specs(origin)),
    }
