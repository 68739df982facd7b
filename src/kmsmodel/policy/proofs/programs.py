"""
Programs that replay a request that was found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, to_json
from kmsmodel.policy.evaluation import Decision
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.askers import context_of
from kmsmodel.policy.proofs.callers import WORST


def program(policy: Policy, access: Access, decision: Decision) -> str:
    """A program in Python that replays the request, asserts the decision, and prints why it is so."""
    return "\n".join((*_imports(access), "", *_lines(policy, access, decision), ""))


def _imports(access: Access) -> Iterator[str]:
    if access.grants:
        yield "import datetime"
        yield ""
    yield "from kmsmodel.policy import KeyPolicy"
    if _are_given(access.policies):
        yield "from kmsmodel.policy.policies import Policies"
        yield "from kmsmodel.policy.document import from_json"
    if access.grants:
        yield "from kmsmodel.policy.grant import Grant, GrantConstraints"
    if not _is_plain(access):
        yield "from kmsmodel.policy.principal import principal"
    if access.grants:
        yield "from kmsmodel.words.enumerations import GrantOperation"


def _lines(policy: Policy, access: Access, decision: Decision) -> Iterator[str]:
    yield "policy = KeyPolicy.parse("
    yield f"    {json.dumps(to_json(policy), separators=(',', ':'))!r},"
    yield f"    account={access.owner!r},"
    yield f"    key={access.resource!r},"
    if access.grants:
        yield f"    grants={list(access.grants)!r},"
    yield ")"
    yield "decision = policy.decide("
    yield f"    {access.action!r},"
    yield f"    {_caller(access)},"
    yield f"    {_context(access)!r},"
    if access.encryption_context:
        yield f"    encryption_context={dict(access.encryption_context)!r},"
    if _are_given(access.policies):
        yield f"    policies={written(access.policies)},"
    yield ")"
    yield f"assert {'' if decision.is_allowed else 'not '}decision.is_allowed, decision.explanation"
    yield "print(decision.explanation)"


def _caller(access: Access) -> str:
    asks = access.principal
    if _is_plain(access):
        return repr(asks.arn)
    return f"principal({asks.arn!r}, issuer={asks.issuer!r}, unique_id={asks.unique_id!r})"


def _is_plain(access: Access) -> bool:
    """Does the ARN of the caller tell everything of them?"""
    return access.principal == principal(access.principal.arn)


def _context(access: Access) -> dict[str, object]:
    """The condition keys that follow neither from the caller nor from the encryption context."""
    known = {*context_of(access.principal)}
    if access.encryption_context:
        known |= {keys.ENCRYPTION_CONTEXT + each.lower() for each in access.encryption_context}
        known.add(keys.ENCRYPTION_CONTEXT_KEYS)
    return {name: value for name, value in context_keys(access).items() if name not in known}


def _are_given(policies: Policies) -> bool:
    return policies != WORST


def written(policies: Policies) -> str:
    """The policies of a caller as Python source."""

    def one(policy: Policy | None) -> str:
        return "None" if policy is None else f"from_json({to_json(policy)!r})"

    def several(listed: tuple[Policy, ...] | None) -> str:
        return "None" if listed is None else f"({''.join(f'{one(each)}, ' for each in listed)})"

    def levels(listed: tuple[tuple[Policy, ...], ...]) -> str:
        return f"({''.join(f'{several(each)}, ' for each in listed)})"

    return (
        f"Policies(identity={several(policies.identity)}, boundary={one(policies.boundary)}, "
        f"session={several(policies.session)}, scps={levels(policies.scps)}, "
        f"rcps={several(policies.rcps)}, endpoint={one(policies.endpoint)})"
    )
