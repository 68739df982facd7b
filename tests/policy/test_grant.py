"""
Whom a grant names.
"""

from __future__ import annotations

import pytest

from kmsmodel.policy.grant import names
from kmsmodel.policy.principal import PrincipalKind, principal
from tests.basics import ACCOUNT, OTHER_ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/path/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
INFRASTRUCTURE = f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-0123"


def test_a_session_is_named_by_its_arn_its_role_its_id_and_its_account() -> None:
    session = principal(SESSION, issuer=ROLE, unique_id="AROA1234567890EXAMPLE")
    named = [SESSION, ROLE, "AROA1234567890EXAMPLE:session", f"arn:aws:iam::{ACCOUNT}:root"]
    assert all(names(each, session) for each in named)
    others = [
        SESSION.replace("session", "sibling"),
        "AROA1234567890EXAMPLE:sibling",
        f"arn:aws:iam::{OTHER_ACCOUNT}:root",
        ACCOUNT,
        "*",
    ]
    assert not any(names(each, session) for each in others)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_an_account_is_named_in_its_own_partition(partition: str) -> None:
    user = principal(f"arn:{partition}:iam::{ACCOUNT}:user/Ada")
    assert user.account_arn == f"arn:{partition}:iam::{ACCOUNT}:root"
    assert names(f"arn:{partition}:iam::{ACCOUNT}:root", user)
    assert not names(f"arn:aws-iso:iam::{ACCOUNT}:root", user)


@pytest.mark.parametrize("arn", ["s3.amazonaws.com", "*"])
def test_who_is_of_no_account_is_named_by_none(arn: str) -> None:
    assert principal(arn).account_arn is None


def test_a_role_of_aws_itself_has_sessions() -> None:
    session = principal(INFRASTRUCTURE)
    assert (session.kind, session.session_name) == (PrincipalKind.SESSION, "i-0123")
    assert session.issuer == f"arn:aws:iam::{ACCOUNT}:role/aws:ec2-infrastructure"
