"""
Each fault that is planted in cells, masks, laws, decision or search is seen by the checks of proofs.
"""
# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.document import Effect
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.policy.proofs import (
    alphabet,
    askers,
    cells,
    decision,
    domain,
    formulas,
    keys,
    said,
    search,
    walks,
)
from kmsmodel.policy.proofs.alphabet import Letters
from kmsmodel.policy.proofs.search import All, Alternative, Formula, Not, Obligation, Search
from kmsmodel.policy.proofs.walks import ANY, Pattern, Walk
from kmsmodel.policy.question import Value
from tests.policy.proofs import generated
from tests.policy.proofs.checking import Broken, check_seed
from tests.policy.proofs.snapping import NoRepresentative

SEEDS = 300

Plant = Callable[[pytest.MonkeyPatch], object]


def without(kind: PrincipalKind) -> Plant:
    """Nobody of this kind asks."""
    real = askers.askers

    def some(names: askers.Names) -> tuple[Principal, ...]:
        return tuple(each for each in real(names) if each.kind is not kind)

    return lambda patch: patch.setattr(domain, "askers", some)


def only_named(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(askers, "_STRANGERS", ())
    patch.setattr(askers, "_after_digits", lambda *_: {})


def no_sessions_by_name(patch: pytest.MonkeyPatch) -> None:
    real = askers.askers

    def some(names: askers.Names) -> tuple[Principal, ...]:
        return tuple(each for each in real(names) if not each.arn.endswith("/me"))

    patch.setattr(domain, "askers", some)


def no_issuers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(askers._Census, "_issued", lambda *_: iter(()))


def numbers_tell_no_accounts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(said, "_MAY_BE_NUMBERS", frozenset[str]())


def endpoints_of_two_partitions(patch: pytest.MonkeyPatch) -> None:
    _, candidates = domain._SHAPES["service"]
    shapes = {**domain._SHAPES, "service": (walks.SERVICE_ENDPOINTS[:2], candidates)}
    patch.setattr(domain, "_SHAPES", shapes)


def no_user_names(patch: pytest.MonkeyPatch) -> None:
    real = said.Said.of_askers
    patch.setattr(said.Said, "of_askers", lambda self: evolve(real(self), user_names=()))


def no_patterns_of_arns(patch: pytest.MonkeyPatch) -> None:
    real = said.Said.of_askers
    patch.setattr(said.Said, "of_askers", lambda self: evolve(real(self), arn_patterns=()))


def no_patterns_of_accounts(patch: pytest.MonkeyPatch) -> None:
    real = said.Said.of_askers
    patch.setattr(said.Said, "of_askers", lambda self: evolve(real(self), account_patterns=()))


def literals_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(walks, "others", lambda *_, **__: ())


def no_second_walk(patch: pytest.MonkeyPatch) -> None:
    real = Walk.cells

    def once(*arguments: Any) -> tuple[dict[int, str], set[int]]:
        return real(*arguments)[0], set()

    patch.setattr(Walk, "cells", once)


def no_other_letters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alphabet, "_groups", lambda _: {})


def short_walk(patch: pytest.MonkeyPatch) -> None:
    real = Walk.letters
    patch.setattr(Walk, "letters", lambda self, state: real(self, state)[:1])


def case_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(walks, "ignoring_case", walks.exactly)


def any_run_is_one(patch: pytest.MonkeyPatch) -> None:
    real = walks.like

    def shorter(text: Any, wildcards: Letters = ANY) -> Pattern:
        return tuple((letters, False) for letters, _ in real(text, wildcards))

    patch.setattr(walks, "like", shorter)


def short_services(patch: pytest.MonkeyPatch) -> None:
    label = ((walks.OF_IDS, False), (walks.OF_IDS, True))
    patch.setattr(askers, "SERVICES", ((*label, *walks.exactly(".amazonaws.com")),))


