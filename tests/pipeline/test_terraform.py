"""
Plans and states of Terraform: as `terraform show -json` prints them, from the file to the answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.running import POLICIES, PROVED, answers, run, told

PLAN, STATE = POLICIES / "terraform" / "plan.json", POLICIES / "terraform" / "state.json"
APP = "aws_iam_role.app=arn:aws:iam::111122223333:role/app"
OWNER = ("--account", "111122223333")


def test_each_key_of_a_plan_is_checked_as_it_will_be() -> None:
    found = answers(PLAN, *OWNER)
    assert found["aws_kms_key.default"] == PROVED
    assert found["aws_kms_key.open"] == {**PROVED, "never-public": "Found"}
    assert found['aws_kms_key.granted["one"]'] == PROVED
    assert found["aws_kms_key.vault"] == {"understood": "Unknown"}
    assert found["aws_kms_key.encoded"] == {"understood": "Unknown"}


def test_what_is_known_after_apply_is_unknown_with_the_name_of_the_resource(
    tmp_path: Path,
) -> None:
    plan = json.loads(PLAN.read_text())
    plan["resource_changes"] = [
        each for each in plan["resource_changes"] if each["address"] != "aws_kms_key.open"
    ]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    result = run("check", path, *OWNER)
    assert result.exit_code == 3
    (line,) = (each for each in result.output.splitlines() if "aws_kms_key.encoded:" in each)
    assert "unknown: aws_kms_key.encoded.policy is known after apply, with aws_iam_role.app" in line
    assert run("diff", path, *OWNER).exit_code == 1  # there are new keys


def test_with_an_assumed_arn_the_policy_document_is_put_together() -> None:
    rows = [
        row
        for row in told("check", PLAN, *OWNER, "--assume", APP, "--rules", "strict")
        if row.get("policy") == "aws_kms_key.vault"
    ]
    assert [row["answer"] for row in rows] == ["Proved"] * 6 + ["Found"]
    request = rows[-1]["request"]
    assert request["caller"] == "arn:aws:sts::444455556666:assumed-role/partner/session"
    assert request["context"]["kms:encryptioncontext:tenant"] == "acme"
    assert "has arn:aws:iam::111122223333:role/app for aws_iam_role.app" in rows[0]["assumes"][0]


def test_a_whole_policy_can_be_assumed() -> None:
    policy = PLAN.read_text()  # one that is not a policy
    result = run("check", PLAN, *OWNER, "--assume", f"aws_kms_key.encoded={policy}")
    assert "aws_kms_key.encoded: understood: not understood" in result.output
    root = json.loads(STATE.read_text())["values"]["root_module"]["resources"][0]["values"][
        "policy"
    ]
    found = answers(PLAN, *OWNER, "--assume", f"aws_kms_key.encoded={root}")
    assert found["aws_kms_key.encoded"] == PROVED


def test_before_and_after_are_the_difference() -> None:
    found = told("diff", PLAN, *OWNER, "--assume", APP)
    assert found["verdict"] == "unknown"
    new = {(row["policy"], row["action"]) for row in found["new"]}
    assert [action for policy, action in new if policy == "aws_kms_key.open"] == ["kms:Decrypt"]
    assert found["lost"] == []
    assert [each["policy"].partition("#")[2] for each in found["unknown"]] == [
        "aws_kms_key.encoded"
    ]


def test_a_state_is_compared_with_a_plan() -> None:
    found = told("diff", STATE, PLAN, *OWNER)
    new = [row["action"] for row in found["new"] if row["policy"] == "aws_kms_key.open"]
    assert new == ["kms:Decrypt"]
    assert answers(STATE) == {"aws_kms_key.open": PROVED}


def test_a_grant_counts_with_its_constraints() -> None:
    rows = [
        row
        for row in told("check", PLAN, *OWNER, "--rules", "never-outside")
        if row.get("policy") == 'aws_kms_key.granted["one"]'
    ]
    (row,) = rows
    assert row["request"]["by"] == ["grant `aws_kms_grant.partner`"]
    assert row["request"]["context"]["kms:encryptioncontext:tenant"] == "acme"


@pytest.fixture
def changed(tmp_path: Path) -> Any:
    """Writes the plan with one resource changed, and gives its path."""

    def change(address: str, after: dict[str, Any], unknown: dict[str, Any]) -> Path:
        plan = json.loads(PLAN.read_text())
        for each in plan["resource_changes"]:
            if each["address"] == address:
                each["change"]["after"].update(after)
                each["change"]["after_unknown"].update(unknown)
        for each in plan["configuration"]["root_module"]["resources"]:
            if each["address"] == address:
                for name in unknown:
                    each["expressions"][name] = {
                        "references": ["aws_iam_role.app.arn", "aws_iam_role.app"]
                    }
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(plan, indent=1))
        return path

    return change


def test_a_grant_whose_grantee_is_not_known_makes_its_key_unknown(changed: Any) -> None:
    after = {"grantee_principal": None}
    plan = changed("aws_kms_grant.partner", after, {"grantee_principal": True})
    one = 'aws_kms_key.granted["one"]'
    assert answers(plan, *OWNER)[one] == {"understood": "Unknown"}
    assert answers(plan, *OWNER, "--assume", APP)[one] == PROVED


def test_a_policy_that_terraform_prints_in_lines_is_found_there(changed: Any) -> None:
    plan = changed("aws_kms_key.open", {"policy": '{\n "Statement": 1}'}, {})
    result = run("check", plan, *OWNER)
    line = next(
        number
        for number, text in enumerate(plan.read_text().splitlines(), start=1)
        if '"address": "aws_kms_key.open"' in text
    )
    assert f"aws_kms_key.open: understood: not understood: line {line}, column " in result.output


def test_a_policy_of_a_key_of_another_configuration_is_checked_by_its_own_address(
    changed: Any,
) -> None:
    root = json.loads(STATE.read_text())["values"]["root_module"]["resources"][0]["values"][
        "policy"
    ]
    after = {"key_id": "1234abcd-12ab-34cd-56ef-000000000000", "policy": root}
    found = answers(changed("aws_kms_key_policy.vault", after, {}), *OWNER)
    assert found["aws_kms_key_policy.vault"] == PROVED
    assert found["aws_kms_key.vault"] == PROVED  # AWS's default


MODULES = POLICIES / "terraform" / "modules.json"
BLUE, GREEN = (f'module.team["{each}"]' for each in ("blue", "green"))


def test_a_key_of_a_module_has_the_policy_of_its_own_instance() -> None:
    unknown = {"understood": "Unknown"}
    keys = {f"{each}.aws_kms_key.team[{number}]" for each in (BLUE, GREEN) for number in (0, 1)}
    assert answers(MODULES, *OWNER) == dict.fromkeys(keys, unknown)
    arn = "arn:aws:iam::111122223333:role/app"
    for given, proved in (
        ("module.team.aws_iam_role.app", {BLUE, GREEN}),
        ("aws_iam_role.app", {BLUE, GREEN}),
        (f"{BLUE}.aws_iam_role.app", {BLUE}),
    ):
        found = answers(MODULES, *OWNER, "--assume", f"{given}={arn}")
        assert {key.partition(".aws_kms")[0] for key in found if found[key] == PROVED} == proved


@pytest.mark.parametrize("address", ["aws_kms_key_policy.vault", "aws_kms_grant.partner"])
def test_a_key_is_unknown_if_nobody_knows_whether_a_policy_or_a_grant_is_for_it(
    address: str, tmp_path: Path
) -> None:
    plan = json.loads(PLAN.read_text())
    for each in plan["configuration"]["root_module"]["resources"]:
        if each["address"] == address:
            each["expressions"]["key_id"] = {"references": ["var.key"]}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    for row in told("check", path, *OWNER, "--assume", APP):
        if row["policy"] != "aws_kms_key.open":  # it is there already, and has an id
            assert row["answer"] == "Unknown"
            assert f"{address}: for which key is known after apply" in row["reason"]
