"""
KMS keys that a `LocalKms` begins with.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import given, strategies as st

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import User
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.errors import AccessDeniedException, InvalidCiphertextException, KmsError
from kmsmodel.hsm.port import Hsm
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.grants import CreateGrantRequest
from kmsmodel.planting import local_kms, planted
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.seeds import (
    Seed,
    SeedError,
    SeedGrant,
    SeedKey,
    SeedMaterial,
    SeedReplicaKey,
)
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import (
    GrantOperation,
    KeySpec,
    KeyState,
    KeyUsageType,
    OriginType,
)
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

_contexts = st.dictionaries(st.sampled_from("abc"), st.text(max_size=3), max_size=2)
_people = st.none() | st.sampled_from(
    [f"arn:aws:iam::{ACCOUNT}:role/ledger", f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada", "nobody"]
)
_services = st.none() | st.just(f"s3.{REGION}.amazonaws.com")
_grants = st.builds(
    SeedGrant,
    grantee_principal=_people,
    grantee_service_principal=_services,
    operations=st.lists(st.sampled_from(GrantOperation), max_size=4, unique=True).map(tuple),
    constraints=st.none()
    | st.builds(
        GrantConstraints,
        encryption_context_subset=st.none() | _contexts,
        encryption_context_equals=st.none() | _contexts,
        source_arn=st.none() | st.just(f"arn:aws:s3:::{ACCOUNT}"),
    ),
    name=st.none() | st.sampled_from(["ledger", "of orders", "!"]),
    retiring_principal=_people,
    retiring_service_principal=_services,
)
_valid_grants = st.builds(
    SeedGrant,
    grantee_principal=st.just(f"arn:aws:iam::{ACCOUNT}:role/ledger"),
    operations=st.lists(
        st.sampled_from([GrantOperation.Encrypt, GrantOperation.Decrypt]), min_size=1, unique=True
    ).map(tuple),
    constraints=st.none()
    | st.dictionaries(st.sampled_from("abc"), st.text(max_size=3), min_size=1, max_size=2).map(
        lambda pairs: GrantConstraints(encryption_context_subset=pairs)
    ),
    name=st.none() | st.sampled_from(["ledger", "orders"]),
    retiring_principal=st.none() | st.just(f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada"),
)
_aliases = st.lists(st.sampled_from(["alias/one", "alias/two"]), unique=True).map(tuple)
_states = st.sampled_from([None, KeyState.Enabled, KeyState.Disabled, KeyState.PendingDeletion])
_replica_keys = st.builds(
    SeedReplicaKey,
    region=st.sampled_from(["eu-west-1", "sa-east-1", "ap-south-1"]),
    description=st.none() | st.text(max_size=20),
    aliases=_aliases,
    tags=st.dictionaries(st.sampled_from(["team", "stage"]), st.text("abc", max_size=3)),
    grants=st.lists(_valid_grants, max_size=2).map(tuple),
    key_state=_states,
)
_primary_keys = st.builds(
    SeedKey,
    key_id=_hex.map(lambda digits: f"mrk-{digits}"),
    grants=st.lists(_valid_grants, max_size=2).map(tuple),
    replica_keys=st.lists(_replica_keys, max_size=2, unique_by=lambda each: each.region).map(tuple),
    key_material=st.sampled_from([(), (MATERIAL,), (MATERIAL, OTHER_MATERIAL)]),
    key_state=st.sampled_from([None, KeyState.Enabled, KeyState.Disabled]),
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


def granted(local: LocalKms, region: str, key_id: str) -> list[dict[str, Any]]:
    """What the grants on a key say, in any order."""
    told = local.dispatch("ListGrants", {"KeyId": key_id}, region=region)["Grants"]
    left_out = {"KeyId", "GrantId", "CreationDate", "IssuingAccount"}
    grants = [{name: each[name] for name in each.keys() - left_out} for each in told]
    return sorted(grants, key=repr_of)


def as_listed(grant: SeedGrant) -> dict[str, Any]:
    members: dict[str, Any] = {
        "GranteePrincipal": grant.grantee_principal,
        "RetiringPrincipal": grant.retiring_principal,
        "Operations": list(grant.operations),
        "Name": grant.name,
    }
    if grant.constraints is not None:
        context = dict(grant.constraints.encryption_context_subset or {})
        members["Constraints"] = {"EncryptionContextSubset": context}
    return {name: value for name, value in members.items() if value is not None}


def repr_of(grant: dict[str, Any]) -> str:
    return json.dumps(grant, sort_keys=True, default=list)


@given(_primary_keys)
def test_grants_and_replica_keys_are_there_as_the_seed_says(key: SeedKey) -> None:
    local = local_kms(Seed(keys=(key,)), clock=Clock(NOW), hsm=SeededHsm())
    own: list[tuple[str, SeedKey | SeedReplicaKey]] = [(REGION, key)]
    own += [(each.region, each) for each in key.replica_keys]
    relatives = described(local, key.key_id)["MultiRegionConfiguration"]
    assert relatives["PrimaryKey"]["Region"] == REGION
    assert {each["Region"] for each in relatives["ReplicaKeys"]} == {
        each.region for each in key.replica_keys
    }
    for region, each in own:
        asked: Any = {"KeyId": key.key_id}
        metadata = local.dispatch("DescribeKey", asked, region=region)["KeyMetadata"]
        assert metadata["Arn"].split(":")[3] == region
        assert metadata["KeyState"] == (each.key_state or KeyState.Enabled)
        assert metadata["Description"] == (each.description or "")
        tags = local.dispatch("ListResourceTags", asked, region=region)["Tags"]
        assert {tag["TagKey"]: tag["TagValue"] for tag in tags} == each.tags
        aliases = local.dispatch("ListAliases", asked, region=region)["Aliases"]
        assert {alias["AliasName"] for alias in aliases} == set(each.aliases)
        # AWS KMS makes one grant of two requests that are alike and have a name.
        expected = [as_listed(grant) for grant in each.grants]
        once = {repr_of(grant): grant for grant in expected if "Name" in grant}
        nameless = [grant for grant in expected if "Name" not in grant]
        expected = sorted([*once.values(), *nameless], key=repr_of)
        assert granted(local, region, key.key_id) == expected


@given(_grants)
def test_a_grant_is_what_create_grant_makes_of_it(grant: SeedGrant) -> None:
    """And what CreateGrant refuses is refused with the same words."""
    bare = grow(SeedKey(key_id=KEY_ID))
    request = CreateGrantRequest(key_id=KEY_ID, **asdict(grant, recurse=False))
    refusal = refused(lambda: bare.handle(request))
    key = SeedKey(key_id=KEY_ID, grants=(grant,))
    if refusal is None:
        assert granted(grow(key), REGION, KEY_ID) == granted(bare, REGION, KEY_ID)
    else:
        assert_refused(key, {"keys[0].grants[0]"}, refusal)


@given(
    st.sampled_from([KEY_ID, MRK]),
    st.sampled_from([REGION, "eu-west-1", "cn-north-1", "Mars", "xx-nowhere-1", ""]),
    st.sampled_from([None, "", "{", default_key_policy(KeyArn(ACCOUNT, "eu-west-1", MRK))]),
    st.sampled_from([{}, {"team": "IT"}, {"aws:x": "y"}]),
)
def test_a_replica_key_is_what_replicate_key_makes_of_it(
    key_id: str, region: str, policy: str | None, tags: dict[str, str]
) -> None:
    bare = grow(SeedKey(key_id=key_id))
    replica = SeedReplicaKey(region=region, policy=policy, tags=tags)
    key = SeedKey(key_id=key_id, replica_keys=(replica,))
    listed = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
    members = {"KeyId": key_id, "ReplicaRegion": region, "Tags": listed}
    members |= {} if policy is None else {"Policy": policy}
    refusal = refused(lambda: bare.dispatch("ReplicateKey", members))
    if refusal is not None:
        at = "keys[0].replica_keys[0]"
        assert_refused(key, {at, f"{at}.policy"}, refusal)
        return
    local = grow(key)
    for operation in ("DescribeKey", "GetKeyPolicy", "ListResourceTags"):
        one, other = (
            each.dispatch(operation, {"KeyId": key_id}, region=region) for each in (local, bare)
        )
        assert one == other


def refused(ask: Callable[[], object]) -> KmsError | None:
    """The error that something is answered with."""
    try:
        ask()
    except KmsError as error:
        return error
    return None


def assert_refused(key: SeedKey, places: set[str], error: KmsError) -> None:
    """A seed with this key is refused with the error, at one of the places."""
    with pytest.raises(SeedError) as found:
        grow(key)
    assert found.value.at in places
    assert found.value.told.startswith(f"{error.code}: {error.message}".removesuffix(": "))


# ---- what a key may have


def test_a_ciphertext_opens_where_the_same_key_was_seeded_with_the_same_hsm_seed() -> None:
    """Whatever else was seeded there, and in another process."""
    key, other = SeedKey(key_id=KEY_ID), SeedKey(key_id=MRK)
    here, there = grow(key), grow(other, key)
    sealed = here.handle(EncryptRequest(key_id=KEY_ID, plaintext=b"attack at dawn"))
    opened = there.handle(DecryptRequest(ciphertext_blob=sealed.ciphertext_blob))
    assert opened.plaintext == b"attack at dawn"


def test_a_ciphertext_of_another_hsm_seed_is_told_apart_from_another_context() -> None:
    seed = Seed(keys=(SeedKey(key_id=KEY_ID),))
    here, there = (local_kms(seed, hsm=SeededHsm(each)) for each in "ab")
    encrypt = EncryptRequest(key_id=KEY_ID, plaintext=b"x", encryption_context={"a": "b"})
    sealed = here.handle(encrypt).ciphertext_blob
    for local, told in ((here, "the encryption context is not"), (there, "key material that this")):
        with pytest.raises(InvalidCiphertextException) as refused:
            local.handle(DecryptRequest(ciphertext_blob=sealed))
        (note,) = refused.value.__notes__
        assert told in note


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


def test_a_replica_key_has_the_imported_key_material_unless_it_awaits_it() -> None:
    replicas = (
        SeedReplicaKey(region="eu-west-1"),
        SeedReplicaKey(region="sa-east-1", key_state=KeyState.PendingImport),
    )
    materials = (MATERIAL, OTHER_MATERIAL)
    local = grow(SeedKey(key_id=MRK, key_material=materials, replica_keys=replicas))
    sealed = local.handle(EncryptRequest(key_id=MRK, plaintext=b"x")).ciphertext_blob
    opened = local.handle(DecryptRequest(ciphertext_blob=sealed), region="eu-west-1")
    assert opened.plaintext == b"x"
    state = local.dispatch("DescribeKey", {"KeyId": MRK}, region="sa-east-1")["KeyMetadata"]
    assert state["KeyState"] == "PendingImport"


def test_a_primary_key_may_wait_for_its_replica_keys_to_be_deleted() -> None:
    replica = SeedReplicaKey(region="eu-west-1")
    waits = KeyState.PendingReplicaDeletion
    local = grow(SeedKey(key_id=MRK, replica_keys=(replica,), key_state=waits))
    assert described(local, MRK)["KeyState"] == "PendingReplicaDeletion"


def test_a_grant_lets_its_grantee_use_the_key() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/ledger"
    grant = SeedGrant(
        grantee_principal=role,
        operations=(GrantOperation.Encrypt,),
        constraints=GrantConstraints(encryption_context_equals={"order": "7"}),
    )
    local = grow(SeedKey(key_id=KEY_ID, grants=(grant,)))
    encrypt = EncryptRequest(key_id=KEY_ID, plaintext=b"x", encryption_context={"order": "7"})
    assert local.handle(encrypt, principal=role).ciphertext_blob
    with pytest.raises(AccessDeniedException):
        local.handle(evolve(encrypt, encryption_context={"order": "8"}), principal=role)


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
            "keys[0].pending_window_in_days: ValidationException",
        ),
        (
            {"key_state": KeyState.PendingDeletion, "pending_window_in_days": 0},
            "keys[0].pending_window_in_days: ValidationException",
        ),
        (
            {
                "key_id": MRK,
                "replica_keys": (
                    SeedReplicaKey(region="eu-west-1", key_state=KeyState.PendingReplicaDeletion),
                ),
            },
            "keys[0].replica_keys[0].key_state: one of Enabled, Disabled, PendingDeletion, PendingImport",
        ),
        (
            {"key_state": KeyState.PendingReplicaDeletion},
            "keys[0].key_state: the key is PendingDeletion",
        ),
        (
            {"grants": (SeedGrant(operations=(GrantOperation.Encrypt,)),)},
            "keys[0].grants[0]: ValidationException",
        ),
        (
            {"replica_keys": (SeedReplicaKey(region="eu-west-1"),)},
            "keys[0].replica_keys[0]: UnsupportedOperationException",
        ),
        (
            {"key_id": MRK, "replica_keys": (SeedReplicaKey(region="eu-west-1"),) * 2},
            "keys[0].replica_keys[1]: AlreadyExistsException",
        ),
        (
            {
                "key_id": MRK,
                "key_state": KeyState.PendingDeletion,
                "replica_keys": (SeedReplicaKey(region="eu-west-1"),),
            },
            "keys[0].key_state: the key is PendingReplicaDeletion",
        ),
        (
            {
                "key_id": MRK,
                "replica_keys": (
                    SeedReplicaKey(region="eu-west-1", key_state=KeyState.Unavailable),
                ),
            },
            "keys[0].replica_keys[0].key_state: one of Enabled",
        ),
        (
            {"key_id": MRK, "replica_keys": (SeedReplicaKey(region="eu-west-1", aliases=("x",)),)},
            "keys[0].replica_keys[0].aliases[0]: ",
        ),
        (
            {
                "key_id": MRK,
                "replica_keys": (
                    SeedReplicaKey(
                        region="eu-west-1",
                        grants=(SeedGrant(grantee_principal="nobody", operations=()),),
                    ),
                ),
            },
            "keys[0].replica_keys[0].grants[0]: ",
        ),
    ],
)
def test_what_aws_would_not_have_is_told_with_its_place(key: dict[str, Any], message: str) -> None:
    members: dict[str, Any] = {"key_id": KEY_ID, **key}
    with pytest.raises(SeedError) as refused:
        grow(SeedKey(**members))
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
