"""
Aliases: names for KMS keys, which can be moved to other keys.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access, aws_managed_key
from kmsmodel.calls.authorization import authorize, authorize_by_iam
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    AlreadyExistsException,
    InvalidAliasNameException,
    LimitExceededException,
    ValidationException,
)
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import is_asymmetric
from kmsmodel.machine.key_state import pending_deletion
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import name_in_marker, page_of, page_size
from kmsmodel.words import arn
from kmsmodel.words.arn import AliasArn
from kmsmodel.words.enumerations import KeyState
from kmsmodel.words.shapes import AliasNameType, ArnType, DateType, KeyIdType, LimitType, MarkerType


def _named(alias_name: str, call: Call) -> AliasArn:
    """The ARN of an alias with this name in the caller's account and Region."""
    if not alias_name.startswith(arn.ALIAS_PREFIX):
        raise ValidationException(
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )
    if ":" in alias_name:
        raise ValidationException(f"{alias_name} contains invalid characters for an alias")
    return AliasArn(call.caller.account, call.region, alias_name)


def _existing(kms: Kms, name: AliasArn, request: Request[object], call: Call) -> tuple[Alias, Key]:
    """An alias and its KMS key, whose key policy is asked too. Raises NotFoundException or AccessDeniedException."""
    alias, key = access.alias(kms, name, request.operation, call)
    authorize(RequestContext(request.operation, request, call, kms=kms, key=key))
    return alias, key


# ---- CreateAlias


@final
@frozen(kw_only=True)
class CreateAliasResponse:
    pass


@final
@frozen(kw_only=True)
class CreateAliasRequest(Request[CreateAliasResponse]):
    """A request to give a KMS key an alias, whose name begins with ``alias/``."""

    alias_name: AliasNameType
    target_key_id: KeyIdType


def create_alias(
    kms: Kms, request: CreateAliasRequest, call: Call
) -> tuple[Kms, CreateAliasResponse]:
    """
    Create an alias for a KMS key.
    """
    name = _named(request.alias_name, call)
    reserved = name.alias_name.startswith(aws_managed_key.ALIAS_PREFIX)
    if reserved or name.alias_name == arn.ALIAS_PREFIX:
        raise InvalidAliasNameException
    authorize_by_iam(RequestContext(request.operation, request, call, kms=kms), str(name))
    key = _target(kms, request, call)
    if kms.alias(name, call.now) is not None:
        raise AlreadyExistsException(f"An alias with the name {name} already exists")
    _refuse_too_many(key, call)
    alias = Alias(
        alias_name=name.alias_name,
        target_key_id=key.key_arn.key_id,
        creation_date=call.now,
        last_updated_date=call.now,
    )
    return kms.with_alias(name, alias), CreateAliasResponse()


def _target(kms: Kms, request: CreateAliasRequest | UpdateAliasRequest, call: Call) -> Key:
    if isinstance(arn.parse(request.target_key_id, call.caller.account, call.region), AliasArn):
        raise ValidationException("Aliases must refer to keys. Not aliases")
    return access.key(kms, request.target_key_id, request, call)


def _refuse_too_many(key: Key, call: Call) -> None:
    quota = call.quotas.aliases_per_key
    if len(key.alias_names) >= quota:
        raise LimitExceededException(
            f"Aliases per key quota for this account in this region is {quota}, "
            f"current usage is {len(key.alias_names)}.",
            arn=key.arn,
        )


# ---- UpdateAlias


@final
@frozen(kw_only=True)
class UpdateAliasResponse:
    pass


@final
@frozen(kw_only=True)
class UpdateAliasRequest(Request[UpdateAliasResponse]):
    """A request to move an alias to another KMS key of the same kind and key usage."""

    alias_name: AliasNameType
    target_key_id: KeyIdType


def update_alias(
    kms: Kms, request: UpdateAliasRequest, call: Call
) -> tuple[Kms, UpdateAliasResponse]:
    """
    Move an existing alias to another KMS key.
    """
    name = _named(request.alias_name, call)
    authorize_by_iam(RequestContext(request.operation, request, call, kms=kms), str(name))
    key = _target(kms, request, call)
    # Footnote 10 of the key state table: the former key may be pending deletion, but this one may not.
    key_state = kms.key_state(key, call.now)
    if key_state in {KeyState.PendingDeletion, KeyState.PendingReplicaDeletion}:
        raise pending_deletion.for_key(key.arn, key_state)
    alias, former = _existing(kms, name, request, call)
    _refuse_another_kind(request.alias_name, former, key)
    if former.arn != key.arn:
        _refuse_too_many(key, call)
    alias = evolve(alias, target_key_id=key.key_arn.key_id, last_updated_date=call.now)
    return kms.with_alias(name, alias), UpdateAliasResponse()


