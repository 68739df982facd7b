"""
Ciphertexts made outside of AWS KMS, under the public key of an RSA key.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, strategies as st

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import InvalidCiphertextException
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import GetPublicKeyRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    ExpirationModelType,
    KeySpec,
    OriginType,
)
from tests.operations.encryption.ciphers import (
    OAEP_SHA_1,
    OAEP_SHA_256,
    RSA_PAIRS,
    create_to_encrypt,
    longest,
    public_key,
)
from tests.operations.steps import BY_OPENSSL, local_kms, parameters, refused

HASHES: dict[EncryptionAlgorithmSpec, HashAlgorithm] = {OAEP_SHA_1: SHA1(), OAEP_SHA_256: SHA256()}


def oaep(hash_: HashAlgorithm, of_mask: HashAlgorithm | None = None) -> OAEP:
    return OAEP(mgf=MGF1(of_mask or hash_), algorithm=hash_, label=None)


@given(pair=st.sampled_from(RSA_PAIRS), data=st.data())
def test_what_was_encrypted_outside_under_the_public_key_is_decrypted(
    pair: tuple[KeySpec, EncryptionAlgorithmSpec], data: st.DataObject
) -> None:
    """Even nothing, which the API would not encrypt."""
    key_spec, algorithm = pair
    local = local_kms()
    arn = create_to_encrypt(local, key_spec)
    plaintext = data.draw(st.binary(max_size=longest(*pair)))
    blob = public_key(local, arn).encrypt(plaintext, oaep(HASHES[algorithm]))
    request = DecryptRequest(ciphertext_blob=blob, key_id=arn, encryption_algorithm=algorithm)
    assert local.handle(request).plaintext == plaintext


@BY_OPENSSL
@pytest.mark.parametrize("algorithm, hash_", [(OAEP_SHA_1, "sha1"), (OAEP_SHA_256, "sha256")])
def test_what_openssl_encrypts_under_the_public_key_is_decrypted(
    local: LocalKms, tmp_path: Path, algorithm: EncryptionAlgorithmSpec, hash_: str
) -> None:
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    key = tmp_path / "public_key.der"
    key.write_bytes(local.handle(GetPublicKeyRequest(key_id=arn)).public_key)
    command = ["openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", str(key)]
    for option in ("rsa_padding_mode:oaep", f"rsa_oaep_md:{hash_}", f"rsa_mgf1_md:{hash_}"):
        command += ["-pkeyopt", option]
    blob = subprocess.run(command, input=b"attack at dawn", capture_output=True, check=True).stdout
    request = DecryptRequest(ciphertext_blob=blob, key_id=arn, encryption_algorithm=algorithm)
    assert local.handle(request).plaintext == b"attack at dawn"


@pytest.mark.parametrize("key_spec, algorithm", RSA_PAIRS)
def test_a_private_key_that_was_imported_decrypts_outside_what_was_encrypted(
    local: LocalKms, key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec
) -> None:
    bits = int(key_spec.removeprefix("RSA_"))
    private_key = SeededHsm("outside").rsa_key(bits, "imported key")
    arn = create_to_encrypt(local, key_spec, origin=OriginType.EXTERNAL)
    wrapping = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    given_ = parameters(local, arn, wrapping)
    pkcs8 = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    local.handle(
        ImportKeyMaterialRequest(
            key_id=arn,
            import_token=given_.import_token,
            encrypted_key_material=wrap_key_material(given_.public_key, wrapping, pkcs8),
            expiration_model=ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE,
        )
    )
    request = EncryptRequest(key_id=arn, plaintext=b"plain", encryption_algorithm=algorithm)
    blob = local.handle(request).ciphertext_blob
    assert private_key.decrypt(blob, oaep(HASHES[algorithm])) == b"plain"


@given(blob=st.binary(min_size=1, max_size=600) | st.binary(min_size=256, max_size=256))
def test_whatever_else_is_sent_as_an_rsa_ciphertext_is_invalid(blob: bytes) -> None:
    local = local_kms()
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    request = DecryptRequest(ciphertext_blob=blob, key_id=arn, encryption_algorithm=OAEP_SHA_256)
    refused(local, request, InvalidCiphertextException, "")


@pytest.mark.parametrize(
    "padding",
    [PKCS1v15(), oaep(SHA1()), oaep(SHA256(), SHA1()), oaep(SHA1(), SHA256())],
    ids=["PKCS1-v1_5", "OAEP SHA-1", "OAEP SHA-256, MGF1 SHA-1", "OAEP SHA-1, MGF1 SHA-256"],
)
def test_an_rsa_ciphertext_with_other_padding_is_invalid(
    local: LocalKms, padding: OAEP | PKCS1v15
) -> None:
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    blob = public_key(local, arn).encrypt(b"plain", padding)
    request = DecryptRequest(ciphertext_blob=blob, key_id=arn, encryption_algorithm=OAEP_SHA_256)
    refused(local, request, InvalidCiphertextException, "")


@pytest.mark.parametrize("key_spec, algorithm", RSA_PAIRS)
def test_an_rsa_ciphertext_opens_under_no_other_key_or_algorithm(
    key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec
) -> None:
    local = LocalKms()  # a seeded HSM has few RSA keys, so that two KMS keys may have the same
    one, other = (create_to_encrypt(local, key_spec) for _ in range(2))
    request = EncryptRequest(key_id=one, plaintext=b"plain", encryption_algorithm=algorithm)
    blob = local.handle(request).ciphertext_blob
    other_algorithm = OAEP_SHA_1 if algorithm is OAEP_SHA_256 else OAEP_SHA_256
    for key_id, by in ((other, algorithm), (one, other_algorithm)):
        request_ = DecryptRequest(ciphertext_blob=blob, key_id=key_id, encryption_algorithm=by)
        refused(local, request_, InvalidCiphertextException, "")
