"""
``kms`` clients of boto3 and aiobotocore that a `LocalKms` answers, in this process and without sockets.

At its ``before-call`` event, botocore has validated and serialised a request but not signed it, and it takes the answer
that a handler returns. So its validation, paginators and typed exceptions all work, and signing and retries cost
nothing. The client's credentials name the caller: an access key id of twelve digits is an account, and others are those
of the users and sessions in the directory of the `LocalKms`. With a directory, ``sts`` clients are served too.

A client is answered by the latest that began to: `serve` of this client, or `patched`, which serves all of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from inspect import isawaitable
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast, final
from weakref import WeakKeyDictionary

_NEEDED = "kmsmodel.boto needs an extra: pip install '.[boto]' in a clone of kmsmodel"

try:
    from botocore import UNSIGNED
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient
    from botocore.compat import HTTPHeaders
    from botocore.credentials import RefreshableCredentials
    from botocore.regions import EndpointResolverBuiltins

    from kmsmodel.botocore_answers import RESPOND, http_answer, http_of
except ModuleNotFoundError as error:
    error.add_note(_NEEDED)
    raise

# The model itself is imported when a client is first served: this module alone costs little more than botocore.
if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

    from kmsmodel.local import LocalKms

Answer = tuple[AWSResponse, dict[str, Any]]
"""An answer in botocore's form: the HTTP response, and the members of its body."""

T = TypeVar("T")

_ANSWERED = "answered by kmsmodel"
_MOTO_ACCOUNT = "MOTO_ACCOUNT_ID"
_NOWHERE = "https://kms.kmsmodel.invalid/"
"""The address of a request that may fail: nobody else answers it, and it cannot be sent (RFC 6761)."""

_NAMES_ENDPOINT = (
    "this {service} client has an endpoint_url of its own, so that kmsmodel.boto.patched does not answer it: "
    "make it without one (AWS_ENDPOINT_URL is one too), or say kmsmodel.boto.serve(local, client)"
)
_HAS_ENDED = (
    "this {service} client was made inside of kmsmodel.boto.patched, which has ended, and asks nobody else: "
    "make a client for each test, or use this one inside of patched, or say kmsmodel.boto.serve(local, client)"
)


def client(local: LocalKms, region_name: str | None = None, **options: Any) -> KMSClient:
    """
    A boto3 client that ``local`` answers; ``options`` are those of ``boto3.client``.

    If they have no credentials, the client calls as the caller of ``local``: by default, the root user of its account.
    """
    _expect(local)
    try:
        import boto3  # aiobotocore does not need it
    except ModuleNotFoundError as error:
        error.add_note(_NEEDED)
        raise
    credentials = {"aws_access_key_id": "unused", "aws_secret_access_key": "unused"}
    make = cast("Any", boto3).client  # its stubs have an overload for each service of AWS
    made: KMSClient = make("kms", region_name=region_name or local.region, **credentials | options)
    with _LOCK:
        _reached(cast("BaseClient", made)).serve(
            local, has_credentials="aws_access_key_id" in options
        )
    return made


def serve(local: LocalKms, client: BaseClient) -> Served:
    """
    Let ``local`` answer an existing client of AWS KMS or AWS STS, in place of any `LocalKms` that answered it before.

    As a context manager, it is undone at the end of the ``with`` block. Raises ValueError for a client of another
    service.
    """
    from kmsmodel.words.arguments import expect

    expect("client", client, BaseClient)
    service_name = client.meta.service_model.service_name
    if service_name not in RESPOND:
        raise ValueError(f"a client of {service_name} does not ask AWS KMS")
    with _LOCK:
        return _reached(client).serve(local)


