"""
What a call does not find in its Region, but another Region has: notes for whoever runs the model, and no part of AWS's
answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kmsmodel.calls.call import Call
from kmsmodel.errors import KmsError
from kmsmodel.memory.kms import Kms

ErrorT = TypeVar("ErrorT", bound=KmsError)


def told(
    error: ErrorT,
    what: str,
    kms: Kms,
    call: Call,
    *,
    account: str,
    is_there: Callable[[str], bool],
) -> ErrorT:
    """
    The error that something does not exist, with a note on the other Regions in which the account has it.

    ``what`` names it with its article, and ``is_there`` looks for it in a Region.
    """
    others = sorted(region for of, region in kms.accounts if of == account)
    found = [region for region in others if region != call.region and is_there(region)]
    if not found:
        return error
    return error.with_note(f"{what} is in {' and '.join(found)}, and the call in {call.region}")
