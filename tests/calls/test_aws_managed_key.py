"""
AWS managed keys: made on the first use of a predefined alias, used through AWS services, and not managed by customers.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmsmodel.calls.aws_managed_key import (
    LISTED_WITHOUT_A_KEY,
    PREDEFINED,
    Predefined,
    with_key_of,
)
from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import AccessDeniedException, DryRunOperationException, NotFoundException
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms, Who
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import AliasListEntry, ListAliasesRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.operations.hmac_keys import GenerateMacRequest
from kmsmodel.operations.key_policies import GetKeyPolicyRequest, PutKeyPolicyRequest
from kmsmodel.operations.keys import DescribeKeyRequest, ListKeysRequest
from kmsmodel.operations.rotation import (
    DisableKeyRotationRequest,
    EnableKeyRotationRequest,
    GetKeyRotationStatusRequest,
    GetKeyRotationStatusResponse,
    ListKeyRotationsRequest,
    RotateKeyOnDemandRequest,
)
from kmsmodel.operations.tags import TagResourceRequest
from kmsmodel.policy.managed import managed_key_policy
from kmsmodel.words.arn import AliasArn
from kmsmodel.words.enumerations import (
    EncryptionAlgorithmSpec,
    KeyManagerType,
    KeySpec,
    KeyState,
    KeyUsageType,
    MacAlgorithmSpec,
    OriginType,
    RotationType,
)
from tests.basics import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, THROUGH_S3, allowing
from tests.operations.steps import (
    FIRST,
    arn_of,
    create_external,
    describe,
    refused,
)

S3, EBS = "alias/aws/s3", "alias/aws/ebs"
OTHER = Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:root")
ADMINISTRATOR = Caller(f"arn:aws:iam::{ACCOUNT}:user/Admin", policies=allowing("kms:*"))


# ---- the first use of an alias


def test_the_first_use_of_a_predefined_alias_makes_its_key(local: LocalKms) -> None:
    metadata = describe(local, S3)
    assert metadata == KeyMetadata(
        aws_account_id=ACCOUNT,
        key_id=metadata.key_id,
        arn=f"arn:aws:kms:us-west-2:111122223333:key/{metadata.key_id}",
        creation_date=NOW,
        enabled=True,
        description="Default key that protects my S3 objects when no other key is defined",
        key_usage=KeyUsageType.ENCRYPT_DECRYPT,
        key_state=KeyState.Enabled,
        origin=OriginType.AWS_KMS,
        key_manager=KeyManagerType.AWS,
        customer_master_key_spec=KeySpec.SYMMETRIC_DEFAULT,
        key_spec=KeySpec.SYMMETRIC_DEFAULT,
        encryption_algorithms=(EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,),
        multi_region=False,
        current_key_material_id=metadata.current_key_material_id,
    )
    arn = "arn:aws:kms:us-west-2:111122223333:alias/aws/s3"
    assert local.handle(ListAliasesRequest(key_id=metadata.key_id)).aliases == (
        AliasListEntry(
            alias_name=S3,
            alias_arn=arn,
            target_key_id=metadata.key_id,
            creation_date=NOW,
            last_updated_date=NOW,
        ),
    )
    assert describe(local, arn) == metadata


def test_every_later_use_finds_the_same_key_and_changes_nothing_of_it(local: LocalKms) -> None:
    metadata = describe(local, S3)
    before = local.kms
    local.clock.advance(days=300)
    assert describe(local, S3) == describe(local, arn_of(metadata)) == metadata
    assert local.kms is before
    local.handle(EncryptRequest(key_id=S3, plaintext=b"p"), caller=THROUGH_S3)
    assert local.kms.accounts is before.accounts


def test_it_rotates_every_year_which_nobody_can_change(local: LocalKms) -> None:
    key_id = arn_of(describe(local, S3))
    new = GetKeyRotationStatusResponse(key_rotation_enabled=False, key_id=key_id)
    assert local.handle(GetKeyRotationStatusRequest(key_id=key_id)) == new
    first = describe(local, S3).current_key_material_id
    local.clock.advance(days=800)
    rotations = local.handle(ListKeyRotationsRequest(key_id=key_id)).rotations
    assert [each.rotation_type for each in rotations] == [RotationType.AUTOMATIC] * 2
    status = local.handle(GetKeyRotationStatusRequest(key_id=key_id))
    assert (status.key_rotation_enabled, status.rotation_period_in_days) == (True, 365)
    current = describe(local, S3).current_key_material_id
    assert rotations[-1].key_material_id == current != first
    for request in (
        EnableKeyRotationRequest(key_id=key_id, rotation_period_in_days=90),
        DisableKeyRotationRequest(key_id=key_id),
        RotateKeyOnDemandRequest(key_id=key_id),
    ):
        with pytest.raises(AccessDeniedException):
            local.handle(request)


@pytest.mark.parametrize("alias_name", PREDEFINED)
def test_each_predefined_alias_has_a_key_with_a_key_policy_of_its_own(
    local: LocalKms, alias_name: str
) -> None:
    metadata = describe(local, alias_name)
    predefined = PREDEFINED[alias_name]
    assert (metadata.key_manager, metadata.description) == ("AWS", predefined.description)
    policy = local.handle(GetKeyPolicyRequest(key_id=metadata.key_id)).policy
    assert policy == managed_key_policy(predefined.name, ACCOUNT, REGION)


def test_the_key_policy_of_acm_does_not_allow_a_list_of_its_rotations(local: LocalKms) -> None:
    # Report: an administrator of the account was answered so, after August 2025.
    arn = arn_of(describe(local, "alias/aws/acm"))
    message = (
        "User: arn:aws:iam::111122223333:root is not authorized to perform: kms:ListKeyRotations on resource: "
        f"{arn} because no resource-based policy allows the kms:ListKeyRotations action"
    )
    refused(local, ListKeyRotationsRequest(key_id=arn), AccessDeniedException, message)
    assert local.handle(ListAliasesRequest(key_id=arn)).aliases


def test_predefined_aliases_are_listed_by_their_names() -> None:
    assert list(PREDEFINED) == sorted(PREDEFINED)
    assert all(name == each.alias_name for name, each in PREDEFINED.items())
    assert Predefined("any", "any data").alias_name == "alias/aws/any"


def test_twelve_of_them_are_listed_before_they_have_a_key() -> None:
    assert [name.removeprefix("alias/aws/") for name in LISTED_WITHOUT_A_KEY] == [
        "dynamodb",
        "ebs",
        "elasticfilesystem",
        "es",
        "glue",
        "kinesisvideo",
        "rds",
        "redshift",
        "redshifttest",
        "s3",
        "ssm",
        "xray",
    ]


def test_an_alias_of_this_form_that_aws_has_not_predefined_is_not_found(local: LocalKms) -> None:
    alias_arn = "arn:aws:kms:us-west-2:111122223333:alias/aws/nonsense"
    request = EncryptRequest(key_id="alias/aws/nonsense", plaintext=b"p")
    refused(local, request, NotFoundException, f"Alias {alias_arn} is not found.")


@pytest.mark.parametrize(
    "who", [Who(account=OTHER_ACCOUNT), Who(region=OTHER_REGION)], ids=["account", "Region"]
)
def test_each_account_and_region_has_a_key_of_its_own(local: LocalKms, who: Who) -> None:
    here = describe(local, S3).key_id
    there = arn_of(local.handle(DescribeKeyRequest(key_id=S3), **who).key_metadata)
    assert not there.endswith(here)
    listed = [each.key_arn for each in local.handle(ListKeysRequest(), **who).keys]
    assert listed == [there]


def test_a_key_that_a_refused_call_would_have_made_is_not_made(local: LocalKms) -> None:
    message = "The request would have succeeded, but the DryRun option is set."
    dry_run = EncryptRequest(key_id=S3, plaintext=b"p", dry_run=True)
    refused(local, dry_run, DryRunOperationException, message, caller=THROUGH_S3)
    hmac = MacAlgorithmSpec.HMAC_SHA_256
    with pytest.raises(AccessDeniedException, match=r"kms:GenerateMac"):
        local.handle(
            GenerateMacRequest(key_id=S3, message=b"m", mac_algorithm=hmac), caller=THROUGH_S3
        )
    assert local.handle(ListKeysRequest()).keys == ()
    assert all(each.target_key_id is None for each in local.handle(ListAliasesRequest()).aliases)


@pytest.mark.parametrize("key_id", [S3, "arn:aws:kms:us-west-2:111122223333:alias/aws/s3"])
def test_a_direct_use_of_an_alias_that_has_no_key_finds_nothing_and_makes_nothing(
    local: LocalKms, key_id: str
) -> None:
    """DescribeKey makes the key, and so does a request that comes through an AWS service."""
    message = "Alias arn:aws:kms:us-west-2:111122223333:alias/aws/s3 is not found."
    request = EncryptRequest(key_id=key_id, plaintext=b"p")
    refused(local, request, NotFoundException, message)
    refused(local, request, NotFoundException, message, caller=ADMINISTRATOR)
    made = local.handle(request, caller=THROUGH_S3).key_id
    assert describe(local, key_id).arn == made


def test_a_caller_who_is_not_asked_makes_the_key_by_any_use(local: LocalKms) -> None:
    request = EncryptRequest(key_id=S3, plaintext=b"p")
    made = local.handle(request, caller=Caller.unasked()).key_id
    assert describe(local, S3).arn == made


def test_nobody_makes_an_aws_managed_key_of_another_account(local: LocalKms) -> None:
    alias_arn = "arn:aws:kms:us-west-2:111122223333:alias/aws/s3"
    for caller in (OTHER, OTHER.through("s3.us-west-2.amazonaws.com")):
        for request in (
            DescribeKeyRequest(key_id=alias_arn),
            EncryptRequest(key_id=alias_arn, plaintext=b"p"),
        ):
            with pytest.raises(AccessDeniedException):
                local.handle(request, caller=caller)
    assert local.handle(ListKeysRequest()).keys == ()


def test_two_keys_that_one_call_makes_are_different() -> None:
    call = Call(now=NOW, hsm=SeededHsm(), request_id="once")
    kms = Kms()
    for alias_name in (S3, EBS):
        kms = with_key_of(AliasArn(call.caller.account, call.region, alias_name), kms, call)
    one, other = (key for _, key in kms.keys_after(call.caller.account, call.region, "", 9, NOW))
    assert one.key_arn.key_id != other.key_arn.key_id
    assert one.backing_keys[0].secret != other.backing_keys[0].secret


# ---- what may be done with the key


def test_data_is_encrypted_decrypted_and_reencrypted_through_the_service(local: LocalKms) -> None:
    encrypt = EncryptRequest(key_id=S3, plaintext=b"attack at dawn")
    blob = local.handle(encrypt, caller=THROUGH_S3).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob)
    assert local.handle(decrypt, caller=THROUGH_S3).plaintext == b"attack at dawn"
    again = ReEncryptRequest(ciphertext_blob=blob, destination_key_id=S3)
    answer = local.handle(again, caller=THROUGH_S3)
    assert answer.source_key_id == answer.key_id == describe(local, S3).arn


@pytest.mark.parametrize(
    "caller",
    [
        Caller("arn:aws:iam::111122223333:root"),
        ADMINISTRATOR,
        Caller("arn:aws:iam::111122223333:root").through("ec2.us-west-2.amazonaws.com"),
        Caller("arn:aws:iam::111122223333:root").through("s3.eu-west-1.amazonaws.com"),
    ],
    ids=["root user", "administrator", "another service", "the service in another Region"],
)
def test_data_is_encrypted_in_no_other_way_not_even_by_the_root_user(
    local: LocalKms, caller: Caller
) -> None:
    arn = arn_of(describe(local, S3))
    message = (
        f"User: {caller.principal.arn} is not authorized to perform: kms:Encrypt "
        f"on resource: {arn} because no resource-based policy allows the kms:Encrypt action"
    )
    for key_id in (S3, arn):
        request = EncryptRequest(key_id=key_id, plaintext=b"p")
        refused(local, request, AccessDeniedException, message, caller=caller)


def test_a_role_without_iam_policies_may_use_the_key_through_the_service(local: LocalKms) -> None:
    """The key policy allows everybody in the account who may use the service."""
    role = Caller("arn:aws:iam::111122223333:role/Without").through("s3.us-west-2.amazonaws.com")
    request = EncryptRequest(key_id=S3, plaintext=b"p")
    assert local.handle(request, caller=role).key_id == describe(local, S3).arn
    other = OTHER.through("s3.us-west-2.amazonaws.com")
    with pytest.raises(AccessDeniedException):
        local.handle(
            EncryptRequest(key_id=arn_of(describe(local, S3)), plaintext=b"p"), caller=other
        )


def test_customers_do_not_manage_the_key(local: LocalKms) -> None:
    arn = arn_of(describe(local, S3))
    requests: tuple[tuple[str, Request[Any]], ...] = (
        ("PutKeyPolicy", PutKeyPolicyRequest(key_id=arn, policy="{}")),
        ("TagResource", TagResourceRequest(key_id=arn, tags=(Tag(tag_key="a", tag_value=""),))),
    )
    for operation, request in requests:
        message = (
            "User: arn:aws:iam::111122223333:root is not authorized to perform: "
            f"kms:{operation} on resource: {arn} "
            f"because no resource-based policy allows the kms:{operation} action"
        )
        error = refused(local, request, AccessDeniedException, message)
        assert error.arn == arn


def test_a_key_that_a_customer_manages_is_another_matter(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    local.handle(TagResourceRequest(key_id=arn, tags=(Tag(tag_key="a", tag_value=""),)))
    assert describe(local, arn).key_manager is KeyManagerType.CUSTOMER
