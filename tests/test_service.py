"""
The front desk.
"""

from __future__ import annotations

import pytest
from attrs import frozen

from kmsmodel.calls.request import Request
from kmsmodel.errors import UnknownOperationException
from kmsmodel.memory.kms import Kms
from kmsmodel.service import handle
from tests.basics import call


@frozen(kw_only=True)
class MakeCoffeeRequest(Request[str]):
    pass


def test_a_request_for_what_aws_kms_cannot_do_is_refused() -> None:
    with pytest.raises(UnknownOperationException):
        handle(Kms(), MakeCoffeeRequest(), call())
