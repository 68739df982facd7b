"""
Explanations as values: for each statement and each grant that was asked, what it has to do with an access.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import final

from attrs import frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Element, Policy, PolicyType, Statement
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.places import Place


@final
class LineKind(StrEnum):
    """What a line of an explanation tells."""

    OUTCOME = "outcome"
    POLICY = "policy"
    ALLOWS = "allows"
    DENIES = "denies"
    STOPPED = "stopped"
    DIFFERS = "differs"
    ASSUMED = "assumed"


@final
@frozen(kw_only=True)
class Remark:
    """
    What one statement or grant has to do with an access.

    ``policy_type`` and ``policy`` are None for a grant. ``differs`` is the first element of a statement that does not
    match; it is None if all do, if an element is missing, and for a grant. ``place`` is where the statement stands in
    the policy's text.
    """

    subject: Statement | Grant
    kind: LineKind
    sentence: str
    policy_type: PolicyType | None = None
    policy: Policy | None = None
    differs: Element | None = None
    place: Place | None = None

    @property
    def applies(self) -> bool:
        """Does the statement or grant apply?"""
        return self.kind is not LineKind.DIFFERS

    def __str__(self) -> str:
        where = "" if self.place is None else f" ({self.place})"
        return f"{self.subject.title}{where}: {self.sentence}"


@final
@frozen(kw_only=True)
class Explanation:
    """
    Why an access is allowed or denied.

    ``outcome`` says it in one line. ``remarks`` are on each statement and each grant, in the order of being asked.
    ``assumed`` is what no page and no recording of AWS says, and what the decision may depend on.
    """

    access: Access
    outcome: str
    remarks: tuple[Remark, ...]
    assumed: tuple[str, ...] = ()

    def lines(self) -> Iterator[tuple[LineKind, str]]:
        """The explanation as lines of text."""
        access = self.access
        yield LineKind.OUTCOME, f"{access.action} on {access.resource} by {access.principal.arn}"
        yield LineKind.OUTCOME, self.outcome
        before: object = self
        for remark in self.remarks:
            if remark.policy is not before:
                before = remark.policy
                yield LineKind.POLICY, _heading(remark)
            yield remark.kind, f"  {remark}"
        if self.assumed:
            yield LineKind.POLICY, "assumed"
        for each in self.assumed:
            yield LineKind.ASSUMED, f"  {each}"

    def __str__(self) -> str:
        return "\n".join(text for _, text in self.lines())


def _heading(remark: Remark) -> str:
    if remark.policy_type is None or remark.policy is None:
        return "grants"
    name = remark.policy.arn or remark.policy.id
    return f"{remark.policy_type}" + (f" {name}" if name else "")
