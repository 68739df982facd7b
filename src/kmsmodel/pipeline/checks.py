"""
Checks: what comes of asking whether a stored policy keeps rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from kmsmodel.pipeline.results import Outcome, Result, not_understood, result_of, unknown
from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.policy.finding import Finding
from kmsmodel.policy.findings import findings
from kmsmodel.policy.proofs.answers import Answer, Proved, Unknown
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.policy.proofs.rules import Rule, Subject


def _without_findings(policy: KeyPolicy) -> Answer:
    claim = "nothing that its author hardly means"
    found = findings(policy.text or policy.policy)
    return Unknown(claim=claim, reason=str(found[0])) if found else Proved(claim=claim)


NO_FINDINGS = Rule(
    "no-findings",
    "The text of the policy has nothing that AWS takes and its author hardly means.",
    (),
    _without_findings,
    Subject.TEXT,
)
"""The rule on the text of a key policy; `check` gives a result for each finding."""


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
    read = stored.read_as(known, account)
    for rule in rules:
        if rule.about is Subject.TEXT:
            yield from _read(read, known, rule)
        else:
            yield result_of(read, rule, rule.answer(known))


def _read(stored: StoredPolicy, known: KeyPolicy, rule: Rule) -> Iterator[Result]:
    """A result for each finding, or one that there is none."""
    asked = result_of(stored, rule, rule.answer(known))
    found = findings(stored.text or known.policy)
    yield from (_found(stored, asked, each) for each in found)
    if not found:
        yield asked


def _found(stored: StoredPolicy, asked: Result, finding: Finding) -> Result:
    place = stored.where(finding.path)
    return evolve(
        asked,
        outcome=Outcome.FOUND,
        headline=str(evolve(finding, place=None)),
        details=(f"  page     {finding.page}",),
        finding=finding,
        place=place,
    )
