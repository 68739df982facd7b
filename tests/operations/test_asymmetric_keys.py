"""
The public key of an asymmetric KMS key, signatures, and secrets that are shared by key agreement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PublicKey,
    MLDSA65PublicKey,
    MLDSA87PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import assume, given, strategies as st

from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    DisabledException,
    DryRunOperationException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    KMSInvalidSignatureException,
    KMSInvalidStateException,
    NotFoundException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, is_asymmetric
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.asymmetric_keys import (
    DeriveSharedSecretRequest,
    DeriveSharedSecretResponse,
    GetPublicKeyRequest,
    GetPublicKeyResponse,
    SignRequest,
    SignResponse,
    VerifyRequest,
    VerifyResponse,
)
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.words.enumerations import (
    KeyAgreementAlgorithmSpec,
    KeyEncryptionMechanism,
    KeySpec,
    KeyUsageType,
    MessageType,
    OriginType,
    SigningAlgorithmSpec,
)
from tests.basics import NOBODY, NOW, facts
from tests.operations.steps import (
    BY_OPENSSL,
    BY_PYCRYPTODOME,
    arn_of,
    create,
    delete_material,
    import_material,
    local_kms,
    openssl,
    refused,
    without_pycryptodome,
)
from tests.worlds.belongings import NOT_DONE

SIGN_VERIFY = KeyUsageType.SIGN_VERIFY
KEY_AGREEMENT = KeyUsageType.KEY_AGREEMENT
ECDH = KeyAgreementAlgorithmSpec.ECDH
ED25519 = KeySpec.ECC_NIST_EDWARDS25519
ED25519_PH = SigningAlgorithmSpec.ED25519_PH_SHA_512
RAW, DIGEST, EXTERNAL_MU = MessageType.RAW, MessageType.DIGEST, MessageType.EXTERNAL_MU
DRY_RUN = "The request would have succeeded, but the DryRun option is set."
MESSAGE = b"attack at dawn"

KINDS = [
    (key_spec, usage)
    for key_spec in sorted(SUPPORTED)
    if is_asymmetric(key_spec)
    for usage in sorted(ALGORITHMS[key_spec])
]
"""Every key spec and key usage of asymmetric keys that there are in this model."""

SIGNING = [
    (key_spec, SigningAlgorithmSpec(algorithm))
    for key_spec, usage in KINDS
    if usage is SIGN_VERIFY
    for algorithm in ALGORITHMS[key_spec][usage].every
    if algorithm not in NOT_DONE
]
AGREEING = [key_spec for key_spec, usage in KINDS if usage is KEY_AGREEMENT]

HASHES: Mapping[str, HashAlgorithm] = {
    "SHA_256": SHA256(),
    "SHA_384": SHA384(),
    "SHA_512": SHA512(),
}


def hash_of(algorithm: SigningAlgorithmSpec) -> HashAlgorithm:
    return HASHES[algorithm[-7:]]


def digest_of(algorithm: SigningAlgorithmSpec, message: bytes) -> bytes:
    return hashlib.new(hash_of(algorithm).name, message).digest()


def types_of(algorithm: SigningAlgorithmSpec) -> set[MessageType]:
    """The message types that AWS lists of a signing algorithm."""
    if algorithm is SigningAlgorithmSpec.ML_DSA_SHAKE_256:
        return {RAW, EXTERNAL_MU}
    types: dict[str, Any] = facts("key_specs.json")["message_types"]
    return {each for each in (RAW, DIGEST) if algorithm not in types[each]["not_with"]}


@cache
def shared() -> tuple[LocalKms, Mapping[tuple[KeySpec, KeyUsageType], tuple[str, str]]]:
    """One KMS with two keys of each kind, which no signature changes."""
    local = local_kms()
    return local, {kind: (key_of(local, *kind), key_of(local, *kind)) for kind in KINDS}


def key_of(local: LocalKms, key_spec: KeySpec, usage: KeyUsageType, **members: Any) -> str:
    return arn_of(create(local, key_spec=key_spec, key_usage=usage, **members))


def public_key(local: LocalKms, key_id: str) -> bytes:
    return local.handle(GetPublicKeyRequest(key_id=key_id)).public_key


def sign(
    local: LocalKms,
    key_id: str,
    algorithm: SigningAlgorithmSpec,
    message: bytes = MESSAGE,
    message_type: MessageType | None = None,
) -> bytes:
    request = SignRequest(
        key_id=key_id, message=message, message_type=message_type, signing_algorithm=algorithm
    )
    return local.handle(request).signature


def private_key(key_spec: KeySpec, name: str = "of a client") -> bytes:
    return SeededHsm().generate(key_spec, name).reveal()


# ---- GetPublicKey


@pytest.mark.parametrize("key_spec, usage", KINDS)
def test_a_public_key_comes_with_what_it_may_be_used_for(
    key_spec: KeySpec, usage: KeyUsageType
) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec, usage]
    answer = local.handle(GetPublicKeyRequest(key_id=arn))
    member = {
        KeyUsageType.ENCRYPT_DECRYPT: "encryption_algorithms",
        SIGN_VERIFY: "signing_algorithms",
        KEY_AGREEMENT: "key_agreement_algorithms",
        KeyUsageType.ENCAPSULATE_DECAPSULATE: "encapsulation_algorithms",
    }[usage]
    algorithms: Any = {member: ALGORITHMS[key_spec][usage].every}
    assert answer == GetPublicKeyResponse(
        key_id=arn,
        public_key=answer.public_key,
        customer_master_key_spec=key_spec,
        key_spec=key_spec,
        key_usage=usage,
        **algorithms,
    )
    key = load_der_public_key(answer.public_key)
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert answer.public_key == spki
    assert (
        len(spki)
        == {
            KeySpec.RSA_2048: 294,
            KeySpec.RSA_3072: 422,
            KeySpec.RSA_4096: 550,
            KeySpec.ECC_NIST_P256: 91,
            KeySpec.ECC_NIST_P384: 120,
            KeySpec.ECC_NIST_P521: 158,
            KeySpec.ECC_SECG_P256K1: 88,
            ED25519: 44,
            KeySpec.ML_DSA_44: 1312 + 22,
            KeySpec.ML_DSA_65: 1952 + 22,
            KeySpec.ML_DSA_87: 2592 + 22,
            KeySpec.ML_KEM_768: 1184 + 22,
            KeySpec.ML_KEM_1024: 1568 + 22,
        }[key_spec]
    )


def test_two_keys_have_two_public_keys(local: LocalKms) -> None:
    keys = [key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY) for _ in range(5)]
    assert len({public_key(local, key) for key in keys}) == 5
    assert public_key(local, keys[0]) == public_key(local, keys[0])


def test_a_symmetric_or_hmac_key_has_no_public_key(local: LocalKms) -> None:
    hmac = {"key_spec": KeySpec.HMAC_384, "key_usage": KeyUsageType.GENERATE_VERIFY_MAC}
    for key in (create(local), create(local, **hmac)):
        arn = arn_of(key)
        request = GetPublicKeyRequest(key_id=arn)
        error = refused(local, request, UnsupportedOperationException, "")
        assert error.arn == arn


def test_a_disabled_key_still_gives_its_public_key(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY)
    before = public_key(local, arn)
    local.handle(DisableKeyRequest(key_id=arn))
    assert public_key(local, arn) == before


def test_a_key_that_is_pending_deletion_does_not_give_its_public_key(local: LocalKms) -> None:
    for key_spec, usage in ((KeySpec.ECC_NIST_P256, SIGN_VERIFY), (KeySpec.RSA_2048, SIGN_VERIFY)):
        arn = key_of(local, key_spec, usage)
        local.handle(ScheduleKeyDeletionRequest(key_id=arn))
        request = GetPublicKeyRequest(key_id=arn)
        refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")


def test_the_key_state_is_told_before_the_kind_of_key(local: LocalKms) -> None:
    arn = arn_of(create(local))
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    request = GetPublicKeyRequest(key_id=arn)
    refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")


def test_an_external_key_tells_its_public_key_while_its_private_key_is_there(
    local: LocalKms,
) -> None:
    """Not before its import, nor once it is deleted or has expired."""
    arn = key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY, origin=OriginType.EXTERNAL)
    request = GetPublicKeyRequest(key_id=arn)

    def assert_pending_import() -> None:
        error = refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")
        assert (error.arn, error.key_state) == (arn, "PendingImport")

    assert_pending_import()
    material = private_key(KeySpec.ECC_NIST_P256)
    expected = SeededHsm().public_key(SeededHsm().generate(KeySpec.ECC_NIST_P256, "of a client"))
    import_material(local, arn, material)
    assert public_key(local, arn) == expected
    delete_material(local, arn)
    assert_pending_import()
    import_material(local, arn, material, valid_to=NOW + timedelta(days=1))
    assert public_key(local, arn) == expected
    local.clock.advance(days=1)
    assert_pending_import()
    local.step(lambda kms, call: (kms.settle(call.now), None))
    assert_pending_import()


@pytest.mark.parametrize("key_spec", [KeySpec.SYMMETRIC_DEFAULT, KeySpec.HMAC_256])
def test_a_key_without_a_public_key_tells_first_that_it_is_pending_import(
    local: LocalKms, key_spec: KeySpec
) -> None:
    usage = KeyUsageType.ENCRYPT_DECRYPT
    if key_spec is KeySpec.HMAC_256:
        usage = KeyUsageType.GENERATE_VERIFY_MAC
    arn = key_of(local, key_spec, usage, origin=OriginType.EXTERNAL)
    request = GetPublicKeyRequest(key_id=arn)
    refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")
    import_material(local, arn, bytes(32))
    refused(local, request, UnsupportedOperationException, "")


def test_a_grant_token_that_no_grant_has_is_invalid(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY)
    request = GetPublicKeyRequest(key_id=arn, grant_tokens=("token",))
    refused(local, request, InvalidGrantTokenException, "")


# ---- Sign and Verify


@st.composite
def messages(draw: st.DrawFn) -> tuple[KeySpec, SigningAlgorithmSpec, MessageType, bytes]:
    """A message, or what stands for it, and how it is signed."""
    key_spec, algorithm = draw(st.sampled_from(SIGNING))
    message_type = draw(st.sampled_from(sorted(types_of(algorithm))))
    lengths = {
        RAW: st.integers(1, 100) | st.just(4096),
        DIGEST: st.just(hash_of(algorithm).digest_size) if message_type is DIGEST else st.nothing(),
        EXTERNAL_MU: st.just(64),
    }
    length = draw(lengths[message_type])
    return key_spec, algorithm, message_type, draw(st.binary(min_size=length, max_size=length))


@given(signing=messages())
def test_what_is_signed_is_verified(
    signing: tuple[KeySpec, SigningAlgorithmSpec, MessageType, bytes],
) -> None:
    local, keys = shared()
    key_spec, algorithm, message_type, message = signing
    arn, _ = keys[key_spec, SIGN_VERIFY]
    answer = local.handle(
        SignRequest(
            key_id=arn, message=message, message_type=message_type, signing_algorithm=algorithm
        )
    )
    assert answer == SignResponse(
        key_id=arn, signature=answer.signature, signing_algorithm=algorithm
    )
    verification = VerifyRequest(
        key_id=arn,
        message=message,
        message_type=message_type,
        signature=answer.signature,
        signing_algorithm=algorithm,
    )
    assert local.handle(verification) == VerifyResponse(
        key_id=arn, signature_valid=True, signing_algorithm=algorithm
    )


@given(
    signing=messages(),
    what=st.sampled_from(["message", "signature", "cut", "longer", "key"]),
    bit=st.integers(0, 2**16),
)
def test_what_was_changed_after_it_was_signed_is_not_verified(
    signing: tuple[KeySpec, SigningAlgorithmSpec, MessageType, bytes], what: str, bit: int
) -> None:
    local, keys = shared()
    key_spec, algorithm, message_type, message = signing
    one, other = keys[key_spec, SIGN_VERIFY]
    signature = sign(local, one, algorithm, message, message_type)
    verification = VerifyRequest(
        key_id=one,
        message=touched(message, bit) if what == "message" else message,
        message_type=message_type,
        signature={
            "signature": touched(signature, bit),
            "cut": signature[:-1],
            "longer": signature + b"\0",
        }.get(what, signature),
        signing_algorithm=algorithm,
    )
    if what == "key":
        assume(public_key(local, one) != public_key(local, other))
        verification = evolve(verification, key_id=other)
    error = refused(local, verification, KMSInvalidSignatureException, "")
    assert error.arn == verification.key_id


def touched(what: bytes, bit: int) -> bytes:
    return (int.from_bytes(what, "big") ^ 1 << bit % (8 * len(what))).to_bytes(len(what), "big")


@pytest.mark.parametrize("key_spec", ["RSA_2048", "RSA_3072", "RSA_4096", ED25519])
def test_a_signature_is_of_one_signing_algorithm(key_spec: str) -> None:
    local, keys = shared()
    arn, _ = keys[KeySpec(key_spec), SIGN_VERIFY]
    algorithms = [algorithm for spec, algorithm in SIGNING if spec == key_spec]
    for one in algorithms:
        for other in algorithms:
            if one is not other and hash_of(one) is hash_of(other):  # else the digest is too long
                as_type = DIGEST if DIGEST in types_of(one) & types_of(other) else None
                signed_as = as_type or (RAW if RAW in types_of(one) else DIGEST)
                read_as = as_type or (RAW if RAW in types_of(other) else DIGEST)
                digest = digest_of(one, MESSAGE)
                request = VerifyRequest(
                    key_id=arn,
                    message=digest,
                    message_type=read_as,
                    signature=sign(local, arn, one, digest, signed_as),
                    signing_algorithm=other,
                )
                refused(local, request, KMSInvalidSignatureException, "")


def verified_outside(spki: bytes, algorithm: SigningAlgorithmSpec) -> Callable[[bytes, bytes], Any]:
    """What verifies a signature of a whole message with the public key alone, or raises."""
    key = load_der_public_key(spki)
    if isinstance(key, RSAPublicKey):
        hash_ = hash_of(algorithm)
        salted = padding.PSS(padding.MGF1(hash_), salt_length=hash_.digest_size)
        pad = salted if "PSS" in algorithm else padding.PKCS1v15()
        return lambda signature, message: key.verify(signature, message, pad, hash_)
    if isinstance(key, ec.EllipticCurvePublicKey):
        scheme = ec.ECDSA(hash_of(algorithm))
        return lambda signature, message: key.verify(signature, message, scheme)
    assert isinstance(
        key, Ed25519PublicKey | MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey
    )
    return key.verify


def standing_for(
    message: bytes, message_type: MessageType, algorithm: SigningAlgorithmSpec, spki: bytes
) -> bytes:
    """What a client sends of a message, whatever its length."""
    if message_type is RAW:
        return message
    if message_type is DIGEST:
        return digest_of(algorithm, message)
    raw = load_der_public_key(spki)
    assert isinstance(raw, MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey)
    # FIPS 204, algorithms 2 and 7: the message is pure (0), and its context empty (0).
    tr = hashlib.shake_256(raw.public_bytes_raw()).digest(64)
    return hashlib.shake_256(tr + b"\0\0" + message).digest(64)


@pytest.mark.parametrize(
    "key_spec, algorithm, message_type",
    [(*each, message_type) for each in SIGNING for message_type in sorted(types_of(each[1]))],
)
def test_a_signature_is_verified_outside_aws_kms(
    key_spec: KeySpec, algorithm: SigningAlgorithmSpec, message_type: MessageType
) -> None:
    """By pyca/cryptography, and its length is the one of AWS's list, or of the standard."""
    local, keys = shared()
    arn, _ = keys[key_spec, SIGN_VERIFY]
    spki = public_key(local, arn)
    sent = standing_for(MESSAGE, message_type, algorithm, spki)
    signature = sign(local, arn, algorithm, sent, message_type)
    verified_outside(spki, algorithm)(signature, MESSAGE)
    fact = facts("key_specs.json")["key_specs"][key_spec]
    if key_spec.startswith("RSA"):
        assert len(signature) == fact["signature_bytes"]
    elif key_spec.startswith("ML_DSA"):
        assert len(signature) == fact["fips204_bytes"]["signature"]
    elif key_spec is ED25519:
        assert len(signature) == 64
    else:
        assert min(decode_dss_signature(signature)) > 0


