"""
Encrypting, decrypting and reencrypting data, with symmetric encryption KMS keys and RSA ones.
"""

from __future__ import annotations

import subprocess
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, final

import pytest
from attrs import evolve, frozen
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import (
    AccessDeniedException,
    DryRunOperationException,
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    KmsError,
    KMSInvalidStateException,
    NotFoundException,
    SerializationException,
    ValidationException,
)
from kmsmodel.hsm import ciphertext
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, Algorithms
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.asymmetric_keys import GetPublicKeyRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import (
    DecryptRequest,
    DecryptResponse,
    EncryptRequest,
    EncryptResponse,
    ReEncryptRequest,
    ReEncryptResponse,
    encrypt as encrypt_operation,
)
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.service import handle
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    DryRunModifierType,
    EncryptionAlgorithmSpec,
    ExpirationModelType,
    KeySpec,
    KeyState,
    KeyUsageType,
    OriginType,
)
from tests.operations.steps import (
    BY_OPENSSL,
    FIRST,
    NOBODY,
    NOW,
    arn_of,
    create,
    create_external,
    delete_material,
    describe,
    encrypt,
    import_material,
    local_kms,
    parameters,
    refused,
)
from tests.worlds import facts

ResponseT = TypeVar("ResponseT")

SYMMETRIC = EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT
OAEP_SHA_1 = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1
OAEP_SHA_256 = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256
IGNORE = (DryRunModifierType.IGNORE_CIPHERTEXT,)
DRY_RUN = "The request would have succeeded, but the DryRun option is set."
INCORRECT_KEY = "The key ID in the request does not identify a CMK that can perform this operation."

PAIRS = [
    (key_spec, EncryptionAlgorithmSpec(algorithm))
    for key_spec, of_key_spec in ALGORITHMS.items()
    for algorithm in of_key_spec.get(KeyUsageType.ENCRYPT_DECRYPT, Algorithms()).every
    if key_spec in SUPPORTED
]
"""Each key spec that encrypts, with each of its algorithms."""

RSA_PAIRS = [pair for pair in PAIRS if pair[0] is not KeySpec.SYMMETRIC_DEFAULT]
HASHES: dict[EncryptionAlgorithmSpec, HashAlgorithm] = {OAEP_SHA_1: SHA1(), OAEP_SHA_256: SHA256()}

CONTEXTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4)
PLAINTEXTS = st.binary(min_size=1, max_size=190)
"""What every algorithm can encrypt."""


def create_to_encrypt(
    local: LocalKms, key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT, **members: Any
) -> str:
    """The ARN of a new key that encrypts and decrypts."""
    usage = KeyUsageType.ENCRYPT_DECRYPT
    return arn_of(create(local, key_spec=key_spec, key_usage=usage, **members))


def longest(key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec) -> int:
    """How many bytes AWS says that an algorithm of this key spec encrypts."""
    of_key_spec = facts("key_specs.json")["key_specs"][key_spec]["max_plaintext_bytes"]
    return int(of_key_spec[algorithm])


def public_key(local: LocalKms, key_id: str) -> RSAPublicKey:
    der = local.handle(GetPublicKeyRequest(key_id=key_id)).public_key
    return cast("RSAPublicKey", load_der_public_key(der))


def oaep(hash_: HashAlgorithm, of_mask: HashAlgorithm | None = None) -> OAEP:
    return OAEP(mgf=MGF1(of_mask or hash_), algorithm=hash_, label=None)


# ---- there and back


@given(
    plaintext=st.binary(min_size=1, max_size=100) | st.just(bytes(4096)),
    context=CONTEXTS | st.none(),
    external=st.booleans(),
)
def test_what_was_encrypted_is_decrypted(
    plaintext: bytes, context: dict[str, str] | None, external: bool
) -> None:
    local = local_kms()
    arn = create_external(local, FIRST) if external else arn_of(create(local))
    answer = local.handle(
        EncryptRequest(key_id=arn, plaintext=plaintext, encryption_context=context)
    )
    assert answer == EncryptResponse(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_algorithm=SYMMETRIC
    )
    assert len(answer.ciphertext_blob) <= 6144
    for key_id in (None, arn, arn.rpartition("/")[2]):
        request = DecryptRequest(
            ciphertext_blob=answer.ciphertext_blob, encryption_context=context, key_id=key_id
        )
        assert local.handle(request) == DecryptResponse(
            key_id=arn,
            plaintext=plaintext,
            encryption_algorithm=SYMMETRIC,
            key_material_id=describe(local, arn).current_key_material_id,
        )


@given(pair=st.sampled_from(RSA_PAIRS), data=st.data())
def test_what_was_encrypted_under_an_rsa_key_is_decrypted_with_its_key_and_algorithm(
    pair: tuple[KeySpec, EncryptionAlgorithmSpec], data: st.DataObject
) -> None:
    key_spec, algorithm = pair
    local = local_kms()
    arn = create_to_encrypt(local, key_spec)
    plaintext = data.draw(st.binary(min_size=1, max_size=longest(*pair)))
    answer = local.handle(
        EncryptRequest(key_id=arn, plaintext=plaintext, encryption_algorithm=algorithm)
    )
    assert answer == EncryptResponse(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_algorithm=algorithm
    )
    assert len(answer.ciphertext_blob) * 8 == public_key(local, arn).key_size
    request = DecryptRequest(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_algorithm=algorithm
    )
    assert local.handle(request) == DecryptResponse(
        key_id=arn, plaintext=plaintext, encryption_algorithm=algorithm
    )


