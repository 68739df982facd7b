"""
Attestation documents: what is valid, and that whatever else a document may be is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    CertificateBuilder,
    ExtensionType,
    KeyUsage,
    Name,
    NameAttribute,
    load_der_x509_certificate,
)
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis.strategies import DataObject, binary, data, integers, sampled_from

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.errors import UnsupportedOperationException, ValidationException
from kmsmodel.hsm.recipient import Attestation
from kmsmodel.testing.attestation import NitroAuthority, debug_pcrs
from tests.attested import NITRO, PCRS, document, public_key
from tests.basics import NOW

HSM = SeededHsm(attestation_roots=NITRO.root)
TAG = b"\xd2"


@cache
def contents() -> dict[str, Any]:
    payload: dict[str, Any] = cbor2.loads(cbor2.loads(document())[2])
    return payload


def changed(**members: object) -> bytes:
    """A document with other members, which is signed as it should be."""
    return NITRO.sign(cbor2.dumps(contents() | members))


def without(member: str) -> bytes:
    left = {name: value for name, value in contents().items() if name != member}
    return NITRO.sign(cbor2.dumps(left))


def refused(signed: bytes, reason: str = "", hsm: SoftwareHsm | SeededHsm = HSM) -> None:
    with pytest.raises(ValidationException) as caught:
        hsm.attestation(signed, NOW)
    assert caught.value.message == "The attestation document in Recipient cannot be verified."
    (note,) = caught.value.__notes__
    assert reason in note


# ---- what is valid


def test_a_document_tells_its_module_its_registers_and_its_public_key() -> None:
    assert HSM.attestation(document(module_id="i-1-enc2"), NOW) == Attestation(
        module_id="i-1-enc2", pcrs=PCRS, is_of_nitro_tpm=False, public_key=public_key()
    )


def test_a_document_of_a_nitro_tpm_tells_the_same() -> None:
    attestation = HSM.attestation(document(is_of_nitro_tpm=True), NOW)
    assert attestation.is_of_nitro_tpm
    assert attestation.pcrs == PCRS


def test_a_document_may_have_the_tag_of_its_structure() -> None:
    assert HSM.attestation(TAG + document(), NOW) == HSM.attestation(document(), NOW)


@pytest.mark.parametrize("member", ["user_data", "nonce"])
@pytest.mark.parametrize("value", [None, b"", b"0" * 1024])
def test_what_a_document_says_to_others_does_not_matter(member: str, value: Any) -> None:
    assert HSM.attestation(document(**{member: value}), NOW) == HSM.attestation(document(), NOW)
    assert HSM.attestation(without(member), NOW) == HSM.attestation(document(), NOW)


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_the_public_key_is_an_rsa_key_of_one_of_three_sizes(bits: int) -> None:
    assert HSM.attestation(document(public_key=public_key(bits)), NOW).public_key == public_key(
        bits
    )


@pytest.mark.parametrize("length", [32, 48, 64])
def test_a_register_has_the_length_of_a_digest(length: int) -> None:
    assert HSM.attestation(document(pcrs={31: bytes(length)}), NOW).pcrs == {31: bytes(length)}


def test_the_registers_of_an_enclave_in_debug_mode_are_zero() -> None:
    pcrs = HSM.attestation(document(pcrs=debug_pcrs()), NOW).pcrs
    assert set(pcrs.values()) == {bytes(48)}


@given(milliseconds=integers(0, 300_000))
@example(milliseconds=0)
@example(milliseconds=300_000)
def test_a_document_is_valid_for_five_minutes(milliseconds: int) -> None:
    made = NOW - timedelta(milliseconds=milliseconds)
    assert HSM.attestation(document(at=made), NOW).pcrs == PCRS


@given(milliseconds=integers(300_001, 10_000_000))
@example(milliseconds=300_001)
def test_a_document_is_not_valid_any_longer(milliseconds: int) -> None:
    refused(document(at=NOW - timedelta(milliseconds=milliseconds)), "older than five minutes")


def test_a_document_may_be_shown_more_than_once() -> None:
    for seconds in (0, 60, 299):
        assert HSM.attestation(document(), NOW + timedelta(seconds=seconds)).pcrs == PCRS


def test_equal_seeds_sign_equal_documents_and_others_do_not() -> None:
    same, other = NitroAuthority(NITRO.seed), NitroAuthority("another")
    about: Any = {"at": NOW, "public_key": public_key(), "pcrs": PCRS}
    assert same.root == NITRO.root != other.root
    assert same.attestation_document(**about) == document() != other.attestation_document(**about)


# ---- what is changed


@given(data=data())
def test_a_document_with_one_byte_changed_is_refused(data: DataObject) -> None:
    signed = data.draw(sampled_from([document(), TAG + document()]))
    place = data.draw(integers(0, len(signed) - 1))
    by = data.draw(integers(1, 255))
    refused(signed[:place] + bytes([signed[place] ^ by]) + signed[place + 1 :])


@pytest.mark.parametrize("place", range(20))
def test_a_document_with_any_of_its_first_bits_changed_is_refused(place: int) -> None:
    for signed in (document(), TAG + document()):
        for bit in range(8):
            refused(signed[:place] + bytes([signed[place] ^ 1 << bit]) + signed[place + 1 :])


@given(data=data())
def test_a_part_of_a_document_or_more_than_one_is_refused(data: DataObject) -> None:
    signed = document()
    refused(signed[: data.draw(integers(0, len(signed) - 1))])
    refused(signed + data.draw(binary(min_size=1, max_size=20)))


@given(anything=binary(max_size=200))
@example(anything=b"\x81" * 100_000)  # lists in lists
@example(anything=b"\x9b" + b"\xff" * 8)  # a list of 2 ** 64 - 1
@example(anything=bytes.fromhex("d823 61 28"))  # a regular expression that is none
@example(anything=bytes.fromhex("c0 60"))  # a date that is none
@example(anything=b"\xd2\xd2" + b"\x80")
def test_what_is_no_document_is_refused(anything: bytes) -> None:
    refused(anything)


@given(payload=binary(max_size=200))
@example(payload=b"\x80")
@example(payload=b"\xa1\x80\x00")
def test_what_is_signed_must_be_a_document(payload: bytes) -> None:
    refused(NITRO.sign(payload))


@pytest.mark.parametrize(
    "protected, unprotected",
    [(b"\xa1\x01\x26", {}), (b"", {}), (b"\xa1\x018\x22", {4: b"key"}), (b"\xa1\x018\x22", [])],
)
def test_a_document_has_the_one_header(protected: bytes, unprotected: object) -> None:
    _, _, payload, signature = cbor2.loads(document())
    refused(cbor2.dumps([protected, unprotected, payload, signature]), "not a COSE_Sign1")


def test_a_document_is_not_encoded_in_another_way() -> None:
    """With a length that is longer than it need be."""
    signed = document()
    assert signed[7:8] == b"\x59"
    refused(signed[:7] + b"\x5a\0\0" + signed[8:], "not a COSE_Sign1")


@pytest.mark.parametrize("signature", [b"", bytes(96), bytes(95), b"\xff" * 96, bytes(97)])
def test_a_document_needs_a_signature(signature: bytes) -> None:
    header, unprotected, payload, _ = cbor2.loads(document())
    refused(cbor2.dumps([header, unprotected, payload, signature]))


def test_a_signature_is_not_encoded_in_another_way() -> None:
    """With numbers that are longer than they need be."""
    header, unprotected, payload, signature = cbor2.loads(document())
    longer = b"\0" + signature[:48] + b"\0" + signature[48:]
    refused(cbor2.dumps([header, unprotected, payload, longer]), "not signed by ES384")


# ---- members that are not valid

TOO_LONG = b"0" * 1025

NOT_VALID: dict[str, list[Any]] = {
    "module_id": [None, "", b"id", 1],
    "digest": [None, "SHA256", "sha384", b"SHA384"],
    "timestamp": [None, 0, -1, True, 1.5, "1"],
    "certificate": [None, b"", "text", TOO_LONG],
    "cabundle": [None, [], {}, b"", [b""], [TOO_LONG], ["text"]],
    "pcrs": [
        *(None, {}, [], {32: bytes(48)}, {-1: bytes(48)}),
        *({0: value} for value in (None, b"", bytes(47), bytes(49), "0" * 48, [b"0"])),
        *({value: bytes(48)} for value in ("0", True, None, 0.0)),
        {number: bytes(48) for number in range(33)},
    ],
    "user_data": [TOO_LONG, "text", 1],
    "nonce": [TOO_LONG, "text", 1],
    "public_key": [TOO_LONG, "text", 1],
}


@pytest.mark.parametrize(
    "member, value", [(member, value) for member, values in NOT_VALID.items() for value in values]
)
def test_a_document_with_a_member_that_is_not_valid_is_refused(member: str, value: object) -> None:
    refused(changed(**{member: value}), f"its {member} is missing or not valid")


@pytest.mark.parametrize(
    "member", ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"]
)
def test_a_document_without_a_member_that_it_must_have_is_refused(member: str) -> None:
    refused(without(member), f"its {member} is missing or not valid")


@pytest.mark.parametrize("member", ["nitrotpm_pcrs", "more"])
def test_a_document_with_a_member_of_another_kind_is_refused(member: str) -> None:
    refused(changed(**{member: PCRS}), "a member that documents do not have")


def _public(key: Any) -> bytes:
    der: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der


@pytest.mark.parametrize(
    "key",
    [
        None,
        b"",
        b"key",
        _public(derive_private_key(5, SECP384R1())),
        _public(Ed25519PrivateKey.from_private_bytes(bytes(32))),
        _public(generate_private_key(65537, 1024)),
        _public(generate_private_key(65537, 2056)),
        SeededHsm()
        .rsa_key(2048, "")
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.PKCS1)[1:],
    ],
)
def test_a_document_without_an_rsa_key_has_no_recipient(key: bytes | None) -> None:
    refused(changed(public_key=key), "its public_key is not an RSA key of 2048, 3072 or 4096 bits")


# ---- certificates

NOTHING: Mapping[str, dict[str, Any]] = {}
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def key_of(name: str, curve: Any = None) -> EllipticCurvePrivateKey:
    return derive_private_key(
        int.from_bytes(name.encode()), SECP384R1() if curve is None else curve
    )


def certificate(name: str, issuer: str, below: int | None, changes: dict[str, Any]) -> Certificate:
    """A certificate of a small authority of our own, with what is changed of it."""
    of: dict[str, Any] = {
        "key": key_of(name).public_key(),
        "by": key_of(issuer),
        "issuer": issuer,
        "from": NOW - SECOND,
        "to": NOW + SECOND,
        "basic": BasicConstraints(below is not None, below),
        "critical": True,
        "usage": "digital_signature" if below is None else "key_cert_sign",
    } | changes
    usage = dict.fromkeys(USAGES, False) | {of["usage"]: True}
    extensions: list[tuple[ExtensionType | None, bool]] = [
        (of["basic"], of["critical"]),
        (KeyUsage(**usage) if of["usage"] else None, True),
    ]
    builder = (
        CertificateBuilder()
        .subject_name(Name([NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(Name([NameAttribute(NameOID.COMMON_NAME, of["issuer"])]))
        .public_key(of["key"])
        .serial_number(1)
        .not_valid_before(of["from"])
        .not_valid_after(of["to"])
    )
    for extension, is_critical in extensions:
        if extension is not None:
            builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(of["by"], SHA384())


def signed_under(
    order: tuple[int, ...] = (0, 1), changes: Mapping[str, dict[str, Any]] = NOTHING
) -> tuple[bytes, SeededHsm]:
    """A document of this authority, signed by our documents' key, and an HSM that trusts its root."""
    documents = load_der_x509_certificate(contents()["certificate"]).public_key()
    chain = [
        certificate("root", "root", 1, changes.get("root", {})),
        certificate("middle", "root", 0, changes.get("middle", {})),
        certificate("leaf", "middle", None, {"key": documents} | changes.get("leaf", {})),
    ]
    der = [each.public_bytes(Encoding.DER) for each in chain]
    bundle = [der[place] for place in order]
    hsm = SeededHsm(attestation_roots=chain[0].public_bytes(Encoding.PEM))
    return changed(certificate=der[2], cabundle=bundle), hsm


