"""
One call to the API.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from kmsmodel.calls.call import Call
from kmsmodel.crypto.seeded_hsm import SeededHsm
from tests.basics import NOW, OTHER_ACCOUNT


def test_the_caller_is_by_default_the_root_user_of_the_account() -> None:
    call = Call(
        now=NOW, hsm=SeededHsm(), request_id="1", account=OTHER_ACCOUNT, region="cn-north-1"
    )
    assert call.caller.principal.arn == "arn:aws-cn:iam::444455556666:root"


@pytest.mark.parametrize("account", ["1", "11112222333x", "1111222233334", "١١١١٢٢٢٢٣٣٣٣", ""])
def test_an_account_is_twelve_digits(account: str) -> None:
    with pytest.raises(ValueError, match="account must be an account id of twelve digits"):
        Call(now=NOW, hsm=SeededHsm(), request_id="1", account=account)


def test_now_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="must have a time zone"):
        Call(now=datetime(2026, 11, 24), hsm=SeededHsm(), request_id="1")  # noqa: DTZ001


@pytest.mark.parametrize("now", ["2026-11-24", 0, None, date(2026, 11, 24)])
def test_now_is_a_datetime(now: Any) -> None:
    with pytest.raises(TypeError) as caught:
        Call(now=now, hsm=SeededHsm(), request_id="1")
    assert str(caught.value) == f"{now!r} is not a datetime"


@pytest.mark.parametrize(
    "name, value",
    [
        ("principal", 3),
        ("principal", b"arn"),
        ("principal", []),
        ("request_id", 3),
        ("request_id", None),
    ],
)
def test_the_principal_and_the_request_id_are_strings(name: str, value: Any) -> None:
    members: Any = {"now": NOW, "hsm": SeededHsm(), "request_id": "1", name: value}
    with pytest.raises(TypeError, match=f"^{name} must be a string, not {type(value).__name__}$"):
        Call(**members)


@pytest.mark.parametrize("region", ["", "a:b", "US WEST", None, 3, []])
def test_a_region_has_the_form_of_one(region: Any) -> None:
    with pytest.raises(ValueError, match="region must be the name of a Region"):
        Call(now=NOW, hsm=SeededHsm(), request_id="1", region=region)
