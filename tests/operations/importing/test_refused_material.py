"""
What is not key material of the key, and what was not wrapped.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicKey,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_der_public_key,
)
from hypothesis import given, strategies as st

from kmsmodel.crypto.wrapping import PADDINGS, wrap_key_material
from kmsmodel.errors import InvalidCiphertextException, InvalidImportTokenException
from kmsmodel.key.key_spec import SUPPORTED, WRAPPING, is_asymmetric
from kmsmodel.local import LocalKms
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec
from tests.basics import NOW, facts
from tests.operations.importing.materials import (
    IN_A_WEEK,
    assert_works,
    create_for_import,
    material_of,
    public_bytes,
    request_for,
    request_with,
)
from tests.operations.steps import delete_material, local_kms, parameters, refused

HMAC_LENGTHS = {
    KeySpec(key_spec): fact["import"]["length_bytes"]
    for key_spec, fact in facts("key_specs.json")["key_specs"].items()
    if key_spec.startswith("HMAC_")
}

# ---- what is not key material of the key


@pytest.mark.parametrize("key_spec", HMAC_LENGTHS)
@given(length=st.integers(0, 160))
def test_hmac_key_material_is_as_long_as_aws_lists(key_spec: KeySpec, length: int) -> None:
    local, material = local_kms(), bytes(range(length))
    arn = create_for_import(local, key_spec)
    request = request_for(local, arn, key_spec, material)
    if HMAC_LENGTHS[key_spec]["min"] <= length <= HMAC_LENGTHS[key_spec]["max"]:
        local.handle(request)
        assert_works(local, arn, material)
    else:
        error = refused(local, request, InvalidCiphertextException, "")
        assert error.arn == arn


def test_a_note_says_what_is_wrong_with_what_is_imported(local: LocalKms) -> None:
    """To the host alone: AWS's answer says nothing."""
    arn = create_for_import(local, KeySpec.SYMMETRIC_DEFAULT)
    sound = request_for(local, arn, KeySpec.SYMMETRIC_DEFAULT, bytes(32))
    short = request_for(local, arn, KeySpec.SYMMETRIC_DEFAULT, bytes(31))
    error = refused(local, short, InvalidCiphertextException, "")
    assert error.__notes__ == [
        "it opens, and what it holds, 31 bytes, is not key material of a SYMMETRIC_DEFAULT key"
    ]
    unwrapped = evolve(sound, encrypted_key_material=bytes(32))
    (note,) = refused(local, unwrapped, InvalidCiphertextException, "").__notes__
    assert note.startswith("it does not open by ")
    assert note.endswith(" under the key that came with the import token")
    other = evolve(sound, import_token=sound.import_token[:-1])
    error = refused(local, other, InvalidImportTokenException, "")
    assert error.__notes__ == ["it is not a token for this KMS key, as it was given"]


@pytest.mark.parametrize("key_spec", [spec for spec in WRAPPING if is_asymmetric(spec)])
def test_the_private_key_of_another_key_spec_is_not_imported(
    local: LocalKms, key_spec: KeySpec
) -> None:
    """Nor raw bytes, nor a private key without its frame, in a password or in text."""
    arn = create_for_import(local, key_spec)
    pkcs8 = material_of(key_spec)
    key = load_der_private_key(pkcs8, None)
    in_password = key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    )
    others = [
        *(material_of(other) for other in SUPPORTED if other != key_spec),
        public_bytes(key.public_key()),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        in_password,
        pkcs8[:-1],
        pkcs8 + b"\0",
    ]
    if key_spec is not KeySpec.ECC_NIST_EDWARDS25519:
        traditional = PrivateFormat.TraditionalOpenSSL
        others.append(key.private_bytes(Encoding.DER, traditional, NoEncryption()))
    algorithm = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    given_ = parameters(local, arn, algorithm)
    for other in others:
        wrapped = wrap_key_material(given_.public_key, algorithm, other)
        request = request_with(given_, b"", encrypted_key_material=wrapped)
        error = refused(local, request, InvalidCiphertextException, "")
        assert error.arn == arn


@pytest.mark.parametrize("length", [1, 7, 8, 9])
def test_a_key_wrap_of_a_few_bytes_unwraps_and_is_no_key_material(
    local: LocalKms, length: int
) -> None:
    arn = create_for_import(local, KeySpec.RSA_2048)
    request = request_for(local, arn, KeySpec.RSA_2048, bytes(length))
    refused(local, request, InvalidCiphertextException, "")