@pytest.mark.parametrize("key_spec, algorithm", SIGNING)
def test_a_message_and_what_stands_for_it_have_the_same_signatures(
    key_spec: KeySpec, algorithm: SigningAlgorithmSpec
) -> None:
    """The message type need not be the same when a signature is verified."""
    local, keys = shared()
    arn, _ = keys[key_spec, SIGN_VERIFY]
    spki = public_key(local, arn)
    sent = {each: standing_for(MESSAGE, each, algorithm, spki) for each in types_of(algorithm)}
    for signed_as, signed in sent.items():
        for verified_as, verified in sent.items():
            request = VerifyRequest(
                key_id=arn,
                message=verified,
                message_type=verified_as,
                signature=sign(local, arn, algorithm, signed, signed_as),
                signing_algorithm=algorithm,
            )
            assert local.handle(request).signature_valid


def test_a_message_is_raw_unless_it_is_said_to_be_a_digest(local: LocalKms) -> None:
    algorithm = SigningAlgorithmSpec.ECDSA_SHA_256
    arn = key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY)
    verify = verified_outside(public_key(local, arn), algorithm)
    digest = digest_of(algorithm, MESSAGE)
    verify(sign(local, arn, algorithm, digest), digest)
    verify(sign(local, arn, algorithm, digest, RAW), digest)
    verify(sign(local, arn, algorithm, digest, DIGEST), MESSAGE)


