"""
Policy documents: how they are read, kept and written, and what is refused.

Source: *Grammar of the IAM JSON policy language* in the IAM User Guide.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import (
    Effect,
    Policy,
    PolicyType,
    Statement,
    from_json,
    kept,
    parse,
    to_json,
)
from kmsmodel.policy.elements import Actions, How, Principals, Resources
from kmsmodel.policy.principal import principal
from kmsmodel.testing.policies import KEY, OWNER
from tests.policy.policies import STATEMENT

ADA = f"arn:aws:iam::{OWNER}:user/Ada"
ARN = f"arn:aws:iam::{OWNER}:policy/Mine"
NEW, OLD = "2012-10-17", "2008-10-17"

FULL: dict[str, Any] = {
    "Version": NEW,
    "Id": "of mine",
    "Statement": [
        {
            "Sid": "first",
            "Effect": "Allow",
            "Principal": {"AWS": [OWNER, ADA], "Service": "s3.amazonaws.com"},
            "Action": ["kms:Encrypt", "kms:De*"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:a": ["b", "c"], "aws:d": "e"},
                "Bool": {"aws:f": True},
                "Null": {},
            },
        },
        {
            "Effect": "Deny",
            "NotPrincipal": "*",
            "NotAction": "kms:Encrypt",
            "NotResource": ["a", "${aws:username}"],
            "Condition": {"NumericLessThan": {"aws:g": [1, 2.5]}},
        },
        {"Effect": "Deny", "NotPrincipal": {"AWS": ADA}, "Condition": {}},
        {"Effect": "Allow"},
    ],
}

READ = Policy(
    version=NEW,
    id="of mine",
    statements=(
        Statement(
            number=1,
            effect=Effect.ALLOW,
            sid="first",
            principals=Principals(
                (("AWS", (OWNER, ADA), True), ("Service", ("s3.amazonaws.com",), False))
            ),
            actions=Actions(("kms:Encrypt", "kms:De*"), is_list=True),
            resources=Resources(("*",), is_list=False, version=NEW),
            conditions=(
                Condition("StringEquals", "aws:a", ("b", "c"), version=NEW),
                Condition("StringEquals", "aws:d", ("e",), is_list=False, version=NEW),
                Condition("Bool", "aws:f", (True,), is_list=False, version=NEW),
            ),
            condition_blocks=("StringEquals", "Bool", "Null"),
        ),
        Statement(
            number=2,
            effect=Effect.DENY,
            principals=Principals(((None, ("*",), False),), negated=True),
            actions=Actions(("kms:Encrypt",), is_list=False, negated=True),
            resources=Resources(("a", "${aws:username}"), negated=True, version=NEW),
            conditions=(
                Condition("NumericLessThan", "aws:g", (1, 2.5), version=NEW, applies_on_error=True),
            ),
            condition_blocks=("NumericLessThan",),
        ),
        Statement(
            number=3,
            effect=Effect.DENY,
            principals=Principals((("AWS", (ADA,), False),), negated=True),
            condition_blocks=(),
        ),
        Statement(number=4, effect=Effect.ALLOW),
    ),
)


def test_a_document_is_read_whole_and_written_as_it_was() -> None:
    text = json.dumps(FULL)
    assert from_json(FULL) == parse(text) == READ
    assert (from_json(FULL).text, parse(text).text) == (None, text)
    assert parse(text, arn=ARN).arn == from_json(FULL, arn=ARN).arn == ARN
    assert to_json(READ) == FULL
    assert list(to_json(READ)) == list(FULL)
    for written, statement in zip(to_json(READ)["Statement"], FULL["Statement"], strict=True):
        assert list(written) == list(statement)


def test_one_statement_stands_without_a_list_and_an_older_policy_has_no_variables() -> None:
    document = {"Statement": {"Effect": "Allow", "Resource": "a", "Condition": {"Null": {"b": 1}}}}
    read = from_json(document)
    assert read == Policy(
        is_list=False,
        statements=(
            Statement(
                number=1,
                effect=Effect.ALLOW,
                resources=Resources(("a",), is_list=False, version=OLD),
                conditions=(Condition("Null", "b", (1,), is_list=False, version=OLD),),
                condition_blocks=("Null",),
            ),
        ),
    )
    assert to_json(read) == document


def test_a_trust_policy_means_any_resource() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    for read in (
        from_json({"Statement": statement}, resource=False),
        parse(json.dumps({"Statement": statement}), resource=False),
    ):
        assert read.statements[0].resources == Resources.any()
    assert from_json({"Statement": statement}).statements[0].resources is None


NOTES: list[tuple[object, str]] = [
    (1, "the policy: an object is expected"),
    ([], "the policy: an object is expected"),
    ({}, "statement 1: an object is expected"),
    ({"Statement": None}, "statement 1: an object is expected"),
    ({"Statement": [STATEMENT, 1]}, "statement 2: an object is expected"),
    ({"Version": 1, "Statement": []}, "the policy, Version: 1 is not a string"),
    (
        {"Version": "2013-01-01", "Statement": []},
        "Version: '2013-01-01' is not 2008-10-17 or 2012-10-17",
    ),
    ({"Id": 1, "Statement": []}, "the policy, Id: 1 is not a string"),
    ({"Statement": {}}, "statement 1, Effect: None is not Allow or Deny"),
    ({"Statement": {"Effect": "allow"}}, "statement 1, Effect: 'allow' is not Allow or Deny"),
    (
        {"Statement": {"Effect": ["Allow"]}},
        "statement 1, Effect: ['Allow'] is not Allow or Deny",
    ),
    ({"Statement": {"Effect": "Deny", "Sid": 1}}, "statement 1, Sid: 1 is not a string"),
    (
        {"Statement": {"Effect": "Deny", "Principal": "*", "NotPrincipal": "*"}},
        "statement 1 has both Principal and NotPrincipal",
    ),
    (
        {"Statement": {"Effect": "Deny", "Action": "*", "NotAction": "*"}},
        "statement 1 has both Action and NotAction",
    ),
    (
        {"Statement": {"Effect": "Deny", "Resource": "*", "NotResource": "*"}},
        "statement 1 has both Resource and NotResource",
    ),
    (
        {"Statement": {"Effect": "Deny", "Principal": []}},
        "statement 1, Principal: an object is expected",
    ),
    (
        {"Statement": {"Effect": "Deny", "Principal": {"AWS": 1}}},
        "statement 1, Principal: 1 is not a string",
    ),
    ({"Statement": {"Effect": "Deny", "Action": {}}}, "statement 1, Action: {} is not a string"),
    (
        {"Statement": {"Effect": "Deny", "NotResource": ["a", 1]}},
        "statement 1, Resource: 1 is not a string",
    ),
    (
        {"Statement": {"Effect": "Deny", "Condition": []}},
        "statement 1, Condition: an object is expected",
    ),
    (
        {"Statement": {"Effect": "Deny", "Condition": {"Bool": 1}}},
        "statement 1, Condition, Bool: an object is expected",
    ),
    (
        {"Statement": {"Effect": "Deny", "Condition": {"Bool": {"a": ["b", None]}}}},
        "statement 1, Condition, Bool, a: None",
    ),
]


@pytest.mark.parametrize("document, note", NOTES)
def test_a_note_says_what_is_wrong_and_where(document: object, note: str) -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        from_json(document)
    assert caught.value.message == ""
    assert caught.value.__notes__ == [note]
    with pytest.raises(MalformedPolicyDocumentException):
        parse(json.dumps(document))


def test_what_is_not_json_is_malformed() -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        parse("x")
    assert caught.value.__notes__ == [
        "the policy: Expecting value: line 1 column 1 (char 0)",
    ]


def test_a_statement_that_cannot_be_read_is_kept_without_effect() -> None:
    first, third = STATEMENT | {"Sid": "first"}, STATEMENT | {"Effect": "Deny"}
    odd = {"Effect": "Allow", "Action": "*", "NotAction": "*"}
    text = json.dumps({"Version": NEW, "Id": "a", "Statement": [first, odd, third]})
    read = parse(json.dumps({"Version": NEW, "Statement": [first, odd | {"NotAction": 1}][:1]}))
    found = kept(text)
    assert [each.number for each in found.statements] == [1, 3]
    assert found.statements[0] == read.statements[0]
    assert found.statements[1].effect is Effect.DENY
    assert (found.version, found.text, found.is_list) == (NEW, text, True)
    assert kept(json.dumps({"Statement": odd})).statements == ()
    [without] = kept(
        json.dumps({"Statement": [{"Effect": "Allow", "Resource": "a"}, odd]})
    ).statements
    assert without.resources == Resources(("a",), is_list=False, version=OLD)


def test_a_statement_is_kept_where_something_else_is_odd() -> None:
    found = kept(json.dumps({"Id": 1, "Statement": STATEMENT}))
    assert found.statements == from_json({"Statement": STATEMENT}).statements
    assert found.id is None
    assert kept('{"Statement": 1}').statements == kept("{}").statements == ()


def test_what_is_no_object_is_not_kept() -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        kept("[]")
    assert caught.value.__notes__ == ["the policy: an object is expected"]


def test_what_can_be_read_is_kept_as_it_is() -> None:
    text = json.dumps(FULL)
    assert kept(text) == READ
    assert kept(text).text == text


# ---- what a statement asks


def asked(who: str = ADA, action: str = "kms:Decrypt", **context: str) -> Access:
    return Access(
        principal=principal(who), action=action, resource=KEY, owner=OWNER, context={**context}
    )


def statement(**elements: Any) -> Statement:
    """A statement of a policy of the newer version."""
    [found] = from_json({"Version": NEW, "Statement": {"Effect": "Allow"} | elements}).statements
    return found


@pytest.mark.parametrize(
    "elements, how",
    [
        ({"Action": "*", "Resource": "*"}, How.ITSELF),
        ({"Action": "*", "Resource": KEY, "Principal": {"AWS": OWNER}}, How.ACCOUNT),
        ({"Action": "*", "Resource": "*", "Principal": {"AWS": "1"}}, None),
        ({"Action": "*", "Resource": "a"}, None),
        ({"Action": "*"}, None),
        ({"Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a": "b"}}}, How.ITSELF),
        ({"Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a": "c"}}}, None),
    ],
)
def test_a_statement_applies_if_all_that_it_asks_matches(
    elements: dict[str, Any], how: How | None
) -> None:
    assert statement(**elements).how(asked(a="b")) is how
    assert statement(**elements).applies(asked(a="b")) is (how is not None)


def test_a_statement_without_an_action_is_idle() -> None:
    idle = statement(Resource="*")
    assert idle.elements == (None, idle.resources)
    assert not idle.applies(asked())
    policy = Policy(statements=(idle,))
    assert (policy.allowing("kms:Decrypt"), policy.denying("kms:Decrypt")) == ((), ())


def test_a_statement_asks_its_elements_in_their_order() -> None:
    full = READ.statements[0]
    assert full.elements == (full.principals, full.actions, full.resources, *full.conditions)


def test_a_policy_gives_the_statements_for_an_action_by_their_effect() -> None:
    allow, deny, other = (
        {"Effect": effect, "Action": action, "Resource": "*"}
        for effect, action in (("Allow", "kms:*"), ("Deny", "kms:D*"), ("Deny", "kms:E*"))
    )
    policy = from_json({"Statement": [allow, deny, other]})
    first, second, third = policy.statements
    for _ in range(2):
        assert policy.allowing("kms:Decrypt") == (first,)
        assert policy.denying("kms:Decrypt") == (second,)
        assert policy.denying("kms:Encrypt") == (third,)
        assert policy.allowing("s3:GetObject") == policy.denying("s3:GetObject") == ()


def test_a_policy_remembers_so_many_actions() -> None:
    policy = from_json({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    for number in range(300):
        assert policy.allowing(f"kms:{number}") == policy.statements
    for number in (0, 255, 256, 299):
        again = policy.allowing(f"kms:{number}") is policy.allowing(f"kms:{number}")
        assert again is (number < 256)


@pytest.mark.parametrize(
    "elements, asks",
    [
        ({"Resource": "*"}, False),
        ({}, False),
        ({"Resource": "arn:aws:kms:*:*:key/${aws:username}"}, True),
        ({"Resource": "*", "Condition": {"Bool": {"a": True}}}, True),
        ({"Condition": {"Bool": {}}}, False),
    ],
)
def test_a_statement_depends_on_the_request_by_conditions_and_variables(
    elements: dict[str, Any], asks: bool
) -> None:
    assert statement(**elements).asks_the_request is asks


def test_a_statement_is_called_by_its_number_and_its_sid() -> None:
    assert [each.title for each in READ.statements] == [
        "statement 1 `first`",
        "statement 2",
        "statement 3",
        "statement 4",
    ]


def test_a_type_of_policy_has_its_article() -> None:
    assert {each.with_article for each in PolicyType} == {
        "an identity-based policy",
        "a resource-based policy",
        "a permissions boundary",
        "a session policy",
        "a service control policy",
        "a resource control policy",
        "a VPC endpoint policy",
    }
