"""
The front desk: a request goes in, and the next state of AWS KMS and a response come out.

`handle` is the typed door, `respond` the wire door, and `dispatch` the door for callers that have already parsed the
request. All three lead to the same operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import AttrsInstance, evolve

from kmsmodel import wire
from kmsmodel.calls.call import Call, expect_state
from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError, UnknownOperationException
from kmsmodel.memory.kms import Kms
from kmsmodel.operations import OPERATIONS
from kmsmodel.policy.evaluation import Decision
from kmsmodel.wire import HttpResponse
from kmsmodel.words import structures
from kmsmodel.words.arguments import kind_of

ResponseT = TypeVar("ResponseT")


def handle(kms: Kms, request: Request[ResponseT], call: Call) -> tuple[Kms, ResponseT]:
    """
    Answer one request with the next state and the response.

    Raises a `KmsError` where AWS KMS answers with an error; the state is then the same as before. Equal arguments and
    equal answers of the HSM give equal results.
    """
    expect_state(kms, call)
    return perform(kms, checked(request), call)


def checked(request: Request[ResponseT]) -> Request[ResponseT]:
    """The request, checked. Raises UnknownOperationException, SerializationException or ValidationException."""
    if type(request) not in OPERATIONS:
        raise UnknownOperationException(f"{kind_of(request)} is not a request of this model.")
    return structures.check(request)


def perform(kms: Kms, request: Request[ResponseT], call: Call) -> tuple[Kms, ResponseT]:
    """As `handle`, for a request that is `checked` already."""
    return OPERATIONS[type(request)](kms, request, call)


def explain(kms: Kms, request: Request[Any], call: Call) -> tuple[Decision, ...]:
    """
    The decisions about the caller that a request leads to, in their order; all but the last allow.

    Nothing is done. There is none for a caller who is not asked. Raises the `KmsError` of a request that is refused
    before anybody is asked.
    """
    expect_state(kms, call)
    decisions: list[Decision] = []
    try:
        handle(kms, request, evolve(call, witness=decisions.append))
    except KmsError:
        if not decisions:
            raise
    return tuple(decisions)


def answer(kms: Kms, target: str, body: bytes, call: Call) -> tuple[Kms, AttrsInstance | KmsError]:
    """Parse and answer one request of the AWS JSON 1.1 protocol; an error is an answer too, and changes nothing."""
    expect_state(kms, call)
    try:
        return perform(kms, wire.parse(target, body), call)
    except KmsError as error:
        return kms, error


def dispatch(
    kms: Kms, operation: str, members: Mapping[str, object], call: Call
) -> tuple[Kms, Any]:
    """
    Answer one request that the caller, such as an emulator that embeds this model, has already parsed.

    Members have AWS's names. In the request, blobs are bytes or base64, and times are datetimes or seconds. The
    response is a dictionary like boto3's, with bytes and datetimes; its type is Any, because hosts have typed
    dictionaries of their own. Raises a `KmsError`.
    """
    expect_state(kms, call)
    kms, response = perform(kms, parsed(operation, members), call)
    return kms, structures.to_members(response)


def parsed(operation: str, members: Mapping[str, object]) -> Request[Any]:
    """The request that `dispatch` answers, checked. Raises what `checked` raises."""
    return structures.read(wire.request_class(operation), members)


def respond(kms: Kms, target: str, body: bytes, call: Call) -> tuple[Kms, HttpResponse]:
    """Answer one AWS JSON 1.1 request; errors are answers too. ``target`` is the value of X-Amz-Target."""
    kms, answered = answer(kms, target, body, call)
    return kms, wire.render(answered, call.request_id)
