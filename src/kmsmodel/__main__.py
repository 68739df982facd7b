"""
``kmsmodel`` and ``python -m kmsmodel``: the command line, or which extra it needs.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; it ends the process with its exit status."""
    try:
        from kmsmodel.cli import commands  # noqa: PLC0415 - what it needs may not be installed
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"click", "rich"}:
            raise
        sys.exit(
            "Error: the command line needs an extra: pip install '.[cli]' in a clone of kmsmodel"
        )
    commands(prog_name="kmsmodel")


if __name__ == "__main__":
    main()
