"""
Hypothesis strategies for what is asked of a key policy: callers, requests at its edges, and policies one edit away.

A proof (`kmsmodel.policy.KeyPolicy`) speaks of all requests, so prefer it where it knows the property. These are for
properties of one's own, and for code that is tested beside the model.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

from attrs import evolve
from hypothesis import strategies as st

from kmsmodel.calls.caller import Caller
from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Statement
from kmsmodel.policy.policies import NO_POLICIES, Policies
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.callers import WORST
from kmsmodel.policy.proofs.domain import Domain
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.policy.proofs.said import World
from kmsmodel.policy.proofs.walks import OutsideError
from kmsmodel.testing.policies import (
    REQUESTED,
    PolicyDocument,
    as_list,
    iam_policies,
    principals,
    statements_of,
)

_OF_CALLERS = {name: values for name, values in REQUESTED.items() if name.startswith("aws:S")}


def callers(*accounts: str) -> st.SearchStrategy[Caller]:
    """
    Callers of these accounts, by default of two and an AWS service, with IAM policies and condition keys of their own.
    """
    policies = st.lists(iam_policies(), max_size=2).map(lambda each: Policies(identity=each))
    context = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in _OF_CALLERS.items()}
    )
    return st.builds(Caller, principals(*accounts), policies=policies, context=context)


def accesses(policy: KeyPolicy) -> st.SearchStrategy[Access]:
    """
    Requests on the KMS key of this policy, by anybody, drawn around what the policy says.

    Each part is a value that the policy names, one at the edge of what it names, or one that it does not know. Most
    requests are such that a statement applies, or that it would but for one part. The IAM policies of the caller allow
    everything, or are none. Give the requests to `kmsmodel.policy.evaluation.decide`. Raises ValueError for a policy
    whose conditions cannot be told apart in this way.
    """
    worlds = [
        World(
            owner=policy.account,
            policy=policy.policy,
            key=policy.key,
            grants=policy.grants,
            policies=evolve(of_caller, rcps=policy.rcps),
        )
        for of_caller in (WORST, NO_POLICIES)
    ]
    try:
        domain = Domain((worlds[0],), facts=policy.given)
    except OutsideError as error:
        raise ValueError(f"no requests can be drawn for {error}") from None
    aimed = [_aimed(domain, worlds[0], each) for each in policy.policy.statements]
    chosen = st.one_of(_any(domain), *aimed, *(_spoiled(each, domain) for each in aimed))
    return st.builds(domain.access, chosen, st.sampled_from(worlds)).map(_carried)


_Chosen: TypeAlias = "st.SearchStrategy[tuple[int, ...]]"
"""The number of a representative for each dimension of requests."""


def _any(domain: Domain) -> _Chosen:
    return st.tuples(*(st.integers(0, size - 1) for size in domain.sizes))


def _aimed(domain: Domain, world: World, statement: Statement) -> _Chosen:
    """For each dimension a representative with which most of the statement's elements match."""
    nothing = [0] * len(domain.sizes)
    best: list[list[int]] = []
    for at, size in enumerate(domain.sizes):
        scores = [
            _matching(statement, domain.access([*nothing[:at], number, *nothing[at + 1 :]], world))
            for number in range(size)
        ]
        best.append([number for number, score in enumerate(scores) if score == max(scores)])
    return st.tuples(*map(st.sampled_from, best))


def _matching(statement: Statement, access: Access) -> int:
    return sum(each is not None and each.matches(access) for each in statement.elements)


def _spoiled(aimed: _Chosen, domain: Domain) -> _Chosen:
    """The same, but for one dimension, where any representative may stand."""

    def spoiled(chosen: tuple[int, ...], others: tuple[int, ...], at: int) -> tuple[int, ...]:
        return (*chosen[:at], others[at], *chosen[at + 1 :])

    return st.builds(spoiled, aimed, _any(domain), st.integers(0, len(domain.sizes) - 1))


def _carried(access: Access) -> Access:
    """The same request, with the condition keys that its operation can have."""
    context = {
        name: value
        for name, value in context_keys(access).items()
        if access.action in (keys.carriers(name) or {access.action})
    }
    return evolve(access, context=context)


def neighbours(policy: KeyPolicy) -> st.SearchStrategy[KeyPolicy]:
    """
    Policies one edit away from this one.

    A statement is dropped or its effect is flipped, a condition is dropped, or an element is widened to a wildcard. A
    test that passes for each of them does not see what the policy protects.
    """
    document = cast("PolicyDocument", json.loads(policy.text)) if policy.text else None
    if document is None:
        raise ValueError("neighbours need the text of a policy: KeyPolicy.parse or KeyPolicy.load")
    edited = [json.dumps(each) for each in _edits(document)]
    return st.sampled_from(edited).map(
        lambda text: KeyPolicy.parse(
            text,
            account=policy.account,
            key=policy.key,
            grants=policy.grants,
            rcps=policy.rcps,
            given=policy.given,
        )
    )


def _edits(document: PolicyDocument) -> Iterator[PolicyDocument]:
    statements = statements_of(document)
    for at, statement in enumerate(statements):
        others = [*statements[:at], *statements[at + 1 :]]
        if others:
            yield {**document, "Statement": others}
        for changed in _edits_of(statement):
            yield {**document, "Statement": [*statements[:at], changed, *statements[at + 1 :]]}


def _edits_of(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements that differ in one thing."""
    yield {**statement, "Effect": "Deny" if statement["Effect"] == "Allow" else "Allow"}
    for element, widest in (("Principal", "*"), ("Action", "kms:*")):
        if as_list(statement.get(element, widest)) != [widest]:
            yield {**statement, element: widest}
    for operator, tested in statement.get("Condition", {}).items():
        for key in tested:
            changed = copy.deepcopy(statement)
            del changed["Condition"][operator][key]
            if not changed["Condition"][operator]:
                del changed["Condition"][operator]
            yield changed
