"""
What a person does at the console, by the roles and the names that a screen reader tells.
"""

from __future__ import annotations

import subprocess
import zipfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, final

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from kmsmodel.local import LocalKms

PATIENCE = 15_000
"""Milliseconds until what does not appear is given up."""

AXE = Path(__file__).parents[3] / "console" / "node_modules" / "axe-core" / "axe.min.js"

LENGTH = 32
"""Bytes of the key material of a symmetric encryption key."""

expect.set_options(timeout=PATIENCE)


@cache
def _axe() -> str:
    return AXE.read_text()


@final
class Person:
    """Somebody at a page of the console that a `LocalKms` serves."""

    def __init__(self, page: Page, url: str, local: LocalKms, folder: Path) -> None:
        self.page, self.url, self.local, self.folder = page, url, local, folder
        self.strangers: list[str] = []
        self.faults: list[str] = []
        self.numbers = count()
        page.set_default_timeout(PATIENCE)
        page.on("request", self._ask)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _ask(self, request: Request) -> None:
        own = (f"{self.url}/", "data:", f"blob:{self.url}/", "about:")
        if not request.url.startswith(own):
            self.strangers.append(request.url)

    def goes(self, *path: str) -> None:
        """Open a view, as in a new window."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}/console/#/kms/{'/'.join(path)}")

    # ---- what there is

    def button(self, name: str, *, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def text(self, text: str) -> Locator:
        return self.page.get_by_text(text)

    def sees(self, text: str) -> None:
        """A text appears."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sees_heading(self, name: str) -> None:
        expect(self.page.get_by_role("heading", name=name, exact=True).first).to_be_visible()

    def state(self, state: str) -> None:
        """The status in the general configuration of a key."""
        expect(self.page.get_by_role("term").filter(has_text="Status")).to_be_visible()
        status = self.page.get_by_role("definition").filter(has_text=state)
        expect(status.first).to_be_visible()

    def barriers(self, *rules: str) -> list[str]:
        """What axe finds on this view, by all of its rules or by these."""
        self.page.evaluate(_axe())
        options = {"runOnly": rules} if rules else {}
        found: dict[str, Any] = self.page.evaluate("options => axe.run(options)", options)
        return [
            f"{each['id']}: {each['help']}: {node['html'][:200]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    # ---- what they do

    def presses(self, name: str, *, exact: bool = True) -> None:
        self.button(name, exact=exact).click()

    def follows(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def fills(self, name: str, text: str) -> None:
        self.page.get_by_role("textbox", name=name, exact=True).fill(text)

    def ticks(self, name: str) -> None:
        self.page.get_by_role("checkbox", name=name).check()

    def selects(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_role("button", name=label).last.click()
        self.page.get_by_role("option", name=option, exact=True).first.click()

    def acts(self, action: str) -> None:
        """Choose from *Key actions*."""
        self.presses("Key actions")
        self.page.get_by_role("menuitem", name=action, exact=True).click()

    def uploads(self, name: str, content: bytes, *, button: str = "Choose file") -> None:
        """Choose a file, which stays as it is: the browser reads it when it likes, until it shows it."""
        file = self.folder / f"{next(self.numbers)}.bin"
        file.write_bytes(content)
        self.button(f"{name} {button}").set_input_files(file)
        expect(self.page.get_by_role("group", name=file.name, exact=True)).to_be_visible()

    # ---- the walk of the guide

    def imports(self, secret: bytes, *, original: bool = False) -> None:
        """Both steps of *Import key material*, with key material that openssl has encrypted."""
        if not original:
            self.selects("Select wrapping key spec", "RSA_2048")
        self.selects("Select wrapping algorithm", "RSAES_OAEP_SHA_256")
        files = self.downloads(original=original)
        if original:
            self.ticks("I am ready to upload my exported key material")
        self.presses("Next")
        token = named(files, "importtoken").read_bytes()
        what = "Encrypted key material" if original else "Wrapped key material"
        self.uploads(what, wrapped(secret, named(files, "wrapping")))
        self.uploads("Import token", token)

    def downloads(self, *, original: bool = False) -> Path:
        """The folder of what was in the file that is downloaded."""
        name = "wrapping key" if original else "wrapping public key"
        with self.page.expect_download() as download:
            self.presses(f"Download {name} and import token")
        folder = self.folder / "parameters"
        with zipfile.ZipFile(download.value.path()) as file:
            file.extractall(folder)
        return folder


def named(folder: Path, beginning: str) -> Path:
    """The file whose name begins so; both editions name their files otherwise."""
    return next(file for file in folder.iterdir() if file.name.lower().startswith(beginning))


def wrapped(secret: bytes, key: Path) -> bytes:
    """The key material, encrypted by openssl under the wrapping public key in a file."""
    options = ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")
    command = ["openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", str(key)]
    for option in options:
        command += ["-pkeyopt", option]
    ran = subprocess.run(command, input=secret, capture_output=True, check=True, timeout=60)
    return ran.stdout


# ---- with a keyboard alone


def tabs_to(person: Person, name: str) -> None:
    """Press Tab until something with this name has the focus."""
    wanted = person.page.locator("*:focus").and_(
        person.page.get_by_role("link", name=name, exact=True)
        .or_(person.page.get_by_role("button", name=name, exact=True))
        .or_(person.page.get_by_role("checkbox", name=name, exact=True))
        .or_(person.page.get_by_role("radio", name=name, exact=True))
        .or_(person.page.get_by_role("textbox", name=name, exact=True))
    )
    for _ in range(80):
        if wanted.count():
            return
        person.page.keyboard.press("Tab")
    pytest.fail(f"Tab never came to {name}")


def focused_item(person: Person, name: str) -> None:
    """Press the down arrow until this item of a menu has the focus."""
    wanted = person.page.locator("*:focus").and_(
        person.page.get_by_role("menuitem", name=name, exact=True)
    )
    for _ in range(8):
        if wanted.count():
            return
        person.page.keyboard.press("ArrowDown")
    pytest.fail(f"the arrow never came to {name}")
