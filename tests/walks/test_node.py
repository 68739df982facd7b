"""
The AWS SDK for JavaScript walks the guide's four steps.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.walks.served import PATIENCE, environment, served

FOLDER = Path(__file__).parent / "node"
NEEDED = 20
"""The version of Node.js that the SDK needs."""


def run(*command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=FOLDER,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def install() -> None:
    """Fetch what package-lock.json names, unless it is there. Skips if it cannot be had."""
    installed = FOLDER / "node_modules" / ".package-lock.json"
    lock = FOLDER / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    try:
        fetched = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not get the AWS SDK for JavaScript within {PATIENCE} seconds")
    if fetched.returncode != 0:
        pytest.skip(f"npm cannot get the AWS SDK for JavaScript: {fetched.stdout}")


def test_the_aws_sdk_for_javascript_walks_the_four_steps() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no Node.js on this machine")
    version = run("node", "--version").stdout
    if int(version.removeprefix("v").split(".")[0]) < NEEDED:
        pytest.skip(f"Node.js is {version.strip()}, and the SDK needs {NEEDED}")
    install()
    with served() as url:
        walked = run("node", "--test", "--test-reporter=tap", "walk.mjs", env=environment(url))
    assert walked.returncode == 0, walked.stdout
    assert "# fail 0" in walked.stdout
