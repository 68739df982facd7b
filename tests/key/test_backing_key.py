"""
Backing keys: the ids that tell key materials apart, and what automatic rotation derives.
"""

from __future__ import annotations

import hashlib
import re

from attrs import evolve
from hypothesis import example, given, strategies as st

from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey, key_material_id, rotated
from kmsmodel.words.arn import KeyArn
from tests.basics import ACCOUNT, KEY_ID, OTHER_ACCOUNT, OTHER_REGION, REGION

NAME = KeyArn(ACCOUNT, REGION, KEY_ID)


ACCOUNTS = st.from_regex("[0-9]{12}", fullmatch=True)
ARNS = st.builds(KeyArn, account=ACCOUNTS, region=st.just(REGION), key_id=st.text(max_size=4))


@given(key_arn=ARNS, value=st.binary(min_size=32, max_size=32))
def test_a_key_material_id_is_64_hexadecimal_digits_that_tell_nothing_of_the_material(
    key_arn: KeyArn, value: bytes
) -> None:
    id_ = key_material_id(key_arn, Secret(value))
    assert re.fullmatch("[0-9a-f]{64}", id_)
    assert value.hex() not in id_
    assert id_ == key_material_id(key_arn, Secret(bytes(value)))


@given(
    one=st.tuples(ARNS, st.binary(max_size=4)),
    other=st.tuples(ARNS, st.binary(max_size=4)),
)
@example(one=(NAME, b"\x01"), other=(NAME, b"\x01\x00"))
@example(one=(NAME, bytes(65)), other=(NAME, hashlib.sha256(bytes(65)).digest()))
@example(one=(NAME, b""), other=(evolve(NAME, account=OTHER_ACCOUNT), b""))
def test_another_key_or_another_material_has_another_id(
    one: tuple[KeyArn, bytes], other: tuple[KeyArn, bytes]
) -> None:
    ids = {key_material_id(key, Secret(material)) for key, material in (one, other)}
    assert len(ids) == len({one, other})


def test_multi_region_relatives_have_equal_ids() -> None:
    relative = evolve(NAME, region=OTHER_REGION)
    assert key_material_id(NAME, Secret(b"m")) == key_material_id(relative, Secret(b"m"))


def test_the_id_of_a_key_material_never_changes_its_meaning() -> None:
    """Snapshots and ciphertexts hold it: another derivation is another format."""
    assert key_material_id(NAME, Secret(bytes(range(32)))) == (
        "34650048054dd8036dc2ef2c20ce0184d022b5d95b6177fe19585e7886ab0a57"
    )


def test_a_backing_key_shows_its_id_and_not_its_bytes() -> None:
    shown = repr(BackingKey(key_material_id="1" * 64, secret=Secret(b"attack at dawn")))
    assert "1" * 64 in shown
    assert "attack" not in shown


# ---- automatic rotation

MATERIALS = st.sampled_from([16, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n))
NUMBERS = st.integers(0, 2**32 - 1)


@given(first=MATERIALS, number=NUMBERS)
def test_key_material_that_is_rotated_to_is_as_long_as_the_first_and_always_the_same(
    first: bytes, number: int
) -> None:
    secret = rotated(Secret(first), number)
    assert len(secret.reveal()) == len(first)
    assert secret == rotated(Secret(bytes(first)), number)


@given(one=st.tuples(MATERIALS, NUMBERS), other=st.tuples(MATERIALS, NUMBERS))
@example(one=(bytes(32), 1), other=(bytes(32), 2))
@example(one=(bytes(32), 1), other=(bytes(32), 257))
@example(one=(bytes(32), 1), other=(bytes([1]) * 32, 1))
def test_each_rotation_of_each_key_has_key_material_of_its_own(
    one: tuple[bytes, int], other: tuple[bytes, int]
) -> None:
    """And none of it is the first key material again."""
    materials = {rotated(Secret(first), number) for first, number in (one, other)}
    assert len(materials) == len({one, other})
    assert not materials & {Secret(one[0]), Secret(other[0])}


def test_what_automatic_rotation_derives_never_changes() -> None:
    """A snapshot holds only what was settled: another derivation would lose ciphertexts."""
    assert rotated(Secret(bytes(range(32))), 1).reveal().hex() == (
        "1ec71ea9a2162c6899aa2f5f3d0f87e69bf2acb710eee93ebd441116b6d01a7c"
    )