def test_pkcs1_and_ed25519_signatures_are_always_the_same_and_the_others_never() -> None:
    local, keys = shared()
    for key_spec, algorithm in SIGNING:
        arn, _ = keys[key_spec, SIGN_VERIFY]
        message_type = max(types_of(algorithm))
        message = digest_of(algorithm, MESSAGE) if message_type is DIGEST else MESSAGE
        signatures = {sign(local, arn, algorithm, message, message_type) for _ in range(3)}
        same = "PKCS1" in algorithm or "ED25519" in algorithm
        assert len(signatures) == (1 if same else 3)


def test_an_imported_private_key_signs(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY, origin=OriginType.EXTERNAL)
    algorithm = SigningAlgorithmSpec.ECDSA_SHA_256
    signing = SignRequest(key_id=arn, message=MESSAGE, signing_algorithm=algorithm)
    verification = VerifyRequest(
        key_id=arn, message=MESSAGE, signature=b"signature", signing_algorithm=algorithm
    )
    for request in (signing, verification):
        refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")
    import_material(local, arn, private_key(KeySpec.ECC_NIST_P256))
    verified_outside(public_key(local, arn), algorithm)(local.handle(signing).signature, MESSAGE)
    delete_material(local, arn)
    for request in (signing, verification):
        refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")


