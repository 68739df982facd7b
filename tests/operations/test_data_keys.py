"""
Data keys and data key pairs, which are used outside of AWS KMS and kept encrypted; and random bytes.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM1024PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AccessDeniedException,
    CustomKeyStoreNotFoundException,
    DisabledException,
    DryRunOperationException,
    InvalidCiphertextException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    KMSInvalidStateException,
    NotFoundException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.hsm import ciphertext
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.key.key_spec import SUPPORTED
from kmsmodel.local import LocalKms
from kmsmodel.operations.data_keys import (
    GenerateDataKeyPairRequest,
    GenerateDataKeyPairResponse,
    GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyPairWithoutPlaintextResponse,
    GenerateDataKeyRequest,
    GenerateDataKeyResponse,
    GenerateDataKeyWithoutPlaintextRequest,
    GenerateDataKeyWithoutPlaintextResponse,
    GenerateRandomRequest,
    GenerateRandomResponse,
)
from kmsmodel.operations.encryption import DecryptRequest, ReEncryptRequest
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.service import handle
from kmsmodel.words import structures
from kmsmodel.words.enumerations import (
    DataKeyPairSpec,
    DataKeySpec,
    KeySpec,
    KeyUsageType,
    OriginType,
)
from tests.basics import ACCOUNT, AWS_MANAGED, NOBODY, NOW, OTHER_ACCOUNT, REGION, THROUGH_S3
from tests.operations.steps import (
    FIRST,
    arn_of,
    create,
    create_external,
    describe,
    local_kms,
    refused,
)

ResponseT = TypeVar("ResponseT")

AES_256 = DataKeySpec.AES_256
P256 = DataKeyPairSpec.ECC_NIST_P256
PAIR_SPECS = [each for each in DataKeyPairSpec if KeySpec(each) in SUPPORTED]
ECC_SPECS = [each for each in PAIR_SPECS if not each.startswith("RSA")]
DRY_RUN = "The request would have succeeded, but the DryRun option is set."

CONTEXTS = st.none() | st.dictionaries(
    st.text(max_size=8), st.text(min_size=1, max_size=8), max_size=3
)
LENGTHS = st.one_of(
    st.sampled_from([(AES_256, None, 32), (DataKeySpec.AES_128, None, 16)]),
    st.integers(1, 1024).map(lambda number: (None, number, number)),
)
"""A key spec or a number of bytes, and how many bytes that is."""


def key_arn(local: LocalKms, *, external: bool) -> str:
    return create_external(local, FIRST) if external else arn_of(create(local))


def four_requests(key_id: str, **members: Any) -> tuple[Request[Any], ...]:
    """One request of each operation that generates data keys."""
    return (
        GenerateDataKeyRequest(key_id=key_id, key_spec=AES_256, **members),
        GenerateDataKeyWithoutPlaintextRequest(key_id=key_id, key_spec=AES_256, **members),
        GenerateDataKeyPairRequest(key_id=key_id, key_pair_spec=P256, **members),
        GenerateDataKeyPairWithoutPlaintextRequest(key_id=key_id, key_pair_spec=P256, **members),
    )


def asked_anew(local: LocalKms, request: Request[ResponseT]) -> ResponseT:
    """What the same call of an HSM that repeats itself is answered."""
    call = Call(now=NOW, hsm=SeededHsm(), request_id="anew")
    kms, response = handle(local.kms, request, call)
    assert kms.accounts is local.kms.accounts
    return response


# ---- data keys


@given(length=LENGTHS, context=CONTEXTS, external=st.booleans())
def test_a_data_key_is_what_its_ciphertext_decrypts_to(
    length: tuple[DataKeySpec | None, int | None, int],
    context: dict[str, str] | None,
    external: bool,
) -> None:
    local = local_kms()
    arn = key_arn(local, external=external)
    key_spec, number_of_bytes, how_long = length
    answer = local.handle(
        GenerateDataKeyRequest(
            key_id=arn,
            key_spec=key_spec,
            number_of_bytes=number_of_bytes,
            encryption_context=context,
        )
    )
    assert answer.plaintext is not None
    assert len(answer.plaintext) == how_long
    assert answer == GenerateDataKeyResponse(
        ciphertext_blob=answer.ciphertext_blob,
        plaintext=answer.plaintext,
        key_id=arn,
        key_material_id=describe(local, arn).current_key_material_id,
    )
    request = DecryptRequest(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_context=context
    )
    assert local.handle(request).plaintext == answer.plaintext
    other = evolve(request, encryption_context={"another": "context"})
    refused(local, other, InvalidCiphertextException, "")


@given(length=LENGTHS, context=CONTEXTS)
def test_without_plaintext_a_data_key_is_the_same_but_for_the_plaintext(
    length: tuple[DataKeySpec | None, int | None, int], context: dict[str, str] | None
) -> None:
    local = local_kms()
    arn = arn_of(create(local))
    key_spec, number_of_bytes, _ = length
    members: dict[str, Any] = {
        "key_id": arn,
        "key_spec": key_spec,
        "number_of_bytes": number_of_bytes,
        "encryption_context": context,
    }
    with_plaintext = asked_anew(local, GenerateDataKeyRequest(**members))
    without = asked_anew(local, GenerateDataKeyWithoutPlaintextRequest(**members))
    assert without == GenerateDataKeyWithoutPlaintextResponse(
        ciphertext_blob=with_plaintext.ciphertext_blob,
        key_id=with_plaintext.key_id,
        key_material_id=with_plaintext.key_material_id,
    )


def test_no_data_key_and_no_ciphertext_repeats(local: LocalKms) -> None:
    request = GenerateDataKeyRequest(key_id=create(local).key_id, key_spec=AES_256)
    answers = [local.handle(request) for _ in range(20)]
    assert len({answer.plaintext for answer in answers}) == 20
    assert len({answer.ciphertext_blob for answer in answers}) == 20


@pytest.mark.parametrize("key_spec, number_of_bytes", [(None, None), (AES_256, 32), (AES_256, 16)])
def test_either_a_key_spec_or_a_number_of_bytes_says_how_long_a_data_key_is(
    local: LocalKms, key_spec: DataKeySpec | None, number_of_bytes: int | None
) -> None:
    members: dict[str, Any] = {
        "key_id": create(local).key_id,
        "key_spec": key_spec,
        "number_of_bytes": number_of_bytes,
    }
    message = "Please specify either number of bytes or key spec."
    for request in (
        GenerateDataKeyRequest(**members),
        GenerateDataKeyWithoutPlaintextRequest(**members),
    ):
        refused(local, request, ValidationException, message)


def test_after_a_rotation_data_keys_are_encrypted_under_the_new_key_material(
    local: LocalKms,
) -> None:
    """And a data key of before opens, and can be moved to it."""
    arn = arn_of(create(local))
    request = GenerateDataKeyRequest(key_id=arn, key_spec=AES_256)
    before = local.handle(request)
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    assert local.handle(request).key_material_id == describe(local, arn).current_key_material_id
    assert local.handle(request).key_material_id != before.key_material_id
    moved = local.handle(
        ReEncryptRequest(ciphertext_blob=before.ciphertext_blob, destination_key_id=arn)
    )
    assert moved.source_key_material_id == before.key_material_id
    for blob in (before.ciphertext_blob, moved.ciphertext_blob):
        assert local.handle(DecryptRequest(ciphertext_blob=blob)).plaintext == before.plaintext


# ---- data key pairs


@pytest.mark.parametrize("key_pair_spec", PAIR_SPECS)
@pytest.mark.parametrize("context", [None, {"for": "Ada"}])
def test_the_private_key_of_a_pair_belongs_to_its_public_key_and_is_what_its_ciphertext_decrypts_to(
    local: LocalKms, key_pair_spec: DataKeyPairSpec, context: dict[str, str] | None
) -> None:
    arn = arn_of(create(local))
    answer = local.handle(
        GenerateDataKeyPairRequest(
            key_id=arn, key_pair_spec=key_pair_spec, encryption_context=context
        )
    )
    assert answer.private_key_plaintext is not None
    assert answer == GenerateDataKeyPairResponse(
        private_key_ciphertext_blob=answer.private_key_ciphertext_blob,
        private_key_plaintext=answer.private_key_plaintext,
        public_key=answer.public_key,
        key_id=arn,
        key_pair_spec=key_pair_spec,
        key_material_id=describe(local, arn).current_key_material_id,
    )
    private_key = load_der_private_key(answer.private_key_plaintext, password=None)
    public_key = private_key.public_key()
    told = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert told == answer.public_key
    request = DecryptRequest(
        ciphertext_blob=answer.private_key_ciphertext_blob, encryption_context=context
    )
    assert local.handle(request).plaintext == answer.private_key_plaintext


@pytest.mark.parametrize("key_pair_spec", PAIR_SPECS)
def test_a_pair_is_of_its_key_pair_spec(local: LocalKms, key_pair_spec: DataKeyPairSpec) -> None:
    request = GenerateDataKeyPairRequest(key_id=create(local).key_id, key_pair_spec=key_pair_spec)
    plaintext = local.handle(request).private_key_plaintext
    assert plaintext is not None
    private_key = load_der_private_key(plaintext, password=None)
    curves = {
        DataKeyPairSpec.ECC_NIST_P256: SECP256R1,
        DataKeyPairSpec.ECC_NIST_P384: SECP384R1,
        DataKeyPairSpec.ECC_NIST_P521: SECP521R1,
        DataKeyPairSpec.ECC_SECG_P256K1: SECP256K1,
    }
    kinds = {
        DataKeyPairSpec.ECC_NIST_EDWARDS25519: Ed25519PrivateKey,
        DataKeyPairSpec.ML_KEM_768: MLKEM768PrivateKey,
        DataKeyPairSpec.ML_KEM_1024: MLKEM1024PrivateKey,
    }
    if key_pair_spec in curves:
        curve = cast("EllipticCurvePrivateKey", private_key).curve
        assert isinstance(curve, curves[key_pair_spec])
    elif key_pair_spec in kinds:
        assert isinstance(private_key, kinds[key_pair_spec])
    else:
        assert f"RSA_{cast('RSAPrivateKey', private_key).key_size}" == key_pair_spec


AS_LONG_AS_AWS_S = {
    DataKeyPairSpec.ECC_NIST_P256: (150, 307),
    DataKeyPairSpec.ECC_NIST_P384: (194, 355),
    DataKeyPairSpec.ECC_NIST_P521: (250, 412),
    DataKeyPairSpec.ECC_SECG_P256K1: (144, 301),
    DataKeyPairSpec.ECC_NIST_EDWARDS25519: (48, 201),
}


@pytest.mark.parametrize("key_pair_spec", AS_LONG_AS_AWS_S)
def test_a_private_key_on_a_curve_and_its_ciphertext_are_as_long_as_aws_s(
    local: LocalKms, key_pair_spec: DataKeyPairSpec
) -> None:
    request = GenerateDataKeyPairRequest(key_id=create(local).key_id, key_pair_spec=key_pair_spec)
    pair = local.handle(request)
    lengths = len(pair.private_key_plaintext), len(pair.private_key_ciphertext_blob)
    assert lengths == AS_LONG_AS_AWS_S[key_pair_spec]


@pytest.mark.parametrize("key_pair_spec", [DataKeyPairSpec.ML_KEM_768, DataKeyPairSpec.ML_KEM_1024])
def test_an_ml_kem_private_key_is_its_seed_so_that_all_are_equally_long(
    local: LocalKms, key_pair_spec: DataKeyPairSpec
) -> None:
    request = GenerateDataKeyPairRequest(key_id=create(local).key_id, key_pair_spec=key_pair_spec)
    plaintext = local.handle(request).private_key_plaintext
    assert plaintext is not None
    private_key = load_der_private_key(plaintext, password=None)
    seed = cast("MLKEM768PrivateKey", private_key).private_bytes_raw()
    assert len(seed) == 64
    assert plaintext.endswith(bytes.fromhex("8040") + seed)  # the tag of a seed, its length
    assert len(plaintext) == 86


@pytest.mark.parametrize("key_pair_spec", PAIR_SPECS)
@pytest.mark.parametrize("context", [None, {"for": "Ada"}])
def test_without_plaintext_a_pair_is_the_same_but_for_the_private_key(
    local: LocalKms, key_pair_spec: DataKeyPairSpec, context: dict[str, str] | None
) -> None:
    members: dict[str, Any] = {
        "key_id": arn_of(create(local)),
        "key_pair_spec": key_pair_spec,
        "encryption_context": context,
    }
    pair = asked_anew(local, GenerateDataKeyPairRequest(**members))
    without = asked_anew(local, GenerateDataKeyPairWithoutPlaintextRequest(**members))
    assert without == GenerateDataKeyPairWithoutPlaintextResponse(
        private_key_ciphertext_blob=pair.private_key_ciphertext_blob,
        public_key=pair.public_key,
        key_id=pair.key_id,
        key_pair_spec=key_pair_spec,
        key_material_id=pair.key_material_id,
    )


@pytest.mark.parametrize("key_pair_spec", ECC_SPECS)
def test_no_pair_repeats(local: LocalKms, key_pair_spec: DataKeyPairSpec) -> None:
    """A seeded HSM has only a few RSA keys."""
    request = GenerateDataKeyPairRequest(key_id=create(local).key_id, key_pair_spec=key_pair_spec)
    assert len({local.handle(request).public_key for _ in range(10)}) == 10


def test_no_rsa_pair_repeats() -> None:
    local = LocalKms()
    request = GenerateDataKeyPairRequest(
        key_id=create(local).key_id, key_pair_spec=DataKeyPairSpec.RSA_2048
    )
    assert local.handle(request).public_key != local.handle(request).public_key


@pytest.mark.parametrize("key_pair_spec", [DataKeyPairSpec.SM2])
def test_pairs_of_the_china_regions_are_refused_elsewhere(
    local: LocalKms, key_pair_spec: DataKeyPairSpec
) -> None:
    """AWS KMS makes them in China only."""
    members: dict[str, Any] = {"key_id": create(local).key_id, "key_pair_spec": key_pair_spec}
    message = f"KeyPairSpec {key_pair_spec} is not supported in Region {REGION}."
    for request in (
        GenerateDataKeyPairRequest(**members),
        GenerateDataKeyPairWithoutPlaintextRequest(**members, dry_run=True),
    ):
        refused(local, request, UnsupportedOperationException, message)


# ---- the KMS key that data keys are encrypted under


def test_a_data_key_names_the_kms_key_that_it_is_encrypted_under(local: LocalKms) -> None:
    metadata = create(local, multi_region=True)
    request = GenerateDataKeyRequest(key_id=metadata.key_id, number_of_bytes=1)
    answer = local.handle(request)
    blob = ciphertext.parse(answer.ciphertext_blob)
    assert blob is not None
    assert blob.is_data_key
    assert blob.key_handle == ciphertext.key_handle(answer.key_id)
    assert blob.key_material_id == metadata.current_key_material_id


def test_a_data_key_may_be_encrypted_under_an_aws_managed_key(local: LocalKms) -> None:
    """Through its service, whose first use of its alias makes the key; a direct use is refused."""
    request = GenerateDataKeyRequest(key_id=AWS_MANAGED, key_spec=AES_256)
    first, second = (local.handle(request, caller=THROUGH_S3) for _ in range(2))
    assert first.key_id == second.key_id
    assert describe(local, first.key_id).key_manager == "AWS"
    decrypt = DecryptRequest(ciphertext_blob=first.ciphertext_blob)
    assert local.handle(decrypt, caller=THROUGH_S3).plaintext == first.plaintext
    for direct, action in ((request, "GenerateDataKey"), (decrypt, "Decrypt")):
        message = (
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:{action} "
            f"on resource: {first.key_id} "
            f"because no resource-based policy allows the kms:{action} action"
        )
        refused(local, direct, AccessDeniedException, message)


@pytest.mark.parametrize(
    "key_spec, key_usage, why",
    [
        (
            KeySpec.RSA_2048,
            KeyUsageType.ENCRYPT_DECRYPT,
            "You cannot generate a {what} with an asymmetric CMK",
        ),
        (
            KeySpec.RSA_2048,
            KeyUsageType.SIGN_VERIFY,
            "{arn} key usage is SIGN_VERIFY which is not valid for {operation}.",
        ),
        (
            KeySpec.HMAC_256,
            KeyUsageType.GENERATE_VERIFY_MAC,
            "{arn} key usage is GENERATE_VERIFY_MAC which is not valid for {operation}.",
        ),
    ],
)
def test_data_keys_are_encrypted_under_symmetric_encryption_keys_only(
    local: LocalKms, key_spec: KeySpec, key_usage: KeyUsageType, why: str
) -> None:
    arn = arn_of(create(local, key_spec=key_spec, key_usage=key_usage))
    for request in four_requests(arn):
        what = "data key pair" if "Pair" in request.operation else "data key"
        message = why.format(arn=arn, operation=request.operation, what=what)
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == arn


def test_the_length_of_a_data_key_is_told_before_what_the_key_is_for(local: LocalKms) -> None:
    """And its key usage before its key state, and that before its key spec."""
    hmac = arn_of(create(local, key_spec=KeySpec.HMAC_256, key_usage="GENERATE_VERIFY_MAC"))
    rsa = arn_of(create(local, key_spec=KeySpec.RSA_2048, key_usage="ENCRYPT_DECRYPT"))
    for key_id in (hmac, rsa):
        local.handle(DisableKeyRequest(key_id=key_id))
    message = "Please specify either number of bytes or key spec."
    for request in four_requests(hmac)[:2]:
        unspecified: Any = evolve(cast("GenerateDataKeyRequest", request), key_spec=None)
        refused(local, unspecified, ValidationException, message)
        with pytest.raises(NotFoundException):
            local.handle(evolve(unspecified, key_id=NOBODY))
    for request in four_requests(hmac):
        with pytest.raises(InvalidKeyUsageException):
            local.handle(request)
    for request in four_requests(rsa):
        refused(local, request, DisabledException, f"{rsa} is disabled.")


def test_a_key_that_cannot_be_used_generates_no_data_keys(local: LocalKms) -> None:
    disabled, pending = create(local), create(local, origin=OriginType.EXTERNAL)
    local.handle(DisableKeyRequest(key_id=disabled.key_id))
    nobody = f"arn:aws:kms:us-west-2:111122223333:key/{NOBODY}"
    for request in four_requests(disabled.key_id):
        refused(local, request, DisabledException, f"{disabled.arn} is disabled.")
    for request in four_requests(pending.key_id):
        refused(local, request, KMSInvalidStateException, f"{pending.arn} is pending import.")
    for request in four_requests(NOBODY):
        refused(local, request, NotFoundException, f"Key '{nobody}' does not exist")
    for request in four_requests(nobody):
        message = (
            f"User: arn:aws:iam::444455556666:root is not authorized to perform: "
            f"kms:{request.operation} on this resource because the resource does not exist in "
            "this Region, no resource-based policies allow access, or a resource-based policy "
            "explicitly denies access"
        )
        refused(local, request, AccessDeniedException, message, account=OTHER_ACCOUNT)


def test_a_grant_token_that_no_grant_has_is_invalid(local: LocalKms) -> None:
    for request in four_requests(create(local).key_id, grant_tokens=("token",)):
        refused(local, request, InvalidGrantTokenException, "")


def test_a_dry_run_of_what_would_succeed_says_so(local: LocalKms) -> None:
    """And makes no AWS managed key."""
    for key_id in (create(local).key_id, AWS_MANAGED):
        for request in four_requests(key_id, dry_run=True):
            refused(local, request, DryRunOperationException, DRY_RUN, caller=THROUGH_S3)


def test_a_dry_run_of_what_would_fail_fails_as_it_would(local: LocalKms) -> None:
    request = GenerateDataKeyRequest(key_id=create(local).key_id, dry_run=True)
    message = "Please specify either number of bytes or key spec."
    refused(local, request, ValidationException, message)


# ---- random bytes


@given(number_of_bytes=st.integers(1, 1024))
def test_as_many_random_bytes_are_generated_as_were_asked_for(number_of_bytes: int) -> None:
    local = local_kms()
    before = local.kms
    request = GenerateRandomRequest(number_of_bytes=number_of_bytes)
    answer = local.handle(request)
    assert answer.plaintext is not None
    assert len(answer.plaintext) == number_of_bytes
    assert answer == GenerateRandomResponse(plaintext=answer.plaintext)
    assert local.kms is before


def test_random_bytes_do_not_repeat(local: LocalKms) -> None:
    request = GenerateRandomRequest(number_of_bytes=16)
    assert len({local.handle(request).plaintext for _ in range(20)}) == 20


def test_how_many_random_bytes_must_be_said(local: LocalKms) -> None:
    refused(local, GenerateRandomRequest(), ValidationException, "NumberOfBytes is required.")
    for number, bound in ((0, "greater than or equal to 1"), (1025, "less than or equal to 1024")):
        message = (
            f"1 validation error detected: Value '{number}' at 'numberOfBytes' failed to satisfy "
            f"constraint: Member must have value {bound}"
        )
        request = GenerateRandomRequest(number_of_bytes=number)
        refused(local, request, ValidationException, message)


def test_there_is_no_custom_key_store_to_generate_random_bytes_in(local: LocalKms) -> None:
    request = GenerateRandomRequest(number_of_bytes=1, custom_key_store_id="cks-1234567890abcdef0")
    refused(local, request, CustomKeyStoreNotFoundException, "")


# ---- what is not told, and what is not shown


def test_what_only_an_attested_recipient_may_have_nobody_gets(local: LocalKms) -> None:
    key_id = create(local).key_id
    recipient = RecipientInfo(attestation_document=b"document")
    for request in (
        GenerateDataKeyRequest(key_id=key_id, key_spec=AES_256, recipient=recipient),
        GenerateDataKeyPairRequest(key_id=key_id, key_pair_spec=P256, recipient=recipient),
        GenerateRandomRequest(number_of_bytes=1, recipient=recipient),
    ):
        message = "The attestation document in Recipient cannot be verified."
        refused(local, request, ValidationException, message)


def test_a_plaintext_that_is_only_for_a_recipient_is_not_told_at_all() -> None:
    """Such answers cannot come of this model yet; they can be read and written."""
    told = {"KeyId": "arn", "CiphertextBlob": "YmxvYg==", "CiphertextForRecipient": "Y2lwaGVy"}
    response = structures.from_json(GenerateDataKeyResponse, told)
    assert structures.to_json(response) == told
    assert "Plaintext" not in structures.to_members(response)


@given(length=LENGTHS)
def test_data_keys_and_random_bytes_do_not_show(
    length: tuple[DataKeySpec | None, int | None, int],
) -> None:
    local = local_kms()
    key_spec, number_of_bytes, how_long = length
    key_id = create(local).key_id
    for answer in (
        local.handle(
            GenerateDataKeyRequest(
                key_id=key_id, key_spec=key_spec, number_of_bytes=number_of_bytes
            )
        ),
        local.handle(GenerateRandomRequest(number_of_bytes=how_long)),
    ):
        assert repr(evolve(answer, plaintext=b"")) == repr(answer)


@pytest.mark.parametrize("key_pair_spec", PAIR_SPECS)
def test_the_private_key_of_a_pair_does_not_show(
    local: LocalKms, key_pair_spec: DataKeyPairSpec
) -> None:
    request = GenerateDataKeyPairRequest(key_id=create(local).key_id, key_pair_spec=key_pair_spec)
    answer = local.handle(request)
    assert repr(evolve(answer, private_key_plaintext=b"")) == repr(answer)
