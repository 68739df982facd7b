"""
Encrypting, decrypting and reencrypting data.
"""

from __future__ import annotations

from typing import final

from attrs import field, frozen

from kmsmodel.calls import access, elsewhere, recipients, use
from kmsmodel.calls.call import Call
from kmsmodel.calls.ciphers import cipher
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    AccessDeniedException,
    IncorrectKeyException,
    InvalidCiphertextException,
    ValidationException,
)
from kmsmodel.hsm import ciphertext
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.key import key_usage
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import longest_plaintext
from kmsmodel.memory.kms import Kms
from kmsmodel.words import arn
from kmsmodel.words.enumerations import DryRunModifierType, EncryptionAlgorithmSpec
from kmsmodel.words.shapes import (
    BackingKeyIdType,
    CiphertextType,
    DryRunModifierList,
    EncryptionContextType,
    GrantTokenList,
    KeyIdType,
    PlaintextType,
)
from kmsmodel.words.violations import null_violation, validation_exception

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
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    algorithm = request.encryption_algorithm or EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT
    _check_algorithm(key, algorithm, request.encryption_context)
    # Symmetric encryption takes the longest plaintext that a request can have.
    if algorithm is not EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT:
        _check_plaintext(key, algorithm, request.plaintext)
    use.end_dry_run(request.dry_run)
    sealed, _ = encrypted(
        kms,
        key,
        request.plaintext,
        call,
        request.operation,
        algorithm=algorithm,
        encryption_context=request.encryption_context,
    )
    return use.used(kms, key, request, call), EncryptResponse(
        ciphertext_blob=sealed, key_id=key.arn, encryption_algorithm=algorithm
    )


def encrypted(
    kms: Kms,
    key: Key,
    plaintext: bytes,
    call: Call,
    operation: str,
    *,
    algorithm: EncryptionAlgorithmSpec = EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,
    encryption_context: EncryptionContextType | None = None,
    is_data_key: bool = False,
) -> tuple[CiphertextType, BackingKeyIdType | None]:
    """
    A plaintext encrypted under the current key material of a KMS key, and that material's id if the key is symmetric.
    """
    purpose = call.purpose("ciphertext")
    if algorithm is not EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT:
        public_key = use.public_key(kms, key, call)
        return call.hsm.rsa_encrypt(public_key, algorithm, plaintext, purpose), None
    key_material_id, secret = use.current_material(kms, key, call)
    blob = ciphertext.empty(key.arn, key_material_id, is_data_key=is_data_key)
    by = cipher(kms, key, call, operation)
    return blob.seal(secret, plaintext, encryption_context, by, purpose), key_material_id


def _check_algorithm(
    key: Key,
    algorithm: EncryptionAlgorithmSpec,
    encryption_context: EncryptionContextType | None,
) -> None:
    if algorithm is not EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT and encryption_context:
        raise ValidationException(
            "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.",
            arn=key.arn,
        )
    check_encryption_context(encryption_context)
    key_usage.check_algorithm(key, algorithm)


def check_encryption_context(encryption_context: EncryptionContextType | None) -> None:
    """Refuse an encryption context in which a value is empty. Raises ValidationException."""
    for name, value in (encryption_context or {}).items():
        if not value:
            refused = ValidationException("Invalid EncryptionContext")
            raise refused.with_note(f"the value of {name!r} is empty")


def _check_plaintext(key: Key, algorithm: EncryptionAlgorithmSpec, plaintext: bytes) -> None:
    longest = longest_plaintext(key.key_spec, algorithm)
    if len(plaintext) > longest:
        raise ValidationException(
            f"Algorithm {algorithm} and key spec {key.key_spec} "
            f"cannot encrypt data larger than {longest} bytes.",
            arn=key.arn,
        )


# ---- Decrypt


