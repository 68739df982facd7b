"""
``kmsmodel policy``, run as a shell runs it.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kmsmodel.cli import commands
from tests.policy.policies import PARTNER

ROLE = "arn:aws:iam::111122223333:role/Partner"
KEY = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DATA = Path(__file__).parents[1] / "data" / "authorization"


def run(*words: str, stdin: str = "") -> Result:
    result = CliRunner().invoke(commands, ("policy", *words), input=stdin, prog_name="kmsmodel")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def file(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


def statement(**elements: Any) -> dict[str, Any]:
    plain = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": plain | elements}


# ---- why


def test_why_says_what_is_allowed_and_exits_0() -> None:
    pair = ("--encryption-context", "tenant=acme")
    result = run("why", "-", "--principal", ROLE, "--action", "decrypt", *pair, stdin=PARTNER)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[:2] == [
        f"kms:Decrypt on {KEY} by {ROLE}",
        "allowed, because statement 2 `Partner` of a resource-based policy allows it",
    ]


def test_why_says_what_is_denied_and_exits_1(tmp_path: Path) -> None:
    policy = file(tmp_path, "policy.json", PARTNER)
    pair = ("--encryption-context", "tenant=beta")
    result = run("why", policy, "--principal", ROLE, "--action", "kms:Decrypt", *pair)
    assert (result.exit_code, result.stderr) == (1, "")
    assert (
        "  statement 2 `Partner` (line 11, column 5): principal matches; "
        "condition StringEquals kms:EncryptionContext:tenant: "
        "the request has `beta`, the policy wants `acme`" in result.stdout.splitlines()
    )


def test_why_asks_the_callers_own_policies_too(tmp_path: Path) -> None:
    policy = file(tmp_path, "policy.json", PARTNER)
    allow, encrypt = statement(), statement(Action="kms:Encrypt")
    identity = ("--identity-policy", file(tmp_path, "identity.json", allow))
    boundary = ("--boundary", file(tmp_path, "boundary.json", encrypt))
    session = ("--session-policy", file(tmp_path, "session.json", encrypt))
    ada = "arn:aws:iam::111122223333:user/Ada"

    def status(who: str, *more: str) -> int:
        return run("why", policy, "--principal", who, "--action", "Decrypt", *more).exit_code

    assert status(ada) == 1
    assert status(ada, *identity) == 0
    assert status(ada, *identity, *boundary) == 1
    assert status("arn:aws:sts::111122223333:assumed-role/Any/one", *identity, *session) == 1


def test_why_takes_condition_keys_and_those_of_several_values(tmp_path: Path) -> None:
    condition = {
        "StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"},
        "ForAllValues:StringEquals": {"aws:CalledVia": ["a", "b"]},
    }
    policy = file(tmp_path, "policy.json", statement(Principal="*", Condition=condition))
    words = ("why", policy, "--principal", ROLE, "--action", "Decrypt")
    via = ("--context", "KMS:viaservice=s3.us-west-2.amazonaws.com")
    assert run(*words).exit_code == 1
    assert run(*words, *via).exit_code == 0
    assert run(*words, *via, "--context", "aws:CalledVia=a").exit_code == 0
    two = ("--context", "aws:CalledVia=a", "--context", "aws:CalledVia=c")
    assert run(*words, *via, *two).exit_code == 1


@pytest.mark.parametrize(
    "who, key, value",
    [
        ("arn:aws:iam::111122223333:user/a/Ada", "aws:username", "Ada"),
        ("arn:aws:iam::111122223333:user/a/Ada", "aws:PrincipalType", "User"),
        ("arn:aws:iam::111122223333:user/a/Ada", "aws:ResourceAccount", "444455556666"),
        ("arn:aws:iam::111122223333:user/a/Ada", "aws:PrincipalIsAWSService", "false"),
        ("arn:aws:iam::111122223333:root", "aws:PrincipalType", "Account"),
        ("arn:aws:iam::111122223333:root", "aws:userid", "111122223333"),
        ("arn:aws:sts::111122223333:federated-user/Bob", "aws:userid", "111122223333:Bob"),
        (ROLE, "kms:CallerAccount", "111122223333"),
        ("logs.amazonaws.com", "aws:PrincipalServiceName", "logs.amazonaws.com"),
        ("logs.amazonaws.com", "aws:PrincipalType", "Service"),
    ],
)
def test_why_knows_the_condition_keys_that_follow_from_the_caller_and_the_key(
    who: str, key: str, value: str, tmp_path: Path
) -> None:
    """Of a Deny statement, so that what else is needed to be allowed does not matter."""
    denies = statement(Effect="Deny", Principal="*", Condition={"StringEquals": {key: value}})
    words = ("--principal", who, "--action", "Decrypt", "--account", "444455556666")
    result = run("why", file(tmp_path, "policy.json", denies), *words)
    assert result.stdout.splitlines()[1].startswith("explicitly denied")


def test_why_knows_the_unique_id_of_a_caller_in_a_directory(tmp_path: Path) -> None:
    condition = {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}
    policy = file(tmp_path, "policy.json", statement(Principal="*", Condition=condition))
    roles = {"Reader": {"id": "AROAEXAMPLE"}}
    iam = file(tmp_path, "iam.json", {"accounts": {"111122223333": {"roles": roles}}})
    session = "arn:aws:sts::111122223333:assumed-role/Reader/one"
    words = ("why", policy, "--action", "Decrypt", "--principal", session)
    assert run(*words, "--iam", iam).exit_code == 0
    assert run(*words).exit_code == 1


def test_why_knows_the_account_of_the_key(tmp_path: Path) -> None:
    policy = file(tmp_path, "policy.json", PARTNER)
    who = ("--principal", "arn:aws:iam::111122223333:root")
    words = ("why", policy, *who, "--action", "Decrypt")
    assert run(*words).exit_code == 0
    foreign = run(*words, "--account", "444455556666")
    assert f"kms:Decrypt on {KEY.replace('111122223333', '444455556666')}" in foreign.stdout
    named = run(*words, "--key-arn", KEY.replace("us-west-2", "eu-west-1"))
    assert named.stdout.startswith("kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/")


def test_an_action_without_a_key_is_decided_without_the_key_policy(tmp_path: Path) -> None:
    policy = file(tmp_path, "policy.json", statement(Principal="*"))
    result = run("why", policy, "--principal", ROLE, "--action", "ListKeys")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        f"kms:ListKeys on * by {ROLE}\nnot allowed, because no identity"
    )


def test_why_tells_what_nobody_means(tmp_path: Path) -> None:
    policy = file(tmp_path, "policy.json", statement(Principal="*", Action="kms:Decript"))
    result = run("why", policy, "--principal", ROLE, "--action", "Decrypt")
    assert f"found in {policy}" in result.stdout
    assert "there is no action `kms:Decript`, perhaps `kms:Decrypt` is meant" in result.stdout
    assert "access-analyzer-reference-policy-checks-error-invalid-action" in result.stdout


@pytest.mark.parametrize(
    "policy, words, said",
    [
        ("{", (), "policy.json: MalformedPolicyDocumentException; the key policy is not JSON"),
        ("{", (), "enclosed in double quotes: line 1 column 2"),
        ("", (), "is empty"),
        ('{"Statement": {"Effect": "allow", "Principal": "*"}}', (), "(line 1, column 26)"),
        (PARTNER, ("--principal", "Ada"), "is not the ARN of a principal"),
        (PARTNER, ("--action", "Decript"), "Perhaps Decrypt"),
        (PARTNER, ("--action", "ReEncrypt"), "Perhaps ReEncryptFrom or ReEncryptTo"),
        (PARTNER, ("--encryption-context", "tenant"), "is not NAME=VALUE"),
        (PARTNER, ("--encryption-context", "kms:EncryptionContext:tenant=a"), "write 'tenant'."),
        (PARTNER, ("--context", "kms:ViaServise=a"), "perhaps 'kms:ViaService' is meant."),
        (
            PARTNER,
            ("--encryption-context", "a=b", "--encryption-context", "a=c"),
            "given twice",
        ),
        (
            PARTNER,
            ("--action", "DescribeKey", "--encryption-context", "a=b"),
            "takes no encryption context",
        ),
        (
            PARTNER,
            ("--context", "kms:KeySpec=a", "--context", "kms:KeySpec=b"),
            "has one value",
        ),
        (PARTNER, ("--key-arn", "alias/a"), "is not a key ARN"),
        (PARTNER, ("--account", "1"), "twelve digits"),
        (PARTNER, ("--boundary", "/nowhere/to/be/found"), "No such file"),
        (None, (), "No such file"),
    ],
)
def test_what_is_not_understood_exits_2(
    tmp_path: Path, policy: str | None, words: tuple[str, ...], said: str
) -> None:
    name = str(tmp_path / "none") if policy is None else file(tmp_path, "policy.json", policy)
    result = run("why", name, "--principal", ROLE, "--action", "Decrypt", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr


# ---- decide


@pytest.mark.parametrize("name", ["recorded_iam_cases", "recorded_kms_cases"])
def test_a_file_of_cases_is_decided_in_lines_of_json(name: str) -> None:
    path = DATA / f"{name}.json"
    result = run("decide", str(path))
    assert (result.exit_code, result.stderr) == (0, "")
    cases = json.loads(path.read_text("utf-8"))["cases"]
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"id": case["id"], "verdict": case["expected"]} for case in cases
    ]


def test_each_worked_case_but_those_of_the_api_is_decided_as_expected() -> None:
    path = DATA / "authorization_cases.json"
    result = run("decide", str(path))
    found = {line["id"]: line["verdict"] for line in map(json.loads, result.stdout.splitlines())}
    cases = json.loads(path.read_text("utf-8"))["cases"]
    assert found.keys() == {case["id"] for case in cases}
    assert [
        case["id"]
        for case in cases
        if case["kind"] != "api" and found[case["id"]] != case["expected"]
    ] == []


CASE: dict[str, Any] = {
    "id": "a",
    "principal": ROLE,
    "action": "kms:Decrypt",
    "resource": KEY,
    "policies": {"key_policy": statement(Principal="*")},
}


def test_a_difference_is_told_with_its_reason_and_exits_1(tmp_path: Path) -> None:
    cases = [CASE | {"expected": "deny"}, CASE | {"id": "b"}]
    result = run("decide", file(tmp_path, "cases.json", cases))
    assert result.exit_code == 1
    assert result.stdout == '{"id": "a", "verdict": "allow"}\n{"id": "b", "verdict": "allow"}\n'
    lines = result.stderr.splitlines()
    assert lines[0] == "a: expected deny, got allow"
    assert "  allowed, because statement 1 of a resource-based policy allows it" in lines


def test_a_case_that_is_not_understood_exits_2_and_the_others_are_decided(tmp_path: Path) -> None:
    odd = [1, {"id": "x"}, CASE | {"id": "y", "policies": {"key_policy": {"Statement": 1}}}]
    result = run("decide", file(tmp_path, "cases.json", [*odd, CASE | {"expected": "deny"}]))
    assert result.exit_code == 2
    assert result.stdout == '{"id": "a", "verdict": "allow"}\n'
    assert "case 1 is not understood" in result.stderr
    assert "x is not understood: principal" in result.stderr
    assert "y is not understood: MalformedPolicyDocumentException" in result.stderr


@pytest.mark.parametrize(
    "content", ["", "{", "{}", "1", "[]", '{"cases": 1}', '[{"id": 1, "id": 1}]']
)
def test_a_file_without_cases_is_not_understood(tmp_path: Path, content: str) -> None:
    result = run("decide", file(tmp_path, "cases.json", content))
    assert (result.exit_code, result.stdout) == (2, "")


def _put(policy: dict[str, Any], **members: Any) -> dict[str, Any]:
    parameters = {"Policy": policy, "BypassPolicyLockoutSafetyCheck": True}
    ada = "arn:aws:iam::111122223333:root"
    asked = {"action": "kms:PutKeyPolicy", "principal": ada, "kind": "api"}
    return CASE | asked | {"request_parameters": parameters | members}


@pytest.mark.parametrize(
    "case, verdict",
    [
        (_put(statement(Principal="*")), "allow"),
        (_put(statement(Principal={"AWS": "Ada"})), "MalformedPolicyDocumentException"),
        (_put(statement(Principal="*"), KeyId=KEY), "allow"),
        (_put(statement(Principal="*"), KeyId=KEY.replace("1234", "5678")), "NotFoundException"),
        (_put(statement(Principal="*"), KeyId="alias/a"), "InvalidArnException"),
        (
            _put(
                statement(
                    Principal="*",
                    Condition={"ForAllValues:StringEquals": {"kms:EncryptionContext:a": "b"}},
                )
            ),
            "MalformedPolicyDocumentException",
        ),
        (CASE | {"kind": "api", "action": "kms:Fly"}, "UnknownOperationException"),
        (
            CASE
            | {
                "kind": "api",
                "action": "kms:Sign",
                "principal": "arn:aws:iam::111122223333:root",
                "key": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
                "request_parameters": {
                    "Message": "YQ==",
                    "SigningAlgorithm": "RSASSA_PSS_SHA_256",
                },
            },
            "InvalidKeyUsageException",
        ),
    ],
)
def test_a_case_of_the_kind_api_is_answered_by_the_model(
    tmp_path: Path, case: dict[str, Any], verdict: str
) -> None:
    result = run("decide", file(tmp_path, "cases.json", [case]))
    assert result.stdout == f'{{"id": "a", "verdict": "{verdict}"}}\n'
    assert result.exit_code == 0


# ---- the pages of the docs

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "page, name, blocks",
    [("who-may-use-a-key.md", "key-policy.json", 1), ("policy-cases.md", "cases.json", 2)],
)
def test_a_page_shows_what_is_printed(
    page: str, name: str, blocks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block of the console is about the block of JSON before it."""
    monkeypatch.chdir(tmp_path)
    found = re.findall(
        r"```json\n(.*?)```.*?```console\n\$ (.*?[^\\])\n(.*?)```",
        (DOCS / page).read_text("utf-8"),
        re.DOTALL,
    )
    assert len(found) == blocks
    for content, line, shown in found:
        Path(name).write_text(content, "utf-8")
        program, group, *words = shlex.split(line.replace("\\\n", ""))
        assert (program, group) == ("kmsmodel", "policy")
        assert run(*words).output == shown


