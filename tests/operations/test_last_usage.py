"""
Past usage: the last cryptographic operation that a KMS key was used for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kmsmodel import wire
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import AccessDeniedException, NotFoundException
from kmsmodel.local import LocalKms
from kmsmodel.operations.data_keys import GenerateRandomRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.operations.keys import CreateKeyRequest, DisableKeyRequest
from kmsmodel.operations.last_usage import (
    GetKeyLastUsageRequest,
    GetKeyLastUsageResponse,
    KeyLastUsageData,
)
from kmsmodel.operations.multi_region_keys import ReplicateKeyRequest
from kmsmodel.policy.policies import Policies
from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation
from tests.basics import ACCOUNT, DAY, NOW, OTHER_ACCOUNT, OTHER_REGION
from tests.operations.steps import arn_of, create, encrypt

HOUR = timedelta(hours=1)


def last_usage(local: LocalKms, key_id: str, **who: Any) -> GetKeyLastUsageResponse:
    return local.handle(GetKeyLastUsageRequest(key_id=key_id), **who)


def test_a_key_that_was_never_used_has_a_last_usage_without_members(local: LocalKms) -> None:
    key = create(local)
    local.clock.advance(DAY)
    response = last_usage(local, arn_of(key))
    assert response == GetKeyLastUsageResponse(
        key_id=key.key_id,
        key_last_usage=KeyLastUsageData(),
        tracking_start_date=NOW,
        key_creation_date=NOW,
    )
    assert b'"KeyLastUsage":{}' in wire.render(response, "").body.replace(b" ", b"")


def test_only_the_last_usage_is_told(local: LocalKms) -> None:
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    local.clock.advance(HOUR)
    local.handle(DecryptRequest(ciphertext_blob=blob))
    told = last_usage(local, key_id).key_last_usage
    assert told.operation is KeyLastUsageTrackingOperation.Decrypt
    assert told.timestamp == NOW + HOUR
    assert told.kms_request_id == local.calls[-2].request_id


def test_reencrypting_is_a_usage_of_both_keys(local: LocalKms) -> None:
    source, destination = create(local).key_id, create(local).key_id
    blob = encrypt(local, source)
    local.handle(ReEncryptRequest(ciphertext_blob=blob, destination_key_id=destination))
    told = [last_usage(local, each).key_last_usage for each in (source, destination)]
    assert told[0] == told[1]
    assert told[0].operation is KeyLastUsageTrackingOperation.ReEncrypt


def test_each_account_is_told_the_event_of_its_own() -> None:
    """With the same request id."""
    local = LocalKms(clock=Clock(NOW), hsm=SeededHsm())
    open_to_all = (
        '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}'
    )
    made = CreateKeyRequest(policy=open_to_all, bypass_policy_lockout_safety_check=True)
    ours = arn_of(local.handle(made).key_metadata)
    theirs = arn_of(local.handle(made, account=OTHER_ACCOUNT).key_metadata)
    blob = encrypt(local, ours)
    local.handle(ReEncryptRequest(ciphertext_blob=blob, destination_key_id=theirs))
    one = last_usage(local, ours).key_last_usage
    other = last_usage(local, theirs, account=OTHER_ACCOUNT).key_last_usage
    assert one.kms_request_id == other.kms_request_id
    assert one.cloud_trail_event_id != other.cloud_trail_event_id


def test_multi_region_keys_are_told_apart(local: LocalKms) -> None:
    key_id = create(local, multi_region=True).key_id
    local.handle(ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION))
    encrypt(local, key_id)
    assert last_usage(local, key_id).key_last_usage.operation is not None
    of_the_replica = last_usage(local, key_id, region=OTHER_REGION)
    assert of_the_replica.key_last_usage == KeyLastUsageData()


def test_a_new_replica_key_does_not_have_the_last_usage_of_a_deleted_one(local: LocalKms) -> None:
    key_id = create(local, multi_region=True).key_id
    replicate = ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION)
    local.handle(replicate)
    there = {"region": OTHER_REGION}
    local.handle(EncryptRequest(key_id=key_id, plaintext=b"p"), region=OTHER_REGION)
    delete = ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7)
    local.handle(delete, region=OTHER_REGION)
    local.clock.advance(8 * DAY)
    local.handle(replicate)
    assert last_usage(local, key_id, **there).key_last_usage == KeyLastUsageData()


def test_a_random_number_is_no_usage_of_a_key(local: LocalKms) -> None:
    local.handle(GenerateRandomRequest(number_of_bytes=1))
    assert not local.kms.last_usages


def test_a_usage_is_told_after_its_delay() -> None:
    local = LocalKms(clock=Clock(NOW), hsm=SeededHsm(), delays=Delays(last_usage=HOUR))
    key_id = create(local).key_id
    encrypt(local, key_id)
    assert last_usage(local, key_id).key_last_usage == KeyLastUsageData()
    local.clock.advance(HOUR)
    assert last_usage(local, key_id).key_last_usage.timestamp == NOW


@pytest.mark.parametrize("days, may", [(29, False), (30, True)])
@pytest.mark.parametrize("is_used", [True, False])
def test_a_policy_may_ask_for_days_without_usage(days: int, may: bool, is_used: bool) -> None:
    """Since the last usage, or since the key was created."""
    local = LocalKms(clock=Clock(NOW), hsm=SeededHsm())
    key_id = create(local).key_id
    if is_used:
        local.clock.advance(5 * DAY)
        encrypt(local, key_id)
    local.clock.advance(days * DAY)
    unused = {"NumericGreaterThanEquals": {"kms:TrailingDaysWithoutKeyUsage": "30"}}
    allow = {"Effect": "Allow", "Action": "kms:DisableKey", "Resource": "*", "Condition": unused}
    policies = Policies(identity=[{"Statement": allow}])
    user = Caller(f"arn:aws:iam::{ACCOUNT}:user/ada", policies=policies)
    try:
        local.handle(DisableKeyRequest(key_id=key_id), caller=user)
    except AccessDeniedException:
        assert not may
    else:
        assert may


def test_another_account_is_refused(local: LocalKms) -> None:
    arn = arn_of(create(local))
    with pytest.raises(AccessDeniedException):
        last_usage(local, arn, account=OTHER_ACCOUNT)


def test_a_deleted_key_is_not_found(local: LocalKms) -> None:
    key_id = create(local).key_id
    encrypt(local, key_id)
    local.handle(ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7))
    local.clock.advance(8 * DAY)
    with pytest.raises(NotFoundException):
        last_usage(local, key_id)
    assert not local.kms.settle(local.clock.now()).last_usages
