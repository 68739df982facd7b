"""
Statements, conditions and laws as formulas: the masks of representatives are what the engine's own operators say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import combinations
from typing import Any, TypeAlias, final

from attrs import define, field

from kmsmodel.policy.actions import TAKING_AN_ENCRYPTION_CONTEXT
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Element, Statement
from kmsmodel.policy.elements import Actions, How, Principals, Resources
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.operators import NULL, OPERATORS, Operator, Quantifier, operator
from kmsmodel.policy.principal import Principal
from kmsmodel.policy.proofs import asked, keys
from kmsmodel.policy.proofs.askers import KEYS_OF_AN_ASKER
from kmsmodel.policy.proofs.domain import ACTION, ASKER, RESOURCE, Domain, Row
from kmsmodel.policy.proofs.said import World
from kmsmodel.policy.proofs.search import FALSE, TRUE, All, Atom, Formula, Not, Some
from kmsmodel.policy.proofs.walks import OutsideError
from kmsmodel.policy.question import Value
from kmsmodel.policy.values import arn_pattern, lower
from kmsmodel.policy.variables import Template

_HowNamed: TypeAlias = Callable[[Principal], "How | None"]

_Holds: TypeAlias = "Callable[[Any, Mapping[str, Value]], bool]"
"""Whether a representative is so, with these condition keys for variables."""

_Told: TypeAlias = "tuple[object, ...]"
"""What tells one test from others."""


@final
@define
class Formulas:
    """
    The formulas of a domain.

    With ``is_open``, what a condition makes of a variable may be anything.
    """

    domain: Domain
    is_open: bool = False
    _known: dict[object, Formula] = field(init=False, factory=dict[object, Formula])
    _open: dict[_Told, int] = field(init=False, factory=dict["_Told", int])
    _named: dict[Principals, dict[How, int]] = field(
        init=False, factory=dict[Principals, "dict[How, int]"]
    )

    # ---- one dimension

    def atom(self, dimension: int, mask: int) -> Formula:
        """True for these representatives of one dimension."""
        everything = self.domain.dimensions[dimension].everything
        if mask == everything:
            return TRUE
        if not mask:
            return FALSE
        return Atom((((dimension, mask),),), (((dimension, everything & ~mask),),))

    def where(self, dimension: int, holds: Callable[[Any], bool]) -> Formula:
        """True where the representative of a dimension is so."""
        representatives = self.domain.dimensions[dimension].representatives
        return self.atom(dimension, _mask(map(holds, representatives)))

    def asked_by(self, holds: Callable[[Principal], bool]) -> Formula:
        return self.where(ASKER, holds)

    def hows(self, how: _HowNamed) -> dict[How, int]:
        """For each way of being named, the mask of the askers who are named so."""
        masks: dict[How, int] = {}
        for bit, each in enumerate(self.domain.askers):
            found = how(each)
            if found is not None:
                masks[found] = masks.get(found, 0) | 1 << bit
        return masks

    def hows_of(self, principals: Principals) -> dict[How, int]:
        """The same of the names in a Principal element."""
        found = self._named.get(principals)
        if found is None:
            found = self._named[principals] = self.hows(principals.means)
        return found

    def asked_for(self, actions: Iterable[str]) -> Formula:
        return self.where(ACTION, frozenset(actions).__contains__)

    def _is_absent(self, number: int) -> Formula:
        return self.where(number, _is_none)

    # ---- statements

    def is_bounded(self, world: World) -> Formula:
        """Has the caller a permissions boundary?"""
        if world.policies.boundary is not None:
            return TRUE
        if self.domain.bounded is None or not world.may_be_bounded:
            return FALSE
        return self.where(self.domain.bounded, bool)

    def applies(self, statement: Statement, *, bounded: Formula) -> Formula:
        """Does a statement apply? ``bounded`` is whether the caller has a permissions boundary."""
        parts: list[Formula] = []
        for element in sorted(statement.elements, key=_is_about_more):
            part = FALSE if element is None else self._of_element(element, bounded=bounded)
            if part == FALSE:
                return FALSE
            if part != TRUE:
                parts.append(part)
        return All(tuple(parts))

    def _of_element(self, element: Element, *, bounded: Formula) -> Formula:
        known: object = element
        if isinstance(element, Principals):
            known = (element, bounded)
        elif isinstance(element, Condition):
            known = (element, element.texts)  # true is 1, and neither is "true"
        found = self._known.get(known)
        if found is None:
            match element:
                case Condition():
                    found = self.holds(element)
                case Principals():
                    found = self._means(element, bounded=bounded)
                case Resources():
                    found = self._of_resource(element)
                case Actions():
                    found = self.atom(ACTION, _mask_of_actions(element, self.domain.actions))
            self._known[known] = found
        return found

    def _means(self, principals: Principals, *, bounded: Formula) -> Formula:
        if not principals.negated:
            return self.atom(ASKER, sum(self.hows_of(principals).values()))
        if bounded == TRUE:
            return TRUE
        return Some((bounded, self.asked_by(lambda each: not principals.lists(each))))

    def _of_resource(self, resources: Resources) -> Formula:
        templates = [each for each in resources.templates if each.variables]
        if not templates:
            return self.where(RESOURCE, lambda each: resources.match(each, {}))
        told = ("Resource", resources)
        return self._coupled(told, templates, RESOURCE, resources.match)

    # ---- conditions

    def holds(self, condition: Condition) -> Formula:
        """Is a condition fulfilled?"""
        used = operator(condition.operator)
        if used is None:
            return TRUE if condition.applies_on_error else FALSE
        name = keys.SAME_AS.get(condition.name, condition.name)
        templates = [each for each in condition.templates if each.variables]
        if name in self.domain.elements:
            return self._of_elements(condition, used, templates)
        if name in KEYS_OF_AN_ASKER:
            return self._of_asker(condition, templates)

        def is_fulfilled(value: str | None, row: Mapping[str, Value]) -> bool:
            return condition.holds(row if value is None else {**row, condition.name: value})

        number = self.domain.numbers[name]
        if not templates:
            return self.where(number, lambda each: is_fulfilled(each, {}))
        return self._coupled(_told(condition), templates, number, is_fulfilled, _negated(used))

    def _of_asker(self, condition: Condition, templates: list[Template]) -> Formula:
        name = condition.name
        if not templates:

            @cache  # many askers have one value, such as that of their account
            def holds(value: Value | None) -> bool:
                return condition.holds({} if value is None else {name: value})

            return self.atom(ASKER, _mask(holds(each.get(name)) for each in self.domain.contexts))
        variables = {each.name for template in templates for each in template.variables}
        if variables <= KEYS_OF_AN_ASKER:
            return self.atom(ASKER, _mask(map(condition.holds, self.domain.contexts)))
        contexts = dict(zip(self.domain.askers, self.domain.contexts, strict=True))
        used = operator(condition.operator)
        return self._coupled(
            _told(condition),
            templates,
            ASKER,
            lambda each, row: condition.holds({**contexts[each], **row}),
            used is not None and _negated(used),
        )

    # ---- variables

    def _coupled(
        self,
        told: _Told,
        templates: list[Template],
        number: int,
        holds: _Holds,
        negated: bool = False,
    ) -> Formula:
        """What depends on a dimension and on a variable: each request has one row of the variable's values."""
        rows = self._rows(templates)
        if rows is None:
            return self._left_open(told, number, holds, negated=negated)
        source, by_row = rows
        if not self.is_open:
            return Some(
                tuple(
                    All((self.atom(source, mask), self._in_row(number, holds, row)))
                    for row, mask in by_row.items()
                )
            )
        # Where the variable has no value, what comes of it is known.
        without = Row(next(iter(by_row)).name, None)
        has_none = self.atom(source, by_row.get(without, 0))
        anything = self._left_open(told, number, holds, negated=negated)
        known = All((has_none, self._in_row(number, holds, without)))
        return Some((known, All((Not(has_none), anything))))

    def _in_row(self, number: int, holds: _Holds, row: Row) -> Formula:
        context = row.as_mapping()
        return self.where(number, lambda each: holds(each, context))

    def _rows(self, templates: list[Template]) -> tuple[int, dict[Row, int]] | None:
        """The dimension that the variable of these values has, and its rows; None if there are several."""
        sources = {self.domain.source(each) for each in templates}
        source = sources.pop()
        if not sources and source is not None:
            return source[0], self.domain.rows(*source)
        if self.is_open:
            return None
        raise OutsideError("several policy variables in one value, or one that has no value")

    def _left_open(
        self, told: _Told, number: int | None, holds: _Holds | None, *, negated: bool
    ) -> Formula:
        """Anything, but the same for all such tests; where the condition key is absent, no variable is asked."""
        free = self._open.get(told)
        if free is None:
            free = self._open[told] = self.domain.add("left open", (False, True))
        anything = self.atom(free, 0b01 if negated else 0b10)
        if number is None or holds is None:
            return anything
        if self.domain.dimensions[number].representatives[0] is not None:
            return anything
        absent = self._is_absent(number)
        return Some((absent, anything)) if holds(None, {}) else All((Not(absent), anything))

    # ---- condition keys with several values

    def _of_elements(
        self, condition: Condition, used: Operator, templates: list[Template]
    ) -> Formula:
        numbers = self.domain.elements[keys.SAME_AS.get(condition.name, condition.name)]
        none = All(tuple(map(self._is_absent, numbers)))
        without = condition.holds({})
        if used.base == NULL or used.quantifier is None:
            present = condition.holds({condition.name: ("",)})
            if present is without:
                return TRUE if present else FALSE
            return none if without else Not(none)
        if "Arn" in used.base and _may_be_malformed(condition):
            raise OutsideError(
                f"a value that is not an ARN, for {condition.key} with several values"
            )
        rows = self._rows(templates) if templates and not self.is_open else None
        if not templates:
            found = self._fitting(condition, used, numbers, {})
        elif rows is None:
            found = self._left_open(_told(condition), None, None, negated=False)
        else:
            source, by_row = rows
            found = Some(
                tuple(
                    All(
                        (
                            self.atom(source, mask),
                            self._fitting(condition, used, numbers, row.as_mapping()),
                        )
                    )
                    for row, mask in by_row.items()
                )
            )
        return Some((none, found)) if without else All((Not(none), found))

    def _fitting(
        self, condition: Condition, used: Operator, numbers: list[int], row: Mapping[str, Value]
    ) -> Formula:
        """Do the values fit, one of them or all?"""
        fit: list[int] = []
        unfit: list[int] = []
        for number in numbers:
            context = {**row, condition.name: (self.domain.element(number),)}
            (fit if condition.holds(context) else unfit).append(number)
        if used.quantifier is Quantifier.ANY:
            return Some(tuple(Not(self._is_absent(number)) for number in fit))
        return All(tuple(self._is_absent(number) for number in unfit))

    # ---- laws

    def laws(self) -> Formula:
        """What holds for each request, whatever the policies say."""
        return All(tuple(each for each in self._laws() if each != TRUE))

    def _laws(self) -> Iterator[Formula]:
        for name in (*self.domain.numbers, *self.domain.elements):
            if name in self.domain.facts:
                yield from self._of_fact(name)
            else:
                yield from self._of_presence(name)
        yield from self._of_encryption_context()
        yield from self._of_constraints()
        yield from self._of_tags()
        for name, other, allowed in keys.IMPLIED:
            number, absent = self.domain.number(other), self._absent(name)
            if number is not None and absent is not None:
                yield Some((absent, self.where(number, frozenset(allowed).__contains__)))

    def _absent(self, name: str) -> Formula | None:
        """Is a condition key absent? None if nobody asks for it."""
        if name in self.domain.elements:
            return All(tuple(map(self._is_absent, self.domain.elements[name])))
        number = self.domain.numbers.get(name)
        return None if number is None else self._is_absent(number)

    def _of_fact(self, name: str) -> Iterator[Formula]:
        """What is known of each request is there whenever its action and its asker can have it."""
        kept_out_by = keys.kept_out_by(name)
        if not self.domain.facts.keys().isdisjoint(kept_out_by):
            kept_out_by = ()  # both are given, though no request has both
        others = (self._absent(each) or TRUE for each in kept_out_by)
        is_able = All((self._is_able(name), *others))
        is_told = self.domain.facts[name] != () or name in keys.ALWAYS_PRESENT
        numbers = self.domain.elements.get(name)
        if numbers is None:
            numbers = [self.domain.numbers[name]]
        for absent in map(self._is_absent, numbers):
            yield Some((absent, is_able))
            if is_told:
                yield Some((Not(absent), Not(is_able)))

    def _of_presence(self, name: str) -> Iterator[Formula]:
        absent = self._absent(name) or TRUE
        yield Some((absent, self._is_able(name)))
        if name in keys.ALWAYS_PRESENT:
            yield Some((Not(absent), Not(self._is_able(name))))

    def _is_able(self, name: str) -> Formula:
        """Can the action and the asker have a condition key?"""
        able = keys.carriers(name)
        parts: list[Formula] = [] if able is None else [self.asked_for(able)]
        if name in keys.OF_SERVICES:
            parts.append(self.asked_by(_is_service))
        if name.startswith(keys.NOT_OF_SERVICES):
            parts.append(Not(self.asked_by(_is_service)))
        return All(tuple(parts))

    def _of_encryption_context(self) -> Iterator[Formula]:
        """A request has a condition key for each name in its encryption context, and the other way round."""
        for number, same in self._of_names(keys.ENCRYPTION_CONTEXT, keys.ENCRYPTION_CONTEXT_KEYS):
            absent = self._is_absent(number)
            yield Some((absent, *(Not(self._is_absent(each)) for each in same)))
            yield from (Some((self._is_absent(each), Not(absent))) for each in same)
        elements = self.domain.elements.get(keys.ENCRYPTION_CONTEXT_KEYS, ())
        for one, other in combinations(elements, 2):  # that differ in case are not both there
            if lower(self.domain.element(one)) == lower(self.domain.element(other)):
                yield Some((self._is_absent(one), self._is_absent(other)))

    def _of_constraints(self) -> Iterator[Formula]:
        """A request about a grant has the type of its constraint if, and only if, that has an encryption context."""
        kind = self.domain.numbers.get(asked.CONSTRAINT_TYPE)
        none = self._absent(keys.ENCRYPTION_CONTEXT_KEYS)
        if kind is not None and none is not None:
            absent = self._is_absent(kind)
            others = Not(self.asked_for(keys.carriers(asked.CONSTRAINT_TYPE) or ()))
            yield Some((absent, Not(none)))
            yield Some((none, Not(absent), others))

    def _of_tags(self) -> Iterator[Formula]:
        for number, same in self._of_names(keys.REQUEST_TAG, keys.TAG_KEYS):
            present = (Not(self._is_absent(each)) for each in same)
            yield Some((self._is_absent(number), *present))

    def _of_names(self, prefix: str, key: str) -> Iterator[tuple[int, list[int]]]:
        """The condition keys for names, each with the elements that are such names."""
        elements = self.domain.elements.get(key)
        for name, number in self.domain.numbers.items():
            if elements is not None and name.startswith(prefix):
                plain = lower(name[len(prefix) :])
                yield (
                    number,
                    [each for each in elements if lower(self.domain.element(each)) == plain],
                )

    # ---- grants

    def constraints_fit(self, grant: Grant) -> Formula:
        """Do the encryption context and the source ARN fit the constraints of a grant?"""
        constraints = grant.constraints
        if constraints is None:
            return TRUE
        parts: list[Formula] = []
        equals, subset = (
            constraints.encryption_context_equals,
            constraints.encryption_context_subset,
        )
        parts += (self._has_pairs(equals or {}), self._has_pairs(subset or {}))
        if equals is not None:
            parts.append(self._has_no_others(equals))
        takes = self.asked_for(TAKING_AN_ENCRYPTION_CONTEXT)
        return All(
            (Some((Not(takes), All(tuple(parts)))), self._has_source(constraints.source_arn))
        )

    def _has_pairs(self, pairs: Mapping[str, str]) -> Formula:
        """Does the encryption context have these pairs? Their names are exact."""
        elements = self.domain.elements.get(keys.ENCRYPTION_CONTEXT_KEYS, [])
        parts: list[Formula] = []
        for name, value in pairs.items():
            number = self.domain.numbers[keys.ENCRYPTION_CONTEXT + name.lower()]
            named = (each for each in elements if self.domain.element(each) == name)
            parts.append(Some(tuple(Not(self._is_absent(each)) for each in named)))
            parts.append(self.where(number, frozenset((value,)).__contains__))
        return All(tuple(parts))

    def _has_no_others(self, pairs: Mapping[str, str]) -> Formula:
        elements = self.domain.elements.get(keys.ENCRYPTION_CONTEXT_KEYS, [])
        others = (each for each in elements if self.domain.element(each) not in pairs)
        return All(tuple(map(self._is_absent, others)))

    def asks_for_no_more_than(self, grant: Grant) -> Formula:
        """Does a request for CreateGrant ask for no more than this grant permits?"""
        operations = self.domain.elements[asked.OPERATIONS]
        known = frozenset(map(str, grant.operations))
        more = (each for each in operations if self.domain.element(each) not in known)
        parts: list[Formula] = list(map(self._is_absent, more))
        constraints = grant.constraints
        if constraints is None:
            return All(tuple(parts))
        if constraints.source_arn is not None:
            source = self.domain.numbers[asked.CONSTRAINT_SOURCE]
            parts.append(self.where(source, frozenset((constraints.source_arn,)).__contains__))
        equals = constraints.encryption_context_equals
        subset = constraints.encryption_context_subset
        if equals is not None:
            kind = self.domain.numbers.get(asked.CONSTRAINT_TYPE)
            if not equals or kind is None:
                return FALSE  # a constraint has at least one pair
            parts += (self._has_pairs(equals), self._has_no_others(equals))
            parts.append(self.where(kind, frozenset((asked.EQUALS,)).__contains__))
        elif subset:
            parts.append(self._has_pairs(subset))
        return All(tuple(parts))

    def _has_source(self, source: str | None) -> Formula:
        """Only requests of AWS services, and those that have a source ARN, are bound by it."""
        number = self.domain.number("aws:sourcearn")
        if source is None or number is None:
            return TRUE
        is_free = All((Not(self.asked_by(_is_service)), self._is_absent(number)))
        return Some((is_free, self.where(number, frozenset((source,)).__contains__)))


