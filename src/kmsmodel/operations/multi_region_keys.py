"""
Multi-Region keys: replica keys in other Regions, and which of the related keys is the primary key.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access, key_policy
from kmsmodel.calls.authorization import authorize, authorize_tags_of_a_new_key, refuse_lockout
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.new_key import refuse_too_many, replica_key
from kmsmodel.calls.request import Request
from kmsmodel.errors import AlreadyExistsException, ValidationException
from kmsmodel.key import tag
from kmsmodel.key.key import Key
from kmsmodel.key.key_metadata import KeyMetadata, key_metadata
from kmsmodel.key.relatives import Relatives
from kmsmodel.key.tag import TagList
from kmsmodel.memory.kms import Kms
from kmsmodel.words.arn import partition
from kmsmodel.words.enumerations import KeyState
from kmsmodel.words.regions import REGIONS
from kmsmodel.words.shapes import DescriptionType, KeyIdType, PolicyType, RegionType

# ---- ReplicateKey


@final
@frozen(kw_only=True)
class ReplicateKeyResponse:
    replica_key_metadata: KeyMetadata
    replica_policy: PolicyType
    replica_tags: TagList | None = None


@final
@frozen(kw_only=True)
class ReplicateKeyRequest(Request[ReplicateKeyResponse]):
    """
    A request to make a replica key of a multi-Region primary key in another Region.

    Key policy, description and tags of the primary key are not copied.
    """

    key_id: KeyIdType
    replica_region: RegionType
    policy: PolicyType | None = None
    bypass_policy_lockout_safety_check: bool | None = None
    description: DescriptionType | None = None
    tags: TagList | None = None


def replicate_key(
    kms: Kms, request: ReplicateKeyRequest, call: Call
) -> tuple[Kms, ReplicateKeyResponse]:
    """
    Make a replica key of a primary key in another Region of its partition.

    The replica key has the primary key's id, key material and rotation. The response is from before it was created.
    """
    primary = access.key(kms, request.key_id, request, call)
    primary.lifecycle.refuse_replication(call.now)
    _refuse_region(request.replica_region, call)
    there = call.in_region(request.replica_region)
    tags = request.tags or ()
    replica = replica_key(primary, there, description=request.description or "", tags=tags)
    authorize(RequestContext("CreateKey", request, there, kms=kms, key=replica))
    if tags:
        untagged = evolve(replica, tags=())
        authorize_tags_of_a_new_key(
            RequestContext("TagResource", request, there, kms=kms, key=untagged)
        )
    tag.check(tags)
    if request.policy is not None:
        replica = evolve(replica, policy=key_policy.put(request.policy, there))
    if kms.key(replica.key_arn, call.now) is not None:
        raise AlreadyExistsException(
            "You can create only one replica of each primary key in each AWS Region."
        )
    refuse_too_many(kms, there)
    if request.policy is not None and not request.bypass_policy_lockout_safety_check:
        refuse_lockout(RequestContext("PutKeyPolicy", request, there, kms=kms, key=replica))
    before = _relatives(kms, primary, call)
    relatives = before.with_key(replica)
    metadata = key_metadata(replica, KeyState.Creating, call.now, relatives)
    # What belonged to a deleted replica key in that Region is forgotten first.
    kms = kms.with_relatives(before).with_relatives(relatives.synchronized(call.now))
    return kms, ReplicateKeyResponse(
        replica_key_metadata=metadata,
        replica_policy=key_policy.shown(replica.key_policy, there),
        replica_tags=request.tags,
    )


def _refuse_region(replica_region: str, call: Call) -> None:
    if replica_region == call.region:
        raise ValidationException(
            f"{replica_region} cannot have a replica because it contains the primary."
        )
    if replica_region not in REGIONS:
        raise ValidationException(
            f"Region {replica_region} is not a valid Region or multi-Region keys are not supported "
            f"in Region {replica_region}."
        )
    if partition(replica_region) != partition(call.region):
        raise ValidationException(
            "The replica key Region must be in the same AWS partition as the primary key Region."
        )


# ---- UpdatePrimaryRegion


@final
@frozen(kw_only=True)
class UpdatePrimaryRegionResponse:
    pass


@final
@frozen(kw_only=True)
class UpdatePrimaryRegionRequest(Request[UpdatePrimaryRegionResponse]):
    """A request to make the replica key in ``primary_region`` the primary key, and the primary key a replica key."""

    key_id: KeyIdType
    primary_region: RegionType


def update_primary_region(
    kms: Kms, request: UpdatePrimaryRegionRequest, call: Call
) -> tuple[Kms, UpdatePrimaryRegionResponse]:
    """
    Make a replica key the primary key of its relatives. Both keys are updating for some seconds.
    """
    primary = access.key(kms, request.key_id, request, call)
    primary.lifecycle.refuse_primary_region_update(call.now)
    relatives = _relatives(kms, primary, call)
    replica = relatives.get(request.primary_region)
    if replica is None:
        raise ValidationException(
            f"{primary.key_arn.key_id} does not have a replica key in the specified Region."
        )
    if replica.arn == primary.arn:
        return kms, UpdatePrimaryRegionResponse()
    there = call.in_region(request.primary_region)
    authorize(RequestContext(request.operation, request, there, kms=kms, key=replica))
    former, new = primary.lifecycle.update_primary_region(
        replica.lifecycle, call.now, takes=call.delays.updating
    )
    # The new primary key goes on with a rotation in progress, whose key material the former one gives up.
    keys = (replica.sharing(primary, new), primary.with_lifecycle(former))
    changed = {key.arn: key for key in keys}
    updated = Relatives.of(changed.get(key.arn, key) for key in relatives)
    return kms.with_relatives(updated.synchronized(call.now)), UpdatePrimaryRegionResponse()


def _relatives(kms: Kms, primary: Key, call: Call) -> Relatives:
    """A primary key together with its replica keys at the time of a call."""
    return kms.relatives(primary, call.now) or Relatives(primary)
