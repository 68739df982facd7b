"""
Real policies: AWS's own, those of the Developer Guide, and those that its console writes, from file to report.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kmsmodel.calls.aws_managed_key import PREDEFINED
from kmsmodel.pipeline.files import Known, within
from kmsmodel.pipeline.results import Outcome
from kmsmodel.pipeline.runs import results
from kmsmodel.policy import default_key_policy
from kmsmodel.policy.managed import managed_key_policy
from kmsmodel.words.arn import KeyArn
from tests.pipeline.running import PROVED, ROOT, answers, document, run, told

OWNER = "111122223333"
CASES = Path(__file__).parents[1] / "data" / "authorization" / "authorization_cases.json"
ADMIN = {"AWS": f"arn:aws:iam::{OWNER}:role/ExampleAdminRole"}
USER = {"AWS": f"arn:aws:iam::{OWNER}:role/ExampleUserRole"}
PARTNER = {"AWS": "arn:aws:iam::444455556666:root"}
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
ADMINISTER = [
    *(f"kms:{verb}*" for verb in ("Create", "Describe", "Enable", "List", "Put", "Update")),
    *(f"kms:{verb}*" for verb in ("Revoke", "Disable", "Get", "Delete")),
    *("kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"),
]


def allow(principal: object, action: object, **others: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **others}


FOR_RESOURCES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
GRANTS = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
CONSOLE = document(
    {"Sid": "Enable IAM User Permissions", **ROOT},
    allow(ADMIN, ADMINISTER, Sid="Allow access for Key Administrators"),
    allow(USER, USE, Sid="Allow use of the key"),
    allow(USER, GRANTS, Sid="Allow attachment of persistent resources", Condition=FOR_RESOURCES),
)
"""The key policy that the console writes for a key with administrators and users."""

ACROSS = document(ROOT, allow(PARTNER, USE, Sid="Allow an external account to use this KMS key"))
"""*Allowing users in other accounts to use a KMS key* in the Developer Guide."""

CLOUDTRAIL = document(
    ROOT,
    allow(
        {"Service": "cloudtrail.amazonaws.com"},
        "kms:GenerateDataKey*",
        Sid="Allow CloudTrail to encrypt logs",
        Condition={
            "StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:us-west-2:{OWNER}:trail/trail"},
            "StringLike": {
                "kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{OWNER}:trail/*"
            },
        },
    ),
    allow(
        "*",
        ["kms:Decrypt", "kms:ReEncryptFrom"],
        Sid="Enable cross account log decryption",
        Condition={
            "StringEquals": {"kms:CallerAccount": OWNER},
            "StringLike": {
                "kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{OWNER}:trail/*"
            },
        },
    ),
)
"""*Configure AWS KMS key policies for CloudTrail* in the CloudTrail User Guide."""

ENCLAVE = document(
    allow(ADMIN, ADMINISTER),
    allow(
        USER,
        "kms:Decrypt",
        Condition={
            "StringEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": "9fedcba8" * 12}
        },
    ),
)
"""*Condition keys for AWS Nitro Enclaves* in the Developer Guide."""


@pytest.fixture
def policy(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "policy.json"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [default_key_policy(KeyArn(OWNER, "us-west-2", "key")), CONSOLE, ACROSS, CLOUDTRAIL, ENCLAVE],
    ids=["default", "console", "across accounts", "cloudtrail", "enclave"],
)
def test_a_policy_of_awss_own_pages_keeps_all_standard_rules(text: str, policy: Any) -> None:
    path = policy(text)
    assert answers(path, "--account", OWNER)[""] == PROVED
    log = json.loads(run("check", path, "--account", OWNER, "--format", "sarif").stdout)
    assert log["runs"][0]["results"] == []


def test_what_a_policy_means_for_others_is_strict(policy: Any) -> None:
    assert (
        run("check", policy(ACROSS), "--rules", "never-outside", "--account", OWNER).exit_code == 1
    )
    assert run("check", policy(CONSOLE), "--rules", "never-outside").exit_code == 0


@pytest.mark.parametrize("name", sorted({each.name for each in PREDEFINED.values()}))
def test_the_policy_of_an_aws_managed_key_lets_nobody_else_in_and_nobody_change_it(
    name: str, policy: Any
) -> None:
    path = policy(managed_key_policy(name, OWNER, "us-west-2"))
    found = answers(path, "--account", OWNER)[""]
    assert (found["never-public"], found["can-be-administered"]) == ("Proved", "Found")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each key policy of the cases that AWS's pages and public reports decide."""
    folder: Path = tmp_path_factory.mktemp("policies")
    written = {
        json.dumps(case["policies"]["key_policy"], sort_keys=True)
        for case in json.loads(CASES.read_text())["cases"]
        if isinstance(case.get("policies"), dict) and case["policies"].get("key_policy")
    }
    for number, text in enumerate(sorted(written)):
        (folder / f"{number:03}.json").write_text(text)
    (folder / "package.json").write_text('{"name": "no policy"}')
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "open.json").write_text(document(allow("*", "kms:*")))
    (folder / "notes.yaml").write_text("a: [not closed")
    return folder


