"""
The form of a key policy: which texts may be one.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
from kmsmodel.policy import check_key_policy
from kmsmodel.policy.conditions import Condition, Scalar
from kmsmodel.policy.form import check_session_policy, check_stored_policy, misread
from tests.policy.policies import ROOT, STATEMENT, policy


def statement(**elements: Any) -> dict[str, Any]:
    """A statement with some elements of its own."""
    return STATEMENT | elements


def refused(text: str, message: str = "") -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        check_key_policy(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    [
        policy(STATEMENT),
        policy(STATEMENT, STATEMENT),
        policy(Statement=STATEMENT),
        policy(STATEMENT, Version="2008-10-17"),
        policy(STATEMENT, Id="any text"),
        json.dumps({"Statement": [STATEMENT]}),
        policy(statement(Sid="Spaces are allowed here", Effect="Deny")),
        policy(statement(Principal="*")),
        policy(statement(Principal={"AWS": ["111122223333", "444455556666"]})),
        policy(statement(Principal={"Service": "s3.amazonaws.com", "AWS": []})),
        policy({"Effect": "Deny", "NotPrincipal": ROOT, "NotAction": "kms:*", "NotResource": "*"}),
        policy({"Effect": "Allow", "Principal": ROOT}),
        policy(statement(Condition={})),
        policy(statement(Condition={"Bool": {"kms:GrantIsForAWSResource": True}})),
        policy(statement(Condition={"StringEquals": {"aws:RequestTag/a": "b"}})),
    ],
)
def test_a_key_policy_has_statements_each_with_an_effect_and_principals(text: str) -> None:
    check_key_policy(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "not a policy",
        "null",
        "[]",
        '"a"',
        policy(STATEMENT)[:-1] + ', "Id": NaN}',
        policy(STATEMENT)[:-1] + ', "Id": -Infinity}',
        policy(STATEMENT)[:-1] + ', "Id": "a", "Id": "a"}',
        policy(STATEMENT).replace('"Effect"', '"Effect": "Deny", "Effect"'),
        "[" * 30_000,
        policy(STATEMENT, Version="2026-11-24"),
        policy(STATEMENT, Version=["2012-10-17"]),
        policy(STATEMENT, Comment="none of the elements"),
        policy(),
        json.dumps({"Version": "2012-10-17"}),
        policy(Statement="Allow"),
        policy("Allow"),
        policy(None),
        policy([STATEMENT]),
        policy(STATEMENT, {}),
        policy(statement(Comment="none of the elements")),
        policy({"Principal": "*"}),
        policy(statement(Effect="allow")),
        policy(statement(Effect=["Allow"])),
        policy(statement(NotPrincipal=ROOT)),
        policy(statement(Principal="111122223333")),
        policy(statement(Principal=["*"])),
        policy(statement(Condition=[])),
        policy(statement(Condition={"StringEquals": "a"})),
    ],
)
def test_what_has_another_form_is_malformed(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    "principals",
    [
        {},
        {"Principal": {}},
        {"Principal": {"AWS": []}},
        {"NotPrincipal": {"AWS": [], "Service": []}},
    ],
)
def test_a_statement_has_a_principal(principals: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"} | principals
    refused(policy(STATEMENT, statement), "Policy contains a statement with no principal.")


@pytest.mark.parametrize(
    "condition_key",
    [
        "aws:ResourceTag/Team",
        "AWS:resourcetag/Team",
        "kms:ResourceTag",
        "kms:ResourceTag/Team",
        "kms:ResourceAliases",
    ],
)
def test_a_condition_does_not_ask_for_what_the_key_is_called(condition_key: str) -> None:
    condition = {"Bool": {"a": True}, "StringEquals": {"b": "c", condition_key: "alias/a"}}
    message = (
        "These condition keys are not permitted in a key policy: "
        "aws:ResourceTag, kms:ResourceTag, kms:ResourceAliases"
    )
    refused(policy(STATEMENT, statement(Condition=condition)), message)


@pytest.mark.parametrize(
    "principals",
    [
        {"AWS": "1" * 11},
        {"AWS": "1" * 13},
        {"AWS": "\u0661" * 12},
        {"AWS": 111122223333},
        {"AWS": ["111122223333", "arn:aws:iam::111122223333:group/Admins"]},
        {"AWS": "arn:aws:iam::111122223333:user/*"},
        {"AWS": "arn:aws:iam::111122223333:user"},
        {"AWS": "arn:aws:sts::111122223333:assumed-role/Admin"},
        {"AWS": "arn:aws:kms:us-west-2:111122223333:key/1"},
        {"AWS": "s3.amazonaws.com"},
        {"Service": "s3..amazonaws.com"},
        {"AWS": [["111122223333"]]},
        {"Service": "111122223333"},
        {"Service": "*"},
        {"Group": "Admins"},
    ],
)
@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_a_principal_has_the_form_of_one(element: str, principals: dict[str, Any]) -> None:
    bad = {"Effect": "Deny", element: principals}
    refused(
        policy(STATEMENT, bad), "Policy contains a statement with one or more invalid principals."
    )


@pytest.mark.parametrize(
    "principals",
    [
        {"AWS": "arn:aws:iam::111122223333:role/a/path/Admin"},
        {"AWS": "arn:aws-cn:iam::111122223333:user/Ada"},
        {"AWS": "arn:aws:sts::111122223333:assumed-role/Admin/Ada"},
        {"AWS": "arn:aws:sts::111122223333:federated-user/Ada"},
        {"AWS": ["AIDAEXAMPLEEXAMPLE123", "AROAEXAMPLEEXAMPLE123"]},
        {"Service": ["s3.amazonaws.com", "logs.us-west-2.amazonaws.com"]},
        {"Federated": "arn:aws:iam::111122223333:saml-provider/Example", "CanonicalUser": "1a2b"},
    ],
)
def test_each_form_of_a_principal_is_taken(principals: dict[str, Any]) -> None:
    check_key_policy(policy(statement(Principal=principals)))


def test_a_user_and_a_role_must_exist_if_it_is_known_who_does() -> None:
    ada, admin = "arn:aws:iam::111122223333:user/Ada", "arn:aws:iam::111122223333:role/Admin"
    others = ["111122223333", "arn:aws:sts::111122223333:assumed-role/Gone/Ada", "*"]
    text = policy(statement(Principal={"AWS": [ada, *others, admin]}))
    check_key_policy(text, exists={ada, admin}.__contains__)
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        check_key_policy(text, exists={ada}.__contains__)
    assert caught.value.message == (
        "Policy contains a statement with one or more invalid principals."
    )
    [note] = caught.value.__notes__
    assert note.startswith(f"statement 1, Principal: '{admin}' does not exist (line 1, column ")


@pytest.mark.parametrize(
    "condition_key, code, what",
    [
        (
            "kms:EncryptionContext:tenant",
            "OverlyPermissiveCondition:EncryptionContext",
            "encryption context",
        ),
        (
            "KMS:encryptioncontext:tenant",
            "OverlyPermissiveCondition:EncryptionContext",
            "encryption context",
        ),
        ("aws:RequestTag/team", "OverlyPermissiveCondition", "tag"),
    ],
)
def test_for_all_values_of_what_has_one_value_is_overly_permissive(
    condition_key: str, code: str, what: str
) -> None:
    def text(operator: str) -> str:
        return policy(statement(Condition={operator: {condition_key: "a"}}))

    message = (
        f"{code}: Using the ForAllValues set operator with a single-valued condition key matches "
        f"requests without the specified {what} or with an unspecified {what}. "
        "To fix, remove ForAllValues."
    )
    refused(text("ForAllValues:StringLikeIfExists"), message)
    check_key_policy(text("ForAnyValue:StringLike"))
    check_key_policy(
        policy(statement(Condition={"ForAllValues:StringEquals": {"kms:GrantOperations": "a"}}))
    )


NOTES = {
    "x": "the key policy is not JSON: Expecting value: line 1 column 1 (char 0)",
    "[]": "the key policy: an object is expected (line 1, column 1)",
    "{}": "Statement: a key policy has at least one (line 1, column 1)",
    '{"Statement": []}': "Statement: a key policy has at least one (line 1, column 15)",
    '{"Oops": 1}': "the key policy: 'Oops' is not one of Version, Id, Statement (line 1, column 2)",
    '{"Version": "2013"}': "Version: '2013' is not 2008-10-17 or 2012-10-17 (line 1, column 13)",
    '{"Statement": 1}': "statement 1: an object is expected (line 1, column 15)",
    '{"Statement": {"Effect": "allow"}}': (
        "statement 1, Effect: 'allow' is not Allow or Deny (line 1, column 26)"
    ),
    '{"Statement": {"Effect": "Deny", "Principal": 1}}': (
        "statement 1, Principal: an object is expected (line 1, column 47)"
    ),
    '{"Statement": {"Effect": "Deny", "Principal": {"AWS": []}}}': (
        "statement 1 (line 1, column 15)"
    ),
    '{"Statement": {"Effect": "Deny", "Principal": {"AWS": [1]}}}': (
        "statement 1, Principal: 1 is not a string (line 1, column 56)"
    ),
    '{"Statement": {"Effect": "Deny", "Principal": {"Aws": "*"}}}': (
        "statement 1, Principal: '*' is of the type 'Aws', "
        "which is not one of AWS, Service, Federated, CanonicalUser (line 1, column 55)"
    ),
    '{"Statement": {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": 1}}}': (
        "statement 1, Condition, Bool: an object is expected (line 1, column 74)"
    ),
}


@pytest.mark.parametrize("text, note", NOTES.items(), ids=range(len(NOTES)))
def test_a_note_says_what_is_expected_and_where(text: str, note: str) -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        check_key_policy(text)
    assert caught.value.__notes__ == [note]


def test_a_unique_id_may_be_that_of_somebody_who_does_not_exist() -> None:
    text = policy(statement(Principal={"AWS": "AIDACKCEVSQ6C2EXAMPLE"}))
    check_key_policy(text)
    check_key_policy(text, exists="AIDACKCEVSQ6C2EXAMPLE".__eq__)
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        check_key_policy(text, exists="AIDA".__eq__)
    [note] = caught.value.__notes__
    assert note.startswith("statement 1, Principal: 'AIDACKCEVSQ6C2EXAMPLE' does not exist (")


LAID_OUT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": "*"},
    {
      "Sid": "Second",
      "Effect": "%s",
      "Principal": {"AWS": ["*", "%s"]},
      "Condition": {
        "StringEquals": {"%s": "hr"}
      }
    }
  ]
}"""