# ---- what Sign and Verify refuse

PRESENT = [
    (key_spec, algorithm, message_type)
    for key_spec, algorithm in SIGNING
    for message_type in MessageType
]


def both(
    key_id: str, algorithm: SigningAlgorithmSpec, message: bytes = MESSAGE, **members: Any
) -> tuple[Request[Any], Request[Any]]:
    """The same request to sign and to verify."""
    return (
        SignRequest(key_id=key_id, message=message, signing_algorithm=algorithm, **members),
        VerifyRequest(
            key_id=key_id,
            message=message,
            signature=b"signature",
            signing_algorithm=algorithm,
            **members,
        ),
    )


@pytest.mark.parametrize(
    "key_spec, algorithm, message_type",
    [each for each in PRESENT if each[2] not in types_of(each[1])],
)
def test_a_signing_algorithm_refuses_the_message_types_that_are_not_its_own(
    key_spec: KeySpec, algorithm: SigningAlgorithmSpec, message_type: MessageType
) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec, SIGN_VERIFY]
    by_another = key_spec is ED25519 and message_type is not EXTERNAL_MU
    what = f"algorithm {algorithm}" if by_another else f"key spec {key_spec}"
    message = f"Message type {message_type} is incompatible with {what}."
    given_type = {} if message_type is RAW else {"message_type": message_type}
    for length in (14, 32, 64):
        for request in both(arn, algorithm, bytes(length), **given_type):
            error = refused(local, request, ValidationException, message)
            assert error.arn == arn