@pytest.mark.parametrize("key_spec, algorithm", PAIRS)
def test_no_two_ciphertexts_of_a_plaintext_are_alike(
    local: LocalKms, key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec
) -> None:
    request = EncryptRequest(
        key_id=create_to_encrypt(local, key_spec),
        plaintext=b"attack at dawn",
        encryption_algorithm=algorithm,
    )
    assert len({local.handle(request).ciphertext_blob for _ in range(20)}) == 20


def test_a_ciphertext_does_not_show_the_plaintext(local: LocalKms) -> None:
    assert b"attack at dawn" not in encrypt(local, create(local).key_id)


@pytest.mark.parametrize("key_spec, algorithm", PAIRS)
def test_a_plaintext_is_as_long_as_its_key_and_algorithm_permit_and_no_longer(
    local: LocalKms, key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec
) -> None:
    most = longest(key_spec, algorithm)
    request = EncryptRequest(
        key_id=create_to_encrypt(local, key_spec),
        plaintext=bytes(most),
        encryption_algorithm=algorithm,
    )
    local.handle(request)
    message = (
        f"Algorithm {algorithm} and key spec {key_spec} cannot encrypt data larger than {most} bytes."
        if algorithm is not SYMMETRIC
        else "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )
    refused(local, evolve(request, plaintext=bytes(most + 1)), ValidationException, message)


def test_a_plaintext_has_a_byte_at_least(local: LocalKms) -> None:
    for plaintext, rule in (
        (b"", "have length greater than or equal to 1"),
        (None, "not be null"),
    ):
        message = (
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
            f"Member must {rule}"
        )
        given_: Any = plaintext
        request = EncryptRequest(key_id=create(local).key_id, plaintext=given_)
        refused(local, request, ValidationException, message)


# ---- the encryption context


@pytest.mark.parametrize("context", [{}, None])
def test_an_empty_encryption_context_is_as_good_as_none(
    local: LocalKms, context: dict[str, str] | None
) -> None:
    key_id = create(local).key_id
    other: dict[str, str] | None = None if context is not None else {}
    request = EncryptRequest(key_id=key_id, plaintext=b"p", encryption_context=context)
    blob = local.handle(request).ciphertext_blob
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_context=other))
    assert answer.plaintext == b"p"


def test_the_order_of_an_encryption_context_does_not_matter(local: LocalKms) -> None:
    context = {"b": "2", "a": "1", "": ""}
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_context=context
    )
    blob = local.handle(request).ciphertext_blob
    reverse = dict(reversed(context.items()))
    assert list(reverse) != list(context)
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_context=reverse))
    assert answer.plaintext == b"p"


@given(one=CONTEXTS, other=CONTEXTS)
def test_a_ciphertext_opens_with_an_equal_encryption_context_only(
    one: dict[str, str], other: dict[str, str]
) -> None:
    local = local_kms()
    request = EncryptRequest(key_id=create(local).key_id, plaintext=b"p", encryption_context=one)
    blob = local.handle(request).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob, encryption_context=other)
    if one == other:
        assert local.handle(decrypt).plaintext == b"p"
    else:
        refused(local, decrypt, InvalidCiphertextException, "")


@pytest.mark.parametrize(
    "one, other",
    [
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "b", "c": "d"}, {"a": "b"}),
        ({"a": "b"}, {"b": "a"}),
        ({"a": "b"}, {"A": "b"}),
        ({"a": ""}, {}),
        ({"a": "b", "c": "d"}, {"a": "d", "c": "b"}),
    ],
)
def test_encryption_contexts_that_read_alike_are_told_apart(
    local: LocalKms, one: dict[str, str], other: dict[str, str]
) -> None:
    request = EncryptRequest(key_id=create(local).key_id, plaintext=b"p", encryption_context=one)
    blob = local.handle(request).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob, encryption_context=other)
    refused(local, decrypt, InvalidCiphertextException, "")


def test_an_encryption_context_maps_strings_to_strings(local: LocalKms) -> None:
    context: Any = {"a": 1}
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_context=context
    )
    message = "NUMBER_VALUE can not be converted to a String"
    refused(local, request, SerializationException, message)


# ---- ciphertexts made outside of AWS KMS


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


# ---- which key


def test_a_key_that_did_not_make_the_ciphertext_is_incorrect(local: LocalKms) -> None:
    """Whatever its kind; the HMAC key was recorded from AWS, for ReEncrypt."""
    blob = encrypt(local, create(local).key_id)
    for key_spec, usage in (
        (KeySpec.SYMMETRIC_DEFAULT, KeyUsageType.ENCRYPT_DECRYPT),
        (KeySpec.RSA_2048, KeyUsageType.ENCRYPT_DECRYPT),
        (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY),
        (KeySpec.HMAC_224, KeyUsageType.GENERATE_VERIFY_MAC),
    ):
        other = arn_of(create(local, key_spec=key_spec, key_usage=usage))
        for request in (
            DecryptRequest(ciphertext_blob=blob, key_id=other),
            ReEncryptRequest(ciphertext_blob=blob, source_key_id=other, destination_key_id=other),
        ):
            error = refused(local, request, IncorrectKeyException, INCORRECT_KEY)
            assert error.arn == other


def test_an_incorrect_key_is_told_before_its_state(local: LocalKms) -> None:
    """As before its key usage, which was recorded."""
    one, other = create(local), create(local)
    blob = encrypt(local, one.key_id)
    local.handle(DisableKeyRequest(key_id=other.key_id))
    request = DecryptRequest(ciphertext_blob=blob, key_id=other.key_id)
    refused(local, request, IncorrectKeyException, INCORRECT_KEY)


