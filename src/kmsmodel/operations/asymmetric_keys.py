"""
Asymmetric KMS keys: public keys, signatures, and secrets that are shared by key agreement.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Annotated, final

from attrs import field, frozen

from kmsmodel.calls import access, recipients, use
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    KMSInvalidSignatureException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.key import key_usage
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import is_asymmetric
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import (
    KeyAgreementAlgorithmSpec,
    KeySpec,
    KeyUsageType,
    MessageType,
    OriginType,
    SigningAlgorithmSpec,
)
from kmsmodel.words.shapes import (
    CiphertextType,
    EncapsulationAlgorithmSpecList,
    EncryptionAlgorithmSpecList,
    GrantTokenList,
    KeyAgreementAlgorithmSpecList,
    KeyIdType,
    PlaintextType,
    PublicKeyType,
    SigningAlgorithmSpecList,
    Unlisted,
)

# ---- GetPublicKey


@final
@frozen(kw_only=True)
class GetPublicKeyResponse:
    """
    A public key (DER SubjectPublicKeyInfo), and what it may be used for.

    ``customer_master_key_spec`` repeats ``key_spec``, also where the older enumeration lacks the value.
    """

    key_id: KeyIdType
    public_key: PublicKeyType
    customer_master_key_spec: KeySpec | None = None
    key_spec: KeySpec
    key_usage: KeyUsageType
    encryption_algorithms: EncryptionAlgorithmSpecList | None = None
    signing_algorithms: SigningAlgorithmSpecList | None = None
    key_agreement_algorithms: KeyAgreementAlgorithmSpecList | None = None
    encapsulation_algorithms: EncapsulationAlgorithmSpecList | None = None


@final
@frozen(kw_only=True)
class GetPublicKeyRequest(Request[GetPublicKeyResponse]):
    key_id: KeyIdType
    grant_tokens: GrantTokenList | None = None


def get_public_key(
    kms: Kms, request: GetPublicKeyRequest, call: Call
) -> tuple[Kms, GetPublicKeyResponse]:
    """
    Return the public key of an asymmetric KMS key, even if its private key was deleted.
    """
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    if not is_asymmetric(key.key_spec):
        raise UnsupportedOperationException(arn=key.arn)
    return kms, GetPublicKeyResponse(
        key_id=key.arn,
        public_key=use.public_key(kms, key, call),
        customer_master_key_spec=key.key_spec,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        encryption_algorithms=key.algorithms.encryption_algorithms,
        signing_algorithms=key.algorithms.signing_algorithms,
        key_agreement_algorithms=key.algorithms.key_agreement_algorithms,
        encapsulation_algorithms=key.algorithms.encapsulation_algorithms,
    )


# ---- Sign


_AnySigningAlgorithm = Annotated[SigningAlgorithmSpec, Unlisted("SYMMETRIC_DEFAULT")]
"""Any that a request may name: one that no KMS key signs with is a wrong key usage."""


@final
@frozen(kw_only=True)
class SignResponse:
    """A signature: DER for ECDSA, otherwise in the form of the algorithm's standard."""

    key_id: KeyIdType
    signature: CiphertextType
    signing_algorithm: SigningAlgorithmSpec


@final
@frozen(kw_only=True)
class SignRequest(Request[SignResponse]):
    """A request to sign a message of at most 4,096 bytes, or the digest or representative of any message."""

    key_id: KeyIdType
    message: PlaintextType = field(repr=False)
    message_type: MessageType | None = None
    grant_tokens: GrantTokenList | None = None
    signing_algorithm: _AnySigningAlgorithm
    dry_run: bool | None = None


def sign(kms: Kms, request: SignRequest, call: Call) -> tuple[Kms, SignResponse]:
    """
    Sign a message, or its digest or representative, with the private key of an asymmetric KMS key.
    """
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    message_type = _message_type(key, request)
    _, secret = use.current_material(kms, key, call)
    use.end_dry_run(request.dry_run)
    algorithm = request.signing_algorithm
    purpose = call.purpose("signature")
    with _told_of(key):
        signature = call.hsm.sign(secret, algorithm, message_type, request.message, purpose)
    response = SignResponse(key_id=key.arn, signature=signature, signing_algorithm=algorithm)
    return use.used(kms, key, request, call), response


# ---- Verify


@final
@frozen(kw_only=True)
class VerifyResponse:
    """A signature that is valid; one that is not is answered with an error."""

    key_id: KeyIdType
    signature_valid: bool
    signing_algorithm: SigningAlgorithmSpec


@final
@frozen(kw_only=True)
class VerifyRequest(Request[VerifyResponse]):
    key_id: KeyIdType
    message: PlaintextType = field(repr=False)
    message_type: MessageType | None = None
    signature: CiphertextType
    signing_algorithm: _AnySigningAlgorithm
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None


