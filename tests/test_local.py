"""
`LocalKms`: many threads, one state.
"""

from __future__ import annotations

import threading
import types
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any, cast

import pytest

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.errors import KmsError, KMSInternalException, NotFoundException
from kmsmodel.hsm.port import Hsm
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import GetParametersForImportRequest
from kmsmodel.operations.keys import (
    CreateKeyRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    EnableKeyRequest,
    ListKeysRequest,
)
from kmsmodel.words.dates import to_the_millisecond
from kmsmodel.words.enumerations import AlgorithmSpec, KeyState, OriginType, WrappingKeySpec
from tests.basics import ACCOUNT, DAY, NOW, OTHER_ACCOUNT, OTHER_REGION, PATIENCE
from tests.operations.steps import (
    FIRST,
    arn_of,
    create,
    create_external,
    describe,
    encrypt,
    import_material,
    local_kms,
)


class WatchedHsm:
    """The seeded HSM, which counts its answers and does something first."""

    def __init__(self, first: Callable[[str], None] = lambda _: None) -> None:
        self.hsm = SeededHsm()
        self.first = first
        self.answers: Counter[str] = Counter()

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        answer = getattr(self.hsm, verb)

        def watched(*arguments: Any) -> Any:
            self.first(verb)
            self.answers[verb] += 1
            return answer(*arguments)

        return watched

    @property
    def port(self) -> Hsm:
        return cast("Hsm", self)


# ---- threads


@pytest.mark.parametrize("delays", [None, timedelta(1), 5])
def test_delays_are_delays(delays: Any) -> None:
    with pytest.raises(TypeError, match=r"^delays must be a Delays, not "):
        LocalKms(delays=delays)


def test_each_call_has_the_delays_of_its_kms() -> None:
    for local, delays in (
        (LocalKms(), Delays()),
        (LocalKms(delays=Delays.recorded()), Delays.recorded()),
    ):
        assert local.delays == delays
        assert local.step(lambda kms, call: (kms, call.delays)) == delays


def test_no_update_is_lost_among_many_threads() -> None:
    local = LocalKms(hsm=SeededHsm())
    start = threading.Barrier(8)

    def work(_: int) -> list[str]:
        start.wait(PATIENCE)
        mine = [create(local).key_id for _ in range(25)]
        for key_id in mine:
            local.handle(DisableKeyRequest(key_id=key_id))
        for key_id in mine[::2]:
            local.handle(EnableKeyRequest(key_id=key_id))
        return mine

    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(work, range(8)))
    listed = local.handle(ListKeysRequest(limit=1000)).keys
    assert {entry.key_id for entry in listed} == {key_id for mine in created for key_id in mine}
    assert len(listed) == 200
    for mine in created:
        states = [describe(local, key_id).key_state for key_id in mine]
        assert states == [
            KeyState.Disabled if number % 2 else KeyState.Enabled for number in range(25)
        ]


def test_a_call_that_loses_its_race_is_made_again_on_the_state_that_won() -> None:
    other: list[str] = []

    def interrupt(verb: str) -> None:
        if verb == "generate" and not other:
            other.append("begun")
            other.append(create(local).key_id)

    hsm = WatchedHsm(interrupt)
    local = LocalKms(hsm=hsm.port)
    mine = create(local)
    listed = [entry.key_id for entry in local.handle(ListKeysRequest()).keys]
    assert listed == sorted([other[1], mine.key_id])


class BusyClock:
    """A clock that is read while the state changes: so each call that writes loses some races."""

    def __init__(self) -> None:
        self.changes: Iterator[Callable[[], object]] = iter(())

    def now(self) -> datetime:
        change = next(self.changes, None)
        if change is not None:
            change()
        return NOW


def test_the_hsm_makes_key_material_once_in_a_call_however_many_races_it_loses() -> None:
    hsm, clock = WatchedHsm(), BusyClock()
    local = LocalKms(hsm=hsm.port)
    local.clock = cast("Clock", clock)
    busy_key = create(local).key_id
    states: list[Kms] = []

    def change() -> None:
        later, clock.changes = clock.changes, iter(())
        local.handle(DisableKeyRequest(key_id=busy_key))
        states.append(local.kms)
        clock.changes = later

    clock.changes = iter([change] * 6)  # at its start, and in five tries
    hsm.answers.clear()
    key_id = create(local).key_id
    assert len(states) == 6
    assert [entry.key_id for entry in local.handle(ListKeysRequest()).keys] == sorted(
        [busy_key, key_id]
    )
    # The request ids of six other calls, of this one and of the list; a key id in each try; one material.
    assert hsm.answers == {"random": 6 + 2 + 7, "generate": 1}


