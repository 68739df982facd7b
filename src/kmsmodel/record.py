"""
What a `LocalKms` remembers of the calls that were made to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, final

from attrs import AttrsInstance, field, frozen

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.request import Request
from kmsmodel.errors import ConnectionDropped, KmsError, NotFoundException, notes_of
from kmsmodel.words.arn import KeyArn, parse

LIMIT = 10_000
"""How many calls are remembered; older ones are forgotten."""

_NOTHING = (None, None, ())
"""What an answer tells that is no error: no code, no ARN, no notes."""


def _arn_of(caller: Caller) -> str:
    return caller.principal.arn


@final
@frozen(kw_only=True)
class RecordedCall:
    """
    One call that was answered.

    ``key_arn`` names the KMS key that the answer or the error names, or else the request; it is None if none does, as
    in the refusal of an alias. Of `ReEncrypt`, the key and the encryption context are those of the destination.
    ``error_code`` is None if the call succeeded, and ``notes`` are those of the error (`__notes__`), which say what
    AWS's answer leaves out. ``request`` is None if it could not be read. A representation has neither the request nor
    the response, because both may have secrets, and no notes.
    """

    operation: str
    caller: Caller = field(repr=_arn_of)
    region: str
    time: datetime
    request_id: str
    key_arn: str | None
    encryption_context: Mapping[str, str] | None
    error_code: str | None
    notes: tuple[str, ...] = field(repr=False)
    request: Request[Any] | None = field(repr=False)
    response: AttrsInstance | None = field(repr=False)


@final
class Record:
    """
    The latest calls, in the order of their answers.

    Threads share it without a lock, because a deque appends in one step. A `RecordedCall` is made when somebody looks,
    so that a call costs no more than a tuple.
    """

    def __init__(self) -> None:
        self._kept: deque[tuple[Any, ...]] = deque(maxlen=LIMIT)

    def add(
        self,
        operation: str,
        request: Request[Any] | None,
        answer: AttrsInstance | KmsError | ConnectionDropped,
        call: Call,
    ) -> None:
        # Neither the call nor an error is kept as it is: the one holds an HSM, the other a traceback.
        who = (call.caller, call.region, call.now, call.request_id)
        if isinstance(answer, KmsError | ConnectionDropped):
            told = (answer.code, answer.arn, notes_of(answer))
            self._kept.append((operation, who, request, None, told))
        else:
            self._kept.append((operation, who, request, answer, _NOTHING))

    def calls(self) -> tuple[RecordedCall, ...]:
        return tuple(_recorded(each) for each in self._kept.copy())


def _recorded(kept: tuple[Any, ...]) -> RecordedCall:
    operation, (caller, region, time, request_id), request, response, told = kept
    error_code, arn, notes = told
    context = _member(request, "encryption_context", "destination_encryption_context")
    name = _member(response, "key_id") or arn
    name = name or getattr(_member(response, "key_metadata"), "arn", None)
    name = name or _member(request, "key_id", "target_key_id", "destination_key_id")
    return RecordedCall(
        operation=operation,
        caller=caller,
        region=region,
        time=time,
        request_id=request_id,
        key_arn=None if name is None else _key_arn(name, caller.account, region),
        encryption_context=None if context is None else MappingProxyType(context),
        error_code=error_code,
        notes=notes,
        request=request,
        response=response,
    )


def _member(structure: AttrsInstance | None, *names: str) -> Any:
    """The first of these members that a request or a response has and gives."""
    found = (getattr(structure, name, None) for name in names)
    return next((value for value in found if value is not None), None)


def _key_arn(name: str, account: str, region: str) -> str | None:
    """The ARN of the key that an identifier names by itself, as an alias does not."""
    try:
        arn = parse(name, account, region)
    except NotFoundException:
        return None
    return str(arn) if isinstance(arn, KeyArn) else None