@pytest.mark.parametrize(
    "effect, principal, condition_key, note",
    [
        (
            "allow",
            "*",
            "a",
            "statement 2 (Second), Effect: 'allow' is not Allow or Deny (line 7, column 17)",
        ),
        (
            "Allow",
            "Ada",
            "a",
            "statement 2 (Second), Principal: 'Ada' does not have the form of a principal (line 8, column 34)",
        ),
        (
            "Allow",
            "*",
            "aws:ResourceTag/team",
            "statement 2 (Second), Condition: aws:ResourceTag/team (line 10, column 26)",
        ),
        ('Deny", "Effect": "Allow', "*", "a", "at line 7, column 7"),
    ],
)
def test_a_note_says_which_statement_and_element_and_where_it_stands(
    effect: str, principal: str, condition_key: str, note: str
) -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        check_key_policy(LAID_OUT % (effect, principal, condition_key))
    if note.startswith("at "):
        note = f"the key policy: the name 'Effect' stands twice in one object ({note[3:]})"
    assert caught.value.__notes__ == [note]


def test_a_text_that_json_does_not_know_is_told_without_a_place() -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        check_key_policy('{"Statement": NaN}')
    assert caught.value.__notes__ == ["the key policy: NaN is not a number"]


# ---- policies of IAM and STS

