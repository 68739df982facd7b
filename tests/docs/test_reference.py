"""
The list of modules of `docs/reference.md`, for who reads it as a text.
"""

from __future__ import annotations

from tests.docs.reference import PAGE, expected, listed


def test_the_reference_lists_its_modules_as_their_docstrings_say() -> None:
    """After a change, ``python -m tests.docs.reference`` writes it anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert listed(page) == expected(page)
