"""
The HTTP door without sockets: by ASGI, and by the server's own connection.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast, final, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import boto3
import pytest
from attrs import fields, frozen, has
from hypothesis import given, strategies as st
from uvicorn import Config
from uvicorn.server import ServerState

from kmsmodel.asgi import BODY_LIMIT, App
from kmsmodel.clock import Clock
from kmsmodel.connection import Connection
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import ConnectionDropped
from kmsmodel.hsm.port import Hsm
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, ListKeysRequest
from kmsmodel.wire import TARGET_PREFIX
from kmsmodel.words import structures
from kmsmodel.words.dates import END_OF_TIME
from kmsmodel.words.enumerations import OriginType
from kmsmodel.words.shapes import Length
from tests import over_asgi, strategies
from tests.basics import ACCOUNT, HSM, OTHER_REGION, REGION
from tests.worlds.world import World

T = TypeVar("T")

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OTHER_ACCOUNT = "444455556666"
PATIENCE = 20
"""Seconds until what does not come is given up."""

AWS_JSON = "application/x-amz-json-1.1"
UNKNOWN_OPERATION = b"<UnknownOperationException/>\n"


# ---- a client


@final
@frozen
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def members(self) -> Any:
        return json.loads(self.body)


Event = dict[str, object]


def http(
    method: str = "POST",
    path: str = "/",
    headers: Iterable[tuple[bytes, bytes]] = (),
    query_string: bytes = b"",
    root_path: str = "",
) -> Event:
    """A scope, as servers make it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "root_path": root_path,
        "query_string": query_string,
        "headers": list(headers),
    }


def parts(*bodies: bytes) -> list[Event]:
    """The events of a body that comes in parts."""
    last = len(bodies) - 1
    return [
        {"type": "http.request", "body": body, "more_body": number < last}
        for number, body in enumerate(bodies)
    ]


async def send_to(app: App, scope: Event, events: Iterable[Event]) -> list[Event]:
    """What the application sends, when it receives these events and then that the client is gone."""
    coming, sent = iter(events), list[Event]()

    async def receive() -> Event:
        return next(coming, {"type": "http.disconnect"})

    async def send(event: Event) -> None:
        sent.append(event)

    await app(scope, receive, send)
    return sent


def answer_of(sent: list[Event]) -> Answer:
    start, body = cast("list[Any]", sent)
    assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
    assert type(start["status"]) is int
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert len(headers) == len(start["headers"])
    assert all(name == name.lower() for name in headers)
    assert headers["content-length"] == str(len(body["body"]))
    return Answer(start["status"], headers, body["body"])


def by_asgi(app: App, scope: Event, *bodies: bytes) -> Answer:
    return answer_of(asyncio.run(send_to(app, scope, parts(*(bodies or (b"",))))))


def by_connection(app: App, scope: Event, *bodies: bytes) -> Answer:
    """The same, of the bytes of HTTP/1.1."""
    config = Config(app, interface="asgi3", http=Connection, ws="none", log_config=None)
    config.load()

    async def answer() -> Answer:
        transport = Memory()
        connection = Connection(config, ServerState(), {}, asyncio.get_running_loop())
        connection.connection_made(transport)
        for data in bytes_of(scope, bodies):
            connection.data_received(data)
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            while (answered := transport.answer()) is None:
                await transport.has_more.wait()
                transport.has_more.clear()
        connection.connection_lost(None)
        assert transport.writings == 1
        return answered

    return asyncio.run(answer())


def bytes_of(scope: Event, bodies: tuple[bytes, ...]) -> Iterable[bytes]:
    """A request as it comes: a body of one part with its length, any other in chunks."""
    http = cast("Any", scope)
    target = http["path"].encode() + (b"?" + http["query_string"] if http["query_string"] else b"")
    one = len(bodies) < 2
    length = b"content-length", b"%d" % len(b"".join(bodies))
    framing = length if one else (b"transfer-encoding", b"chunked")
    lines = [b"%b: %b" % header for header in [*http["headers"], framing]]
    line = b"%b %b HTTP/1.1" % (http["method"].encode(), target)
    yield b"\r\n".join([line, *lines, b"", b""])
    if one:
        yield from bodies
    else:
        yield from (b"%x\r\n%b\r\n" % (len(body), body) for body in bodies if body)
        yield b"0\r\n\r\n"