@given(
    signing=st.sampled_from(
        [each for each in PRESENT if each[2] is not RAW and each[2] in types_of(each[1])]
    ),
    length=st.integers(1, 100) | st.just(4096),
)
def test_what_stands_for_a_message_has_one_length(
    signing: tuple[KeySpec, SigningAlgorithmSpec, MessageType], length: int
) -> None:
    local, keys = shared()
    key_spec, algorithm, message_type = signing
    arn, _ = keys[key_spec, SIGN_VERIFY]
    bits: dict[str, int] = facts("key_specs.json")["digest_bytes"]
    expected = 64 if message_type is EXTERNAL_MU else bits[f"*_{algorithm[-7:]}"]
    if length == expected:
        assert sign(local, arn, algorithm, bytes(length), message_type)
        return
    what = "External Mu" if message_type is EXTERNAL_MU else "Digest"
    message = f"{what} is invalid length for algorithm {algorithm}."
    for request in both(arn, algorithm, bytes(length), message_type=message_type):
        error = refused(local, request, ValidationException, message)
        assert error.arn == arn


@given(signature=st.binary(min_size=1, max_size=200), signing=st.sampled_from(SIGNING))
def test_no_other_bytes_are_a_signature(
    signature: bytes, signing: tuple[KeySpec, SigningAlgorithmSpec]
) -> None:
    local, keys = shared()
    key_spec, algorithm = signing
    arn, _ = keys[key_spec, SIGN_VERIFY]
    message_type = RAW if RAW in types_of(algorithm) else DIGEST
    request = VerifyRequest(
        key_id=arn,
        message=bytes(64),
        message_type=message_type,
        signature=signature,
        signing_algorithm=algorithm,
    )
    refused(local, request, KMSInvalidSignatureException, "")


def test_a_message_has_1_to_4096_bytes_and_is_not_shown(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY)
    for message, bound in (
        (b"", "greater than or equal to 1"),
        (b"s" * 4097, "less than or equal to 4096"),
    ):
        text = (
            "1 validation error detected: Value at 'message' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
        for request in both(arn, SigningAlgorithmSpec.ECDSA_SHA_256, message):
            refused(local, request, ValidationException, text)
            assert "sss" not in repr(request)


def test_the_default_algorithm_of_encryption_is_a_wrong_key_usage_and_no_unknown_value(
    local: LocalKms,
) -> None:
    """Any other algorithm of another kind is none of the enumeration."""
    arn = key_of(local, KeySpec.RSA_2048, SIGN_VERIFY)
    default: Any = "SYMMETRIC_DEFAULT"
    other: Any = "RSAES_OAEP_SHA_256"
    for request in both(arn, default):
        message = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."
        refused(local, request, InvalidKeyUsageException, message)
    for request in both(arn, other):
        message = (
            "1 validation error detected: Value 'RSAES_OAEP_SHA_256' at 'signingAlgorithm' failed "
            "to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(SigningAlgorithmSpec)}]"
        )
        refused(local, request, ValidationException, message)


@pytest.mark.parametrize("length", [1, 63, 65])
def test_what_stands_for_an_ml_dsa_message_is_called_external_mu(
    local: LocalKms, length: int
) -> None:
    arn, algorithm = key_of(local, KeySpec.ML_DSA_44, SIGN_VERIFY), "ML_DSA_SHAKE_256"
    message = "External Mu is invalid length for algorithm ML_DSA_SHAKE_256."
    mu = bytes(length)
    for request in both(arn, SigningAlgorithmSpec(algorithm), mu, message_type=EXTERNAL_MU):
        refused(local, request, ValidationException, message)


@pytest.mark.parametrize("key_spec, usage", KINDS)
def test_a_key_signs_by_its_own_algorithms_only(key_spec: KeySpec, usage: KeyUsageType) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec, usage]
    for algorithm in SigningAlgorithmSpec:
        for request in both(arn, algorithm, message_type=EXTERNAL_MU):
            if usage is not SIGN_VERIFY:
                message = f"{arn} key usage is {usage} which is not valid for {request.operation}."
            elif algorithm not in ALGORITHMS[key_spec][usage].every:
                message = f"Algorithm {algorithm} is incompatible with key spec {key_spec}."
            else:
                continue
            error = refused(local, request, InvalidKeyUsageException, message)
            assert error.arn == arn


def test_the_key_is_told_of_before_the_message(local: LocalKms) -> None:
    """No such key, a grant token, its key usage, its key state, the algorithm, the message type, its length."""
    arn = key_of(local, KeySpec.ECC_NIST_P256, SIGN_VERIFY)
    agreeing = key_of(local, KeySpec.ECC_NIST_P256, KEY_AGREEMENT)
    wrong: dict[str, Any] = {"message_type": EXTERNAL_MU, "dry_run": True}
    another = SigningAlgorithmSpec.ECDSA_SHA_384
    nobody = f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist"
    for request in both(NOBODY, another, grant_tokens=("token",), **wrong):
        refused(local, request, NotFoundException, nobody)
    for request in both(agreeing, another, grant_tokens=("token",), **wrong):
        refused(local, request, InvalidGrantTokenException, "")
    for request in both(agreeing, another, **wrong):
        message = (
            f"{agreeing} key usage is KEY_AGREEMENT which is not valid for {request.operation}."
        )
        refused(local, request, InvalidKeyUsageException, message)
    local.handle(DisableKeyRequest(key_id=agreeing))
    for request in both(agreeing, another, **wrong):
        message = (
            f"{agreeing} key usage is KEY_AGREEMENT which is not valid for {request.operation}."
        )
        refused(local, request, InvalidKeyUsageException, message)
    message = "Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256."
    for request in both(arn, another, **wrong):
        refused(local, request, InvalidKeyUsageException, message)
    message = "Message type EXTERNAL_MU is incompatible with key spec ECC_NIST_P256."
    for request in both(arn, SigningAlgorithmSpec.ECDSA_SHA_256, **wrong):
        refused(local, request, ValidationException, message)
    local.handle(DisableKeyRequest(key_id=arn))
    for request in both(arn, another, **wrong):
        refused(local, request, DisabledException, f"{arn} is disabled.")


