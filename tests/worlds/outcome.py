"""
What comes of a request, as values that can be compared; and what is remembered of each key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, final

from attrs import frozen

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from kmsmodel.service import handle


@final
@frozen
class Refused:
    """An error, as a value that can be compared."""

    code: str
    message: str
    arn: str | None
    key_state: str | None


def outcome(kms: Kms, request: Request[Any], call_: Call) -> tuple[Kms, Any]:
    """The state that follows and the response; if it was refused, the state as it is and what was said."""
    try:
        return handle(kms, request, call_)
    except KmsError as error:
        return kms, Refused(error.code, error.message, error.arn, error.key_state)


def keys_of(kms: Kms) -> Iterator[Key]:
    """Every key that is remembered, deleted ones too, for as long as they are."""
    for of in kms.accounts.values():
        key_id = ""
        while page := of.keys.page_after(key_id, 1000):
            yield from (key for _, key in page)
            key_id = page[-1][0]


def secrets_of(keys: Iterable[Key]) -> frozenset[bytes]:
    """Every secret that is remembered of these keys."""
    remembered = tuple(keys)
    found = [key.import_secret for key in remembered]
    found += [material.secret for key in remembered for material in key.backing_keys]
    return frozenset(secret.reveal() for secret in found if secret is not None)
