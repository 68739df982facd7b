"""
Multi-Region keys: replica keys in other Regions, and which of the related keys is the primary key.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AccessDeniedException,
    AlreadyExistsException,
    DisabledException,
    IncorrectKeyMaterialException,
    InvalidArnException,
    KMSInvalidStateException,
    MalformedPolicyDocumentException,
    NotFoundException,
    TagException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key.key_metadata import KeyMetadata, MultiRegionConfiguration, MultiRegionKey
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest, ListAliasesRequest
from kmsmodel.operations.deletion import (
    CancelKeyDeletionRequest,
    ScheduleKeyDeletionRequest,
    ScheduleKeyDeletionResponse,
)
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.grant_lists import (
    ListGrantsRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.operations.hmac_keys import GenerateMacRequest, VerifyMacRequest
from kmsmodel.operations.importing import DeleteImportedKeyMaterialRequest
from kmsmodel.operations.key_policies import GetKeyPolicyRequest, PutKeyPolicyRequest
from kmsmodel.operations.keys import (
    DescribeKeyRequest,
    DisableKeyRequest,
    EnableKeyRequest,
    ListKeysRequest,
    UpdateKeyDescriptionRequest,
)
from kmsmodel.operations.multi_region_keys import (
    ReplicateKeyRequest,
    ReplicateKeyResponse,
    UpdatePrimaryRegionRequest,
    UpdatePrimaryRegionResponse,
)
from kmsmodel.operations.rotation import (
    DisableKeyRotationRequest,
    EnableKeyRotationRequest,
    GetKeyRotationStatusRequest,
    ListKeyRotationsRequest,
    RotateKeyOnDemandRequest,
    RotationsListEntry,
)
from kmsmodel.operations.tags import ListResourceTagsRequest
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import (
    ExpirationModelType,
    GrantOperation,
    ImportState,
    ImportType,
    IncludeKeyMaterial,
    KeyMaterialState,
    KeySpec,
    KeyState,
    KeyUsageType,
    MacAlgorithmSpec,
    MultiRegionKeyType,
    OriginType,
)
from tests.basics import ACCOUNT, DAY, MICROSECOND, NOW, OTHER_REGION, REGION
from tests.operations.steps import (
    FIRST,
    SECOND,
    arn_of,
    create,
    delete_material,
    encrypt,
    import_material,
    import_request,
    refused,
)

THIRD_REGION = "ap-northeast-1"
SECOND_OF_TIME = timedelta(seconds=1)


def primary_key(local: LocalKms, **members: Any) -> str:
    """The id of a new multi-Region primary key."""
    return create(local, multi_region=True, **members).key_id


def replicate(local: LocalKms, key_id: str, region: str = OTHER_REGION, **members: Any) -> str:
    """The ARN of a new replica key."""
    request = ReplicateKeyRequest(key_id=key_id, replica_region=region, **members)
    return arn_of(local.handle(request).replica_key_metadata)


def imported_and_replicated(local: LocalKms, *materials: bytes) -> str:
    """The id of a multi-Region key of origin EXTERNAL, with a replica key that has the first of its materials."""
    key_id = primary_key(local, origin=OriginType.EXTERNAL)
    import_material(local, key_id, materials[0])
    replicate(local, key_id)
    import_there(local, key_id, materials[0])
    return key_id


def import_there(local: LocalKms, key_id: str, material: bytes, **members: Any) -> str | None:
    """Import into the replica key."""
    there = LocalKms(local.kms, region=OTHER_REGION, clock=local.clock, hsm=local.hsm)
    request = import_request(there, key_id, material, **members)
    return local.handle(request, region=OTHER_REGION).key_material_id


def metadata(local: LocalKms, key_id: str, region: str = REGION) -> KeyMetadata:
    return local.handle(DescribeKeyRequest(key_id=key_id), region=region).key_metadata


def state(local: LocalKms, key_id: str, region: str = REGION) -> KeyState | None:
    return metadata(local, key_id, region).key_state


def materials_in(local: LocalKms, key_id: str, region: str) -> tuple[RotationsListEntry, ...]:
    request = ListKeyRotationsRequest(
        key_id=key_id, include_key_material=IncludeKeyMaterial.ALL_KEY_MATERIAL
    )
    return local.handle(request, region=region).rotations


def states(local: LocalKms, key_id: str, region: str) -> list[tuple[Any, Any]]:
    return [
        (each.key_material_state, each.import_state) for each in materials_in(local, key_id, region)
    ]


def update(local: LocalKms, key_id: str, to: str = OTHER_REGION, at: str = REGION) -> None:
    local.handle(UpdatePrimaryRegionRequest(key_id=key_id, primary_region=to), region=at)


def schedule(
    local: LocalKms, key_id: str, region: str = REGION, days: int = 7
) -> ScheduleKeyDeletionResponse:
    request = ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=days)
    return local.handle(request, region=region)


def slow(**delays: timedelta) -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm(), delays=Delays(**delays))


# ---- ReplicateKey


def test_the_answer_is_from_before_the_replica_key_is_created(local: LocalKms) -> None:
    key_id = primary_key(local, description="kept", tags=(Tag(tag_key="a", tag_value="b"),))
    arn, replica = (KeyArn(ACCOUNT, region, key_id) for region in (REGION, OTHER_REGION))
    answer = local.handle(ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION))
    told = answer.replica_key_metadata
    assert answer == ReplicateKeyResponse(
        replica_key_metadata=told, replica_policy=default_key_policy(replica)
    )
    configuration = MultiRegionConfiguration(
        multi_region_key_type=MultiRegionKeyType.REPLICA,
        primary_key=MultiRegionKey(arn=str(arn), region=REGION),
        replica_keys=(MultiRegionKey(arn=str(replica), region=OTHER_REGION),),
    )
    assert told == evolve(
        metadata(local, key_id),
        arn=str(replica),
        description="",
        key_state=KeyState.Creating,
        enabled=False,
        current_key_material_id=None,
        multi_region_configuration=configuration,
    )
    of_the_primary = evolve(configuration, multi_region_key_type=MultiRegionKeyType.PRIMARY)
    assert metadata(local, key_id).multi_region_configuration == of_the_primary


def test_a_replica_key_is_created_at_once_unless_it_takes_time(local: LocalKms) -> None:
    key_id = primary_key(local)
    replicate(local, key_id)
    assert state(local, key_id, OTHER_REGION) is KeyState.Enabled
    local = slow(creating=SECOND_OF_TIME)
    key_id = primary_key(local)
    replicate(local, key_id)
    arn = arn_of(metadata(local, key_id, OTHER_REGION))
    assert state(local, key_id, OTHER_REGION) is KeyState.Creating
    encryption = EncryptRequest(key_id=key_id, plaintext=b"a")
    refused(local, encryption, KMSInvalidStateException, f"{arn} is creating.", region=OTHER_REGION)
    local.clock.advance(SECOND_OF_TIME)
    told = metadata(local, key_id, OTHER_REGION)
    assert told.key_state is KeyState.Enabled
    assert told.current_key_material_id == metadata(local, key_id).current_key_material_id


def test_a_replica_key_has_the_policy_the_tags_and_the_description_that_it_is_given(
    local: LocalKms,
) -> None:
    key_id = primary_key(local)
    policy = default_key_policy(KeyArn(ACCOUNT, REGION, key_id)).replace("kms:*", "kms:?*")
    tags = (Tag(tag_key="a", tag_value="b"),)
    request = ReplicateKeyRequest(
        key_id=key_id, replica_region=OTHER_REGION, policy=policy, tags=tags, description="there"
    )
    answer = local.handle(request)
    assert (answer.replica_policy, answer.replica_tags) == (policy, tags)
    assert metadata(local, key_id, OTHER_REGION).description == "there"
    asked = local.handle(GetKeyPolicyRequest(key_id=key_id), region=OTHER_REGION)
    assert asked.policy == policy
    listed = local.handle(ListResourceTagsRequest(key_id=key_id), region=OTHER_REGION)
    assert listed.tags == tags
    assert local.handle(GetKeyPolicyRequest(key_id=key_id)).policy != policy


NO_REPLICA = (
    "Region us-invalid-1 is not a valid Region or multi-Region keys are not supported in Region "
    "us-invalid-1."
)


@pytest.mark.parametrize(
    "region, message",
    [
        (REGION, f"{REGION} cannot have a replica because it contains the primary."),
        (
            "cn-north-1",
            "The replica key Region must be in the same AWS partition as the primary key Region.",
        ),
        ("us-invalid-1", NO_REPLICA),
    ],
)
def test_a_replica_key_is_in_another_region_of_the_partition(
    local: LocalKms, region: str, message: str
) -> None:
    request = ReplicateKeyRequest(key_id=primary_key(local), replica_region=region)
    refused(local, request, ValidationException, message)


def test_there_is_one_replica_key_in_a_region(local: LocalKms) -> None:
    """Also while it is pending deletion; when it is deleted, there can be another, without what belonged to it."""
    key_id = primary_key(local)
    arn = replicate(local, key_id)
    alias = CreateAliasRequest(alias_name="alias/there", target_key_id=key_id)
    local.handle(alias, region=OTHER_REGION)
    schedule(local, key_id, OTHER_REGION)
    request = ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION)
    message = "You can create only one replica of each primary key in each AWS Region."
    refused(local, request, AlreadyExistsException, message)
    local.clock.advance(7 * DAY)
    assert replicate(local, key_id) == arn
    assert state(local, key_id, OTHER_REGION) is KeyState.Enabled
    refused(
        local,
        DescribeKeyRequest(key_id="alias/there"),
        NotFoundException,
        f"Alias arn:aws:kms:{OTHER_REGION}:{ACCOUNT}:alias/there is not found.",
        region=OTHER_REGION,
    )


def test_only_an_enabled_primary_key_is_replicated(local: LocalKms) -> None:
    single, key_id = create(local), primary_key(local)
    to_other = ReplicateKeyRequest(key_id=single.key_id, replica_region=OTHER_REGION)
    message = f"{single.arn} is not a multi-region primary key."
    refused(local, to_other, UnsupportedOperationException, message)
    replica = replicate(local, key_id)
    again = ReplicateKeyRequest(key_id=key_id, replica_region=THIRD_REGION)
    message = f"{replica} is not a multi-region primary key."
    refused(local, again, UnsupportedOperationException, message, region=OTHER_REGION)
    local.handle(DisableKeyRequest(key_id=key_id))
    arn = arn_of(metadata(local, key_id))
    exists = evolve(again, replica_region=OTHER_REGION)
    refused(local, exists, DisabledException, f"{arn} is disabled.")
    external = create(local, multi_region=True, origin=OriginType.EXTERNAL)
    pending = ReplicateKeyRequest(key_id=external.key_id, replica_region=OTHER_REGION)
    message = f"{external.arn} is pending import."
    refused(local, pending, KMSInvalidStateException, message)


def test_aliases_are_not_supported(local: LocalKms) -> None:
    local.handle(CreateAliasRequest(alias_name="alias/a", target_key_id=primary_key(local)))
    message = "Key Aliases are not supported for this operation."
    for request in (
        ReplicateKeyRequest(key_id="alias/a", replica_region=OTHER_REGION),
        UpdatePrimaryRegionRequest(key_id="alias/a", primary_region=OTHER_REGION),
    ):
        refused(local, request, InvalidArnException, message)


def test_tags_and_policy_of_a_replica_key_are_checked(local: LocalKms) -> None:
    request = ReplicateKeyRequest(key_id=primary_key(local), replica_region=OTHER_REGION)
    tags = (Tag(tag_key="aws:a", tag_value=""),)
    message = "Tags beginning with aws: are reserved"
    refused(local, evolve(request, tags=tags), TagException, message)
    nobody = '{"Statement": []}'
    with pytest.raises(MalformedPolicyDocumentException):
        local.handle(evolve(request, policy=nobody))
    message = "The new key policy will not allow you to update the key policy in the future."
    locked = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:DescribeKey", '
        f'"Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}, "Resource": "*"}}}}'
    )
    refused(local, evolve(request, policy=locked), MalformedPolicyDocumentException, message)
    local.handle(evolve(request, policy=locked, bypass_policy_lockout_safety_check=True))
    answer = local.handle(ListKeysRequest(), region=OTHER_REGION)
    assert [entry.key_id for entry in answer.keys] == [request.key_id]


def test_each_region_has_its_own_aliases_grants_tags_and_description(local: LocalKms) -> None:
    key_id = primary_key(local, description="here")
    local.handle(CreateAliasRequest(alias_name="alias/here", target_key_id=key_id))
    grant = CreateGrantRequest(
        key_id=key_id,
        grantee_principal=f"arn:aws:iam::{ACCOUNT}:role/r",
        operations=(GrantOperation.Encrypt,),
    )
    local.handle(grant)
    replicate(local, key_id)
    local.handle(
        UpdateKeyDescriptionRequest(key_id=key_id, description="there"), region=OTHER_REGION
    )
    assert metadata(local, key_id).description == "here"
    assert local.handle(ListGrantsRequest(key_id=key_id), region=OTHER_REGION).grants == ()
    assert local.handle(ListAliasesRequest(key_id=key_id), region=OTHER_REGION).aliases == ()
    local.handle(DisableKeyRequest(key_id=key_id), region=OTHER_REGION)
    assert state(local, key_id) is KeyState.Enabled


def test_an_hmac_key_has_relatives_that_verify_its_macs(local: LocalKms) -> None:
    """Keys of all specs with generated key material are there whole, and so are their public keys."""
    key_id = primary_key(
        local, key_spec=KeySpec.HMAC_256, key_usage=KeyUsageType.GENERATE_VERIFY_MAC
    )
    replicate(local, key_id)
    members: Any = {"message": b"m", "mac_algorithm": MacAlgorithmSpec.HMAC_SHA_256}
    mac = local.handle(GenerateMacRequest(key_id=key_id, **members)).mac
    verify = VerifyMacRequest(key_id=key_id, mac=mac, **members)
    assert local.handle(verify, region=OTHER_REGION).mac_valid


# ---- UpdatePrimaryRegion


def test_the_replica_key_becomes_the_primary_key_and_all_relatives_know_it(local: LocalKms) -> None:
    local.handle(EnableKeyRotationRequest(key_id=(key_id := primary_key(local))))
    replicate(local, key_id)
    replicate(local, key_id, THIRD_REGION)
    request = UpdatePrimaryRegionRequest(key_id=key_id, primary_region=OTHER_REGION)
    assert local.handle(request) == UpdatePrimaryRegionResponse()
    for region in (REGION, OTHER_REGION, THIRD_REGION):
        told = metadata(local, key_id, region)
        configuration = told.multi_region_configuration
        assert configuration is not None
        assert configuration.primary_key.region == OTHER_REGION
        assert [each.region for each in configuration.replica_keys] == [THIRD_REGION, REGION]
        is_primary = configuration.multi_region_key_type is MultiRegionKeyType.PRIMARY
        assert is_primary == (region == OTHER_REGION)
        assert told.key_state is KeyState.Enabled
        status = local.handle(GetKeyRotationStatusRequest(key_id=key_id), region=region)
        assert (status.key_rotation_enabled, status.next_rotation_date) == (True, NOW + 365 * DAY)
    update(local, key_id, to=REGION, at=OTHER_REGION)
    assert metadata(local, key_id).multi_region_configuration is not None


def test_both_keys_are_updating_for_some_time() -> None:
    local = slow(updating=SECOND_OF_TIME)
    key_id = primary_key(local)
    replicate(local, key_id)
    replicate(local, key_id, THIRD_REGION)
    update(local, key_id)
    for region in (REGION, OTHER_REGION):
        assert state(local, key_id, region) is KeyState.Updating
        assert metadata(local, key_id, region).enabled is False
    assert state(local, key_id, THIRD_REGION) is KeyState.Enabled
    arn = arn_of(metadata(local, key_id, OTHER_REGION))
    request = DisableKeyRequest(key_id=key_id)
    refused(local, request, KMSInvalidStateException, f"{arn} is updating.", region=OTHER_REGION)
    local.clock.advance(SECOND_OF_TIME)
    for region in (REGION, OTHER_REGION):
        assert state(local, key_id, region) is KeyState.Enabled


def test_its_own_region_changes_nothing(local: LocalKms) -> None:
    key_id = primary_key(local)
    before = local.kms
    update(local, key_id, to=REGION)
    assert local.kms is before


def test_the_primary_region_is_that_of_an_enabled_replica_key(local: LocalKms) -> None:
    """Asked of the primary key, whose own key state comes first."""
    key_id = primary_key(local)
    arn = arn_of(metadata(local, key_id))
    replica = replicate(local, key_id)
    nowhere = UpdatePrimaryRegionRequest(key_id=key_id, primary_region=THIRD_REGION)
    there = evolve(nowhere, primary_region=OTHER_REGION)
    message = f"{key_id} does not have a replica key in the specified Region."
    refused(local, nowhere, ValidationException, message)
    message = f"{replica} is not a multi-Region primary key."
    for request in (nowhere, there):
        refused(local, request, KMSInvalidStateException, message, region=OTHER_REGION)
    local.handle(DisableKeyRequest(key_id=key_id), region=OTHER_REGION)
    refused(local, there, DisabledException, f"{replica} is disabled.")
    local.handle(DisableKeyRequest(key_id=key_id))
    refused(local, there, DisabledException, f"{arn} is disabled.")
    local.handle(EnableKeyRequest(key_id=key_id))
    schedule(local, key_id, OTHER_REGION)
    refused(local, there, KMSInvalidStateException, f"{replica} is pending deletion.")
    local.clock.advance(7 * DAY)
    message = f"{key_id} does not have a replica key in the specified Region."
    refused(local, there, ValidationException, message)
    single = create(local)
    message = f"{single.arn} is not a multi-Region primary key."
    request = evolve(there, key_id=single.key_id)
    refused(local, request, KMSInvalidStateException, message)


def test_a_rotation_in_progress_goes_on_when_the_primary_region_changes() -> None:
    """With the key material that AWS KMS generated when it was asked for."""
    local = slow(on_demand_rotation=2 * SECOND_OF_TIME)
    key_id = primary_key(local)
    replicate(local, key_id)
    first = metadata(local, key_id).current_key_material_id
    local.handle(RotateKeyOnDemandRequest(key_id=key_id))
    update(local, key_id)
    local.clock.advance(SECOND_OF_TIME)
    for region in (REGION, OTHER_REGION):
        assert metadata(local, key_id, region).current_key_material_id == first
    local.clock.advance(SECOND_OF_TIME)
    second = {metadata(local, key_id, region).current_key_material_id for region in REGIONS}
    assert len(second) == 1
    assert second != {first}
    blob = encrypt(local, key_id)
    for region in REGIONS:
        answer = local.handle(DecryptRequest(ciphertext_blob=blob), region=region)
        assert {answer.key_material_id} == second


REGIONS = (REGION, OTHER_REGION)

# ---- rotation


def test_a_replica_key_rotates_with_its_primary_key(local: LocalKms) -> None:
    """On demand and by itself; its own requests are refused."""
    key_id = primary_key(local)
    replica = replicate(local, key_id)
    old = encrypt(local, key_id)
    local.handle(EnableKeyRotationRequest(key_id=key_id, rotation_period_in_days=90))
    local.handle(RotateKeyOnDemandRequest(key_id=key_id))
    local.clock.advance(days=200)
    lists = [materials_in(local, key_id, region) for region in REGIONS]
    assert len(lists[0]) == 4
    assert [evolve(each, key_id="") for each in lists[0]] == [
        evolve(each, key_id="") for each in lists[1]
    ]
    for region in REGIONS:
        local.handle(DecryptRequest(ciphertext_blob=old), region=region)
        new = local.handle(EncryptRequest(key_id=key_id, plaintext=b"a"), region=region)
        for other in REGIONS:
            local.handle(DecryptRequest(ciphertext_blob=new.ciphertext_blob), region=other)
    for cls in (EnableKeyRotationRequest, DisableKeyRotationRequest, RotateKeyOnDemandRequest):
        request = cls(key_id=key_id)
        message = (
            f"{replica} is a multi-region replica key which is not valid for {request.operation}."
        )
        refused(local, request, UnsupportedOperationException, message, region=OTHER_REGION)


def test_a_disabled_primary_key_rotates_no_relative(local: LocalKms) -> None:
    """The overdue rotation comes when it is enabled again. A disabled replica key rotates with its primary key."""
    key_id = primary_key(local)
    replicate(local, key_id)
    local.handle(EnableKeyRotationRequest(key_id=key_id, rotation_period_in_days=90))
    local.handle(DisableKeyRequest(key_id=key_id))
    local.clock.advance(days=91)
    assert len(materials_in(local, key_id, OTHER_REGION)) == 1
    local.handle(EnableKeyRequest(key_id=key_id))
    assert len(materials_in(local, key_id, OTHER_REGION)) == 2
    local.handle(DisableKeyRequest(key_id=key_id), region=OTHER_REGION)
    local.clock.advance(days=91)
    assert len(materials_in(local, key_id, OTHER_REGION)) == 3


def test_a_related_key_opens_a_ciphertext_while_the_one_that_made_it_is_disabled(
    local: LocalKms,
) -> None:
    key_id = primary_key(local)
    replicate(local, key_id)
    blob = encrypt(local, key_id)
    local.handle(DisableKeyRequest(key_id=key_id))
    answer = local.handle(DecryptRequest(ciphertext_blob=blob), region=OTHER_REGION)
    assert answer.plaintext == b"attack at dawn"


# ---- imported key material


def test_imported_key_material_is_imported_into_each_region(local: LocalKms) -> None:
    key_id = primary_key(local, origin=OriginType.EXTERNAL)
    id_ = import_material(
        local, key_id, FIRST, key_material_description="the first"
    ).key_material_id
    request = ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION)
    told = local.handle(request).replica_key_metadata
    assert told.expiration_model is ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
    told = metadata(local, key_id, OTHER_REGION)
    assert (told.key_state, told.expiration_model) == (KeyState.PendingImport, None)
    assert told.current_key_material_id == id_
    (listed,) = materials_in(local, key_id, OTHER_REGION)
    assert (listed.key_material_description, listed.import_state) == (
        "the first",
        ImportState.PENDING_IMPORT,
    )
    assert import_there(local, key_id, FIRST) == id_
    assert state(local, key_id, OTHER_REGION) is KeyState.Enabled
    blob = encrypt(local, key_id)
    local.handle(DecryptRequest(ciphertext_blob=blob), region=OTHER_REGION)


def test_a_replica_key_takes_only_the_key_material_of_its_primary_key(local: LocalKms) -> None:
    key_id = imported_and_replicated(local, FIRST)
    id_ = metadata(local, key_id).current_key_material_id
    arn = metadata(local, key_id, OTHER_REGION).arn
    for material, members, error, message in (
        (
            SECOND,
            {},
            IncorrectKeyMaterialException,
            f"Imported key material does not have the expected identifier ({id_}).",
        ),
        (
            FIRST,
            {"key_material_description": "other"},
            ValidationException,
            "Key material description can only be specified on primary Multi-Region keys",
        ),
        (
            SECOND,
            {"import_type": ImportType.NEW_KEY_MATERIAL},
            ValidationException,
            "Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys",
        ),
    ):
        before = local.kms
        with pytest.raises(error) as caught:
            import_there(local, key_id, material, **members)
        assert (caught.value.message, caught.value.arn) == (message, arn)
        assert local.kms is before


def test_new_key_material_waits_for_each_replica_key(local: LocalKms) -> None:
    key_id = imported_and_replicated(local, FIRST)
    import_material(local, key_id, SECOND, import_type=ImportType.NEW_KEY_MATERIAL)
    waits = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
    assert states(local, key_id, REGION)[1] == (waits, ImportState.IMPORTED)
    assert states(local, key_id, OTHER_REGION)[1] == (waits, ImportState.PENDING_IMPORT)
    rotate = RotateKeyOnDemandRequest(key_id=key_id)
    message = (
        "Cannot perform key material rotation: Key material has not been imported for replicas of "
        "the Multi-Region key."
    )
    refused(local, rotate, KMSInvalidStateException, message)
    import_there(local, key_id, SECOND)
    for region in REGIONS:
        ready = (KeyMaterialState.PENDING_ROTATION, ImportState.IMPORTED)
        assert states(local, key_id, region)[1] == ready
    local.handle(rotate)
    current = {metadata(local, key_id, region).current_key_material_id for region in REGIONS}
    assert current == {materials_in(local, key_id, REGION)[1].key_material_id}


def test_new_key_material_no_longer_waits_for_a_replica_key_that_is_deleted(
    local: LocalKms,
) -> None:
    key_id = imported_and_replicated(local, FIRST)
    import_material(local, key_id, SECOND, import_type=ImportType.NEW_KEY_MATERIAL)
    schedule(local, key_id, OTHER_REGION)
    local.clock.advance(7 * DAY - MICROSECOND)
    waits = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
    assert states(local, key_id, REGION)[1][0] is waits
    local.clock.advance(MICROSECOND)
    assert states(local, key_id, REGION)[1][0] is KeyMaterialState.PENDING_ROTATION
    local.handle(RotateKeyOnDemandRequest(key_id=key_id))


def test_key_material_that_the_primary_key_forgets_is_imported_again_everywhere(
    local: LocalKms,
) -> None:
    key_id = imported_and_replicated(local, FIRST)
    new: Any = {"import_type": ImportType.NEW_KEY_MATERIAL}
    id_ = import_material(local, key_id, SECOND, **new).key_material_id
    import_there(local, key_id, SECOND)
    local.handle(DeleteImportedKeyMaterialRequest(key_id=key_id, key_material_id=id_))
    for region in REGIONS:
        assert len(states(local, key_id, region)) == 1
    import_material(local, key_id, SECOND, **new)
    waits = KeyMaterialState.PENDING_MULTI_REGION_IMPORT_AND_ROTATION
    assert states(local, key_id, OTHER_REGION)[1] == (waits, ImportState.PENDING_IMPORT)
    import_there(local, key_id, SECOND)
    assert states(local, key_id, REGION)[1][0] is KeyMaterialState.PENDING_ROTATION


def test_a_rotation_leaves_a_replica_key_pending_import_that_lost_the_new_key_material() -> None:
    local = slow(on_demand_rotation=SECOND_OF_TIME)
    key_id = imported_and_replicated(local, FIRST)
    import_material(local, key_id, SECOND, import_type=ImportType.NEW_KEY_MATERIAL)
    id_ = import_there(local, key_id, SECOND)
    local.handle(RotateKeyOnDemandRequest(key_id=key_id))
    deletion = DeleteImportedKeyMaterialRequest(key_id=key_id, key_material_id=id_)
    local.handle(deletion, region=OTHER_REGION)
    assert state(local, key_id, OTHER_REGION) is KeyState.Enabled
    event = local.kms.next_event_at(local.clock.now())
    assert event == local.clock.now() + SECOND_OF_TIME
    local.clock.advance(SECOND_OF_TIME)
    assert metadata(local, key_id).current_key_material_id == id_
    assert (state(local, key_id), state(local, key_id, OTHER_REGION)) == (
        KeyState.Enabled,
        KeyState.PendingImport,
    )
    import_there(local, key_id, SECOND)
    assert state(local, key_id, OTHER_REGION) is KeyState.Enabled


def test_key_material_expires_in_each_region_by_itself(local: LocalKms) -> None:
    key_id = imported_and_replicated(local, FIRST)
    import_there(local, key_id, FIRST, valid_to=NOW + DAY)
    assert metadata(local, key_id, OTHER_REGION).valid_to == NOW + DAY
    assert metadata(local, key_id).valid_to is None
    local.clock.advance(DAY)
    assert state(local, key_id, OTHER_REGION) is KeyState.PendingImport
    assert state(local, key_id) is KeyState.Enabled


def test_key_material_that_one_key_loses_stays_in_its_relatives(local: LocalKms) -> None:
    """Unless it waits for rotation and the primary key deletes it."""
    key_id = imported_and_replicated(local, FIRST)
    blob = encrypt(local, key_id)
    delete_material(local, key_id)
    assert state(local, key_id) is KeyState.PendingImport
    answer = local.handle(DecryptRequest(ciphertext_blob=blob), region=OTHER_REGION)
    assert answer.plaintext == b"attack at dawn"
    import_material(local, key_id, FIRST)
    local.handle(DeleteImportedKeyMaterialRequest(key_id=key_id), region=OTHER_REGION)
    assert state(local, key_id, OTHER_REGION) is KeyState.PendingImport
    assert local.handle(DecryptRequest(ciphertext_blob=blob)).plaintext == b"attack at dawn"


# ---- deletion


def test_a_primary_key_with_replica_keys_waits_until_the_last_of_them_is_deleted(
    local: LocalKms,
) -> None:
    key_id = primary_key(local)
    for region in (OTHER_REGION, THIRD_REGION):
        replicate(local, key_id, region)
    answer = schedule(local, key_id)
    assert (answer.key_state, answer.deletion_date) == (KeyState.PendingReplicaDeletion, None)
    assert answer.pending_window_in_days == 7
    told = metadata(local, key_id)
    assert (told.pending_deletion_window_in_days, told.deletion_date) == (7, None)
    assert schedule(local, key_id, OTHER_REGION).deletion_date == NOW + 7 * DAY
    assert schedule(local, key_id, THIRD_REGION, days=9).deletion_date == NOW + 9 * DAY
    local.clock.advance(7 * DAY)
    told = metadata(local, key_id)
    configuration = told.multi_region_configuration
    assert configuration is not None
    assert [each.region for each in configuration.replica_keys] == [THIRD_REGION]
    assert told.key_state is KeyState.PendingReplicaDeletion
    local.clock.advance(3 * DAY)
    told = metadata(local, key_id)
    assert told.key_state is KeyState.PendingDeletion
    assert told.deletion_date == NOW + (9 + 7) * DAY
    assert told.pending_deletion_window_in_days is None
    local.clock.advance(6 * DAY)
    refused(
        local,
        DescribeKeyRequest(key_id=key_id),
        NotFoundException,
        f"Key '{told.arn}' does not exist",
    )
    assert local.handle(ListKeysRequest()).keys == ()


def test_the_deletion_of_a_primary_key_with_replica_keys_can_be_cancelled(local: LocalKms) -> None:
    key_id = primary_key(local)
    replicate(local, key_id)
    schedule(local, key_id)
    arn = arn_of(metadata(local, key_id))
    encryption = EncryptRequest(key_id=key_id, plaintext=b"a")
    refused(local, encryption, KMSInvalidStateException, f"{arn} is pending replica deletion.")
    local.handle(CancelKeyDeletionRequest(key_id=key_id))
    told = metadata(local, key_id)
    assert (told.key_state, told.pending_deletion_window_in_days) == (KeyState.Disabled, None)
    schedule(local, key_id, OTHER_REGION)
    local.clock.advance(8 * DAY)
    assert state(local, key_id) is KeyState.Disabled
    assert schedule(local, key_id).deletion_date == NOW + (8 + 7) * DAY


def test_the_deletion_of_a_replica_key_touches_no_other(local: LocalKms) -> None:
    key_id = primary_key(local)
    replicate(local, key_id)
    schedule(local, key_id, OTHER_REGION)
    assert state(local, key_id) is KeyState.Enabled
    local.clock.advance(7 * DAY)
    configuration = metadata(local, key_id).multi_region_configuration
    assert configuration is not None
    assert configuration.replica_keys == ()
    regions = local.kms.settle(local.clock.now()).indexes.regions
    assert dict(regions.items()) == {(ACCOUNT, key_id): (REGION,)}


# ---- who may


USER = f"arn:aws:iam::{ACCOUNT}:user/Ada"


def user(*statements: dict[str, Any]) -> Caller:
    return Caller(USER, policies=Policies(identity=[{"Statement": list(statements)}]))


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    named = [f"kms:{action}" for action in actions]
    return {"Effect": "Allow", "Action": named, "Resource": "*", **more}


def denial(local: LocalKms, request: Any, caller: Caller) -> str:
    before = local.kms
    with pytest.raises(AccessDeniedException) as caught:
        local.handle(request, caller=caller)
    assert local.kms is before
    return caught.value.message


def test_who_replicates_a_key_may_create_one_in_the_other_region(local: LocalKms) -> None:
    key_id = primary_key(local)
    arn = arn_of(metadata(local, key_id))
    request = ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION)
    message = (
        f"User: {USER} is not authorized to perform: kms:%s on resource: %s "
        "because no identity-based policy allows the kms:%s action"
    )
    told = denial(local, request, user(allow("CreateKey")))
    assert told == message % ("ReplicateKey", arn, "ReplicateKey")
    told = denial(local, request, user(allow("ReplicateKey")))
    assert told == message % ("CreateKey", "*", "CreateKey")
    here = {"StringEquals": {"aws:RequestedRegion": REGION}}
    of_here = user(allow("ReplicateKey"), allow("CreateKey", Condition=here))
    assert denial(local, request, of_here) == message % ("CreateKey", "*", "CreateKey")
    both = allow("ReplicateKey", "CreateKey")
    tagged = evolve(request, tags=(Tag(tag_key="a", tag_value="b"),))
    assert "kms:TagResource" in denial(local, tagged, user(both))
    local.handle(request, caller=user(both))


def test_the_condition_keys_of_a_replication_say_what_is_made(local: LocalKms) -> None:
    """The Region in kms:ReplicaRegion, and the replica key's own spec, origin and type for kms:CreateKey."""
    key_id = primary_key(local)
    request = ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION)
    elsewhere = {"StringEquals": {"kms:ReplicaRegion": THIRD_REGION}}
    denial(local, request, user(allow("CreateKey"), allow("ReplicateKey", Condition=elsewhere)))
    of_the_replica = {
        "StringEquals": {
            "kms:MultiRegionKeyType": "REPLICA",
            "kms:KeySpec": "SYMMETRIC_DEFAULT",
            "kms:KeyOrigin": "AWS_KMS",
            "aws:RequestedRegion": OTHER_REGION,
        },
        "Bool": {"kms:MultiRegion": "true"},
    }
    to_other = {"StringEquals": {"kms:ReplicaRegion": OTHER_REGION}}
    caller = user(
        allow("ReplicateKey", Condition=to_other), allow("CreateKey", Condition=of_the_replica)
    )
    local.handle(request, caller=caller)


