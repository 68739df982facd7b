"""
How the console's page is served: its files, their headers, and who may ask.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.asgi import App
from kmsmodel.console import page
from kmsmodel.local import LocalKms
from kmsmodel.wire import HttpResponse
from tests.basics import ACCOUNT

INDEX = b"<!doctype html><title>The console</title>"
SCRIPT = b"export const x = 1;"
STRANGER = "stranger.example"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page as it is built, beside a file that is none of it."""
    around = tmp_path_factory.mktemp("package")
    (around / "secret.txt").write_text("secret", "utf-8")
    folder = around / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(INDEX)
    (folder / "assets" / "index-B1a2C3.js").write_bytes(SCRIPT)
    (folder / "assets" / "style-B1a2C3.css").write_bytes(b"body {}")
    (folder / "assets" / "font.woff2").write_bytes(b"font")
    (folder / "LICENSES.md").write_bytes(b"licences")
    (folder / "strange.xyz").write_bytes(b"?")
    return folder


def headers(response: HttpResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers}


# ---- files


@pytest.mark.parametrize(
    "path, kind, keep",
    [
        ("", "text/html; charset=utf-8", "no-cache"),
        ("index.html", "text/html; charset=utf-8", "no-cache"),
        ("kms/keys/1234abcd", "text/html; charset=utf-8", "no-cache"),
        ("assets/index-B1a2C3.js", "text/javascript; charset=utf-8", "immutable"),
        ("assets/style-B1a2C3.css", "text/css; charset=utf-8", "immutable"),
        ("assets/font.woff2", "font/woff2", "immutable"),
        ("LICENSES.md", "text/plain; charset=utf-8", "no-cache"),
        ("strange.xyz", "application/octet-stream", "no-cache"),
    ],
)
def test_a_file_is_served_as_what_it_is(path: str, kind: str, keep: str, built: Path) -> None:
    response = page.respond(path, folder=built)
    found = headers(response)
    assert response.status == 200
    assert found["content-type"] == kind
    assert keep in found["cache-control"]
    assert found["content-length"] == str(len(response.body))
    file = built / path
    assert response.body == (file.read_bytes() if file.is_file() else INDEX)


