"""
Tables of text, whose cells go on in the next line rather than beyond the width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

WIDTH = 100
_BETWEEN = 2


def lines(rows: Sequence[Sequence[str]], width: int = WIDTH) -> Iterator[tuple[int, str]]:
    """The lines of a table, each with the number of its row, from 0; a column without any text is left out."""
    words = [[cell.split() for cell in row] for row in rows]
    kept = [column for column in zip(*words, strict=True) if any(column)]
    wrapped = [
        [list(_wrapped(cell, size)) for cell in column]
        for column, size in zip(kept, _widths(kept, width), strict=True)
    ]
    widths = [max(len(line) for cell in column for line in cell) for column in wrapped]
    for number, cells in enumerate(zip(*wrapped, strict=True)):
        for parts in zip_longest(*cells, fillvalue=""):
            padded = (part.ljust(size) for part, size in zip(parts, widths, strict=True))
            yield number, (" " * _BETWEEN).join(padded).rstrip()


def _widths(columns: Sequence[Sequence[Sequence[str]]], width: int) -> list[int]:
    """The widths of the columns: those give way first that can without a word that is broken, then the widest."""
    widths = [max(len(" ".join(cell)) for cell in column) for column in columns]
    longest = [max(len(word) for cell in column for word in cell) for column in columns]
    left = max(width - _BETWEEN * (len(widths) - 1), len(widths))
    while sum(widths) > left:
        spare = [size - least for size, least in zip(widths, longest, strict=True)]
        by = spare if max(spare) > 0 else widths
        widths[by.index(max(by))] -= 1
    return widths


def _wrapped(words: Sequence[str], size: int) -> Iterator[str]:
    """The lines of a cell. A word that is too long is broken behind a colon or a slash, if it has one in time."""
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > size:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
        while len(line) > size:
            cut = max(line.rfind(each, 0, size) for each in ":/") + 1 or size
            yield line[:cut]
            line = line[cut:]
    if line:
        yield line