def no_shape_of_arns(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(walks, "IS_ARN", ((ANY, True),))


def no_neighbours(name: str) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        def points(found: Any, *_: object) -> list[str]:
            return [str(each) for each in found]

        def dates(found: Any) -> list[str]:
            return [text for each in found if (text := cells._date(each))]

        patch.setattr(cells, name, dates if name == "dates" else points)

    return plant


def first_addresses(patch: pytest.MonkeyPatch) -> None:
    def first(networks: Any) -> list[str]:
        return [str(each.network_address) for each in networks] or ["10.0.0.1"]

    patch.setattr(cells, "addresses", first)


def always(value: bool) -> Callable[..., bool]:
    return lambda *_, **__: value


def some_is_all(patch: pytest.MonkeyPatch) -> None:
    """ForAnyValue is taken for ForAllValues."""
    real = formulas.Formulas._fitting

    def fitting(self: Any, condition: Any, used: Any, numbers: Any, row: Any) -> Formula:
        return real(self, condition, evolve(used, quantifier=None), numbers, row)

    patch.setattr(formulas.Formulas, "_fitting", fitting)


def first_bit_lost(patch: pytest.MonkeyPatch) -> None:
    """An absent condition key never fulfils a condition."""
    real = formulas.Formulas.where

    def where(self: formulas.Formulas, dimension: int, holds: Callable[[Any], bool]) -> Formula:
        if dimension > domain.RESOURCE and holds is not formulas._is_none:
            return real(self, dimension, lambda each: each is not None and holds(each))
        return real(self, dimension, holds)

    patch.setattr(formulas.Formulas, "where", where)


def no_law(name: str) -> Plant:
    def none(*_: object) -> Iterator[Formula]:
        return iter(())

    return lambda patch: patch.setattr(formulas.Formulas, name, none)


def no_negation(patch: pytest.MonkeyPatch) -> None:
    real = search._obligations

    def positive(formula: Formula, wanted: bool, known: Any) -> list[Obligation]:
        return real(formula.part if isinstance(formula, Not) else formula, wanted, known)

    patch.setattr(search, "_obligations", positive)


def nothing_denied(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decision._Decision, "_denied", lambda _: search.FALSE)


def one_level_is_enough(patch: pytest.MonkeyPatch) -> None:
    def limits(self: Any) -> Iterator[Formula]:
        levels = self.world.policies.scps
        if levels:
            yield search.Some(tuple(self._some(each, Effect.ALLOW) for each in levels))

    patch.setattr(decision._Decision, "_limits_of_the_organization", limits)


def first_alternatives(patch: pytest.MonkeyPatch) -> None:
    """The last alternative of each obligation is never tried."""
    real = search._live

    def fewer(state: list[int], obligation: Obligation) -> Obligation | None:
        live = real(state, obligation)
        return live[:-1] if live is not None and len(live) > 1 else live

    patch.setattr(search, "_live", fewer)


def met_too_soon(patch: pytest.MonkeyPatch) -> None:
    """An obligation counts as met as soon as one of its alternatives is possible."""
    real = search._live

    def soon(state: list[int], obligation: Obligation) -> Obligation | None:
        live = real(state, obligation)
        return None if live and any(not each.further for each in live) else live

    patch.setattr(search, "_live", soon)


def contradictions_kept(patch: pytest.MonkeyPatch) -> None:
    def merged(part: Sequence[Obligation]) -> Alternative:
        box: dict[int, int] = {}
        further: list[Obligation] = []
        for each in part:
            if len(each) == 1:
                box |= dict(each[0].box)
                further.extend(each[0].further)
            else:
                further.append(each)
        return Alternative(tuple(box.items()), tuple(further))

    patch.setattr(search, "_merged", merged)


def nothing_further(patch: pytest.MonkeyPatch) -> None:
    """What must be met besides an alternative is forgotten."""
    real = search._merged

    def merged(part: Sequence[Obligation]) -> Alternative | None:
        found = real(part)
        return None if found is None else Alternative(found.box)

    patch.setattr(search, "_merged", merged)


def gives_up(patch: pytest.MonkeyPatch) -> None:
    """The search takes an open obligation for one that cannot be met."""
    real = Search._propagated

    def propagated(self: Search, state: list[int], wanted: list[Obligation]) -> Any:
        return real(self, state, wanted) or None

    patch.setattr(Search, "_propagated", propagated)


def wrong_context(patch: pytest.MonkeyPatch) -> None:
    real = askers.context_of

    def context(asker: Principal) -> dict[str, Value]:
        return {**real(asker), "aws:principalaccount": generated.OWNER}

    patch.setattr(domain, "context_of", context)


def no_names_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(said.Said, "_add_names_of", lambda *_: None)


def no_boundaries(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decision._Decision, "_limits_of_the_caller", lambda _: All())


def grants_without_constraints(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(formulas.Formulas, "constraints_fit", lambda *_: All())


def any_constraints(patch: pytest.MonkeyPatch) -> None:
    real = formulas.Formulas.asks_for_no_more_than
    patch.setattr(
        formulas.Formulas,
        "asks_for_no_more_than",
        lambda self, grant: real(self, evolve(grant, constraints=None)),
    )


def everyone_at_home(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decision, "works_across_accounts", always(True))


FAULTS: dict[str, Plant] = {
    # cells
    "no services": without(PrincipalKind.SERVICE),
    "no root users": without(PrincipalKind.ROOT_USER),
    "no federated users": without(PrincipalKind.FEDERATED_USER),
    "federated users have no issuers": no_issuers,
    "operators of numbers tell no accounts apart": numbers_tell_no_accounts,
    "only accounts that are named": only_named,
    "no sessions by name": no_sessions_by_name,
    "no user names": no_user_names,
    "no patterns of ARNs": no_patterns_of_arns,
    "no patterns of accounts": no_patterns_of_accounts,
    "only texts that policies have": literals_only,
    "no second walk where only literals were met": no_second_walk,
    "no letters that patterns do not know": no_other_letters,
    "only the first letter in each state": short_walk,
    "case counts where it does not": case_counts,
    "a run of characters is one": any_run_is_one,
    "ARNs are not told from other texts": no_shape_of_arns,
    "no dates beside others": no_neighbours("dates"),
    "no numbers beside others": no_neighbours("whole_numbers"),
    "only the first addresses of networks": first_addresses,
    "names in an encryption context are not told apart": no_names_told,
    "the names of services are short": short_services,
    "the endpoints of some partitions are unknown": endpoints_of_two_partitions,
    "no condition key has several values unless AWS says so": lambda patch: patch.setattr(
        domain, "_SEVERAL", "several"
    ),
    "nobody has a boundary that is not given": lambda patch: patch.setattr(
        said.Said, "has_not_principals", property(always(False))
    ),
    # masks
    "ForAnyValue is ForAllValues": some_is_all,
    "an absent key fulfils nothing": first_bit_lost,
    "the account of everyone is the owner's": wrong_context,
    # laws
    "no law of presence": no_law("_of_presence"),
    "no law of the encryption context": no_law("_of_encryption_context"),
    "MFA is always told": lambda patch: patch.setattr(
        keys, "ALWAYS_PRESENT", keys.ALWAYS_PRESENT | {"aws:multifactorauthpresent"}
    ),
    "services are always told": lambda patch: patch.setattr(
        keys, "ALWAYS_PRESENT", keys.ALWAYS_PRESENT | {"aws:viaawsservice"}
    ),
    "services have tags": lambda patch: patch.setattr(keys, "OF_SERVICES", ("aws:principalorgid",)),
    # decision
    "nothing is denied": nothing_denied,
    "one level of the organization is enough": one_level_is_enough,
    "no boundaries and session policies": no_boundaries,
    "grants without constraints": grants_without_constraints,
    "grants let their grantees create any grants": lambda patch: patch.setattr(
        formulas.Formulas, "asks_for_no_more_than", lambda *_: All()
    ),
    "grants let create grants with any constraints": any_constraints,
    "every action works across accounts": everyone_at_home,
    # search
    "no negation": no_negation,
    "no last alternatives": first_alternatives,
    "obligations are met too soon": met_too_soon,
    "contradictions are kept": contradictions_kept,
    "nothing further is met": nothing_further,
    "the search gives up": gives_up,
}


def is_seen() -> bool:
    for seed in range(SEEDS):
        for condition_keys in (generated.CONDITION_KEYS, generated.DENSE_KEYS):
            try:
                check_seed(seed, condition_keys=condition_keys)
            except (Broken, NoRepresentative):
                return True
    return False


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    walks.others.cache_clear()
    FAULTS[name](monkeypatch)
    try:
        assert is_seen()
    finally:
        monkeypatch.undo()
        walks.others.cache_clear()


def test_without_a_fault_nothing_is_seen() -> None:
    for seed in range(10):
        check_seed(seed)
