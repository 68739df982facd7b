"""
What a `LocalKms` remembers of the calls that were made to it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

import attrs
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from hypothesis import given, strategies as st

from kmsmodel import boto, errors
from kmsmodel.errors import AccessDeniedException, KmsError, NotFoundException
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.record import LIMIT, RecordedCall
from kmsmodel.wire import TARGET_PREFIX
from kmsmodel.words import structures
from tests.basics import ACCOUNT, NOBODY, NOW, OTHER_ACCOUNT, OTHER_REGION, PATIENCE, REGION
from tests.examples import Members, examples, plain_json
from tests.operations.steps import arn_of, create, encrypt, import_material
from tests.over_asgi import ask
from tests.strategies import REQUESTS


def by_handle(local: LocalKms, operation: str, members: Members) -> None:
    local.handle(structures.read(REQUESTS[operation], members))


def by_dispatch(local: LocalKms, operation: str, members: Members) -> None:
    local.dispatch(operation, members)


def by_respond(local: LocalKms, operation: str, members: Members) -> None:
    local.respond(TARGET_PREFIX + operation, json.dumps(plain_json(members)).encode())


def by_boto(local: LocalKms, operation: str, members: Members) -> None:
    getattr(boto.client(local), xform_name(operation))(**members)


def by_server(local: LocalKms, operation: str, members: Members) -> None:
    ask(local, TARGET_PREFIX + operation, json.dumps(plain_json(members)).encode())


DOORS: list[Callable[[LocalKms, str, Members], None]] = [
    by_handle,
    by_dispatch,
    by_respond,
    by_boto,
    by_server,
]


def recorded(door: Callable[..., None], operation: str, members: Members) -> RecordedCall:
    local = examples().local()
    with suppress(KmsError, ClientError):
        door(local, operation, members)
    (call,) = local.calls
    return call


ALL = [
    (operation, members)
    for operation, each in sorted(examples().requests.items())
    for members in each
]


@pytest.mark.parametrize("operation, members", ALL)
def test_each_door_records_the_same(operation: str, members: Members) -> None:
    first, *others = (recorded(door, operation, members) for door in DOORS)
    assert first.operation == operation
    assert (first.region, first.time, first.error_code) == (REGION, NOW, None)
    assert first.caller.account == ACCOUNT
    for other in others:
        assert attrs.evolve(other, response=None) == attrs.evolve(first, response=None)
        assert type(other.response) is type(first.response)


@pytest.mark.parametrize("operation, members", ALL)
def test_it_names_the_key_and_the_encryption_context(operation: str, members: Members) -> None:
    call = recorded(by_dispatch, operation, members)
    of_no_key = {"ListKeys", "ListRetirableGrants", "GenerateRandom", "DeleteAlias"}
    of_no_key |= {"ListAliases", "RetireGrant"} - ({operation} if "KeyId" in members else set())
    if operation in of_no_key or "CustomKeyStore" in operation:
        assert call.key_arn is None
    else:
        assert call.key_arn is not None
        assert call.key_arn.startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
        assert members.get("KeyId", call.key_arn).rpartition("/")[2] in call.key_arn or (
            members["KeyId"].startswith("alias/")
        )
    name = "DestinationEncryptionContext" if operation == "ReEncrypt" else "EncryptionContext"
    assert call.encryption_context == members.get(name)


SECRETS = {"Plaintext", "PrivateKeyPlaintext", "SharedSecret", "Message"}


@pytest.mark.parametrize("operation, members", ALL)
def test_its_representation_has_no_secret(operation: str, members: Members) -> None:
    call = recorded(by_dispatch, operation, members)
    assert call.response is not None
    told = {**members, **structures.to_members(call.response)}
    shown = repr(call)
    for name in SECRETS & told.keys():
        assert repr(told[name])[2:-1] not in shown
    assert operation in shown


@pytest.mark.parametrize("door", DOORS)
def test_an_error_is_recorded_by_its_code(door: Callable[..., None]) -> None:
    call = recorded(door, "DescribeKey", {"KeyId": NOBODY})
    assert (call.operation, call.error_code) == ("DescribeKey", "NotFoundException")
    assert (call.response, call.key_arn) == (
        None,
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{NOBODY}",
    )
    call = recorded(door, "DescribeKey", {"KeyId": "alias/none"})
    assert (call.error_code, call.key_arn) == ("NotFoundException", None)


@pytest.mark.parametrize("door", DOORS)
def test_an_error_is_recorded_with_its_notes(door: Callable[..., None]) -> None:
    call = recorded(door, "CreateKey", {"Policy": "no policy"})
    assert call.error_code == "MalformedPolicyDocumentException"
    (note,) = call.notes
    assert note.startswith("the key policy is not JSON: ")
    assert note not in repr(call)
    assert recorded(door, "ListKeys", {}).notes == ()


def test_a_refused_alias_is_recorded_with_the_key_that_the_error_names(local: LocalKms) -> None:
    arn = arn_of(create(local))
    local.dispatch("CreateAlias", {"AliasName": "alias/one", "TargetKeyId": arn})
    local.dispatch("DisableKey", {"KeyId": arn})
    with pytest.raises(errors.DisabledException):
        local.dispatch("Encrypt", {"KeyId": "alias/one", "Plaintext": b"x"})
    assert [call.key_arn for call in local.calls] == [arn] * 4


def test_what_cannot_be_read_is_recorded_too(local: LocalKms) -> None:
    local.respond("TrentService.Nothing", b"{}")
    local.respond("TrentService.Encrypt", b"{")
    with pytest.raises(errors.ValidationException):
        local.dispatch("Encrypt", {})
    told = [(call.operation, call.error_code, call.request) for call in local.calls]
    assert told == [
        ("Nothing", "UnknownOperationException", None),
        ("Encrypt", "SerializationException", None),
        ("Encrypt", "ValidationException", None),
    ]


def test_it_tells_who_called_and_where(local: LocalKms) -> None:
    ada = f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada"
    with pytest.raises(AccessDeniedException):
        local.dispatch("ListKeys", {}, principal=ada, account=OTHER_ACCOUNT, region=OTHER_REGION)
    (call,) = local.calls
    assert (call.caller.principal.arn, call.region) == (ada, OTHER_REGION)
    assert call.error_code == "AccessDeniedException"
    assert f"caller={ada}," in repr(call)


def test_what_is_asked_in_a_step_of_ones_own_is_not_recorded(local: LocalKms) -> None:
    local.step(lambda kms, call: (kms, call.request_id))
    with pytest.raises(TypeError):
        local.dispatch(cast("str", 3), {})
    assert local.calls == ()


def test_what_is_recorded_does_not_change(local: LocalKms) -> None:
    arn = arn_of(create(local))
    context = {"a": "b"}
    local.handle(EncryptRequest(key_id=arn, plaintext=b"x", encryption_context=context))
    context["a"] = "c"
    call = local.calls[-1]
    assert call.encryption_context == {"a": "b"}
    with pytest.raises(TypeError):
        cast("Any", call).encryption_context["a"] = "c"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        cast("Any", call).operation = "Decrypt"
    before = local.calls
    create(local)
    assert local.calls[:-1] == before


def test_the_latest_ten_thousand_are_remembered(local: LocalKms) -> None:
    arn = arn_of(create(local))
    for _ in range(LIMIT + 5):
        with pytest.raises(NotFoundException):
            local.dispatch("DescribeKey", {"KeyId": "none"})
    assert len(local.calls) == LIMIT == 10_000
    encrypt(local, arn)
    assert len(local.calls) == LIMIT
    assert local.calls[-1].key_arn == arn


@given(moves=st.lists(st.sampled_from(["Encrypt", "Decrypt", "ListKeys", "None"]), max_size=8))
def test_calls_are_in_the_order_of_their_answers(moves: list[str]) -> None:
    local = examples().local()
    for operation in moves:
        local.respond(TARGET_PREFIX + operation, b"{}")
    assert [call.operation for call in local.calls] == moves
    assert len({call.request_id for call in local.calls}) == len(moves)


def test_an_import_names_its_key_and_keeps_its_material_to_itself(local: LocalKms) -> None:
    arn = arn_of(create(local, origin="EXTERNAL"))
    import_material(local, arn, b"attack at dawn, attack at dawn!!")
    assert {call.key_arn for call in local.calls} == {arn}
    assert "attack" not in repr(local.calls)


def test_threads_record_all_of_their_calls(local: LocalKms) -> None:
    arn = arn_of(create(local))
    sealed = local.handle(EncryptRequest(key_id=arn, plaintext=b"x")).ciphertext_blob
    looking = threading.Event()

    def look() -> None:
        while not looking.is_set():
            assert len(local.calls) <= LIMIT

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(200):
                threads.submit(local.handle, DecryptRequest(ciphertext_blob=sealed))
    finally:
        looking.set()
        watcher.join(PATIENCE)
    assert [call.operation for call in local.calls].count("Decrypt") == 200


def test_an_error_that_is_recorded_holds_nothing_else_alive(local: LocalKms) -> None:
    with pytest.raises(NotFoundException) as refused:
        local.dispatch("DescribeKey", {"KeyId": "none"})
    kept: list[Any] = list(attrs.asdict(local.calls[0], recurse=False).values())
    assert refused.value not in kept
