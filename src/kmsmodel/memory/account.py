"""
What AWS KMS remembers for one account in one Region.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, final

from attrs import Factory, evolve, frozen

from kmsmodel.key.key import Key
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.custom_key_store import CustomKeyStore
from kmsmodel.memory.grants import Grants
from kmsmodel.memory.records import InMemoryRecords, Records

V = TypeVar("V")

_PAGE = 1000


@final
@frozen
class AccountInRegion:
    """What AWS KMS remembers for one account in one Region."""

    keys: Records[Key] = InMemoryRecords()
    aliases: Records[Alias] = InMemoryRecords()
    grants: Records[Grants] = InMemoryRecords()
    """The grants on each key that has any, by its key id."""
    custom_key_stores: Records[CustomKeyStore] = InMemoryRecords()
    shared: Records[str] = InMemoryRecords()
    """The ARNs of keys of other accounts that are shared with this one; they follow from these keys."""

    def _stored_keys(self) -> Records[str]:
        """The index of keys that were given. It visits every key."""
        stored: Records[str] = InMemoryRecords()
        for key in every(self.keys):
            stored = _with_stored_key(stored, key)
        return stored

    stored_keys: Records[str] = Factory(_stored_keys, takes_self=True)
    """The ids of keys in custom key stores, by their store and place in it; they follow from the keys."""

    # ---- keys

    def with_key(self, key: Key) -> AccountInRegion:
        """The same with this key, in place of any with its id."""
        return evolve(
            self,
            keys=self.keys.insert(key.key_arn.key_id, key),
            stored_keys=_with_stored_key(self.stored_keys, key),
        )

    def without_key(self, key: Key) -> AccountInRegion:
        """The same without this key, its aliases and the grants on it."""
        key_id = key.key_arn.key_id
        aliases, stored = self.aliases, self.stored_keys
        for alias_name in key.alias_names:
            aliases = aliases.remove(alias_name)
        if key.custom_key_store_id is not None:
            stored = stored.remove(_place(key.custom_key_store_id, key.xks_key_id or key_id))
        return evolve(
            self,
            keys=self.keys.remove(key_id),
            aliases=aliases,
            grants=self.grants.remove(key_id),
            stored_keys=stored,
        )

    def without_alias_name(self, alias_name: str) -> AccountInRegion:
        """The same without this alias name at its KMS key."""
        alias = self.aliases.get(alias_name)
        key = None if alias is None else self.keys.get(alias.target_key_id)
        if alias is None or key is None:
            return self
        names = tuple(each for each in key.alias_names if each != alias_name)
        return self.with_key(evolve(key, alias_names=names))

    # ---- custom key stores

    def custom_key_store_of(self, key: Key) -> CustomKeyStore | None:
        """The custom key store that a key is in, or None."""
        store = key.custom_key_store_id
        return None if store is None else self.custom_key_stores.get(store)

    def keys_in_store(self, custom_key_store_id: str) -> Iterator[Key]:
        """The keys that are remembered in a custom key store."""
        place = before = _place(custom_key_store_id, "")
        while page := self.stored_keys.page_after(place, _PAGE):
            for place, key_id in page:
                if not place.startswith(before):
                    return
                key = self.keys.get(key_id)
                if key is not None:
                    yield key

    def key_with_external_key(self, custom_key_store_id: str, xks_key_id: str) -> Key | None:
        """The key in an external key store that is remembered with this external key, or None."""
        key_id = self.stored_keys.get(_place(custom_key_store_id, xks_key_id))
        return None if key_id is None else self.keys.get(key_id)

    def with_custom_key_store(self, store: CustomKeyStore) -> AccountInRegion:
        """The same with this custom key store, in place of any with its id."""
        stores = self.custom_key_stores.insert(store.custom_key_store_id, store)
        return evolve(self, custom_key_stores=stores)

    def without_custom_key_store(self, store: CustomKeyStore) -> AccountInRegion:
        """The same without this custom key store."""
        stores = self.custom_key_stores.remove(store.custom_key_store_id)
        return evolve(self, custom_key_stores=stores)


def every(records: Records[V]) -> Iterator[V]:
    """Each record, in the order of their names."""
    name = ""
    while page := records.page_after(name, _PAGE):
        yield from (value for _, value in page)
        name = page[-1][0]


def _place(custom_key_store_id: str, key: str) -> str:
    """A key's place in its store: there, an external key belongs to one KMS key only."""
    return f"{custom_key_store_id}/{key}"


def _with_stored_key(stored: Records[str], key: Key) -> Records[str]:
    if key.custom_key_store_id is None:
        return stored
    key_id = key.key_arn.key_id
    place = _place(key.custom_key_store_id, key.xks_key_id or key_id)
    return stored if stored.get(place) == key_id else stored.insert(place, key_id)
