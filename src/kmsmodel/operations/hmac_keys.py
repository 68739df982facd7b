"""
HMAC KMS keys: message authentication codes.
"""

from __future__ import annotations

import hmac
from typing import final

from attrs import field, frozen

from kmsmodel.calls import access, use
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import KMSInvalidMacException
from kmsmodel.key import key_usage
from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import MacAlgorithmSpec
from kmsmodel.words.shapes import CiphertextType, GrantTokenList, KeyIdType, PlaintextType

# ---- GenerateMac


@final
@frozen(kw_only=True)
class GenerateMacResponse:
    mac: CiphertextType
    mac_algorithm: MacAlgorithmSpec
    key_id: KeyIdType


@final
@frozen(kw_only=True)
class GenerateMacRequest(Request[GenerateMacResponse]):
    """A request for the message authentication code of a message of at most 4,096 bytes."""

    message: PlaintextType = field(repr=False)
    key_id: KeyIdType
    mac_algorithm: MacAlgorithmSpec
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None


def generate_mac(
    kms: Kms, request: GenerateMacRequest, call: Call
) -> tuple[Kms, GenerateMacResponse]:
    """
    Generate the message authentication code of a message with an HMAC KMS key.
    """
    kms, mac, key = _mac(kms, request, call)
    use.end_dry_run(request.dry_run)
    return use.used(kms, key, request, call), GenerateMacResponse(
        mac=mac, mac_algorithm=request.mac_algorithm, key_id=key.arn
    )


# ---- VerifyMac


@final
@frozen(kw_only=True)
class VerifyMacResponse:
    """A message authentication code that is valid; one that is not is answered with an error."""

    key_id: KeyIdType
    mac_valid: bool
    mac_algorithm: MacAlgorithmSpec


@final
@frozen(kw_only=True)
class VerifyMacRequest(Request[VerifyMacResponse]):
    message: PlaintextType = field(repr=False)
    key_id: KeyIdType
    mac_algorithm: MacAlgorithmSpec
    mac: CiphertextType
    grant_tokens: GrantTokenList | None = None
    dry_run: bool | None = None


def verify_mac(kms: Kms, request: VerifyMacRequest, call: Call) -> tuple[Kms, VerifyMacResponse]:
    """
    Verify that a message authentication code was made of this message, with this KMS key and algorithm.
    """
    kms, mac, key = _mac(kms, request, call)
    if not hmac.compare_digest(mac, request.mac):
        raise KMSInvalidMacException(arn=key.arn)
    use.end_dry_run(request.dry_run)
    return use.used(kms, key, request, call), VerifyMacResponse(
        key_id=key.arn, mac_valid=True, mac_algorithm=request.mac_algorithm
    )


def _mac(
    kms: Kms, request: GenerateMacRequest | VerifyMacRequest, call: Call
) -> tuple[Kms, bytes, Key]:
    """The message authentication code of the message, and its key."""
    kms, key = access.key_or_alias(kms, request.key_id, request, call)
    key_usage.check_algorithm(key, request.mac_algorithm)
    _, secret = use.current_material(kms, key, call)
    return kms, call.hsm.mac(secret, request.mac_algorithm, request.message), key