def verify(kms: Kms, request: VerifyRequest, call: Call) -> tuple[Kms, VerifyResponse]:
    """
    Verify that a signature was made of this message, with this KMS key and signing algorithm.
    """
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    message_type = _message_type(key, request)
    public_key = use.public_key(kms, key, call)
    algorithm, signature = request.signing_algorithm, request.signature
    with _told_of(key):
        valid = call.hsm.verify(public_key, algorithm, message_type, request.message, signature)
    if not valid:
        raise KMSInvalidSignatureException(arn=key.arn)
    use.end_dry_run(request.dry_run)
    response = VerifyResponse(key_id=key.arn, signature_valid=True, signing_algorithm=algorithm)
    return use.used(kms, key, request, call), response


def _message_type(key: Key, request: SignRequest | VerifyRequest) -> MessageType:
    """The message type of a request; refuse one whose signing algorithm does not suit the KMS key or the message."""
    algorithm, message_type = request.signing_algorithm, request.message_type or MessageType.RAW
    key_usage.check_algorithm(key, algorithm)
    _check_message(key, algorithm, message_type, request.message)
    return message_type


@contextmanager
def _told_of(key: Key) -> Generator[None]:
    """An error of the HSM, which does not know the KMS key, names it."""
    try:
        yield
    except UnsupportedOperationException as error:
        error.arn = key.arn
        raise


def _check_message(
    key: Key, algorithm: SigningAlgorithmSpec, message_type: MessageType, message: bytes
) -> None:
    lengths = _MESSAGE_LENGTHS[algorithm]
    if message_type not in lengths:
        others = key.algorithms.every
        by_another = any(message_type in _MESSAGE_LENGTHS[other] for other in others)
        what = f"algorithm {algorithm}" if by_another else f"key spec {key.key_spec}"
        raise ValidationException(
            f"Message type {message_type} is incompatible with {what}.", arn=key.arn
        )
    length = lengths[message_type]
    if length is not None and len(message) != length:
        what = "External Mu" if message_type is MessageType.EXTERNAL_MU else "Digest"
        raise ValidationException(
            f"{what} is invalid length for algorithm {algorithm}.", arn=key.arn
        )


def _digest_of(length: int) -> Mapping[MessageType, int | None]:
    return {MessageType.RAW: None, MessageType.DIGEST: length}


_MESSAGE_LENGTHS: Mapping[str, Mapping[MessageType, int | None]] = {
    SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256: _digest_of(32),
    SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_384: _digest_of(48),
    SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_512: _digest_of(64),
    SigningAlgorithmSpec.RSASSA_PSS_SHA_256: _digest_of(32),
    SigningAlgorithmSpec.RSASSA_PSS_SHA_384: _digest_of(48),
    SigningAlgorithmSpec.RSASSA_PSS_SHA_512: _digest_of(64),
    SigningAlgorithmSpec.ECDSA_SHA_256: _digest_of(32),
    SigningAlgorithmSpec.ECDSA_SHA_384: _digest_of(48),
    SigningAlgorithmSpec.ECDSA_SHA_512: _digest_of(64),
    SigningAlgorithmSpec.ED25519_SHA_512: {MessageType.RAW: None},
    SigningAlgorithmSpec.ED25519_PH_SHA_512: {MessageType.DIGEST: 64},
    SigningAlgorithmSpec.SM2DSA: _digest_of(32),
    SigningAlgorithmSpec.ML_DSA_SHAKE_256: {MessageType.RAW: None, MessageType.EXTERNAL_MU: 64},
}
"""The message types that a signing algorithm takes, and how many bytes the message must have; None for any number."""


# ---- DeriveSharedSecret


@final
@frozen(kw_only=True)
class DeriveSharedSecretResponse:
    """The raw shared secret: the x coordinate that both sides compute; for a recipient, only encrypted."""

    key_id: KeyIdType
    shared_secret: PlaintextType = field(default=b"", repr=False)
    ciphertext_for_recipient: CiphertextType | None = None
    key_agreement_algorithm: KeyAgreementAlgorithmSpec
    key_origin: OriginType


@final
@frozen(kw_only=True)
class DeriveSharedSecretRequest(Request[DeriveSharedSecretResponse]):
    """A request for the secret shared with the owner of a public key (DER SubjectPublicKeyInfo) on the same curve."""

    key_id: KeyIdType
    key_agreement_algorithm: KeyAgreementAlgorithmSpec
    public_key: PublicKeyType
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None
    recipient: RecipientInfo | None = None


def derive_shared_secret(
    kms: Kms, request: DeriveSharedSecretRequest, call: Call
) -> tuple[Kms, DeriveSharedSecretResponse]:
    """
    Derive a secret from the private key of a KMS key and the public key of a peer.
    """
    attestation = recipients.attested(request.recipient, call)
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    algorithm = request.key_agreement_algorithm
    key_usage.check_algorithm(key, algorithm)
    _, secret = use.current_material(kms, key, call)
    shared_secret = call.hsm.agree(secret, request.public_key)
    if shared_secret is None:
        raise ValidationException(arn=key.arn)
    use.end_dry_run(request.dry_run)
    plaintext, for_recipient = recipients.told(shared_secret.reveal(), attestation, call)
    return use.used(kms, key, request, call), DeriveSharedSecretResponse(
        key_id=key.arn,
        shared_secret=plaintext,
        ciphertext_for_recipient=for_recipient,
        key_agreement_algorithm=algorithm,
        key_origin=key.lifecycle.origin,
    )
