"""
The grants on a key, and the indexes that follow from them.
"""

from __future__ import annotations

from random import Random

from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.key.key import Key
from kmsmodel.memory.grants import Grants
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.keys import CreateKeyRequest, create_key
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.principal import principal
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import ACCOUNT, DAY, NOW, OTHER_REGION, REGION, call

NAMES = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in "abc"]
IN_A_PATH = [name.replace("role/", "role/path/") for name in NAMES]


def _grant(number: int, grantee: str, retiring: str | None, name: str | None) -> Grant:
    return Grant(
        grant_id=f"{number:064x}",
        issuing_account=ACCOUNT,
        creation_date=NOW,
        seen_at=NOW,
        operations=(GrantOperation.Decrypt,),
        grantee_principal=grantee,
        retiring_principal=retiring,
        name=name,
    )


some_grants = st.lists(
    st.builds(
        _grant,
        st.integers(0, 60),
        st.sampled_from(NAMES),
        st.sampled_from([None, *NAMES, *IN_A_PATH]),
        st.sampled_from([None, "one", "two"]),
    ),
    max_size=80,
    unique_by=lambda grant: grant.grant_id,
)


def _made(*grants: Grant) -> Grants:
    made = Grants()
    for grant in grants:
        made = made.insert(grant)
    return made


@given(some_grants, st.randoms(use_true_random=False))
def test_grants_are_equal_however_they_came_and_whatever_went(
    grants: list[Grant], random: Random
) -> None:
    """And so are their indexes."""
    kept, gone = grants[::2], grants[1::2]
    every = [*grants]
    random.shuffle(every)
    made = _made(*every)
    for grant in gone:
        made = made.remove(grant)
    other = _made(*kept)
    assert made == other
    assert (made.by_grantee, made.by_name) == (other.by_grantee, other.by_name)
    assert (len(made), set(made)) == (len(kept), set(kept))
    assert bool(made) is bool(kept)


@given(some_grants, st.integers(0, 60), st.integers(1, 9), st.sampled_from([None, *NAMES]))
def test_grants_are_listed_in_the_order_of_their_ids(
    grants: list[Grant], after: int, limit: int, grantee: str | None
) -> None:
    """All of them, or those of one grantee."""
    start = f"{after:064x}"
    expected = sorted(
        (each.grant_id, each)
        for each in grants
        if each.grant_id > start and grantee in {None, each.grantee}
    )
    found = _made(*grants).after(start, limit, grantee=grantee)
    assert list(found) == expected[:limit]


@given(some_grants)
def test_grants_are_found_by_id_name_and_grantee(grants: list[Grant]) -> None:
    made = _made(*grants)
    for grant in grants:
        assert made.get(grant.grant_id) is grant
    for name in ("one", "two", "three"):
        assert set(made.named(name)) == {each for each in grants if each.name == name}
    for named in NAMES:
        session = principal(named.replace(":iam:", ":sts:").replace("role", "assumed-role") + "/s")
        assert set(made.to(session)) == {each for each in grants if each.grantee == named}


# ---- in a state


def _keys() -> tuple[Kms, tuple[Key, Key]]:
    kms = Kms()
    found: list[Key] = []
    for region in (REGION, OTHER_REGION):
        kms, answer = create_key(kms, CreateKeyRequest(), call(f"in {region}", region=region))
        key = kms.key(parse_key_arn(answer.key_metadata.arn or ""), NOW)
        assert key is not None
        found.append(key)
    one, other = found
    return kms, (one, other)


@given(some_grants, some_grants)
def test_an_index_of_retiring_principals_follows_from_the_grants(
    of_one: list[Grant], of_other: list[Grant]
) -> None:
    """And nothing is left of grants that were deleted, or of those on a key that was."""
    empty, (one, other) = _keys()
    kms = empty
    for key, grants in ((one, of_one), (other, of_other)):
        for grant in grants:
            kms = kms.with_grant(key, grant)
    assert Kms(kms.accounts) == kms
    for names in zip(NAMES, IN_A_PATH, strict=True):
        theirs = sorted(
            (each for each in of_one if each.retiring in names), key=lambda each: each.grant_id
        )
        for named in names:
            found = kms.retirable_after(named, REGION, "", 100, NOW)
            assert [each for _, (_, each) in found] == theirs
    without = kms.without_key(one)
    assert Kms(without.accounts) == without
    assert without.grants_of(one) == Grants()
    assert REGION not in without.indexes.retirable
    for grant in of_one:
        kms = kms.without_grant(one, grant)
    for grant in of_other:
        kms = kms.without_grant(other, grant)
    assert kms == empty


def test_settling_deletes_the_grants_on_a_deleted_key() -> None:
    kms, (one, other) = _keys()
    grants = [_grant(number, NAMES[0], NAMES[1], None) for number in (1, 2)]
    kms = kms.with_grant(one, grants[0]).with_grant(other, grants[1])
    lifecycle = one.lifecycle.schedule_key_deletion(NOW, 7)
    kms = kms.with_key(evolve(one, lifecycle=lifecycle))
    settled = kms.settle(NOW + 7 * DAY)
    assert settled.grants_of(one) == Grants()
    assert settled.grants_of(other) == _made(grants[1])
    assert settled.retirable_after(NAMES[1], REGION, "", 9, NOW) == ()
    assert Kms(settled.accounts) == settled