@contextmanager
def patched(local: LocalKms) -> Generator[None]:
    """
    Let ``local`` answer every ``kms`` client in the ``with`` block, made before or not, by any library on botocore.

    A client with an explicit ``endpoint_url`` is refused there, with a RuntimeError. After the block, a client that was
    made before it is as it was, and one that was made in it sends nothing. In the block, moto's account is that of
    ``local``. If ``local`` has a directory of users and roles, all this holds for ``sts`` clients too.
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


def _expect(local: object) -> None:
    from kmsmodel.local import LocalKms
    from kmsmodel.words.arguments import expect

    expect("local", local, LocalKms)


# ---- who answers a client


@final
class _Way:
    """A `LocalKms`, and since when it answers; ``is_held`` if there is a ``with`` block that ends it."""

    def __init__(self, local: LocalKms, *, has_credentials: bool = True) -> None:
        _expect(local)
        self.local = local
        self.has_credentials = has_credentials
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
        self._service_name = client.meta.service_model.service_name
        self._events: Any = client.meta.events  # the stubs only know handlers that return nothing
        self._names_endpoint = _endpoint_url(client) is not None
        untyped: Any = client  # the stubs do not know what signs its requests
        self._signer = untyped._request_signer
        self._http = http_of(client)
        self._ways: list[_Way] = []
        self._listens = False

    def serve(self, local: LocalKms, *, has_credentials: bool = True) -> Served:
        # Of those that nothing ends, only the latest matters when the new one has ended.
        lasting = [way for way in self._ways if not way.is_held][:-1]
        way = _Way(local, has_credentials=has_credentials)
        self._ways = [*(each for each in self._ways if each not in lasting), way]
        return Served(self, way)

    def end(self, way: _Way) -> None:
        if way in self._ways:
            self._ways.remove(way)
        if not _PATCHES:
            self.let_go()

    def _handlers(self) -> dict[str, Callable[..., object]]:
        handlers: dict[str, Callable[..., object]] = {
            "before-call": self._before_call,
            "choose-signer": self._choose_signer,
            "before-send": self._before_send,
        }
        return {f"{event}.{self._service_name}": handler for event, handler in handlers.items()}

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

    def _way(self) -> _Way | None:
        """Who answers now."""
        ways = (*self._ways, *_patches(self._service_name))
        way = max(ways, key=lambda way: way.since, default=None)
        if way is not None and self._names_endpoint and way not in self._ways:
            raise RuntimeError(_NAMES_ENDPOINT.format(service=self._service_name))
        return way

    def _with_credentials(self, way: _Way, give: Callable[[Any], T]) -> T | Awaitable[T]:
        """What is given for the client's credentials, which are fetched only if there is a directory to ask."""
        credentials = self._signer._credentials if way.has_credentials else None
        if way.local.iam is None or not isinstance(credentials, RefreshableCredentials):
            return give(credentials)
        fetched: Any = credentials.get_frozen_credentials()
        return _when_fetched(fetched, give) if isawaitable(fetched) else give(fetched)

    def _before_call(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: object
    ) -> Answer | Awaitable[Answer] | None:
        way = self._way()
        if way is None:
            return None
        local, respond, region = way.local, RESPOND[self._service_name], self._signer.region_name
        if self._service_name == "kms" and local.may_fail(model.name):
            params["url"] = context[_ANSWERED] = _NOWHERE
            return None

        def answer(credentials: Any) -> Answer:
            status, parsed = respond(local, params, model, credentials, region)
            return AWSResponse(params["url"], status, HTTPHeaders(), None), parsed

        return self._with_credentials(way, answer)

    def _choose_signer(self, context: Mapping[str, Any], **_: object) -> object:
        """Do not sign what is not sent: credentials may be missing, or would have to be fetched."""
        return UNSIGNED if _ANSWERED in context else None

    def _before_send(
        self, request: AWSPreparedRequest, **_: object
    ) -> AWSResponse | Awaitable[AWSResponse] | None:
        """Answer what may fail here, once for each of botocore's attempts."""
        way = self._way() if request.url == _NOWHERE else None
        if way is None:
            return None
        local, region = way.local, self._signer.region_name

        def answer(credentials: Any) -> AWSResponse:
            return self._http(request.url, http_answer(local, request, credentials, region))

        return self._with_credentials(way, answer)


async def _when_fetched(fetched: Awaitable[Any], give: Callable[[Any], T]) -> T:
    """In aiobotocore, credentials are waited for."""
    return give(await fetched)


_LOCK = threading.RLock()
_ORDER = count()
_PATCHES: list[_Way] = []
_CLIENTS: WeakKeyDictionary[BaseClient, _Client] = WeakKeyDictionary()
_PATCHED = ExitStack()
_SHARED: list[str | None] = [None]  # the account that moto was told here


def _patches(service_name: str) -> list[_Way]:
    """What is patched for clients of a service: AWS STS needs a directory of users and roles."""
    if service_name == "kms":
        return _PATCHES
    return [way for way in _PATCHES if way.local.iam is not None]


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


# ---- all clients


def _patch_classes() -> None:
    initialise: Any = BaseClient.__init__

    def initialise_and_reach(made: BaseClient, *args: Any, **kwargs: Any) -> None:
        initialise(made, *args, **kwargs)
        service_name = made.meta.service_model.service_name
        if service_name in RESPOND:
            with _LOCK:
                if _patches(service_name):
                    _reached(made)
                    _send_nothing(made, service_name)

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

    def reach_and_call(client: BaseClient, *args: Any, **kwargs: Any) -> Any:
        service_name = client.meta.service_model.service_name
        if service_name in RESPOND:
            with _LOCK:
                if _patches(service_name):
                    _reached(client)
        return call(client, *args, **kwargs)

    return reach_and_call


def _send_nothing(client: Any, service_name: str) -> None:
    """Let a client raise where it would open a connection; one that names an endpoint does not ask AWS anyway."""

    def refuse_to_send(_: object) -> NoReturn:
        raise RuntimeError(_HAS_ENDED.format(service=service_name))

    if _endpoint_url(client) is None:
        client._endpoint.http_session.send = refuse_to_send
