"""
Importing key material: the wrapping key and the import token, the import, and its deletion.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from typing import Any, cast, final

import pytest
from attrs import evolve, frozen
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicKey,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import PADDINGS, wrap_key_material
from kmsmodel.errors import (
    ExpiredImportTokenException,
    IncorrectKeyMaterialException,
    InvalidCiphertextException,
    InvalidImportTokenException,
    KMSInvalidStateException,
    NotFoundException,
    SerializationException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.hsm.ciphertext import parse as parse_ciphertext
from kmsmodel.hsm.port import Hsm, WrappingKey
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import key_material_id
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, WRAPPING, is_asymmetric
from kmsmodel.local import LocalKms
from kmsmodel.operations.asymmetric_keys import (
    DeriveSharedSecretRequest,
    GetPublicKeyRequest,
    SignRequest,
)
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.hmac_keys import GenerateMacRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    DeleteImportedKeyMaterialResponse,
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
    get_parameters_for_import,
)
from kmsmodel.operations.keys import CreateKeyRequest, DisableKeyRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ExpirationModelType,
    ImportState,
    ImportType,
    KeyMaterialState,
    KeySpec,
    KeyState,
    KeyUsageType,
    OriginType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests.operations.steps import (
    BY_OPENSSL,
    FIRST,
    NOW,
    SECOND,
    THIRD,
    arn_of,
    create,
    create_external,
    decrypt,
    delete_material,
    describe,
    encrypt,
    import_material,
    import_request,
    local_kms,
    openssl,
    parameters,
    refused,
    rotations,
)
from tests.worlds import facts

SHA_1, SHA_256 = AlgorithmSpec.RSAES_OAEP_SHA_1, AlgorithmSpec.RSAES_OAEP_SHA_256
EXPIRES = ExpirationModelType.KEY_MATERIAL_EXPIRES
DOES_NOT_EXPIRE = ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
NEW, EXISTING = ImportType.NEW_KEY_MATERIAL, ImportType.EXISTING_KEY_MATERIAL
IN_A_WEEK = NOW + timedelta(days=7)
MICROSECOND = timedelta(microseconds=1)


def id_of(arn: str, material: bytes) -> str:
    return key_material_id(arn.rpartition("/")[2], Secret(material))


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


# ---- every kind of key

KINDS = [
    (key_spec, usage)
    for key_spec in WRAPPING
    if key_spec not in {KeySpec.RSA_3072, KeySpec.RSA_4096}  # it takes long, and is as RSA_2048
    for usage in ALGORITHMS[key_spec]
]
"""The key specs of which key material is imported, with each of their key usages."""

EVERY_KIND = pytest.mark.parametrize("key_spec, usage", KINDS)
ONE_LIFE = pytest.mark.parametrize(
    "key_spec",
    [
        KeySpec.HMAC_256,
        KeySpec.RSA_2048,
        KeySpec.ECC_NIST_P256,
        KeySpec.ECC_NIST_EDWARDS25519,
    ],
)
"""Of keys that have one key material for life, one of each kind."""

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


def use(arn: str, key_spec: KeySpec, usage: KeyUsageType) -> Request[Any]:
    """A request that needs the key material of a key of this kind."""
    algorithm: Any = ALGORITHMS[key_spec][usage].every[0]
    match usage:
        case KeyUsageType.ENCRYPT_DECRYPT:
            return EncryptRequest(key_id=arn, plaintext=MESSAGE, encryption_algorithm=algorithm)
        case KeyUsageType.GENERATE_VERIFY_MAC:
            return GenerateMacRequest(key_id=arn, message=MESSAGE, mac_algorithm=algorithm)
        case KeyUsageType.KEY_AGREEMENT:
            peer = SeededHsm().public_key(SeededHsm().generate(key_spec, "peer"))
            return DeriveSharedSecretRequest(
                key_id=arn, public_key=peer, key_agreement_algorithm=algorithm
            )
        case _:
            return SignRequest(key_id=arn, message=MESSAGE, signing_algorithm=algorithm)


# ---- GetParametersForImport

PAIRS: list[tuple[KeySpec, AlgorithmSpec, WrappingKeySpec]] = [
    (KeySpec(key_spec), AlgorithmSpec(algorithm), WrappingKeySpec(spec))
    for key_spec, fact in facts("key_specs.json")["key_specs"].items()
    if fact["import"]["supported"] and key_spec in SUPPORTED
    for algorithm, specs in fact["import"]["wrapping"].items()
    for spec in specs
]
"""Which wrapping algorithm and wrapping key spec suit which key spec, as AWS lists it."""


@pytest.mark.parametrize("key_spec, algorithm, spec", PAIRS)
def test_what_is_imported_is_what_works_however_it_was_wrapped(
    local: LocalKms, key_spec: KeySpec, algorithm: AlgorithmSpec, spec: WrappingKeySpec
) -> None:
    material = material_of(key_spec)
    arn = create_for_import(local, key_spec)
    before = local.kms
    answer = parameters(local, arn, algorithm, spec)
    assert local.kms is before  # nothing is remembered: the token carries it all
    assert answer == GetParametersForImportResponse(
        key_id=arn,
        import_token=answer.import_token,
        public_key=answer.public_key,
        parameters_valid_to=NOW + timedelta(hours=24),
    )
    public_key = load_der_public_key(answer.public_key)
    assert isinstance(public_key, RSAPublicKey)
    assert f"RSA_{public_key.key_size}" == spec
    assert 1 <= len(answer.import_token) <= 6144
    wrapped = wrap_key_material(answer.public_key, algorithm, material)
    assert local.handle(request_with(answer, b"", encrypted_key_material=wrapped)) == (
        ImportKeyMaterialResponse(key_id=arn, key_material_id=told_id_of(arn, key_spec, material))
    )
    assert_works(local, arn, material)


@pytest.mark.parametrize("key_spec", WRAPPING)
def test_no_other_wrapping_suits(local: LocalKms, key_spec: KeySpec) -> None:
    arn = create_for_import(local, key_spec)
    for algorithm in AlgorithmSpec:
        for spec in WrappingKeySpec:
            if (key_spec, algorithm, spec) in PAIRS:
                continue
            request = GetParametersForImportRequest(
                key_id=arn, wrapping_algorithm=algorithm, wrapping_key_spec=spec
            )
            message = (
                f"Wrapping algorithm {algorithm} and wrapping key spec {spec} "
                f"cannot be used to import a {key_spec} key."
            )
            refused(local, request, ValidationException, message)


def test_the_parameters_are_asked_for_by_algorithm_and_key_spec(local: LocalKms) -> None:
    nothing: Any = None
    request = GetParametersForImportRequest(
        key_id=create_external(local), wrapping_algorithm=nothing, wrapping_key_spec=nothing
    )
    message = (
        "2 validation errors detected: Value null at 'wrappingAlgorithm' failed to satisfy "
        "constraint: Member must not be null; Value null at 'wrappingKeySpec' failed to satisfy "
        "constraint: Member must not be null"
    )
    refused(local, request, ValidationException, message)


def test_an_unknown_wrapping_algorithm_is_told_which_there_are(local: LocalKms) -> None:
    rot13: Any = "ROT13"
    request = GetParametersForImportRequest(
        key_id=create_external(local),
        wrapping_algorithm=rot13,
        wrapping_key_spec=WrappingKeySpec.RSA_2048,
    )
    message = (
        "1 validation error detected: Value 'ROT13' at 'wrappingAlgorithm' failed to satisfy "
        "constraint: Member must satisfy enum value set: [RSAES_PKCS1_V1_5, RSAES_OAEP_SHA_1, "
        "RSAES_OAEP_SHA_256, RSA_AES_KEY_WRAP_SHA_1, RSA_AES_KEY_WRAP_SHA_256, SM2PKE]"
    )
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("operation", ["get", "import", "delete"])
def test_only_a_key_of_origin_external_takes_imported_key_material(
    local: LocalKms, operation: str
) -> None:
    arn = arn_of(create(local))
    request = {
        "get": GetParametersForImportRequest(
            key_id=arn, wrapping_algorithm=SHA_256, wrapping_key_spec=WrappingKeySpec.RSA_2048
        ),
        "import": ImportKeyMaterialRequest(
            key_id=arn, import_token=b"token", encrypted_key_material=b"wrapped"
        ),
        "delete": DeleteImportedKeyMaterialRequest(key_id=arn),
    }[operation]
    message = f"{arn} origin is AWS_KMS which is not valid for this operation."
    refused(local, request, UnsupportedOperationException, message)


def test_a_key_that_has_lost_its_import_secret_gives_and_takes_no_import_token(
    local: LocalKms,
) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST)
    account = local.kms.accounts["111122223333", "us-west-2"]
    key = account.keys.get(arn.rpartition("/")[2])
    assert key is not None
    kms = local.kms.with_key(evolve(key, import_secret=None))
    refused(LocalKms(kms, clock=local.clock), request, InvalidImportTokenException, "")
    ask = GetParametersForImportRequest(
        key_id=arn, wrapping_algorithm=SHA_256, wrapping_key_spec=WrappingKeySpec.RSA_2048
    )
    with pytest.raises(InvalidImportTokenException) as caught:
        get_parameters_for_import(kms, ask, Call(now=NOW, hsm=SeededHsm(), request_id="r"))
    assert caught.value.arn == arn


def test_parameters_are_not_given_for_a_key_that_is_pending_deletion(local: LocalKms) -> None:
    arn = create_external(local)
    import_it = import_request(local, arn, FIRST)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    ask = GetParametersForImportRequest(
        key_id=arn, wrapping_algorithm=SHA_256, wrapping_key_spec=WrappingKeySpec.RSA_2048
    )
    for request in (ask, import_it):
        refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")


# ---- import tokens


def test_the_import_token_is_valid_for_24_hours_to_the_microsecond(local: LocalKms) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST)
    local.clock.advance(hours=24, seconds=-0.000001)
    local.handle(request)
    local.clock.advance(seconds=0.000001)
    error = refused(local, request, ExpiredImportTokenException, "")
    assert error.arn == arn


def test_one_import_token_serves_any_number_of_imports_while_it_is_valid(local: LocalKms) -> None:
    arn = create_external(local)
    given_ = parameters(local, arn)
    for material in (FIRST, FIRST, SECOND):
        type_ = NEW if material == SECOND else None
        local.handle(request_with(given_, material, import_type=type_))
    assert [entry.key_material_id for entry in rotations(local, arn)] == [
        id_of(arn, FIRST),
        id_of(arn, SECOND),
    ]


def test_a_request_that_is_refused_does_not_use_up_its_import_token(local: LocalKms) -> None:
    arn = create_external(local)
    given_ = parameters(local, arn)
    request = request_with(given_, FIRST, expiration_model=EXPIRES)
    with pytest.raises(ValidationException):
        local.handle(request)
    local.handle(evolve(request, valid_to=IN_A_WEEK))
    assert describe(local, arn).valid_to == IN_A_WEEK


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_several_import_tokens_are_open_at_once(local: LocalKms, order: tuple[int, ...]) -> None:
    arn = create_external(local)
    several = [
        (parameters(local, arn, algorithm, spec), algorithm)
        for algorithm, spec in (
            (SHA_256, WrappingKeySpec.RSA_2048),
            (SHA_1, WrappingKeySpec.RSA_2048),
            (SHA_256, WrappingKeySpec.RSA_3072),
        )
    ]
    for number in order:
        given_, algorithm = several[number]
        wrapped = wrap_key_material(given_.public_key, algorithm, FIRST)
        local.handle(request_with(given_, FIRST, encrypted_key_material=wrapped))
    assert describe(local, arn).key_state is KeyState.Enabled


def test_an_import_token_of_another_key_is_invalid(local: LocalKms) -> None:
    one, other = create_external(local), create_external(local)
    request = request_with(parameters(local, one), FIRST, key_id=other)
    error = refused(local, request, InvalidImportTokenException, "")
    assert error.arn == other


def test_an_import_token_goes_with_one_wrapping_key_and_one_algorithm(local: LocalKms) -> None:
    arn = create_external(local)
    small = parameters(local, arn)
    large = parameters(local, arn, wrapping_key_spec=WrappingKeySpec.RSA_3072)
    for wrapped in (
        wrap_key_material(large.public_key, SHA_256, FIRST),  # under another key
        wrap_key_material(small.public_key, SHA_1, FIRST),  # with another hash
        b"not wrapped at all",
        bytes(256),
    ):
        request = request_with(small, FIRST, encrypted_key_material=wrapped)
        refused(local, request, InvalidCiphertextException, "")


def _token() -> tuple[LocalKms, ImportKeyMaterialRequest]:
    local = local_kms()
    return local, import_request(local, create_external(local), FIRST)


@given(where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_an_import_token_that_was_touched_is_invalid(where: int, bit: int) -> None:
    local, request = _token()
    token = bytearray(request.import_token)
    token[where % len(token)] ^= 1 << bit
    refused(local, evolve(request, import_token=bytes(token)), InvalidImportTokenException, "")


@given(token=st.binary(min_size=1, max_size=64) | st.integers(1, 1400))
def test_what_is_not_an_import_token_is_invalid(token: bytes | int) -> None:
    local, request = _token()
    forged = request.import_token[:token] if isinstance(token, int) else token
    if forged != request.import_token:
        refused(local, evolve(request, import_token=forged), InvalidImportTokenException, "")


def test_an_import_token_does_not_show_the_private_key(local: LocalKms) -> None:
    given_ = parameters(local, create_external(local))
    hsm = SeededHsm()
    private_key = hsm.wrapping_key(WrappingKeySpec.RSA_2048, "any").private_key.reveal()
    assert private_key[100:164] not in given_.import_token


# ---- the key material that is imported


def test_the_first_import_makes_the_key_enabled_and_its_material_current(local: LocalKms) -> None:
    arn = create_external(local)
    before = describe(local, arn)
    assert import_material(local, arn, FIRST) == ImportKeyMaterialResponse(
        key_id=arn, key_material_id=id_of(arn, FIRST)
    )
    assert describe(local, arn) == evolve(
        before,
        key_state=KeyState.Enabled,
        enabled=True,
        expiration_model=DOES_NOT_EXPIRE,
        current_key_material_id=id_of(arn, FIRST),
    )


def test_key_material_that_expires_is_told_of_and_goes_by_the_clock(local: LocalKms) -> None:
    arn = create_external(local)
    before = describe(local, arn)
    import_material(local, arn, FIRST, valid_to=IN_A_WEEK)
    enabled = evolve(
        before,
        key_state=KeyState.Enabled,
        enabled=True,
        expiration_model=EXPIRES,
        valid_to=IN_A_WEEK,
        current_key_material_id=id_of(arn, FIRST),
    )
    assert describe(local, arn) == enabled
    local.clock.advance(days=7, seconds=-0.000001)
    assert describe(local, arn) == enabled
    local.clock.advance(seconds=0.000001)
    assert describe(local, arn) == evolve(before, current_key_material_id=id_of(arn, FIRST))


@pytest.mark.parametrize(
    "valid_to, allowed",
    [
        (NOW, False),
        (NOW - MICROSECOND, False),
        (NOW + MICROSECOND, True),
        (NOW + timedelta(days=365), True),
        (NOW + timedelta(days=365) + MICROSECOND, False),
        (IN_A_WEEK.astimezone(timezone(timedelta(hours=-8))), True),
    ],
    ids=["now", "before", "just after", "365 days", "just over 365 days", "any time zone"],
)
def test_valid_to_is_in_the_future_and_at_most_365_days_away(
    local: LocalKms, valid_to: datetime, allowed: bool
) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST, valid_to=valid_to)
    if allowed:
        local.handle(request)
        assert describe(local, arn).valid_to == valid_to
    else:
        message = "ValidTo must be in the future and not more than 365 days from now"
        refused(local, request, ValidationException, message)


def test_valid_to_has_a_time_zone(local: LocalKms) -> None:
    request = import_request(
        local, create_external(local), FIRST, valid_to=IN_A_WEEK.replace(tzinfo=None)
    )
    message = "datetime can not be converted to a Timestamp"
    refused(local, request, SerializationException, message)


@pytest.mark.parametrize("model", [None, EXPIRES])
def test_key_material_expires_unless_the_expiration_model_says_otherwise(
    local: LocalKms, model: ExpirationModelType | None
) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST, expiration_model=model)
    message = "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
    refused(local, request, ValidationException, message)
    local.handle(evolve(request, valid_to=IN_A_WEEK))
    assert describe(local, arn).expiration_model is EXPIRES


def test_material_that_does_not_expire_has_no_valid_to(local: LocalKms) -> None:
    request = import_request(
        local,
        create_external(local),
        FIRST,
        valid_to=IN_A_WEEK,
        expiration_model=DOES_NOT_EXPIRE,
    )
    message = (
        "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"
    )
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("length", [0, 1, 16, 31, 33, 64])
def test_symmetric_key_material_is_256_bits(local: LocalKms, length: int) -> None:
    arn = create_external(local)
    request = import_request(local, arn, bytes(length))
    error = refused(local, request, IncorrectKeyMaterialException, "")
    assert error.arn == arn


def test_the_constraints_of_an_import_are_told_at_once(local: LocalKms) -> None:
    key_material = "F" * 64
    request = ImportKeyMaterialRequest(
        key_id=create_external(local),
        import_token=b"",
        encrypted_key_material=bytes(6145),
        key_material_description="not, this",
        key_material_id=key_material,
    )
    message = (
        "4 validation errors detected: "
        "Value at 'importToken' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        "Value at 'encryptedKeyMaterial' failed to satisfy constraint: "
        "Member must have length less than or equal to 6144; "
        "Value 'not, this' at 'keyMaterialDescription' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_\s.-]+$; "
        f"Value '{key_material}' at 'keyMaterialId' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-f0-9]+$"
    )
    refused(local, request, ValidationException, message)


def test_an_import_asks_for_a_token_and_wrapped_material(local: LocalKms) -> None:
    nothing: Any = None
    request = ImportKeyMaterialRequest(
        key_id=create_external(local), import_token=nothing, encrypted_key_material=nothing
    )
    message = (
        "2 validation errors detected: Value at 'importToken' failed to satisfy constraint: "
        "Member must not be null; Value at 'encryptedKeyMaterial' failed to satisfy constraint: "
        "Member must not be null"
    )
    refused(local, request, ValidationException, message)


def test_equal_material_has_another_id_in_another_key_and_opens_no_ciphertext_of_it(
    local: LocalKms,
) -> None:
    one, other = create_external(local, FIRST), create_external(local, FIRST)
    assert id_of(one, FIRST) != id_of(other, FIRST)
    blob = encrypt(local, one)
    delete_material(local, one)
    message = f"{one} is pending import."
    refused(local, DecryptRequest(ciphertext_blob=blob), KMSInvalidStateException, message)


# ---- reimporting key material


@pytest.mark.parametrize("import_type", [None, EXISTING])
def test_reimporting_the_same_material_restores_the_key_and_its_ciphertexts(
    local: LocalKms, import_type: ImportType | None
) -> None:
    arn = create_external(local, FIRST)
    before, blob = describe(local, arn), encrypt(local, arn)
    delete_material(local, arn)
    import_material(local, arn, FIRST, import_type=import_type)
    assert describe(local, arn) == before
    assert decrypt(local, blob) == b"attack at dawn"


@pytest.mark.parametrize("import_type", [None, EXISTING])
@pytest.mark.parametrize("deleted", [False, True])
def test_other_material_is_not_what_the_key_had(
    local: LocalKms, import_type: ImportType | None, deleted: bool
) -> None:
    arn = create_external(local, FIRST)
    if deleted:
        delete_material(local, arn)
    request = import_request(local, arn, SECOND, import_type=import_type)
    error = refused(local, request, IncorrectKeyMaterialException, "")
    assert error.arn == arn


def test_the_first_material_ever_is_new_and_later_material_is_existing_by_default(
    local: LocalKms,
) -> None:
    arn = create_external(local)
    first = import_request(local, arn, FIRST, import_type=EXISTING)
    refused(local, first, IncorrectKeyMaterialException, "")
    local.handle(evolve(first, import_type=None))
    again = import_request(local, arn, FIRST, import_type=NEW)
    refused(local, again, IncorrectKeyMaterialException, "")
    local.handle(evolve(again, import_type=None))


@pytest.mark.parametrize(
    "before, after",
    [
        ({"valid_to": IN_A_WEEK}, {}),
        ({}, {"valid_to": IN_A_WEEK}),
        ({"valid_to": IN_A_WEEK}, {"valid_to": NOW + timedelta(days=3)}),
    ],
    ids=["no longer expires", "now expires", "expires earlier"],
)
def test_reimporting_changes_the_expiration_of_the_material(
    local: LocalKms, before: dict[str, Any], after: dict[str, Any]
) -> None:
    arn = create_external(local)
    import_material(local, arn, FIRST, **before)
    metadata = describe(local, arn)
    import_material(local, arn, FIRST, **after)
    assert describe(local, arn) == evolve(
        metadata,
        valid_to=after.get("valid_to"),
        expiration_model=EXPIRES if after else DOES_NOT_EXPIRE,
    )


def test_expired_material_is_reimported_as_deleted_material_is(local: LocalKms) -> None:
    arn = create_external(local)
    import_material(local, arn, FIRST, valid_to=IN_A_WEEK)
    blob = encrypt(local, arn)
    local.clock.advance(days=7)
    refused(
        local,
        EncryptRequest(key_id=arn, plaintext=b"x"),
        KMSInvalidStateException,
        f"{arn} is pending import.",
    )
    import_material(local, arn, FIRST)
    assert decrypt(local, blob) == b"attack at dawn"


def test_an_import_into_a_disabled_key_enables_it(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    enabled = describe(local, arn)
    local.handle(DisableKeyRequest(key_id=arn))
    import_material(local, arn, FIRST)
    assert describe(local, arn) == enabled


def test_a_key_material_id_that_is_given_must_be_that_of_the_material(local: LocalKms) -> None:
    arn = create_external(local, FIRST, SECOND)
    good = import_request(local, arn, FIRST, key_material_id=id_of(arn, FIRST))
    local.handle(good)
    for wrong in (id_of(arn, SECOND), "0" * 64):
        request = evolve(good, key_material_id=wrong)
        error = refused(local, request, IncorrectKeyMaterialException, "")
        assert error.arn == arn


def test_a_key_material_id_is_no_member_of_a_request_for_new_material(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    request = import_request(
        local, arn, SECOND, import_type=NEW, key_material_id=id_of(arn, SECOND)
    )
    message = "KeyMaterialId is not valid with ImportType NEW_KEY_MATERIAL."
    refused(local, request, ValidationException, message)


def test_a_key_material_id_is_of_material_that_the_key_has_already(local: LocalKms) -> None:
    """So the first import cannot give it."""
    arn = create_external(local)
    request = import_request(local, arn, FIRST, key_material_id=id_of(arn, FIRST))
    refused(local, request, IncorrectKeyMaterialException, "")
    import_material(local, arn, FIRST)
    local.handle(request)
    assert describe(local, arn).key_state is KeyState.Enabled


def test_a_description_is_kept_until_another_one_is_given(local: LocalKms) -> None:
    arn = create_external(local)
    for given_, kept in ((None, None), ("July 2026", "July 2026"), (None, "July 2026"), ("b", "b")):
        import_material(local, arn, FIRST, key_material_description=given_)
        (entry,) = rotations(local, arn)
        assert entry.key_material_description == kept
        delete_material(local, arn)
        (entry,) = rotations(local, arn)
        assert entry.key_material_description == kept


# ---- keys that have one key material for life


@EVERY_KIND
@pytest.mark.parametrize("multi_region", [False, True])
def test_key_material_of_every_kind_of_key_expires_is_deleted_and_comes_back(
    local: LocalKms, key_spec: KeySpec, usage: KeyUsageType, multi_region: bool
) -> None:
    """Its public key is still told while it is gone, but nothing is done with it."""
    material = material_of(key_spec)
    arn = create_for_import(local, key_spec, usage, multi_region=multi_region)
    pending = describe(local, arn)
    local.handle(request_for(local, arn, key_spec, material, valid_to=IN_A_WEEK))
    id_ = told_id_of(arn, key_spec, material)
    enabled = evolve(
        pending,
        key_state=KeyState.Enabled,
        enabled=True,
        valid_to=IN_A_WEEK,
        expiration_model=EXPIRES,
        current_key_material_id=id_,
    )
    assert describe(local, arn) == enabled
    local.clock.advance(days=7)
    for gone in ("expired", "deleted", "settled"):
        if gone == "deleted":
            answer = DeleteImportedKeyMaterialResponse(key_id=arn, key_material_id=id_)
            assert local.handle(DeleteImportedKeyMaterialRequest(key_id=arn)) == answer
        if gone == "settled":
            local.step(lambda kms, call: (kms.settle(call.now), None))
        assert describe(local, arn) == evolve(pending, current_key_material_id=id_)
        message = f"{arn} is pending import."
        refused(local, use(arn, key_spec, usage), KMSInvalidStateException, message)
        if is_asymmetric(key_spec):
            public = local.handle(GetPublicKeyRequest(key_id=arn)).public_key
            assert public == SeededHsm().public_key(Secret(material))
    assert material not in _secrets(local, arn)
    local.handle(request_for(local, arn, key_spec, material))
    assert describe(local, arn) == evolve(enabled, valid_to=None, expiration_model=DOES_NOT_EXPIRE)
    assert_works(local, arn, material)


@ONE_LIFE
@pytest.mark.parametrize("deleted", [False, True])
def test_a_key_that_is_not_for_symmetric_encryption_has_one_key_material_for_life(
    local: LocalKms, key_spec: KeySpec, deleted: bool
) -> None:
    arn = create_for_import(local, key_spec)
    local.handle(request_for(local, arn, key_spec, material_of(key_spec)))
    if deleted:
        delete_material(local, arn)
    other = request_for(local, arn, key_spec, material_of(key_spec, 2))
    error = refused(local, other, IncorrectKeyMaterialException, "")
    assert error.arn == arn
    local.handle(request_for(local, arn, key_spec, material_of(key_spec)))
    assert_works(local, arn, material_of(key_spec))


@ONE_LIFE
@pytest.mark.parametrize(
    "name, member",
    [
        ("ImportType", {"import_type": NEW}),
        ("ImportType", {"import_type": EXISTING}),
        ("KeyMaterialDescription", {"key_material_description": "of 2026"}),
        ("KeyMaterialId", {"key_material_id": "0" * 64}),
    ],
)
def test_what_tells_key_materials_apart_is_for_symmetric_encryption_keys_only(
    local: LocalKms, key_spec: KeySpec, name: str, member: dict[str, Any]
) -> None:
    """Also while there is no key material yet, and although the id were that of the material."""
    material = material_of(key_spec)
    arn = create_for_import(local, key_spec)
    message = f"{name} is only usable with symmetric encryption keys."
    good = request_for(local, arn, key_spec, material)
    if name == "KeyMaterialId":
        member = {"key_material_id": id_of(arn, material)}
    for _ in ("at first", "again"):
        error = refused(local, evolve(good, **member), UnsupportedOperationException, message)
        assert error.arn == arn
        local.handle(good)


@ONE_LIFE
def test_the_key_material_of_other_keys_is_deleted_without_its_id(
    local: LocalKms, key_spec: KeySpec
) -> None:
    """Nobody is told one."""
    arn = create_for_import(local, key_spec)
    assert local.handle(
        request_for(local, arn, key_spec, material_of(key_spec))
    ) == ImportKeyMaterialResponse(key_id=arn)
    message = "KeyMaterialId is only usable with symmetric encryption keys."
    request = DeleteImportedKeyMaterialRequest(
        key_id=arn, key_material_id=id_of(arn, material_of(key_spec))
    )
    error = refused(local, request, UnsupportedOperationException, message)
    assert error.arn == arn
    assert local.handle(evolve(request, key_material_id=None)) == (
        DeleteImportedKeyMaterialResponse(key_id=arn)
    )


@EVERY_KIND
def test_an_import_into_a_disabled_key_of_any_kind_enables_it(
    local: LocalKms, key_spec: KeySpec, usage: KeyUsageType
) -> None:
    arn = create_for_import(local, key_spec, usage)
    request = request_for(local, arn, key_spec, material_of(key_spec))
    local.handle(request)
    enabled = describe(local, arn)
    local.handle(DisableKeyRequest(key_id=arn))
    local.handle(request)
    assert describe(local, arn) == enabled
    assert_works(local, arn, material_of(key_spec))


@pytest.mark.parametrize("key_spec", sorted(SUPPORTED - set(WRAPPING)))
def test_a_key_of_a_kind_that_takes_no_imported_material_is_not_of_origin_external(
    local: LocalKms, key_spec: KeySpec
) -> None:
    (usage,) = ALGORITHMS[key_spec]
    request = CreateKeyRequest(key_spec=key_spec, key_usage=usage, origin=OriginType.EXTERNAL)
    message = f"Origin EXTERNAL is not valid for KeySpec {key_spec}."
    refused(local, request, UnsupportedOperationException, message)


# ---- what is no key material of the key


HMAC_LENGTHS = {
    KeySpec(key_spec): fact["import"]["length_bytes"]
    for key_spec, fact in facts("key_specs.json")["key_specs"].items()
    if key_spec.startswith("HMAC_")
}
LARGE = WrappingKeySpec.RSA_3072


@pytest.mark.parametrize("key_spec", HMAC_LENGTHS)
@given(length=st.integers(0, 160))
def test_hmac_key_material_is_as_long_as_aws_lists(key_spec: KeySpec, length: int) -> None:
    local, material = local_kms(), bytes(range(length))
    arn = create_for_import(local, key_spec)
    request = request_for(local, arn, key_spec, material)
    if HMAC_LENGTHS[key_spec]["min"] <= length <= HMAC_LENGTHS[key_spec]["max"]:
        local.handle(request)
        assert_works(local, arn, material)
    else:
        error = refused(local, request, IncorrectKeyMaterialException, "")
        assert error.arn == arn


@pytest.mark.parametrize("key_spec", [spec for spec in WRAPPING if is_asymmetric(spec)])
def test_the_private_key_of_another_key_spec_is_not_imported(
    local: LocalKms, key_spec: KeySpec
) -> None:
    """Nor raw bytes, nor a private key without its frame, in a password or in text."""
    arn = create_for_import(local, key_spec)
    pkcs8 = material_of(key_spec)
    key = load_der_private_key(pkcs8, None)
    in_password = key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    )
    others = [
        *(material_of(other) for other in SUPPORTED if other != key_spec),
        public_bytes(key.public_key()),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        in_password,
        pkcs8[:-1],
        pkcs8 + b"\0",
    ]
    if key_spec is not KeySpec.ECC_NIST_EDWARDS25519:
        traditional = PrivateFormat.TraditionalOpenSSL
        others.append(key.private_bytes(Encoding.DER, traditional, NoEncryption()))
    algorithm = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    given_ = parameters(local, arn, algorithm)
    for other in others:
        wrapped = wrap_key_material(given_.public_key, algorithm, other)
        request = request_with(given_, b"", encrypted_key_material=wrapped)
        error = refused(local, request, IncorrectKeyMaterialException, "")
        assert error.arn == arn


@pytest.mark.parametrize("length", [1, 7, 8, 9])
def test_a_key_wrap_of_a_few_bytes_unwraps_and_is_no_key_material(
    local: LocalKms, length: int
) -> None:
    arn = create_for_import(local, KeySpec.RSA_2048)
    request = request_for(local, arn, KeySpec.RSA_2048, bytes(length))
    refused(local, request, IncorrectKeyMaterialException, "")


def test_an_rsa_key_whose_primes_are_in_another_order_is_the_same_key_material(
    local: LocalKms,
) -> None:
    """Nor does it matter which of its private exponents it has."""
    key_spec, material = KeySpec.RSA_2048, material_of(KeySpec.RSA_2048)
    key = load_der_private_key(material, None)
    assert isinstance(key, RSAPrivateKey)
    numbers = key.private_numbers()
    p, q, e = numbers.q, numbers.p, numbers.public_numbers.e
    d = pow(e, -1, (p - 1) * (q - 1))
    swapped = RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), rsa_crt_iqmp(p, q), numbers.public_numbers
    ).private_key()
    other = swapped.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert other != material
    arn = create_for_import(local, key_spec)
    local.handle(request_for(local, arn, key_spec, other))
    delete_material(local, arn)
    local.handle(request_for(local, arn, key_spec, material))
    assert_works(local, arn, material)


@pytest.mark.parametrize(
    "key_spec",
    [
        KeySpec.ECC_NIST_P256,
        KeySpec.ECC_NIST_P384,
        KeySpec.ECC_NIST_P521,
        KeySpec.ECC_SECG_P256K1,
    ],
)
def test_a_private_key_without_its_public_key_is_the_same_key_material(
    local: LocalKms, key_spec: KeySpec
) -> None:
    """Another encoding of PKCS #8 is no other private key, and AWS KMS derives the public key itself."""
    arn = create_for_import(local, key_spec)
    local.handle(request_for(local, arn, key_spec, material_of(key_spec)))
    delete_material(local, arn)
    local.handle(request_for(local, arn, key_spec, without_public_key(material_of(key_spec))))
    assert_works(local, arn, material_of(key_spec))


