"""
What AWS KMS tells of the last usage of a KMS key: it is the latest cryptographic operation that succeeded.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kmsmodel.errors import KmsError
from kmsmodel.operations.last_usage import GetKeyLastUsageRequest, KeyLastUsageData
from kmsmodel.service import handle
from kmsmodel.trail.cloudtrail import cloudtrail_records
from kmsmodel.trail.exchange import Exchange
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation
from tests import strategies
from tests.basics import call
from tests.worlds.outcome import keys_of
from tests.worlds.world import World

USES = sorted(KeyLastUsageTrackingOperation)


def _told(of: Exchange, key: KeyArn) -> KeyLastUsageData:
    """What is told of a key right after a request."""
    asking = call("asking", of.call.now, account=key.account, region=key.region)
    _, response = handle(of.after, GetKeyLastUsageRequest(key_id=str(key)), asking)
    return response.key_last_usage


@pytest.mark.parametrize("operation", USES)
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_a_cryptographic_operation_that_succeeds_is_the_last_usage_of_its_keys(
    operation: str, world: World, data: st.DataObject
) -> None:
    """With its time, its request id, and the event that CloudTrail tells the account of the key."""
    key = data.draw(strategies.keys(world))
    used = Exchange.of(
        world.kms, data.draw(strategies.fitting(world, key, operation)), world.call()
    )
    if isinstance(used.answer, KmsError):
        return
    for each in used.keys:
        (event_id,) = (
            record["eventID"]
            for record in cloudtrail_records(used)
            if record["recipientAccountId"] == each.account
        )
        assert _told(used, each) == KeyLastUsageData(
            operation=KeyLastUsageTrackingOperation(operation),
            timestamp=used.call.now,
            cloud_trail_event_id=event_id,
            kms_request_id=used.call.request_id,
        )


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_nothing_else_is_a_usage(operation: str, world: World, data: st.DataObject) -> None:
    """Neither a request that is refused, nor a dry run, nor an operation that is not cryptographic."""
    key = data.draw(strategies.keys(world))
    requests = data.draw(strategies.neighbours(world, key, operation))
    for request in (*requests, data.draw(strategies.spoiled(world, operation))):
        made = Exchange.of(world.kms, request, world.call())
        if isinstance(made.answer, KmsError) or operation not in USES:
            before = world.kms.last_usages
            assert all(before.get(arn) == each for arn, each in made.after.last_usages.items())


@given(strategies.worlds())
def test_only_keys_that_are_there_have_a_last_usage(world: World) -> None:
    assert set(world.kms.last_usages) <= {key.arn for key in keys_of(world.kms)}