@pytest.mark.parametrize("blob", [b"not base64 of anything", b"x" * 80])
def test_what_is_no_ciphertext_is_invalid(local: LocalKms, blob: bytes) -> None:
    """Nobody looks for the key in the request then."""
    for key_id in (None, NOBODY):
        request = DecryptRequest(ciphertext_blob=blob, key_id=key_id)
        refused(local, request, InvalidCiphertextException, "")


def test_an_rsa_ciphertext_is_no_symmetric_one(local: LocalKms) -> None:
    """So it is invalid without its algorithm, also if its key is named."""
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    request = EncryptRequest(key_id=arn, plaintext=b"plain", encryption_algorithm=OAEP_SHA_256)
    blob = local.handle(request).ciphertext_blob
    for key_id in (None, arn):
        for again in (
            DecryptRequest(ciphertext_blob=blob, key_id=key_id),
            ReEncryptRequest(ciphertext_blob=blob, source_key_id=key_id, destination_key_id=arn),
        ):
            refused(local, again, InvalidCiphertextException, "")


def test_a_key_must_be_named_where_no_ciphertext_names_it(local: LocalKms) -> None:
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    for request in (
        DecryptRequest(ciphertext_blob=b"blob", encryption_algorithm=OAEP_SHA_256),
        DecryptRequest(dry_run=True, dry_run_modifiers=IGNORE),
    ):
        refused(local, request, ValidationException, "KeyId must not be null")
    for again in (
        ReEncryptRequest(
            ciphertext_blob=b"blob",
            destination_key_id=arn,
            source_encryption_algorithm=OAEP_SHA_256,
        ),
        ReEncryptRequest(destination_key_id=arn, dry_run=True, dry_run_modifiers=IGNORE),
    ):
        refused(local, again, ValidationException, "SourceKeyId must not be null")


@pytest.mark.parametrize("form", ["key id", "key ARN", "alias name", "alias ARN"])
def test_a_key_is_named_in_any_form_in_every_place(local: LocalKms, form: str) -> None:
    arn = create_to_encrypt(local)
    rsa = create_to_encrypt(local, KeySpec.RSA_2048)
    named = {arn: "alias/symmetric", rsa: "alias/rsa"}
    for key_arn, alias_name in named.items():
        local.handle(CreateAliasRequest(alias_name=alias_name, target_key_id=key_arn))

    def called(key_arn: str) -> str:
        return {
            "key id": key_arn.rpartition("/")[2],
            "key ARN": key_arn,
            "alias name": named[key_arn],
            "alias ARN": f"arn:aws:kms:us-west-2:111122223333:{named[key_arn]}",
        }[form]

    made = local.handle(EncryptRequest(key_id=called(arn), plaintext=b"plain"))
    assert made.key_id == arn
    moved = local.handle(
        ReEncryptRequest(
            ciphertext_blob=made.ciphertext_blob,
            source_key_id=called(arn),
            destination_key_id=called(rsa),
            destination_encryption_algorithm=OAEP_SHA_1,
        )
    )
    assert (moved.source_key_id, moved.key_id) == (arn, rsa)
    for key_arn, algorithm, blob in (
        (arn, None, made.ciphertext_blob),
        (rsa, OAEP_SHA_1, moved.ciphertext_blob),
    ):
        request = DecryptRequest(
            ciphertext_blob=blob, key_id=called(key_arn), encryption_algorithm=algorithm
        )
        answer = local.handle(request)
        assert (answer.key_id, answer.plaintext) == (key_arn, b"plain")


def _sealed() -> tuple[LocalKms, bytes]:
    local = local_kms()
    return local, encrypt(local, create(local).key_id)


