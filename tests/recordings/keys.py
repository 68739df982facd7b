"""
Private keys that the recordings used and do not show, and what is computed outside of AWS KMS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import PADDINGS
from kmsmodel.words.enumerations import KeySpec

_HSM = SeededHsm("recordings")

_CURVES: Mapping[str, str] = {
    "ECC_NIST_P256": "secp256r1",
    "ECC_NIST_P384": "secp384r1",
    "ECC_NIST_P521": "secp521r1",
    "ECC_SECG_P256K1": "secp256k1",
}
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "SHA_1": hashes.SHA1(),
    "SHA_256": hashes.SHA256(),
    "SHA_384": hashes.SHA384(),
    "SHA_512": hashes.SHA512(),
}

ML_DSA_PUBLIC_KEYS: Mapping[str, int] = {"ML_DSA_44": 1334, "ML_DSA_65": 1974, "ML_DSA_87": 2614}
"""Bytes of a public key, as DER."""


def private_key(key_spec: str, name: str) -> bytes:
    """A private key in PKCS #8, the same for the same name."""
    return _HSM.generate(KeySpec(key_spec), name).reveal()


def in_indefinite_length(der: bytes) -> bytes:
    """The same private key in BER: the outer SEQUENCE has an indefinite length."""
    long = der[1] & 0x80
    header = 2 + (der[1] & 0x7F if long else 0)
    return b"\x30\x80" + der[header:] + b"\x00\x00"


def public_key_of(pkcs8: bytes) -> bytes:
    """The public key that belongs to a private key, as DER."""
    key: Any = serialization.load_der_private_key(pkcs8, None)
    told: bytes = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return told


def shared_secret(pkcs8: bytes, public_key: bytes) -> bytes:
    """What both sides of an ECDH derive."""
    mine = serialization.load_der_private_key(pkcs8, None)
    theirs = serialization.load_der_public_key(public_key)
    assert isinstance(mine, ec.EllipticCurvePrivateKey)
    assert isinstance(theirs, ec.EllipticCurvePublicKey)
    return mine.exchange(ec.ECDH(), theirs)


def encrypted(plaintext: bytes, public_key: bytes, algorithm: str) -> bytes:
    """A ciphertext of an RSA public key, made outside of AWS KMS."""
    key = serialization.load_der_public_key(public_key)
    assert isinstance(key, rsa.RSAPublicKey)
    return key.encrypt(plaintext, PADDINGS[algorithm])


def digest(algorithm: str, message: bytes) -> bytes:
    """The digest of a message, by the name that AWS KMS has for the hash."""
    context = hashes.Hash(_HASHES[algorithm])
    context.update(message)
    return context.finalize()


def message_representative(message: bytes, public_key: bytes) -> bytes:
    """The µ of an ML-DSA message with an empty context (FIPS 204)."""
    raw = public_key[22:]  # after SEQUENCE, AlgorithmIdentifier, and the BIT STRING's own header
    return _shake(_shake(raw) + b"\x00\x00" + message)


def _shake(data: bytes) -> bytes:
    context = hashes.Hash(hashes.SHAKE256(64))
    context.update(data)
    return context.finalize()


def is_public_key(told: bytes, key_spec: str) -> bool:
    """Whether these bytes are a public key of this key spec, as DER."""
    if key_spec in ML_DSA_PUBLIC_KEYS:
        return len(told) == ML_DSA_PUBLIC_KEYS[key_spec]
    key = serialization.load_der_public_key(told)
    if isinstance(key, rsa.RSAPublicKey):
        return key_spec == f"RSA_{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES.get(key_spec) == key.curve.name
    return isinstance(key, ed25519.Ed25519PublicKey) and key_spec == "ECC_NIST_EDWARDS25519"


def verifies(signature: bytes, public_key: bytes, request: Mapping[str, Any]) -> bool:
    """
    Whether a signature is one of what a Sign request asked for.

    Two algorithms are not known here: ED25519_PH_SHA_512, and ML_DSA_SHAKE_256. Their signatures go through Verify.
    """
    algorithm: str = request["SigningAlgorithm"]
    if algorithm in {"ED25519_PH_SHA_512", "ML_DSA_SHAKE_256"}:
        return True
    message: bytes = request["Message"]
    key = serialization.load_der_public_key(public_key)
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
            return True
        plain = _HASHES["SHA_" + algorithm.rsplit("_", 1)[1]]
        given = Prehashed(plain) if request.get("MessageType") == "DIGEST" else plain
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(given))
        elif isinstance(key, rsa.RSAPublicKey):
            pad: padding.AsymmetricPadding = padding.PKCS1v15()
            if algorithm.startswith("RSASSA_PSS"):
                pad = padding.PSS(padding.MGF1(plain), padding.PSS.DIGEST_LENGTH)
            key.verify(signature, message, pad, given)
        else:
            return False
    except InvalidSignature:
        return False
    return True
