"""
The envelope that AWS KMS answers an attested environment with: AWS's own form, which OpenSSL opens.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis.strategies import binary, integers, sampled_from

from kmsmodel.crypto.enveloped_data import EnvelopedData
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.testing.enveloped_data import open_enveloped_data

DATA = Path(__file__).parents[1] / "data" / "attestation" / "ciphertext_for_recipient.json"
RECORDED = json.loads(DATA.read_text("utf-8"))
ANSWERED = bytes.fromhex(RECORDED["ciphertext_for_recipient"])
CONTENTS = binary(min_size=1, max_size=4096)
SIZES = (2048, 3072, 4096)
NO_ENVELOPE = "not a CMS EnvelopedData for the owner of this key"


@cache
def private_key(bits: int, owner: str = "the recipient") -> RSAPrivateKey:
    return SeededHsm(owner).rsa_key(bits, "key of an envelope")


def enveloped(content: bytes, bits: int = 2048) -> bytes:
    public_key = private_key(bits).public_key()
    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SoftwareHsm().envelop(der, content, "purpose")


def test_an_envelope_has_the_bytes_of_aws() -> None:
    """But for the parts that are different in each."""
    envelope = EnvelopedData(
        subject_key_identifier=ANSWERED[33:65],
        encrypted_key=ANSWERED[131:387],
        iv=ANSWERED[415:431],
        encrypted_content=ANSWERED[435:467],
    )
    assert bytes(envelope) == ANSWERED


def test_an_envelope_is_as_long_as_that_of_aws() -> None:
    assert len(enveloped(RECORDED["plaintext"].encode())) == len(ANSWERED) == 477


@given(content=CONTENTS, bits=sampled_from(SIZES))
def test_an_envelope_opens_by_the_private_key(content: bytes, bits: int) -> None:
    assert open_enveloped_data(enveloped(content, bits), private_key(bits)) == content


@given(content=CONTENTS)
def test_an_envelope_opens_by_no_other_private_key(content: bytes) -> None:
    with pytest.raises(ValueError, match=NO_ENVELOPE):
        open_enveloped_data(enveloped(content), private_key(2048, "somebody else"))


@pytest.mark.parametrize("bits", SIZES)
@pytest.mark.parametrize("length", [1, 15, 16, 17, 100, 1000, 4096])
def test_openssl_opens_an_envelope(bits: int, length: int, tmp_path: Path) -> None:
    content = bytes(number % 251 for number in range(length))
    pem = private_key(bits).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    opened = subprocess.run(
        ["openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", "key.pem"],
        input=enveloped(content, bits),
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert opened.stdout == content


def test_no_two_envelopes_are_equal() -> None:
    assert enveloped(b"content") != enveloped(b"content")


@given(envelope=binary(max_size=100))
def test_what_is_no_envelope_does_not_open(envelope: bytes) -> None:
    with pytest.raises(ValueError, match=NO_ENVELOPE):
        open_enveloped_data(envelope, private_key(2048))


@given(length=integers(0, len(ANSWERED) - 11))
def test_a_part_of_an_envelope_does_not_open(length: int) -> None:
    with pytest.raises(ValueError, match=NO_ENVELOPE):
        open_enveloped_data(ANSWERED[:length], private_key(2048))