def without_public_key(pkcs8: bytes) -> bytes:
    """The same private key of an elliptic curve; RFC 5915 has its public key last, if at all."""
    key = load_der_private_key(pkcs8, None)
    assert isinstance(key, EllipticCurvePrivateKey)
    number = key.private_numbers().private_value.to_bytes((key.curve.key_size + 7) // 8, "big")
    inner = _der(0x30, b"\x02\x01\x01" + _der(0x04, number))
    start = pkcs8.index(bytes.fromhex("06072a8648ce3d0201"))  # id-ecPublicKey, and then the curve
    curve = start + 9
    algorithm = _der(0x30, pkcs8[start : curve + 2 + pkcs8[curve + 1]])
    return _der(0x30, b"\x02\x01\x00" + algorithm + _der(0x04, inner))


def _der(tag: int, content: bytes) -> bytes:
    """What is shorter than 128 bytes has its length in one byte."""
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


# ---- what was not wrapped


@pytest.mark.parametrize("algorithm", list(PADDINGS))
@given(wrapped=st.binary(min_size=1, max_size=400) | st.binary(min_size=256, max_size=256))
def test_whatever_was_not_wrapped_is_an_invalid_ciphertext(
    algorithm: AlgorithmSpec, wrapped: bytes
) -> None:
    local = local_kms()
    arn = create_for_import(local, KeySpec.ECC_NIST_P256)
    request = request_with(parameters(local, arn, algorithm), b"", encrypted_key_material=wrapped)
    refused(local, request, InvalidCiphertextException, "")


@given(aes_key=st.binary(max_size=64) | st.binary(min_size=32, max_size=32), rest=st.binary())
def test_whatever_was_not_wrapped_under_its_aes_key_is_an_invalid_ciphertext(
    aes_key: bytes, rest: bytes
) -> None:
    """Nobody is told whether RSA or AES did not open it."""
    local, algorithm = local_kms(), AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    arn = create_for_import(local, KeySpec.RSA_2048)
    given_ = parameters(local, arn, algorithm)
    public_key = load_der_public_key(given_.public_key)
    assert isinstance(public_key, RSAPublicKey)
    wrapped = public_key.encrypt(aes_key, PADDINGS[algorithm]) + rest
    request = request_with(given_, b"", encrypted_key_material=wrapped)
    refused(local, request, InvalidCiphertextException, "")


def test_the_import_token_is_told_before_what_was_wrapped_and_that_before_the_material(
    local: LocalKms,
) -> None:
    key_spec = KeySpec.RSA_2048
    arn = create_for_import(local, key_spec)
    good = request_for(local, arn, key_spec, material_of(key_spec), valid_to=IN_A_WEEK)
    no_token: dict[str, Any] = {"import_token": b"no token"}
    not_wrapped: dict[str, Any] = {"encrypted_key_material": b"wrapped"}
    other = request_for(local, arn, key_spec, b"no key", valid_to=IN_A_WEEK)
    no_material: dict[str, Any] = {
        "import_token": other.import_token,
        "encrypted_key_material": other.encrypted_key_material,
    }
    past: dict[str, Any] = {"valid_to": NOW}
    for members, error in (
        (no_token | not_wrapped | past, InvalidImportTokenException),
        (not_wrapped | past, InvalidCiphertextException),
        (no_material | past, IncorrectKeyMaterialException),
    ):
        refused(local, evolve(good, **members), error, "")
    local.handle(good)


# ---- several key materials


def test_new_material_waits_for_rotation_and_leaves_the_key_as_it_is(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    before = describe(local, arn)
    answer = import_material(local, arn, SECOND, import_type=NEW, valid_to=IN_A_WEEK)
    assert answer.key_material_id == id_of(arn, SECOND)
    assert describe(local, arn) == before
    assert [entry.key_material_state for entry in rotations(local, arn)] == [
        KeyMaterialState.CURRENT,
        KeyMaterialState.PENDING_ROTATION,
    ]
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    assert describe(local, arn) == evolve(
        before,
        current_key_material_id=id_of(arn, SECOND),
        valid_to=IN_A_WEEK,
        expiration_model=EXPIRES,
    )


def test_one_new_material_waits_at_a_time(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    import_material(local, arn, SECOND, import_type=NEW)
    request = import_request(local, arn, THIRD, import_type=NEW)
    message = (
        f"New key material (id: {id_of(arn, THIRD)}) cannot be imported into KMS key {arn}, "
        f"because another key material (id: {id_of(arn, SECOND)}) is pending rotation."
    )
    refused(local, request, KMSInvalidStateException, message)
    delete_material(local, arn, id_of(arn, SECOND))
    local.handle(request)
    assert [entry.key_material_id for entry in rotations(local, arn)] == [
        id_of(arn, FIRST),
        id_of(arn, THIRD),
    ]


def test_material_that_waits_for_rotation_may_be_reimported_and_then_still_waits(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST)
    import_material(local, arn, SECOND, import_type=NEW)
    before = rotations(local, arn)
    import_material(local, arn, SECOND, valid_to=IN_A_WEEK)
    assert rotations(local, arn) == (
        before[0],
        evolve(before[1], valid_to=IN_A_WEEK, expiration_model=EXPIRES),
    )


def test_valid_to_is_the_earliest_of_the_materials_that_are_permanently_associated(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST, SECOND)
    days = {FIRST: 9, SECOND: 5}
    for material, number in days.items():
        import_material(local, arn, material, valid_to=NOW + timedelta(days=number))
    import_material(local, arn, THIRD, import_type=NEW, valid_to=NOW + timedelta(days=1))
    assert describe(local, arn).valid_to == NOW + timedelta(days=5)


@pytest.mark.parametrize("gone", [(FIRST,), (SECOND,), (FIRST, SECOND)])
def test_the_key_is_enabled_again_when_the_last_missing_material_is_back(
    local: LocalKms, gone: tuple[bytes, ...]
) -> None:
    arn = create_external(local, FIRST, SECOND)
    enabled, listed = describe(local, arn), rotations(local, arn)
    missing = evolve(
        enabled, key_state=KeyState.PendingImport, enabled=False, expiration_model=None
    )
    for material in gone:
        delete_material(local, arn, id_of(arn, material))
        assert describe(local, arn) == missing
    for material in gone:
        assert describe(local, arn) == missing
        import_material(local, arn, material)
    assert describe(local, arn) == enabled
    assert rotations(local, arn) == listed


def test_ciphertexts_of_each_material_open_as_long_as_all_materials_are_there(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST)
    blobs = [encrypt(local, arn, b"first")]
    import_material(local, arn, SECOND, import_type=NEW)
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    blobs.append(encrypt(local, arn, b"second"))
    assert [decrypt(local, blob) for blob in blobs] == [b"first", b"second"]
    delete_material(local, arn, id_of(arn, FIRST))
    message = f"{arn} is pending import."
    for blob in blobs:
        refused(local, DecryptRequest(ciphertext_blob=blob), KMSInvalidStateException, message)
    import_material(local, arn, FIRST)
    assert [decrypt(local, blob) for blob in blobs] == [b"first", b"second"]


# ---- DeleteImportedKeyMaterial


@pytest.mark.parametrize("named", [False, True])
def test_deleting_the_current_material_makes_the_key_pending_import(
    local: LocalKms, named: bool
) -> None:
    arn = create_external(local, FIRST)
    before, (listed,) = describe(local, arn), rotations(local, arn)
    request = DeleteImportedKeyMaterialRequest(
        key_id=arn, key_material_id=id_of(arn, FIRST) if named else None
    )
    answer = DeleteImportedKeyMaterialResponse(key_id=arn, key_material_id=id_of(arn, FIRST))
    assert local.handle(request) == answer
    deleted = evolve(before, key_state=KeyState.PendingImport, enabled=False, expiration_model=None)
    assert describe(local, arn) == deleted
    assert rotations(local, arn) == (
        evolve(listed, import_state=ImportState.PENDING_IMPORT, expiration_model=None),
    )
    assert local.handle(request) == answer  # to delete what is gone has no effect
    assert describe(local, arn) == deleted


def test_deleted_material_is_remembered_nowhere(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    assert FIRST in _secrets(local, arn)
    delete_material(local, arn)
    assert FIRST not in _secrets(local, arn)


def _secrets(local: LocalKms, arn: str) -> list[bytes]:
    key = local.kms.accounts["111122223333", "us-west-2"].keys.get(arn.rpartition("/")[2])
    assert key is not None
    return [
        material.secret.reveal() for material in key.backing_keys if material.secret is not None
    ]


def test_without_a_key_material_id_the_current_material_is_deleted(local: LocalKms) -> None:
    arn = create_external(local, FIRST, SECOND)
    local.handle(DeleteImportedKeyMaterialRequest(key_id=arn))
    assert [entry.import_state for entry in rotations(local, arn)] == [
        ImportState.IMPORTED,
        ImportState.PENDING_IMPORT,
    ]


def test_deleting_from_a_key_that_never_had_material_succeeds_and_names_none(
    local: LocalKms,
) -> None:
    arn = create_external(local)
    before = describe(local, arn)
    answer = local.handle(DeleteImportedKeyMaterialRequest(key_id=arn))
    assert answer == DeleteImportedKeyMaterialResponse(key_id=arn)
    assert describe(local, arn) == before


def test_material_that_the_key_does_not_have_is_not_found(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    unknown = id_of(arn, SECOND)
    request = DeleteImportedKeyMaterialRequest(key_id=arn, key_material_id=unknown)
    error = refused(local, request, NotFoundException, f"Key material '{unknown}' does not exist")
    assert error.arn == arn


def test_deleting_material_that_waits_for_rotation_leaves_the_key_usable_and_forgets_it(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST)
    before, listed = describe(local, arn), rotations(local, arn)
    import_material(local, arn, SECOND, import_type=NEW)
    pending = id_of(arn, SECOND)
    request = DeleteImportedKeyMaterialRequest(key_id=arn, key_material_id=pending)
    assert local.handle(request) == DeleteImportedKeyMaterialResponse(
        key_id=arn, key_material_id=pending
    )
    assert (describe(local, arn), rotations(local, arn)) == (before, listed)
    refused(local, request, NotFoundException, f"Key material '{pending}' does not exist")


@pytest.mark.parametrize("pending_deletion", [False, True])
def test_deleting_material_of_a_disabled_key_or_one_that_is_pending_deletion(
    local: LocalKms, pending_deletion: bool
) -> None:
    arn = create_external(local, FIRST)
    if pending_deletion:
        local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    else:
        local.handle(DisableKeyRequest(key_id=arn))
    before = describe(local, arn)
    delete_material(local, arn)
    if not pending_deletion:
        pending = evolve(before, key_state=KeyState.PendingImport, expiration_model=None)
        assert describe(local, arn) == pending
        return
    assert describe(local, arn) == evolve(before, expiration_model=None)
    local.handle(CancelKeyDeletionRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.PendingImport


def test_what_is_deleted_is_named_by_64_hexadecimal_digits(local: LocalKms) -> None:
    request = DeleteImportedKeyMaterialRequest(
        key_id=create_external(local, FIRST), key_material_id="g"
    )
    message = (
        "2 validation errors detected: Value 'g' at 'keyMaterialId' failed to satisfy constraint: "
        "Member must have length greater than or equal to 64; Value 'g' at 'keyMaterialId' failed "
        "to satisfy constraint: Member must satisfy regular expression pattern: ^[a-f0-9]+$"
    )
    refused(local, request, ValidationException, message)


# ---- openssl, as in the guide


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
    assert _secrets(local, arn) == [material]


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


def test_key_material_wrapped_twice_is_the_same_material(local: LocalKms) -> None:
    """OAEP draws chance of its own: two wrappings differ, what is in them does not."""
    arn = create_external(local)
    given_ = parameters(local, arn)
    one, two = (request_with(given_, FIRST) for _ in range(2))
    assert one.encrypted_key_material != two.encrypted_key_material
    assert local.handle(one) == local.handle(two)


def test_the_origin_is_refused_before_anything_else(local: LocalKms) -> None:
    arn = arn_of(create(local, origin=OriginType.AWS_KMS))
    request = ImportKeyMaterialRequest(
        key_id=arn,
        import_token=b"x",
        encrypted_key_material=b"x",
        import_type=NEW,
        key_material_id="0" * 64,
    )
    message = f"{arn} origin is AWS_KMS which is not valid for this operation."
    refused(local, request, UnsupportedOperationException, message)


# ---- what the HSM is told


@final
@frozen
class Listening:
    """An HSM that writes down what each drawing of chance is for."""

    hsm: SeededHsm
    purposes: list[str]

    def wrapping_key(self, wrapping_key_spec: WrappingKeySpec, purpose: str) -> WrappingKey:
        self.purposes.append(purpose)
        return self.hsm.wrapping_key(wrapping_key_spec, purpose)

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        self.purposes.append(purpose)
        return self.hsm.encrypt(key, plaintext, additional_data, purpose)


def test_the_hsm_is_told_what_each_drawing_is_for(local: LocalKms) -> None:
    """Two drawings of one call must not share a purpose, or a seeded HSM would give both the same chance."""
    arn = create_external(local)
    listening = Listening(SeededHsm("importing"), [])
    call = Call(now=NOW, hsm=cast("Hsm", listening), request_id="r")
    request = GetParametersForImportRequest(
        key_id=arn,
        wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
        wrapping_key_spec=WrappingKeySpec.RSA_2048,
    )
    get_parameters_for_import(local.kms, request, call)
    assert listening.purposes == ["r wrapping key", "r import token"]
