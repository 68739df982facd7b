"""
What AWS KMS remembers, as a value.
"""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given, strategies as st
from rpds import HashTrieMap

from kmsmodel.calls.new_key import new_key, replica_key
from kmsmodel.hsm.ciphertext import key_handle
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey
from kmsmodel.key.key import Key
from kmsmodel.key.key_metadata import key_metadata
from kmsmodel.key.relatives import Relatives
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.memory import indexes
from kmsmodel.memory.alias import Alias
from kmsmodel.memory.kms import Kms
from kmsmodel.words.arn import AliasArn, KeyArn
from kmsmodel.words.enumerations import KeyState, OriginType
from tests.basics import ACCOUNT, KEY_ID, NOW, OTHER_ACCOUNT, REGION, call

ID = "1" * 64


def key(number: int, *, days: int | None = None, region: str = REGION) -> Key:
    """A key that is to be deleted in so many days, if any."""
    name = KeyArn(ACCOUNT, region, str(UUID(int=number)))
    life = Lifecycle(arn=str(name))
    if days is not None:
        life = evolve(life, pending_window_in_days=7, deletion_date=NOW + timedelta(days=days))
    return Key(lifecycle=life, creation_date=NOW)


def external(number: int, *, days: int) -> Key:
    """A key whose material expires in so many days."""
    material = Material(key_material_id=ID, valid_to=NOW + timedelta(days=days))
    plain = key(number)
    life = evolve(plain.lifecycle, origin=OriginType.EXTERNAL, materials=(material,))
    secret = BackingKey(key_material_id=ID, secret=Secret(b"secret"))
    return evolve(plain, lifecycle=life, backing_keys=(secret,))


def of(*keys: Key) -> Kms:
    kms = Kms()
    for each in keys:
        kms = kms.with_key(each)
    return kms


def test_a_key_is_found_by_its_arn_until_it_is_deleted() -> None:
    stays, goes = key(1), key(2, days=7)
    kms = of(stays, goes)
    deleted = NOW + timedelta(days=7)
    assert kms.key(stays.key_arn, NOW) is stays
    assert kms.key(goes.key_arn, deleted - timedelta(microseconds=1)) is goes
    assert kms.key(goes.key_arn, deleted) is None
    assert kms.key(key(3).key_arn, NOW) is None
    assert kms.key(key(1, region="eu-west-1").key_arn, NOW) is None


def test_a_change_leaves_the_former_value_as_it_was() -> None:
    one = key(1)
    before = of(one)
    changed = evolve(one, description="changed")
    assert before.with_key(changed).key(one.key_arn, NOW) is changed
    assert before.without_key(one).key(one.key_arn, NOW) is None
    assert before.key(one.key_arn, NOW) is one
    assert before == of(one)


def test_regions_and_accounts_are_apart() -> None:
    here, there = key(1), key(1, region="eu-west-1")
    kms = of(here, there)
    assert kms.key(here.key_arn, NOW) is here
    assert kms.key(there.key_arn, NOW) is there
    assert [each for _, each in kms.keys_after(ACCOUNT, REGION, "", 9, NOW)] == [here]
    assert kms.keys_after(OTHER_ACCOUNT, REGION, "", 9, NOW) == ()


def test_the_handle_of_a_ciphertext_finds_a_key_of_any_account_in_its_region() -> None:
    """As long as the key is remembered; multi-Region relatives have the same handle."""
    here, there = key(1), key(1, region="eu-west-1")
    name = evolve(here.key_arn, account=OTHER_ACCOUNT)
    foreign = evolve(here, lifecycle=Lifecycle(arn=str(name)))
    kms = of(here, there, foreign)
    handle = key_handle(here.arn)
    assert kms.key_arn(handle, REGION) == here.key_arn
    assert kms.key_arn(handle, "eu-west-1") == there.key_arn
    assert kms.key_arn(key_handle(str(name)), REGION) == name
    assert kms.key_arn(key_handle(str(name)), "eu-west-1") is None
    assert kms.key_arn(handle, "eu-west-3") is None
    without = kms.without_key(here)
    assert without.key_arn(handle, REGION) is None
    assert without.key_arn(handle, "eu-west-1") == there.key_arn
    assert without.with_key(here).indexes.handles == kms.indexes.handles


