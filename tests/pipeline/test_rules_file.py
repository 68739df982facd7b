"""
Rules files: which rules hold for which key policies, and which findings are accepted until when.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, strategies as st

from kmsmodel.pipeline import rules_file
from kmsmodel.pipeline.files import Job, Known
from kmsmodel.pipeline.results import Outcome, Report
from kmsmodel.pipeline.rules_file import Rules, RulesFileError, parse
from kmsmodel.pipeline.runs import load_rules, results
from tests.pipeline.running import ROOT, document, run, told

PARTNER = "arn:aws:iam::444455556666:role/app"
USE = {
    "Sid": "Use",
    "Effect": "Allow",
    "Principal": {"AWS": PARTNER},
    "Action": "kms:Decrypt",
    "Resource": "*",
    "Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}},
}


def rules(text: str) -> Rules:
    return parse(text, Path(), lambda _: ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two key policies, and a rules file."""
    (tmp_path / "vault.json").write_text(document(ROOT, USE))
    (tmp_path / "main.json").write_text(document(ROOT))
    (tmp_path / "rules.toml").write_text(
        f"""
account = "111122223333"
rules = "none"

[[rule]]
name = "at home"
never_allows = ["Decrypt", "ReEncryptFrom"]
to = "outside"

[[rule]]
name = "tenant"
policies = ["vault*"]
allows_only_with = "Decrypt"
encryption_context = {{ tenant = "acme" }}
to = {{ named = "{PARTNER}" }}

[[rule]]
name = "no new access"
policies = "vault.json"
no_new_access = "main.json"
asks = "Nobody gets in whom main does not let in."

[[rule]]
name = "administered"
can_be_administered = true

[[rule]]
name = "partner"
policies = "vault.json"
always_allows = "Decrypt"
to = {{ named = ["{PARTNER}"] }}
when = {{ StringEquals = {{ "kms:EncryptionContext:tenant" = "acme" }} }}

[[accepted]]
rule = "at home"
policies = "vault.json"
reason = "the partner decrypts for acme"
expires = 2999-01-31
"""
    )
    return tmp_path


def test_each_policy_is_asked_the_rules_that_hold_for_it(folder: Path) -> None:
    rows = told("check", folder, "--rules", folder / "rules.toml")
    found = {(Path(row["file"]).name, row["rule"]): row["answer"] for row in rows}
    assert found == {
        ("main.json", "at home"): "Proved",
        ("main.json", "administered"): "Proved",
        ("vault.json", "at home"): "Accepted",
        ("vault.json", "tenant"): "Proved",
        ("vault.json", "no new access"): "Found",
        ("vault.json", "administered"): "Proved",
        ("vault.json", "partner"): "Found",
    }
    accepted = next(row["accepted"] for row in rows if row["answer"] == "Accepted")
    assert accepted == {"reason": "the partner decrypts for acme", "expires": "2999-01-31"}


def test_what_is_accepted_does_not_count_until_it_expires(folder: Path) -> None:
    loaded = load_rules(str(folder / "rules.toml"), Known())
    jobs = (Job(file=str(folder / "vault.json")),)
    found = results(jobs, str(folder / "rules.toml"), Known())
    about = [each for each in found if each.rule == "at home"]

    def report(today: date) -> Report:
        return loaded.report(about, today)

    assert report(date(2999, 1, 31)).status == 0
    assert report(date(2999, 1, 31)).results[0].outcome is Outcome.ACCEPTED
    late = report(date(2999, 2, 1))
    assert late.status == 1
    expired = "the accepted finding of at home in vault.json has expired on 2999-01-31"
    assert late.remarks[-1] == expired


def test_what_is_accepted_and_not_found_any_more_is_told(folder: Path) -> None:
    result = run("check", folder / "main.json", "--rules", folder / "rules.toml")
    assert result.exit_code == 0
    told = "the accepted finding of at home in vault.json is not found any more"
    assert result.stderr.splitlines() == [
        "the rule tenant is not asked: no policy matches vault*",
        "the rule no new access is not asked: no policy matches vault.json",
        "the rule partner is not asked: no policy matches vault.json",
        told,
    ]


def test_what_a_policy_leads_to_can_be_asked(folder: Path) -> None:
    rules = folder / "paths.toml"
    rules.write_text(
        'rules = "none"\n[[rule]]\nname = "paths"\nnever_leads_to = ["Decrypt"]\nby = "outside"\n'
    )
    account = ("--account", "111122223333", "--rules", rules)
    found = {name: told("check", folder / name, *account) for name in ("main.json", "vault.json")}
    assert [row["answer"] for row in found["main.json"]] == ["Proved"]
    assert [row["answer"] for row in found["vault.json"]] == ["Found"]


