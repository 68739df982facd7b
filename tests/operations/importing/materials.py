"""
Key material of every kind of key, as a client makes and wraps it, and what shows that a KMS key has it.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import PADDINGS, wrap_key_material
from kmsmodel.hsm.ciphertext import parse as parse_ciphertext
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import key_material_id
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import (
    DeriveSharedSecretRequest,
    GetPublicKeyRequest,
    SignRequest,
)
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.hmac_keys import GenerateMacRequest
from kmsmodel.operations.importing import GetParametersForImportResponse, ImportKeyMaterialRequest
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ExpirationModelType,
    ImportType,
    KeySpec,
    KeyUsageType,
    OriginType,
    SigningAlgorithmSpec,
)
from tests.basics import ACCOUNT, NOW, REGION
from tests.operations.steps import arn_of, create, describe, encrypt, parameters

SHA_1, SHA_256 = AlgorithmSpec.RSAES_OAEP_SHA_1, AlgorithmSpec.RSAES_OAEP_SHA_256
EXPIRES = ExpirationModelType.KEY_MATERIAL_EXPIRES
DOES_NOT_EXPIRE = ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
NEW, EXISTING = ImportType.NEW_KEY_MATERIAL, ImportType.EXISTING_KEY_MATERIAL
IN_A_WEEK = NOW + timedelta(days=7)


def id_of(arn: str, material: bytes) -> str:
    return key_material_id(parse_key_arn(arn), Secret(material))


def request_with(
    given_: GetParametersForImportResponse, material: bytes, **members: Any
) -> ImportKeyMaterialRequest:
    """A request to import material that does not expire, wrapped under the parameters that were given."""
    usual: dict[str, Any] = {
        "key_id": given_.key_id,
        "import_token": given_.import_token,
        "encrypted_key_material": wrap_key_material(given_.public_key, SHA_256, material),
        "expiration_model": DOES_NOT_EXPIRE,
    }
    return ImportKeyMaterialRequest(**usual | members)


MESSAGE = b"attack at dawn"


def material_of(key_spec: KeySpec, number: int = 1) -> bytes:
    """Key material that a client made for a key of this key spec."""
    return SeededHsm("client").generate(key_spec, _WHICH[number]).reveal()


_WHICH = {1: "first", 2: "second"}


def create_for_import(
    local: LocalKms, key_spec: KeySpec, usage: KeyUsageType | None = None, **members: Any
) -> str:
    """The ARN of a key of origin EXTERNAL of this kind, without key material."""
    usage = usage or next(iter(ALGORITHMS[key_spec]))
    members |= {"origin": OriginType.EXTERNAL, "key_spec": key_spec, "key_usage": usage}
    return arn_of(create(local, **members))


def request_for(
    local: LocalKms, arn: str, key_spec: KeySpec, material: bytes, **members: Any
) -> ImportKeyMaterialRequest:
    """A request to import this material, under the longest wrapping key of parameters of its own."""
    algorithm, specs = next(iter(WRAPPING[key_spec].items()))
    given_ = parameters(local, arn, algorithm, max(specs))
    wrapped = wrap_key_material(given_.public_key, algorithm, material)
    if "valid_to" in members:
        members.setdefault("expiration_model", EXPIRES)
    return request_with(given_, b"", encrypted_key_material=wrapped, **members)


def told_id_of(arn: str, key_spec: KeySpec, material: bytes) -> str | None:
    """The id that is told of this material: of that of symmetric encryption keys only."""
    return id_of(arn, material) if key_spec is KeySpec.SYMMETRIC_DEFAULT else None


def assert_works(local: LocalKms, arn: str, material: bytes) -> None:
    """What a KMS key does with this key material fits what pyca/cryptography does with it, outside of AWS KMS."""
    metadata = describe(local, arn)
    if metadata.key_spec is KeySpec.SYMMETRIC_DEFAULT:
        blob = parse_ciphertext(encrypt(local, arn, MESSAGE))
        assert blob is not None
        assert blob.open(Secret(material), None, SeededHsm()) == MESSAGE
        return
    for algorithm in metadata.mac_algorithms or ():
        mac = local.handle(GenerateMacRequest(key_id=arn, message=MESSAGE, mac_algorithm=algorithm))
        digest = algorithm.removeprefix("HMAC_").replace("_", "").lower()
        assert mac.mac == hmac.digest(material, MESSAGE, digest)
    if metadata.mac_algorithms is None:
        private_key = load_der_private_key(material, None)
        public = local.handle(GetPublicKeyRequest(key_id=arn)).public_key
        assert public == public_bytes(private_key.public_key())
        _assert_key_pair_works(local, metadata, private_key)


def _assert_key_pair_works(
    local: LocalKms, metadata: KeyMetadata, private_key: PrivateKeyTypes
) -> None:
    arn = metadata.key_id
    for encryption in metadata.encryption_algorithms or ():
        assert isinstance(private_key, RSAPrivateKey)
        padding = PADDINGS[encryption]
        request = EncryptRequest(key_id=arn, plaintext=MESSAGE, encryption_algorithm=encryption)
        assert private_key.decrypt(local.handle(request).ciphertext_blob, padding) == MESSAGE
        sealed = private_key.public_key().encrypt(MESSAGE, padding)
        decrypt_it = DecryptRequest(
            key_id=arn, ciphertext_blob=sealed, encryption_algorithm=encryption
        )
        assert local.handle(decrypt_it).plaintext == MESSAGE
    for signing in metadata.signing_algorithms or ():
        if signing is not SigningAlgorithmSpec.ED25519_PH_SHA_512:  # which pyca does not have
            sign = SignRequest(key_id=arn, message=MESSAGE, signing_algorithm=signing)
            _verify(private_key, signing, local.handle(sign).signature)
    for agreement in metadata.key_agreement_algorithms or ():
        assert isinstance(private_key, EllipticCurvePrivateKey)
        peer = generate_private_key(private_key.curve)
        derive = DeriveSharedSecretRequest(
            key_id=arn,
            key_agreement_algorithm=agreement,
            public_key=public_bytes(peer.public_key()),
        )
        shared_secret = peer.exchange(ECDH(), private_key.public_key())
        assert local.handle(derive).shared_secret == shared_secret


def _verify(
    private_key: PrivateKeyTypes, algorithm: SigningAlgorithmSpec, signature: bytes
) -> None:
    """Raises InvalidSignature."""
    match private_key:
        case RSAPrivateKey():
            hash_ = _HASHES[algorithm.rpartition("_")[2]]
            pss = PSS(MGF1(hash_), PSS.DIGEST_LENGTH)
            padding = pss if "PSS" in algorithm else PKCS1v15()
            private_key.public_key().verify(signature, MESSAGE, padding, hash_)
        case EllipticCurvePrivateKey():
            hash_ = _HASHES[algorithm.rpartition("_")[2]]
            private_key.public_key().verify(signature, MESSAGE, ECDSA(hash_))
        case _:
            assert isinstance(private_key, Ed25519PrivateKey)
            private_key.public_key().verify(signature, MESSAGE)


_HASHES: dict[str, HashAlgorithm] = {"256": SHA256(), "384": SHA384(), "512": SHA512()}


def public_bytes(public_key: PublicKeyTypes) -> bytes:
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def remembered_secrets(local: LocalKms, arn: str) -> list[bytes]:
    key = local.kms.accounts[ACCOUNT, REGION].keys.get(arn.rpartition("/")[2])
    assert key is not None
    return [
        material.secret.reveal() for material in key.backing_keys if material.secret is not None
    ]