def test_the_authority_of_these_tests_is_a_good_one() -> None:
    signed, hsm = signed_under()
    assert hsm.attestation(signed, NOW).pcrs == PCRS


SECOND = timedelta(seconds=1)
NOT_NOW = "a certificate of its chain is not valid now"
NO_ISSUER = "a certificate of its chain may not issue the next"
NO_CHAIN = "its certificates are not a chain"
NO_SIGNER = "its certificate may not sign"


@pytest.mark.parametrize("name", ["root", "middle", "leaf"])
@pytest.mark.parametrize(
    "validity",
    [{"to": NOW - SECOND, "from": NOW - SECOND}, {"from": NOW + SECOND, "to": NOW + SECOND}],
)
def test_each_certificate_must_be_valid_now(name: str, validity: dict[str, Any]) -> None:
    signed, hsm = signed_under(changes={name: validity})
    refused(signed, NOT_NOW, hsm)


@pytest.mark.parametrize(
    "name, change, reason",
    [
        ("root", {"basic": BasicConstraints(True, 0)}, NO_ISSUER),
        ("root", {"usage": "crl_sign"}, NO_ISSUER),
        ("root", {"critical": False}, NO_ISSUER),
        ("root", {"basic": None}, NO_CHAIN),
        ("root", {"usage": ""}, NO_CHAIN),
        ("middle", {"basic": BasicConstraints(False, None)}, NO_ISSUER),
        ("middle", {"usage": "digital_signature"}, NO_ISSUER),
        ("middle", {"by": key_of("somebody")}, NO_CHAIN),
        ("middle", {"issuer": "somebody"}, NO_CHAIN),
        ("leaf", {"by": key_of("somebody")}, NO_CHAIN),
        ("leaf", {"issuer": "root"}, NO_CHAIN),
        ("leaf", {"usage": "key_agreement"}, NO_SIGNER),
        ("leaf", {"basic": BasicConstraints(True, None)}, NO_SIGNER),
        ("leaf", {"key": key_of("leaf", SECP256R1()).public_key()}, NO_SIGNER),
        ("leaf", {"key": Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()}, NO_SIGNER),
        (
            "leaf",
            {"key": key_of("leaf").public_key()},
            "its signature is not that of its certificate",
        ),
    ],
)
def test_a_chain_of_certificates_must_be_one(
    name: str, change: dict[str, Any], reason: str
) -> None:
    signed, hsm = signed_under(changes={name: change})
    refused(signed, reason, hsm)