def test_no_policy_is_no_proof_without_a_word(tmp_path: Path) -> None:
    result = run("check", tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no policy is found\n")


@pytest.mark.parametrize(
    "rule, told",
    [
        ("", "no rule is asked\n"),
        ('policies = ["other.json"]', "the rule home is not asked: no policy matches other.json\n"),
        ('policies = ["./*vault.json"]', ""),
    ],
)
def test_what_is_not_asked_is_not_said_of_policies(rule: str, told: str, folder: Path) -> None:
    rules = folder / "rules.toml"
    table = f'[[rule]]\nname = "home"\nnever_allows = "*"\nto = "outside"\n{rule}\n' if rule else ""
    rules.write_text(f'account = "111122223333"\nrules = "none"\n{table}')
    assert run("check", folder / "vault.json", "--rules", rules).stderr == told


@pytest.mark.parametrize(
    "name, count", [("standard", 6), ("strict", 7), ("can-be-administered", 1)]
)
def test_rules_have_names(name: str, count: int, folder: Path) -> None:
    rows = told("check", folder / "main.json", "--rules", name)
    assert len(rows) == count


RULE = '[[rule]]\nname = "mine"\n'
ACCEPTED = '[[accepted]]\nrule = "never-public"\npolicies = "*"\nreason = "so"\n'


@pytest.mark.parametrize(
    "text, why",
    [
        ("a = ", "Invalid value (at end of document)"),
        ("rule = 1", "rule: write [[rule]]"),
        ("rule = [1]", "rule 1: a table is expected"),
        ("other = 1", "the file: 'other' is not one of account, rules, rule, accepted"),
        ("account = 111122223333", "account: 111122223333 is not an account id of twelve digits"),
        ('rules = "strickt"', "rules: 'strickt' is none of standard, strict"),
        ("rules = [1]", "rules: a text or a list of texts is expected"),
        ("[[rule]]\n", "rule 1: name is a text"),
        (RULE, "rule 1 `mine`: it has one of never_allows, allows_only_with"),
        ("accountt = 1", "accepted; perhaps 'account' is meant"),
        ('rules = "strickt"', "; perhaps 'strict' is meant"),
        (RULE + 'never_alows = "Decrypt"', "no_new_access; perhaps 'never_allows' is meant"),
        (RULE + 'never_allows = "Decrypt"\nwhne = 1', "to, when; perhaps 'when' is meant"),
        (RULE + 'never_allows = "*"\nto = "outsid"', "services; perhaps 'outside' is meant"),
        (RULE + 'never_allows = "*"\nto = {nmaed = "a"}', "deputies; perhaps 'named' is meant"),
        (
            RULE + 'allows_only_with = "Decrypt"\nencryption_context = {tenant = 5}',
            "rule 1 `mine`: encryption_context: tenant: a text or a list of texts is expected, not 5",
        ),
        (
            RULE + 'allows_only_with = "Decrypt"\nencryption_context = 5',
            "rule 1 `mine`: encryption_context: names with their values are expected, not 5",
        ),
        (
            RULE + 'allows_only_with = "*"\nprincipal_tags = {"aws:PrincipalTag/team" = "a"}',
            "rule 1 `mine`: principal_tags: 'aws:PrincipalTag/team' is a whole condition key; write",
        ),
        (RULE + 'never_allows = "*"\nwhen = 5', "rule 1 `mine`: when: names with their"),
        (ACCEPTED.replace("never-public", "never-pubic"), "; perhaps 'never-public' is meant"),
        (RULE + 'never_allows = "Decrypt"\nsomeone_can = "Sign"', "it has one of never_allows"),
        (
            RULE + 'never_allows = "Decript"',
            "kms:Decript is not an action that a key policy allows",
        ),
        (RULE + 'never_allows = "Decrypt"\nby = "outside"', "'by' is not one of name, policies"),
        (RULE + 'never_allows = "*"\nto = "nobody"', "'nobody' is none of everyone, outside"),
        (RULE + 'never_allows = "*"\nto = {outside = "1"}', "'1' is not an account id"),
        (RULE + 'never_allows = "*"\nto = {outsider = "1"}', "callers have one of outside"),
        (RULE + 'never_allows = "*"\nto = 1', "callers are a word or a table"),
        (RULE + 'never_allows = "*"\nwhen = {Equals = {}}', "'Equals' is not a condition operator"),
        (RULE + 'allows_only_with = "Decrypt"', "nothing is required"),
        (RULE + 'allows_only_through = "*"', "rule 1 `mine`: allows_only_through needs services"),
        (RULE + 'always_allows = "*"', "rule 1 `mine`: always_allows needs to"),
        (RULE + "can_be_administered = false", "can_be_administered is true, or left out"),
        (RULE + 'no_new_access = "a.json"', "a.json has 0 key policies, and one is expected"),
        (ACCEPTED, "accepted 1: expires is a date, such as 2027-01-31"),
        (ACCEPTED + "expires = 2027-01-31T00:00:00", "accepted 1: expires is a date"),
        (ACCEPTED.replace("never-public", "pubic"), "accepted 1: no rule 'pubic' is asked"),
        (ACCEPTED.replace('policies = "*"\n', "expires = 2027-01-31\n"), "policies says where"),
        (ACCEPTED.replace('"so"', '""'), "accepted 1: reason is a text"),
    ],
)
def test_what_is_wrong_with_a_rules_file_is_told(text: str, why: str) -> None:
    if text.startswith("[[accepted]]") and "expires" not in text and "expires is" not in why:
        text += "expires = 2027-01-31\n"
    with pytest.raises(RulesFileError) as raised:
        rules(text)
    assert why in str(raised.value)


_VALUES = st.recursive(
    st.integers() | st.booleans() | st.sampled_from(("", "a", "outside", "Decrypt", "*", PARTNER)),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(("a", "tenant", "Bool", "outside", "named")), inner, max_size=2
        )
    ),
    max_leaves=4,
)


