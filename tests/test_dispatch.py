"""
The door for hosts that have parsed a request already.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, NotRequired, cast, get_args, get_origin, get_type_hints

import pytest
from attrs import frozen
from botocore import xform_name
from types_boto3_kms import literals, type_defs

from kmsmodel import boto
from kmsmodel.calls.call import Call
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AccessDeniedException,
    KmsError,
    NotFoundException,
    SerializationException,
    UnknownOperationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations import OPERATIONS
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.service import dispatch
from kmsmodel.words import structures
from kmsmodel.words.arguments import kind_of
from kmsmodel.words.shapes import EncryptionContextType
from tests.basics import DAY, NOW, OTHER_ACCOUNT, OTHER_REGION
from tests.differences import ANSWERED_AS
from tests.examples import CONTEXT, MESSAGE, Members, examples, plain_json

NAMES = sorted(request.operation for request in OPERATIONS)
EVERY = [
    pytest.param(operation, members, id=f"{operation}-{number}")
    for operation, requests in sorted(examples().requests.items())
    for number, members in enumerate(requests, start=1)
]

every_example = pytest.mark.parametrize("operation, members", EVERY)


def test_every_operation_has_an_example() -> None:
    assert sorted(examples().requests) == NAMES


# ---- what comes out


@every_example
def test_what_comes_out_has_the_members_and_types_of_boto3s_stubs(
    operation: str, members: Members
) -> None:
    answer = examples().local().dispatch(operation, members)
    assert list(misfits(response_of(operation), answer, operation)) == []


def response_of(operation: str) -> Any:
    """The typed dictionary of a response; operations that answer nothing share one, and two lists of grants do."""
    name = "ListGrants" if operation == "ListRetirableGrants" else operation
    return getattr(type_defs, f"{name}ResponseTypeDef", type_defs.EmptyResponseMetadataTypeDef)


def misfits(hint: Any, value: Any, path: str) -> Iterator[str]:
    """Where a value is not of its hint, to the letter: an enumeration is not a string, and a tuple is not a list."""
    if hasattr(hint, "__total__"):  # a typed dictionary, of typing or of typing_extensions
        yield from _misfits_of_members(hint, value, path)
    elif get_origin(hint) is Literal:
        if type(value) is not str or value not in get_args(hint):
            yield f"{path}: {value!r} is none of {get_args(hint)}"
    elif type(value) is not (get_origin(hint) or hint):
        yield f"{path}: {value!r} is no {hint}"
    elif get_origin(hint) is list:
        for index, item in enumerate(value):
            yield from misfits(get_args(hint)[0], item, f"{path}[{index}]")
    elif isinstance(value, datetime) and value.tzinfo is None:
        yield f"{path}: {value!r} has no time zone"


def _misfits_of_members(hint: Any, value: Any, path: str) -> Iterator[str]:
    if type(value) is not dict:
        yield f"{path}: {value!r} is not a dictionary"
        return
    told = cast("Members", value)
    hints = get_type_hints(hint, include_extras=True)
    # Of a response the stubs require all members, also those that AWS leaves out. What is inside of it tells which.
    if "ResponseMetadata" not in hints:
        required = {name for name, each in hints.items() if get_origin(each) is not NotRequired}
        yield from (f"{path}.{name}: is missing" for name in sorted(required - set(told)))
    for name, content in told.items():
        if name not in hints:
            yield f"{path}.{name}: is unknown"
        else:
            of_member = _ANSWERED_AS.get(name, get_type_hints(hint)[name])
            yield from misfits(of_member, content, f"{path}.{name}")


_ANSWERED_AS = {name: getattr(literals, f"{shape}Type") for (_, name), shape in ANSWERED_AS.items()}


@pytest.mark.parametrize(
    "operation, answer",
    [
        ("Encrypt", {"KeyId": b"k"}),
        ("Encrypt", {"Key": "k"}),
        ("Encrypt", {"EncryptionAlgorithm": "NONE"}),
        ("GetPublicKey", {"SigningAlgorithms": ("ECDSA_SHA_256",)}),
        ("ListAliases", {"Aliases": [{"AliasName": 1}]}),
        ("ListAliases", {"Aliases": [None]}),
        ("ListResourceTags", {"Tags": [{"TagKey": "a"}]}),
        ("ScheduleKeyDeletion", {"DeletionDate": datetime(2026, 1, 1)}),  # noqa: DTZ001
        ("DescribeKey", {"KeyMetadata": []}),
    ],
)
def test_a_misfit_is_found(operation: str, answer: Members) -> None:
    assert len(list(misfits(response_of(operation), answer, operation))) == 1


@every_example
def test_boto3_gives_the_same(operation: str, members: Members) -> None:
    client = boto.client(examples().local())
    by_boto3: Members = getattr(client, xform_name(operation))(**members)
    assert by_boto3.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert examples().local().dispatch(operation, members) == by_boto3


# ---- what goes in


@every_example
def test_plain_json_and_boto3s_forms_are_the_same_request(operation: str, members: Members) -> None:
    one, another = examples().local(), examples().local()
    assert one.dispatch(operation, members) == another.dispatch(operation, plain_json(members))
    assert one.kms == another.kms


@pytest.mark.parametrize("like_bytes", [bytearray, memoryview])
def test_a_blob_is_whatever_is_like_bytes(like_bytes: Any) -> None:
    local = LocalKms()
    key_id = local.dispatch("CreateKey", {})["KeyMetadata"]["KeyId"]
    plaintext = like_bytes(MESSAGE)
    sealed = local.dispatch("Encrypt", {"KeyId": key_id, "Plaintext": plaintext})["CiphertextBlob"]
    opened = local.dispatch("Decrypt", {"CiphertextBlob": like_bytes(sealed)})
    assert opened["Plaintext"] == MESSAGE


@pytest.mark.parametrize(
    "valid_to",
    [
        NOW + DAY,
        (NOW + DAY).astimezone(timezone(timedelta(hours=-8))),
        (NOW + DAY).timestamp(),
    ],
    ids=["a datetime", "of another time zone", "seconds"],
)
def test_a_time_is_a_datetime_or_seconds(valid_to: object) -> None:
    local = examples().local()
    members = next(
        each for each in examples().requests["ImportKeyMaterial"] if "ValidTo" in each
    ) | {"ValidTo": valid_to}
    local.dispatch("ImportKeyMaterial", members)
    described = local.dispatch("DescribeKey", {"KeyId": members["KeyId"]})
    assert described["KeyMetadata"]["ValidTo"] == NOW + DAY


def test_who_calls_and_where_can_be_said_of_each_request() -> None:
    local = LocalKms()
    made = local.dispatch("CreateKey", {}, account=OTHER_ACCOUNT, region=OTHER_REGION)
    arn = made["KeyMetadata"]["Arn"]
    assert arn.startswith("arn:aws:kms:eu-central-1:444455556666:key/")
    with pytest.raises(AccessDeniedException, match="User: arn:aws:iam::111122223333:user/Ada"):
        local.dispatch(
            "DescribeKey",
            {"KeyId": arn},
            region=OTHER_REGION,
            principal="arn:aws:iam::111122223333:user/Ada",
        )


# ---- what is refused


def test_a_refused_request_raises_and_changes_nothing() -> None:
    local = examples().local()
    before = local.kms
    with pytest.raises(NotFoundException) as refused:
        local.dispatch("DescribeKey", {"KeyId": "fake-key-id"})
    assert refused.value.message == "Invalid keyId 'fake-key-id'"
    assert local.kms is before


def test_it_is_a_function_of_the_state_and_the_call() -> None:
    call = Call(now=NOW, hsm=SeededHsm(), request_id="1")
    kms, made = dispatch(Kms(), "CreateKey", {}, call)
    assert (kms, made) == dispatch(Kms(), "CreateKey", {}, call)
    after, described = dispatch(kms, "DescribeKey", {"KeyId": made["KeyMetadata"]["Arn"]}, call)
    assert after is kms
    assert described == made


@pytest.mark.parametrize("operation", ["", "createKey", "TrentService.CreateKey", "MakeCoffee"])
def test_an_operation_that_is_not_in_the_model_is_refused(operation: str) -> None:
    with pytest.raises(UnknownOperationException) as refused:
        LocalKms().dispatch(operation, {})
    assert refused.value.message == f"{operation} is not an operation of this model."


@pytest.mark.parametrize("operation", [[], {}, None, 3, b"CreateKey", CreateKeyRequest])
def test_an_operation_that_is_no_string_is_a_mistake_of_the_caller(operation: Any) -> None:
    with pytest.raises(TypeError, match=f"^operation must be a string, not {kind_of(operation)}$"):
        LocalKms().dispatch(operation, {})


CYCLE: list[Any] = []
CYCLE.append(CYCLE)
CYCLIC: dict[str, Any] = {}
CYCLIC["KeyId"] = CYCLIC["TagKey"] = CYCLIC
RELEASED = memoryview(b"ab")
RELEASED.release()

HOSTILE: list[Any] = [
    None,
    True,
    -1,
    2**63,
    10**5_000,
    0.5,
    float("nan"),
    float("inf"),
    1j,
    ...,
    object(),
    threading.Lock(),
    int,
    "",
    "\0",
    "\ud800",
    "x" * 1_000_000,
    b"",
    b"\xff" * 1_000_000,
    bytearray(b"ab"),
    RELEASED,
    range(3),
    (value for value in "ab"),
    {"a"},
    frozenset({b"a"}),
    datetime(2026, 1, 1),  # noqa: DTZ001 - a naive one, for once
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    timedelta(),
    [],
    [[]],
    [None],
    [{"a"}],
    [{}],
    [{"TagKey": None}],
    ("\ud800",) * 100,
    list(range(10_000)),
    CYCLE,
    [CYCLIC],
    CYCLIC,
    {},
    {1: "a"},
    {None: None},
    {"a": b"a"},
    {"a": {"a": {}}},
    {"TagKey": "a", "TagValue": "b"},
]


@pytest.mark.parametrize("operation", NAMES)
def test_hostile_members_are_answered_or_refused_and_a_refusal_changes_nothing(
    operation: str,
) -> None:
    names = member_names(operation)
    for members in examples().requests[operation][:2]:
        for name in names:
            for value in HOSTILE:
                local = examples().local()
                before = local.kms
                try:
                    local.dispatch(operation, {**members, name: value})
                except KmsError as refused:
                    assert refused.http_status == 400  # noqa: PT017 - whatever is refused
                    assert local.kms is before


def member_names(operation: str) -> list[str]:
    """The members of a request, by boto3's stubs."""
    request = getattr(type_defs, f"{operation}RequestTypeDef")
    return sorted(get_type_hints(request))


