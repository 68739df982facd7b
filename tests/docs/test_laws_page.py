"""
The list of the laws in the docs is what the tests say.
"""

from __future__ import annotations

from tests.laws.__main__ import PAGE, page


def test_the_docs_list_the_laws_as_the_tests_say_them() -> None:
    """``python -m tests.laws`` writes the page anew."""
    assert PAGE.read_text(encoding="utf-8") == page()
