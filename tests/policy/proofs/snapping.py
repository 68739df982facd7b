"""
Snapping: for a request, the representatives that no test of the policies tells from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from kmsmodel.policy.access import Access
from kmsmodel.policy.elements import how_named
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.asked import OPERATIONS
from kmsmodel.policy.proofs.askers import KEYS_OF_AN_ASKER, context_of
from kmsmodel.policy.proofs.callers import WILLING
from kmsmodel.policy.proofs.domain import ACTION, ASKER, RESOURCE, Domain
from kmsmodel.policy.proofs.search import All, Atom, Formula, Not, Some
from kmsmodel.words.enumerations import GrantOperation

CONSTRAINT_TYPE = "kms:grantconstrainttype"
"""By it, grants by grants are compared, whatever conditions say."""


class NoRepresentative(Exception):
    """A request has no representative in a dimension: the snap law is broken."""


def is_true(formula: Formula, chosen: Sequence[int]) -> bool:
    """Whether a formula is true of these representatives."""
    match formula:
        case Not(part):
            return not is_true(part, chosen)
        case All(parts):
            return all(is_true(each, chosen) for each in parts)
        case Some(parts):
            return any(is_true(each, chosen) for each in parts)
        case Atom(true, false):
            inside, outside = (
                any(all(mask >> chosen[dimension] & 1 for dimension, mask in box) for box in boxes)
                for boxes in (true, false)
            )
            assert inside is not outside
            return inside


def snapped(domain: Domain, access: Access) -> list[int]:
    """The representatives that no test tells from a request. Raises NoRepresentative if there is none."""
    chosen = [0] * len(domain.dimensions)
    chosen[ACTION] = domain.dimensions[ACTION].representatives.index(access.action)
    chosen[ASKER] = asker(domain, access.principal)
    chosen[RESOURCE] = resource(domain, access.resource)
    if domain.bounded is not None and access.policies.boundary is WILLING:
        chosen[domain.bounded] = 1
    conditions = list(domain.said.conditions())
    context = access.context
    for name, number in domain.numbers.items():
        about = [each for each in conditions if keys.SAME_AS.get(each.name, each.name) == name]
        wanted = context.get(name)
        literals = domain.said.keys[name].literals
        values = domain.dimensions[number].representatives
        for at, each in enumerate(values):
            if (each is None) is not (wanted is None):
                continue
            same = wanted is None or (
                all(one.holds({one.name: wanted}) is one.holds({one.name: each}) for one in about)
                and all((wanted == one) is (each == one) for one in literals)
                and (name != CONSTRAINT_TYPE or wanted == each)
            )
            if same:
                chosen[number] = at
                break
        else:
            raise NoRepresentative(f"{name} = {wanted!r}")
    for name, numbers in domain.elements.items():
        about = [each for each in conditions if each.name == name]
        extra = called(domain, name)
        of_grants = told_by_grants(domain, name)
        present = context.get(name)
        found = () if present is None else present
        elements = (found,) if isinstance(found, str) else found
        is_of_names = name == keys.ENCRYPTION_CONTEXT_KEYS
        known = {domain.element(number) for number in numbers}
        taken: dict[str, str] = {}
        for element in sorted(elements, key=lambda each: each not in known):
            for number in numbers:
                each = domain.element(number)
                if (
                    _may_stand(element, each, known, taken if is_of_names else {})
                    and all(
                        one.holds({one.name: (element,)}) is one.holds({one.name: (each,)})
                        for one in about
                    )
                    and all((element.lower() == one) is (each.lower() == one) for one in extra)
                    and all((element == one) is (each == one) for one in of_grants)
                ):
                    chosen[number] = len(domain.dimensions[number].representatives) - 1
                    taken[each.lower()] = each
                    break
            else:
                raise NoRepresentative(f"{element!r} in {name}")
    return chosen


def _may_stand(element: str, each: str, known: set[str], taken: dict[str, str]) -> bool:
    """Each name that is known stands for itself, and no other for one that differs from one that is taken in case."""
    if element in known:
        return element == each
    return taken.get(each.lower(), each) == each


def told_by_grants(domain: Domain, name: str) -> set[str]:
    """The values of a condition key that grants tell apart."""
    if name == keys.ENCRYPTION_CONTEXT_KEYS:
        return names_in_grants(domain)
    if name == OPERATIONS and any(
        GrantOperation.CreateGrant in each.operations for each in domain.said.grants()
    ):
        return set(GrantOperation)  # a grant permits no grant that permits more
    return set()


def names_in_grants(domain: Domain) -> set[str]:
    """The names in the encryption contexts of grants, of which the case counts."""
    constraints = [each.constraints for each in domain.said.grants() if each.constraints]
    return {
        name
        for each in constraints
        for pairs in (each.encryption_context_equals, each.encryption_context_subset)
        for name in pairs or {}
    }


def called(domain: Domain, name: str) -> list[str]:
    """The names of which a request has a condition key of its own."""
    prefix = {
        keys.ENCRYPTION_CONTEXT_KEYS: keys.ENCRYPTION_CONTEXT,
        keys.TAG_KEYS: keys.REQUEST_TAG,
    }.get(name)
    if prefix is None:
        return []
    return [each[len(prefix) :] for each in domain.numbers if each.startswith(prefix)]


def asker(domain: Domain, principal: Principal) -> int:
    elements = [each.principals for each in domain.said.statements if each.principals is not None]
    conditions = [each for each in domain.said.conditions() if each.name in KEYS_OF_AN_ASKER]
    grants = list(domain.said.grants())
    of_worlds = [each.policies for each in domain.worlds]
    has_limits = any(each.scps or each.rcps for each in of_worlds)

    def told(one: Principal) -> tuple[object, ...]:
        context = context_of(one)
        return (
            one.account == domain.worlds[0].owner,
            one.kind is PrincipalKind.ROOT_USER,
            one.kind is PrincipalKind.SERVICE,
            one.kind is PrincipalKind.FEDERATED_USER,
            has_limits and one.is_service_linked,
            *(each.means(one) for each in elements),
            *(each.lists(one) for each in elements if each.negated),
            *(each.holds(context) for each in conditions),
            *(how_named(each.grantee, one) for each in grants),
            *(how_named(each.retiring, one) for each in grants if each.retiring),
            *(each.issuing_account == one.account for each in grants),
        )

    wanted = told(principal)
    for at, each in enumerate(domain.askers):
        if told(each) == wanted:
            return at
    raise NoRepresentative(f"{principal}")


def resource(domain: Domain, arn: str) -> int:
    elements = [each.resources for each in domain.said.statements if each.resources is not None]
    wanted = [each.match(arn, {}) for each in elements]
    for at, each in enumerate(domain.dimensions[RESOURCE].representatives):
        if [one.match(each, {}) for one in elements] == wanted:
            return at
    raise NoRepresentative(arn)
