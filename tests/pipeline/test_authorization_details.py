"""
The IAM side: what ``aws iam get-account-authorization-details`` prints, as policies to check and as whom a key policy
meets.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kmsmodel.pipeline.authorization_details import read
from kmsmodel.pipeline.stored import NotUnderstoodError
from kmsmodel.pipeline.texts import read as read_text
from tests.pipeline.running import POLICIES, ROOT, document, run, told

DETAILS = POLICIES / "authorization_details.json"
PARTNER = "arn:aws:iam::444455556666:role/app"


def test_users_groups_and_roles_are_read_with_their_policies() -> None:
    iam = read(read_text(DETAILS.read_text()))
    role, user = iam.roles["444455556666", "app"], iam.users["111122223333", "ana"]
    assert [each.arn for each in role.policies] == ["arn:aws:iam::444455556666:policy/decrypt"]
    assert role.policies[0].statements[0].sid == "Decrypt"
    assert (user.groups, dict(user.tags)) == (("operators",), {"team": "blue"})


def test_a_policy_of_iam_that_decrypts_with_all_keys_is_found_at_its_place() -> None:
    found = {row["policy"]: row for row in told("check", DETAILS)}
    decrypt = found["arn:aws:iam::444455556666:policy/decrypt"]
    assert (decrypt["rule"], decrypt["answer"]) == ("never-decrypts-all", "Found")
    assert decrypt["request"]["by"] == ["statement 1 `Decrypt`"]
    assert '"PolicyName": "decrypt"' in DETAILS.read_text().splitlines()[decrypt["line"]]
    inline = found["arn:aws:iam::111122223333:group/operators through-s3"]
    assert inline["answer"] == "Proved"
    assert run("check", DETAILS).exit_code == 1
    assert told("check", DETAILS, "--rules", "can-be-administered") == []


@pytest.fixture
def half(tmp_path: Path) -> Callable[..., Any]:
    """Asks whether the partner can decrypt, with the details changed."""

    def ask(change: Callable[[Any], None]) -> Any:
        details = json.loads(DETAILS.read_text())
        change(details)
        (tmp_path / "details.json").write_text(json.dumps(details))
        use = {**ROOT, "Principal": {"AWS": PARTNER}, "Action": "kms:Decrypt"}
        (tmp_path / "vault.json").write_text(document(ROOT, use))
        (tmp_path / "rules.toml").write_text(
            f"""
rules = "none"
account = "111122223333"
[[rule]]
name = "the partner decrypts"
always_allows = "Decrypt"
to = {{ named = "{PARTNER}" }}
"""
        )
        options = ("--rules", tmp_path / "rules.toml", "--iam", tmp_path / "details.json")
        return told("check", tmp_path / "vault.json", *options)[0]

    return ask


def test_cross_account_access_needs_both_halves(half: Callable[..., Any]) -> None:
    def whole(details: Any) -> None:
        assert details["RoleDetailList"][0]["AttachedManagedPolicies"]

    def without(details: Any) -> None:
        details["RoleDetailList"][0]["AttachedManagedPolicies"] = []

    assert half(whole)["answer"] == "Proved"

    assert half(without)["answer"] == "Found"


def test_a_permissions_boundary_counts(half: Callable[..., Any]) -> None:
    def limited(details: Any) -> None:
        details["RoleDetailList"][0]["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": "arn:aws:iam::444455556666:policy/limit",
        }
        limit = json.loads(json.dumps(details["Policies"][0]))
        limit["Arn"] = "arn:aws:iam::444455556666:policy/limit"
        limit["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] = "kms:Encrypt"
        details["Policies"].append(limit)

    assert half(limited)["answer"] == "Found"


def test_why_looks_a_caller_up_in_the_details(tmp_path: Path) -> None:
    policy = tmp_path / "vault.json"
    policy.write_text(document(ROOT))
    asked = ("--principal", "arn:aws:iam::111122223333:user/ana", "--action", "Decrypt")
    result = run("why", policy, *asked, "--iam", DETAILS, "--context", "aws:ResourceTag/team=blue")
    assert result.exit_code == 0
    assert run("why", policy, *asked, "--iam", DETAILS).exit_code == 1


def _without_policies(details: Any) -> None:
    details["Policies"].clear()


def _without_an_arn(details: Any) -> None:
    del details["RoleDetailList"][0]["Arn"]


def _of_another_group(details: Any) -> None:
    details["UserDetailList"][0]["GroupList"] = ["other"]


def _without_a_document(details: Any) -> None:
    details["Policies"][0]["PolicyVersionList"][0]["Document"] = []


def _with_another_boundary(details: Any) -> None:
    boundary = {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/None"}
    details["RoleDetailList"][0]["PermissionsBoundary"] = boundary


@pytest.mark.parametrize(
    "change, why",
    [
        (_without_policies, "the details have no policy arn:aws:iam::4444"),
        (_without_an_arn, "this is not what AWS prints"),
        (_of_another_group, "there is no group other"),
        (_without_a_document, "an object is expected"),
        (_with_another_boundary, "the details have no policy arn:aws:iam::aws:policy/None"),
    ],
)
def test_details_that_are_not_whole_are_not_understood(
    change: Callable[[Any], None], why: str
) -> None:
    details = json.loads(DETAILS.read_text())
    change(details)
    with pytest.raises(NotUnderstoodError) as raised:
        read(read_text(json.dumps(details)))
    assert why in str(raised.value)