def test_each_operation_asks_the_hsm_for_what_it_needs_and_no_more() -> None:
    hsm = WatchedHsm()
    local = LocalKms(hsm=hsm.port)
    external = arn_of(create(local, origin=OriginType.EXTERNAL))
    hsm.answers.clear()
    import_material(local, external, FIRST)
    assert hsm.answers == {
        "random": 2,  # the two calls' request ids
        "wrapping_key": 1,
        "encrypt": 1,
        "decrypt": 1,
        "unwrap": 1,
        "accept": 1,
    }
    hsm.answers.clear()
    local.handle(DecryptRequest(ciphertext_blob=encrypt(local, external)))
    assert hsm.answers == {"random": 2, "encrypt": 1, "decrypt": 1}


def test_a_slow_hsm_does_not_hold_up_other_callers() -> None:
    generating, go_on = threading.Event(), threading.Event()

    def wait(verb: str) -> None:
        if verb == "wrapping_key":
            generating.set()
            assert go_on.wait(PATIENCE)

    local = LocalKms(hsm=WatchedHsm(wait).port)
    arn = create_external(local)
    request = GetParametersForImportRequest(
        key_id=arn,
        wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
        wrapping_key_spec=WrappingKeySpec.RSA_4096,
    )
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(local.handle, request)
        assert generating.wait(PATIENCE)
        other = create(local)
        local.handle(DisableKeyRequest(key_id=other.key_id))
        assert describe(local, other.key_id).key_state is KeyState.Disabled
        assert not slow.done()
        go_on.set()
        assert slow.result(PATIENCE).key_id == arn


def test_a_slow_call_that_writes_is_not_starved_by_a_busy_writer() -> None:
    """Its material takes the HSM longer than a writer's turn; the answer is kept, so one more try is enough."""
    turns = threading.Semaphore(0)
    done = threading.Event()
    slow_thread: list[int] = []

    def slow(verb: str) -> None:
        if verb == "generate" and threading.get_ident() in slow_thread:
            for _ in range(3):  # the writer has changed the state three times meanwhile
                assert turns.acquire(timeout=PATIENCE)

    hsm = WatchedHsm(slow)
    local = LocalKms(hsm=hsm.port)
    busy_key = create(local).key_id
    hsm.answers.clear()

    def write() -> None:
        while not done.is_set():
            local.handle(DisableKeyRequest(key_id=busy_key))
            local.handle(EnableKeyRequest(key_id=busy_key))
            turns.release()

    def create_slowly() -> str:
        slow_thread.append(threading.get_ident())
        return create(local).key_id

    with ThreadPoolExecutor(2) as pool:
        writer = pool.submit(write)
        try:
            created = pool.submit(create_slowly).result(PATIENCE)
        finally:
            done.set()
        writer.result(PATIENCE)
    assert hsm.answers["generate"] == 1
    assert describe(local, created).key_state is KeyState.Enabled


# ---- one call


def test_a_refused_call_changes_nothing_and_a_reading_gives_back_the_same_state() -> None:
    local = local_kms()
    key_id = create(local).key_id
    before = local.kms
    with pytest.raises(KmsError):
        local.handle(DescribeKeyRequest(key_id="nonsense"))
    describe(local, key_id)
    assert local.kms is before


def test_the_state_is_a_value_that_another_kms_can_start_from() -> None:
    local = local_kms()
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    saved = local.kms
    local.handle(DisableKeyRequest(key_id=key_id))
    restored = LocalKms(saved, clock=local.clock, hsm=SoftwareHsm())
    assert describe(restored, key_id).key_state is KeyState.Enabled
    answer = restored.handle(DecryptRequest(ciphertext_blob=blob))
    assert answer.plaintext == b"attack at dawn"


def test_equal_clocks_and_hsms_give_equal_histories() -> None:
    def history() -> tuple[object, ...]:
        local = local_kms()
        arn = arn_of(create(local))
        return arn, encrypt(local, arn), local.kms

    assert history() == history()


def test_the_caller_is_the_root_user_of_the_account_unless_a_call_says_otherwise() -> None:
    local = LocalKms(account=OTHER_ACCOUNT, region=OTHER_REGION, hsm=SeededHsm())
    arn = arn_of(create(local))
    assert arn.startswith("arn:aws:kms:eu-central-1:444455556666:key/")
    other = local.handle(CreateKeyRequest(), account=ACCOUNT, region="us-east-1")
    assert arn_of(other.key_metadata).startswith("arn:aws:kms:us-east-1:111122223333:key/")
    principal = "arn:aws:iam::111122223333:user/Alice"
    for who, shown in ((None, "arn:aws:iam::111122223333:root"), (principal, principal)):
        with pytest.raises(KmsError, match=f"^User: {shown} is not authorized"):
            local.handle(DescribeKeyRequest(key_id=arn), account=ACCOUNT, principal=who)


