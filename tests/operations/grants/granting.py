"""
What the tests of grants share: principals, and a grant to one of them.
"""

from __future__ import annotations

from typing import Any

from kmsmodel.local import LocalKms
from kmsmodel.operations.grant_lists import (
    GrantListEntry,
    ListGrantsRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest,
    CreateGrantResponse,
)
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import ACCOUNT, OTHER_ACCOUNT

APP = f"arn:aws:iam::{ACCOUNT}:role/app"
JANITOR = f"arn:aws:iam::{ACCOUNT}:role/janitor"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
STRANGER = f"arn:aws:iam::{OTHER_ACCOUNT}:user/stranger"
S3 = "s3.amazonaws.com"
BUCKET = f"arn:aws:s3:us-west-2:{ACCOUNT}:bucket"

Op = GrantOperation


def request(key_id: str, **members: Any) -> CreateGrantRequest:
    """To let `APP` describe a key, unless the members say otherwise."""
    given: dict[str, Any] = {"grantee_principal": APP, "operations": (Op.DescribeKey,), **members}
    return CreateGrantRequest(key_id=key_id, **given)


def grant(local: LocalKms, key_id: str, **members: Any) -> CreateGrantResponse:
    return local.handle(request(key_id, **members))


def grants(local: LocalKms, key_id: str, **filters: Any) -> tuple[GrantListEntry, ...]:
    answer = local.handle(ListGrantsRequest(key_id=key_id, limit=100, **filters))
    assert not answer.truncated
    return answer.grants
