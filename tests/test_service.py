"""
The front desk.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import frozen

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import UnknownOperationException
from kmsmodel.memory.kms import Kms
from kmsmodel.service import handle


@frozen(kw_only=True)
class MakeCoffeeRequest(Request[str]):
    pass


def test_a_request_for_what_aws_kms_cannot_do_is_refused() -> None:
    call = Call(now=datetime(2026, 11, 24, tzinfo=UTC), hsm=SeededHsm(), request_id="1")
    with pytest.raises(UnknownOperationException):
        handle(Kms(), MakeCoffeeRequest(), call)
