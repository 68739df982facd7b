"""
What is true of every request of an operation: which of its members name a KMS key, whether it only reads, and which of
its members are sensitive.

Members have AWS's names. Sources: the API Reference; the examples of CloudTrail log entries in the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, final, get_args

from attrs import AttrsInstance, frozen

from kmsmodel.calls.call import Call, expect_state
from kmsmodel.calls.request import Request
from kmsmodel.errors import NotFoundException
from kmsmodel.hsm import ciphertext, grant_token
from kmsmodel.memory.kms import Kms
from kmsmodel.operations import OPERATIONS
from kmsmodel.words import arn, structures
from kmsmodel.words.arguments import expect
from kmsmodel.words.arn import AliasArn, KeyArn

_CHANGES = frozenset(
    {
        "CancelKeyDeletion",
        "ConnectCustomKeyStore",
        "CreateAlias",
        "CreateCustomKeyStore",
        "CreateGrant",
        "CreateKey",
        "DeleteAlias",
        "DeleteCustomKeyStore",
        "DeleteImportedKeyMaterial",
        "DisableKey",
        "DisableKeyRotation",
        "DisconnectCustomKeyStore",
        "EnableKey",
        "EnableKeyRotation",
        "ImportKeyMaterial",
        "PutKeyPolicy",
        "ReplicateKey",
        "RetireGrant",
        "RevokeGrant",
        "RotateKeyOnDemand",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateCustomKeyStore",
        "UpdateKeyDescription",
        "UpdatePrimaryRegion",
    }
)
_NAME_A_KEY = ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId")
_LISTS_OF_ALIASES = "ListAliases"


@final
@frozen(kw_only=True)
class Traits:
    """
    The traits of an operation.

    ``keys`` are the members that name a KMS key. ``alias`` is whether ``AliasName`` names an alias. ``reads_only`` is
    what CloudTrail calls ``readOnly``: cryptographic operations read only, too. ``sensitive`` are the members of the
    request and of the response that AWS's service model marks so, such as a ``Plaintext``.
    """

    keys: tuple[str, ...]
    alias: bool
    reads_only: bool
    sensitive: frozenset[str]


def _traits(request: type[Request[Any]]) -> Traits:
    names = set(structures.member_names(cast("type[AttrsInstance]", request)).values())
    of_request = structures.sensitive_names(cast("type[AttrsInstance]", request))
    return Traits(
        keys=tuple(name for name in _NAME_A_KEY if name in names),
        alias="AliasName" in names,
        reads_only=request.operation not in _CHANGES,
        sensitive=of_request | structures.sensitive_names(response_class(request)),
    )


def response_class(request: type[Request[Any]]) -> type[AttrsInstance]:
    """The class of the responses to a class of requests."""
    (base,) = cast("Any", request).__orig_bases__
    (response,) = get_args(base)
    return cast("type[AttrsInstance]", response)


TRAITS: Mapping[str, Traits] = {request.operation: _traits(request) for request in OPERATIONS}
"""The traits of each operation of this model, by its name."""


def keys_of(kms: Kms, request: Request[Any], call: Call) -> tuple[KeyArn, ...]:
    """
    The KMS keys that a request is about, as far as they exist, the source of a `ReEncrypt` first.

    They are those that the request names, or that its ciphertext or its grant token does. A list of aliases is about
    none.
    """
    expect_state(kms, call)
    expect("request", request, Request)
    if request.operation == _LISTS_OF_ALIASES:
        return ()
    traits = TRAITS[request.operation]
    members = structures.to_members(cast("AttrsInstance", request))
    identifiers = [members.get(name) for name in traits.keys]
    if traits.alias and "TargetKeyId" not in members:
        identifiers.append(members.get("AliasName"))
    found = [_named(each, kms, call) for each in identifiers if each is not None]
    if "CiphertextBlob" in members and not {"KeyId", "SourceKeyId"} & members.keys():
        found.insert(0, _key_of_ciphertext(members["CiphertextBlob"], kms, call))
    if "GrantToken" in members:
        found.append(_key_of_token(members["GrantToken"], kms, call))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _named(identifier: str, kms: Kms, call: Call) -> KeyArn | None:
    """The KMS key that exists under this identifier."""
    try:
        named = arn.parse(identifier, call.caller.account, call.region)
    except NotFoundException:
        return None
    if isinstance(named, AliasArn):
        alias_and_key = kms.alias_and_key(named, call.now)
        return None if alias_and_key is None else alias_and_key[1].key_arn
    return _existing(named, kms, call)


def _key_of_ciphertext(blob: bytes, kms: Kms, call: Call) -> KeyArn | None:
    parsed = ciphertext.parse(blob)
    named = None if parsed is None else kms.key_arn(parsed.key_handle, call.region)
    return _existing(named, kms, call)


def _key_of_token(token: str, kms: Kms, call: Call) -> KeyArn | None:
    named = grant_token.unseal(token, call.region, call.hsm)
    return None if named is None else _existing(named.key_arn, kms, call)


def _existing(named: KeyArn | None, kms: Kms, call: Call) -> KeyArn | None:
    return None if named is None or kms.key(named, call.now) is None else named
