"""
The key policy that the console writes, statement by statement.

Sources: *Default key policy* in the Developer Guide; `docs/fidelity.md`, *The console*.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.console.create_key import KEY_TYPES, KeyType
from kmsmodel.console.editions import Edition
from kmsmodel.console.key_policy import Chosen, key_policy, statements
from kmsmodel.policy import written_anew
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, OriginType
from tests.basics import ACCOUNT, OTHER_ACCOUNT, REGION
from tests.console.people import ADA, APPLICATION, KEEPER

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
NOBODY = Chosen(account=ACCOUNT, region=REGION)
EVERYBODY = evolve(
    NOBODY,
    administrators=(KEEPER.arn,),
    users=(ADA.arn, APPLICATION.arn),
    other_accounts=(OTHER_ACCOUNT,),
)

ADMINISTER = [
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
]
TAG = ["kms:TagResource", "kms:UntagResource"]
DELETE = ["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"]
REPLICATE = ["kms:ReplicateKey", "kms:UpdatePrimaryRegion"]
ROTATE = ["kms:RotateKeyOnDemand"]

ENCRYPT = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*"]
LOOK = ["kms:DescribeKey", "kms:GetPublicKey"]

SYMMETRIC = (KeySpec.SYMMETRIC_DEFAULT, KeyUsageType.ENCRYPT_DECRYPT)
HMAC = (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC)

ALL = [
    (key_spec, usage)
    for usages in KEY_TYPES.values()
    for usage, key_specs in usages.items()
    for key_spec in key_specs
]
"""All that may be chosen."""


def of(chosen: Chosen) -> dict[str, Any]:
    """The statements, by Sid."""
    return {each["Sid"]: each for each in statements(chosen)}


def test_the_account_is_always_first_and_may_do_everything() -> None:
    first = next(statements(EVERYBODY))
    assert first == {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "kms:*",
        "Resource": "*",
    }


def test_without_people_the_account_stands_alone() -> None:
    assert [each["Sid"] for each in statements(NOBODY)] == ["Enable IAM User Permissions"]


def test_the_statements_come_in_the_order_of_the_wizard() -> None:
    assert [each["Sid"] for each in statements(EVERYBODY)] == [
        "Enable IAM User Permissions",
        "Allow access for Key Administrators",
        "Allow use of the key",
        "Allow attachment of persistent resources",
    ]


def test_every_statement_allows_for_this_key() -> None:
    for statement in statements(EVERYBODY):
        assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")


@pytest.mark.parametrize(
    "changes, actions",
    [
        ({}, [*ADMINISTER, *TAG, *DELETE, *ROTATE]),
        ({"administrators_may_delete": False}, [*ADMINISTER, *TAG, *ROTATE]),
        (
            {"origin": OriginType.EXTERNAL},
            [*ADMINISTER, "kms:ImportKeyMaterial", *TAG, *DELETE, *ROTATE],
        ),
        ({"multi_region": True}, [*ADMINISTER, *TAG, *DELETE, *REPLICATE, *ROTATE]),
        (
            {
                "origin": OriginType.EXTERNAL,
                "multi_region": True,
                "administrators_may_delete": False,
            },
            [*ADMINISTER, "kms:ImportKeyMaterial", *TAG, *REPLICATE, *ROTATE],
        ),
        (
            {"key_spec": KeySpec.RSA_2048, "key_usage": KeyUsageType.SIGN_VERIFY},
            [*ADMINISTER, *TAG, *DELETE],
        ),
        ({"key_spec": HMAC[0], "key_usage": HMAC[1]}, [*ADMINISTER, *TAG, *DELETE]),
        ({"edition": Edition.ORIGINAL}, [*ADMINISTER, *TAG, *DELETE]),
        (
            {"edition": Edition.ORIGINAL, "origin": OriginType.EXTERNAL},
            [*ADMINISTER, "kms:ImportKeyMaterial", *TAG, *DELETE],
        ),
    ],
)
def test_administrators_may_do_what_the_key_and_the_box_say(
    changes: dict[str, Any], actions: list[str]
) -> None:
    statement = of(evolve(EVERYBODY, **changes))["Allow access for Key Administrators"]
    assert statement["Action"] == actions
    assert statement["Principal"] == {"AWS": KEEPER.arn}


@pytest.mark.parametrize(
    "key_spec, key_usage, actions",
    [
        (*SYMMETRIC, [*ENCRYPT, "kms:GenerateDataKey*", "kms:DescribeKey"]),
        (*HMAC, ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]),
        (KeySpec.RSA_3072, KeyUsageType.ENCRYPT_DECRYPT, [*ENCRYPT, *LOOK]),
        (KeySpec.ECC_NIST_P256, KeyUsageType.SIGN_VERIFY, [*LOOK, "kms:Sign", "kms:Verify"]),
        (KeySpec.ECC_NIST_P384, KeyUsageType.KEY_AGREEMENT, [*LOOK, "kms:DeriveSharedSecret"]),
        (
            KeySpec.ML_KEM_768,
            KeyUsageType.ENCAPSULATE_DECAPSULATE,
            [*LOOK, "kms:Encapsulate", "kms:Decapsulate"],
        ),
    ],
)
@pytest.mark.parametrize("origin", [OriginType.AWS_KMS, OriginType.EXTERNAL])
def test_users_may_do_what_the_key_is_for(
    key_spec: KeySpec, key_usage: KeyUsageType, origin: OriginType, actions: list[str]
) -> None:
    """Key material of one's own makes no difference to them."""
    found = of(evolve(EVERYBODY, key_spec=key_spec, key_usage=key_usage, origin=origin))
    assert found["Allow use of the key"]["Action"] == actions
    other_account = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    assert found["Allow use of the key"]["Principal"] == {
        "AWS": [ADA.arn, APPLICATION.arn, other_account]
    }