def test_a_dry_run_says_that_all_would_be_well_and_else_fails_as_it_would(
    local: LocalKms,
) -> None:
    arn, algorithm = key_of(local, ED25519, SIGN_VERIFY), SigningAlgorithmSpec.ED25519_SHA_512
    signature = sign(local, arn, algorithm)
    signing, verification = both(arn, algorithm, dry_run=True)
    good = evolve(cast("VerifyRequest", verification), signature=signature)
    for request in (signing, good):
        refused(local, request, DryRunOperationException, DRY_RUN)
    refused(local, verification, KMSInvalidSignatureException, "")


def test_a_key_may_be_named_by_its_alias(local: LocalKms) -> None:
    arn, algorithm = key_of(local, ED25519, SIGN_VERIFY), SigningAlgorithmSpec.ED25519_SHA_512
    local.handle(CreateAliasRequest(alias_name="alias/signing", target_key_id=arn))
    answer = local.handle(
        SignRequest(key_id="alias/signing", message=MESSAGE, signing_algorithm=algorithm)
    )
    assert answer.key_id == arn
    verification = VerifyRequest(
        key_id="alias/signing",
        message=MESSAGE,
        signature=answer.signature,
        signing_algorithm=algorithm,
    )
    assert local.handle(verification).key_id == arn
    assert local.handle(GetPublicKeyRequest(key_id="alias/signing")).key_id == arn


# ---- by openssl

OPENSSL_OPTIONS = {
    (KeySpec.RSA_2048, SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256): "-sha256",
    (KeySpec.RSA_3072, SigningAlgorithmSpec.RSASSA_PSS_SHA_384): (
        "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48 -sigopt rsa_mgf1_md:sha384"
    ),
    (KeySpec.RSA_4096, SigningAlgorithmSpec.RSASSA_PSS_SHA_512): (
        "-sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:64"
    ),
    (KeySpec.ECC_NIST_P384, SigningAlgorithmSpec.ECDSA_SHA_384): "-sha384",
    (KeySpec.ECC_NIST_P521, SigningAlgorithmSpec.ECDSA_SHA_512): "-sha512",
    (KeySpec.ECC_SECG_P256K1, SigningAlgorithmSpec.ECDSA_SHA_256): "-sha256",
}


@BY_OPENSSL
@pytest.mark.parametrize("signing, options", OPENSSL_OPTIONS.items())
def test_openssl_verifies_a_signature(
    signing: tuple[KeySpec, SigningAlgorithmSpec], options: str, tmp_path: Path
) -> None:
    local, keys = shared()
    key_spec, algorithm = signing
    arn, _ = keys[key_spec, SIGN_VERIFY]
    pem = openssl(tmp_path, "pkey -pubin -inform DER -pubout", public_key(local, arn))
    (tmp_path / "public.pem").write_bytes(pem)
    (tmp_path / "signature").write_bytes(sign(local, arn, algorithm))
    command = f"dgst {options} -verify public.pem -signature signature"
    assert openssl(tmp_path, command, MESSAGE) == b"Verified OK\n"


@BY_OPENSSL
def test_openssl_verifies_a_signature_of_ed25519(tmp_path: Path) -> None:
    local, keys = shared()
    arn, _ = keys[ED25519, SIGN_VERIFY]
    (tmp_path / "public").write_bytes(public_key(local, arn))
    (tmp_path / "message").write_bytes(MESSAGE)
    signature = sign(local, arn, SigningAlgorithmSpec.ED25519_SHA_512)
    (tmp_path / "signature").write_bytes(signature)
    command = (
        "pkeyutl -verify -pubin -inkey public -keyform DER -rawin -in message -sigfile signature"
    )
    assert openssl(tmp_path, command) == b"Signature Verified Successfully\n"


