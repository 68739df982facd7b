"""
The AWS JSON 1.1 protocol, as AWS KMS speaks it.

Operation names stand in ``X-Amz-Target``, times are numbers of seconds, blobs are base64. Members of a request that AWS
KMS does not know are ignored; an operation that it does not know, and a body that is not JSON, are refused.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn, final

from attrs import AttrsInstance, frozen

from kmsmodel import structures
from kmsmodel.errors import KmsError, SerializationException, UnknownOperationException
from kmsmodel.operations import OPERATIONS
from kmsmodel.request import Request

TARGET_PREFIX = "TrentService."
CONTENT_TYPE = "application/x-amz-json-1.1"

_REQUESTS: dict[str, type[Request[Any]]] = {request.operation: request for request in OPERATIONS}


@final
@frozen(kw_only=True)
class HttpResponse:
    """An answer of AWS KMS on the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def parse(target: str, body: bytes) -> Request[Any]:
    """The request that a target and a body make. Raises UnknownOperationException or SerializationException."""
    if not target.startswith(TARGET_PREFIX):
        raise UnknownOperationException
    return request(target.removeprefix(TARGET_PREFIX), _loads(body))


def request(operation: str, members: object) -> Request[Any]:
    """The request that plain JSON describes. Raises UnknownOperationException or SerializationException."""
    cls = _REQUESTS.get(operation)
    if cls is None:
        raise UnknownOperationException
    return structures.from_json(cls, members)


def render(response: AttrsInstance, request_id: str) -> HttpResponse:
    """The answer that a response makes; one without members has no body."""
    members = structures.to_json(response)
    return _http(200, json.dumps(members).encode() if members else b"", request_id)


def render_error(error: KmsError, request_id: str) -> HttpResponse:
    """The answer that an error makes; an empty message is left out, as AWS does."""
    body = {"__type": error.code} | ({"message": error.message} if error.message else {})
    return _http(error.http_status, json.dumps(body).encode(), request_id)


def _http(status: int, body: bytes, request_id: str) -> HttpResponse:
    headers = (
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
    )
    return HttpResponse(status=status, headers=headers, body=body)


def _loads(body: bytes) -> object:
    """JSON in UTF-8, in which no name stands twice and each number is one."""
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        raise SerializationException from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise SerializationException
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise SerializationException
