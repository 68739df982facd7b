"""
Private keys: how they are made, which of a client's are taken and how they are kept, and what is done with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from math import lcm
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from hypothesis import assume, example, given, strategies as st

from kmsmodel.crypto import private_keys
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import UnsupportedOperationException
from kmsmodel.key.key_spec import MODULUS_BITS, SUPPORTED, WRAPPING, is_asymmetric
from kmsmodel.words.enumerations import KeySpec, MessageType, SigningAlgorithmSpec
from tests.operations.steps import BY_OPENSSL, openssl

KEY_PAIRS = sorted(key_spec for key_spec in SUPPORTED if is_asymmetric(key_spec))
IMPORTED = sorted(key_spec for key_spec in WRAPPING if is_asymmetric(key_spec))
"""The key specs whose private keys a client may make."""

CURVES: Mapping[KeySpec, EllipticCurve] = {
    KeySpec.ECC_NIST_P256: SECP256R1(),
    KeySpec.ECC_NIST_P384: SECP384R1(),
    KeySpec.ECC_NIST_P521: SECP521R1(),
    KeySpec.ECC_SECG_P256K1: SECP256K1(),
}
OPENSSL_CURVES = {
    KeySpec.ECC_NIST_P256: "P-256",
    KeySpec.ECC_NIST_P384: "P-384",
    KeySpec.ECC_NIST_P521: "P-521",
    KeySpec.ECC_SECG_P256K1: "secp256k1",
}
ED25519 = KeySpec.ECC_NIST_EDWARDS25519


@cache
def generated(key_spec: KeySpec, name: str = "") -> bytes:
    return SeededHsm().generate(key_spec, f"private key {name}").reveal()


def number_of(private_key: bytes) -> int:
    key = load_der_private_key(private_key, None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key.private_numbers().private_value


# ---- made of random bytes


def no_rsa(modulus_bits: int) -> RSAPrivateKey:
    raise AssertionError(f"nobody asked for {modulus_bits} bits of RSA")


@pytest.mark.parametrize("key_spec", CURVES)
@given(data=st.data())
def test_a_private_key_on_a_curve_is_random_bits_and_64_more_reduced(
    key_spec: KeySpec, data: st.DataObject
) -> None:
    """FIPS 186-5, A.2.1."""
    order = CURVES[key_spec].group_order
    asked: list[int] = []
    number = data.draw(
        st.integers(0, 2 ** (order.bit_length() + 64) - 1)
        | st.sampled_from([0, order - 2, order - 1, order, 2 * order])
    )

    def random(number_of_bytes: int) -> bytes:
        asked.append(number_of_bytes)
        return number.to_bytes(number_of_bytes, "big")

    made = private_keys.generate(key_spec, random, no_rsa)
    assert number_of(made) == number % (order - 1) + 1
    assert asked == [-(-(order.bit_length() + 64) // 8)]


@pytest.mark.parametrize(
    "key_spec", [key_spec for key_spec in KEY_PAIRS if key_spec not in {*MODULUS_BITS, *CURVES}]
)
def test_the_other_private_keys_are_made_of_a_random_seed(key_spec: KeySpec) -> None:
    length = 64 if key_spec.startswith("ML_KEM") else 32
    seed = bytes(range(length))

    def random(number_of_bytes: int) -> bytes:
        assert number_of_bytes == length
        return seed

    assert seed in private_keys.generate(key_spec, random, no_rsa)


# ---- PKCS #8, by hand


def der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length, *content])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets), *octets, *content])


def sequence(*contents: bytes) -> bytes:
    return der(0x30, *contents)


def integer(number: int) -> bytes:
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(*contents: bytes) -> bytes:
    return der(0x04, *contents)


NULL = der(0x05)
RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101")
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
ID_ED25519 = bytes.fromhex("06032b6570")
NAMES = {
    KeySpec.ECC_NIST_P256: bytes.fromhex("06082a8648ce3d030107"),
    KeySpec.ECC_NIST_P384: bytes.fromhex("06052b81040022"),
    KeySpec.ECC_NIST_P521: bytes.fromhex("06052b81040023"),
    KeySpec.ECC_SECG_P256K1: bytes.fromhex("06052b8104000a"),
}
KEY_USAGE = der(0xA0, sequence(bytes.fromhex("0603551d0f"), der(0x31, bytes.fromhex("03020780"))))
"""An attribute that some tools write behind a private key."""


def pkcs8(algorithm: bytes, private_key: bytes, *more: bytes, version: int = 0) -> bytes:
    return sequence(integer(version), sequence(algorithm), octets(private_key), *more)


def ec_private_key(number: bytes, *, curve: bytes = b"", point: bytes | None = None) -> bytes:
    """RFC 5915."""
    return sequence(
        integer(1),
        octets(number),
        der(0xA0, curve) if curve else b"",
        b"" if point is None else der(0xA1, der(0x03, b"\0", point)),
    )


def length_on(key_spec: KeySpec) -> int:
    return (CURVES[key_spec].group_order.bit_length() + 7) // 8


def ec_pkcs8(
    key_spec: KeySpec, number: int, *, curve: bytes = b"", point: bytes | None = None
) -> bytes:
    whole = number.to_bytes(length_on(key_spec), "big")
    private_key = ec_private_key(whole, curve=curve, point=point)
    return pkcs8(EC_PUBLIC_KEY + NAMES[key_spec], private_key)


def point_of(key_spec: KeySpec, number: int, *, compressed: bool = False) -> bytes:
    form = PublicFormat.CompressedPoint if compressed else PublicFormat.UncompressedPoint
    key = derive_private_key(number, CURVES[key_spec]).public_key()
    return key.public_bytes(Encoding.X962, form)


def rsa_pkcs8(*numbers: int, algorithm: bytes = RSA_ENCRYPTION + NULL) -> bytes:
    return pkcs8(algorithm, sequence(integer(0), *map(integer, numbers)))


def rsa_numbers(private_key: bytes) -> tuple[int, ...]:
    """RFC 8017: n, e, d, p, q, d mod (p - 1), d mod (q - 1) and the inverse of q mod p."""
    key = load_der_private_key(private_key, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    of = key.private_numbers()
    public = of.public_numbers
    return public.n, public.e, of.d, of.p, of.q, of.dmp1, of.dmq1, of.iqmp


# ---- which are accepted


@pytest.mark.parametrize("key_spec", IMPORTED)
def test_what_was_generated_is_accepted_as_it_is(key_spec: KeySpec) -> None:
    assert private_keys.accept(key_spec, generated(key_spec)) == generated(key_spec)


@pytest.mark.parametrize("key_spec", KEY_PAIRS)
def test_a_private_key_is_accepted_for_its_own_key_spec_only(key_spec: KeySpec) -> None:
    others = [other for other in KeySpec if other is not key_spec]
    private_key = generated(key_spec)
    assert [other for other in others if private_keys.accept(other, private_key)] == []


@pytest.mark.parametrize("key_spec", sorted(set(KEY_PAIRS) - set(IMPORTED)))
def test_private_keys_that_aws_kms_does_not_import_are_not_accepted(key_spec: KeySpec) -> None:
    assert private_keys.accept(key_spec, generated(key_spec)) is None


def forms(key_spec: KeySpec, number: int) -> Iterable[bytes]:
    """One private key as different tools write it."""
    point, algorithm = point_of(key_spec, number), EC_PUBLIC_KEY + NAMES[key_spec]
    hybrid = bytes([6 + point[-1] % 2]) + point[1:]
    compressed = point_of(key_spec, number, compressed=True)
    yield ec_pkcs8(key_spec, number)
    yield ec_pkcs8(key_spec, number, point=point)
    yield ec_pkcs8(key_spec, number, point=compressed)
    yield ec_pkcs8(key_spec, number, point=hybrid)
    yield ec_pkcs8(key_spec, number, curve=NAMES[key_spec])
    yield ec_pkcs8(key_spec, number, curve=NAMES[key_spec], point=point)
    octets_ = number.to_bytes(length_on(key_spec), "big")
    yield pkcs8(algorithm, ec_private_key(octets_), KEY_USAGE)


@pytest.mark.parametrize("key_spec", CURVES)
@given(data=st.data())
def test_each_form_of_a_private_key_on_a_curve_is_kept_as_the_same_bytes(
    key_spec: KeySpec, data: st.DataObject
) -> None:
    order = CURVES[key_spec].group_order
    number = data.draw(st.integers(1, order - 1) | st.sampled_from([1, 2**8, order - 1]))
    kept = {private_keys.accept(key_spec, form) for form in forms(key_spec, number)}
    assert kept == {ec_pkcs8(key_spec, number, point=point_of(key_spec, number))}


@pytest.mark.parametrize("key_spec", MODULUS_BITS)
def test_each_form_of_an_rsa_private_key_is_kept_as_the_same_bytes(key_spec: KeySpec) -> None:
    n, e, d, p, q, *_ = rsa_numbers(generated(key_spec))
    longer = d + lcm(p - 1, q - 1)
    kept = {
        private_keys.accept(
            key_spec,
            rsa_pkcs8(
                n,
                e,
                exponent,
                one,
                other,
                rsa_crt_dmp1(exponent, one),
                rsa_crt_dmq1(exponent, other),
                rsa_crt_iqmp(one, other),
            ),
        )
        for exponent in (d, longer)
        for one, other in ((p, q), (q, p))
    }
    assert kept == {generated(key_spec)}


def test_each_form_of_an_ed25519_private_key_is_kept_as_the_same_bytes() -> None:
    private_key = octets(bytes(range(32)))
    plain = pkcs8(ID_ED25519, private_key)
    assert private_keys.accept(ED25519, plain) == plain
    assert private_keys.accept(ED25519, pkcs8(ID_ED25519, private_key, KEY_USAGE)) == plain


def test_what_is_kept_has_the_public_key_of_the_private_one() -> None:
    kept = private_keys.accept(KeySpec.ECC_NIST_P256, ec_pkcs8(KeySpec.ECC_NIST_P256, 5))
    assert kept is not None
    assert point_of(KeySpec.ECC_NIST_P256, 5) in private_keys.public_key(kept)


@pytest.mark.parametrize("key_spec", CURVES)
@given(data=st.data())
def test_a_private_key_that_names_its_curve_twice_is_the_same_private_key(
    key_spec: KeySpec, data: st.DataObject
) -> None:
    order = CURVES[key_spec].group_order
    number = data.draw(st.integers(1, order - 1) | st.sampled_from([1, order - 1]))
    point = point_of(key_spec, number)
    once = ec_pkcs8(key_spec, number, point=point)
    twice = private_keys.naming_the_curve_twice(key_spec, once)
    assert twice == ec_pkcs8(key_spec, number, curve=NAMES[key_spec], point=point)
    assert number_of(twice) == number
    assert private_keys.accept(key_spec, twice) == once == private_keys.accept(key_spec, once)
    assert private_keys.accept(key_spec, indefinite(twice)) == once


@pytest.mark.parametrize("key_spec", sorted(set(KEY_PAIRS) - set(CURVES)))
def test_a_private_key_without_a_named_curve_stays_as_it_is(key_spec: KeySpec) -> None:
    private_key = generated(key_spec)
    assert private_keys.naming_the_curve_twice(key_spec, private_key) == private_key


# ---- which are not


@pytest.mark.parametrize("key_spec", CURVES)
def test_a_public_key_that_is_not_the_private_one_s_is_refused(key_spec: KeySpec) -> None:
    other = point_of(key_spec, 6)
    for point in (
        other,
        point_of(key_spec, 6, compressed=True),
        other[:-1] + bytes([other[-1] ^ 1]),
        b"\4" + bytes(len(other) - 1),
        b"\0",
        b"",
    ):
        assert private_keys.accept(key_spec, ec_pkcs8(key_spec, 5, point=point)) is None


@pytest.mark.parametrize("key_spec", CURVES)
def test_a_number_that_is_no_private_key_on_the_curve_is_refused(key_spec: KeySpec) -> None:
    order, length = CURVES[key_spec].group_order, length_on(key_spec)
    algorithm = EC_PUBLIC_KEY + NAMES[key_spec]
    for number in (0, order, order + 5, 2 ** (8 * length) - 1):
        assert private_keys.accept(key_spec, ec_pkcs8(key_spec, number)) is None
    for wrong in (0, 1, length - 1, length + 1):
        private_key = ec_private_key((5).to_bytes(max(1, wrong), "big")[:wrong])
        assert private_keys.accept(key_spec, pkcs8(algorithm, private_key)) is None


@pytest.mark.parametrize("key_spec", CURVES)
def test_a_curve_that_is_named_twice_has_the_same_name(key_spec: KeySpec) -> None:
    for other in set(CURVES) - {key_spec}:
        two_names = ec_pkcs8(key_spec, 5, curve=NAMES[other])
        assert private_keys.accept(key_spec, two_names) is None
        assert private_keys.accept(other, two_names) is None


@pytest.mark.parametrize("number", range(8))
def test_the_numbers_of_an_rsa_private_key_belong_together(number: int) -> None:
    numbers = [*rsa_numbers(generated(KeySpec.RSA_2048))]
    for wrong in (0, 1, numbers[number] - 2, numbers[number] + 2):
        others = [*numbers[:number], wrong, *numbers[number + 1 :]]
        assert private_keys.accept(KeySpec.RSA_2048, rsa_pkcs8(*others)) is None


def test_an_rsa_private_key_has_two_primes() -> None:
    n, e, d, *_ = rsa_numbers(generated(KeySpec.RSA_2048))
    one_prime = rsa_pkcs8(n, e, d, n, 1, d, 1, 1)
    assert private_keys.accept(KeySpec.RSA_2048, one_prime) is None


@pytest.mark.parametrize("length", [0, 1, 31, 33, 57, 64])
def test_an_ed25519_private_key_has_32_bytes(length: int) -> None:
    """pyca/cryptography tells another length by an internal error."""
    assert private_keys.accept(ED25519, pkcs8(ID_ED25519, octets(bytes(length)))) is None
    assert private_keys.accept(ED25519, pkcs8(ID_ED25519, bytes(length))) is None


@pytest.mark.parametrize("key_spec", IMPORTED)
def test_older_and_newer_formats_and_public_keys_are_refused(key_spec: KeySpec) -> None:
    private_key = generated(key_spec)
    key = load_der_private_key(private_key, None, unsafe_skip_rsa_key_validation=True)
    public = private_keys.public_key(private_key)
    encrypted = key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    others = [public, encrypted, pem, b""]
    if key_spec is not ED25519:  # PKCS #1 and SEC 1
        others.append(
            key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        )
    for other in others:
        assert private_keys.accept(key_spec, other) is None


def test_the_second_version_of_pkcs8_is_refused() -> None:
    """AWS asks for RFC 5208; RFC 5958 has a public key beside the private one."""
    public = der(0x81, b"\0", bytes(32))
    newer = pkcs8(ID_ED25519, octets(bytes(32)), public, version=1)
    assert private_keys.accept(ED25519, newer) is None
    algorithm = EC_PUBLIC_KEY + NAMES[KeySpec.ECC_NIST_P256]
    for version in (1, 2):
        newer = pkcs8(algorithm, ec_private_key((5).to_bytes(32, "big")), version=version)
        assert private_keys.accept(KeySpec.ECC_NIST_P256, newer) is None


def test_an_older_format_that_hides_an_algorithm_identifier_is_refused() -> None:
    identifier = sequence(EC_PUBLIC_KEY + NAMES[KeySpec.ECC_NIST_P256])
    number = identifier.ljust(32, b"\1")
    older = ec_private_key(number, curve=NAMES[KeySpec.ECC_NIST_P256])
    assert isinstance(load_der_private_key(older, None), EllipticCurvePrivateKey)
    assert private_keys.accept(KeySpec.ECC_NIST_P256, older) is None


@pytest.mark.parametrize(
    "key_spec, algorithm",
    [
        (KeySpec.RSA_2048, RSA_ENCRYPTION),
        (KeySpec.RSA_2048, RSA_ENCRYPTION + octets(b"x")),
        (KeySpec.RSA_2048, bytes.fromhex("06092a864886f70d01010a")),  # RSASSA-PSS
        (ED25519, ID_ED25519 + NULL),
        (ED25519, bytes.fromhex("06032b656e")),  # X25519
        (KeySpec.ECC_NIST_P256, EC_PUBLIC_KEY),
        (KeySpec.ECC_NIST_P256, EC_PUBLIC_KEY + NULL),
        (KeySpec.ECC_NIST_P256, bytes.fromhex("06052b8104010c") + NAMES[KeySpec.ECC_NIST_P256]),
    ],
)
def test_another_algorithm_identifier_is_refused(key_spec: KeySpec, algorithm: bytes) -> None:
    inner = {
        KeySpec.RSA_2048: sequence(
            integer(0), *map(integer, rsa_numbers(generated(KeySpec.RSA_2048)))
        ),
        KeySpec.ECC_NIST_P256: ec_private_key((5).to_bytes(32, "big")),
        ED25519: octets(bytes(32)),
    }
    assert private_keys.accept(key_spec, pkcs8(algorithm, inner[key_spec])) is None


@pytest.mark.parametrize("key_spec", IMPORTED)
@given(data=st.data())
def test_a_private_key_that_was_cut_or_goes_on_is_refused(
    key_spec: KeySpec, data: st.DataObject
) -> None:
    whole = generated(key_spec)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    longer = whole + data.draw(st.binary(min_size=1, max_size=9))
    assert private_keys.accept(key_spec, cut) is None
    assert private_keys.accept(key_spec, longer) is None


def indefinite(whole: bytes, end: bytes = b"\0\0") -> bytes:
    """BER: the outer sequence has an indefinite length, and what is in it stays as it is."""
    return b"\x30\x80" + content_of(whole) + end


def content_of(whole: bytes) -> bytes:
    return whole[2 + (whole[1] & 0x7F if whole[1] & 0x80 else 0) :]


@pytest.mark.parametrize("key_spec", [*MODULUS_BITS, *CURVES])
def test_a_sequence_of_indefinite_length_holds_the_same_private_key(key_spec: KeySpec) -> None:
    whole = generated(key_spec)
    assert private_keys.accept(key_spec, indefinite(whole)) == whole


def test_an_ed25519_private_key_in_a_sequence_of_indefinite_length_is_refused() -> None:
    assert private_keys.accept(ED25519, indefinite(generated(ED25519))) is None


@pytest.mark.parametrize("key_spec", [KeySpec.RSA_2048, *CURVES])
@pytest.mark.parametrize("end", ["", "00", "0001", "0100", "000000", "00000000", "000005"])
def test_a_sequence_of_indefinite_length_ends_once_and_last(key_spec: KeySpec, end: str) -> None:
    private_key = indefinite(generated(key_spec), bytes.fromhex(end))
    assert private_keys.accept(key_spec, private_key) is None


@pytest.mark.parametrize("key_spec", CURVES)
def test_only_the_outer_sequence_may_have_an_indefinite_length(key_spec: KeySpec) -> None:
    version, algorithm = integer(0), EC_PUBLIC_KEY + NAMES[key_spec]
    inner = ec_private_key((5).to_bytes(length_on(key_spec), "big"))
    assert private_keys.accept(key_spec, sequence(version, sequence(algorithm), octets(inner)))
    indefinite_identifier, indefinite_key = indefinite(sequence(algorithm)), indefinite(inner)
    parts = b"\x24\x80" + octets(inner) + b"\0\0"
    for nested in (
        sequence(version, indefinite_identifier, octets(inner)),
        sequence(version, sequence(algorithm), octets(indefinite_key)),
        sequence(version, sequence(algorithm), parts),
    ):
        assert private_keys.accept(key_spec, nested) is None
        assert private_keys.accept(key_spec, indefinite(nested)) is None


def test_a_length_that_is_longer_than_need_be_is_refused() -> None:
    whole = generated(KeySpec.ECC_NIST_P256)
    assert whole[:2] == bytes([0x30, 0x81])
    longer_length = b"\x30\x82\0" + whole[2:]
    assert private_keys.accept(KeySpec.ECC_NIST_P256, longer_length) is None


@given(
    key_spec=st.sampled_from([*CURVES, ED25519]),
    where=st.integers(0, 300),
    gone=st.integers(0, 3),
    put=st.binary(max_size=3),
)
def test_whatever_bytes_come_they_are_refused_or_kept_for_good(
    key_spec: KeySpec, where: int, gone: int, put: bytes
) -> None:
    whole = generated(key_spec)
    where %= len(whole)
    kept = private_keys.accept(key_spec, whole[:where] + put + whole[where + gone :])
    assert kept is None or private_keys.accept(key_spec, kept) == kept


# ---- as openssl writes them


@BY_OPENSSL
@pytest.mark.parametrize("key_spec", CURVES)
def test_of_what_openssl_writes_of_a_curve_pkcs8_with_its_name_is_accepted(
    key_spec: KeySpec, tmp_path: Path
) -> None:
    name = OPENSSL_CURVES[key_spec]
    pem = openssl(tmp_path, f"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{name}")
    pkcs8_ = "pkcs8 -topk8 -nocrypt -outform DER"
    plain = openssl(tmp_path, pkcs8_, pem)
    compressed = openssl(tmp_path, "ec -conv_form compressed", pem)
    without = openssl(tmp_path, "ec -no_public", pem)
    explicit = openssl(tmp_path, "ec -param_enc explicit", pem)
    for other in (compressed, without):
        same = openssl(tmp_path, pkcs8_, other)
        assert same != plain
        assert private_keys.accept(key_spec, same) == plain
    assert private_keys.accept(key_spec, plain) == plain
    twice = private_keys.naming_the_curve_twice(key_spec, plain)
    assert openssl(tmp_path, f"{pkcs8_} -inform DER", twice) == plain
    for refused in (
        openssl(tmp_path, pkcs8_, explicit),
        openssl(tmp_path, "pkey -traditional -outform DER", pem),
        openssl(tmp_path, "pkcs8 -topk8 -outform DER -passout pass:word", pem),
        openssl(tmp_path, "pkey -pubout -outform DER", pem),
    ):
        assert private_keys.accept(key_spec, refused) is None


@BY_OPENSSL
def test_of_what_openssl_writes_of_rsa_pkcs8_is_accepted(tmp_path: Path) -> None:
    key_spec, private_key = KeySpec.RSA_2048, generated(KeySpec.RSA_2048)
    pem = openssl(tmp_path, "pkey -inform DER", private_key)
    for command, expected in {
        "pkcs8 -topk8 -nocrypt -outform DER": private_key,
        "rsa -traditional -outform DER": None,
        "pkcs8 -topk8 -outform DER -passout pass:word": None,
        "pkey -pubout -outform DER": None,
    }.items():
        assert private_keys.accept(key_spec, openssl(tmp_path, command, pem)) == expected


@BY_OPENSSL
def test_of_what_openssl_writes_of_edwards_curves_only_ed25519_is_accepted(
    tmp_path: Path,
) -> None:
    for name in ("ED25519", "ED448", "X25519"):
        written = openssl(tmp_path, f"genpkey -algorithm {name} -outform DER")
        expected = written if name == "ED25519" else None
        assert private_keys.accept(ED25519, written) == expected


# ---- what is done with them

ALGORITHMS = {
    KeySpec.RSA_2048: SigningAlgorithmSpec.RSASSA_PSS_SHA_256,
    KeySpec.ECC_NIST_P256: SigningAlgorithmSpec.ECDSA_SHA_256,
    KeySpec.ECC_NIST_P521: SigningAlgorithmSpec.ECDSA_SHA_512,
    KeySpec.ECC_NIST_EDWARDS25519: SigningAlgorithmSpec.ED25519_SHA_512,
    KeySpec.ML_DSA_44: SigningAlgorithmSpec.ML_DSA_SHAKE_256,
}
HOSTILE_SIGNATURES = (
    b"",
    b"\0",
    b"\x30",
    b"\x30\0",
    b"\x30\x80\2\1\1\2\1\1\0\0",
    b"\x30\x84\xff\xff\xff\xff",
    sequence(integer(0), integer(0)),
    sequence(integer(1), integer(1)),
    sequence(b"\2\1\xff", b"\2\1\xff"),
    sequence(integer(2**8192), integer(2**8192)),
    bytes(6144),
    b"\xff" * 6144,
)


@pytest.mark.parametrize("key_spec, algorithm", ALGORITHMS.items())
@given(data=st.data())
def test_no_bytes_are_a_signature_but_one_that_was_made(
    key_spec: KeySpec, algorithm: SigningAlgorithmSpec, data: st.DataObject
) -> None:
    raw, private_key = MessageType.RAW, generated(key_spec)
    public_key = private_keys.public_key(private_key)
    signature = _signature(key_spec, algorithm)
    assert private_keys.verify(public_key, algorithm, raw, b"message", signature)
    where, gone = data.draw(st.integers(0, len(signature))), data.draw(st.integers(0, 3))
    put = data.draw(st.binary(max_size=3))
    other = data.draw(
        st.sampled_from(HOSTILE_SIGNATURES)
        | st.just(signature[:where] + put + signature[where + gone :])
    )
    assume(other != signature)
    assert not private_keys.verify(public_key, algorithm, raw, b"message", other)


@cache
def _signature(key_spec: KeySpec, algorithm: SigningAlgorithmSpec) -> bytes:
    return private_keys.sign(generated(key_spec), algorithm, MessageType.RAW, b"message")


AGREEING = (KeySpec.ECC_NIST_P256, KeySpec.ECC_NIST_P384, KeySpec.ECC_NIST_P521)


@pytest.mark.parametrize("key_spec", AGREEING)
@given(data=st.data())
def test_what_two_agree_on_is_as_long_as_a_coordinate_and_the_same_for_both(
    key_spec: KeySpec, data: st.DataObject
) -> None:
    numbers = st.integers(1, CURVES[key_spec].group_order - 1)
    one, other = (ec_pkcs8(key_spec, data.draw(numbers)) for _ in range(2))
    secret = private_keys.agree(one, private_keys.public_key(other))
    assert secret == private_keys.agree(other, private_keys.public_key(one))
    assert secret is not None
    assert len(secret) == length_on(key_spec)


@given(number=st.integers(1, SECP521R1().group_order - 1))
@example(1)
def test_an_agreement_is_the_x_coordinate_of_the_product(number: int) -> None:
    key_spec = KeySpec.ECC_NIST_P521
    peer = private_keys.public_key(ec_pkcs8(key_spec, 1))
    x = point_of(key_spec, number)[1:67]
    assert private_keys.agree(ec_pkcs8(key_spec, number), peer) == x


@pytest.mark.parametrize("key_spec", AGREEING)
@given(where=st.integers(0, 200), gone=st.integers(0, 3), put=st.binary(max_size=3))
def test_whatever_public_key_comes_there_is_a_whole_secret_or_none(
    key_spec: KeySpec, where: int, gone: int, put: bytes
) -> None:
    public_key = private_keys.public_key(generated(key_spec, "peer"))
    where %= len(public_key)
    touched = public_key[:where] + put + public_key[where + gone :]
    secret = private_keys.agree(generated(key_spec), touched)
    assert secret is None or len(secret) == length_on(key_spec)


@pytest.mark.parametrize("key_spec", ["ML_KEM_768", "ML_KEM_1024"])
@given(data=st.data())
def test_a_ciphertext_of_the_right_length_has_a_secret(key_spec: str, data: st.DataObject) -> None:
    private_key = generated(KeySpec(key_spec))
    secret, ciphertext = private_keys.encapsulate(private_keys.public_key(private_key))
    assert private_keys.decapsulate(private_key, ciphertext) == secret
    length = data.draw(st.integers(0, 2000) | st.sampled_from([1088, 1568]))
    other = data.draw(st.sampled_from([bytes(length), hashlib.shake_128().digest(length)]))
    assert (private_keys.decapsulate(private_key, other) is None) == (length != len(ciphertext))


@pytest.mark.parametrize("name", ["sign_mu", "verify_mu"])
def test_an_external_mu_is_refused_where_the_library_does_not_take_one(name: str) -> None:
    """As pyca/cryptography 48 does not."""
    with pytest.raises(UnsupportedOperationException, match="MessageType EXTERNAL_MU") as refused:
        private_keys.of_external_mu(object(), name)
    assert refused.value.__notes__ == ["EXTERNAL_MU needs pyca/cryptography 49 or newer"]
