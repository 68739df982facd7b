"""
The front desk: a request goes in, and the next state of AWS KMS and a response come out.
"""

from __future__ import annotations

from typing import TypeVar

from kmsmodel import structures
from kmsmodel.call import Call
from kmsmodel.errors import UnknownOperationException
from kmsmodel.kms import Kms
from kmsmodel.operations import OPERATIONS
from kmsmodel.request import Request

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
