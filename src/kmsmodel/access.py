"""
Whether this caller may use this KMS key for this operation now, and with which key material.

Each operation on a key begins here: authorize the caller, find the key, compare the key usage, ask AWS's table of key
states.
"""

from __future__ import annotations

from kmsmodel import arn, authorization, aws_managed_key, key_state, key_usage
from kmsmodel.alias import Alias
from kmsmodel.arn import AliasArn, KeyArn
from kmsmodel.call import Call
from kmsmodel.errors import (
    DryRunOperationException,
    InvalidArnException,
    NotFoundException,
)
from kmsmodel.key import Key
from kmsmodel.key_material import Secret
from kmsmodel.kms import Kms
from kmsmodel.request import Request


def key(kms: Kms, identifier: str, request: Request[object], call: Call) -> Key:
    """
    The KMS key with this key id or key ARN, ready for the operation that ``request`` asks for.

    Raises NotFoundException, InvalidArnException for an alias, or what `ready` raises.
    """
    name = arn.parse(identifier, call.account, call.region)
    if isinstance(name, AliasArn):
        raise InvalidArnException("Key Aliases are not supported for this operation.")
    return ready(kms, _named(kms, name, request.operation, call), request, call)


def key_or_alias(
    kms: Kms, identifier: str, request: Request[object], call: Call, *, action: str = ""
) -> tuple[Kms, Key]:
    """
    The KMS key with this key id, key ARN, alias name or alias ARN, ready for the operation that ``request`` asks for.

    The state that has it comes first: the alias of an AWS managed key makes that key, on its first use. ``action`` is
    what policies call the operation, where that is not its name. Raises what `find` and `ready` raise.
    """
    kms, key = find(kms, identifier, action or request.operation, call)
    return kms, ready(kms, key, request, call)


def find(kms: Kms, identifier: str, action: str, call: Call) -> tuple[Kms, Key]:
    """
    The KMS key with this key id, key ARN, alias name or alias ARN, and the state that has it.

    Raises NotFoundException, or AccessDeniedException.
    """
    name = arn.parse(identifier, call.account, call.region)
    if isinstance(name, KeyArn):
        return kms, _named(kms, name, action, call)
    authorization.authorize(action, name, call)
    kms = aws_managed_key.with_key_of(name, kms, call)
    return kms, alias(kms, name, call)[1]


def ready(kms: Kms, key: Key, request: Request[object], call: Call) -> Key:
    """
    A KMS key that was found, if the caller may have it do what ``request`` asks for, and it can do that now.

    Raises AccessDeniedException, InvalidGrantTokenException, InvalidKeyUsageException, or what the key state table
    holds.
    """
    authorization.authorize_manager(request.operation, key, call)
    authorization.check_grant_tokens(request)
    key_usage.check(request.operation, key)
    key_state.check(request.operation, key.arn, key.lifecycle.origin, kms.key_state(key, call.now))
    return key


def alias(kms: Kms, name: AliasArn, call: Call) -> tuple[Alias, Key]:
    """The alias with this ARN, and its KMS key. Raises NotFoundException."""
    alias_and_key = kms.alias_and_key(name, call.now)
    if alias_and_key is None:
        raise NotFoundException(f"Alias {name} is not found.")
    return alias_and_key


def key_of_ciphertext(
    kms: Kms, name: KeyArn, request: Request[object], call: Call, *, action: str = ""
) -> Key:
    """
    The KMS key that a ciphertext names, for a request that names none.

    Raises AccessDeniedException also where there is no such key, or what `ready` raises.
    """
    key = kms.key(name, call.now) if name.account == call.account else None
    if key is None:
        resource = "the resource associated with this ciphertext"
        raise authorization.denied(action or request.operation, resource, call)
    return ready(kms, key, request, call)


def current_material(kms: Kms, key: Key, call: Call) -> tuple[str, Secret]:
    """
    The id and the bytes of the key material that a KMS key works with now.

    Raises KMSInvalidStateException where it is not there: a key that is updating need not have it.
    """
    current = key.lifecycle.current
    secret = None if current is None else key.secret(current.key_material_id, call.now)
    if current is None or secret is None:
        raise key_state.pending_import.of(key.arn, kms.key_state(key, call.now))
    return current.key_material_id, secret


def public_key(kms: Kms, key: Key, call: Call) -> bytes:
    """
    The public key of an asymmetric KMS key, also when its private key was deleted.

    Raises KMSInvalidStateException where nothing was ever imported.
    """
    current = key.lifecycle.current
    material = None if current is None else key.material(current.key_material_id)
    if material is None or material.public_key is None:
        raise key_state.pending_import.of(key.arn, kms.key_state(key, call.now))
    return material.public_key


def refuse_dry_run(dry_run: bool | None) -> None:
    """End a dry run, when all that could refuse the request has been asked. Raises DryRunOperationException."""
    if dry_run:
        raise DryRunOperationException(
            "The request would have succeeded, but the DryRun option is set."
        )


def _named(kms: Kms, name: KeyArn, action: str, call: Call) -> Key:
    authorization.authorize(action, name, call)
    key = kms.key(name, call.now)
    if key is None:
        raise NotFoundException(f"Key '{name}' does not exist", arn=str(name))
    return key
