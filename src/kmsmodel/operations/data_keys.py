"""
Data keys and data key pairs, which are used outside of AWS KMS and kept encrypted under a KMS key; and random bytes.
"""

from __future__ import annotations

from typing import Annotated, final

from attrs import field, frozen

from kmsmodel.calls import access, ciphers, key_in_store, recipients, use
from kmsmodel.calls.authorization import authorize
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    CustomKeyStoreInvalidStateException,
    InvalidKeyUsageException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.hsm.cluster import ClusterError
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import BY_AN_EXTRA, DATA_KEY_LENGTH, is_offered
from kmsmodel.memory.custom_key_store import CustomKeyStore
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.encryption import check_encryption_context, encrypted
from kmsmodel.words.enumerations import DataKeyPairSpec, DataKeySpec, KeySpec
from kmsmodel.words.shapes import (
    BackingKeyIdType,
    CiphertextType,
    CustomKeyStoreIdType,
    EncryptionContextType,
    GrantTokenList,
    KeyIdType,
    NumberOfBytesType,
    PlaintextType,
    PublicKeyType,
    ToldAs,
)

# ---- GenerateDataKey


_DataKeySpec = Annotated[DataKeySpec, ToldAs(KeySpec)]
"""AWS lists the key specs of KMS keys to whoever asks for another data key."""


@final
@frozen(kw_only=True)
class GenerateDataKeyResponse:
    """With a recipient, the data key is only in the two ciphertexts."""

    ciphertext_blob: CiphertextType
    plaintext: PlaintextType = field(default=b"", repr=False)
    key_id: KeyIdType
    ciphertext_for_recipient: CiphertextType | None = None
    key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class GenerateDataKeyRequest(Request[GenerateDataKeyResponse]):
    """A request for a data key whose length is given by a key spec, or in bytes."""

    key_id: KeyIdType
    encryption_context: EncryptionContextType | None = None
    number_of_bytes: NumberOfBytesType | None = None
    key_spec: _DataKeySpec | None = None
    grant_tokens: GrantTokenList | None = None
    recipient: RecipientInfo | None = None
    dry_run: bool | None = None


def generate_data_key(
    kms: Kms, request: GenerateDataKeyRequest, call: Call
) -> tuple[Kms, GenerateDataKeyResponse]:
    """
    Generate a symmetric data key, and return it in plaintext and encrypted under a KMS key.
    """
    attestation = recipients.attested(request.recipient, call)
    kms, data_key, sealed = _data_key(kms, request, call)
    plaintext, for_recipient = recipients.told(data_key, attestation, call)
    return kms, GenerateDataKeyResponse(
        ciphertext_blob=sealed.ciphertext_blob,
        plaintext=plaintext,
        key_id=sealed.key_id,
        ciphertext_for_recipient=for_recipient,
        key_material_id=sealed.key_material_id if attestation is None else None,
    )


# ---- GenerateDataKeyWithoutPlaintext


@final
@frozen(kw_only=True)
class GenerateDataKeyWithoutPlaintextResponse:
    ciphertext_blob: CiphertextType
    key_id: KeyIdType
    key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class GenerateDataKeyWithoutPlaintextRequest(Request[GenerateDataKeyWithoutPlaintextResponse]):
    """A request for a data key whose length is given by a key spec, or in bytes."""

    key_id: KeyIdType
    encryption_context: EncryptionContextType | None = None
    key_spec: _DataKeySpec | None = None
    number_of_bytes: NumberOfBytesType | None = None
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None


def generate_data_key_without_plaintext(
    kms: Kms, request: GenerateDataKeyWithoutPlaintextRequest, call: Call
) -> tuple[Kms, GenerateDataKeyWithoutPlaintextResponse]:
    """
    Generate a symmetric data key, and return it only encrypted under a KMS key.
    """
    kms, _, sealed = _data_key(kms, request, call)
    return kms, sealed


