"""
A KMS key at its birth: what is drawn for it.
"""

from __future__ import annotations

import re
from typing import Any, final

import pytest
from attrs import evolve, frozen
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.new_key import backing_key, new_key
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey, key_material_id
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, is_asymmetric
from kmsmodel.key.tag import Tag
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import (
    KeyManagerType,
    KeySpec,
    KeyUsageType,
    MultiRegionKeyType,
    OriginType,
)
from tests.basics import HSM, KEY_ID, NOW, OTHER_ACCOUNT, OTHER_REGION, call

NAME = KeyArn(OTHER_ACCOUNT, OTHER_REGION, KEY_ID)


def elsewhere(name: str = "the call", hsm: Any = HSM) -> Call:
    """A call in an account and a Region that are not the usual ones."""
    return call(name, account=OTHER_ACCOUNT, region=OTHER_REGION, hsm=hsm)


@pytest.mark.parametrize("multi_region", [False, True])
@pytest.mark.parametrize("key_spec", sorted(SUPPORTED))
def test_a_new_key_has_the_key_material_that_was_generated_for_it(
    key_spec: KeySpec, multi_region: bool
) -> None:
    usage = next(iter(ALGORITHMS[key_spec]))
    key = new_key(elsewhere(), key_spec=key_spec, key_usage=usage, multi_region=multi_region)
    secret = HSM.generate(key_spec, "the call key material")
    id_ = key_material_id(key.key_arn, secret)
    primary = MultiRegionKeyType.PRIMARY if multi_region else None
    assert key == Key(
        lifecycle=Lifecycle(
            arn=f"arn:aws:kms:{OTHER_REGION}:{OTHER_ACCOUNT}:key/{key.key_arn.key_id}",
            key_spec=key_spec,
            multi_region_key_type=primary,
            materials=(Material(key_material_id=id_),),
        ),
        creation_date=NOW,
        key_usage=usage,
        backing_keys=(
            BackingKey(
                key_material_id=id_,
                secret=secret,
                public_key=HSM.public_key(secret) if is_asymmetric(key_spec) else None,
            ),
        ),
    )


@pytest.mark.parametrize("key_spec", sorted(SUPPORTED))
def test_a_new_key_of_origin_external_has_none_and_a_secret_to_seal_import_tokens_with(
    key_spec: KeySpec,
) -> None:
    usage = next(iter(ALGORITHMS[key_spec]))
    key = new_key(elsewhere(), key_spec=key_spec, key_usage=usage, origin=OriginType.EXTERNAL)
    assert key == Key(
        lifecycle=Lifecycle(arn=key.arn, origin=OriginType.EXTERNAL, key_spec=key_spec),
        creation_date=NOW,
        key_usage=usage,
        import_secret=Secret(HSM.random(32, "the call import secret")),
    )


def test_a_new_key_keeps_what_else_it_is_given() -> None:
    given_: dict[str, Any] = {
        "description": "for the vault",
        "tags": (Tag(tag_key="a", tag_value="b"),),
        "policy": "{}",
        "key_manager": KeyManagerType.AWS,
    }
    rotation = AutomaticRotation.starting(NOW)
    plain = new_key(elsewhere())
    rotating = evolve(plain, lifecycle=evolve(plain.lifecycle, automatic_rotation=rotation))
    assert new_key(elsewhere(), **given_) == evolve(plain, **given_)
    assert new_key(elsewhere(), automatic_rotation=rotation) == rotating


@given(name=st.text(max_size=5))
def test_a_key_id_is_a_random_uuid_and_says_so_of_a_multi_region_key(name: str) -> None:
    """In hexadecimal, and a UUID of version 4 either way."""
    one, other = (
        new_key(elsewhere(name), multi_region=each).key_arn.key_id for each in (False, True)
    )
    uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(uuid, one)
    assert other == f"mrk-{one.replace('-', '')}"


@final
@frozen
class Listening:
    """An HSM that writes down what each drawing of chance is for."""

    purposes: list[str]

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        self.purposes.append(purpose)
        return HSM.random(number_of_bytes, purpose)

    def generate(self, key_spec: KeySpec, purpose: str) -> Secret:
        self.purposes.append(purpose)
        return HSM.generate(key_spec, purpose)


@pytest.mark.parametrize(
    "drawn_for, prefix", [("", "r "), ("alias/aws/s3", "r alias/aws/s3 ")], ids=["one", "several"]
)
def test_the_hsm_is_told_what_each_drawing_is_for_and_for_which_key(
    drawn_for: str, prefix: str
) -> None:
    """Two drawings of one call must not share a purpose, or a seeded HSM would give both the same chance."""
    purposes = {OriginType.AWS_KMS: "key material", OriginType.EXTERNAL: "import secret"}
    for origin, second in purposes.items():
        hsm = Listening([])
        new_key(elsewhere("r", hsm), origin=origin, drawn_for=drawn_for)
        assert hsm.purposes == [f"{prefix}key id", f"{prefix}{second}"]


def test_two_keys_of_one_call_are_two_keys() -> None:
    one, other = (new_key(elsewhere(), drawn_for=each) for each in ("one", "other"))
    assert one.key_arn.key_id != other.key_arn.key_id
    assert one.backing_keys[0].secret != other.backing_keys[0].secret


@given(value=st.binary(max_size=40))
def test_a_backing_key_of_a_symmetric_key_is_its_bytes_and_their_id(value: bytes) -> None:
    for key_spec in (KeySpec.SYMMETRIC_DEFAULT, KeySpec.HMAC_256):
        assert backing_key(NAME, key_spec, Secret(value), elsewhere()) == BackingKey(
            key_material_id=key_material_id(NAME, Secret(value)), secret=Secret(value)
        )


def test_a_backing_key_of_an_asymmetric_key_has_its_public_key_too() -> None:
    key_spec = KeySpec.ECC_NIST_P256
    secret = HSM.generate(key_spec, "a private key")
    assert backing_key(NAME, key_spec, secret, elsewhere()).public_key == HSM.public_key(secret)


def test_the_default_key_is_a_symmetric_encryption_key() -> None:
    key = new_key(elsewhere())
    assert (key.key_spec, key.key_usage) == (
        KeySpec.SYMMETRIC_DEFAULT,
        KeyUsageType.ENCRYPT_DECRYPT,
    )