def test_without_arguments_it_has_the_systems_clock_and_an_hsm_with_true_randomness() -> None:
    local = LocalKms()
    before = to_the_millisecond(datetime.now(UTC))
    created = create(local).creation_date
    assert created is not None
    assert before <= created <= datetime.now(UTC)
    assert create(local).key_id != create(LocalKms()).key_id
    assert isinstance(local.hsm, SoftwareHsm)


def test_time_passes_for_the_keys_when_the_clock_is_advanced() -> None:
    local = local_kms()
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=NOW + timedelta(days=7))
    local.clock.advance(days=8)
    assert describe(local, arn).key_state is KeyState.PendingImport
    with pytest.raises(KmsError, match="is pending import"):
        local.handle(EncryptRequest(key_id=arn, plaintext=b"p"))


@pytest.mark.parametrize(
    "given, message",
    [
        ({"kms": SeededHsm()}, "kms must be a Kms, not SeededHsm"),
        ({"kms": LocalKms()}, "kms must be a Kms, not LocalKms"),
        ({"kms": Kms}, "kms must be a Kms, not "),
        ({"clock": NOW}, "clock must be a Clock, not datetime"),
        ({"clock": Clock}, "clock must be a Clock, not "),
        ({"clock": ""}, "clock must be a Clock, not str"),
        ({"hsm": "seed"}, "hsm must be an Hsm, not str"),
        ({"hsm": SeededHsm}, "hsm must be an Hsm, not "),
        ({"hsm": 0}, "hsm must be an Hsm, not int"),
    ],
)
def test_what_it_cannot_be_made_of_is_told_at_once(given: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        LocalKms(**given)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"account": "1"}, "account must be an account id of twelve digits"),
        ({"account": 111122223333}, "account must be an account id of twelve digits, as a string"),
        ({"region": "Mars"}, "region must be the name of a Region, such as us-west-2"),
        ({"region": 3}, "region must be the name of a Region, such as us-west-2"),
        ({"region": []}, "region must be the name of a Region, such as us-west-2"),
    ],
)
def test_an_account_and_a_region_are_checked_at_once_and_at_each_call(
    given: dict[str, Any], message: str
) -> None:
    for call in (LocalKms, partial(LocalKms().handle, CreateKeyRequest())):
        with pytest.raises(ValueError, match="must be") as caught:
            call(**given)
        assert str(caught.value) == message


def test_a_principal_is_a_string() -> None:
    with pytest.raises(TypeError, match=r"^principal must be a string, not int$"):
        LocalKms().handle(CreateKeyRequest(), principal=cast("str", 3))


def test_a_state_that_is_kept_needs_another_seed_and_a_note_says_so() -> None:
    """With the same one, its first call has the request id of a call that was."""
    kept = LocalKms(hsm=SeededHsm("a"))
    key = create(kept)
    again = LocalKms(kept.kms, hsm=SeededHsm("a"))
    with pytest.raises(KMSInternalException) as caught:
        again.handle(CreateKeyRequest())
    assert caught.value.message.startswith("Two calls have the request id ")
    assert caught.value.__notes__ == ["a state that is kept needs an HSM of another seed"]
    assert create(LocalKms(kept.kms, hsm=SeededHsm("b"))).key_id != key.key_id


def test_it_tells_whose_it_is_and_when_but_nothing_secret() -> None:
    hsm = SeededHsm("the seed")
    local = LocalKms(account=OTHER_ACCOUNT, region="eu-west-1", clock=Clock(NOW), hsm=hsm)
    create(local)
    assert repr(local) == (f"<LocalKms of 444455556666 in eu-west-1: <Clock at {NOW}>, SeededHsm>")


def test_a_keyword_that_says_nothing_of_who_calls_is_a_mistake() -> None:
    misspelt: Any = {"acount": "444455556666"}
    local = LocalKms()
    for ask in (
        partial(local.handle, CreateKeyRequest()),
        partial(local.dispatch, "CreateKey", {}),
        partial(local.respond, "TrentService.CreateKey", b"{}"),
    ):
        with pytest.raises(TypeError, match="acount"):
            ask(**misspelt)


