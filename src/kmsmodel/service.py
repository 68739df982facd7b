"""
The front desk: a request goes in, and the next state of AWS KMS and a response come out.

`handle` is the typed door and `respond` the wire door; behind both is the same.
"""

from __future__ import annotations

from typing import TypeVar

from attrs import AttrsInstance

from kmsmodel import structures, wire
from kmsmodel.call import Call
from kmsmodel.errors import KmsError, UnknownOperationException
from kmsmodel.kms import Kms
from kmsmodel.operations import OPERATIONS
from kmsmodel.request import Request
from kmsmodel.wire import HttpResponse

ResponseT = TypeVar("ResponseT")


def handle(kms: Kms, request: Request[ResponseT], call: Call) -> tuple[Kms, ResponseT]:
    """
    Answer one request: the state that follows, and the response that belongs to the request.

    Raises a `KmsError`, as AWS answers it; ``kms`` is then what it was. Equal arguments, and equal answers of the HSM,
    give equal results.
    """
    operation = OPERATIONS.get(type(request))
    if operation is None:
        raise UnknownOperationException(f"{type(request).__name__} is no request of this model.")
    result: tuple[Kms, ResponseT] = operation(kms, structures.check(request), call)
    return result


def answer(kms: Kms, target: str, body: bytes, call: Call) -> tuple[Kms, AttrsInstance | KmsError]:
    """Parse one request of the AWS JSON 1.1 protocol and answer it; every error is an answer, and changes nothing."""
    try:
        return handle(kms, wire.parse(target, body), call)
    except KmsError as error:
        return kms, error


def respond(kms: Kms, target: str, body: bytes, call: Call) -> tuple[Kms, HttpResponse]:
    """Answer one request of the AWS JSON 1.1 protocol: ``target`` is the value of X-Amz-Target."""
    kms, answered = answer(kms, target, body, call)
    return kms, wire.render(answered, call.request_id)
