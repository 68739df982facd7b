"""
boto3, in this process, walks the guide's four steps with every key spec that can be imported.
"""

from __future__ import annotations

import hmac
import os
from datetime import timedelta
from functools import cache
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import (
    SHA1,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    HashAlgorithm,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from kmsmodel import boto
from kmsmodel.cli.tour import open_outside
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING
from kmsmodel.local import LocalKms
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec, KeyUsageType, WrappingKeySpec
from tests.basics import NOW

MESSAGE = b"attack at dawn"

# ---- key material, of pyca and the operating system


@cache
def key_material(key_spec: KeySpec) -> bytes:
    """32 bytes, or for HMAC some more than AWS KMS would generate, or a private key in PKCS #8."""
    if key_spec is KeySpec.SYMMETRIC_DEFAULT:
        return os.urandom(32)
    if key_spec.startswith("HMAC"):
        return os.urandom(100)
    return private_key(key_spec).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def private_key(
    key_spec: KeySpec,
) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    match key_spec:
        case KeySpec.RSA_2048 | KeySpec.RSA_3072 | KeySpec.RSA_4096:
            return rsa.generate_private_key(65537, int(key_spec.removeprefix("RSA_")))
        case KeySpec.ECC_NIST_EDWARDS25519:
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            return ec.generate_private_key(CURVES[key_spec])


CURVES: dict[str, ec.EllipticCurve] = {
    KeySpec.ECC_NIST_P256: ec.SECP256R1(),
    KeySpec.ECC_NIST_P384: ec.SECP384R1(),
    KeySpec.ECC_NIST_P521: ec.SECP521R1(),
    KeySpec.ECC_SECG_P256K1: ec.SECP256K1(),
}


def loaded(material: bytes) -> Any:
    return load_der_private_key(material, None, unsafe_skip_rsa_key_validation=True)


# ---- what shows that the KMS key is this key material


def check_encryption(kms: Any, key_id: str, material: bytes, algorithm: str) -> None:
    """What one encrypts, the other decrypts."""
    if algorithm == "SYMMETRIC_DEFAULT":
        context = {"Department": "IT", "": "\u20ac"}
        encrypted = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE, EncryptionContext=context)
        blob = encrypted["CiphertextBlob"]
        assert open_outside(blob, material, context) == MESSAGE
        decrypted = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
        assert decrypted["Plaintext"] == MESSAGE
        return
    hash_ = hash_of(algorithm)
    oaep = padding.OAEP(padding.MGF1(hash_), hash_, label=None)
    key = cast("rsa.RSAPrivateKey", loaded(material))
    about = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
    encrypted = kms.encrypt(Plaintext=MESSAGE, **about)
    assert key.decrypt(encrypted["CiphertextBlob"], oaep) == MESSAGE
    decrypted = kms.decrypt(CiphertextBlob=key.public_key().encrypt(MESSAGE, oaep), **about)
    assert decrypted["Plaintext"] == MESSAGE


def check_signature(kms: Any, key_id: str, material: bytes, algorithm: str) -> None:
    about = {"KeyId": key_id, "SigningAlgorithm": algorithm, "Message": MESSAGE}
    signature = kms.sign(**about)["Signature"]
    loaded(material).public_key().verify(signature, MESSAGE, *verification(algorithm))
    assert kms.verify(Signature=signature, **about)["SignatureValid"]


def verification(algorithm: str) -> tuple[Any, ...]:
    """What pyca must know to verify a signature, besides the signature and the message."""
    match algorithm.split("_", maxsplit=1)[0], algorithm.split("_")[1]:
        case "ED25519", _:
            return ()
        case "ECDSA", _:
            return (ec.ECDSA(hash_of(algorithm)),)
        case _, "PSS":
            hash_ = hash_of(algorithm)
            return padding.PSS(padding.MGF1(hash_), hash_.digest_size), hash_
        case _:
            return padding.PKCS1v15(), hash_of(algorithm)


def check_mac(kms: Any, key_id: str, material: bytes, algorithm: str) -> None:
    about = {"KeyId": key_id, "MacAlgorithm": algorithm, "Message": MESSAGE}
    mac = hmac.digest(material, MESSAGE, hash_of(algorithm).name)
    assert kms.generate_mac(**about)["Mac"] == mac
    assert kms.verify_mac(Mac=mac, **about)["MacValid"]


def check_key_agreement(kms: Any, key_id: str, material: bytes, algorithm: str) -> None:
    key = cast("ec.EllipticCurvePrivateKey", loaded(material))
    peer = ec.generate_private_key(key.curve).public_key()
    der = peer.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    agreed = kms.derive_shared_secret(KeyId=key_id, KeyAgreementAlgorithm=algorithm, PublicKey=der)
    assert agreed["SharedSecret"] == key.exchange(ec.ECDH(), peer)


CHECKS = {
    KeyUsageType.ENCRYPT_DECRYPT: check_encryption,
    KeyUsageType.SIGN_VERIFY: check_signature,
    KeyUsageType.GENERATE_VERIFY_MAC: check_mac,
    KeyUsageType.KEY_AGREEMENT: check_key_agreement,
}


def hash_of(algorithm: str) -> HashAlgorithm:
    hashes = {"1": SHA1(), "224": SHA224(), "256": SHA256(), "384": SHA384(), "512": SHA512()}
    return hashes[algorithm.rsplit("_", 1)[1]]


def algorithms_of(key_spec: KeySpec, key_usage: KeyUsageType) -> list[str]:
    """All but Ed25519ph, which pyca does not have."""
    algorithms = [str(algorithm) for algorithm in ALGORITHMS[key_spec][key_usage].every]
    return [algorithm for algorithm in algorithms if algorithm != "ED25519_PH_SHA_512"]


# ---- the walk

WALKS = [
    (key_spec, key_usage, algorithm, wrapping_key_spec)
    for key_spec, wrapping in WRAPPING.items()
    for key_usage in ALGORITHMS[key_spec]
    for algorithm, wrapping_key_specs in wrapping.items()
    for wrapping_key_spec in sorted(wrapping_key_specs)
]


@pytest.fixture(scope="module")
def local() -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm("boto3"))


@pytest.fixture(scope="module")
def kms(local: LocalKms) -> Any:
    return boto.client(local)


@pytest.mark.parametrize("key_spec, key_usage, algorithm, wrapping_key_spec", WALKS)
def test_the_four_steps_lead_to_a_key_that_works_until_its_material_expires(
    *,
    local: LocalKms,
    kms: Any,
    key_spec: KeySpec,
    key_usage: KeyUsageType,
    algorithm: AlgorithmSpec,
    wrapping_key_spec: WrappingKeySpec,
) -> None:
    created = kms.create_key(Origin="EXTERNAL", KeySpec=key_spec, KeyUsage=key_usage)
    key_id = created["KeyMetadata"]["KeyId"]
    assert created["KeyMetadata"]["KeyState"] == "PendingImport"

    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_key_spec
    )
    material = key_material(key_spec)
    kms.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap_key_material(parameters["PublicKey"], algorithm, material),
        ExpirationModel="KEY_MATERIAL_EXPIRES",
        ValidTo=local.clock.now() + timedelta(days=7),
    )
    check, algorithms = CHECKS[key_usage], algorithms_of(key_spec, key_usage)
    for each in algorithms:
        check(kms, key_id, material, each)

    local.clock.advance(days=7)
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending import"):
        check(kms, key_id, material, algorithms[0])