def test_a_caller_is_a_caller() -> None:
    wrong: Any = "444455556666"
    with pytest.raises(
        TypeError, match=r"^caller must be a Caller, not str; an ARN alone is given as principal=$"
    ):
        LocalKms(caller=wrong)
    with pytest.raises(
        TypeError, match=r"^caller must be a Caller, not str; an ARN alone is given as principal=$"
    ):
        LocalKms().handle(CreateKeyRequest(), caller=wrong)


def test_the_caller_of_a_local_kms_is_who_calls_unless_a_call_says_otherwise() -> None:
    ops = Caller(account=OTHER_ACCOUNT, principal=f"arn:aws:iam::{OTHER_ACCOUNT}:role/Ops")
    local = LocalKms(caller=ops)
    assert local.account == OTHER_ACCOUNT
    assert local.step(lambda kms, call: (kms, call.caller)) == ops
    root = local.step(lambda kms, call: (kms, call.caller), account=ACCOUNT)
    assert root == Caller(account=ACCOUNT, principal=f"arn:aws:iam::{ACCOUNT}:root")


class Spelling(str, Enum):  # noqa: UP042 - a StrEnum prints as its value
    """Strings that print as something else."""

    ALIAS = "alias/ExampleAlias"
    ACCOUNT = "444455556666"


def test_a_string_of_another_class_is_the_string_that_it_is_equal_to() -> None:
    """It is kept as a plain one, so that no answer, now or later, shows how the other class prints."""
    for _ in range(2):
        local = LocalKms()
        with pytest.raises(NotFoundException, match="alias/ExampleAlias is not found"):
            local.handle(DescribeKeyRequest(key_id=Spelling.ALIAS))
        arn = local.handle(CreateKeyRequest(), account=Spelling.ACCOUNT).key_metadata.arn
        assert arn is not None
        assert f":{OTHER_ACCOUNT}:" in arn


# ---- states to go back to


def test_it_goes_back_to_a_snapshot_by_its_name() -> None:
    local = LocalKms()
    first = local.handle(CreateKeyRequest()).key_metadata.key_id
    kept = local.snapshot("one key")
    local.handle(CreateKeyRequest())
    local.snapshot("two keys")
    local.restore("one key")
    assert local.kms == kept
    assert [each.key_id for each in local.handle(ListKeysRequest()).keys] == [first]
    local.restore("two keys")
    assert len(local.handle(ListKeysRequest()).keys) == 2


def test_a_snapshot_of_the_same_name_replaces_the_former() -> None:
    local = LocalKms()
    local.snapshot()
    local.handle(CreateKeyRequest())
    local.snapshot()
    local.handle(CreateKeyRequest())
    local.restore()
    assert len(local.handle(ListKeysRequest()).keys) == 1


def test_it_goes_back_to_a_state_that_is_given() -> None:
    local, other = LocalKms(), LocalKms()
    other.handle(CreateKeyRequest())
    local.restore(other.kms)
    assert local.kms == other.kms


def test_reset_goes_back_to_the_state_that_it_began_with() -> None:
    before = LocalKms()
    before.handle(CreateKeyRequest())
    local = LocalKms(before.kms)
    local.handle(CreateKeyRequest())
    local.reset()
    assert local.kms == before.kms


def test_going_back_draws_nothing_twice_and_leaves_the_clock() -> None:
    local = LocalKms(hsm=SeededHsm("back"), clock=Clock(NOW))
    local.snapshot("empty")
    one = local.handle(CreateKeyRequest()).key_metadata.key_id
    local.clock.advance(days=1)
    local.restore("empty")
    other = local.handle(CreateKeyRequest()).key_metadata
    assert other.key_id != one
    assert other.creation_date == NOW + DAY


def test_there_is_no_going_back_to_what_was_never_kept() -> None:
    local = LocalKms()
    with pytest.raises(KeyError, match=r"there is no snapshot 'never'; there are none"):
        local.restore("never")
    local.snapshot("before the move")
    local.snapshot("empty")
    there = r"there are before the move, empty; perhaps 'empty' is meant"
    with pytest.raises(KeyError, match=there):
        local.restore("emty")
    with pytest.raises(TypeError, match=r"^snapshot must be a Kms or a string, not int$"):
        local.restore(cast("Kms", 1))
    with pytest.raises(TypeError, match=r"^name must be a string, not int$"):
        local.snapshot(cast("str", 1))


def test_a_subclass_is_refused_with_the_way_that_works() -> None:
    with pytest.raises(TypeError, match=r"look at local\.calls; to let it fail, say local\.fail"):
        types.new_class("Watched", (LocalKms,))
