"""
Answers in botocore's form, and over HTTP, to requests that nobody sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from importlib import import_module
from inspect import iscoroutinefunction
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast, final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ConnectionClosedError

# The model itself is imported when a client is first served, as in `kmsmodel.boto`.
if TYPE_CHECKING:
    from attrs import AttrsInstance

    from kmsmodel.calls.call import Call
    from kmsmodel.errors import KmsError
    from kmsmodel.local import LocalKms, Who
    from kmsmodel.memory.kms import Kms
    from kmsmodel.sts.refusals import StsError
    from kmsmodel.wire import HttpResponse


def _who(local: LocalKms, credentials: Any, region: str) -> Who:
    """
    Who calls with a client's credentials, and where: without any, the caller of ``local``.

    Without a directory, so do credentials that would have to be fetched. Raises a `KmsError`.
    """
    if credentials is None or isinstance(credentials, RefreshableCredentials):
        return {"region": region}
    return {**local.who(credentials.access_key or "", credentials.token), "region": region}


def _respond(
    local: LocalKms, params: dict[str, Any], model: Any, credentials: Any, region: str
) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the members that botocore would have parsed from an answer of AWS KMS."""
    from kmsmodel.errors import KmsError
    from kmsmodel.words import structures

    def give(answered: AttrsInstance | KmsError, call: Call) -> tuple[int, dict[str, Any]]:
        if isinstance(answered, KmsError):
            return _refused(answered, model, call.request_id)
        return _parsed(HTTPStatus.OK, structures.to_members(answered), call.request_id)

    try:
        who = _who(local, credentials, region)
    except KmsError as refused:
        return _refused(refused, model, local.step(lambda kms, call: (kms, call.request_id)))
    return local.answer(params["headers"]["X-Amz-Target"], params["body"], give, **who)


def http_answer(
    local: LocalKms, request: AWSPreparedRequest, credentials: Any, region: str
) -> HttpResponse:
    """
    The answer of AWS KMS to a request that is about to be sent.

    Raises botocore's ConnectionClosedError, at which botocore tries again.
    """
    from kmsmodel import wire
    from kmsmodel.errors import ConnectionDropped, KmsError

    try:
        who = _who(local, credentials, region)
    except KmsError as refused:
        return wire.render(refused, local.step(lambda kms, call: (kms, call.request_id)))
    target: Any = request.headers["X-Amz-Target"]
    try:
        return local.respond(target.decode(), cast("bytes", request.body), **who)
    except ConnectionDropped as dropped:
        raise ConnectionClosedError(endpoint_url=request.url) from dropped


def _respond_of_sts(
    local: LocalKms, params: dict[str, Any], model: Any, credentials: Any, region: str
) -> tuple[int, dict[str, Any]]:
    """The same of AWS STS."""
    from kmsmodel.errors import KmsError
    from kmsmodel.sts import query
    from kmsmodel.sts.refusals import StsError, as_of_sts

    secret = local.session_secret
    parameters = {name: str(value) for name, value in params["body"].items()}

    def step(kms: Kms, call: Call) -> tuple[Kms, tuple[int, dict[str, Any]]]:
        answered = query.answer(parameters, call, secret)
        if isinstance(answered, StsError):
            return kms, _refused(answered, model, call.request_id)
        return kms, _parsed(HTTPStatus.OK, query.members(answered), call.request_id)

    try:
        who = _who(local, credentials, region)
    except KmsError as refused:
        request_id = local.step(lambda kms, call: (kms, call.request_id))
        return _refused(as_of_sts(refused), model, request_id)
    return local.step(step, **who)


RESPOND = {"kms": _respond, "sts": _respond_of_sts}


def _parsed(status: int, members: dict[str, Any], request_id: str) -> tuple[int, dict[str, Any]]:
    metadata: dict[str, Any] = {
        "RequestId": request_id,
        "HTTPStatusCode": int(status),
        "HTTPHeaders": {"x-amzn-requestid": request_id},
        "RetryAttempts": 0,
    }
    return int(status), members | {"ResponseMetadata": metadata}


def _refused(error: KmsError | StsError, model: Any, request_id: str) -> tuple[int, dict[str, Any]]:
    status, parsed = _parsed(error.http_status, _error(error, model), request_id)
    from kmsmodel.errors import notes_of

    notes = notes_of(error)
    if notes:
        parsed["ResponseMetadata"]["Notes"] = list(notes)
    return status, parsed


def _error(error: KmsError | StsError, model: Any) -> dict[str, Any]:
    """An error in botocore's form; its message is a member too if the service model has a shape for the error."""
    parsed: dict[str, Any] = {"Error": {"Code": error.code, "Message": error.message}}
    if error.message and model.service_model.shape_for_error_code(error.code) is not None:
        parsed["message"] = error.message
    return parsed


# ---- answers over HTTP


@final
class _Body(BytesIO):
    """A body as urllib3 gives it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


@final
class _BodyToAwait:
    """A body as aiohttp gives it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def read(self) -> bytes:
        return self._content


def http_of(client: Any) -> Callable[[str, HttpResponse], AWSResponse]:
    """What makes a response in the form that a client reads, be it of botocore or of aiobotocore."""
    kind: Any = AWSResponse
    body: type[_Body | _BodyToAwait] = _Body
    if iscoroutinefunction(client._endpoint._send_request):
        kind = import_module("aiobotocore.awsrequest").AioAWSResponse
        body = _BodyToAwait

    def http(url: str, answer: HttpResponse) -> AWSResponse:
        headers = HTTPHeaders.from_pairs(answer.headers)
        response: AWSResponse = kind(url, answer.status, headers, body(answer.body))
        return response

    return http
