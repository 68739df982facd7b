"""
``kmsmodel policy check`` and ``diff``: what they tell of key policies, and by which exit status.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from kmsmodel.cli import commands
from kmsmodel.pipeline.checks import NO_FINDINGS
from kmsmodel.policy.proofs.answers import Unknown
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from tests.policy.policies import STATEMENT, policy

ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}
ODD = {**OPEN, "Condition": {"StringLike": {"aws:SourceIp": "10.*"}}}


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a key policy, and gives its path."""

    def write(name: str, *statements: object) -> str:
        path = tmp_path / name
        path.write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
        return str(path)

    return write


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["policy", *arguments])


def test_a_policy_that_keeps_all_rules_is_proved(written: Any) -> None:
    result = run("check", written("root.json", ROOT))
    assert result.exit_code == 0
    *told, assumed = result.output.splitlines()
    assert [line.rpartition(": ")[2] for line in told] == ["proved"] * 6
    assert assumed == (
        "assumed: the key is of account 111122223333, the only one whose root user the policy lets in"
    )
    again = run("check", written("root.json", ROOT), "--account", "111122223333")
    assert again.output.splitlines() == told


def test_the_root_user_of_a_partner_is_not_taken_for_the_owner_in_silence(written: Any) -> None:
    partner = {**ROOT, "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}
    result = run("check", written("partner.json", partner))
    assert "assumed: the key is of account 444455556666" in result.output
    asked = run("check", written("partner.json", partner), "--account", "111122223333")
    assert (result.exit_code, asked.exit_code) == (0, 1)


def test_a_public_policy_is_found_with_a_request(written: Any) -> None:
    result = run("check", written("open.json", ROOT, OPEN), "--format", "json")
    assert result.exit_code == 1
    public = json.loads(result.output)[0]
    assert (public["rule"], public["answer"]) == ("never-public", "Found")
    assert public["request"]["caller"] == "arn:aws:iam::444455556666:user/someone"
    assert public["closed_by"] == [
        "add StringEquals kms:CallerAccount = 111122223333 to statement 2"
    ]


def test_what_is_not_understood_of_a_policy_has_a_status_of_its_own(written: Any) -> None:
    result = run("check", written("odd.json", ROOT, ODD))
    assert result.exit_code == 3
    assert "unknown: text for the condition key aws:sourceip" in result.output


def test_what_is_no_policy_is_not_understood(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    path.write_text("[]")
    result = run("check", str(path), "--account", "111122223333")
    assert result.exit_code == 2
    assert "an object is expected" in result.output


@pytest.mark.parametrize(
    "changed, why",
    [
        ({"Principal": {"AWS": "arn:aws:iam::444455556666:role/*"}}, "the form of a principal"),
        ({"Sid": "s" * 32_768}, "a key policy has at most 32768 bytes"),
    ],
)
def test_a_policy_that_aws_kms_does_not_store_is_not_understood(
    changed: dict[str, object], why: str, written: Any
) -> None:
    sound, refused = written("root.json", ROOT), written("refused.json", ROOT, {**OPEN, **changed})
    for words in (("check", refused), ("diff", sound, refused)):
        result = run(*words)
        assert result.exit_code == 2
        assert why in " ".join(result.output.split())


def test_the_owner_must_be_clear(written: Any) -> None:
    result = run("check", written("open.json", OPEN))
    assert result.exit_code == 2
    assert "give --account" in result.output


@pytest.mark.parametrize(
    "old, new, verdict, status",
    [
        ([ROOT], [ROOT], "equivalent", 0),
        ([ROOT], [ROOT, OPEN], "wider", 1),
        ([ROOT, OPEN], [ROOT], "narrower", 0),
        ([ROOT, {**OPEN, "Action": "kms:Decrypt"}], [ROOT, OPEN], "incomparable", 1),
        ([ROOT], [ROOT, ODD], "unknown", 3),
    ],
)
def test_two_policies_are_compared(
    old: list[object], new: list[object], verdict: str, status: int, written: Any
) -> None:
    paths = written("old.json", *old), written("new.json", *new)
    result = run("diff", *paths, "--format", "json")
    assert result.exit_code == status
    told = json.loads(result.output)
    assert told["verdict"] == verdict
    assert bool(told["new"]) is (status == 1)
    assert run("diff", *paths).output.splitlines()[0] == verdict
    assert run("diff", *paths, "--format", "markdown").output.splitlines()[0] == f"**{verdict}**"


def test_a_policy_is_read_as_get_key_policy_prints_it(written: Any, tmp_path: Path) -> None:
    plain = Path(written("open.json", ROOT, OPEN))
    policy = json.dumps(json.loads(plain.read_text()), indent=2)
    forms = {
        "printed.json": json.dumps({"Policy": policy, "PolicyName": "default"}, indent=4),
        "printed.txt": f"{policy}\tdefault\n",
        "printed.yaml": f"Policy: {json.dumps(policy)}\nPolicyName: default\n",
    }
    expected = run("check", str(plain), "--format", "markdown").output.splitlines()[0]
    lines = {"printed.json": 2, "printed.txt": 12, "printed.yaml": 1}
    for name, text in forms.items():
        path = tmp_path / name
        path.write_text(text)
        result = run("check", str(path), "--format", "json")
        assert result.exit_code == 1
        assert json.loads(result.output)[0]["line"] == lines[name]
        assert run("check", str(path), "--format", "markdown").output.splitlines()[0] == expected
        assert json.loads(run("diff", str(plain), str(path), "--format", "json").output) == {
            "verdict": "equivalent",
            "new": [],
            "lost": [],
        }
        if name != "printed.yaml":
            asked = ("--action", "Sign", "--principal", "arn:aws:iam::111122223333:user/someone")
            assert run("why", str(path), *asked).exit_code == 0


def test_new_access_is_told_at_the_line_of_the_statement_that_gives_it(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps({"Version": "2012-10-17", "Statement": [ROOT]}, indent=2))
    new.write_text(json.dumps({"Version": "2012-10-17", "Statement": [ROOT, OPEN]}, indent=2))
    line = new.read_text().splitlines().index("    },") + 2  # where the second statement begins
    account = ("--account", "111122223333")
    rows = json.loads(run("diff", str(old), str(new), "--format", "json", *account).output)["new"]
    assert {row["line"] for row in rows} == {line}
    log = json.loads(run("diff", str(old), str(new), "--format", "sarif", *account).output)
    places = [each["locations"][0]["physicalLocation"] for each in log["runs"][0]["results"]]
    assert {each["region"]["startLine"] for each in places} == {line}


def test_standard_input_is_read(written: Any) -> None:
    text = Path(written("open.json", ROOT, OPEN)).read_text()
    result = CliRunner().invoke(commands, ["policy", "check", "-"], input=text)
    assert result.exit_code == 1
    assert "standard input: never-public: found" in result.output


def test_what_is_not_understood_of_a_file_is_told_with_its_place_and_the_others_are_checked(
    written: Any, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"Version": "2012-10-17",\n  "Statement": [}')
    twice = tmp_path / "twice.json"
    twice.write_text('{"Version": "2012-10-17",\n "Version": "2012-10-17", "Statement": []}')
    odd = tmp_path / "odd.json"
    odd.write_text('{"Version": "2012-10-17",\n "Statement": {"Effect": "Allows"}}')
    sound = written("root.json", ROOT)
    result = run("check", str(broken), str(twice), str(odd), sound, "--account", "111122223333")
    assert result.exit_code == 2
    lines = result.output.splitlines()
    for path, place in ((broken, "2, column 17"), (twice, "1, column 2"), (odd, "2, column 26")):
        told = next(line for line in lines if line.startswith(str(path)))
        assert f"understood: not understood: line {place}: " in told
    assert "not understood: line 2, column 17: this is not JSON: Expecting value" in lines[0]
    assert [line.endswith("proved") for line in lines if line.startswith(sound)] == [True] * 6


def test_a_difference_is_told_in_each_format(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written("old.json", ROOT, {**OPEN, "Action": "kms:Decrypt"})
    written("new.json", ROOT, OPEN)
    old, new = "old.json", "new.json"
    assert run("diff", old, new).output.splitlines() == [
        "incomparable",
        "  new   kms:Sign     arn:aws:iam::444455556666:user/someone  statement 2 (new.json, line 1)",
        "  lost  kms:Decrypt  arn:aws:iam::444455556666:user/someone  statement 2 (old.json, line 1)",
    ]
    log = json.loads(run("diff", old, new, "--format", "sarif").output)
    told = [(each["ruleId"], each["level"]) for each in log["runs"][0]["results"]]
    assert told == [("no-new-access", "error"), ("no-lost-access", "note")]
    suite = run("diff", old, new, "--format", "junit").output
    assert '<testsuite name="kmsmodel policy diff" tests="2" failures="1"' in suite


def test_a_second_policy_is_needed_unless_the_first_file_is_a_plan(written: Any) -> None:
    result = run("diff", written("old.json", ROOT))
    assert result.exit_code == 2
    assert "is not a plan" in result.output


# ---- findings


MISSPELLED = {**ROOT, "Action": ["kms:Decript", "kms:PutKeyPolicy", "kms:Singn"]}


def test_each_finding_is_told_with_its_line_and_column(written: Any, tmp_path: Path) -> None:
    path = written("misspelled.json", MISSPELLED)
    result = run("check", path, "--rules", "no-findings", "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.output)
    text = Path(path).read_text()
    for row, word in zip(told, ("kms:Decript", "kms:Singn"), strict=True):
        assert (row["rule"], row["answer"], row["line"]) == ("no-findings", "Found", 1)
        assert (row["finding"], word in row["reason"]) == ("INVALID_ACTION", True)
        assert row["column"] == text.index(f'"{word}"') + 1
    log = json.loads(run("check", path, "--rules", "no-findings", "--format", "sarif").output)
    found = log["runs"][0]["results"]
    assert len({each["partialFingerprints"]["kmsmodel/v1"] for each in found}) == 2


def test_a_finding_keeps_its_fingerprint_when_a_statement_is_put_before_it(
    written: Any,
) -> None:
    def fingerprints(*statements: object) -> list[str]:
        path = written("moved.json", *statements)
        log = json.loads(run("check", path, "--rules", "no-findings", "--format", "sarif").output)
        return [each["partialFingerprints"]["kmsmodel/v1"] for each in log["runs"][0]["results"]]

    before = fingerprints(MISSPELLED)
    assert fingerprints(ROOT, MISSPELLED) == before
    twice = fingerprints(MISSPELLED, MISSPELLED)
    assert twice[:2] == before
    assert len(set(twice)) == 4


def test_a_policy_with_findings_is_never_proved_to_have_none() -> None:
    text = policy(STATEMENT | {"Action": "kms:Decript"}, STATEMENT)
    answer = NO_FINDINGS.answer(KeyPolicy.parse(text, account="111122223333"))
    assert isinstance(answer, Unknown)
    assert "there is no action `kms:Decript`" in answer.reason
    assert NO_FINDINGS.answer(KeyPolicy.parse(policy(STATEMENT), account="111122223333"))


def test_a_policy_without_findings_keeps_the_rule(written: Any) -> None:
    result = run("check", written("root.json", ROOT), "--rules", "no-findings")
    assert (result.exit_code, "no-findings: proved\n" in result.output) == (0, True)


def test_findings_are_asked_for_and_accepted_in_a_rules_file(written: Any, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'rules = ["can-be-administered", "no-findings"]\n'
        '[[accepted]]\nrule = "no-findings"\npolicies = "*"\nreason = "so"\nexpires = 2999-01-01\n'
    )
    path = written("misspelled.json", MISSPELLED)
    result = run("check", path, "--rules", str(rules), "--format", "json")
    assert result.exit_code == 0
    answers = [(row["rule"], row["answer"]) for row in json.loads(result.output)]
    assert answers == [("can-be-administered", "Proved"), *[("no-findings", "Accepted")] * 2]


# ---- accesses that differ in the action only


def test_accesses_that_differ_in_the_action_only_share_a_row(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    both = {**OPEN, "Action": ["kms:Sign", "kms:Verify"]}
    other = {**OPEN, "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:Verify"}
    written("old.json", ROOT)
    written("new.json", ROOT, both)
    files = "old.json", "new.json"
    rows = run("diff", *files).output.splitlines()[1:]
    assert [row[:27].strip() for row in rows] == ["new  kms:Sign, kms:Verify"]
    markdown = run("diff", *files, "--format", "markdown").output
    assert markdown.count("| new |") == 1
    assert "`kms:Sign`, `kms:Verify`" in markdown
    assert len(json.loads(run("diff", *files, "--format", "json").output)["new"]) == 2
    written("apart.json", ROOT, OPEN, other)
    apart = run("diff", "old.json", "apart.json", "--account", "111122223333").output
    assert [line[:17].strip() for line in apart.splitlines() if "kms:" in line] == [
        "new  kms:Sign",
        "new  kms:Verify",
    ]


def test_new_access_by_one_statement_is_one_result_of_code_scanning(written: Any) -> None:
    encrypt = {"kms:EncryptionContext:tenant": "acme"}
    several = {
        **OPEN,
        "Sid": "Several",
        "Action": ["kms:Sign", "kms:Decrypt", "kms:DescribeKey"],
        "Condition": {"StringEqualsIfExists": encrypt},
    }
    needs = {**OPEN, "Action": "kms:Encrypt", "Condition": {"StringEquals": encrypt}}
    old, new = written("old.json", ROOT), written("new.json", ROOT, several, needs)

    def results(path: str) -> list[Any]:
        log = json.loads(run("diff", old, path, "--format", "sarif").output)
        return cast("list[Any]", log["runs"][0]["results"])

    found = results(new)
    heads = [each["message"]["text"].splitlines() for each in found]
    assert [each[0].partition(" to ")[0] for each in heads] == [
        "kms:Decrypt, kms:DescribeKey, kms:Sign",
        "kms:Encrypt",
    ]
    assert heads[1][1].startswith("kms:Encrypt with kms:encryptioncontext:tenant = acme")
    assert "if an IAM policy in 444455556666 allows it too" in heads[0]
    cases = run("diff", old, new, "--format", "junit").output
    assert 'tests="2" failures="2"' in cases
    assert "kms:Encrypt with kms:encryptioncontext:tenant = acme" in cases

    def fingerprints(path: str) -> set[str]:
        return {each["partialFingerprints"]["kmsmodel/v1"] for each in results(path)}

    moved = Path(new)
    before = fingerprints(new)
    moved.write_text(policy(needs, ROOT, several | {"Sid": "Renamed"}))
    assert fingerprints(new) == before
    assert len(before) == 2


def test_a_comment_on_a_finding_keeps_what_the_request_has_and_what_is_assumed(
    written: Any,
) -> None:
    through = {"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}
    path = written("via.json", ROOT, {**OPEN, "Condition": through})
    told = run("check", path, "--format", "markdown").output
    row = next(line for line in told.splitlines() if "never-public" in line)
    assert "<br>with `kms:viaservice` = `s3.us-west-2.amazonaws.com`<br>" in row
    assert "<br>if an IAM policy in 444455556666 allows it too<br>closed by: " in row


def test_a_result_in_json_has_a_program_that_shows_it(
    written: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written("open.json", ROOT, OPEN)
    told = json.loads(run("check", path, "--format", "json").output)
    assert [("program" in row) for row in told] == [row["answer"] == "Found" for row in told]
    for row in told:
        if row["answer"] == "Found":
            exec(row["program"], {})
            asked, decided = capsys.readouterr().out.splitlines()[:2]
            assert asked.startswith(f"{row['request']['action']} on arn:aws:kms:")
            assert asked.endswith(f" by {row['request']['caller']}")
            assert decided.startswith("allowed, because statement 2")
