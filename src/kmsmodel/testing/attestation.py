"""
Nitro enclaves for tests: a root of their own, and attestation documents that are signed under it.

A document has the form of AWS's. Its root is not AWS's, so only a model that was told to trust it takes the document.
Needs the extra ``attestation``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import final

import cbor2
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    CertificateBuilder,
    KeyUsage,
    Name,
    NameAttribute,
)
from cryptography.x509.oid import NameOID

_P384_ORDER_BYTES = 48
_AUTHORITIES = ("nitro-enclaves", "region", "zone", "instance")
"""The authorities of a chain, from the root on: as many as AWS has."""

_FIRST_DAY = datetime(2019, 10, 28, tzinfo=UTC)
_LAST_DAY = datetime(2049, 10, 28, tzinfo=UTC)
"""The validity of the authorities."""

_VALID = timedelta(hours=3)
"""How long the certificate of one document is valid, as AWS's is."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
_PROTECTED = cbor2.dumps({1: -35})
_UNPROTECTED: dict[str, bytes] = {}


def debug_pcrs() -> dict[int, bytes]:
    """The registers of an enclave in debug mode, which are all zero."""
    return {number: bytes(48) for number in range(16)}


@final
@frozen
class NitroAuthority:
    """
    A certificate authority as AWS has one for Nitro enclaves; equal seeds make equal ones.

    It keeps no secret: whoever knows the seed can sign as it does.
    """

    seed: str = ""

    @property
    def root(self) -> bytes:
        """The root's certificate in PEM, which an HSM trusts if it has it among its ``attestation_roots``."""
        return self._bundle()[0].public_bytes(Encoding.PEM)

    def attestation_document(
        self,
        *,
        at: datetime,
        public_key: RSAPublicKey | bytes | None,
        pcrs: Mapping[int, bytes],
        module_id: str = "i-1234567890abcdef0-enc0123456789abcdef",
        is_of_nitro_tpm: bool = False,
        user_data: bytes | None = None,
        nonce: bytes | None = None,
    ) -> bytes:
        """
        A signed attestation document, made ``at`` this time, of an enclave or of a NitroTPM with these registers.

        ``public_key`` is that of the enclave; in bytes, it is DER of a SubjectPublicKeyInfo.
        """
        if isinstance(public_key, RSAPublicKey):
            public_key = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        contents: dict[str, object] = {
            "module_id": module_id,
            "digest": "SHA384",
            "timestamp": (at - _EPOCH) // _MILLISECOND,
            "nitrotpm_pcrs" if is_of_nitro_tpm else "pcrs": dict(pcrs),
            "certificate": _der(self._certificate(at)),
            "cabundle": [_der(each) for each in self._bundle()],
            "public_key": public_key,
            "user_data": user_data,
            "nonce": nonce,
        }
        return self.sign(cbor2.dumps(contents))

    def sign(self, payload: bytes) -> bytes:
        """A payload as the documents are signed, be it a valid document or not."""
        signed = cbor2.dumps(["Signature1", _PROTECTED, b"", payload])
        signature = self._key("document").sign(signed, ECDSA(SHA384(), deterministic_signing=True))
        r, s = decode_dss_signature(signature)
        halves = r.to_bytes(_P384_ORDER_BYTES, "big") + s.to_bytes(_P384_ORDER_BYTES, "big")
        return cbor2.dumps([_PROTECTED, _UNPROTECTED, payload, halves])

    def _certificate(self, at: datetime) -> Certificate:
        """The certificate of the documents that are made at this time."""
        return self._issue(
            "document", by=_AUTHORITIES[-1], valid=(at, at + _VALID), authorities_below=None
        )

    def _bundle(self) -> list[Certificate]:
        """The certificates of the authorities, from the root on."""
        issuers = (_AUTHORITIES[0], *_AUTHORITIES)
        return [
            self._issue(
                name,
                by=issuers[place],
                valid=(_FIRST_DAY, _LAST_DAY),
                authorities_below=len(_AUTHORITIES) - place - 1,
            )
            for place, name in enumerate(_AUTHORITIES)
        ]

    def _issue(
        self,
        name: str,
        *,
        by: str,
        valid: tuple[datetime, datetime],
        authorities_below: int | None,
    ) -> Certificate:
        """A certificate: of an authority, with so many others below it, or else of documents."""
        is_authority = authorities_below is not None
        usage = dict.fromkeys(_USAGES, False) | {
            "key_cert_sign" if is_authority else "digital_signature": True
        }
        builder = (
            CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(by))
            .public_key(self._public_key(name))
            .serial_number(int.from_bytes(self._drawn(f"serial {name} {valid[0]}")[:16]) | 1)
            .not_valid_before(valid[0])
            .not_valid_after(valid[1])
            .add_extension(BasicConstraints(is_authority, authorities_below), critical=True)
            .add_extension(KeyUsage(**usage), critical=True)
        )
        return builder.sign(self._key(by), SHA384(), ecdsa_deterministic=True)

    def _public_key(self, name: str) -> EllipticCurvePublicKey:
        return self._key(name).public_key()

    def _key(self, name: str) -> EllipticCurvePrivateKey:
        """The key of an authority, or of the documents: a number below the order of the curve."""
        drawn = self._drawn(f"key {name}")[: _P384_ORDER_BYTES - 1]
        return derive_private_key(int.from_bytes(drawn, "big") or 1, SECP384R1())

    def _drawn(self, purpose: str) -> bytes:
        return hashlib.sha384(f"{len(self.seed)}:{self.seed}{purpose}".encode()).digest()


def _named(name: str) -> Name:
    """What a certificate calls its subject or its issuer."""
    return Name(
        (
            NameAttribute(NameOID.COUNTRY_NAME, "US"),
            NameAttribute(NameOID.ORGANIZATION_NAME, "kmsmodel"),
            NameAttribute(NameOID.COMMON_NAME, f"kmsmodel.{name}"),
        )
    )


def _der(certificate: Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
