"""
Snapshots: a `Kms` as plain data, to keep and to start from again.

    {"format": "kmsmodel snapshot", "version": 2, "accounts": [...], "last_usages": [...], "secrets": {"sealed": {...}}}

Key material, the secrets that import tokens are sealed under, and what AWS KMS logs into custom key stores with stand
apart from all else: under a passphrase, or in the clear for whoever asks for that. `docs/snapshots.md` has the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from attrs import evolve
from rpds import HashTrieMap

from kmsmodel.errors import NotFoundException
from kmsmodel.key.key import Key
from kmsmodel.key.last_usage import Usage, Usages
from kmsmodel.memory.account import AccountInRegion
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.custom_key_store import CustomKeyStore
from kmsmodel.memory.grants import Grants
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.records import InMemoryRecords, Records
from kmsmodel.policy.grant import Grant
from kmsmodel.storage.forms import DIALECT, items_of, members_of, structure, wrong
from kmsmodel.storage.migrations import VERSION, brought_forward
from kmsmodel.storage.sealing import in_the_clear, read_clear, sealed, unsealed
from kmsmodel.words import arn
from kmsmodel.words.arguments import expect
from kmsmodel.words.arn import KeyArn

V = TypeVar("V")

FORMAT = "kmsmodel snapshot"
_PAGE = 1000
_STORES = "custom_key_stores"
_TOLD_AND_WAITING = 2

_Accounts: TypeAlias = "HashTrieMap[tuple[str, str], AccountInRegion]"

# What an account has in a Region. Whatever else it comes to have is written and read beside these.
_KEY = structure(Key)
_ALIAS = structure(Alias)
_GRANT = structure(Grant)
_STORE = structure(CustomKeyStore)
_USAGE = structure(Usage)


def to_json(kms: Kms, *, passphrase: str | None = None, clear: bool = False) -> dict[str, Any]:
    """
    The state as plain data, for `json.dumps`: its secrets sealed under ``passphrase``, or in the clear.

    Raises ValueError unless there is either a passphrase or ``clear=True``, and TypeError for an argument that is not a
    state, or not a passphrase.
    """
    expect("kms", kms, Kms, hint="the state of a LocalKms is its .kms")
    _expect_passphrase(passphrase)
    if clear is (passphrase is not None):
        raise ValueError("a snapshot has a passphrase or clear=True: it holds key material")
    secrets: list[bytes] = []
    by_name = sorted(kms.accounts.items(), key=itemgetter(0))
    accounts = [_written(name, of, secrets) for name, of in by_name]
    usages = [
        {"key_arn": arn, "usages": [_USAGE.write(each, secrets) for each in of_key]}
        for arn, of_key in sorted(kms.last_usages.items(), key=itemgetter(0))
    ]
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "accounts": accounts,
        "last_usages": usages,
    }
    if passphrase is None:
        return {**data, "secrets": {"clear": in_the_clear(secrets)}}
    return {**data, "secrets": {"sealed": sealed(secrets, passphrase, data)}}


def from_json(data: object, *, passphrase: str | None = None) -> Kms:
    """
    The state that a snapshot holds, equal to the one that it was made of.

    A snapshot of a former version is brought forward. Raises ValueError for one of a newer version, for another
    passphrase, for none where one is needed or one where none is, and for data that are not a snapshot; TypeError for a
    passphrase that is not a string.
    """
    _expect_passphrase(passphrase)
    if isinstance(data, str | bytes | bytearray):
        raise ValueError("a snapshot is what json.loads gives, not the text that it reads")  # noqa: TRY004 - as for other data
    given = dict(members_of(data, "it"))
    version = given.get("version")
    if given.get("format") != FORMAT or type(version) is not int:
        raise ValueError(f"this is no {FORMAT}")
    if version > VERSION:  # whatever else it holds
        brought_forward({}, version)
    secrets = _secrets(given, passphrase)
    migrated = brought_forward({**given, "secrets": {"clear": in_the_clear(secrets)}}, version)
    return _read(migrated)


def _expect_passphrase(passphrase: object) -> None:
    if passphrase is not None:
        expect("passphrase", passphrase, str)


def schema() -> dict[str, Any]:
    """The JSON schema of a snapshot."""
    text, base64 = {"type": "string"}, {"type": "string", "contentEncoding": "base64"}
    of_key = {"key_id": text, "grants": {"type": "array", "items": _GRANT.schema()}}
    account = {
        "account": text,
        "region": text,
        "keys": {"type": "array", "items": _KEY.schema()},
        "aliases": {"type": "array", "items": _ALIAS.schema()},
        "grants": {"type": "array", "items": _object(of_key)},
        _STORES: {"type": "array", "items": _STORE.schema()},
    }
    of_usages = {"key_arn": text, "usages": {"type": "array", "items": _USAGE.schema()}}
    of_sealed = {
        "kdf": {"const": "scrypt"},
        "salt": base64,
        "cost": {"type": "integer", "minimum": 2},
        "nonce": base64,
        "ciphertext": base64,
    }
    clear = _object({"clear": {"type": "array", "items": base64}})
    members = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "accounts": {"type": "array", "items": _object(account)},
        "last_usages": {"type": "array", "items": _object(of_usages)},
        "secrets": {"oneOf": [clear, _object({"sealed": _object(of_sealed)})]},
    }
    return {"$schema": DIALECT, "title": "A snapshot of a Kms", **_object(members)}


def _object(members: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object that has these members, all of them and no others."""
    return {
        "type": "object",
        "properties": dict(members),
        "required": list(members),
        "additionalProperties": False,
    }


