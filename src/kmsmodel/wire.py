"""
The AWS JSON 1.1 protocol, as AWS KMS speaks it.

``X-Amz-Target`` names the operation, times are numbers of seconds, and blobs are base64. Unknown members of a request
are ignored; an unknown operation, and a body that is not JSON, are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, final

from attrs import AttrsInstance, field, frozen

from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError, SerializationException, UnknownOperationException
from kmsmodel.operations import OPERATIONS
from kmsmodel.words import strict_json, structures
from kmsmodel.words.arguments import expect

TARGET_PREFIX = "TrentService."
CONTENT_TYPE = "application/x-amz-json-1.1"
_OK = HTTPStatus.OK.value
_NOT_TO_BE_KEPT = (
    ("Cache-Control", "no-cache, no-store, must-revalidate, private"),
    ("Expires", "0"),
    ("Pragma", "no-cache"),
)

_REQUESTS = {TARGET_PREFIX + request.operation: request for request in OPERATIONS}
"""The requests, by the values of X-Amz-Target."""


@final
@frozen(kw_only=True)
class HttpResponse:
    """An answer of AWS KMS on the wire."""

    status: int = field(converter=int)
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


def request_class(operation: str) -> type[Request[Any]]:
    """The request class of an operation. Raises UnknownOperationException, or TypeError if the name is not a string."""
    expect("operation", operation, str)
    cls = _REQUESTS.get(TARGET_PREFIX + operation)
    if cls is None:
        raise UnknownOperationException(f"{operation} is not an operation of this model.")
    return cls


def operation_of(target: str) -> str:
    """The operation that a target names, whether there is one or not. Raises TypeError if it is not a string."""
    expect("target", target, str)
    return target.removeprefix(TARGET_PREFIX)


def parse(target: str, body: bytes) -> Request[Any]:
    """
    The request in a target and a body, checked.

    Raises UnknownOperationException, SerializationException or ValidationException, and TypeError for a target that is
    not a string or a body that is not bytes.
    """
    try:
        cls = _REQUESTS[target]
    except (KeyError, TypeError):
        raise _unknown(target) from None
    try:
        data = strict_json.loads(body.decode())
    except ValueError:
        raise SerializationException from None
    except AttributeError:
        expect("body", body, bytes)
        raise
    return structures.read(cls, data)


def _unknown(target: str) -> UnknownOperationException:
    return UnknownOperationException(f"{operation_of(target)} is not an operation of this model.")


def write(members: Mapping[str, object]) -> bytes:
    """The JSON body with these members, in ASCII."""
    return _encode(members).encode()


def render(
    answer: AttrsInstance | KmsError,
    request_id: str,
    write: Callable[[Mapping[str, object]], bytes] = write,
) -> HttpResponse:
    """
    The answer on the wire, with a JSON body that ``write`` makes.

    As in AWS, a response without members has no body, and an error without a message has no such member.
    """
    if isinstance(answer, KmsError):
        status, members = answer.http_status, _error(answer)
    else:
        status, members = _OK, structures.to_json(answer)
    body = write(members) if members else b""
    if b"." in body:  # there may be a time
        body = _as_java_prints(body)
    headers = (
        ("x-amzn-RequestId", request_id),
        *_NOT_TO_BE_KEPT,
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
    )
    return HttpResponse(status=status, headers=headers, body=body)


def _error(error: KmsError) -> dict[str, str]:
    members = {"__type": error.code}
    if error.message:
        members[error.message_member] = error.message
    return members


def _as_java_prints(body: bytes) -> bytes:
    """The body with its times, which alone are numbers with a fraction, as Java prints them: ``1.790597408399E9``."""
    return _TIME.sub(_in_scientific_notation, body)


def _in_scientific_notation(time: re.Match[bytes]) -> bytes:
    before, first, rest, fraction = time.groups()
    digits = (rest + fraction).rstrip(b"0") or b"0"  # pragma: no mutate
    return b"%b%b.%bE%d" % (before, first, digits, len(rest))


# Java prints numbers below ten million plainly. Before the quotation mark stands a letter of a member's name: within a
# string there would be a backslash, and before a string that begins with a colon no letter.
_TIME = re.compile(rb'(":(?<=[A-Za-z]":)-?)(\d)(\d{7,})\.(\d+)')

_encode = json.JSONEncoder(separators=(",", ":")).encode