def test_an_authority_may_have_any_number_of_others_below_it() -> None:
    signed, hsm = signed_under(changes={"root": {"basic": BasicConstraints(True, None)}})
    assert hsm.attestation(signed, NOW).pcrs == PCRS


@pytest.mark.parametrize("order", [(1, 0), (1,), (0,), (0, 0, 1), (0, 1, 1)])
def test_the_certificates_of_a_document_are_in_their_order(order: tuple[int, ...]) -> None:
    signed, hsm = signed_under(order=order)
    refused(signed, "", hsm)


@pytest.mark.parametrize("member", ["certificate", "cabundle"])
@given(junk=binary(min_size=1, max_size=100))
def test_what_is_no_certificate_is_refused(member: str, junk: bytes) -> None:
    value: object = junk if member == "certificate" else [*contents()["cabundle"], junk]
    refused(changed(**{member: value}), NO_CHAIN)


# ---- whom an HSM trusts

ANOTHER = NitroAuthority("another root")
UNKNOWN = "the root of its certificates is none that this HSM trusts"


@pytest.mark.parametrize(
    "hsm", [SoftwareHsm(), SeededHsm(), SeededHsm(attestation_roots=ANOTHER.root)]
)
def test_an_hsm_trusts_only_the_roots_that_it_is_given(hsm: SoftwareHsm | SeededHsm) -> None:
    refused(document(), UNKNOWN, hsm)


