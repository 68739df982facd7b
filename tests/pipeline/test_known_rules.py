"""
The table of known rules: what a check misses is found, and what it cries over is proved.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kmsmodel.pipeline.identity_policies import decrypts_all
from kmsmodel.pipeline.known_rules import KNOWN_RULES, OWNER, Example, KnownRule, answer
from kmsmodel.policy import Answer, Found, KeyPolicy, Proved, default_key_policy
from kmsmodel.policy.document import parse
from kmsmodel.policy.proofs.rules import STRICT
from kmsmodel.words.arn import KeyArn
from tests.pipeline.linters import PASSES
from tests.pipeline.running import document

IN_REACH = [each for each in KNOWN_RULES if not each.out_of_reach]
DEFAULT = default_key_policy(KeyArn(OWNER, "us-east-1", "key"))
PAGE = Path(__file__).parents[2] / "docs" / "policy-rules.md"


def asked(known: KnownRule, example: Example) -> Answer:
    text = document(*example.statements) if example.statements else DEFAULT
    if known.of_iam:
        return decrypts_all(parse(text), OWNER)
    return answer(known, KeyPolicy.parse(text, account=OWNER))


def ids(known: KnownRule) -> str:
    return known.id


@pytest.mark.parametrize("known", [each for each in IN_REACH if each.missed], ids=ids)
def test_a_request_is_found_in_what_a_check_passes(known: KnownRule) -> None:
    assert known.missed is not None
    assert PASSES[known.source, known.id]([dict(each) for each in known.missed.statements])
    assert isinstance(asked(known, known.missed), Found)


@pytest.mark.parametrize("known", [each for each in IN_REACH if each.cried_over], ids=ids)
def test_a_rule_is_proved_of_what_a_check_cries_over(known: KnownRule) -> None:
    assert known.cried_over is not None
    assert not PASSES[known.source, known.id]([dict(each) for each in known.cried_over.statements])
    assert isinstance(asked(known, known.cried_over), Proved)


ADMIN = {"AWS": f"arn:aws:iam::{OWNER}:role/admin"}
ATTESTATION = "kms:RecipientAttestation:"
IMAGE = {f"{ATTESTATION}ImageSha384": "9f" * 48}


def _of_a_partner(action: object, **conditions: dict[str, str]) -> KeyPolicy:
    """A policy that lets a partner do this, and that an administrator can change."""
    partner = {"AWS": "arn:aws:iam::444455556666:root"}
    given = {"Effect": "Allow", "Resource": "*"}
    text = document(
        {**given, "Principal": ADMIN, "Action": "kms:PutKeyPolicy"},
        {**given, "Principal": partner, "Action": "kms:Decrypt", "Condition": conditions},
        {**given, "Principal": partner, "Action": action},
    )
    return KeyPolicy.parse(text, account=OWNER)


def _rule(name: str, policy: KeyPolicy) -> Answer:
    (rule,) = (each for each in STRICT if each.name == name)
    return rule.answer(policy)


@pytest.mark.parametrize("action, is_proved", [("kms:ReEncrypt*", False), ("kms:Encrypt", True)])
def test_what_is_re_encrypted_is_not_attested(action: str, is_proved: bool) -> None:
    policy = _of_a_partner(action, StringEqualsIgnoreCase=IMAGE)
    assert bool(_rule("only-attested", policy)) is is_proved


@pytest.mark.parametrize(
    "value, is_proved", [("ab" * 48, True), ("0" * 96, False), ("*", False), (None, False)]
)
def test_a_deployment_is_told_by_a_value_alone(value: str | None, is_proved: bool) -> None:
    """All zeros are what every enclave without a role has."""
    pcr3 = f"{ATTESTATION}PCR3"
    asked = {"Null": {pcr3: "false"}} if value is None else {"StringLike": {pcr3: value}}
    policy = _of_a_partner("kms:Encrypt", StringEqualsIgnoreCase=IMAGE, **asked)
    assert bool(_rule("bound-to-a-deployment", policy)) is is_proved


@pytest.mark.parametrize(
    "statement",
    [
        {"Resource": "arn:aws:kms:eu-west-1:111122223333:key/*"},
        {"Resource": "arn:aws:kms:*:111122223333:key/mrk-*"},
        {"Resource": "arn:aws:kms:*:444455556666:key/*"},
        {"Resource": "arn:aws-cn:kms:*:111122223333:key/*"},
        {"Resource": "arn:aws:kms:*:4444*:key/*"},
        {"Resource": "arn:aws:kms:eu-west-1:*55556666:key/*"},
        {"Resource": "arn:aws:kms:*:????55556666:key/mrk-*"},
        {"Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "444455556666"}}},
        {"Resource": "*", "Condition": {"StringLike": {"aws:ResourceAccount": "4444*"}}},
        {"NotResource": "arn:aws:kms:us-east-1:*:*"},
        {"Resource": "*", "Condition": {"StringEquals": {"aws:username": "bob"}}},
        {
            "Resource": "*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/a"}},
        },
    ],
)
def test_whatever_does_not_name_its_keys_decrypts_all(statement: dict[str, object]) -> None:
    """Of some Regions, of multi-Region keys, of another account, or by somebody in particular."""
    text = document({"Effect": "Allow", "Action": "kms:Decrypt", **statement})
    assert isinstance(decrypts_all(parse(text), "111122223333"), Found)


def test_a_region_that_a_variable_stands_beside_is_not_passed_over() -> None:
    resource = "arn:aws:kms:eu-west-1:${aws:PrincipalAccount}:key/*"
    text = document({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource})
    assert not isinstance(decrypts_all(parse(text), "111122223333"), Proved)


def test_each_check_in_reach_has_an_example_and_each_rule_names_its_checks() -> None:
    assert {(each.source, each.id) for each in IN_REACH} == PASSES.keys()
    assert all(each.missed or each.cried_over for each in IN_REACH)
    by_rule = {each.name: each.ids for each in STRICT}
    for known in IN_REACH:
        if known.rule in by_rule:
            assert f"{known.source} {known.id}" in by_rule[known.rule]


def row(known: KnownRule) -> str:
    """A row of the page's table."""
    if known.out_of_reach:
        return f"| {known.source} `{known.id}` | out of reach | {known.out_of_reach} | |"
    rule = known.rule if " " in known.rule else f"`{known.rule}`"
    examples = (each.shows if each else "agrees" for each in (known.missed, known.cried_over))
    return f"| {known.source} `{known.id}` | {rule} | {' | '.join(examples)} |"


def test_the_page_has_the_table() -> None:
    found = re.findall(r"^\| (?!check |rule |---|`).*\|$", PAGE.read_text(), re.MULTILINE)
    assert found == [row(each) for each in KNOWN_RULES]
