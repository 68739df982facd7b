"""
Creating, viewing, enabling and disabling KMS keys.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access, key_in_store, key_policy
from kmsmodel.calls.authorization import authorize, authorize_tags_of_a_new_key, refuse_lockout
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.new_key import new_key, refuse_too_many
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    InvalidMarkerException,
    KMSInternalException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key import tag
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.key.key_spec import ALGORITHMS, is_offered, wrapping
from kmsmodel.key.tag import TagList
from kmsmodel.memory.custom_key_store import CustomKeyStore
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import marker, name_in_marker, page_of, page_size
from kmsmodel.words.enumerations import (
    ORIGINS_IN_CUSTOM_KEY_STORES,
    CustomerMasterKeySpec,
    KeySpec,
    KeyUsageType,
    OriginType,
    ResourceOwnerType,
)
from kmsmodel.words.shapes import (
    ArnType,
    CustomKeyStoreIdType,
    DescriptionType,
    GrantTokenList,
    KeyIdType,
    LimitType,
    MarkerType,
    PolicyType,
    ResourceOwnersList,
    XksKeyIdType,
)

# ---- CreateKey


@final
@frozen(kw_only=True)
class CreateKeyResponse:
    key_metadata: KeyMetadata


@final
@frozen(kw_only=True)
class CreateKeyRequest(Request[CreateKeyResponse]):
    """A request to create a KMS key; by default a single-Region symmetric encryption key with generated material."""

    policy: PolicyType | None = None
    description: DescriptionType | None = None
    key_usage: KeyUsageType | None = None
    customer_master_key_spec: CustomerMasterKeySpec | None = None
    key_spec: KeySpec | None = None
    origin: OriginType | None = None
    custom_key_store_id: CustomKeyStoreIdType | None = None
    bypass_policy_lockout_safety_check: bool | None = None
    tags: TagList | None = None
    multi_region: bool | None = None
    xks_key_id: XksKeyIdType | None = None


def create_key(kms: Kms, request: CreateKeyRequest, call: Call) -> tuple[Kms, CreateKeyResponse]:
    """
    Create a KMS key; one of origin EXTERNAL has no key material yet, and is pending import.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    if request.tags:
        authorize_tags_of_a_new_key(RequestContext("TagResource", request, call, kms=kms))
    key_spec = _key_spec(request)
    key_usage = _key_usage(request, key_spec)
    origin = request.origin or OriginType.AWS_KMS
    store = _custom_key_store(kms, request, origin, call)
    tag.check(request.tags or ())
    policy = None if request.policy is None else key_policy.put(request.policy, call)
    if not is_offered(key_spec, call.region):
        raise UnsupportedOperationException(
            f"KeySpec {key_spec} is not supported in Region {call.region}."
        )
    if origin is OriginType.EXTERNAL and key_spec not in wrapping(call.region):
        raise ValidationException(f"KeySpec {key_spec} is not supported for Origin {origin}")
    refuse_too_many(kms, call)
    key = new_key(
        call,
        key_spec=key_spec,
        key_usage=key_usage,
        origin=origin,
        multi_region=bool(request.multi_region),
        description=request.description or "",
        tags=request.tags or (),
        policy=policy,
        custom_key_store_id=request.custom_key_store_id,
        xks_key_id=request.xks_key_id,
    )
    if kms.key(key.key_arn, call.now) is not None:
        raise KMSInternalException(f"Two calls have the request id {call.request_id}.")
    if policy is not None and not request.bypass_policy_lockout_safety_check:
        refuse_lockout(RequestContext("PutKeyPolicy", request, call, kms=kms, key=key))
    kms = kms.with_key(key) if store is None else key_in_store.with_key(kms, store, key, call)
    return kms, CreateKeyResponse(key_metadata=kms.key_metadata(key, call.now))


def _key_spec(request: CreateKeyRequest) -> KeySpec:
    older = request.customer_master_key_spec
    if older is None:
        return request.key_spec or KeySpec.SYMMETRIC_DEFAULT
    if request.key_spec is not None:
        raise ValidationException(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        )
    return KeySpec(older)


def _key_usage(request: CreateKeyRequest, key_spec: KeySpec) -> KeyUsageType:
    if request.key_usage is None:
        if key_spec is not KeySpec.SYMMETRIC_DEFAULT:
            raise ValidationException(
                "You must specify a KeyUsage value for all KMS keys "
                "except for symmetric encryption keys."
            )
        return KeyUsageType.ENCRYPT_DECRYPT
    if request.key_usage not in ALGORITHMS[key_spec]:
        raise ValidationException(
            f"KeyUsage {request.key_usage} is not compatible with KeySpec {key_spec}"
        )
    return request.key_usage


def _custom_key_store(
    kms: Kms, request: CreateKeyRequest, origin: OriginType, call: Call
) -> CustomKeyStore | None:
    """The custom key store that the key is to be in, if its origin is one; all that can be refused of it is refused."""
    if origin not in ORIGINS_IN_CUSTOM_KEY_STORES:
        if request.custom_key_store_id is not None or request.xks_key_id is not None:
            raise ValidationException(f"Origin {origin} is not compatible with a custom key store.")
        return None
    if request.custom_key_store_id is None:
        raise ValidationException(f"Origin {origin} requires a CustomKeyStoreId.")
    store = key_in_store.find(kms, request.custom_key_store_id, call)
    is_external = origin is OriginType.EXTERNAL_KEY_STORE
    if (request.xks_key_id is not None) is not is_external:
        needs = "requires an XksKeyId." if is_external else "is not compatible with an XksKeyId."
        raise ValidationException(f"Origin {origin} {needs}")
    key_spec = _key_spec(request)
    if key_spec is not KeySpec.SYMMETRIC_DEFAULT:
        raise ValidationException(f"KeySpec {key_spec} is not supported for Origin {origin}")
    if request.multi_region:
        raise UnsupportedOperationException
    if (store.proxy is not None) is not is_external:
        raise ValidationException(f"Origin {origin} is not compatible with this custom key store.")
    key_in_store.expect_connected(store, call)
    if store.proxy is not None and request.xks_key_id is not None:
        key_in_store.expect_external_key(kms, store, store.proxy, request.xks_key_id, call)
    return store


