"""
Two policies compared: for each action, a request that only one of them allows.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import TAKING_AN_ENCRYPTION_CONTEXT
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import Comparison, Found, Unknown, context_keys
from kmsmodel.policy.proofs.questions import Nothing, Outside, Question

SAME = "the same access"
"""What is claimed of two policies that are compared."""


def differences(
    question: Question, found: Callable[[Question, Access], Found]
) -> list[Found | Unknown]:
    """For each action of a question, an access that answers it, as it is found by the question for what is left."""
    left = list(question.actions)
    differing: list[Found | Unknown] = []
    while left:
        asked = evolve(question, actions=tuple(left))
        match asked.request():
            case Nothing():
                break
            case Outside(reason):
                differing.append(Unknown(claim=SAME, reason=reason))
                break
            case access:
                for action in [
                    each for each in left if each == access.action or _also(asked, access, each)
                ]:
                    left.remove(action)
                    differing.append(found(asked, evolve(access, action=action)))
    return differing


def comparison(new: list[Found | Unknown], lost: list[Found | Unknown]) -> Comparison:
    """What two policies are to each other, by what only the newer one allows and what only the older one does."""
    found = [tuple(each for each in one if isinstance(each, Found)) for one in (new, lost)]
    unknown = tuple(each for each in (*new, *lost) if isinstance(each, Unknown))
    is_wider, is_narrower = map(bool, found)
    if is_wider and is_narrower:
        return Comparison(verdict="incomparable", new=found[0], lost=found[1], unknown=unknown)
    if unknown:
        return Comparison(verdict="unknown", new=found[0], lost=found[1], unknown=unknown)
    if is_wider:
        return Comparison(verdict="wider", new=found[0])
    return Comparison(verdict="narrower" if is_narrower else "equivalent", lost=found[1])


def _also(question: Question, access: Access, action: str) -> bool:
    """Is the same request for another action, which can have the same condition keys, an answer too?"""
    takes = TAKING_AN_ENCRYPTION_CONTEXT
    has_all = all((keys.carriers(name) or {action}) >= {action} for name in context_keys(access))
    needs_more = any(
        action in (able := keys.carriers(name) or {action, access.action})
        and access.action not in able
        for name in keys.ALWAYS_PRESENT
    )
    if needs_more or not has_all or (action in takes) is not (access.action in takes):
        return False
    return question.is_answered_by(evolve(access, action=action))
