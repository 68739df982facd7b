"""
Whether a request may come from the page of a stranger, which a browser sends along with its Host and its Origin.

A stranger's name can be made to mean this machine (DNS rebinding), but the Host of the request is then that name. And
a page can send to any address, but its Origin is then another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from http import HTTPStatus
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]

_LOCALHOST = "localhost"
_OTHER_HOST = (
    "These routes are asked as localhost, by an address, or by a name that the server was told."
)


def refused(headers: Headers, names: Collection[str]) -> tuple[HTTPStatus, str] | None:
    """
    The status and the sentence that a request is refused with, or None if it comes from no stranger's page.

    ``names`` are hosts that the server is asked as, besides localhost and any address. A request without a Host is of
    no browser.
    """
    headers = list(headers)
    hosts = [value.decode("latin-1").lower() for name, value in headers if name == b"host"]
    for host in hosts:
        if not _is_known(host, names):
            return HTTPStatus.MISDIRECTED_REQUEST, _OTHER_HOST
    origins = [value.decode("latin-1").lower() for name, value in headers if name == b"origin"]
    for origin in origins:
        if origin.partition("://")[2] not in hosts:
            return HTTPStatus.FORBIDDEN, "These routes are for no page of another origin."
    return None


def _is_known(host: str, names: Collection[str]) -> bool:
    """Is this Host localhost, an address, which nobody can rebind, or one of these names?"""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    name = name.removesuffix(".")
    if name == _LOCALHOST or name.endswith(f".{_LOCALHOST}"):  # RFC 6761, 6.3
        return True
    if name in {each.lower() for each in names}:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