_RECORDED = Path(__file__).parents[1] / "data" / "authorization" / "recorded_iam_cases.json"
_ADMISSIONS: list[dict[str, Any]] = json.loads(_RECORDED.read_text("utf-8"))["_meta"][
    "policy_admission"
]
_CHECKS = {
    "iam:PutUserPolicy": check_stored_policy,
    "sts:AssumeRole Policy": check_session_policy,
}


@pytest.mark.parametrize(
    "recorded",
    [each for each in _ADMISSIONS if each["where"] in _CHECKS],
    ids=lambda recorded: recorded["id"],
)
def test_a_policy_is_stored_or_refused_as_recorded(recorded: dict[str, Any]) -> None:
    check, text = _CHECKS[recorded["where"]], json.dumps(recorded["document"])
    if recorded["expected"] == "accepted":
        check(text)
        return
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        check(text)
    [note] = caught.value.__notes__
    assert re.fullmatch(
        r"statement \d, Condition, \w+, .*is not a value for \w+ \(line 1, column \d+\)", note
    )


def test_a_session_policy_may_hold_what_iam_would_not_store() -> None:
    values = {
        "NumericEquals": "NaN",
        "DateEquals": "no",
        "ArnLike": "no",
        "IpAddress": "no",
        "NotIpAddress": "no",
    }
    for operator, value in values.items():
        text = policy({"Effect": "Allow", "Condition": {operator: {"a": value}}})
        check_session_policy(text)
        with pytest.raises(MalformedPolicyDocumentException):
            check_stored_policy(text)


