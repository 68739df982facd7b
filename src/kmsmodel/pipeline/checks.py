"""
Checks: what comes of asking whether a stored policy keeps rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kmsmodel.pipeline.results import Result, not_understood, result_of, unknown
from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.policy.proofs.rules import Rule


def check(stored: StoredPolicy, rules: Iterable[Rule], account: str | None = None) -> list[Result]:
    """What comes of asking whether a policy keeps each of these rules."""
    return list(_checked(stored, rules, account))


def _checked(stored: StoredPolicy, rules: Iterable[Rule], account: str | None) -> Iterator[Result]:
    if stored.unknown:
        yield unknown(stored)
        return
    try:
        known = stored.key_policy(account)
    except NotUnderstoodError as error:
        yield not_understood(stored.file, stored.name, error)
        return
    for rule in rules:
        yield result_of(stored, rule, rule.answer(known))
