"""
Which KMS key a request is about, and whether it can be used for this operation now.

Each operation on a key begins here. The checks are in AWS's order, as far as it is known: the form of the identifier,
the caller, the existence of the key, the key usage, and last the key state. Source: `docs/fidelity.md`, *The order of
refusals*.
"""

from __future__ import annotations

from kmsmodel.calls import authorization, aws_managed_key, grants
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import InvalidArnException, NotFoundException
from kmsmodel.key import key_usage
from kmsmodel.key.key import Key
from kmsmodel.machine.key_state import refusal_for
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.kms import Kms
from kmsmodel.words import arn
from kmsmodel.words.arn import AliasArn, KeyArn


def key(kms: Kms, identifier: str, request: Request[object], call: Call) -> Key:
    """
    The KMS key with this key id or key ARN, for the operation that ``request`` asks for.

    Raises NotFoundException, InvalidArnException for an alias, and what `check` raises.
    """
    named = arn.parse(identifier, call.caller.account, call.region)
    if isinstance(named, AliasArn):
        raise InvalidArnException("Key Aliases are not supported for this operation.")
    found = _existing(kms, named, request.operation, call)
    check(kms, found, request, call)
    return found


def key_or_alias(
    kms: Kms, identifier: str, request: Request[object], call: Call, *, action: str = ""
) -> tuple[Kms, Key]:
    """
    The state, and its KMS key with this key id, key ARN, alias name or alias ARN, for the operation of ``request``.

    The state is a new one on the first use of the alias of an AWS managed key, which makes that key. ``action`` is the
    operation's name in policies, if that is another one. Raises what `find` and `check` raise.
    """
    kms, found = find(kms, identifier, action or request.operation, call)
    check(kms, found, request, call)
    return kms, found


def find(kms: Kms, identifier: str, action: str, call: Call) -> tuple[Kms, Key]:
    """
    The state, and its KMS key with this key id, key ARN, alias name or alias ARN; see `key_or_alias`.

    Raises NotFoundException or AccessDeniedException.
    """
    named = arn.parse(identifier, call.caller.account, call.region)
    if isinstance(named, KeyArn):
        return kms, _existing(kms, named, action, call)
    authorization.authorize(action, named, call)
    kms = aws_managed_key.with_key_of(named, kms, call)
    return kms, alias(kms, named, call)[1]


def check(kms: Kms, key: Key, request: Request[object], call: Call) -> None:
    """
    Refuse a KMS key that the caller may not use for this operation, or that cannot be used for it now.

    Raises AccessDeniedException, InvalidGrantTokenException, InvalidKeyUsageException, or the error in the key state
    table.
    """
    authorization.refuse_managing(request.operation, key, call)
    grants.refuse_tokens(request, call)
    key_usage.check(request.operation, key)
    life = key.lifecycle
    refusal = refusal_for(request.operation, life.arn, life.origin, kms.key_state(key, call.now))
    if refusal is not None:
        raise refusal


def alias(kms: Kms, named: AliasArn, call: Call) -> tuple[Alias, Key]:
    """The alias with this ARN, and its KMS key. Raises NotFoundException."""
    alias_and_key = kms.alias_and_key(named, call.now)
    if alias_and_key is None:
        raise NotFoundException(f"Alias {named} is not found.")
    return alias_and_key


def key_of_ciphertext(
    kms: Kms, named: KeyArn | None, request: Request[object], call: Call, *, action: str = ""
) -> Key:
    """
    The KMS key that a ciphertext names, for a request that names none. ``named`` is None if no key has its handle.

    Raises AccessDeniedException if there is no such key in the caller's account, and what `check` raises.
    """
    found = None
    if named is not None and named.account == call.caller.account:
        found = kms.key(named, call.now)
    if found is None:
        resource = "the resource associated with this ciphertext"
        raise authorization.denied(action or request.operation, resource, call)
    check(kms, found, request, call)
    return found


def _existing(kms: Kms, named: KeyArn, action: str, call: Call) -> Key:
    authorization.authorize(action, named, call)
    found = kms.key(named, call.now)
    if found is None:
        raise NotFoundException(f"Key '{named}' does not exist", arn=str(named))
    return found
