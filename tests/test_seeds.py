"""
KMS keys that a `LocalKms` begins with.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.iam import Iam, User
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.hsm.port import Hsm
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.seeds import Seed, SeedError, SeedKey, SeedMaterial, local_kms, planted
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType, OriginType
from tests.basics import ACCOUNT, KEY_ID, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION

MRK = f"mrk-{'0123456789abcdef' * 2}"
MATERIAL = SeedMaterial(key_material=bytes(range(32)))
OTHER_MATERIAL = SeedMaterial(key_material=bytes(range(1, 33)), key_material_description="2027")

UNASKED = Caller.unasked(ACCOUNT, REGION)


def grow(*keys: SeedKey, hsm: Hsm | None = None, **more: Any) -> LocalKms:
    hsm = hsm or SeededHsm("seeds")
    return local_kms(Seed(keys=keys), clock=Clock(NOW), hsm=hsm, **more)


def described(local: LocalKms, key_id: str = KEY_ID) -> Any:
    return local.dispatch("DescribeKey", {"KeyId": key_id})["KeyMetadata"]


# ---- laws

_hex = st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}")
_key_ids = _hex.map(lambda digits: f"mrk-{digits}") | _hex.map(
    lambda digits: "-".join(
        [digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]],
    )
)
_keys = st.builds(
    SeedKey,
    key_id=_key_ids,
    account=st.sampled_from([None, ACCOUNT, OTHER_ACCOUNT]),
    region=st.sampled_from([None, REGION, OTHER_REGION]),
    description=st.none() | st.text(max_size=20),
    key_state=st.sampled_from(
        [None, KeyState.Enabled, KeyState.Disabled, KeyState.PendingDeletion]
    ),
    rotation_period_in_days=st.none() | st.integers(90, 2560),
    key_material=st.just(()),
)
_seeds = st.lists(_keys, max_size=4, unique_by=lambda key: key.key_id).map(
    lambda keys: Seed(keys=tuple(keys))
)


@given(_seeds)
def test_a_key_is_there_as_the_seed_says(seed: Seed) -> None:
    local = local_kms(seed, clock=Clock(NOW), hsm=SeededHsm())
    for key in seed.keys:
        account, region = key.account or ACCOUNT, key.region or REGION
        arn = f"arn:aws:kms:{region}:{account}:key/{key.key_id}"
        who: Any = {"account": account, "region": region}
        metadata = local.dispatch("DescribeKey", {"KeyId": key.key_id}, **who)["KeyMetadata"]
        assert metadata["Arn"] == arn
        assert metadata["KeyState"] == (key.key_state or KeyState.Enabled)
        assert metadata["Description"] == (key.description or "")
        assert metadata["CreationDate"] == NOW
        assert metadata["MultiRegion"] is key.key_id.startswith("mrk-")


@given(_seeds, st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_nothing(seed: Seed, chance: random.Random) -> None:
    keys = list(seed.keys)
    chance.shuffle(keys)
    hsm = SeededHsm("order")
    shuffled = evolve(seed, keys=tuple(keys))
    assert planted(seed, now=NOW, hsm=hsm) == planted(shuffled, now=NOW, hsm=hsm)


@given(_seeds)
def test_a_reset_goes_back_to_the_seed(seed: Seed) -> None:
    local = local_kms(seed, clock=Clock(NOW), hsm=SeededHsm())
    before = local.kms
    local.dispatch("CreateKey", {})
    local.reset()
    assert local.kms is before


@given(st.lists(_keys, min_size=1, max_size=3, unique_by=lambda key: key.key_id))
def test_a_key_that_aws_would_not_have_leaves_the_state_as_it_was(keys: list[SeedKey]) -> None:
    hsm = SeededHsm("whole")
    before = planted(Seed(keys=tuple(keys)), now=NOW, hsm=hsm)
    faulty = SeedKey(key_id=KEY_ID, aliases=("alias/aws/no",))
    with pytest.raises(SeedError, match=r"keys\[0\]\.aliases\[0\]: "):
        planted(Seed(keys=(faulty,)), before, now=NOW, hsm=hsm)
    assert planted(Seed(keys=tuple(keys)), now=NOW, hsm=hsm) == before


# ---- what a key may have


def test_a_ciphertext_opens_where_the_same_key_was_seeded_with_the_same_hsm_seed() -> None:
    """Whatever else was seeded there, and in another process."""
    key, other = SeedKey(key_id=KEY_ID), SeedKey(key_id=MRK)
    here, there = grow(key), grow(other, key)
    sealed = here.handle(EncryptRequest(key_id=KEY_ID, plaintext=b"attack at dawn"))
    opened = there.handle(DecryptRequest(ciphertext_blob=sealed.ciphertext_blob))
    assert opened.plaintext == b"attack at dawn"


@pytest.mark.parametrize("hsm", [SeededHsm("a"), SoftwareHsm()])
def test_key_material_of_a_seed_is_imported(hsm: Hsm) -> None:
    local = grow(SeedKey(key_id=KEY_ID, key_material=(MATERIAL,)), hsm=hsm)
    metadata = described(local)
    assert (metadata["Origin"], metadata["KeyState"]) == ("EXTERNAL", "Enabled")
    again = grow(SeedKey(key_id=KEY_ID, key_material=(MATERIAL,)), hsm=SeededHsm("another"))
    sealed = local.handle(EncryptRequest(key_id=KEY_ID, plaintext=b"x"))
    assert again.handle(DecryptRequest(ciphertext_blob=sealed.ciphertext_blob)).plaintext == b"x"


def test_each_key_material_is_rotated_to_in_turn() -> None:
    local = grow(SeedKey(key_id=KEY_ID, key_material=(MATERIAL, OTHER_MATERIAL)))
    rotations = local.dispatch(
        "ListKeyRotations", {"KeyId": KEY_ID, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    )["Rotations"]
    assert [each.get("KeyMaterialDescription") for each in rotations] == [None, "2027"]
    assert [each["KeyMaterialState"] for each in rotations] == ["NON_CURRENT", "CURRENT"]


def test_key_material_expires_when_the_seed_says() -> None:
    material = evolve(MATERIAL, valid_to=NOW + timedelta(days=1))
    local = grow(SeedKey(key_id=KEY_ID, key_material=(material,)))
    assert described(local)["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    local.clock.advance(days=1)
    assert described(local)["KeyState"] == "PendingImport"


def test_aliases_tags_and_a_policy_are_those_of_the_seed() -> None:
    policy = json.loads(default_key_policy(KeyArn(ACCOUNT, REGION, KEY_ID)))
    policy["Statement"][0]["Principal"]["AWS"] = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    key = SeedKey(
        key_id=KEY_ID,
        aliases=("alias/one", "alias/two"),
        tags={"team": "IT"},
        policy=json.dumps(policy),
    )
    local = grow(key)
    names = local.dispatch("ListAliases", {"KeyId": KEY_ID}, caller=UNASKED)["Aliases"]
    assert [each["AliasName"] for each in names] == ["alias/one", "alias/two"]
    tags = local.dispatch("ListResourceTags", {"KeyId": KEY_ID}, caller=UNASKED)["Tags"]
    assert tags == [{"TagKey": "team", "TagValue": "IT"}]
    written = local.dispatch("GetKeyPolicy", {"KeyId": KEY_ID}, caller=UNASKED)["Policy"]
    assert json.loads(written) == policy


def test_asymmetric_keys_and_keys_that_await_import_can_be_seeded() -> None:
    sign = SeedKey(
        key_id=KEY_ID, key_spec=KeySpec.ECC_NIST_P256, key_usage=KeyUsageType.SIGN_VERIFY
    )
    waits = SeedKey(key_id=MRK, origin=OriginType.EXTERNAL, key_state=KeyState.PendingImport)
    local = grow(sign, waits)
    assert described(local)["SigningAlgorithms"] == ["ECDSA_SHA_256"]
    assert described(local, MRK)["KeyState"] == "PendingImport"


def test_deletion_is_scheduled_as_many_days_ahead_as_the_seed_says() -> None:
    key = SeedKey(key_id=KEY_ID, key_state=KeyState.PendingDeletion, pending_window_in_days=7)
    local = grow(key, evolve(key, key_id=MRK, pending_window_in_days=None))
    local.clock.advance(days=7)
    listed = [key["KeyId"] for key in local.dispatch("ListKeys", {})["Keys"]]
    assert listed == [MRK]


def test_keys_that_name_no_account_have_that_of_the_seed_or_else_of_the_kms() -> None:
    seed = Seed(account=OTHER_ACCOUNT, keys=(SeedKey(key_id=KEY_ID),))
    assert local_kms(seed).account == OTHER_ACCOUNT
    assert described(local_kms(seed))["AWSAccountId"] == OTHER_ACCOUNT
    local = local_kms(evolve(seed, account=None), account=OTHER_ACCOUNT, region=OTHER_REGION)
    arn = f"arn:aws:kms:{OTHER_REGION}:{OTHER_ACCOUNT}:key/{KEY_ID}"
    assert described(local)["Arn"] == arn
    assert local_kms(Seed()).account == ACCOUNT


def test_with_a_directory_a_policy_names_only_who_exists() -> None:
    policy = json.loads(default_key_policy(KeyArn(ACCOUNT, REGION, KEY_ID)))
    policy["Statement"][0]["Principal"]["AWS"] = f"arn:aws:iam::{ACCOUNT}:user/Ada"
    key = SeedKey(key_id=KEY_ID, policy=json.dumps(policy))
    grow(key, iam=Iam(users=[User("Ada", account=ACCOUNT)]))
    with pytest.raises(SeedError, match=r"^keys\[0\]\.policy: MalformedPolicyDocumentException"):
        grow(key, iam=Iam())


# ---- what is refused


@pytest.mark.parametrize(
    "key, message",
    [
        ({"key_id": "orders"}, "keys[0].key_id: a key id is a UUID"),
        ({"key_id": KEY_ID.upper()}, "keys[0].key_id: a key id is a UUID"),
        ({"account": "123"}, "keys[0]: account must be an account id of twelve digits"),
        ({"region": "Mars"}, "keys[0]: region must be the name of a Region"),
        ({"key_state": KeyState.Unavailable}, "keys[0].key_state: one of Enabled, Disabled"),
        ({"key_state": KeyState.PendingImport}, "keys[0].key_state: the key is Enabled"),
        (
            {"key_state": KeyState.Enabled, "origin": OriginType.EXTERNAL},
            "keys[0].key_state: the key is PendingImport",
        ),
        (
            {"key_material": (MATERIAL,), "origin": OriginType.AWS_KMS},
            "keys[0].origin: a key with key_material is of origin EXTERNAL",
        ),
        (
            {"key_material": (SeedMaterial(key_material=b"short"),)},
            "keys[0].key_material[0]: InvalidCiphertextException",
        ),
        (
            {"key_material": (MATERIAL, MATERIAL)},
            "keys[0].key_material[1]: ",
        ),
        (
            {"key_material": (SeedMaterial(key_material=b"-----BEGIN NOTHING-----"),)},
            "keys[0].key_material[0]: a text of key material is a private key in PEM",
        ),
        ({"aliases": ("orders",)}, "keys[0].aliases[0]: "),
        ({"aliases": ("alias/one", "alias/one")}, "keys[0].aliases[1]: AlreadyExistsException"),
        ({"policy": "{"}, "keys[0].policy: MalformedPolicyDocumentException"),
        ({"key_spec": KeySpec.ECC_NIST_P256}, "keys[0]: ValidationException: You must specify"),
        ({"tags": {"aws:x": "y"}}, "keys[0]: TagException"),
        ({"rotation_period_in_days": 1}, "keys[0].rotation_period_in_days: ValidationException"),
        (
            {"key_state": KeyState.PendingDeletion, "pending_window_in_days": 1},
            "keys[0].key_state: ValidationException",
        ),
    ],
)
def test_what_aws_would_not_have_is_told_with_its_place(key: dict[str, Any], message: str) -> None:
    with pytest.raises(SeedError) as refused:
        grow(SeedKey(**{"key_id": KEY_ID, **key}))
    assert str(refused.value).startswith(message)


def test_two_keys_have_two_ids() -> None:
    """Also in two Regions, where only the keys of one multi-Region key share an id."""
    keys = [SeedKey(key_id=MRK), SeedKey(key_id=MRK, region=OTHER_REGION)]
    with pytest.raises(SeedError, match=r"^keys\[1\]\.key_id: another key has it$"):
        grow(*keys)
    before = grow(keys[0], evolve(keys[1], account=OTHER_ACCOUNT)).kms
    with pytest.raises(SeedError, match=r"^keys\[0\]\.key_id: another key has it$"):
        planted(Seed(keys=(keys[0],)), before, now=NOW, hsm=SeededHsm())


def test_no_representation_shows_key_material() -> None:
    assert "key_material=" not in repr(MATERIAL)
    assert "\\x01" not in repr(Seed(keys=(SeedKey(key_id=KEY_ID, key_material=(MATERIAL,)),)))