@given(where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_ciphertext_that_was_touched_does_not_open(where: int, bit: int) -> None:
    local, blob = _sealed()
    touched = bytearray(blob)
    touched[where % len(blob)] ^= 1 << bit
    request = DecryptRequest(ciphertext_blob=bytes(touched))
    # A header that now names another key names one that the caller may not know.
    with pytest.raises((InvalidCiphertextException, AccessDeniedException)):
        local.handle(request)


@given(length=st.integers(1, 10_000))
def test_a_ciphertext_that_was_cut_does_not_open(length: int) -> None:
    local, blob = _sealed()
    cut = blob[: length % len(blob)]
    if cut:
        refused(local, DecryptRequest(ciphertext_blob=cut), InvalidCiphertextException, "")
    request = DecryptRequest(ciphertext_blob=blob + b"\0")
    refused(local, request, InvalidCiphertextException, "")


def test_a_ciphertext_that_names_a_key_which_does_not_exist_is_denied(local: LocalKms) -> None:
    blob = encrypt(local, create(local).key_id)
    message = (
        "User: arn:aws:iam::111122223333:root is not authorized to perform: kms:Decrypt on the "
        "resource associated with this ciphertext because the resource does not exist in this "
        "Region, no resource-based policies allow access, or a resource-based policy explicitly "
        "denies access"
    )
    request = DecryptRequest(ciphertext_blob=blob)
    refused(LocalKms(clock=local.clock), request, AccessDeniedException, message)
    elsewhere = {"region": "eu-west-1"}
    refused(local, request, AccessDeniedException, message, **elsewhere)


@pytest.mark.parametrize("form", ["no key", "key id", "key ARN"])
def test_a_ciphertext_of_another_account_is_denied_however_its_key_is_named(
    local: LocalKms, form: str
) -> None:
    """A key id alone means the key that the ciphertext names, also if another account owns it."""
    arn = create_to_encrypt(local)
    blob = encrypt(local, arn)
    key_id = {"no key": None, "key id": arn.rpartition("/")[2], "key ARN": arn}[form]
    resource = "the resource associated with this ciphertext" if key_id is None else "this resource"
    for action, request in (
        ("Decrypt", DecryptRequest(ciphertext_blob=blob, key_id=key_id)),
        (
            "ReEncryptFrom",
            ReEncryptRequest(ciphertext_blob=blob, source_key_id=key_id, destination_key_id=arn),
        ),
    ):
        message = (
            f"User: arn:aws:iam::444455556666:root is not authorized to perform: kms:{action} "
            f"on {resource} because the resource does not exist in this Region, no resource-based "
            "policies allow access, or a resource-based policy explicitly denies access"
        )
        refused(local, request, AccessDeniedException, message, account="444455556666")


def test_a_ciphertext_of_key_material_that_the_key_never_had_does_not_open(
    local: LocalKms,
) -> None:
    blob = ciphertext.parse(encrypt(local, create(local).key_id))
    assert blob is not None
    forged = bytes(evolve(blob, key_material_id="0" * 64))
    refused(local, DecryptRequest(ciphertext_blob=forged), InvalidCiphertextException, "")


def test_a_ciphertext_that_names_another_key_than_made_it_does_not_open(local: LocalKms) -> None:
    """Whether the account or the key id was changed, and whether a key is named."""
    arn = create_to_encrypt(local)
    blob = ciphertext.parse(encrypt(local, arn))
    assert blob is not None
    of_another_account = bytes(evolve(blob, account="444455556666"))
    request = DecryptRequest(ciphertext_blob=of_another_account, key_id=arn)
    refused(local, request, IncorrectKeyException, INCORRECT_KEY)
    for key_id in (None, blob.key_id):
        with pytest.raises(AccessDeniedException):
            local.handle(evolve(request, key_id=key_id))
    hmac = create(local, key_spec=KeySpec.HMAC_256, key_usage=KeyUsageType.GENERATE_VERIFY_MAC)
    message = f"{hmac.arn} key usage is GENERATE_VERIFY_MAC which is not valid for Decrypt."
    of_hmac_key = bytes(evolve(blob, key_id=hmac.key_id))
    for key_id in (None, hmac.key_id):
        request = DecryptRequest(ciphertext_blob=of_hmac_key, key_id=key_id)
        refused(local, request, InvalidKeyUsageException, message)
    of_another_key = bytes(evolve(blob, key_id=create(local).key_id))
    request = DecryptRequest(ciphertext_blob=of_another_key)
    refused(local, request, InvalidCiphertextException, "")


def test_a_key_whose_material_is_missing_neither_encrypts_nor_decrypts(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    blob = encrypt(local, arn)
    delete_material(local, arn)
    for request in (
        EncryptRequest(key_id=arn, plaintext=b"p"),
        DecryptRequest(ciphertext_blob=blob),
        DecryptRequest(ciphertext_blob=blob, key_id=arn),
    ):
        refused(local, request, KMSInvalidStateException, f"{arn} is pending import.")


def test_an_updating_key_without_its_key_material_is_pending_import(local: LocalKms) -> None:
    """The table permits the use of an updating key, but there is nothing to use; the key is put there."""
    arn = create_external(local, b"m" * 32)
    key = local.kms.accounts["111122223333", "us-west-2"].keys.get(arn.rpartition("/")[2])
    assert key is not None
    life = key.lifecycle.delete_imported_key_material(NOW)
    kms = local.kms.with_key(
        key.with_lifecycle(evolve(life, updating_until=NOW + timedelta(seconds=1)))
    )
    call = Call(now=NOW, hsm=SeededHsm(), request_id="r")
    with pytest.raises(KMSInvalidStateException) as caught:
        encrypt_operation(kms, EncryptRequest(key_id=arn, plaintext=b"p"), call)
    assert caught.value.message == f"{arn} is pending import."
    assert caught.value.key_state is KeyState.Updating


def test_an_updating_key_without_its_private_key_encrypts_under_its_public_key(
    local: LocalKms,
) -> None:
    """But decrypts nothing: that takes the private key."""
    metadata = create(local, key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.ENCRYPT_DECRYPT)
    key = local.kms.accounts["111122223333", "us-west-2"].keys.get(metadata.key_id)
    assert key is not None
    (material,) = key.lifecycle.materials
    gone = evolve(
        key.lifecycle,
        materials=(evolve(material, imported=False),),
        updating_until=NOW + timedelta(seconds=1),
    )
    kms = local.kms.with_key(key.with_lifecycle(gone))
    call = Call(now=NOW, hsm=SeededHsm(), request_id="r")
    to_encrypt = EncryptRequest(key_id=key.arn, plaintext=b"p", encryption_algorithm=OAEP_SHA_1)
    _, sealed = encrypt_operation(kms, to_encrypt, call)
    to_decrypt = DecryptRequest(
        key_id=key.arn,
        ciphertext_blob=sealed.ciphertext_blob,
        encryption_algorithm=OAEP_SHA_1,
    )
    with pytest.raises(KMSInvalidStateException, match=r"is pending import\.$"):
        handle(kms, to_decrypt, call)
    assert handle(local.kms, to_decrypt, call)[1].plaintext == b"p"


# ---- the kind of key and the algorithm


@pytest.mark.parametrize(
    "key_spec, key_usage",
    [
        (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY),
        (KeySpec.ECC_NIST_P256, KeyUsageType.KEY_AGREEMENT),
        (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC),
        (KeySpec.ML_KEM_768, KeyUsageType.ENCAPSULATE_DECAPSULATE),
    ],
)
def test_a_key_with_another_key_usage_neither_encrypts_nor_decrypts(
    local: LocalKms, key_spec: KeySpec, key_usage: KeyUsageType
) -> None:
    arn = arn_of(create(local, key_spec=key_spec, key_usage=key_usage))
    blob = encrypt(local, create(local).key_id)
    for operation, request in (
        ("Encrypt", EncryptRequest(key_id=arn, plaintext=b"p", encryption_algorithm=OAEP_SHA_1)),
        (
            "Decrypt",
            DecryptRequest(ciphertext_blob=b"b", key_id=arn, encryption_algorithm=OAEP_SHA_1),
        ),
        ("ReEncrypt", ReEncryptRequest(ciphertext_blob=blob, destination_key_id=arn)),
    ):
        message = f"{arn} key usage is {key_usage} which is not valid for {operation}."
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == arn


@pytest.mark.parametrize(
    "key_spec, algorithm",
    [
        (key_spec, algorithm)
        for key_spec in (KeySpec.SYMMETRIC_DEFAULT, KeySpec.RSA_2048)
        for algorithm in (None, *EncryptionAlgorithmSpec)
        if (key_spec, algorithm or SYMMETRIC) not in PAIRS
    ],
)
@pytest.mark.parametrize("dry_run", [None, True])
def test_the_algorithm_must_be_one_of_the_key_spec(
    local: LocalKms,
    key_spec: KeySpec,
    algorithm: EncryptionAlgorithmSpec | None,
    dry_run: bool | None,
) -> None:
    """By default it is SYMMETRIC_DEFAULT, for an RSA key too."""
    arn = create_to_encrypt(local, key_spec)
    blob = encrypt(local, create(local).key_id)
    message = f"Algorithm {algorithm or SYMMETRIC} is incompatible with key spec {key_spec}."
    requests: list[Request[Any]] = [
        EncryptRequest(key_id=arn, plaintext=b"p", encryption_algorithm=algorithm, dry_run=dry_run),
        ReEncryptRequest(
            ciphertext_blob=blob,
            destination_key_id=arn,
            destination_encryption_algorithm=algorithm,
            dry_run=dry_run,
        ),
        DecryptRequest(
            key_id=arn, encryption_algorithm=algorithm, dry_run=True, dry_run_modifiers=IGNORE
        ),
    ]
    if algorithm not in (None, SYMMETRIC):  # else the ciphertext would have to name an RSA key
        requests += [
            DecryptRequest(
                ciphertext_blob=blob, key_id=arn, encryption_algorithm=algorithm, dry_run=dry_run
            ),
        ]
    for request in requests:
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == arn


def test_the_algorithm_may_be_said_aloud(local: LocalKms) -> None:
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_algorithm=SYMMETRIC
    )
    blob = local.handle(request).ciphertext_blob
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_algorithm=SYMMETRIC))
    assert answer.plaintext == b"p"


