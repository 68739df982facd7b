"""
Certificates of a certificate authority of the tests' own, for TLS on loopback.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import final

from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


@final
@frozen
class Authority:
    """A certificate authority; its certificates are valid for an hour."""

    common_name: str
    key: EllipticCurvePrivateKey = field(factory=_new_key)

    def issue(self, folder: Path, common_name: str) -> Path:
        """A PEM file with the certificate of this name, which is at 127.0.0.1 if it serves, and its private key."""
        key = _new_key()
        certificate = self._signed(common_name, key, is_authority=False)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = folder / f"{common_name}.pem"
        file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
        return file

    def certificate(self, folder: Path) -> Path:
        """A PEM file with its own certificate."""
        own = self._signed(self.common_name, self.key, is_authority=True)
        file = folder / f"{self.common_name}.pem"
        file.write_bytes(own.public_bytes(Encoding.PEM))
        return file

    def _signed(
        self, common_name: str, key: EllipticCurvePrivateKey, *, is_authority: bool
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(_name(self.common_name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
                critical=False,
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=is_authority,
                    crl_sign=is_authority,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .sign(self.key, SHA256())
        )


def asks_for_a_certificate(of: Path, authorities: Path) -> ssl.SSLContext:
    """The context of a server that takes only clients with a certificate of these authorities."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authorities)
    context.load_cert_chain(of)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
