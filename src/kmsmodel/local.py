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

from kmsmodel.arn import root_user
from kmsmodel.call import Call
from kmsmodel.dates import END_OF_TIME, before_the_end, to_the_millisecond
from kmsmodel.hsm import Hsm
from kmsmodel.kms import Kms
from kmsmodel.request import Request
from kmsmodel.service import dispatch, handle, respond
from kmsmodel.software_hsm import SoftwareHsm
from kmsmodel.wire import HttpResponse

ResponseT = TypeVar("ResponseT")
T = TypeVar("T")


@final
class Clock:
    """
    The time that a `LocalKms` goes by; it never steps back.

    ``Clock()`` follows the system's clock, ``Clock(datetime(...))`` stands still there; both can be advanced.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._at = None if at is None else before_the_end(at)
        self._advanced = timedelta()
        self._latest = self._at or _system_time()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The time by this clock, never before a time that it has told."""
        with self._lock:
            time = (self._at or _system_time()) + self._advanced
            self._latest = max(self._latest, time)
            return self._latest

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Let time pass. Raises ValueError for time that would pass backwards, or beyond `dates.END_OF_TIME`."""
        try:
            span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError:
            raise ValueError("there is no such time") from None
        if span < timedelta():
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
        self.clock = clock or Clock()
        self.hsm: Hsm = hsm or SoftwareHsm()
        self._kms = kms or Kms()
        self._lock = threading.Lock()
        self._calls = count(1)

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
        principal = root_user(account, region) if principal is None else principal
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
                principal=principal,
            )
            after, answer = step(before, call)
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