def test_rsa_algorithms_support_no_encryption_context(local: LocalKms) -> None:
    """An empty one is none."""
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    message = "EncryptionContext is not supported when {}crypting with asymmetric CMKs."
    request = EncryptRequest(
        key_id=arn, plaintext=b"p", encryption_algorithm=OAEP_SHA_256, encryption_context={}
    )
    decrypt = DecryptRequest(
        ciphertext_blob=local.handle(request).ciphertext_blob,
        key_id=arn,
        encryption_algorithm=OAEP_SHA_256,
        encryption_context={},
    )
    assert local.handle(decrypt).plaintext == b"p"
    context = {"a": "b"}
    for with_context in (
        evolve(request, encryption_context=context),
        evolve(decrypt, encryption_context=context),
        ReEncryptRequest(
            ciphertext_blob=encrypt(local, create(local).key_id),
            destination_key_id=arn,
            destination_encryption_algorithm=OAEP_SHA_256,
            destination_encryption_context=context,
        ),
    ):
        how = "de" if isinstance(with_context, DecryptRequest) else "en"
        error = refused(local, with_context, ValidationException, message.format(how))
        assert error.arn == arn


# ---- reencrypting


@given(
    source=st.sampled_from(PAIRS),
    destination=st.sampled_from(PAIRS),
    plaintext=PLAINTEXTS,
    contexts=st.tuples(CONTEXTS, CONTEXTS),
    named=st.booleans(),
)
def test_what_was_reencrypted_opens_under_the_destination(
    source: tuple[KeySpec, EncryptionAlgorithmSpec],
    destination: tuple[KeySpec, EncryptionAlgorithmSpec],
    plaintext: bytes,
    contexts: tuple[dict[str, str], dict[str, str]],
    named: bool,
) -> None:
    """From and to a symmetric key or an RSA key; key material is told of the symmetric ones."""
    local = local_kms()
    from_, to = (create_to_encrypt(local, key_spec) for key_spec, _ in (source, destination))
    of_source, of_destination = (
        context if algorithm is SYMMETRIC else None
        for (_, algorithm), context in zip((source, destination), contexts, strict=True)
    )
    made = local.handle(
        EncryptRequest(
            key_id=from_,
            plaintext=plaintext,
            encryption_algorithm=source[1],
            encryption_context=of_source,
        )
    )
    answer = local.handle(
        ReEncryptRequest(
            ciphertext_blob=made.ciphertext_blob,
            source_key_id=from_ if named or source[1] is not SYMMETRIC else None,
            source_encryption_algorithm=source[1],
            source_encryption_context=of_source,
            destination_key_id=to,
            destination_encryption_algorithm=destination[1],
            destination_encryption_context=of_destination,
        )
    )
    assert answer == ReEncryptResponse(
        ciphertext_blob=answer.ciphertext_blob,
        source_key_id=from_,
        key_id=to,
        source_encryption_algorithm=source[1],
        destination_encryption_algorithm=destination[1],
        source_key_material_id=describe(local, from_).current_key_material_id,
        destination_key_material_id=describe(local, to).current_key_material_id,
    )
    decrypted = local.handle(
        DecryptRequest(
            ciphertext_blob=answer.ciphertext_blob,
            key_id=to,
            encryption_algorithm=destination[1],
            encryption_context=of_destination,
        )
    )
    assert decrypted.plaintext == plaintext