def test_all_files_of_a_folder_are_checked_on_all_cores_as_on_one(folder: Path) -> None:
    jobs, known = list(within(folder)), Known(account="111111111111")
    done: list[None] = []
    alone = results(jobs, "can-be-administered", known, cores=1)
    together = results(jobs, "can-be-administered", known, cores=2, done=lambda: done.append(None))
    assert together == alone
    assert len(done) == len(jobs) > 32
    assert len(alone) == len(jobs) - 2  # two of the files hold no policy
    assert not any(".hidden" in each.file for each in alone)


def test_key_policies_of_cases_are_understood(folder: Path) -> None:
    found = told("check", folder, "--rules", "never-public", "--account", "111111111111")
    outcomes = {row["answer"] for row in found}
    assert outcomes <= {str(each) for each in Outcome}
    refused = [row for row in found if row["answer"] == Outcome.NOT_UNDERSTOOD]
    unknown = [row for row in found if row["answer"] == Outcome.UNKNOWN]
    assert len(refused) + len(unknown) <= len(found) // 10


def test_policies_of_iam_and_of_other_services_are_passed_over_in_a_folder(tmp_path: Path) -> None:
    of_iam = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    of_a_bucket = {**ROOT, "Action": ["s3:GetObject", "s3:*"]}
    (tmp_path / "iam.json").write_text(document(of_iam))
    (tmp_path / "bucket.json").write_text(document(of_a_bucket))
    assert told("check", tmp_path) == []
    for number, action in enumerate(("KMS:Decrypt", "*", ["sts:x", "kms:*"], "k*")):
        (tmp_path / f"{number}.json").write_text(document({**ROOT, "Action": action}))
    assert len(told("check", tmp_path, "--rules", "never-public")) == 4


@pytest.mark.parametrize(
    "text",
    [
        '{"format_version": "1.2", "resource_changes": 1}',
        '{"format_version": "1.2", "resource_changes": [1]}',
        '{"format_version": "1.2", "terraform_version": "1", "values": []}',
        '{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": 1}}}',
        '{"Resources": {"Key": {"Type": [], "Properties": {}}}}',
        '{"format_version": "1", "terraform_version": "1", "values": {"root_module": 1}}',
    ],
)
def test_a_file_that_has_not_its_form_is_not_understood(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    for words in (("check", path), ("diff", path, path)):
        result = run(*words)
        assert result.exit_code == 2
        assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_file_without_a_key_policy_is_not_compared(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    assert run("check", path).exit_code == 0
    result = run("diff", path, path)
    assert result.exit_code == 2
    assert "has no key policy." in " ".join(result.output.split())


def test_a_broken_file_of_a_folder_counts_if_it_speaks_of_aws_kms(tmp_path: Path) -> None:
    (tmp_path / "notes.yaml").write_text("a: [not closed")
    assert run("check", tmp_path).exit_code == 0
    (tmp_path / "template.yaml").write_text("Type: [AWS::KMS::Key")
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert "template.yaml: understood: not understood: line 2, column 1" in result.output
