"""
Which KMS key a request is about, and whether it can be used for this operation now.

Each operation on a key begins here. The checks are in AWS's order, as far as it is known: the form of the identifier,
the caller, the existence of the key, the key usage, and last the key state. Source: `docs/fidelity.md`, *The order of
refusals*.
"""

from __future__ import annotations

from attrs import evolve

from kmsmodel.calls import aws_managed_key, elsewhere
from kmsmodel.calls.authorization import OF_THIS_CIPHERTEXT, authorize, unknown
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.external_keys import NOT_CONNECTED
from kmsmodel.calls.grants import refuse_tokens
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    InvalidArnException,
    KmsError,
    KMSInvalidStateException,
    NotFoundException,
)
from kmsmodel.key import key_usage
from kmsmodel.key.key import Key
from kmsmodel.machine.key_state import refusal_for, unavailable
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.kms import Kms
from kmsmodel.words import arn
from kmsmodel.words.arn import AliasArn, KeyArn


def key(kms: Kms, identifier: str, request: Request[object], call: Call) -> Key:
    """
    The KMS key with this key id or key ARN, for the operation that ``request`` asks for.

    Raises NotFoundException, InvalidArnException for an alias, and what `authorization.authorize` and `check` raise.
    """
    named = arn.parse(identifier, call.caller.account, call.region)
    if isinstance(named, AliasArn):
        raise InvalidArnException("Key Aliases are not supported for this operation.")
    action = request.operation
    _refuse_tokens_of_strangers(named, request, call)
    found = _existing(kms, named, action, call)
    authorize(RequestContext(action, request, call, kms=kms, key=found))
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
    kms, found = find(kms, identifier, request, call, action=action)
    check(kms, found, request, call)
    return kms, found


def find(
    kms: Kms, identifier: str, request: Request[object], call: Call, *, action: str = ""
) -> tuple[Kms, Key]:
    """
    The same as `key_or_alias`, whether or not the KMS key can be used for the operation now.

    Raises NotFoundException, and what `authorization.authorize` raises.
    """
    action = action or request.operation
    named = arn.parse(identifier, call.caller.account, call.region)
    _refuse_tokens_of_strangers(named, request, call)
    if isinstance(named, KeyArn):
        found = _existing(kms, named, action, call)
    else:
        if aws_managed_key.is_made_by(action, named, call):
            kms = aws_managed_key.with_key_of(named, kms, call)
        found = alias(kms, named, action, call)[1]
    authorize(RequestContext(action, request, call, kms=kms, key=found))
    return kms, found


def check(kms: Kms, key: Key, request: Request[object], call: Call) -> None:
    """
    Refuse a KMS key that cannot be used for this operation now.

    Raises InvalidKeyUsageException, or the error in the key state table.
    """
    key_usage.check(request.operation, key)
    life, key_state = key.lifecycle, kms.key_state(key, call.now)
    refusal = refusal_for(request.operation, life.arn, life.origin, key_state)
    if refusal is not None:
        raise _of_external_key(refusal) if key.xks_key_id is not None else refusal


def _of_external_key(refusal: KmsError) -> KmsError:
    """The refusal; an external key store that is not connected is told by a text of its own."""
    if not refusal.message.endswith(unavailable.text):
        return refusal
    return KMSInvalidStateException(NOT_CONNECTED, arn=refusal.arn, key_state=refusal.key_state)


def alias(kms: Kms, named: AliasArn, action: str, call: Call) -> tuple[Alias, Key]:
    """The alias with this ARN, and its KMS key. Raises NotFoundException or AccessDeniedException."""
    alias_and_key = kms.alias_and_key(named, call.now)
    if alias_and_key is None:
        error = _missing(f"Alias {named} is not found.", named, action, call)
        raise elsewhere.told(
            error,
            "an alias of this name",
            kms,
            call,
            account=named.account,
            is_there=lambda region: (
                kms.alias_and_key(evolve(named, region=region), call.now) is not None
            ),
        )
    return alias_and_key


def key_of_ciphertext(
    kms: Kms, named: KeyArn | None, request: Request[object], call: Call, *, action: str = ""
) -> Key:
    """
    The KMS key that a ciphertext names, for a request that names none. ``named`` is None if no key has its handle.

    Raises AccessDeniedException if there is no such key, and what `authorization.authorize` and `check` raise.
    """
    action = action or request.operation
    refuse_tokens(request, call)
    found = None if named is None else kms.key(named, call.now)
    if found is None:
        raise unknown(action, call, OF_THIS_CIPHERTEXT)
    authorize(RequestContext(action, request, call, kms=kms, key=found), OF_THIS_CIPHERTEXT)
    check(kms, found, request, call)
    return found


def _refuse_tokens_of_strangers(
    named: KeyArn | AliasArn, request: Request[object], call: Call
) -> None:
    """Refuse bad grant tokens before a key of another account is looked for: the error would tell that it exists."""
    if named.account != call.caller.account:
        refuse_tokens(request, call)


def _existing(kms: Kms, named: KeyArn, action: str, call: Call) -> Key:
    found = kms.key(named, call.now)
    if found is None:
        error = _missing(f"Key '{named}' does not exist", named, action, call)
        raise elsewhere.told(
            error,
            "a key of this id",
            kms,
            call,
            account=named.account,
            is_there=lambda region: kms.key(evolve(named, region=region), call.now) is not None,
        )
    return found


def _missing(message: str, named: KeyArn | AliasArn, action: str, call: Call) -> KmsError:
    """The error for a thing that does not exist; callers of other accounts may not learn that."""
    if named.account != call.caller.account and call.caller.is_asked:
        return unknown(action, call)
    return NotFoundException(message, arn=str(named) if isinstance(named, KeyArn) else None)