def test_a_caller_is_looked_up_in_a_directory_of_iam(tmp_path: Path) -> None:
    users = {"Ada": {"policies": [statement(Action="kms:Decrypt")]}, "Bob": {}}
    iam = file(tmp_path, "iam.json", {"accounts": {"111122223333": {"users": users}}})
    root = {"AWS": "arn:aws:iam::111122223333:root"}
    policy = file(tmp_path, "policy.json", statement(Principal=root))

    def status(user: str) -> int:
        arn = f"arn:aws:iam::111122223333:user/{user}"
        words = ("why", policy, "--principal", arn, "--action", "Decrypt", "--iam", iam)
        return run(*words).exit_code

    assert [status("Ada"), status("Bob"), status("Nobody")] == [0, 1, 2]


def test_why_asks_what_the_organization_says_of_the_key(tmp_path: Path) -> None:
    """No RCP holds for a key of the management account, and each account is of the organization."""
    rcp = statement(Effect="Deny", Principal="*")
    content: dict[str, Any] = {
        "organization": "o-exampleorgid",
        "rcps": [rcp],
        "accounts": {"111122223333": {"users": {"Ada": {}}}},
    }
    condition = {"StringEquals": {"aws:ResourceOrgID": "o-exampleorgid"}}
    policy = file(tmp_path, "policy.json", statement(Principal="*", Condition=condition))
    ada = "arn:aws:iam::111122223333:user/Ada"
    words = ("why", policy, "--principal", ada, "--action", "Decrypt", "--account", "111122223333")
    denied = run(*words, "--iam", file(tmp_path, "iam.json", content))
    assert denied.stdout.splitlines()[1].startswith("explicitly denied")
    spared = content | {"management_account": "111122223333"}
    assert run(*words, "--iam", file(tmp_path, "spared.json", spared)).exit_code == 0


def test_the_key_is_of_the_only_account_that_its_policy_allows(tmp_path: Path) -> None:
    root = {"AWS": "arn:aws:iam::111122223333:root"}
    policy = file(tmp_path, "policy.json", statement(Principal=root))
    words = ("why", policy, "--principal", "arn:aws:iam::444455556666:root", "--action", "Decrypt")
    told = run(*words).output
    assert "arn:aws:kms:us-west-2:111122223333:key/" in told
    assert "the policy names `arn:aws:iam::111122223333:root`" in told
