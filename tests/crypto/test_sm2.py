"""
SM2, by the examples of its standard, and private keys of clients.
"""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, settings, strategies as st

from kmsmodel.crypto import sm2
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeySpec,
    MessageType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests.operations.steps import BY_GMALG

pytestmark = BY_GMALG

HSM = SeededHsm("SM2")
RAW, DIGEST = MessageType.RAW, MessageType.DIGEST
SM2DSA = SigningAlgorithmSpec.SM2DSA
SM2PKE = EncryptionAlgorithmSpec.SM2PKE
slow = settings(max_examples=5)

# ---- GB/T 32918.5-2017, annexes A and C: the curve sm2p256v1

D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
POINT = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
R = bytes.fromhex("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3")
S = bytes.fromhex("b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")
C1 = bytes.fromhex(
    "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
)
C2 = bytes.fromhex("21886ca989ca9c7d58087307ca93092d651efa")
C3 = bytes.fromhex("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766")

CURVE = bytes.fromhex("06082a811ccf5501822d")
ALGORITHM = bytes.fromhex("301306072a8648ce3d0201") + CURVE


def pkcs8(rest: bytes, version: bytes = b"\2\1\0") -> bytes:
    """The standard's private key in PKCS #8, with ``rest`` after it in its ECPrivateKey."""
    inner = bytes.fromhex("0201010420") + D + rest
    inner = bytes([0x30, len(inner)]) + inner
    body = version + ALGORITHM + bytes([4, len(inner)]) + inner
    return b"\x30" + (b"\x81" if len(body) > 127 else b"") + bytes([len(body)]) + body


PUBLIC_KEY_IN_IT = bytes.fromhex("a144034200") + b"\4" + POINT
CURVE_IN_IT = bytes.fromhex("a00a") + CURVE


def the_key() -> Secret:
    key = HSM.accept(KeySpec.SM2, Secret(pkcs8(b"")))
    assert key is not None
    return key


@pytest.fixture
def the_k(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random number of the examples."""

    def drawn(_: int) -> int:
        return K - 1

    monkeypatch.setattr(secrets, "randbelow", drawn)


@pytest.mark.usefixtures("the_k")
def test_the_signature_is_the_published_one() -> None:
    key, message = the_key(), b"message digest"
    public_key = HSM.public_key(key)
    assert public_key.endswith(b"\4" + POINT)
    signature = sm2.sign(key.reveal(), RAW, message)
    assert signature == bytes.fromhex("3046022100") + R + bytes.fromhex("022100") + S
    assert HSM.verify(public_key, SM2DSA, RAW, message, signature)


@pytest.mark.usefixtures("the_k")
def test_the_ciphertext_is_the_published_one() -> None:
    """In DER, as GM/T 0009 has it: C1, C3, C2."""
    key, plaintext = the_key(), b"encryption standard"
    blob = sm2.encrypt(HSM.public_key(key), plaintext)
    x, y = C1[:32], b"\0" + C1[32:]
    parts = (2, x), (2, y), (4, C3), (4, C2)
    body = b"".join(bytes([tag, len(part)]) + part for tag, part in parts)
    assert blob == bytes([0x30, len(body)]) + body
    assert HSM.rsa_decrypt(key, SM2PKE, blob) == plaintext


# ---- laws


@slow
@given(st.binary(min_size=1, max_size=200), st.integers(0, 3000), st.integers(0, 7))
def test_a_ciphertext_opens_unless_a_bit_was_changed(
    plaintext: bytes, where: int, bit: int
) -> None:
    key = the_key()
    blob = HSM.rsa_encrypt(HSM.public_key(key), SM2PKE, plaintext, "law")
    assert HSM.rsa_decrypt(key, SM2PKE, blob) == plaintext
    changed = bytearray(blob)
    changed[where % len(blob)] ^= 1 << bit
    assert HSM.rsa_decrypt(key, SM2PKE, bytes(changed)) is None
    assert HSM.rsa_decrypt(key, SM2PKE, blob + b"\0") is None


@slow
@given(st.binary(max_size=100))
def test_nothing_that_is_no_ciphertext_or_signature_is_taken_for_one(garbage: bytes) -> None:
    key = the_key()
    assert HSM.rsa_decrypt(key, SM2PKE, garbage) is None
    assert HSM.rsa_decrypt(key, SM2PKE, b"\x30" + garbage) is None
    assert not HSM.verify(HSM.public_key(key), SM2DSA, RAW, b"message", garbage)


@slow
@given(st.sampled_from([RAW, DIGEST]), st.binary(min_size=32, max_size=32))
def test_a_signature_is_valid_for_its_message_and_key_alone(
    message_type: MessageType, message: bytes
) -> None:
    key, other = the_key(), HSM.generate(KeySpec.SM2, "other")
    public_key = HSM.public_key(key)
    signature = HSM.sign(key, SM2DSA, message_type, message, "law")
    assert HSM.verify(public_key, SM2DSA, message_type, message, signature)
    changed = bytes([message[0] ^ 1]) + message[1:]
    assert not HSM.verify(public_key, SM2DSA, message_type, changed, signature)
    assert not HSM.verify(HSM.public_key(other), SM2DSA, message_type, message, signature)


def test_both_sides_agree() -> None:
    one, other = the_key(), HSM.generate(KeySpec.SM2, "other")
    shared = HSM.agree(one, HSM.public_key(other))
    assert shared is not None
    assert shared == HSM.agree(other, HSM.public_key(one))
    public_key = HSM.public_key(one)
    for wrong in (b"", public_key[:-1], public_key[:-1] + bytes([public_key[-1] ^ 1])):
        assert HSM.agree(other, wrong) is None
    p256 = HSM.generate(KeySpec.ECC_NIST_P256, "of another curve")
    assert HSM.agree(other, HSM.public_key(p256)) is None
    assert HSM.agree(p256, public_key) is None


# ---- private keys of clients


@pytest.mark.parametrize(
    "rest", [b"", PUBLIC_KEY_IN_IT, CURVE_IN_IT, CURVE_IN_IT + PUBLIC_KEY_IN_IT]
)
def test_a_private_key_is_kept_in_one_form(rest: bytes) -> None:
    assert HSM.accept(KeySpec.SM2, Secret(pkcs8(rest))) == Secret(pkcs8(PUBLIC_KEY_IN_IT))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        pkcs8(b"") + b"\0",
        pkcs8(b"", version=b"\2\1\1"),
        pkcs8(PUBLIC_KEY_IN_IT[:-1] + b"\0"),
        pkcs8(b"").replace(CURVE, bytes.fromhex("06082a8648ce3d030107")),
        pkcs8(b"").replace(D, bytes(32)),
        pkcs8(b"").replace(D, b"\xff" * 32),
    ],
)
def test_another_private_key_is_refused(wrong: bytes) -> None:
    assert HSM.accept(KeySpec.SM2, Secret(wrong)) is None


def test_key_material_is_unwrapped_that_was_wrapped_by_sm2pke() -> None:
    wrapping = HSM.wrapping_key(WrappingKeySpec.SM2, "wrapping key")
    wrapped = sm2.encrypt(wrapping.public_key, pkcs8(b""))
    unwrap = AlgorithmSpec.SM2PKE
    assert HSM.unwrap(wrapping.private_key, unwrap, wrapped) == Secret(pkcs8(b""))
    assert HSM.unwrap(wrapping.private_key, unwrap, wrapped[:-1]) is None
