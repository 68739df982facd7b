"""
Names in their order, as a value.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TypeAlias, final

from attrs import frozen

_MOST = 32
_LEAST = 8


@final
@frozen
class Names:
    """
    A B-tree of names, ordered by their characters' code points. A change copies one path and shares the rest.

    Each node but the first has 8 to 32 names. Only leaves have no children; the names of the others are the first names
    of their children.
    """

    names: tuple[str, ...] = ()
    children: tuple[Names, ...] = ()

    def insert(self, name: str) -> Names:
        """These names and one more, which was not among them."""
        nodes = self._with(name)
        return nodes[0] if len(nodes) == 1 else Names(_first_names(nodes), nodes)

    def remove(self, name: str) -> Names:
        """These names without one, which was among them."""
        left = self._without(name)
        return left.children[0] if len(left.children) == 1 else left

    def after(self, name: str, limit: int) -> tuple[str, ...]:
        """The first names after this one, at most ``limit``. All names are after the empty one."""
        at = bisect_right(self.names, name)
        if not self.children:
            return self.names[at : at + limit]
        found: tuple[str, ...] = ()
        for child in self.children[max(at - 1, 0) :]:
            found += child.after(name, limit - len(found))
            if len(found) == limit:
                break
        return found

    def _with(self, name: str) -> _OneOrTwo:
        at = bisect_right(self.names, name)
        if not self.children:
            return _halved(Names((*self.names[:at], name, *self.names[at:])))
        at = max(at - 1, 0)
        return _halved(self._replaced(at, at + 1, self.children[at]._with(name)))

    def _without(self, name: str) -> Names:
        if not self.children:
            at = bisect_left(self.names, name)
            return Names(self.names[:at] + self.names[at + 1 :])
        at = bisect_right(self.names, name) - 1
        child = self.children[at]._without(name)
        if len(child.names) >= _LEAST:
            return self._replaced(at, at + 1, (child,))
        # Too small a child joins the one before it; the first joins the one after it.
        start = max(at - 1, 0)
        one, other = (self.children[start], child) if at else (child, self.children[1])
        joined = Names(one.names + other.names, one.children + other.children)
        return self._replaced(start, start + 2, _halved(joined))

    def _replaced(self, start: int, stop: int, nodes: _OneOrTwo) -> Names:
        """With these nodes in the place of some children."""
        return Names(
            self.names[:start] + _first_names(nodes) + self.names[stop:],
            self.children[:start] + nodes + self.children[stop:],
        )


_OneOrTwo: TypeAlias = tuple[Names] | tuple[Names, Names]


def _first_names(nodes: _OneOrTwo) -> tuple[str, ...]:
    return tuple(node.names[0] for node in nodes)


def _halved(node: Names) -> _OneOrTwo:
    """The node, or its halves if it has too many names."""
    size = len(node.names)
    if size <= _MOST:
        return (node,)
    middle = size // 2
    return (
        Names(node.names[:middle], node.children[:middle]),
        Names(node.names[middle:], node.children[middle:]),
    )
