"""
`LocalKms`: the one object that changes.

It holds a `Kms`, a clock and an HSM, and many threads can use it at once. It holds no lock while the HSM works: each
call computes the next state and puts it in place of the state that it saw. If another call was faster, the call is
computed again, but does not ask the HSM again for slow answers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any, TypeAlias, TypedDict, TypeVar, Unpack, cast, final

from attrs import AttrsInstance

from kmsmodel import service, wire
from kmsmodel.calls.call import DEFAULT_QUOTAS, NO_DELAYS, Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.credentials import SECRET_BYTES, caller_of
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.quotas import Quotas
from kmsmodel.calls.request import Request
from kmsmodel.calls.sharing import USING_A_KEY, share_key, unshare_key
from kmsmodel.clock import Clock
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.errors import ConnectionDropped, KmsError, KMSInternalException
from kmsmodel.faults import Failure, Fault, Faults, failure_of
from kmsmodel.hsm.key_stores import NO_KEY_STORES, KeyStores
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.remembering import RememberingHsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.evaluation import Decision
from kmsmodel.record import Record, RecordedCall
from kmsmodel.wire import HttpResponse
from kmsmodel.words import structures
from kmsmodel.words.arguments import among, expect
from kmsmodel.words.arn import ACCOUNT
from kmsmodel.words.dates import END_OF_TIME

ResponseT = TypeVar("ResponseT")
T = TypeVar("T")

_Answered: TypeAlias = tuple[Request[Any] | None, Any, Call]
"""The request, if it could be read, the response or the error, and the call."""

_AT_ONCE = timedelta()


@final
class Who(TypedDict, total=False):
    """
    Who calls, and where; the `LocalKms` supplies each value that is None or left out.

    The caller is ``caller``, or for short the ``principal`` of an ``account``, given by the ARN of a user or role;
    without one, the caller is the account's root user.
    """

    caller: Caller | None
    account: str | None
    principal: str | None
    region: str | None


@final
class LocalKms:
    """
    A private AWS KMS in this process.

    ``caller`` or ``account``, and ``region``, say who calls and where, unless a call says otherwise; ``kms`` is the
    first state, ``delays`` says how long things take, ``quotas`` how many there can be, and ``key_stores`` what lies
    behind custom key stores. With ``iam``, a ``principal`` is found in this directory, and so is the caller with an
    access key. Raises TypeError for an argument that is not a `Kms`, `Clock`, `Hsm`, `Delays`, `Quotas`, `Caller`,
    `Iam` or `KeyStores`, or for ``caller`` together with ``account``, and ValueError for one that is not an account or
    a Region, and for a principal that the directory does not have.

    The clients of `kmsmodel.boto` and the server call `answer`, and the class is final: to see what is asked, look at
    `calls`; to let it fail, say `fail`.
    """

    def __init__(
        self,
        kms: Kms | None = None,
        *,
        account: str | None = None,
        principal: str | None = None,
        region: str = "us-west-2",
        caller: Caller | None = None,
        clock: Clock | None = None,
        hsm: Hsm | None = None,
        delays: Delays = NO_DELAYS,
        iam: Iam | None = None,
        key_stores: KeyStores = NO_KEY_STORES,
        quotas: Quotas = DEFAULT_QUOTAS,
    ) -> None:
        self.hsm = SoftwareHsm() if hsm is None else hsm
        self.clock = Clock() if clock is None else clock
        self._kms = Kms() if kms is None else kms
        self._first = self._kms
        self._snapshots: dict[str, Kms] = {}
        expect("kms", self._kms, Kms)
        expect("clock", self.clock, Clock)
        # Arguments that no call can have are refused here, not in the first call.
        first = Call(
            now=END_OF_TIME,
            hsm=self.hsm,
            request_id="",
            region=region,
            caller=caller,
            account=account,
            principal=principal,
            delays=delays,
            iam=iam,
            key_stores=key_stores,
            quotas=quotas,
        )
        self.key_stores = key_stores
        self.region = region
        self.account = first.caller.account
        self.delays = delays
        self.quotas = quotas
        self._caller = first.caller if caller or principal else None
        self._principal = principal
        self._iam = iam
        self._session_secret: Secret | None = None
        self._lock = threading.Lock()
        self._calls = count(1)
        self._record = Record()
        self._draws = count(1)
        self._faults = Faults()

    def __init_subclass__(cls) -> None:
        raise TypeError(
            "LocalKms is final: boto3's clients and the server call its answer(), not what a subclass overrides. "
            "To see what is asked, look at local.calls; to let it fail, say local.fail(); "
            "to change the cryptography, give it an Hsm of your own"
        )

    def __repr__(self) -> str:
        hsm = type(self.hsm).__name__
        return f"<LocalKms of {self.account} in {self.region}: {self.clock}, {hsm}>"

    @property
    def kms(self) -> Kms:
        """The state as it is now: a value, which later calls do not change."""
        return self._kms

    def snapshot(self, name: str = "") -> Kms:
        """The state as it is now, which is also kept under ``name``, a string, for `restore`."""
        expect("name", name, str)
        self._snapshots[name] = self._kms
        return self._kms

    def restore(self, snapshot: str | Kms = "") -> None:
        """
        Go back to a state: to the one that was kept under a name, or to the one given.

        It is one step, so a call that is under way comes wholly before or wholly after. The clock does not go back, and
        neither does the count of calls, so that nothing is drawn twice. Raises KeyError for a name without a snapshot,
        TypeError for anything that is not a state.
        """
        expect("snapshot", snapshot, Kms, str)
        if isinstance(snapshot, str) and snapshot not in self._snapshots:
            names = among(self._snapshots, snapshot)
            raise KeyError(f"there is no snapshot {snapshot!r}; {names}")
        kms = self._snapshots[snapshot] if isinstance(snapshot, str) else snapshot
        self.step(lambda _, __: (kms, None))

    def reset(self) -> None:
        """Go back to the state that it began with, as `restore` does."""
        self.restore(self._first)

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """The latest calls, in the order in which they were answered, by whichever door; at most 10,000."""
        return self._record.calls()

    def fail(
        self,
        operation: str,
        error: type[Failure] | Failure | None = None,
        *,
        times: int | None = None,
        rate: float = 1,
        latency: timedelta = _AT_ONCE,
        sleep: bool = False,
    ) -> Fault:
        """
        Let an operation, or ``"*"``, fail from now on: with an error, with a latency, or both.

        The error is one of AWS KMS, or `ConnectionDropped`. It strikes a number of ``times``, and of all requests at a
        ``rate``; as a context manager, only in the ``with`` block. A latency advances the clock, or with ``sleep``
        lasts as long. A request that fails changes nothing.
        Raises TypeError or ValueError for a fault that could never strike.
        """
        return self._faults.arm(
            operation, error, times=times, rate=rate, latency=latency, sleep=sleep
        )

    def may_fail(self, operation: str) -> bool:
        """Is a fault armed for this operation?"""
        return bool(self._faults.armed) and bool(self._faults.of(operation))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that are armed, in the order in which they were."""
        return self._faults.armed

    @property
    def iam(self) -> Iam | None:
        """
        The directory of users and roles, if there is one.

        Another can be put in its place at any time; each call sees one or the other. Raises TypeError for anything
        else.
        """
        return self._iam

    @iam.setter
    def iam(self, iam: Iam | None) -> None:
        if iam is not None:
            expect("iam", iam, Iam)
        self._iam = iam

    @property
    def key_stores(self) -> KeyStores:
        """
        The AWS CloudHSM clusters and external key store proxies that are there.

        Others can be put in their place at any time; each call sees the ones or the others. Raises TypeError for
        anything else.
        """
        return self._key_stores

    @key_stores.setter
    def key_stores(self, key_stores: KeyStores) -> None:
        expect("key_stores", key_stores, KeyStores)
        self._key_stores = key_stores

    def who(self, access_key_id: str, session_token: str | None = None) -> Who:
        """
        Who calls with these credentials; their signature is not checked.

        An access key id of twelve digits is that account's root user. Any other is looked for in ``iam``; without it,
        it is the caller of this `LocalKms`. Raises UnrecognizedClientException or ExpiredTokenException.
        """
        if ACCOUNT.fullmatch(access_key_id) is not None:
            return {"account": access_key_id}
        iam = self._iam
        if iam is None:
            return {}
        caller = caller_of(
            iam,
            access_key_id,
            session_token,
            secret=self.session_secret,
            hsm=self.hsm,
            now=self.clock.now(),
        )
        return {"caller": caller}

    @property
    def session_secret(self) -> Secret:
        """What the tokens of sessions are sealed under; it is drawn when it is first needed."""
        with self._lock:
            if self._session_secret is None:
                drawn = self.hsm.random(SECRET_BYTES, "secret of session tokens")
                self._session_secret = Secret(drawn)
            return self._session_secret

    def handle(self, request: Request[ResponseT], **who: Unpack[Who]) -> ResponseT:
        """Answer one request of the caller in `Who`. Raises a `KmsError` where AWS KMS answers with an error."""
        operation = getattr(request, "operation", "")
        answered, _ = self._answer(operation, lambda: service.checked(request), who)
        if isinstance(answered, KmsError):
            raise answered
        response: ResponseT = answered
        return response

    def dispatch(self, operation: str, members: Mapping[str, object], **who: Unpack[Who]) -> Any:
        """
        Answer one request, already parsed, of the caller in `Who`.

        `kmsmodel.dispatch` describes the members and the dictionary that is returned. Raises a `KmsError`.
        """
        answered, _ = self._answer(operation, lambda: service.parsed(operation, members), who)
        if isinstance(answered, KmsError):
            raise answered
        return structures.to_members(answered)

    def respond(self, target: str, body: bytes, **who: Unpack[Who]) -> HttpResponse:
        """Answer one AWS JSON 1.1 request; errors are answers too. ``target`` is the value of X-Amz-Target."""
        return self.answer(target, body, _http, **who)

    def answer(
        self,
        target: str,
        body: bytes,
        give: Callable[[AttrsInstance | KmsError, Call], T],
        **who: Unpack[Who],
    ) -> T:
        """
        Answer one AWS JSON 1.1 request with what ``give`` makes of the response or the error, and of the call.

        boto3's clients and the server are answered by it.
        """
        operation = wire.operation_of(target)
        answered, call = self._answer(operation, lambda: wire.parse(target, body), who)
        return give(answered, call)

    def _answer(
        self, operation: str, read: Callable[[], Request[Any]], who: Who
    ) -> tuple[Any, Call]:
        """
        The response or the error that one request is answered with, and the call that it was; it is recorded.

        Raises ConnectionDropped.
        """
        failure = self._failure(operation) if self._faults.armed else None

        def step(kms: Kms, call: Call) -> tuple[Kms, _Answered]:
            request = None
            try:
                request = read()
                if failure is not None:
                    return kms, (request, failure, call)
                kms, response = service.perform(kms, request, call)
            except KmsError as error:
                return kms, (request, failure or _explained(error), call)
            return kms, (request, response, call)

        request, answered, call = self.step(step, **who)
        self._record.add(operation, request, answered, call)
        if isinstance(answered, ConnectionDropped):
            raise answered
        return answered, call

    def share_key(
        self,
        key_id: str,
        with_account: str,
        *,
        actions: Iterable[str] = USING_A_KEY,
        **who: Unpack[Who],
    ) -> None:
        """
        Share a KMS key of the caller in `Who` with another account, as AWS RAM does it: see `kmsmodel.share_key`.
        """

        def step(kms: Kms, call: Call) -> tuple[Kms, None]:
            return share_key(kms, key_id, with_account, call, actions=shared), None

        shared = tuple(actions)
        self.step(step, **who)

    def unshare_key(self, key_id: str, with_account: str, **who: Unpack[Who]) -> None:
        """Share a KMS key of the caller in `Who` with another account no longer."""
        self.step(lambda kms, call: (unshare_key(kms, key_id, with_account, call), None), **who)

    def _failure(self, operation: str) -> Failure | None:
        """Let the faults that strike a request take their time; what it fails with, if one has an error."""
        return failure_of(self._faults.strike(operation, self._draw), self.clock.advance)

    def _draw(self) -> float:
        """A number from 0 to 1, which a seeded HSM repeats."""
        drawn = self.hsm.random(8, f"fault {next(self._draws)}")
        return int.from_bytes(drawn) / 2**64

    def explain(self, request: Request[Any], **who: Unpack[Who]) -> tuple[Decision, ...]:
        """
        The decisions about the caller in `Who` that a request leads to, and nothing else: see `kmsmodel.explain`.
        """
        return self.step(lambda kms, call: (kms, service.explain(kms, request, call)), **who)

    def step(
        self,
        step: Callable[[Kms, Call], tuple[Kms, T]],
        *,
        caller: Caller | None = None,
        account: str | None = None,
        principal: str | None = None,
        region: str | None = None,
    ) -> T:
        """
        Take one step of the state, as `Who` calls: `handle` and `respond` are made of it. It is not recorded.

        ``step`` is taken again if another call was faster, so it must do nothing but answer.
        """
        if caller is None and account is None and principal is None:
            # With a directory, the principal is looked for in the one that is there now.
            caller = self._caller if self._iam is None or self._principal is None else None
            principal = self._principal if caller is None else None
        if caller is None and account is None:
            account = self.account
        request_id = _uuid(self.hsm.random(16, f"request id {next(self._calls)}"))
        hsm = cast("Hsm", RememberingHsm(self.hsm))
        while True:
            before = self._kms
            # The clock is read after the state, so that no call which made the state is later than this one.
            call = Call(
                now=self.clock.now(),
                hsm=hsm,
                request_id=request_id,
                region=self.region if region is None else region,
                caller=caller,
                account=account,
                principal=principal,
                delays=self.delays,
                iam=self._iam,
                key_stores=self._key_stores,
                quotas=self.quotas,
            )
            try:
                after, answer = step(before, call)
            except KMSInternalException as error:
                _explained(error)
                raise
            if self._put(before, after):
                return answer

    def _put(self, before: Kms, after: Kms) -> bool:
        """Replace ``before`` by ``after``, if it is still the state."""
        if after is before:
            return True
        with self._lock:
            if self._kms is not before:
                return False
            self._kms = after
            return True


def _http(answered: AttrsInstance | KmsError, call: Call) -> HttpResponse:
    return wire.render(answered, call.request_id)


def _explained(error: KmsError) -> KmsError:
    """The error, with a note if it is one that AWS does not explain, and that only a model has."""
    if isinstance(error, KMSInternalException):
        error.add_note("a state that is kept needs an HSM of another seed")
    return error


def _uuid(drawn: bytes) -> str:
    """The text of a UUID, faster than `uuid.UUID` makes it."""
    digits = drawn.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
