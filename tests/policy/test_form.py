"""
The form of a key policy: which texts may be one.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
from kmsmodel.policy import check_key_policy
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
