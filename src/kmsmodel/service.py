"""
The front desk: a request goes in, and the next state of AWS KMS and a response come out.

`handle` is the typed door, `respond` the wire door, and `dispatch` the door for who has parsed already; behind all of
them is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import AttrsInstance

from kmsmodel import wire
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError, UnknownOperationException
from kmsmodel.memory.kms import Kms
from kmsmodel.operations import OPERATIONS
from kmsmodel.wire import HttpResponse
from kmsmodel.words import structures

ResponseT = TypeVar("ResponseT")


def handle(kms: Kms, request: Request[ResponseT], call: Call) -> tuple[Kms, ResponseT]:
    """
    Answer one request: the state that follows, and the response that belongs to the request.

    Raises a `KmsError`, as AWS answers it; ``kms`` is then what it was. Equal arguments, and equal answers of the HSM,
    give equal results.
    """
    if type(request) not in OPERATIONS:
        raise UnknownOperationException(f"{type(request).__name__} is not a request of this model.")
    return _handle_checked(kms, structures.check(request), call)


def _handle_checked(kms: Kms, request: Request[ResponseT], call: Call) -> tuple[Kms, ResponseT]:
    result: tuple[Kms, ResponseT] = OPERATIONS[type(request)](kms, request, call)
    return result


def answer(kms: Kms, target: str, body: bytes, call: Call) -> tuple[Kms, AttrsInstance | KmsError]:
    """Parse one request of the AWS JSON 1.1 protocol and answer it; every error is an answer, and changes nothing."""
    try:
        return _handle_checked(kms, wire.parse(target, body), call)
    except KmsError as error:
        return kms, error


def dispatch(
    kms: Kms, operation: str, members: Mapping[str, object], call: Call
) -> tuple[Kms, Any]:
    """
    Answer one request whose members somebody else has parsed, such as an emulator that embeds this model.

    The members go by AWS's names. In the request, blobs are bytes or base64, and times are datetimes or seconds. The
    response is a dictionary in which they are bytes and datetimes, as boto3 gives it; its type is Any, since hosts have
    typed dictionaries of their own. Raises a `KmsError`.
    """
    request = structures.read(wire.request_class(operation), members)
    kms, response = _handle_checked(kms, request, call)
    return kms, structures.to_members(response)


def respond(kms: Kms, target: str, body: bytes, call: Call) -> tuple[Kms, HttpResponse]:
    """Answer one request of the AWS JSON 1.1 protocol: ``target`` is the value of X-Amz-Target."""
    kms, answered = answer(kms, target, body, call)
    return kms, wire.render(answered, call.request_id)
