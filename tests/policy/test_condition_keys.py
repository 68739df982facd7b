"""
Condition keys: which have several values, which have a list of them, and which one is meant by a misspelt name.
"""

from __future__ import annotations

import pytest

from kmsmodel.policy.condition_keys import CONDITION_KEYS, ConditionKeyType, meant_key
from kmsmodel.words.enumerations import GrantOperation, KeySpec
from kmsmodel.words.meant import meant, perhaps


def test_these_condition_keys_may_have_several_values() -> None:
    """AWS calls their type ArrayOfString."""
    assert {each.name for each in CONDITION_KEYS.values() if each.is_multivalued} == {
        "kms:EncryptionContextKeys",
        "kms:GrantOperations",
        "kms:ResourceAliases",
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:TagKeys",
        "aws:VpceOrgPaths",
    }


def test_those_with_a_list_of_values_are_of_aws_kms_and_strings() -> None:
    listed = {name: each for name, each in CONDITION_KEYS.items() if each.values}
    assert {each.type for each in listed.values()} == {ConditionKeyType.STRING}
    assert listed["kms:keyspec"].values == tuple(map(str, KeySpec))
    assert listed["kms:grantoperations"].values == tuple(map(str, GrantOperation))
    assert listed["kms:policyname"].values == ("default", "AWS_RAM")
    assert all(name.startswith("kms:") for name in listed)


def test_these_condition_keys_go_on() -> None:
    assert {each.name for each in CONDITION_KEYS.values() if each.is_prefix} == {
        "kms:EncryptionContext:",
        "aws:PrincipalTag/",
        "aws:RequestTag/",
        "aws:ResourceTag/",
    }


@pytest.mark.parametrize(
    "name, alike, close",
    [
        ("kms:KeySpek", 0.7, "kms:KeySpec"),
        ("KMS:keyspek", 0.7, "kms:KeySpec"),
        ("kms:KeySpek", 0.95, None),
        ("kms:Xyzzy", 0.7, None),
        ("keyspec", 0.9, None),
        ("kms:EncryptionContex:tenant", 0.7, "kms:EncryptionContext:tenant"),
        ("kms:EncryptionContex:tenant", 0.99, None),
        ("kms:EncryptionContex:aws:s3:arn", 0.7, "kms:EncryptionContext:aws:s3:arn"),
        ("aws:PrincipleTag/team/owner", 0.7, "aws:PrincipalTag/team/owner"),
        ("aws:RequestedTag/a:b", 0.7, "aws:RequestTag/a:b"),
        ("kms:RecipientAttestation:PCR77", 0.9, "kms:RecipientAttestation:PCR7"),
    ],
)
def test_a_condition_key_is_meant_by_a_name_that_is_almost_its_own(
    name: str, alike: float, close: str | None
) -> None:
    """What its author added stays as it is."""
    assert meant_key(name, alike=alike) == close


@pytest.mark.parametrize(
    "found, most, alike, close",
    [
        ("resource", 1, 0.7, ["Resources"]),
        ("resource", 2, 0.7, ["Resource_owner", "Resources"]),
        ("RE", 1, 0.7, []),
        ("RE", 2, 0.7, ["Resource_owner", "Resources"]),
        ("resorces", 2, 0.7, ["Resources"]),
        ("resorces", 1, 0.99, []),
        ("rsorcs", 1, 0.85, []),
        ("rsorcs", 1, 0.8, ["Resources"]),
        ("rsrc", 1, 0.7, []),
        ("rsrc", 1, 0.6, ["Resources"]),
        ("rc", 1, 0.3, ["Resources"]),
    ],
)
def test_a_name_is_meant_by_one_that_is_almost_it_or_begins_it(
    found: str, most: int, alike: float, close: list[str]
) -> None:
    known = ("Resource_owner", "Resources")
    told = f"; perhaps {' or '.join(map(repr, close))} is meant" if close else ""
    assert meant(found, known, most=most, alike=alike) == close
    assert perhaps(found, known, most=most, alike=alike) == told
    if most == 1:
        assert meant(found, known, alike=alike) == close
        assert perhaps(found, known, alike=alike) == told
