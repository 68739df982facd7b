"""
What AWS KMS remembers, as a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import final

from attrs import Factory, evolve, frozen
from rpds import HashTrieMap

from kmsmodel.key.event import Event, key_events, next_event_at
from kmsmodel.key.key import Key
from kmsmodel.key.key_metadata import KeyMetadata, key_metadata
from kmsmodel.key.last_usage import Usage, after, last_told
from kmsmodel.key.relatives import Relatives
from kmsmodel.key.share import Share
from kmsmodel.memory.account import AccountInRegion, every
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.custom_key_store import CustomKeyStore
from kmsmodel.memory.grants import Grants
from kmsmodel.memory.indexes import Indexes
from kmsmodel.policy.grant import Grant
from kmsmodel.words.arguments import expect
from kmsmodel.words.arn import AliasArn, KeyArn, key_arn, parse_key_arn
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import KeyManagerType, KeyState, MultiRegionKeyType

_SEVERAL = 2


@final
@frozen
class Kms:
    """
    The state of AWS KMS, in all accounts and Regions. ``Kms()`` has no keys.

    Methods that change it return a new value, and leave this one as it is.
    """

    accounts: HashTrieMap[tuple[str, str], AccountInRegion] = HashTrieMap()

    def _indexes(self) -> Indexes:
        """The indexes of what was given. They visit every key and every grant."""
        indexes = Indexes()
        for key in self._all_keys():
            indexes = indexes.with_key(key)
            for grant in self.grants_of(key):
                indexes = indexes.with_grant(key, grant)
        return indexes

    indexes: Indexes = Factory(_indexes, takes_self=True)
    """What is asked across accounts; it follows from `accounts`."""

    last_usages: HashTrieMap[str, tuple[Usage, ...]] = HashTrieMap()
    """The last usages of each KMS key that was used, by its key ARN."""

    def key(self, name: KeyArn | str, now: datetime) -> Key | None:
        """
        The KMS key with this ARN as it is at ``now``, or None if there is none or its waiting period is over.

        Raises TypeError for another type, ValueError for a datetime without a time zone.
        """
        if type(name) is not KeyArn:
            expect("name", name, str, KeyArn)
            parsed = key_arn(name)
            if parsed is None:
                return None
            name = parsed
        of = self.accounts.get((name.account, name.region))
        key = None if of is None else of.keys.get(name.key_id)
        if key is None:
            return None
        if type(now) is not datetime or now.tzinfo is not UTC:
            now = in_utc(now)
        life = key.lifecycle
        if life.multi_region_key_type is None and now < life.calm_until:
            return key
        return self._at(key, now)

    def _at(self, key: Key, now: datetime) -> Key | None:
        """A key that is remembered as it is at ``now``, or None if its waiting period is over."""
        related = self._related(key)
        if all(now < each.lifecycle.calm_until for each in related or (key,)):
            return key
        found = Relatives.of(related).at(now).get(key.key_arn.region) if related else key.at(now)
        return None if found is None or found.lifecycle.is_deleted(now) else found

    def relatives(self, key: Key, now: datetime) -> Relatives | None:
        """One of its multi-Region keys together with its relatives at ``now``; None for a single-Region key."""
        if key.lifecycle.multi_region_key_type is None:
            return None
        return Relatives.of(self._related(key) or (key,)).at(in_utc(now))

    def has_replicas(self, key: Key, now: datetime) -> bool:
        """Is one of its keys a multi-Region primary key with replica keys?"""
        relatives = self.relatives(key, now)
        return (
            relatives is not None and bool(relatives.replicas) and relatives.primary.arn == key.arn
        )

    def _related(self, key: Key) -> tuple[Key, ...]:
        """A multi-Region key and its relatives as they are remembered, or nothing if it has none."""
        if key.lifecycle.multi_region_key_type is None:
            return ()
        regions = self.indexes.regions_of(key)
        if len(regions) < _SEVERAL:
            return ()
        account, key_id = key.key_arn.account, key.key_arn.key_id
        found = (self.account_in_region(account, region).keys.get(key_id) for region in regions)
        return tuple(each for each in found if each is not None)

    def keys(self, now: datetime) -> Iterator[Key]:
        """Each KMS key of every account as it is at ``now``, in the order of accounts, Regions and key ids."""
        now = in_utc(now)
        for of in self._in_order():
            for key in every(of.keys):
                there = self._at(key, now)
                if there is not None:
                    yield there

    def key_arn(self, handle: bytes, region: str) -> KeyArn | None:
        """The ARN of the KMS key in a Region that ciphertexts call by this handle, unless there is none."""
        return self.indexes.key_arn(handle, region)

    def keys_after(
        self, account: str, region: str, key_id: str, limit: int, now: datetime
    ) -> tuple[tuple[str, Key], ...]:
        """The first keys whose key ids come after this one, at most ``limit``, each with its key id."""
        keys, now = self.account_in_region(account, region).keys, in_utc(now)
        found: list[tuple[str, Key]] = []
        while len(found) < limit and (page := keys.page_after(key_id, limit - len(found))):
            there = ((id_, self._at(key, now)) for id_, key in page)
            found += ((id_, key) for id_, key in there if key is not None)
            key_id = page[-1][0]
        return tuple(found)

    def number_of_customer_managed_keys(self, account: str, region: str, now: datetime) -> int:
        """How many customer managed keys an account has in a Region, in any key state. It visits each of its keys."""
        remembered, now = every(self.account_in_region(account, region).keys), in_utc(now)
        customers = (each for each in remembered if each.key_manager is KeyManagerType.CUSTOMER)
        return sum(self._at(each, now) is not None for each in customers)

    def key_state(self, key: Key, now: datetime) -> KeyState:
        """The key state of one of its keys."""
        store = None if key.custom_key_store_id is None else self.custom_key_store_of(key)
        connected = store is None or store.is_connected(now)
        return key.lifecycle.key_state(now, connected=connected)

    def key_metadata(self, key: Key, now: datetime) -> KeyMetadata:
        """What AWS KMS says about one of its keys."""
        store = self.custom_key_store_of(key)
        cluster = None if store is None else store.cluster
        return key_metadata(
            key,
            self.key_state(key, now),
            now,
            self.relatives(key, now),
            None if cluster is None else cluster.cluster_id,
        )

    def custom_key_store_of(self, key: Key) -> CustomKeyStore | None:
        """The custom key store that one of its keys is in, or None."""
        name = key.key_arn
        return self.account_in_region(name.account, name.region).custom_key_store_of(key)

    def keys_in_store(
        self, account: str, region: str, custom_key_store_id: str, now: datetime
    ) -> Iterator[Key]:
        """The KMS keys in a custom key store as they are at ``now``."""
        remembered = self.account_in_region(account, region).keys_in_store(custom_key_store_id)
        there = (self._at(key, in_utc(now)) for key in remembered)
        return (key for key in there if key is not None)

    def with_custom_key_store(self, account: str, region: str, store: CustomKeyStore) -> Kms:
        """The state with this custom key store, in place of any with its id."""
        of = self.account_in_region(account, region).with_custom_key_store(store)
        return self._with(account, region, of)

    def without_custom_key_store(self, account: str, region: str, store: CustomKeyStore) -> Kms:
        """The state without this custom key store and the keys that were in it, which are deleted."""
        kms = self
        for key in self.account_in_region(account, region).keys_in_store(store.custom_key_store_id):
            kms = kms.without_key(key)
        of = kms.account_in_region(account, region).without_custom_key_store(store)
        return kms._with(account, region, of)

    def last_usage(self, key: Key, now: datetime) -> Usage | None:
        """The last usage of one of its keys that is told at ``now``, or None if there is none."""
        return last_told(self.last_usages.get(key.arn, ()), now)

    def with_usage(self, key: Key, usage: Usage) -> Kms:
        """The state after one more usage of one of its keys."""
        is_told = usage.told_from <= usage.timestamp
        usages = (usage,) if is_told else after(self.last_usages.get(key.arn, ()), usage)
        of_keys = self.last_usages.insert(key.arn, usages)
        return Kms(self.accounts, self.indexes, of_keys)

    def alias(self, name: AliasArn, now: datetime) -> Alias | None:
        """The alias with this ARN, or None if there is none or its key is deleted."""
        found = self.alias_and_key(name, now)
        return None if found is None else found[0]

    def alias_and_key(self, name: AliasArn, now: datetime) -> tuple[Alias, Key] | None:
        """The alias with this ARN and its KMS key, or None if there is no alias or its key is deleted."""
        alias = self.account_in_region(name.account, name.region).aliases.get(name.alias_name)
        if alias is None:
            return None
        key = self.key(KeyArn(name.account, name.region, alias.target_key_id), now)
        return None if key is None else (alias, key)

    def aliases_after(
        self, account: str, region: str, alias_name: str, limit: int, now: datetime
    ) -> tuple[tuple[str, Alias], ...]:
        """The first aliases whose names come after this one, at most ``limit``, each with its name."""
        of, now = self.account_in_region(account, region), in_utc(now)
        found: list[tuple[str, Alias]] = []
        while len(found) < limit and (
            page := of.aliases.page_after(alias_name, limit - len(found))
        ):
            for each in page:
                key = of.keys.get(each[1].target_key_id)
                if key is not None and self._at(key, now) is not None:
                    found.append(each)
            alias_name = page[-1][0]
        return tuple(found)

    def aliases_of(self, key: Key) -> tuple[Alias, ...]:
        """The aliases of one of its keys, in the order of their names."""
        aliases = self.account_in_region(key.key_arn.account, key.key_arn.region).aliases
        found = map(aliases.get, sorted(key.alias_names))
        return tuple(alias for alias in found if alias is not None)

    def with_alias(self, name: AliasArn, alias: Alias) -> Kms:
        """The state with this alias, replacing any with its name. Raises KeyError if its target key is missing."""
        of = self.account_in_region(name.account, name.region)
        of = of.without_alias_name(alias.alias_name)
        key = of.keys.get(alias.target_key_id)
        if key is None:
            raise KeyError(alias.target_key_id)
        key = evolve(key, alias_names=(*key.alias_names, alias.alias_name))
        of = evolve(of.with_key(key), aliases=of.aliases.insert(alias.alias_name, alias))
        return self._with_account(name, of)

    def without_alias(self, name: AliasArn) -> Kms:
        """The state without this alias."""
        of = self.account_in_region(name.account, name.region).without_alias_name(name.alias_name)
        return self._with_account(name, evolve(of, aliases=of.aliases.remove(name.alias_name)))

    def grants_of(self, key: Key) -> Grants:
        """The grants on one of its keys."""
        name = key.key_arn
        grants = self.account_in_region(name.account, name.region).grants
        return grants.get(name.key_id) or _NO_GRANTS

    def with_grant(self, key: Key, grant: Grant) -> Kms:
        """The state with one more grant on one of its keys."""
        grants = self.grants_of(key).insert(grant)
        return self._with_grants(key, grants, self.indexes.with_grant(key, grant))

    def without_grant(self, key: Key, grant: Grant) -> Kms:
        """The state without this grant on one of its keys."""
        grants = self.grants_of(key).remove(grant)
        return self._with_grants(key, grants, self.indexes.without_grant(key, grant))

    def retirable_after(
        self, principal: str, region: str, grant_id: str, limit: int, now: datetime
    ) -> tuple[tuple[str, tuple[Key, Grant]], ...]:
        """
        The first grants in a Region that this retiring principal may retire, on keys of any account.

        Their grant ids come after ``grant_id``, and there are at most ``limit``, each with its grant id and its key.
        """
        of = self.indexes.retirable_by(principal, region)
        found: list[tuple[str, tuple[Key, Grant]]] = []
        while len(found) < limit and (page := of.page_after(grant_id, limit - len(found))):
            for each, arn in page:
                key = self.key(parse_key_arn(arn), now)
                grant = None if key is None else self.grants_of(key).get(each)
                if key is not None and grant is not None:
                    found.append((each, (key, grant)))
            grant_id = page[-1][0]
        return tuple(found)

    def with_key(self, key: Key) -> Kms:
        """
        The state with this key, in place of any with the same ARN.

        The replica keys of a multi-Region primary key get what they share with it.
        """
        kms = self._put(key)
        if key.lifecycle.multi_region_key_type is not MultiRegionKeyType.PRIMARY:
            return kms
        related = kms._related(key)
        for replica in Relatives.of(related).replicas if related else ():
            synchronized = replica.synchronized_with(key)
            if synchronized is not replica:
                kms = kms._put(synchronized)
        return kms

    def with_relatives(self, relatives: Relatives) -> Kms:
        """The state with these multi-Region keys; a relative that is not among them is deleted, and forgotten."""
        kms, name = self, relatives.primary.key_arn
        for region in self.indexes.regions_of(relatives.primary):
            gone = self.account_in_region(name.account, region).keys.get(name.key_id)
            if gone is not None and relatives.get(region) is None:
                kms = kms.without_key(gone)
        for key in relatives:
            kms = kms._put(key)
        return kms

    def with_shares(self, key: Key, shares: tuple[Share, ...]) -> Kms:
        """The state in which one of its keys is shared with these accounts, and with no others."""
        kms = self._put(evolve(key, shares=shares))
        before, after = ({each.account for each in those} for those in (key.shares, shares))
        for account in before - after:
            kms = kms._with_shared(account, key, is_shared=False)
        for account in after - before:
            kms = kms._with_shared(account, key, is_shared=True)
        return kms

    def _with_shared(self, account: str, key: Key, *, is_shared: bool) -> Kms:
        name = KeyArn(account, key.key_arn.region, key.key_arn.key_id)
        of = self.account_in_region(account, name.region)
        shared = of.shared.insert(key.arn, key.arn) if is_shared else of.shared.remove(key.arn)
        return self._with_account(name, evolve(of, shared=shared))

    def shared_after(
        self, account: str, region: str, arn: str, limit: int, now: datetime
    ) -> tuple[tuple[str, Key], ...]:
        """The first keys that are shared with an account and whose ARNs come after this one, each with its ARN."""
        shared, now = self.account_in_region(account, region).shared, in_utc(now)
        found: list[tuple[str, Key]] = []
        while len(found) < limit and (page := shared.page_after(arn, limit - len(found))):
            there = ((each, self.key(each, now)) for each, _ in page)
            found += ((each, key) for each, key in there if key is not None)
            arn = page[-1][0]
        return tuple(found)

    def _put(self, key: Key) -> Kms:
        name = key.key_arn
        of = self.account_in_region(name.account, name.region)
        is_new = of.keys.get(name.key_id) is None
        kms = self._with_account(name, of.with_key(key))
        return evolve(kms, indexes=self.indexes.with_key(key)) if is_new else kms

    def without_key(self, key: Key) -> Kms:
        """The state without this key, its aliases and the grants on it."""
        name, usages = key.key_arn, self.last_usages
        of = self.account_in_region(name.account, name.region)
        unshared = self.with_shares(key, ()) if key.shares else self
        return Kms(
            unshared._with_account(name, of.without_key(key)).accounts,
            self.indexes.without_key(key, self.grants_of(key)),
            usages.remove(key.arn) if key.arn in usages else usages,
        )

    def settle(self, now: datetime) -> Kms:
        """
        The state with the effects of time until ``now`` written down.

        Deleted keys are gone, and so are the secrets of expired key material; automatic rotations have made theirs. No
        answer at ``now`` or later is different. It visits every key.
        """
        kms, now = self, in_utc(now)
        for remembered in self._all_keys():
            key = self._at(remembered, now)
            if key is None:
                kms = kms.without_key(remembered)
            elif key is not remembered:
                kms = kms._put(key)
        return kms

    def events(self, since: datetime, now: datetime) -> tuple[Event, ...]:
        """
        What AWS KMS did by itself after ``since`` and until ``now``, in the order of time. It visits every key.

        It asks the state as requests left it at ``since``: a request, or `settle`, writes down what time has done.
        Raises ValueError if ``since`` is later than ``now``.
        """
        since, now = in_utc(since), in_utc(now)
        if since > now:
            raise ValueError(f"since, {since}, is later than now, {now}")
        found = (event for key in self._all_keys() for event in self._events_of(key, since, now))
        return tuple(sorted(found, key=_time_and_key))

    def _events_of(self, remembered: Key, since: datetime, now: datetime) -> tuple[Event, ...]:
        related = self._related(remembered)
        if not related:
            return key_events(remembered, since, now)
        of = remembered.arn
        return tuple(
            each for each in Relatives.of(related).events(since, now) if each.key_arn == of
        )

    def next_event_at(self, now: datetime) -> datetime | None:
        """
        When time will next change the key state of any key, delete or rotate it, or let its key material expire.

        It is for hosts that keep timers, and visits every key.
        """
        now = in_utc(now)
        dates = (self._next_event_of(key, now) for key in self._all_keys())
        return min((date for date in dates if date is not None), default=None)

    def _next_event_of(self, remembered: Key, now: datetime) -> datetime | None:
        related = self._related(remembered)
        if related:
            return Relatives.of(related).next_event_at(now)
        event, store = next_event_at(remembered, now), self.custom_key_store_of(remembered)
        if store is None:
            return event
        settled = store.connection.until
        if settled is None or settled <= now or not self._changes(remembered, now, settled):
            return event
        return settled if event is None else min(event, settled)

    def _changes(self, remembered: Key, now: datetime, later: datetime) -> bool:
        """Is a key's key state another one at a later time?"""
        return not remembered.lifecycle.is_deleted(later) and self.key_state(
            remembered, now
        ) is not self.key_state(remembered, later)

    def account_in_region(self, account: str, region: str) -> AccountInRegion:
        """What is remembered for one account in one Region."""
        return self.accounts.get((account, region)) or _NOTHING

    def _with_account(self, name: KeyArn | AliasArn, of: AccountInRegion) -> Kms:
        return self._with(name.account, name.region, of)

    def _with(self, account: str, region: str, of: AccountInRegion) -> Kms:
        accounts = self.accounts.insert((account, region), of)
        return Kms(accounts, self.indexes, self.last_usages)

    def _with_grants(self, key: Key, grants: Grants, indexes: Indexes) -> Kms:
        name = key.key_arn
        of = self.account_in_region(name.account, name.region)
        of_keys = of.grants.insert(name.key_id, grants) if grants else of.grants.remove(name.key_id)
        kms = self._with_account(name, evolve(of, grants=of_keys))
        return Kms(kms.accounts, indexes, self.last_usages)

    def _in_order(self) -> Iterator[AccountInRegion]:
        return (self.accounts[name] for name in sorted(self.accounts))

    def _all_keys(self) -> Iterator[Key]:
        for of in self.accounts.values():
            yield from every(of.keys)


def _time_and_key(event: Event) -> tuple[datetime, str]:
    return event.at, event.key_arn


_NOTHING = AccountInRegion()
_NO_GRANTS = Grants()
