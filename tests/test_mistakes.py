"""
Mistakes of who calls from Python: an argument of another type is refused by its name, and not somewhere deep within.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from kmsmodel import boto
from kmsmodel.asgi import App
from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.credential import credential
from kmsmodel.calls.sharing import share_key, unshare_key
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError, ThrottlingException, UnknownOperationException
from kmsmodel.key_import import import_key_material
from kmsmodel.local import LocalKms
from kmsmodel.machine.key_state import refusal
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.planting import local_kms, planted
from kmsmodel.policy.access import Access
from kmsmodel.policy.document import parse
from kmsmodel.policy.principal import principal
from kmsmodel.seeds import Seed, SeedGrant, SeedKey, SeedMaterial, SeedReplicaKey
from kmsmodel.service import dispatch, explain, handle, respond
from kmsmodel.storage.snapshot import from_json, to_json
from kmsmodel.trail.cloudtrail import cloudtrail_records
from kmsmodel.trail.eventbridge import eventbridge_event
from kmsmodel.trail.exchange import exchange
from kmsmodel.trail.traits import keys_of
from tests.basics import ACCOUNT, ARN, DAY, KEY_ID, NOW, OTHER_ACCOUNT

ASK = CreateKeyRequest()
CALL = Call(now=NOW, hsm=SeededHsm("mistakes"), request_id="1")
KMS, MADE = handle(Kms(), ASK, CALL)
KEY = MADE.key_metadata
TARGET = "TrentService.ListKeys"
USER = f"arn:aws:iam::{ACCOUNT}:user/Ada"
LOCAL = LocalKms(KMS, clock=Clock(NOW), hsm=SeededHsm("local"))


def lifecycle_is_moved(now: object) -> object:
    moves: Any = Lifecycle(arn=ARN).schedule_key_deletion
    return moves(now)


DOORS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "Access": (
        Access,
        {
            "principal": principal(USER),
            "action": "kms:Decrypt",
            "owner": ACCOUNT,
            "policies": Caller(USER).policies,
            "resource_policy": parse('{"Version": "2012-10-17", "Statement": []}'),
        },
    ),
    "App": (App, {"local": LOCAL}),
    "Call": (
        Call,
        {
            "now": NOW,
            "hsm": CALL.hsm,
            "request_id": "2",
            "region": "us-west-2",
            "caller": CALL.caller,
            "delays": CALL.delays,
            "key_stores": CALL.key_stores,
            "quotas": CALL.quotas,
            "witness": print,
            "key_id": KEY_ID,
        },
    ),
    "Clock": (Clock, {"at": NOW}),
    "Kms.events": (KMS.events, {"since": NOW, "now": NOW + DAY}),
    "Kms.key": (KMS.key, {"name": KEY.arn, "now": NOW}),
    "Kms.next_event_at": (KMS.next_event_at, {"now": NOW}),
    "Kms.settle": (KMS.settle, {"now": NOW}),
    "Lifecycle": (Lifecycle, {"arn": ARN}),
    "Lifecycle.key_state": (Lifecycle(arn=ARN).key_state, {"now": NOW}),
    "Lifecycle.schedule_key_deletion": (lifecycle_is_moved, {"now": NOW}),
    "LocalKms": (
        LocalKms,
        {
            "kms": KMS,
            "account": ACCOUNT,
            "region": "us-west-2",
            "clock": LOCAL.clock,
            "hsm": LOCAL.hsm,
            "delays": LOCAL.delays,
            "key_stores": LOCAL.key_stores,
            "quotas": LOCAL.quotas,
        },
    ),
    "LocalKms.fail": (
        LocalKms().fail,
        {"operation": "Sign", "error": ThrottlingException, "rate": 1.0, "latency": DAY},
    ),
    "LocalKms.handle": (
        LOCAL.handle,
        {"request": ASK, "account": ACCOUNT, "region": "us-west-2"},
    ),
    "LocalKms.respond": (LOCAL.respond, {"target": TARGET, "body": b"{}"}),
    "LocalKms.snapshot": (LOCAL.snapshot, {"name": "one"}),
    "boto.client": (boto.client, {"local": LOCAL}),
    "boto.serve": (boto.serve, {"local": LOCAL, "client": boto.client(LOCAL)}),
    "cloudtrail_records": (cloudtrail_records, {"of": exchange(KMS, TARGET, b"{}", CALL)}),
    "credential": (credential, {"authorization": "", "query_string": ""}),
    "dispatch": (dispatch, {"kms": KMS, "operation": "ListKeys", "members": {}, "call": CALL}),
    "eventbridge_event": (eventbridge_event, {"event": None}),
    "exchange": (exchange, {"kms": KMS, "target": TARGET, "body": b"{}", "call": CALL}),
    "explain": (explain, {"kms": KMS, "request": ASK, "call": CALL}),
    "from_json": (from_json, {"data": to_json(KMS, clear=True)}),
    "handle": (handle, {"kms": KMS, "request": ASK, "call": CALL}),
    "import_key_material": (
        import_key_material,
        {"local": LOCAL, "key_id": KEY.key_id, "material": b"m" * 32},
    ),
    "keys_of": (
        keys_of,
        {"kms": KMS, "request": DescribeKeyRequest(key_id=KEY.key_id), "call": CALL},
    ),
    "local_kms": (
        local_kms,
        {"seed": Seed(), "clock": LOCAL.clock, "hsm": LOCAL.hsm},
    ),
    "parse": (parse, {"text": '{"Version": "2012-10-17", "Statement": []}'}),
    "planted": (planted, {"seed": Seed(), "now": NOW, "hsm": LOCAL.hsm}),
    "refusal": (refusal, {"metadata": KEY, "operation": "Encrypt"}),
    "respond": (respond, {"kms": KMS, "target": TARGET, "body": b"{}", "call": CALL}),
    "Seed": (Seed, {"account": ACCOUNT, "region": "us-west-2", "keys": ()}),
    "SeedGrant": (SeedGrant, {"grantee_principal": USER, "operations": ()}),
    "SeedKey": (
        SeedKey,
        {
            "key_id": KEY_ID,
            "account": ACCOUNT,
            "region": "us-west-2",
            "description": "",
            "aliases": (),
            "tags": {},
            "policy": "{}",
            "key_material": (),
            "grants": (),
            "replica_keys": (),
        },
    ),
    "SeedMaterial": (SeedMaterial, {"key_material": b"m"}),
    "SeedReplicaKey": (SeedReplicaKey, {"region": "us-west-2", "aliases": (), "grants": ()}),
    "share_key": (
        share_key,
        {"kms": KMS, "key_id": KEY.key_id, "with_account": OTHER_ACCOUNT, "call": CALL},
    ),
    "to_json": (to_json, {"kms": KMS, "clear": True}),
    "unshare_key": (
        unshare_key,
        {"kms": KMS, "key_id": KEY.key_id, "with_account": OTHER_ACCOUNT, "call": CALL},
    ),
    "wrap_key_material": (
        wrap_key_material,
        {"public_key": b"", "algorithm": "RSAES_OAEP_SHA_256", "material": b"m"},
    ),
}
"""What callers of Python call, and arguments of the right types."""

WRONG: list[object] = [
    3,
    1.5,
    "a text",
    b"bytes",
    [3],
    {"a": 3},
    object(),
    Kms,
    LOCAL,
    timedelta(1),
]


OTHERWISE: Mapping[str, str] = {
    "material": "key material is bytes, a private key, or PEM",
}
"""What a TypeError says that does not begin with the name of the argument."""


def type_error(call: Callable[..., object], given: Mapping[str, object]) -> str | None:
    """The TypeError of a call; None for one that is answered, or refused for what a value says."""
    try:
        call(**given)
    except TypeError as error:
        return str(error)
    except (KmsError, ValueError):
        return None
    return None


@pytest.mark.parametrize(
    "door, argument",
    [(door, argument) for door, (_, given) in DOORS.items() for argument in given],
)
def test_an_argument_of_another_type_is_refused_by_its_name(door: str, argument: str) -> None:
    call, given = DOORS[door]
    names_it = re.compile(
        rf"{argument}\b|.* is not a datetime|{OTHERWISE.get(argument)}", re.DOTALL
    )
    for wrong in (None, *WRONG):
        told = type_error(call, {**given, argument: wrong})
        assert told is None or names_it.match(told), (wrong, told)


@pytest.mark.parametrize(
    "call, kind, message",
    [
        (
            lambda: to_json(LOCAL, clear=True),  # type: ignore[arg-type]
            TypeError,
            "kms must be a Kms, not LocalKms; the state of a LocalKms is its .kms",
        ),
        (
            lambda: to_json(KMS, passphrase=b"x"),  # type: ignore[arg-type]
            TypeError,
            "passphrase must be a string, not bytes",
        ),
        (
            lambda: from_json(to_json(KMS, clear=True), passphrase=b"x"),  # type: ignore[arg-type]
            TypeError,
            "passphrase must be a string, not bytes",
        ),
        (
            lambda: from_json("{}"),
            ValueError,
            "a snapshot is what json.loads gives, not the text that it reads",
        ),
        (
            lambda: LocalKms().fail("Encrypt", "ThrottlingException"),  # type: ignore[arg-type]
            TypeError,
            "error must be an error of AWS KMS, such as ThrottlingException; its class is kmsmodel.ThrottlingException",
        ),
        (
            lambda: LocalKms().fail("Encypt", ThrottlingException),
            ValueError,
            "'Encypt' is not an operation of this model; perhaps 'Encrypt' is meant",
        ),
        (
            lambda: LocalKms(account=111122223333),  # type: ignore[arg-type]
            ValueError,
            "account must be an account id of twelve digits, as a string",
        ),
        (
            lambda: Call(now=NOW, hsm=None, request_id="1"),  # type: ignore[arg-type]
            TypeError,
            "hsm must be an Hsm, not NoneType",
        ),
        (
            lambda: KMS.events(NOW, NOW - DAY),
            ValueError,
            f"since, {NOW}, is later than now, {NOW - DAY}",
        ),
        (
            lambda: Access(principal=USER, action="kms:Decrypt", owner=ACCOUNT),  # type: ignore[arg-type]
            TypeError,
            "principal must be a Principal, not str; kmsmodel.policy.principal.principal makes one of an ARN",
        ),
        (
            lambda: parse({}),  # type: ignore[arg-type]
            TypeError,
            "text must be a string, not dict; kmsmodel.policy.policies.policy takes parsed JSON too",
        ),
        (
            lambda: refusal("Encrypt", {"KeyState": "Disabled"}),  # type: ignore[arg-type]
            TypeError,
            "metadata must be a KeyMetadata, not dict; KeyMetadata.from_json reads one from a dict",
        ),
        (
            lambda: local_kms("seed.toml"),  # type: ignore[arg-type]
            TypeError,
            "seed must be a Seed, not str; kmsmodel.seed_file.read reads one from a file",
        ),
        (
            lambda: Seed(keys=[{"key_id": KEY_ID}]),  # type: ignore[arg-type]
            TypeError,
            "keys[0] must be a SeedKey, not dict",
        ),
        (
            lambda: handle(KMS, CreateKeyRequest, CALL),  # type: ignore[arg-type]
            UnknownOperationException,
            "the class CreateKeyRequest is not a request of this model.",
        ),
    ],
)
def test_what_is_wanted_is_said_in_one_sentence(
    call: Callable[[], object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message


def test_a_request_without_the_header_has_no_credential() -> None:
    assert credential(None) is None
    assert credential(None, "X-Amz-Credential=a/20261124/us-west-2/kms/aws4_request") is not None


def test_a_key_state_of_a_seed_may_be_a_word() -> None:
    disabled = SeedKey(
        key_id=KEY_ID, key_state="Disabled", key_spec="RSA_2048", key_usage="SIGN_VERIFY"
    )
    made = local_kms(Seed(keys=(disabled,)), hsm=SeededHsm("words"))
    described = made.handle(DescribeKeyRequest(key_id=KEY_ID)).key_metadata
    assert (described.key_state, described.key_spec) == ("Disabled", "RSA_2048")