@pytest.mark.parametrize(
    "members", [None, [], (), "{}", b"{}", 1, {"KeyId"}, [("KeyId", "k")], CYCLE]
)
def test_members_that_are_no_mapping_are_refused(members: Any) -> None:
    local = examples().local()
    with pytest.raises(SerializationException):
        local.dispatch("DescribeKey", members)


@pytest.mark.parametrize("name", ["More", "keyId", 1, None, ("KeyId",)])
def test_names_that_the_request_does_not_have_are_ignored(name: Any) -> None:
    local = examples().local()
    odd: dict[Any, Any] = {name: CYCLE}
    key_id = local.dispatch("CreateKey", {})["KeyMetadata"]["KeyId"]
    described = local.dispatch("DescribeKey", {**odd, "KeyId": key_id})
    assert described["KeyMetadata"]["KeyId"] == key_id


# ---- what is inside stays inside


@every_example
def test_a_dictionary_that_the_caller_changes_later_changes_nothing(
    operation: str, members: Members
) -> None:
    local, untouched = examples().local(), examples().local()
    given = copy.deepcopy(members)
    answer = local.dispatch(operation, given)
    assert given == members
    untouched.dispatch(operation, members)
    ruin(given)
    ruin(answer)
    assert local.kms == untouched.kms
    assert everything_told(local) == everything_told(untouched)


