"""
SM2 (GB/T 32918, GM/T 0003) on the curve sm2p256v1, on gmalg: pyca/cryptography has SM3, but no SM2.

Private keys are PKCS #8, public keys SubjectPublicKeyInfo, signatures and ciphertexts as GM/T 0009 has them, all DER.
The distinguishing identifier is AWS's, ``1234567812345678``. Without the extra ``china``, what computes with points
raises UnsupportedOperationException. gmalg is written in Python: an operation takes some tenths of a second.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SM3, Hash

from kmsmodel.errors import UnsupportedOperationException
from kmsmodel.hsm import der
from kmsmodel.words.enumerations import KeySpec, MessageType

if TYPE_CHECKING:
    from gmalg.ellipticcurve import ECDLP

_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_BYTES = 32
_IDENTIFIER = b"1234567812345678"

_CURVE = bytes.fromhex("06082a811ccf5501822d")
ALGORITHM = bytes.fromhex("301306072a8648ce3d0201") + _CURVE
"""The algorithm identifier of a key on this curve, DER."""

_VERSION = b"\2\1\0"
_BEFORE_POINT = bytes.fromhex("3059") + ALGORITHM + bytes.fromhex("034200")

_Point = tuple[int, int]


# ---- keys


def is_private_key(pkcs8: bytes) -> bool:
    """Is this a private key of SM2, as it is kept?"""
    return pkcs8.startswith(_PKCS8)


def is_public_key(public_key: bytes) -> bool:
    """Is this a public key of SM2?"""
    return public_key.startswith(_BEFORE_POINT)


def generate(random: Callable[[int], bytes]) -> bytes:
    """A new private key, by extra random bits: FIPS 186-5, A.2.1."""
    return _kept(1 + int.from_bytes(random(_BYTES + 8)) % (_N - 2))


def accept(pkcs8: bytes) -> bytes | None:
    """
    A client's private key in the form that is kept, or None if it is not unencrypted PKCS #8 of SM2, DER.

    Its ECPrivateKey may name the curve, and may have the public key.
    """
    start = pkcs8.find(_BEFORE_SECRET)
    secret = int.from_bytes(pkcs8[start + len(_BEFORE_SECRET) :][:_BYTES])
    if start < 0 or not 0 < secret < _N - 1:
        return None
    point, curve = _public_key_in_it(secret), der.value(b"\xa0", _CURVE)
    forms = {_pkcs8(secret, rest) for rest in (b"", point, curve, curve + point)}
    return _kept(secret) if pkcs8 in forms else None


def public_key(private_key: bytes) -> bytes:
    """The public key that belongs to a private key, which holds it."""
    return _BEFORE_POINT + private_key[-(1 + 2 * _BYTES) :]


def _kept(secret: int) -> bytes:
    return _pkcs8(secret, _public_key_in_it(secret))


def _public_key_in_it(secret: int) -> bytes:
    """The public key as an ECPrivateKey has it (RFC 5915)."""
    return der.value(b"\xa1", der.value(der.BIT_STRING, b"\0" + _bytes_of(_point_of(secret))))


def _pkcs8(secret: int, rest: bytes) -> bytes:
    inner = der.value(der.SEQUENCE, _BEFORE_SECRET + secret.to_bytes(_BYTES) + rest)
    return der.value(der.SEQUENCE, _VERSION + ALGORITHM + der.value(der.OCTET_STRING, inner))


_BEFORE_SECRET = bytes.fromhex("0201010420")
_PKCS8 = bytes.fromhex("308187") + _VERSION + ALGORITHM + bytes.fromhex("046d306b") + _BEFORE_SECRET


def _secret(private_key: bytes) -> int:
    return int.from_bytes(private_key[len(_PKCS8) :][:_BYTES])


def _point(public_key: bytes) -> _Point | None:
    """The point of a public key, or None if it is none on the curve."""
    encoded = public_key.removeprefix(_BEFORE_POINT + b"\4")
    if len(encoded) != 2 * _BYTES or not is_public_key(public_key):
        return None
    return _on_curve(int.from_bytes(encoded[:_BYTES]), int.from_bytes(encoded[_BYTES:]))


def _on_curve(x: int, y: int) -> _Point | None:
    is_valid = max(x, y) < _P and (y * y - x * x * x - _A * x - _B) % _P == 0
    return (x, y) if is_valid else None


def _point_of(secret: int) -> _Point:
    return _arithmetic().kG(secret)


def _bytes_of(point: _Point) -> bytes:
    return b"\4" + b"".join(each.to_bytes(_BYTES) for each in point)


# ---- signatures


def sign(private_key: bytes, message_type: MessageType, message: bytes) -> bytes:
    """A signature; a digest is that of Z and the message, as the standard has it."""
    secret, digest = _secret(private_key), _digest(public_key(private_key), message_type, message)
    while True:
        k = 1 + secrets.randbelow(_N - 1)
        r = (digest + _point_of(k)[0]) % _N
        s = pow(1 + secret, -1, _N) * (k - r * secret) % _N
        if r and s and (r + k) % _N:
            return encode_dss_signature(r, s)


def verify(public_key: bytes, message_type: MessageType, message: bytes, signature: bytes) -> bool:
    """Is this a signature of this message, by the owner of this public key?"""
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        return False
    t, point = (r + s) % _N, _point(public_key)
    if not (0 < r < _N and 0 < s < _N and t) or point is None:
        return False
    curve = _arithmetic()
    found = curve.ec.add(curve.kG(s), curve.ec.mul(t, point))
    if found == curve.ec.INF:
        return False
    return (_digest(public_key, message_type, message) + found[0]) % _N == r


def _digest(public_key: bytes, message_type: MessageType, message: bytes) -> int:
    if message_type is MessageType.RAW:
        about = len(_IDENTIFIER) * 8
        parts = [each.to_bytes(_BYTES) for each in (_A, _B, *_G)]
        z = _sm3(about.to_bytes(2), _IDENTIFIER, *parts, public_key[len(_BEFORE_POINT) + 1 :])
        message = _sm3(z, message)
    return int.from_bytes(message)


def _sm3(*parts: bytes) -> bytes:
    hash_ = Hash(SM3())
    for part in parts:
        hash_.update(part)
    return hash_.finalize()


# ---- encryption and key agreement


def encrypt(public_key: bytes, plaintext: bytes) -> bytes:
    """A ciphertext: the point, the hash and what was encrypted, in this order."""
    point = _point(public_key)
    if point is None:
        raise ValueError("this is not a public key of SM2")
    curve = _arithmetic()
    while True:
        k = 1 + secrets.randbelow(_N - 1)
        x, y = (each.to_bytes(_BYTES) for each in curve.ec.mul(k, point))
        stream = _stream(x + y, len(plaintext))
        if any(stream):
            break
    numbers = encode_dss_signature(*curve.kG(k))[2:]
    sealed, hash_ = _xor(plaintext, stream), _sm3(x, plaintext, y)
    return der.value(
        der.SEQUENCE,
        numbers + der.value(der.OCTET_STRING, hash_) + der.value(der.OCTET_STRING, sealed),
    )


def decrypt(private_key: bytes, ciphertext: bytes) -> bytes | None:
    """The plaintext that was encrypted under the public key, or None if nothing was."""
    parsed = _parsed(ciphertext)
    if parsed is None:
        return None
    point, hash_, sealed = parsed
    x, y = (each.to_bytes(_BYTES) for each in _arithmetic().ec.mul(_secret(private_key), point))
    plaintext = _xor(sealed, _stream(x + y, len(sealed)))
    return plaintext if _sm3(x, plaintext, y) == hash_ else None


def agree(private_key: bytes, public_key: bytes) -> bytes | None:
    """The x coordinate that both sides compute by ECDH, or None if the public key is not one of SM2."""
    point = _point(public_key)
    if point is None:
        return None
    x, _ = _arithmetic().ec.mul(_secret(private_key), point)
    return x.to_bytes(_BYTES)


def _parsed(ciphertext: bytes) -> tuple[_Point, bytes, bytes] | None:
    """The parts of a ciphertext in DER, or None if it has another form."""
    whole, rest = der.first(ciphertext, der.SEQUENCE)
    first, after_x = der.first(whole, der.INTEGER)
    second, after_y = der.first(after_x, der.INTEGER)
    hash_, after_hash = der.first(after_y, der.OCTET_STRING)
    sealed, end = der.first(after_hash, der.OCTET_STRING)
    point = _on_curve(int.from_bytes(first), int.from_bytes(second))
    if point is None or not sealed or rest or end:
        return None
    numbers = encode_dss_signature(*point)[2:]
    written = der.value(
        der.SEQUENCE,
        numbers + der.value(der.OCTET_STRING, hash_) + der.value(der.OCTET_STRING, sealed),
    )
    return (point, hash_, sealed) if written == ciphertext else None


def _stream(shared: bytes, length: int) -> bytes:
    """The key derivation function of the standard, on SM3."""
    blocks = (_sm3(shared, number.to_bytes(4)) for number in range(1, length // _BYTES + 2))
    return b"".join(blocks)[:length]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


# ---- the extra


@cache
def _arithmetic() -> ECDLP:
    try:
        from gmalg.ellipticcurve import ECDLP
    except ModuleNotFoundError as error:
        refused = UnsupportedOperationException(
            f"KeySpec {KeySpec.SM2} is not supported by this model."
        )
        refused.add_note(
            f"{KeySpec.SM2} needs an extra: pip install '.[china]' in a clone of kmsmodel"
        )
        raise refused from error
    return ECDLP(_P, _A, _B, _G, _N)
