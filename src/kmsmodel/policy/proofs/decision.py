"""
The decision as a formula: what `evaluation` decides of one request, said of all requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import final

from attrs import frozen

from kmsmodel.policy.actions import works_across_accounts
from kmsmodel.policy.document import Effect, Policy, Statement
from kmsmodel.policy.elements import How, how_named
from kmsmodel.policy.evaluation import is_limited_by_scps
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.policy.proofs.asked import CREATE_GRANT
from kmsmodel.policy.proofs.domain import ACTION, ASKER
from kmsmodel.policy.proofs.formulas import Formulas
from kmsmodel.policy.proofs.said import World
from kmsmodel.policy.proofs.search import FALSE, TRUE, All, Formula, Not, Some
from kmsmodel.words.enumerations import GrantOperation

_RETIRE_GRANT = "kms:RetireGrant"


def allowed(formulas: Formulas, world: World) -> Formula:
    """Is the request allowed?"""
    return _Decision(formulas, world).allowed()


@final
@frozen
class _Decision:
    """The parts of the decision, in the order of `evaluation`."""

    formulas: Formulas
    world: World

    def allowed(self) -> Formula:
        return All((Not(self._denied()), *self._limits_of_the_organization(), self._given()))

    # ---- what is denied

    def _denied(self) -> Formula:
        of = self.world.policies
        ways = [self._some(self.world.other_policies(), Effect.DENY)]
        if of.rcps:
            ways.append(All((self._is_asked_of_rcps(), self._some(of.rcps, Effect.DENY))))
        if of.scps:
            levels = (each for level in of.scps for each in level)
            ways.append(All((self._is_limited_by_scps(), self._some(levels, Effect.DENY))))
        return Some(tuple(ways))

    def _is_asked_of_rcps(self) -> Formula:
        is_linked = self.formulas.asked_by(lambda each: each.is_service_linked)
        return All((self._is_not_retiring(), Not(is_linked)))

    def _is_limited_by_scps(self) -> Formula:
        return self.formulas.asked_by(is_limited_by_scps)

    def _is_not_retiring(self) -> Formula:
        return Not(self.formulas.asked_for((_RETIRE_GRANT,)))

    def _some(self, policies: Iterable[Policy], effect: Effect) -> Formula:
        """Does one statement with this effect apply?"""
        applying = (
            self._applies(statement)
            for policy in policies
            for statement in policy.statements
            if statement.effect is effect
        )
        return Some(tuple(each for each in applying if each != FALSE))

    def _applies(self, statement: Statement) -> Formula:
        return self.formulas.applies(statement, bounded=self.formulas.is_bounded(self.world))

    # ---- what only limits

    def _limits_of_the_organization(self) -> Iterator[Formula]:
        of = self.world.policies
        for level in of.scps:
            yield Some((Not(self._is_limited_by_scps()), self._some(level, Effect.ALLOW)))
        if of.endpoint is not None:
            yield self._some((of.endpoint,), Effect.ALLOW)

    # ---- what gives access

    def _given(self) -> Formula:
        formulas = self.formulas
        at_home = formulas.asked_by(lambda each: each.account in {"", self.world.owner})
        works = formulas.where(ACTION, works_across_accounts)
        limits = self._limits_of_the_caller()
        identity = self._identity()
        is_root = formulas.asked_by(lambda each: each.kind is PrincipalKind.ROOT_USER)
        delegated = All((Some((is_root, identity)), limits))
        needs = {How.ITSELF: TRUE, How.ISSUER: limits, How.ACCOUNT: delegated}
        ways = [All((self._grantable(), Some((at_home, works))))]
        for way, hows, maker in self._ways():
            by_name = Some(tuple(All((named, needs[how])) for how, named in hows.items()))
            at_both: Formula = All((Some(tuple(hows.values())), delegated))
            if maker is not None:
                # The caller's own account must allow too, unless it made the grant itself.
                own = formulas.asked_by(_is_of(maker))
                at_both = Some((All((own, by_name)), All((Not(own), at_both))))
            across = All((Not(at_home), works, at_both))
            ways.append(All((way, Some((All((at_home, by_name)), across)))))
        return Some(tuple(ways))

    def _grantable(self) -> Formula:
        """A grant that names the caller itself, and that the caller's own account made, needs nothing else."""
        could = self.world.grantable
        if could is None:
            return FALSE
        asked_by = self.formulas.asked_by(could.callers.include)
        return All((asked_by, self.formulas.asked_for(could.actions)))

    def _identity(self) -> Formula:
        """A federated user without a session policy has nothing of the identity-based policies."""
        of = self.world.policies
        allows = self._some(of.identity, Effect.ALLOW)
        if of.session is not None:
            return allows
        is_federated = self.formulas.asked_by(
            lambda each: each.kind is PrincipalKind.FEDERATED_USER
        )
        return All((Not(is_federated), allows))

    def _limits_of_the_caller(self) -> Formula:
        of = self.world.policies
        parts: list[Formula] = []
        if of.boundary is not None:
            parts.append(self._some((of.boundary,), Effect.ALLOW))
        if of.session is not None:
            parts.append(self._some(of.session, Effect.ALLOW))
        return All(tuple(parts))

    def _ways(self) -> Iterator[tuple[Formula, dict[How, Formula], str | None]]:
        """What gives access, how it names whoever asks, and for a grant the account that made it."""
        for statement in self.world.policy.statements:
            if statement.effect is Effect.ALLOW:
                applies = self._applies(statement)
                if applies != FALSE:
                    yield All((self._is_not_retiring(), applies)), self._by_how(statement), None
        for grant in self.world.grants:
            yield from self._ways_of_grant(grant)

    def _by_how(self, statement: Statement) -> dict[How, Formula]:
        principals = statement.principals
        if principals is None or principals.negated:
            return {How.ITSELF: TRUE}
        return self._named(self.formulas.hows_of(principals))

    def _named(self, hows: Mapping[How, int]) -> dict[How, Formula]:
        """For each way of being named, who is named so."""
        return {how: self.formulas.atom(ASKER, mask) for how, mask in hows.items()}

    # ---- grants

    def _ways_of_grant(
        self, grant: Grant
    ) -> Iterator[tuple[Formula, dict[How, Formula], str | None]]:
        formulas = self.formulas
        granted = formulas.asked_for(f"kms:{each}" for each in grant.operations)
        parts = [self._is_not_retiring(), granted, formulas.constraints_fit(grant)]
        if GrantOperation.CreateGrant in grant.operations:
            creates = formulas.asked_for((CREATE_GRANT,))
            parts.append(Some((Not(creates), formulas.asks_for_no_more_than(grant))))
        named = self._named(formulas.hows(partial(how_named, grant.grantee)))
        yield All(tuple(parts)), named, grant.issuing_account
        retiring = [] if grant.retiring is None else [grant.retiring]
        if GrantOperation.RetireGrant in grant.operations:
            retiring.append(grant.grantee)
        is_retiring = Not(self._is_not_retiring())
        for name in retiring:
            named = self._named(formulas.hows(partial(how_named, name)))
            yield is_retiring, named, grant.issuing_account
        makers = {grant.issuing_account, self.world.owner}
        by_account = {How.ACCOUNT: formulas.asked_by(lambda each: each.account in makers)}
        yield is_retiring, by_account, grant.issuing_account


def _is_of(account: str) -> Callable[[Principal], bool]:
    return lambda each: each.account == account