@final
class Memory(asyncio.Transport):
    """A transport to nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.writings = 0
        self.has_more = asyncio.Event()
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        self.writings += 1
        self.has_more.set()

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def answer(self) -> Answer | None:
        head, _, body = self.written.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        assert len(headers) == len(lines)
        if len(body) < int(headers.get("content-length", BODY_LIMIT)):
            return None
        return Answer(int(status.split()[1]), headers, body)


Ask = Callable[..., Answer]


@pytest.fixture(name="ask", params=[by_asgi, by_connection], scope="module")
def any_way(request: pytest.FixtureRequest) -> Ask:
    """Both ways to the answer, which is the same."""
    way: Ask = request.param
    return way


def operation(name: str, *more: tuple[str, str], path: str = "/", root_path: str = "") -> Event:
    """The scope of a request to AWS KMS."""
    headers = [("X-Amz-Target", TARGET_PREFIX + name), ("Content-Type", AWS_JSON), *more]
    lower = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers]
    return http(path=path, headers=lower, root_path=root_path)


def credential(access_key_id: str, region: str, service: str = "kms") -> tuple[str, str]:
    scope = f"{access_key_id}/20261124/{region}/{service}/aws4_request"
    signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=0123abcd"
    return "Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, {signed}"


def new_local(hsm: Hsm | None = None) -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=hsm or SeededHsm("asgi"))


@pytest.fixture
def local() -> LocalKms:
    return new_local()


@pytest.fixture
def app(local: LocalKms) -> App:
    return App(local)


# ---- the same as respond


def twins(world: World) -> tuple[LocalKms, LocalKms]:
    """Two of a kind: what one is asked by HTTP can be asked of the other."""
    one, other = (LocalKms(world.kms, clock=Clock(world.now), hsm=HSM) for _ in range(2))
    return one, other


@given(
    strategies.worlds(),
    st.sampled_from(["111122223333", OTHER_ACCOUNT, "AKIAIOSFODNN7EXAMPLE"]),
    st.sampled_from(["us-west-2", OTHER_REGION]),
    st.data(),
)
def test_http_says_what_respond_says(
    ask: Ask, world: World, access_key_id: str, region: str, data: st.DataObject
) -> None:
    request = data.draw(strategies.requests(world))
    body = json.dumps(structures.to_json(request)).encode()
    by_http, directly = twins(world)
    account = access_key_id if access_key_id.isdigit() else None
    expected = directly.respond(
        TARGET_PREFIX + request.operation, body, account=account, region=region
    )
    scope = operation(request.operation, credential(access_key_id, region))
    answer = ask(App(by_http), scope, body)
    headers = {name.lower(): value for name, value in expected.headers}
    headers["content-length"] = str(len(answer.body))  # what is not ASCII is written otherwise
    assert (answer.status, answer.headers) == (expected.status, headers)
    assert json.loads(answer.body or b"{}") == json.loads(expected.body or b"{}")
    assert by_http.kms == directly.kms


@given(st.lists(st.integers(0, 60), max_size=6).map(sorted))
def test_a_body_may_come_in_any_parts(ask: Ask, cuts: list[int]) -> None:
    body = json.dumps({"Description": "\u20ac" * 4, "Origin": "EXTERNAL"}).encode()
    ends = [*cuts, len(body)]
    pieces = [body[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
    answer = ask(App(new_local()), operation("CreateKey"), *pieces)
    assert answer == ask(App(new_local()), operation("CreateKey"), body)
    assert answer.members["KeyMetadata"]["Description"] == "\u20ac" * 4


_tokens = st.sampled_from(
    [
        b"",
        b"\0",
        b"\xff",
        b"/",
        b",",
        b"Credential=",
        b"AWS4-HMAC-SHA256 ",
        b"kms",
        b"us-west-2",
        b"\xd9",
    ]
)
_bytes = st.lists(_tokens | st.binary(max_size=6), max_size=9).map(b"".join)


_scopes = st.builds(
    http,
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "", "post"]),
    path=st.sampled_from(
        ["/", "", "/health", "/_kmsmodel/reset", "/_kmsmodel/faults", "/_kmsmodel/x", "//", "\0"]
    ),
    headers=st.lists(
        st.tuples(
            st.sampled_from(
                [b"authorization", b"x-amz-target", b"content-length", b"host", b"origin"]
            ),
            _bytes,
        )
        | st.just((b"content-type", AWS_JSON.encode())),
    ),
    query_string=_bytes | _bytes.map(lambda value: b"X-Amz-Credential=" + value),
)


@given(_scopes, st.lists(_bytes, min_size=1, max_size=3))
def test_whatever_comes_has_an_answer_that_is_no_failure(scope: Event, bodies: list[bytes]) -> None:
    assert by_asgi(App(new_local()), scope, *bodies).status in {
        200,
        400,
        403,
        404,
        405,
        415,
        421,
    }


# ---- who calls, and where


def arn_of_a_new_key(answer: Answer) -> str:
    arn: str = answer.members["KeyMetadata"]["Arn"]
    return arn.rpartition("/")[0]


@pytest.mark.parametrize(
    "authorization, expected",
    [
        (None, "arn:aws:kms:us-west-2:111122223333:key"),
        ("", "arn:aws:kms:us-west-2:111122223333:key"),
        ("Basic dXNlcjpwYXNz", "arn:aws:kms:us-west-2:111122223333:key"),
        ("Bearer Credential=a/b", "arn:aws:kms:us-west-2:111122223333:key"),
        (
            credential(OTHER_ACCOUNT, OTHER_REGION)[1],
            "arn:aws:kms:eu-central-1:444455556666:key",
        ),
        (
            credential("AKIAIOSFODNN7EXAMPLE", "cn-north-1")[1],
            "arn:aws-cn:kms:cn-north-1:111122223333:key",
        ),
        (
            credential("44445555666\u00b2", OTHER_REGION)[1],
            "arn:aws:kms:eu-central-1:111122223333:key",
        ),
        (
            "AWS4-HMAC-SHA256 Signature=0, Credential=444455556666/0/eu-west-1/kms/aws4_request",
            "arn:aws:kms:eu-west-1:444455556666:key",
        ),
    ],
)
@pytest.mark.parametrize(
    "body", [b"{}", b'{"Description": "answered in a thread, as all that names RSA"}']
)
def test_the_caller_is_whom_the_credential_names(
    ask: Ask, app: App, authorization: str | None, expected: str, body: bytes
) -> None:
    more = [] if authorization is None else [("Authorization", authorization)]
    answer = ask(app, operation("CreateKey", *more), body)
    assert arn_of_a_new_key(answer) == expected


_REGION = "Credential should be scoped to a valid region. "
_SERVICE = "Credential should be scoped to correct service: 'kms'. "
_FIVE = (
    "Credential must have exactly 5 slash-delimited elements, "
    "e.g. keyid/date/region/service/term, got "
)


@pytest.mark.parametrize(
    "authorization, code, message",
    [
        (credential("x", "US WEST")[1], "InvalidSignatureException", _REGION),
        (credential("x", "")[1], "InvalidSignatureException", _REGION),
        (credential("x", "us-west-2", "s3")[1], "InvalidSignatureException", _SERVICE),
        (credential("x", "us_west_2", "")[1], "InvalidSignatureException", _REGION + _SERVICE),
        (credential("se/cret", "us-west-2")[1], "IncompleteSignatureException", None),
        ("AWS4-HMAC-SHA256 Credential=a", "IncompleteSignatureException", _FIVE + "'a'"),
        ("AWS4-HMAC-SHA256 \u00ff", "IncompleteSignatureException", _FIVE + "''"),
    ],
)
def test_a_credential_that_cannot_be_one_of_aws_kms_is_refused_as_aws_does(
    ask: Ask, app: App, authorization: str, code: str, message: str | None
) -> None:
    before = app.local.kms
    answer = ask(app, operation("CreateKey", ("Authorization", authorization)), b"{}")
    message = message or _FIVE + "'se/cret/20261124/us-west-2/kms/aws4_request'"
    assert (answer.status, answer.members) == (400, {"__type": code, "message": message})
    assert answer.headers["content-type"] == AWS_JSON
    assert app.local.kms is before


@given(st.text(st.characters(codec="latin-1", exclude_characters=",/"), max_size=12))
def test_whatever_region_is_not_refused_is_one_of_the_model(region: str) -> None:
    answer = by_asgi(App(new_local()), operation("CreateKey", credential("x", region)), b"{}")
    if answer.status == 200:
        assert region.strip() in arn_of_a_new_key(answer).split(":")
    else:
        assert answer.members == {"__type": "InvalidSignatureException", "message": _REGION}


def test_a_presigned_url_names_the_caller_too(ask: Ask, app: App) -> None:
    client = cast("Any", boto3).client(
        "kms",
        region_name=OTHER_REGION,
        aws_access_key_id=OTHER_ACCOUNT,
        aws_secret_access_key="any",
    )
    presigned: str = client.generate_presigned_url("create_key")
    url = urlsplit(presigned)
    scope = operation("CreateKey") | {"query_string": url.query.encode()}
    assert url.path == "/"
    assert arn_of_a_new_key(ask(app, scope, b"{}")) == "arn:aws:kms:eu-central-1:444455556666:key"


# ---- what an answer leaves out


def test_the_notes_of_an_error_are_logged_and_break_no_line(
    local: LocalKms, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kmsmodel")
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Resource": "*",
    }
    only_it = {"StringEquals": {"kms:EncryptionContext:Department": "IT"}}
    statements = [
        {**root, "Action": "kms:PutKeyPolicy"},
        {**root, "Action": "kms:Encrypt", "Condition": only_it},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    key_id = local.dispatch("CreateKey", {"Policy": policy})["KeyMetadata"]["KeyId"]
    there = local.dispatch("CreateKey", {}, region=OTHER_REGION)["KeyMetadata"]["KeyId"]
    context = {"Department": "HR\nEncrypt by nobody\x85"}
    for operation, members in (
        ("DescribeKey", {"KeyId": there}),
        ("DescribeKey", {"KeyId": "alias/none"}),  # has no notes
        ("Encrypt", {"KeyId": key_id, "Plaintext": "YQ==", "EncryptionContext": context}),
    ):
        over_asgi.ask(local, TARGET_PREFIX + operation, json.dumps(members).encode())
    found, denied = (message.splitlines() for message in caplog.messages)
    who = f"by arn:aws:iam::{ACCOUNT}:root in {REGION}"
    assert found == [
        f"DescribeKey {who}: NotFoundException",
        f"  a key of this id is in {OTHER_REGION}, and the call in {REGION}",
    ]
    assert denied[0] == f"Encrypt {who}: AccessDeniedException"
    assert all(line.startswith("  ") for line in denied[1:])
    assert "Encrypt by nobody\\x85" in denied[-1]


# ---- anything that is not a request


@pytest.mark.parametrize(
    "scope",
    [
        http("GET"),
        http("PUT", headers=cast("Any", operation("ListKeys")["headers"])),
        http("OPTIONS", headers=[(b"origin", b"https://example.com")]),
        operation("ListKeys", path="/kms"),
        operation("ListKeys", path="//"),
        http("POST", "/health"),
    ],
)
def test_another_method_or_path_is_an_unknown_operation_in_xml(
    ask: Ask, app: App, scope: Event
) -> None:
    answer = ask(app, scope, b"{}")
    assert (answer.status, answer.body) == (404, UNKNOWN_OPERATION)
    assert answer.headers.keys() == {"content-length", "x-amzn-requestid"}


@pytest.mark.parametrize(
    "content_type, status",
    [
        (AWS_JSON, 200),
        (f"{AWS_JSON}; charset=utf-8", 200),
        ("Application/X-Amz-JSON-1.1", 200),
        ("application/x-amz-json-1.0", 404),
        ("application/json", 404),
        ("application/x-www-form-urlencoded", 404),
        ("", 404),
    ],
)
def test_only_aws_json_is_understood(ask: Ask, app: App, content_type: str, status: int) -> None:
    headers = [
        (b"x-amz-target", b"TrentService.ListKeys"),
        (b"content-type", content_type.encode()),
    ]
    answer = ask(app, http(headers=headers), b"{}")
    assert answer.status == status
    assert (answer.body == UNKNOWN_OPERATION) == (status == 404)


def test_without_a_content_type_nothing_is_understood(ask: Ask, app: App) -> None:
    answer = ask(app, http(headers=[(b"x-amz-target", b"TrentService.ListKeys")]), b"{}")
    assert (answer.status, answer.body) == (404, UNKNOWN_OPERATION)


def test_each_answer_has_a_request_id_of_its_own(ask: Ask, app: App) -> None:
    scopes = [http("GET"), operation("ListKeys"), operation("Lost"), http("GET")]
    scopes += [operation("ListKeys", credential("x", "?"))]
    ids = {ask(app, scope, b"{}").headers["x-amzn-requestid"] for scope in scopes}
    assert {len(each) for each in ids} == {36}
    assert len(ids) == len(scopes)


# ---- the body


def longest(hint: Any) -> int:
    """The bytes that a member may have as JSON, if each character of a text is escaped."""
    length = next(
        (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Length)), None
    )
    kind = getattr(hint, "__origin__", hint) if hasattr(hint, "__metadata__") else hint
    if get_origin(kind) is tuple:
        most = length.maximum if length else 64  # lists of enumeration values
        return most * (longest(get_args(kind)[0]) + 1)
    if args := [each for each in get_args(kind) if each is not type(None)]:
        return sum(longest(each) for each in args) if len(args) == 1 else 0  # maps know no limit
    if has(kind):
        hints = get_type_hints(kind, include_extras=True)
        return sum(longest(hints[each.name]) + 64 for each in fields(kind))
    if length is None:
        return 64
    return length.maximum * (12 if kind is str else 2)


@pytest.mark.parametrize("name", sorted(strategies.REQUESTS))
def test_whatever_the_shapes_allow_is_within_the_limit(name: str) -> None:
    assert longest(strategies.REQUESTS[name]) < BODY_LIMIT


def test_a_body_of_the_limit_is_taken_and_a_longer_one_is_not(ask: Ask, app: App) -> None:
    body = b'{"Origin": "EXTERNAL"}'.ljust(BODY_LIMIT)
    assert ask(app, operation("CreateKey"), body[:-1], body[-1:]).status == 200
    answer = ask(app, operation("CreateKey"), body, b" ")
    assert (answer.status, answer.members) == (413, {"__type": "RequestEntityTooLargeException"})
    assert answer.headers["content-type"] == AWS_JSON


@pytest.mark.parametrize("scope", [operation("CreateKey"), http("POST", "/_kmsmodel/clock")])
def test_no_more_is_read_of_a_body_that_is_too_long(
    app: App, local: LocalKms, scope: Event
) -> None:
    received = 0

    def without_end() -> Iterable[Event]:
        nonlocal received
        while True:
            received += 1
            yield {"type": "http.request", "body": bytes(BODY_LIMIT // 4), "more_body": True}

    before = local.kms
    answer = answer_of(asyncio.run(send_to(app, scope, without_end())))
    assert (answer.status, received) == (413, 5)
    assert local.kms is before


# ---- clients that go


@pytest.mark.parametrize("events", [[], parts(b"{", b"}")[:1]])
def test_a_client_that_goes_before_it_has_asked_gets_nothing_and_does_nothing(
    app: App, local: LocalKms, events: list[Event]
) -> None:
    before = local.kms
    assert asyncio.run(send_to(app, operation("CreateKey"), events)) == []
    assert local.kms is before


def test_what_was_asked_is_done_though_nobody_hears_the_answer(app: App, local: LocalKms) -> None:
    """ASGI: whoever sends to a client that is gone gets an OSError."""

    async def receive() -> Event:
        return parts(b"{}")[0]

    async def send(_: Event) -> None:
        raise BrokenPipeError

    asyncio.run(app(operation("CreateKey"), receive, send))
    assert len(local.handle(ListKeysRequest()).keys) == 1


def test_a_failure_of_the_hsm_is_not_taken_for_a_client_that_goes() -> None:
    class BrokenHsm:
        def random(self, number_of_bytes: int, purpose: str) -> bytes:
            raise OSError("the HSM is gone")

    app = App(LocalKms(hsm=cast("Hsm", BrokenHsm())))
    with pytest.raises(OSError, match="the HSM is gone"):
        by_asgi(app, operation("ListKeys"), b"{}")


# ---- slow answers


@final
class GatedHsm:
    """The seeded HSM, which makes RSA keys only when the gate is open."""

    def __init__(self) -> None:
        self.hsm = SeededHsm("gated")
        self.at_the_gate, self.gate = threading.Event(), threading.Event()

    def __getattr__(self, verb: str) -> Any:
        return getattr(self.hsm, verb)

    def wrapping_key(self, *arguments: Any) -> Any:
        self.at_the_gate.set()
        assert self.gate.wait(PATIENCE)
        return self.hsm.wrapping_key(*arguments)


@final
class Slow:
    """A `GetParametersForImport` that waits, and what happens meanwhile on the event loop."""

    def __init__(self) -> None:
        self.hsm = GatedHsm()
        self.local = new_local(cast("Hsm", self.hsm))
        self.app = App(self.local)
        created = self.local.handle(CreateKeyRequest(origin=OriginType.EXTERNAL))
        self.key_id = created.key_metadata.key_id

    def meanwhile(self, then: Callable[[], Awaitable[T]]) -> tuple[Answer, T]:
        """The slow answer, and what was had before it."""
        body = {
            "KeyId": self.key_id,
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_4096",
        }
        events = parts(json.dumps(body).encode())

        async def both() -> tuple[Answer, T]:
            asking = send_to(self.app, operation("GetParametersForImport"), events)
            slow = asyncio.create_task(asking)
            try:
                assert await asyncio.to_thread(self.hsm.at_the_gate.wait, PATIENCE)
                had = await then()
                assert not slow.done()
            finally:
                self.hsm.gate.set()
            return answer_of(await slow), had

        return asyncio.run(both())


def test_an_rsa_key_in_the_making_holds_up_nobody() -> None:
    slow = Slow()

    async def describe() -> Answer:
        body = json.dumps({"KeyId": slow.key_id}).encode()
        return answer_of(await send_to(slow.app, operation("DescribeKey"), parts(body)))

    answer, described = slow.meanwhile(describe)
    assert answer.status == 200
    assert described.members["KeyMetadata"]["KeyId"] == slow.key_id


@final
class WatchedHsm:
    """The seeded HSM, which knows in which threads it was asked."""

    def __init__(self) -> None:
        self.hsm = SeededHsm("watched")
        self.threads: set[int] = set()

    def __getattr__(self, verb: str) -> Any:
        self.threads.add(threading.get_ident())
        return getattr(self.hsm, verb)


@pytest.mark.parametrize(
    "name, body, in_a_thread",
    [
        ("CreateKey", b'{"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"}', True),
        ("GetParametersForImport", b'{"WrappingKeySpec": "RSA_2048"}', True),
        ("ImportKeyMaterial", b"{}", True),
        ("Sign", b'{"SigningAlgorithm": "RSASSA_PSS_SHA_256"}', True),
        ("CreateKey", b"{}", False),
        ("DeleteImportedKeyMaterial", b"{}", False),
        ("Encrypt", b'{"KeyId": "1234abcd"}', False),
        ("Decrypt", b'{"CiphertextBlob": "AAAA"}', False),
    ],
)
def test_only_what_uses_an_rsa_private_key_is_answered_in_a_thread(
    ask: Ask, name: str, body: bytes, in_a_thread: bool
) -> None:
    hsm = WatchedHsm()
    ask(App(new_local(cast("Hsm", hsm))), operation(name), body)
    assert (hsm.threads != {threading.get_ident()}) == in_a_thread


def test_a_call_that_is_under_way_at_a_reset_is_answered() -> None:
    slow = Slow()

    async def reset() -> Answer:
        return answer_of(await send_to(slow.app, http("POST", "/_kmsmodel/reset"), parts(b"")))

    answer, was_reset = slow.meanwhile(reset)
    assert (answer.status, was_reset.status) == (200, 200)


# ---- what AWS KMS does not have


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_health_check_is_answered(app: App, method: str) -> None:
    answer = by_asgi(app, http(method, "/health"))
    assert (answer.status, answer.members) == (200, {"status": "ok"})
    assert answer.headers["content-type"] == "application/json"


def test_it_has_the_routes_of_a_host(ask: Ask, app: App, local: LocalKms) -> None:
    answer = ask(app, http("POST", "/_kmsmodel/reset"), b"")
    assert (answer.status, answer.members) == (200, {"now": NOW.isoformat()})
    assert answer.headers["content-type"] == "application/json"
    answer = ask(app, http("GET", "/_kmsmodel/reset"), b"")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert ask(app, http("GET", "/_kmsmodel/"), b"").status == 404


@pytest.mark.parametrize("host, status", [(b"kms:8080", 200), (b"example.com", 421)])
def test_the_routes_of_a_host_are_asked_by_the_names_that_it_was_told(
    ask: Ask, host: bytes, status: int
) -> None:
    app = App(new_local(), host_names=["kms"])
    answer = ask(app, http("GET", "/_kmsmodel/clock", [(b"host", host)]), b"")
    assert answer.status == status
    assert answer.members.keys() == {"now" if status == 200 else "message"}


def test_the_model_still_answers_at_the_end_of_the_clock(
    ask: Ask, app: App, local: LocalKms
) -> None:
    local.clock.advance(END_OF_TIME - NOW)
    created = ask(app, operation("CreateKey"), b"{}").members["KeyMetadata"]
    asked = json.dumps({"KeyId": created["KeyId"], "PendingWindowInDays": 30}).encode()
    assert ask(app, operation("ScheduleKeyDeletion"), asked).status == 200


def test_a_server_that_cannot_drop_a_connection_is_told_by_the_error(
    app: App, local: LocalKms
) -> None:
    local.fail("ListKeys", ConnectionDropped)
    with pytest.raises(ConnectionDropped):
        asyncio.run(send_to(app, operation("ListKeys"), parts(b"{}")))


# ---- as a part of something else


@pytest.mark.parametrize(
    "path, root_path",
    [
        ("/", ""),
        ("/aws/kms/", "/aws/kms"),  # as Starlette and FastAPI mount
        ("/aws/kms", "/aws/kms"),
        ("", "/aws/kms"),
    ],
)
def test_it_answers_wherever_it_is_mounted(app: App, path: str, root_path: str) -> None:
    answer = by_asgi(app, operation("ListKeys", path=path, root_path=root_path), b"{}")
    assert (answer.status, answer.members) == (200, {"Keys": [], "Truncated": False})


def test_its_other_paths_are_below_where_it_is_mounted(app: App) -> None:
    scope = http("GET", "/aws/kms/health", root_path="/aws/kms")
    assert by_asgi(app, scope).status == 200
    assert by_asgi(app, http("GET", "/aws/kms/health")).status == 404


def test_servers_need_not_say_what_asgi_lets_them_leave_out(app: App) -> None:
    scope = operation("ListKeys")
    del scope["root_path"], scope["query_string"]
    assert answer_of(asyncio.run(send_to(app, scope, [{"type": "http.request"}]))).status == 400


def test_without_a_kms_it_has_one_of_its_own(ask: Ask, app: App) -> None:
    arn = arn_of_a_new_key(ask(App(), operation("CreateKey"), b"{}"))
    assert arn == "arn:aws:kms:us-west-2:111122223333:key"


def test_what_is_asked_in_process_and_by_http_is_asked_of_the_same_kms(
    ask: Ask, app: App, local: LocalKms
) -> None:
    key_id = ask(app, operation("CreateKey"), b"{}").members["KeyMetadata"]["KeyId"]
    assert local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata.key_id == key_id


def test_it_is_ready_at_once_and_has_nothing_to_put_away(app: App) -> None:
    events: list[Event] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    assert asyncio.run(send_to(app, {"type": "lifespan"}, events)) == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]


def test_a_websocket_is_closed_before_it_is_open(app: App) -> None:
    sent = asyncio.run(send_to(app, {"type": "websocket", "path": "/"}, []))
    assert sent == [{"type": "websocket.close"}]


def test_a_scope_of_another_kind_is_a_mistake_of_the_server(app: App) -> None:
    with pytest.raises(ValueError, match=r"^a scope of type mqtt cannot be answered$"):
        asyncio.run(send_to(app, {"type": "mqtt"}, []))
