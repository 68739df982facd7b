"""
How the console's page gets into a wheel and a source distribution, with Node and without.

The project is built from a copy with a page of one line, whose build needs no packages.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds: npm starts slowly."""

PAGE = "<!doctype html><title>built</title>"
BUILD = f"""
const fs = require('node:fs');
const folder = '../src/kmsmodel/console/static';
fs.mkdirSync(folder, {{recursive: true}});
fs.writeFileSync(folder + '/index.html', '{PAGE}');
"""
INDEX = "kmsmodel/console/static/index.html"
ABSENT = "kmsmodel/console/static/absent.txt"

with_node = pytest.mark.skipif(
    shutil.which("npm") is None and "CI" not in os.environ, reason="there is no Node"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout of the project, with what its build needs."""
    root = tmp_path / "checkout"
    package = root / "src" / "kmsmodel"
    (package / "console").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "console" / "__init__.py").touch()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, root / name)
    console = root / "console"
    console.mkdir()
    named = {"name": "page", "version": "1.0.0"}
    scripts = {"build": "node build.js"}
    (console / "package.json").write_text(json.dumps({**named, "scripts": scripts}), "utf-8")
    lock = {**named, "lockfileVersion": 3, "packages": {"": named}}
    (console / "package-lock.json").write_text(json.dumps(lock), "utf-8")
    (console / "build.js").write_text(BUILD, "utf-8")
    return root


def made(
    root: Path, what: str, *, node: bool = True, console: str = "", succeeds: bool = True
) -> tuple[Path, str]:
    """The artifact that hatchling makes, and what was printed; ``node`` says whether npm is found."""
    folder = root.parent / f"made {what} {node} {console}"
    folder.mkdir()
    program = f"import hatchling.build as b; print(b.build_{what}({str(folder)!r}))"
    path = os.environ["PATH"] if node else str(folder)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PATH": path, "KMSMODEL_CONSOLE": console},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (ended.returncode == 0) is succeeds, ended.stderr
    name = ended.stdout.strip().splitlines()[-1] if succeeds else ""
    return folder / name, ended.stdout + ended.stderr


def wheel(artifact: Path) -> dict[str, str]:
    """The files of the page in a wheel."""
    with ZipFile(artifact) as zipped:
        return {
            name: zipped.read(name).decode()
            for name in zipped.namelist()
            if name.startswith("kmsmodel/console/static/")
        }


@with_node
def test_a_checkout_with_node_makes_a_wheel_with_the_page(project: Path) -> None:
    artifact, _ = made(project, "wheel", console="required")
    assert wheel(artifact) == {INDEX: PAGE}


@with_node
def test_a_source_distribution_carries_the_page_to_where_there_is_no_node(
    project: Path, tmp_path: Path
) -> None:
    artifact, _ = made(project, "sdist", console="required")
    with tarfile.open(artifact) as archive:
        assert any(name.endswith("console/package.json") for name in archive.getnames())
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    again, _ = made(unpacked, "wheel", node=False, console="required")
    assert wheel(again) == {INDEX: PAGE}


def test_a_checkout_without_node_makes_a_wheel_that_says_so(project: Path) -> None:
    artifact, printed = made(project, "wheel", node=False)
    assert wheel(artifact) == {ABSENT: "Node was not there when kmsmodel was built.\n"}
    assert "The console has no page." in printed
    made(project, "sdist", node=False)


def test_what_was_built_before_does_not_stand_beside_the_reason(project: Path) -> None:
    static = project / "src" / "kmsmodel" / "console" / "static"
    static.mkdir()
    (static / "index.html").write_text("old", "utf-8")
    artifact, _ = made(project, "wheel", node=False)
    assert set(wheel(artifact)) == {ABSENT}


def test_a_page_that_cannot_be_built_is_an_error_if_it_is_required(project: Path) -> None:
    _, printed = made(project, "wheel", node=False, console="required", succeeds=False)
    assert "CannotBuildError: Node was not there" in printed


@with_node
def test_a_build_that_fails_is_told(project: Path) -> None:
    (project / "console" / "build.js").write_text("throw new Error('no page today');", "utf-8")
    _, printed = made(project, "wheel", console="required", succeeds=False)
    assert "npm run build failed" in printed
    assert "no page today" in printed


def test_the_page_can_be_left_out(project: Path) -> None:
    artifact, _ = made(project, "wheel", console="skip")
    assert wheel(artifact) == {ABSENT: "kmsmodel was built with KMSMODEL_CONSOLE=skip.\n"}


def test_a_word_that_the_switch_does_not_know_is_an_error(project: Path) -> None:
    _, printed = made(project, "wheel", console="maybe", succeeds=False)
    assert "KMSMODEL_CONSOLE is required, skip or nothing, not 'maybe'" in printed


def test_an_editable_installation_builds_no_page(project: Path) -> None:
    artifact, _ = made(project, "editable", node=False, console="required")
    assert wheel(artifact) == {}
