"""
RetireGrant and RevokeGrant: who may end a grant, and how they name it.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmsmodel.calls.caller import Caller
from kmsmodel.errors import (
    AccessDeniedException,
    DryRunOperationException,
    InvalidArnException,
    InvalidGrantIdException,
    InvalidGrantTokenException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.grant_deletion import (
    RetireGrantRequest,
    RevokeGrantRequest,
)
from tests.basics import ACCOUNT, NOBODY, OTHER_ACCOUNT, allowing
from tests.operations.grants.granting import APP, JANITOR, STRANGER, Op, grant, grants
from tests.operations.steps import create, refused

DRY = "The request would have succeeded, but the DryRun option is set."
BECAUSE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)
EITHER = "You must specify either GrantToken, or both KeyId and GrantId, but not all of them."


def by(principal: str) -> dict[str, str]:
    return {"account": principal.split(":")[4], "principal": principal}


# ---- RetireGrant


def test_a_grant_is_retired_by_its_token_or_by_key_arn_and_grant_id(local: LocalKms) -> None:
    key = create(local)
    one, other = grant(local, key.key_id), grant(local, key.key_id)
    local.handle(RetireGrantRequest(grant_token=one.grant_token))
    (entry,) = grants(local, key.key_id)
    assert entry.grant_id == other.grant_id
    local.handle(RetireGrantRequest(key_id=key.arn, grant_id=other.grant_id))
    assert grants(local, key.key_id) == ()


def test_any_token_of_a_grant_will_do(local: LocalKms) -> None:
    key_id = create(local).key_id
    first = grant(local, key_id, name="n")
    grant(local, key_id, name="n")
    local.handle(RetireGrantRequest(grant_token=first.grant_token))
    assert grants(local, key_id) == ()


@pytest.mark.parametrize("named", ["id", "alias/aws/s3"])
def test_a_key_id_is_no_arn(local: LocalKms, named: str) -> None:
    key = create(local)
    name = key.key_id if named == "id" else named
    asked = RetireGrantRequest(key_id=name, grant_id=grant(local, key.key_id).grant_id)
    refused(local, asked, NotFoundException, f"Invalid arn {name}")


def test_a_grant_is_named_in_one_way(local: LocalKms) -> None:
    key = create(local)
    made = grant(local, key.key_id)
    token, key_id, grant_id = made.grant_token, key.arn, made.grant_id
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"key_id": key_id},
        {"grant_id": grant_id},
        {"grant_token": token, "key_id": key_id},
        {"grant_token": token, "key_id": key_id, "grant_id": grant_id},
    )
    for members in wrong:
        refused(local, RetireGrantRequest(**members), ValidationException, EITHER)


def test_what_names_no_grant_is_refused(local: LocalKms) -> None:
    key = create(local)
    token = grant(local, key.key_id).grant_token
    refused(local, RetireGrantRequest(grant_token="token"), InvalidGrantTokenException, "")
    elsewhere = RetireGrantRequest(grant_token=token)
    refused(local, elsewhere, InvalidGrantTokenException, "", region="eu-central-1")
    short = RetireGrantRequest(key_id=key.arn, grant_id="0")
    refused(local, short, InvalidGrantIdException, "")
    none = RetireGrantRequest(key_id=key.arn, grant_id="0" * 64)
    refused(local, none, NotFoundException, f"Grant '{'0' * 64}' does not exist")
    missing = (key.arn or "").replace(key.key_id, NOBODY)
    no_key = RetireGrantRequest(key_id=missing, grant_id="0" * 64)
    refused(local, no_key, NotFoundException, f"Key '{missing}' does not exist")
    alias = f"arn:aws:kms:us-west-2:{ACCOUNT}:alias/a"
    told = "Key Aliases are not supported for this operation."
    asked = RetireGrantRequest(key_id=alias, grant_id="0" * 64)
    refused(local, asked, InvalidArnException, told)


def test_only_who_is_asked_does_not_learn_what_another_account_lacks(local: LocalKms) -> None:
    foreign = local.dispatch("CreateKey", {}, account=OTHER_ACCOUNT)["KeyMetadata"]
    named = f"Grant '{'0' * 64}'"
    no_grant = RetireGrantRequest(key_id=foreign["Arn"], grant_id="0" * 64)
    missing = foreign["Arn"].replace(foreign["KeyId"], NOBODY)
    no_key = RetireGrantRequest(key_id=missing, grant_id="0" * 64)
    for request, lacking in ((no_grant, named), (no_key, f"Key '{missing}'")):
        told = f"{lacking} does not exist"
        refused(local, request, NotFoundException, told, caller=Caller.unasked())
        with pytest.raises(AccessDeniedException, match="on this resource because the resource"):
            local.handle(request, caller=Caller(APP))


def test_a_grant_is_retired_once(local: LocalKms) -> None:
    made = grant(local, create(local).key_id)
    asked = RetireGrantRequest(grant_token=made.grant_token)
    local.handle(asked)
    refused(local, asked, NotFoundException, f"Grant '{made.grant_id}' does not exist")


BY_IAM = "because no identity-based policy allows the kms:RetireGrant action"


@pytest.mark.parametrize(
    "caller, refusal",
    [
        (Caller(APP), ""),
        (Caller(f"arn:aws:iam::{ACCOUNT}:root"), ""),
        (Caller(STRANGER, policies=allowing("kms:RetireGrant")), ""),
        (Caller(STRANGER), BY_IAM),
        (Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:user/another"), BECAUSE),
        (Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:root"), BECAUSE),
    ],
)
def test_the_grant_says_who_may_retire_it(local: LocalKms, caller: Caller, refusal: str) -> None:
    """
    The retiring principal, the grantee with RetireGrant, and the account that made it.

    A retiring principal of another account than the one that made it needs an IAM policy too: recorded 2026-09-12.
    """
    key = create(local)
    made = grant(
        local, key.key_id, retiring_principal=STRANGER, operations=(Op.Decrypt, Op.RetireGrant)
    )
    asked = RetireGrantRequest(key_id=key.arn, grant_id=made.grant_id)
    if not refusal:
        local.handle(asked, caller=caller)
        assert grants(local, key.key_id) == ()
        return
    told = (
        f"User: {caller.principal.arn} is not authorized to perform: kms:RetireGrant "
        f"on this resource {refusal}"
    )
    refused(local, asked, AccessDeniedException, told, caller=caller)


def test_a_stranger_does_not_learn_whether_there_is_a_grant(local: LocalKms) -> None:
    key = create(local)
    missing = (key.arn or "").replace(key.key_id, NOBODY)
    for arn in (key.arn, missing):
        asked = RetireGrantRequest(key_id=arn, grant_id="0" * 64)
        with pytest.raises(AccessDeniedException, match="on this resource because"):
            local.handle(asked, **by(STRANGER))  # type: ignore[arg-type]


# ---- RevokeGrant


def test_a_grant_is_revoked_by_key_and_grant_id(local: LocalKms) -> None:
    key = create(local)
    for named in (key.key_id, key.arn or ""):
        made = grant(local, key.key_id, retiring_principal=JANITOR)
        asked = RevokeGrantRequest(key_id=named, grant_id=made.grant_id)
        local.handle(asked)
        assert grants(local, key.key_id) == ()
        refused(local, asked, NotFoundException, f"Grant '{made.grant_id}' does not exist")
    short = RevokeGrantRequest(key_id=key.key_id, grant_id="0")
    refused(local, short, InvalidGrantIdException, "")


def test_a_dry_run_deletes_no_grant(local: LocalKms) -> None:
    key = create(local)
    made = grant(local, key.key_id)
    requests: tuple[Any, ...] = (
        RetireGrantRequest(grant_token=made.grant_token, dry_run=True),
        RevokeGrantRequest(key_id=key.key_id, grant_id=made.grant_id, dry_run=True),
    )
    for asked in requests:
        refused(local, asked, DryRunOperationException, DRY)
    missing = RevokeGrantRequest(key_id=key.key_id, grant_id="0" * 64, dry_run=True)
    refused(local, missing, NotFoundException, f"Grant '{'0' * 64}' does not exist")


def test_grants_on_a_key_that_is_pending_deletion_can_be_ended(local: LocalKms) -> None:
    key_id = create(local).key_id
    one, other = grant(local, key_id), grant(local, key_id)
    local.handle(ScheduleKeyDeletionRequest(key_id=key_id))
    local.handle(RetireGrantRequest(grant_token=one.grant_token))
    local.handle(RevokeGrantRequest(key_id=key_id, grant_id=other.grant_id))
    assert grants(local, key_id) == ()
