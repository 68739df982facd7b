"""
Programs that replay a request that was found.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, to_json
from kmsmodel.policy.evaluation import Decision
from kmsmodel.policy.principal import PrincipalKind
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.askers import context_of

if TYPE_CHECKING:
    from kmsmodel.policy.proofs.key_policy import KeyPolicy


def program(policy: KeyPolicy, access: Access, decision: Decision) -> str:
    """A program in Python that replays the request, and asserts the decision."""
    derived = context_of(access.principal)
    shown = {name: value for name, value in context_keys(access).items() if name not in derived}
    lines = [
        "from kmsmodel.policy import KeyPolicy",
        *(
            ["from kmsmodel.policy.principal import principal"]
            if access.principal.kind is PrincipalKind.SESSION
            else []
        ),
        "",
        f"policy = KeyPolicy.parse({_text(policy.policy)}, account={policy.account!r})",
        "decision = policy.decide(",
        f"    {access.action!r},",
        f"    {_caller(access)},",
        f"    {shown!r},",
        ")",
        f"assert {'' if decision.is_allowed else 'not '}decision.is_allowed",
        "",
    ]
    return "\n".join(lines)


def _text(policy: Policy) -> str:
    return repr(json.dumps(to_json(policy)))


def _caller(access: Access) -> str:
    asks = access.principal
    if asks.kind is PrincipalKind.SESSION:
        return f"principal({asks.arn!r}, issuer={asks.issuer!r})"
    return repr(asks.arn)
