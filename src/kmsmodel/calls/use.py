"""
The key material that a KMS key works with now, the end of a dry run, and what is kept of a use.
"""

from __future__ import annotations

from collections.abc import Mapping

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import DryRunOperationException, KmsError
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key import Key
from kmsmodel.key.last_usage import Usage
from kmsmodel.machine import key_state
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation


def current_material(kms: Kms, key: Key, call: Call) -> tuple[str, Secret]:
    """
    The id and the bytes of the key material that a KMS key works with now.

    A key has no bytes of material that is gone.

    Raises KMSInvalidStateException if the material is not there, which is possible while the key is updating.
    """
    current = key.lifecycle.materials.current
    backing_key = None if current is None else key.backing_key(current.key_material_id)
    if backing_key is None or backing_key.secret is None:
        raise _pending_import(kms, key, call)
    return backing_key.key_material_id, backing_key.secret


def public_key(kms: Kms, key: Key, call: Call) -> bytes:
    """
    The public key of an asymmetric KMS key, even if its private key was deleted.

    Raises KMSInvalidStateException if key material was never imported.
    """
    current = key.lifecycle.materials.current
    backing_key = None if current is None else key.backing_key(current.key_material_id)
    if backing_key is None or backing_key.public_key is None:
        raise _pending_import(kms, key, call)
    return backing_key.public_key


def _pending_import(kms: Kms, key: Key, call: Call) -> KmsError:
    return key_state.pending_import.for_key(key.arn, kms.key_state(key, call.now))


def end_dry_run(dry_run: bool | None) -> None:
    """End a dry run, after all checks that can refuse the request. Raises DryRunOperationException."""
    if dry_run:
        raise DryRunOperationException(
            "The request would have succeeded, but the DryRun option is set."
        )


def used(kms: Kms, key: Key, request: Request[object], call: Call) -> Kms:
    """The state after a cryptographic operation with a KMS key has succeeded: it is the key's last usage now."""
    told_from = call.now + call.delays.last_usage
    operation = _TRACKED[request.operation]
    return kms.with_usage(key, Usage(operation, call.now, call.request_id, told_from))


_TRACKED: Mapping[str, KeyLastUsageTrackingOperation] = {
    each.value: each for each in KeyLastUsageTrackingOperation
}