# ---- writing


def _written(name: tuple[str, str], of: AccountInRegion, secrets: list[bytes]) -> dict[str, Any]:
    account, region = name
    return {
        "account": account,
        "region": region,
        "keys": [_KEY.write(key, secrets) for key in _all(of.keys)],
        "aliases": [_ALIAS.write(alias, secrets) for alias in _all(of.aliases)],
        "grants": [
            {
                "key_id": key_id,
                "grants": [_GRANT.write(each, secrets) for each in _all(of_key.by_id)],
            }
            for key_id, of_key in _named(of.grants)
        ],
        _STORES: [_STORE.write(each, secrets) for each in _all(of.custom_key_stores)],
    }


def _all(records: Records[V]) -> Iterator[V]:
    return (value for _, value in _named(records))


def _named(records: Records[V]) -> Iterator[tuple[str, V]]:
    name = ""
    while page := records.page_after(name, _PAGE):
        yield from page
        name = page[-1][0]


# ---- reading


def _secrets(given: dict[str, Any], passphrase: str | None) -> list[bytes]:
    secrets = members_of(given.get("secrets"), "secrets")
    match list(secrets.items()):
        case [("clear", clear)]:
            if passphrase is not None:
                raise ValueError("the snapshot is in the clear: no passphrase belongs to it")
            return read_clear(clear, "secrets.clear")
        case [("sealed", sealed_secrets)]:
            if passphrase is None:
                raise ValueError("the snapshot is sealed: it needs a passphrase")
            beside = {name: each for name, each in given.items() if name != "secrets"}
            return unsealed(sealed_secrets, passphrase, beside)
        case _:
            raise wrong("secrets", "either clear or sealed")


def _read(data: Mapping[str, Any]) -> Kms:
    _expect_members(data, "it", "format", "version", "accounts", "last_usages", "secrets")
    secrets = read_clear(data["secrets"]["clear"], "secrets.clear")
    accounts: _Accounts = HashTrieMap()
    for number, each in enumerate(items_of(data["accounts"], "accounts")):
        at = f"accounts[{number}]"
        name, of = _account(members_of(each, at), at, secrets)
        if name in accounts:
            raise wrong(at, "of another account or Region than those before")
        accounts = accounts.insert(name, of)
    kms = Kms(accounts)
    for of in accounts.values():
        for key in _all(of.keys):
            if key.shares:
                kms = kms.with_shares(evolve(key, shares=()), key.shares)
    return evolve(kms, last_usages=_last_usages(data["last_usages"], kms))


def _account(
    data: Mapping[str, Any], at: str, secrets: Sequence[bytes]
) -> tuple[tuple[str, str], AccountInRegion]:
    _expect_members(data, at, "account", "region", "keys", "aliases", "grants", _STORES)
    name = (data["account"], data["region"])
    if not all(type(each) is str for each in name):
        raise wrong(at, "an object whose account and region are texts")
    keys: Records[Key] = InMemoryRecords()
    for number, each in enumerate(items_of(data["keys"], f"{at}.keys")):
        here = f"{at}.keys[{number}]"
        key: Key = _KEY.read(each, here, secrets)
        key_id = _key_id(key, name, here)
        if keys.get(key_id) is not None:
            raise wrong(here, "another key than those before")
        keys = keys.insert(key_id, key)
    aliases = _aliases(data["aliases"], f"{at}.aliases", keys)
    grants = _grants(data["grants"], f"{at}.grants", keys)
    stores = _stores(data[_STORES], f"{at}.{_STORES}", keys, secrets)
    return name, AccountInRegion(keys, aliases, grants, stores)


