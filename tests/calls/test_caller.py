"""
Who calls AWS KMS.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.caller import Caller, named
from tests.basics import ACCOUNT, OTHER_ACCOUNT, REGION

ADA = "arn:aws:iam::444455556666:user/Ada"

ACCOUNTS = st.from_regex("[0-9]{12}", fullmatch=True)
PRINCIPALS = st.text(max_size=20)


@given(account=ACCOUNTS, principal=PRINCIPALS)
def test_a_caller_is_named_whole_or_by_account_and_principal(account: str, principal: str) -> None:
    caller = Caller(account=account, principal=principal)
    assert named(REGION, caller=caller) is caller
    assert named(REGION, account=account, principal=principal) == caller
    assert hash(named(REGION, account=account, principal=principal)) == hash(caller)


@pytest.mark.parametrize(
    "region, partition",
    [
        ("us-west-2", "aws"),
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
@given(account=ACCOUNTS)
def test_who_names_no_principal_is_the_accounts_root_user_in_the_regions_partition(
    region: str, partition: str, account: str
) -> None:
    root_user = f"arn:{partition}:iam::{account}:root"
    assert named(region, account=account) == Caller(account=account, principal=root_user)


def test_who_names_no_account_is_of_the_account_of_the_examples_in_aws_pages() -> None:
    root_user = "arn:aws:iam::111122223333:root"
    assert named(REGION) == Caller(account=ACCOUNT, principal=root_user)
    assert named(REGION, principal=ADA) == Caller(account=ACCOUNT, principal=ADA)


@pytest.mark.parametrize(
    "short",
    [{"account": OTHER_ACCOUNT}, {"principal": ADA}, {"account": OTHER_ACCOUNT, "principal": ADA}],
)
def test_a_caller_is_not_named_in_both_ways(short: dict[str, str]) -> None:
    """Not even where both say the same."""
    with pytest.raises(TypeError) as caught:
        named(REGION, caller=Caller(account=OTHER_ACCOUNT, principal=ADA), **short)
    assert str(caught.value) == "caller= stands beside neither account= nor principal="


@pytest.mark.parametrize(
    "account", ["", "1", "11112222333x", "1111222233334", "١١١١٢٢٢٢٣٣٣٣", 3, []]
)
def test_the_account_of_a_caller_is_twelve_digits(account: Any) -> None:
    message = "^account must be an account id of twelve digits$"
    with pytest.raises(ValueError, match=message):
        Caller(account=account, principal=ADA)
    for principal in (ADA, None):
        with pytest.raises(ValueError, match=message):
            named(REGION, account=account, principal=principal)


@pytest.mark.parametrize("principal", [3, b"arn", [], ()])
def test_the_principal_of_a_caller_is_a_string(principal: Any) -> None:
    with pytest.raises(TypeError, match=r"^principal must be a string$"):
        Caller(account=ACCOUNT, principal=principal)
    with pytest.raises(TypeError, match=r"^principal must be a string$"):
        named(REGION, principal=principal)
