"""
``kms`` clients of boto3 and aiobotocore that a `LocalKms` answers, in this process and without sockets.

At its ``before-call`` event, botocore has validated and serialised a request but not signed it, and it takes the answer
that a handler returns. So its validation, paginators and typed exceptions all work, and signing and retries cost
nothing. The client's credentials name the caller: an access key id of twelve digits is an account.

A client is answered by the latest that began to: `serve` of this client, or `patched`, which serves all of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from importlib import import_module
from inspect import iscoroutinefunction
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn, cast, final
from weakref import WeakKeyDictionary

_NEEDED = "kmsmodel.boto needs an extra: pip install '.[boto]' in a clone of kmsmodel"

try:
    from botocore import UNSIGNED
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient
    from botocore.compat import HTTPHeaders
    from botocore.credentials import RefreshableCredentials
    from botocore.regions import EndpointResolverBuiltins
except ModuleNotFoundError as error:
    error.add_note(_NEEDED)
    raise

# The model itself is imported when a client is first served: this module alone costs little more than botocore.
if TYPE_CHECKING:
    from attrs import AttrsInstance
    from types_boto3_kms.client import KMSClient

    from kmsmodel.calls.call import Call
    from kmsmodel.errors import KmsError
    from kmsmodel.local import LocalKms, Who
    from kmsmodel.wire import HttpResponse

Answer = tuple[AWSResponse, dict[str, Any]]
"""An answer in botocore's form: the HTTP response, and the members of its body."""

_KMS = "kms"
_ANSWERED = "answered by kmsmodel"
_MOTO_ACCOUNT = "MOTO_ACCOUNT_ID"
_NOWHERE = "https://kms.kmsmodel.invalid/"
"""The address of a request that may fail: nobody else answers it, and it cannot be sent (RFC 6761)."""

_NAMES_ENDPOINT = (
    "this kms client has an endpoint_url of its own, so that kmsmodel.boto.patched does not answer it: "
    "make it without one (AWS_ENDPOINT_URL is one too), or say kmsmodel.boto.serve(local, client)"
)
_HAS_ENDED = (
    "this kms client was made inside of kmsmodel.boto.patched, which has ended, and asks nobody else: "
    "make a client for each test, or use this one inside of patched, or say kmsmodel.boto.serve(local, client)"
)


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


def serve(local: LocalKms, kms_client: BaseClient) -> Served:
    """
    Let ``local`` answer an existing client, in place of any `LocalKms` that answered it before.

    As a context manager, it is undone at the end of the ``with`` block. Raises ValueError for a client of another
    service.
    """
    service_name = kms_client.meta.service_model.service_name
    if service_name != _KMS:
        raise ValueError(f"a client of {service_name} does not ask AWS KMS")
    with _LOCK:
        return _reached(kms_client).serve(local)


@contextmanager
def patched(local: LocalKms) -> Generator[None]:
    """
    Let ``local`` answer every ``kms`` client in the ``with`` block, made before or not, by any library on botocore.

    A client with an explicit ``endpoint_url`` is refused there, with a RuntimeError. After the block, a client that was
    made before it is as it was, and one that was made in it sends nothing. In the block, moto's account is that of
    ``local``.
    """
    way = _Way(local)
    with _LOCK:
        if not _PATCHES:
            _patch_classes()
        _PATCHES.append(way)
        _share_account()
    try:
        yield
    finally:
        with _LOCK:
            _PATCHES.remove(way)
            _share_account()
            if not _PATCHES:
                _PATCHED.close()
                for each in list(_CLIENTS.values()):
                    each.let_go()


# ---- who answers a client


@final
class _Way:
    """A `LocalKms`, and since when it answers; ``is_held`` if there is a ``with`` block that ends it."""

    def __init__(self, local: LocalKms) -> None:
        self.local = local
        self.since = next(_ORDER)
        self.is_held = False


@final
class Served:
    """That a `LocalKms` answers a client: a context manager, which undoes it."""

    def __init__(self, client: _Client, way: _Way) -> None:
        self._client = client
        self._way = way

    def __enter__(self) -> None:
        self._way.is_held = True

    def __exit__(self, *_: object) -> None:
        with _LOCK:
            self._client.end(self._way)