def test_the_tags_of_a_replica_key_are_allowed_on_what_it_is(local: LocalKms) -> None:
    """It is a multi-Region replica key, and does not have the tags yet."""
    tags = (Tag(tag_key="a", tag_value="b"),)
    request = ReplicateKeyRequest(key_id=primary_key(local), replica_region=OTHER_REGION, tags=tags)
    create = allow("ReplicateKey", "CreateKey")

    def tagging(**tests: dict[str, str]) -> Caller:
        return user(create, allow("TagResource", Condition=tests))

    for condition in (
        {"Bool": {"kms:MultiRegion": "false"}},
        {"StringEquals": {"aws:ResourceTag/a": "b"}},
    ):
        assert "kms:TagResource" in denial(local, request, tagging(**condition))
    replica = {"kms:MultiRegionKeyType": "REPLICA"}
    local.handle(
        request,
        caller=tagging(Bool={"kms:MultiRegion": "true"}, StringEquals=replica),
    )


def test_who_changes_the_primary_region_may_do_it_to_both_keys(local: LocalKms) -> None:
    key_id = primary_key(local)
    replica = replicate(local, key_id)
    request = UpdatePrimaryRegionRequest(key_id=key_id, primary_region=OTHER_REGION)
    here = {"StringEquals": {"aws:RequestedRegion": REGION}}
    told = denial(local, request, user(allow("UpdatePrimaryRegion", Condition=here)))
    assert f"on resource: {replica} because" in told
    to_other = {"StringEquals": {"kms:PrimaryRegion": OTHER_REGION}}
    local.handle(request, caller=user(allow("UpdatePrimaryRegion", Condition=to_other)))


def test_the_key_policy_of_each_region_counts_there(local: LocalKms) -> None:
    key_id = primary_key(local)
    replicate(local, key_id)
    policy = default_key_policy(KeyArn(ACCOUNT, REGION, key_id))
    closed = policy.replace('"kms:*"', '"kms:PutKeyPolicy"')
    local.handle(PutKeyPolicyRequest(key_id=key_id, policy=closed), region=OTHER_REGION)
    blob = encrypt(local, key_id)
    with pytest.raises(AccessDeniedException):
        local.handle(DecryptRequest(ciphertext_blob=blob), region=OTHER_REGION)
    local.handle(DecryptRequest(ciphertext_blob=blob))
