"""
Encrypting and decrypting data with a symmetric encryption KMS key.
"""

from __future__ import annotations

from typing import NoReturn, final

from attrs import evolve, field, frozen

from kmsmodel import access, ciphertext
from kmsmodel.authorization import check_grant_tokens
from kmsmodel.call import Call
from kmsmodel.ciphertext import CiphertextBlob
from kmsmodel.errors import (
    DryRunOperationException,
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidKeyUsageException,
    ValidationException,
)
from kmsmodel.key import Key
from kmsmodel.key_spec import ALGORITHMS
from kmsmodel.key_state import pending_import
from kmsmodel.kms import Kms
from kmsmodel.request import Request
from kmsmodel.shapes import (
    AttestationDocumentType,
    BackingKeyIdType,
    CiphertextType,
    DryRunModifierList,
    DryRunModifierType,
    EncryptionAlgorithmSpec,
    EncryptionContextType,
    GrantTokenList,
    KeyEncryptionMechanism,
    KeyIdType,
    PlaintextType,
)

_DRY_RUN = "The request would have succeeded, but the DryRun option is set."


# ---- Encrypt


@final
@frozen(kw_only=True)
class EncryptResponse:
    ciphertext_blob: CiphertextType
    key_id: KeyIdType
    encryption_algorithm: EncryptionAlgorithmSpec


@final
@frozen(kw_only=True)
class EncryptRequest(Request[EncryptResponse]):
    """A request to encrypt at most 4,096 bytes."""

    key_id: KeyIdType
    plaintext: PlaintextType = field(repr=False)
    encryption_context: EncryptionContextType | None = None
    grant_tokens: GrantTokenList | None = None
    encryption_algorithm: EncryptionAlgorithmSpec | None = None
    dry_run: bool | None = None


def encrypt(kms: Kms, request: EncryptRequest, call: Call) -> tuple[Kms, EncryptResponse]:
    """
    Encrypt data under the current key material of a KMS key.
    """
    key = access.key(kms, request.key_id, request, call, aliases=True)
    check_grant_tokens(request.grant_tokens)
    algorithm = _algorithm(key, request.encryption_algorithm)
    if request.dry_run:
        raise DryRunOperationException(_DRY_RUN)
    current = key.lifecycle.current
    secret = None if current is None else key.secret(current.key_material_id, call.now)
    if current is None or secret is None:  # an updating key need not have its key material
        raise pending_import.of(key.arn, kms.key_state(key, call.now))
    name = key.name
    blob = CiphertextBlob(name.account, name.key_id, current.key_material_id, b"")
    sealed = call.hsm.encrypt(
        secret,
        request.plaintext,
        blob.additional_data(request.encryption_context),
        call.purpose("ciphertext"),
    )
    return kms, EncryptResponse(
        ciphertext_blob=bytes(evolve(blob, sealed=sealed)),
        key_id=key.arn,
        encryption_algorithm=algorithm,
    )


def _algorithm(key: Key, asked: EncryptionAlgorithmSpec | None) -> EncryptionAlgorithmSpec:
    algorithm = asked or EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT
    if algorithm not in ALGORITHMS[key.key_spec][key.key_usage]:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}.", arn=key.arn
        )
    return algorithm


# ---- Decrypt


@final
@frozen(kw_only=True)
class RecipientInfo:
    """A Nitro enclave's attestation document, for an answer that only the enclave can read."""

    key_encryption_algorithm: KeyEncryptionMechanism | None = None
    attestation_document: AttestationDocumentType | None = None


@final
@frozen(kw_only=True)
class DecryptResponse:
    key_id: KeyIdType
    plaintext: PlaintextType | None = field(repr=False)
    encryption_algorithm: EncryptionAlgorithmSpec
    ciphertext_for_recipient: CiphertextType | None = None
    key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class DecryptRequest(Request[DecryptResponse]):
    """A request to decrypt a ciphertext; a symmetric one names its key itself."""

    ciphertext_blob: CiphertextType | None = None
    encryption_context: EncryptionContextType | None = None
    grant_tokens: GrantTokenList | None = None
    key_id: KeyIdType | None = None
    encryption_algorithm: EncryptionAlgorithmSpec | None = None
    recipient: RecipientInfo | None = None
    dry_run: bool | None = None
    dry_run_modifiers: DryRunModifierList | None = None


def decrypt(kms: Kms, request: DecryptRequest, call: Call) -> tuple[Kms, DecryptResponse]:
    """
    Decrypt a ciphertext under the key material that made it, with an encryption context that is equal.
    """
    _refuse_recipient(request)
    if _ignores_ciphertext(request):
        _dry_run_without_ciphertext(kms, request, call)
    if request.ciphertext_blob is None:
        raise ValidationException(
            "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: "
            "Member must not be null"
        )
    blob = ciphertext.parse(request.ciphertext_blob)
    if blob is None:
        raise InvalidCiphertextException
    key = _key(kms, blob, request, call)
    check_grant_tokens(request.grant_tokens)
    algorithm = _algorithm(key, request.encryption_algorithm)
    secret = key.secret(blob.key_material_id, call.now)
    plaintext = None
    if secret is not None:
        additional_data = blob.additional_data(request.encryption_context)
        plaintext = call.hsm.decrypt(secret, blob.sealed, additional_data)
    if plaintext is None:
        raise InvalidCiphertextException
    if request.dry_run:
        raise DryRunOperationException(_DRY_RUN)
    return kms, DecryptResponse(
        key_id=key.arn,
        plaintext=plaintext,
        encryption_algorithm=algorithm,
        key_material_id=blob.key_material_id,
    )


def _key(kms: Kms, blob: CiphertextBlob, request: DecryptRequest, call: Call) -> Key:
    """The key that the ciphertext names; a key that the request names must be the same."""
    if request.key_id is None:
        return access.key_of_ciphertext(kms, blob.account, blob.key_id, request, call)
    key = access.key(kms, request.key_id, request, call, aliases=True)
    if (key.name.account, key.name.key_id) != (blob.account, blob.key_id):
        raise IncorrectKeyException(
            "The key ID in the request does not identify a CMK that can perform this operation.",
            arn=key.arn,
        )
    return key


def _refuse_recipient(request: DecryptRequest) -> None:
    """An attestation document cannot be verified without AWS's own Nitro root, so none is valid here."""
    if request.recipient is not None:
        raise ValidationException("The attestation document in Recipient cannot be verified.")


def _ignores_ciphertext(request: DecryptRequest) -> bool:
    modifiers = request.dry_run_modifiers or ()
    if modifiers and not request.dry_run:
        raise ValidationException("DryRunModifiers are valid only with DryRun.")
    return DryRunModifierType.IGNORE_CIPHERTEXT in modifiers


def _dry_run_without_ciphertext(kms: Kms, request: DecryptRequest, call: Call) -> NoReturn:
    """Whether the caller may decrypt with the key that the request names; always ends in an error."""
    if request.key_id is None:
        raise ValidationException("KeyId is required with the DryRunModifier IGNORE_CIPHERTEXT.")
    key = access.key(kms, request.key_id, request, call, aliases=True)
    check_grant_tokens(request.grant_tokens)
    _algorithm(key, request.encryption_algorithm)
    raise DryRunOperationException(_DRY_RUN)
