"""
A boto3 ``kms`` client that is answered by a `LocalKms`, in this process and without sockets.

At ``before-call`` botocore has validated and serialised a request and not yet signed it, and takes an answer from
whoever has one. So its validation, paginators and typed exceptions are at work, and signing and retries cost
nothing. The caller is whom the client's credentials name: an access key id of twelve digits is an account.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import boto3
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient, ClientCreator
from botocore.compat import HTTPHeaders

from kmsmodel import structures
from kmsmodel.call import ACCOUNT, Call
from kmsmodel.errors import KmsError
from kmsmodel.kms import Kms
from kmsmodel.local import LocalKms
from kmsmodel.service import answer

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

Answer = tuple[AWSResponse, dict[str, Any]]
"""An answer as botocore has it: the HTTP response, and the members of its body."""

_BEFORE_CALL = "before-call.kms"


def client(local: LocalKms, region_name: str | None = None, **options: Any) -> KMSClient:
    """
    A boto3 client that ``local`` answers; ``options`` are those of ``boto3.client``.

    Without credentials among them, the client calls as the root user of ``local.account``.
    """
    credentials = {"aws_access_key_id": local.account, "aws_secret_access_key": "unused"}
    make = cast("Any", boto3).client  # its stubs have an overload for each service of AWS
    made: KMSClient = make("kms", region_name=region_name or local.region, **credentials | options)
    serve(local, made)
    return made


def serve(local: LocalKms, kms_client: BaseClient) -> None:
    """Let ``local`` answer a client that somebody else has made. Raises ValueError for another service's."""
    service_name = kms_client.meta.service_model.service_name
    if service_name != "kms":
        raise ValueError(f"a client of {service_name} does not ask AWS KMS")

    def before_call(params: dict[str, Any], request_signer: Any, **_: object) -> Answer:
        access_key_id: str = getattr(request_signer._credentials, "access_key", None) or ""
        status, parsed = local.step(
            lambda kms, call: _respond(kms, params, call),
            account=access_key_id if ACCOUNT.fullmatch(access_key_id) else None,
            region=request_signer.region_name,
        )
        return AWSResponse(params["url"], status, HTTPHeaders(), None), parsed

    events: Any = kms_client.meta.events  # the stubs know of handlers that answer nothing
    events.register_first(_BEFORE_CALL, before_call)


@contextmanager
def patched(local: LocalKms) -> Generator[None]:
    """Let ``local`` answer each ``kms`` client that is made meanwhile, by whichever library."""
    create_client: Callable[..., BaseClient] = ClientCreator.create_client

    def create_served_client(
        creator: ClientCreator, service_name: str, *args: Any, **kwargs: Any
    ) -> BaseClient:
        made = create_client(creator, service_name, *args, **kwargs)
        if service_name == "kms":
            serve(local, made)
        return made

    with patch.object(ClientCreator, "create_client", create_served_client):
        yield


def _respond(
    kms: Kms, params: dict[str, Any], call: Call
) -> tuple[Kms, tuple[int, dict[str, Any]]]:
    """The next state, and what botocore would have parsed: the HTTP status and the members of the body."""
    kms, answered = answer(kms, params["headers"]["X-Amz-Target"], params["body"], call)
    parsed: dict[str, Any]
    if isinstance(answered, KmsError):
        status, message = answered.http_status, answered.message
        parsed = {"Error": {"Code": answered.code, "Message": message}, "message": message}
    else:
        status, parsed = HTTPStatus.OK.value, structures.to_members(answered)
    parsed["ResponseMetadata"] = {
        "RequestId": call.request_id,
        "HTTPStatusCode": status,
        "HTTPHeaders": {"x-amzn-requestid": call.request_id},
        "RetryAttempts": 0,
    }
    return kms, (status, parsed)
