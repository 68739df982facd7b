"""
Making and using private keys and their public keys, on pyca/cryptography.

A private key is kept as PKCS #8, a public key as SubjectPublicKeyInfo, both DER. A private key that is kept was made or
validated here, so it is loaded without another validation, which would take longer than everything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256K1,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
    MLDSA87PrivateKey,
    MLDSA87PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
    MLKEM1024PrivateKey,
    MLKEM1024PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicKey,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
    rsa_recover_private_exponent,
)
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from kmsmodel.crypto import ed25519ph, ml_kem_512, sm2
from kmsmodel.errors import UnsupportedOperationException
from kmsmodel.hsm.der import OCTET_STRING, SEQUENCE, value
from kmsmodel.key.key_spec import MODULUS_BITS
from kmsmodel.words.enumerations import KeySpec, MessageType, SigningAlgorithmSpec

MLKEMPrivateKey = MLKEM768PrivateKey | MLKEM1024PrivateKey
MLKEMPublicKey = MLKEM768PublicKey | MLKEM1024PublicKey

_CURVES: Mapping[KeySpec, EllipticCurve] = {
    KeySpec.ECC_NIST_P256: SECP256R1(),
    KeySpec.ECC_NIST_P384: SECP384R1(),
    KeySpec.ECC_NIST_P521: SECP521R1(),
    KeySpec.ECC_SECG_P256K1: SECP256K1(),
}

_FROM_SEED: Mapping[KeySpec, tuple[int, Callable[[bytes], PrivateKeyTypes]]] = {
    KeySpec.ECC_NIST_EDWARDS25519: (32, Ed25519PrivateKey.from_private_bytes),
    KeySpec.ML_DSA_44: (32, MLDSA44PrivateKey.from_seed_bytes),
    KeySpec.ML_DSA_65: (32, MLDSA65PrivateKey.from_seed_bytes),
    KeySpec.ML_DSA_87: (32, MLDSA87PrivateKey.from_seed_bytes),
    KeySpec.ML_KEM_768: (64, MLKEM768PrivateKey.from_seed_bytes),
    KeySpec.ML_KEM_1024: (64, MLKEM1024PrivateKey.from_seed_bytes),
}
"""The key specs whose private keys are made from random bytes: how many bytes, and by which function."""


# ---- private keys


def generate(
    key_spec: KeySpec, random: Callable[[int], bytes], rsa_key: Callable[[int], RSAPrivateKey]
) -> bytes:
    """
    A new private key: made from ``random`` bytes, or an ``rsa_key`` with the bits of the key spec.

    Raises UnsupportedOperationException for ML_KEM_512 without the extra ``ml-kem-512``, and for SM2 without ``china``;
    what uses such a key too.
    """
    if key_spec in MODULUS_BITS:
        return _kept(rsa_key(MODULUS_BITS[key_spec]))
    if key_spec in _CURVES:
        return _kept(_on_curve(_CURVES[key_spec], random))
    if key_spec is KeySpec.ML_KEM_512:
        return ml_kem_512.private_key(random(ml_kem_512.SEED_BYTES))
    if key_spec is KeySpec.SM2:
        return sm2.generate(random)
    number_of_bytes, from_seed = _FROM_SEED[key_spec]
    return _kept(from_seed(random(number_of_bytes)))


def naming_the_curve_twice(key_spec: KeySpec, private_key: bytes) -> bytes:
    """
    A private key in the form of a data key pair: on a named curve, its ECPrivateKey (RFC 5915) names the curve too.

    pyca/cryptography does that in an ECPrivateKey that stands alone (SEC 1), and leaves it out in PKCS #8.
    """
    if key_spec not in _CURVES:
        return private_key
    sec1, der = PrivateFormat.TraditionalOpenSSL, Encoding.DER
    inner = _load(private_key).private_bytes(der, sec1, NoEncryption())
    algorithm = _ALGORITHM_IDENTIFIERS[key_spec]
    return value(SEQUENCE, _VERSION + algorithm + value(OCTET_STRING, inner))


def _on_curve(curve: EllipticCurve, random: Callable[[int], bytes]) -> EllipticCurvePrivateKey:
    """A private key on a curve, by extra random bits: FIPS 186-5, A.2.1."""
    order = curve.group_order
    number_of_bytes = (order.bit_length() + 64 + 7) // 8
    return derive_private_key(1 + int.from_bytes(random(number_of_bytes)) % (order - 1), curve)


def accept(key_spec: KeySpec, pkcs8: bytes) -> bytes | None:
    """
    A client's private key in the form that is kept, or None if it is not unencrypted PKCS #8 of this key spec.

    The same private key is kept as the same bytes, in whatever form the client gives it.
    """
    if key_spec is not KeySpec.ECC_NIST_EDWARDS25519:
        pkcs8 = _of_definite_length(pkcs8)
    if key_spec is KeySpec.SM2:
        return sm2.accept(pkcs8)
    beginning, identifier = _PKCS8.match(pkcs8), _ALGORITHM_IDENTIFIERS.get(key_spec)
    if beginning is None or identifier is None or not pkcs8.startswith(identifier, beginning.end()):
        return None
    # pyca/cryptography raises an internal error for an Ed25519 key of the wrong length.
    try:
        if key_spec in MODULUS_BITS and rsa(pkcs8).key_size != MODULUS_BITS[key_spec]:
            return None  # before the primes of a larger key are tested, which can take seconds
        key = load_der_private_key(pkcs8, password=None)
    except (ValueError, UnsupportedAlgorithm, InternalError):
        return None
    return _kept(_in_one_form(key) if isinstance(key, RSAPrivateKey) else key)


_VERSION = b"\2\1\0"
_PKCS8 = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)" + re.escape(_VERSION), re.DOTALL)
"""The beginning of PKCS #8: a sequence that starts with version 0. The algorithm identifier follows."""

