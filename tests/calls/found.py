"""
KMS keys as requests find them, and what is said where they do not.
"""

from __future__ import annotations

from kmsmodel.calls import access
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.key.key import Key
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import DisableKeyRequest
from tests.basics import OTHER_ACCOUNT, call

CALL, OTHER = call(), call(account=OTHER_ACCOUNT)


def to_disable(key_id: str) -> Request[object]:
    return DisableKeyRequest(key_id=key_id)


def found(local: LocalKms, key_id: str, call: Call = CALL) -> Key:
    return access.key(local.kms, key_id, to_disable(key_id), call)


def told(error: KmsError) -> tuple[type[KmsError], str]:
    return type(error), error.message