def test_what_was_reencrypted_opens_under_the_new_key_only(local: LocalKms) -> None:
    """And the ciphertext that it was made of is as good as before."""
    one, other = create(local), create(local)
    blob = encrypt(local, one.key_id)
    answer = local.handle(ReEncryptRequest(ciphertext_blob=blob, destination_key_id=other.key_id))
    assert answer.destination_encryption_algorithm is SYMMETRIC
    assert local.handle(DecryptRequest(ciphertext_blob=answer.ciphertext_blob)).key_id == other.arn
    request = DecryptRequest(ciphertext_blob=answer.ciphertext_blob, key_id=one.key_id)
    refused(local, request, IncorrectKeyException, INCORRECT_KEY)
    assert local.handle(DecryptRequest(ciphertext_blob=blob)).key_id == one.arn


def test_reencrypting_under_the_same_key_changes_the_encryption_context(local: LocalKms) -> None:
    arn = create_to_encrypt(local)
    former, latter = {"a": "b"}, {"a": "c"}
    request = EncryptRequest(key_id=arn, plaintext=b"plain", encryption_context=former)
    answer = local.handle(
        ReEncryptRequest(
            ciphertext_blob=local.handle(request).ciphertext_blob,
            source_encryption_context=former,
            destination_key_id=arn,
            destination_encryption_context=latter,
        )
    )
    assert answer.source_key_id == answer.key_id == arn
    decrypt = DecryptRequest(ciphertext_blob=answer.ciphertext_blob, encryption_context=latter)
    assert local.handle(decrypt).plaintext == b"plain"
    refused(local, evolve(decrypt, encryption_context=former), InvalidCiphertextException, "")


@pytest.mark.parametrize("external", [False, True])
def test_after_a_rotation_reencrypting_moves_a_ciphertext_to_the_new_key_material(
    local: LocalKms, external: bool
) -> None:
    arn = create_external(local, FIRST) if external else create_to_encrypt(local)
    blob = encrypt(local, arn)
    former = describe(local, arn).current_key_material_id
    if external:
        import_material(local, arn, b"2" * 32, import_type="NEW_KEY_MATERIAL")
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    latter = describe(local, arn).current_key_material_id
    answer = local.handle(ReEncryptRequest(ciphertext_blob=blob, destination_key_id=arn))
    assert former != latter
    assert answer.source_key_material_id == former
    assert answer.destination_key_material_id == latter
    for each, material in ((blob, former), (answer.ciphertext_blob, latter)):
        decrypted = local.handle(DecryptRequest(ciphertext_blob=each))
        assert (decrypted.plaintext, decrypted.key_material_id) == (b"attack at dawn", material)


def test_a_plaintext_that_is_too_long_for_the_destination_is_not_reencrypted(
    local: LocalKms,
) -> None:
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    request = ReEncryptRequest(
        ciphertext_blob=encrypt(local, create(local).key_id, bytes(191)),
        destination_key_id=arn,
        destination_encryption_algorithm=OAEP_SHA_256,
    )
    message = (
        "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than "
        "190 bytes."
    )
    refused(local, request, ValidationException, message)
    local.handle(evolve(request, destination_encryption_algorithm=OAEP_SHA_1))


# ---- what all three refuse


@final
@frozen
class Asked:
    """Keys of each kind and in several key states, and ciphertexts: what a caller might put into a request."""

    kms: Kms
    key_ids: tuple[str, ...]
    blobs: tuple[bytes, ...]
    good: tuple[DecryptRequest, ...]
    """Requests that are answered."""


@cache
def asked() -> Asked:
    local = local_kms()
    keys = {
        "symmetric": create_to_encrypt(local),
        "another": create_to_encrypt(local),
        "RSA": create_to_encrypt(local, KeySpec.RSA_2048),
        "another RSA": create_to_encrypt(local, KeySpec.RSA_3072),
        "disabled": create_to_encrypt(local),
        "disabled RSA": create_to_encrypt(local, KeySpec.RSA_2048),
        "to be deleted": create_to_encrypt(local),
        "without material": create_external(local, FIRST),
        "signing": arn_of(
            create(local, key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.SIGN_VERIFY)
        ),
        "HMAC": arn_of(
            create(local, key_spec=KeySpec.HMAC_256, key_usage=KeyUsageType.GENERATE_VERIFY_MAC)
        ),
    }
    local.handle(CreateAliasRequest(alias_name="alias/a", target_key_id=keys["symmetric"]))
    context = {"a": "b"}
    good: list[DecryptRequest] = []
    for name, algorithm, encryption_context in (
        ("symmetric", None, None),
        ("symmetric", SYMMETRIC, context),
        ("another", None, context),
        ("RSA", OAEP_SHA_1, None),
        ("RSA", OAEP_SHA_256, None),
        ("another RSA", OAEP_SHA_256, {}),
        ("disabled", None, None),
        ("disabled RSA", OAEP_SHA_1, None),
        ("to be deleted", None, context),
        ("without material", None, None),
    ):
        request = EncryptRequest(
            key_id=keys[name],
            plaintext=b"p" * 200 if algorithm is None else b"plain",
            encryption_algorithm=algorithm,
            encryption_context=encryption_context,
        )
        decrypt = DecryptRequest(
            ciphertext_blob=local.handle(request).ciphertext_blob,
            key_id=keys[name] if name != "another" else None,
            encryption_algorithm=algorithm,
            encryption_context=encryption_context,
        )
        good.append(decrypt)
    for name in ("disabled", "disabled RSA"):
        local.handle(DisableKeyRequest(key_id=keys[name]))
    local.handle(ScheduleKeyDeletionRequest(key_id=keys["to be deleted"]))
    delete_material(local, keys["without material"])
    elsewhere = LocalKms(hsm=SeededHsm("elsewhere"), clock=local.clock)
    foreign = encrypt(elsewhere, create_to_encrypt(elsewhere))
    blobs = tuple(each.ciphertext_blob for each in good if each.ciphertext_blob is not None)
    return Asked(
        kms=local.kms,
        key_ids=(
            *keys.values(),
            keys["symmetric"].rpartition("/")[2],
            "alias/a",
            "alias/nobody",
            NOBODY,
            "no key id",
            keys["symmetric"].replace("111122223333", "444455556666"),
        ),
        blobs=(*blobs, blobs[0][:-1], blobs[3][:-1], foreign, b"no ciphertext"),
        good=tuple(good),
    )