@final
@frozen(kw_only=True)
class DecryptResponse:
    """With a recipient, the plaintext is only in `ciphertext_for_recipient`."""

    key_id: KeyIdType
    plaintext: PlaintextType = field(default=b"", repr=False)
    encryption_algorithm: EncryptionAlgorithmSpec
    ciphertext_for_recipient: CiphertextType | None = None
    key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class DecryptRequest(Request[DecryptResponse]):
    """A request to decrypt a ciphertext; a symmetric ciphertext names its own key."""

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
    Decrypt a ciphertext with the key material that encrypted it and an equal encryption context.
    """
    attestation = recipients.attested(request.recipient, call)
    _check_dry_run_modifiers(request)
    source = _Source(
        key_id=request.key_id,
        name_of_key_id="KeyId",
        action=request.operation,
        algorithm=request.encryption_algorithm or EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,
        encryption_context=request.encryption_context,
    )
    kms, decrypted = _decrypted(kms, request, source, call)
    use.end_dry_run(request.dry_run)
    plaintext, for_recipient = recipients.told(decrypted.plaintext, attestation, call)
    return use.used(kms, decrypted.key, request, call), DecryptResponse(
        key_id=decrypted.key.arn,
        plaintext=plaintext,
        encryption_algorithm=source.algorithm,
        ciphertext_for_recipient=for_recipient,
        key_material_id=decrypted.key_material_id if attestation is None else None,
    )


# ---- ReEncrypt


@final
@frozen(kw_only=True)
class ReEncryptResponse:
    ciphertext_blob: CiphertextType
    source_key_id: KeyIdType
    key_id: KeyIdType
    source_encryption_algorithm: EncryptionAlgorithmSpec
    destination_encryption_algorithm: EncryptionAlgorithmSpec
    source_key_material_id: BackingKeyIdType | None = None
    destination_key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class ReEncryptRequest(Request[ReEncryptResponse]):
    """A request to decrypt a ciphertext and encrypt its plaintext again; the plaintext never leaves AWS KMS."""

    ciphertext_blob: CiphertextType | None = None
    source_encryption_context: EncryptionContextType | None = None
    source_key_id: KeyIdType | None = None
    destination_key_id: KeyIdType
    destination_encryption_context: EncryptionContextType | None = None
    source_encryption_algorithm: EncryptionAlgorithmSpec | None = None
    destination_encryption_algorithm: EncryptionAlgorithmSpec | None = None
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None
    dry_run_modifiers: DryRunModifierList | None = None


def re_encrypt(kms: Kms, request: ReEncryptRequest, call: Call) -> tuple[Kms, ReEncryptResponse]:
    """
    Decrypt a ciphertext and encrypt its plaintext again, under another key or with another encryption context.
    """
    _check_dry_run_modifiers(request)
    source = _Source(
        key_id=request.source_key_id,
        name_of_key_id="SourceKeyId",
        action="ReEncryptFrom",
        algorithm=request.source_encryption_algorithm or EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,
        encryption_context=request.source_encryption_context,
    )
    kms, decrypted = _decrypted(kms, request, source, call)
    kms, key = access.key_or_alias(
        kms, request.destination_key_id, request, call, action="ReEncryptTo"
    )
    algorithm = (
        request.destination_encryption_algorithm or EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT
    )
    encryption_context = request.destination_encryption_context
    _check_algorithm(key, algorithm, encryption_context)
    _check_plaintext(key, algorithm, decrypted.plaintext)
    use.end_dry_run(request.dry_run)
    sealed, key_material_id = encrypted(
        kms,
        key,
        decrypted.plaintext,
        call,
        request.operation,
        algorithm=algorithm,
        encryption_context=encryption_context,
    )
    for each in (decrypted.key, key):
        kms = use.used(kms, each, request, call)
    return kms, ReEncryptResponse(
        ciphertext_blob=sealed,
        source_key_id=decrypted.key.arn,
        key_id=key.arn,
        source_encryption_algorithm=source.algorithm,
        destination_encryption_algorithm=algorithm,
        source_key_material_id=decrypted.key_material_id,
        destination_key_material_id=key_material_id,
    )


# ---- decrypting, as Decrypt and ReEncrypt do


@final
@frozen(kw_only=True)
class _Source:
    """What a request says about its ciphertext; the two operations have different names for the same members."""

    key_id: KeyIdType | None
    name_of_key_id: str
    action: str
    algorithm: EncryptionAlgorithmSpec
    encryption_context: EncryptionContextType | None


@final
@frozen(kw_only=True)
class _Decrypted:
    """A plaintext, the KMS key that it was encrypted under, and the id of the key material if the key is symmetric."""

    plaintext: bytes = field(repr=False)
    key: Key
    key_material_id: BackingKeyIdType | None = None


def _check_dry_run_modifiers(request: DecryptRequest | ReEncryptRequest) -> None:
    if request.dry_run_modifiers and not request.dry_run:
        raise ValidationException("DryRunModifiers can only be specified when DryRun is true")


def _decrypted(
    kms: Kms, request: DecryptRequest | ReEncryptRequest, source: _Source, call: Call
) -> tuple[Kms, _Decrypted]:
    """The plaintext of a request's ciphertext, or an empty one if a dry run ignores the ciphertext."""
    if DryRunModifierType.IGNORE_CIPHERTEXT in (request.dry_run_modifiers or ()):
        kms, key = _key_in_request(kms, request, source, call)
        return kms, _Decrypted(plaintext=b"", key=key)
    if request.ciphertext_blob is None:
        raise validation_exception([null_violation("ciphertextBlob")])
    if source.algorithm is EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT:
        return _decrypted_symmetric(kms, request, request.ciphertext_blob, source, call)
    return _decrypted_asymmetric(kms, request, request.ciphertext_blob, source, call)