def test_a_file_that_the_browser_has_is_not_sent_again(built: Path) -> None:
    first = page.respond("", folder=built)
    tag = headers(first)["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = page.respond("", known=known, folder=built)
        assert (again.status, again.body) == (304, b"")
        assert headers(again)["content-security-policy"]
    assert page.respond("", known='"other"', folder=built).status == 200


@pytest.mark.parametrize(
    "path",
    ["assets/none.js", "none.css", "../secret.txt", "assets/../../secret.txt", "/etc/passwd.x"],
)
def test_what_is_no_file_of_the_page_is_not_found(path: str, built: Path) -> None:
    response = page.respond(path, folder=built)
    assert response.status == 404
    assert b"There is no such file" in response.body


@given(
    path=st.text() | st.lists(st.sampled_from(["..", ".", "", "a", "\\", "c:", "\0"])).map("/".join)
)
def test_no_path_leads_out_of_the_folder(path: str, built: Path) -> None:
    response = page.respond(path, folder=built)
    assert response.status in {200, 404}
    assert b"secret" not in response.body or b"no such file" in response.body


# ---- a page that was not built


def test_a_page_that_is_not_there_says_why(tmp_path: Path) -> None:
    response = page.respond("", folder=tmp_path)
    assert response.status == 503
    assert b"make console builds it" in response.body
    assert headers(response)["cache-control"] == "no-store"


def test_a_package_that_was_built_without_it_says_its_own_reason(tmp_path: Path) -> None:
    (tmp_path / page.ABSENT).write_text("Node <was> not there.\n", "utf-8")
    response = page.respond("", folder=tmp_path)
    assert response.status == 503
    assert b"<p>Node &lt;was&gt; not there.</p>" in response.body


# ---- headers


@pytest.mark.parametrize("path", ["", "assets/index-B1a2C3.js", "none.js"])
def test_the_page_runs_its_own_scripts_and_asks_its_own_server(path: str, built: Path) -> None:
    found = headers(page.respond(path, folder=built))
    policy = dict(
        directive.split(" ", 1) for directive in found["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "no-referrer"
    assert not any(name.startswith("access-control") for name in found)


def test_the_pages_of_its_own_have_no_scripts(tmp_path: Path) -> None:
    body = page.respond("", folder=tmp_path).body.decode()
    assert re.search(r"<script|<style|\son[a-z]+=|style=", body) is None


# ---- by the server


def ask(
    app: App, method: str, path: str, named: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """What the application answers."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    pairs = [(name.encode(), value.encode()) for name, value in named]
    scope = {"type": "http", "method": method, "path": path, "headers": pairs}
    asyncio.run(app(scope, receive, send))
    given_headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], given_headers, sent[1]["body"]


CONSOLE = App(LocalKms(account=ACCOUNT), console=True)
PLAIN = App(LocalKms(account=ACCOUNT))
HOST = ("host", "127.0.0.1:8080")
LIST_KEYS = [
    HOST,
    ("content-type", "application/x-amz-json-1.1"),
    ("x-amz-target", "TrentService.ListKeys"),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/console/", "/console/kms/keys"])
def test_the_console_is_served_if_it_is_asked_for(method: str, path: str) -> None:
    """In a checkout, it may be built or not."""
    assert ask(CONSOLE, method, path, [HOST])[0] in {200, 503}
    assert ask(PLAIN, method, path, [HOST])[0] == 404


def test_the_console_is_found_without_the_slash() -> None:
    status, found, _ = ask(CONSOLE, "GET", "/console", [HOST])
    assert (status, found["location"]) == (308, "/console/")


def test_the_console_is_only_looked_at() -> None:
    assert ask(CONSOLE, "POST", "/console/", [HOST])[0] == 404


@pytest.mark.parametrize("path", ["/console/", "/console", "/_kmsmodel/model", "/_kmsmodel/draft"])
def test_a_name_that_was_made_to_mean_this_machine_is_refused(path: str) -> None:
    """DNS rebinding: the page of a stranger asks its own name, which leads here."""
    assert ask(CONSOLE, "GET", path, [("host", STRANGER)])[0] == 421


def test_a_strangers_page_cannot_ask_aws_kms_where_there_is_a_console() -> None:
    rebound = [("host", STRANGER), ("origin", f"http://{STRANGER}"), *LIST_KEYS[1:]]
    assert ask(CONSOLE, "POST", "/", rebound, b"{}")[0] == 421
    foreign = [*LIST_KEYS, ("origin", f"http://{STRANGER}")]
    assert ask(CONSOLE, "POST", "/", foreign, b"{}")[0] == 403
    headers_at_once = [(name.encode(), value.encode()) for name, value in foreign]
    assert CONSOLE.answer_at_once(headers_at_once, b"{}") is None


def test_the_consoles_own_page_can_ask_aws_kms_and_so_can_any_program() -> None:
    own = [*LIST_KEYS, ("origin", "http://127.0.0.1:8080")]
    for named in (own, LIST_KEYS, [("host", "kms"), *LIST_KEYS[1:]]):
        status, found, body = ask(CONSOLE, "POST", "/", named, b"{}")
        assert (status, body) == (200, b'{"Keys":[],"Truncated":false}')
        assert not any(name.startswith("access-control") for name in found)


def test_the_routes_of_the_console_are_there_with_and_without_its_page() -> None:
    for app in (CONSOLE, PLAIN):
        status, _, body = ask(app, "GET", "/_kmsmodel/model", [HOST])
        assert status == 200
        assert b'"import-key-material"' in body


def test_what_is_no_draft_is_answered_with_a_sentence() -> None:
    named = [HOST, ("content-type", "application/json")]
    status, _, body = ask(CONSOLE, "POST", "/_kmsmodel/draft", named, b"[]")
    assert (status, body) == (400, b'{"message": "The body must be a JSON object."}')