def _data_key(
    kms: Kms,
    request: GenerateDataKeyRequest | GenerateDataKeyWithoutPlaintextRequest,
    call: Call,
) -> tuple[Kms, bytes, GenerateDataKeyWithoutPlaintextResponse]:
    """A new data key, and what is told of it in any case."""
    kms, key = access.find(kms, request.key_id, request, call)
    number_of_bytes = _number_of_bytes(request.key_spec, request.number_of_bytes)
    access.check(kms, key, request, call)
    _check_key_spec(key, "data key")
    check_encryption_context(request.encryption_context)
    use.end_dry_run(request.dry_run)
    plaintext = call.hsm.random(number_of_bytes, call.purpose("data key"))
    sealed, key_material_id = encrypted(
        kms,
        key,
        plaintext,
        call,
        request.operation,
        encryption_context=request.encryption_context,
        is_data_key=True,
    )
    return (
        use.used(kms, key, request, call),
        plaintext,
        GenerateDataKeyWithoutPlaintextResponse(
            ciphertext_blob=sealed, key_id=key.arn, key_material_id=key_material_id
        ),
    )


def _number_of_bytes(key_spec: DataKeySpec | None, number_of_bytes: int | None) -> int:
    if key_spec is not None and number_of_bytes is None:
        return DATA_KEY_LENGTH[key_spec]
    if number_of_bytes is not None and key_spec is None:
        return number_of_bytes
    raise ValidationException("Please specify either number of bytes or key spec.")


# ---- GenerateDataKeyPair


@final
@frozen(kw_only=True)
class GenerateDataKeyPairResponse:
    """
    The private key is PKCS #8, the public key SubjectPublicKeyInfo; both are DER.

    With a recipient, the private key is only in the two ciphertexts.
    """

    private_key_ciphertext_blob: CiphertextType
    private_key_plaintext: PlaintextType = field(default=b"", repr=False)
    public_key: PublicKeyType
    key_id: KeyIdType
    key_pair_spec: DataKeyPairSpec
    ciphertext_for_recipient: CiphertextType | None = None
    key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class GenerateDataKeyPairRequest(Request[GenerateDataKeyPairResponse]):
    encryption_context: EncryptionContextType | None = None
    key_id: KeyIdType
    key_pair_spec: DataKeyPairSpec
    grant_tokens: GrantTokenList | None = None
    recipient: RecipientInfo | None = None
    dry_run: bool | None = None


def generate_data_key_pair(
    kms: Kms, request: GenerateDataKeyPairRequest, call: Call
) -> tuple[Kms, GenerateDataKeyPairResponse]:
    """
    Generate an asymmetric data key pair, and return its private key in plaintext and encrypted under a KMS key.
    """
    attestation = recipients.attested(request.recipient, call)
    kms, private_key, pair = _data_key_pair(kms, request, call)
    plaintext, for_recipient = recipients.told(private_key, attestation, call)
    return kms, GenerateDataKeyPairResponse(
        private_key_ciphertext_blob=pair.private_key_ciphertext_blob,
        private_key_plaintext=plaintext,
        public_key=pair.public_key,
        key_id=pair.key_id,
        key_pair_spec=pair.key_pair_spec,
        ciphertext_for_recipient=for_recipient,
        key_material_id=pair.key_material_id,
    )


# ---- GenerateDataKeyPairWithoutPlaintext


@final
@frozen(kw_only=True)
class GenerateDataKeyPairWithoutPlaintextResponse:
    """The public key is SubjectPublicKeyInfo, DER."""

    private_key_ciphertext_blob: CiphertextType
    public_key: PublicKeyType
    key_id: KeyIdType
    key_pair_spec: DataKeyPairSpec
    key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class GenerateDataKeyPairWithoutPlaintextRequest(
    Request[GenerateDataKeyPairWithoutPlaintextResponse]
):
    encryption_context: EncryptionContextType | None = None
    key_id: KeyIdType
    key_pair_spec: DataKeyPairSpec
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None


def generate_data_key_pair_without_plaintext(
    kms: Kms, request: GenerateDataKeyPairWithoutPlaintextRequest, call: Call
) -> tuple[Kms, GenerateDataKeyPairWithoutPlaintextResponse]:
    """
    Generate an asymmetric data key pair, and return its private key only encrypted under a KMS key.
    """
    kms, _, pair = _data_key_pair(kms, request, call)
    return kms, pair