@pytest.mark.parametrize("key_spec, key_usage", ALL)
def test_users_may_make_grants_for_aws_resources_but_for_hmac_keys(
    key_spec: KeySpec, key_usage: KeyUsageType
) -> None:
    found = of(evolve(EVERYBODY, key_spec=key_spec, key_usage=key_usage))
    attach = found.get("Allow attachment of persistent resources")
    if key_usage is KeyUsageType.GENERATE_VERIFY_MAC:
        assert attach is None
        return
    assert attach == {
        **found["Allow use of the key"],
        "Sid": "Allow attachment of persistent resources",
        "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    }


def test_other_accounts_alone_are_users() -> None:
    found = of(evolve(NOBODY, other_accounts=(OTHER_ACCOUNT,)))
    assert found["Allow use of the key"]["Principal"] == {
        "AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    }


def test_whoever_is_chosen_twice_is_named_once() -> None:
    found = of(evolve(NOBODY, users=(ADA.arn, ADA.arn), other_accounts=("1" * 12, "1" * 12)))
    assert found["Allow use of the key"]["Principal"] == {
        "AWS": [ADA.arn, f"arn:aws:iam::{'1' * 12}:root"]
    }


def test_a_principal_is_of_the_partition_of_the_region() -> None:
    (account,) = statements(Chosen(account=ACCOUNT, region="cn-north-1"))
    assert account["Principal"] == {"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}


def test_the_text_is_laid_out_as_the_console_lays_it_out() -> None:
    assert key_policy(NOBODY) == (
        "{\n"
        '    "Id": "key-consolepolicy-3",\n'
        '    "Version": "2012-10-17",\n'
        '    "Statement": [\n'
        "        {\n"
        '            "Sid": "Enable IAM User Permissions",\n'
        '            "Effect": "Allow",\n'
        '            "Principal": {\n'
        f'                "AWS": "{ROOT}"\n'
        "            },\n"
        '            "Action": "kms:*",\n'
        '            "Resource": "*"\n'
        "        }\n"
        "    ]\n"
        "}"
    )


PEOPLE = st.lists(st.sampled_from([ADA.arn, APPLICATION.arn, KEEPER.arn]), max_size=3).map(tuple)


@given(st.data())
def test_aws_kms_takes_each_of_them_and_keeps_its_statements(data: st.DataObject) -> None:
    key_spec, key_usage = data.draw(st.sampled_from(ALL))
    chosen = Chosen(
        account=ACCOUNT,
        region=REGION,
        edition=data.draw(st.sampled_from(Edition)),
        key_spec=key_spec,
        key_usage=key_usage,
        origin=data.draw(st.sampled_from([OriginType.AWS_KMS, OriginType.EXTERNAL])),
        multi_region=data.draw(st.booleans()),
        administrators=data.draw(PEOPLE),
        administrators_may_delete=data.draw(st.booleans()),
        users=data.draw(PEOPLE),
        other_accounts=data.draw(st.sampled_from([(), (OTHER_ACCOUNT,)])),
    )
    kept = json.loads(written_anew(key_policy(chosen), REGION))
    assert kept["Statement"] == list(statements(chosen))


def test_what_may_be_chosen_has_all_that_this_model_makes() -> None:
    assert set(KEY_TYPES[KeyType.SYMMETRIC]) == {SYMMETRIC[1], HMAC[1]}
    assert all(
        len(set(specs)) == len(specs) for each in KEY_TYPES.values() for specs in each.values()
    )