def test_a_change_of_a_key_leaves_the_handles_as_they_are() -> None:
    kms = of(key(1), key(2))
    changed = kms.with_key(evolve(key(1), description="changed"))
    assert changed.indexes.handles is kms.indexes.handles


def test_keys_that_are_given_with_their_accounts_are_found_by_their_handles() -> None:
    kms = of(key(1), key(2), key(1, region="eu-west-1"))
    assert Kms(kms.accounts) == kms
    assert Kms().indexes.handles == Kms(HashTrieMap()).indexes.handles


def test_the_regions_of_a_multi_region_key_are_those_in_which_it_is_remembered() -> None:
    primary = new_key(call(), multi_region=True)
    replica = replica_key(primary, call(region="eu-west-1"))
    name = (ACCOUNT, primary.key_arn.key_id)
    kms = of(key(1), primary, replica)
    assert dict(kms.indexes.regions.items()) == {name: ("eu-west-1", REGION)}
    assert Kms(kms.accounts) == kms
    without = kms.without_key(replica)
    assert dict(without.indexes.regions.items()) == {name: (REGION,)}
    assert without.without_key(key(1)).without_key(primary).indexes.regions == Kms().indexes.regions


def test_of_related_keys_one_is_the_primary_key() -> None:
    """A host that puts others together is told."""
    primary = new_key(call(), multi_region=True)
    replica = replica_key(primary, call(region="eu-west-1"))
    assert list(Relatives.of((replica, primary))) == [primary, replica]
    for keys in ((replica,), (primary, primary), ()):
        with pytest.raises(ValueError, match="of related keys, one is the primary key"):
            Relatives.of(keys)


def test_of_two_keys_with_the_same_handle_the_later_one_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def same(_: KeyArn) -> bytes:
        return b"handle!"

    monkeypatch.setattr(indexes, "key_handle", same)
    one, other = key(1), key(2)
    kms = of(one, other)
    assert kms.key_arn(b"handle!", REGION) == other.key_arn
    assert kms.without_key(one).key_arn(b"handle!", REGION) == other.key_arn
    assert kms.without_key(other).key_arn(b"handle!", REGION) is None


@given(gone=st.lists(st.booleans(), max_size=20), limit=st.integers(1, 7))
def test_keys_are_listed_page_by_page_without_the_deleted_ones(
    gone: list[bool], limit: int
) -> None:
    keys = [key(number, days=-1 if deleted else None) for number, deleted in enumerate(gone)]
    kms = of(*reversed(keys))
    found: list[Key] = []
    key_id = ""
    while page := kms.keys_after(ACCOUNT, REGION, key_id, limit, NOW):
        found += [each for _, each in page]
        key_id = page[-1][0]
        assert key_id == found[-1].key_arn.key_id
        assert len(page) == limit or len(found) == gone.count(False)
    assert found == [each for each, deleted in zip(keys, gone, strict=True) if not deleted]


def named(kms: Kms, alias_name: str, number: int) -> Kms:
    """With an alias of a key."""
    alias = Alias(
        alias_name=alias_name,
        target_key_id=str(UUID(int=number)),
        creation_date=NOW,
        last_updated_date=NOW,
    )
    return kms.with_alias(AliasArn(ACCOUNT, REGION, alias_name), alias)


def names(kms: Kms, number: int) -> tuple[str, ...]:
    found = kms.key(key(number).key_arn, NOW)
    return () if found is None else found.alias_names


def test_an_alias_is_found_until_its_key_is_deleted() -> None:
    goes = key(1, days=7)
    kms = named(of(goes), "alias/a", 1)
    name = AliasArn(ACCOUNT, REGION, "alias/a")
    deleted = NOW + timedelta(days=7)
    alias = kms.alias(name, deleted - timedelta(microseconds=1))
    assert alias is not None
    assert kms.alias_and_key(name, NOW) == (alias, evolve(goes, alias_names=("alias/a",)))
    assert (kms.alias(name, deleted), kms.alias_and_key(name, deleted)) == (None, None)
    for other in ("alias/A", "alias/"):
        assert kms.alias(AliasArn(ACCOUNT, REGION, other), NOW) is None
    assert kms.alias(AliasArn(ACCOUNT, "eu-west-1", "alias/a"), NOW) is None