# ---- DescribeKey


@final
@frozen(kw_only=True)
class DescribeKeyResponse:
    key_metadata: KeyMetadata


@final
@frozen(kw_only=True)
class DescribeKeyRequest(Request[DescribeKeyResponse]):
    key_id: KeyIdType
    grant_tokens: GrantTokenList | None = None


def describe_key(
    kms: Kms, request: DescribeKeyRequest, call: Call
) -> tuple[Kms, DescribeKeyResponse]:
    """
    Return the metadata of a KMS key.
    """
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    return kms, DescribeKeyResponse(key_metadata=kms.key_metadata(key, call.now))


# ---- ListKeys


_SHARED = "arn:"
"""What the names begin with by which keys of other accounts are listed."""


@final
@frozen(kw_only=True)
class KeyListEntry:
    """A KMS key in a list."""

    key_id: KeyIdType
    key_arn: ArnType


@final
@frozen(kw_only=True)
class ListKeysResponse:
    keys: tuple[KeyListEntry, ...]
    truncated: bool
    next_marker: MarkerType | None = None


@final
@frozen(kw_only=True)
class ListKeysRequest(Request[ListKeysResponse]):
    limit: LimitType | None = None
    marker: MarkerType | None = None
    resource_owners: ResourceOwnersList | None = None


def list_keys(kms: Kms, request: ListKeysRequest, call: Call) -> tuple[Kms, ListKeysResponse]:
    """
    List the KMS keys of the caller's account and Region, in whatever key state, in the order of their key ids.

    Keys that other accounts share with it come after them, on pages of their own, in the order of their ARNs.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    size = page_size(request.limit, 100)
    after = name_in_marker(request.operation, request.marker)
    owners = request.resource_owners or (ResourceOwnerType.SELF,)
    account, region, now = call.caller.account, call.region, call.now
    lists_own = ResourceOwnerType.SELF in owners
    lists_shared = ResourceOwnerType.OTHER_ACCOUNTS_VIA_RAM in owners
    is_own = not after.startswith(_SHARED) if after else lists_own
    if not (lists_own if is_own else lists_shared):
        raise InvalidMarkerException
    lists = kms.keys_after if is_own else kms.shared_after
    listed = page_of(request.operation, lists(account, region, after, size + 1, now), size)
    goes_on = is_own and lists_shared and not listed.truncated
    if goes_on and kms.shared_after(account, region, _SHARED, 1, now):
        listed = evolve(listed, next_marker=marker(request.operation, _SHARED))
    return kms, ListKeysResponse(
        keys=tuple(
            KeyListEntry(key_id=key.key_arn.key_id, key_arn=key.arn) for key in listed.entries
        ),
        truncated=listed.truncated,
        next_marker=listed.next_marker,
    )


# ---- EnableKey


@final
@frozen(kw_only=True)
class EnableKeyResponse:
    pass


@final
@frozen(kw_only=True)
class EnableKeyRequest(Request[EnableKeyResponse]):
    key_id: KeyIdType


def enable_key(kms: Kms, request: EnableKeyRequest, call: Call) -> tuple[Kms, EnableKeyResponse]:
    """
    Set a KMS key to enabled, which allows its use in cryptographic operations.
    """
    key = access.key(kms, request.key_id, request, call)
    enabled = key.with_lifecycle(key.lifecycle.enable_key(call.now))
    return kms.with_key(enabled), EnableKeyResponse()


# ---- DisableKey


@final
@frozen(kw_only=True)
class DisableKeyResponse:
    pass


@final
@frozen(kw_only=True)
class DisableKeyRequest(Request[DisableKeyResponse]):
    key_id: KeyIdType


def disable_key(kms: Kms, request: DisableKeyRequest, call: Call) -> tuple[Kms, DisableKeyResponse]:
    """
    Set a KMS key to disabled, which prevents its use in cryptographic operations.
    """
    key = access.key(kms, request.key_id, request, call)
    disabled = key.with_lifecycle(key.lifecycle.disable_key(call.now))
    return kms.with_key(disabled), DisableKeyResponse()


# ---- UpdateKeyDescription


@final
@frozen(kw_only=True)
class UpdateKeyDescriptionResponse:
    pass


@final
@frozen(kw_only=True)
class UpdateKeyDescriptionRequest(Request[UpdateKeyDescriptionResponse]):
    key_id: KeyIdType
    description: DescriptionType


def update_key_description(
    kms: Kms, request: UpdateKeyDescriptionRequest, call: Call
) -> tuple[Kms, UpdateKeyDescriptionResponse]:
    """
    Replace the description of a KMS key.
    """
    key = access.key(kms, request.key_id, request, call)
    described = evolve(key, description=request.description)
    return kms.with_key(described), UpdateKeyDescriptionResponse()
