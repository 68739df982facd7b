"""
The actions of AWS KMS: each line of the table beside AWS's pages.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmsmodel.policy.actions import ACTIONS, TAKING_AN_ENCRYPTION_CONTEXT, works_across_accounts
from tests.basics import facts

OPERATIONS: dict[str, dict[str, Any]] = facts("operations.json")["operations"]
HALVES = {"ReEncryptFrom", "ReEncryptTo"}
"""The two permissions of one operation."""

ON_NO_KEY = {
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListAliases",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
}
"""Source: *AWS KMS permissions* in the Developer Guide, the actions whose resource is ``*``."""


def test_each_operation_has_its_action() -> None:
    of_no_operation = {"SynchronizeMultiRegionKey"}  # AWS KMS asks it of itself
    assert ACTIONS.keys() == (OPERATIONS.keys() - {"ReEncrypt"}) | HALVES | of_no_operation


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_an_action_is_allowed_on_what_aws_says_and_works_across_accounts_where_aws_says_so(
    name: str,
) -> None:
    action = ACTIONS[name]
    operation = OPERATIONS.get("ReEncrypt" if name in HALVES else name, {})
    assert action.on_key is (name not in ON_NO_KEY)
    assert action.across_accounts is (operation.get("cross_account") == "yes")
    assert works_across_accounts(f"kms:{name}") is action.across_accounts
    assert ("kms:KeySpec" in action.condition_keys) is (action.on_key or name == "CreateKey")


def test_what_other_services_do_works_across_accounts() -> None:
    assert works_across_accounts("sts:AssumeRole")


def test_the_operations_that_take_an_encryption_context_are_the_cryptographic_ones() -> None:
    """Source: `EncryptionContext` in the API Reference."""
    assert {each.removeprefix("kms:") for each in TAKING_AN_ENCRYPTION_CONTEXT} == {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        *HALVES,
    }
