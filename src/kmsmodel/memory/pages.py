"""
Lists in pages: how many entries each page has, and the marker that says where a list continues.

A marker holds the place of the last entry before it. Adding or removing entries between two pages moves no place, so
an entry that is there all the time is listed exactly once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar, final

from attrs import frozen

from kmsmodel.errors import InvalidMarkerException
from kmsmodel.words.shapes import Range
from kmsmodel.words.violations import validation_exception, wrong_number

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

_DIGITS = 18


@final
@frozen
class Page(Generic[T_co]):
    """A page of a list, with a marker if the list continues."""

    entries: tuple[T_co, ...]
    next_marker: str | None = None

    @property
    def truncated(self) -> bool:
        return self.next_marker is not None


def page_size(asked: int | None, default: int, most: int = 1000) -> int:
    """How many entries a page has, unless fewer are left. Raises ValidationException for more than ``most``."""
    if asked is not None and asked > most:
        raise validation_exception(tuple(wrong_number(asked, Range(1, most), "limit")))
    return default if asked is None else asked


def page_of(operation: str, found: Sequence[tuple[int | str, T]], size: int) -> Page[T]:
    """A page of the first ``size`` of the entries found with their places; one more shows that the list continues."""
    kept = found[:size]
    entries = tuple(entry for _, entry in kept)
    if len(found) <= size:
        return Page(entries)
    return Page(entries, marker(operation, kept[-1][0]))


def page_of_whole(operation: str, entries: Sequence[T], after: str | None, size: int) -> Page[T]:
    """A page, after the marker of the page before it, of a list that is given whole and only grows at its end."""
    start = position_in_marker(operation, after)
    numbered = list(enumerate(entries, start=1))
    return page_of(operation, numbered[start:], size)


def marker(operation: str, place: int | str) -> str:
    """The marker of a page of ``operation`` that ended at ``place``; opaque to clients."""
    return base64.urlsafe_b64encode(f"{operation}:{place}".encode()).decode()


def place_in_marker(operation: str, text: str | None) -> str:
    """The place in a marker of ``operation``; without one, the empty start. Raises InvalidMarkerException."""
    if text is None:
        return ""
    try:
        held = base64.b64decode(text, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidMarkerException from None
    of, _, found = held.partition(":")
    if of != operation:
        raise InvalidMarkerException
    return found


def position_in_marker(operation: str, text: str | None) -> int:
    """The place in a marker, as a number; without one, the start, 0. Raises InvalidMarkerException."""
    if text is None:
        return 0
    number = place_in_marker(operation, text)
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise InvalidMarkerException
    return int(number)
