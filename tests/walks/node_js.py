"""
Programs that run on Node.js, in the folder ``node``, with the packages that its package-lock.json names.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.walks.served import PATIENCE

FOLDER = Path(__file__).parent / "node"
NEEDED = 20
"""The version of Node.js that the packages need."""


def run(
    *command: str, env: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """A program that has ended; its output and its errors are together in ``stdout``."""
    return subprocess.run(
        command,
        cwd=FOLDER,
        env=env,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def install() -> None:
    """Fetch what package-lock.json names, unless it is there. Skips if there is no Node.js, or if it cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no Node.js on this machine")
    version = run("node", "--version").stdout
    if int(version.removeprefix("v").split(".")[0]) < NEEDED:
        pytest.skip(f"Node.js is {version.strip()}, and {NEEDED} is needed")
    installed = FOLDER / "node_modules" / ".package-lock.json"
    lock = FOLDER / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    try:
        fetched = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not get the packages within {PATIENCE} seconds")
    if fetched.returncode != 0:
        pytest.skip(f"npm cannot get the packages: {fetched.stdout}")
