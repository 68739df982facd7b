"""
What a browser sends along, and what it tells.
"""

from __future__ import annotations

from http import HTTPStatus

import pytest
from hypothesis import given, strategies as st

from kmsmodel.same_origin import refused


def status(*headers: tuple[str, str], names: tuple[str, ...] = ()) -> HTTPStatus | None:
    given_ = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    answer = refused(given_, names)
    return None if answer is None else answer[0]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8080",
        "localhost.",
        "kms.localhost:80",
        "127.0.0.1:8080",
        "127.1.2.3",
        "192.168.1.5:8080",
        "[::1]:8080",
        "[::1]",
        "kms:8080",
        "KMS",
    ],
)
def test_localhost_addresses_and_told_names_are_known(host: str) -> None:
    assert status(("host", host), names=("Kms", "127.0.0.1")) is None


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "example.com:8080",
        "localhost.example.com",
        "notlocalhost",
        "127.0.0.1.example.com",
        "user@example.com",
        "localhost@example.com",
        "kms.example.com",
        "[::1",
        "",
    ],
)
def test_any_other_host_is_misdirected(host: str) -> None:
    """It may be a stranger's name for this machine."""
    assert status(("host", host), names=("kms",)) is HTTPStatus.MISDIRECTED_REQUEST


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_whatever_is_sent_is_told(host: str, origin: str) -> None:
    statuses = {None, HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.FORBIDDEN}
    assert status(("host", host), ("origin", origin)) in statuses
    known = status(("host", "localhost"), ("origin", origin))
    assert (known is None) == (origin.lower().partition("://")[1:] == ("://", "localhost"))


def test_one_of_two_hosts_is_enough_to_refuse() -> None:
    for hosts in (("localhost", "example.com"), ("example.com", "localhost")):
        given_ = [("host", host) for host in hosts]
        assert status(*given_) is HTTPStatus.MISDIRECTED_REQUEST


@pytest.mark.parametrize(
    "origin, is_refused",
    [
        ("http://localhost:8080", False),
        ("https://LOCALHOST:8080", False),
        ("http://localhost", True),
        ("http://localhost:8081", True),
        ("http://127.0.0.1:8080", True),
        ("https://example.com", True),
        ("localhost:8080", True),
        ("null", True),
        ("", True),
    ],
)
def test_a_page_of_another_origin_is_refused(origin: str, is_refused: bool) -> None:
    answered = status(("host", "localhost:8080"), ("origin", origin))
    assert answered is (HTTPStatus.FORBIDDEN if is_refused else None)


def test_what_is_no_browser_sends_neither() -> None:
    assert status() is None
    assert status(("accept", "*/*")) is None
