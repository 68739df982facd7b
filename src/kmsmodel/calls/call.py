"""
One call to the API: who calls, where, when, with which HSM.

These are the only ways that time, chance and the caller come in.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import frozen

from kmsmodel.calls.caller import Caller, check_region, check_text, named
from kmsmodel.hsm.port import Hsm
from kmsmodel.words.dates import moment


@final
@frozen(init=False)
class Call:
    """
    One call to AWS KMS.

    ``request_id`` is different for each call of a model's life.
    """

    now: datetime
    hsm: Hsm
    request_id: str
    region: str
    caller: Caller

    def __init__(
        self,
        *,
        now: datetime,
        hsm: Hsm,
        request_id: str,
        region: str = "us-west-2",
        caller: Caller | None = None,
        account: str | None = None,
        principal: str | None = None,
    ) -> None:
        """
        A call by ``caller``, or for short by a ``principal`` of ``account``: by default its root user.

        Raises TypeError or ValueError for what cannot be a time, a Region, a request id or a caller.
        """
        check_region(region)
        check_text("request_id", request_id)
        put = object.__setattr__  # the class is frozen
        put(self, "now", moment(now))
        put(self, "hsm", hsm)
        put(self, "request_id", request_id)
        put(self, "region", region)
        put(self, "caller", named(region, caller=caller, account=account, principal=principal))

    def purpose(self, name: str) -> str:
        """What the HSM is told that a drawing of chance is for."""
        return f"{self.request_id} {name}"