@BY_OPENSSL
def test_openssl_derives_the_same_secret(tmp_path: Path) -> None:
    local, keys = shared()
    arn, _ = keys[KeySpec.ECC_NIST_P384, KEY_AGREEMENT]
    pem = openssl(tmp_path, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384")
    (tmp_path / "private.pem").write_bytes(pem)
    (tmp_path / "peer").write_bytes(public_key(local, arn))
    theirs = openssl(tmp_path, "pkeyutl -derive -inkey private.pem -peerkey peer -peerform DER")
    spki = openssl(tmp_path, "pkey -pubout -outform DER", pem)
    assert local.handle(derivation(arn, spki)).shared_secret == theirs


# ---- DeriveSharedSecret


def derivation(key_id: str, peer: bytes, **members: Any) -> DeriveSharedSecretRequest:
    return DeriveSharedSecretRequest(
        key_id=key_id, key_agreement_algorithm=ECDH, public_key=peer, **members
    )


def spki_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


CURVES: Mapping[KeySpec, ec.EllipticCurve] = {
    KeySpec.ECC_NIST_P256: ec.SECP256R1(),
    KeySpec.ECC_NIST_P384: ec.SECP384R1(),
    KeySpec.ECC_NIST_P521: ec.SECP521R1(),
    KeySpec.ECC_SECG_P256K1: ec.SECP256K1(),
}


def test_keys_on_the_nist_curves_agree() -> None:
    assert {*AGREEING} == {KeySpec.ECC_NIST_P256, KeySpec.ECC_NIST_P384, KeySpec.ECC_NIST_P521}


@pytest.mark.parametrize("key_spec", AGREEING)
def test_both_sides_derive_the_same_secret(key_spec: KeySpec) -> None:
    local, keys = shared()
    alice, bob = keys[key_spec, KEY_AGREEMENT]
    answer = local.handle(derivation(alice, public_key(local, bob)))
    assert answer == DeriveSharedSecretResponse(
        key_id=alice,
        shared_secret=answer.shared_secret,
        key_agreement_algorithm=ECDH,
        key_origin=OriginType.AWS_KMS,
    )
    assert evolve(answer, key_id=bob) == local.handle(derivation(bob, public_key(local, alice)))
    assert answer == local.handle(derivation(alice, public_key(local, bob)))


@given(key_spec=st.sampled_from(AGREEING), data=st.data())
def test_a_peer_outside_aws_kms_derives_the_same_secret(
    key_spec: KeySpec, data: st.DataObject
) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec, KEY_AGREEMENT]
    curve = CURVES[key_spec]
    peer = ec.derive_private_key(data.draw(st.integers(1, curve.group_order - 1)), curve)
    ours = load_der_public_key(public_key(local, arn))
    assert isinstance(ours, ec.EllipticCurvePublicKey)
    expected = peer.exchange(ec.ECDH(), ours)
    assert local.handle(derivation(arn, spki_of(peer))).shared_secret == expected
    assert len(expected) == -(-curve.key_size // 8)


def test_the_secret_of_an_imported_key_is_told_so(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, KEY_AGREEMENT, origin=OriginType.EXTERNAL)
    peer = spki_of(ec.derive_private_key(5, ec.SECP256R1()))
    request = derivation(arn, peer)
    refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")
    import_material(local, arn, private_key(KeySpec.ECC_NIST_P256))
    assert local.handle(request).key_origin is OriginType.EXTERNAL
    delete_material(local, arn)
    refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")


P256_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
HALF = 32


def no_public_keys() -> Mapping[str, bytes]:
    """Anything that is not a public key on P-256."""
    local, keys = shared()
    good = spki_of(ec.derive_private_key(5, ec.SECP256R1()))
    assert good[: len(P256_HEAD)] == P256_HEAD
    pem = ec.derive_private_key(5, ec.SECP256R1()).public_key()
    of = {
        key_spec: public_key(local, keys[key_spec, usage][0])
        for key_spec, usage in KINDS
        if key_spec is not KeySpec.ECC_NIST_P256
    }
    return {
        "no DER": b"InvalidPublicKey",
        "a byte": b"\0",
        "as much as may be": b"\x30" * 8192,
        "PEM": pem.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "a bare point": good[len(P256_HEAD) :],
        "cut": good[:-1],
        "goes on": good + b"\0",
        "off the curve": good[:-1] + bytes([good[-1] ^ 1]),
        "coordinates of 0": P256_HEAD + b"\4" + bytes(64),
        "coordinates too large": P256_HEAD + b"\4" + b"\xff" * 64,
        "the point at infinity": bytes.fromhex(
            "3019301306072a8648ce3d020106082a8648ce3d03010703020000"
        ),
        "no point": bytes.fromhex("3018301306072a8648ce3d020106082a8648ce3d030107030100"),
        "no curve": bytes.fromhex(
            "301f300906072a8648ce3d02010312000400000000000000000000000000000000"
        ),
        "a private key": private_key(KeySpec.ECC_NIST_P256),
        **{f"of {key_spec}": spki for key_spec, spki in of.items()},
    }


@pytest.mark.parametrize("name, peer", no_public_keys().items())
@pytest.mark.parametrize("dry_run", [None, True])
def test_what_is_no_public_key_on_the_same_curve_is_refused(
    name: str, peer: bytes, dry_run: bool | None
) -> None:
    local, keys = shared()
    arn, _ = keys[KeySpec.ECC_NIST_P256, KEY_AGREEMENT]
    error = refused(local, derivation(arn, peer, dry_run=dry_run), ValidationException, "")
    assert error.arn == arn


@given(peer=st.binary(min_size=1, max_size=100), key_spec=st.sampled_from(AGREEING))
def test_no_other_bytes_are_a_public_key(peer: bytes, key_spec: KeySpec) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec, KEY_AGREEMENT]
    refused(local, derivation(arn, peer), ValidationException, "")


@BY_OPENSSL
def test_a_point_may_be_compressed_and_a_curve_spelled_out(tmp_path: Path) -> None:
    local, keys = shared()
    arn, other = keys[KeySpec.ECC_NIST_P256, KEY_AGREEMENT]
    plain = public_key(local, other)
    expected = local.handle(derivation(arn, plain))
    for option in ("-conv_form compressed", "-conv_form hybrid", "-param_enc explicit"):
        same = openssl(tmp_path, f"ec -pubin -inform DER {option} -outform DER", plain)
        assert same != plain
        assert local.handle(derivation(arn, same)) == expected


