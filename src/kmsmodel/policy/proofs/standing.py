"""
Standings: what is so of a KMS key, and who may do what with it, at one point on a path of several requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import final

from attrs import define, evolve, field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.callers import Callers
from kmsmodel.policy.proofs.questions import Question
from kmsmodel.policy.proofs.said import Said, World
from kmsmodel.policy.question import Value

RESOURCE_TAG = "aws:resourcetag/"
ALIASES = "kms:resourcealiases"
KEY_TYPE = "kms:multiregionkeytype"
_OF_THE_KEY = (
    "kms:keyspec",
    "kms:keyusage",
    "kms:keyorigin",
    "kms:multiregion",
    KEY_TYPE,
    ALIASES,
    RESOURCE_TAG,
)
"""The condition keys that tell of the KMS key, whatever is asked of it; a name may go on."""


@final
@frozen(kw_only=True)
class Goal:
    """
    A request that gives an access, or as good as gives it: one for one of these actions that fulfils the conditions.

    ``means`` says what it gives, if it is not the action itself.
    """

    actions: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    means: str = ""


@final
class SpentError(Exception):
    """No more questions are asked."""


@final
@define
class Budget:
    """So many questions may be asked."""

    left: int

    def spend(self) -> None:
        """Ask one. Raises SpentError."""
        self.left -= 1
        if self.left < 0:
            raise SpentError


@final
@frozen(kw_only=True)
class Standing:
    """
    What is so of a KMS key.

    ``facts`` are condition keys that have these values in each request, ``absent`` those that no request has, and
    ``pins`` conditions that each request fulfils.
    """

    callers: Callers
    goals: tuple[Goal, ...]
    world: World
    facts: Mapping[str, Value] = field(factory=dict[str, Value])
    absent: frozenset[str] = frozenset()
    pins: tuple[Condition, ...] = ()
    budget: Budget | None = field(default=None, eq=False)

    def question(
        self,
        actions: Iterable[str],
        *when: Condition,
        unless: tuple[tuple[Condition, ...], ...] = (),
    ) -> Question:
        """
        Is there a request for one of these actions, by one of the callers, that fulfils the conditions ``when``?

        It fulfils none of ``unless``, each of which are conditions that hold together.
        """
        if self.budget is not None:
            self.budget.spend()
        missing = (Condition("Null", name, ("true",)) for name in sorted(self.absent))
        return Question(
            allowed=(self.world,),
            actions=tuple(actions),
            callers=self.callers,
            when=(*when, *self.pins, *missing),
            unless=unless,
            facts=self.facts,
        )

    @property
    def sought(self) -> frozenset[str]:
        """The actions that are goals."""
        return frozenset(action for goal in self.goals for action in goal.actions)

    def said(self) -> frozenset[str]:
        """The condition keys that policies and grants speak of."""
        return frozenset(Said((self.world,), ()).keys)

    def without(self, *names: str) -> Standing:
        """The same, where these condition keys, or all that begin so, may have any value."""
        kept = {name: value for name, value in self.facts.items() if not name.startswith(names)}
        absent = frozenset(name for name in self.absent if not name.startswith(names))
        return evolve(self, facts=kept, absent=absent)

    def seen_in(self, access: Access) -> Standing:
        """The same, with what this request tells of the key."""
        context = context_keys(access)
        facts = {
            keys.SAME_AS.get(name, name): value
            for name, value in context.items()
            if name.startswith(_OF_THE_KEY)
        }
        missing = {
            name for name in self.said() if name.startswith(_OF_THE_KEY) and name not in facts
        }
        return evolve(
            self,
            facts={**self.facts, **facts},
            absent=self.absent | (missing - self.facts.keys()),
        )

    def tags(self) -> dict[str, str]:
        """The tags of the key, as far as they are known; by their keys in lower case."""
        return dict(_tags(self.facts))

    def spelled(self, tag_key: str) -> str:
        """A tag key as policies spell it."""
        name = f"{RESOURCE_TAG}{tag_key}"
        said = Said((self.world,), ()).conditions()
        return next(
            (each.key[len(name) - len(tag_key) :] for each in said if each.name == name), tag_key
        )

    def aliases(self) -> tuple[str, ...]:
        """The aliases of the key, as far as they are known."""
        found = self.facts.get(ALIASES, ())
        return (found,) if isinstance(found, str) else found


def _tags(facts: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if name.startswith(RESOURCE_TAG) and isinstance(value, str):
            yield name[len(RESOURCE_TAG) :], value