def outcome(request: Request[ResponseT]) -> ResponseT | KmsError:
    call = Call(now=NOW, hsm=SeededHsm(), request_id="outcome")
    try:
        _, response = handle(asked().kms, request, call)
    except KmsError as error:
        return error
    return response


def told(answer: object) -> tuple[str, str, str | None, str | None]:
    """What an error says, for an operation that is not named."""
    assert isinstance(answer, KmsError), answer
    message = answer.message.replace("SourceKeyId", "KeyId")
    for operation in ("ReEncryptFrom", "ReEncryptTo", "ReEncrypt", "Encrypt", "Decrypt"):
        message = message.replace(f"kms:{operation} ", "kms:it ")
        message = message.replace(f"for {operation}.", "for it.")
    return answer.code, message, answer.arn, answer.key_state


KEY_IDS = st.deferred(lambda: st.sampled_from(asked().key_ids))
ALGORITHM = st.none() | st.sampled_from(EncryptionAlgorithmSpec)
CONTEXT = st.sampled_from([None, {}, {"a": "b"}])
GRANT_TOKENS = st.sampled_from([None, None, None, ("token",)])
ENCRYPTING = st.builds(
    EncryptRequest,
    key_id=KEY_IDS,
    plaintext=st.sampled_from([b"plain", b"p" * 200]),
    encryption_algorithm=ALGORITHM,
    encryption_context=CONTEXT,
    grant_tokens=GRANT_TOKENS,
)
DECRYPTING = st.deferred(lambda: st.sampled_from(asked().good)) | st.builds(
    DecryptRequest,
    ciphertext_blob=st.deferred(lambda: st.sampled_from(asked().blobs)),
    key_id=st.none() | KEY_IDS,
    encryption_algorithm=ALGORITHM,
    encryption_context=CONTEXT,
    grant_tokens=GRANT_TOKENS,
)


def reencrypting(decrypt: DecryptRequest, encrypt_: EncryptRequest) -> ReEncryptRequest:
    return ReEncryptRequest(
        ciphertext_blob=decrypt.ciphertext_blob,
        source_key_id=decrypt.key_id,
        source_encryption_algorithm=decrypt.encryption_algorithm,
        source_encryption_context=decrypt.encryption_context,
        destination_key_id=encrypt_.key_id,
        destination_encryption_algorithm=encrypt_.encryption_algorithm,
        destination_encryption_context=encrypt_.encryption_context,
        grant_tokens=decrypt.grant_tokens,
    )


@given(decrypt=DECRYPTING, encrypt_=ENCRYPTING)
def test_reencrypting_refuses_what_decrypting_refuses_and_then_what_encrypting_refuses(
    decrypt: DecryptRequest, encrypt_: EncryptRequest
) -> None:
    answer = outcome(reencrypting(decrypt, encrypt_))
    decrypted = outcome(decrypt)
    if isinstance(decrypted, KmsError):
        assert told(answer) == told(decrypted)
        return
    assert decrypted.plaintext is not None
    encrypted = outcome(evolve(encrypt_, plaintext=decrypted.plaintext, grant_tokens=None))
    if isinstance(encrypted, KmsError):
        assert told(answer) == told(encrypted)
        return
    assert isinstance(answer, ReEncryptResponse)
    assert (answer.source_key_id, answer.key_id) == (decrypted.key_id, encrypted.key_id)


@given(
    request=ENCRYPTING | DECRYPTING | st.builds(reencrypting, DECRYPTING, ENCRYPTING),
)
def test_a_dry_run_says_whether_the_request_would_have_succeeded(
    request: EncryptRequest | DecryptRequest | ReEncryptRequest,
) -> None:
    answer = outcome(request)
    dry = outcome(evolve(request, dry_run=True))
    if isinstance(answer, KmsError):
        assert told(dry) == told(answer)
    else:
        assert told(dry) == ("DryRunOperationException", DRY_RUN, None, None)


