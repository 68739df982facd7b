"""
The port for storage: records by their id, listed in the order of their creation.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar, final

from attrs import evolve, frozen
from rpds import HashTrieMap

K = TypeVar("K")
K_contra = TypeVar("K_contra", contravariant=True)
V = TypeVar("V")


class Records(Protocol[K_contra, V]):
    """Records as a value: methods that change them return new records and leave these as they are."""

    def get(self, key: K_contra) -> V | None:
        """The record, or None."""
        ...

    def position(self, key: K_contra) -> int | None:
        """The position of a record in the order of creation, or None."""
        ...

    def insert(self, key: K_contra, value: V) -> Records[K_contra, V]:
        """These records with one more, or with a new value in the position of the former one."""
        ...

    def remove(self, key: K_contra) -> Records[K_contra, V]:
        """These records without the one with this key, if there is one."""
        ...

    def page_after(self, position: int, limit: int) -> tuple[tuple[int, V], ...]:
        """At most ``limit`` records created after ``position`` (0 is before all), each with its own position."""
        ...


@final
@frozen
class InMemoryRecords(Generic[K, V]):
    """Records in memory, on persistent maps: a change rewrites one path and shares the rest."""

    births: HashTrieMap[K, int] = HashTrieMap()
    values: HashTrieMap[int, V] = HashTrieMap()
    last_birth: int = 0

    def get(self, key: K) -> V | None:
        birth = self.births.get(key)
        return None if birth is None else self.values[birth]

    def position(self, key: K) -> int | None:
        return self.births.get(key)

    def insert(self, key: K, value: V) -> InMemoryRecords[K, V]:
        birth = self.births.get(key)
        if birth is not None:
            return evolve(self, values=self.values.insert(birth, value))
        birth = self.last_birth + 1
        return InMemoryRecords(
            self.births.insert(key, birth), self.values.insert(birth, value), birth
        )

    def remove(self, key: K) -> InMemoryRecords[K, V]:
        birth = self.births.get(key)
        if birth is None:
            return self
        return evolve(self, births=self.births.remove(key), values=self.values.remove(birth))

    def page_after(self, position: int, limit: int) -> tuple[tuple[int, V], ...]:
        page: list[tuple[int, V]] = []
        for birth in range(position + 1, self.last_birth + 1):
            value = self.values.get(birth)
            if value is not None:
                page.append((birth, value))
                if len(page) == limit:
                    break
        return tuple(page)
