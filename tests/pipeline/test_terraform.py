"""
Plans and states of Terraform: as `terraform show -json` prints them, from the file to the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

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


Edit: TypeAlias = Callable[[Any, Any, Any], object]
"""Changes a plan, its changes by address, and its expressions by address."""

Edited: TypeAlias = Callable[[Edit], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """Writes the plan as it is after an edit of its changes and expressions by address, and gives its path."""

    def edit(how: Edit) -> Path:
        plan = json.loads(PLAN.read_text())
        changes = {each["address"]: each["change"] for each in plan["resource_changes"]}
        expressions = {
            each["address"]: each.get("expressions")
            for each in plan["configuration"]["root_module"]["resources"]
        }
        how(plan, changes, expressions)
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(plan))
        return path

    return edit


DOCUMENT = "data.aws_iam_policy_document.vault"
ROLE = ["aws_iam_role.app.arn", "aws_iam_role.app"]


@pytest.mark.parametrize(
    "identifiers, unknown, references",
    [
        ([None, None], [True, True], ROLE),  # two unknown, and one that is assumed
        ([None], [True], ["module.partner.arn", "module.partner"]),
        (None, True, ["var.partners", *ROLE]),  # as concat(var.partners, [aws_iam_role.app.arn])
        (None, True, ["local.partners", *ROLE]),
        (None, True, ["data.aws_iam_role.partner.arn", "data.aws_iam_role.partner", *ROLE]),
    ],
)
def test_a_list_of_which_a_part_is_not_known_is_unknown_whatever_is_assumed(
    identifiers: object, unknown: object, references: list[str], edited: Edited
) -> None:
    def edit(_: Any, changes: Any, expressions: Any) -> None:
        after, of_it = (changes[DOCUMENT][each] for each in ("after", "after_unknown"))
        after["statement"][1]["principals"][0]["identifiers"] = identifiers
        of_it["statement"][1]["principals"][0]["identifiers"] = unknown
        block = expressions[DOCUMENT]["statement"][1]["principals"][0]
        block["identifiers"] = {"references": references}

    (row,) = _of(edited(edit), "aws_kms_key.vault", "--assume", APP)
    assert row["answer"] == "Unknown"
    assert "identifiers are known after apply" in row["reason"]


def _of(path: Path, address: str, *arguments: str, rule: str = "never-outside") -> list[Any]:
    rows = told("check", path, *OWNER, "--rules", rule, *arguments)
    return [row for row in rows if row.get("policy") == address]


def test_a_list_that_is_unknown_as_a_whole_is_what_is_assumed_of_its_resources(
    edited: Edited,
) -> None:
    def edit(_: Any, changes: Any, __: Any) -> None:
        after, of_it = (changes[DOCUMENT][each] for each in ("after", "after_unknown"))
        after["statement"][1]["principals"][0]["identifiers"] = None
        of_it["statement"][1]["principals"][0]["identifiers"] = True

    (row,) = _of(edited(edit), "aws_kms_key.vault", "--assume", APP)
    assert row["answer"] == "Proved"


@pytest.mark.parametrize(
    "member, value",
    [
        ("statement.1.effect", True),
        ("statement.1.principals.0.type", True),
        ("statement.1.condition.0.test", True),
        ("statement.1.condition.0.variable", True),
        ("version", True),
        ("source_policy_documents", [True]),
    ],
)
def test_a_word_of_a_document_that_is_not_known_makes_its_key_unknown(
    member: str, value: object, edited: Edited
) -> None:
    def edit(_: Any, changes: Any, __: Any) -> None:
        *around, name = member.split(".")
        unknown = changes[DOCUMENT]["after_unknown"]
        for each in around:
            unknown = unknown[int(each) if each.isdigit() else each]
        unknown[name] = value

    (row,) = _of(edited(edit), "aws_kms_key.vault", "--assume", APP)
    assert row["answer"] == "Unknown"


def test_two_key_policies_of_one_key_make_it_unknown(edited: Edited) -> None:
    def edit(plan: Any, _: Any, __: Any) -> None:
        for listed in (
            plan["resource_changes"],
            plan["configuration"]["root_module"]["resources"],
        ):
            (vault,) = (each for each in listed if each["address"] == "aws_kms_key_policy.vault")
            listed.append({**vault, "address": "aws_kms_key_policy.other"})

    (row,) = _of(edited(edit), "aws_kms_key.vault", "--assume", APP)
    assert row["answer"] == "Unknown"
    assert "aws_kms_key_policy.vault and aws_kms_key_policy.other" in row["reason"]


@pytest.mark.parametrize("of_arn", [True, False])
def test_a_grant_on_a_key_of_another_configuration_is_checked_by_its_own_address(
    of_arn: bool, edited: Edited
) -> None:
    key_id = "1234abcd-12ab-34cd-56ef-000000000000"
    key = f"arn:aws:kms:us-west-2:111122223333:key/{key_id}" if of_arn else key_id

    def edit(_: Any, changes: Any, __: Any) -> None:
        changes["aws_kms_grant.partner"]["after"]["key_id"] = key
        del changes["aws_kms_grant.partner"]["after_unknown"]["key_id"]

    path = edited(edit)
    (row,) = _of(path, "aws_kms_grant.partner")
    assert row["request"]["by"] == ["grant `aws_kms_grant.partner`"]
    assert row["assumes"] == ["the key of aws_kms_grant.partner has AWS's default key policy"]
    (granted,) = _of(path, 'aws_kms_key.granted["one"]')
    assert granted["answer"] == "Proved"


@pytest.mark.parametrize(
    "unknown",
    [{"constraints": [{"encryption_context_equals": {"tenant": True}}]}, {"operations": [True]}],
)
def test_a_grant_of_which_a_part_is_not_known_makes_its_key_unknown(
    unknown: Any, edited: Edited
) -> None:
    path = edited(
        lambda _, changes, __: changes["aws_kms_grant.partner"]["after_unknown"].update(unknown)
    )
    (row,) = _of(path, 'aws_kms_key.granted["one"]')
    assert row["answer"] == "Unknown"


def test_a_grantee_that_an_expression_chooses_is_unknown(edited: Edited) -> None:
    def edit(_: Any, changes: Any, expressions: Any) -> None:
        changes["aws_kms_grant.partner"]["after"]["grantee_principal"] = None
        changes["aws_kms_grant.partner"]["after_unknown"]["grantee_principal"] = True
        expressions["aws_kms_grant.partner"]["grantee_principal"] = {
            "references": [*ROLE, "aws_iam_role.other.arn", "aws_iam_role.other"]
        }

    (row,) = _of(edited(edit), 'aws_kms_key.granted["one"]', "--assume", APP)
    assert row["answer"] == "Unknown"


def test_keys_of_the_cloud_control_provider_are_keys(edited: Edited) -> None:
    def edit(plan: Any, changes: Any, __: Any) -> None:
        for each in plan["resource_changes"]:
            if each["address"] == "aws_kms_key.open":
                each.update(address="awscc_kms_key.open", type="awscc_kms_key")
        for side in ("before", "after"):
            values = changes["aws_kms_key.open"][side]
            values["key_policy"] = values.pop("policy")

    rows = told("check", edited(edit), *OWNER, "--rules", "never-public")
    assert [row["answer"] for row in rows if row.get("policy") == "awscc_kms_key.open"] == ["Found"]


def test_a_plan_that_is_not_whole_is_not_understood(edited: Edited) -> None:
    result = run("check", edited(lambda plan, _, __: plan.update(errored=True)), *OWNER)
    assert result.exit_code == 2
    assert "the plan is not whole, because Terraform met an error" in result.output


def test_a_key_that_is_deferred_to_another_plan_is_unknown(edited: Edited) -> None:
    def edit(plan: Any, _: Any, __: Any) -> None:
        (key,) = (
            each for each in plan["resource_changes"] if each["address"] == "aws_kms_key.open"
        )
        plan["resource_changes"].remove(key)
        plan["deferred_changes"] = [{"reason": "provider_config_unknown", "resource_change": key}]

    (row,) = _of(edited(edit), "aws_kms_key.open")
    assert row["answer"] == "Unknown"
    assert row["reason"] == "Terraform defers it to another plan: provider_config_unknown"


def _instances(plan: Any, address: str, keys: list[str]) -> dict[str, Any]:
    """Makes several instances of a resource; the configuration has it once."""
    (one,) = (each for each in plan["resource_changes"] if each["address"] == address)
    plan["resource_changes"].remove(one)
    made = {f'{address}["{key}"]': json.loads(json.dumps(one)) for key in keys}
    for instance, each in made.items():
        each["address"] = instance
    plan["resource_changes"] += made.values()
    return {instance: each["change"] for instance, each in made.items()}


@pytest.mark.parametrize(
    "references, answer",
    [
        ([f'{DOCUMENT}["public"].json', f'{DOCUMENT}["public"]', DOCUMENT], "Found"),
        ([f'{DOCUMENT}["private"].json', f'{DOCUMENT}["private"]', DOCUMENT], "Proved"),
        ([DOCUMENT, "each.key"], "Proved"),
        ([DOCUMENT, "each.value"], "Unknown"),
        ([DOCUMENT, "each.key", "local.which"], "Unknown"),
    ],
)
def test_the_instance_of_a_document_is_the_one_that_is_named(
    references: list[str], answer: str, edited: Edited
) -> None:
    def edit(plan: Any, _: Any, expressions: Any) -> None:
        _instances(plan, "aws_kms_key.encoded", ["private"])
        documents = _instances(plan, DOCUMENT, ["private", "public"])
        public = documents[f'{DOCUMENT}["public"]']["after"]["statement"][1]
        public["principals"][0]["identifiers"] = ["*", None]
        expressions["aws_kms_key.encoded"]["policy"] = {"references": references}

    key = 'aws_kms_key.encoded["private"]'
    (row,) = _of(edited(edit), key, "--assume", APP, rule="never-public")
    assert row["answer"] == answer
    guess = f'{key} means {DOCUMENT}["private"]'
    assert (guess in row.get("assumes", ())) is (references == [DOCUMENT, "each.key"])


def test_one_arn_does_not_stand_for_several_roles(edited: Edited) -> None:
    def edit(plan: Any, changes: Any, __: Any) -> None:
        _instances(plan, "aws_iam_role.app", ["a", "b"])
        after, of_it = (changes[DOCUMENT][each] for each in ("after", "after_unknown"))
        after["statement"][1]["principals"][0]["identifiers"] = None
        of_it["statement"][1]["principals"][0]["identifiers"] = True

    (row,) = _of(edited(edit), "aws_kms_key.vault", "--assume", APP)
    assert row["answer"] == "Unknown"


@pytest.mark.parametrize(
    "accounts, reason",
    [
        (["111122223333"] * 2, ""),
        (["111122223333", "444455556666"], "the account is not known: give --account"),
    ],
)
def test_the_account_is_that_of_all_providers(
    accounts: list[str], reason: str, edited: Edited
) -> None:
    def edit(plan: Any, _: Any, __: Any) -> None:
        plan["prior_state"]["values"]["root_module"]["resources"] += [
            {"type": "aws_caller_identity", "values": {"account_id": each}} for each in accounts
        ]

    rows = told("check", edited(edit), "--rules", "never-outside")
    (row,) = (each for each in rows if each.get("policy") == "aws_kms_key.default")
    assert reason in row.get("reason", "")
    assert row["answer"] == ("Unknown" if reason else "Proved")


def _state(*resources: object) -> str:
    """A state with these resources."""
    values = {"root_module": {"resources": resources}}
    return json.dumps({"format_version": "1.0", "terraform_version": "1.9.0", "values": values})


KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_a_key_that_is_only_read_has_no_policy_here(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    only_read = {
        "address": "data.aws_kms_key.vault",
        "mode": "data",
        "type": "aws_kms_key",
        "values": {"arn": KEY_ARN, "key_id": "alias/vault"},
    }
    path.write_text(_state(only_read))
    assert told("check", path) == []
    # A module may be named data, too.
    path.write_text(
        _state({**only_read, "address": "module.data.aws_kms_key.x", "mode": "managed"})
    )
    assert len(answers(path)) == 1


def test_a_key_that_is_only_read_during_apply_has_no_policy_here(edited: Edited) -> None:
    def edit(plan: Any, _: Any, __: Any) -> None:
        change = {"before": None, "after": {"key_id": "alias/x"}, "after_unknown": {"arn": True}}
        address = "data.aws_kms_key.vault"
        of_data = {"address": address, "mode": "data", "type": "aws_kms_key", "change": change}
        plan["resource_changes"] = [of_data]

    assert told("check", edited(edit), *OWNER) == []


def test_a_policy_that_is_not_a_text_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    values: dict[str, Any] = {
        "arn": KEY_ARN,
        "key_policy": {"Version": "2012-10-17", "Statement": []},
    }
    path.write_text(
        _state({"address": "awscc_kms_key.vault", "type": "awscc_kms_key", "values": values})
    )
    assert answers(path) == {"awscc_kms_key.vault": {"understood": "Unknown"}}


@pytest.mark.parametrize(
    "values, answer", [(["&{aws:PrincipalAccount}"], "Found"), (["111122223333"], "Proved")]
)
def test_a_document_spells_a_policy_variable_in_its_own_way(
    values: list[str], answer: str, edited: Edited
) -> None:
    def edit(_: Any, changes: Any, __: Any) -> None:
        statement = changes[DOCUMENT]["after"]["statement"][1]
        statement["principals"] = [{"type": "*", "identifiers": ["*"]}]
        statement["condition"] = [
            {"test": "StringEquals", "variable": "aws:PrincipalAccount", "values": values}
        ]
        changes[DOCUMENT]["after_unknown"] = {"json": True}

    (row,) = _of(edited(edit), "aws_kms_key.vault", "--assume", APP, rule="never-public")
    assert row["answer"] == answer


def test_two_conditions_of_a_document_that_are_alike_are_unknown(edited: Edited) -> None:
    def edit(_: Any, changes: Any, __: Any) -> None:
        condition = {
            "test": "StringEquals",
            "variable": "aws:PrincipalAccount",
            "values": ["444455556666"],
        }
        statement = changes[DOCUMENT]["after"]["statement"][1]
        statement["condition"] = [condition, {**condition, "values": ["555566667777"]}]

    (row,) = _of(edited(edit), "aws_kms_key.vault", "--assume", APP)
    assert row["answer"] == "Unknown"
    assert "of several conditions StringEquals on aws:PrincipalAccount" in row["reason"]
