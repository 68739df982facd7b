"""
Key policies as AWS KMS writes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.errors import KmsError, MalformedPolicyDocumentException
from kmsmodel.key.key import Key
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.policy import check_key_policy, default_key_policy, written_anew
from kmsmodel.policy.writing import with_principals, written
from kmsmodel.words.arn import KeyArn
from tests.basics import ACCOUNT, NOBODY, NOW, REGION
from tests.policy.policies import ROOT, STATEMENT, policy

NAME = KeyArn(ACCOUNT, REGION, NOBODY)

DEFAULT = """{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"""
"""As *GetKeyPolicy* in the API Reference shows it."""


def test_the_default_key_policy_lets_in_the_account() -> None:
    assert default_key_policy(NAME) == DEFAULT
    in_china = default_key_policy(KeyArn(ACCOUNT, "cn-north-1", NOBODY))
    assert in_china == DEFAULT.replace("arn:aws:", "arn:aws-cn:")


def test_a_key_has_the_key_policy_that_it_was_given_or_the_default_one() -> None:
    without = Key(lifecycle=Lifecycle(arn=str(NAME)), creation_date=NOW)
    assert without.key_policy == DEFAULT
    assert evolve(without, policy=policy(STATEMENT)).key_policy == policy(STATEMENT)


def test_lists_stand_in_one_line_and_objects_have_a_line_for_each_member() -> None:
    text = written(
        "any", {"Action": ("kms:Encrypt", "kms:Decrypt"), "Sid": 'a "quoted" word'}, {"Sid": ""}
    )
    assert text == (
        '{\n  "Version" : "2012-10-17",\n  "Id" : "any",\n  "Statement" : [ {\n'
        '    "Action" : [ "kms:Encrypt", "kms:Decrypt" ],\n'
        '    "Sid" : "a \\"quoted\\" word"\n'
        '  }, {\n    "Sid" : ""\n  } ]\n}'
    )


# ---- a key policy that was put

PUT = """
{"Id": "of a test", "Version": "2008-10-17", "Statement": [
    {"Condition": {
        "StringEquals": {"kms:ViaService": "sqs.us-west-2.amazonaws.com", "kms:CallerAccount": ["111122223333"]},
        "ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt"]},
        "ForAnyValue:StringEquals": {"kms:GrantOperations": ["ReEncryptTo", "Encrypt"]}
     },
     "Resource": "*", "Action": ["kms:CreateGrant"],
     "Principal": {"AWS": ["111122223333"]}, "Effect": "Allow", "Sid": "first"},
    {"Effect": "Deny", "Principal": "*", "NotAction": "kms:*", "Resource": ["*", "*"]},
    {"Effect": "Deny", "NotPrincipal": {"Service": ["sqs.amazonaws.com"], "AWS": ["*"]}},
    {"Effect": "Deny", "Principal": {"AWS": ["arn:aws:iam::111122223333:user/Ada", "444455556666"]}},
    {"Effect": "Deny", "Principal": "*", "NotAction": "kms:*", "Resource": ["*", "*"]}
]}
"""

WRITTEN = """{
  "Version" : "2008-10-17",
  "Id" : "of a test",
  "Statement" : [ {
    "Sid" : "first",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : [ "kms:CreateGrant" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "111122223333",
        "kms:ViaService" : "sqs.us-west-2.amazonaws.com"
      },
      "ForAllValues:StringEquals" : {
        "kms:GrantOperations" : "Encrypt"
      },
      "ForAnyValue:StringEquals" : {
        "kms:GrantOperations" : [ "ReEncryptTo", "Encrypt" ]
      }
    }
  }, {
    "Effect" : "Deny",
    "Principal" : "*",
    "NotAction" : "kms:*",
    "Resource" : [ "*", "*" ]
  }, {
    "Effect" : "Deny",
    "NotPrincipal" : {
      "Service" : "sqs.amazonaws.com",
      "AWS" : "*"
    }
  }, {
    "Effect" : "Deny",
    "Principal" : {
      "AWS" : [ "arn:aws:iam::111122223333:user/Ada", "arn:aws:iam::444455556666:root" ]
    }
  }, {
    "Effect" : "Deny",
    "Principal" : "*",
    "NotAction" : "kms:*",
    "Resource" : [ "*", "*" ]
  } ]
}"""


def test_a_key_policy_is_written_anew() -> None:
    assert written_anew(PUT, REGION) == WRITTEN


def test_the_default_key_policy_is_written_as_it_is() -> None:
    assert written_anew(DEFAULT, REGION) == DEFAULT


@pytest.mark.parametrize(
    "element, as_written",
    [
        (
            {"Id": "caf\xe9 \u20ac \U0001f511 \x00 \x7f"},
            '"caf\xe9 \\u20ac \\ud83d\\udd11 \\u0000 \x7f"',
        ),
        ({"Id": '"\\/'}, '"\\"\\\\/"'),
        ({"Id": {}}, "{ }"),
        ({"Id": []}, "[ ]"),
        ({"Id": [1.5, True, None]}, "[ 1.5, true, null ]"),
        ({"Id": [[[[[[[1, 2]]]]]]]}, "[ [ [ [ [ [[1, 2]] ] ] ] ] ]"),
    ],
)
def test_what_is_no_text_is_written_too_and_all_characters_are_of_latin_1(
    element: dict[str, Any], as_written: str
) -> None:
    text = written_anew(policy(STATEMENT, **element), REGION)
    assert f'  "Id" : {as_written},\n' in text
    assert all(character <= "\xff" for character in text)


def test_a_number_that_cannot_be_written_is_malformed() -> None:
    text = json.dumps({"Statement": STATEMENT, "Id": 1}).replace("1}", "1e999}")
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        written_anew(text, REGION)
    assert caught.value.message == ""
    [note] = caught.value.__notes__
    assert note.startswith("the key policy: ")


ADA, BOB = (f"arn:aws:iam::111122223333:user/{name}" for name in ("Ada", "Bob"))


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
@pytest.mark.parametrize(
    "before, after",
    [
        ({"AWS": ADA}, {"AWS": "AIDAADA"}),
        ({"AWS": [ADA]}, {"AWS": "AIDAADA"}),
        ({"AWS": [ADA, BOB]}, {"AWS": ["AIDAADA", "AIDABOB"]}),
        ({"AWS": [ADA, 1]}, {"AWS": ["AIDAADA", 1]}),
        ({"AWS": []}, {"AWS": []}),
        ({"Service": ADA}, {"Service": ADA}),
        ({"Service": ADA, "AWS": BOB}, {"Service": ADA, "AWS": "AIDABOB"}),
        ("*", "*"),
        ("AWS", "AWS"),
    ],
)
def test_each_aws_principal_is_called_by_another_name(
    element: str, before: object, after: object
) -> None:
    def called(name: str) -> str:
        return f"AIDA{name.rpartition('/')[2].upper()}"

    for one in (True, False):
        statement = {"Effect": "Deny", element: before, "Action": "*"}
        document: dict[str, Any] = {"Id": "a", "Statement": statement if one else [statement] * 2}
        found = with_principals(json.dumps(document), called)
        statement = statement | {element: after}
        expected = document | {"Statement": statement if one else [statement] * 2}
        assert json.loads(found) == expected
        assert found.startswith('{\n  "Id" : "a",\n  "Statement" : ')


def test_a_statement_without_principals_is_left_as_it_is() -> None:
    text = json.dumps({"Statement": [{"Effect": "Deny"}]})
    assert with_principals(text, str.upper) == (
        '{\n  "Statement" : [ {\n    "Effect" : "Deny"\n  } ]\n}'
    )


@pytest.mark.parametrize(
    "principals, as_written",
    [
        ({"AWS": ["111122223333"]}, {"AWS": "arn:aws-cn:iam::111122223333:root"}),
        ({"AWS": [["111122223333"]]}, None),
        ({"Service": ["111122223333"]}, None),
        ({"Federated": ["111122223333"]}, {"Federated": "111122223333"}),
        ({"AWS": ["*", "111122223333"]}, {"AWS": ["*", "arn:aws-cn:iam::111122223333:root"]}),
        ("*", "*"),
    ],
)
@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_an_account_is_written_as_its_root_user_in_the_partition_of_the_region(
    element: str, principals: object, as_written: object
) -> None:
    text = policy({"Effect": "Deny", element: principals})
    if as_written is None:
        with pytest.raises(MalformedPolicyDocumentException):
            written_anew(text, "cn-north-1")
    else:
        [found] = json.loads(written_anew(text, "cn-north-1"))["Statement"]
        assert found == {"Effect": "Deny", element: as_written}


ALONE: list[tuple[Any, Any]] = [
    ("a", "a"),
    (["a"], "a"),
    ([["a"]], "a"),
    ([["a", "b"]], ["a", "b"]),
    ([], []),
    ([[]], []),
    (["a", "b"], ["a", "b"]),
    ([{"a": 1}], {"a": 1}),
    (True, True),
]


@pytest.mark.parametrize("found, as_written", ALONE)
def test_a_single_value_of_a_condition_stands_without_lists(
    found: object, as_written: object
) -> None:
    condition = {"StringEquals": {"b": found, "a": "c"}}
    text = written_anew(policy(STATEMENT | {"Condition": condition}), REGION)
    [statement] = json.loads(text)["Statement"]
    assert statement["Condition"] == {"StringEquals": {"a": "c", "b": as_written}}
    assert list(statement["Condition"]["StringEquals"]) == ["a", "b"]


DEEP = """{
  "Statement" : [ {
    "Effect" : "Deny",
    "Principal" : "*",
    "Condition" : {
      "Bool" : {
        "a" : [ [1, {"b" : 2}], {"c" : []} ],
        "d" : { }
      }
    }
  } ]
}"""


def test_what_lies_too_deep_takes_one_line() -> None:
    condition: dict[str, Any] = {"Bool": {"d": {}, "a": [[1, {"b": 2}], {"c": []}]}}
    document: dict[str, Any] = {
        "Statement": [{"Effect": "Deny", "Principal": "*", "Condition": condition}]
    }
    assert written_anew(json.dumps(document), REGION) == DEEP


# ---- any key policy

_ACCOUNTS = st.sampled_from(["111122223333", "444455556666"])
_AWS = _ACCOUNTS | st.sampled_from(["*", "arn:aws:iam::111122223333:user/Ada"])
_SERVICE = st.sampled_from(["s3.amazonaws.com", "sns.amazonaws.com"])
_FEDERATED = st.sampled_from(["cognito-identity.amazonaws.com", "1", "111122223333"])


def _one_or_more(one: st.SearchStrategy[Any], least: int = 1) -> st.SearchStrategy[Any]:
    return one | st.lists(one, min_size=least, max_size=3)


_PRINCIPALS = st.just("*") | st.fixed_dictionaries(
    {},
    optional={
        "AWS": _one_or_more(_AWS),
        "Service": _one_or_more(_SERVICE),
        "Federated": _one_or_more(_FEDERATED),
    },
).filter(bool)
_TEXT = st.text(max_size=5)
_VALUE = (
    st.text(max_size=3)
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)
_CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "ForAllValues:StringLike", "Bool"]),
    st.dictionaries(
        st.sampled_from(["kms:ViaService", "kms:CallerAccount", "aws:a", "KMS:b"]),
        _one_or_more(_VALUE, 0),
    ),
)


@st.composite
def _shuffled(draw: st.DrawFn, members: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    return dict(draw(st.permutations(list(draw(members).items()))))


_ACTIONS = _one_or_more(st.sampled_from(["kms:*", "kms:Encrypt"]), 0)
_STATEMENTS = st.sampled_from(["Principal", "NotPrincipal"]).flatmap(
    lambda who: _shuffled(
        st.fixed_dictionaries(
            {"Effect": st.sampled_from(["Allow", "Deny"]), who: _PRINCIPALS},
            optional={
                "Sid": _TEXT,
                "Action": _ACTIONS,
                "NotAction": _ACTIONS,
                "Resource": _one_or_more(st.just("*"), 0),
                "Condition": _CONDITIONS,
            },
        )
    )
)
_POLICIES = _shuffled(
    st.fixed_dictionaries(
        {"Statement": _STATEMENTS | st.lists(_STATEMENTS, min_size=1, max_size=4)},
        optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17"]), "Id": _TEXT},
    )
)


def as_list(found: object) -> list[Any]:
    return cast("list[object]", found) if isinstance(found, list) else [found]


def root_user_of(principal: str) -> str:
    accounts = ("111122223333", "444455556666")
    return f"arn:aws:iam::{principal}:root" if principal in accounts else principal


def meaning(document: dict[str, Any]) -> dict[str, Any]:
    """A key policy without what is only its writing: single values are lists, an account is its root user."""

    def of(statement: dict[str, Any]) -> dict[str, Any]:
        meant = dict(statement)
        for who in {"Principal", "NotPrincipal"} & set(statement):
            if statement[who] != "*":
                meant[who] = {
                    kind: [root_user_of(each) if kind == "AWS" else each for each in as_list(found)]
                    for kind, found in statement[who].items()
                }
        meant["Condition"] = {
            operator: {key: as_list(found) for key, found in tested.items()}
            for operator, tested in statement.get("Condition", {}).items()
        }
        return meant

    return document | {"Statement": [of(each) for each in as_list(document["Statement"])]}


@given(document=_POLICIES, ascii_=st.booleans(), indent=st.none() | st.integers(0, 3))
def test_what_is_written_means_what_was_put_and_no_statement_is_lost(
    document: dict[str, Any], ascii_: bool, indent: int | None
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_, indent=indent)
    check_key_policy(text)
    found = json.loads(written_anew(text, REGION))
    assert meaning(found) == meaning(document)
    assert len(found["Statement"]) == len(as_list(document["Statement"]))


@given(document=_POLICIES)
def test_what_is_written_is_in_awss_order(document: dict[str, Any]) -> None:
    found = json.loads(written_anew(json.dumps(document), REGION))
    order = ["Version", "Id", "Statement"]
    assert list(found) == [each for each in order if each in document]
    order = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "Condition",
    ]
    for now, before in zip(found["Statement"], as_list(document["Statement"]), strict=True):
        assert list(now) == [each for each in order if each in before]
        assert list(now.get("Condition", {})) == list(before.get("Condition", {}))
        for tested in now.get("Condition", {}).values():
            assert list(tested) == sorted(tested)
            assert all(
                len(as_list(each)) != 1 or each == as_list(each)[0] for each in tested.values()
            )


@given(document=_POLICIES)
def test_what_is_written_is_written_as_it_is(document: dict[str, Any]) -> None:
    once = written_anew(json.dumps(document), REGION)
    assert written_anew(once, REGION) == once
    assert all(character <= "\xff" for character in once)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
_ODD_STATEMENTS = st.dictionaries(
    st.sampled_from(
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "Condition"]
    ),
    _JSON
    | st.sampled_from(["Allow", "*"])
    | st.just(ROOT)
    | st.dictionaries(_TEXT, st.dictionaries(_TEXT, _JSON)),
    max_size=7,
)


@given(
    st.text(max_size=20)
    | _JSON.map(json.dumps)
    | st.builds(policy, _ODD_STATEMENTS | st.just(STATEMENT), _ODD_STATEMENTS | _JSON, Id=_JSON)
    | st.builds(
        policy, st.fixed_dictionaries({"Sid": _JSON, "Action": _JSON}).map(STATEMENT.__or__)
    )
)
def test_what_is_refused_is_refused_as_before_and_all_else_is_written(text: str) -> None:
    def attempt(check: Callable[[str], str | None]) -> tuple[Any, ...] | str | None:
        try:
            return check(text)
        except KmsError as error:
            return type(error), error.message, error.__notes__

    checked = attempt(check_key_policy)
    once = attempt(lambda each: written_anew(each, REGION))
    if checked is None:
        assert isinstance(once, str)
        assert written_anew(once, REGION) == once
    else:
        assert once == checked
