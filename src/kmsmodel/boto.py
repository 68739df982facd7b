"""
``kms`` clients of boto3 and aiobotocore that a `LocalKms` answers, in this process and without sockets.

At its ``before-call`` event, botocore has validated and serialised a request but not signed it, and it takes the answer
that a handler returns. So its validation, paginators and typed exceptions all work, and signing and retries cost
nothing. The client's credentials name the caller: an access key id of twelve digits is an account.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
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
    from kmsmodel.local import LocalKms
    from kmsmodel.memory.kms import Kms

Answer = tuple[AWSResponse, dict[str, Any]]
"""An answer in botocore's form: the HTTP response, and the members of its body."""

_BEFORE_CALL = "before-call.kms"
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
    # An access key id that is not an account: the caller is then the LocalKms's own.
    credentials = {"aws_access_key_id": "unused", "aws_secret_access_key": "unused"}
    make = cast("Any", boto3).client  # its stubs have an overload for each service of AWS
    made: KMSClient = make("kms", region_name=region_name or local.region, **credentials | options)
    serve(local, made)
    return made


def serve(local: LocalKms, kms_client: BaseClient) -> None:
    """
    Let ``local`` answer an existing client, in place of any `LocalKms` that answered it before.

    Raises ValueError for a client of another service.
    """
    service_name = kms_client.meta.service_model.service_name
    if service_name != "kms":
        raise ValueError(f"a client of {service_name} does not ask AWS KMS")

    def before_call(params: dict[str, Any], request_signer: Any, model: Any, **_: object) -> Answer:
        status, parsed = local.step(
            lambda kms, call: _respond(kms, params, model, call),
            account=_account(request_signer._credentials),
            region=request_signer.region_name,
        )
        return AWSResponse(params["url"], status, HTTPHeaders(), None), parsed

    events: Any = kms_client.meta.events  # the stubs only know handlers that return nothing
    events.unregister(_BEFORE_CALL, unique_id=_ANSWERED)
    events.register_first(_BEFORE_CALL, before_call, unique_id=_ANSWERED)


@contextmanager
def patched(local: LocalKms) -> Generator[None]:
    """Let ``local`` answer each ``kms`` client made in the ``with`` block, by any library built on botocore."""
    from unittest.mock import patch

    initialise: Any = BaseClient.__init__

    def initialise_and_serve(made: BaseClient, *args: Any, **kwargs: Any) -> None:
        initialise(made, *args, **kwargs)
        if made.meta.service_model.service_name == "kms":
            serve(local, made)

    with patch.object(BaseClient, "__init__", initialise_and_serve):
        yield


def _account(credentials: Any) -> str | None:
    """The account that a client's credentials name, or None; credentials that must first be fetched name none."""
    if credentials is None or isinstance(credentials, RefreshableCredentials):
        return None
    from kmsmodel.calls.caller import ACCOUNT

    access_key_id: str = credentials.access_key or ""
    return access_key_id if ACCOUNT.fullmatch(access_key_id) else None


def _respond(
    kms: Kms, params: dict[str, Any], model: Any, call: Call
) -> tuple[Kms, tuple[int, dict[str, Any]]]:
    """The next state, and the HTTP status and the members that botocore would have parsed."""
    from kmsmodel.errors import KmsError
    from kmsmodel.service import answer
    from kmsmodel.words import structures

    kms, answered = answer(kms, params["headers"]["X-Amz-Target"], params["body"], call)
    if isinstance(answered, KmsError):
        status, parsed = answered.http_status, _error(answered, model)
    else:
        status, parsed = HTTPStatus.OK.value, structures.to_members(answered)
    metadata: dict[str, Any] = {
        "RequestId": call.request_id,
        "HTTPStatusCode": status,
        "HTTPHeaders": {"x-amzn-requestid": call.request_id},
        "RetryAttempts": 0,
    }
    notes: list[str] = getattr(answered, "__notes__", [])
    if notes:
        metadata["Notes"] = notes
    return kms, (status, parsed | {"ResponseMetadata": metadata})


def _error(error: KmsError, model: Any) -> dict[str, Any]:
    """An error in botocore's form; its message is a member too if the service model has a shape for the error."""
    parsed: dict[str, Any] = {"Error": {"Code": error.code, "Message": error.message}}
    if error.message and model.service_model.shape_for_error_code(error.code) is not None:
        parsed["message"] = error.message
    return parsed
