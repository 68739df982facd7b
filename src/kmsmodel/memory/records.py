"""
The port of storage: records by their names, listed in the order of these names.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar, final

from attrs import field, frozen
from rpds import HashTrieMap

from kmsmodel.memory.names import Names

V = TypeVar("V")


class Records(Protocol[V]):
    """Records as a value: what changes them gives new records and leaves these as they are."""

    def get(self, name: str) -> V | None:
        """The record, or None."""
        ...

    def insert(self, name: str, value: V) -> Records[V]:
        """These records with one more, or with another value in the place of the former."""
        ...

    def remove(self, name: str) -> Records[V]:
        """These records without one, if it is there."""
        ...

    def page_after(self, name: str, limit: int) -> tuple[tuple[str, V], ...]:
        """
        The first records whose names come after this one, at most ``limit``, each with its name.

        The order is that of the characters' code points, capitals first. All names come after the empty one.
        """
        ...

    def __len__(self) -> int:
        """How many there are."""
        ...


@final
@frozen
class InMemoryRecords(Generic[V]):
    """Records in memory, on persistent maps: a change rewrites one path and shares the rest."""

    values: HashTrieMap[str, V] = HashTrieMap()
    names: Names = field(
        default=Names(), eq=False
    )  # told by the values; its shape, by how they came

    def get(self, name: str) -> V | None:
        return self.values.get(name)

    def insert(self, name: str, value: V) -> InMemoryRecords[V]:
        names = self.names if name in self.values else self.names.insert(name)
        return InMemoryRecords(self.values.insert(name, value), names)

    def remove(self, name: str) -> InMemoryRecords[V]:
        if name not in self.values:
            return self
        return InMemoryRecords(self.values.remove(name), self.names.remove(name))

    def page_after(self, name: str, limit: int) -> tuple[tuple[str, V], ...]:
        values = self.values
        return tuple((each, values[each]) for each in self.names.after(name, limit))

    def __len__(self) -> int:
        return len(self.values)
