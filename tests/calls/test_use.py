"""
The key material that a KMS key is used with now, and the end of a dry run.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from kmsmodel.calls import use
from kmsmodel.errors import DryRunOperationException, KMSInvalidStateException
from kmsmodel.key.key import Key
from kmsmodel.local import LocalKms
from kmsmodel.words import arn
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType, OriginType
from tests.basics import NOW
from tests.calls.found import CALL, found, told
from tests.operations.steps import (
    FIRST,
    SECOND,
    arn_of,
    create,
    create_external,
    delete_material,
    describe,
)


def remembered(local: LocalKms, key_arn: str) -> Key:
    """A key, whatever its key state is."""
    key = local.kms.key(arn.parse_key_arn(key_arn), NOW)
    assert key is not None
    return key


# ---- the key material


def test_a_key_works_with_the_key_material_that_it_was_rotated_to_last(local: LocalKms) -> None:
    metadata = describe(local, create_external(local, FIRST, SECOND))
    key = found(local, metadata.key_id)
    key_material_id, secret = use.current_material(local.kms, key, CALL)
    assert key_material_id == metadata.current_key_material_id
    assert secret.reveal() == SECOND


def test_without_its_key_material_a_key_is_pending_import(local: LocalKms) -> None:
    """Also while it is updating, which the key state table lets pass."""
    deleted = create_external(local, FIRST)
    delete_material(local, deleted)
    gone, never = remembered(local, deleted), remembered(local, create_external(local))
    updating = evolve(gone.lifecycle, updating_until=NOW + timedelta(seconds=1))
    for each, key_state in (
        (gone, KeyState.PendingImport),
        (gone.with_lifecycle(updating), KeyState.Updating),
        (never, KeyState.PendingImport),
    ):
        with pytest.raises(KMSInvalidStateException) as caught:
            use.current_material(local.kms, each, CALL)
        assert caught.value.message == f"{each.arn} is pending import."
        assert caught.value.key_state is key_state


# ---- dry runs


def test_a_dry_run_ends_here_and_nothing_else_does() -> None:
    for dry_run in (None, False):
        use.end_dry_run(dry_run)
    with pytest.raises(DryRunOperationException) as caught:
        use.end_dry_run(True)
    message = "The request would have succeeded, but the DryRun option is set."
    assert caught.value.message == message


def test_the_public_key_of_an_updating_key_that_was_never_imported_is_pending_import(
    local: LocalKms,
) -> None:
    """The error tells the key state that the key is in now."""
    metadata = create(
        local,
        origin=OriginType.EXTERNAL,
        key_spec=KeySpec.RSA_2048,
        key_usage=KeyUsageType.ENCRYPT_DECRYPT,
    )
    key = remembered(local, arn_of(metadata))
    soon = NOW + timedelta(seconds=1)
    key = key.with_lifecycle(evolve(key.lifecycle, updating_until=soon))
    with pytest.raises(KMSInvalidStateException) as caught:
        use.public_key(local.kms.with_key(key), key, CALL)
    assert told(caught.value) == (KMSInvalidStateException, f"{metadata.arn} is pending import.")
    assert caught.value.key_state is KeyState.Updating