def _refuse_another_kind(alias_name: str, former: Key, key: Key) -> None:
    """
    Refuse a KMS key of another key usage, or an asymmetric one in the place of a symmetric one.

    The key usage tells HMAC keys from symmetric encryption keys. Raises ValidationException.
    """
    if former.key_usage != key.key_usage:
        raise ValidationException(
            f"Alias {alias_name} cannot be changed from a CMK with key usage {former.key_usage} "
            f"to a CMK with key usage {key.key_usage}. "
            "The key usage of the current CMK and the new CMK must be the same.",
            arn=key.arn,
        )
    if is_asymmetric(former.key_spec) != is_asymmetric(key.key_spec):
        raise ValidationException(
            f"Alias {alias_name} cannot be changed from a {former.key_spec} key "
            f"to a {key.key_spec} key.",
            arn=key.arn,
        )


# ---- DeleteAlias


@final
@frozen(kw_only=True)
class DeleteAliasResponse:
    pass


@final
@frozen(kw_only=True)
class DeleteAliasRequest(Request[DeleteAliasResponse]):
    alias_name: AliasNameType


def delete_alias(
    kms: Kms, request: DeleteAliasRequest, call: Call
) -> tuple[Kms, DeleteAliasResponse]:
    """
    Delete an alias; its KMS key stays.
    """
    name = _named(request.alias_name, call)
    authorize_by_iam(RequestContext(request.operation, request, call, kms=kms), str(name))
    _existing(kms, name, request, call)
    return kms.without_alias(name), DeleteAliasResponse()


# ---- ListAliases


@final
@frozen(kw_only=True)
class AliasListEntry:
    """An alias. One that AWS lists without a key has no target and no dates until it is first used."""

    alias_name: AliasNameType
    alias_arn: ArnType
    target_key_id: KeyIdType | None = None
    creation_date: DateType | None = None
    last_updated_date: DateType | None = None


@final
@frozen(kw_only=True)
class ListAliasesResponse:
    aliases: tuple[AliasListEntry, ...]
    truncated: bool
    next_marker: MarkerType | None = None


@final
@frozen(kw_only=True)
class ListAliasesRequest(Request[ListAliasesResponse]):
    """A request for the aliases of a KMS key, or of all; 50 a page by default, and at most 100."""

    key_id: KeyIdType | None = None
    limit: LimitType | None = None
    marker: MarkerType | None = None


def list_aliases(
    kms: Kms, request: ListAliasesRequest, call: Call
) -> tuple[Kms, ListAliasesResponse]:
    """
    List the aliases of the account in the Region, or those of one KMS key, in the order of their names.
    """
    size = page_size(request.limit, 50, most=100)
    if request.key_id is None:
        authorize(RequestContext(request.operation, request, call, kms=kms))
    key = None if request.key_id is None else access.key(kms, request.key_id, request, call)
    after = name_in_marker(request.operation, request.marker)
    if key is None:
        found = _all_aliases(kms, after, size + 1, call)
    else:
        entries = (_entry(alias, call) for alias in kms.aliases_of(key))
        found = [(each.alias_name, each) for each in entries if each.alias_name > after]
    listed = page_of(request.operation, found, size)
    return kms, ListAliasesResponse(
        aliases=listed.entries, truncated=listed.truncated, next_marker=listed.next_marker
    )


def _all_aliases(kms: Kms, after: str, size: int, call: Call) -> list[tuple[str, AliasListEntry]]:
    """The first aliases after this name, those that AWS lists without a key among them."""
    found = kms.aliases_after(call.caller.account, call.region, after, size, call.now)
    listed = {alias_name: _entry(alias, call) for alias_name, alias in found}
    for alias_name in aws_managed_key.LISTED_WITHOUT_A_KEY:
        name = AliasArn(call.caller.account, call.region, alias_name)
        if alias_name > after and kms.alias(name, call.now) is None:
            listed[alias_name] = AliasListEntry(alias_name=alias_name, alias_arn=str(name))
    return sorted(listed.items())[:size]


def _entry(alias: Alias, call: Call) -> AliasListEntry:
    return AliasListEntry(
        alias_name=alias.alias_name,
        alias_arn=str(AliasArn(call.caller.account, call.region, alias.alias_name)),
        target_key_id=alias.target_key_id,
        creation_date=alias.creation_date,
        last_updated_date=alias.last_updated_date,
    )
