"""
The ciphertext blob: the form that AWS's has, and a reader of it that knows only the description of its format.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from pathlib import Path
from uuid import UUID

import pytest
from attrs import evolve
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, strategies as st

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.ciphertext import CiphertextBlob, key_handle, parse
from kmsmodel.hsm.secret import Secret
from kmsmodel.operations.data_keys import (
    GenerateDataKeyPairRequest,
    GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyRequest,
    GenerateDataKeyWithoutPlaintextRequest,
)
from kmsmodel.operations.encryption import EncryptRequest, ReEncryptRequest
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import DataKeyPairSpec
from tests.basics import ACCOUNT, KEY_ID, OTHER_ACCOUNT, REGION
from tests.operations.steps import (
    BY_OPENSSL,
    FIRST,
    SECOND,
    create_external,
    describe,
    local_kms,
    openssl,
)

CONTEXTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4)
BLOBS = st.builds(
    CiphertextBlob,
    key_handle=st.binary(min_size=7, max_size=7),
    key_material_id=st.binary(min_size=32, max_size=32).map(bytes.hex),
    sealed=st.binary(min_size=44, max_size=120),
    is_data_key=st.booleans(),
)
BLOB = CiphertextBlob(key_handle=b"handle!", key_material_id="5a" * 32)


def sealed(plaintext: bytes) -> bytes:
    return BLOB.seal(Secret(FIRST), plaintext, None, SeededHsm(), "purpose")


def values(der: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of DER values, one after another. Raises ValueError for anything that is not DER."""
    found: list[tuple[int, bytes]] = []
    while der:
        tag, length, start = der[0], der[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(der[2:start], "big")
            if length < 0x80 or der[2] == 0:
                raise ValueError("a length that DER writes shorter")
        if len(der) < start + length:
            raise ValueError("a value that is longer than what holds it")
        found.append((tag, der[start : start + length]))
        der = der[start + length :]
    return found


SEQUENCE, INTEGER, OCTETS, OID, EXPLICIT_0, IMPLICIT_0 = 0x30, 0x02, 0x04, 0x06, 0xA0, 0x80


def nonce_and_content(der: bytes) -> tuple[bytes, bytes]:
    """Those of CMS EncryptedData that was encrypted by AES-256-GCM with a tag of 16 bytes."""
    ((tag, content_info),) = values(der)
    (content_type, (explicit, encrypted_data)) = values(content_info)
    ((sequence, inner),) = values(encrypted_data)
    version, (content_sequence, encrypted_content_info) = values(inner)
    data_type, (algorithm_sequence, algorithm), (implicit, content) = values(encrypted_content_info)
    by, (parameters_sequence, parameters) = values(algorithm)
    (octets, nonce), tag_length = values(parameters)
    assert {tag, sequence, content_sequence, algorithm_sequence, parameters_sequence} == {SEQUENCE}
    assert (explicit, implicit, octets) == (EXPLICIT_0, IMPLICIT_0, OCTETS)
    assert content_type == (OID, bytes.fromhex("2a864886f70d010706"))
    assert version == (INTEGER, b"\0")
    assert data_type == (OID, bytes.fromhex("2a864886f70d010701"))
    assert by == (OID, bytes.fromhex("60864801650304012e"))
    assert tag_length == (INTEGER, bytes([16]))
    return nonce, content


def read(blob: bytes, material: bytes, context: dict[str, str]) -> bytes:
    """
    Header (kind 5, key material id 32), 01, salt 16, length 4 and DER; there nonce 12 and content (handle 7, what was
    encrypted with its tag, checksum 4).
    """
    header, one, salt, length, der = blob[:37], blob[37], blob[38:54], blob[54:58], blob[58:]
    assert (one, int.from_bytes(length, "big")) == (1, len(der))
    nonce, content = nonce_and_content(der)
    assert zlib.crc32(blob[:-4]).to_bytes(4, "big") == content[-4:]
    fixed = b"kmsmodel" + b"\0" + salt + (256).to_bytes(4, "big")
    key = hmac.digest(material, (1).to_bytes(4, "big") + fixed, hashlib.sha256)
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    additional_data = header + content[:7] + len(pairs).to_bytes(4, "big")
    for text in (text for pair in pairs for text in pair):
        additional_data += len(text).to_bytes(4, "big") + text
    return AESGCM(key).decrypt(nonce, content[7:-4], additional_data)


# ---- the form that AWS's has


@pytest.mark.parametrize(
    "plaintext, longer",
    [
        *((length, 152) for length in (1, 12, 13, 16, 25, 27, 32)),
        (48, 153),
        (144, 157),
        (150, 157),
        (194, 161),
        *((length, 162) for length in (250, 1217, 1792, 2374, 4096)),
    ],
)
def test_it_is_as_much_longer_than_the_plaintext_as_was_recorded(
    plaintext: int, longer: int
) -> None:
    assert len(sealed(bytes(plaintext))) == plaintext + longer


def nested(content: int, *openings: int) -> int:
    """The length of a DER value in a DER value and so on, each of which holds so many bytes before it."""
    for opening in openings:
        content = opening + 1 + (1 if content < 128 else 2 if content < 256 else 3) + content
    return content


def test_it_grows_as_der_does() -> None:
    """Five lengths stand around each other: each takes a second byte from 128 on, and a third from 256 on."""
    longer: list[int] = []
    for length in range(1, 4097):
        blob = sealed(bytes(length))
        assert len(blob) == 58 + nested(length + 27, 11 + 32, 3, 0, 11, 0)
        longer.append(len(blob) - length)
    grows = [length + 1 for length in range(1, 4096) if longer[length] != longer[length - 1]]
    assert grows == [36, 49, 51, 56, 101, 160, 174, 177, 183, 229]
    assert (longer[0], longer[-1]) == (152, 162)


def test_it_reads_in_base64_as_public_ones_do() -> None:
    """Those of 32 bytes, which most are: but for the salt, the nonce and the content."""
    text = base64.b64encode(sealed(bytes(32))).decode()
    assert text[:6] == "AQICAH"
    assert text[72:144] == (
        "AAAAfjB8BgkqhkiG9w0BBwagbzBtAgEAMGgGCSqGSIb3DQEHATAeBglghkgBZQMEAS4wEQQM"
    )
    assert text[160:166] == "AgEQgD"


def test_ciphertexts_and_data_keys_begin_as_tools_know_them() -> None:
    """``AQICAH`` and ``AQIDAH`` in base64; then the id of the key material."""
    local = local_kms()
    arn = create_external(local, FIRST)
    encrypted = local.handle(EncryptRequest(key_id=arn, plaintext=b"plain")).ciphertext_blob
    moved = local.handle(ReEncryptRequest(ciphertext_blob=encrypted, destination_key_id=arn))
    pair = DataKeyPairSpec.ECC_NIST_P256
    data_keys = (
        local.handle(GenerateDataKeyRequest(key_id=arn, number_of_bytes=32)).ciphertext_blob,
        local.handle(
            GenerateDataKeyWithoutPlaintextRequest(key_id=arn, number_of_bytes=1024)
        ).ciphertext_blob,
        local.handle(
            GenerateDataKeyPairRequest(key_id=arn, key_pair_spec=pair)
        ).private_key_ciphertext_blob,
        local.handle(
            GenerateDataKeyPairWithoutPlaintextRequest(key_id=arn, key_pair_spec=pair)
        ).private_key_ciphertext_blob,
    )
    material_id = bytes.fromhex(describe(local, arn).current_key_material_id or "")
    for blob in (encrypted, moved.ciphertext_blob):
        assert blob[:37] == bytes.fromhex("0102020078") + material_id
    for blob in data_keys:
        assert blob[:37] == bytes.fromhex("0102030078") + material_id


@BY_OPENSSL
@pytest.mark.parametrize("length", [1, 47, 130, 250, 4096])
def test_openssl_reads_cms_encrypted_data(tmp_path: Path, length: int) -> None:
    der = sealed(bytes(length))[58:]
    shown = openssl(tmp_path, "asn1parse -inform DER", der).decode().split("\n")
    names = [line.rpartition(":")[2].strip() for line in shown if "OBJECT" in line]
    assert names == ["pkcs7-encryptedData", "pkcs7-data", "aes-256-gcm"]
    cms = openssl(tmp_path, "cms -cmsout -print -inform DER", der).decode()
    assert "contentType: pkcs7-encryptedData (1.2.840.113549.1.7.6)" in cms
    assert "algorithm: aes-256-gcm (2.16.840.1.101.3.4.1.46)" in cms


def test_neither_account_nor_key_nor_region_is_in_the_clear() -> None:
    local = local_kms()
    arn = create_external(local, FIRST)
    blob = local.handle(EncryptRequest(key_id=arn, plaintext=b"plain")).ciphertext_blob
    key_id = arn.rpartition("/")[2]
    for text in (ACCOUNT.encode(), REGION.encode(), key_id.encode(), UUID(key_id).bytes):
        assert text not in blob


# ---- opened outside


@given(
    plaintext=st.binary(min_size=1, max_size=99),
    material=st.binary(min_size=32, max_size=32),
    context=CONTEXTS.filter(lambda pairs: all(pairs.values())),
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


# ---- taken apart


@given(BLOBS)
def test_parsing_is_the_inverse_of_writing(blob: CiphertextBlob) -> None:
    assert parse(bytes(blob)) == blob


@given(st.binary(max_size=250))
def test_whatever_can_be_parsed_is_written_as_it_was(data: bytes) -> None:
    blob = parse(data)
    assert blob is None or bytes(blob) == data


def summed(blob: bytes) -> bytes:
    """With a checksum that is right."""
    return blob[:-4] + zlib.crc32(blob[:-4]).to_bytes(4, "big")


@given(data=st.data(), length=st.integers(0, 300))
def test_a_bit_of_the_form_that_is_turned_makes_it_no_ciphertext(
    data: st.DataObject, length: int
) -> None:
    """Also with a checksum that is right: the kind, the byte before the salt, and the DER around the nonce."""
    blob = bytearray(sealed(bytes(length)))
    nonce, content = nonce_and_content(bytes(blob[58:]))
    nonce_start, content_start = blob.index(nonce, 58), len(blob) - len(content)
    form = [*range(5), 37, *range(54, nonce_start), *range(nonce_start + 12, content_start)]
    where = data.draw(st.sampled_from(form), label="where")
    bit = data.draw(st.integers(0, 7), label="bit")
    assert parse(summed(bytes(blob))) is not None
    blob[where] ^= 1 << bit
    assert parse(bytes(blob)) is None
    if (where, bit) != (2, 0):  # a data key
        assert parse(summed(bytes(blob))) is None


@given(blob=BLOBS, where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_bit_that_is_turned_makes_it_no_ciphertext(
    blob: CiphertextBlob, where: int, bit: int
) -> None:
    touched = bytearray(bytes(blob))
    touched[where % len(touched)] ^= 1 << bit
    assert parse(bytes(touched)) is None


@given(blob=BLOBS, length=st.integers(0, 10_000), more=st.binary(min_size=1, max_size=9))
def test_what_is_cut_or_has_more_is_no_ciphertext(
    blob: CiphertextBlob, length: int, more: bytes
) -> None:
    whole = bytes(blob)
    assert parse(whole[: length % len(whole)]) is None
    assert parse(whole + more) is None
    assert parse(summed(whole + more)) is None


# ---- what it binds


def test_a_handle_is_that_of_a_key_in_every_region_and_of_no_other_key() -> None:
    """Ciphertexts hold it: another derivation is another format."""
    handle = key_handle(str(KeyArn(ACCOUNT, REGION, KEY_ID)))
    assert handle.hex() == "ba1d589c771356"
    assert handle == key_handle(str(KeyArn(ACCOUNT, "eu-west-1", KEY_ID)))
    assert handle != key_handle(str(KeyArn(OTHER_ACCOUNT, REGION, KEY_ID)))
    assert handle != key_handle(str(KeyArn(ACCOUNT, REGION, KEY_ID[:-1] + "c")))


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
def test_the_header_and_the_handle_are_bound_too(
    blob: CiphertextBlob, other: CiphertextBlob, context: dict[str, str]
) -> None:
    if (blob.header, blob.key_handle) != (other.header, other.key_handle):
        assert blob.additional_data(context) != other.additional_data(context)
    assert evolve(blob, sealed=bytes(44)).additional_data(context) == blob.additional_data(context)


@given(blob=BLOBS, plaintext=st.binary(max_size=60), one=CONTEXTS, other=CONTEXTS)
def test_what_was_sealed_opens_with_the_same_key_material_and_an_equal_encryption_context(
    blob: CiphertextBlob, plaintext: bytes, one: dict[str, str], other: dict[str, str]
) -> None:
    hsm, secret = SeededHsm(), Secret(FIRST)
    parsed = parse(blob.seal(secret, plaintext, one, hsm, "purpose"))
    assert parsed is not None
    assert evolve(parsed, sealed=blob.sealed) == blob
    assert parsed.open(secret, dict(reversed(one.items())), hsm) == plaintext
    assert parsed.open(Secret(SECOND), one, hsm) is None
    assert (parsed.open(secret, other, hsm) == plaintext) is (one == other)
