"""
Lists in pages: how many entries each page has, and the marker that says where a list continues.

A marker holds the name of the last entry before it. What is added or removed between two pages renames no entry, so
that one which is there all the time is listed once.
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

_DIGITS = 9


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


def page_of(operation: str, found: Sequence[tuple[str, T]], size: int) -> Page[T]:
    """The first ``size`` of the entries found, each with its name; one more shows that the list goes on."""
    kept = found[:size]
    entries = tuple(entry for _, entry in kept)
    if len(found) <= size:
        return Page(entries)
    return Page(entries, marker(operation, kept[-1][0]))


def page_of_whole(operation: str, entries: Sequence[T], after: str | None, size: int) -> Page[T]:
    """A page of a list that only grows at its end and can be had as a whole, after the marker of the page before."""
    start = name_in_marker(operation, after)
    numbered = ((f"{number:0{_DIGITS}}", entry) for number, entry in enumerate(entries))
    return page_of(operation, [each for each in numbered if each[0] > start], size)


def marker(operation: str, name: str) -> str:
    """The marker of a page of ``operation`` that ended with the entry of this name; opaque to its reader."""
    return base64.urlsafe_b64encode(f"{operation}:{name}".encode()).decode()


def name_in_marker(operation: str, text: str | None) -> str:
    """The name that a marker of ``operation`` holds; empty, before all, without one. Raises InvalidMarkerException."""
    if text is None:
        return ""
    try:
        held = base64.b64decode(text, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidMarkerException from None
    of, colon, name = held.partition(":")
    if of != operation or not colon:
        raise InvalidMarkerException
    return name
