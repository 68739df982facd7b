"""
The build hook: the page of the console is built by Node, and goes into the wheel and the source distribution.

A checkout without Node can be installed, too; the console then says why its page is absent. ``KMSMODEL_CONSOLE`` in the
environment changes that: ``required`` fails where the page cannot be built, and ``skip`` does not try.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SWITCH = "KMSMODEL_CONSOLE"
STATIC = Path("src/kmsmodel/console/static")
ABSENT = "absent.txt"
COMMANDS = (("ci", "--ignore-scripts", "--no-audit", "--no-fund"), ("run", "build"))
_LONGEST = 2000
"""Characters of what a failing command has said."""


@final
class CannotBuildError(Exception):
    """Why the page cannot be built, as a sentence."""


def build(root: Path, *, skip: bool = False) -> None:
    """Build the page from the sources in ``console/``. Raises CannotBuildError."""
    console = root / "console"
    if skip:
        raise CannotBuildError(f"kmsmodel was built with {SWITCH}=skip.")
    if not (console / "package.json").is_file():
        raise CannotBuildError("The sources of its page were not there when kmsmodel was built.")
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise CannotBuildError("Node was not there when kmsmodel was built.")
    for command in COMMANDS:
        ended = subprocess.run(
            [npm, *command], cwd=console, check=False, capture_output=True, text=True
        )
        if ended.returncode:
            said = (ended.stderr or ended.stdout).strip()[-_LONGEST:]
            raise CannotBuildError(
                f"npm {' '.join(command)} failed when kmsmodel was built: {said}"
            )
    if not (root / STATIC / "index.html").is_file():
        raise CannotBuildError("The build of its page left no index.html.")


def is_built_already(root: Path) -> bool:
    """Is this an unpacked source distribution, which carries the page?"""
    return (root / "PKG-INFO").is_file() and (root / STATIC / "index.html").is_file()


@final
class ConsoleBuildHook(BuildHookInterface[Any]):
    """Builds the page before a wheel or a source distribution is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, or say in its place why there is none. An editable installation is left as it is."""
        root, wanted = Path(self.root), os.environ.get(SWITCH, "")
        if wanted not in {"", "required", "skip"}:
            raise ValueError(f"{SWITCH} is required, skip or nothing, not {wanted!r}")
        if version == "editable" or is_built_already(root):
            return
        try:
            build(root, skip=wanted == "skip")
        except CannotBuildError as error:
            if wanted == "required":
                raise
            self.app.display_warning(f"The console has no page. {error}")
            if self.target_name == "wheel":
                self._say(str(error), build_data)

    def _say(self, why: str, build_data: dict[str, Any]) -> None:
        """Put the reason into the package, and nothing that was built before."""
        shutil.rmtree(Path(self.root) / STATIC, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix="kmsmodel-console-"))
        (folder / ABSENT).write_text(f"{why}\n", encoding="utf-8")
        build_data["force_include"][str(folder / ABSENT)] = f"kmsmodel/console/static/{ABSENT}"
        self._folder = folder

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was only made for the package."""
        folder = getattr(self, "_folder", None)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Build the page, for ``make console``."""
    try:
        build(Path(__file__).parent)
    except CannotBuildError as error:
        sys.exit(f"The console cannot be built. {error}")


if __name__ == "__main__":
    main()
