"""
Attestation documents: COSE_Sign1 (RFC 9052) in CBOR, signed by a certificate that goes back to a trusted root.

Sources: *Nitro Enclaves Attestation Process*, in the repository aws-nitro-enclaves-nsm-api; *Validate a NitroTPM
Attestation Document* in the Amazon EC2 User Guide. Without the extra ``attestation`` (cbor2), `attestation` raises
UnsupportedOperationException.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast, final

from attrs import Attribute, frozen
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP384R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    KeyUsage,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)

from kmsmodel.errors import KmsError, UnsupportedOperationException
from kmsmodel.hsm.recipient import Attestation, refusal

LONGEST_AGE = timedelta(minutes=5)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_COSE_SIGN1 = b"\xd2"
"""The tag of a COSE_Sign1, 18, which may be left out."""

_ES384 = bytes.fromhex("a1 01 38 22")
"""The protected header: the algorithm is -35, ES384."""

_UNPROTECTED: dict[str, bytes] = {}
"""The unprotected header, which has nothing."""

_MOST_PCRS = 32
_PCR_BYTES = {32, 48, 64}
_MOST_BYTES = 1024
_MODULUS_BITS = {2048, 3072, 4096}
_REMEMBERED = 64
"""How many documents whose signatures were verified are remembered."""


def attestation(document: bytes, roots: bytes, now: datetime) -> Attestation:
    """
    What an attestation document says, if it is signed under one of these roots (PEM), and valid now.

    Raises `refusal` for any other document, and UnsupportedOperationException without the extra.
    """
    verified = _verified(document, roots)
    for certificate in verified.chain:
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise refusal("a certificate of its chain is not valid now")
    if (now - _EPOCH) // _MILLISECOND - verified.timestamp > LONGEST_AGE // _MILLISECOND:
        raise refusal("it is older than five minutes")
    return verified.attestation


def certificates(_: object, attribute: Attribute[bytes], value: object) -> None:
    """Refuse anything but certificates in PEM. An HSM may have none. Raises TypeError or ValueError."""
    if not isinstance(value, bytes):
        raise TypeError(f"{attribute.name} must be bytes")
    try:
        _roots(value)
    except ValueError as error:
        raise ValueError(f"{attribute.name} must be X.509 certificates in PEM") from error


@lru_cache(_REMEMBERED)
def _roots(pem: bytes) -> frozenset[Certificate]:
    return frozenset(load_pem_x509_certificates(pem)) if pem else frozenset()


# ---- what is true of a document at any time


@final
@frozen
class _Verified:
    """A document whose signature goes back to a root: what it says, when it was made, and by which certificates."""

    attestation: Attestation
    timestamp: int
    chain: Sequence[Certificate]


@lru_cache(_REMEMBERED)
def _verified(document: bytes, roots: bytes) -> _Verified:
    payload, signature = _signed(document)
    contents = _contents(payload)
    chain = _chain(contents, _roots(roots))
    _verify(chain[-1], payload, signature)
    return _Verified(
        attestation=Attestation(
            module_id=contents["module_id"],
            pcrs=contents[_pcrs(contents)],
            is_of_nitro_tpm=_pcrs(contents) == _OF_NITRO_TPM,
            public_key=_rsa_key(contents.get("public_key")),
        ),
        timestamp=contents["timestamp"],
        chain=chain,
    )


def _signed(document: bytes) -> tuple[bytes, bytes]:
    """
    The payload and the signature of a COSE_Sign1.

    It has but one encoding, with or without its tag: what is not signed could otherwise be changed unseen.
    """
    cose: Any = _read(document)
    if document.startswith(_COSE_SIGN1):
        cose = getattr(cose, "value", None)
    match cose:
        case [_, _, bytes() as payload, bytes() as signature]:
            untagged = _written([_ES384, _UNPROTECTED, payload, signature])
        case _:
            untagged = payload = signature = b""
    if document not in {untagged, _COSE_SIGN1 + untagged}:
        raise refusal("it is not a COSE_Sign1 with ES384 in CBOR")
    return payload, signature


def _verify(certificate: Certificate, payload: bytes, signature: bytes) -> None:
    """Refuse a payload that the owner of this certificate did not sign."""
    public_key, half = certificate.public_key(), len(signature) // 2
    if not isinstance(public_key, EllipticCurvePublicKey) or half != _SIGNATURE_BYTES // 2:
        raise refusal("it is not signed by ES384")
    r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    signed = _written(["Signature1", _ES384, b"", payload])
    try:
        public_key.verify(encode_dss_signature(r, s), signed, ECDSA(SHA384()))
    except InvalidSignature as error:
        raise refusal("its signature is not that of its certificate") from error


_SIGNATURE_BYTES = 96


# ---- the contents


def _is_module_id(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_timestamp(value: object) -> bool:
    return type(value) is int and value > 0


def _is_certificate(value: object) -> bool:
    return isinstance(value, bytes) and 1 <= len(value) <= _MOST_BYTES


def _is_bundle(value: object) -> bool:
    if not isinstance(value, list) or value == []:
        return False
    return all(map(_is_certificate, cast("list[object]", value)))


def _is_pcrs(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    pcrs = cast("dict[object, object]", value)
    return 1 <= len(pcrs) <= _MOST_PCRS and all(
        type(index) is int
        and 0 <= index < _MOST_PCRS
        and isinstance(pcr, bytes)
        and len(pcr) in _PCR_BYTES
        for index, pcr in pcrs.items()
    )


def _is_optional(value: object) -> bool:
    """A document has null in the place of what it does not say."""
    return value is None or (isinstance(value, bytes) and len(value) <= _MOST_BYTES)


_OF_AN_ENCLAVE, _OF_NITRO_TPM = "pcrs", "nitrotpm_pcrs"

_REQUIRED: Mapping[str, Callable[[object], bool]] = {
    "module_id": _is_module_id,
    "digest": lambda value: value == "SHA384",
    "timestamp": _is_timestamp,
    "certificate": _is_certificate,
    "cabundle": _is_bundle,
}
_OPTIONAL = ("public_key", "user_data", "nonce")


def _pcrs(contents: Mapping[str, Any]) -> str:
    """The name of the member that holds the registers: a document is of an enclave, or of a NitroTPM."""
    return _OF_NITRO_TPM if _OF_NITRO_TPM in contents else _OF_AN_ENCLAVE


def _contents(payload: bytes) -> Mapping[str, Any]:
    contents = _read(payload)
    if not isinstance(contents, dict):
        raise refusal("its payload is not a map")
    members = cast("dict[str, Any]", contents)
    checks = {**_REQUIRED, _pcrs(members): _is_pcrs, **dict.fromkeys(_OPTIONAL, _is_optional)}
    for name in members.keys() - checks.keys():
        raise refusal(f"it has a member that documents do not have: {name!r}")
    for name, is_valid in checks.items():
        if not is_valid(members.get(name)):
            raise refusal(f"its {name} is missing or not valid")
    return members


def _rsa_key(public_key: bytes | None) -> bytes:
    """The public key to answer under, in the form of SubjectPublicKeyInfo."""
    try:
        key = load_der_public_key(public_key or b"")
    except (ValueError, UnsupportedAlgorithm, CryptographyDeprecationWarning):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size not in _MODULUS_BITS:
        raise refusal("its public_key is not an RSA key of 2048, 3072 or 4096 bits")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


# ---- the certificates


def _chain(contents: Mapping[str, Any], roots: frozenset[Certificate]) -> Sequence[Certificate]:
    """The certificates from a trusted root to the one that signs the document, each issued by the one before it."""
    try:
        chain = [load_der_x509_certificate(each) for each in contents["cabundle"]]
        chain.append(load_der_x509_certificate(contents["certificate"]))
        if chain[0] not in roots:
            raise refusal("the root of its certificates is none that this HSM trusts")
        for place, (issuer, certificate) in enumerate(pairwise(chain)):
            certificate.verify_directly_issued_by(issuer)
            if not _may_issue(issuer, len(chain) - place - 2):
                raise refusal("a certificate of its chain may not issue the next")
        if not _may_sign(chain[-1]):
            raise refusal("its certificate may not sign")
    except _INVALID as error:
        raise refusal("its certificates are not a chain") from error
    return chain


_INVALID = (
    ValueError,
    TypeError,
    CryptographyDeprecationWarning,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidSignature,
    InvalidVersion,
    UnsupportedAlgorithm,
)
"""
What pyca/cryptography raises for certificates that it cannot read, or that were not issued as they say.

