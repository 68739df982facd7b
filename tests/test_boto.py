"""
boto3's own client, answered in this process.

aiobotocore's has a file of its own.
"""

from __future__ import annotations

import gc
import os
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn, cast

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import given, settings, strategies as st

from kmsmodel import boto, errors, service
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.keys import DescribeKeyRequest
from tests.basics import NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from tests.examples import Members, examples

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient


@pytest.fixture
def local() -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm("boto"))


@pytest.fixture
def client(local: LocalKms) -> KMSClient:
    return boto.client(local)


def test_the_guides_four_steps_lead_to_a_key_that_encrypts(
    local: LocalKms, client: KMSClient
) -> None:
    created = client.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert (created.get("KeyState"), created.get("Enabled")) == ("PendingImport", False)
    key_id = created["KeyId"]
    parameters = client.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    assert parameters["ParametersValidTo"] == NOW + timedelta(hours=24)
    material = os.urandom(32)
    client.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap_key_material(
            parameters["PublicKey"], "RSAES_OAEP_SHA_256", material
        ),
        ValidTo=NOW + timedelta(days=7),
    )
    encrypted = client.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"a": "b"})
    decrypted = client.decrypt(
        CiphertextBlob=encrypted["CiphertextBlob"], EncryptionContext={"a": "b"}
    )
    assert decrypted["Plaintext"] == b"x"
    local.clock.advance(days=7)
    described = client.describe_key(KeyId=key_id)["KeyMetadata"]
    assert described.get("KeyState") == "PendingImport"


def test_an_error_is_the_exception_of_its_name(client: KMSClient) -> None:
    key = client.create_key()["KeyMetadata"]
    client.disable_key(KeyId=key["KeyId"])
    with pytest.raises(client.exceptions.DisabledException) as refused:
        client.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    response = cast("dict[str, Any]", refused.value.response)
    assert response["Error"] == {
        "Code": "DisabledException",
        "Message": f"{key.get('Arn')} is disabled.",
    }
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


