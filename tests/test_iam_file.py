"""
A directory of IAM in a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel import iam_file
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Group, Role, User
from kmsmodel.iam_file import IamFileError
from tests.basics import ACCOUNT, OTHER_ACCOUNT

STATEMENT = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
ALLOW = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
}
READ = f"arn:aws:iam::{ACCOUNT}:policy/Read"
OF_AWS = "arn:aws:iam::aws:policy/ReadOnlyAccess"

CONTENT = {
    "organization": "o-exampleorgid",
    "management_account": OTHER_ACCOUNT,
    "scps": [[ALLOW]],
    "rcps": [ALLOW],
    "accounts": {
        ACCOUNT: {
            "scps": [[ALLOW], []],
            "policies": {"Read": ALLOW, OF_AWS: ALLOW},
            "groups": {"Auditors": {"path": "/staff/", "policies": ["Read"]}},
            "users": {
                "Ada": {
                    "id": "AIDAEXAMPLE",
                    "path": "/staff/",
                    "tags": {"Team": "payments"},
                    "groups": ["Auditors"],
                    "policies": [ALLOW, OF_AWS],
                    "boundary": READ,
                    "access_keys": ["AKIAIOSFODNN7EXAMPLE"],
                },
                "Bob": None,
            },
            "roles": {"Deploy": {"trust": TRUST, "maximum_session_duration": 7200}},
        },
        OTHER_ACCOUNT: None,
    },
}


def test_a_file_is_the_directory_that_it_describes() -> None:
    iam = iam_file.parse(json.dumps(CONTENT), "iam.json", is_json=True)
    managed = [iam.policies[arn] for arn in (READ, OF_AWS)]
    assert iam == Iam(
        users=[
            User(
                "Ada",
                unique_id="AIDAEXAMPLE",
                path="/staff/",
                tags={"Team": "payments"},
                groups=["Auditors"],
                policies=[ALLOW, managed[1]],
                boundary=managed[0],
                access_keys=["AKIAIOSFODNN7EXAMPLE"],
            ),
            User("Bob"),
        ],
        groups=[Group("Auditors", path="/staff/", policies=[managed[0]])],
        roles=[Role("Deploy", trust=TRUST, maximum_session_duration=7200)],
        policies=managed,
        organization_id="o-exampleorgid",
        management_account=OTHER_ACCOUNT,
        scps=[[ALLOW]],
        account_scps={ACCOUNT: [[ALLOW], []], OTHER_ACCOUNT: []},
        rcps=[ALLOW],
    )


@pytest.mark.parametrize("others", [None, [], [OTHER_ACCOUNT]])
def test_a_file_may_list_the_other_accounts_that_exist(others: list[str] | None) -> None:
    content = {"accounts": {ACCOUNT: None}} | ({} if others is None else {"other_accounts": others})
    iam = iam_file.parse(json.dumps(content), "iam.json", is_json=True)
    assert iam.accounts == (None if others is None else {ACCOUNT, *others})


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_is_read_as_yaml_too(indent: Any, tmp_path: Path) -> None:
    (tmp_path / "iam.json").write_text(json.dumps(CONTENT, indent=indent), encoding="utf-8")
    iam = iam_file.read(tmp_path / "iam.json")
    assert iam_file.parse(json.dumps(CONTENT, indent=2), "iam.yaml") == iam


YAML = f"""
accounts:
  {ACCOUNT}:
    users:
      Ada:
        tags: {{Country: no, Since: 2012-10-17, Number: "1"}}
        policies: &policies
          - Version: 2012-10-17
            Statement:
              Effect: Allow
              Action: kms:*
              Resource: "*"
              Condition:
                Bool: {{aws:SecureTransport: true}}
                NumericLessThan: {{kms:RotationPeriodInDays: 100}}
                StringEquals: {{aws:PrincipalAccount: {ACCOUNT}}}
      Bob:
        policies: *policies
    roles:
      Deploy:
        trust:
          Statement: {{Effect: Allow, Principal: {{AWS: {ACCOUNT}}}, Action: "sts:AssumeRole"}}
