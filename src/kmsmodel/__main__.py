"""
``kmsmodel`` and ``python -m kmsmodel``: run the command line, or say which extra it needs.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, and end the process with its exit status."""
    try:
        from kmsmodel.cli import commands  # noqa: PLC0415 - its extra may not be installed
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"click", "rich"}:
            raise
        sys.exit(
            "Error: the command line needs an extra: pip install '.[cli]' in a clone of kmsmodel"
        )
    commands(prog_name="kmsmodel")


if __name__ == "__main__":
    main()