def test_an_hsm_may_trust_several_roots() -> None:
    hsm = SoftwareHsm(attestation_roots=ANOTHER.root + NITRO.root)
    assert hsm.attestation(document(), NOW).pcrs == PCRS


def test_a_certificate_that_is_trusted_is_a_root_only_where_a_root_stands() -> None:
    """An authority in the middle is a trust anchor too, if the host says so and the document begins with it."""
    middle = load_der_x509_certificate(contents()["cabundle"][1])
    refused(document(), UNKNOWN, SeededHsm(attestation_roots=middle.public_bytes(Encoding.PEM)))


@pytest.mark.parametrize(
    "roots", [b"text", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
@pytest.mark.parametrize("hsm", [SoftwareHsm, SeededHsm])
def test_roots_must_be_certificates(hsm: Callable[..., object], roots: bytes) -> None:
    with pytest.raises(ValueError, match=r"attestation_roots must be X\.509 certificates in PEM"):
        hsm(attestation_roots=roots)
    with pytest.raises(TypeError, match="attestation_roots must be bytes"):
        hsm(attestation_roots=roots.decode())


def test_without_its_extra_no_document_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cbor2", None)
    about_to_be_read = TAG + document() if "cbor2" not in sys.modules else b"a document"
    with pytest.raises(UnsupportedOperationException) as caught:
        HSM.attestation(about_to_be_read, NOW)
    assert caught.value.message == "Recipient is not supported by this model."
    assert caught.value.__notes__ == [
        "attestation documents need an extra: pip install '.[attestation]' in a clone of kmsmodel"
    ]
