"""
Creating, viewing, enabling and disabling KMS keys.
"""

from __future__ import annotations

import json
import uuid
from typing import final

from attrs import frozen

from kmsmodel import access, tag
from kmsmodel.arn import KeyArn
from kmsmodel.call import Call
from kmsmodel.errors import (
    CustomKeyStoreNotFoundException,
    KMSInternalException,
    LimitExceededException,
    MalformedPolicyDocumentException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key import Key, KeyMetadata
from kmsmodel.key_material import KeyMaterial, Secret, key_material_id
from kmsmodel.key_spec import ALGORITHMS, SUPPORTED
from kmsmodel.kms import Kms
from kmsmodel.lifecycle import Lifecycle, Material
from kmsmodel.marker import DEFAULT_LIMIT, marker, position
from kmsmodel.request import Request
from kmsmodel.shapes import (
    ArnType,
    CustomerMasterKeySpec,
    CustomKeyStoreIdType,
    DescriptionType,
    GrantTokenList,
    KeyIdType,
    KeySpec,
    KeyUsageType,
    LimitType,
    MarkerType,
    MultiRegionKeyType,
    OriginType,
    PolicyType,
    ResourceOwnersList,
    ResourceOwnerType,
    XksKeyIdType,
)
from kmsmodel.tag import TagList

MAXIMUM_POLICY_BYTES = 32_768
IMPORT_SECRET_BYTES = 32

_CUSTOM_KEY_STORES = frozenset({OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE})


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
    key_spec = _key_spec(request)
    key_usage = _key_usage(request, key_spec)
    origin = request.origin or OriginType.AWS_KMS
    _refuse_custom_key_store(request, origin)
    tag.check(request.tags or ())
    _check_policy(request.policy)
    if key_spec not in SUPPORTED:
        raise UnsupportedOperationException(f"KeySpec {key_spec} is not supported by this model.")
    name = _new_name(call, multi_region=bool(request.multi_region))
    if kms.key(name, call.now) is not None:
        raise KMSInternalException(f"Two calls have the request id {call.request_id}.")
    external = origin is OriginType.EXTERNAL
    materials = () if external else (_generated_material(name, key_spec, call),)
    key = Key(
        lifecycle=Lifecycle(
            arn=str(name),
            origin=origin,
            key_spec=key_spec,
            multi_region_key_type=MultiRegionKeyType.PRIMARY if request.multi_region else None,
            materials=tuple(Material(key_material_id=each.key_material_id) for each in materials),
        ),
        creation_date=call.now,
        key_usage=key_usage,
        description=request.description or "",
        tags=request.tags or (),
        policy=request.policy,
        materials=materials,
        import_secret=_import_secret(call) if external else None,
    )
    kms = kms.with_key(key)
    return kms, CreateKeyResponse(key_metadata=kms.key_metadata(key, call.now))


def _key_spec(request: CreateKeyRequest) -> KeySpec:
    older = request.customer_master_key_spec
    if older is None:
        return request.key_spec or KeySpec.SYMMETRIC_DEFAULT
    if request.key_spec is not None and str(request.key_spec) != str(older):
        raise ValidationException("KeySpec and CustomerMasterKeySpec do not agree.")
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


def _refuse_custom_key_store(request: CreateKeyRequest, origin: OriginType) -> None:
    """A key in a custom key store needs a store, and there are none."""
    if origin not in _CUSTOM_KEY_STORES:
        if request.custom_key_store_id is not None or request.xks_key_id is not None:
            raise ValidationException(f"Origin {origin} is not compatible with a custom key store.")
        return
    if request.custom_key_store_id is None:
        raise ValidationException(f"Origin {origin} requires a CustomKeyStoreId.")
    raise CustomKeyStoreNotFoundException(request.custom_key_store_id)


def _check_policy(policy: str | None) -> None:
    """A key policy is a JSON object of at most 32 KB; what it says is not asked here."""
    if policy is None:
        return
    if len(policy.encode()) > MAXIMUM_POLICY_BYTES:
        raise LimitExceededException
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        raise MalformedPolicyDocumentException from None
    if not isinstance(document, dict):
        raise MalformedPolicyDocumentException


def _new_name(call: Call, *, multi_region: bool) -> KeyArn:
    key_id = uuid.UUID(bytes=call.hsm.random(16, call.purpose("key id")), version=4)
    text = f"mrk-{key_id.hex}" if multi_region else str(key_id)
    return KeyArn(call.account, call.region, text)


def _generated_material(name: KeyArn, key_spec: KeySpec, call: Call) -> KeyMaterial:
    secret = call.hsm.generate(key_spec, call.purpose("key material"))
    return KeyMaterial(key_material_id=key_material_id(name.key_id, secret), secret=secret)


def _import_secret(call: Call) -> Secret:
    return Secret(call.hsm.random(IMPORT_SECRET_BYTES, call.purpose("import secret")))


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
    Tell what is to be known of a KMS key.
    """
    key = access.key(kms, request.key_id, request, call, aliases=True)
    return kms, DescribeKeyResponse(key_metadata=kms.key_metadata(key, call.now))


# ---- ListKeys


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
    List the KMS keys of the caller's account and Region, in whatever key state, in the order of their creation.
    """
    limit = request.limit or DEFAULT_LIMIT
    after = position(request.operation, request.marker)
    if request.resource_owners == (ResourceOwnerType.OTHER_ACCOUNTS_VIA_RAM,):
        return kms, ListKeysResponse(keys=(), truncated=False)  # no key is shared through RAM
    found = kms.keys_after(call.account, call.region, after, limit + 1, call.now)
    page = found[:limit]
    truncated = len(found) > limit
    return kms, ListKeysResponse(
        keys=tuple(KeyListEntry(key_id=key.name.key_id, key_arn=key.arn) for _, key in page),
        truncated=truncated,
        next_marker=marker(request.operation, page[-1][0]) if truncated else None,
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