ERRORS = sorted(
    (
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, KmsError)
    ),
    key=lambda each: each.__name__,
)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_botocores_exception_for_it(
    client: KMSClient, error: type[KmsError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where AWS's service model has no shape for it, it is a ClientError that holds its code."""

    def refuse(*_: object) -> NoReturn:
        raise error("why")

    monkeypatch.setattr(service, "perform", refuse)
    expected = getattr(client.exceptions, error.__name__, ClientError)
    with pytest.raises(ClientError) as refused:
        client.list_keys()
    assert type(refused.value) is expected
    assert refused.value.response.get("Error") == {"Code": error.__name__, "Message": "why"}


def test_each_answer_has_a_request_id_of_its_own(client: KMSClient) -> None:
    ids = {client.list_keys()["ResponseMetadata"]["RequestId"] for _ in range(5)}
    assert len(ids) == 5


# ---- as over the wire


class Raw(BytesIO):
    """A body as urllib3 gives it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


def over_the_wire(local: LocalKms) -> Any:
    """A client that signs and sends its requests, and parses what `LocalKms.respond` answers."""
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y")
    made = cast("Any", session).client("kms", region_name=local.region)

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        target: Any = request.headers["X-Amz-Target"]
        http = local.respond(target.decode(), cast("bytes", request.body))
        headers = HTTPHeaders.from_pairs(http.headers)
        return AWSResponse(request.url, http.status, headers, cast("Any", Raw(http.body)))

    made.meta.events.register("before-send.kms", send)
    return made


def outcome(client: Any, operation: str, members: Members) -> dict[str, Any]:
    """What a client gives back, be it an error, but for the headers, and for notes, which no wire has."""
    try:
        response: dict[str, Any] = getattr(client, xform_name(operation))(**members)
    except ClientError as refused:
        response = {**refused.response, "raised": type(refused).__name__}
    del response["ResponseMetadata"]["HTTPHeaders"]
    response["ResponseMetadata"].pop("Notes", None)
    return response


REFUSED: list[tuple[str, Members]] = [
    ("DescribeKey", {"KeyId": "fake-key-id"}),  # a text
    ("Decrypt", {"CiphertextBlob": b"no ciphertext"}),  # no text
    ("Encrypt", {"KeyId": "k", "Plaintext": bytes(4097)}),  # not in the service model
]


@pytest.mark.parametrize(
    "operation, members",
    [
        *((operation, each[0]) for operation, each in sorted(examples().requests.items())),
        *REFUSED,
    ],
)
def test_what_a_client_gives_is_what_it_would_give_over_the_wire(
    operation: str, members: Members
) -> None:
    in_process = outcome(boto.client(examples().local()), operation, members)
    assert in_process == outcome(over_the_wire(examples().local()), operation, members)


# ---- what botocore makes of a service model

PAGED = sorted(
    operation
    for operation in examples().requests
    if boto.client(LocalKms()).can_paginate(xform_name(operation))
)


@pytest.mark.parametrize("operation", PAGED)
def test_botocores_paginators_walk_to_the_end(operation: str) -> None:
    client: Any = boto.client(examples().local())
    paginator = client.get_paginator(xform_name(operation))
    (result,) = paginator.result_keys
    for members in examples().requests[operation]:
        kept = {"KeyId", "IncludeKeyMaterial", "RetiringPrincipal"}
        about = {name: members[name] for name in members.keys() & kept}
        whole = getattr(client, xform_name(operation))(**about)[result.expression]
        pages = list(paginator.paginate(**about, PaginationConfig={"PageSize": 1}))
        assert [page[result.expression] for page in pages] == [[entry] for entry in whole]
        limited = paginator.paginate(**about, PaginationConfig={"PageSize": 2, "MaxItems": 3})
        assert list(limited.search(result.expression)) == whole[:3]


def test_every_list_has_a_paginator() -> None:
    lists = {operation for operation in examples().requests if operation.startswith("List")}
    assert set(PAGED) == {*lists, "DescribeCustomKeyStores"}


def test_without_boto3_it_says_which_extra_to_install(
    local: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Botocore comes with aiobotocore, and then without boto3."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        boto.client(local)
    needed = "kmsmodel.boto needs an extra: pip install '.[boto]' in a clone of kmsmodel"
    assert caught.value.__notes__ == [needed]


def test_there_is_nothing_to_wait_for(client: KMSClient) -> None:
    assert client.waiter_names == []


def test_botocores_validation_comes_first(local: LocalKms, client: KMSClient) -> None:
    before = local.kms
    with pytest.raises(ParamValidationError):
        client.enable_key(KeyId=cast("str", 1))
    assert local.kms is before


def test_the_caller_is_whom_the_credentials_name(local: LocalKms) -> None:
    other = boto.client(
        local, OTHER_REGION, aws_access_key_id=OTHER_ACCOUNT, aws_secret_access_key="any"
    )
    key = other.create_key()["KeyMetadata"]
    assert key.get("Arn") == f"arn:aws:kms:eu-central-1:444455556666:key/{key['KeyId']}"
    with pytest.raises(other.exceptions.ClientError, match="AccessDeniedException"):
        boto.client(local, "eu-central-1").describe_key(KeyId=key.get("Arn", ""))


def test_an_access_key_id_that_is_no_account_calls_as_the_local_account(local: LocalKms) -> None:
    client = boto.client(local, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="any")
    key = client.create_key()["KeyMetadata"]
    assert key.get("AWSAccountId") == local.account


def test_a_client_that_does_not_sign_calls_as_the_local_account(local: LocalKms) -> None:
    client = boto.client(local, config=Config(signature_version=UNSIGNED))
    assert client.create_key()["KeyMetadata"].get("AWSAccountId") == local.account


def test_credentials_that_would_have_to_be_fetched_are_not(local: LocalKms) -> None:
    def fetch() -> dict[str, str]:
        raise AssertionError("credentials were fetched")

    session = botocore.session.Session()
    credentials = DeferredRefreshableCredentials(fetch, "assume-role")
    session._credentials = credentials  # type: ignore[attr-defined]  # a profile would need a file
    with boto.patched(local):
        client: Any = session.create_client("kms", region_name=local.region)
        assert client.create_key()["KeyMetadata"].get("AWSAccountId") == local.account


def test_threads_share_a_client(local: LocalKms, client: KMSClient) -> None:
    def create_and_use(number: int) -> bytes:
        key_id = client.create_key(Description=str(number))["KeyMetadata"]["KeyId"]
        plaintext = str(number).encode()
        sealed = client.encrypt(KeyId=key_id, Plaintext=plaintext)["CiphertextBlob"]
        return client.decrypt(CiphertextBlob=sealed)["Plaintext"]

    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(create_and_use, range(200)))
    assert opened == [str(number).encode() for number in range(200)]
    assert len(local.dispatch("ListKeys", {"Limit": 1000})["Keys"]) == 200


# ---- whose client it is

make: Any = cast("Any", boto3.Session(aws_access_key_id="x", aws_secret_access_key="y")).client
INITIALISE, CALL = vars(BaseClient)["__init__"], vars(BaseClient)["_make_api_call"]


def test_clients_that_libraries_make_are_answered_while_patched(local: LocalKms) -> None:
    with boto.patched(local):
        kms = make("kms", region_name=local.region)
        assert make("sts", region_name=local.region).meta.service_model.service_name == "sts"
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    assert local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata.key_id == key_id


def test_the_latest_to_serve_a_client_answers_it(local: LocalKms) -> None:
    first, second = LocalKms(), LocalKms()
    client = boto.client(first)
    boto.serve(second, client)
    key_id = client.create_key()["KeyMetadata"]["KeyId"]
    assert first.kms == Kms()
    assert second.dispatch("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["KeyId"] == key_id


class AskedAws(BaseException):
    """Not an Exception, so that nothing on the way takes it for its own."""


def made_before(**options: Any) -> Any:
    """A client like one at the top of a module, which would ask AWS if nobody answered it."""
    made = make("kms", region_name=REGION, **options)

    def send(_: object) -> None:
        raise AskedAws

    made._endpoint.http_session.send = send
    return made


def who_answers(client: Any) -> str | None:
    """The account of the `LocalKms` that answers a client, or None if it asks AWS."""
    try:
        arn: str = client.list_aliases(Limit=1)["Aliases"][0]["AliasArn"]
    except AskedAws:
        return None
    return arn.split(":")[4]


def accounts(number: int) -> list[LocalKms]:
    """As many KMS, each with an account of its own."""
    return [LocalKms(account=f"{each:012}") for each in range(number)]


def test_the_inner_of_two_patches_answers() -> None:
    outer, inner = accounts(2)
    client = made_before()
    with boto.patched(outer):
        with boto.patched(inner):
            assert who_answers(client) == inner.account
        assert who_answers(client) == outer.account
    assert who_answers(client) is None


MOVES = st.lists(
    st.sampled_from(
        ["patch", "serve", "serve for a while", "end the first", "end the last", "ask"]
    ),
    max_size=12,
)


@given(moves=MOVES)
@settings(max_examples=40)
def test_who_began_last_answers_until_that_is_ended(moves: list[str]) -> None:
    """In whatever order; and once all is ended, a client asks whom it asked before."""
    client = made_before()
    began: list[tuple[str, Any]] = []  # who answers, and how it is ended
    lasting: list[str] = []
    for local, move in zip(accounts(len(moves)), moves, strict=False):
        match move:
            case "patch" | "serve for a while":
                way: Any = boto.patched(local) if move == "patch" else boto.serve(local, client)
                way.__enter__()
                began.append((local.account, way))
            case "serve":
                boto.serve(local, client)
                began.append((local.account, None))
                lasting = [local.account]
            case "end the first" | "end the last":
                held = [each for each in began if each[1] is not None]
                if held:
                    ended = held[0 if move == "end the first" else -1]
                    ended[1].__exit__(None, None, None)
                    began.remove(ended)
            case _:
                pass
        assert who_answers(client) == (began[-1][0] if began else None)
    for _, way in began:
        if way is not None:
            way.__exit__(None, None, None)
    assert who_answers(client) == (lasting[-1] if lasting else None)
    assert vars(BaseClient)["__init__"] is INITIALISE
    assert vars(BaseClient)["_make_api_call"] is CALL


def test_a_client_of_an_earlier_test_never_answers_from_it() -> None:
    """As one in a cache, which is made in one test and used in the next."""
    first, second = accounts(2)
    with boto.patched(first):
        cached = make("kms", region_name=REGION)
        assert who_answers(cached) == first.account
    with pytest.raises(
        RuntimeError, match=r"made inside of kmsmodel\.boto\.patched, which has ended"
    ):
        cached.list_keys()
    with boto.patched(second):
        assert who_answers(cached) == second.account
    boto.serve(second, cached)
    assert who_answers(cached) == second.account


def test_a_served_client_is_as_it_was_after_the_with_block(client: KMSClient) -> None:
    other = LocalKms(account=OTHER_ACCOUNT)
    with boto.serve(other, client):
        assert who_answers(client) == OTHER_ACCOUNT
    assert who_answers(client) == LocalKms().account
    theirs = made_before()
    with pytest.raises(ClientError), boto.serve(other, theirs):
        theirs.describe_key(KeyId="none")
    assert who_answers(theirs) is None


@pytest.mark.parametrize("url", ["http://localhost:4566", "https://kms.us-west-2.amazonaws.com"])
def test_a_client_with_an_endpoint_of_its_own_is_refused_while_patched(url: str) -> None:
    local = LocalKms(account=OTHER_ACCOUNT)
    client = made_before(endpoint_url=url)
    with boto.patched(local):
        for each in (client, make("kms", region_name=REGION, endpoint_url=url)):
            with pytest.raises(RuntimeError, match="has an endpoint_url of its own"):
                each.list_keys()
        with boto.serve(local, client):
            assert who_answers(client) == OTHER_ACCOUNT
    assert who_answers(client) is None
    assert local.dispatch("ListKeys", {})["Keys"] == []


def test_an_endpoint_of_the_environment_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://localhost:4566")
    client = made_before()
    with boto.patched(LocalKms()), pytest.raises(RuntimeError, match="AWS_ENDPOINT_URL is one too"):
        client.list_keys()


def test_a_client_is_collected_while_patched_and_after() -> None:
    with boto.patched(LocalKms()):
        client = make("kms", region_name=REGION)
        client.list_keys()
        served = weakref.ref(client)
        del client
        gc.collect()
        assert served() is None


def test_threads_are_patched_too(local: LocalKms) -> None:
    client = made_before()
    with boto.patched(local), ThreadPoolExecutor(8) as threads:
        assert set(threads.map(who_answers, [client] * 100)) == {local.account}
    assert who_answers(client) is None


def test_a_client_of_another_service_is_not_served(local: LocalKms) -> None:
    with pytest.raises(ValueError, match="a client of s3 does not ask AWS KMS"):
        boto.serve(local, make("s3", region_name=local.region))


def test_botocore_is_left_as_it_was_whatever_happens_meanwhile(local: LocalKms) -> None:
    def fail_while_patched() -> None:
        with boto.patched(local):
            assert vars(BaseClient)["__init__"] is not before
            raise RuntimeError

    before = vars(BaseClient)["__init__"]
    with pytest.raises(RuntimeError):
        fail_while_patched()
    assert vars(BaseClient)["__init__"] is before


def test_what_an_answer_leaves_out_stands_in_a_note(local: LocalKms) -> None:
    kms_client = boto.client(local)
    with pytest.raises(kms_client.exceptions.InvalidCiphertextException) as caught:
        kms_client.decrypt(CiphertextBlob=b"nonsense")
    response: dict[str, Any] = dict(caught.value.response)
    assert response["Error"] == {"Code": "InvalidCiphertextException", "Message": ""}
    (note,) = response["ResponseMetadata"]["Notes"]
    assert note == "this is not a symmetric ciphertext of this model, or it was changed"
    with pytest.raises(kms_client.exceptions.NotFoundException) as caught:
        kms_client.describe_key(KeyId="alias/none")
    response = dict(caught.value.response)
    assert "Notes" not in response["ResponseMetadata"]
