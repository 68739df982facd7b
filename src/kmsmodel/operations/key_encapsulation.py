"""
Key encapsulation with ML-KEM: shared secrets that only the owner of the private key can recover.
"""

from __future__ import annotations

from typing import final

from attrs import field, frozen

from kmsmodel.calls import access, use
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import InvalidCiphertextException
from kmsmodel.key import key_usage
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import EncapsulationAlgorithmSpec
from kmsmodel.words.shapes import CiphertextType, GrantTokenList, KeyIdType, PlaintextType

# ---- Encapsulate


@final
@frozen(kw_only=True)
class EncapsulateResponse:
    """A shared secret of 32 bytes, and the ciphertext that gives it to the owner of the private key."""

    key_id: KeyIdType
    shared_secret: PlaintextType = field(repr=False)
    shared_secret_ciphertext_blob: CiphertextType
    encapsulation_algorithm: EncapsulationAlgorithmSpec


@final
@frozen(kw_only=True)
class EncapsulateRequest(Request[EncapsulateResponse]):
    key_id: KeyIdType
    encapsulation_algorithm: EncapsulationAlgorithmSpec
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None


def encapsulate(
    kms: Kms, request: EncapsulateRequest, call: Call
) -> tuple[Kms, EncapsulateResponse]:
    """
    Make a shared secret, and encapsulate it under the public key of a KMS key.
    """
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    algorithm = request.encapsulation_algorithm
    key_usage.check_algorithm(key, algorithm)
    public_key = use.public_key(kms, key, call)
    use.end_dry_run(request.dry_run)
    made = call.hsm.encapsulate(public_key, call.purpose("shared secret"))
    return use.used(kms, key, request, call), EncapsulateResponse(
        key_id=key.arn,
        shared_secret=made.shared_secret.reveal(),
        shared_secret_ciphertext_blob=made.ciphertext,
        encapsulation_algorithm=algorithm,
    )


# ---- Decapsulate


@final
@frozen(kw_only=True)
class DecapsulateResponse:
    key_id: KeyIdType
    shared_secret: PlaintextType = field(repr=False)
    encapsulation_algorithm: EncapsulationAlgorithmSpec


@final
@frozen(kw_only=True)
class DecapsulateRequest(Request[DecapsulateResponse]):
    key_id: KeyIdType
    shared_secret_ciphertext_blob: CiphertextType
    encapsulation_algorithm: EncapsulationAlgorithmSpec
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None


def decapsulate(
    kms: Kms, request: DecapsulateRequest, call: Call
) -> tuple[Kms, DecapsulateResponse]:
    """
    Recover the shared secret of a ciphertext; a changed ciphertext gives another secret, as FIPS 203 specifies.
    """
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    algorithm = request.encapsulation_algorithm
    key_usage.check_algorithm(key, algorithm)
    _, secret = use.current_material(kms, key, call)
    shared_secret = call.hsm.decapsulate(secret, request.shared_secret_ciphertext_blob)
    if shared_secret is None:
        raise InvalidCiphertextException(arn=key.arn).with_note(
            f"a ciphertext of {key.key_spec} has another length"
        )
    use.end_dry_run(request.dry_run)
    return use.used(kms, key, request, call), DecapsulateResponse(
        key_id=key.arn,
        shared_secret=shared_secret.reveal(),
        encapsulation_algorithm=algorithm,
    )