def _data_key_pair(
    kms: Kms,
    request: GenerateDataKeyPairRequest | GenerateDataKeyPairWithoutPlaintextRequest,
    call: Call,
) -> tuple[Kms, bytes, GenerateDataKeyPairWithoutPlaintextResponse]:
    """The private key of a new data key pair, and what is told of the pair in any case."""
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    _check_key_spec(key, "data key pair")
    check_encryption_context(request.encryption_context)
    key_pair_spec = KeySpec(request.key_pair_spec)
    if not is_offered(key_pair_spec, call.region):
        raise UnsupportedOperationException(
            f"KeyPairSpec {key_pair_spec} is not supported in Region {call.region}."
        )
    if request.dry_run and key_pair_spec in BY_AN_EXTRA:
        call.hsm.data_key_pair(key_pair_spec, call.purpose("dry run"))  # which the HSM may not have
    use.end_dry_run(request.dry_run)
    secret = call.hsm.data_key_pair(key_pair_spec, call.purpose("data key pair"))
    private_key = secret.reveal()
    sealed, key_material_id = encrypted(
        kms,
        key,
        private_key,
        call,
        request.operation,
        encryption_context=request.encryption_context,
        is_data_key=True,
    )
    return (
        use.used(kms, key, request, call),
        private_key,
        GenerateDataKeyPairWithoutPlaintextResponse(
            private_key_ciphertext_blob=sealed,
            public_key=call.hsm.public_key(secret),
            key_id=key.arn,
            key_pair_spec=request.key_pair_spec,
            key_material_id=key_material_id,
        ),
    )


# ---- the KMS key that data keys are encrypted under


def _check_key_spec(key: Key, what: str) -> None:
    """Refuse a KMS key that is not a symmetric encryption key. Raises InvalidKeyUsageException."""
    if key.key_spec is not KeySpec.SYMMETRIC_DEFAULT:
        raise InvalidKeyUsageException(
            f"You cannot generate a {what} with an asymmetric CMK", arn=key.arn
        )


# ---- GenerateRandom


@final
@frozen(kw_only=True)
class GenerateRandomResponse:
    """With a recipient, the random bytes are only in `ciphertext_for_recipient`."""

    plaintext: PlaintextType = field(default=b"", repr=False)
    ciphertext_for_recipient: CiphertextType | None = None


@final
@frozen(kw_only=True)
class GenerateRandomRequest(Request[GenerateRandomResponse]):
    """A request for 1 to 1,024 random bytes."""

    number_of_bytes: NumberOfBytesType | None = None
    custom_key_store_id: CustomKeyStoreIdType | None = None
    recipient: RecipientInfo | None = None


def generate_random(
    kms: Kms, request: GenerateRandomRequest, call: Call
) -> tuple[Kms, GenerateRandomResponse]:
    """
    Generate random bytes, in an AWS CloudHSM cluster if the request names its key store.
    """
    attestation = recipients.attested(request.recipient, call)
    if request.number_of_bytes is None:
        raise ValidationException("NumberOfBytes is required.")
    authorize(RequestContext(request.operation, request, call, kms=kms))
    purpose = call.purpose("random bytes")
    if request.custom_key_store_id is not None:
        store = key_in_store.find(kms, request.custom_key_store_id, call)
        random = _random_of_cluster(store, request.number_of_bytes, purpose, call)
    else:
        random = call.hsm.random(request.number_of_bytes, purpose)
    plaintext, for_recipient = recipients.told(random, attestation, call)
    return kms, GenerateRandomResponse(plaintext=plaintext, ciphertext_for_recipient=for_recipient)


def _random_of_cluster(
    store: CustomKeyStore, number_of_bytes: int, purpose: str, call: Call
) -> bytes:
    """Random bytes of the cluster of an AWS CloudHSM key store."""
    if store.cluster is None:
        raise UnsupportedOperationException
    key_in_store.expect_connected(store, call)
    cluster = call.key_stores.cluster(store.cluster.cluster_id)
    if cluster is None:
        raise CustomKeyStoreInvalidStateException(ciphers.OUT_OF_REACH)
    try:
        return cluster.random(number_of_bytes, purpose)
    except ClusterError:
        raise CustomKeyStoreInvalidStateException(ciphers.OUT_OF_REACH) from None
