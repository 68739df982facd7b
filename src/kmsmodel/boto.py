"""
``kms`` clients of boto3 and aiobotocore that a `LocalKms` answers, in this process and without sockets.

At its ``before-call`` event, botocore has validated and serialised a request but not signed it, and it takes the answer
that a handler returns. So its validation, paginators and typed exceptions all work, and signing and retries cost
nothing. The client's credentials name the caller: an access key id of twelve digits is an account, and others are those
of the users and sessions in the directory of the `LocalKms`. With a directory, ``sts`` clients are served too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

_NEEDED = "kmsmodel.boto needs an extra: pip install '.[boto]' in a clone of kmsmodel"

try:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.compat import HTTPHeaders
    from botocore.credentials import RefreshableCredentials
except ModuleNotFoundError as error:
    error.add_note(_NEEDED)
    raise

# The model itself is imported when a client is first served: this module alone costs little more than botocore.
if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

    from kmsmodel.calls.call import Call
    from kmsmodel.errors import KmsError
    from kmsmodel.local import LocalKms, Who
    from kmsmodel.memory.kms import Kms
    from kmsmodel.sts.refusals import StsError

Answer = tuple[AWSResponse, dict[str, Any]]
"""An answer in botocore's form: the HTTP response, and the members of its body."""

_ANSWERED = "answered by kmsmodel"


def client(local: LocalKms, region_name: str | None = None, **options: Any) -> KMSClient:
    """
    A boto3 client that ``local`` answers; ``options`` are those of ``boto3.client``.

    If they have no credentials, the client calls as the caller of ``local``: by default, the root user of its account.
    """
    try:
        import boto3  # aiobotocore does not need it
    except ModuleNotFoundError as error:
        error.add_note(_NEEDED)
        raise
    credentials = {"aws_access_key_id": "unused", "aws_secret_access_key": "unused"}
    make = cast("Any", boto3).client  # its stubs have an overload for each service of AWS
    made: KMSClient = make("kms", region_name=region_name or local.region, **credentials | options)
    _serve(local, made, has_credentials="aws_access_key_id" in options)
    return made


def serve(local: LocalKms, client: BaseClient) -> None:
    """
    Let ``local`` answer an existing client of AWS KMS or AWS STS, in place of any `LocalKms` that answered it before.

    Raises ValueError for a client of another service.
    """
    _serve(local, client, has_credentials=True)


def _serve(local: LocalKms, client: BaseClient, *, has_credentials: bool) -> None:
    service_name = client.meta.service_model.service_name
    respond = _RESPOND.get(service_name)
    if respond is None:
        raise ValueError(f"a client of {service_name} does not ask AWS KMS")

    def before_call(
        params: dict[str, Any], request_signer: Any, model: Any, **_: object
    ) -> Answer | Awaitable[Answer]:
        def answer(credentials: Any) -> Answer:
            status, parsed = respond(local, params, model, credentials, request_signer.region_name)
            return AWSResponse(params["url"], status, HTTPHeaders(), None), parsed

        credentials = request_signer._credentials if has_credentials else None
        if local.iam is None or not isinstance(credentials, RefreshableCredentials):
            return answer(credentials)
        fetched: Any = credentials.get_frozen_credentials()
        return _when_fetched(fetched, answer) if isawaitable(fetched) else answer(fetched)

    events: Any = client.meta.events  # the stubs only know handlers that return nothing
    event = f"before-call.{service_name}"
    events.unregister(event, unique_id=_ANSWERED)
    events.register_first(event, before_call, unique_id=_ANSWERED)


async def _when_fetched(fetched: Awaitable[Any], answer: Callable[[Any], Answer]) -> Answer:
    """In aiobotocore, credentials are waited for."""
    return answer(await fetched)


@contextmanager
def patched(local: LocalKms) -> Generator[None]:
    """
    Let ``local`` answer each ``kms`` client made in the ``with`` block, by any library built on botocore.

    If it has a directory of users and roles, it answers each ``sts`` client too.
    """
    from unittest.mock import patch

    initialise: Any = BaseClient.__init__

    def initialise_and_serve(made: BaseClient, *args: Any, **kwargs: Any) -> None:
        initialise(made, *args, **kwargs)
        service_name = made.meta.service_model.service_name
        if service_name == "kms" or (service_name == "sts" and local.iam is not None):
            serve(local, made)

    with patch.object(BaseClient, "__init__", initialise_and_serve):
        yield


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
    from kmsmodel.service import answer
    from kmsmodel.words import structures

    def step(kms: Kms, call: Call) -> tuple[Kms, tuple[int, dict[str, Any]]]:
        kms, answered = answer(kms, params["headers"]["X-Amz-Target"], params["body"], call)
        if isinstance(answered, KmsError):
            return kms, _refused(answered, model, call.request_id)
        return kms, _parsed(HTTPStatus.OK, structures.to_members(answered), call.request_id)

    try:
        who = _who(local, credentials, region)
    except KmsError as refused:
        return _refused(refused, model, local.step(lambda kms, call: (kms, call.request_id)))
    return local.step(step, **who)


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


_RESPOND = {"kms": _respond, "sts": _respond_of_sts}


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
    notes: list[str] = getattr(error, "__notes__", [])
    if notes:
        parsed["ResponseMetadata"]["Notes"] = notes
    return status, parsed


def _error(error: KmsError | StsError, model: Any) -> dict[str, Any]:
    """An error in botocore's form; its message is a member too if the service model has a shape for the error."""
    parsed: dict[str, Any] = {"Error": {"Code": error.code, "Message": error.message}}
    if error.message and model.service_model.shape_for_error_code(error.code) is not None:
        parsed["message"] = error.message
    return parsed
