"""
Questions: is there a request for which this is true? Each answer that names a request was replayed in the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import final

from attrs import evolve, field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.principal import Principal
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.callers import EVERYONE, Callers, bounded
from kmsmodel.policy.proofs.decision import allowed
from kmsmodel.policy.proofs.domain import ACTION, ASKER, RESOURCE, Domain
from kmsmodel.policy.proofs.formulas import Formulas
from kmsmodel.policy.proofs.keys import ON_KEYS
from kmsmodel.policy.proofs.said import World
from kmsmodel.policy.proofs.search import All, Formula, Not, Search, Some, obligations
from kmsmodel.policy.proofs.walks import OutsideError
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation

VARIABLES = "what policy variables stand for decides it"
ENGINE = "the engine decides otherwise on the request that was found"
NONE_MEETS = "no request meets `when`"
NONE_HAS = "no request has all that is `given`"


@final
@frozen
class Nothing:
    """There is no such request."""


@final
@frozen
class Outside:
    """Whether there is one is not known."""

    reason: str


@final
@frozen(kw_only=True)
class Question:
    """
    A question for a request.

    It is ``allowed`` in all of these worlds and ``refused`` in all of those, it is by one of the callers for one of the
    actions, it fulfils the conditions ``when``, and it fulfils none of the requirements ``unless``: each is a tuple of
    conditions that hold together.
    """

    allowed: tuple[World, ...] = ()
    refused: tuple[World, ...] = ()
    actions: tuple[str, ...] = ON_KEYS
    callers: Callers = EVERYONE
    when: tuple[Condition, ...] = ()
    unless: tuple[tuple[Condition, ...], ...] = ()
    facts: Mapping[str, Value] = field(factory=dict[str, Value])

    @property
    def worlds(self) -> tuple[World, ...]:
        return self.allowed + self.refused

    def request(self) -> Access | Nothing | Outside:
        """The smallest request that is found, in the first world."""
        reason = VARIABLES
        try:
            found, has_variables = self._search(is_open=False)
            if found is not None:
                return found if self.is_answered_by(found) else Outside(ENGINE)
            if not has_variables:
                return Nothing()
        except OutsideError as outside:
            reason = str(outside)
        try:
            return Nothing() if self._search(is_open=True)[0] is None else Outside(reason)
        except OutsideError as outside:
            return Outside(str(outside))

    def _search(self, *, is_open: bool) -> tuple[Access | None, bool]:
        domain = self.domain()
        formulas = Formulas(domain, is_open=is_open)
        wanted = obligations(All((self.formula(formulas), formulas.laws())))
        first = (ASKER, ACTION, RESOURCE)
        others = (each for each in range(len(domain.dimensions)) if each not in first)
        chosen = Search(domain.sizes).smallest(wanted, (*others, *first))
        found = None if chosen is None else domain.access(chosen, self.worlds[0])
        return found, bool(domain.said.variables)

    def why_empty(self) -> str | None:
        """Why nothing can be said of the requests that are asked about: there is none; None if there may be one."""
        return self._contradiction() or (self._none(NONE_MEETS) if self.when else None)

    def _contradiction(self) -> str | None:
        """Why no request for some of the actions has what is given; None if there may be one for each."""
        able = {each: keys.carriers(each) for each in self.facts}
        groups: dict[frozenset[str], list[str]] = {}
        for action in self.actions if self.facts else ():
            has = frozenset(
                each for each, known in able.items() if known is None or action in known
            )
            groups.setdefault(has, []).append(action)
        for actions in groups.values():
            of_them = evolve(self, actions=tuple(actions), callers=EVERYONE, when=(), unless=())
            reason = of_them._none(NONE_HAS)
            if reason is not None:
                return reason
        return None

    def _none(self, reason: str) -> str | None:
        """This reason if there is no request that is asked about, or another why that is not known."""
        try:
            domain = self.domain()
            formulas = Formulas(domain, is_open=True)
            wanted = obligations(All((*self._asked(formulas), formulas.laws())))
            chosen = Search(domain.sizes).solve(wanted)
        except OutsideError as outside:
            return str(outside)
        return reason if chosen is None else None

    def domain(self) -> Domain:
        """The requests that the question is about."""
        return Domain(
            self.worlds,
            conditions=(
                *self.callers.conditions,
                *self.when,
                *(each for requirement in self.unless for each in requirement),
            ),
            names=self.callers.all_names,
            actions=self.actions,
            facts=self.facts,
        )

    def formula(self, formulas: Formulas) -> Formula:
        """What is true of a request that answers the question."""
        holds: Callable[[Condition], Formula] = formulas.holds
        return All(
            (
                *self._asked(formulas),
                Not(Some(tuple(All(tuple(map(holds, each))) for each in self.unless))),
                *(allowed(formulas, each) for each in self.allowed),
                *(Not(allowed(formulas, each)) for each in self.refused),
            )
        )

    def _asked(self, formulas: Formulas) -> tuple[Formula, ...]:
        """What is true of a request that the question is about, whether or not it answers it."""
        return (
            formulas.asked_by(self.callers.include),
            *map(formulas.holds, self.callers.conditions),
            *map(formulas.holds, self.when),
        )

    def again(self, access: Access) -> Access | None:
        """A request that was found for another question, in the first world, if it answers this one too."""
        return _in(access, self.worlds[0]) if self.is_answered_by(access) else None

    def is_answered_by(self, access: Access) -> bool:
        """Does the engine find this request to be one?"""
        return (
            self.callers.include(access.principal)
            and access.action in self.actions
            and all(each.matches(access) for each in (*self.callers.conditions, *self.when))
            and not any(all(each.matches(access) for each in one) for one in self.unless)
            and all(decide(_in(access, world)).is_allowed for world in self.allowed)
            and not any(decide(_in(access, world)).is_allowed for world in self.refused)
        )


def _in(access: Access, world: World) -> Access:
    """The same request in another world, where the caller has all grants that they can come to have."""
    asks = access.principal
    could = world.grantable
    has = could is not None and access.action in could.actions and could.callers.include(asks)
    return Access(
        principal=access.principal,
        action=access.action,
        resource=access.resource,
        owner=world.owner,
        context=access.context,
        policies=bounded(world.policies)
        if world.may_be_bounded and access.has_boundary
        else world.policies,
        resource_policy=world.policy,
        grants=(*world.grants, _grant(asks)) if has else world.grants,
        encryption_context=access.encryption_context,
        child=access.child,
    )


def _grant(grantee: Principal) -> Grant:
    """A grant for everything that the grantee's own account made."""
    return Grant(
        grant_id="",
        issuing_account=grantee.account,
        creation_date=_SOME_DATE,
        seen_at=_SOME_DATE,
        operations=tuple(GrantOperation),
        grantee_principal=grantee.arn,
    )


_SOME_DATE = datetime(2026, 1, 1, tzinfo=UTC)
