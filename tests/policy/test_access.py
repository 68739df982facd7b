"""
Accesses: what one is made of, and what it asks of a grant.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.testing.policies import KEY, OTHER, OWNER
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import NOW

ADA = f"arn:aws:iam::{OWNER}:user/Ada"
BUCKET = "arn:aws:s3:::bucket"


def access(who: str = ADA, action: str = "kms:Decrypt", **members: Any) -> Access:
    return Access(principal=principal(who), action=action, resource=KEY, owner=OWNER, **members)


def test_an_action_has_its_prefix() -> None:
    with pytest.raises(ValueError, match=r"^action: 'Decrypt' is without its prefix, kms:$"):
        access(action="Decrypt")
    assert access(action="s3:GetObject").action == "s3:GetObject"


def test_condition_keys_are_in_lower_case() -> None:
    with pytest.raises(ValueError, match=r"^context: 'aws:A' must be in lower case$"):
        access(context={"aws:b": "b", "aws:A": "a"})


@pytest.mark.parametrize(
    "who, is_across",
    [
        (ADA, False),
        (ADA.replace(OWNER, OTHER), True),
        ("s3.amazonaws.com", False),
        ("*", True),
    ],
)
def test_an_access_is_across_accounts_if_the_caller_is_of_another_one(
    who: str, is_across: bool
) -> None:
    assert access(who).is_across_accounts is is_across


def test_a_principal_has_a_permissions_boundary_or_none() -> None:
    assert not access().has_boundary
    assert access(policies=Policies(boundary={"Statement": []})).has_boundary


GRANT = Grant(
    grant_id="g",
    issuing_account=OWNER,
    creation_date=NOW,
    seen_at=NOW,
    operations=(GrantOperation.Decrypt, GrantOperation.CreateGrant),
)


def test_a_grant_is_asked_for_the_operation_and_the_encryption_context() -> None:
    assert access().is_permitted_by(GRANT)
    assert not access(action="kms:Encrypt").is_permitted_by(GRANT)
    bound = evolve(GRANT, constraints=GrantConstraints(encryption_context_equals={"a": "b"}))
    assert access(encryption_context={"a": "b"}).is_permitted_by(bound)
    assert not access(encryption_context={"a": "c"}).is_permitted_by(bound)
    assert access().is_permitted_by(bound)


def test_a_grant_is_asked_for_the_source_of_a_request_by_a_service() -> None:
    bound = evolve(GRANT, constraints=GrantConstraints(source_arn=BUCKET))
    source = {"aws:sourcearn": BUCKET}
    other = {"aws:sourcearn": f"{BUCKET}2"}
    for who in (ADA, "s3.amazonaws.com"):
        assert access(who, context=source).is_permitted_by(bound)
        assert not access(who, context=other).is_permitted_by(bound)
    assert access().is_permitted_by(bound)
    assert access(context={"aws:sourcearn": (BUCKET,)}).is_permitted_by(bound)
    assert not access("s3.amazonaws.com").is_permitted_by(bound)


def test_a_grant_is_asked_for_the_child_that_is_to_be_created() -> None:
    def creating(*operations: GrantOperation) -> Access:
        return access(action="kms:CreateGrant", child=evolve(GRANT, operations=operations))

    assert creating(GrantOperation.Decrypt).is_permitted_by(GRANT)
    assert not creating(GrantOperation.Encrypt).is_permitted_by(GRANT)
