"""
`LocalKms`: the one object that changes.

It holds a `Kms`, a clock and an HSM, and may be used from many threads at once. It holds no lock while the HSM works:
each call computes the next state and puts it in the place of the one it saw, again if another call was faster. The HSM
answers only once in each call, so that a slow answer is not asked for again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar, cast, final

from kmsmodel.call import Call, moment
from kmsmodel.dates import END_OF_TIME, to_the_millisecond
from kmsmodel.errors import KMSInternalException
from kmsmodel.hsm import Hsm
from kmsmodel.kms import Kms
from kmsmodel.request import Request
from kmsmodel.service import dispatch, handle, respond
from kmsmodel.software_hsm import SoftwareHsm
from kmsmodel.wire import HttpResponse

_NO_TIME = timedelta()

ResponseT = TypeVar("ResponseT")
T = TypeVar("T")


@final
class Clock:
    """
    The time that a `LocalKms` goes by; it never steps back.

    ``Clock()`` follows the system's clock, ``Clock(datetime(...))`` stands still there; both can be advanced.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._at = None if at is None else moment(at)
        self._advanced = timedelta()
        self._latest = self._at or _system_time()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        if self._at is None:
            return f"<Clock {self._advanced} ahead of the system's>"
        return f"<Clock at {self._at + self._advanced}>"

    def now(self) -> datetime:
        """The time by this clock, never before a time that it has told."""
        with self._lock:
            time = (self._at or _system_time()) + self._advanced
            self._latest = max(self._latest, time)
            return self._latest

    def advance(
        self,
        span: timedelta = _NO_TIME,
        /,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """
        Let time pass: a timedelta, or so many days, hours, minutes and seconds.

        Raises ValueError for time that would pass backwards, or beyond `dates.END_OF_TIME`.
        """
        try:
            span += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            backwards = span < _NO_TIME
        except OverflowError:
            raise ValueError("there is no such time") from None
        except TypeError:
            raise TypeError("a span is a timedelta, or numbers: days=1, hours=2") from None
        if backwards:
            raise ValueError("a clock is not set back")
        with self._lock:
            if span > END_OF_TIME - self._latest:
                raise ValueError(f"time ends at {END_OF_TIME:%Y-%m-%d}")
            self._advanced += span


def _system_time() -> datetime:
    """To the millisecond, which is what AWS KMS tells."""
    return to_the_millisecond(datetime.now(UTC))


@final
class LocalKms:
    """
    An AWS KMS of one's own, in this process.

    ``account`` and ``region`` are the caller's, unless a call says otherwise; ``kms`` is the state to start from.
    Raises TypeError for what is no `Kms`, `Clock` or `Hsm`, and ValueError for what is no account or no Region.
    """

    def __init__(
        self,
        kms: Kms | None = None,
        *,
        account: str = "111122223333",
        region: str = "us-west-2",
        clock: Clock | None = None,
        hsm: Hsm | None = None,
    ) -> None:
        self.account = account
        self.region = region
        self.clock = Clock() if clock is None else clock
        self.hsm: Hsm = SoftwareHsm() if hsm is None else hsm
        self._kms = Kms() if kms is None else kms
        self._lock = threading.Lock()
        self._calls = count(1)
        _expect("kms", self._kms, Kms)
        _expect("clock", self.clock, Clock)
        _expect_hsm(self.hsm)
        # A call refuses what is no account or no Region.
        Call(now=END_OF_TIME, hsm=self.hsm, request_id="", account=account, region=region)

    def __repr__(self) -> str:
        hsm = type(self.hsm).__name__
        return f"<LocalKms of {self.account} in {self.region}: {self.clock}, {hsm}>"

    @property
    def kms(self) -> Kms:
        """The state as it is now: a value, which later calls do not change."""
        return self._kms

    def handle(
        self,
        request: Request[ResponseT],
        *,
        principal: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> ResponseT:
        """
        Answer one request. Raises a `KmsError`, as AWS answers it.

        ``principal`` is the caller's ARN; by default he is the root user of the account.
        """
        return self.step(
            lambda kms, call: handle(kms, request, call),
            principal=principal,
            account=account,
            region=region,
        )

    def dispatch(
        self,
        operation: str,
        members: Mapping[str, object],
        *,
        principal: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> Any:
        """
        Answer one request whose members somebody else has parsed.

        `kmsmodel.dispatch` tells of the members that go in and of the dictionary that comes out. Raises a `KmsError`.
        """
        return self.step(
            lambda kms, call: dispatch(kms, operation, members, call),
            principal=principal,
            account=account,
            region=region,
        )

    def respond(
        self,
        target: str,
        body: bytes,
        *,
        principal: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> HttpResponse:
        """Answer one request of the AWS JSON 1.1 protocol, errors too; ``target`` is the value of X-Amz-Target."""
        return self.step(
            lambda kms, call: respond(kms, target, body, call),
            principal=principal,
            account=account,
            region=region,
        )

    def step(
        self,
        step: Callable[[Kms, Call], tuple[Kms, T]],
        *,
        principal: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> T:
        """
        Take one step of the state: what `handle` and `respond` are made of.

        ``step`` is taken again if another call was faster, so it must do nothing but answer.
        """
        account = self.account if account is None else account
        region = self.region if region is None else region
        who: dict[str, Any] = {} if principal is None else {"principal": principal}
        request_id = _uuid(self.hsm.random(16, f"request id {next(self._calls)}"))
        hsm = cast("Hsm", _OnceHsm(self.hsm))
        while True:
            before = self._kms
            # The clock is read after the state: what made that state was not later than this.
            call = Call(
                now=self.clock.now(),
                hsm=hsm,
                request_id=request_id,
                account=account,
                region=region,
                **who,
            )
            try:
                after, answer = step(before, call)
            except KMSInternalException as error:
                error.add_note("a state that is kept needs an HSM of another seed")
                raise
            if self._put(before, after):
                return answer

    def _put(self, before: Kms, after: Kms) -> bool:
        """Put ``after`` in the place of ``before``, if it is still there."""
        if after is before:
            return True
        with self._lock:
            if self._kms is not before:
                return False
            self._kms = after
            return True


def _expect(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, not {type(value).__name__}")


def _expect_hsm(hsm: object) -> None:
    """An HSM may be of any class that has the verbs; a class has them too, and is none."""
    if isinstance(hsm, type) or not callable(getattr(hsm, "random", None)):
        raise TypeError(f"hsm must be an Hsm, not {type(hsm).__name__}")


def _uuid(drawn: bytes) -> str:
    """The text of a UUID, faster than `uuid.UUID` makes it."""
    digits = drawn.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@final
class _OnceHsm:
    """An HSM of any verbs, which remembers its answers for the time of one call."""

    def __init__(self, hsm: Hsm) -> None:
        self._hsm = hsm
        self._answers: dict[Hashable, Any] = {}

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        ask = getattr(self._hsm, verb)

        def once(*arguments: Hashable) -> Any:
            question = (verb, *arguments)
            if question in self._answers:
                return self._answers[question]
            answer = self._answers[question] = ask(*arguments)
            return answer

        return once