def test_an_alias_is_one_keys_at_a_time() -> None:
    kms = named(named(of(key(1), key(2)), "alias/a", 1), "alias/b", 1)
    assert (names(kms, 1), names(kms, 2)) == (("alias/a", "alias/b"), ())
    moved = named(kms, "alias/a", 2)
    assert (names(moved, 1), names(moved, 2)) == (("alias/b",), ("alias/a",))
    without = moved.without_alias(AliasArn(ACCOUNT, REGION, "alias/a"))
    assert (names(without, 1), names(without, 2)) == (("alias/b",), ())
    assert without.without_alias(AliasArn(ACCOUNT, REGION, "alias/a")) == without
    assert (names(kms, 1), names(kms, 2)) == (("alias/a", "alias/b"), ())


def test_an_alias_has_a_key() -> None:
    with pytest.raises(KeyError, match=str(UUID(int=2))):
        named(of(key(1)), "alias/a", 2)


def test_a_key_goes_with_its_aliases() -> None:
    kms = named(named(of(key(1), key(2)), "alias/a", 1), "alias/b", 2)
    without = kms.without_key(evolve(key(1), alias_names=("alias/a",)))
    assert [
        alias.alias_name for _, alias in without.aliases_after(ACCOUNT, REGION, "", 9, NOW)
    ] == ["alias/b"]
    assert kms.alias(AliasArn(ACCOUNT, REGION, "alias/a"), NOW) is not None


def test_the_aliases_of_a_key_are_in_the_order_of_their_names() -> None:
    kms = of(key(1), key(2))
    for alias_name, number in (("alias/a", 1), ("alias/c", 2), ("alias/B", 2), ("alias/a", 2)):
        kms = named(kms, alias_name, number)
    found = kms.key(key(2).key_arn, NOW)
    assert found is not None
    assert [each.alias_name for each in kms.aliases_of(found)] == ["alias/B", "alias/a", "alias/c"]


@given(gone=st.lists(st.booleans(), max_size=20), limit=st.integers(1, 7))
def test_aliases_are_listed_page_by_page_without_those_of_deleted_keys(
    gone: list[bool], limit: int
) -> None:
    kms = of(key(0, days=-1), key(1))
    for number, deleted in enumerate(gone):
        kms = named(kms, f"alias/{number:02}", int(not deleted))
    found: list[str] = []
    alias_name = ""
    while page := kms.aliases_after(ACCOUNT, REGION, alias_name, limit, NOW):
        found += [each.alias_name for _, each in page]
        alias_name = page[-1][0]
        assert alias_name == found[-1]
        assert len(page) == limit or len(found) == gone.count(False)
    assert found == [f"alias/{number:02}" for number, deleted in enumerate(gone) if not deleted]


def test_the_state_of_a_key_is_that_of_its_life() -> None:
    one = external(1, days=3)
    kms = of(one)
    assert kms.key_state(one, NOW) is KeyState.Enabled
    later = NOW + timedelta(days=3)
    assert kms.key_state(one, later) is KeyState.PendingImport
    assert kms.key_metadata(one, later) == key_metadata(one, KeyState.PendingImport, later)


def born(lives: list[tuple[bool, int]]) -> list[Key]:
    return [
        external(number, days=days) if imported else key(number, days=days)
        for number, (imported, days) in enumerate(lives)
    ]


KEYS = st.lists(st.tuples(st.booleans(), st.integers(-5, 20)), max_size=8).map(born)


@given(keys=KEYS, days=st.integers(-6, 21), later=st.integers(0, 9))
def test_settling_erases_what_is_dead_and_changes_no_answer(
    keys: list[Key], days: int, later: int
) -> None:
    kms = of(*keys)
    now = NOW + timedelta(days=days)
    settled = kms.settle(now)
    then = now + timedelta(days=later)
    for each in keys:
        before, after = kms.key(each.key_arn, then), settled.key(each.key_arn, then)
        assert (before is None) is (after is None)
        if before is not None and after is not None:
            assert settled.key_metadata(after, then) == kms.key_metadata(before, then)
        remembered = settled.key(each.key_arn, NOW - timedelta(days=99))
        if each.lifecycle.is_deleted(now):
            assert remembered is None
        elif each.lifecycle.origin is OriginType.EXTERNAL:
            assert remembered is not None
            expired = not each.lifecycle.materials[0].is_present(now)
            assert (remembered.backing_keys[0].secret is None) is expired
    assert settled.settle(now) is settled