def _key_id(key: Key, name: tuple[str, str], at: str) -> str:
    """The key id of a key in this account and Region."""
    try:
        named = arn.parse(key.arn, *name)
    except NotFoundException:
        named = None
    if not isinstance(named, KeyArn) or (named.account, named.region) != name:
        raise wrong(f"{at}.lifecycle.arn", "the ARN of a KMS key in its account and Region")
    return named.key_id


def _aliases(data: object, at: str, keys: Records[Key]) -> Records[Alias]:
    """The aliases of an account, each of which its KMS key knows."""
    aliases: Records[Alias] = InMemoryRecords()
    for number, each in enumerate(items_of(data, at)):
        alias: Alias = _ALIAS.read(each, f"{at}[{number}]", ())
        key = keys.get(alias.target_key_id)
        if key is None or alias.alias_name not in key.alias_names:
            raise wrong(f"{at}[{number}]", "an alias of the KMS key that it names")
        if aliases.get(alias.alias_name) is not None:
            raise wrong(f"{at}[{number}]", "another alias than those before")
        aliases = aliases.insert(alias.alias_name, alias)
    for key in _all(keys):
        for alias_name in key.alias_names:
            alias_of_key = aliases.get(alias_name)
            if alias_of_key is None or key.key_arn.key_id != alias_of_key.target_key_id:
                raise wrong(at, f"with {alias_name}, which a KMS key has")
    return aliases


def _grants(data: object, at: str, keys: Records[Key]) -> Records[Grants]:
    """The grants of an account, by the ids of their KMS keys, each of which is there."""
    by_key: Records[Grants] = InMemoryRecords()
    for number, each in enumerate(items_of(data, at)):
        here = f"{at}[{number}]"
        of_key = members_of(each, here)
        _expect_members(of_key, here, "key_id", "grants")
        key_id = str(of_key["key_id"])
        if keys.get(key_id) is None or by_key.get(key_id) is not None:
            raise wrong(here, "of a KMS key in its account, and of another than those before")
        grants = _of_key(of_key["grants"], f"{here}.grants")
        if not grants:
            raise wrong(here, "of a KMS key that has grants")
        by_key = by_key.insert(key_id, grants)
    return by_key


def _of_key(data: object, at: str) -> Grants:
    grants = Grants()
    for number, each in enumerate(items_of(data, at)):
        grant: Grant = _GRANT.read(each, f"{at}[{number}]", ())
        if grants.get(grant.grant_id) is not None:
            raise wrong(f"{at}[{number}]", "another grant than those before")
        grants = grants.insert(grant)
    return grants


def _stores(
    data: object, at: str, keys: Records[Key], secrets: Sequence[bytes]
) -> Records[CustomKeyStore]:
    """The custom key stores of an account, among them those of its KMS keys."""
    stores: Records[CustomKeyStore] = InMemoryRecords()
    for number, each in enumerate(items_of(data, at)):
        store: CustomKeyStore = _STORE.read(each, f"{at}[{number}]", secrets)
        if stores.get(store.custom_key_store_id) is not None:
            raise wrong(f"{at}[{number}]", "another custom key store than those before")
        stores = stores.insert(store.custom_key_store_id, store)
    for key in _all(keys):
        store_id = key.custom_key_store_id
        if store_id is not None and stores.get(store_id) is None:
            raise wrong(at, f"with {store_id}, which a KMS key is in")
    return stores


def _last_usages(data: object, kms: Kms) -> HashTrieMap[str, Usages]:
    """The last usages of the KMS keys that were used, each of which is there."""
    arns = {key.arn for of in kms.accounts.values() for key in _all(of.keys)}
    by_key: HashTrieMap[str, Usages] = HashTrieMap()
    for number, each in enumerate(items_of(data, "last_usages")):
        at = f"last_usages[{number}]"
        of_key = members_of(each, at)
        _expect_members(of_key, at, "key_arn", "usages")
        key_arn, written = str(of_key["key_arn"]), items_of(of_key["usages"], f"{at}.usages")
        if key_arn not in arns or key_arn in by_key:
            raise wrong(at, "of a KMS key that is there, and of another than those before")
        if not 1 <= len(written) <= _TOLD_AND_WAITING:
            raise wrong(f"{at}.usages", "one usage, or one that is told and one that waits")
        usages = (_USAGE.read(one, f"{at}.usages[{n}]", ()) for n, one in enumerate(written))
        by_key = by_key.insert(key_arn, tuple(usages))
    return by_key


def _expect_members(data: Mapping[str, Any], at: str, *names: str) -> None:
    if set(data) != set(names):
        raise wrong(at, f"an object with {', '.join(names)}")
