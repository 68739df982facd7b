"""
Which grants count in a call.

Sources: *Grants in AWS KMS*, *Creating grants* and *Retiring and revoking grants* in the Developer Guide;
`GrantConstraints` in the API Reference; what was recorded on 2026-09-12.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import InvalidGrantTokenException
from kmsmodel.hsm import grant_token
from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.grant import Grant


def refuse_tokens(request: Request[Any], call: Call) -> None:
    """
    Refuse texts that are not grant tokens. A token of somebody else's grant, or of a grant that is gone, is let pass.

    DescribeKey does not look at them, as its errors in the API do not include InvalidGrantTokenException, which this
    raises.
    """
    if request.operation == "DescribeKey":
        return
    for token in getattr(request, "grant_tokens", None) or ():
        if grant_token.unseal(token, call.region, call.hsm) is None:
            raise InvalidGrantTokenException


def counting(
    kms: Kms, key: Key, call: Call, grant_tokens: Iterable[str] | None
) -> tuple[Grant, ...]:
    """
    The grants on a KMS key to the caller or to the caller's account, as far as they are seen in this call.

    A grant is seen from its ``seen_at`` on, and before that in a request with its token.
    """
    named = _named_by(grant_tokens or (), call)
    return tuple(
        grant
        for grant in kms.grants_of(key).to(call.caller.principal)
        if grant.seen_at <= call.now or grant.grant_id in named
    )


def _named_by(grant_tokens: Iterable[str], call: Call) -> frozenset[str]:
    """The ids of the grants that are named by these tokens."""
    tokens = (grant_token.unseal(token, call.region, call.hsm) for token in grant_tokens)
    return frozenset(token.grant_id for token in tokens if token is not None)