def _decrypted_symmetric(
    kms: Kms,
    request: DecryptRequest | ReEncryptRequest,
    ciphertext_blob: bytes,
    source: _Source,
    call: Call,
) -> tuple[Kms, _Decrypted]:
    """A symmetric ciphertext names its key and key material; if the request names a key, it must be the same."""
    blob = ciphertext.parse(ciphertext_blob)
    if blob is None:
        raise InvalidCiphertextException().with_note(
            "this is not a symmetric ciphertext of this model, or it was changed"
        )
    named = kms.key_arn(blob.key_handle, call.region)
    if source.key_id is None:
        try:
            key = access.key_of_ciphertext(kms, named, request, call, action=source.action)
        except AccessDeniedException as error:
            if named is None:
                account, handle = call.caller.account, blob.key_handle
                elsewhere.told(
                    error,
                    "the key of this ciphertext",
                    kms,
                    call,
                    account=account,
                    is_there=lambda region: kms.key_arn(handle, region) is not None,
                )
            raise
    else:
        # A key id alone may be that of another account's key, which the ciphertext tells.
        key_id = source.key_id if named is None or source.key_id != named.key_id else str(named)
        if arn.is_elsewhere(key_id, call.region):
            raise _incorrect_key(key_id)
        kms, key = access.find(kms, key_id, request, call, action=source.action)
        if ciphertext.key_handle(key.arn) != blob.key_handle:
            raise _incorrect_key(key.arn)
        access.check(kms, key, request, call)
    _check_algorithm(key, source.algorithm, source.encryption_context)
    secret = key.secret(blob.key_material_id, call.now)
    by = cipher(kms, key, call, request.operation)
    if secret is None:
        raise InvalidCiphertextException().with_note(
            "it was encrypted under key material that this KMS key does not have, "
            "as that of another HSM, or of one with another seed"
        )
    plaintext = blob.open(secret, source.encryption_context, by)
    if plaintext is None:
        raise InvalidCiphertextException().with_note(
            "the encryption context is not the one that it was encrypted with"
        )
    return kms, _Decrypted(plaintext=plaintext, key=key, key_material_id=blob.key_material_id)


def _incorrect_key(key_arn: str) -> IncorrectKeyException:
    return IncorrectKeyException(
        "The key ID in the request does not identify a CMK that can perform this operation.",
        arn=key_arn,
    )


def _decrypted_asymmetric(
    kms: Kms,
    request: DecryptRequest | ReEncryptRequest,
    ciphertext_blob: bytes,
    source: _Source,
    call: Call,
) -> tuple[Kms, _Decrypted]:
    """An asymmetric ciphertext does not name its key, and may have been made outside of AWS KMS."""
    kms, key = _key_in_request(kms, request, source, call)
    _, private_key = use.current_material(kms, key, call)
    plaintext = call.hsm.rsa_decrypt(private_key, source.algorithm, ciphertext_blob)
    if plaintext is None:
        raise InvalidCiphertextException().with_note(
            f"it was not encrypted under the public key of {key.arn} with {source.algorithm}"
        )
    return kms, _Decrypted(plaintext=plaintext, key=key)


def _key_in_request(
    kms: Kms, request: DecryptRequest | ReEncryptRequest, source: _Source, call: Call
) -> tuple[Kms, Key]:
    """The key that the request must name, because no ciphertext does."""
    if source.key_id is None:
        raise ValidationException(f"{source.name_of_key_id} must not be null")
    kms, key = access.key_or_alias(kms, source.key_id, request, call, action=source.action)
    _check_algorithm(key, source.algorithm, source.encryption_context)
    return kms, key