_ALGORITHM_IDENTIFIERS: Mapping[str, bytes] = {
    **dict.fromkeys(MODULUS_BITS, bytes.fromhex("300d06092a864886f70d0101010500")),
    KeySpec.ECC_NIST_P256: bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107"),
    KeySpec.ECC_NIST_P384: bytes.fromhex("301006072a8648ce3d020106052b81040022"),
    KeySpec.ECC_NIST_P521: bytes.fromhex("301006072a8648ce3d020106052b81040023"),
    KeySpec.ECC_SECG_P256K1: bytes.fromhex("301006072a8648ce3d020106052b8104000a"),
    KeySpec.ECC_NIST_EDWARDS25519: bytes.fromhex("300506032b6570"),
}
"""Those of RFC 3279, 5480 and 8410, DER. They name a curve; a curve that is given by its parameters is refused."""


def _of_definite_length(pkcs8: bytes) -> bytes:
    """The same PKCS #8 in DER, if only its outer sequence is BER of indefinite length; any other bytes as they are."""
    if pkcs8.startswith(b"\x30\x80") and pkcs8.endswith(b"\0\0"):
        return value(SEQUENCE, pkcs8[2:-2])
    return pkcs8


def _in_one_form(key: RSAPrivateKey) -> RSAPrivateKey:
    """The RSA key with its larger prime first, and with the smallest of its several private exponents."""
    numbers = key.private_numbers()
    public = numbers.public_numbers
    q, p = sorted((numbers.p, numbers.q))
    d = rsa_recover_private_exponent(public.e, p, q)
    return RSAPrivateNumbers(
        p, q, d, rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q), public
    ).private_key(unsafe_skip_rsa_key_validation=True)


def public_key(private_key: bytes) -> bytes:
    """The public key that belongs to a private key."""
    if ml_kem_512.is_private_key(private_key):
        return ml_kem_512.public_key(private_key)
    if sm2.is_private_key(private_key):
        return sm2.public_key(private_key)
    return _public_bytes(_load(private_key))


def _public_bytes(key: PrivateKeyTypes) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def rsa(private_key: bytes) -> RSAPrivateKey:
    """The private key of an RSA key spec."""
    return cast("RSAPrivateKey", _load(private_key))


def rsa_public(public_key: bytes) -> RSAPublicKey:
    """The public key of an RSA key spec."""
    return cast("RSAPublicKey", load_der_public_key(public_key))


def _load(private_key: bytes) -> PrivateKeyTypes:
    return load_der_private_key(private_key, password=None, unsafe_skip_rsa_key_validation=True)


