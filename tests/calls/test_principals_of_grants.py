"""
Grants to the users and roles of a directory, as AWS answered in September 2026.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Role
from kmsmodel.errors import AccessDeniedException, InvalidArnException, NotFoundException
from kmsmodel.local import LocalKms
from kmsmodel.operations.grant_lists import (
    ListGrantsRequest,
    ListRetirableGrantsRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import ACCOUNT

IAM = Iam(roles=[Role("Probe", path="/probe/", unique_id="AROAEXAMPLEEXAMPLE123")])
AGAIN = IAM.without_role("Probe").with_role(Role("Probe", path="/probe/"))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/probe/Probe"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Probe/target"
ID = "AROAEXAMPLEEXAMPLE123:target"


def kms() -> tuple[LocalKms, str]:
    local = LocalKms(iam=IAM)
    return local, local.handle(CreateKeyRequest()).key_metadata.key_id


def create(local: LocalKms, key_id: str, grantee: str, **members: Any) -> str:
    request = CreateGrantRequest(
        key_id=key_id,
        grantee_principal=grantee,
        operations=(GrantOperation.DescribeKey,),
        **members,
    )
    return local.handle(request).grant_id


@pytest.mark.parametrize("grantee", [SESSION, ROLE, ID])
def test_a_grant_is_for_who_exists(grantee: str) -> None:
    local, key_id = kms()
    assert create(local, key_id, grantee)
    (entry,) = local.handle(ListGrantsRequest(key_id=key_id)).grants
    assert entry.grantee_principal == (SESSION if grantee == ID else grantee)
    local.handle(DescribeKeyRequest(key_id=key_id), principal=SESSION)


@pytest.mark.parametrize(
    "grantee, message",
    [
        (
            SESSION.replace("Probe", "probe/Probe"),
            f"ARN is not valid: {SESSION.replace('Probe', 'probe/Probe')}",
        ),
        (
            SESSION.replace("Probe", "Nobody"),
            f"ARN does not refer to a valid principal: {SESSION.replace('Probe', 'Nobody')}",
        ),
        (
            "AROAEXAMPLEEXAMPLE124:target",
            "GranteePrincipal does not refer to a valid principal.",
        ),
    ],
)
def test_a_grant_is_not_for_who_does_not_exist(grantee: str, message: str) -> None:
    local, key_id = kms()
    before = local.kms
    with pytest.raises(InvalidArnException) as caught:
        create(local, key_id, grantee)
    assert (str(caught.value), local.kms) == (message, before)


def test_the_same_principal_by_arn_or_by_id_makes_the_same_grant() -> None:
    local, key_id = kms()
    by_arn = create(local, key_id, SESSION, name="bound-session", retiring_principal=SESSION)
    by_id = create(local, key_id, ID, name="bound-session", retiring_principal=ID)
    assert by_id == by_arn
    local.iam = AGAIN
    assert create(local, key_id, SESSION, name="bound-session", retiring_principal=SESSION) != by_id


def test_a_grant_shows_the_id_of_who_is_gone_and_is_not_for_who_came_after() -> None:
    local, key_id = kms()
    create(local, key_id, SESSION, retiring_principal=SESSION)
    for iam in (IAM.without_role("Probe"), AGAIN):
        local.iam = iam
        (entry,) = local.handle(ListGrantsRequest(key_id=key_id)).grants
        assert (entry.grantee_principal, entry.retiring_principal) == (ID, ID)
    with pytest.raises(AccessDeniedException, match="because no identity-based policy allows"):
        local.handle(DescribeKeyRequest(key_id=key_id), principal=SESSION)
    create(local, key_id, SESSION)
    local.handle(DescribeKeyRequest(key_id=key_id), principal=SESSION)


def test_lists_are_filtered_by_who_exists() -> None:
    local, key_id = kms()
    create(local, key_id, SESSION, retiring_principal=SESSION)
    for name in (SESSION, ID):
        listed = local.handle(ListGrantsRequest(key_id=key_id, grantee_principal=name))
        retirable = local.handle(ListRetirableGrantsRequest(retiring_principal=name))
        assert [each.grantee_principal for each in listed.grants] == [SESSION]
        assert [each.retiring_principal for each in retirable.grants] == [SESSION]
    local.iam = IAM.without_role("Probe")
    nobody = f"ARN does not refer to a valid principal: {SESSION}"
    for request in (
        ListGrantsRequest(key_id=key_id, grantee_principal=SESSION),
        ListRetirableGrantsRequest(retiring_principal=SESSION),
    ):
        with pytest.raises(InvalidArnException) as caught:
            local.handle(request)
        assert str(caught.value) == nobody
    with pytest.raises(InvalidArnException) as by_id:
        local.handle(ListGrantsRequest(key_id=key_id, grantee_principal=ID))
    assert str(by_id.value) == "Input does not refer to a valid principal"
    with pytest.raises(NotFoundException) as retiring:
        local.handle(ListRetirableGrantsRequest(retiring_principal=ID))
    assert str(retiring.value) == f"Retiring principal {ID} could not be found"


def test_a_role_of_another_account_is_not_asked_about() -> None:
    other = "444455556666"
    local, _ = kms()
    local.iam = IAM.with_role(Role("Theirs", account=other, unique_id="AROAEXAMPLEEXAMPLE125"))
    arn = f"arn:aws:iam::{other}:role/Theirs"
    for name in (arn, "AROAEXAMPLEEXAMPLE125"):
        with pytest.raises(AccessDeniedException, match=f"on resource: {arn}"):
            local.handle(ListRetirableGrantsRequest(retiring_principal=name))


def test_a_caller_is_asked_about_by_their_arn() -> None:
    statement = {"Effect": "Allow", "Action": "kms:ListRetirableGrants", "Resource": SESSION}
    role = evolve(IAM.roles[ACCOUNT, "Probe"], policies=[{"Statement": statement}])
    local, _ = kms()
    local.iam = IAM.with_role(role)
    request = ListRetirableGrantsRequest(retiring_principal=ID)
    assert local.handle(request, principal=SESSION).grants == ()
