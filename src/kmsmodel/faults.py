"""
Faults on request: errors that AWS KMS returns at times, and answers that are late or never come.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import TypeAlias, final

from kmsmodel import errors
from kmsmodel.errors import ConnectionDropped, KmsError, ThrottlingException
from kmsmodel.operations import OPERATIONS
from kmsmodel.words.arguments import another, expect
from kmsmodel.words.meant import perhaps

EVERY = "*"
"""Stands for every operation."""

_NAMES = {EVERY, *(request.operation for request in OPERATIONS)}
_AT_ONCE = timedelta()
_A_DAY = timedelta(days=1)
_THROTTLED = (
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
)


Failure: TypeAlias = KmsError | ConnectionDropped
"""What a request may fail with."""

FAILURES: Mapping[str, type[Failure]] = {
    cls.__name__: cls
    for cls in vars(errors).values()
    if isinstance(cls, type) and issubclass(cls, Failure) and cls is not KmsError
}
"""The same, by name."""


@final
class Fault:
    """
    A fault that `LocalKms.fail` has armed; ``struck`` says how often it struck, and ``number`` which one it is.

    As a context manager, it ends with the ``with`` block.
    """

    def __init__(
        self,
        faults: Faults,
        number: int,
        operation: str,
        error: Failure | None,
        *,
        times: int | None,
        rate: float,
        latency: timedelta,
        sleep: bool,
    ) -> None:
        self.number = number
        self.operation = operation
        self.error = error
        self.times = times
        self.rate = rate
        self.latency = latency
        self.sleep = sleep
        self.struck = 0
        self._faults = faults

    def __repr__(self) -> str:
        code = "no error" if self.error is None else self.error.code
        return f"<Fault of {self.operation}: {code}, struck {self.struck} times>"

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Strike no more."""
        self._faults.disarm(self)


@final
class Faults:
    """The faults that are armed. Threads may share them; who finds none armed waits for nobody."""

    def __init__(self) -> None:
        self.armed: tuple[Fault, ...] = ()
        self._numbers = count(1)
        self._lock = threading.Lock()

    def arm(
        self,
        operation: str,
        error: type[Failure] | Failure | None,
        *,
        times: int | None,
        rate: float,
        latency: timedelta,
        sleep: bool,
    ) -> Fault:
        """Arm a fault. Raises TypeError or ValueError for one that could never strike."""
        expect("operation", operation, str)
        if operation not in _NAMES:
            meant = perhaps(operation, _NAMES)
            raise ValueError(f"{operation!r} is not an operation of this model{meant}")
        if times is not None and (type(times) is not int or times < 1):
            raise ValueError("times must be a number of times, from 1")
        expect("rate", rate, float, int)
        if not 0 < rate <= 1:
            raise ValueError("rate must be more than 0, and at most 1")
        _expect_latency(latency, sleep=sleep)
        if error is None and not latency:
            raise ValueError("a fault has an error, or a latency, or both")
        fault = Fault(
            self,
            next(self._numbers),
            operation,
            _instance(error),
            times=times,
            rate=rate,
            latency=latency,
            sleep=sleep,
        )
        with self._lock:
            self.armed = (*self.armed, fault)
        return fault

    def disarm(self, fault: Fault) -> None:
        with self._lock:
            self.armed = tuple(each for each in self.armed if each is not fault)

    def of(self, operation: str) -> tuple[Fault, ...]:
        """Those that are armed for an operation, in the order in which they were."""
        return tuple(each for each in self.armed if each.operation in {operation, EVERY})

    def strike(self, operation: str, draw: Callable[[], float]) -> list[Fault]:
        """Those that strike a request, up to the first with an error; ``draw`` gives a number from 0 to 1."""
        struck: list[Fault] = []
        for fault in self.of(operation):
            if (fault.rate == 1 or draw() < fault.rate) and self._count(fault):
                struck.append(fault)
                if fault.error is not None:
                    break
        return struck

    def _count(self, fault: Fault) -> bool:
        """Count one more time of a fault, if there is one left."""
        with self._lock:
            if fault not in self.armed:
                return False
            fault.struck += 1
            if fault.struck == fault.times:
                self.armed = tuple(each for each in self.armed if each is not fault)
            return True


def failure_of(faults: list[Fault], advance: Callable[[timedelta], None]) -> Failure | None:
    """Let faults that strike take their time, by ``advance`` or by sleep; what they fail with, if one does."""
    for fault in faults:
        if fault.sleep:
            time.sleep(fault.latency.total_seconds())
        else:
            with suppress(ValueError):  # at the end of time, a clock stands
                advance(fault.latency)
        if fault.error is not None:
            return copy.copy(fault.error)
    return None


def _expect_latency(latency: object, *, sleep: bool) -> None:
    if not isinstance(latency, timedelta):
        raise another("latency", "a timedelta", latency)
    if latency < _AT_ONCE:
        raise ValueError("latency must not be negative")
    if sleep and latency > _A_DAY:
        raise ValueError("a latency that lasts is at most a day")


def _instance(error: object) -> Failure | None:
    if error is None or isinstance(error, KmsError | ConnectionDropped):
        return error
    if error is ConnectionDropped:
        return ConnectionDropped()
    if not isinstance(error, type) or not issubclass(error, KmsError):
        is_named = isinstance(error, str) and error in FAILURES
        named = f"; its class is kmsmodel.{error}" if is_named else ""
        raise TypeError(f"error must be an error of AWS KMS, such as ThrottlingException{named}")
    return error(_THROTTLED if error is ThrottlingException else "")