def rotating(number: int) -> Key:
    """A key that rotates by itself every 90 days."""
    plain = key(number)
    life = evolve(plain.lifecycle, materials=(Material(key_material_id=ID),))
    secret = BackingKey(key_material_id=ID, secret=Secret(b"secret"))
    return evolve(plain, lifecycle=life.enable_key_rotation(NOW, 90), backing_keys=(secret,))


def test_automatic_rotation_is_read_at_its_date_and_written_down_by_settling() -> None:
    kms, later = of(rotating(1), rotating(2)), NOW + timedelta(days=200)
    settled = kms.settle(later)
    for state, now, number in ((kms, NOW, 1), (kms, later, 3), (settled, NOW, 3)):
        listed = [each for _, each in state.keys_after(ACCOUNT, REGION, "", 10, now)]
        assert [len(each.backing_keys) for each in listed] == [number, number]
        assert [len(each.lifecycle.materials) for each in listed] == [number, number]
        assert listed == [state.key(each.key_arn, now) for each in listed]
    assert settled.key(key(1).key_arn, later) == kms.key(key(1).key_arn, later)
    assert settled.settle(later) is settled


def test_settling_visits_every_page() -> None:
    kms = of(*(key(number, days=1) for number in range(1001)))
    assert kms.settle(NOW + timedelta(days=1)).keys_after(ACCOUNT, REGION, "", 1, NOW) == ()


@given(keys=KEYS, days=st.integers(-6, 21))
def test_the_next_event_is_the_first_change_of_any_key(keys: list[Key], days: int) -> None:
    kms = of(*keys)
    now = NOW + timedelta(days=days)
    coming = [
        each.lifecycle.deletion_date or each.lifecycle.materials[0].valid_to or now for each in keys
    ]
    assert kms.next_event_at(now) == min((date for date in coming if date > now), default=None)


@pytest.mark.parametrize("keys", [(), (key(1),), (key(1), external(2, days=5), key(3, days=9))])
def test_a_copy_of_the_whole_state_is_equal(keys: tuple[Key, ...]) -> None:
    kms = of(*keys)
    for other in (copy.copy(kms), copy.deepcopy(kms), pickle.loads(pickle.dumps(kms))):
        assert other == kms
        assert hash(other) == hash(kms)
        assert other.keys_after(ACCOUNT, REGION, "", 9, NOW) == kms.keys_after(
            ACCOUNT, REGION, "", 9, NOW
        )


def test_a_state_is_equal_however_it_came_about() -> None:
    one, two, three = key(1), key(2), key(3)
    kms = of(one, two, three)
    assert of(three, one, two) == kms
    assert hash(of(three, one, two)) == hash(kms)
    assert of(one, two).without_key(one).with_key(three).with_key(one) == kms
    assert of(one, two) != kms


# ---- by an ARN in a text, and all of them


def test_a_key_is_found_by_what_its_arn_is() -> None:
    one = key(1)
    kms = of(one, key(2))
    assert kms.key(one.arn, NOW) is kms.key(one.key_arn, NOW) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arn",
        "arn:aws:kms",
        "arn:aws:kms:us-west-2:111122223333:alias/a",
        "arn:aws:s3:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        key(9).arn,
        key(9).arn + "\n",
    ],
)
def test_another_text_finds_no_key(text: str) -> None:
    assert of(key(1)).key(text, NOW) is None


@given(keys=KEYS, days=st.integers(-6, 21))
def test_all_keys_are_walked_as_they_are_now(keys: list[Key], days: int) -> None:
    kms, now = of(*keys), NOW + timedelta(days=days)
    there = [kms.key(each.arn, now) for each in keys]
    assert list(kms.keys(now)) == sorted(
        (each for each in there if each is not None), key=lambda each: each.arn
    )


def test_keys_of_all_accounts_and_regions_are_walked_in_order() -> None:
    places = [(ACCOUNT, "us-west-2"), (ACCOUNT, "eu-central-1"), ("000000000000", "us-west-2")]
    arns = [f"arn:aws:kms:{region}:{account}:key/{KEY_ID}" for account, region in places]
    kms = of(*(evolve(key(1), lifecycle=Lifecycle(arn=arn)) for arn in arns))
    assert [each.arn for each in kms.keys(NOW)] == [arns[2], arns[1], arns[0]]