def ruin(value: Any) -> None:
    """Change all that can be changed in place."""
    if isinstance(value, dict):
        members = cast("Members", value)
        for content in members.values():
            ruin(content)
        members.clear()
        members["KeyId"] = "ruined"
    elif isinstance(value, list):
        items = cast("list[object]", value)
        for item in items:
            ruin(item)
        items[:] = ["ruined"]


def everything_told(local: LocalKms) -> list[Any]:
    """All that can be read of all keys."""
    listed = local.dispatch("ListKeys", {"Limit": 1000})["Keys"]
    return [
        local.dispatch(operation, {"KeyId": key["KeyId"]})
        for key in listed
        for operation in ("DescribeKey", "GetKeyPolicy", "ListResourceTags", "ListAliases")
    ]


@frozen(kw_only=True)
class GrantConstraints:
    encryption_context_equals: EncryptionContextType


def test_a_map_comes_out_as_a_dictionary_of_its_own() -> None:
    constraints = GrantConstraints(encryption_context_equals=dict(CONTEXT))
    members = structures.to_members(constraints)
    assert members == {"EncryptionContextEquals": CONTEXT}
    members["EncryptionContextEquals"].clear()
    assert constraints.encryption_context_equals == CONTEXT


def test_a_blob_that_can_be_changed_is_copied() -> None:
    local = LocalKms(clock=Clock(NOW), hsm=SeededHsm("copied"))
    key_id = local.dispatch("CreateKey", {})["KeyMetadata"]["KeyId"]
    context = dict(CONTEXT)
    plaintext = bytearray(MESSAGE)
    members = {"KeyId": key_id, "Plaintext": plaintext, "EncryptionContext": context}
    sealed = local.dispatch("Encrypt", members)["CiphertextBlob"]
    plaintext[:] = b"ruined"
    context.clear()
    opened = local.dispatch("Decrypt", {"CiphertextBlob": sealed, "EncryptionContext": CONTEXT})
    assert opened["Plaintext"] == MESSAGE