@pytest.mark.parametrize(
    "operator, values, found",
    [
        ("NumericLessThan", ("1", 2, "x"), ["x"]),
        ("DateEquals", ("2026-11-28", "tomorrow"), ["tomorrow"]),
        ("Bool", ("TRUE", "false", True, "yes", ""), ["yes", ""]),
        ("BoolIfExists", ("False", "True", "no"), ["no"]),
        ("BinaryEquals", ("YQ==", "?"), ["?"]),
        ("IpAddress", ("10.0.0.0/8", "10.0.0.0/33"), ["10.0.0.0/33"]),
        ("NotIpAddress", ("::1", "x"), ["x"]),
        ("ForAnyValue:ArnNotLike", ("arn:aws:s3:::*", "${aws:arn}", "s3"), ["s3"]),
        ("NumericEquals", ("${aws:number}",), ["${aws:number}"]),
        ("StringEquals", ("x",), []),
        ("Null", ("x",), []),
        ("NumericEqualz", ("x",), []),
    ],
)
def test_what_an_operator_cannot_read_is_told(
    operator: str, values: tuple[Scalar, ...], found: list[str]
) -> None:
    condition = Condition(operator, "aws:a", values, version="2012-10-17")
    assert list(misread(condition)) == found
    assert list(misread(condition, {"None"})) == []
    assert list(misread(evolve(condition, version="2008-10-17"))) == [
        text for text in condition.texts if text in {*found, "${aws:arn}"}
    ]


def test_a_variable_may_become_an_arn() -> None:
    statement = {"Effect": "Allow", "Condition": {"ArnLike": {"a": "${aws:PrincipalTag/arn}"}}}
    check_stored_policy(policy(statement))
    with pytest.raises(MalformedPolicyDocumentException):
        check_stored_policy(policy(statement, Version="2008-10-17"))


_REST = 32_768 - len(policy(STATEMENT, Id=""))


@pytest.mark.parametrize(
    "policy_id, fits",
    [("a" * _REST, True), ("a" * (_REST + 1), False), ("\xe9" * (_REST // 2 + 1), False)],
    ids=["32768 bytes", "32769 bytes", "fewer characters, more bytes"],
)
def test_a_key_policy_is_at_most_32_kilobytes(policy_id: str, fits: bool) -> None:
    text = policy(STATEMENT, Id="?").replace("?", policy_id)
    if fits:
        check_key_policy(text)
    else:
        with pytest.raises(LimitExceededException) as caught:
            check_key_policy(text)
        assert caught.value.message == ""
        assert caught.value.__notes__ == ["a key policy has at most 32768 bytes"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
_ELEMENTS = st.sampled_from(
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "Condition"]
)
_STATEMENTS = st.dictionaries(
    _ELEMENTS, _JSON | st.sampled_from(["Allow", "*"]) | st.just(ROOT), max_size=7
)


@given(
    st.text(max_size=20)
    | _JSON.map(json.dumps)
    | st.builds(policy, _STATEMENTS | st.just(STATEMENT), _STATEMENTS | _JSON)
)
def test_any_text_is_a_key_policy_or_refused(text: str) -> None:
    with suppress(MalformedPolicyDocumentException):
        check_key_policy(text)