def test_only_a_key_for_key_agreement_derives_a_secret() -> None:
    local, keys = shared()
    peer = spki_of(ec.derive_private_key(5, ec.SECP256R1()))
    for (_, usage), (arn, _) in keys.items():
        if usage is not KEY_AGREEMENT:
            message = f"{arn} key usage is {usage} which is not valid for DeriveSharedSecret."
            refused(local, derivation(arn, peer), InvalidKeyUsageException, message)


def test_a_dry_run_of_a_derivation_says_so(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, KEY_AGREEMENT)
    peer = public_key(local, arn)
    refused(local, derivation(arn, peer, dry_run=True), DryRunOperationException, DRY_RUN)
    assert local.handle(derivation(arn, peer, dry_run=False)).shared_secret


def test_a_derivation_takes_no_grant_token_and_no_recipient(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, KEY_AGREEMENT)
    peer = public_key(local, arn)
    request = derivation(arn, peer, grant_tokens=("token",))
    refused(local, request, InvalidGrantTokenException, "")
    recipient = RecipientInfo(
        key_encryption_algorithm=KeyEncryptionMechanism.RSAES_OAEP_SHA_256,
        attestation_document=b"document",
    )
    message = "The attestation document in Recipient cannot be verified."
    refused(local, derivation(arn, peer, recipient=recipient), ValidationException, message)


def test_a_disabled_key_derives_nothing(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, KEY_AGREEMENT)
    peer = public_key(local, arn)
    local.handle(DisableKeyRequest(key_id=arn))
    refused(local, derivation(arn, peer), DisabledException, f"{arn} is disabled.")


def test_a_shared_secret_does_not_show_in_its_representation(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.ECC_NIST_P256, KEY_AGREEMENT)
    answer = local.handle(derivation(arn, public_key(local, arn)))
    assert answer.shared_secret is not None
    assert repr(answer.shared_secret)[2:-1] not in repr(answer)
    assert "shared_secret" not in repr(answer)


# ---- Ed25519ph


def of_digest(arn: str, message_type: MessageType = DIGEST, **members: Any) -> SignRequest:
    return SignRequest(
        key_id=arn,
        message=hashlib.sha512(MESSAGE).digest(),
        message_type=message_type,
        signing_algorithm=ED25519_PH,
        **members,
    )


def verification_of(request: SignRequest, signature: bytes) -> VerifyRequest:
    return VerifyRequest(
        key_id=request.key_id,
        message=request.message,
        message_type=request.message_type,
        signature=signature,
        signing_algorithm=request.signing_algorithm,
    )


@pytest.mark.parametrize(
    "message_type, message",
    [
        (RAW, "Message type RAW is incompatible with algorithm ED25519_PH_SHA_512."),
        (
            EXTERNAL_MU,
            "Message type EXTERNAL_MU is incompatible with key spec ECC_NIST_EDWARDS25519.",
        ),
    ],
)
def test_ed25519ph_takes_digests_only(
    local: LocalKms, message_type: MessageType, message: str
) -> None:
    request = of_digest(key_of(local, ED25519, SIGN_VERIFY), message_type)
    refused(local, request, ValidationException, message)


@BY_PYCRYPTODOME
def test_what_is_signed_by_ed25519ph_is_verified_and_nothing_else(local: LocalKms) -> None:
    request = of_digest(key_of(local, ED25519, SIGN_VERIFY))
    signature = local.handle(request).signature
    assert local.handle(request).signature == signature
    assert local.handle(verification_of(request, signature)).signature_valid
    another_digest = evolve(request, message=hashlib.sha512(b"another").digest())
    another_key = evolve(request, key_id=key_of(local, ED25519, SIGN_VERIFY))
    by_ed25519 = sign(local, request.key_id, SigningAlgorithmSpec.ED25519_SHA_512, request.message)
    for wrong in (
        verification_of(another_digest, signature),
        verification_of(another_key, signature),
        verification_of(request, signature[:-1]),
        verification_of(request, by_ed25519),
    ):
        refused(local, wrong, KMSInvalidSignatureException, "")


def test_without_its_extra_ed25519ph_is_not_supported(
    local: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pycryptodome(monkeypatch)
    digest = hashlib.sha512(b"signed by nobody").digest()  # the HSM remembers what it signed
    request = evolve(of_digest(key_of(local, ED25519, SIGN_VERIFY)), message=digest)
    message = "SigningAlgorithm ED25519_PH_SHA_512 is not supported by this model."
    for each in (request, verification_of(request, bytes(64))):
        error = refused(local, each, UnsupportedOperationException, message)
        assert error.arn == request.key_id
        (note,) = error.__notes__
        assert "pip install '.[ed25519ph]'" in note


def test_a_dry_run_of_a_signature_by_ed25519ph_needs_no_extra(
    local: LocalKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pycryptodome(monkeypatch)
    request = of_digest(key_of(local, ED25519, SIGN_VERIFY), dry_run=True)
    refused(local, request, DryRunOperationException, DRY_RUN)
