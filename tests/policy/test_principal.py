"""
Principals: the forms of their ARNs, and the names that policies and grants know them by.

Source: *AWS JSON policy elements: Principal* in the IAM User Guide.
"""

from __future__ import annotations

import re

import pytest
from attrs import evolve

from kmsmodel.policy.principal import (
    Principal,
    PrincipalKind as Kind,
    is_service,
    principal,
    without_path,
)

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/Ada"
USER_IN_A_PATH = f"arn:aws:iam::{ACCOUNT}:user/a/path/Ada"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/App"
ROLE_IN_A_PATH = f"arn:aws:iam::{ACCOUNT}:role/a/path/App"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/one"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/Fay"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ID = "AROAEXAMPLE"


@pytest.mark.parametrize(
    "arn, expected",
    [
        (ROOT, Principal(kind=Kind.ROOT_USER, arn=ROOT, account=ACCOUNT)),
        (ACCOUNT, Principal(kind=Kind.ROOT_USER, arn=ROOT, account=ACCOUNT)),
        (USER, Principal(kind=Kind.USER, arn=USER, account=ACCOUNT)),
        (USER_IN_A_PATH, Principal(kind=Kind.USER, arn=USER_IN_A_PATH, account=ACCOUNT)),
        (ROLE, Principal(kind=Kind.ROLE, arn=ROLE, account=ACCOUNT, issuer=ROLE)),
        (SESSION, Principal(kind=Kind.SESSION, arn=SESSION, account=ACCOUNT, issuer=ROLE)),
        (
            SESSION.replace("aws", "aws-cn", 1),
            Principal(
                kind=Kind.SESSION,
                arn=SESSION.replace("aws", "aws-cn", 1),
                account=ACCOUNT,
                issuer=ROLE.replace("aws", "aws-cn", 1),
            ),
        ),
        (FEDERATED, Principal(kind=Kind.FEDERATED_USER, arn=FEDERATED, account=ACCOUNT)),
        ("s3.amazonaws.com", Principal(kind=Kind.SERVICE, arn="s3.amazonaws.com", account="")),
        ("*", Principal(kind=Kind.ANONYMOUS, arn="anonymous", account="anonymous")),
    ],
)
def test_a_principal_has_the_kind_and_the_account_of_its_arn(arn: str, expected: Principal) -> None:
    found = principal(arn)
    assert found == expected
    assert found.unique_id is None
    if found.kind not in {Kind.SERVICE, Kind.ANONYMOUS}:
        assert principal(arn, unique_id=ID) == evolve(expected, unique_id=ID)


def test_the_role_of_a_session_is_the_one_that_is_said() -> None:
    assert principal(SESSION, issuer=ROLE_IN_A_PATH).issuer == ROLE_IN_A_PATH


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "Ada",
        ACCOUNT[1:],
        f"arn:aws:iam::{ACCOUNT}:group/Admins",
        f"arn:aws:iam::{ACCOUNT}:user/",
        f"arn:aws:iam::{ACCOUNT[1:]}:root",
        f"{ROOT}x",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/App",
        f"arn:aws:iam::{ACCOUNT}:assumed-role/App/one",
        "amazonaws.com",
    ],
)
def test_what_has_no_form_of_a_principal_is_a_value_error(arn: str) -> None:
    with pytest.raises(
        ValueError, match=rf"^{re.escape(repr(arn))} is not the ARN of a principal$"
    ):
        principal(arn)


@pytest.mark.parametrize(
    "found, names",
    [
        (principal(ROOT), {ROOT}),
        (principal(USER_IN_A_PATH), {USER}),
        (principal(USER, unique_id="AIDA1"), {USER, "AIDA1"}),
        (principal(ROLE_IN_A_PATH, unique_id=ID), {ROLE, ID}),
        (
            principal(SESSION, issuer=ROLE_IN_A_PATH, unique_id=ID),
            {SESSION, ROLE, ID, f"{ID}:one"},
        ),
        (principal(SESSION), {SESSION, ROLE}),
        (evolve(principal(FEDERATED), issuer=USER), {FEDERATED, USER}),
        (principal("s3.amazonaws.com"), {"s3.amazonaws.com"}),
    ],
)
def test_a_principal_has_these_names(found: Principal, names: set[str]) -> None:
    assert found.names == names