It warns of what it will refuse one day, which a host may have turned into an error.
"""


def _may_issue(certificate: Certificate, others_below: int) -> bool:
    """May this one issue certificates, with so many other authorities below it?"""
    basic = certificate.extensions.get_extension_for_class(BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    limit = basic.value.path_length
    fits = limit is None or others_below <= limit
    return basic.critical and basic.value.ca and fits and usage.key_cert_sign


def _may_sign(certificate: Certificate) -> bool:
    """May this one, which is not an authority, sign documents with P-384?"""
    basic = certificate.extensions.get_extension_for_class(BasicConstraints).value
    usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    public_key = certificate.public_key()
    is_p384 = isinstance(public_key, EllipticCurvePublicKey) and isinstance(
        public_key.curve, SECP384R1
    )
    return is_p384 and not basic.ca and usage.digital_signature


# ---- CBOR


def _read(encoded: bytes) -> object:
    """What is encoded in CBOR. Raises `refusal`."""
    cbor2 = _cbor2()
    try:
        return cbor2.loads(encoded)
    except Exception as error:  # decoders of CBOR's tags raise what the standard library does
        raise refusal("it is not CBOR") from error


def _written(value: object) -> bytes:
    encoded: bytes = _cbor2().dumps(value)
    return encoded


def _cbor2() -> Any:
    try:
        import cbor2
    except ModuleNotFoundError as error:
        raise _without_extra() from error
    return cbor2


def _without_extra() -> KmsError:
    return UnsupportedOperationException("Recipient is not supported by this model.").with_note(
        "attestation documents need an extra: pip install '.[attestation]' in a clone of kmsmodel"
    )