def _kept(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


# ---- signatures

_HASHES: Mapping[SigningAlgorithmSpec, HashAlgorithm] = {
    SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256: SHA256(),
    SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_384: SHA384(),
    SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_512: SHA512(),
    SigningAlgorithmSpec.RSASSA_PSS_SHA_256: SHA256(),
    SigningAlgorithmSpec.RSASSA_PSS_SHA_384: SHA384(),
    SigningAlgorithmSpec.RSASSA_PSS_SHA_512: SHA512(),
    SigningAlgorithmSpec.ECDSA_SHA_256: SHA256(),
    SigningAlgorithmSpec.ECDSA_SHA_384: SHA384(),
    SigningAlgorithmSpec.ECDSA_SHA_512: SHA512(),
}

_PSS = frozenset(
    {
        SigningAlgorithmSpec.RSASSA_PSS_SHA_256,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_384,
        SigningAlgorithmSpec.RSASSA_PSS_SHA_512,
    }
)


def sign(
    private_key: bytes, algorithm: SigningAlgorithmSpec, message_type: MessageType, message: bytes
) -> bytes:
    """
    A signature: DER for ECDSA, otherwise in the form of the algorithm's standard.

    Raises UnsupportedOperationException for ED25519_PH_SHA_512 without the extra ``ed25519ph``, and for an external mu
    with pyca/cryptography 48; `verify` too.
    """
    if algorithm is SigningAlgorithmSpec.ED25519_PH_SHA_512:
        return ed25519ph.sign(private_key, message)
    if algorithm is SigningAlgorithmSpec.SM2DSA:
        return sm2.sign(private_key, message_type, message)
    match _load(private_key):
        case RSAPrivateKey() as key:
            return key.sign(message, _rsa_padding(algorithm), _hash(algorithm, message_type))
        case EllipticCurvePrivateKey() as key:
            return key.sign(message, ECDSA(_hash(algorithm, message_type)))
        case MLDSA44PrivateKey() | MLDSA65PrivateKey() | MLDSA87PrivateKey() as key:
            external_mu = message_type is MessageType.EXTERNAL_MU
            return of_external_mu(key, "sign_mu")(message) if external_mu else key.sign(message)
        case key:
            return cast("Ed25519PrivateKey", key).sign(message)


def verify(
    public_key: bytes,
    algorithm: SigningAlgorithmSpec,
    message_type: MessageType,
    message: bytes,
    signature: bytes,
) -> bool:
    """Is this a signature of this message, by the owner of this public key?"""
    if algorithm is SigningAlgorithmSpec.ED25519_PH_SHA_512:
        return ed25519ph.verify(public_key, message, signature)
    if algorithm is SigningAlgorithmSpec.SM2DSA:
        return sm2.verify(public_key, message_type, message, signature)
    key = load_der_public_key(public_key)
    try:
        _verify(key, algorithm, message_type, message, signature)
    except InvalidSignature:
        return False
    return True


def _verify(
    public_key: PublicKeyTypes,
    algorithm: SigningAlgorithmSpec,
    message_type: MessageType,
    message: bytes,
    signature: bytes,
) -> None:
    match public_key:
        case RSAPublicKey() as key:
            hash_ = _hash(algorithm, message_type)
            key.verify(signature, message, _rsa_padding(algorithm), hash_)
        case EllipticCurvePublicKey() as key:
            key.verify(signature, message, ECDSA(_hash(algorithm, message_type)))
        case MLDSA44PublicKey() | MLDSA65PublicKey() | MLDSA87PublicKey() as key:
            external_mu = message_type is MessageType.EXTERNAL_MU
            verify = of_external_mu(key, "verify_mu") if external_mu else key.verify
            verify(signature, message)
        case key:
            cast("Ed25519PublicKey", key).verify(signature, message)


def of_external_mu(key: object, name: str) -> Callable[..., bytes]:
    """A method of an ML-DSA key that takes an external mu. Raises UnsupportedOperationException if there is none."""
    method: Callable[..., bytes] | None = getattr(key, name, None)
    if method is None:
        raise UnsupportedOperationException(
            f"MessageType {MessageType.EXTERNAL_MU} is not supported by this model."
        ).with_note(f"{MessageType.EXTERNAL_MU} needs pyca/cryptography 49 or newer")
    return method


def _hash(algorithm: SigningAlgorithmSpec, message_type: MessageType) -> HashAlgorithm | Prehashed:
    hash_ = _HASHES[algorithm]
    return Prehashed(hash_) if message_type is MessageType.DIGEST else hash_


def _rsa_padding(algorithm: SigningAlgorithmSpec) -> AsymmetricPadding:
    """The padding of an RSA signature; that of PSS has a salt as long as the digest, and the same hash in its mask."""
    if algorithm not in _PSS:
        return PKCS1v15()
    return PSS(mgf=MGF1(_HASHES[algorithm]), salt_length=PSS.DIGEST_LENGTH)


# ---- shared secrets


def agree(private_key: bytes, public_key: bytes) -> bytes | None:
    """The shared secret of ECDH, or None if ``public_key`` is not one on the curve of the private key."""
    if sm2.is_private_key(private_key):
        return sm2.agree(private_key, public_key)
    key = cast("EllipticCurvePrivateKey", _load(private_key))
    try:
        peer = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(peer, EllipticCurvePublicKey) or peer.curve.name != key.curve.name:
        return None
    return key.exchange(ECDH(), peer)


def encapsulate(public_key: bytes) -> tuple[bytes, bytes]:
    """A new shared secret, and its ciphertext."""
    if ml_kem_512.is_public_key(public_key):
        return ml_kem_512.encapsulate(public_key)
    return cast("MLKEMPublicKey", load_der_public_key(public_key)).encapsulate()


def decapsulate(private_key: bytes, ciphertext: bytes) -> bytes | None:
    """The shared secret of a ciphertext, or None if the ciphertext has the wrong length."""
    try:
        if ml_kem_512.is_private_key(private_key):
            return ml_kem_512.decapsulate(private_key, ciphertext)
        return cast("MLKEMPrivateKey", _load(private_key)).decapsulate(ciphertext)
    except ValueError:
        return None
