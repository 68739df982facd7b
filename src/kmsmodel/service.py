"""
The front desk: a request goes in, and the next state of AWS KMS and a response come out.

`handle` is the typed door and `respond` the wire door; behind both is the same.
"""

from __future__ import annotations

from typing import TypeVar

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
        raise UnknownOperationException
    answer: tuple[Kms, ResponseT] = operation(kms, structures.check(request), call)
    return answer


def respond(kms: Kms, target: str, body: bytes, call: Call) -> tuple[Kms, HttpResponse]:
    """
    Answer one request of the AWS JSON 1.1 protocol: ``target`` is the value of X-Amz-Target.

    Every error is an answer too, and leaves ``kms`` as it was.
    """
    try:
        after, response = handle(kms, wire.parse(target, body), call)
    except KmsError as error:
        return kms, wire.render_error(error, call.request_id)
    return after, wire.render(response, call.request_id)
