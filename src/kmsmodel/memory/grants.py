"""
The grants on one KMS key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, final

from attrs import field, frozen
from rpds import HashTrieMap

from kmsmodel.memory.records import InMemoryRecords
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.principal import Principal, without_path

_Index: TypeAlias = "HashTrieMap[str, InMemoryRecords[Grant]]"
"""Grants by something that several of them can have; nothing is there that none of them has."""


@final
@frozen
class Grants:
    """The grants on a KMS key as a value, in the order of their grant ids, with indexes that follow from them."""

    by_id: InMemoryRecords[Grant] = InMemoryRecords()
    by_grantee: HashTrieMap[str, InMemoryRecords[Grant]] = field(
        default=HashTrieMap(), eq=False, repr=False
    )
    by_name: HashTrieMap[str, InMemoryRecords[Grant]] = field(
        default=HashTrieMap(), eq=False, repr=False
    )

    def __len__(self) -> int:
        return len(self.by_id.values)

    def __iter__(self) -> Iterator[Grant]:
        return iter(self.by_id.values.values())

    def get(self, grant_id: str) -> Grant | None:
        """The grant with this grant id, or None."""
        return self.by_id.get(grant_id)

    def insert(self, grant: Grant) -> Grants:
        """These grants and one more, whose grant id none of them has."""
        return Grants(
            self.by_id.insert(grant.grant_id, grant),
            _with(self.by_grantee, without_path(grant.grantee), grant),
            _with(self.by_name, grant.name, grant),
        )

    def remove(self, grant: Grant) -> Grants:
        """These grants without one of them."""
        return Grants(
            self.by_id.remove(grant.grant_id),
            _without(self.by_grantee, without_path(grant.grantee), grant),
            _without(self.by_name, grant.name, grant),
        )

    def after(
        self, grant_id: str, limit: int, *, grantee: str | None = None
    ) -> tuple[tuple[str, Grant], ...]:
        """The first grants whose grant ids come after this one, at most ``limit``, of all or of one grantee."""
        of = (
            self.by_id
            if grantee is None
            else self.by_grantee.get(without_path(grantee), _NO_GRANTS)
        )
        return of.page_after(grant_id, limit)

    def named(self, name: str) -> Iterator[Grant]:
        """The grants with this name."""
        return iter(self.by_name.get(name, _NO_GRANTS).values.values())

    def to(self, principal: Principal) -> Iterator[Grant]:
        """The grants whose grantee is this principal or its account, by any name, in no order."""
        for named in {*principal.names, principal.account_arn or principal.arn}:
            yield from self.by_grantee.get(named, _NO_GRANTS).values.values()


_NO_GRANTS: InMemoryRecords[Grant] = InMemoryRecords()


def _with(index: _Index, by: str | None, grant: Grant) -> _Index:
    if by is None:
        return index
    return index.insert(by, index.get(by, _NO_GRANTS).insert(grant.grant_id, grant))


def _without(index: _Index, by: str | None, grant: Grant) -> _Index:
    if by is None:
        return index
    left = index[by].remove(grant.grant_id)
    return index.insert(by, left) if left.values else index.remove(by)