@given(
    st.sampled_from(sorted(rules_file.MEMBERS)).flatmap(
        lambda prop: st.fixed_dictionaries(
            {"name": st.just("mine"), prop: st.just("Decrypt") | _VALUES},
            optional=dict.fromkeys((*rules_file.MEMBERS[prop], "policies", "asks"), _VALUES),
        )
    )
)
def test_whatever_a_rule_has_is_read_or_refused_in_words(rule: dict[str, object]) -> None:
    said = "rule 1"
    try:
        rules(f"rule = [{toml(rule)}]")
    except RulesFileError as error:
        said = str(error)
    assert said.startswith("rule 1")
    assert not re.search("object is not|has no attribute|NoneType|argument", said)


def toml(value: object) -> str:
    """A value as TOML, on one line."""
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return f"{{{', '.join(f'{json.dumps(name)} = {toml(each)}' for name, each in pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, cast('list[object]', value)))}]"
    return json.dumps(value)


def test_a_rules_file_that_is_wrong_is_not_understood(folder: Path) -> None:
    (folder / "rules.toml").write_text("a = ")
    for name in (folder / "rules.toml", "nothing.toml"):
        result = run("check", folder / "main.json", "--rules", name)
        assert result.exit_code == 2
        assert Path(name).name in result.output


def test_brackets_in_a_pattern_are_those_of_an_address(folder: Path) -> None:
    """And a pattern that no policy matches is told, also if others of its rule do."""
    change = {"actions": ["create"], "before": None, "after_unknown": {"arn": True}}
    public = document(ROOT, {**ROOT, "Principal": "*"})
    plan = {
        "format_version": "1.2",
        "resource_changes": [
            {
                "address": address,
                "type": "aws_kms_key",
                "change": {**change, "after": {"policy": public}},
            }
            for address in ("aws_kms_key.vault[0]", 'aws_kms_key.vault["a"]', "aws_kms_key.vault0")
        ],
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    rules = folder / "rules.toml"
    rules.write_text(
        'rules = "none"\n[[rule]]\nname = "home"\nnever_allows = "*"\nto = "outside"\n'
        """policies = ["aws_kms_key.vault[0]", 'plan.json#*["a"]', "aws_kms_key.other[0]"]\n"""
    )
    result = run("check", folder / "plan.json", "--rules", rules, "--account", "111122223333")
    found = [line for line in result.stdout.splitlines() if line.endswith("home: found")]
    assert [line.partition("#")[2].partition(":")[0] for line in found] == [
        "aws_kms_key.vault[0]",
        'aws_kms_key.vault["a"]',
    ]
    assert "the rule home: no policy matches aws_kms_key.other[0]" in result.stderr
