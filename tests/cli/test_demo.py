"""
The guide's walk, printed.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from kmsmodel.cli.walk import Walk, walk
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.local import LocalKms

STATES = [
    "PendingImport",  # created
    "Enabled",  # imported
    "PendingImport",  # expired
    "PendingImport",  # other material refused
    "Enabled",  # reimported
    "Enabled",  # rotated
    "PendingDeletion",
    "Disabled",  # cancelled
    "Enabled",
    "none, the KMS key is deleted",
]


def printed(folder: Path, *, color: bool = False) -> str:
    text = io.StringIO()
    local = LocalKms(clock=Clock(datetime(2026, 11, 24, tzinfo=UTC)), hsm=SeededHsm("demo"))
    console = Console(file=text, force_terminal=color, highlight=False, no_color=not color)
    walk(Walk(local, console, folder))
    return text.getvalue()


def test_it_prints_the_key_state_after_each_step_and_opens_the_ciphertext_outside(
    tmp_path: Path,
) -> None:
    text = printed(tmp_path)
    assert re.findall("^Key state: (.*)$", text, re.MULTILINE) == STATES
    assert text.endswith("'The quick brown fox', as it was: True\n")
    assert "\x1b" not in text


def test_it_is_in_colour_on_a_terminal(tmp_path: Path) -> None:
    assert "\x1b[" in printed(tmp_path, color=True)


def test_without_openssl_it_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    text = printed(tmp_path)
    assert "There is no openssl on this machine" in text
    assert re.findall("^Key state: (.*)$", text, re.MULTILINE) == STATES
