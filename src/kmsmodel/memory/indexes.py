"""
The indexes across accounts: which KMS key a ciphertext names, where its relatives are, who may retire which grant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from attrs import evolve, frozen
from rpds import HashTrieMap

from kmsmodel.hsm.ciphertext import key_handle
from kmsmodel.key.key import Key
from kmsmodel.memory.records import InMemoryRecords
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.principal import without_path
from kmsmodel.words.arn import KeyArn, parse_key_arn


@final
@frozen
class Indexes:
    """
    What follows from the KMS keys of all accounts and from the grants on them.

    No empty entries are kept: after the last key is gone, they are equal to ``Indexes()``.
    """

    handles: HashTrieMap[str, HashTrieMap[bytes, str]] = HashTrieMap()
    """For each Region, the key ARN for each handle that ciphertexts name a KMS key by."""

    regions: HashTrieMap[tuple[str, str], tuple[str, ...]] = HashTrieMap()
    """The Regions in which a multi-Region key is, by its account and key id."""

    retirable: HashTrieMap[str, HashTrieMap[str, InMemoryRecords[str]]] = HashTrieMap()
    """
    For each Region and each retiring principal without its path, the key ARNs of the grants by their grant ids.
    """

    # ---- asked

    def key_arn(self, handle: bytes, region: str) -> KeyArn | None:
        """The ARN of the KMS key in a Region that ciphertexts call by this handle, unless there is none."""
        arn = self.handles.get(region, _NO_HANDLES).get(handle)
        return None if arn is None else parse_key_arn(arn)

    def regions_of(self, key: Key) -> tuple[str, ...]:
        """The Regions in which a multi-Region key and its relatives are; none for a single-Region key."""
        return self.regions.get(_name(key), ())

    def retirable_by(self, principal: str, region: str) -> InMemoryRecords[str]:
        """The key ARNs of the grants in a Region that this principal may retire, by their grant ids."""
        return self.retirable.get(region, _NONE_RETIRABLE).get(without_path(principal), _NO_GRANTS)

    # ---- keys

    def with_key(self, key: Key) -> Indexes:
        """The same with one more key."""
        region, handles, regions = key.key_arn.region, self.handles, self.regions
        of_region = handles.get(region, _NO_HANDLES).insert(key_handle(key.arn), key.arn)
        if key.lifecycle.multi_region_key_type is not None:
            regions = regions.insert(_name(key), tuple(sorted({*self.regions_of(key), region})))
        return evolve(self, handles=handles.insert(region, of_region), regions=regions)

    def without_key(self, key: Key, grants: Iterable[Grant]) -> Indexes:
        """The same without one of the keys, and without the grants on it."""
        rest = self
        for grant in grants:
            rest = rest.without_grant(key, grant)
        return evolve(rest, handles=self._without_handle(key), regions=self._without_region(key))

    def _without_handle(self, key: Key) -> HashTrieMap[str, HashTrieMap[bytes, str]]:
        region, handle = key.key_arn.region, key_handle(key.arn)
        of_region = self.handles.get(region, _NO_HANDLES)
        # Two keys of one handle are as unlikely as they are possible: the later one has it.
        if of_region.get(handle) != key.arn:
            return self.handles
        left = of_region.remove(handle)
        return self.handles.insert(region, left) if left else self.handles.remove(region)

    def _without_region(self, key: Key) -> HashTrieMap[tuple[str, str], tuple[str, ...]]:
        of = self.regions_of(key)
        left = tuple(region for region in of if region != key.key_arn.region)
        if left == of:
            return self.regions
        return self.regions.insert(_name(key), left) if left else self.regions.remove(_name(key))

    # ---- grants

    def with_grant(self, key: Key, grant: Grant) -> Indexes:
        """The same with one more grant on a key."""
        if grant.retiring is None:
            return self
        grants = self.retirable_by(grant.retiring, key.key_arn.region)
        return self._with_retirable(key, grant.retiring, grants.insert(grant.grant_id, key.arn))

    def without_grant(self, key: Key, grant: Grant) -> Indexes:
        """The same without one of the grants on a key."""
        if grant.retiring is None:
            return self
        grants = self.retirable_by(grant.retiring, key.key_arn.region)
        return self._with_retirable(key, grant.retiring, grants.remove(grant.grant_id))

    def _with_retirable(self, key: Key, principal: str, grants: InMemoryRecords[str]) -> Indexes:
        region, retiring = key.key_arn.region, without_path(principal)
        of_region = self.retirable.get(region, _NONE_RETIRABLE)
        left = of_region.insert(retiring, grants) if grants.values else of_region.remove(retiring)
        retirable = self.retirable.insert(region, left) if left else self.retirable.remove(region)
        return evolve(self, retirable=retirable)


_NO_HANDLES: HashTrieMap[bytes, str] = HashTrieMap()
_NO_GRANTS: InMemoryRecords[str] = InMemoryRecords()
_NONE_RETIRABLE: HashTrieMap[str, InMemoryRecords[str]] = HashTrieMap()


def _name(key: Key) -> tuple[str, str]:
    """What a multi-Region key and its relatives are called by: their account and their key id."""
    return key.key_arn.account, key.key_arn.key_id