"""


def test_yaml_needs_no_quotation_marks_for_dates_accounts_and_words() -> None:
    iam = iam_file.parse(YAML, "iam.yaml")
    ada = iam.users[ACCOUNT, "Ada"]
    assert ada.tags == {"Country": "no", "Since": "2012-10-17", "Number": "1"}
    assert ada.policies == iam.users[ACCOUNT, "Bob"].policies
    assert [each.values for each in ada.policies[0].statements[0].conditions] == [
        (True,),
        (100,),
        (ACCOUNT,),
    ]
    assert iam.roles[ACCOUNT, "Deploy"].trust is not None


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "line 1: an object is expected, not null"),
        ("acounts:\n", "line 1: acounts is not one of organization, management_account,"),
        ("accounts:\n  1: {}\n", 'line 2: "1" does not have the form ^[0-9]{12}$'),
        (
            "accounts:\n  111122223333:\n    users:\n      Ada: {tag: {}}\n",
            "line 4: tag is not one",
        ),
        ("accounts:\n  111122223333:\n    user:\n      Ada: {}\n", "line 3: user is not one"),
        ("accounts: [\n", "line 2: expected the node content, but found '<stream end>'"),
        ("accounts: {}\naccounts: {}\n", "line 2: accounts stands here twice"),
        ("? [a]\n: b\n", "line 1: a name is expected"),
        ("accounts: &a\n  *a : 1\n", "line 1: a name is expected"),
        ("rcps: &a\n  - *a\n", "line 1: this refers to itself"),
        ("rcps: !Ref a\n", "line 1: the tag !Ref is not known"),
        ("rcps:\n  - {}\n", "line 2: statement 1: an object is expected"),
        ("rcps:\n  - Read\n", "line 2: there is no managed policy Read"),
        (
            "rcps:\n- Statement:\n  - {Effect: Allow}\n  - {Effect: allow}\n",
            "line 4: statement 2, Effect: 'allow' is not Allow or Deny",
        ),
        (
            "accounts:\n  111122223333:\n    users:\n      Ada:\n        groups: [Nobody]\n",
            "line 5: there is no group Nobody",
        ),
        (
            "accounts:\n  111122223333:\n    users:\n      a name:\n",
            "line 4: name 'a name' of a User is not valid",
        ),
        (
            "accounts: {111122223333: {users: {Ada: {access_keys: [AKIA1]},\n Bob: {access_keys: [AKIA1]}}}}",
            "line 2: AKIA1 is that of 111122223333/users/Ada too",
        ),
        ("a: \x00\n", "line 1: this is not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(IamFileError) as caught:
        iam_file.parse(text, "iam.yaml")
    assert str(caught.value).startswith(f"iam.yaml, {message}")


@pytest.mark.parametrize(
    "text, message",
    [
        ("{\n", "line 2: Expecting property name"),
        ('{"rcps": [], "rcps": []}', "line 1: the name 'rcps' stands twice"),
        ('{\n\t"rcps":\n\t\t[1]}', "line 3: an object or a string is expected, not 1"),
    ],
)
def test_what_is_wrong_in_json_is_told_with_its_line_too(text: str, message: str) -> None:
    with pytest.raises(IamFileError) as caught:
        iam_file.parse(text, "iam.json", is_json=True)
    assert str(caught.value).startswith(f"iam.json, {message}")


@pytest.mark.parametrize(
    "statement, message",
    [
        ("{Effect: Deny, Principal: '*', Action: '*', Resource: '*'}", "only a resource-based"),
        ("{Effect: Deny, Resource: '*'}", "Action or NotAction is expected"),
        ("{Effect: Deny, NotAction: 'kms:*'}", "Resource or NotResource is expected"),
    ],
)
def test_a_policy_of_an_identity_names_actions_and_resources_and_no_principal(
    statement: str, message: str
) -> None:
    of_ada = "accounts: {'111122223333': {users: {Ada: {policies: [{Statement: %s}]}}}}"
    with pytest.raises(IamFileError, match=f"line 1: statement 1: {message}"):
        iam_file.parse(of_ada % statement, "iam.yaml")


@pytest.mark.parametrize("missing", ["Principal", "Action"])
def test_a_trust_policy_names_principals_and_actions(missing: str) -> None:
    whole = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    trust = {"Statement": {name: each for name, each in whole.items() if name != missing}}
    content = {"accounts": {ACCOUNT: {"roles": {"Deploy": {"trust": trust}}}}}
    with pytest.raises(IamFileError, match=f"statement 1: {missing} or Not{missing} is expected"):
        iam_file.parse(json.dumps(content), "iam.json", is_json=True)


def test_a_file_is_in_utf_8(tmp_path: Path) -> None:
    (tmp_path / "iam.yaml").write_bytes(b"\xff")
    with pytest.raises(IamFileError, match="codec can't decode"):
        iam_file.read(tmp_path / "iam.yaml")
    (tmp_path / "iam.yaml").write_bytes(b"\xef\xbb\xbfaccounts: {}\n")
    assert iam_file.read(str(tmp_path / "iam.yaml")) == Iam()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=20,
)


@given(content=JSON | st.dictionaries(st.sampled_from([*CONTENT, "scp"]), JSON))
def test_whatever_a_file_holds_it_is_a_directory_or_an_error_with_a_line(content: object) -> None:
    text = json.dumps(content)
    for is_json in (True, False):
        try:
            found: object = iam_file.parse(text, "iam", is_json=is_json)
        except IamFileError as error:
            found = error
        assert isinstance(found, Iam) or str(found).startswith("iam, line ")


@given(text=st.text())
def test_whatever_a_text_is_it_is_a_directory_or_an_error_with_a_line(text: str) -> None:
    for is_json in (True, False):
        with pytest.raises(IamFileError, match=r"\Aiam, line \d+: "):
            iam_file.parse(text, "iam", is_json=is_json)