@final
class _Client:
    """
    What is known of one client: who answers it, and whether it names an endpoint.

    It does not hold the client itself, which may be collected at any time.
    """

    def __init__(self, client: BaseClient) -> None:
        self._events: Any = client.meta.events  # the stubs only know handlers that return nothing
        self._names_endpoint = _endpoint_url(client) is not None
        self._signer: Any = client._request_signer  # type: ignore[attr-defined]  # the stubs do not know it
        self._http = _http_of(client)
        self._ways: list[_Way] = []
        self._listens = False

    def serve(self, local: LocalKms) -> Served:
        # Of those that nothing ends, only the latest matters when the new one has ended.
        lasting = [way for way in self._ways if not way.is_held][:-1]
        way = _Way(local)
        self._ways = [*(each for each in self._ways if each not in lasting), way]
        return Served(self, way)

    def end(self, way: _Way) -> None:
        if way in self._ways:
            self._ways.remove(way)
        if not _PATCHES:
            self.let_go()

    def _handlers(self) -> dict[str, Callable[..., object]]:
        return {
            "before-call.kms": self._before_call,
            "choose-signer.kms": self._choose_signer,
            "before-send.kms": self._before_send,
        }

    def listen(self) -> None:
        if not self._listens:
            for event, handler in self._handlers().items():
                self._events.register_first(event, handler, unique_id=f"{_ANSWERED} {event}")
            self._listens = True

    def let_go(self) -> None:
        """Leave the client as it was, unless somebody answers it."""
        if self._listens and not self._ways:
            for event in self._handlers():
                self._events.unregister(event, unique_id=f"{_ANSWERED} {event}")
            self._listens = False

    def _local(self) -> LocalKms | None:
        """Who answers now."""
        way = max((*self._ways, *_PATCHES), key=lambda way: way.since, default=None)
        if way is None:
            return None
        if self._names_endpoint and way not in self._ways:
            raise RuntimeError(_NAMES_ENDPOINT)
        return way.local

    def _before_call(
        self,
        params: dict[str, Any],
        request_signer: Any,
        model: Any,
        context: dict[str, Any],
        **_: object,
    ) -> Answer | None:
        local = self._local()
        if local is None:
            return None
        if local.may_fail(model.name):
            params["url"] = context[_ANSWERED] = _NOWHERE
            return None
        status, parsed = local.answer(
            params["headers"]["X-Amz-Target"],
            params["body"],
            lambda answered, call: _parsed(answered, model, call),
            **_who(request_signer),
        )
        return AWSResponse(params["url"], status, HTTPHeaders(), None), parsed

    def _choose_signer(self, context: Mapping[str, Any], **_: object) -> object:
        """Do not sign what is not sent: credentials may be missing, or would have to be fetched."""
        return UNSIGNED if _ANSWERED in context else None

    def _before_send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        """Answer what may fail here, once for each of botocore's attempts."""
        local = self._local() if request.url == _NOWHERE else None
        if local is None:
            return None
        target: Any = request.headers["X-Amz-Target"]
        body = cast("bytes", request.body)
        http = local.respond(target.decode(), body, **_who(self._signer))
        return self._http(request.url, http)


_LOCK = threading.RLock()
_ORDER = count()
_PATCHES: list[_Way] = []
_CLIENTS: WeakKeyDictionary[BaseClient, _Client] = WeakKeyDictionary()
_PATCHED = ExitStack()
_SHARED: list[str | None] = [None]  # the account that moto was told here


def _reached(client: BaseClient) -> _Client:
    """What is known of a client, which is listened to from now on."""
    known = _CLIENTS.get(client)
    if known is None:
        known = _CLIENTS[client] = _Client(client)
    known.listen()
    return known


def _endpoint_url(client: Any) -> str | None:
    """The endpoint that a client was made with, or that its configuration names; None if AWS's rules choose it."""
    url: str | None = client._ruleset_resolver._builtins[EndpointResolverBuiltins.SDK_ENDPOINT]
    return url


