"""
The mistakes that people make in key policies, each from the file to the report.

Sources: threads of terraform-aws-modules, prowler, aws-cdk, steampipe and aws-samples, of 2020 to 2026.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.running import ROOT, document, run, told

OWNER, OTHER = "111122223333", "444455556666"
ADMIN = {"AWS": f"arn:aws:iam::{OWNER}:role/admin"}
APP = {"AWS": f"arn:aws:iam::{OWNER}:role/app"}
PARTNER = f"arn:aws:iam::{OTHER}:role/app"


def allow(principal: object, action: object, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


class Folder:
    """A folder with a key policy and rules."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self, *statements: object, rules: str = "standard") -> Any:
        """The first thing that is found, or None; and the exit status says the same."""
        policy = self.path / "policy.json"
        policy.write_text(document(*statements))
        if "[[rule]]" in rules:
            (self.path / "rules.toml").write_text(f'rules = "none"\n{rules}')
            rules = str(self.path / "rules.toml")
        words = ("check", policy, "--rules", rules, "--account", OWNER)
        found = [row for row in told(*words) if row["answer"] == "Found"]
        assert run(*words).exit_code == (1 if found else 0)
        return found[0] if found else None


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_lockout_is_found_and_mended_by_the_root_statement(folder: Folder) -> None:
    use = allow(APP, ["kms:Encrypt", "kms:Decrypt"])
    found = folder.check(use)
    assert found["rule"] == "can-be-administered"
    assert found["closed_by"] == [f"add a statement that allows kms:* to arn:aws:iam::{OWNER}:root"]
    assert folder.check(use, ROOT) is None
    assert folder.check(use, allow(ADMIN, "kms:PutKeyPolicy")) is None


ONLY_ROOT = f"""
[[rule]]
name = "only the root user"
never_allows = "Decrypt"
to = {{ named = "arn:aws:iam::{OWNER}:role/app" }}
"""


def test_the_root_statement_is_not_about_the_root_user_only(folder: Folder) -> None:
    found = folder.check(ROOT, rules=ONLY_ROOT)
    assert found["request"]["caller"] == f"arn:aws:sts::{OWNER}:assumed-role/app/session"
    assert found["request"]["assumes"] == [f"an IAM policy in {OWNER} allows it too"]
    only = allow(
        ROOT["Principal"], "kms:*", ArnEquals={"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:root"}
    )
    assert folder.check(only, rules=ONLY_ROOT) is None


def test_a_wildcard_is_saved_by_the_callers_account_and_not_by_the_service(folder: Folder) -> None:
    through = {"kms:ViaService": "s3.us-west-2.amazonaws.com"}
    assert folder.check(ROOT, allow("*", "kms:Decrypt"))["rule"] == "never-public"
    assert (
        folder.check(ROOT, allow("*", "kms:Decrypt", StringEquals=through))["rule"]
        == "never-public"
    )
    saved = {**through, "kms:CallerAccount": OWNER}
    assert folder.check(ROOT, allow("*", "kms:Decrypt", StringEquals=saved)) is None


def test_a_service_without_a_source_acts_for_others(folder: Folder) -> None:
    trail = {"Service": "cloudtrail.amazonaws.com"}
    found = folder.check(ROOT, allow(trail, "kms:GenerateDataKey*"))
    assert (found["rule"], found["request"]["caller"]) == (
        "no-deputies",
        "cloudtrail.amazonaws.com",
    )
    arn = {"aws:SourceArn": f"arn:aws:cloudtrail:us-west-2:{OWNER}:trail/trail"}
    assert folder.check(ROOT, allow(trail, "kms:GenerateDataKey*", StringEquals=arn)) is None


FOR_RESOURCES = """
[[rule]]
name = "grants are for AWS resources"
allows_only_with = "CreateGrant"
conditions = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
to = { named = "arn:aws:iam::111122223333:role/app" }
"""


def test_a_grant_is_too_open_without_the_condition_that_it_is_for_a_resource(
    folder: Folder,
) -> None:
    admin = allow(ADMIN, ["kms:Put*", "kms:Describe*"])
    assert folder.check(admin, allow(APP, "kms:CreateGrant"), rules=FOR_RESOURCES) is not None
    bound = allow(APP, "kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": "true"})
    assert folder.check(admin, bound, rules=FOR_RESOURCES) is None


ACROSS = f"""
[[rule]]
name = "the partner decrypts"
someone_can = "Decrypt"
by = {{ named = "{PARTNER}" }}
"""


def test_half_a_cross_account_grant_is_none(folder: Folder) -> None:
    """The other half is told by the test of the IAM side."""
    assert folder.check(ROOT, rules=ACROSS) is not None
    assert folder.check(ROOT, allow({"AWS": PARTNER}, "kms:Decrypt"), rules=ACROSS) is None
    management = "kms:ScheduleKeyDeletion"
    delete = ACROSS.replace("Decrypt", management.removeprefix("kms:"))
    assert folder.check(ROOT, allow({"AWS": PARTNER}, management), rules=delete) is not None


BOUND = """
[[rule]]
name = "decryption is bound"
allows_only_with = "Decrypt"
conditions = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
"""


def test_decryption_by_anyone_of_the_account_is_bound_to_a_service_or_it_is_not(
    folder: Folder,
) -> None:
    admin = allow(ADMIN, ["kms:Put*", "kms:Describe*"])
    account = {"kms:CallerAccount": OWNER}
    assert folder.check(admin, allow("*", "kms:Decrypt", StringEquals=account), rules=BOUND)
    through = {**account, "kms:ViaService": "s3.us-west-2.amazonaws.com"}
    bound = allow("*", "kms:Decrypt", StringEquals=through)
    assert folder.check(admin, bound, rules=BOUND) is None
