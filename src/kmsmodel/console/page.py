"""
The console's page, as it was built: its files, with the headers that they are served with.

The page may run its own scripts only, and may ask nobody but the server that it comes from. If it was not built, a page
without scripts says so.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from html import escape
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from kmsmodel.wire import HttpResponse

PREFIX: Final = "/console/"
INDEX: Final = "index.html"
ABSENT: Final = "absent.txt"
"""The file that says why there is no page, in a package that was built without it."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_ALWAYS: Final = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "md": "text/plain; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "woff": "font/woff",
    "woff2": "font/woff2",
}

_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Of a file whose name has a hash of what is in it."""

_EACH_TIME: Final = "no-cache"

_WHY: Final = (
    "This is a checkout of the source, in which the page of the console is not built. "
    "With Node, make console builds it."
)


def static() -> Traversable:
    """The folder of the page's files."""
    return files("kmsmodel.console") / "static"


def respond(path: str, *, known: str = "", folder: Traversable | None = None) -> HttpResponse:
    """
    The answer to GET for a path below `PREFIX`, which is given without it.

    ``known`` is the value of If-None-Match. A path that is not a file, and has no dot in its last part, is a view of
    the page.
    """
    folder = static() if folder is None else folder
    is_view = "." not in path.rpartition("/")[2]
    found = _file(folder, INDEX if is_view else path)
    if found is not None:
        return _given(path, found, INDEX if is_view else path, known)
    if is_view:
        return _page(HTTPStatus.SERVICE_UNAVAILABLE, "The console is not there", _why(folder))
    return _page(HTTPStatus.NOT_FOUND, "There is no such file", path)


def _file(folder: Traversable, path: str) -> bytes | None:
    """The bytes of a file below the folder, or None if there is none."""
    parts = path.split("/")
    if any(
        part in {"", ".", ".."} or "\\" in part or ":" in part or "\0" in part for part in parts
    ):
        return None
    found = folder
    for part in parts:
        found /= part
    return found.read_bytes() if found.is_file() else None


def _why(folder: Traversable) -> str:
    said = _file(folder, ABSENT)
    return _WHY if said is None else said.decode().strip()


def _given(path: str, content: bytes, name: str, known: str) -> HttpResponse:
    tag = _tag(content)
    keep = _FOR_EVER if path.startswith("assets/") else _EACH_TIME
    headers = (*_ALWAYS, ("Cache-Control", keep), ("ETag", tag))
    if tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers, body=b"")
    kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return _response(HTTPStatus.OK, kind, content, headers)


@lru_cache(64)
def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _page(status: HTTPStatus, title: str, text: str) -> HttpResponse:
    body = (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>\n</html>\n"
    )
    headers = (*_ALWAYS, ("Cache-Control", "no-store"))
    return _response(status, _TYPES["html"], body.encode(), headers)


def _response(
    status: HTTPStatus, kind: str, body: bytes, headers: tuple[tuple[str, str], ...]
) -> HttpResponse:
    own = (("Content-Type", kind), ("Content-Length", str(len(body))))
    return HttpResponse(status=status, headers=(*headers, *own), body=body)
