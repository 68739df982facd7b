"""
How a command is used: the examples at the end of its help.
"""

from __future__ import annotations


def examples(*lines: str) -> str:
    """An epilog in which click keeps each line as it is; commands are indented by two spaces."""
    return "\n".join(("\b", "Example:" if len(lines) == 1 else "Examples:", *lines))
