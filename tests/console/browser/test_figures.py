"""
What the page weighs.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from importlib.resources.abc import Traversable

import pytest
from playwright.sync_api import Request, expect

from kmsmodel.console.page import INDEX, static
from kmsmodel.operations.keys import CreateKeyRequest
from tests.console.browser.person import Person

FIRST_PAGE = 450_000
"""Bytes of all that the list of keys loads, compressed as by gzip."""

WHEEL = 700_000
"""Bytes that a wheel is larger with the page."""


def files(folder: Traversable) -> Iterator[bytes]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from files(each)
        else:
            yield each.read_bytes()


def test_the_first_page_is_small(person: Person) -> None:
    loaded: list[Request] = []
    # Playwright marks what it calls, which a method of a list does not allow.
    person.page.on("requestfinished", lambda asked: loaded.append(asked))  # noqa: PLW0108
    person.local.handle(CreateKeyRequest())
    person.goes("keys")
    person.sees("Enabled")
    expect(person.button("Preferences")).to_be_enabled()
    person.page.wait_for_load_state("networkidle")
    read = [each for each in loaded if each.method == "GET" and each.url.startswith(person.url)]
    assert sum(map(weight, read)) <= FIRST_PAGE


def weight(asked: Request) -> int:
    answer = asked.response()
    assert answer is not None
    body = answer.body()
    return len(body) if asked.url.endswith("woff2") else len(gzip.compress(body))


def test_the_page_makes_a_wheel_little_larger() -> None:
    if not static().joinpath(INDEX).is_file():
        pytest.skip("the page of the console is not built: say make console-page")
    assert sum(len(zlib.compress(each)) for each in files(static())) <= WHEEL
