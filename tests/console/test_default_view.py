"""
The default view of a key policy.
"""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.console.create_key import KEY_TYPES
from kmsmodel.console.default_view import DefaultView, default_view
from kmsmodel.console.editions import Edition
from kmsmodel.console.key_policy import Chosen, key_policy
from kmsmodel.policy import written_anew
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import OriginType
from tests.basics import ACCOUNT, ARN, OTHER_ACCOUNT, REGION
from tests.console.people import ADA, APPLICATION, KEEPER

PEOPLE = st.lists(st.sampled_from([ADA.arn, APPLICATION.arn, KEEPER.arn]), unique=True).map(tuple)
CHOSEN = Chosen(
    account=ACCOUNT,
    region=REGION,
    administrators=(KEEPER.arn,),
    users=(ADA.arn,),
    other_accounts=(OTHER_ACCOUNT,),
)
VIEW = DefaultView(administrators=(KEEPER.arn,), users=(ADA.arn,), other_accounts=(OTHER_ACCOUNT,))


@given(st.data())
def test_each_key_policy_of_the_console_shows_whom_it_was_made_of(data: st.DataObject) -> None:
    """As it was put, and as AWS KMS gives it back."""
    usages = data.draw(st.sampled_from(list(KEY_TYPES.values())))
    usage = data.draw(st.sampled_from(list(usages)))
    administrators = data.draw(PEOPLE)
    chosen = Chosen(
        account=ACCOUNT,
        region=REGION,
        edition=data.draw(st.sampled_from(Edition)),
        key_usage=usage,
        key_spec=data.draw(st.sampled_from(usages[usage])),
        origin=data.draw(st.sampled_from([OriginType.AWS_KMS, OriginType.EXTERNAL])),
        multi_region=data.draw(st.booleans()),
        administrators=administrators,
        administrators_may_delete=data.draw(st.booleans()),
        users=data.draw(PEOPLE),
        other_accounts=data.draw(st.sampled_from([(), (OTHER_ACCOUNT,)])),
    )
    policy = key_policy(chosen)
    for text in (policy, written_anew(policy, REGION)):
        assert default_view(text, ACCOUNT, REGION) == DefaultView(
            administrators=chosen.administrators,
            administrators_may_delete=chosen.administrators_may_delete or not administrators,
            users=chosen.users,
            other_accounts=chosen.other_accounts,
        )


def test_the_order_of_principals_and_actions_says_nothing() -> None:
    document = json.loads(key_policy(CHOSEN))
    for statement in document["Statement"][1:]:
        statement["Action"].reverse()
    assert default_view(json.dumps(document), ACCOUNT, REGION) == VIEW


def test_the_key_policy_of_a_key_made_without_one_names_nobody() -> None:
    policy = default_key_policy(parse_key_arn(ARN))
    assert default_view(policy, ACCOUNT, REGION) == DefaultView()


@pytest.mark.parametrize(
    "number, name, value",
    [
        (0, "Action", "kms:Get*"),
        (1, "Sid", "Allow others"),
        (1, "Action", ["kms:*"]),
        (2, "Effect", "Deny"),
        (2, "Condition", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        (2, "Principal", {"AWS": "*"}),
        (2, "Principal", "*"),
        (2, "Principal", {"Service": "s3.amazonaws.com"}),
        (3, "Condition", {}),
        (3, "Principal", {"AWS": KEEPER.arn}),
    ],
)
def test_a_statement_that_the_console_does_not_write_ends_the_default_view(
    number: int, name: str, value: object
) -> None:
    document = json.loads(key_policy(CHOSEN))
    assert default_view(json.dumps(document), ACCOUNT, REGION) == VIEW
    document["Statement"][number][name] = value
    assert default_view(json.dumps(document), ACCOUNT, REGION) is None


@pytest.mark.parametrize("number", [0, 2, 3])
def test_so_does_a_statement_that_is_missing(number: int) -> None:
    document = json.loads(key_policy(CHOSEN))
    del document["Statement"][number]
    assert default_view(json.dumps(document), ACCOUNT, REGION) is None


def test_the_statement_of_another_account_is_none_of_the_consoles() -> None:
    assert default_view(key_policy(evolve(CHOSEN, account="1" * 12)), ACCOUNT, REGION) is None


@given(st.text() | st.sampled_from(["{}", "[]", '{"Statement": []}', '{"Statement": {}}']))
def test_any_text_has_a_default_view_or_none(text: str) -> None:
    assert default_view(text, ACCOUNT, REGION) is None
