"""
Whether this caller may use this KMS key for this operation now.

Each operation on a key begins here: find the key, authorize the caller, ask AWS's table of key states.
"""

from __future__ import annotations

from kmsmodel import arn, authorization, key_state
from kmsmodel.arn import AliasArn, KeyArn
from kmsmodel.call import Call
from kmsmodel.errors import InvalidArnException, NotFoundException
from kmsmodel.key import Key
from kmsmodel.kms import Kms
from kmsmodel.request import Request


def key(
    kms: Kms, identifier: str, request: Request[object], call: Call, *, aliases: bool = False
) -> Key:
    """
    The KMS key that ``identifier`` names, ready for the operation that ``request`` asks for.

    ``aliases`` tells whether the operation takes alias names and alias ARNs. Raises NotFoundException,
    InvalidArnException, AccessDeniedException, or what the key state table holds.
    """
    name = arn.parse(identifier, call.account, call.region)
    if isinstance(name, AliasArn) and not aliases:
        raise InvalidArnException("Key Aliases are not supported for this operation.")
    authorization.authorize(request.operation, name, call)
    if isinstance(name, AliasArn):
        raise NotFoundException(f"Alias {name} is not found.")
    found = kms.key(name, call.now)
    if found is None:
        raise NotFoundException(f"Key '{name}' does not exist", arn=str(name))
    _check_key_state(kms, found, request, call)
    return found


def key_of_ciphertext(
    kms: Kms, account: str, key_id: str, request: Request[object], call: Call
) -> Key:
    """
    The KMS key that a ciphertext names, for a request that names none.

    Raises AccessDeniedException also where there is no such key, or what the key state table holds.
    """
    name = KeyArn(account, call.region, key_id)
    found = kms.key(name, call.now) if account == call.account else None
    if found is None:
        resource = "the resource associated with this ciphertext"
        raise authorization.denied(request.operation, resource, call)
    _check_key_state(kms, found, request, call)
    return found


def _check_key_state(kms: Kms, key: Key, request: Request[object], call: Call) -> None:
    key_state.check(request.operation, key.arn, key.lifecycle.origin, kms.key_state(key, call.now))