@pytest.mark.parametrize(
    "found, layers",
    [
        (principal(USER), [{USER}]),
        (principal(ROLE, unique_id=ID), [{ROLE, ID}]),
        (principal(SESSION), [{SESSION}, {ROLE}]),
        (
            principal(SESSION, issuer=ROLE_IN_A_PATH, unique_id=ID),
            [{SESSION, f"{ID}:one"}, {ROLE, ID}],
        ),
        (evolve(principal(FEDERATED), issuer=USER), [{FEDERATED}, {USER}]),
    ],
)
def test_a_session_has_names_of_its_own_and_those_of_its_role(
    found: Principal, layers: list[set[str]]
) -> None:
    assert list(found.layers) == layers


@pytest.mark.parametrize(
    "found, name, session_name, account_arn, policy_arn",
    [
        (principal(ROOT), f"arn:aws:iam::{ACCOUNT}:root", None, ROOT, ROOT),
        (principal(USER_IN_A_PATH), "Ada", None, ROOT, USER_IN_A_PATH),
        (principal(ROLE_IN_A_PATH), "App", None, ROOT, ROLE_IN_A_PATH),
        (principal(SESSION, issuer=ROLE_IN_A_PATH), "App", "one", ROOT, ROLE_IN_A_PATH),
        (principal(FEDERATED), "Fay", None, ROOT, FEDERATED),
        (evolve(principal(FEDERATED), issuer=USER), "Fay", None, ROOT, FEDERATED),
        (
            principal(USER.replace("aws", "aws-cn", 1)),
            "Ada",
            None,
            ROOT.replace("aws", "aws-cn"),
            USER.replace("aws", "aws-cn", 1),
        ),
        (principal("s3.amazonaws.com"), "s3.amazonaws.com", None, None, None),
        (principal("*"), "anonymous", None, None, None),
        (
            Principal(kind=Kind.USER, arn="Ada", account=ACCOUNT),
            "Ada",
            None,
            ROOT,
            "Ada",
        ),
        (
            Principal(kind=Kind.SESSION, arn=SESSION, account=ACCOUNT),
            "one",
            "one",
            ROOT,
            None,
        ),
    ],
)
def test_what_a_principal_is_called(
    found: Principal,
    name: str,
    session_name: str | None,
    account_arn: str | None,
    policy_arn: str | None,
) -> None:
    assert found.name == name
    assert found.session_name == session_name
    assert found.account_arn == account_arn
    assert found.policy_arn == policy_arn


@pytest.mark.parametrize(
    "arn, plain",
    [
        (USER_IN_A_PATH, USER),
        (ROLE_IN_A_PATH, ROLE),
        (USER, USER),
        (SESSION, SESSION),
        (f"arn:aws:iam::{ACCOUNT}:policy/a/path/P", f"arn:aws:iam::{ACCOUNT}:policy/a/path/P"),
        (ID, ID),
    ],
)
def test_only_users_and_roles_lose_their_path(arn: str, plain: str) -> None:
    assert without_path(arn) == plain


@pytest.mark.parametrize(
    "name, is_one",
    [
        ("s3.amazonaws.com", True),
        ("s3.amazonaws.com.cn", True),
        ("logs.us-west-2.amazonaws.com", True),
        ("s3..amazonaws.com", False),
        ("a.internal", True),
        ("a..internal", False),
        ("amazonaws.com", False),
        ("s3.amazonaws.com.", False),
        (ACCOUNT, False),
    ],
)
def test_the_name_of_a_service_has_no_empty_part(name: str, is_one: bool) -> None:
    assert is_service(name) is is_one


@pytest.mark.parametrize("kind", ["iam::111122223333:user/", "sts::111122223333:assumed-role/app/"])
def test_names_have_letters_of_ascii_only(kind: str) -> None:
    assert principal(f"arn:aws:{kind}e").name
    with pytest.raises(ValueError, match="not the ARN of a principal"):
        principal(f"arn:aws:{kind}\u00e9")
