"""
Templates of CloudFormation and CDK, from the file to the answer.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from kmsmodel.pipeline.intrinsics import Resolver, UnknownValueError
from tests.pipeline.running import POLICIES, PROVED, ROOT, answers, run, told

VAULT = POLICIES / "cloudformation" / "vault.yaml"
CDK = POLICIES / "cdk" / "Vault.template.json"
PRODUCTION = ("--parameter", "Stage=production", "--parameter", "Partner=444455556666")


def test_a_template_of_cdk_is_walked_to_a_finding_with_its_line() -> None:
    result = run("check", CDK, "--format", "sarif")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)["runs"][0]["results"]
    assert found["ruleId"] == "no-deputies"
    (location,) = found["locations"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "TrailKey38EB2549"
    line = location["physicalLocation"]["region"]["startLine"]
    lines = CDK.read_text().splitlines()
    assert '"kms:GenerateDataKey*"' in lines[line]
    assert run("check", CDK, "--rules", "never-public").exit_code == 0


def test_functions_parameters_and_conditions_are_followed() -> None:
    found = answers(VAULT)
    assert found == {
        "Default": PROVED,
        "Vault": {**PROVED, "never-public": "Found"},
        "Broken": {"understood": "NotUnderstood"},
        "Replica": {"understood": "Unknown"},
    }
    assert answers(VAULT, *PRODUCTION) == {
        "Default": PROVED,
        "Vault": PROVED,
        "Replica": {"understood": "Unknown"},
    }


def test_places_are_those_of_the_template() -> None:
    rows: dict[tuple[str, str], Any] = {
        (row.get("policy"), row["rule"]): row for row in told("check", VAULT)
    }
    lines = VAULT.read_text().splitlines()
    anyone = rows["Vault", "never-public"]
    assert lines[anyone["line"] - 1][anyone["column"] - 1 :] == "Sid: Anyone"
    assert anyone["request"]["by"] == [f"statement 2 `Anyone` ({VAULT}, line {anyone['line']})"]
    for name, begins in (("Broken", "!Sub arn:aws:iam::$"), ("Replica", "!ImportValue")):
        row = rows[name, "understood"]
        line: int = row["line"]
        assert lines[line - 1].find(begins) == row["column"] - 1


def test_a_parameter_without_a_value_is_unknown_until_it_is_given() -> None:
    stage = ("--parameter", "Stage=production")
    (row,) = (row for row in told("check", VAULT, *stage) if row.get("policy") == "Vault")
    assert row["answer"] == "Unknown"
    assert row["reason"].endswith("the parameter Partner has no value: give --parameter Partner=")


def test_what_another_stack_exports_can_be_assumed() -> None:
    given = ("--assume", "PartnerRole=arn:aws:iam::111122223333:role/partner")
    assert answers(VAULT, *given, "--account", "111122223333")["Replica"] == PROVED


def test_the_difference_of_two_stages_is_told() -> None:
    assert told("diff", VAULT, VAULT, *PRODUCTION)["verdict"] == "unknown"
    result = run("diff", VAULT, VAULT)
    assert result.exit_code == 2
    assert "Broken: line 80, column 20" in " ".join(result.output.split())
    old = json.loads(CDK.read_text())
    new = json.loads(CDK.read_text())
    statements = new["Resources"]["TrailKey38EB2549"]["Properties"]["KeyPolicy"]["Statement"]
    statements[1]["Condition"] = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    del new["Resources"]["PartnerKey1E532ADA"]
    assert _compared(old, new)["verdict"] == "narrower"
    assert {row["policy"] for row in _compared(old, new)["lost"]} == {
        "TrailKey38EB2549",
        "PartnerKey1E532ADA",
    }


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_lines_end_where_editors_end_them(suffix: str, end: str, tmp_path: Path) -> None:
    policy = {"Version": "2012-10-17", "Statement": [ROOT, {**PUBLIC, "Sid": "\u00e4\U0001d11e"}]}
    resources = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}
    template = {"Description": "a\u2028b\u0085c\u2029d", "Resources": resources}
    text = json.dumps(template, indent=1, ensure_ascii=False)
    if suffix == ".yaml":
        text = f"# {text[0]}\n---\n{text}"
    path = tmp_path / f"template{suffix}"
    path.write_bytes(text.replace("\n", end).encode())
    (row,) = told("check", path, "--rules", "never-public")
    lines = path.read_bytes().decode().split("\n")
    assert lines[row["line"] - 1][row["column"] - 1] == "{"
    assert '"Principal": "*"' in lines[row["line"] + 1]


def _compared(old: Any, new: Any) -> Any:
    from kmsmodel.pipeline import as_json  # noqa: PLC0415
    from kmsmodel.pipeline.differences import difference, pairs  # noqa: PLC0415
    from kmsmodel.pipeline.files import Known, read  # noqa: PLC0415

    contents = [read(json.dumps(each), "template.json", Known()).policies for each in (old, new)]
    return json.loads(as_json.compared([difference(*each, None) for each in pairs(*contents)]))


def test_an_account_that_the_template_names_is_not_made_up() -> None:
    (found,) = {one for row in told("check", CDK) for one in row.get("assumes", ()) if "Acc" in one}
    assert found == "AWS::AccountId is 111122223333"
    given = told("check", CDK, "--account", "444455556666")
    assert not any("AccountId" in one for row in given for one in row.get("assumes", ()))


RESOLVED = [
    ({"Fn::Join": ["-", ["a", {"Ref": "P"}]]}, "a-p"),
    ({"Fn::Sub": "${P}-${!P}-${AWS::Region}"}, "p-${P}-us-east-1"),
    ({"Fn::Sub": ["${X}-${P}", {"X": {"Fn::Join": ["", ["x", "y"]]}}]}, "xy-p"),
    ({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "b"),
    ({"Fn::Select": ["0", {"Ref": "L"}]}, "one"),
    ({"Fn::If": ["Yes", "a", "b"]}, "a"),
    ({"Fn::If": ["No", "a", "b"]}, "b"),
    ({"Fn::If": ["Both", "a", "b"]}, "b"),
    ({"Fn::If": ["Either", "a", "b"]}, "a"),
    ({"Fn::If": ["IsOn", "a", "b"]}, "a"),
    ({"Fn::FindInMap": ["M", {"Ref": "P"}, "k"]}, "v"),
    ({"Fn::GetAtt": ["U", "Arn"]}, "arn:aws:iam::111122223333:user/team/u"),
    ({"Fn::GetAtt": "U.Arn"}, "arn:aws:iam::111122223333:user/team/u"),
    ({"Ref": "U"}, "u"),
    ([{"Ref": "AWS::NoValue"}, "a"], ["a"]),
    ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
    ({"Fn::GetAtt": ["R", "Arn"]}, "arn:aws:iam::111122223333:role/stack-R-EXAMPLE"),
]
UNKNOWN = [
    {"Ref": "None"},
    {"Ref": "AWS::StackId"},
    {"Ref": "Without"},
    {"Ref": "Stored"},
    {"Ref": "Bucket"},
    {"Fn::GetAtt": ["Bucket", "Arn"]},
    {"Fn::GetAtt": ["R", "RoleId"]},
    {"Fn::Base64": "a"},
    {"Fn::If": ["Missing", "a", "b"]},
    {"Fn::If": ["Loop", "a", "b"]},
    {"Fn::If": ["Odd", "a", "b"]},
    {"Fn::If": ["a"]},
    {"Fn::Join": ["", "a"]},
    {"Fn::Join": ["", [{"a": "b"}]]},
    {"Fn::Sub": 1},
    {"Fn::Sub": "${None}"},
    {"Fn::Select": [2, ["a"]]},
    {"Fn::Split": ["", "a"]},
    {"Fn::FindInMap": ["M", "p", "other"]},
    {"Fn::ImportValue": "Other"},
    "{{resolve:ssm:name}}",
    "arn:aws:iam::{{resolve:ssm:account}}:root",
    {"Fn::Sub": "arn:aws:iam::{{resolve:ssm:account}}:root"},
    {"Fn::Join": ["", ["arn:aws:iam::", "{{resolve:ssm:account}}", ":root"]]},
    {"Sid": "Own", "Fn::Transform": {"Name": "AWS::Include"}},
]
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "P": {"Type": "String", "Default": "p"},
        "L": {"Type": "CommaDelimitedList", "Default": "one, two"},
        "Without": {"Type": "String"},
        "On": {"Type": "String", "Default": "true"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/name"},
    },
    "Mappings": {"M": {"p": {"k": "v"}}},
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "P"}, "p"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
        "Either": {"Fn::Or": [{"Condition": "No"}, {"Condition": "Yes"}]},
        "IsOn": {"Fn::Equals": [{"Ref": "On"}, True]},
        "Loop": {"Condition": "Loop"},
        "Odd": "a",
    },
    "Resources": {
        "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Path": "/team/"}},
        "R": {"Type": "AWS::IAM::Role"},
        "Bucket": {"Type": "AWS::S3::Bucket"},
    },
}


@pytest.mark.parametrize("value, expected", RESOLVED)
def test_a_function_has_the_value_that_cloudformation_gives_it(
    value: object, expected: object
) -> None:
    assert Resolver(TEMPLATE, {}, "111122223333").resolve(value, ()) == expected


@pytest.mark.parametrize("value", UNKNOWN)
def test_what_a_template_does_not_tell_is_unknown(value: object) -> None:
    with pytest.raises(UnknownValueError):
        Resolver(TEMPLATE, {}, "111122223333").resolve(value, ())


def test_what_is_given_is_known() -> None:
    given = {"Bucket.Arn": "arn:aws:s3:::b", "Bucket": "b", "AWS::Region": "eu-west-1"}
    resolver = Resolver(TEMPLATE, given, "111122223333")
    value = {"Fn::Sub": "${Bucket} ${Bucket.Arn} ${AWS::Region}"}
    assert resolver.resolve(value, ()) == "b arn:aws:s3:::b eu-west-1"
    assert not resolver.assumes


@pytest.mark.parametrize(
    "kind", ["CommaDelimitedList", "List<Number>", "AWS::SSM::Parameter::Value<List<String>>"]
)
def test_a_list_that_is_given_is_a_list(kind: str) -> None:
    template = {"Parameters": {"Partners": {"Type": kind}}}
    resolver = Resolver(template, {"Partners": "444455556666, 777788889999"}, "111122223333")
    assert resolver.resolve({"Ref": "Partners"}, ()) == ["444455556666", "777788889999"]


PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
KEY: dict[str, Any] = {
    "Type": "AWS::KMS::Key",
    "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [ROOT, PUBLIC]}},
}


def _checked(tmp_path: Path, *arguments: str, **template: Any) -> list[Any]:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))
    rows: list[Any] = told("check", path, "--rules", "never-public", *arguments)
    return rows


def test_a_key_that_only_other_parameters_make_is_checked_as_if_they_did(tmp_path: Path) -> None:
    template: dict[str, Any] = {
        "Parameters": {"Stage": {"Type": "String", "Default": "test"}},
        "Conditions": {
            "IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]},
            "IsOpen": {"Condition": "IsProduction"},
        },
        "Resources": {"Key": {**KEY, "Condition": "IsProduction"}},
    }
    (row,) = _checked(tmp_path, **template)
    assert (row["answer"], row["assumes"]) == ("Found", ["the condition IsProduction is true"])
    assert _checked(tmp_path, "--parameter", "Stage=test", **template) == []
    (given,) = _checked(tmp_path, "--parameter", "Stage=production", **template)
    assert (given["answer"], "assumes" in given) == ("Found", False)

    statement = {"Fn::If": ["IsOpen", PUBLIC, {"Ref": "AWS::NoValue"}]}
    policy = {"Version": "2012-10-17", "Statement": [ROOT, statement]}
    template["Resources"]["Key"]["Properties"] = {"KeyPolicy": policy}
    (row,) = _checked(tmp_path, **template)
    assert row["answer"] == "Found"
    del template["Resources"]["Key"]["Condition"]
    (row,) = _checked(tmp_path, **template)
    assert (row["answer"], row["assumes"]) == ("Proved", ["the parameter Stage has its default"])


INCLUDE = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a/b"}}}


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": INCLUDE}}},
        {"Resources": {"Key": {"Type": "AWS::KMS::Key", **INCLUDE}}},
        {"Resources": INCLUDE},
        {"Resources": {}, "Transform": ["AWS::Include"]},
        {"Resources": {}, "Transform": {"Name": "AWS::Include", "Parameters": {}}},
    ],
)
def test_what_is_included_when_it_is_deployed_is_unknown(
    template: dict[str, Any], tmp_path: Path
) -> None:
    (row,) = _checked(tmp_path, **template)
    assert row["answer"] == "Unknown"


def test_what_a_macro_does_to_a_key_policy_is_assumed(tmp_path: Path) -> None:
    template = {"Resources": {"Key": KEY}, "Transform": ["AWS::Serverless-2016-10-31", "Mine"]}
    (row,) = _checked(tmp_path, **template)
    assert row["assumes"] == ["the macro Mine changes no key policy"]


def test_keys_that_a_loop_makes_are_unknown(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        textwrap.dedent("""\
        Resources:
          Fn::ForEach::Keys:
            - Name
            - [A, B]
            - Key${Name}:
                Type: AWS::KMS::Key
        """)
    )
    (row,) = told("check", path)
    assert (row["answer"], row["line"]) == ("Unknown", 2)


@pytest.mark.parametrize(
    "resource, why",
    [
        ({"Type": "My::Org::Keys::MODULE"}, "the module My::Org::Keys::MODULE may make keys"),
        ({**KEY, "Type": "AWS::KMS::key"}, "perhaps 'AWS::KMS::Key' is meant"),
        ({**KEY, "Type": "AWS::KMS::Replicakey"}, "perhaps 'AWS::KMS::ReplicaKey' is meant"),
        ({"Type": "AWS::KMS::Key", "properties": KEY["Properties"]}, "perhaps 'Properties' is"),
        (
            {"Type": "AWS::KMS::Key", "Properties": {"keyPolicy": KEY["Properties"]["KeyPolicy"]}},
            "keyPolicy is no part of AWS::KMS::Key; perhaps 'KeyPolicy' is meant",
        ),
    ],
)
def test_what_may_be_a_key_is_not_passed_over(
    resource: dict[str, Any], why: str, tmp_path: Path
) -> None:
    others = {"Alias": {"Type": "AWS::KMS::Alias"}, "Role": {"Type": "AWS::IAM::Role"}}
    (row,) = _checked(tmp_path, Resources={**others, "Key": resource})
    assert row["answer"] == "Unknown"
    assert why in row["reason"]


@pytest.mark.parametrize(
    "text, why",
    [
        ("Resources: [", "line 2, column 1: did not find expected node content"),
        ("Resources:\n  A: 1\n  A: 2", "line 3, column 3: A stands here twice"),
        ("Resources: &a\n  A: *a", "line 1, column 12: this refers to itself"),
        ("Resources:\n  ? [a]\n  : b", "line 2, column 5: a name is expected"),
    ],
)
def test_what_is_no_yaml_is_not_understood(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(text)
    result = run("check", path)
    assert result.exit_code == 2
    assert why in result.output
