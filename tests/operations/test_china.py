"""
What is different in the China Regions: SM2 and SM4, shorter key material, and no hybrid wrapping.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import given as for_all, strategies as st

from kmsmodel.calls.request import Request
from kmsmodel.clock import Clock
from kmsmodel.crypto import sm2, sm4
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import (
    IncorrectKeyException,
    InvalidCiphertextException,
    KMSInvalidSignatureException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING_IN_CHINA, is_asymmetric, is_in_china
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import (
    DeriveSharedSecretRequest,
    GetPublicKeyRequest,
    SignRequest,
    VerifyRequest,
)
from kmsmodel.operations.data_keys import GenerateDataKeyPairRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import (
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
)
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.operations.multi_region_keys import ReplicateKeyRequest
from kmsmodel.operations.rotation import EnableKeyRotationRequest, RotateKeyOnDemandRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    DataKeyPairSpec,
    EncryptionAlgorithmSpec,
    ExpirationModelType,
    KeyAgreementAlgorithmSpec,
    KeySpec,
    KeyState,
    KeyUsageType,
    MessageType,
    OriginType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from kmsmodel.words.regions import REGIONS
from tests.basics import NOW, REGION, facts
from tests.operations.encryption.ciphers import INCORRECT_KEY
from tests.operations.steps import BY_GMALG, arn_of, create, decrypt, describe, encrypt, refused

SM2PKE = EncryptionAlgorithmSpec.SM2PKE
SM2DSA = SigningAlgorithmSpec.SM2DSA
OAEP = AlgorithmSpec.RSAES_OAEP_SHA_256
FACTS: dict[str, Any] = facts("key_specs.json")["key_specs"]


@pytest.fixture
def china() -> LocalKms:
    return LocalKms(region="cn-north-1", clock=Clock(NOW), hsm=SeededHsm("China"))


def without_gmalg(monkeypatch: pytest.MonkeyPatch) -> None:
    sm2._arithmetic.cache_clear()  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setitem(sys.modules, "gmalg.ellipticcurve", None)


# ---- SM2


def sm2_key(china: LocalKms, usage: KeyUsageType, **members: Any) -> str:
    return arn_of(create(china, key_spec=KeySpec.SM2, key_usage=usage, **members))


@BY_GMALG
def test_a_key_signs_by_sm2(china: LocalKms) -> None:
    arn = sm2_key(china, KeyUsageType.SIGN_VERIFY)
    assert describe(china, arn).signing_algorithms == (SM2DSA,)
    about: dict[str, Any] = {"key_id": arn, "message": b"a message", "signing_algorithm": SM2DSA}
    signature = china.handle(SignRequest(**about)).signature
    assert china.handle(VerifyRequest(**about, signature=signature)).signature_valid
    public_key = china.handle(GetPublicKeyRequest(key_id=arn)).public_key
    assert sm2.verify(public_key, MessageType.RAW, b"a message", signature)
    about_another: dict[str, Any] = {**about, "message": b"another"}
    other = VerifyRequest(**about_another, signature=signature)
    refused(china, other, KMSInvalidSignatureException, "")
    short = SignRequest(**about, message_type=MessageType.DIGEST)
    message = "Digest is invalid length for algorithm SM2DSA."
    refused(china, short, ValidationException, message)


@BY_GMALG
def test_a_key_encrypts_by_sm2(china: LocalKms) -> None:
    arn = sm2_key(china, KeyUsageType.ENCRYPT_DECRYPT)
    about: dict[str, Any] = {"key_id": arn, "encryption_algorithm": SM2PKE}
    blob = china.handle(EncryptRequest(**about, plaintext=bytes(1024))).ciphertext_blob
    assert china.handle(DecryptRequest(**about, ciphertext_blob=blob)).plaintext == bytes(1024)
    changed = DecryptRequest(**about, ciphertext_blob=blob[:-1] + bytes([blob[-1] ^ 1]))
    refused(china, changed, InvalidCiphertextException, "")
    message = "Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes."
    refused(china, EncryptRequest(**about, plaintext=bytes(1025)), ValidationException, message)


@BY_GMALG
def test_keys_agree_by_sm2(china: LocalKms) -> None:
    one, other = (sm2_key(china, KeyUsageType.KEY_AGREEMENT) for _ in range(2))
    secrets = [
        china.handle(
            DeriveSharedSecretRequest(
                key_id=arn,
                key_agreement_algorithm=KeyAgreementAlgorithmSpec.ECDH,
                public_key=china.handle(GetPublicKeyRequest(key_id=peer)).public_key,
            )
        ).shared_secret
        for arn, peer in ((one, other), (other, one))
    ]
    assert secrets[0] == secrets[1]
    assert len(secrets[0]) == 32


@BY_GMALG
def test_a_data_key_pair_may_be_of_sm2(china: LocalKms) -> None:
    request = GenerateDataKeyPairRequest(
        key_id=create(china).key_id, key_pair_spec=DataKeyPairSpec.SM2
    )
    pair = china.handle(request)
    assert sm2.public_key(pair.private_key_plaintext) == pair.public_key
    assert decrypt(china, pair.private_key_ciphertext_blob) == pair.private_key_plaintext


def test_without_its_extra_there_is_no_sm2(
    china: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_gmalg(monkeypatch)
    request = CreateKeyRequest(key_spec=KeySpec.SM2, key_usage=KeyUsageType.SIGN_VERIFY)
    message = "KeySpec SM2 is not supported by this model."
    error = refused(china, request, UnsupportedOperationException, message)
    note = "SM2 needs an extra: pip install '.[china]' in a clone of kmsmodel"
    assert error.__notes__ == [note]


# ---- SM4

CHINA = sorted(filter(is_in_china, REGIONS))
PLAINTEXTS = st.binary(min_size=1, max_size=4096)
CONTEXTS = st.none() | st.dictionaries(
    st.text(max_size=4), st.text(min_size=1, max_size=4), max_size=4
)


def materials(local: LocalKms, arn: str) -> tuple[bytes, ...]:
    """All key material that AWS KMS has for a key."""
    key = local.kms.key(arn, local.clock.now())
    assert key is not None
    secrets = [each.secret for each in key.backing_keys]
    return tuple(secret.reveal() for secret in secrets if secret is not None)


def rotated_key(local: LocalKms) -> str:
    """A key with three key materials: its first, one by automatic rotation, and one on demand."""
    arn = arn_of(create(local, multi_region=True))
    local.handle(EnableKeyRotationRequest(key_id=arn))
    local.clock.advance(timedelta(days=400))
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    local.clock.advance(timedelta(days=1))
    return arn


@pytest.mark.parametrize("region", [*CHINA, REGION])
def test_all_key_material_that_aws_kms_makes_is_of_128_bits_there(region: str) -> None:
    """The first, that of automatic rotation, and that of a rotation on demand."""
    local = LocalKms(region=region, clock=Clock(NOW), hsm=SeededHsm("China"))
    lengths = [len(each) for each in materials(local, rotated_key(local))]
    assert lengths == [16 if region in CHINA else 32] * 3


@pytest.mark.parametrize("region, relative", [*pairwise([*CHINA, CHINA[0]])])
@for_all(plaintext=PLAINTEXTS, context=CONTEXTS)
def test_ciphertexts_look_as_elsewhere_and_open_in_both_regions(
    region: str, relative: str, plaintext: bytes, context: dict[str, str] | None
) -> None:
    local = LocalKms(region=region, clock=Clock(NOW), hsm=SeededHsm("China"))
    arn = rotated_key(local)
    local.handle(ReplicateKeyRequest(key_id=arn, replica_region=relative))
    asked = EncryptRequest(key_id=arn, plaintext=plaintext, encryption_context=context)
    blob = local.handle(asked).ciphertext_blob
    opens = DecryptRequest(ciphertext_blob=blob, encryption_context=context)
    assert local.handle(opens).plaintext == plaintext
    assert local.handle(opens, region=relative).plaintext == plaintext
    other = DecryptRequest(ciphertext_blob=blob, encryption_context={"another": "context"})
    refused(local, other, InvalidCiphertextException, "")
    named = DecryptRequest(ciphertext_blob=blob, key_id=arn_of(create(local)))
    refused(local, named, IncorrectKeyException, INCORRECT_KEY)

    elsewhere = LocalKms(clock=Clock(NOW), hsm=SeededHsm("China"))
    by_aes = elsewhere.handle(EncryptRequest(key_id=create(elsewhere).key_id, plaintext=plaintext))
    assert (len(blob), blob[:5]) == (len(by_aes.ciphertext_blob), by_aes.ciphertext_blob[:5])


def test_where_there_is_no_sm4_it_is_refused(
    china: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> None:
        raise UnsupportedAlgorithm("as of an OpenSSL without SM4")

    monkeypatch.setattr(sm4, "Cipher", absent)
    request = EncryptRequest(key_id=create(china).key_id, plaintext=b"attack at dawn")
    refused(china, request, UnsupportedOperationException, "SM4 is not supported by this model.")


# ---- what is not there


@pytest.mark.parametrize("key_spec", [KeySpec.ML_KEM_512, KeySpec.ML_KEM_768, KeySpec.ML_KEM_1024])
def test_there_is_no_ml_kem(china: LocalKms, key_spec: KeySpec) -> None:
    create_it = CreateKeyRequest(key_spec=key_spec, key_usage=KeyUsageType.ENCAPSULATE_DECAPSULATE)
    message = f"KeySpec {key_spec} is not supported in Region cn-north-1."
    refused(china, create_it, UnsupportedOperationException, message)
    pair = GenerateDataKeyPairRequest(
        key_id=create(china).key_id, key_pair_spec=DataKeyPairSpec(key_spec)
    )
    message = f"KeyPairSpec {key_spec} is not supported in Region cn-north-1."
    refused(china, pair, UnsupportedOperationException, message)


# ---- import


def parameters(
    china: LocalKms, arn: str, algorithm: AlgorithmSpec, wrapping_key_spec: WrappingKeySpec
) -> GetParametersForImportResponse:
    return china.handle(_asks(arn, algorithm, wrapping_key_spec))


def _asks(
    arn: str, algorithm: AlgorithmSpec, wrapping_key_spec: WrappingKeySpec
) -> GetParametersForImportRequest:
    return GetParametersForImportRequest(
        key_id=arn, wrapping_algorithm=algorithm, wrapping_key_spec=wrapping_key_spec
    )


def imports(arn: str, wrapped: bytes, given: GetParametersForImportResponse) -> Request[Any]:
    return ImportKeyMaterialRequest(
        key_id=arn,
        import_token=given.import_token,
        encrypted_key_material=wrapped,
        expiration_model=ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE,
    )


@pytest.mark.parametrize("length", [15, 16, 17, 32])
def test_key_material_of_a_symmetric_encryption_key_has_16_bytes(
    china: LocalKms, length: int
) -> None:
    arn = arn_of(create(china, origin=OriginType.EXTERNAL))
    given = parameters(china, arn, OAEP, WrappingKeySpec.RSA_2048)
    request = imports(arn, wrap_key_material(given.public_key, OAEP, bytes(length)), given)
    if length == 16:
        china.handle(request)
        assert decrypt(china, encrypt(china, arn)) == b"attack at dawn"
    else:
        refused(china, request, InvalidCiphertextException, "")


@BY_GMALG
@pytest.mark.parametrize("key_spec", [KeySpec.SM2, KeySpec.ECC_NIST_P256, KeySpec.RSA_2048])
def test_private_keys_are_imported_under_sm2pke(china: LocalKms, key_spec: KeySpec) -> None:
    usage = KeyUsageType.SIGN_VERIFY
    arn = arn_of(create(china, origin=OriginType.EXTERNAL, key_spec=key_spec, key_usage=usage))
    given = parameters(china, arn, AlgorithmSpec.SM2PKE, WrappingKeySpec.SM2)
    private_key = china.hsm.generate(key_spec, "a client's")
    china.handle(imports(arn, sm2.encrypt(given.public_key, private_key.reveal()), given))
    assert describe(china, arn).key_state is KeyState.Enabled
    public_key = china.handle(GetPublicKeyRequest(key_id=arn)).public_key
    assert public_key == china.hsm.public_key(private_key)


@pytest.mark.parametrize("key_spec", sorted(WRAPPING_IN_CHINA))
def test_wrapping_is_as_aws_has_it(key_spec: KeySpec) -> None:
    """What all Regions have but for hybrid wrapping, and SM2PKE with a wrapping key of SM2 for private keys."""
    of_aws = FACTS[key_spec]["import"]
    plain = {name: specs for name, specs in of_aws["wrapping"].items() if "KEY_WRAP" not in name}
    by_sm2 = {"SM2PKE": ["SM2"]} if is_asymmetric(key_spec) else {}
    assert of_aws.get("wrapping_china", by_sm2) == by_sm2
    expected = plain | by_sm2
    assert {name: set(specs) for name, specs in WRAPPING_IN_CHINA[key_spec].items()} == {
        name: set(specs) for name, specs in expected.items()
    }


@pytest.mark.parametrize(
    "key_spec, usage, algorithm, wrapping_key_spec",
    [
        ("RSA_2048", "SIGN_VERIFY", "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096"),
        ("RSA_2048", "SIGN_VERIFY", "SM2PKE", "RSA_4096"),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SM2PKE", "SM2"),
        ("SM2", "SIGN_VERIFY", "RSA_AES_KEY_WRAP_SHA_1", "RSA_2048"),
    ],
)
def test_another_wrapping_is_refused(
    china: LocalKms, key_spec: str, usage: str, algorithm: str, wrapping_key_spec: str
) -> None:
    usages = {"key_spec": KeySpec(key_spec), "key_usage": KeyUsageType(usage)}
    arn = arn_of(create(china, origin=OriginType.EXTERNAL, **usages))
    request = _asks(arn, AlgorithmSpec(algorithm), WrappingKeySpec(wrapping_key_spec))
    message = (
        f"Wrapping algorithm {algorithm} and wrapping key spec {wrapping_key_spec} "
        f"cannot be used to import a {key_spec} key."
    )
    refused(china, request, ValidationException, message)


def test_all_else_is_as_elsewhere(china: LocalKms) -> None:
    for key_spec in (KeySpec.ECC_NIST_P256, KeySpec.HMAC_256, KeySpec.ML_DSA_44):
        usage = next(iter(ALGORITHMS[key_spec]))
        assert create(china, key_spec=key_spec, key_usage=usage).key_spec is key_spec
