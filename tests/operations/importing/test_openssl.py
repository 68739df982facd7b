"""
Key material that openssl makes and wraps, as in the Developer Guide.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kmsmodel.key.key_spec import is_asymmetric
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import GetPublicKeyRequest, SignRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    KeySpec,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests.operations.importing.materials import (
    MESSAGE,
    SHA_1,
    SHA_256,
    assert_works,
    create_for_import,
    id_of,
    remembered_secrets,
    request_for,
    request_with,
)
from tests.operations.steps import BY_OPENSSL, create_external, openssl, parameters


def wrap_by_openssl(folder: Path, algorithm: AlgorithmSpec) -> None:
    """Step 3 of the guide: ``EncryptedKeyMaterial.bin`` of ``PlaintextKeyMaterial.bin``."""
    digest = "sha256" if algorithm.endswith("SHA_256") else "sha1"
    oaep = f"rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{digest} -pkeyopt rsa_mgf1_md:{digest}"
    encrypt_it = (
        "pkeyutl -encrypt -pubin -inkey WrappingPublicKey.bin -keyform DER "
        f"-pkeyopt {oaep} -in %s -out %s"
    )
    if algorithm in {SHA_1, SHA_256}:
        openssl(folder, encrypt_it % ("PlaintextKeyMaterial.bin", "EncryptedKeyMaterial.bin"))
        return
    openssl(folder, "rand -out aes-key.bin 32")
    aes_key = (folder / "aes-key.bin").read_bytes()
    openssl(
        folder,
        f"enc -id-aes256-wrap-pad -K {aes_key.hex()} -iv A65959A6 "
        "-in PlaintextKeyMaterial.bin -out key-material-wrapped.bin",
    )
    openssl(folder, encrypt_it % ("aes-key.bin", "aes-key-wrapped.bin"))
    parts = ("aes-key-wrapped.bin", "key-material-wrapped.bin")
    whole = b"".join((folder / part).read_bytes() for part in parts)
    (folder / "EncryptedKeyMaterial.bin").write_bytes(whole)


@BY_OPENSSL
@pytest.mark.parametrize("algorithm", [SHA_1, SHA_256])
@pytest.mark.parametrize(
    "spec", [WrappingKeySpec.RSA_2048, WrappingKeySpec.RSA_3072, WrappingKeySpec.RSA_4096]
)
def test_what_openssl_wraps_is_what_is_imported(
    local: LocalKms, tmp_path: Path, algorithm: AlgorithmSpec, spec: WrappingKeySpec
) -> None:
    arn = create_external(local)
    given_ = parameters(local, arn, algorithm, spec)
    (tmp_path / "WrappingPublicKey.bin").write_bytes(given_.public_key)
    openssl(tmp_path, "rand -out PlaintextKeyMaterial.bin 32")
    wrap_by_openssl(tmp_path, algorithm)
    material = (tmp_path / "PlaintextKeyMaterial.bin").read_bytes()
    wrapped = (tmp_path / "EncryptedKeyMaterial.bin").read_bytes()
    answer = local.handle(request_with(given_, b"", encrypted_key_material=wrapped))
    assert answer.key_material_id == id_of(arn, material)
    assert remembered_secrets(local, arn) == [material]


KEY_WRAP_SHA_1 = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_1
KEY_WRAP_SHA_256 = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256


@BY_OPENSSL
@pytest.mark.parametrize(
    "key_spec, algorithm, generate",
    [
        (KeySpec.HMAC_224, SHA_1, "rand -out PlaintextKeyMaterial.bin 28"),
        (KeySpec.HMAC_512, SHA_256, "rand -out PlaintextKeyMaterial.bin 128"),
        (KeySpec.RSA_2048, KEY_WRAP_SHA_256, "RSA -pkeyopt rsa_keygen_bits:2048"),
        (KeySpec.RSA_3072, KEY_WRAP_SHA_1, "RSA -pkeyopt rsa_keygen_bits:3072"),
        (KeySpec.ECC_NIST_P256, SHA_256, "EC -pkeyopt ec_paramgen_curve:P-256"),
        (KeySpec.ECC_NIST_P384, KEY_WRAP_SHA_256, "EC -pkeyopt ec_paramgen_curve:P-384"),
        (KeySpec.ECC_NIST_P521, KEY_WRAP_SHA_1, "EC -pkeyopt ec_paramgen_curve:P-521"),
        (KeySpec.ECC_SECG_P256K1, SHA_1, "EC -pkeyopt ec_paramgen_curve:secp256k1"),
        (KeySpec.ECC_NIST_EDWARDS25519, KEY_WRAP_SHA_256, "ED25519"),
    ],
)
def test_what_openssl_makes_and_wraps_is_what_works(
    local: LocalKms, tmp_path: Path, key_spec: KeySpec, algorithm: AlgorithmSpec, generate: str
) -> None:
    arn = create_for_import(local, key_spec)
    given_ = parameters(local, arn, algorithm)
    (tmp_path / "WrappingPublicKey.bin").write_bytes(given_.public_key)
    if is_asymmetric(key_spec):
        openssl(tmp_path, f"genpkey -algorithm {generate} -out key.pem")
        openssl(
            tmp_path,
            "pkcs8 -topk8 -nocrypt -outform DER -in key.pem -out PlaintextKeyMaterial.bin",
        )
    else:
        openssl(tmp_path, generate)
    wrap_by_openssl(tmp_path, algorithm)
    wrapped = (tmp_path / "EncryptedKeyMaterial.bin").read_bytes()
    local.handle(request_with(given_, b"", encrypted_key_material=wrapped))
    assert_works(local, arn, (tmp_path / "PlaintextKeyMaterial.bin").read_bytes())


@BY_OPENSSL
def test_openssl_verifies_what_an_imported_key_signs(local: LocalKms, tmp_path: Path) -> None:
    key_spec = KeySpec.ECC_NIST_P256
    arn = create_for_import(local, key_spec)
    openssl(tmp_path, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem")
    openssl(tmp_path, "pkcs8 -topk8 -nocrypt -outform DER -in key.pem -out key.der")
    openssl(tmp_path, "pkey -in key.pem -pubout -outform DER -out public.der")
    material = (tmp_path / "key.der").read_bytes()
    local.handle(request_for(local, arn, key_spec, material))
    public = local.handle(GetPublicKeyRequest(key_id=arn)).public_key
    assert public == (tmp_path / "public.der").read_bytes()
    sign = SignRequest(
        key_id=arn, message=MESSAGE, signing_algorithm=SigningAlgorithmSpec.ECDSA_SHA_256
    )
    (tmp_path / "signature").write_bytes(local.handle(sign).signature)
    (tmp_path / "message").write_bytes(MESSAGE)
    openssl(
        tmp_path,
        "dgst -sha256 -verify public.der -keyform DER -signature signature message",
    )