def _share_account() -> None:
    """
    Let moto be of the account of the `LocalKms` that answers, unless somebody has told it another.

    moto reads its account from the environment, request by request; it need not be imported, or even installed.
    """
    told = os.environ.get(_MOTO_ACCOUNT)
    if told is None or told == _SHARED[-1]:
        os.environ.pop(_MOTO_ACCOUNT, None)
        if _PATCHES:
            os.environ[_MOTO_ACCOUNT] = _PATCHES[-1].local.account
        _SHARED[:] = [os.environ.get(_MOTO_ACCOUNT)]


# ---- answers over HTTP, which nobody sends


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


def _http_of(client: Any) -> Callable[[str, HttpResponse], AWSResponse]:
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


# ---- all clients


def _patch_classes() -> None:
    initialise: Any = BaseClient.__init__

    def initialise_and_reach(made: BaseClient, *args: Any, **kwargs: Any) -> None:
        initialise(made, *args, **kwargs)
        if _asks_kms(made):
            with _LOCK:
                if _PATCHES:
                    _reached(made)
                    _send_nothing(made)

    _put(BaseClient, "__init__", initialise_and_reach)
    for cls in _calling(BaseClient):
        _put(cls, "_make_api_call", _reaching_first(vars(cls)["_make_api_call"]))


def _put(cls: type, name: str, method: Callable[..., Any]) -> None:
    """Put a method in the place of another until all that is patched is undone."""
    _PATCHED.callback(setattr, cls, name, vars(cls)[name])
    setattr(cls, name, method)


def _calling(cls: type[BaseClient]) -> Iterator[type[BaseClient]]:
    """The class and those below it that have a way of their own to call, as aiobotocore's has."""
    if "_make_api_call" in vars(cls):
        yield cls
    for below in cls.__subclasses__():
        yield from _calling(below)


def _reaching_first(call: Callable[..., Any]) -> Callable[..., Any]:
    """``call``, which first finds the client, if it is one that was made before."""

    def reach_and_call(kms_client: BaseClient, *args: Any, **kwargs: Any) -> Any:
        if _asks_kms(kms_client):
            with _LOCK:
                if _PATCHES:
                    _reached(kms_client)
        return call(kms_client, *args, **kwargs)

    return reach_and_call


def _asks_kms(client: BaseClient) -> bool:
    return client.meta.service_model.service_name == _KMS


def _send_nothing(client: Any) -> None:
    """Let a client raise where it would open a connection; one that names an endpoint does not ask AWS anyway."""
    if _endpoint_url(client) is None:
        client._endpoint.http_session.send = _refuse_to_send


def _refuse_to_send(_: object) -> NoReturn:
    raise RuntimeError(_HAS_ENDED)


def _who(request_signer: Any) -> Who:
    """Who calls, and where, as a client's credentials and its Region say."""
    return {
        "account": _account(request_signer._credentials),
        "region": request_signer.region_name,
    }


def _account(credentials: Any) -> str | None:
    """The account that a client's credentials name, or None; credentials that must first be fetched name none."""
    if credentials is None or isinstance(credentials, RefreshableCredentials):
        return None
    from kmsmodel.calls.caller import ACCOUNT

    access_key_id: str = credentials.access_key or ""
    return access_key_id if ACCOUNT.fullmatch(access_key_id) else None


def _parsed(
    answered: AttrsInstance | KmsError, model: Any, call: Call
) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the members that botocore would have parsed."""
    from kmsmodel.errors import KmsError
    from kmsmodel.words import structures

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
    return status, parsed | {"ResponseMetadata": metadata}


def _error(error: KmsError, model: Any) -> dict[str, Any]:
    """An error in botocore's form; its message is a member too if the service model has a shape for the error."""
    parsed: dict[str, Any] = {"Error": {"Code": error.code, "Message": error.message}}
    if error.message and model.service_model.shape_for_error_code(error.code) is not None:
        parsed["message"] = error.message
    return parsed