@given(decrypt=DECRYPTING, encrypt_=ENCRYPTING)
def test_a_dry_run_that_ignores_the_ciphertext_asks_only_for_the_keys(
    decrypt: DecryptRequest, encrypt_: EncryptRequest
) -> None:
    """It is refused as a ciphertext would be that this very key and algorithm made, or succeeds."""
    ignoring = evolve(decrypt, dry_run=True, dry_run_modifiers=IGNORE)
    dry = outcome(ignoring)
    for blob in (None, b"any"):
        assert told(outcome(evolve(ignoring, ciphertext_blob=blob))) == told(dry)
    if decrypt.key_id is None:
        assert told(dry) == ("ValidationException", "KeyId must not be null", None, None)
        return
    like_encrypting = EncryptRequest(
        key_id=decrypt.key_id,
        plaintext=b"p",
        encryption_algorithm=decrypt.encryption_algorithm,
        encryption_context=decrypt.encryption_context,
        grant_tokens=decrypt.grant_tokens,
        dry_run=True,
    )
    assert told(dry) == told(outcome(like_encrypting))
    destination = evolve(encrypt_, plaintext=b"p", grant_tokens=None, dry_run=True)
    reencrypt = evolve(reencrypting(decrypt, encrypt_), dry_run=True, dry_run_modifiers=IGNORE)
    refused_by = dry if not isinstance(dry, DryRunOperationException) else outcome(destination)
    assert told(outcome(reencrypt)) == told(refused_by)


def test_a_grant_token_that_no_grant_has_is_invalid(local: LocalKms) -> None:
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    for request in (
        EncryptRequest(key_id=key_id, plaintext=b"p", grant_tokens=("token",)),
        DecryptRequest(ciphertext_blob=blob, grant_tokens=("token",)),
        DecryptRequest(
            key_id=key_id, grant_tokens=("token",), dry_run=True, dry_run_modifiers=IGNORE
        ),
        ReEncryptRequest(ciphertext_blob=blob, destination_key_id=key_id, grant_tokens=("token",)),
    ):
        refused(local, request, InvalidGrantTokenException, "")
    local.handle(EncryptRequest(key_id=key_id, plaintext=b"p", grant_tokens=()))


@pytest.mark.parametrize("blob", [None, b"any"])
def test_a_dry_run_may_ignore_the_ciphertext(local: LocalKms, blob: bytes | None) -> None:
    request = DecryptRequest(
        ciphertext_blob=blob,
        key_id=create(local).key_id,
        dry_run=True,
        dry_run_modifiers=IGNORE,
    )
    refused(local, request, DryRunOperationException, DRY_RUN)
    message = f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist"
    refused(local, evolve(request, key_id=NOBODY), NotFoundException, message)


@pytest.mark.parametrize("dry_run", [None, False])
def test_a_dry_run_modifier_applies_only_in_a_dry_run(
    local: LocalKms, dry_run: bool | None
) -> None:
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    decrypt_ = DecryptRequest(ciphertext_blob=blob, dry_run=dry_run, dry_run_modifiers=IGNORE)
    assert local.handle(decrypt_).plaintext == b"attack at dawn"
    message = "CiphertextBlob is required."
    for request in (
        DecryptRequest(key_id=key_id, dry_run=dry_run, dry_run_modifiers=IGNORE),
        ReEncryptRequest(
            source_key_id=key_id,
            destination_key_id=key_id,
            dry_run=dry_run,
            dry_run_modifiers=IGNORE,
        ),
    ):
        refused(local, request, ValidationException, message)


def test_without_that_modifier_a_ciphertext_is_needed(local: LocalKms) -> None:
    key_id = create(local).key_id
    for request in (
        DecryptRequest(),
        DecryptRequest(key_id=key_id, dry_run=True, dry_run_modifiers=()),
        ReEncryptRequest(source_key_id=key_id, destination_key_id=key_id),
    ):
        refused(local, request, ValidationException, "CiphertextBlob is required.")


# ---- what is not shown


@given(rest=st.binary(max_size=40), pair=st.sampled_from(PAIRS))
def test_a_plaintext_does_not_show(
    rest: bytes, pair: tuple[KeySpec, EncryptionAlgorithmSpec]
) -> None:
    """Neither in a request nor in an answer, nor in an error."""
    plaintext = b"not to be seen" + rest
    key_spec, algorithm = pair
    local = local_kms()
    arn = create_to_encrypt(local, key_spec)
    request = EncryptRequest(key_id=arn, plaintext=plaintext, encryption_algorithm=algorithm)
    made = local.handle(request)
    decrypt = DecryptRequest(
        ciphertext_blob=made.ciphertext_blob, key_id=arn, encryption_algorithm=algorithm
    )
    shown = [request, made, decrypt, local.handle(decrypt)]
    for too_much in (bytes(5000), bytes(500)):
        with pytest.raises(KmsError) as caught:
            local.handle(
                evolve(request, plaintext=plaintext + too_much, encryption_algorithm=OAEP_SHA_1)
            )
        shown += [caught.value, caught.value.__dict__]
    text = "\n".join(f"{each!r} {each}" for each in shown)
    assert "not to be seen" not in text
    assert b"not to be seen".hex() not in text


def test_who_may_not_reencrypt_is_told_of_the_two_actions_that_it_takes(local: LocalKms) -> None:
    key = create(local)
    sealed = encrypt(local, key.key_id)
    foreign = "arn:aws:kms:us-west-2:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    for action, source, destination in (
        ("ReEncryptFrom", foreign, key.key_id),
        ("ReEncryptTo", key.key_id, foreign),
        ("ReEncryptTo", None, foreign),
    ):
        request = ReEncryptRequest(
            ciphertext_blob=sealed, source_key_id=source, destination_key_id=destination
        )
        with pytest.raises(AccessDeniedException, match=f"perform: kms:{action} on this resource"):
            local.handle(request)
