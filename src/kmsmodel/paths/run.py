"""
Running the program of a path.
"""

from __future__ import annotations

from kmsmodel.errors import KmsError
from kmsmodel.paths.program import program
from kmsmodel.paths.requests import NoProgramError
from kmsmodel.policy.proofs.leading import Path


def run(path: Path) -> tuple[str, str | None]:
    """The program of a path, after it has run; and why it does not run, if it does not."""
    try:
        written = program(path)
    except NoProgramError as error:
        return "", f"no program has {error}"
    try:
        # It holds nothing but what was written here; names and texts of policies stand in it as literals.
        exec(compile(written, "<path>", "exec"), {"print": _silent})  # noqa: S102
    except (KmsError, AssertionError, ValueError) as error:
        return written, f"{type(error).__name__}: {error}"
    return written, None


def _silent(*_: object) -> None:
    """Prints nothing: it is the reader of a program who wants to see what it shows."""
