"""
Shared secrets that are encapsulated under the public key of an ML-KEM KMS key.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey, MLKEM1024PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import assume, given, strategies as st

from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    DisabledException,
    DryRunOperationException,
    InvalidCiphertextException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    NotFoundException,
    UnsupportedOperationException,
)
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.asymmetric_keys import GetPublicKeyRequest
from kmsmodel.operations.data_keys import GenerateDataKeyPairRequest
from kmsmodel.operations.key_encapsulation import (
    DecapsulateRequest,
    DecapsulateResponse,
    EncapsulateRequest,
    EncapsulateResponse,
)
from kmsmodel.operations.keys import CreateKeyRequest, DisableKeyRequest
from kmsmodel.words.enumerations import (
    DataKeyPairSpec,
    EncapsulationAlgorithmSpec,
    KeySpec,
    KeyUsageType,
)
from tests.basics import NOBODY, facts
from tests.operations.steps import (
    BY_KYBER,
    HAS_KYBER,
    arn_of,
    create,
    local_kms,
    refused,
    without_kyber,
)

ENCAPSULATE_DECAPSULATE = KeyUsageType.ENCAPSULATE_DECAPSULATE
ML_KEM = EncapsulationAlgorithmSpec.ML_KEM
DRY_RUN = "The request would have succeeded, but the DryRun option is set."

KEY_SPECS = [
    key_spec
    for key_spec in sorted(
        SUPPORTED | ({KeySpec.ML_KEM_512} if HAS_KYBER else frozenset[KeySpec]())
    )
    if ENCAPSULATE_DECAPSULATE in ALGORITHMS[key_spec]
]
OF_AWS: dict[str, Any] = facts("key_specs.json")["ml_kem"]
"""What AWS lists of these key specs."""


def key_of(local: LocalKms, key_spec: KeySpec = KeySpec.ML_KEM_768) -> str:
    return arn_of(create(local, key_spec=key_spec, key_usage=ENCAPSULATE_DECAPSULATE))


@cache
def shared() -> tuple[LocalKms, dict[KeySpec, tuple[str, str]]]:
    """One KMS with two keys of each key spec, which no encapsulation changes."""
    local = local_kms()
    return local, {
        key_spec: (key_of(local, key_spec), key_of(local, key_spec)) for key_spec in KEY_SPECS
    }


def encapsulate(local: LocalKms, key_id: str) -> EncapsulateResponse:
    return local.handle(EncapsulateRequest(key_id=key_id, encapsulation_algorithm=ML_KEM))


def decapsulate(local: LocalKms, key_id: str, blob: bytes) -> bytes:
    return local.handle(decapsulation(key_id, blob)).shared_secret


def decapsulation(key_id: str, blob: bytes, **members: Any) -> DecapsulateRequest:
    return DecapsulateRequest(
        key_id=key_id,
        shared_secret_ciphertext_blob=blob,
        encapsulation_algorithm=ML_KEM,
        **members,
    )


def both(key_id: str, **members: Any) -> tuple[Request[Any], Request[Any]]:
    """The same request to encapsulate and to decapsulate."""
    return (
        EncapsulateRequest(key_id=key_id, encapsulation_algorithm=ML_KEM, **members),
        decapsulation(key_id, bytes(1088), **members),
    )


# ---- there and back


@BY_KYBER
def test_all_key_specs_are_here() -> None:
    assert KEY_SPECS == [KeySpec.ML_KEM_1024, KeySpec.ML_KEM_512, KeySpec.ML_KEM_768]


@given(key_spec=st.sampled_from(KEY_SPECS))
def test_what_is_encapsulated_is_decapsulated(key_spec: KeySpec) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec]
    answer = encapsulate(local, arn)
    assert answer == EncapsulateResponse(
        key_id=arn,
        shared_secret=answer.shared_secret,
        shared_secret_ciphertext_blob=answer.shared_secret_ciphertext_blob,
        encapsulation_algorithm=ML_KEM,
    )
    assert len(answer.shared_secret) == OF_AWS["shared_secret_bytes"]
    blob = answer.shared_secret_ciphertext_blob
    assert len(blob) == OF_AWS["encapsulated_bytes"][key_spec]
    assert local.handle(decapsulation(arn, blob)) == DecapsulateResponse(
        key_id=arn, shared_secret=answer.shared_secret, encapsulation_algorithm=ML_KEM
    )


@given(key_spec=st.sampled_from([KeySpec.ML_KEM_768, KeySpec.ML_KEM_1024]))
def test_what_was_encapsulated_outside_aws_kms_is_decapsulated(key_spec: KeySpec) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec]
    key = load_der_public_key(local.handle(GetPublicKeyRequest(key_id=arn)).public_key)
    assert isinstance(key, MLKEM768PublicKey | MLKEM1024PublicKey)
    secret, blob = key.encapsulate()
    assert decapsulate(local, arn, blob) == secret


def test_no_two_shared_secrets_are_alike(local: LocalKms) -> None:
    arn = key_of(local)
    answers = [encapsulate(local, arn) for _ in range(20)]
    assert len({answer.shared_secret for answer in answers}) == 20
    assert len({answer.shared_secret_ciphertext_blob for answer in answers}) == 20


# ---- other ciphertexts


@given(key_spec=st.sampled_from(KEY_SPECS), bit=st.integers(0, 2**16))
def test_a_ciphertext_that_was_touched_gives_another_secret_each_time_the_same(
    key_spec: KeySpec, bit: int
) -> None:
    """FIPS 203: implicit rejection."""
    local, keys = shared()
    arn, _ = keys[key_spec]
    answer = encapsulate(local, arn)
    blob = bytearray(answer.shared_secret_ciphertext_blob)
    blob[bit // 8 % len(blob)] ^= 1 << bit % 8
    other = decapsulate(local, arn, bytes(blob))
    assert other != answer.shared_secret
    assert len(other) == 32
    assert other == decapsulate(local, arn, bytes(blob))


@pytest.mark.parametrize("key_spec", KEY_SPECS)
def test_a_ciphertext_of_another_key_gives_another_secret(key_spec: KeySpec) -> None:
    local, keys = shared()
    one, other = keys[key_spec]
    answer = encapsulate(local, one)
    secret = decapsulate(local, other, answer.shared_secret_ciphertext_blob)
    assert secret != answer.shared_secret
    assert len(secret) == 32


@given(key_spec=st.sampled_from(KEY_SPECS), length=st.integers(1, 6144), byte=st.integers(0, 255))
def test_what_has_not_the_length_of_a_ciphertext_is_invalid(
    key_spec: KeySpec, length: int, byte: int
) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec]
    assume(length != OF_AWS["encapsulated_bytes"][key_spec])
    error = refused(
        local, decapsulation(arn, bytes([byte]) * length), InvalidCiphertextException, ""
    )
    assert error.arn == arn


@pytest.mark.parametrize("key_spec", KEY_SPECS)
def test_a_ciphertext_that_was_cut_goes_on_or_is_of_another_key_spec_is_invalid(
    key_spec: KeySpec,
) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec]
    blob = encapsulate(local, arn).shared_secret_ciphertext_blob
    lengths = {*OF_AWS["encapsulated_bytes"].values()} - {len(blob)}
    for other in (blob[:-1], blob + b"\0", *map(bytes, lengths)):
        refused(local, decapsulation(arn, other), InvalidCiphertextException, "")


# ---- what is refused


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"key_spec": KeySpec.ECC_NIST_P256, "key_usage": KeyUsageType.KEY_AGREEMENT},
        {"key_spec": KeySpec.ML_DSA_44, "key_usage": KeyUsageType.SIGN_VERIFY},
        {"key_spec": KeySpec.HMAC_256, "key_usage": KeyUsageType.GENERATE_VERIFY_MAC},
    ],
)
def test_only_an_ml_kem_key_will_do(local: LocalKms, members: dict[str, Any]) -> None:
    key = create(local, **members)
    for request in both(arn_of(key)):
        message = (
            f"{key.arn} key usage is {key.key_usage} which is not valid for {request.operation}."
        )
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == key.arn


def test_the_key_is_told_of_before_its_key_usage(local: LocalKms) -> None:
    """No such key, a grant token, its key usage and its key state."""
    arn, other = key_of(local), arn_of(create(local))
    token: dict[str, Any] = {"grant_tokens": ("token",), "dry_run": True}
    nobody = f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist"
    for request in both(NOBODY, **token):
        refused(local, request, NotFoundException, nobody)
    for request in both(other, **token):
        refused(local, request, InvalidGrantTokenException, "")
    for request in both(other, dry_run=True):
        message = (
            f"{other} key usage is ENCRYPT_DECRYPT which is not valid for {request.operation}."
        )
        refused(local, request, InvalidKeyUsageException, message)
    local.handle(DisableKeyRequest(key_id=arn))
    local.handle(DisableKeyRequest(key_id=other))
    for request in both(other, dry_run=True):
        with pytest.raises(InvalidKeyUsageException):
            local.handle(request)
    for request in both(arn, dry_run=True):
        refused(local, request, DisabledException, f"{arn} is disabled.")


def test_a_dry_run_says_that_all_would_be_well_and_else_fails_as_it_would(
    local: LocalKms,
) -> None:
    arn = key_of(local)
    for request in both(arn, dry_run=True):
        refused(local, request, DryRunOperationException, DRY_RUN)
    request = decapsulation(arn, b"too short", dry_run=True)
    refused(local, request, InvalidCiphertextException, "")


def test_a_key_may_be_named_by_its_alias(local: LocalKms) -> None:
    arn = key_of(local)
    local.handle(CreateAliasRequest(alias_name="alias/kem", target_key_id=arn))
    answer = encapsulate(local, "alias/kem")
    assert answer.key_id == arn
    blob = answer.shared_secret_ciphertext_blob
    assert local.handle(decapsulation("alias/kem", blob)).key_id == arn


def test_shared_secrets_do_not_show_in_representations(local: LocalKms) -> None:
    arn = key_of(local)
    answer = encapsulate(local, arn)
    request = decapsulation(arn, answer.shared_secret_ciphertext_blob)
    for response in (answer, local.handle(request)):
        assert repr(answer.shared_secret)[2:-1] not in repr(response)
        assert "shared_secret=" not in repr(response)


# ---- ML_KEM_512, by an extra


def test_without_its_extra_there_is_no_ml_kem_512(
    local: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_kyber(monkeypatch)
    symmetric = create(local).key_id
    pair = DataKeyPairSpec.ML_KEM_512
    for request in (
        CreateKeyRequest(key_spec=KeySpec.ML_KEM_512, key_usage=ENCAPSULATE_DECAPSULATE),
        GenerateDataKeyPairRequest(key_id=symmetric, key_pair_spec=pair),
        GenerateDataKeyPairRequest(key_id=symmetric, key_pair_spec=pair, dry_run=True),
    ):
        message = "KeySpec ML_KEM_512 is not supported by this model."
        error = refused(local, request, UnsupportedOperationException, message)
        assert error.__notes__ == [
            "ML_KEM_512 needs an extra: pip install '.[ml-kem-512]' in a clone of kmsmodel"
        ]


@BY_KYBER
def test_a_key_that_was_made_with_the_extra_is_refused_without_it(
    local: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = key_of(local, KeySpec.ML_KEM_512)
    blob = local.handle(
        EncapsulateRequest(key_id=arn, encapsulation_algorithm=ML_KEM)
    ).shared_secret_ciphertext_blob
    without_kyber(monkeypatch)
    message = "KeySpec ML_KEM_512 is not supported by this model."
    for request in (
        EncapsulateRequest(key_id=arn, encapsulation_algorithm=ML_KEM),
        DecapsulateRequest(
            key_id=arn, encapsulation_algorithm=ML_KEM, shared_secret_ciphertext_blob=blob
        ),
    ):
        refused(local, request, UnsupportedOperationException, message)


@BY_KYBER
def test_a_data_key_pair_of_ml_kem_512_works_outside_of_aws_kms(local: LocalKms) -> None:
    """Its private key is PKCS #8 with the seed, as of the larger key specs."""
    request = GenerateDataKeyPairRequest(
        key_id=create(local).key_id, key_pair_spec=DataKeyPairSpec.ML_KEM_512
    )
    pair = local.handle(request)
    private_key = Secret(pair.private_key_plaintext)
    assert local.hsm.public_key(private_key) == pair.public_key
    made = local.hsm.encapsulate(pair.public_key, "a peer")
    assert local.hsm.decapsulate(private_key, made.ciphertext) == made.shared_secret
    larger = local.hsm.generate(KeySpec.ML_KEM_768, "larger").reveal()
    assert len(pair.private_key_plaintext) == len(larger)
    differs = [n for n, byte in enumerate(larger[:-64]) if pair.private_key_plaintext[n] != byte]
    assert len(differs) == 1  # in the last arc of the algorithm's OID
