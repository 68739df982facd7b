"""
The ciphertext blob, and a reader of it that knows only the description of its format and the imported bytes.
"""

from __future__ import annotations

import hashlib
import hmac

import pytest
from attrs import evolve
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, strategies as st

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.ciphertext import CiphertextBlob, parse
from kmsmodel.hsm.secret import Secret
from kmsmodel.operations.encryption import EncryptRequest
from tests.operations.steps import FIRST, SECOND, create_external, local_kms

CONTEXTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4)


def read(blob: bytes, material: bytes, context: dict[str, str]) -> bytes:
    """Header (version 1, account 12, length of key id 1, key id, key material id 32), salt 16, nonce 12, AES-GCM."""
    header_length = 1 + 12 + 1 + blob[13] + 32
    header, rest = blob[:header_length], blob[header_length:]
    salt, nonce, encrypted = rest[:16], rest[16:28], rest[28:]
    fixed = b"kmsmodel" + b"\0" + salt + (256).to_bytes(4, "big")
    key = hmac.digest(material, (1).to_bytes(4, "big") + fixed, hashlib.sha256)
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    additional_data = header + len(pairs).to_bytes(4, "big")
    for text in (text for pair in pairs for text in pair):
        additional_data += len(text).to_bytes(4, "big") + text
    return AESGCM(key).decrypt(nonce, encrypted, additional_data)


@given(
    plaintext=st.binary(min_size=1, max_size=99),
    material=st.binary(min_size=32, max_size=32),
    context=CONTEXTS,
)
def test_the_imported_bytes_open_a_ciphertext_outside_of_the_model(
    plaintext: bytes, material: bytes, context: dict[str, str]
) -> None:
    local = local_kms()
    request = EncryptRequest(
        key_id=create_external(local, material), plaintext=plaintext, encryption_context=context
    )
    blob = local.handle(request).ciphertext_blob
    assert read(blob, material, context) == plaintext
    with pytest.raises(InvalidTag):
        read(blob, bytes([material[0] ^ 1]) + material[1:], context)


def test_after_a_rotation_the_material_that_was_rotated_to_opens_it() -> None:
    local = local_kms()
    arn = create_external(local, FIRST, SECOND)
    blob = local.handle(EncryptRequest(key_id=arn, plaintext=b"plain")).ciphertext_blob
    assert read(blob, SECOND, {}) == b"plain"


BLOBS = st.builds(
    CiphertextBlob,
    account=st.from_regex("[0-9]{12}", fullmatch=True),
    key_id=st.uuids().map(str) | st.from_regex("mrk-[0-9a-f]{32}", fullmatch=True),
    key_material_id=st.binary(min_size=32, max_size=32).map(bytes.hex),
    sealed=st.binary(max_size=60),
)


@given(BLOBS)
def test_parsing_is_the_inverse_of_writing(blob: CiphertextBlob) -> None:
    assert parse(bytes(blob)) == blob


@given(st.binary(max_size=90) | st.binary(max_size=90).map(lambda rest: b"\x01" + rest))
def test_whatever_can_be_parsed_is_written_as_it_was(data: bytes) -> None:
    blob = parse(data)
    assert blob is None or bytes(blob) == data


@given(blob=BLOBS, length=st.integers(0, 200))
def test_what_ends_within_the_header_is_no_ciphertext(blob: CiphertextBlob, length: int) -> None:
    header = blob.header
    if length < len(header):
        assert parse(header[:length]) is None


@pytest.mark.parametrize(
    "where, byte",
    [(0, 0), (0, 2), (1, ord("a")), (12, ord(" ")), (14, 0x80)],
    ids=["version 0", "version 2", "account", "account's end", "key id"],
)
def test_what_names_no_account_and_key_is_no_ciphertext(where: int, byte: int) -> None:
    blob = bytearray(bytes(CiphertextBlob("111122223333", "1234abcd", "00" * 32, b"sealed")))
    assert parse(bytes(blob)) is not None
    blob[where] = byte
    assert parse(bytes(blob)) is None


@given(blob=BLOBS, one=CONTEXTS, other=CONTEXTS)
def test_equal_encryption_contexts_and_only_those_are_bound_alike(
    blob: CiphertextBlob, one: dict[str, str], other: dict[str, str]
) -> None:
    shuffled = dict(reversed(one.items()))
    assert blob.additional_data(one) == blob.additional_data(shuffled)
    alike = blob.additional_data(one) == blob.additional_data(other)
    assert alike is (one == other)
    assert blob.additional_data(None) == blob.additional_data({})


@given(blob=BLOBS, other=BLOBS, context=CONTEXTS)
def test_the_header_is_bound_too(
    blob: CiphertextBlob, other: CiphertextBlob, context: dict[str, str]
) -> None:
    if blob.header != other.header:
        assert blob.additional_data(context) != other.additional_data(context)
    assert evolve(blob, sealed=b"").additional_data(context) == blob.additional_data(context)


@given(blob=BLOBS, plaintext=st.binary(max_size=60), one=CONTEXTS, other=CONTEXTS)
def test_what_was_sealed_opens_with_the_same_key_material_and_an_equal_encryption_context(
    blob: CiphertextBlob, plaintext: bytes, one: dict[str, str], other: dict[str, str]
) -> None:
    hsm, secret = SeededHsm(), Secret(FIRST)
    sealed = parse(blob.seal(secret, plaintext, one, hsm, "purpose"))
    assert sealed is not None
    assert sealed.header == blob.header
    assert sealed.open(secret, dict(reversed(one.items())), hsm) == plaintext
    assert sealed.open(Secret(SECOND), one, hsm) is None
    assert (sealed.open(secret, other, hsm) == plaintext) is (one == other)
