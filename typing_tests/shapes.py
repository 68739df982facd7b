"""
Members have the types that AWS gives them, required ones must be given, and values do not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_type

from kmsmodel import (
    CreateKeyRequest,
    DecryptRequest,
    DecryptResponse,
    DescribeKeyRequest,
    EncryptRequest,
    KeyMetadata,
    KeyState,
    KmsError,
    LocalKms,
    OriginType,
    Request,
    ScheduleKeyDeletionResponse,
)


def members_have_their_types(
    metadata: KeyMetadata, decrypted: DecryptResponse, scheduled: ScheduleKeyDeletionResponse
) -> None:
    assert_type(metadata.key_id, str)
    assert_type(metadata.key_state, KeyState | None)
    assert_type(metadata.creation_date, datetime | None)
    assert_type(decrypted.plaintext, bytes)
    assert_type(scheduled.key_state, KeyState)
    assert_type(KeyMetadata.from_json({}), KeyMetadata)
    assert_type(DecryptRequest().encryption_context, Mapping[str, str] | None)


def a_required_member_must_be_given() -> None:
    EncryptRequest(key_id="k")  # type: ignore[call-arg]
    EncryptRequest(key_id="k", plaintext=b"p")


def a_member_has_one_type() -> None:
    CreateKeyRequest(origin="EXTERNAL")  # type: ignore[arg-type]
    CreateKeyRequest(origin=OriginType.EXTERNAL)


def a_value_does_not_change(request: DescribeKeyRequest) -> None:
    request.key_id = "other"  # type: ignore[misc]


def requests_are_final() -> None:
    class _Mine(DescribeKeyRequest):  # type: ignore[misc]
        pass


def what_is_no_request_is_refused(local: LocalKms) -> None:
    local.handle("DescribeKey")  # type: ignore[arg-type]


def a_response_is_of_its_request(request: Request[DecryptResponse], local: LocalKms) -> None:
    assert_type(local.handle(request), DecryptResponse)


def a_request_for_anything_is_answered_with_something(
    request: Request[object], narrower: Request[DecryptResponse], local: LocalKms
) -> None:
    assert_type(local.handle(request), object)
    _wider: Request[object] = narrower


def errors_carry_facts(error: KmsError) -> None:
    assert_type(error.code, str)
    assert_type(error.arn, str | None)
