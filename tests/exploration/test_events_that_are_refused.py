"""
What AWS says of an event that is refused, asked of every event in every combination of facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from kmsmodel.errors import KmsError, NotFoundException
from kmsmodel.exploration.events import Event
from kmsmodel.exploration.kinds import KINDS, explored
from kmsmodel.exploration.walk import Transition
from kmsmodel.exploration.world import ARN, REPLICA_ARN, World
from tests.exploration.rules import Broken, check, keys, named, names_its_source, permitted, subject

RefusalRule = Callable[[World, Event, KmsError], bool]

RULES: list[RefusalRule] = []


def of_refusals(rule: RefusalRule) -> RefusalRule:
    RULES.append(rule)
    return rule


@of_refusals
def a_deleted_key_does_not_exist(before: World, event: Event, error: KmsError) -> bool:
    """Of a deleted key AWS KMS says that it does not exist (Delete an AWS KMS key)."""
    if before.key_state(event.key) is not None:
        return True
    text = f"Key '{subject(before, event).arn}' does not exist"
    return isinstance(error, NotFoundException) and error.message == text


@of_refusals
def what_aws_refuses_in_a_key_state_is_refused_with_its_error(
    before: World, event: Event, error: KmsError
) -> bool:
    """The error is the one of the key state table, if the table refuses (Key states)."""
    expected = permitted(before, event)
    if expected is None or before.key_state(event.key) is None:
        return True
    return (type(error), error.message) == expected


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_event_that_is_refused_obeys(rule: RefusalRule) -> None:
    def broken() -> Broken:
        for kind in KINDS:
            for transition in explored(kind).transitions:
                before, event, error = transition.before, transition.event, transition.outcome
                if isinstance(error, KmsError) and not rule(before, event, error):
                    yield explored(kind), before, (event,)

    check(broken)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_rule_names_its_source(rule: RefusalRule) -> None:
    assert names_its_source(rule)


def test_what_is_refused_though_the_key_state_permits_it() -> None:
    refused: set[tuple[str, str]] = set()
    for kind in KINDS:
        for transition in explored(kind).transitions:
            before, event, error = transition.before, transition.event, transition.outcome
            permits = permitted(before, event) is None and before.key_state(event.key) is not None
            if isinstance(error, KmsError) and permits:
                told = error.message.replace(ARN, "ARN").replace(REPLICA_ARN, "ARN")
                told = re.sub(r"\bm\d\b", "ID", told)
                refused.add((event.label, f"{error.code}: {told}"))
    assert sorted(refused) == [
        (
            "DeleteImportedKeyMaterial",
            "ValidationException: Key material (id: ID) has never been imported into KMS key ARN.",
        ),
        ("ImportKeyMaterial", "IncorrectKeyMaterialException: "),
        (
            "ImportKeyMaterial",
            (
                "IncorrectKeyMaterialException: Imported key material does not have the expected "
                "identifier (ID)."
            ),
        ),
        (
            "ImportKeyMaterial",
            (
                "IncorrectKeyMaterialException: Key material (id: ID) being imported as "
                "NEW_KEY_MATERIAL is already associated with KMS key ARN."
            ),
        ),
        (
            "ImportKeyMaterial",
            (
                "KMSInvalidStateException: New key material (id: ID) cannot be imported into KMS "
                "key ARN, because another key material (id: ID) is pending rotation."
            ),
        ),
        (
            "ImportKeyMaterial",
            (
                "ValidationException: Input parameter ImportType NEW_KEY_MATERIAL cannot be used "
                "on replica Multi-Region keys"
            ),
        ),
        ("ReplicateKey", "UnsupportedOperationException: ARN is not a multi-region primary key."),
        ("RotateKeyOnDemand", "IncorrectKeyMaterialException: "),
        (
            "RotateKeyOnDemand",
            (
                "KMSInvalidStateException: Cannot perform key material rotation: Key material has "
                "not been imported for replicas of the Multi-Region key."
            ),
        ),
        (
            "RotateKeyOnDemand",
            "KMSInvalidStateException: No available key material pending rotation for the key: ARN.",
        ),
        ("RotateKeyOnDemand", "UnsupportedOperationException: "),
        (
            "RotateKeyOnDemand",
            (
                "UnsupportedOperationException: ARN is a multi-region replica key which is not "
                "valid for RotateKeyOnDemand."
            ),
        ),
        # The replica key, too, must be in a key state that permits it.
        ("UpdatePrimaryRegion", "DisabledException: ARN is disabled."),
        ("UpdatePrimaryRegion", "KMSInvalidStateException: ARN is creating."),
        (
            "UpdatePrimaryRegion",
            "KMSInvalidStateException: ARN is not a multi-Region primary key.",
        ),
        ("UpdatePrimaryRegion", "KMSInvalidStateException: ARN is pending deletion."),
        ("UpdatePrimaryRegion", "KMSInvalidStateException: ARN is pending import."),
    ]


def test_an_error_tells_the_key_and_its_key_state() -> None:
    for kind in KINDS:
        for transition in explored(kind).transitions:
            before, error = transition.before, transition.outcome
            if isinstance(error, KmsError):
                states = {key.arn: before.key_state(name) for name, key in keys(before)}
                assert error.arn in states
                # Whether a custom key store is connected, a key does not know.
                if before.connected and error.key_state is not None:
                    assert error.key_state is states[error.arn], exploration_of(kind, transition)


def exploration_of(kind: str, transition: Transition) -> str:
    return explored(kind).program(transition.before, transition.event)