def test_an_rsa_key_whose_primes_are_in_another_order_is_the_same_key_material(
    local: LocalKms,
) -> None:
    """Nor does it matter which of its private exponents it has."""
    key_spec, material = KeySpec.RSA_2048, material_of(KeySpec.RSA_2048)
    key = load_der_private_key(material, None)
    assert isinstance(key, RSAPrivateKey)
    numbers = key.private_numbers()
    p, q, e = numbers.q, numbers.p, numbers.public_numbers.e
    d = pow(e, -1, (p - 1) * (q - 1))
    swapped = RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), rsa_crt_iqmp(p, q), numbers.public_numbers
    ).private_key()
    other = swapped.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert other != material
    arn = create_for_import(local, key_spec)
    local.handle(request_for(local, arn, key_spec, other))
    delete_material(local, arn)
    local.handle(request_for(local, arn, key_spec, material))
    assert_works(local, arn, material)


@pytest.mark.parametrize(
    "key_spec",
    [
        KeySpec.ECC_NIST_P256,
        KeySpec.ECC_NIST_P384,
        KeySpec.ECC_NIST_P521,
        KeySpec.ECC_SECG_P256K1,
    ],
)
def test_a_private_key_without_its_public_key_is_the_same_key_material(
    local: LocalKms, key_spec: KeySpec
) -> None:
    """Another encoding of PKCS #8 is not another private key, and AWS KMS derives the public key itself."""
    arn = create_for_import(local, key_spec)
    local.handle(request_for(local, arn, key_spec, material_of(key_spec)))
    delete_material(local, arn)
    local.handle(request_for(local, arn, key_spec, without_public_key(material_of(key_spec))))
    assert_works(local, arn, material_of(key_spec))


def without_public_key(pkcs8: bytes) -> bytes:
    """The same private key of an elliptic curve; RFC 5915 has its public key last, if at all."""
    key = load_der_private_key(pkcs8, None)
    assert isinstance(key, EllipticCurvePrivateKey)
    number = key.private_numbers().private_value.to_bytes((key.curve.key_size + 7) // 8, "big")
    inner = _der(0x30, b"\x02\x01\x01" + _der(0x04, number))
    start = pkcs8.index(bytes.fromhex("06072a8648ce3d0201"))  # id-ecPublicKey, and then the curve
    curve = start + 9
    algorithm = _der(0x30, pkcs8[start : curve + 2 + pkcs8[curve + 1]])
    return _der(0x30, b"\x02\x01\x00" + algorithm + _der(0x04, inner))


def _der(tag: int, content: bytes) -> bytes:
    """What is shorter than 128 bytes has its length in one byte."""
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


# ---- what was not wrapped


@pytest.mark.parametrize("algorithm", list(PADDINGS))
@given(wrapped=st.binary(min_size=1, max_size=400) | st.binary(min_size=256, max_size=256))
def test_whatever_was_not_wrapped_is_an_invalid_ciphertext(
    algorithm: AlgorithmSpec, wrapped: bytes
) -> None:
    local = local_kms()
    arn = create_for_import(local, KeySpec.ECC_NIST_P256)
    request = request_with(parameters(local, arn, algorithm), b"", encrypted_key_material=wrapped)
    refused(local, request, InvalidCiphertextException, "")


@given(aes_key=st.binary(max_size=64) | st.binary(min_size=32, max_size=32), rest=st.binary())
def test_whatever_was_not_wrapped_under_its_aes_key_is_an_invalid_ciphertext(
    aes_key: bytes, rest: bytes
) -> None:
    """Nobody is told whether RSA or AES did not open it."""
    local, algorithm = local_kms(), AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    arn = create_for_import(local, KeySpec.RSA_2048)
    given_ = parameters(local, arn, algorithm)
    public_key = load_der_public_key(given_.public_key)
    assert isinstance(public_key, RSAPublicKey)
    wrapped = public_key.encrypt(aes_key, PADDINGS[algorithm]) + rest
    request = request_with(given_, b"", encrypted_key_material=wrapped)
    refused(local, request, InvalidCiphertextException, "")


def test_the_import_token_is_told_before_the_material_and_that_before_its_date(
    local: LocalKms,
) -> None:
    key_spec = KeySpec.RSA_2048
    arn = create_for_import(local, key_spec)
    good = request_for(local, arn, key_spec, material_of(key_spec), valid_to=IN_A_WEEK)
    no_token: dict[str, Any] = {"import_token": b"no token"}
    not_wrapped: dict[str, Any] = {"encrypted_key_material": b"wrapped"}
    other = request_for(local, arn, key_spec, b"no key", valid_to=IN_A_WEEK)
    no_material: dict[str, Any] = {
        "import_token": other.import_token,
        "encrypted_key_material": other.encrypted_key_material,
    }
    past: dict[str, Any] = {"valid_to": NOW}
    for members, error in (
        (no_token | not_wrapped | past, InvalidImportTokenException),
        (not_wrapped | past, InvalidCiphertextException),
        (no_material | past, InvalidCiphertextException),
    ):
        refused(local, evolve(good, **members), error, "")
    local.handle(good)
