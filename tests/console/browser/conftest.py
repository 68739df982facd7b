"""
A person at the console: a browser, a server with a directory of users and roles, and nobody else in the network.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from kmsmodel.clock import Clock
from kmsmodel.console.page import INDEX, static
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.local import LocalKms
from kmsmodel.server import running
from tests.basics import ACCOUNT, NOW
from tests.console.people import IAM

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.console.browser.person import Person

CHROMIUM = Path("/usr/bin/chromium")

if find_spec("playwright") is None and "CI" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


def _missing(what: str) -> NoReturn:
    """What only a continuous integration must have."""
    if "CI" in os.environ:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. It lasts for a module, since other modules have event loops of their own."""
    from playwright.sync_api import sync_playwright

    if not static().joinpath(INDEX).is_file():
        _missing("the page of the console is not built: say make console-page")
    if not CHROMIUM.exists() and shutil.which("chromium") is None:
        _missing("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM) if CHROMIUM.exists() else shutil.which("chromium"),
            args=["--no-sandbox"],
        )
        yield browser
        browser.close()


@pytest.fixture
def local() -> LocalKms:
    """An account with users and roles and without keys, at a time that stands still."""
    return LocalKms(account=ACCOUNT, clock=Clock(NOW), hsm=SeededHsm("console"), iam=IAM)


@pytest.fixture
def person(chromium: Browser, local: LocalKms, tmp_path: Path) -> Generator[Person]:
    """Somebody at a window of 1280 pixels. At the end, nobody else was asked, and no script failed."""
    from tests.console.browser.person import Person

    with ExitStack() as stack:
        url = stack.enter_context(running(local, console=True))
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        stack.callback(context.close)
        someone = Person(context.new_page(), url, local, tmp_path)
        yield someone
        assert someone.strangers == []
        assert someone.faults == []