def _is_about_more(element: Element | None) -> bool:
    """Is it asked of more representatives than the actions, which are asked first?"""
    return not isinstance(element, Actions)


def _mask(holding: Iterable[bool]) -> int:
    mask, bit = 0, 1
    for each in holding:
        if each:
            mask |= bit
        bit <<= 1
    return mask


@lru_cache(4096)
def _mask_of_actions(element: Actions, actions: tuple[str, ...]) -> int:
    return _mask(map(element.match, actions))


def _is_none(value: object) -> bool:
    return value is None


def _is_service(asker: Principal) -> bool:
    return not asker.account


def _negated(used: Operator) -> bool:
    """Is the operator the exact opposite of another one, if the condition key is there?"""
    comparison, negated = OPERATORS[used.base]
    return negated and comparison.unread_fits_negated and used.quantifier is None


def _told(condition: Condition) -> _Told:
    """What tells a condition from others; one and its exact opposite are told alike."""
    used = operator(condition.operator)
    if used is not None and _negated(used):
        used = Operator(used.base.replace("Not", ""), used.quantifier)
    elif used is not None:
        used = Operator(used.base, used.quantifier)
    return (used, condition.name, condition.texts, condition.version, condition.applies_on_error)


def _may_be_malformed(condition: Condition) -> bool:
    fixed = (each.fixed() for each in condition.templates)
    return any(each is None or arn_pattern(each) is None for each in fixed)
